//! `greenroom doctor`

use std::process::ExitCode;

use crate::cli::Doctor;

/// Says what this computer can run.
///
/// # Errors
/// When nothing can be printed.
pub fn run(options: &Doctor) -> anyhow::Result<ExitCode> {
    let _ = options;
    Ok(ExitCode::SUCCESS)
}
