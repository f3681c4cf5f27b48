//! All that is to be known ten minutes before a talk, on one page.
//!
//! A line of the page is a row of [`CHECKS`]. Rows are looked at side by side, each for a bounded time, and none of them runs
//! anything of the deck.

mod deck;
mod demos;
mod machine;
mod page;
mod screen;

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use self::page::Page;
use super::needs;
use super::tapes::{Tapes, USUAL};
use crate::decks::Located;
use crate::keys::Keymap;
use greenroom_base::diag::Diagnostic;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_python::{Lock, LockError, Places, Wanted};
use greenroom_system::say::Voice;

/// How long most rows may take: they read a few files, or ask one program.
const SOON: Duration = Duration::from_secs(2);
/// How long those may take that read all pictures or recordings, or ask several interpreters, two seconds each at most.
const LATER: Duration = Duration::from_secs(10);
/// A window that goes on being resized is not followed for longer.
const MAX_LOOKS: usize = 3;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Light {
    /// It will work.
    Green,
    /// It will work otherwise than the deck means it, or nobody can tell.
    Amber,
    /// It will not work.
    Red,
}

/// What came of looking at something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    light: Light,
    /// What is so.
    what: String,
    /// What to do about it; empty when there is nothing to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
}

impl Finding {
    fn green(what: impl Into<String>) -> Self {
        Self { light: Light::Green, what: what.into(), fix: String::new() }
    }

    fn amber(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { light: Light::Amber, what: what.into(), fix: fix.into() }
    }

    fn red(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { light: Light::Red, what: what.into(), fix: fix.into() }
    }
}

/// A row: something that is looked at.
struct Check {
    /// Where on the page it stands.
    group: &'static str,
    name: &'static str,
    /// How long it may take.
    within: Duration,
    /// Whether it is about the window's size.
    sized: bool,
    /// Looks. Nothing is found where the deck or the terminal has no use for it: such a row is no line of the page.
    look: fn(&Surroundings, Size) -> Vec<Finding>,
}

const fn row(
    group: &'static str,
    name: &'static str,
    look: fn(&Surroundings, Size) -> Vec<Finding>,
) -> Check {
    Check { group, name, within: SOON, sized: false, look }
}

impl Check {
    const fn later(self) -> Self {
        Self { within: LATER, ..self }
    }

    const fn sized(self) -> Self {
        Self { sized: true, ..self }
    }
}

/// All that is looked at, in the order of the page. Each row has a test that makes it red or amber.
const CHECKS: &[Check] = &[
    row("The deck", "deck", deck::deck),
    row("The deck", "slides", deck::slides).sized().later(),
    row("The deck", "pictures", deck::pictures).later(),
    row("The deck", "time", deck::time).later(),
    row("Its demos", "commands", demos::commands).later(),
    row("Its demos", "environments", demos::environments).later(),
    row("Its demos", "PostgreSQL", demos::database).later(),
    row("Its demos", "recordings", demos::recordings).later(),
    row("Its demos", "panes", demos::panes).sized().later(),
    row("Its demos", "consent", demos::consent).later(),
    row("This terminal", "window", screen::window).sized(),
    row("This terminal", "colours", screen::colours),
    row("This terminal", "letters", screen::letters),
    row("This terminal", "images", screen::images),
    row("This terminal", "tmux", screen::tmux),
    row("This terminal", "clicker", screen::clicker),
    row("This computer", "settings", machine::settings),
    row("This computer", "presenter view", machine::presenter),
    row("This computer", "your place", machine::place),
    row("This computer", "takes", machine::takes),
    row("This computer", "load", machine::load),
    row("This computer", "battery", machine::battery),
];

/// A person's own settings.
pub(crate) struct Own {
    /// The keys.
    pub keymap: Keymap,
    /// What is wrong with them.
    pub problems: Vec<Diagnostic>,
    /// There are some.
    pub is_there: bool,
    /// The talk does not begin with a mistake in them: their file was named.
    pub must_be_right: bool,
}

/// What rows look at.
struct Surroundings {
    deck: Arc<Deck>,
    located: Located,
    /// ` DECK`, as it follows a verb.
    named: String,
    wanted: Wanted,
    places: Places,
    lock: Result<Lock, LockError>,
    /// The size that was asked for.
    asked: Option<Size>,
    own: Own,
    /// Looked at once, for several rows.
    tapes: OnceLock<Tapes>,
    pythons: OnceLock<demos::Pythons>,
}

impl Surroundings {
    fn tapes(&self) -> &Tapes {
        self.tapes.get_or_init(|| Tapes::of(&self.deck, &self.located))
    }

    /// The window's size now; nothing when there is no window and nobody named one.
    fn size(&self) -> Option<Size> {
        self.asked.or_else(screen::size)
    }
}

/// A row, and what was found.
struct Line {
    check: &'static Check,
    findings: Vec<Finding>,
}

/// What was found, of every row.
pub(crate) struct Findings {
    title: String,
    size: Size,
    lines: Vec<Line>,
}

/// Looks at everything about `deck`, which is `named` as it follows a verb; at the window's size, or that which was `asked` for.
pub(crate) fn of(
    (located, deck): (Located, Arc<Deck>),
    named: String,
    (wanted, asked): (Wanted, Option<Size>),
    own: Own,
) -> Findings {
    let surroundings = Arc::new(Surroundings {
        named,
        wanted,
        places: needs::places(&located),
        lock: Lock::of(&*located.files),
        asked,
        own,
        tapes: OnceLock::new(),
        pythons: OnceLock::new(),
        deck,
        located,
    });
    let (lines, size) = look_at_all(&surroundings);
    Findings { title: surroundings.deck.outline.title.clone(), size, lines }
}

impl Findings {
    /// Whether something will not work.
    pub(crate) fn is_red(&self) -> bool {
        self.page().light() == Light::Red
    }

    /// Prints them as a page.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub(crate) fn print(&self, out: Voice) -> io::Result<()> {
        self.page().print(out)
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> serde_json::Value {
        let row = |line: &Line| json!({ "group": line.check.group, "name": line.check.name, "findings": line.findings });
        json!({
            "title": self.title, "columns": self.size.columns, "rows": self.size.rows,
            "light": self.page().light(), "lines": self.lines.iter().map(row).collect::<Vec<_>>(),
        })
    }

    fn page(&self) -> Page<'_> {
        Page { title: &self.title, size: self.size, lines: &self.lines }
    }
}

/// Looks at every row; at those that are about the window's size again when that has changed meanwhile. Gives the size that
/// they are about.
fn look_at_all(surroundings: &Arc<Surroundings>) -> (Vec<Line>, Size) {
    let mut size = surroundings.size().unwrap_or(USUAL);
    let mut lines = look(surroundings, size, CHECKS.iter().collect());
    for _ in 1..MAX_LOOKS {
        let now = surroundings.size().unwrap_or(USUAL);
        if now == size {
            break;
        }
        size = now;
        let again = look(surroundings, size, CHECKS.iter().filter(|check| check.sized).collect());
        for line in again {
            if let Some(before) = lines.iter_mut().find(|before| before.check.name == line.check.name) {
                before.findings = line.findings;
            }
        }
    }
    (lines, size)
}

/// Looks at `checks`, side by side.
fn look(surroundings: &Arc<Surroundings>, size: Size, checks: Vec<&'static Check>) -> Vec<Line> {
    let began = Instant::now();
    let start = |check: &'static Check| {
        let (found, finding) = sync_channel(1);
        let surroundings = Arc::clone(surroundings);
        let look = move || {
            // Nobody waits any more when it took too long.
            let _ = found.send((check.look)(&surroundings, size));
        };
        // It ends with the program, however long it takes.
        let started = thread::Builder::new().name(check.name.to_owned()).spawn(look);
        drop(started);
        (check, finding)
    };
    let started: Vec<_> = checks.into_iter().map(start).collect();
    started
        .into_iter()
        .map(|(check, finding)| Line { check, findings: wait(check, &finding, began) })
        .collect()
}

/// What is found for a row that began to look at `began`.
fn wait(check: &Check, finding: &Receiver<Vec<Finding>>, began: Instant) -> Vec<Finding> {
    match finding.recv_timeout(check.within.saturating_sub(began.elapsed())) {
        Ok(findings) => findings,
        Err(RecvTimeoutError::Timeout) => {
            let what = format!("nothing is known after {} seconds", check.within.as_secs());
            vec![Finding::amber(what, "look again when the computer has less to do, or its network is back")]
        }
        Err(RecvTimeoutError::Disconnected) => {
            vec![Finding::amber(
                "it cannot be looked at",
                "look again; if it stays so, it is a mistake of greenroom's",
            )]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_takes_too_long_or_fails_is_amber_and_holds_nothing_up() {
        fn idle(_: &Surroundings, _: Size) -> Vec<Finding> {
            Vec::new()
        }
        let check = Check { within: Duration::from_millis(20), ..row("", "slow", idle) };
        let (waits, finding) = sync_channel::<Vec<Finding>>(1);
        let found = wait(&check, &finding, Instant::now());
        assert_eq!(found.first().map(|finding| finding.light), Some(Light::Amber));
        assert!(found.iter().all(|finding| finding.what.contains("nothing is known after")));
        drop(waits);
        let found = wait(&check, &finding, Instant::now());
        assert_eq!(found.first().map(|finding| finding.light), Some(Light::Amber));
    }

    #[test]
    fn rows_have_names_of_their_own_and_stand_together_in_their_groups() {
        let names: std::collections::BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        let mut groups: Vec<&str> = CHECKS.iter().map(|check| check.group).collect();
        groups.dedup();
        let once: std::collections::BTreeSet<&str> = groups.iter().copied().collect();
        assert_eq!(groups.len(), once.len());
    }
}
