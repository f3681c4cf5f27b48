//! What of the deck is on the screen: the key of all that is made for it, and the one place where what belongs to a slide is
//! left behind.

use std::sync::Arc;

use greenroom_base::run::Size;
use greenroom_render::layout::{self, Scene, Zoom};
use ratatui::layout::Rect;

use super::{Place, Talk, slide_area};

/// What shows. Whatever the layout of a slide or its panes depend on is a field of it: what was made for another value is never
/// taken for this one's. A new view state is one more field, and [`Shown::at`] says whether it goes with its slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    /// The number of the deck's reading.
    pub reading: u32,
    pub place: Place,
    /// The columns and rows that there are for it: the screen's, or fewer that are drawn larger.
    pub size: Size,
    /// What fills it in place of the slide.
    pub zoom: Option<Zoom>,
}

impl Shown {
    /// What a talk begins with.
    pub(crate) fn new(size: Size) -> Self {
        Self { reading: 0, place: Place::default(), size, zoom: None }
    }

    /// The same at `place`. What belongs to one slide alone does not go on to another.
    pub(crate) fn at(self, place: Place) -> Self {
        let Self { reading, place: before, size, zoom } = self;
        Self { reading, place, size, zoom: zoom.filter(|_| place.slide == before.slide) }
    }

    /// The same slide, now at `place` of a deck that was read again.
    pub(crate) fn read_again(self, place: Place) -> Self {
        Self { reading: self.reading.wrapping_add(1), place, ..self }
    }
}

impl Talk {
    /// The slide at `place`, laid out for this screen.
    #[must_use]
    pub fn scene(&self, place: Place) -> Arc<Scene> {
        self.lay_out(self.shown.at(place))
    }

    fn lay_out(&self, shown: Shown) -> Arc<Scene> {
        if let Some((_, scene)) = self.laid.as_ref().filter(|(of, _)| *of == shown) {
            return Arc::clone(scene);
        }
        let plain = self.plain(shown);
        let zoomed = shown.zoom.and_then(|zoom| plain.zoomed(zoom, whole(shown.size)));
        Arc::new(zoomed.unwrap_or(plain))
    }

    /// The slide as it is laid out where nothing fills the screen.
    pub(super) fn plain(&self, shown: Shown) -> Scene {
        let Shown { place, size, .. } = shown;
        match self.deck.slides.get(place.slide) {
            Some(slide) => layout::slide(&self.deck, slide, place.step, slide_area(size, slide)),
            None => Scene::default(),
        }
    }

    /// What shows, laid out, and kept for as long as it does.
    pub(super) fn keep_scene(&mut self) -> Arc<Scene> {
        let scene = self.lay_out(self.shown);
        self.laid = Some((self.shown, Arc::clone(&scene)));
        scene
    }

    /// Shows something else. The same slide stays scrolled, as far as what is new on it can be seen.
    pub(super) fn show(&mut self, shown: Shown) {
        if shown.place.slide != self.shown.place.slide {
            self.scroll = 0;
        }
        self.shown = shown;
        self.shown_steps.mark(shown.place);
        self.settle_zoom();
        self.scroll = self.keep_scene().scroll_to_focus(self.scroll);
    }

    /// The deck was read again, and what shows is at `place` of it: it stays scrolled as it is.
    pub(super) fn show_again(&mut self, place: Place) {
        self.shown = self.shown.read_again(place);
        self.settle_zoom();
        self.scroll = self.scroll.min(self.keep_scene().overflow());
    }

    /// Moves to `place` without leaving a trace: for a talk that is taken up where it was left.
    pub fn resume(&mut self, place: Place) {
        let slide = place.slide.min(self.deck.slides.len() - 1);
        let step = place.step.min(self.deck.slides[slide].last_step);
        self.seen.insert(slide);
        self.shown_steps.only(Place { slide, step });
        self.show(self.shown.at(Place { slide, step }));
    }
}

/// All of a screen.
fn whole(size: Size) -> Rect {
    Rect::new(0, 0, size.columns, size.rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::{Msg, Settings};
    use greenroom_base::clock::Elapsed;
    use greenroom_base::files::MemoryFiles;
    use greenroom_deck::Deck;
    use greenroom_parse as parse;

    fn deck(rows: usize) -> Arc<Deck> {
        let text = format!("# A\n\n{}\n---\n\n# B\n", "- row\n".repeat(rows));
        Arc::new(parse::deck(&MemoryFiles::new().with("d.md", text), "d.md"))
    }

    #[test]
    fn house_4_a_scene_is_never_one_of_another_deck_size_or_place() {
        let (size, small) = (Size { columns: 80, rows: 24 }, Size { columns: 40, rows: 12 });
        let mut talk = Talk::new(deck(3), size, Settings::default());
        let overflow = |talk: &Talk| talk.scene(talk.place()).overflow();
        let fresh =
            |deck: &Arc<Deck>, size| overflow(&Talk::new(Arc::clone(deck), size, Settings::default()));
        talk.update(Msg::Wake, Elapsed::ZERO);
        for (deck, size) in [(deck(60), size), (deck(60), small), (deck(3), small), (deck(90), size)] {
            talk.update(Msg::Resize(size), Elapsed::ZERO);
            talk.update(Msg::Reloaded(Arc::clone(&deck)), Elapsed::ZERO);
            assert_eq!(overflow(&talk), fresh(&deck, size), "{size:?}");
        }
        // Scrolled down on one slide, and at the top of the other.
        talk.scroll = overflow(&talk);
        talk.resume(Place { slide: 1, step: 0 });
        assert_eq!((talk.scroll(), overflow(&talk)), (0, 0));
    }
}
