//! The help: the tables of keys, by situation.

use super::Talk;
use super::keys::{DEMOS, Handler, LEAVING, PANES, RECORDING, SCREEN, SLIDES, TIME};
use super::panes::PaneSlot;
use crate::keys::Group;

/// Keys that are another program's.
const ELSEWHERE: Group<Handler> = Group {
    title: "In another terminal: greenroom notes",
    actions: &[],
    others: &[("Q there", "QR: phone, audience")],
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
        if self.panes.marked.is_some() {
            return "Now x X v R mean the marked pane alone; Esc: all of them again".to_owned();
        }
        let focused = self.panes.focus.and_then(|id| self.panes.get(id));
        let line = if focused.is_some_and(PaneSlot::is_replaying) {
            "A recording has the keyboard: Space pauses it, ← → seek, Esc leaves it"
        } else if focused.is_some() {
            "A pane has the keyboard: x runs it, Esc leaves it"
        } else if panes.is_empty() {
            "This slide has no demo"
        } else if any(&PaneSlot::is_running) {
            "Now a demo runs: Tab types into it, X stops it"
        } else if any(&PaneSlot::is_replaying) {
            "Now a recording plays: Tab, then Space pauses it and ← → seek"
        } else if self.panes.no_run {
            "Now v plays the recordings of this slide (nothing runs live)"
        } else {
            "Now x runs the demos of this slide, and v plays their recordings"
        };
        line.to_owned()
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
