//! The help: the tables of keys, by situation.

use super::Talk;
use super::keys::{DEMOS, Handler, LEAVING, PANES, RECORDING, SCREEN, SLIDES};
use super::panes::PaneSlot;
use crate::keys::Group;

/// Keys that are another program's.
const ELSEWHERE: Group<Handler> = Group {
    title: "In another terminal: greenroom notes",
    actions: &[],
    others: &[("Q there", "QR codes: phone, audience")],
};

/// All of it: the first half stands at the left where there are two columns.
pub const HELP: [&[&Group<Handler>]; 2] =
    [&[&SLIDES, &LEAVING, &SCREEN], &[&DEMOS, &PANES, &RECORDING, &ELSEWHERE]];

impl Talk {
    /// What the keys mean where the talk is, in a line.
    #[must_use]
    pub fn situation(&self) -> String {
        let panes = self.visible();
        let any = |is: &dyn Fn(&PaneSlot) -> bool| panes.iter().any(|id| self.panes.get(*id).is_some_and(is));
        if self.panes.marked.is_some() {
            return "Now x X v R mean the marked pane alone; Esc: all of them again".to_owned();
        }
        let line = if panes.is_empty() {
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
            let times = HELP.concat().iter().filter(|told| told.title == group.title).count();
            assert_eq!(times, 1, "{}", group.title);
            // What is told with the row above needs a row above that is told.
            let mut above = false;
            for action in group.actions {
                assert!(above || action.about != About::Above, "{}", action.name);
                above = action.about != About::Untold;
            }
        }
    }
}
