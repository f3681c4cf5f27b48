//! What a pane and another emulator (`avt`) are both shown: sequences that both know, and about which terminals agree.

use std::fmt::Write as _;

use avt::Terminal;

/// The screen that both have.
pub const COLUMNS: u16 = 20;
/// The same.
pub const ROWS: u16 = 6;

/// A byte as something that is written to a terminal; `next` gives its numbers.
pub fn sequence(byte: u8, next: &mut dyn FnMut() -> u8, out: &mut String) {
    let number = next();
    let small = u16::from(number) % 9;
    let row = 1 + u16::from(number) % ROWS;
    let column = 1 + u16::from(number) % COLUMNS;
    let text = match byte % 32 {
        0..8 => char::from(b'a' + number % 26).to_string(),
        8 => "hello world ".to_owned(),
        9 => "\r\n".to_owned(),
        10 => "\n".to_owned(),
        11 => "\r".to_owned(),
        12 => format!("\x1b[{small}A"),
        13 => format!("\x1b[{small}B"),
        14 => format!("\x1b[{small}C"),
        15 => format!("\x1b[{small}D"),
        16 => format!("\x1b[{row};{}H", 1 + u16::from(next()) % COLUMNS),
        17 => format!("\x1b[{column}G"),
        18 => format!("\x1b[{row}d"),
        19 => format!("\x1b[{}K", number % 3),
        20 => format!("\x1b[{}J", number % 3),
        // They go to the first column and do nothing outside of the margins in xterm and in a pane, and not so in `avt`.
        21 => format!("\x1b[r\x1b[{row}H\x1b[{small}L\r"),
        22 => format!("\x1b[r\x1b[{row}H\x1b[{small}M\r"),
        23 => format!("\x1b[{small}@"),
        24 => format!("\x1b[{small}P"),
        25 => format!("\x1b[{small}X"),
        26 => format!("\x1b[{small}S"),
        27 => format!("\x1b[{small}T"),
        28 => {
            let (top, bottom) = (1 + u16::from(number) % (ROWS - 1), 2 + u16::from(next()) % (ROWS - 1));
            if top < bottom { format!("\x1b[{top};{bottom}r") } else { "\x1b[r".to_owned() }
        }
        29 => ["\x1bD", "\x1bM", "\x1bE"][usize::from(number) % 3].to_owned(),
        30 => ["\x1b7", "\x1b8"][usize::from(number) % 2].to_owned(),
        _ => format!("\x1b[{}m", [0, 1, 31, 42, 7][usize::from(number) % 5]),
    };
    // What a cursor behind the last column does is an xterm's own; a pane is compared with one in `tests/it/xterm.rs`.
    if matches!(byte % 32, 10 | 12..31) {
        let _ = write!(out, "\x1b[{column}G");
    }
    out.push_str(&text);
}

/// The other emulator.
pub fn other() -> Terminal {
    Terminal::new(COLUMNS.into(), ROWS.into()).expect("it has columns and rows")
}

/// What it shows, without the blanks at the ends.
pub fn shown(other: &Terminal) -> String {
    let lines: Vec<String> =
        other.screen().visible_lines().map(|line| line.text().trim_end().to_owned()).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The same of a pane's text.
pub fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}
