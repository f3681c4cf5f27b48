//! The presenter view's own keys. Every other key is the stage's.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key can ask the presenter view for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    /// Notes so many rows down.
    Down(u32),
    /// Notes so many rows up.
    Up(u32),
    /// More room for the notes.
    Larger,
    /// Less.
    Smaller,
    /// The address of the remote.
    Code,
    /// Draw everything from scratch.
    Repaint,
    /// The keys.
    Help,
    /// Leave.
    Quit,
}

/// A line of the help.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The keys, as the help names them.
    pub label: &'static str,
    /// What they do.
    pub about: &'static str,
}

/// The keys, in the order of the help.
pub const BINDINGS: [Binding; 8] = [
    Binding { label: "J  K", about: "scroll the notes" },
    Binding { label: "Ctrl-d  Ctrl-u", about: "scroll them by half a screen" },
    Binding { label: "+  -", about: "more or less room for the notes" },
    Binding { label: "Q", about: "the remote's address as a QR code; again: the audience's" },
    Binding { label: "Ctrl-L", about: "repaint this view; r repaints the stage as well" },
    Binding { label: "?", about: "this help" },
    Binding { label: "q  Ctrl-C", about: "leave; the stage goes on" },
    Binding { label: "any other key", about: "is the stage's: → ← o s / x v b t …" },
];

/// What `key` asks the presenter view for; nothing when it is for the stage.
pub(super) fn command(key: KeyEvent) -> Option<Command> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(match key.code {
        KeyCode::Char('c') if control => Command::Quit,
        KeyCode::Char('d') if control => Command::Down(8),
        KeyCode::Char('u') if control => Command::Up(8),
        KeyCode::Char('l') if control => Command::Repaint,
        _ if control => return None,
        KeyCode::Char('J') => Command::Down(1),
        KeyCode::Char('K') => Command::Up(1),
        KeyCode::Char('+' | '=') => Command::Larger,
        KeyCode::Char('-') => Command::Smaller,
        KeyCode::Char('Q') => Command::Code,
        KeyCode::Char('?') => Command::Help,
        KeyCode::Char('q') => Command::Quit,
        _ => return None,
    })
}
