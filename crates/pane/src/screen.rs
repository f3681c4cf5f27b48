//! The emulator, `alacritty_terminal` 0.26 with its parser `vte` 0.15, with what it gets wrong put right.
//!
//! `tests/it/screen.rs` holds it against tmux, and `tests/it/xterm.rs` against the answers of xterm 379, which is right where
//! the two differ. What the parser passes over comes as [`codes`]. Each method below that does more than hand on is a
//! deviation: origin mode and the cursor's stops (DECOM, CUU, CUD, CPR), DECSTR, DECALN, DECCOLM, LNM, IL and DL, REP,
//! ED 1, the alternate screens 47, 1047 and 1048, the character set in DECSC, SGR 5, 6 and 21, links (in [`links`]), mouse modes 9, 1015 and
//! 1016, the colours that are asked for; in [`wide`], characters of two cells that lose one; in [`resize`], lines that
//! narrowing pushes out.

mod answers;
mod links;
mod resize;
mod wide;

use links::Links;
pub(super) use resize::Cells;

use alacritty_terminal::grid::{Cursor, Dimensions, Grid};
use alacritty_terminal::index::{Column, Line, Point};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::term::{Term, TermMode};
use alacritty_terminal::vte::ansi::cursor_icon::CursorIcon;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, CursorShape, CursorStyle, Handler, Hyperlink, KeyboardModes,
    KeyboardModesApplyBehavior, LineClearMode, Mode, ModifyOtherKeys, NamedColor, NamedMode,
    NamedPrivateMode, PrivateMode, Rgb, ScpCharPath, ScpUpdateMode, StandardCharset, TabulationClearMode,
};
use unicode_width::UnicodeWidthChar;

use super::codes;
use super::keys::{Encoding, Mouse};
use super::queries::Listener;

/// Blinking text, in the bit that the emulator leaves free: it knows no such attribute.
pub(super) const BLINK: Flags = Flags::from_bits_retain(1 << 15);

/// A screen that the parser writes to.
pub(super) struct Screen {
    pub(super) term: Term<Listener>,
    listener: Listener,
    /// The first line of the scroll region, and the last.
    margins: (i32, i32),
    /// What is saved with the cursor: on the main screen, on the alternate one.
    saved: [Saved; 2],
    /// The character set that is shifted in.
    shift: CharsetIndex,
    /// The last character that took room, for REP.
    last: Option<char>,
    pub(super) mouse: Mouse,
    pub(super) encoding: Encoding,
    /// The alternate screen was entered by a mode that leaves the main screen's saved cursor alone: this one.
    main_saved: Option<Cursor<Cell>>,
    /// Where text leads.
    pub(super) links: Links,
    /// What mode 47 left on the alternate screen: it is there again when it comes back.
    left: Option<Grid<Cell>>,
}

/// What is saved with the cursor besides what the emulator saves.
#[derive(Clone, Copy, Default)]
struct Saved {
    origin: bool,
    shift: CharsetIndex,
}

impl Screen {
    pub(super) fn new(term: Term<Listener>, listener: Listener) -> Self {
        let margins = (0, last_line(&term));
        Self {
            term,
            listener,
            margins,
            saved: [Saved::default(); 2],
            shift: CharsetIndex::G0,
            last: None,
            mouse: Mouse::None,
            encoding: Encoding::Bytes,
            main_saved: None,
            links: Links::default(),
            left: None,
        }
    }

    /// Where the cursor is drawn; on the first half of a wide character.
    pub(super) fn cursor(&self) -> Point {
        let mut point = self.term.grid().cursor.point;
        if point.column.0 > 0 && self.term.grid()[point].flags.contains(Flags::WIDE_CHAR_SPACER) {
            point.column -= 1;
        }
        point
    }

    fn no_margins(&mut self) {
        self.margins = (0, last_line(&self.term));
    }

    /// Margins at the edges again; the cursor stays.
    fn reset_margins(&mut self) {
        let point = self.term.grid().cursor.point;
        self.term.set_scrolling_region(1, None);
        self.term.grid_mut().cursor.point = point;
        self.no_margins();
    }

    /// Puts the cursor into a line of the screen, whatever the mode.
    fn put_on_line(&mut self, line: i32) {
        let cursor = &mut self.term.grid_mut().cursor;
        cursor.point.line = Line(line);
        cursor.input_needs_wrap = false;
    }

    /// The cursor is on the last column again, and not behind it.
    fn wrap_no_more(&mut self) {
        self.term.grid_mut().cursor.input_needs_wrap = false;
    }

    /// The cursor stops at a margin that it does not stand beyond.
    fn line_above(&self, lines: usize) -> i32 {
        let line = self.cursor_line().0;
        let stop = if line >= self.margins.0 { self.margins.0 } else { 0 };
        line.saturating_sub(i32::try_from(lines).unwrap_or(i32::MAX)).max(stop)
    }

    fn line_below(&self, lines: usize) -> i32 {
        let line = self.cursor_line().0;
        let stop = if line <= self.margins.1 { self.margins.1 } else { last_line(&self.term) };
        line.saturating_add(i32::try_from(lines).unwrap_or(i32::MAX)).min(stop)
    }

    fn cursor_line(&self) -> Line {
        self.term.grid().cursor.point.line
    }

    fn is_within_margins(&self) -> bool {
        (self.margins.0..=self.margins.1).contains(&self.cursor_line().0)
    }

    fn has(&self, mode: TermMode) -> bool {
        self.term.mode().contains(mode)
    }

    fn saved(&mut self) -> &mut Saved {
        let [main, alternate] = &mut self.saved;
        if self.term.mode().contains(TermMode::ALT_SCREEN) { alternate } else { main }
    }

    /// DECSTR: what a program may have left behind. The cursor and the text stay.
    fn soft_reset(&mut self) {
        for mode in [NamedPrivateMode::Origin, NamedPrivateMode::CursorKeys] {
            let point = self.term.grid().cursor.point;
            self.term.unset_private_mode(mode.into());
            self.term.grid_mut().cursor.point = point;
        }
        for mode in [NamedPrivateMode::ShowCursor, NamedPrivateMode::LineWrap] {
            self.term.set_private_mode(mode.into());
        }
        self.term.unset_mode(NamedMode::Insert.into());
        self.term.unset_keypad_application_mode();
        self.reset_margins();
        self.term.terminal_attribute(Attr::Reset);
        for index in [CharsetIndex::G0, CharsetIndex::G1, CharsetIndex::G2, CharsetIndex::G3] {
            self.term.configure_charset(index, StandardCharset::Ascii);
        }
        self.set_active_charset(CharsetIndex::G0);
        *self.saved() = Saved::default();
        self.term.grid_mut().saved_cursor = Cursor::default();
    }

    /// To the alternate screen, which modes 47 and 1047 share the cursor with.
    fn enter_alternate(&mut self) {
        if self.has(TermMode::ALT_SCREEN) {
            return;
        }
        self.main_saved = Some(self.term.grid().saved_cursor.clone());
        self.term.swap_alt();
        if let Some(left) = self.left.take() {
            let cursor = self.term.grid().cursor.clone();
            *self.term.grid_mut() = left;
            self.term.grid_mut().cursor = cursor;
        }
        self.mend_all();
    }

    /// Back from it; `keep` what it shows for the next time.
    fn leave_alternate(&mut self, keep: bool) {
        if !self.has(TermMode::ALT_SCREEN) {
            return;
        }
        self.left = keep.then(|| self.term.grid().clone());
        let cursor = self.term.grid().cursor.clone();
        self.term.swap_alt();
        self.term.grid_mut().cursor = cursor;
        if let Some(saved) = self.main_saved.take() {
            self.term.grid_mut().saved_cursor = saved;
        }
        self.bound_saved();
        self.mend_all();
    }

    /// A cursor that was saved on a larger screen is put onto this one.
    fn bound_saved(&mut self) {
        let (line, column) = (Line(last_line(&self.term)), self.term.last_column());
        let point = &mut self.term.grid_mut().saved_cursor.point;
        (point.line, point.column) = (point.line.clamp(Line(0), line), point.column.min(column));
    }

    /// Modes that the emulator does not know, or not so; true when that is all.
    fn switch(&mut self, mode: PrivateMode, on: bool) -> bool {
        let mouse = |mouse| if on { mouse } else { Mouse::None };
        match mode.raw() {
            9 => self.mouse = mouse(Mouse::Press),
            1000 => self.mouse = mouse(Mouse::Click),
            1002 => self.mouse = mouse(Mouse::Drag),
            1003 => self.mouse = mouse(Mouse::Motion),
            number @ (1005 | 1006 | 1015 | 1016) => {
                let encoding = Encoding::numbered(number);
                if on {
                    self.encoding = encoding;
                } else if self.encoding == encoding {
                    self.encoding = Encoding::Bytes;
                }
            }
            47 | 1047 if on => self.enter_alternate(),
            47 => self.leave_alternate(true),
            1047 => self.leave_alternate(false),
            1048 if on => self.save_cursor_position(),
            1048 => self.restore_cursor_position(),
            1049 if on && !self.has(TermMode::ALT_SCREEN) => {
                self.save_cursor_position();
                self.left = None;
                self.term.swap_alt();
                self.mend_all();
            }
            1049 if !on && self.has(TermMode::ALT_SCREEN) => {
                self.main_saved = None;
                self.term.swap_alt();
                self.restore_cursor_position();
                self.mend_all();
            }
            // 80 or 132 columns: xterm's windows do not change for it, and neither does a pane. To a screen that
            // shows already nothing is to be done.
            3 | 1049 => {}
            6 if !on => {
                self.term.unset_private_mode(mode);
                self.goto(0, 0);
            }
            _ => return false,
        }
        true
    }

    /// What the sieve says in place of a sequence that the parser passes over.
    fn obey(&mut self, code: u16) {
        match code {
            codes::SOFT_RESET => self.soft_reset(),
            codes::INDEX => {
                self.wrap_no_more();
                self.term.linefeed();
            }
            codes::PICTURE => self.listener.heard().picture = true,
            codes::REPEAT.. => {
                for _ in codes::REPEAT..code.min(codes::REPEAT + codes::MAX_REPEAT) {
                    if let Some(c) = self.last {
                        self.input(c);
                    }
                }
            }
            question => self.answer(question),
        }
    }
}

fn last_line<L>(term: &Term<L>) -> i32 {
    i32::try_from(term.screen_lines()).unwrap_or(i32::MAX) - 1
}

/// Handed on as it is.
macro_rules! hand_on {
    ($($name:ident($($arg:ident: $type:ty),*);)*) => {
        $(#[inline]
        fn $name(&mut self, $($arg: $type),*) {
            self.term.$name($($arg),*);
        })*
    };
}

impl Handler for Screen {
    fn move_up(&mut self, lines: usize) {
        self.put_on_line(self.line_above(lines));
    }

    fn move_down(&mut self, lines: usize) {
        self.put_on_line(self.line_below(lines));
    }

    fn move_up_and_cr(&mut self, lines: usize) {
        self.put_on_line(self.line_above(lines));
        self.goto_col(0);
    }

    fn move_down_and_cr(&mut self, lines: usize) {
        self.put_on_line(self.line_below(lines));
        self.goto_col(0);
    }

    /// A column alone: in origin mode the line is not counted from the margin again.
    fn goto_col(&mut self, column: usize) {
        let last = self.term.last_column();
        let cursor = &mut self.term.grid_mut().cursor;
        cursor.point.column = Column(column).min(last);
        cursor.input_needs_wrap = false;
    }

    fn set_scrolling_region(&mut self, top: usize, bottom: Option<usize>) {
        let lines = self.term.screen_lines();
        let last = bottom.unwrap_or(lines).min(lines);
        if top == 0 || top >= last {
            // No region of two lines or more; the cursor stays, too.
            return;
        }
        let line = |number: usize| i32::try_from(number - 1).unwrap_or(i32::MAX);
        self.margins = (line(top), line(last));
        self.term.set_scrolling_region(top, bottom);
    }

    /// Origin mode is saved with the cursor, and the character set.
    fn save_cursor_position(&mut self) {
        *self.saved() = Saved { origin: self.has(TermMode::ORIGIN), shift: self.shift };
        self.term.save_cursor_position();
    }

    fn restore_cursor_position(&mut self) {
        let origin = PrivateMode::Named(NamedPrivateMode::Origin);
        let saved = *self.saved();
        self.set_active_charset(saved.shift);
        if saved.origin {
            self.term.set_private_mode(origin);
        } else {
            self.term.unset_private_mode(origin);
        }
        self.bound_saved();
        self.term.restore_cursor_position();
    }

    /// Clears the first line as well when the cursor is in the second.
    fn clear_screen(&mut self, mode: ClearMode) {
        if matches!(mode, ClearMode::Above) && self.term.grid().cursor.point.line == Line(1) {
            self.term.grid_mut().reset_region(..Line(1));
        }
        self.term.clear_screen(mode);
        self.mend(self.cursor_line());
    }

    fn move_backward_tabs(&mut self, count: u16) {
        self.wrap_no_more();
        self.term.move_backward_tabs(count);
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        match mode {
            PrivateMode::Unknown(code @ codes::FIRST..) => self.obey(code),
            _ if self.switch(mode, true) => {}
            _ => self.term.set_private_mode(mode),
        }
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        if !self.switch(mode, false) {
            self.term.unset_private_mode(mode);
        }
    }

    fn report_private_mode(&mut self, mode: PrivateMode) {
        let on = match mode.raw() {
            9 => self.mouse == Mouse::Press,
            1000 => self.mouse == Mouse::Click,
            1002 => self.mouse == Mouse::Drag,
            1003 => self.mouse == Mouse::Motion,
            number @ (1005 | 1006 | 1015 | 1016) => self.encoding == Encoding::numbered(number),
            47 | 1047 => self.has(TermMode::ALT_SCREEN),
            _ => return self.term.report_private_mode(mode),
        };
        self.listener.reply(&format!("\x1b[?{};{}$y", mode.raw(), if on { 1 } else { 2 }));
    }

    fn reset_state(&mut self) {
        self.term.reset_state();
        self.no_margins();
        self.saved = [Saved::default(); 2];
        (self.shift, self.last) = (CharsetIndex::G0, None);
        (self.mouse, self.encoding) = (Mouse::None, Encoding::Bytes);
        (self.main_saved, self.left) = (None, None);
        for index in 0..=NamedColor::Cursor as usize {
            self.term.reset_color(index);
        }
    }

    fn input(&mut self, c: char) {
        // Most need not be looked up.
        let width = if (' '..='~').contains(&c) { 1 } else { c.width().unwrap_or(0) };
        if width > 0 {
            self.last = Some(c);
        }
        let inserts = width > 0 && self.has(TermMode::INSERT);
        if inserts {
            self.make_room(width);
        }
        self.term.input(c);
        if inserts {
            self.mend(self.cursor_line());
        }
    }

    /// In new line mode, to the first column as well. IND and NEL come another way.
    fn linefeed(&mut self) {
        self.wrap_no_more();
        self.term.linefeed();
        if self.has(TermMode::LINE_FEED_NEW_LINE) {
            self.term.carriage_return();
        }
    }

    fn newline(&mut self) {
        self.wrap_no_more();
        self.term.newline();
    }

    fn reverse_index(&mut self) {
        self.wrap_no_more();
        self.term.reverse_index();
    }

    /// To the first column as well.
    fn insert_blank_lines(&mut self, lines: usize) {
        if self.is_within_margins() {
            self.term.insert_blank_lines(lines);
            self.goto_col(0);
        }
    }

    /// To the first column as well.
    fn delete_lines(&mut self, lines: usize) {
        if self.is_within_margins() {
            self.term.delete_lines(lines);
            self.goto_col(0);
        }
    }

    fn insert_blank(&mut self, count: usize) {
        self.term.insert_blank(count);
        self.mend(self.cursor_line());
    }

    fn erase_chars(&mut self, count: usize) {
        self.term.erase_chars(count);
        self.mend(self.cursor_line());
    }

    /// Nothing to the left of the cursor, however large the count.
    fn delete_chars(&mut self, count: usize) {
        let rest = self.term.columns().saturating_sub(self.term.grid().cursor.point.column.0);
        self.term.delete_chars(count.min(rest));
        self.mend(self.cursor_line());
    }

    fn clear_line(&mut self, mode: LineClearMode) {
        self.term.clear_line(mode);
        self.mend(self.cursor_line());
    }

    /// SGR 21 has come to mean a double underline everywhere; blinking is a bit of ours.
    fn terminal_attribute(&mut self, attribute: Attr) {
        let flags = &mut self.term.grid_mut().cursor.template.flags;
        match attribute {
            Attr::CancelBold => self.term.terminal_attribute(Attr::DoubleUnderline),
            Attr::BlinkSlow | Attr::BlinkFast => flags.insert(BLINK),
            Attr::CancelBlink => flags.remove(BLINK),
            other => self.term.terminal_attribute(other),
        }
    }

    /// Only what leads to the web or to a mail program, and not the address itself.
    fn set_hyperlink(&mut self, link: Option<Hyperlink>) {
        let kept = link.and_then(|link| self.links.keep(link));
        self.term.set_hyperlink(kept);
    }

    fn set_active_charset(&mut self, index: CharsetIndex) {
        self.shift = index;
        self.term.set_active_charset(index);
    }

    /// Homes the cursor, and moves the margins to the edges.
    fn decaln(&mut self) {
        self.reset_margins();
        self.term.decaln();
        self.put_on_line(0);
        self.goto_col(0);
    }

    fn identify_terminal(&mut self, intermediate: Option<char>) {
        match intermediate {
            Some('=') => self.listener.reply("\x1bP!|00000000\x1b\\"),
            other => self.term.identify_terminal(other),
        }
    }

    fn device_status(&mut self, what: usize) {
        match what {
            6 => self.report_cursor(""),
            other => self.term.device_status(other),
        }
    }

    fn text_area_size_pixels(&mut self) {
        self.report_pixels();
    }

    /// The colour that is in use: the emulator tells of the program's own, and never of them.
    fn dynamic_color_sequence(&mut self, prefix: String, index: usize, terminator: &str) {
        self.report_color(&prefix, index, terminator);
    }

    hand_on! {
        set_title(title: Option<String>);
        set_cursor_style(style: Option<CursorStyle>);
        set_cursor_shape(shape: CursorShape);
        goto(line: i32, column: usize);
        goto_line(line: i32);
        move_forward(columns: usize);
        move_backward(columns: usize);
        put_tab(count: u16);
        backspace();
        carriage_return();
        bell();
        substitute();
        set_horizontal_tabstop();
        scroll_up(lines: usize);
        scroll_down(lines: usize);
        move_forward_tabs(count: u16);
        clear_tabs(mode: TabulationClearMode);
        set_tabs(interval: u16);
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        report_mode(mode: Mode);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        set_color(index: usize, color: Rgb);
        reset_color(index: usize);
        clipboard_store(clipboard: u8, data: &[u8]);
        clipboard_load(clipboard: u8, terminator: &str);
        push_title();
        pop_title();
        text_area_size_chars();
        set_mouse_cursor_icon(icon: CursorIcon);
        report_keyboard_mode();
        push_keyboard_mode(mode: KeyboardModes);
        pop_keyboard_modes(count: u16);
        set_keyboard_mode(mode: KeyboardModes, behavior: KeyboardModesApplyBehavior);
        set_modify_other_keys(mode: ModifyOtherKeys);
        report_modify_other_keys();
        set_scp(path: ScpCharPath, update: ScpUpdateMode);
    }
}
