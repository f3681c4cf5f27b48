//! The emulator, with what it gets wrong put right. `tests/screen.rs` holds it against tmux.

use alacritty_terminal::event::EventListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{Term, TermMode};
use alacritty_terminal::vte::ansi::cursor_icon::CursorIcon;
use alacritty_terminal::vte::ansi::{
    Attr, CharsetIndex, ClearMode, CursorShape, CursorStyle, Handler, Hyperlink, KeyboardModes,
    KeyboardModesApplyBehavior, LineClearMode, Mode, ModifyOtherKeys, NamedPrivateMode, PrivateMode, Rgb,
    ScpCharPath, ScpUpdateMode, StandardCharset, TabulationClearMode,
};

/// A screen that the parser writes to.
pub(super) struct Screen<L> {
    pub(super) term: Term<L>,
    /// The first line of the scroll region, and the last.
    margins: (i32, i32),
    /// Whether origin mode was on when the cursor was saved: on the main screen, on the alternate one.
    saved_origin: [bool; 2],
}

impl<L: EventListener> Screen<L> {
    pub(super) fn new(term: Term<L>) -> Self {
        let margins = (0, last_line(&term));
        Self { term, margins, saved_origin: [false; 2] }
    }

    pub(super) fn resize(&mut self, size: impl Dimensions) {
        self.term.resize(size);
        self.no_margins();
    }

    fn no_margins(&mut self) {
        self.margins = (0, last_line(&self.term));
    }

    /// Puts the cursor into a line of the screen, whatever the mode.
    fn put_on_line(&mut self, line: i32) {
        let cursor = &mut self.term.grid_mut().cursor;
        cursor.point.line = Line(line);
        cursor.input_needs_wrap = false;
    }

    /// The cursor stops at a margin that it does not stand beyond.
    fn line_above(&self, lines: usize) -> i32 {
        let line = self.term.grid().cursor.point.line.0;
        let stop = if line >= self.margins.0 { self.margins.0 } else { 0 };
        line.saturating_sub(i32::try_from(lines).unwrap_or(i32::MAX)).max(stop)
    }

    fn line_below(&self, lines: usize) -> i32 {
        let line = self.term.grid().cursor.point.line.0;
        let stop = if line <= self.margins.1 { self.margins.1 } else { last_line(&self.term) };
        line.saturating_add(i32::try_from(lines).unwrap_or(i32::MAX)).min(stop)
    }

    fn origin_slot(&mut self) -> &mut bool {
        let [main, alternate] = &mut self.saved_origin;
        if self.term.mode().contains(TermMode::ALT_SCREEN) { alternate } else { main }
    }

    /// Switching between 80 and 132 columns clears the margins, without being told to.
    fn watch_mode(&mut self, mode: PrivateMode) {
        if mode == PrivateMode::Named(NamedPrivateMode::ColumnMode) {
            self.no_margins();
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

impl<L: EventListener> Handler for Screen<L> {
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

    /// Origin mode is saved with the cursor.
    fn save_cursor_position(&mut self) {
        *self.origin_slot() = self.term.mode().contains(TermMode::ORIGIN);
        self.term.save_cursor_position();
    }

    fn restore_cursor_position(&mut self) {
        let origin = PrivateMode::Named(NamedPrivateMode::Origin);
        if *self.origin_slot() {
            self.term.set_private_mode(origin);
        } else {
            self.term.unset_private_mode(origin);
        }
        self.term.restore_cursor_position();
    }

    /// Clears the first line as well when the cursor is in the second.
    fn clear_screen(&mut self, mode: ClearMode) {
        if matches!(mode, ClearMode::Above) && self.term.grid().cursor.point.line == Line(1) {
            self.term.grid_mut().reset_region(..Line(1));
        }
        self.term.clear_screen(mode);
    }

    fn move_backward_tabs(&mut self, count: u16) {
        self.term.grid_mut().cursor.input_needs_wrap = false;
        self.term.move_backward_tabs(count);
    }

    fn set_private_mode(&mut self, mode: PrivateMode) {
        self.term.set_private_mode(mode);
        self.watch_mode(mode);
    }

    fn unset_private_mode(&mut self, mode: PrivateMode) {
        self.term.unset_private_mode(mode);
        self.watch_mode(mode);
    }

    fn reset_state(&mut self) {
        self.term.reset_state();
        self.no_margins();
        self.saved_origin = [false; 2];
    }

    hand_on! {
        set_title(title: Option<String>);
        set_cursor_style(style: Option<CursorStyle>);
        set_cursor_shape(shape: CursorShape);
        input(c: char);
        goto(line: i32, column: usize);
        goto_line(line: i32);
        insert_blank(count: usize);
        identify_terminal(intermediate: Option<char>);
        device_status(what: usize);
        move_forward(columns: usize);
        move_backward(columns: usize);
        put_tab(count: u16);
        backspace();
        carriage_return();
        linefeed();
        bell();
        substitute();
        newline();
        set_horizontal_tabstop();
        scroll_up(lines: usize);
        scroll_down(lines: usize);
        insert_blank_lines(lines: usize);
        delete_lines(lines: usize);
        erase_chars(count: usize);
        delete_chars(count: usize);
        move_forward_tabs(count: u16);
        clear_line(mode: LineClearMode);
        clear_tabs(mode: TabulationClearMode);
        set_tabs(interval: u16);
        reverse_index();
        terminal_attribute(attribute: Attr);
        set_mode(mode: Mode);
        unset_mode(mode: Mode);
        report_mode(mode: Mode);
        report_private_mode(mode: PrivateMode);
        set_keypad_application_mode();
        unset_keypad_application_mode();
        set_active_charset(index: CharsetIndex);
        configure_charset(index: CharsetIndex, charset: StandardCharset);
        set_color(index: usize, color: Rgb);
        dynamic_color_sequence(prefix: String, index: usize, terminator: &str);
        reset_color(index: usize);
        clipboard_store(clipboard: u8, data: &[u8]);
        clipboard_load(clipboard: u8, terminator: &str);
        decaln();
        push_title();
        pop_title();
        text_area_size_pixels();
        text_area_size_chars();
        set_hyperlink(link: Option<Hyperlink>);
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
