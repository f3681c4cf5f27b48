//! Which key does what while a slide shows: one table.

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
    /// Keys go to the pane after the one that had them.
    FocusNextPane,
    /// Read the deck again.
    Reload,
    /// Draw everything from scratch.
    Repaint,
    /// The keys.
    Help,
    /// Leave.
    Quit,
}

/// A key of the slide, or several with the same meaning. How they are told is in [`super::HELP`].
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// The keys, each by itself.
    pub keys: &'static [Key],
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

const fn binding(command: Command, keys: &'static [Key]) -> Binding {
    Binding { command, keys }
}

/// Every key of the slide mode. Digits, `gg` and Ctrl-C are the talk's own.
pub const BINDINGS: &[Binding] = &[
    binding(
        Command::Next,
        &[plain(KeyCode::Right), ch(' '), plain(KeyCode::PageDown), plain(KeyCode::Enter), ch('l')],
    ),
    binding(
        Command::Previous,
        &[plain(KeyCode::Left), plain(KeyCode::PageUp), plain(KeyCode::Backspace), ch('h'), ch('p')],
    ),
    binding(Command::Down, &[plain(KeyCode::Down), ch('j')]),
    binding(Command::Up, &[plain(KeyCode::Up), ch('k')]),
    binding(Command::NextSlide, &[ch('>'), Key(KeyCode::Right, KeyModifiers::SHIFT)]),
    binding(Command::PreviousSlide, &[ch('<'), Key(KeyCode::Left, KeyModifiers::SHIFT)]),
    binding(Command::First, &[plain(KeyCode::Home), ch('g')]),
    binding(Command::Last, &[plain(KeyCode::End), ch('G')]),
    binding(Command::NextSection, &[ch(']')]),
    binding(Command::PreviousSection, &[ch('[')]),
    binding(Command::Sections, &[ch('s')]),
    binding(Command::Back, &[ch('\'')]),
    binding(Command::Overview, &[ch('o')]),
    binding(Command::Search, &[ch('/')]),
    binding(Command::NextFound, &[ch('n')]),
    binding(Command::PreviousFound, &[ch('N')]),
    binding(Command::Blank, &[ch('b'), ch('.')]),
    binding(Command::Show, &[plain(KeyCode::Esc), plain(KeyCode::F(5))]),
    binding(Command::Run, &[ch('x'), Key(KeyCode::Char('e'), KeyModifiers::CONTROL)]),
    binding(Command::StopRun, &[ch('X')]),
    binding(Command::Tape, &[ch('R')]),
    binding(Command::SwitchTape, &[ch('v')]),
    binding(Command::NextChart, &[ch('V')]),
    binding(Command::SetUp, &[ch('i')]),
    binding(Command::FocusPane, &[plain(KeyCode::Tab)]),
    binding(Command::FocusNextPane, &[plain(KeyCode::F(6))]),
    binding(Command::Clock, &[ch('c')]),
    binding(Command::Pace, &[ch('P')]),
    binding(Command::Timer, &[ch('t')]),
    binding(Command::ResetTimer, &[ch('T')]),
    binding(Command::Reload, &[ch('r')]),
    binding(Command::Repaint, &[Key(KeyCode::Char('l'), KeyModifiers::CONTROL)]),
    binding(Command::Help, &[ch('?')]),
    binding(Command::Quit, &[ch('q')]),
];

/// What `key` asks for while a slide shows.
pub(crate) fn command(key: KeyEvent) -> Option<Command> {
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
