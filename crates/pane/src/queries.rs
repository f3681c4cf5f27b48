//! What a screen says besides drawing: answers to the program, its title, its bell.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alacritty_terminal::event::{Event, EventListener};
use alacritty_terminal::vte::ansi::{self, NamedColor};
use ratatui::style::Color;

use super::Palette;
use greenroom_deck::Rgb;

/// Most bytes of answers to a program that are kept until somebody takes them.
pub(super) const MAX_REPLIES: usize = 4096;
/// Longest title.
const MAX_TITLE: usize = 200;

/// Since somebody last asked.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) replies: Vec<u8>,
    pub(super) title: Option<String>,
    /// The bell rang.
    pub(super) bell: bool,
    /// The program sent a picture, which a screen of cells cannot show.
    pub(super) picture: bool,
}

/// Hears it: a handle, of which each copy hears the same.
#[derive(Clone)]
pub(super) struct Listener {
    heard: Arc<Mutex<Heard>>,
    palette: Palette,
}

impl Listener {
    pub(super) fn new(palette: Palette) -> Self {
        Self { heard: Arc::default(), palette }
    }

    /// Locked for a moment by one thread at a time; there because the emulator tells through `&self`.
    pub(super) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the program; an answer that nobody takes is not kept for ever.
    pub(super) fn reply(&self, text: &str) {
        let mut heard = self.heard();
        if heard.replies.len() + text.len() <= MAX_REPLIES {
            heard.replies.extend_from_slice(text.as_bytes());
        }
    }

    /// Colour `index` as the emulator counts them, where the program has not set it.
    pub(super) fn color(&self, index: usize) -> ansi::Rgb {
        let Palette { foreground, background, .. } = self.palette;
        let Rgb(r, g, b) = match u8::try_from(index).map(|index| (index, self.palette.indexed(index))) {
            Ok((_, Color::Rgb(r, g, b))) => Rgb(r, g, b),
            Ok((index, _)) => cube(index),
            Err(_) if index == NamedColor::Background as usize => background,
            Err(_) => foreground,
        };
        ansi::Rgb { r, g, b }
    }
}

/// A colour of the 256 behind the named ones: a cube of 6 levels a side, and 24 greys.
fn cube(index: u8) -> Rgb {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return Rgb(grey, grey, grey);
    }
    let index = index.saturating_sub(16);
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    Rgb(level(index / 36), level(index / 6 % 6), level(index % 6))
}

impl EventListener for Listener {
    fn send_event(&self, event: Event) {
        match event {
            Event::PtyWrite(text) => self.reply(&text),
            Event::Title(title) => {
                let title = title.chars().filter(|c| !c.is_control()).take(MAX_TITLE).collect();
                self.heard().title = Some(title);
            }
            Event::ResetTitle => self.heard().title = None,
            Event::Bell => self.heard().bell = true,
            // The clipboard and the rest stay in the pane.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_256_colours_are_xterms() {
        for (index, color) in [
            (16, Rgb(0, 0, 0)),
            (21, Rgb(0, 0, 255)),
            (200, Rgb(0xff, 0, 0xd7)),
            (231, Rgb(255, 255, 255)),
            (232, Rgb(8, 8, 8)),
            (255, Rgb(238, 238, 238)),
        ] {
            assert_eq!(cube(index), color, "{index}");
        }
    }
}
