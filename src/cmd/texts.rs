//! `greenroom schema`, `greenroom completions` and `greenroom man`

use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::edge::say;
use crate::parse;

/// Prints the JSON Schema of the outline, or of a `scenario`.
///
/// # Errors
/// When nothing can be printed.
pub fn schema(scenario: bool) -> anyhow::Result<ExitCode> {
    let schema = if scenario { parse::scenario_schema() } else { parse::outline_schema() };
    say::out().json(schema)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints completions for `shell`.
///
/// # Errors
/// When nothing can be printed.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "greenroom", &mut text);
    write!(say::out(), "{}", String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page.
///
/// # Errors
/// When nothing can be printed.
pub fn man() -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    write!(say::out(), "{}", String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}
