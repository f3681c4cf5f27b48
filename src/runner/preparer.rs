//! Gets slides ready to be drawn: highlights their code, and has their pictures, diagrams and formulas made.

use greenroom_base::files::Files;
use greenroom_deck::Deck;
use greenroom_render::paint::RenderCache;

use super::diagram::Drawer;
use super::picture::Decoder;
use crate::headless;

/// What makes everything of a slide that takes time.
#[derive(Debug, Clone)]
pub(crate) struct Preparer {
    decoder: Decoder,
    drawer: Drawer,
}

impl Preparer {
    /// With the processes of `decoder`.
    pub(crate) fn new(decoder: Decoder) -> Self {
        Self { drawer: Drawer::new(decoder.clone()), decoder }
    }

    /// Makes what `ink` lacks of a slide; `drawn` is told each time that something has come which the slide should be drawn
    /// again for: pictures before diagrams, which take longer.
    fn prepare(
        &self,
        deck: &Deck,
        slide: usize,
        files: &dyn Files,
        ink: &RenderCache,
        mut drawn: impl FnMut(),
    ) {
        headless::prepare_code(deck, slide, ink);
        if headless::load_pictures(deck, slide, files, ink, &|bytes, max| self.decoder.decode(bytes, max)) {
            drawn();
        }
        let draw = |diagram: &_, theme: &_| self.drawer.picture(diagram, theme, files);
        if headless::draw_diagrams(deck, slide, ink, &draw) {
            drawn();
        }
    }

    /// The same for several slides, the most urgent first; pictures of others may have to make room for theirs.
    pub(crate) fn prepare_all(
        &self,
        deck: &Deck,
        slides: &[usize],
        files: &dyn Files,
        ink: &RenderCache,
        mut drawn: impl FnMut(),
    ) {
        for slide in slides {
            self.prepare(deck, *slide, files, ink, &mut drawn);
        }
        let needed: Vec<String> = slides.iter().flat_map(|slide| deck.every_picture(*slide)).collect();
        ink.let_go(&needed);
    }
}
