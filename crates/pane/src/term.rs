//! A terminal's screen, as a fold over the events of a run.
//!
//! The emulator is `alacritty_terminal`, as [`super::screen`] mends it; nothing of it is seen outside of these files.

mod links;

use std::time::Duration;

use alacritty_terminal::grid::{Dimensions, Scroll};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell as TermCell, Flags};
use alacritty_terminal::term::color::Colors;
use alacritty_terminal::term::{Config, Osc52, Term, TermMode};
use alacritty_terminal::vte::ansi::{self, CursorShape, CursorStyle, NamedColor, Processor, Timeout};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Palette;
use super::keys::Modes;
use super::output_filter::OutputFilter;
use super::queries::Listener;
use super::screen::{BLINK, Cells, Screen};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Phase, Size, What};
use greenroom_frame::Underline;

/// Most combining characters that are drawn in a cell.
const MAX_MARKS: usize = 8;
/// A tape's header may say anything; a screen has at most this many columns and rows.
const MAX_SIZE: Size = Size { columns: 1000, rows: 500 };

/// What a program has drawn on its terminal so far.
pub struct TermView {
    screen: Screen,
    parser: Processor<HeldUpdate>,
    sieve: OutputFilter,
    /// Reused from event to event.
    sifted: Vec<u8>,
    listener: Listener,
    /// When a synchronized update (DEC 2026) that has not ended is shown as it is.
    sync_ends: Option<Elapsed>,
    /// The size at the beginning of the run.
    first_size: Size,
    scrollback: usize,
    palette: Palette,
    /// The first column that is shown where not all have room, as a person chose it.
    left: Option<u16>,
}

impl TermView {
    /// A blank screen that remembers at most `scrollback` lines above it.
    #[must_use]
    pub fn new(size: Size, scrollback: usize, palette: Palette) -> Self {
        // No program can ask for a hollow cursor: it stands for the terminal's own.
        let own = CursorStyle { shape: CursorShape::HollowBlock, blinking: false };
        let config = Config {
            scrolling_history: scrollback,
            osc52: Osc52::Disabled,
            default_cursor_style: own,
            ..Config::default()
        };
        let listener = Listener::new(palette);
        let term = Term::new(config, &cells(size), listener.clone());
        Self {
            screen: Screen::new(term, listener.clone()),
            parser: Processor::new(),
            sieve: OutputFilter::default(),
            sifted: Vec::new(),
            listener,
            sync_ends: None,
            first_size: size,
            scrollback,
            palette,
            left: None,
        }
    }

    /// Takes `event` in. The beginning of a run ([`Phase::Starting`]) clears the screen, so that a run can be
    /// started again and a tape can be wound back.
    pub fn fold(&mut self, event: &Event) {
        self.settle(event.at);
        match &event.what {
            What::Output(bytes) => self.output(bytes, event.at),
            What::Resize(size) => self.resize(*size),
            What::Phase(Phase::Starting) => {
                let left = self.left;
                *self = Self { left, ..Self::new(self.first_size, self.scrollback, self.palette) };
            }
            What::Phase(_) | What::Message(_) | What::Input(_) | What::Marker(_) => {}
            // Nothing will end an update that is still open.
            What::Exit(_) => self.finish(),
        }
    }

    fn output(&mut self, bytes: &[u8], at: Elapsed) {
        let columns = self.size().columns;
        self.sifted.clear();
        self.sieve.pass(bytes, columns, &mut self.sifted);
        let before = self.parser.sync_timeout().begun;
        self.parser.advance(&mut self.screen, &self.sifted);
        let held = self.parser.sync_timeout();
        match held.until {
            None => self.sync_ends = None,
            Some(wait) if held.begun != before => self.sync_ends = Some(at + wait),
            Some(_) => {}
        }
        if self.sifted.capacity() > 256 * 1024 {
            self.sifted = Vec::new();
        }
    }

    /// Lets time pass up to `at`, a time of the run: a synchronized update that takes too long is shown as it is.
    pub fn settle(&mut self, at: Elapsed) {
        if self.sync_ends.is_some_and(|ends| ends <= at) {
            self.finish();
        }
    }

    /// Whether a synchronized update holds output back.
    pub(super) fn holds_back(&self) -> bool {
        self.sync_ends.is_some()
    }

    /// Nothing more comes, or too much is held back: it is shown as far as it has come.
    pub fn finish(&mut self) {
        if self.sync_ends.take().is_some() {
            self.parser.stop_sync(&mut self.screen);
        }
    }

    /// When [`TermView::settle`] has something to do, in the run's time.
    #[must_use]
    pub fn next_at(&self) -> Option<Elapsed> {
        self.sync_ends
    }

    /// Changes the size; text flows into the new width as it does in a real terminal.
    pub fn resize(&mut self, size: Size) {
        self.screen.resize(cells(size));
    }

    /// The size in use: at least 2 columns, at most what a screen can sensibly have.
    #[must_use]
    pub fn size(&self) -> Size {
        let cells = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        Size { columns: cells(self.screen.term.columns()), rows: cells(self.screen.term.screen_lines()) }
    }

    /// Moves what is shown by `lines`, up into the scroll-back when positive.
    pub fn scroll(&mut self, lines: i32) {
        self.screen.term.scroll_display(Scroll::Delta(lines));
    }

    /// Back down to what the program writes now.
    pub fn scroll_to_end(&mut self) {
        self.screen.term.scroll_display(Scroll::Bottom);
    }

    /// The row that the cursor is in; none while the program hides it, or while the scroll-back shows.
    #[must_use]
    pub fn cursor_row(&self) -> Option<u16> {
        let shown = self.screen.term.mode().contains(TermMode::SHOW_CURSOR) && self.scrolled() == 0;
        u16::try_from(self.screen.term.grid().cursor.point.line.0).ok().filter(|_| shown)
    }

    /// The cursor's look as the program asked for it: the number of DECSCUSR, 0 for the terminal's own.
    #[must_use]
    pub fn cursor_style(&self) -> u8 {
        let CursorStyle { shape, blinking } = self.screen.term.cursor_style();
        let steady = match shape {
            CursorShape::Block => 2,
            CursorShape::Underline => 4,
            CursorShape::Beam => 6,
            CursorShape::HollowBlock | CursorShape::Hidden => return 0,
        };
        steady - u8::from(blinking)
    }

    /// How many lines above the end is shown; 0 at the end.
    #[must_use]
    pub(crate) fn scrolled(&self) -> usize {
        self.screen.term.grid().display_offset()
    }

    /// The first column that an area of `width` shows: where the person moved it, or such that the cursor shows. It
    /// moves by halves, so that a line which is being written does not slide.
    #[must_use]
    pub(crate) fn first_column(&self, width: u16) -> u16 {
        let most = self.size().columns.saturating_sub(width);
        let shown = self.screen.term.mode().contains(TermMode::SHOW_CURSOR);
        let cursor = u16::try_from(self.screen.cursor().column.0).unwrap_or(0);
        let follow = || match cursor.checked_sub(width).filter(|_| shown) {
            Some(beyond) => (beyond / half(width)).saturating_add(1).saturating_mul(half(width)),
            None => 0,
        };
        self.left.unwrap_or_else(follow).min(most)
    }

    /// Moves what an area of `width` shows by half of that, to the right or to the left; it stays there.
    pub fn pan(&mut self, right: bool, width: u16) {
        let (first, most) = (self.first_column(width), self.size().columns.saturating_sub(width));
        let moved = if right { first.saturating_add(half(width)) } else { first.saturating_sub(half(width)) };
        self.left = (most > 0).then_some(moved.min(most));
    }

    /// What the program asked of the keyboard and the mouse.
    #[must_use]
    pub fn modes(&self) -> Modes {
        let mode = *self.screen.term.mode();
        Modes {
            application_cursor: mode.contains(TermMode::APP_CURSOR),
            bracketed_paste: mode.contains(TermMode::BRACKETED_PASTE),
            focus_events: mode.contains(TermMode::FOCUS_IN_OUT),
            alternate_screen: mode.contains(TermMode::ALT_SCREEN),
            alternate_scroll: mode.contains(TermMode::ALTERNATE_SCROLL),
            new_line: mode.contains(TermMode::LINE_FEED_NEW_LINE),
            encoding: self.screen.encoding,
            mouse: self.screen.mouse,
        }
    }

    /// What the terminal answers to the program (where the cursor is, what it can do), since the last call.
    /// For a tape it goes nowhere.
    pub fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.listener.heard().replies)
    }

    /// The title the program gave its window, without control characters.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.listener.heard().title.clone()
    }

    /// Whether the bell has rung since the last call.
    pub fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.listener.heard().bell)
    }

    /// Whether the program has sent a picture since the last call, which does not show.
    pub fn take_picture(&mut self) -> bool {
        std::mem::take(&mut self.listener.heard().picture)
    }

    /// Draws the screen into `area`, cut where it is larger (but not the cursor's row, nor its column unless the
    /// person moved away from it) and on the background where it is smaller.
    /// Gives the cursor's place, when the program shows one.
    pub fn paint(&self, area: Rect, buffer: &mut Buffer) -> Option<Position> {
        let area = area.intersection(buffer.area);
        let (colors, cursor) = (self.screen.term.colors(), self.screen.cursor());
        let (cut, rows) = self.rows(area);
        for (y, cells) in rows {
            self.paint_row(cells, colors, Rect { y, height: 1, ..area }, buffer);
        }
        if !self.screen.term.mode().contains(TermMode::SHOW_CURSOR) || self.scrolled() != 0 {
            return None;
        }
        let column = u16::try_from(cursor.column.0).ok()?.checked_sub(self.first_column(area.width))?;
        let row = u16::try_from(cursor.line.0).unwrap_or(0).checked_sub(cut)?;
        (column < area.width && row < area.height).then(|| Position::new(area.x + column, area.y + row))
    }

    /// The rows of `area` with the cells that they show, and how many rows of the screen are above them. A row without cells is
    /// below the screen.
    fn rows(&self, area: Rect) -> (u16, impl Iterator<Item = (u16, &[TermCell])>) {
        let (grid, size) = (self.screen.term.grid(), self.size());
        // A screen that is higher than its area, a tape's mostly, is shown around its cursor.
        let cursor_row = u16::try_from(self.screen.cursor().line.0).unwrap_or(0);
        let cut = (cursor_row + 1).saturating_sub(area.height);
        let scrolled = i32::try_from(grid.display_offset()).unwrap_or(i32::MAX);
        let offset = scrolled.saturating_sub(i32::from(cut));
        let left = self.first_column(area.width);
        let row = move |row: u16| {
            let line = (row < size.rows - cut).then(|| &grid[Line(i32::from(row) - offset)]);
            line.map(|line| &line[Column(usize::from(left))..Column(usize::from(size.columns))])
                .unwrap_or_default()
        };
        (cut, (area.top()..area.bottom()).zip((0..area.height).map(row)))
    }

    fn paint_row(&self, cells: &[TermCell], colors: &Colors, area: Rect, buffer: &mut Buffer) {
        let mut cells = cells.iter().take(usize::from(area.width)).peekable();
        let mut wide_before = false;
        for x in area.left()..area.right() {
            let target = &mut buffer[(x, area.y)];
            target.reset();
            let Some(cell) = cells.next() else {
                target.set_fg(self.palette.foreground.into()).set_bg(self.palette.background.into());
                continue;
            };
            let second = |cell: &TermCell| cell.flags.contains(Flags::WIDE_CHAR_SPACER);
            // ratatui leaves the cell after a wide character untouched, and expects it to be blank.
            if std::mem::take(&mut wide_before) && second(cell) {
                continue;
            }
            self.paint_style(cell, colors, target);
            if cell.flags.contains(Flags::HIDDEN) {
                continue;
            }
            if !cell.flags.contains(Flags::WIDE_CHAR) {
                set_symbol(cell, 1, target);
            } else if cells.peek().is_some_and(|next| second(next)) {
                // One whose other half is cut off or written over is no character any more.
                wide_before = set_symbol(cell, 2, target);
            }
        }
    }

    fn paint_style(&self, cell: &TermCell, colors: &Colors, target: &mut Cell) {
        let mut fg = self.color(cell.fg, colors);
        let mut bg = self.color(cell.bg, colors);
        if cell.flags.contains(Flags::INVERSE) {
            std::mem::swap(&mut fg, &mut bg);
        }
        target.set_fg(fg).set_bg(bg);
        target.modifier = modifier(cell.flags);
        if let Some(color) = cell.underline_color() {
            target.underline_color = self.color(color, colors);
        }
    }

    fn color(&self, color: ansi::Color, overrides: &Colors) -> Color {
        let index = match color {
            ansi::Color::Spec(ansi::Rgb { r, g, b }) => return Color::Rgb(r, g, b),
            ansi::Color::Indexed(index) => usize::from(index),
            ansi::Color::Named(name) => plain(name) as usize,
        };
        if let Some(ansi::Rgb { r, g, b }) = overrides[index] {
            return Color::Rgb(r, g, b);
        }
        match u8::try_from(index) {
            Ok(index) => self.palette.indexed(index),
            Err(_) if index == NamedColor::Background as usize => self.palette.background.into(),
            Err(_) => self.palette.foreground.into(),
        }
    }

    /// The characters on the screen, row by row, without blanks at the end of a row.
    #[must_use]
    pub fn text(&self) -> String {
        let Size { columns, rows } = self.size();
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
        self.paint(buffer.area, &mut buffer);
        let frame = greenroom_frame::Frame { cells: buffer, ..greenroom_frame::Frame::new(0, 0) };
        frame.text()
    }
}

impl std::fmt::Debug for TermView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Size { columns, rows } = self.size();
        write!(f, "TermView({columns}x{rows})")
    }
}

/// Half of a width, to move by.
const fn half(width: u16) -> u16 {
    if width < 2 { 1 } else { width / 2 }
}

/// A terminal has no dim colours of its own here: dimness is an attribute.
const fn plain(name: NamedColor) -> NamedColor {
    match name {
        NamedColor::DimBlack => NamedColor::Black,
        NamedColor::DimRed => NamedColor::Red,
        NamedColor::DimGreen => NamedColor::Green,
        NamedColor::DimYellow => NamedColor::Yellow,
        NamedColor::DimBlue => NamedColor::Blue,
        NamedColor::DimMagenta => NamedColor::Magenta,
        NamedColor::DimCyan => NamedColor::Cyan,
        NamedColor::DimWhite => NamedColor::White,
        NamedColor::DimForeground | NamedColor::BrightForeground => NamedColor::Foreground,
        other => other,
    }
}

fn modifier(flags: Flags) -> Modifier {
    let mut modifier = Modifier::empty();
    modifier.set(Modifier::BOLD, flags.contains(Flags::BOLD));
    modifier.set(Modifier::DIM, flags.contains(Flags::DIM));
    modifier.set(Modifier::ITALIC, flags.contains(Flags::ITALIC));
    modifier.set(Modifier::SLOW_BLINK, flags.contains(BLINK));
    modifier.set(Modifier::CROSSED_OUT, flags.contains(Flags::STRIKEOUT));
    modifier.union(underline(flags).map_or(Modifier::empty(), Underline::modifier))
}

fn underline(flags: Flags) -> Option<Underline> {
    let lines = [
        (Flags::DOUBLE_UNDERLINE, Underline::Double),
        (Flags::UNDERCURL, Underline::Curly),
        (Flags::DOTTED_UNDERLINE, Underline::Dotted),
        (Flags::DASHED_UNDERLINE, Underline::Dashed),
        (Flags::UNDERLINE, Underline::Single),
    ];
    lines.into_iter().find_map(|(flag, line)| flags.contains(flag).then_some(line))
}

/// Puts the cell's characters into `target` in such a way that the real terminal moves by exactly `width`.
///
/// Where the combined characters have another width than the screen gave them (an emoji presentation), the
/// first is drawn alone. False when the character is none to draw. Joiners and direction marks are left out: they would reach over the cell's edge.
fn set_symbol(cell: &TermCell, width: usize, target: &mut Cell) -> bool {
    if cell.c.is_control() || cell.c.width() != Some(width) {
        return false;
    }
    let marks = cell.zerowidth().unwrap_or_default();
    if marks.is_empty() {
        target.set_char(cell.c);
        return true;
    }
    let mut symbol = String::from(cell.c);
    symbol.extend(marks.iter().filter(|c| is_mark(**c)).take(MAX_MARKS));
    if symbol.width() == width {
        target.set_symbol(&symbol);
    } else {
        target.set_char(cell.c);
    }
    true
}

fn is_mark(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How long a synchronized update may take. It is told no time, and so counts how often it began instead.
#[derive(Default)]
struct HeldUpdate {
    until: Option<Duration>,
    begun: u64,
}

impl Timeout for HeldUpdate {
    fn set_timeout(&mut self, duration: Duration) {
        self.until = Some(duration);
        self.begun += 1;
    }

    fn clear_timeout(&mut self) {
        self.until = None;
    }

    fn pending_timeout(&self) -> bool {
        self.until.is_some()
    }
}

/// A size the emulator can live with.
fn cells(size: Size) -> Cells {
    Cells {
        columns: size.columns.clamp(2, MAX_SIZE.columns).into(),
        rows: size.rows.clamp(1, MAX_SIZE.rows).into(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::queries::MAX_REPLIES;
    use super::*;

    const SIZE: Size = Size { columns: 10, rows: 3 };

    fn output(at: u64, bytes: impl Into<Vec<u8>>) -> Event {
        Event { at: Elapsed::from_millis(at), what: What::Output(Bytes::from(bytes.into())) }
    }

    fn screen(text: &str) -> TermView {
        let mut view = TermView::new(SIZE, 100, Palette::default());
        view.fold(&output(0, text));
        view
    }

    fn painted(view: &TermView) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 4));
        view.paint(buffer.area, &mut buffer);
        buffer
    }

    #[test]
    fn cells_hold_no_control_characters_and_wide_ones_take_two() {
        let view = screen("a\tb\r\n漢x\r\n❤\u{fe0f}e\u{301}|\u{7}\u{8}");
        assert_eq!(view.text(), "a       b\n漢x\n❤e\u{301}|\n");
        let buffer = painted(&view);
        assert_eq!(buffer[(0, 1)].symbol(), "漢");
        assert_eq!(buffer[(1, 1)], Cell::EMPTY);
        assert!(buffer.content.iter().all(|cell| !cell.symbol().contains(char::is_control)));
    }

    #[test]
    fn a_wide_character_is_not_cut_in_half() {
        let view = screen("12345678漢");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 9, 1));
        view.paint(buffer.area, &mut buffer);
        assert_eq!(buffer[(8, 0)].symbol(), " ");
    }

    #[test]
    fn half_a_wide_character_is_none() {
        assert_eq!(screen("漢字\x1b[1;2H\x1b[X").text().lines().next(), Some("  字"));
        assert_eq!(screen("漢字\x1b[1;2H\x1b[P").text().lines().next(), Some(" 字"));
        assert_eq!(screen("漢\x1b[2b|").text().lines().next(), Some("漢漢漢|"));
    }

    #[test]
    fn what_tmux_gets_wrong_is_as_in_xterm() {
        assert_eq!(screen("0123456789\x08X").text().lines().next(), Some("01234567X9"));
        assert_eq!(screen("\x1b[Ia").text().lines().next(), Some("        a"));
    }

    #[test]
    fn a_small_area_shows_the_row_of_the_cursor() {
        let view = screen("one\r\ntwo\r\nthree");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
        assert_eq!(view.paint(buffer.area, &mut buffer), Some(Position::new(5, 1)));
        assert_eq!(buffer[(0, 0)].symbol(), "t");
        assert_eq!(buffer[(1, 0)].symbol(), "w");
    }

    #[test]
    fn a_narrow_area_follows_the_cursor_by_halves_or_stays_where_it_was_put() {
        let shown = |view: &TermView| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
            let cursor = view.paint(buffer.area, &mut buffer);
            let text: String = buffer.content.iter().map(Cell::symbol).collect();
            (text, cursor.map(|at| at.x))
        };
        assert_eq!(shown(&screen("012")), ("012 ".to_owned(), Some(3)));
        assert_eq!(shown(&screen("0123")), ("23  ".to_owned(), Some(2)));
        assert_eq!(shown(&screen("0123456")), ("456 ".to_owned(), Some(3)));
        assert_eq!(shown(&screen("0123456789")), ("6789".to_owned(), Some(3)));
        assert_eq!(shown(&screen("0123456789\r")), ("0123".to_owned(), Some(0)));
        assert_eq!(shown(&screen("0123456\x1b[?25l")).0, "0123", "a cursor that is hidden is not followed");
        let mut view = screen("0123456789\r");
        view.pan(true, 4);
        assert_eq!(shown(&view), ("2345".to_owned(), None));
        for _ in 0..9 {
            view.pan(true, 4);
        }
        assert_eq!(shown(&view).0, "6789");
        view.fold(&Event { at: Elapsed::ZERO, what: What::Phase(Phase::Starting) });
        view.fold(&output(0, "abcdefghij\r"));
        assert_eq!(shown(&view).0, "ghij", "also when it is wound back");
        view.pan(false, 4);
        assert_eq!(shown(&view).0, "efgh");
        assert_eq!(shown(&screen("0漢456789\r\x1b[5C")).0, " 456", "no half of a character at the edge");
    }

    #[test]
    fn colours_come_from_the_theme_or_stay_as_they_are() {
        let view = screen("\x1b[31mr\x1b[38;5;123mi\x1b[38;2;1;2;3mt\x1b[0;7mv");
        let buffer = painted(&view);
        let palette = Palette::default();
        assert_eq!(buffer[(0, 0)].fg, palette.named[1].into());
        assert_eq!(buffer[(1, 0)].fg, Color::Indexed(123));
        assert_eq!(buffer[(2, 0)].fg, Color::Rgb(1, 2, 3));
        assert_eq!(buffer[(3, 0)].fg, palette.background.into());
        assert_eq!(buffer[(3, 0)].bg, palette.foreground.into());
        assert_eq!(buffer[(11, 3)].bg, palette.background.into(), "around the screen");
    }

    #[test]
    fn an_update_appears_when_it_ends_or_takes_too_long() {
        let mut view = screen("\x1b[?2026hslow");
        assert_eq!(view.text().trim(), "");
        assert_eq!(view.next_at(), Some(Elapsed::from_millis(150)));
        view.settle(Elapsed::from_millis(149));
        assert_eq!(view.text().trim(), "");
        view.settle(Elapsed::from_millis(150));
        assert_eq!(view.text().trim(), "slow");
        view.fold(&output(200, "\x1b[?2026h\rquick"));
        view.fold(&output(210, "\x1b[?2026l"));
        assert_eq!((view.text().trim(), view.next_at()), ("quick", None));
    }

    #[test]
    fn questions_are_answered_and_titles_kept() {
        let mut view = screen("ab\x1b[6n\x1b]2;hi\x1b[\x07\x1b]11;?\x07");
        let replies = String::from_utf8(view.take_replies()).unwrap();
        assert_eq!(replies, "\x1b[1;3R\x1b]11;rgb:0000/0000/0000\x07");
        assert!(view.take_replies().is_empty());
        let mut view = screen("\x1b]2;hi\x07");
        assert_eq!(view.title().as_deref(), Some("hi"));
        for _ in 0..10_000 {
            view.fold(&output(0, "\x1b[6n"));
        }
        assert!(view.take_replies().len() <= MAX_REPLIES);
    }

    #[test]
    fn a_run_begins_with_a_blank_screen_of_its_first_size() {
        let mut view = screen("text\x1b[?1049h\x1b[?2026hx");
        view.resize(Size { columns: 20, rows: 9 });
        view.fold(&Event { at: Elapsed::ZERO, what: What::Phase(Phase::Starting) });
        assert_eq!((view.text().trim(), view.size(), view.next_at()), ("", SIZE, None));
        assert!(!view.modes().alternate_screen);
    }

    #[test]
    fn the_scroll_back_is_bounded_and_hides_the_cursor() {
        let mut view = screen("");
        for n in 0..1000 {
            view.fold(&output(n, format!("{n}\r\n")));
        }
        view.scroll(100_000);
        assert_eq!(view.scrolled(), 100);
        assert_eq!(view.text(), "898\n899\n900\n");
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 3));
        assert_eq!(view.paint(buffer.area, &mut buffer), None);
        view.scroll_to_end();
        assert_eq!(view.paint(buffer.area, &mut buffer), Some(Position::new(0, 2)));
    }

    #[test]
    fn any_size_is_survived() {
        for (columns, rows) in [(0, 0), (1, 1), (u16::MAX, u16::MAX), (2, 1), (80, 24)] {
            let mut view = screen("漢字 text that wraps");
            view.resize(Size { columns, rows });
            view.fold(&output(1, "漢字\x1b[999;999Hx"));
            assert!(view.size().columns >= 2 && view.size().columns <= MAX_SIZE.columns);
            painted(&view);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn no_output_reaches_the_frame_as_control(
            parts in proptest::collection::vec(prop_oneof![
                any::<Vec<u8>>(),
                "\\x1b\\[[0-9;?]{0,12}[@-~]".prop_map(String::into_bytes),
                "\\x1b[\\]P_^X][ -~]{0,20}(\x07|\\x1b\\\\)".prop_map(String::into_bytes),
                "\\PC{0,20}".prop_map(String::into_bytes),
            ], 0..40),
            columns in 0_u16..40,
        ) {
            let mut view = screen("");
            for (n, part) in parts.into_iter().enumerate() {
                if n == 20 { view.resize(Size { columns, rows: 5 }); }
                view.fold(&output(n as u64, part));
            }
            for cell in painted(&view).content {
                prop_assert!(!cell.symbol().contains(char::is_control));
                prop_assert!(cell.symbol().width() <= 2);
            }
        }
    }
}
