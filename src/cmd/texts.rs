//! `greenroom schema`, `greenroom themes`, `greenroom completions` and `greenroom man`

use std::process::ExitCode;

use clap::CommandFactory;

use crate::cli::Cli;
use greenroom_parse as parse;
use greenroom_system::say;

/// Prints the JSON Schema of the outline, or of a `scenario` or a `theme`.
///
/// # Errors
/// When nothing can be printed.
pub fn schema(scenario: bool, theme: bool) -> anyhow::Result<ExitCode> {
    let schema = match (scenario, theme) {
        (true, _) => parse::scenario_schema(),
        (_, true) => parse::theme_schema(),
        _ => parse::outline_schema(),
    };
    say::out().json(schema)?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the built-in themes, or prints the one called `name` as it is written.
///
/// # Errors
/// When there is none of that name, or nothing can be printed.
pub fn themes(name: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(name) = name {
        let yaml = parse::theme_yaml(name).ok_or_else(|| {
            let names = parse::theme_names().join(", ");
            anyhow::anyhow!("there is no theme \"{name}\"; the themes are {names}")
        })?;
        write!(say::out(), "{yaml}")?;
        return Ok(ExitCode::SUCCESS);
    }
    for name in parse::theme_names() {
        // What its first comment says.
        let about = parse::theme_yaml(name).unwrap_or_default();
        let about: Vec<&str> = about.lines().map_while(|line| line.strip_prefix("# ")).collect();
        let about = about.join(" ");
        let first = about.split([',', '.']).next().unwrap_or_default();
        writeln!(say::out(), "{name:<12}{first}")?;
    }
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
