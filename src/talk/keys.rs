//! Which key does what while a slide shows: one table, read by the talk and by its help.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// The next step, or the next slide.
    Next,
    /// The step before, or the slide before.
    Previous,
    /// The next slide, whatever its steps.
    NextSlide,
    /// The slide before, whatever its steps.
    PreviousSlide,
    /// A row down, or on.
    Down,
    /// A row up, or back.
    Up,
    /// The first slide.
    First,
    /// The last slide.
    Last,
    /// The next section.
    NextSection,
    /// This section's beginning, or the section before.
    PreviousSection,
    /// Where the talk was before the last jump.
    Back,
    /// Every slide at once.
    Overview,
    /// The list of sections.
    Sections,
    /// Search.
    Search,
    /// The next slide that has what was searched for.
    NextFound,
    /// The one before.
    PreviousFound,
    /// A blank screen.
    Blank,
    /// Back to the slide, whatever is in front of it.
    Show,
    /// The clock in the footer.
    Clock,
    /// The distance from the plan in the footer.
    Pace,
    /// Pause or resume the timer.
    Timer,
    /// The timer back to zero.
    ResetTimer,
    /// Run the slide's panes.
    Run,
    /// Stop them.
    StopRun,
    /// Run them and record that.
    Tape,
    /// Prepare what they lack.
    SetUp,
    /// Their recordings instead, or back.
    SwitchTape,
    /// The next chart of a bench.
    NextChart,
    /// Keys go to the next pane.
    FocusPane,
    /// Read the deck again.
    Reload,
    /// The keys.
    Help,
    /// Leave.
    Quit,
}

/// A line of the help.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// The keys, each by itself.
    pub keys: &'static [Key],
    /// The keys, as the help names them.
    pub label: &'static str,
    /// What they do, as the help says it.
    pub about: &'static str,
}

/// A key, with what is held down; shift is part of a character already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub KeyCode, pub KeyModifiers);

const fn plain(code: KeyCode) -> Key {
    Key(code, KeyModifiers::NONE)
}

const fn ch(c: char) -> Key {
    Key(KeyCode::Char(c), KeyModifiers::NONE)
}

const fn binding(
    command: Command,
    keys: &'static [Key],
    label: &'static str,
    about: &'static str,
) -> Binding {
    Binding { command, keys, label, about }
}

/// Every key of the slide mode, in the order of the help. Digits, `gg` and Ctrl-C are the talk's own.
pub const BINDINGS: &[Binding] = &[
    binding(
        Command::Next,
        &[plain(KeyCode::Right), ch(' '), plain(KeyCode::PageDown), plain(KeyCode::Enter), ch('l')],
        "→  Space  PageDown  Enter  l",
        "next step or slide; the left mouse button too",
    ),
    binding(
        Command::Previous,
        &[plain(KeyCode::Left), plain(KeyCode::PageUp), plain(KeyCode::Backspace), ch('h'), ch('p')],
        "←  PageUp  Backspace  h  p",
        "previous step or slide; the right button too",
    ),
    binding(Command::Down, &[plain(KeyCode::Down), ch('j')], "↓  j", "scroll down, or next"),
    binding(Command::Up, &[plain(KeyCode::Up), ch('k')], "↑  k", "scroll up, or previous"),
    binding(
        Command::NextSlide,
        &[ch('>'), Key(KeyCode::Right, KeyModifiers::SHIFT)],
        ">  Shift-→",
        "next slide, all steps at once",
    ),
    binding(
        Command::PreviousSlide,
        &[ch('<'), Key(KeyCode::Left, KeyModifiers::SHIFT)],
        "<  Shift-←",
        "previous slide, from its start",
    ),
    binding(Command::First, &[plain(KeyCode::Home), ch('g')], "Home  gg", "first slide"),
    binding(Command::Last, &[plain(KeyCode::End), ch('G')], "End  G", "last slide"),
    binding(Command::NextSection, &[ch(']')], "]", "next section"),
    binding(Command::PreviousSection, &[ch('[')], "[", "previous section"),
    binding(Command::Sections, &[ch('s')], "s  then 1 to 9", "jump to a section"),
    binding(Command::Back, &[ch('\'')], "'", "back to before the last jump"),
    binding(Command::Overview, &[ch('o')], "o", "overview of all slides"),
    binding(Command::Search, &[ch('/')], "/", "search; n and N go on from there"),
    binding(Command::NextFound, &[ch('n')], "n", "next slide found"),
    binding(Command::PreviousFound, &[ch('N')], "N", "previous slide found"),
    binding(Command::Blank, &[ch('b'), ch('.')], "b  .", "blank the screen"),
    binding(
        Command::Show,
        &[plain(KeyCode::Esc), plain(KeyCode::F(5))],
        "Esc  F5",
        "back to the slide from anything",
    ),
    binding(
        Command::Run,
        &[ch('x'), Key(KeyCode::Char('e'), KeyModifiers::CONTROL)],
        "x  Ctrl-E",
        "run the slide's panes, or run them again",
    ),
    binding(Command::StopRun, &[ch('X')], "X", "stop them"),
    binding(Command::Tape, &[ch('R')], "R", "run them and record it"),
    binding(Command::SwitchTape, &[ch('v')], "v", "their recordings, or live again"),
    binding(Command::NextChart, &[ch('V')], "V", "the next chart of a bench"),
    binding(Command::SetUp, &[ch('i')], "i", "install what they lack (greenroom setup)"),
    binding(
        Command::FocusPane,
        &[plain(KeyCode::Tab), plain(KeyCode::F(6))],
        "Tab  F6",
        "type into the next pane; Esc Esc leaves it",
    ),
    // What is no key of the slide, but has to be found somewhere.
    binding(Command::Run, &[], "Esc Esc  then x X v R", "that pane alone; Esc means all again"),
    binding(Command::FocusPane, &[], "Shift-PageUp  wheel", "scroll back in a pane"),
    binding(Command::SwitchTape, &[], "Space . ← → [ ] + -", "in a recording: pause, step, seek, speed"),
    binding(Command::Clock, &[ch('c')], "c", "clock on or off"),
    binding(Command::Pace, &[ch('P')], "P", "how far from the plan, in the footer"),
    binding(Command::Timer, &[ch('t')], "t", "pause or resume the timer"),
    binding(Command::ResetTimer, &[ch('T')], "T", "timer back to 0:00"),
    binding(Command::Reload, &[ch('r')], "r", "read the deck again (saving it does, too)"),
    binding(Command::Help, &[ch('?')], "?", "this help"),
    binding(Command::Quit, &[ch('q')], "q  Ctrl-C", "leave"),
];

/// What `key` asks for while a slide shows.
pub fn command(key: KeyEvent) -> Option<Command> {
    let shift_in_char = matches!(key.code, KeyCode::Char(_));
    let modifiers = if shift_in_char { key.modifiers - KeyModifiers::SHIFT } else { key.modifiers };
    let pressed = Key(key.code, modifiers);
    BINDINGS.iter().find(|binding| binding.keys.contains(&pressed)).map(|binding| binding.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut seen: Vec<Key> = Vec::new();
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(!seen.contains(key), "{key:?} is bound twice");
            seen.push(*key);
        }
    }

    #[test]
    fn a_shifted_letter_is_found() {
        let key = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(command(key), Some(Command::Last));
        let key = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT);
        assert_eq!(command(key), None);
    }
}
