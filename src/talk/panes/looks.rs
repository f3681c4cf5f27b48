//! How the panes of a talk look: what their borders say.

use super::Panes;
use super::slot::{Held, Tape};
use crate::clock::Elapsed;
use crate::deck::{Expect, PaneId, Role};
use crate::paint::PaneLook;
use crate::pane::State;
use crate::run::Exit;

impl Panes {
    /// How `id` looks.
    pub fn look(&self, id: PaneId, now: Elapsed) -> Option<PaneLook<'_>> {
        let held = self.held.get(&id)?;
        let focused = self.focus == Some(id);
        let marked = self.marked == Some(id);
        let expected = held.pane.is_as_expected(held.spec.demo.expect);
        let mut status = held.pane.title(now);
        if held.waiting {
            "… waits for the pane before it".clone_into(&mut status);
        }
        let odd = held.spec.demo.expect != Expect::Any;
        match expected {
            Some(true) if held.spec.demo.expect == Expect::Failure => status.push_str(" · as expected ✓"),
            Some(true) if odd => status.push_str(" ✓"),
            Some(false) if matches!(held.pane.state(), State::Ended(Exit::Status(_) | Exit::Signal(_))) => {
                status.push_str(" · not as expected ✗");
            }
            _ => {}
        }
        let tone = match (held.pane.state(), expected) {
            (_, Some(true)) => Role::Good,
            (_, Some(false)) => Role::Bad,
            (State::Replaying, _) => Role::Warn,
            (State::Running, _) => Role::Accent,
            _ => Role::Muted,
        };
        let message = match held.pane.state() {
            State::Ended(Exit::Failed(reason)) => Some(reason.clone()),
            _ => None,
        };
        let notice = held.pane.notice().map(str::to_owned);
        Some(PaneLook {
            pane: &held.pane,
            focused,
            marked,
            status,
            tone,
            hint: if marked { self.marked_hint(held) } else { self.hint(held, focused) },
            notice,
            message,
            plan: None,
            at: held.pane.run_time(now),
        })
    }

    /// What can be done with the pane that the slide's keys mean.
    fn marked_hint(&self, held: &Held) -> String {
        let runs = held.is_running();
        let parts = [
            (!self.no_run).then_some(if runs { "x again" } else { "x runs it" }),
            runs.then_some("X stops"),
            Some("Esc all"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What can be done with the pane.
    fn hint(&self, held: &Held, focused: bool) -> String {
        let charts = held.shows_charts();
        let tape = match &held.tape {
            Tape::Found(Some(day)) => Some(format!("v plays the recording of {day}")),
            Tape::Found(None) => Some("v plays its recording".to_owned()),
            _ => None,
        };
        let run = |text: &str| (!self.no_run && held.runs()).then(|| text.to_owned());
        let lacks = (held.lacks_setup && !self.no_run).then(|| "i sets it up".to_owned());
        if charts {
            return self.bench_hint(held, focused, tape);
        }
        let types = held.pane.view().term().is_some();
        let parts: Vec<Option<String>> = match (held.pane.state(), focused) {
            (State::Starting | State::Running, _) if !types => {
                vec![Some("X stops it".to_owned()), focused.then(|| "Esc leaves".to_owned())]
            }
            (State::Starting | State::Running | State::Stopping, true) => {
                vec![Some("Esc Esc leaves".to_owned())]
            }
            (State::Running, false) => vec![Some("Tab types into it".to_owned())],
            (State::Starting | State::Stopping, false) => Vec::new(),
            (State::Replaying, true) => {
                let moves = held.pane.is_cut().then(|| "< > moves".to_owned());
                vec![moves, Some("Space pauses · ←→ [ ] seek · +- speed · Esc leaves".to_owned())]
            }
            (State::Replaying, false) if held.pane.is_cut() => {
                vec![run("v runs it live"), Some("Tab winds and moves it".to_owned())]
            }
            (State::Replaying, false) => vec![run("v runs it live"), Some("Tab pauses or seeks".to_owned())],
            (State::Idle, true) => vec![run("x runs it"), Some("Esc leaves".to_owned())],
            (State::Idle, false) => vec![run("x runs it"), tape],
            (State::Ended(_), true) => vec![run("Ctrl-E runs it again"), Some("Esc leaves".to_owned())],
            (State::Ended(_), false) if lacks.is_some() => vec![lacks, tape],
            (State::Ended(_), false) => vec![run("x runs it again"), tape],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The same for a bench that has charts.
    fn bench_hint(&self, held: &Held, focused: bool, tape: Option<String>) -> String {
        let run = |text: &str| (!self.no_run && held.runs()).then(|| text.to_owned());
        let parts: Vec<Option<String>> = match (held.pane.state(), focused) {
            (State::Replaying, true) => {
                vec![Some("1–8 charts · Space pauses · ←→ [ ] seek · +- speed · Esc leaves".to_owned())]
            }
            (_, true) => vec![Some("1–8 or V: charts".to_owned()), Some("Esc leaves".to_owned())],
            (State::Replaying, false) => {
                vec![
                    Some("V next chart".to_owned()),
                    run("v runs it live"),
                    Some("Tab pauses or seeks".to_owned()),
                ]
            }
            (State::Ended(_), false) => vec![Some("V next chart".to_owned()), run("x runs it again"), tape],
            (_, false) => vec![Some("V next chart".to_owned()), Some("X stops it".to_owned())],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}
