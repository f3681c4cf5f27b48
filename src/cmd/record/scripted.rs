//! A demo that is recorded by its script: each step is asked for as a speaker would, who looks at the one before.

use std::time::Duration;

use crate::talk::{Advance, ScriptDoing, Typist};
use greenroom_base::clock::Elapsed;
use greenroom_deck::{Demo, Script};
use greenroom_pane::Pane;

/// A program that has been quiet for so long has shown what a step without a wait asked for.
const QUIET: Duration = Duration::from_millis(1200);
/// So long after a step the next one is asked for.
const PAUSE: Duration = Duration::from_millis(900);
/// A program that prints its prompt listens a moment later.
const PROMPT: Duration = Duration::from_millis(30);
/// One that prints nothing is taken to listen after this.
const SILENT: Duration = Duration::from_secs(1);

/// What types a script into a program that is recorded.
pub(super) struct Scripted {
    typist: Typist,
    listens: Option<Elapsed>,
    /// When the next step is asked for, or the end.
    goes_on: Option<Elapsed>,
    steps: usize,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing yet.
    Wait,
    /// All is on the recording: the program is told to end.
    End,
    /// A step did not do what the script says, for this reason: nothing is kept.
    Fail(String),
}

impl Scripted {
    /// The script of `demo`, if it has one.
    pub(crate) fn of(demo: &Demo) -> Option<Self> {
        let script = Script::of(&demo.script);
        let steps = script.steps.len();
        let typist = Typist::new(script, QUIET);
        (steps > 0).then_some(Self { typist, listens: None, goes_on: None, steps })
    }

    /// Types what is due; `spoke` when the program has just printed something.
    pub(crate) fn poll(&mut self, pane: &mut Pane, spoke: bool, now: Elapsed) -> Next {
        let listens = self.listens.get_or_insert(now + SILENT);
        if spoke {
            *listens = (*listens).min(now + PROMPT);
        }
        let heard = *listens <= now;
        self.typist.poll(pane, heard, now);
        match self.typist.doing() {
            ScriptDoing::Stuck(why) | ScriptDoing::Broken(why) => return Next::Fail(self.at(&why)),
            ScriptDoing::Ready | ScriptDoing::Over => {
                let due = *self.goes_on.get_or_insert(now + PAUSE);
                if due > now {
                    return Next::Wait;
                }
                self.goes_on = None;
                if self.typist.advance(pane, now) == Advance::Over {
                    return Next::End;
                }
            }
            _ => {}
        }
        Next::Wait
    }

    /// When there is something to do.
    pub(crate) fn next_at(&self) -> Option<Elapsed> {
        let listens = self.listens.filter(|_| self.typist.starts());
        [self.typist.next_at(), listens, self.goes_on].into_iter().flatten().min()
    }

    fn at(&self, why: &str) -> String {
        format!("step {} of {}: {why}", self.typist.at() + 1, self.steps)
    }
}
