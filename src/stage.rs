//! The stage: waits for whatever happens next, tells the talk, does what it asks for, and draws.
//!
//! The loop knows no terminal: [`world`] says what it needs, which a test can be as well.
#![allow(clippy::disallowed_methods)] // the stage has the clock

mod chores;
mod ending;
mod reading;
pub mod signals;
pub mod terminal;
pub mod world;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crossterm::event::Event;
use tokio::task::JoinSet;

use self::chores::Chores;
use self::reading::{ReadDeck, Readings};
use self::terminal::{SystemClock, TerminalEvents, TerminalSurface};
use self::world::{Clock, Events, Happening, Performer, SignalRequest, Surface, sleep_until};
use crate::decks::Located;
use crate::decks::watch::FileWatch;
use crate::headless;
use crate::history::address::{Address, KeptAddress};
use crate::history::bookmark::{Bookmark, SavedPosition};
use crate::history::practice_log::Diary;
use crate::open;
use crate::practice::PracticeEntry;
use crate::runner::picture::Decoder;
use crate::server::Showing;
use crate::server::link::{self, LinkEvent, LinkServer, Serve};
use crate::talk::{Effect, Mode, Motion, Msg, RunnerEffect, StageEffect, Talk, Texts};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_render::paint::RenderCache;

/// The shortest time between two frames.
const FRAME_INTERVAL: Duration = Duration::from_millis(16);
/// The longest, however long one takes: something is still seen to move.
const MAX_FRAME_INTERVAL: Duration = Duration::from_millis(250);
/// A place is remembered when the talk has been there for so long.
const BOOKMARK_DEBOUNCE: Duration = Duration::from_millis(250);
/// After the first frame, the rest of a deck is made ready; this is when, so that it does not hold that frame up.
const HIGHLIGHT_DELAY: Duration = Duration::from_millis(100);
/// A suspended talk that goes on in the background looks for so long whether it should end.
const BACKGROUND_POLL: Duration = Duration::from_millis(200);

/// What a talk is given with, on a surface of the kind `S`.
pub struct Stage<S> {
    /// Where the deck comes from.
    pub located: Located,
    /// Whether the deck is read again when its files change.
    pub is_watched: bool,
    /// Changes a deck that was read, as the command line asked.
    pub adapt: Arc<dyn Fn(Deck) -> Deck + Send + Sync>,
    /// What runs its panes.
    pub runner: Arc<dyn Performer>,
    /// What decodes its pictures.
    pub decoder: Decoder,
    /// Where the place is remembered.
    pub bookmark: Option<Bookmark>,
    /// What a person types to go on with the talk, when it has been left.
    pub resume: String,
    /// How it can be followed.
    pub serve: Option<Serve>,
    /// What is kept of where its pages are found.
    pub kept: Option<KeptAddress>,
    /// Where it is written down, when it is a practice.
    pub diary: Option<Diary>,
    /// The talk, where it begins.
    pub talk: Talk,
    /// Where its frames go.
    pub surface: S,
}

/// How a talk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The speaker left.
    Quit,
    /// A signal with this number asked for it.
    Signal(i32),
}

impl Stage<TerminalSurface> {
    /// Gives the talk on its terminal, until somebody ends it.
    ///
    /// # Errors
    /// When the terminal goes away.
    pub fn run(self, clock: SystemClock) -> io::Result<Ending> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let given = runtime.block_on(async {
            let mut given = EventLoop::new(self, TerminalEvents::listen()?, clock)?;
            let ending = given.event_loop().await;
            given.close(&ending).await;
            io::Result::Ok((given, ending))
        });
        // Nothing waits for a thread that still reads a deck or asks an interpreter what it is.
        runtime.shutdown_background();
        let (given, ending) = given?;
        given.say_goodbye(&ending);
        ending
    }
}

/// A talk that is being given.
pub struct EventLoop<S, E, C> {
    /// What it is given with.
    pub stage: Stage<S>,
    /// Where keys and signals come from.
    pub events: E,
    clock: C,
    ink: Arc<RenderCache>,
    chores: Chores,
    links: Option<LinkServer>,
    watch: Option<FileWatch>,
    readings: Readings,
    /// The deck as it is being read again.
    reads: JoinSet<ReadDeck>,
    /// What is done for panes at the moment, each on a thread of its own. A pane asks for one thing at a time.
    jobs: JoinSet<Msg>,
    drawn_at: Elapsed,
    /// The time from the last frame to the next one, if no key asks for it.
    rest: Duration,
    /// Something has changed since the last frame.
    is_stale: bool,
    highlight_at: Option<Elapsed>,
    bookmark_at: Option<Elapsed>,
    /// When a picture that moves looks otherwise.
    picture_at: Option<Elapsed>,
    /// When presenter views are shown again how the panes look.
    mirror_at: Option<Elapsed>,
    /// When pages are shown again what the stage shows.
    show_at: Option<Elapsed>,
}

/// What a turn of the loop has to do after it has waited.
enum Woken {
    /// End.
    End(Ending),
    /// Nothing that can be seen.
    Quietly,
    /// Draw.
    Visibly {
        /// By a key, which is answered at once.
        pressed: bool,
        /// By a program.
        by_program: bool,
    },
}

impl<S: Surface, E: Events, C: Clock> EventLoop<S, E, C> {
    /// Draws the first frame, and begins; inside of a runtime.
    ///
    /// # Errors
    /// When the surface takes no frames.
    pub fn new(mut stage: Stage<S>, events: E, clock: C) -> io::Result<Self> {
        let ink = Arc::new(RenderCache::new());
        stage.surface.draw(&view::audience(&stage.talk, &ink, clock.now()))?;
        // What is said to that comes when plain cells have been shown already.
        stage.surface.ask()?;
        let now = clock.now();
        let chores = Chores::start(
            stage.located.clone(),
            Arc::clone(&ink),
            stage.decoder.clone(),
            stage.bookmark.clone(),
            stage.kept.clone(),
        );
        let watch = if stage.is_watched { watch(&stage.located, now) } else { None };
        // A talk that cannot be followed can still be given.
        let links = stage.serve.take().and_then(|serve| link::serve(serve).ok());
        // The first frame was drawn before its panes had been met.
        let is_stale = !stage.talk.deck().panes(stage.talk.place().slide).is_empty();
        stage.talk.update(Msg::Wake, now);
        let event_loop = Self {
            stage,
            events,
            clock,
            ink,
            chores,
            links,
            watch,
            readings: Readings::new(now),
            reads: JoinSet::new(),
            jobs: JoinSet::new(),
            drawn_at: now,
            rest: FRAME_INTERVAL,
            is_stale,
            highlight_at: Some(now + HIGHLIGHT_DELAY),
            bookmark_at: None,
            picture_at: None,
            mirror_at: None,
            show_at: None,
        };
        // Its neighbours come with the rest of the deck.
        event_loop.prepare(|slide| vec![slide]);
        Ok(event_loop)
    }

    /// Gives the talk, until somebody ends it.
    ///
    /// # Errors
    /// When the terminal goes away.
    pub async fn event_loop(&mut self) -> io::Result<Ending> {
        loop {
            if let Some(ending) = self.turn().await? {
                return Ok(ending);
            }
        }
    }

    /// One turn of the loop: does what the talk asks for, waits until something happens, tells the talk, does what it
    /// asks for then, and draws. Says how the talk ends, when it does. A turn that is given up while it waits has lost
    /// nothing.
    ///
    /// # Errors
    /// When the terminal goes away.
    pub async fn turn(&mut self) -> io::Result<Option<Ending>> {
        if let Some(ending) = self.perform_effects().await? {
            return Ok(Some(ending));
        }
        let (mut pressed, by_program) = match self.wait().await? {
            Woken::End(ending) => return Ok(Some(ending)),
            Woken::Quietly => return Ok(None),
            Woken::Visibly { pressed, by_program } => (pressed, by_program),
        };
        // Whatever else is ready belongs to the same frame.
        pressed |= self.drain_input()?;
        if let Some(ending) = self.perform_effects().await? {
            return Ok(Some(ending));
        }
        self.tell_followers();
        // A key is answered at once: while a program draws all the time, a frame would be long.
        self.is_stale = !pressed && self.now().since(self.drawn_at) < self.rest;
        if !self.is_stale && !self.stage.surface.is_ready() {
            // What is shown next is then what is new, and not everything on the way there.
            (self.is_stale, self.drawn_at) = (true, self.now());
        }
        if !self.is_stale {
            self.draw()?;
            self.show();
            self.is_stale = self.discard_type_ahead()?;
            if let Some(ending) = self.perform_effects().await? {
                return Ok(Some(ending));
            }
        }
        // A program that writes without a pause must not keep the runtime from looking at signals and timers.
        if by_program {
            tokio::task::yield_now().await;
        }
        Ok(None)
    }

    /// Whether something that the talk has asked for is still being done.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.jobs.is_empty() || !self.reads.is_empty()
    }

    /// Whether something has changed since the last frame.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Waits until something happens, and tells the talk.
    async fn wait(&mut self) -> io::Result<Woken> {
        let clock = &self.clock;
        let draws_at = self.is_stale.then(|| self.drawn_at + self.rest);
        let due_at = self.stage.talk.next_at(clock.now());
        let wake = Arc::clone(self.stage.runner.wake());
        let (mut pressed, mut by_program) = (false, false);
        tokio::select! {
            biased;
            happening = self.events.next() => {
                let happening = happening?;
                pressed = matches!(&happening, Happening::Input(event) if event.is_key());
                if let Some(ending) = self.happened(happening)? {
                    return Ok(Woken::End(ending));
                }
            }
            heard = recv(self.links.as_mut()) => {
                pressed = matches!(heard, LinkEvent::Order(_));
                self.heard(heard);
            }
            Some(Ok(read)) = self.reads.join_next() => self.has_read(read),
            said = self.chores.done() => said.into_iter().for_each(|said| self.tell(Msg::Notice(said))),
            () = changed(self.watch.as_mut()) => self.readings.changed(self.clock.now()),
            () = sleep_until(clock, self.readings.at) => {
                self.readings.begun(self.clock.now());
                self.watch.iter_mut().for_each(FileWatch::settle);
                self.read_again();
            }
            Some(Ok(msg)) = self.jobs.join_next() => self.tell(msg),
            () = sleep_until(clock, draws_at) => {}
            () = sleep_until(clock, self.picture_at) => self.picture_at = None,
            // Last, so that no amount of output keeps a key or a frame waiting.
            () = wake.notified() => {
                by_program = true;
                self.tell(Msg::Wake);
            }
            () = sleep_until(clock, self.highlight_at) => {
                self.highlight_at = None;
                self.prepare(with_neighbours);
                self.chores.highlight(self.stage.talk.deck());
                return Ok(Woken::Quietly);
            }
            () = sleep_until(clock, self.bookmark_at) => {
                self.bookmark_at = None;
                self.chores.remember(self.left(), self.stage.talk.openable());
                return Ok(Woken::Quietly);
            }
            () = sleep_until(clock, self.mirror_at) => {
                self.mirror();
                return Ok(Woken::Quietly);
            }
            () = sleep_until(clock, self.show_at) => {
                self.show();
                return Ok(Woken::Quietly);
            }
            () = sleep_until(clock, due_at) => self.tell(Msg::Wake),
        }
        Ok(Woken::Visibly { pressed, by_program })
    }

    /// Does what the terminal or a signal asks for; says how the talk ends, when it does by that.
    fn happened(&mut self, happening: Happening) -> io::Result<Option<Ending>> {
        match happening {
            Happening::Signal(SignalRequest::End(number)) => return Ok(Some(Ending::Signal(number))),
            Happening::Signal(SignalRequest::Resume) if self.stage.surface.is_ours() => {
                self.take_up_again()?;
            }
            Happening::Signal(SignalRequest::Stop | SignalRequest::Resume) => self.stage.talk.suspend(),
            Happening::Input(event) => self.input(event),
            Happening::Answer(answer) => {
                self.stage.surface.answered(answer);
                self.measure();
            }
            Happening::Closed => return Ok(Some(Ending::Signal(libc::SIGHUP))),
        }
        Ok(None)
    }

    /// Does what the talk asks for, and what that leads to; says how it ends, when it does.
    async fn perform_effects(&mut self) -> io::Result<Option<Ending>> {
        while let Some(effect) = self.stage.talk.next_effect() {
            let effect = match effect {
                Effect::Stage(effect) => effect,
                Effect::Runner(effect) => {
                    self.perform(effect);
                    continue;
                }
            };
            match effect {
                StageEffect::Quit => return Ok(Some(Ending::Quit)),
                StageEffect::Suspend => {
                    if let Some(number) = self.suspend().await? {
                        return Ok(Some(Ending::Signal(number)));
                    }
                }
                StageEffect::Reload => self.read_again(),
                StageEffect::Repaint => self.stage.surface.repaint()?,
                StageEffect::LogPractice(line) => self.log_practice(&line),
                StageEffect::Serve => self.serve_pages(),
                StageEffect::Moved(_) => {
                    self.bookmark_at = Some(self.now() + BOOKMARK_DEBOUNCE);
                    self.prepare(with_neighbours);
                }
            }
        }
        Ok(None)
    }

    /// Does what panes ask for on a thread of its own; the talk gets the answer.
    fn perform(&mut self, effect: RunnerEffect) {
        let (runner, deck) = (Arc::clone(&self.stage.runner), Arc::clone(self.stage.talk.deck()));
        self.jobs.spawn_blocking(move || runner.perform(effect, &deck));
    }

    fn log_practice(&mut self, line: &PracticeEntry) {
        self.stage.diary.iter_mut().for_each(|diary| diary.write(line));
    }

    /// Takes in the keys and orders that are there already; says whether there were any.
    fn drain_input(&mut self) -> io::Result<bool> {
        let mut pressed = false;
        while let Some(event) = self.events.try_input()? {
            pressed |= event.is_key();
            self.input(event);
        }
        while let Some(heard) = self.links.as_mut().and_then(LinkServer::try_recv) {
            pressed |= matches!(heard, LinkEvent::Order(_));
            self.heard(heard);
        }
        Ok(pressed)
    }

    /// Once a question has been drawn, takes in what was typed until then, which is no answer to it. Says whether that
    /// changes the question, so that it has to be drawn again first.
    fn discard_type_ahead(&mut self) -> io::Result<bool> {
        let Mode::Consent(_) = self.stage.talk.mode() else { return Ok(false) };
        let before = self.stage.talk.mode().clone();
        self.drain_input()?;
        let same = *self.stage.talk.mode() == before;
        if same {
            self.stage.talk.drawn();
        }
        Ok(!same)
    }

    /// Tells the talk what somebody did at the terminal.
    fn input(&mut self, event: Event) {
        let msg = match event {
            Event::Key(key) => Msg::Key(key),
            Event::Mouse(mouse) => Msg::Mouse(mouse),
            Event::Resize(columns, rows) => {
                self.stage.surface.invalidate();
                self.measure();
                Msg::Resize(Size { columns: columns.max(1), rows: rows.max(1) })
            }
            Event::Paste(text) => Msg::Paste(text),
            Event::FocusGained => Msg::Focus(true),
            Event::FocusLost => Msg::Focus(false),
        };
        self.tell(msg);
    }

    /// Tells the talk how the surface can show frames that have fewer cells.
    fn measure(&mut self) {
        let enlarging = self.stage.surface.enlarging();
        self.tell(Msg::Enlarging(enlarging));
    }

    /// Does what somebody asks who follows.
    fn heard(&mut self, heard: LinkEvent) {
        match heard {
            LinkEvent::Order(order) => self.tell(Msg::Order(order)),
            LinkEvent::Notice(text) => self.tell(Msg::Notice(text)),
            LinkEvent::Joined => self.links.iter_mut().for_each(LinkServer::forget),
        }
    }

    fn tell(&mut self, msg: Msg) {
        self.stage.talk.update(msg, self.clock.now());
    }

    /// Tells those who follow how the talk stands.
    fn tell_followers(&mut self) {
        if let Some(links) = self.links.as_mut().filter(|links| links.is_followed()) {
            let now = self.clock.now();
            links.tell(self.stage.talk.state(now), now);
            self.mirror();
        }
    }

    /// Shows presenter views how the panes look: now, or when it is time again.
    fn mirror(&mut self) {
        let now = self.clock.now();
        let due = self.links.as_ref().and_then(|links| links.mirrors_at(now));
        self.mirror_at = due.filter(|due| *due > now);
        if let Some(links) = self.links.as_mut().filter(|_| due.is_some_and(|due| due <= now)) {
            links.mirror(view::mirror(&self.stage.talk, now), now);
        }
    }

    /// Shows pages what the stage shows: now, or when it is time again.
    fn show(&mut self) {
        let (now, talk) = (self.clock.now(), &self.stage.talk);
        // Nothing that was shown is shown any longer when the stage is blank.
        let due = self
            .links
            .as_ref()
            .and_then(|links| links.shows_at(talk.place(), *talk.mode() == Mode::Blank, now));
        self.show_at = due.filter(|due| *due > now);
        let Some(links) = self.links.as_mut().filter(|_| due.is_some_and(|due| due <= now)) else { return };
        let state = talk.state(now);
        let showing = Showing {
            deck: Arc::clone(talk.deck()),
            fingerprint: state.deck,
            place: talk.place(),
            drawn: view::followed(talk, &self.ink, now),
            panes: state.panes,
            openable: talk.openable(),
            size: talk.size(),
            ink: Arc::clone(&self.ink),
        };
        links.show(showing, now);
    }

    /// Opens pages for the room, as the speaker asked.
    fn serve_pages(&mut self) {
        let opened = match self.links.as_ref().map(LinkServer::open) {
            None => Err("This talk cannot be followed: there is no folder for its socket".to_owned()),
            Some(Err(error)) => Err(error.to_string()),
            Some(Ok((port, tokens, addresses))) => {
                if let Some(kept) = &self.stage.kept {
                    let shown = self.stage.talk.openable();
                    kept.serve(Address { port, speaker: tokens.speaker, audience: tokens.audience, shown });
                }
                Ok(addresses.audience.into())
            }
        };
        self.tell(Msg::Served(opened));
    }

    /// Reads the deck on a thread of its own.
    fn read_again(&mut self) {
        let (located, adapt) = (self.stage.located.clone(), Arc::clone(&self.stage.adapt));
        self.reads.spawn_blocking(move || {
            let texts = Texts::new(&*located.files, &located.entry);
            let deck = Arc::new(adapt(open::deck_with(&texts, &located.entry, &located.executors)));
            ReadDeck { deck, away: texts.away() }
        });
    }

    fn has_read(&mut self, read: ReadDeck) {
        let now = self.now();
        let msg = self.readings.done(read, &self.stage.talk, now);
        if let Some(Msg::Reloaded(deck)) = &msg {
            self.ink.renew(deck);
            self.highlight_at = Some(now + HIGHLIGHT_DELAY);
        }
        if let Some(msg) = msg {
            self.tell(msg);
        }
    }

    /// Gets ready what `slides` makes of this slide.
    fn prepare(&self, slides: impl Fn(usize) -> Vec<usize>) {
        let (deck, slide) = (self.stage.talk.deck(), self.stage.talk.place().slide);
        let slides = slides(slide);
        // To wake the thread takes longer than to look.
        if !slides.iter().all(|slide| headless::is_prepared(deck, *slide, &self.ink)) {
            self.chores.prepare(deck, slides);
        }
        if self.animates() {
            self.chores.animate(deck, slide);
        }
    }

    /// Whether pictures move that can.
    fn animates(&self) -> bool {
        self.stage.surface.is_animated() && self.stage.talk.settings().motion == Motion::Full
    }

    /// When one of the slide's pictures looks otherwise than it was drawn.
    fn moves_at(&self) -> Option<Elapsed> {
        let talk = &self.stage.talk;
        let moves = self.animates() && *talk.mode() == Mode::Slide;
        moves.then(|| self.ink.moves_at(&talk.deck().pictures(talk.place().slide), self.drawn_at)).flatten()
    }

    fn draw(&mut self) -> io::Result<()> {
        self.drawn_at = self.now();
        let draw = || view::audience(&self.stage.talk, &self.ink, self.drawn_at);
        let frame = if self.animates() { self.ink.at(self.drawn_at, draw) } else { draw() };
        self.stage.surface.draw(&frame)?;
        self.picture_at = self.moves_at();
        // Drawn rows may cost more than cells: the next one comes so much later that keys have their turn between them.
        let cost = if frame.window.is_some() { self.now().since(self.drawn_at) } else { Duration::ZERO };
        self.rest = (cost * 2).clamp(FRAME_INTERVAL, MAX_FRAME_INTERVAL);
        Ok(())
    }

    /// Stops until the surface is this talk's again; gives the signal that has ended the talk meanwhile.
    async fn suspend(&mut self) -> io::Result<Option<i32>> {
        self.stage.surface.leave();
        self.stage.surface.stop();
        while !self.stage.surface.is_ours() {
            // A job that ends in the background is sent a signal and then continued.
            let until = self.now() + BACKGROUND_POLL;
            tokio::select! {
                biased;
                number = self.events.ending() => return Ok(Some(number)),
                () = self.clock.sleep_until(until) => {}
            }
            if !self.stage.surface.is_ours() {
                self.stage.surface.stop();
            }
        }
        self.take_up_again()?;
        Ok(None)
    }

    /// The terminal may have become another one meanwhile.
    fn take_up_again(&mut self) -> io::Result<()> {
        self.stage.surface.enter()?;
        self.stage.surface.invalidate();
        self.tell(Msg::Resize(self.stage.surface.size()));
        Ok(())
    }

    /// How the talk would be left now.
    fn left(&self) -> SavedPosition {
        let talk = &self.stage.talk;
        let (elapsed, running) = talk.timer(self.now());
        SavedPosition { place: talk.place(), elapsed, running, ended: false, at: SavedPosition::moment() }
    }

    fn now(&self) -> Elapsed {
        self.clock.now()
    }
}

/// Watches a deck that began to be read at [`Elapsed::ZERO`]. One that cannot be watched can still be read again by key.
fn watch(located: &Located, now: Elapsed) -> Option<FileWatch> {
    let Located { folder, whole_folder, asked, .. } = located;
    let since = SystemTime::now().checked_sub(now.since(Elapsed::ZERO))?;
    Some(FileWatch::new(folder.as_deref()?, *whole_folder, asked.clone(), since))
}

async fn changed(watch: Option<&mut FileWatch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn recv(links: Option<&mut LinkServer>) -> LinkEvent {
    match links {
        Some(links) => links.recv().await,
        None => std::future::pending().await,
    }
}

/// A slide, the one that comes next, and the one before it.
fn with_neighbours(slide: usize) -> Vec<usize> {
    [Some(slide), Some(slide + 1), slide.checked_sub(1)].into_iter().flatten().collect()
}
