//! The help: the tables of keys, by situation.

use super::Talk;
use super::keys::{DEMOS, Handler, LEAVING, PANES, RECORDING, SCREEN, SLIDES, TIME};
use super::panes::PaneSlot;
use crate::keys::{Group, Key, ch};

/// The key of the presenter view that is told here, as its own row has it.
pub(super) const ADDRESS: (&str, &[Key]) = ("address", &[ch('Q')]);

/// Keys that are another program's.
const ELSEWHERE: Group<Handler> = Group {
    title: "In another terminal: greenroom notes",
    actions: &[],
    others: &[("{address} there", "QR: phone, audience")],
};

/// All of it, in the order of the help.
const ALL: [&Group<Handler>; 8] = [&SLIDES, &LEAVING, &SCREEN, &TIME, &DEMOS, &PANES, &RECORDING, &ELSEWHERE];

/// The same for whoever has the keyboard in a pane.
const IN_PANE: [&Group<Handler>; 8] =
    [&PANES, &RECORDING, &DEMOS, &SCREEN, &TIME, &SLIDES, &LEAVING, &ELSEWHERE];

/// What a presenter view can ask the stage for.
pub const ON_STAGE: [&Group<Handler>; 6] = [&SLIDES, &SCREEN, &TIME, &DEMOS, &PANES, &RECORDING];

impl Talk {
    /// The groups of the help: what is needed where the talk is stands first.
    #[must_use]
    pub fn help(&self) -> &'static [&'static Group<Handler>] {
        if self.panes.focus.is_some() { &IN_PANE } else { &ALL }
    }

    /// What the keys mean where the talk is, in a line.
    #[must_use]
    pub fn situation(&self) -> String {
        let panes = self.visible();
        let any = |is: &dyn Fn(&PaneSlot) -> bool| panes.iter().any(|id| self.panes.get(*id).is_some_and(is));
        let hints = self.hints();
        if self.panes.marked.is_some() {
            let keys = ["run", "stop", "switch-recording", "record"].map(|action| hints.key(action));
            let keys: Vec<String> = keys.into_iter().flatten().collect();
            let said = format!("Now {} mean the marked pane alone", keys.join(" "));
            return hints.and(&said, "; {show-slide}: all of them again");
        }
        let focused = self.panes.focus.and_then(|id| self.panes.get(id));
        let (said, keys): (&str, &[&str]) = if focused.is_some_and(PaneSlot::is_replaying) {
            let keys = &[
                "{recording-pause} pauses it",
                "{recording-back} {recording-forward} seek",
                "{leave-pane} leaves it",
            ];
            ("A recording has the keyboard", keys)
        } else if focused.is_some() {
            ("A pane has the keyboard", &["{run} runs it", "{leave-pane} leaves it"])
        } else if panes.is_empty() {
            ("This slide has no demo", &[])
        } else if any(&PaneSlot::is_running) {
            ("Now a demo runs", &["{focus-pane} types into it", "{stop} stops it"])
        } else if any(&PaneSlot::is_replaying) {
            let keys = &[
                "{focus-pane}, then {recording-pause} pauses it and {recording-back} {recording-forward} seek",
            ];
            ("Now a recording plays", keys)
        } else if self.panes.no_run {
            let plays = hints.say("Now {switch-recording} plays the recordings of this slide");
            return plays.map(|said| said + " (nothing runs live)").unwrap_or_default();
        } else {
            let runs = hints.say("{run} runs the demos of this slide");
            let plays = hints.say("{switch-recording} plays their recordings");
            let parts: Vec<String> = [runs, plays].into_iter().flatten().collect();
            return if parts.is_empty() { String::new() } else { format!("Now {}", parts.join(", and ")) };
        };
        let keys: Vec<String> = keys.iter().filter_map(|template| hints.say(template)).collect();
        if keys.is_empty() { said.to_owned() } else { format!("{said}: {}", keys.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::About;
    use crate::talk::keys::OF_SLIDE;

    #[test]
    fn stage_15_every_key_is_told_once() {
        for group in OF_SLIDE.iter().chain([&&RECORDING]) {
            let times = ALL.iter().filter(|told| told.title == group.title).count();
            assert_eq!(times, 1, "{}", group.title);
            assert!(IN_PANE.iter().any(|told| told.title == group.title), "{}", group.title);
            // What is told with the row above needs a row above that is told.
            let mut above = false;
            for action in group.actions {
                assert!(above || action.about != About::Above, "{}", action.name);
                above = action.about != About::Untold;
            }
        }
    }
}
