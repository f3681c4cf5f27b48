//! What the pages of a talk ask of the rest of the program.

use std::fmt::Write;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::decks::Located;
use crate::runner::Runner;
use crate::runner::picture::Decoder;
use crate::runner::preparer::Preparer;
use crate::server::Backstage;
use crate::sheet::Show;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_export as export;
use greenroom_render::paint::RenderCache;

/// The screen that a page is drawn for: about as wide as a projector.
pub(super) const WIDE: Size = Size { columns: 120, rows: 34 };

/// What exports a deck, and gets its pictures ready.
pub(super) struct Back {
    located: Located,
    runner: Runner,
    preparer: Preparer,
}

impl Back {
    pub(super) fn new(located: Located, runner: Runner) -> Self {
        Self { located, runner, preparer: Preparer::new(Decoder::this()) }
    }
}

impl Backstage for Back {
    fn prepare(&self, deck: &Deck, slide: usize, ink: &RenderCache) {
        self.preparer.prepare_all(deck, &[slide], &*self.located.files, ink, || ());
    }

    fn recordings(&self, deck: &Deck) -> String {
        let Some(folder) = &self.located.folder else { return String::new() };
        let panes = (0..deck.slides.len()).flat_map(|slide| deck.panes(slide));
        let mut about = String::new();
        for tape in panes.filter_map(|pane| pane.demo.tape.clone()) {
            let Ok(found) = std::fs::metadata(folder.join(&tape)) else { continue };
            let since =
                found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = writeln!(about, "{tape} {} {since:?}", found.len());
        }
        about
    }

    fn export(&self, deck: &Arc<Deck>) -> Vec<u8> {
        let ink = RenderCache::new();
        let ready = |slide: usize| self.prepare(deck, slide, &ink);
        let tapes = |path: &str| self.runner.tape(path).ok();
        export::html(&Show { deck, ink: &ink, size: WIDE, tapes: &tapes, ready: &ready }).into_bytes()
    }
}
