//! Types the steps of a demo's script into its program, as a person would: nothing here waits, so that the stage never does.

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::keys::key;
use greenroom_base::clock::Elapsed;
use greenroom_base::source::{Control, SourceError};
use greenroom_base::text::clean_line;
use greenroom_deck::{Fnv, READY, Script, ScriptStep, Sought, Wait};
use greenroom_pane::{Heard, Pane, RunStatus, keys};

/// Between two characters, at least; a hand is up to as much again and [`JITTER`] slower.
const STROKE: u64 = 35;
/// What may come to that, in milliseconds.
const JITTER: u64 = 60;
/// After a word.
const WORD: u64 = 45;
/// Before a key that is pressed: one looks at what one has typed.
const BEFORE_KEY: Duration = Duration::from_millis(260);
/// The same when the typing is finished at once: what was typed is echoed first.
const HURRIED: Duration = Duration::from_millis(40);
/// After Esc: what follows is no Alt and a letter then.
const AFTER_ESC: Duration = Duration::from_millis(80);
/// However long a text is, it takes no longer to be typed.
const MAX_TYPING: Duration = Duration::from_secs(4);
/// A program that does not read is offered a key again after this.
const RETRY: Duration = Duration::from_millis(50);
/// And given up after this.
const MAX_UNREAD: Duration = Duration::from_secs(10);
/// What was waited for is looked for so often, at most.
const LOOKS: Duration = Duration::from_millis(50);
/// What follows what was waited for comes within this.
const SETTLES: Duration = Duration::from_millis(150);
/// It is not waited for longer until a program is quiet.
const MAX_SETTLING: Duration = Duration::from_secs(5);

/// What is said of a text that is waited for, in characters.
const MAX_SAID: usize = 24;

/// A script on its way through a live program.
#[derive(Debug)]
pub struct Typist {
    script: Script,
    /// The step that is next, or under way; none while the program is not ready for the first one.
    at: Option<usize>,
    doing: Doing,
    /// The first step was asked for before the program was ready.
    wanted: bool,
    /// A step that waits for nothing is over when the program has been quiet for so long.
    quiet: Duration,
}

/// What it does.
#[derive(Debug)]
enum Doing {
    /// The program does not listen yet.
    Starting,
    /// Keys are typed.
    Typing(Typing),
    /// Something is waited for.
    Waiting(Waiting),
    /// What the program still says belongs to the step.
    Settling(Settling),
    /// The next step can be asked for.
    Resting,
    /// The step cannot go on, for this reason. What it waits for may come late.
    Stuck(String, Option<Waiting>),
    /// All steps are over, or the program is: then why the rest of them is not typed.
    Over(Option<String>),
}

#[derive(Debug)]
struct Typing {
    keys: VecDeque<Stroke>,
    due: Elapsed,
    /// Since when the program has not read them.
    unread: Option<Elapsed>,
}

#[derive(Debug)]
struct Waiting {
    /// Which of the waits.
    number: usize,
    sought: Sought,
    until: Elapsed,
    /// When it was looked for last.
    looked: Option<Elapsed>,
    /// What had been printed then.
    seen: Option<u64>,
    /// More has been printed since.
    pending: bool,
}

#[derive(Debug)]
struct Settling {
    quiet: Duration,
    over: Elapsed,
    latest: Elapsed,
    seen: u64,
}

/// A key to be pressed.
#[derive(Debug, Clone)]
struct Stroke {
    key: KeyEvent,
    /// So long after the one before.
    after: Duration,
    /// It is the first that is pressed, and not typed: what is waited for is shown after it.
    enters: bool,
}

/// What came of asking for the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// It is done, or goes on.
    Taken,
    /// Something is waited for.
    Waits,
    /// There are no more steps.
    Over,
}

/// How a script stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptDoing {
    /// The next step can be asked for.
    Ready,
    /// Its program starts, or is typed into, or a recording plays.
    Busy,
    /// This is waited for.
    Waits(String),
    /// A step cannot go on, for this reason.
    Stuck(String),
    /// Its recording lacks the marks, for this reason: it plays as a whole.
    Whole(String),
    /// It is over before its last step, for this reason.
    Broken(String),
    /// All of its steps are over.
    Over,
}

impl Typist {
    /// Nothing has been typed yet.
    #[must_use]
    pub fn new(script: Script, quiet: Duration) -> Self {
        Self { script, at: None, doing: Doing::Starting, wanted: false, quiet }
    }

    /// The first step is typed as soon as the program is ready.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// Whether the program is waited for until it listens.
    #[must_use]
    pub const fn starts(&self) -> bool {
        matches!(self.doing, Doing::Starting)
    }

    /// The step that is next or under way, counted from 0.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at.unwrap_or_default()
    }

    /// How it stands.
    #[must_use]
    pub fn doing(&self) -> ScriptDoing {
        match &self.doing {
            Doing::Starting | Doing::Typing(_) | Doing::Settling(_) => ScriptDoing::Busy,
            Doing::Waiting(waiting) => {
                let text = self.waits().get(waiting.number).map(|wait| short(&wait.text));
                ScriptDoing::Waits(text.unwrap_or_default())
            }
            Doing::Resting => ScriptDoing::Ready,
            Doing::Stuck(why, _) => ScriptDoing::Stuck(why.clone()),
            Doing::Over(Some(why)) => ScriptDoing::Broken(why.clone()),
            Doing::Over(None) => ScriptDoing::Over,
        }
    }

    /// Asks for the next step. One that is being typed is typed at once; one that waits goes on waiting; one that is stuck is
    /// skipped.
    pub fn advance(&mut self, pane: &mut Pane, now: Elapsed) -> Advance {
        match &mut self.doing {
            Doing::Starting => self.want(),
            Doing::Waiting(_) => {
                self.wanted |= self.at.is_none();
                return Advance::Waits;
            }
            Doing::Typing(typing) => {
                for stroke in &mut typing.keys {
                    let least = if stroke.enters { HURRIED } else { Duration::ZERO };
                    stroke.after = stroke.after.min(least);
                }
                typing.due = now;
                self.poll(pane, true, now);
            }
            Doing::Stuck(..) => self.finish(pane, now),
            Doing::Settling(_) if self.at.is_none() => self.want(),
            Doing::Settling(_) => {
                self.finish(pane, now);
                return if matches!(self.doing, Doing::Over(_)) {
                    Advance::Over
                } else {
                    self.advance(pane, now)
                };
            }
            Doing::Resting => self.begin(pane, now),
            Doing::Over(_) => return Advance::Over,
        }
        Advance::Taken
    }

    /// Does the step again that is stuck; false when none is.
    pub fn again(&mut self, pane: &mut Pane, now: Elapsed) -> bool {
        let stuck = matches!(self.doing, Doing::Stuck(..));
        match self.at {
            _ if !stuck => {}
            Some(_) => self.begin(pane, now),
            None => self.wait(0, now),
        }
        stuck
    }

    /// Does what is due. The program `listens` once it reads what is typed.
    pub fn poll(&mut self, pane: &mut Pane, listens: bool, now: Elapsed) {
        if let RunStatus::Ended(_) | RunStatus::Stopping = pane.state() {
            return self.ended();
        }
        match &self.doing {
            Doing::Starting => {
                // The prompt counts, however early it comes.
                if pane.heard().is_none() {
                    pane.listen();
                }
                if listens {
                    self.wait(0, now);
                    self.waiting(pane, now);
                }
            }
            Doing::Typing(typing) if typing.due <= now => self.typing(pane, now),
            Doing::Waiting(_) | Doing::Stuck(_, Some(_)) => self.waiting(pane, now),
            Doing::Settling(_) => self.settling(pane, now),
            Doing::Typing(_) | Doing::Resting | Doing::Stuck(_, None) | Doing::Over(_) => {}
        }
    }

    /// When there is something to do that no output of the program tells of.
    #[must_use]
    pub fn next_at(&self) -> Option<Elapsed> {
        match &self.doing {
            Doing::Typing(typing) => Some(typing.due),
            Doing::Waiting(waiting) | Doing::Stuck(_, Some(waiting)) if waiting.pending => {
                waiting.looked.map(|looked| looked + LOOKS)
            }
            Doing::Waiting(waiting) => Some(waiting.until),
            Doing::Settling(settling) => Some(settling.over.min(settling.latest)),
            Doing::Starting | Doing::Resting | Doing::Stuck(..) | Doing::Over(_) => None,
        }
    }

    fn step(&self) -> Option<&ScriptStep> {
        self.script.steps.get(self.at?)
    }

    fn waits(&self) -> &[Wait] {
        self.step().map_or(&self.script.opening, |step| &step.waits)
    }

    /// Begins to type the step that is next.
    fn begin(&mut self, pane: &mut Pane, now: Elapsed) {
        let Some(step) = self.step() else { return };
        let keys = strokes(step, self.at());
        pane.listen();
        self.doing = Doing::Typing(Typing { keys, due: now, unread: None });
        self.typing(pane, now);
    }

    /// Gives the program the keys that are due.
    fn typing(&mut self, pane: &mut Pane, now: Elapsed) {
        let Doing::Typing(typing) = &mut self.doing else { return };
        while typing.due <= now {
            let Some(stroke) = typing.keys.front() else { return self.wait(0, now) };
            if stroke.enters {
                pane.listen();
            }
            let bytes = keys::encode_key(&stroke.key, pane.view().modes());
            let sent =
                bytes.is_empty() || pane.control(Control::Input(bytes.into()), now) != Err(SourceError::Full);
            if !sent {
                let since = *typing.unread.get_or_insert(now);
                typing.due = now + RETRY;
                if now.since(since) >= MAX_UNREAD {
                    self.doing = Doing::Stuck("the program does not read what is typed".to_owned(), None);
                }
                return;
            }
            typing.unread = None;
            let escapes = stroke.key.code == KeyCode::Esc;
            typing.keys.pop_front();
            let after = typing.keys.front().map_or(Duration::ZERO, |next| next.after);
            typing.due = now + if escapes { after.max(AFTER_ESC) } else { after };
        }
    }

    /// Waits for the wait with this number, or until the program is quiet when there is none.
    fn wait(&mut self, number: usize, now: Elapsed) {
        let Some(wait) = self.waits().get(number) else {
            let quiet = if number == 0 { self.quiet } else { SETTLES };
            let (over, latest) = (now + quiet, now + MAX_SETTLING);
            self.doing = Doing::Settling(Settling { quiet, over, latest, seen: 0 });
            return;
        };
        let until = now + wait.within;
        self.doing = match Sought::of(&wait.text) {
            Ok(sought) => {
                Doing::Waiting(Waiting { number, sought, until, looked: None, seen: None, pending: false })
            }
            Err(error) => Doing::Stuck(error, None),
        };
    }

    /// Looks whether what is waited for is there.
    fn waiting(&mut self, pane: &Pane, now: Elapsed) {
        let late = matches!(self.doing, Doing::Stuck(..));
        let (Doing::Waiting(waiting) | Doing::Stuck(_, Some(waiting))) = &mut self.doing else { return };
        let printed = pane.heard().map(Heard::count);
        let due = waiting.until <= now || waiting.looked.is_none_or(|looked| now.since(looked) >= LOOKS);
        let news = waiting.seen != printed;
        waiting.pending = news && !due;
        if news && due {
            (waiting.seen, waiting.looked) = (printed, Some(now));
            if shows(pane, &waiting.sought) {
                let next = waiting.number + 1;
                return self.wait(next, now);
            }
        }
        if late || now < waiting.until {
            return;
        }
        let number = waiting.number;
        let Doing::Waiting(waiting) = std::mem::replace(&mut self.doing, Doing::Resting) else { return };
        let why = self
            .waits()
            .get(number)
            .map(|wait| format!("\"{}\" did not come within {}", short(&wait.text), length(wait.within)));
        self.doing = Doing::Stuck(why.unwrap_or_default(), Some(waiting));
    }

    /// Looks whether the program is quiet.
    fn settling(&mut self, pane: &mut Pane, now: Elapsed) {
        let Doing::Settling(settling) = &mut self.doing else { return };
        let printed = pane.heard().map_or(0, Heard::count);
        if std::mem::replace(&mut settling.seen, printed) != printed {
            settling.over = now + settling.quiet;
        }
        if settling.over.min(settling.latest) <= now {
            self.finish(pane, now);
            if std::mem::take(&mut self.wanted) && matches!(self.doing, Doing::Resting) {
                self.begin(pane, now);
            }
        }
    }

    /// The step is over, or the program ready for the first one.
    fn finish(&mut self, pane: &mut Pane, now: Elapsed) {
        let label = self.step().map_or(READY, |step| step.label.as_str());
        pane.mark(label, now);
        let next = self.at.map_or(0, |at| at + 1);
        self.at = Some(next);
        self.doing = if next < self.script.steps.len() { Doing::Resting } else { Doing::Over(None) };
    }

    /// The program has ended: with its last step it may.
    fn ended(&mut self) {
        if matches!(self.doing, Doing::Over(_)) {
            return;
        }
        let steps = self.script.steps.len();
        let last = self.at.is_some_and(|at| at + 1 >= steps);
        let typed = match &self.doing {
            Doing::Settling(_) => true,
            Doing::Typing(typing) => typing.keys.is_empty(),
            _ => false,
        };
        let why = || match &self.doing {
            Doing::Waiting(waiting) => {
                let text = self.waits().get(waiting.number).map(|wait| wait.text.as_str());
                format!("the program ended before \"{}\" came", short(text.unwrap_or_default()))
            }
            _ => "the program has ended".to_owned(),
        };
        self.doing = Doing::Over((!(last && typed)).then(why));
    }
}

/// Whether `sought` is in what was printed since somebody listens; in a program that draws the whole screen, on its screen.
fn shows(pane: &Pane, sought: &Sought) -> bool {
    let term = pane.view().term().filter(|term| term.modes().alternate_screen);
    pane.heard().is_some_and(|heard| sought.is_in(&heard.text()))
        || term.is_some_and(|term| sought.is_in(&term.text()))
}

/// The keys of a step, each at its time: the same step is always typed alike.
fn strokes(step: &ScriptStep, number: usize) -> VecDeque<Stroke> {
    let mut chance = Chance::of(&step.text, number);
    let mut before = ' ';
    let mut typed: Vec<Stroke> = step
        .text
        .chars()
        .map(|c| {
            let word = if before == ' ' { WORD } else { 0 };
            before = c;
            let after = Duration::from_millis(STROKE + word + chance.below(JITTER));
            Stroke { key: KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE), after, enters: false }
        })
        .collect();
    let whole: Duration = typed.iter().map(|stroke| stroke.after).sum();
    if whole > MAX_TYPING {
        let share = MAX_TYPING.as_secs_f64() / whole.as_secs_f64();
        for stroke in &mut typed {
            stroke.after = stroke.after.mul_f64(share);
        }
    }
    let pressed = step.press.iter().filter_map(|name| key(name)).enumerate();
    typed.extend(pressed.map(|(number, key)| Stroke { key, after: BEFORE_KEY, enters: number == 0 }));
    typed.into()
}

/// Numbers that look like chance and are the same each time: a hand is not a machine, and a recording is made alike.
struct Chance(u64);

impl Chance {
    fn of(text: &str, number: usize) -> Self {
        let seed = u64::from_str_radix(&Fnv::of(text).to_string(), 16).unwrap_or(1);
        Self((seed ^ number as u64) | 1)
    }

    /// A number below `limit`: xorshift64 (Marsaglia).
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// The beginning of what is waited for, for a line that says more.
fn short(text: &str) -> String {
    let text = clean_line(text);
    match text.char_indices().nth(MAX_SAID) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// A time limit, for people.
fn length(limit: Duration) -> String {
    match limit.as_millis() {
        millis if millis % 1000 != 0 => format!("{millis} ms"),
        millis => format!("{} s", millis / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_is_uneven_never_slow_and_the_same_each_time() {
        let step = |text: &str| ScriptStep {
            text: text.to_owned(),
            press: vec!["Enter".to_owned(), "Ctrl-c".to_owned()],
            ..ScriptStep::default()
        };
        let times =
            |text: &str| strokes(&step(text), 3).iter().map(|stroke| stroke.after).collect::<Vec<_>>();
        let line = times("import sys, sysconfig");
        assert_eq!(line, times("import sys, sysconfig"));
        assert_ne!(line.get(..6), times("import os").get(..6));
        let typed = line.get(..21).unwrap();
        assert!(typed.iter().all(|after| (35..=140).contains(&after.as_millis())), "{typed:?}");
        assert!(typed.iter().collect::<std::collections::BTreeSet<_>>().len() > 8, "{typed:?}");
        let long: Duration = times(&"x".repeat(4096)).iter().sum();
        assert!(long <= MAX_TYPING + 2 * BEFORE_KEY + Duration::from_millis(1), "{long:?}");
        let enters = strokes(&step("a"), 0).iter().map(|stroke| stroke.enters).collect::<Vec<_>>();
        assert_eq!(enters, [false, true, false]);
    }

    #[test]
    fn every_key_that_a_deck_may_name_is_one_that_can_be_pressed() {
        for name in greenroom_deck::KEY_NAMES {
            assert!(key(name).is_some(), "{name}");
        }
    }
}
