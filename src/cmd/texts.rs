//! `greenroom schema`, `greenroom completions` and `greenroom man`

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::parse;

/// Prints the JSON Schema of the outline, or of a `scenario`.
///
/// # Errors
/// When nothing can be printed.
pub fn schema(scenario: bool) -> anyhow::Result<ExitCode> {
    let schema = if scenario { parse::scenario_schema() } else { parse::outline_schema() };
    std::io::stdout().lock().write_all(schema.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Prints completions for `shell`.
///
/// # Errors
/// Never; the signature is that of every command.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    clap_complete::generate(shell, &mut Cli::command(), "greenroom", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page.
///
/// # Errors
/// When nothing can be printed.
pub fn man() -> anyhow::Result<ExitCode> {
    clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}
