//! What a person is shown before a deck may run anything, and what the answer is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{Effect, Mode, Talk};
use crate::clock::Elapsed;
use crate::deck::Scenario;
use crate::launch::{Asked, Entry, Starts};
use crate::layout::columns;
use crate::run::Size;

/// Rows of the card that are not commands.
const AROUND: u16 = 7;
/// Columns of the screen that the card leaves free, its border among them.
const BESIDE: u16 = 8;

/// The card with a question: it is drawn from a value of its own, and the answer is bound to that value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    asked: Arc<Asked>,
    scroll: usize,
    /// Its last row has been on a screen of the present size.
    read: bool,
}

impl Card {
    pub(super) fn new(asked: Arc<Asked>) -> Self {
        Self { asked, scroll: 0, read: false }
    }

    /// What is asked.
    #[must_use]
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The first row that shows.
    #[must_use]
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// The row that the card begins with when its last one shows.
    fn last(&self, size: Size) -> usize {
        consent_rows(&self.asked, size).len().saturating_sub(consent_room(size))
    }
}

impl Talk {
    /// Somebody has to agree before more can be started.
    pub(super) fn ask(&mut self, asked: Arc<Asked>) {
        if !matches!(self.mode, Mode::Consent(_)) {
            self.mode = Mode::Consent(Card::new(asked));
        }
    }

    /// The stage has drawn the talk as it is now. Only what has been on the screen can be agreed to: a key that was
    /// pressed before that is no answer.
    pub fn drawn(&mut self) {
        let size = self.size;
        if let Mode::Consent(card) = &mut self.mode {
            card.read |= card.scroll >= card.last(size);
        }
    }

    /// The screen has another size, and the card other rows.
    pub(super) fn card_resized(&mut self) {
        let size = self.size;
        if let Mode::Consent(card) = &mut self.mode {
            card.read = false;
            card.scroll = card.scroll.min(card.last(size));
        }
    }

    /// A key for the card.
    pub(super) fn consent_key(&mut self, key: KeyEvent, mut card: Card, now: Elapsed) -> Vec<Effect> {
        let (room, last) = (consent_room(self.size), card.last(self.size));
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Char('y' | 'Y') if plain && card.read && key.kind == KeyEventKind::Press => {
                return vec![Effect::Agree(card.asked)];
            }
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => return self.panes.refused(REFUSED, now),
            KeyCode::Down | KeyCode::Char('j') => card.scroll = (card.scroll + 1).min(last),
            KeyCode::Char(' ') | KeyCode::PageDown => card.scroll = (card.scroll + room).min(last),
            KeyCode::Up | KeyCode::Char('k') => card.scroll = card.scroll.saturating_sub(1),
            KeyCode::PageUp => card.scroll = card.scroll.saturating_sub(room),
            KeyCode::Home => card.scroll = 0,
            KeyCode::End => card.scroll = last,
            _ => {}
        }
        self.mode = Mode::Consent(card);
        Vec::new()
    }

    /// The deck was read again: what is on the card, or waits for an answer on its way, may not be what is there now.
    pub(super) fn close_card(&mut self, now: Elapsed) -> Vec<Effect> {
        if matches!(self.mode, Mode::Consent(_)) {
            self.mode = Mode::Slide;
        }
        self.panes.refused(CHANGED, now)
    }
}

/// What a pane says that waited for a refusal.
const REFUSED: &str = "not started, because you did not agree to this deck's commands; x asks again";
/// What a pane says that waited while the deck changed.
const CHANGED: &str = "not started, because the deck was read again while you were asked; x asks again";

/// Everything that is asked, in rows for a card on a screen of this size. A long command is shown whole, on several
/// rows: nobody agrees to what is cut off.
#[must_use]
pub fn consent_rows(asked: &Asked, size: Size) -> Vec<String> {
    let width = usize::from(size.columns.saturating_sub(BESIDE).max(10));
    asked.entries.iter().flat_map(lines).flat_map(|line| pieces(&line, width)).collect()
}

/// How many of them show at a time.
#[must_use]
pub fn consent_room(size: Size) -> usize {
    usize::from(size.rows.saturating_sub(AROUND).max(1))
}

/// What one demo would run, without control characters.
fn lines(Entry { name, launch, .. }: &Entry) -> Vec<String> {
    let what = match &launch.starts {
        Starts::Program { command, .. } | Starts::Probe { command, .. } => format!("$ {}", shell(command)),
        Starts::Bench { path, .. } => format!("bench {path}"),
        Starts::SetUp { packages, indexes } => format!("install {} from {}", shell(packages), shell(indexes)),
    };
    let mut lines = vec![plain(&format!("{name}:  {what}"))];
    let directory = launch.directory.iter().map(|directory| format!("    in {directory}"));
    let typed = launch.types.iter().map(|line| format!("    types {line:?} while it is recorded"));
    let of_bench = match &launch.starts {
        Starts::Bench { scenario, .. } => bench(scenario),
        _ => Vec::new(),
    };
    lines.extend(directory.chain(with(&launch.env)).chain(typed).chain(of_bench).map(|line| plain(&line)));
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
