//! `greenroom preflight`

use std::process::ExitCode;

use super::config;
use crate::cli::{Format, Preflight};
use crate::inspect::{needs, preflight};
use greenroom_system::say;

/// Prints the page; exits with 1 when a line of it is red.
///
/// # Errors
/// When there is no deck, or nothing can be printed.
pub fn run(options: &Preflight) -> anyhow::Result<ExitCode> {
    let opened = super::open(options.deck.as_deref())?;
    let named = needs::named(options.deck.as_deref());
    let found = preflight::of(
        opened,
        named,
        (super::wanted(&options.pythons), options.size),
        config::looked_at(&options.file),
    );
    match options.format {
        Format::Json => say::out().json(format_args!("{:#}", found.json()))?,
        Format::Text => found.print(say::out())?,
    }
    Ok(if found.is_red() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}
