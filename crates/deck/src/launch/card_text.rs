//! Foreign text as it stands on the card: nothing of it is cut off, nothing looks like something else, and no two texts
//! look alike.
//!
//! A word of plain letters stands as it is. Every other one stands in double quotes, in which
//! - `\"` is a quote, `\\` a backslash, `\n`, `\t` and `\r` are what they are in most languages;
//! - `\u{3164}` is the character with this number: everything that is neither a letter of ASCII nor a blank, so that
//!   nothing is invisible, turned around, or a letter of another alphabet that looks like a known one;
//! - `·×6000·` is a run of so many blanks, and `\n×12·` one of line breaks: runs longer than `RUN`;
//! - `·` alone, where a row begins or ends, is a blank.
//!
//! The signs that are not ASCII are the card's own: text never holds them unescaped.

use std::fmt::Write as _;

/// Longer runs of blanks, and of characters that are escaped, are counted.
pub(crate) const RUN: usize = 8;
/// What a row begins with that goes on with the one before.
const FURTHER: &str = "» ";

/// A piece of a line that a row does not break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Signs.
    Signs(String),
    /// A blank that means something: where a row begins or ends with it, it shows.
    Blank,
    /// A blank between two words of prose: where a row begins or ends, it goes.
    Gap,
    /// An escaped line break, after which a new row begins.
    Break(String),
}

/// A line of the card.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CardLine {
    indent: usize,
    pieces: Vec<Piece>,
}

impl CardLine {
    /// An empty line that begins after so many blanks.
    #[must_use]
    pub(crate) fn after(indent: usize) -> Self {
        Self { indent, pieces: Vec::new() }
    }

    /// Adds words of the card itself.
    #[must_use]
    pub(crate) fn prose(mut self, text: &str) -> Self {
        for (number, word) in text.split(' ').enumerate() {
            if number > 0 {
                self.pieces.push(Piece::Gap);
            }
            if !word.is_empty() {
                self.pieces.push(Piece::Signs(word.to_owned()));
            }
        }
        self
    }

    /// Adds a foreign word.
    #[must_use]
    pub(crate) fn word(self, text: &str) -> Self {
        self.quoted(text, "-_./=:,+@%{}")
    }

    /// Adds the foreign name of a variable, which an equals sign follows.
    #[must_use]
    pub(crate) fn variable(self, text: &str) -> Self {
        self.quoted(text, "_")
    }

    /// Adds a foreign command as a person would type it.
    #[must_use]
    pub(crate) fn command(mut self, command: &[String]) -> Self {
        for (number, word) in command.iter().enumerate() {
            if number > 0 {
                self.pieces.push(Piece::Blank);
            }
            self = self.word(word);
        }
        self
    }

    /// Adds foreign prose, without quotes.
    #[must_use]
    pub(crate) fn said(mut self, text: &str) -> Self {
        escape(text, &mut self.pieces);
        self
    }

    fn quoted(mut self, text: &str, besides: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || besides.contains(c);
        if !text.is_empty() && text.chars().all(plain) {
            self.pieces.extend(text.chars().map(|c| Piece::Signs(c.to_string())));
            return self;
        }
        self.pieces.push(Piece::Signs("\"".to_owned()));
        escape(text, &mut self.pieces);
        self.pieces.push(Piece::Signs("\"".to_owned()));
        self
    }

    /// The line in rows of at most `width` columns, each sign one column wide.
    #[must_use]
    pub(crate) fn rows(&self, width: usize) -> Vec<String> {
        let width = width.max(FURTHER.len() + 2);
        // A narrow screen has no room to spare.
        let indent = self.indent.min(width / 8);
        let mut rows =
            Rows { done: Vec::new(), row: " ".repeat(indent), used: indent, begins: indent, indent };
        for (number, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Signs(signs) => rows.signs(signs, width),
                Piece::Blank => {
                    if rows.used == width {
                        rows.next();
                    }
                    rows.push(if rows.used == rows.begins { "·" } else { " " });
                }
                Piece::Gap => {
                    let next = match self.pieces.get(number + 1) {
                        Some(Piece::Signs(signs)) => signs.chars().count(),
                        _ => 1,
                    };
                    if rows.used + 1 + next <= width {
                        rows.push(" ");
                    } else if rows.used > rows.begins {
                        rows.next();
                    }
                }
                Piece::Break(signs) => {
                    rows.signs(signs, width);
                    // The closing quote stays with what it closes.
                    let closes = Piece::Signs("\"".to_owned());
                    if self.pieces.get(number + 1).is_some_and(|next| *next != closes) {
                        rows.next();
                    }
                }
            }
        }
        rows.end();
        rows.done.push(rows.row);
        rows.done
    }
}

/// Rows that are being filled.
struct Rows {
    done: Vec<String>,
    row: String,
    used: usize,
    /// Where the row's own signs begin.
    begins: usize,
    indent: usize,
}

impl Rows {
    fn push(&mut self, signs: &str) {
        self.row.push_str(signs);
        self.used += signs.chars().count();
    }

    /// A blank at the end shows.
    fn end(&mut self) {
        if self.used > self.begins && self.row.ends_with(' ') {
            self.row.pop();
            self.row.push('·');
        }
    }

    fn next(&mut self) {
        self.end();
        let row = " ".repeat(self.indent) + FURTHER;
        self.begins = row.chars().count();
        self.used = self.begins;
        self.done.push(std::mem::replace(&mut self.row, row));
    }

    fn signs(&mut self, signs: &str, width: usize) {
        let count = signs.chars().count();
        if self.used + count > width && self.used > self.begins {
            self.next();
        }
        if self.used + count <= width {
            return self.push(signs);
        }
        for sign in signs.chars() {
            if self.used == width {
                self.next();
            }
            self.push(sign.encode_utf8(&mut [0; 4]));
        }
    }
}

/// Adds `text`, escaped.
fn escape(text: &str, pieces: &mut Vec<Piece>) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let mut count = 1;
        // What shows as it is needs no counting.
        while !c.is_ascii_graphic() && rest.next_if_eq(&c).is_some() {
            count += 1;
        }
        let one = match c {
            ' ' if count <= RUN => {
                pieces.extend(std::iter::repeat_n(Piece::Blank, count));
                continue;
            }
            ' ' => "·".to_owned(),
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\r' => "\\r".to_owned(),
            c if c.is_ascii_graphic() => c.to_string(),
            c => format!("\\u{{{:x}}}", u32::from(c)),
        };
        let piece = if c == '\n' { Piece::Break } else { Piece::Signs };
        if count > RUN {
            let mut run = one;
            // Writing to a string cannot fail.
            let _ = write!(run, "×{count}·");
            pieces.push(piece(run));
        } else {
            pieces.extend(std::iter::repeat_n(piece(one), count));
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words of a command from the rows that show it, as the module's documentation says it.
    pub(crate) fn read(rows: &[String], indent: usize) -> Vec<String> {
        let mut text = String::new();
        for (number, row) in rows.iter().enumerate() {
            let row = &row[indent..];
            text.push_str(if number == 0 { row } else { row.strip_prefix(FURTHER).unwrap() });
        }
        let mut words = Vec::new();
        let mut rest = text.chars().peekable();
        while rest.peek().is_some() {
            let quoted = rest.next_if_eq(&'"').is_some();
            let mut word = String::new();
            let mut before = None;
            while let Some(c) = rest.next() {
                let one = match c {
                    '"' if quoted => break,
                    ' ' | '·' if !quoted => break,
                    '·' if rest.peek() != Some(&'×') => ' ',
                    '·' => {
                        before = Some(' ');
                        continue;
                    }
                    '×' => {
                        let count: String = std::iter::from_fn(|| rest.next_if(|c| *c != '·')).collect();
                        assert_eq!(rest.next(), Some('·'));
                        let known = usize::from(before != Some(' '));
                        let run = count.parse::<usize>().unwrap() - known;
                        word.extend(std::iter::repeat_n(before.unwrap(), run));
                        continue;
                    }
                    '\\' => match rest.next().unwrap() {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'u' => {
                            assert_eq!(rest.next(), Some('{'));
                            let number: String = std::iter::from_fn(|| rest.next_if(|c| *c != '}')).collect();
                            rest.next();
                            char::from_u32(u32::from_str_radix(&number, 16).unwrap()).unwrap()
                        }
                        c => c,
                    },
                    c => c,
                };
                word.push(one);
                before = Some(one);
            }
            words.push(word);
            if quoted {
                let _ = rest.next_if(|c| *c == ' ' || *c == '·');
            }
        }
        words
    }

    /// What an attacker would write.
    pub(crate) fn foreign() -> impl Strategy<Value = String> {
        let sign = prop_oneof![
            4 => "[a-z0-9]",
            1 => Just(" ".to_owned()),
            1 => Just(" ".repeat(20)),
            1 => Just("\n".repeat(9)),
            1 => Just("\u{3164}".repeat(11)),
            2 => prop::sample::select(vec!["\n", "\t", "\r", "\"", "\\", "\\n", "\u{b7}", "\u{d7}", "\u{bb}", "\u{202e}",
                "\u{115f}", "\u{2800}", "\u{430}", "\u{1b}[2J", "\u{200b}", "»", "·×9·", "\\u{41}", "$", "'", "é"])
                .prop_map(str::to_owned),
            1 => any::<char>().prop_map(|c| c.to_string()),
        ];
        prop::collection::vec(sign, 0..12).prop_map(|signs| signs.concat())
    }

    proptest! {
        #[test]
        fn h3_every_command_can_be_read_back_from_the_card(
            command in prop::collection::vec(foreign(), 1..5),
            width in 8_usize..90,
            indent in 0_usize..8,
        ) {
            let rows = CardLine::after(indent).command(&command).rows(width);
            let shown: usize = indent.min(width / 8);
            prop_assert_eq!(read(&rows, shown), command);
            for row in &rows {
                prop_assert!(row.chars().count() <= width);
                let known = |c: char| c.is_ascii_graphic() || " ·×»".contains(c);
                prop_assert!(row.chars().all(known), "{:?}", row);
                // No blank where nobody sees it.
                prop_assert!(!row.ends_with(' '), "{:?}", row);
            }
        }
    }

    fn shown(text: &str) -> String {
        CardLine::default().word(text).rows(200).join("\n")
    }

    #[test]
    fn h3_03_blanks_are_counted() {
        let command = format!("echo hello;{}evil", " ".repeat(6000));
        assert_eq!(shown(&command), "\"echo hello;·×6000·evil\"");
        assert_eq!(shown("echo hello;·×6000·evil"), "\"echo hello;\\u{b7}\\u{d7}6000\\u{b7}evil\"");
        assert_eq!(shown("a   b"), "\"a   b\"");
        assert_eq!(shown(&"\n".repeat(40)), "\"\\n×40·\"");
    }

    #[test]
    fn h3_05_nothing_is_invisible_or_a_letter_in_disguise() {
        assert_eq!(shown("rm\u{3164}x"), "\"rm\\u{3164}x\"");
        assert_eq!(shown("\u{440}ython"), "\"\\u{440}ython\"");
        assert_eq!(
            shown("a\u{115f}\u{1160}\u{2800}\u{feff}\u{200b}\u{202e}\u{ad}\u{e0041}").matches("\\u").count(),
            8
        );
        assert_eq!(shown(""), "\"\"");
    }

    #[test]
    fn code_of_several_lines_is_read_line_by_line() {
        let rows = CardLine::after(4)
            .command(&["sh".to_owned(), "-c".to_owned(), "if x\nthen\n  y\nfi".to_owned()])
            .rows(60);
        assert_eq!(rows, ["    sh -c \"if x\\n", "    » then\\n", "    » · y\\n", "    » fi\""]);
    }
}
