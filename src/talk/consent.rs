//! What a person is shown before a deck may run anything.

use std::collections::BTreeMap;

use crate::deck::{Deck, Demo, Scenario};
use crate::layout::columns;
use crate::run::Size;

/// Rows of the card that are not commands.
const AROUND: u16 = 7;
/// Columns of the screen that the card leaves free, its border among them.
const BESIDE: u16 = 8;

/// Everything that `deck` can run, in rows for a card on a screen of this size. A long command is shown whole, on
/// several rows: nobody agrees to what is cut off.
#[must_use]
pub fn consent_rows(deck: &Deck, size: Size) -> Vec<String> {
    let width = usize::from(size.columns.saturating_sub(BESIDE).max(10));
    let demos = deck.demos();
    let scenario = |demo: &Demo| demo.scenario.as_ref().and_then(|path| deck.scenarios.get(path));
    let asked = |(name, demo): &(String, Demo)| asked(name, demo, scenario(demo).map(AsRef::as_ref));
    demos.iter().flat_map(asked).flat_map(|line| pieces(&line, width)).collect()
}

/// How many of them show at a time.
#[must_use]
pub fn consent_room(size: Size) -> usize {
    usize::from(size.rows.saturating_sub(AROUND).max(1))
}

/// What one demo would run, without control characters.
fn asked(name: &str, demo: &Demo, scenario: Option<&Scenario>) -> Vec<String> {
    let command = shell(&demo.command);
    let what = match (&demo.scenario, demo.command.is_empty()) {
        (Some(scenario), _) => format!("bench {scenario}"),
        (None, true) => return Vec::new(),
        (None, false) => format!("$ {command}"),
    };
    let mut lines = vec![plain(&format!("{name}:  {what}"))];
    let directory = demo.directory.iter().map(|directory| format!("    in {directory}"));
    let typed = demo.types.iter().map(|line| format!("    types {line:?} while it is recorded"));
    let of_bench = scenario.into_iter().flat_map(bench);
    lines.extend(directory.chain(with(&demo.env)).chain(typed).chain(of_bench).map(|line| plain(&line)));
    lines
}

/// What a bench starts.
fn bench(scenario: &Scenario) -> Vec<String> {
    let mut lines: Vec<String> = scenario
        .directory
        .iter()
        .map(|directory| format!("    in {directory}, beside the scenario"))
        .collect();
    lines.extend(with(&scenario.env));
    lines.extend(scenario.prepare.iter().map(|command| format!("    first: $ {}", shell(command))));
    for variant in &scenario.variants {
        lines.push(format!("    {}: $ {}", variant.name, shell(&variant.command)));
        lines.extend(with(&variant.env).into_iter().map(|line| format!("  {line}")));
    }
    lines
}

fn with(env: &BTreeMap<String, String>) -> Vec<String> {
    env.iter().map(|(key, value)| format!("    with {key}={value:?}")).collect()
}

/// A command as a person would type it.
fn shell(command: &[String]) -> String {
    let quote = |part: &String| {
        let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=:,+@%{}".contains(c));
        if plain && !part.is_empty() { part.clone() } else { format!("{part:?}") }
    };
    command.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Without characters that would hide or turn around what stands beside them.
fn plain(line: &str) -> String {
    let misleads = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    line.chars().map(|c| if misleads(c) { '\u{fffd}' } else { c }).collect()
}

/// `line` in pieces that fit.
fn pieces(line: &str, width: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in line.chars() {
        if out.last().is_some_and(|last| columns(last) >= width) {
            out.push("      ".to_owned());
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_command_is_hidden() {
        let command = ["sh", "-c", "echo \u{202e}x\n; rm -r", ""].map(str::to_owned).to_vec();
        let env = [("A\u{200b}B".to_owned(), "v".to_owned())].into();
        let types = vec!["y\u{1b}".to_owned()];
        let demo = Demo { command, env, directory: Some("d".to_owned()), types, ..Demo::default() };
        let lines = asked("a\u{1b}", &demo, None);
        assert_eq!(lines[0], "a\u{fffd}:  $ sh -c \"echo \\u{202e}x\\n; rm -r\" \"\"");
        assert_eq!(
            lines[1..],
            ["    in d", "    with A\u{fffd}B=\"v\"", "    types \"y\\u{1b}\" while it is recorded"]
        );
        let rows = pieces(&"x".repeat(100), 30);
        assert_eq!(rows.concat().matches('x').count(), 100);
        assert!(rows.iter().all(|row| columns(row) <= 30));
    }
}
