//! How the panes of a talk look: what their borders say.

use crate::talk::{Hints, Keys, LiveRun, PaneStatus, Recorded, ScriptDoing, ScriptStatus};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_deck::{Expect, Role};
use greenroom_pane::{BenchView, Pane, RunStatus};
use greenroom_render::paint::PaneLook;
use greenroom_tape::Player;

/// How a pane looks that is as `status` says, in a talk in which nothing runs when `no_run`.
pub(super) fn look<'a>(
    status: &PaneStatus<'a>,
    no_run: bool,
    now: Elapsed,
    hints: Hints<'_>,
) -> PaneLook<'a> {
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
        hint: if marked { marked_hint(status, no_run, hints) } else { hint(status, no_run, hints) },
        notice: script_notice(status, hints).or_else(|| pane.notice().map(|notice| hints.in_notice(notice))),
        message,
        facts: pane.facts(),
        winding: pane.winding(now),
        invitation: invitation(status, no_run, hints),
        leaves: hints.say("; {leave-program} leaves").unwrap_or_default(),
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

/// What a person can do, each with its key; without what has none.
fn offer(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What keeps a script from going on, behind the keys that lead further: the end of the line may be cut.
fn script_notice(status: &PaneStatus<'_>, hints: Hints<'_>) -> Option<String> {
    let ScriptStatus { step, of, doing, .. } = status.script.as_ref()?;
    let says = match doing {
        ScriptDoing::Stuck(why) => format!("step {step} of {of}: {why}"),
        ScriptDoing::Broken(why) => format!("stopped at step {step} of {of}: {why}"),
        ScriptDoing::Whole(why) => format!("this recording plays as a whole: {why}"),
        ScriptDoing::Ready | ScriptDoing::Busy | ScriptDoing::Waits(_) | ScriptDoing::Over => return None,
    };
    let keys =
        if is_focused(status) { hints.say("{leave-program} leaves") } else { script_hint(status, hints) };
    Some(keys.into_iter().chain([says]).collect::<Vec<_>>().join(" · "))
}

/// What goes on with a script.
fn script_hint(status: &PaneStatus<'_>, hints: Hints<'_>) -> Option<String> {
    let ScriptStatus { step, of, doing, .. } = status.script.as_ref()?;
    let at = format!("step {step} of {of}");
    match doing {
        ScriptDoing::Ready => Some(hints.say("{next} ").unwrap_or_default() + &at),
        ScriptDoing::Busy => Some(hints.and(&at, ", {next} at once")),
        ScriptDoing::Waits(text) => Some(format!("{at} waits for \"{text}\"")),
        ScriptDoing::Stuck(_) => Some(offer([hints.say("{run} again"), hints.say("{next} skips")])),
        ScriptDoing::Whole(_) if status.pane.tape().is_some_and(Player::is_playing) => {
            hints.say("{next} its end")
        }
        ScriptDoing::Whole(_) => hints.say("{next} plays it"),
        ScriptDoing::Broken(_) => hints.say("{next} goes on"),
        ScriptDoing::Over => None,
    }
}

/// How to start, in a pane in which nothing has run.
fn invitation(status: &PaneStatus<'_>, no_run: bool, hints: Hints<'_>) -> String {
    let tape = matches!(status.recording, Recorded::Plays(_));
    let run = if tape { "{run} run live" } else { "{run} run it" };
    offer([
        (!no_run && status.runs).then(|| hints.say(run)).flatten(),
        tape.then(|| hints.say("{switch-recording} play the recording")).flatten(),
    ])
}

/// What can be done with the pane that the slide's keys mean.
fn marked_hint(status: &PaneStatus<'_>, no_run: bool, hints: Hints<'_>) -> String {
    let runs = status.run == LiveRun::Active;
    let run = if runs { "{run} again" } else { "{run} runs it" };
    offer([
        script_hint(status, hints),
        (!no_run).then(|| hints.say(run)).flatten(),
        runs.then(|| hints.say("{stop} stops")).flatten(),
        hints.say("{show-slide} all"),
    ])
}

/// What can be done with the pane.
fn hint(status: &PaneStatus<'_>, no_run: bool, hints: Hints<'_>) -> String {
    let (pane, focused) = (status.pane, is_focused(status));
    let tape = match status.recording {
        Recorded::Plays(Some(day)) => {
            hints.say("{switch-recording} plays the recording of ").map(|said| said + day)
        }
        Recorded::Plays(None) => hints.say("{switch-recording} plays its recording"),
        Recorded::Unknown => None,
    };
    if pane.view().bench().is_some_and(BenchView::has_begun) {
        return bench_hint(status, no_run, tape, hints);
    }
    let run = |text: &str| (!no_run && status.runs).then(|| hints.say(text)).flatten();
    let lacks = status.run == LiveRun::LacksSetup && !no_run;
    let types = pane.view().term().is_some();
    let failed = matches!(pane.state(), RunStatus::Ended(Exit::Failed(_)));
    offer(match (pane.state(), focused) {
        (RunStatus::Starting | RunStatus::Running, _) if !types => {
            vec![hints.say("{stop} stops it"), focused.then(|| leaves(hints)).flatten()]
        }
        (RunStatus::Starting | RunStatus::Running | RunStatus::Stopping, true) => {
            vec![if status.keys == Keys::Afar {
                Some(hints.and("the presenter view types here", " · {focus-pane}: you do"))
            } else {
                Some(hints.and("keys go here", " · {leave-program} leaves"))
            }]
        }
        (RunStatus::Running, false) => {
            vec![script_hint(status, hints), hints.say("{focus-pane} types into it")]
        }
        (RunStatus::Starting | RunStatus::Stopping, false) => Vec::new(),
        (RunStatus::Replaying, true) => replay_keys(pane, hints),
        (RunStatus::Replaying, false) if pane.is_cut() => {
            vec![back(status, hints), hints.say("{focus-pane} pauses, seeks or moves it")]
        }
        (RunStatus::Replaying, false) => {
            vec![script_hint(status, hints), back(status, hints), hints.say("{focus-pane} pauses or seeks")]
        }
        (RunStatus::Idle, true) => vec![run("{run} runs it"), leaves(hints)],
        (RunStatus::Idle, false) => {
            let result = tape.is_some().then(|| hints.say("{show-result} its result")).flatten();
            vec![run("{run} runs it"), tape, result]
        }
        (RunStatus::Ended(_), true) => {
            let again = (!no_run && status.runs).then(|| hints.untyped("run", "{} runs it again"));
            vec![again.flatten(), leaves(hints)]
        }
        (RunStatus::Ended(_), false) if status.replays => vec![why(hints), back(status, hints)],
        (RunStatus::Ended(_), false) if lacks => {
            vec![why(hints), hints.say("{set-up} sets it up"), tape]
        }
        (RunStatus::Ended(_), false) if failed => vec![why(hints), run("{run} tries again"), tape],
        (RunStatus::Ended(_), false) => {
            vec![script_hint(status, hints), run("{run} runs it again"), tape]
        }
    })
}

/// What can be done with a recording that has the keys.
fn replay_keys(pane: &Pane, hints: Hints<'_>) -> Vec<Option<String>> {
    vec![
        hints.say("{recording-pause} pauses"),
        hints.say("{recording-back}{recording-forward} {previous-mark} {next-mark} seek"),
        hints.say("{recording-end} or {show-result}: its end"),
        hints.say("{faster}{slower} speed"),
        pane.is_cut().then(|| hints.say("{pan-left} {pan-right} moves")).flatten(),
        leaves(hints),
    ]
}

/// The same for a bench that has charts.
fn bench_hint(status: &PaneStatus<'_>, no_run: bool, tape: Option<String>, hints: Hints<'_>) -> String {
    let run = |text: &str| (!no_run && status.runs).then(|| hints.say(text)).flatten();
    let (chart, verdict) = (hints.say("{next-chart} next chart"), hints.say("{show-result} verdict"));
    offer(match (status.pane.state(), is_focused(status)) {
        (RunStatus::Replaying, true) => vec![
            Some("1–8 charts".to_owned()),
            hints.say("{recording-pause} pauses"),
            hints.say("{recording-back}{recording-forward} seek"),
            hints.say("{faster}{slower} speed"),
            verdict,
            leaves(hints),
        ],
        (_, true) => {
            let charts = hints.say("1–8 or {next-chart}: charts");
            vec![charts.or_else(|| Some("1–8: charts".to_owned())), leaves(hints)]
        }
        (RunStatus::Replaying, false) => {
            vec![chart, verdict, back(status, hints), hints.say("{focus-pane} pauses or seeks")]
        }
        (RunStatus::Ended(_), false) => vec![chart, verdict, run("{run} runs it again"), tape],
        (_, false) => vec![chart, hints.say("{stop} stops it")],
    })
}

/// How to leave a pane in which no program takes the key.
fn leaves(hints: Hints<'_>) -> Option<String> {
    hints.say("{leave-pane} leaves")
}

/// How to see why a demo did not run.
fn why(hints: Hints<'_>) -> Option<String> {
    hints.say("{focus-pane}: why")
}

/// What the key for recordings leads back to.
fn back(status: &PaneStatus<'_>, hints: Hints<'_>) -> Option<String> {
    hints.say(if status.run == LiveRun::Active {
        "{switch-recording} back to the live run"
    } else {
        "{switch-recording} back"
    })
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
