//! How the panes of a talk look: what their borders say.

use crate::talk::{Keys, LiveRun, PaneStatus, Recorded, ScriptDoing, ScriptStatus};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_deck::{Expect, Role};
use greenroom_pane::{BenchView, RunStatus};
use greenroom_render::paint::PaneLook;
use greenroom_tape::Player;

/// How a pane looks that is as `status` says, in a talk in which nothing runs when `no_run`.
pub(super) fn look<'a>(status: &PaneStatus<'a>, no_run: bool, now: Elapsed) -> PaneLook<'a> {
    let pane = status.pane;
    let focused = is_focused(status);
    let marked = status.keys == Keys::Marked;
    let message = match pane.state() {
        RunStatus::Ended(Exit::Failed(reason)) if focused => Some(reason.clone()),
        RunStatus::Ended(Exit::Failed(reason)) => Some(calm(reason)),
        _ => None,
    };
    let (title, tone) = title(status, now);
    PaneLook {
        pane,
        focused,
        marked,
        status: title,
        tone,
        hint: if marked { marked_hint(status, no_run) } else { hint(status, no_run) },
        notice: script_notice(status).or_else(|| pane.notice().map(str::to_owned)),
        message,
        facts: pane.facts(),
        winding: pane.winding(now),
        invitation: invitation(status, no_run),
        still: status.still,
        plan: status.scenario,
        at: pane.run_time(now),
        centered: false,
    }
}

/// How the run stands, and the colour of that.
fn title(status: &PaneStatus<'_>, now: Elapsed) -> (String, Role) {
    let (pane, expect) = (status.pane, status.demo.expect);
    let expected = pane.is_as_expected(expect);
    let mut title = pane.title(now);
    if status.queued {
        "… waits for the pane before it".clone_into(&mut title);
    }
    match expected {
        Some(true) if expect == Expect::Failure => title.push_str(" · as expected ✓"),
        Some(true) if expect != Expect::Any => title.push_str(" ✓"),
        Some(false) if matches!(pane.state(), RunStatus::Ended(Exit::Status(_) | Exit::Signal(_))) => {
            title.push_str(" · not as expected ✗");
        }
        _ => {}
    }
    let tone = match (pane.state(), expected) {
        // That something cannot run here is no alarm for the room.
        (RunStatus::Ended(Exit::Failed(_)), _) => Role::Muted,
        (_, Some(true)) => Role::Good,
        (_, Some(false)) => Role::Bad,
        (RunStatus::Replaying, _) => Role::Warn,
        (RunStatus::Running, _) => Role::Live,
        _ => Role::Muted,
    };
    (title, tone)
}

/// How to start, in a pane in which nothing has run.
fn invitation(status: &PaneStatus<'_>, no_run: bool) -> String {
    let tape = matches!(status.recording, Recorded::Plays(_));
    let parts = [
        (!no_run && status.runs).then_some(if tape { "x run live" } else { "x run it" }),
        tape.then_some("v play the recording"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What keeps a script from going on, behind the keys that lead further: the end of the line may be cut.
fn script_notice(status: &PaneStatus<'_>) -> Option<String> {
    let ScriptStatus { step, of, doing, .. } = status.script.as_ref()?;
    let says = match doing {
        ScriptDoing::Stuck(why) => format!("step {step} of {of}: {why}"),
        ScriptDoing::Broken(why) => format!("stopped at step {step} of {of}: {why}"),
        ScriptDoing::Whole(why) => format!("this recording plays as a whole: {why}"),
        ScriptDoing::Ready | ScriptDoing::Busy | ScriptDoing::Waits(_) | ScriptDoing::Over => return None,
    };
    let keys = if is_focused(status) { Some("Esc Esc leaves".to_owned()) } else { script_hint(status) };
    Some(keys.into_iter().chain([says]).collect::<Vec<_>>().join(" · "))
}

/// What goes on with a script.
fn script_hint(status: &PaneStatus<'_>) -> Option<String> {
    let ScriptStatus { step, of, doing, .. } = status.script.as_ref()?;
    Some(match doing {
        ScriptDoing::Ready => format!("→ step {step} of {of}"),
        ScriptDoing::Busy => format!("step {step} of {of}, → at once"),
        ScriptDoing::Waits(text) => format!("step {step} of {of} waits for \"{text}\""),
        ScriptDoing::Stuck(_) => "x again · → skips".to_owned(),
        ScriptDoing::Whole(_) if status.pane.tape().is_some_and(Player::is_playing) => "→ its end".to_owned(),
        ScriptDoing::Whole(_) => "→ plays it".to_owned(),
        ScriptDoing::Broken(_) => "→ goes on".to_owned(),
        ScriptDoing::Over => return None,
    })
}

/// What can be done with the pane that the slide's keys mean.
fn marked_hint(status: &PaneStatus<'_>, no_run: bool) -> String {
    let runs = status.run == LiveRun::Active;
    let parts = [
        (!no_run).then_some(if runs { "x again" } else { "x runs it" }),
        runs.then_some("X stops"),
        Some("Esc all"),
    ];
    let script = script_hint(status);
    script.as_deref().into_iter().chain(parts.into_iter().flatten()).collect::<Vec<_>>().join(" · ")
}

/// What can be done with the pane.
fn hint(status: &PaneStatus<'_>, no_run: bool) -> String {
    let (pane, focused) = (status.pane, is_focused(status));
    let tape = match status.recording {
        Recorded::Plays(Some(day)) => Some(format!("v plays the recording of {day}")),
        Recorded::Plays(None) => Some("v plays its recording".to_owned()),
        Recorded::Unknown => None,
    };
    if pane.view().bench().is_some_and(BenchView::has_begun) {
        return bench_hint(status, no_run, tape);
    }
    let run = |text: &str| (!no_run && status.runs).then(|| text.to_owned());
    let back = Some(back(status).to_owned());
    let lacks = (status.run == LiveRun::LacksSetup && !no_run).then(|| "i sets it up".to_owned());
    let types = pane.view().term().is_some();
    let failed = matches!(pane.state(), RunStatus::Ended(Exit::Failed(_)));
    let parts: Vec<Option<String>> = match (pane.state(), focused) {
        (RunStatus::Starting | RunStatus::Running, _) if !types => {
            vec![Some("X stops it".to_owned()), focused.then(|| "Esc leaves".to_owned())]
        }
        (RunStatus::Starting | RunStatus::Running | RunStatus::Stopping, true) => {
            let afar = status.keys == Keys::Afar;
            let says = if afar {
                "the presenter view types here · Tab: you do"
            } else {
                "keys go here · Esc Esc leaves"
            };
            vec![Some(says.to_owned())]
        }
        (RunStatus::Running, false) => vec![script_hint(status), Some("Tab types into it".to_owned())],
        (RunStatus::Starting | RunStatus::Stopping, false) => Vec::new(),
        (RunStatus::Replaying, true) => {
            let moves = if pane.is_cut() { "< > moves · " } else { "" };
            let winds = "Space pauses · ←→ [ ] seek · End or e: its end · +- speed";
            vec![Some(format!("{winds} · {moves}Esc leaves"))]
        }
        (RunStatus::Replaying, false) if pane.is_cut() => {
            vec![back, Some("Tab pauses, seeks or moves it".to_owned())]
        }
        (RunStatus::Replaying, false) => {
            vec![script_hint(status), back, Some("Tab pauses or seeks".to_owned())]
        }
        (RunStatus::Idle, true) => vec![run("x runs it"), Some("Esc leaves".to_owned())],
        (RunStatus::Idle, false) => {
            let result = tape.is_some().then(|| "e its result".to_owned());
            vec![run("x runs it"), tape, result]
        }
        (RunStatus::Ended(_), true) => vec![run("Ctrl-E runs it again"), Some("Esc leaves".to_owned())],
        (RunStatus::Ended(_), false) if status.replays => vec![Some("Tab: why".to_owned()), back],
        (RunStatus::Ended(_), false) if lacks.is_some() => vec![Some("Tab: why".to_owned()), lacks, tape],
        (RunStatus::Ended(_), false) if failed => {
            vec![Some("Tab: why".to_owned()), run("x tries again"), tape]
        }
        (RunStatus::Ended(_), false) => vec![script_hint(status), run("x runs it again"), tape],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The same for a bench that has charts.
fn bench_hint(status: &PaneStatus<'_>, no_run: bool, tape: Option<String>) -> String {
    let run = |text: &str| (!no_run && status.runs).then(|| text.to_owned());
    let parts: Vec<Option<String>> = match (status.pane.state(), is_focused(status)) {
        (RunStatus::Replaying, true) => {
            vec![Some("1–8 charts · Space pauses · ←→ seek · +- speed · e verdict · Esc leaves".to_owned())]
        }
        (_, true) => vec![Some("1–8 or V: charts".to_owned()), Some("Esc leaves".to_owned())],
        (RunStatus::Replaying, false) => {
            vec![
                Some("V next chart".to_owned()),
                Some("e verdict".to_owned()),
                Some(back(status).to_owned()),
                Some("Tab pauses or seeks".to_owned()),
            ]
        }
        (RunStatus::Ended(_), false) => {
            vec![Some("V next chart".to_owned()), Some("e verdict".to_owned()), run("x runs it again"), tape]
        }
        (_, false) => vec![Some("V next chart".to_owned()), Some("X stops it".to_owned())],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What `v` leads back to.
fn back(status: &PaneStatus<'_>) -> &'static str {
    if status.run == LiveRun::Active { "v back to the live run" } else { "v back" }
}

/// Whether somebody types into it.
fn is_focused(status: &PaneStatus<'_>) -> bool {
    matches!(status.keys, Keys::Here | Keys::Afar)
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
