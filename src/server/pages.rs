//! What pages are told of the stage: drawn and encoded once for all of them, on threads that are not the stage's.

mod archive;
mod encode;
mod pictures;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ratatui::layout::Rect;
use tokio::sync::{Mutex as TurnMutex, watch};
use tokio::time::timeout;

use self::archive::Archive;
pub(super) use self::pictures::Pictures;
use crate::link::PaneState;
use crate::talk::{Place, Settings, Talk};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Step};
use greenroom_render::paint::RenderCache;
use greenroom_terminal::frame::Frame;

/// How long the stage may take to say how it stands.
const FIRST_STATE: Duration = Duration::from_secs(5);

/// The stage, as it is to be shown on pages.
#[derive(Clone)]
pub struct Showing {
    /// The deck, and its fingerprint.
    pub deck: Arc<Deck>,
    /// See [`Deck::fingerprint`].
    pub fingerprint: String,
    /// The slide and step that show.
    pub place: Place,
    /// The slide without what lies over it, and where its panes are; none while the stage is blank.
    pub drawn: Option<(Frame, Vec<(usize, Rect)>)>,
    /// How its panes stand.
    pub panes: Vec<PaneState>,
    /// The highest step of each slide that may be opened.
    pub openable: Vec<Option<Step>>,
    /// The columns and rows that the talk has.
    pub size: Size,
    /// Its pictures and its code.
    pub ink: Arc<RenderCache>,
}

impl Showing {
    /// Whether a page would look the same.
    fn is_like(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
            && self.place == other.place
            && self.openable == other.openable
            && self.drawn == other.drawn
            && self.panes == other.panes
    }

    /// Whether the slide at `place` may be opened.
    fn opens(&self, place: Place) -> bool {
        let step = self.openable.get(place.slide).copied().flatten();
        step.is_some_and(|step| place.step <= step)
    }
}

/// What pages ask of the rest of the program. It takes its time, on a thread of its own.
pub trait Backstage: Send + Sync {
    /// Gets the pictures of a slide ready.
    fn prepare(&self, deck: &Deck, slide: usize, ink: &RenderCache);

    /// What tells the recordings of `deck` from others: it changes when one is made.
    fn recordings(&self, deck: &Deck) -> String;

    /// The whole of `deck` as one page, its recordings included.
    fn export(&self, deck: &Arc<Deck>) -> Vec<u8>;
}

/// One state of the stage, as it is sent.
pub(super) struct Published {
    /// Counted from 1.
    pub number: u64,
    /// The event that tells all of it.
    pub whole: Bytes,
    /// The event that tells what is new since the one before, if it can be told so.
    pub news: Option<Bytes>,
    showing: Arc<Showing>,
}

/// All that pages share.
pub(crate) struct Pages {
    published: watch::Sender<Option<Arc<Published>>>,
    /// Pages that are told what shows.
    followers: Arc<AtomicUsize>,
    archive: Mutex<Archive>,
    pictures: Pictures,
    /// The saved talk, and what it was saved from: one is made at a time.
    saved: TurnMutex<Option<(SavedKey, Bytes)>>,
    backstage: Arc<dyn Backstage>,
}

/// What a saved talk depends on; whether it is the speaker's.
type SavedKey = (String, Vec<Option<Step>>, String, bool);

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pages({} followers)", self.followers.load(Ordering::Relaxed))
    }
}

/// A page that is told what shows.
pub(super) struct Reader {
    pages: Arc<Pages>,
    states: watch::Receiver<Option<Arc<Published>>>,
}

impl Reader {
    /// The newest state, when it is another than the one that was given before. States that nobody took in time are left out.
    pub(super) async fn next(&mut self) -> Option<Arc<Published>> {
        loop {
            self.states.changed().await.ok()?;
            if let Some(state) = self.states.borrow_and_update().clone() {
                return Some(state);
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if self.pages.followers.fetch_sub(1, Ordering::Relaxed) == 1 {
            // Nobody hears how the stage goes on: what is known is soon old.
            self.pages.published.send_replace(None);
        }
    }
}

impl Pages {
    pub(super) fn new(backstage: Arc<dyn Backstage>) -> Self {
        Self {
            published: watch::Sender::new(None),
            followers: Arc::default(),
            archive: Mutex::default(),
            pictures: Pictures::default(),
            saved: TurnMutex::new(None),
            backstage,
        }
    }

    /// How many follow.
    pub(super) fn followers(&self) -> &Arc<AtomicUsize> {
        &self.followers
    }

    /// One more follows. Says whether it is the first: then the stage has to be asked how it stands.
    pub(super) fn read(self: &Arc<Self>) -> (Reader, bool) {
        let first = self.followers.fetch_add(1, Ordering::Relaxed) == 0;
        let mut states = self.published.subscribe();
        states.mark_changed();
        (Reader { pages: Arc::clone(self), states }, first)
    }

    pub(super) fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Publishes what the stage shows, as long as there is one.
    pub(super) async fn publish(self: Arc<Self>, mut shows: watch::Receiver<Option<Arc<Showing>>>) {
        let mut press = encode::Press::default();
        while shows.changed().await.is_ok() {
            let Some(showing) = shows.borrow_and_update().clone() else { continue };
            let current = self.published.borrow().clone();
            if current.as_ref().is_some_and(|last| last.showing.is_like(&showing)) {
                continue;
            }
            let pages = Arc::clone(&self);
            let printed = tokio::task::spawn_blocking(move || {
                let state = press.print(showing, current.is_some());
                pages.keep(&state.showing, state.page);
                (
                    press,
                    Published {
                        number: state.number,
                        whole: state.whole,
                        news: state.news,
                        showing: state.showing,
                    },
                )
            });
            let Ok((next, published)) = printed.await else {
                // Something in a slide cannot be drawn so: the next one may be.
                press = encode::Press::default();
                continue;
            };
            press = next;
            self.published.send_replace(Some(Arc::new(published)));
        }
    }

    /// Remembers how a step looked when it was last on the stage, and the pictures on it.
    fn keep(&self, showing: &Showing, page: Option<Bytes>) {
        if let (Some((frame, _)), Some(page)) = (&showing.drawn, page) {
            self.pictures.keep(frame);
            self.archive().keep(&showing.fingerprint, showing.place, page);
        }
    }

    fn archive(&self) -> MutexGuard<'_, Archive> {
        self.archive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the stage was last shown; waits a moment for it where nobody has followed so far.
    async fn newest(&self) -> Option<Arc<Showing>> {
        let mut states = self.published.subscribe();
        let known = timeout(FIRST_STATE, states.wait_for(Option::is_some)).await.ok()?.ok()?;
        known.as_ref().map(|published| Arc::clone(&published.showing))
    }

    /// A step of a slide, when it may be opened: as it was when it was last on the stage, or at rest.
    pub(super) async fn open(self: &Arc<Self>, place: Place) -> Option<Bytes> {
        let showing = self.newest().await.filter(|showing| showing.opens(place))?;
        if let Some(page) = self.archive().get(&showing.fingerprint, place) {
            return Some(page);
        }
        let pages = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            pages.backstage.prepare(&showing.deck, place.slide, &showing.ink);
            let rests = rests(&showing, place);
            let page = encode::page(&rests);
            pages.keep(&rests, Some(page.clone()));
            page
        })
        .await
        .ok()
    }

    /// The talk as one page to keep: what has been shown of it, without notes; all of it for the speaker. None when nothing is
    /// known of the stage.
    pub(super) async fn save(self: &Arc<Self>, speaker: bool) -> Option<(String, Bytes)> {
        let showing = self.newest().await?;
        let name = archive::file_name(&showing.deck.outline.title);
        let recordings = self.backstage.recordings(&showing.deck);
        let key = (showing.fingerprint.clone(), showing.openable.clone(), recordings, speaker);
        // One is made at a time, and whoever waits gets it too.
        let mut saved = self.saved.lock().await;
        if let Some((_, page)) = saved.as_ref().filter(|(of, _)| *of == key) {
            return Some((name, page.clone()));
        }
        let backstage = Arc::clone(&self.backstage);
        let deck = if speaker { Arc::clone(&showing.deck) } else { archive::to_keep(&showing) };
        let page = tokio::task::spawn_blocking(move || Bytes::from(backstage.export(&deck))).await.ok()?;
        *saved = Some((key, page.clone()));
        Some((name, page))
    }
}

/// The step at `place` with its panes at rest.
fn rests(showing: &Showing, place: Place) -> Showing {
    let mut talk = Talk::new(Arc::clone(&showing.deck), showing.size, Settings::default());
    talk.resume(place);
    let drawn = view::followed(&talk, &showing.ink, Elapsed::ZERO);
    Showing { place, drawn, panes: talk.state(Elapsed::ZERO).panes, ..showing.clone() }
}
