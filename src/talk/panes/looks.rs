//! How the panes of a talk look: what their borders say.

use super::slot::{PaneSlot, Tape};
use super::{Hand, Panes};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_deck::{Expect, PaneId, Role};
use greenroom_pane::State;
use greenroom_render::paint::PaneLook;

impl Panes {
    /// How `id` looks.
    pub fn look(&self, id: PaneId, now: Elapsed) -> Option<PaneLook<'_>> {
        let slot = self.slots.get(&id)?;
        let focused = self.focus == Some(id);
        let marked = self.marked == Some(id);
        let expected = slot.pane().is_as_expected(slot.spec.demo.expect);
        let mut status = slot.pane().title(now);
        if slot.is_queued() {
            "… waits for the pane before it".clone_into(&mut status);
        }
        let odd = slot.spec.demo.expect != Expect::Any;
        match expected {
            Some(true) if slot.spec.demo.expect == Expect::Failure => status.push_str(" · as expected ✓"),
            Some(true) if odd => status.push_str(" ✓"),
            Some(false) if matches!(slot.pane().state(), State::Ended(Exit::Status(_) | Exit::Signal(_))) => {
                status.push_str(" · not as expected ✗");
            }
            _ => {}
        }
        let failed = matches!(slot.pane().state(), State::Ended(Exit::Failed(_)));
        let tone = match (slot.pane().state(), expected) {
            // That something cannot run here is no alarm for the room.
            _ if failed => Role::Muted,
            (_, Some(true)) => Role::Good,
            (_, Some(false)) => Role::Bad,
            (State::Replaying, _) => Role::Warn,
            (State::Running, _) => Role::Accent,
            _ => Role::Muted,
        };
        let message = match slot.pane().state() {
            State::Ended(Exit::Failed(reason)) if focused => Some(reason.clone()),
            State::Ended(Exit::Failed(reason)) => Some(calm(reason)),
            _ => None,
        };
        let notice = slot.pane().notice().map(str::to_owned);
        Some(PaneLook {
            pane: slot.pane(),
            focused,
            marked,
            status,
            tone,
            hint: if marked { self.marked_hint(slot) } else { self.hint(slot, focused) },
            notice,
            message,
            plan: None,
            at: slot.pane().run_time(now),
        })
    }

    /// What can be done with the pane that the slide's keys mean.
    fn marked_hint(&self, slot: &PaneSlot) -> String {
        let runs = slot.is_running();
        let parts = [
            (!self.no_run).then_some(if runs { "x again" } else { "x runs it" }),
            runs.then_some("X stops"),
            Some("Esc all"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// What can be done with the pane.
    fn hint(&self, slot: &PaneSlot, focused: bool) -> String {
        let charts = slot.shows_charts();
        let tape = match &slot.tape {
            Tape::Found(Some(day)) => Some(format!("v plays the recording of {day}")),
            Tape::Found(None) => Some("v plays its recording".to_owned()),
            _ => None,
        };
        let run = |text: &str| (!self.no_run && slot.runs()).then(|| text.to_owned());
        let back = Some(back(slot).to_owned());
        let lacks = (slot.run().lacks_setup() && !self.no_run).then(|| "i sets it up".to_owned());
        if charts {
            return self.bench_hint(slot, focused, tape);
        }
        let types = slot.pane().view().term().is_some();
        let failed = matches!(slot.pane().state(), State::Ended(Exit::Failed(_)));
        let here = if self.hand == Hand::Here { "keys go here" } else { "the presenter view types here" };
        let parts: Vec<Option<String>> = match (slot.pane().state(), focused) {
            (State::Starting | State::Running, _) if !types => {
                vec![Some("X stops it".to_owned()), focused.then(|| "Esc leaves".to_owned())]
            }
            (State::Starting | State::Running | State::Stopping, true) => {
                vec![Some(format!("{here} · Esc Esc leaves"))]
            }
            (State::Running, false) => vec![Some("Tab types into it".to_owned())],
            (State::Starting | State::Stopping, false) => Vec::new(),
            (State::Replaying, true) => {
                let moves = slot.pane().is_cut().then(|| "< > moves".to_owned());
                vec![moves, Some("Space pauses · ←→ [ ] End seek · +- speed · Esc leaves".to_owned())]
            }
            (State::Replaying, false) if slot.pane().is_cut() => {
                vec![back, Some("Tab winds and moves it".to_owned())]
            }
            (State::Replaying, false) => vec![back, Some("Tab pauses or seeks".to_owned())],
            (State::Idle, true) => vec![run("x runs it"), Some("Esc leaves".to_owned())],
            (State::Idle, false) => vec![run("x runs it"), tape],
            (State::Ended(_), true) => vec![run("Ctrl-E runs it again"), Some("Esc leaves".to_owned())],
            (State::Ended(_), false) if slot.is_replaying() => vec![Some("Tab: why".to_owned()), back],
            (State::Ended(_), false) if lacks.is_some() => vec![Some("Tab: why".to_owned()), lacks, tape],
            (State::Ended(_), false) if failed => {
                vec![Some("Tab: why".to_owned()), run("x tries again"), tape]
            }
            (State::Ended(_), false) => vec![run("x runs it again"), tape],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// The same for a bench that has charts.
    fn bench_hint(&self, slot: &PaneSlot, focused: bool, tape: Option<String>) -> String {
        let run = |text: &str| (!self.no_run && slot.runs()).then(|| text.to_owned());
        let parts: Vec<Option<String>> = match (slot.pane().state(), focused) {
            (State::Replaying, true) => {
                vec![Some("1–8 charts · Space pauses · ←→ End seek · +- speed · Esc leaves".to_owned())]
            }
            (_, true) => vec![Some("1–8 or V: charts".to_owned()), Some("Esc leaves".to_owned())],
            (State::Replaying, false) => {
                vec![
                    Some("V next chart".to_owned()),
                    Some(back(slot).to_owned()),
                    Some("Tab pauses or seeks".to_owned()),
                ]
            }
            (State::Ended(_), false) => vec![Some("V next chart".to_owned()), run("x runs it again"), tape],
            (_, false) => vec![Some("V next chart".to_owned()), Some("X stops it".to_owned())],
        };
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// What `v` leads back to.
fn back(slot: &PaneSlot) -> &'static str {
    match slot.live().state() {
        State::Starting | State::Running | State::Stopping => "v back to the live run",
        _ => "v back",
    }
}

/// The first thing that `reason` says, for the room: where, and what to do, is for the speaker.
fn calm(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    let ends = [": ", "; ", " ("].into_iter().filter_map(|end| line.find(end));
    line.get(..ends.min().unwrap_or(line.len())).unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_sees_one_calm_line() {
        let reason = "there is no program \"psql\": install it\n  × no solution found\n  ╰─▶ because of this";
        assert_eq!(calm(reason), "there is no program \"psql\"");
        assert_eq!(
            calm("not started, because you did not agree; x asks again"),
            "not started, because you did not agree"
        );
        assert_eq!(calm("short"), "short");
        assert_eq!(calm(""), "");
    }
}
