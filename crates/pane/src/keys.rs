//! Keys, mouse and pasted text as the bytes a program in a terminal expects: xterm's.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

/// Which mouse events a program asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mouse {
    /// None.
    #[default]
    None,
    /// Buttons that are pressed, and nothing else (X10).
    Press,
    /// Buttons and the wheel.
    Click,
    /// These, and movement while a button is down.
    Drag,
    /// These, and every movement.
    Motion,
}

/// How mouse events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// A byte for each number, so that no place beyond column or row 223 can be told.
    #[default]
    Bytes,
    /// A character for each number, up to 2015 (mode 1005).
    Utf8,
    /// Decimal numbers, and which button was released (mode 1006).
    Sgr,
    /// Decimal numbers (mode 1015).
    Urxvt,
    /// As [`Encoding::Sgr`], in pixels (mode 1016).
    Pixels,
}

impl Encoding {
    /// That of a terminal's mode.
    #[must_use]
    pub(crate) const fn numbered(mode: u16) -> Self {
        match mode {
            1005 => Self::Utf8,
            1006 => Self::Sgr,
            1015 => Self::Urxvt,
            1016 => Self::Pixels,
            _ => Self::Bytes,
        }
    }
}

/// Pixels of a cell, across and down, that programs are told: a pane has none, and its terminal may have any.
pub const CELL: (u16, u16) = (8, 16);

/// What a program asked of the keyboard and the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(clippy::struct_excessive_bools)] // independent switches of the terminal, each with its own sequence
pub struct Modes {
    /// Arrow keys as `ESC O A` (DECCKM).
    pub application_cursor: bool,
    /// Pasted text is marked as such.
    pub bracketed_paste: bool,
    /// It wants to know when the pane gets or loses the focus.
    pub focus_events: bool,
    /// It draws on the alternate screen, which has no scroll-back.
    pub alternate_screen: bool,
    /// There, the wheel should act as arrow keys.
    pub alternate_scroll: bool,
    /// Enter sends a line feed behind the carriage return (LNM).
    pub new_line: bool,
    /// How mouse events are written.
    pub encoding: Encoding,
    /// Which mouse events.
    pub mouse: Mouse,
}

/// The bytes of a key press; none for a release, or a key that terminals do not send.
#[must_use]
pub fn encode_key(key: &KeyEvent, modes: Modes) -> Vec<u8> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let held = key.modifiers & (KeyModifiers::SHIFT | KeyModifiers::ALT | KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char(c) => character(c, held),
        KeyCode::Enter if modes.new_line => with_alt(b"\r\n", held),
        KeyCode::Enter => with_alt(b"\r", held),
        KeyCode::Tab if held.contains(KeyModifiers::SHIFT) => with_alt(b"\x1b[Z", held),
        KeyCode::BackTab => with_alt(b"\x1b[Z", held),
        KeyCode::Tab => with_alt(b"\t", held),
        KeyCode::Backspace if held.contains(KeyModifiers::CONTROL) => with_alt(b"\x08", held),
        KeyCode::Backspace => with_alt(b"\x7f", held),
        KeyCode::Esc => with_alt(b"\x1b", held),
        KeyCode::Null => vec![0],
        KeyCode::Up => letter(b'A', held, modes.application_cursor),
        KeyCode::Down => letter(b'B', held, modes.application_cursor),
        KeyCode::Right => letter(b'C', held, modes.application_cursor),
        KeyCode::Left => letter(b'D', held, modes.application_cursor),
        KeyCode::Home => letter(b'H', held, modes.application_cursor),
        KeyCode::End => letter(b'F', held, modes.application_cursor),
        KeyCode::Insert => tilde(2, held),
        KeyCode::Delete => tilde(3, held),
        KeyCode::PageUp => tilde(5, held),
        KeyCode::PageDown => tilde(6, held),
        KeyCode::F(number) => function(number, held),
        _ => Vec::new(),
    }
}

fn with_alt(bytes: &[u8], held: KeyModifiers) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    if held.contains(KeyModifiers::ALT) {
        out.push(0x1b);
    }
    out.extend_from_slice(bytes);
    out
}

fn character(c: char, held: KeyModifiers) -> Vec<u8> {
    if held.contains(KeyModifiers::CONTROL)
        && let Some(control) = control(c)
    {
        return with_alt(&[control], held);
    }
    with_alt(c.encode_utf8(&mut [0; 4]).as_bytes(), held)
}

/// The control character a key makes together with Ctrl.
fn control(c: char) -> Option<u8> {
    let byte = u8::try_from(c).ok()?.to_ascii_uppercase();
    Some(match byte {
        b'@'..=b'_' => byte & 0x1f,
        b' ' | b'2' => 0x00,
        b'3' => 0x1b,
        b'4' => 0x1c,
        b'5' => 0x1d,
        b'6' => 0x1e,
        b'7' | b'/' => 0x1f,
        b'8' | b'?' => 0x7f,
        _ => return None,
    })
}

/// xterm's number for a set of modifiers, when there is one.
fn modifier_number(held: KeyModifiers) -> Option<u8> {
    let mut number = 1;
    for (modifier, weight) in [(KeyModifiers::SHIFT, 1), (KeyModifiers::ALT, 2), (KeyModifiers::CONTROL, 4)] {
        if held.contains(modifier) {
            number += weight;
        }
    }
    (number > 1).then_some(number)
}

fn letter(letter: u8, held: KeyModifiers, application: bool) -> Vec<u8> {
    let letter = char::from(letter);
    match modifier_number(held) {
        Some(number) => format!("\x1b[1;{number}{letter}"),
        None if application => format!("\x1bO{letter}"),
        None => format!("\x1b[{letter}"),
    }
    .into_bytes()
}

fn tilde(key: u8, held: KeyModifiers) -> Vec<u8> {
    match modifier_number(held) {
        Some(number) => format!("\x1b[{key};{number}~"),
        None => format!("\x1b[{key}~"),
    }
    .into_bytes()
}

fn function(number: u8, held: KeyModifiers) -> Vec<u8> {
    match number {
        // The first four are the keypad's PF keys, which are `ESC O` in every mode.
        1..=4 => letter(b'P' + number - 1, held, true),
        5 => tilde(15, held),
        6..=10 => tilde(number + 11, held),
        11..=14 => tilde(number + 12, held),
        15 | 16 => tilde(number + 13, held),
        17..=20 => tilde(number + 14, held),
        _ => Vec::new(),
    }
}

/// The bytes of pasted text. Control characters are left out, so that a paste cannot end its own bracket;
/// line breaks are what the Enter key sends.
#[must_use]
pub fn encode_paste(text: &str, modes: Modes) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 12);
    if modes.bracketed_paste {
        out.push_str("\x1b[200~");
    }
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\r' | '\n' => out.push('\r'),
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    if modes.bracketed_paste {
        out.push_str("\x1b[201~");
    }
    out.into_bytes()
}

/// The bytes that say that the pane got or lost the focus, for a program that asked.
#[must_use]
pub fn encode_focus(focused: bool, modes: Modes) -> &'static [u8] {
    match (modes.focus_events, focused) {
        (false, _) => b"",
        (true, true) => b"\x1b[I",
        (true, false) => b"\x1b[O",
    }
}

/// The bytes of a mouse event at `column` and `row` of the pane, both from 0; none when the program did not ask.
///
/// A wheel on the alternate screen of a program without mouse support acts as arrow keys, as in xterm.
#[must_use]
pub fn encode_mouse(
    kind: MouseEventKind,
    column: u16,
    row: u16,
    held: KeyModifiers,
    modes: Modes,
) -> Vec<u8> {
    let (button, released) = match kind {
        MouseEventKind::Down(button) => (code(button), false),
        MouseEventKind::Up(button) => (code(button), true),
        MouseEventKind::Drag(button) => (code(button) + 32, false),
        MouseEventKind::Moved => (35, false),
        MouseEventKind::ScrollUp => (64, false),
        MouseEventKind::ScrollDown => (65, false),
        MouseEventKind::ScrollLeft => (66, false),
        MouseEventKind::ScrollRight => (67, false),
    };
    let needed = match kind {
        MouseEventKind::Moved => Mouse::Motion,
        MouseEventKind::Drag(_) => Mouse::Drag,
        MouseEventKind::Down(_) => Mouse::Press,
        _ => Mouse::Click,
    };
    if rank(modes.mouse) < rank(needed) {
        return wheel_as_arrows(kind, modes);
    }
    let mut button: u8 = button;
    for (modifier, weight) in [(KeyModifiers::SHIFT, 4), (KeyModifiers::ALT, 8), (KeyModifiers::CONTROL, 16)]
    {
        // X10 knows no modifiers.
        if held.contains(modifier) && modes.mouse != Mouse::Press {
            button += weight;
        }
    }
    let at = (u32::from(column), u32::from(row));
    match modes.encoding {
        Encoding::Sgr => sgr(button, at, released),
        Encoding::Pixels => {
            // The middle of the cell: nearer is not known.
            let (width, height) = (u32::from(CELL.0), u32::from(CELL.1));
            sgr(button, (at.0 * width + width / 2, at.1 * height + height / 2), released)
        }
        // These cannot tell which button was released.
        encoding => numbers(encoding, if released { (button & !3) | 3 } else { button }, at),
    }
}

fn sgr(button: u8, (x, y): (u32, u32), released: bool) -> Vec<u8> {
    let end = if released { 'm' } else { 'M' };
    format!("\x1b[<{button};{};{}{end}", x + 1, y + 1).into_bytes()
}

/// Each number with 32 added; nothing for a place that the encoding cannot tell.
fn numbers(encoding: Encoding, button: u8, (x, y): (u32, u32)) -> Vec<u8> {
    let numbers = [u32::from(button) + 32, x + 33, y + 33];
    if encoding == Encoding::Urxvt {
        return format!("\x1b[{};{};{}M", numbers[0], x + 1, y + 1).into_bytes();
    }
    let most = if encoding == Encoding::Utf8 { 0x7ff } else { 0xff };
    if numbers.iter().any(|number| *number > most) {
        return Vec::new();
    }
    let mut out = b"\x1b[M".to_vec();
    for number in numbers {
        match u8::try_from(number) {
            Ok(byte) if encoding == Encoding::Bytes => out.push(byte),
            _ => out.extend(char::from_u32(number).unwrap_or(' ').encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

const fn code(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    }
}

const fn rank(mouse: Mouse) -> u8 {
    mouse as u8
}

fn wheel_as_arrows(kind: MouseEventKind, modes: Modes) -> Vec<u8> {
    if modes.mouse != Mouse::None || !modes.alternate_screen || !modes.alternate_scroll {
        return Vec::new();
    }
    let arrow = match kind {
        MouseEventKind::ScrollUp => b'A',
        MouseEventKind::ScrollDown => b'B',
        _ => return Vec::new(),
    };
    letter(arrow, KeyModifiers::NONE, modes.application_cursor).repeat(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CTRL: KeyModifiers = KeyModifiers::CONTROL;
    const ALT: KeyModifiers = KeyModifiers::ALT;
    const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

    fn key(code: KeyCode, held: KeyModifiers) -> String {
        String::from_utf8(encode_key(&KeyEvent::new(code, held), Modes::default())).unwrap()
    }

    #[test]
    fn keys_are_xterms() {
        for (code, held, expected) in [
            (KeyCode::Char('a'), NONE, "a"),
            (KeyCode::Char('A'), SHIFT, "A"),
            (KeyCode::Char('é'), ALT, "\x1bé"),
            (KeyCode::Char('c'), CTRL, "\x03"),
            (KeyCode::Char('x'), CTRL | ALT, "\x1b\x18"),
            (KeyCode::Char(' '), CTRL, "\0"),
            (KeyCode::Char('\\'), CTRL, "\x1c"),
            (KeyCode::Enter, NONE, "\r"),
            (KeyCode::Enter, ALT, "\x1b\r"),
            (KeyCode::Tab, NONE, "\t"),
            (KeyCode::BackTab, SHIFT, "\x1b[Z"),
            (KeyCode::Backspace, NONE, "\x7f"),
            (KeyCode::Backspace, ALT, "\x1b\x7f"),
            (KeyCode::Esc, NONE, "\x1b"),
            (KeyCode::Up, NONE, "\x1b[A"),
            (KeyCode::Left, CTRL, "\x1b[1;5D"),
            (KeyCode::End, SHIFT | ALT, "\x1b[1;4F"),
            (KeyCode::Delete, NONE, "\x1b[3~"),
            (KeyCode::PageUp, SHIFT, "\x1b[5;2~"),
            (KeyCode::F(1), NONE, "\x1bOP"),
            (KeyCode::F(4), CTRL, "\x1b[1;5S"),
            (KeyCode::F(5), NONE, "\x1b[15~"),
            (KeyCode::F(6), NONE, "\x1b[17~"),
            (KeyCode::F(10), NONE, "\x1b[21~"),
            (KeyCode::F(11), NONE, "\x1b[23~"),
            (KeyCode::F(12), SHIFT, "\x1b[24;2~"),
            (KeyCode::F(15), NONE, "\x1b[28~"),
            (KeyCode::F(20), NONE, "\x1b[34~"),
            (KeyCode::CapsLock, NONE, ""),
        ] {
            assert_eq!(key(code, held), expected, "{held:?} {code:?}");
        }
    }

    #[test]
    fn application_mode_changes_the_arrows_and_releases_send_nothing() {
        let modes = Modes { application_cursor: true, ..Modes::default() };
        let mut event = KeyEvent::new(KeyCode::Up, NONE);
        assert_eq!(encode_key(&event, modes), b"\x1bOA");
        assert_eq!(encode_key(&KeyEvent::new(KeyCode::Up, CTRL), modes), b"\x1b[1;5A");
        event.kind = KeyEventKind::Release;
        assert!(encode_key(&event, modes).is_empty());
    }

    #[test]
    fn a_paste_cannot_end_its_bracket() {
        let modes = Modes { bracketed_paste: true, ..Modes::default() };
        let out = encode_paste("a\r\nb\n\tc\x1b[201~rm\x03", modes);
        assert_eq!(String::from_utf8(out).unwrap(), "\x1b[200~a\rb\r\tc[201~rm\x1b[201~");
        assert_eq!(encode_paste("x\u{9b}y", Modes::default()), b"xy");
    }

    #[test]
    fn the_mouse_is_told_as_asked() {
        let press = MouseEventKind::Down(MouseButton::Left);
        let modes = Modes { mouse: Mouse::Click, encoding: Encoding::Sgr, ..Modes::default() };
        assert!(encode_mouse(press, 0, 0, NONE, Modes::default()).is_empty());
        assert_eq!(encode_mouse(press, 299, 4, CTRL, modes), b"\x1b[<16;300;5M");
        let release = MouseEventKind::Up(MouseButton::Right);
        assert_eq!(encode_mouse(release, 0, 0, NONE, modes), b"\x1b[<2;1;1m");
        assert_eq!(encode_mouse(MouseEventKind::ScrollDown, 0, 0, NONE, modes), b"\x1b[<65;1;1M");
        let drag = MouseEventKind::Drag(MouseButton::Left);
        assert!(encode_mouse(drag, 0, 0, NONE, modes).is_empty());
        let old = Modes { mouse: Mouse::Motion, ..Modes::default() };
        assert_eq!(encode_mouse(release, 0, 0, NONE, old), b"\x1b[M#!!");
        assert!(encode_mouse(press, 299, 0, NONE, old).is_empty());
    }

    #[test]
    fn each_encoding_of_the_mouse_is_xterms() {
        let press = MouseEventKind::Down(MouseButton::Middle);
        let release = MouseEventKind::Up(MouseButton::Middle);
        let told = |mouse, encoding, kind, column| {
            encode_mouse(kind, column, 4, CTRL, Modes { encoding, mouse, ..Modes::default() })
        };
        assert_eq!(told(Mouse::Press, Encoding::Bytes, press, 0), b"\x1b[M!!%", "X10 knows no modifiers");
        assert_eq!(told(Mouse::Press, Encoding::Sgr, press, 0), b"\x1b[<1;1;5M");
        assert!(told(Mouse::Press, Encoding::Bytes, release, 0).is_empty());
        assert!(told(Mouse::Press, Encoding::Sgr, MouseEventKind::ScrollUp, 0).is_empty());
        assert_eq!(told(Mouse::Click, Encoding::Utf8, press, 10), b"\x1b[M1+%");
        assert_eq!(told(Mouse::Click, Encoding::Utf8, press, 299), "\x1b[M1\u{14c}%".as_bytes());
        assert!(told(Mouse::Click, Encoding::Utf8, press, 2100).is_empty());
        assert_eq!(told(Mouse::Click, Encoding::Bytes, press, 222), b"\x1b[M1\xff%");
        assert!(told(Mouse::Click, Encoding::Bytes, press, 223).is_empty());
        assert_eq!(told(Mouse::Click, Encoding::Urxvt, press, 299), b"\x1b[49;300;5M");
        assert_eq!(told(Mouse::Click, Encoding::Urxvt, release, 0), b"\x1b[51;1;5M");
        assert_eq!(told(Mouse::Click, Encoding::Pixels, press, 2), b"\x1b[<17;21;73M");
        assert_eq!(told(Mouse::Click, Encoding::Pixels, release, 2), b"\x1b[<17;21;73m");
    }

    #[test]
    fn the_wheel_moves_in_programs_without_a_mouse() {
        let modes = Modes { alternate_screen: true, alternate_scroll: true, ..Modes::default() };
        assert_eq!(encode_mouse(MouseEventKind::ScrollUp, 0, 0, NONE, modes), b"\x1b[A\x1b[A\x1b[A");
        assert!(encode_mouse(MouseEventKind::ScrollUp, 0, 0, NONE, Modes::default()).is_empty());
    }
}
