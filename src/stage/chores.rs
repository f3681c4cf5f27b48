//! Work that must not hold the stage up: a thread does one piece after the other.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;

use tokio::sync::mpsc;

use crate::decks::Located;
use crate::headless;
use crate::history::address::KeptAddress;
use crate::history::bookmark::{Bookmark, SavedPosition};
use crate::runner::picture::Decoder;
use crate::runner::preparer::Preparer;
use greenroom_deck::{Code, Deck, Step};
use greenroom_render::paint::RenderCache;

/// Chores that wait for their turn; a slide that finds no room is made ready when it is drawn.
const WAITING: usize = 16;

enum Chore {
    /// Slides, the most urgent first, their pictures included.
    Prepare(Arc<Deck>, Vec<usize>),
    /// The pictures of a slide that move.
    Animate(Arc<Deck>, usize),
    /// The code of every slide, as long as there is nothing else to do.
    Highlight(Arc<Deck>),
    Remember(SavedPosition, Vec<Option<Step>>),
}

/// What is done on the thread, and what has been asked of it. The thread ends with this.
pub(super) struct Chores {
    send: std_mpsc::SyncSender<Chore>,
    /// Something that should be drawn has been done; and what is to be said of it.
    done: mpsc::Receiver<Option<String>>,
}

impl Chores {
    /// Begins with nothing to do.
    pub(crate) fn start(
        located: Located,
        ink: Arc<RenderCache>,
        decoder: Decoder,
        bookmark: Option<Bookmark>,
        kept: Option<KeptAddress>,
    ) -> Self {
        let (send, chores) = std_mpsc::sync_channel(WAITING);
        let (tell, done) = mpsc::channel(1);
        std::thread::spawn(move || {
            work(&chores, &tell, &located, &ink, &decoder, bookmark.as_ref(), kept.as_ref());
        });
        Self { send, done }
    }

    /// Waits until something has been done that should be drawn, and gives what is to be said of it; for ever when nothing will be.
    pub(crate) async fn done(&mut self) -> Option<String> {
        match self.done.recv().await {
            Some(said) => said,
            None => std::future::pending().await,
        }
    }

    /// Gets `slides` ready, the most urgent first, as far as they are not.
    pub(crate) fn prepare(&self, deck: &Arc<Deck>, slides: Vec<usize>) {
        let _ = self.send.try_send(Chore::Prepare(Arc::clone(deck), slides));
    }

    /// Gets the pictures of `slide` ready that move.
    pub(crate) fn animate(&self, deck: &Arc<Deck>, slide: usize) {
        if !deck.pictures(slide).is_empty() {
            let _ = self.send.try_send(Chore::Animate(Arc::clone(deck), slide));
        }
    }

    /// Highlights all code of `deck`, when there is nothing else to do.
    pub(crate) fn highlight(&self, deck: &Arc<Deck>) {
        let _ = self.send.try_send(Chore::Highlight(Arc::clone(deck)));
    }

    /// Writes the bookmark, and which steps have been shown.
    pub(crate) fn remember(&self, left: SavedPosition, shown: Vec<Option<Step>>) {
        let _ = self.send.try_send(Chore::Remember(left, shown));
    }
}

/// What is said of a place that cannot be written down.
pub(super) fn unkept(error: &io::Error) -> String {
    format!("The place of this talk is not kept: {error}")
}

fn work(
    chores: &std_mpsc::Receiver<Chore>,
    done: &mpsc::Sender<Option<String>>,
    located: &Located,
    ink: &RenderCache,
    decoder: &Decoder,
    bookmark: Option<&Bookmark>,
    kept: Option<&KeptAddress>,
) {
    let preparer = Preparer::new(decoder.clone());
    let mut queue = HighlightQueue::default();
    // The deck whose pictures are known to stand still, and which those are.
    let (mut of, mut still) = (None, BTreeSet::new());
    let mut is_unkept = false;
    loop {
        let chore = if queue.is_empty() { chores.recv().ok() } else { chores.try_recv().ok() };
        match chore {
            Some(Chore::Prepare(deck, slides)) => {
                preparer.prepare_all(&deck, &slides, &*located.files, ink, || {
                    let _ = done.try_send(None);
                });
            }
            Some(Chore::Animate(deck, slide)) => {
                // A deck that was read again may have other files by the same names.
                if of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, &deck)) {
                    (of, still) = (Some(Arc::clone(&deck)), BTreeSet::new());
                }
                let decode = |bytes: &[u8], max| decoder.motion(bytes, max);
                if headless::load_motions(&deck, slide, &*located.files, ink, &mut still, &decode) {
                    let _ = done.try_send(None);
                }
            }
            Some(Chore::Highlight(deck)) => queue = HighlightQueue::of(&deck),
            Some(Chore::Remember(left, shown)) => {
                // Said once, until it can be kept again.
                match bookmark.map(|bookmark| bookmark.write(&left)) {
                    Some(Err(error)) => {
                        is_unkept = is_unkept || done.try_send(Some(unkept(&error))).is_ok();
                    }
                    _ => is_unkept = false,
                }
                if let Some(kept) = kept {
                    kept.has_shown(shown);
                    kept.write();
                }
            }
            None if queue.is_empty() => return,
            None => queue.next(ink),
        }
    }
}

/// Code that is highlighted before it is needed, so that a key never waits for it.
#[derive(Default)]
struct HighlightQueue(Vec<Arc<Code>>);

impl HighlightQueue {
    /// Code of a deck with more bytes than this is highlighted when its slide comes near: there is no end of it.
    const MAX_BYTES: usize = 64 * 1024;

    fn of(deck: &Deck) -> Self {
        let mut code: Vec<Arc<Code>> = (0..deck.slides.len()).flat_map(|slide| deck.code(slide)).collect();
        if code.iter().map(|code| code.source.len()).sum::<usize>() > Self::MAX_BYTES {
            return Self::default();
        }
        code.reverse();
        Self(code)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn next(&mut self, ink: &RenderCache) {
        if let Some(code) = self.0.pop() {
            ink.prepare(&code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_parse as parse;

    fn queue(blocks: usize) -> HighlightQueue {
        let block = |n: usize| format!("# Slide\n\n```python\nx{n} = '{}'\n```\n", "y".repeat(1000));
        let text = (0..blocks).map(block).collect::<Vec<_>>().join("\n---\n\n");
        HighlightQueue::of(&parse::deck(&MemoryFiles::new().with("deck.md", text), "deck.md"))
    }

    #[test]
    fn little_code_is_highlighted_ahead_in_the_order_of_the_slides() {
        let (mut little, ink, mut order) = (queue(3), RenderCache::new(), Vec::new());
        while let Some(code) = little.0.last() {
            order.push(code.source[..2].to_owned());
            little.next(&ink);
        }
        assert_eq!(order, ["x0", "x1", "x2"]);
        assert!(little.is_empty());
        assert!(queue(70).is_empty(), "so much is highlighted when its slide comes near");
    }
}
