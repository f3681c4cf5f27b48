//! What pages are told of the stage: drawn and encoded once for all of them, on threads that are not the stage's.

mod archive;
mod encode;
mod pictures;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use ratatui::layout::Rect;
use tokio::sync::{Mutex as TurnMutex, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use self::archive::Archive;
pub(super) use self::encode::event;
use self::pictures::{Found, Pictures};
use super::parcel::Parcel;
use crate::link::PaneState;
use crate::talk::{Place, Settings, Talk};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Step};
use greenroom_frame::Frame;
use greenroom_render::paint::RenderCache;
use greenroom_system::os;

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

/// Nothing behind the stage: for one that nobody is on.
#[derive(Debug, Clone, Copy)]
pub struct Nobody;

impl Backstage for Nobody {
    fn prepare(&self, _: &Deck, _: usize, _: &RenderCache) {}

    fn recordings(&self, _: &Deck) -> String {
        String::new()
    }

    fn export(&self, _: &Arc<Deck>) -> Vec<u8> {
        Vec::new()
    }
}

/// One state of the stage, as it is sent.
pub(super) struct Published {
    /// Counted from 1.
    pub number: u64,
    /// The event that tells all of it.
    pub whole: Parcel,
    /// The event that tells what is new since the one before, if it can be told so.
    pub news: Option<Parcel>,
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
    saved: TurnMutex<Option<(SavedKey, Parcel)>>,
    /// Steps that have not been on the stage are drawn one at a time.
    resting: TurnMutex<()>,
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
            resting: TurnMutex::new(()),
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
            let printed = spawn_blocking(move || {
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
    fn keep(&self, showing: &Showing, page: Option<Parcel>) {
        if let (Some((frame, _)), Some(page)) = (&showing.drawn, page) {
            self.pictures.keep(showing.place, frame);
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
    pub(super) async fn open(self: &Arc<Self>, place: Place) -> Option<Parcel> {
        let showing = self.newest().await.filter(|showing| showing.opens(place))?;
        if let Some(page) = self.archive().get(&showing.fingerprint, place) {
            return Some(page);
        }
        let _turn = self.resting.lock().await;
        let pages = Arc::clone(self);
        let draw = move || {
            let rests = pages.rests(&showing, place);
            let page = encode::page(&rests);
            pages.keep(&rests, Some(page.clone()));
            page
        };
        spawn_blocking(draw).await.ok()
    }

    /// The step at `place` with its panes at rest, and its pictures ready.
    fn rests(&self, showing: &Showing, place: Place) -> Showing {
        self.backstage.prepare(&showing.deck, place.slide, &showing.ink);
        let mut talk = Talk::new(Arc::clone(&showing.deck), showing.size, Settings::default());
        talk.resume(place);
        let drawn = view::followed(&talk, &showing.ink, Elapsed::ZERO);
        Showing { place, drawn, panes: talk.state(Elapsed::ZERO).panes, ..showing.clone() }
    }

    /// The picture called `id`, for a browser; none when no slide that was shown has it.
    pub(super) async fn picture(self: &Arc<Self>, id: u64) -> Option<(&'static str, Bytes)> {
        let place = match self.pictures.get(id).await {
            Found::Encoded(kind, bytes) => return Some((kind, bytes)),
            Found::Forgotten(place) => place,
            Found::Unknown => return None,
        };
        // The stage has let go of it since.
        let showing = self.newest().await.filter(|showing| showing.opens(place))?;
        let _turn = self.resting.lock().await;
        let pages = Arc::clone(self);
        let rests = spawn_blocking(move || pages.rests(&showing, place)).await.ok()?;
        self.pictures.keep(place, &rests.drawn.as_ref()?.0);
        match self.pictures.get(id).await {
            Found::Encoded(kind, bytes) => Some((kind, bytes)),
            _ => None,
        }
    }

    /// The talk as one page to keep: what has been shown of it, without notes; all of it for the speaker. None when nothing is
    /// known of the stage.
    pub(super) async fn save(self: &Arc<Self>, speaker: bool) -> Option<(String, Parcel)> {
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
        let page = behind(move || {
            let page = Parcel::whole(Bytes::from(backstage.export(&deck)));
            // Whoever waits for it would have to be waited for else.
            drop(page.packed());
            page
        })
        .await?;
        *saved = Some((key, page.clone()));
        Some((name, page))
    }
}

/// Does something that takes its time on a thread of its own, where keys of the stage come first. None when it fails.
async fn behind<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let given_way = || {
        // The runtime's own threads are for what is urgent as well.
        os::give_way();
        work()
    };
    let done = spawn_blocking(|| thread::scope(|scope| scope.spawn(given_way).join().ok()));
    done.await.ok().flatten()
}
