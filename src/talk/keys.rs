//! The stage's keys: one row an action. Digits, and what a program in a pane gets, are no actions.

mod over;

pub(super) use over::{
    CONSENT, ConsentKey, GOTO, GotoKey, IN_PANE, OVERVIEW, OverviewKey, PaneKey, SEARCH, SearchKey,
};

use crossterm::event::{KeyCode, KeyEvent};

use super::{Mode, Overview, Place, Talk};
use crate::keys::About::{Above, Line, Twice, Untold};
use crate::keys::{Action, Group, HELP, Key, Keymap, ch, ctrl, plain, shift};
use greenroom_base::clock::Elapsed;
use greenroom_base::source::Control;

/// What an action does to the talk.
pub(super) type Handle = fn(&mut Talk, Elapsed);

/// What handles an action, and where.
#[derive(Debug, Clone, Copy)]
pub enum Handler {
    /// Where its group says.
    Here(Handle),
    /// The same, and on a blank screen, whose slide it brings back.
    AndBlank(Handle),
    /// Whatever shows, but in a program.
    Anywhere(Handle),
    /// Leaves the talk, which is asked for twice, and by the stage's own keyboard only.
    Leave,
}

impl Handler {
    /// Does what the action stands for; leaving is not done here.
    pub fn call(self, talk: &mut Talk, now: Elapsed) {
        match self {
            Self::Here(handle) | Self::AndBlank(handle) | Self::Anywhere(handle) => handle(talk, now),
            Self::Leave => {}
        }
    }
}

use Handler::{AndBlank, Anywhere, Here, Leave};

const fn row(
    name: &'static str,
    keys: &'static [Key],
    handler: Handler,
    about: crate::keys::About,
) -> Action<Handler> {
    Action::new(name, keys, handler, about)
}

/// What shows the room how to follow.
pub(super) const JOIN: &str = "audience";

/// Moving through the deck.
pub(super) const SLIDES: Group<Handler> = Group {
    title: "Moving through the slides",
    actions: &[
        row(
            "next",
            &[plain(KeyCode::Right), ch(' '), ch('l'), plain(KeyCode::PageDown), plain(KeyCode::Enter)],
            AndBlank(Talk::next),
            Line("next step or slide"),
        ),
        row(
            "previous",
            &[plain(KeyCode::Left), ch('h'), ch('p'), plain(KeyCode::PageUp), plain(KeyCode::Backspace)],
            AndBlank(Talk::previous),
            Line("previous step or slide"),
        ),
        row(
            "next-slide",
            &[ch('>'), shift(KeyCode::Right)],
            Here(Talk::next_slide),
            Line("next, previous slide"),
        ),
        row("previous-slide", &[ch('<'), shift(KeyCode::Left)], Here(Talk::previous_slide), Above),
        row(
            "down",
            &[plain(KeyCode::Down), ch('j')],
            Here(|talk, now| talk.scroll_or(1, now)),
            Line("scroll, then move"),
        ),
        row("up", &[plain(KeyCode::Up), ch('k')], Here(|talk, now| talk.scroll_or(-1, now)), Above),
        row(
            "first-slide",
            &[ch('g').twice(), plain(KeyCode::Home)],
            Here(|talk, now| talk.jump(0, now)),
            Line("first, last slide"),
        ),
        row(
            "last-slide",
            &[ch('G'), plain(KeyCode::End)],
            Here(|talk, now| talk.jump(talk.deck.slides.len() - 1, now)),
            Above,
        ),
        row(
            "previous-section",
            &[ch('[')],
            Here(|talk, now| talk.section(-1, now)),
            Line("sections; the list"),
        ),
        row("next-section", &[ch(']')], Here(|talk, now| talk.section(1, now)), Above),
        row("sections", &[ch('s')], Here(|talk, _| talk.mode = Mode::Sections), Above),
        row(
            "overview",
            &[ch('o')],
            Here(|talk, _| talk.mode = Mode::Overview(Overview::at(talk.shown.place.slide))),
            Line("overview; way back"),
        ),
        row("back", &[ch('\'')], Here(Talk::go_back), Above),
        row(
            "search",
            &[ch('/')],
            Here(|talk, _| talk.mode = Mode::Search(String::new(), 0)),
            Line("search; next, previous"),
        ),
        row("next-found", &[ch('n')], Here(|talk, now| talk.next_found(1, now)), Above),
        row("previous-found", &[ch('N')], Here(|talk, now| talk.next_found(-1, now)), Above),
    ],
    others: &[("1 2 … {goto-go}", "go to a slide by number")],
};

/// The way out.
pub(super) const LEAVING: Group<Handler> = Group {
    title: "Leaving",
    actions: &[row("quit", &[ch('q'), ctrl('c')], Leave, Twice("quit; --resume continues"))],
    others: &[],
};

/// What shows in place of the slide, or how.
pub(super) const SCREEN: Group<Handler> = Group {
    title: "Screen",
    actions: &[
        row("blank", &[ch('b'), ch('.')], Here(|talk, _| talk.mode = Mode::Blank), Line("blank the screen")),
        row(
            "show-slide",
            &[plain(KeyCode::Esc), plain(KeyCode::F(5)), shift(KeyCode::F(5))],
            Here(Talk::show_slide),
            Line("the slide alone"),
        ),
        row(JOIN, &[ch('Q'), ch('F')], Here(|talk, _| talk.show_join()), Line("the audience's code")),
        row("zoom", &[ch('z')], Here(Talk::toggle_zoom), Line("fill the window; back")),
        row(
            "larger",
            &[ch('+'), ch('=')],
            Here(|talk, now| talk.rescale(true, now)),
            Line("larger; plain cells"),
        ),
        row("smaller", &[ch('-')], Here(|talk, now| talk.rescale(false, now)), Above),
        row("plain-cells", &[ch('0')], Here(Talk::toggle_scale), Above),
        row("reload", &[ch('r')], Here(|talk, _| talk.read_again()), Line("reload; repaint")),
        row("repaint", &[ctrl('l')], Anywhere(|talk, _| talk.repaint()), Above),
        row("suspend", &[ctrl('z')], Anywhere(|talk, _| talk.suspend()), Untold),
        row("help", &[ch('?')], Here(|talk, _| talk.mode = Mode::Help(0)), Untold),
    ],
    others: &[],
};

/// The talk's time.
pub(super) const TIME: Group<Handler> = Group {
    title: "Time",
    actions: &[
        row(
            "clock",
            &[ch('c')],
            Here(|talk, _| talk.settings.clock = !talk.settings.clock),
            Line("clock, pace in footer"),
        ),
        row("pace", &[ch('P')], Here(|talk, _| talk.settings.pace = !talk.settings.pace), Above),
        row("timer", &[ch('t')], Here(Talk::toggle_timer), Line("pause timer; reset it")),
        row("reset-timer", &[ch('T')], Here(Talk::reset_timer), Above),
    ],
    others: &[],
};

/// What the slide's demos do.
pub(super) const DEMOS: Group<Handler> = Group {
    title: "Demos of this slide",
    actions: &[
        row("run", &[ch('x'), ctrl('e')], Here(Talk::run_panes), Line("run, or run again")),
        row("stop", &[ch('X')], Here(Talk::stop_panes), Line("stop")),
        row("switch-recording", &[ch('v')], Here(Talk::switch_recordings), Line("recordings / live again")),
        row("next-chart", &[ch('V')], Here(Talk::next_chart), Line("next chart; the result")),
        row("show-result", &[ch('e')], Here(Talk::show_results), Above),
        row("record", &[ch('R')], Here(Talk::record_panes), Line("run and record")),
        row("set-up", &[ch('i')], Here(Talk::set_up_pane), Line("install what is missing")),
    ],
    others: &[],
};

/// Which pane has the keyboard.
pub(super) const PANES: Group<Handler> = Group {
    title: "The keyboard in a pane",
    actions: &[
        row(
            "focus-pane",
            &[plain(KeyCode::Tab)],
            Here(|talk, now| talk.focus_pane(false, now)),
            Line("type into the next pane"),
        ),
        row("next-pane", &[plain(KeyCode::F(6))], Here(|talk, now| talk.focus_pane(true, now)), Above),
    ],
    others: &[
        ("{leave-program}", "leave the pane"),
        ("{zoom} {focus-pane}", "fill the window; type"),
        ("… {run} {stop} {switch-recording} {record}", "then: that pane alone"),
        ("{scroll-back}", "scroll back (or wheel)"),
    ],
};

/// What a recording does whose pane has the keyboard.
pub(super) const RECORDING: Group<Handler> = Group {
    title: "A recording, after {focus-pane}",
    actions: &[
        row("recording-pause", &[ch(' ')], Here(Talk::pause_recording), Line("pause, one step")),
        row("recording-step", &[ch('.')], Here(|talk, now| talk.wind(Control::Step, now)), Above),
        row(
            "recording-back",
            &[plain(KeyCode::Left)],
            Here(|talk, now| talk.seek_recording(false, now)),
            Line("seek"),
        ),
        row(
            "recording-forward",
            &[plain(KeyCode::Right)],
            Here(|talk, now| talk.seek_recording(true, now)),
            Above,
        ),
        row(
            "recording-start",
            &[plain(KeyCode::Home)],
            Here(|talk, now| talk.wind(Control::Seek(Elapsed::ZERO), now)),
            Above,
        ),
        row("recording-end", &[plain(KeyCode::End)], Here(|talk, now| talk.wind(Control::End, now)), Above),
        row(
            "previous-mark",
            &[ch('[')],
            Here(|talk, now| talk.wind(Control::PreviousMark, now)),
            Line("marks, speed"),
        ),
        row("next-mark", &[ch(']')], Here(|talk, now| talk.wind(Control::NextMark, now)), Above),
        row("faster", &[ch('+'), ch('=')], Here(|talk, now| talk.change_speed(2.0, now)), Above),
        row("slower", &[ch('-')], Here(|talk, now| talk.change_speed(0.5, now)), Above),
        row("pan-left", &[ch('<'), shift(KeyCode::Left)], Here(|talk, _| talk.pan(false)), Untold),
        row("pan-right", &[ch('>'), shift(KeyCode::Right)], Here(|talk, _| talk.pan(true)), Untold),
    ],
    others: &[],
};

/// Where keys are the slide's.
pub(super) const OF_SLIDE: [&Group<Handler>; 6] = [&SLIDES, &LEAVING, &SCREEN, &TIME, &DEMOS, &PANES];

/// What a pane that has the keyboard takes of the slide's keys, each for itself; other keys of the slide are nothing to it.
pub(super) const OF_FOCUSED: [&str; 10] = [
    "run",
    "stop",
    "switch-recording",
    "next-chart",
    "show-result",
    "zoom",
    "next-pane",
    "help",
    "repaint",
    "suspend",
];

/// The action that `key` asks for while a slide shows.
pub(super) fn find(keymap: &Keymap, key: Key) -> Option<&'static Action<Handler>> {
    OF_SLIDE.iter().find_map(|group| group.find(keymap, key))
}

/// The name of the slide's action that `key` asks for in a pane that has the keyboard.
pub(super) fn find_focused(keymap: &Keymap, key: Key) -> Option<&'static str> {
    let name = find(keymap, key)?.name;
    OF_FOCUSED.contains(&name).then_some(name)
}

/// What handles `key` whatever shows.
pub(super) fn anywhere(keymap: &Keymap, key: KeyEvent) -> Option<Handle> {
    find(keymap, Key::pressed(key)).and_then(|action| match action.handler {
        Anywhere(handle) => Some(handle),
        _ => None,
    })
}

/// Whether `key` begins one that is pressed twice.
pub(super) fn begins(keymap: &Keymap, key: Key) -> bool {
    find(keymap, key.twice()).is_some()
}

/// The keys that the stage's action of this name has when nobody has bound others.
#[must_use]
pub(super) fn standard(name: &str) -> Option<&'static [Key]> {
    fn of<F>(group: &Group<F>, name: &str) -> Option<&'static [Key]> {
        group.actions.iter().find(|action| action.name == name).map(|action| action.keys)
    }
    let slide = OF_SLIDE.iter().find_map(|group| of(group, name));
    slide
        .or_else(|| of(&RECORDING, name))
        .or_else(|| of(&IN_PANE, name))
        .or_else(|| of(&CONSENT, name))
        .or_else(|| of(&OVERVIEW, name))
        .or_else(|| of(&SEARCH, name))
        .or_else(|| of(&GOTO, name))
        .or_else(|| of(&HELP, name))
}

impl Talk {
    fn next_slide(&mut self, now: Elapsed) {
        let slide = self.shown.place.slide + 1;
        if slide < self.deck.slides.len() {
            self.go(Place { slide, step: 0 }, now);
        }
    }

    fn previous_slide(&mut self, now: Elapsed) {
        if let Some(slide) = self.shown.place.slide.checked_sub(1) {
            self.go(Place { slide, step: 0 }, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    #[test]
    fn no_key_does_two_things() {
        let slide: Vec<Key> = OF_SLIDE.iter().flat_map(|group| keys_of(group)).collect();
        for keys in [slide, keys_of(&RECORDING).collect()] {
            for (at, key) in keys.iter().enumerate() {
                assert!(!keys[..at].contains(key), "{key:?} is bound twice");
                // What is pressed twice has no meaning when it is pressed once.
                assert!(
                    !keys.contains(&key.twice()) || *key == key.twice(),
                    "{key:?} is bound once and twice"
                );
            }
        }
    }

    fn keys_of(group: &Group<Handler>) -> impl Iterator<Item = Key> {
        group.actions.iter().flat_map(|action| action.keys).copied()
    }

    #[test]
    fn each_action_has_a_name_of_its_own_in_small_letters_and_hyphens() {
        let mut names: Vec<&str> = Vec::new();
        for action in OF_SLIDE.iter().chain([&&RECORDING]).flat_map(|group| group.actions) {
            let plain = action
                .name
                .split('-')
                .all(|word| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase()));
            assert!(plain && !names.contains(&action.name), "{}", action.name);
            assert!(!action.keys.is_empty(), "{}", action.name);
            names.push(action.name);
        }
    }

    #[test]
    fn a_shifted_letter_is_found() {
        let standard = Keymap::default();
        let found =
            |code, held| find(&standard, Key::pressed(KeyEvent::new(code, held))).map(|action| action.name);
        assert_eq!(found(KeyCode::Char('G'), KeyModifiers::SHIFT), Some("last-slide"));
        assert_eq!(found(KeyCode::Char('q'), KeyModifiers::ALT), None);
    }
}
