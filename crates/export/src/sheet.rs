//! What an export is made from: slides at their steps, as they are drawn, and what their recordings show.

use std::ops::RangeInclusive;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Step};
use greenroom_frame::{Frame, PlacedLink};
use greenroom_render::paint::RenderCache;

/// Who draws the sheets of a deck: the talk, which knows what stands on each.
pub trait Sheets {
    /// The deck.
    fn deck(&self) -> &Deck;
    /// Its pictures and its code.
    fn ink(&self) -> &RenderCache;
    /// The screen that it is drawn for.
    fn size(&self) -> Size;
    /// That screen, high enough for the slide.
    fn room(&self, slide: usize) -> Size;
    /// The slide at a step, with its recordings at their ends; drawn on [`Sheets::room`], so that nothing is cut.
    fn sheet(&self, slide: usize, step: Step) -> Sheet;
    /// Every pane that such a sheet shows, with a recording or without.
    fn panes(&self, slide: usize, step: Step) -> Vec<Reel>;
    /// What the recordings of a sheet show.
    fn films(&self, sheet: &Sheet) -> Vec<Film>;

    /// The steps of a slide: all of them, or the last.
    fn steps(&self, slide: usize, all: bool) -> RangeInclusive<Step> {
        let last = self.deck().slides.get(slide).map_or(0, |slide| slide.last_step);
        if all { 0..=last } else { last..=last }
    }
}

/// A slide at a step.
#[derive(Debug)]
pub struct Sheet {
    /// Index of the slide.
    pub slide: usize,
    /// Reveals that have been made.
    pub step: Step,
    /// How it looks, with its recordings at their ends.
    pub frame: Frame,
    /// The panes on it that have a recording.
    pub reels: Vec<Reel>,
}

/// A pane of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reel {
    /// Which of the slide's panes it is.
    pub pane: usize,
    /// Where it is on the sheet, with its border.
    pub area: Rect,
}

/// When a picture of a pane begins, its cells and its links.
pub type FilmPicture = (Elapsed, Buffer, Vec<PlacedLink>);

/// What a pane shows while its recording plays.
#[derive(Debug)]
pub struct Film {
    /// Which pane it is.
    pub reel: Reel,
    /// Never empty, and never two that are alike one after the other.
    pub pictures: Vec<FilmPicture>,
    /// The charts that the pane can show, where there are several, in their order.
    pub charts: Vec<FilmChart>,
    /// When it is over.
    pub end: Elapsed,
}

/// A chart of a pane that can show several.
#[derive(Debug)]
pub struct FilmChart {
    /// Its name, as the stage says it.
    pub name: &'static str,
    /// A few of its pictures, the last one of its end; none for the one that [`Film::pictures`] are of.
    pub pictures: Vec<FilmPicture>,
}
