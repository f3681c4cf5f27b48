//! How many columns and rows a slide is laid out for, where they can be drawn larger than the terminal's own letters.

use crossterm::event::MouseEvent;

use super::Talk;
use super::shown::Shown;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Scale};
use greenroom_frame::Enlarging;
use greenroom_raster::missing;

/// Up to so many columns a window shows its own letters: they are large enough.
const PLAIN_COLUMNS: u16 = 110;
/// What a slide is laid out for where the window has more: about as much as is read from the last row.
const AIM: Size = Size { columns: 90, rows: 24 };
/// Whatever a person asks for, so much is left to be laid out.
const LEAST: Size = Size { columns: 40, rows: 12 };
/// A scale so close to a whole number is that number: letters and cells then meet.
const NEARLY: f32 = 0.13;
/// How much larger one key makes it.
const KEY: f32 = 1.125;

/// The window, and how large the talk is drawn in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Columns and rows of the terminal.
    window: Size,
    enlarging: Enlarging,
    /// What the speaker chose on stage, in place of what the deck says.
    chosen: Option<Scale>,
    /// Much of the deck is in letters that no embedded font has: they would be boxes. None before somebody asks.
    foreign: Option<bool>,
}

impl Stretch {
    pub(super) fn new(window: Size) -> Self {
        Self { window, enlarging: Enlarging::None, chosen: None, foreign: None }
    }

    /// How many times as large it is to be drawn.
    fn times(&self, scale: Scale) -> f32 {
        let Size { columns, rows } = self.window;
        let most = (f32::from(columns) / f32::from(LEAST.columns))
            .min(f32::from(rows) / f32::from(LEAST.rows))
            .clamp(1.0, Scale::MOST);
        let wanted = match scale {
            Scale::Off => 1.0,
            Scale::Auto if columns <= PLAIN_COLUMNS => 1.0,
            Scale::Auto => {
                let fits =
                    (f32::from(columns) / f32::from(AIM.columns)).min(f32::from(rows) / f32::from(AIM.rows));
                if (fits - fits.round()).abs() < NEARLY { fits.round() } else { fits }
            }
            Scale::Times(times) => times,
        };
        match self.enlarging {
            Enlarging::None => 1.0,
            Enlarging::Whole => wanted.clamp(1.0, most).floor(),
            Enlarging::Any { .. } => wanted.clamp(1.0, most),
        }
    }

    /// The columns and rows that fill the window at this scale.
    fn size(&self, scale: Scale) -> Size {
        let times = self.times(scale);
        let cell = match self.enlarging {
            Enlarging::Any { cell } if times > 1.01 => cell,
            Enlarging::Whole if times > 1.01 => (1, 1),
            _ => return self.window,
        };
        let fewer = |count: u16, pixels: u16| {
            let larger = scaled(pixels, times).max(1);
            let fit = u32::from(count) * u32::from(pixels) / larger;
            u16::try_from(fit).unwrap_or(count).clamp(1, count)
        };
        Size { columns: fewer(self.window.columns, cell.0), rows: fewer(self.window.rows, cell.1) }
    }

    /// Where the mouse is among the columns and rows that are drawn.
    pub(super) fn logical(&self, mouse: MouseEvent, drawn: Size) -> MouseEvent {
        // The middle of the cell that it is over.
        let place = |at: u16, of: u16, drawn: u16| {
            let place = (u32::from(at) * 2 + 1) * u32::from(drawn) / (u32::from(of.max(1)) * 2);
            u16::try_from(place).unwrap_or(u16::MAX).min(drawn.saturating_sub(1))
        };
        if drawn == self.window {
            return mouse;
        }
        MouseEvent {
            column: place(mouse.column, self.window.columns, drawn.columns),
            row: place(mouse.row, self.window.rows, drawn.rows),
            ..mouse
        }
    }
}

/// Whether more than one in a hundred of the deck's characters is in no embedded font.
fn is_foreign(deck: &Deck) -> bool {
    let words: String = (0..deck.slides.len()).map(|slide| deck.words(slide)).collect();
    // Most decks have no letter that is worth looking up.
    !words.is_ascii() && missing(&words).values().sum::<usize>() * 100 > words.chars().count()
}

/// So many times a few pixels.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded by the scale
fn scaled(pixels: u16, times: f32) -> u32 {
    (f32::from(pixels) * times).round() as u32
}

impl Talk {
    /// The terminal's columns and rows, where the talk has fewer, which are drawn larger.
    #[must_use]
    pub fn window(&self) -> Option<Size> {
        Some(self.stretch.window).filter(|window| *window != self.shown.size)
    }

    /// How large it is to be drawn: as the speaker chose, or as the deck says.
    fn scale(&self) -> Scale {
        let written = || self.deck.outline.scale.as_ref().and_then(greenroom_deck::WrittenScale::read);
        match self.stretch.chosen.or_else(written).unwrap_or_default() {
            Scale::Auto if self.stretch.foreign == Some(true) => Scale::Off,
            scale => scale,
        }
    }

    /// Finds out whether the deck's letters can be drawn, where they might be.
    fn judge_letters(&mut self) {
        let may = matches!(self.stretch.enlarging, Enlarging::Any { .. });
        if may && self.stretch.foreign.is_none() {
            self.stretch.foreign = Some(is_foreign(&self.deck));
        }
    }

    /// The terminal has this size now.
    pub(super) fn resized(&mut self, window: Size) {
        self.stretch.window = window;
        self.refit();
    }

    /// The terminal can do this.
    pub(super) fn can_enlarge(&mut self, enlarging: Enlarging) {
        if enlarging != self.stretch.enlarging {
            self.stretch.enlarging = enlarging;
            self.judge_letters();
            self.refit();
        }
    }

    /// Lays out what shows for as many columns and rows as the scale leaves.
    pub(super) fn refit(&mut self) {
        let size = self.stretch.size(self.scale());
        self.show(Shown { size, ..self.shown });
        self.resize_card();
    }

    /// The same where the deck has come to say another scale.
    pub(super) fn refit_if_asked(&mut self) {
        self.stretch.foreign = None;
        self.judge_letters();
        if self.stretch.size(self.scale()) != self.shown.size {
            self.refit();
        }
    }

    /// Draws everything a little larger, or smaller.
    pub(super) fn rescale(&mut self, larger: bool, now: Elapsed) {
        if self.stretch.enlarging == Enlarging::None {
            return self.notify_here(
                "This terminal shows its own letters only: make its font larger (often Ctrl +)",
                now,
            );
        }
        let whole = self.stretch.enlarging == Enlarging::Whole;
        let times = self.stretch.times(self.scale());
        let next = match (whole, larger) {
            (true, true) => times + 1.0,
            (true, false) => times - 1.0,
            (false, true) => times * KEY,
            (false, false) => times / KEY,
        };
        // The step to the terminal's own letters is never a small one beside them.
        let next = if next < 1.06 && !larger { 1.0 } else { next };
        let before = self.shown.size;
        let next = self.stretch.times(Scale::Times(next));
        self.stretch.chosen = Some(Scale::Times(next));
        self.refit();
        let said = if self.shown.size == before {
            let end = if larger { "largest" } else { "smallest" };
            format!("This is the {end} that can be drawn")
        } else {
            self.scale_notice(next)
        };
        self.notify(said, now);
    }

    fn scale_notice(&self, times: f32) -> String {
        let Size { columns, rows } = self.shown.size;
        if self.window().is_none() {
            return "The terminal's own letters".to_owned();
        }
        format!("{times:.1} times as large: {columns} columns, {rows} rows; 0: plain cells")
    }

    /// The terminal's own letters, which can be selected; and back.
    pub(super) fn toggle_scale(&mut self, now: Elapsed) {
        if self.window().is_some() {
            self.stretch.chosen = Some(Scale::Off);
            self.refit();
            return self.notify("Plain cells: text can be selected; 0 again draws it larger", now);
        }
        let before = self.shown.size;
        self.stretch.chosen = None;
        self.refit();
        if self.shown.size == before {
            // The deck says so, or the window is small.
            let said = "These are plain cells; + draws them larger where the terminal can";
            self.notify(said, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::{Msg, Settings};
    use crossterm::event::{KeyCode, KeyModifiers, MouseEventKind};
    use greenroom_base::files::MemoryFiles;
    use greenroom_parse as parse;
    use std::sync::Arc;

    const PIXELS: Enlarging = Enlarging::Any { cell: (10, 20) };

    fn talk(outline: &str, window: (u16, u16), enlarging: Enlarging) -> Talk {
        let outline = format!("title: T\n{outline}sections:\n- {{title: A, file: a.md}}\n");
        let files = MemoryFiles::new().with("talk.yaml", outline).with("a.md", "# A\n\ntext\n");
        let deck = Arc::new(parse::deck(&files, "talk.yaml"));
        let mut talk = Talk::new(deck, Size { columns: window.0, rows: window.1 }, Settings::default());
        talk.update(Msg::Enlarging(enlarging), Elapsed::ZERO);
        talk
    }

    fn drawn(talk: &Talk) -> (u16, u16) {
        (talk.size().columns, talk.size().rows)
    }

    fn press(talk: &mut Talk, keys: &str) {
        for key in keys.chars() {
            talk.update(Msg::Key(KeyCode::Char(key).into()), Elapsed::ZERO);
        }
    }

    #[test]
    fn a_slide_is_laid_out_for_about_ninety_columns() {
        let at = |columns, rows, enlarging| drawn(&talk("", (columns, rows), enlarging));
        assert_eq!(at(80, 24, PIXELS), (80, 24));
        assert_eq!(at(110, 60, PIXELS), (110, 60));
        assert_eq!(at(200, 50, PIXELS), (100, 25), "twice as large");
        assert_eq!(at(200, 50, Enlarging::Whole), (100, 25));
        assert_eq!(at(200, 50, Enlarging::None), (200, 50));
        // Never fewer rows than a terminal has.
        assert_eq!(at(136, 34, PIXELS), (97, 24));
        assert_eq!(at(136, 34, Enlarging::Whole), (136, 34));
        assert_eq!(at(400, 20, PIXELS), (400, 20));
    }

    #[test]
    fn windows_of_any_size_are_filled_and_never_left_empty() {
        for enlarging in [PIXELS, Enlarging::Whole, Enlarging::Any { cell: (1, 1) }] {
            for window in [(20, 5), (1, 1), (500, 150), (2000, 1000), (111, 1), (2000, 2)] {
                for keys in ["", "++++++++++++++++++++++++++++++", "------", "+0", "0+"] {
                    let mut talk = talk("", window, enlarging);
                    press(&mut talk, keys);
                    let (columns, rows) = drawn(&talk);
                    assert!((1..=window.0).contains(&columns), "{window:?} {keys} {columns}");
                    assert!((1..=window.1).contains(&rows), "{window:?} {keys} {rows}");
                }
            }
        }
    }

    #[test]
    fn the_deck_says_how_large_and_the_speaker_more_so() {
        let at = |outline| drawn(&talk(outline, (200, 50), PIXELS));
        assert_eq!(at("scale: off\n"), (200, 50));
        assert_eq!(at("scale: auto\n"), (100, 25));
        assert_eq!(at("scale: 2.5\n"), (80, 20));
        let mut talk = talk("scale: off\n", (200, 50), PIXELS);
        press(&mut talk, "+");
        assert!(drawn(&talk) < (200, 50), "{:?}", drawn(&talk));
        press(&mut talk, "-");
        assert_eq!(drawn(&talk), (200, 50));
    }

    #[test]
    fn letters_that_no_font_here_has_stay_the_terminals_own() {
        let talk = |title: &str| talk(&format!("subtitle: {title}\n"), (200, 50), PIXELS);
        assert_eq!(drawn(&talk("自由线程的 Django")), (200, 50));
        assert_eq!(drawn(&talk("Django без GIL, 🚀")), (100, 25));
        // Whoever asks for it gets it.
        let mut chinese = talk("自由线程的 Django");
        press(&mut chinese, "+");
        assert!(drawn(&chinese) < (200, 50));
    }

    #[test]
    fn nought_is_plain_cells_and_back() {
        let mut talk = talk("", (200, 50), PIXELS);
        press(&mut talk, "0");
        assert_eq!((drawn(&talk), talk.window()), ((200, 50), None));
        press(&mut talk, "0");
        assert_eq!((drawn(&talk), talk.window()), ((100, 25), Some(Size { columns: 200, rows: 50 })));
        // Digits behind another one are a number as before.
        press(&mut talk, "10");
        assert_eq!(talk.mode(), &crate::talk::Mode::Goto("10".to_owned()));
    }

    #[test]
    fn a_terminal_that_cannot_says_so() {
        let mut talk = talk("", (200, 50), Enlarging::None);
        press(&mut talk, "+");
        assert_eq!(drawn(&talk), (200, 50));
        assert!(talk.notice(Elapsed::ZERO).is_some_and(|notice| notice.contains("font")));
    }

    #[test]
    fn the_mouse_is_over_what_is_drawn_there() {
        let mut talk = talk("", (200, 50), PIXELS);
        let mouse = |column, row| MouseEvent {
            kind: MouseEventKind::Moved,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        };
        let over = |talk: &Talk, column, row| {
            let mouse = talk.stretch.logical(mouse(column, row), talk.size());
            (mouse.column, mouse.row)
        };
        assert_eq!(over(&talk, 0, 0), (0, 0));
        assert_eq!(over(&talk, 1, 1), (0, 0));
        assert_eq!(over(&talk, 2, 3), (1, 1));
        assert_eq!(over(&talk, 199, 49), (99, 24));
        assert_eq!(over(&talk, 5000, 5000), (99, 24));
        press(&mut talk, "0");
        assert_eq!(over(&talk, 7, 9), (7, 9));
    }

    #[test]
    fn a_window_that_changes_keeps_its_scale() {
        let mut talk = talk("scale: 2\n", (200, 50), PIXELS);
        talk.update(Msg::Resize(Size { columns: 160, rows: 60 }), Elapsed::ZERO);
        assert_eq!(drawn(&talk), (80, 30));
        talk.update(Msg::Enlarging(Enlarging::None), Elapsed::ZERO);
        assert_eq!(drawn(&talk), (160, 60));
    }
}
