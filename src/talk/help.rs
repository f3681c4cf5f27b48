//! The help, grouped by situation: what a key does is in [`super::keys`], how it is told is here.

use super::panes::PaneSlot;
use super::{Command, Talk};

/// Keys that are needed in the same situation.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The situation.
    pub title: &'static str,
    /// Its keys.
    pub rows: &'static [Row],
}

/// A line of the help.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The keys.
    pub keys: &'static str,
    /// What they do.
    pub about: &'static str,
    /// The commands that it tells of; none for keys that are no commands of a slide.
    pub commands: &'static [Command],
}

const fn row(keys: &'static str, about: &'static str, commands: &'static [Command]) -> Row {
    Row { keys, about, commands }
}

/// All of it: the first half stands at the left where there are two columns.
pub const HELP: [&[Group]; 2] = [
    &[
        Group {
            title: "Slides",
            rows: &[
                row("→ Space l", "next step or slide", &[Command::Next]),
                row("← h p", "previous step or slide", &[Command::Previous]),
                row("1 2 … Enter", "go to a slide by number", &[]),
                row("> <", "next, previous slide", &[Command::NextSlide, Command::PreviousSlide]),
                row("↓ ↑", "scroll, then move", &[Command::Down, Command::Up]),
                row("gg G", "first, last slide", &[Command::First, Command::Last]),
                row(
                    "[ ] s",
                    "sections",
                    &[Command::PreviousSection, Command::NextSection, Command::Sections],
                ),
                row("o '", "overview; back again", &[Command::Overview, Command::Back]),
                row(
                    "/ n N",
                    "search; next, previous",
                    &[Command::Search, Command::NextFound, Command::PreviousFound],
                ),
            ],
        },
        Group { title: "Leaving", rows: &[row("q q Ctrl-C", "leave; --resume goes on", &[Command::Quit])] },
        Group {
            title: "Screen and time",
            rows: &[
                row("b", "blank the screen", &[Command::Blank]),
                row("Esc F5", "the slide alone", &[Command::Show]),
                row("c P", "clock, pace: footer", &[Command::Clock, Command::Pace]),
                row("t T", "pause the timer; to 0:00", &[Command::Timer, Command::ResetTimer]),
                row("r Ctrl-L", "read again; repaint", &[Command::Reload, Command::Repaint]),
            ],
        },
    ],
    &[
        Group {
            title: "Demos of this slide",
            rows: &[
                row("x Ctrl-E", "run, or run again", &[Command::Run]),
                row("X", "stop", &[Command::StopRun]),
                row("v", "recordings, or live again", &[Command::SwitchTape]),
                row("V", "next chart of a bench", &[Command::NextChart]),
                row("R", "run and record", &[Command::Tape]),
                row("i", "install what is missing", &[Command::SetUp]),
            ],
        },
        Group {
            title: "One pane",
            rows: &[
                row("Tab F6", "type into the next pane", &[Command::FocusPane, Command::FocusNextPane]),
                row("Esc Esc", "leave the pane", &[]),
                row("… x X v R", "that pane alone; Esc: all", &[]),
                row("Shift-PageUp", "scroll back (or wheel)", &[]),
            ],
        },
        Group {
            title: "In a recording, after Tab",
            rows: &[
                row("Space .", "pause, one step", &[]),
                row("← → Home End", "seek", &[]),
                row("[ ] + -", "marks, speed", &[]),
            ],
        },
        Group {
            title: "In another terminal: greenroom notes",
            rows: &[row("Q there", "QR codes: phone, audience", &[])],
        },
    ],
];

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
    use crate::talk::BINDINGS;

    #[test]
    fn stage_15_every_key_is_told_once() {
        let told: Vec<Command> = HELP
            .iter()
            .flat_map(|half| half.iter())
            .flat_map(|group| group.rows)
            .flat_map(|row| row.commands)
            .copied()
            .collect();
        for binding in BINDINGS {
            if binding.command == Command::Help {
                continue;
            }
            let times = told.iter().filter(|command| **command == binding.command).count();
            assert_eq!(times, 1, "{:?}", binding.command);
        }
    }
}
