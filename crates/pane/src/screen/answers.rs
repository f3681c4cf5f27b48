//! What the terminal answers when it is asked: as xterm 379 does, but for what is not so here.

use std::fmt::Write as _;

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::vte::ansi::{Color, CursorShape, NamedColor};

use super::{BLINK, Screen};
use crate::codes;
use crate::keys::CELL;

impl Screen {
    /// Answers the question that `code` stands for.
    pub(super) fn answer(&mut self, code: u16) {
        let (columns, rows) = (self.term.columns(), self.term.screen_lines());
        match code {
            codes::VERSION => {
                self.listener.reply(concat!("\x1bP>|greenroom(", env!("CARGO_PKG_VERSION"), ")\x1b\\"));
            }
            codes::CURSOR_PLACE => self.report_cursor("?"),
            codes::WINDOW_STATE => self.listener.reply("\x1b[1t"),
            codes::CELL_SIZE => self.listener.reply(&format!("\x1b[6;{};{}t", CELL.1, CELL.0)),
            codes::SCREEN_SIZE => self.listener.reply(&format!("\x1b[9;{rows};{columns}t")),
            // What a program called its window comes back as if it had been typed: a text file that is printed
            // could type commands so. Many terminals answer with nothing for that.
            codes::ICON_LABEL => self.listener.reply("\x1b]L\x1b\\"),
            codes::TITLE => self.listener.reply("\x1b]l\x1b\\"),
            // Selected text has the colours of other text, the other way round.
            codes::SELECTION_BACK_BEL => self.report_color("17", NamedColor::Foreground as usize, "\x07"),
            codes::SELECTION_BACK_ST => self.report_color("17", NamedColor::Foreground as usize, "\x1b\\"),
            codes::SELECTION_FORE_BEL => self.report_color("19", NamedColor::Background as usize, "\x07"),
            codes::SELECTION_FORE_ST => self.report_color("19", NamedColor::Background as usize, "\x1b\\"),
            _ => self.report_setting(code),
        }
    }

    /// DECRQSS.
    fn report_setting(&mut self, code: u16) {
        let Some(number) = code.checked_sub(codes::SETTING) else { return };
        let asked = usize::from(number).checked_sub(1).and_then(|index| codes::SETTINGS.get(index));
        let Some(name) = asked else { return self.listener.reply("\x1bP0$r\x1b\\") };
        let value = match *name {
            b"m" => self.attributes(),
            b"r" => format!("{};{}", self.margins.0 + 1, self.margins.1 + 1),
            b" q" => self.cursor_style().to_string(),
            b"\"p" => "64;1".to_owned(),
            b"\"q" => "0".to_owned(),
            b"s" => format!("1;{}", self.term.columns()),
            b"$|" => self.term.columns().to_string(),
            _ => self.term.screen_lines().to_string(),
        };
        let name = String::from_utf8_lossy(name);
        self.listener.reply(&format!("\x1bP1$r{value}{name}\x1b\\"));
    }

    /// The number of DECSCUSR.
    fn cursor_style(&self) -> u8 {
        let style = self.term.cursor_style();
        let steady = match style.shape {
            CursorShape::Underline => 4,
            CursorShape::Beam => 6,
            _ => 2,
        };
        if style.blinking { steady - 1 } else { steady }
    }

    /// The parameters of SGR that give the next character its look.
    fn attributes(&self) -> String {
        let cell = &self.term.grid().cursor.template;
        let mut out = "0".to_owned();
        for (flag, number) in [
            (Flags::BOLD, "1"),
            (Flags::DIM, "2"),
            (Flags::ITALIC, "3"),
            (Flags::UNDERLINE, "4"),
            (Flags::UNDERCURL, "4:3"),
            (Flags::DOTTED_UNDERLINE, "4:4"),
            (Flags::DASHED_UNDERLINE, "4:5"),
            (BLINK, "5"),
            (Flags::INVERSE, "7"),
            (Flags::HIDDEN, "8"),
            (Flags::STRIKEOUT, "9"),
            (Flags::DOUBLE_UNDERLINE, "21"),
        ] {
            if cell.flags.contains(flag) {
                let _ = write!(out, ";{number}");
            }
        }
        color(&mut out, Some(cell.fg), 30);
        color(&mut out, Some(cell.bg), 40);
        color(&mut out, cell.underline_color(), 50);
        out
    }

    /// CPR, and DECXCPR with a `mark` before the numbers and the page behind them.
    pub(super) fn report_cursor(&mut self, mark: &str) {
        let point = self.term.grid().cursor.point;
        let origin = if self.term.mode().contains(TermMode::ORIGIN) { self.margins.0 } else { 0 };
        let page = if mark.is_empty() { "" } else { ";1" };
        let (row, column) = (point.line.0 - origin + 1, point.column.0 + 1);
        self.listener.reply(&format!("\x1b[{mark}{row};{column}{page}R"));
    }

    pub(super) fn report_pixels(&mut self) {
        let height = self.term.screen_lines() * usize::from(CELL.1);
        let width = self.term.columns() * usize::from(CELL.0);
        self.listener.reply(&format!("\x1b[4;{height};{width}t"));
    }

    pub(super) fn report_color(&mut self, prefix: &str, index: usize, terminator: &str) {
        let color = self.term.colors()[index].unwrap_or_else(|| self.listener.color(index));
        let (r, g, b) = (color.r, color.g, color.b);
        self.listener
            .reply(&format!("\x1b]{prefix};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}{terminator}"));
    }
}

/// The parameters of a colour, whose first named one has the number `base`.
fn color(out: &mut String, color: Option<Color>, base: u16) {
    let extended = base + 8;
    let _ = match color {
        None => Ok(()),
        Some(Color::Spec(rgb)) => write!(out, ";{extended}:2::{}:{}:{}", rgb.r, rgb.g, rgb.b),
        Some(Color::Named(name)) => match name as usize {
            index @ 0..8 => write!(out, ";{}", usize::from(base) + index),
            index @ 8..16 => write!(out, ";{}", usize::from(base) + 60 + index - 8),
            _ => Ok(()),
        },
        Some(Color::Indexed(index)) => write!(out, ";{extended}:5:{index}"),
    };
}
