//! Sequences that the emulator's parser does not know (vte 0.15), as private modes that it hands on untouched.
//!
//! [`super::sieve`] writes `ESC [ ? CODE h` in place of the sequence, and [`super::screen`] obeys it. So they keep
//! their place among the output, also where the parser holds an update back. A program cannot send them itself: the
//! sieve drops what it says about modes of [`FIRST`] and more.

/// No terminal has modes from here on.
pub(super) const FIRST: u16 = 60_000;

/// DECSTR, a soft reset.
pub(super) const SOFT_RESET: u16 = FIRST + 1;
/// IND: to the parser the same as a line feed, which goes to the first column in new line mode.
pub(super) const INDEX: u16 = FIRST + 2;
/// XTVERSION: which terminal is this?
pub(super) const VERSION: u16 = FIRST + 3;
/// DECXCPR: where is the cursor?
pub(super) const CURSOR_PLACE: u16 = FIRST + 4;
/// XTWINOPS 11: is the window open?
pub(super) const WINDOW_STATE: u16 = FIRST + 5;
/// XTWINOPS 16: how large is a cell, in pixels?
pub(super) const CELL_SIZE: u16 = FIRST + 6;
/// XTWINOPS 19: how large is the screen, in cells?
pub(super) const SCREEN_SIZE: u16 = FIRST + 7;
/// XTWINOPS 20: what is the icon's label?
pub(super) const ICON_LABEL: u16 = FIRST + 8;
/// XTWINOPS 21: what is the title?
pub(super) const TITLE: u16 = FIRST + 9;
/// A picture of sixels, or of kitty's or iTerm2's protocol, which no cell can hold.
pub(super) const PICTURE: u16 = FIRST + 10;

/// OSC 17 and 19, what selected text looks like; each ended by BEL, or by ST.
pub(super) const SELECTION_BACK_BEL: u16 = FIRST + 20;
/// The same.
pub(super) const SELECTION_BACK_ST: u16 = FIRST + 21;
/// The same.
pub(super) const SELECTION_FORE_BEL: u16 = FIRST + 22;
/// The same.
pub(super) const SELECTION_FORE_ST: u16 = FIRST + 23;

/// DECRQSS of something unknown; those of [`SETTINGS`] follow in their order.
pub(super) const SETTING: u16 = FIRST + 40;
/// What DECRQSS can ask for.
pub(super) const SETTINGS: [&[u8]; 9] = [b"m", b"r", b" q", b"\"p", b"\"q", b"t", b"$|", b"s", b"*|"];

/// REP: the last character again, as often as the code is larger than this, at most [`MAX_REPEAT`] times.
pub(super) const REPEAT: u16 = 61_000;
/// A line of the widest screen.
pub(super) const MAX_REPEAT: u16 = 1_000;

/// The bytes that stand for a code.
pub(super) fn bytes(code: u16) -> Vec<u8> {
    format!("\x1b[?{code}h").into_bytes()
}
