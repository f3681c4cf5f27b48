//! The stage: waits for whatever happens next, tells the talk, does what it asks for, and draws.
#![allow(clippy::disallowed_methods)] // the stage has the clock

mod reading;
pub mod signals;

use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::time::{Duration, Instant, SystemTime};

use crossterm::event::Event;
use tokio::sync::mpsc;

use self::signals::{Signals, Told};
use crate::edge::deckfiles::Located;
use crate::edge::link::{self, Heard, Links, Serve};
use crate::edge::memory::{Bookmark, Left};
use crate::edge::picture::Decoder;
use crate::edge::practice::Diary;
use crate::edge::runs::Runner;
use crate::edge::watch::Watch;
use crate::headless;
use crate::practice::Line;
use crate::talk::{Effect, Mode, Msg, Place, RunnerEffect, StageEffect, Talk, Texts};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Code, Deck};
use greenroom_parse as parse;
use greenroom_render::paint::Ink;
use greenroom_system::say;
use greenroom_terminal::input::Input;
use greenroom_terminal::screen::{Screen, Terminal};
use greenroom_terminal::tty::{self, Tty};
use reading::{Read, Readings};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// A place is remembered when the talk has been there for so long.
const SETTLED: Duration = Duration::from_millis(250);
/// How long programs may take to end when the talk does; their guards end what is left.
const PARTING: Duration = Duration::from_secs(4);
/// After the first frame, the rest of a deck is made ready; this is when, so that it does not hold that frame up.
const AHEAD: Duration = Duration::from_millis(100);
/// A suspended talk that goes on in the background looks for so long whether it should end.
const BACKGROUND: Duration = Duration::from_millis(200);
/// Starts and recordings that are under way at a time, before answers are taken in.
const ANSWERS: usize = 16;

/// What a talk is given with.
pub struct Stage {
    /// Where the deck comes from.
    pub located: Located,
    /// Changes a deck that was read, as the command line asked.
    pub adapt: Arc<dyn Fn(Deck) -> Deck + Send + Sync>,
    /// What runs its panes.
    pub runner: Runner,
    /// Where the place is remembered.
    pub bookmark: Option<Bookmark>,
    /// What a person types to go on with the talk, when it has been left.
    pub resume: String,
    /// How it can be followed.
    pub serve: Option<Serve>,
    /// Where it is written down, when it is a practice.
    pub diary: Option<Diary>,
    /// The talk, where it begins.
    pub talk: Talk,
    /// Where its frames go.
    pub screen: Screen<Terminal>,
    /// What time it was at [`Elapsed::ZERO`].
    pub began: Instant,
}

/// How a talk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The speaker left.
    Quit,
    /// A signal with this number asked for it.
    Signal(i32),
}

/// Work that must not hold the stage up: pictures, highlighting, bookmarks.
enum Chore {
    /// A slide, its pictures included.
    Prepare(Arc<Deck>, usize),
    /// The code of every slide, as long as there is nothing else to do.
    Ahead(Arc<Deck>),
    Remember(Left),
}

/// What the loop keeps in order besides the talk.
struct Upkeep {
    chores: std_mpsc::SyncSender<Chore>,
    /// Slides that have been got ready.
    prepared: HashSet<usize>,
    /// When the place is to be remembered.
    moved: Option<Instant>,
    reloaded: mpsc::Sender<Read>,
}

/// Code that is highlighted before it is needed, so that a key never waits for it.
#[derive(Default)]
struct Ahead(Vec<Arc<Code>>);

impl Ahead {
    /// Code of a deck with more than this is highlighted when its slide comes near: there is no end of it.
    const MOST: usize = 64 * 1024;

    fn of(deck: &Deck) -> Self {
        let mut code: Vec<Arc<Code>> = (0..deck.slides.len()).flat_map(|slide| deck.code(slide)).collect();
        if code.iter().map(|code| code.source.len()).sum::<usize>() > Self::MOST {
            return Self::default();
        }
        code.reverse();
        Self(code)
    }

    fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    fn next(&mut self, ink: &Ink) {
        if let Some(code) = self.0.pop() {
            ink.prepare(&code);
        }
    }
}

impl Stage {
    /// Gives the talk, until somebody ends it.
    ///
    /// # Errors
    /// When the terminal goes away.
    pub fn run(mut self, tty: &Tty) -> io::Result<Ending> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ink = Arc::new(Ink::new());
        self.draw(&ink)?;
        let (answer, mut answers) = mpsc::channel::<Msg>(ANSWERS);
        let mut links = None;
        let ending = runtime.block_on(self.give(tty, &ink, &mut links, (&answer, &mut answers)));
        // The terminal may be gone, which is one way for a talk to end.
        let _ = self.screen.forget_pictures();
        // The screen is given back at once; what runs is ended behind it.
        tty.leave();
        if let Some(bookmark) = &self.bookmark {
            // The thread that remembers places may not have come to this one yet.
            // Who closes the terminal has ended the talk, unless a presenter view waits for it to come back.
            let followed = links.as_ref().is_some_and(Links::is_followed);
            let ended = matches!(ending, Ok(Ending::Quit)) || !followed;
            let _ = bookmark.write(&Left { ended, ..self.left() });
        }
        drop(links);
        self.end_practice();
        runtime.block_on(self.end_runs(&answer, &mut answers));
        self.runner.end();
        runtime.shutdown_background();
        for line in self.talk.said() {
            let _ = writeln!(say::err(), "greenroom: {line}");
        }
        let place = self.talk.place();
        if matches!(ending, Ok(Ending::Quit)) && self.bookmark.is_some() && place != Place::default() {
            let (slide, slides) = (place.slide + 1, self.talk.deck().slides.len());
            let _ = writeln!(
                say::err(),
                "greenroom: the talk was left at slide {slide} of {slides}; to go on there: {}",
                self.resume
            );
        }
        ending
    }

    async fn give(
        &mut self,
        tty: &Tty,
        ink: &Arc<Ink>,
        links: &mut Option<Links>,
        (answer, answers): (&mpsc::Sender<Msg>, &mut mpsc::Receiver<Msg>),
    ) -> io::Result<Ending> {
        let mut signals = Signals::new()?;
        let mut input = Input::listen()?;
        let (done, mut ready) = mpsc::channel(1);
        let chores = start_chores(self.located.clone(), Arc::clone(ink), self.bookmark.clone(), done);
        let mut watch = self.watch();
        let (reloaded, mut decks) = mpsc::channel::<Read>(1);
        let mut readings = Readings::new();
        let wake = Arc::clone(self.runner.wake());
        let mut drawn_at = Instant::now();
        // The first frame was drawn before its panes had been met.
        let mut stale = !self.talk.deck().panes(self.talk.place().slide).is_empty();
        let mut ahead = Some(drawn_at + AHEAD);
        *links = self.links();
        let mut upkeep = Upkeep { chores, prepared: HashSet::new(), moved: None, reloaded };
        self.prepare(&mut upkeep);
        self.talk.update(Msg::Wake, self.now());
        if let Some(ending) = self.perform_effects(tty, &mut signals, answer, &mut upkeep).await? {
            return Ok(ending);
        }
        loop {
            let draws = stale.then(|| drawn_at + FRAME);
            let due = self.talk.next_at(self.now()).map(|at| self.began + at.since(Elapsed::ZERO));
            let (mut woken, mut pressed) = (false, false);
            tokio::select! {
                biased;
                told = signals.next() => match told {
                    Told::End(number) => return Ok(Ending::Signal(number)),
                    Told::Resume if tty.is_ours() => self.taken_up_again(tty)?,
                    Told::Stop | Told::Resume => self.talk.suspend(),
                },
                event = input.recv() => match event {
                    Some(Ok(event)) => {
                        pressed = event.is_key();
                        self.event(event);
                    }
                    Some(Err(error)) => return Err(error),
                    None => return Ok(Ending::Signal(libc::SIGHUP)),
                },
                heard = recv(links.as_mut()) => {
                    pressed = matches!(heard, Heard::Order(_));
                    self.heard(heard, links.as_mut());
                }
                Some(read) = decks.recv() => {
                    let msg = readings.done(read, &self.talk);
                    if let Some(Msg::Reloaded(deck)) = &msg {
                        ink.renew(deck);
                        upkeep.prepared.clear();
                        ahead = Some(Instant::now() + AHEAD);
                    }
                    if let Some(msg) = msg {
                        self.talk.update(msg, self.now());
                    }
                }
                Some(()) = ready.recv() => {}
                () = changed(watch.as_mut()) => readings.changed(),
                () = sleep_until(readings.at) => {
                    readings.begun();
                    if let Some(watch) = &mut watch {
                        watch.settle();
                    }
                    self.read_again(upkeep.reloaded.clone());
                }
                Some(msg) = answers.recv() => self.talk.update(msg, self.now()),
                () = sleep_until(draws) => {}
                // Last, so that no amount of output keeps a key or a frame waiting.
                () = wake.notified() => {
                    woken = true;
                    self.talk.update(Msg::Wake, self.now());
                }
                () = sleep_until(ahead) => {
                    ahead = None;
                    let _ = upkeep.chores.try_send(Chore::Ahead(Arc::clone(self.talk.deck())));
                    continue;
                }
                () = sleep_until(upkeep.moved) => {
                    upkeep.moved = None;
                    let _ = upkeep.chores.try_send(Chore::Remember(self.left()));
                    continue;
                }
                () = sleep_until(due) => self.talk.update(Msg::Wake, self.now()),
            }
            // Whatever else is ready belongs to the same frame.
            pressed |= self.take_in(&mut input, links.as_mut())?;
            if let Some(ending) = self.perform_effects(tty, &mut signals, answer, &mut upkeep).await? {
                return Ok(ending);
            }
            self.tell(links.as_mut());
            // A key is answered at once: while a program draws all the time, a frame would be long.
            stale = !pressed && drawn_at.elapsed() < FRAME;
            if !stale {
                drawn_at = Instant::now();
                self.draw(ink)?;
                stale = self.early(&mut input, links.as_mut())?;
                if let Some(ending) = self.perform_effects(tty, &mut signals, answer, &mut upkeep).await? {
                    return Ok(ending);
                }
            }
            // A program that writes without a pause must not keep the runtime from looking at signals and timers.
            if woken {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Does what the talk asks for, and what that leads to; says how it ends, when it does.
    async fn perform_effects(
        &mut self,
        tty: &Tty,
        signals: &mut Signals,
        answer: &mpsc::Sender<Msg>,
        upkeep: &mut Upkeep,
    ) -> io::Result<Option<Ending>> {
        while let Some(effect) = self.talk.next_effect() {
            let effect = match effect {
                Effect::Stage(effect) => effect,
                Effect::Runner(effect) => {
                    self.perform(effect, answer);
                    continue;
                }
            };
            match effect {
                StageEffect::Quit => return Ok(Some(Ending::Quit)),
                StageEffect::Suspend => {
                    if let Some(number) = self.suspend(tty, signals).await? {
                        return Ok(Some(Ending::Signal(number)));
                    }
                }
                StageEffect::Reload => self.read_again(upkeep.reloaded.clone()),
                StageEffect::Repaint => {
                    tty.renew()?;
                    self.screen.repaint();
                }
                StageEffect::LogPractice(line) => self.log_practice(&line),
                StageEffect::Moved(_) => {
                    upkeep.moved = Some(Instant::now() + SETTLED);
                    self.prepare(upkeep);
                }
            }
        }
        Ok(None)
    }

    fn log_practice(&mut self, line: &Line) {
        self.diary.iter_mut().for_each(|diary| diary.write(line));
    }

    /// A talk that cannot be followed can still be given.
    fn links(&mut self) -> Option<Links> {
        let serve = self.serve.take()?;
        link::serve(serve).ok()
    }

    /// Writes the last lines of a practice.
    fn end_practice(&mut self) {
        self.talk.end_practice(self.now());
        while let Some(effect) = self.talk.next_effect() {
            // The talk is over: nothing else that it asked for begins.
            if let Effect::Stage(StageEffect::LogPractice(line)) = effect {
                self.log_practice(&line);
            }
        }
        let Some(diary) = self.diary.take() else { return };
        let path = diary.path().display().to_string();
        if let Err(error) = diary.finish() {
            let _ = writeln!(say::err(), "greenroom: the practice is not all in {path}: {error}");
        }
    }

    /// Takes in the keys and orders that are there already; says whether there were any.
    fn take_in(&mut self, input: &mut Input, mut links: Option<&mut Links>) -> io::Result<bool> {
        let mut pressed = false;
        while let Some(event) = input.try_recv()? {
            pressed |= event.is_key();
            self.event(event);
        }
        while let Some(heard) = links.as_deref_mut().and_then(Links::try_recv) {
            pressed |= matches!(heard, Heard::Order(_));
            self.heard(heard, links.as_deref_mut());
        }
        Ok(pressed)
    }

    /// Tells those who follow how the talk stands.
    fn tell(&self, links: Option<&mut Links>) {
        if let Some(links) = links.filter(|links| links.is_followed()) {
            let now = self.now();
            links.tell(self.talk.state(now), now);
        }
    }

    /// Does what somebody asks who follows.
    fn heard(&mut self, heard: Heard, links: Option<&mut Links>) {
        let now = self.now();
        match heard {
            Heard::Order(order) => self.talk.update(Msg::Order(order), now),
            Heard::Notice(text) => self.talk.update(Msg::Notice(text), now),
            Heard::Joined => links.into_iter().for_each(Links::forget),
        }
    }

    /// How the talk would be left now.
    fn left(&self) -> Left {
        let (elapsed, running) = self.talk.timer(self.now());
        Left { place: self.talk.place(), elapsed, running, ended: false, at: Left::moment() }
    }

    /// A deck that cannot be watched can still be read again by key.
    fn watch(&self) -> Option<Watch> {
        let Located { folder, whole_folder, asked, .. } = &self.located;
        let since = SystemTime::now().checked_sub(self.began.elapsed())?;
        Some(Watch::new(folder.as_deref()?, *whole_folder, asked.clone(), since))
    }

    /// Does what panes ask for on a thread of its own; the talk gets the answer.
    fn perform(&self, effect: RunnerEffect, answer: &mpsc::Sender<Msg>) {
        let (runner, deck, answer) = (self.runner.clone(), Arc::clone(self.talk.deck()), answer.clone());
        tokio::task::spawn_blocking(move || {
            let _ = answer.blocking_send(runner.perform(effect, &deck));
        });
    }

    /// Ends everything that runs, and waits for it as long as that takes a program that has been asked.
    async fn end_runs(&mut self, answer: &mpsc::Sender<Msg>, answers: &mut mpsc::Receiver<Msg>) {
        self.talk.stop_all(self.now());
        let wake = Arc::clone(self.runner.wake());
        let all = async {
            while self.talk.any_running() {
                let msg = tokio::select! {
                    Some(msg) = answers.recv() => msg,
                    () = wake.notified() => Msg::Wake,
                    () = tokio::time::sleep(FRAME) => Msg::Wake,
                };
                let now = self.now();
                self.talk.update(msg, now);
                while let Some(effect) = self.talk.next_effect() {
                    // What has been recorded is still written; nothing new begins.
                    if let Effect::Runner(write @ RunnerEffect::WriteTape { .. }) = effect {
                        self.perform(write, answer);
                    }
                }
            }
        };
        let _ = tokio::time::timeout(PARTING, all).await;
    }

    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    fn draw(&mut self, ink: &Ink) -> io::Result<()> {
        let frame = view::audience(&self.talk, ink, self.now());
        self.screen.draw(&frame).map(|_| ())
    }

    /// Once a question has been drawn, takes in what was typed until then, which is no answer to it. Says whether that
    /// changes the question, so that it has to be drawn again first.
    fn early(&mut self, input: &mut Input, links: Option<&mut Links>) -> io::Result<bool> {
        let Mode::Consent(_) = self.talk.mode() else { return Ok(false) };
        let before = self.talk.mode().clone();
        self.take_in(input, links)?;
        let same = *self.talk.mode() == before;
        if same {
            self.talk.drawn();
        }
        Ok(!same)
    }

    fn event(&mut self, event: Event) {
        let msg = match event {
            Event::Key(key) => Msg::Key(key),
            Event::Mouse(mouse) => Msg::Mouse(mouse),
            Event::Resize(columns, rows) => {
                self.screen.invalidate();
                Msg::Resize(Size { columns: columns.max(1), rows: rows.max(1) })
            }
            Event::Paste(text) => Msg::Paste(text),
            Event::FocusGained => Msg::Focus(true),
            Event::FocusLost => Msg::Focus(false),
        };
        let now = self.now();
        self.talk.update(msg, now);
    }

    /// Gets this slide and its neighbours ready, each of them once.
    fn prepare(&self, Upkeep { chores, prepared, .. }: &mut Upkeep) {
        let at = self.talk.place().slide;
        for slide in [Some(at), Some(at + 1), at.checked_sub(1)].into_iter().flatten() {
            // When the queue is full the slide is made ready when it is drawn.
            if prepared.insert(slide)
                && chores.try_send(Chore::Prepare(Arc::clone(self.talk.deck()), slide)).is_err()
            {
                prepared.remove(&slide);
            }
        }
    }

    /// Reads the deck on a thread of its own.
    fn read_again(&self, reloaded: mpsc::Sender<Read>) {
        let (located, adapt) = (self.located.clone(), Arc::clone(&self.adapt));
        tokio::task::spawn_blocking(move || {
            let texts = Texts::new(&*located.files, &located.entry);
            let deck = Arc::new(adapt(parse::deck(&texts, &located.entry)));
            let _ = reloaded.blocking_send(Read { deck, away: texts.away() });
        });
    }

    /// Stops until the terminal is this talk's again; gives the signal that has ended the talk meanwhile.
    async fn suspend(&mut self, tty: &Tty, signals: &mut Signals) -> io::Result<Option<i32>> {
        tty.leave();
        tty::stop_self();
        while !tty.is_ours() {
            // A job that ends in the background is sent a signal and then continued.
            if let Ok(number) = tokio::time::timeout(BACKGROUND, signals.ending()).await {
                return Ok(Some(number));
            }
            if !tty.is_ours() {
                tty::stop_self();
            }
        }
        self.taken_up_again(tty)?;
        Ok(None)
    }

    /// The terminal may have become another one meanwhile.
    fn taken_up_again(&mut self, tty: &Tty) -> io::Result<()> {
        tty.enter()?;
        self.screen.invalidate();
        let (size, now) = (tty.size(), self.now());
        self.talk.update(Msg::Resize(size), now);
        Ok(())
    }
}

async fn changed(watch: Option<&mut Watch>) {
    match watch {
        Some(watch) => watch.changed().await,
        None => std::future::pending().await,
    }
}

async fn recv(links: Option<&mut Links>) -> Heard {
    match links {
        Some(links) => links.recv().await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A thread that does chores one after the other, and says when something it did should be drawn.
fn start_chores(
    located: Located,
    ink: Arc<Ink>,
    bookmark: Option<Bookmark>,
    done: mpsc::Sender<()>,
) -> std_mpsc::SyncSender<Chore> {
    let (send, chores) = std_mpsc::sync_channel::<Chore>(16);
    std::thread::spawn(move || {
        let decoder = Decoder::this();
        let decode = |bytes: &[u8], max| decoder.decode(bytes, max);
        let mut ahead = Ahead::default();
        loop {
            let chore = if ahead.is_done() { chores.recv().ok() } else { chores.try_recv().ok() };
            match chore {
                Some(Chore::Prepare(deck, slide)) => {
                    headless::prepare_code(&deck, slide, &ink);
                    if headless::load_pictures(&deck, slide, &*located.files, &ink, &decode) {
                        let _ = done.try_send(());
                    }
                }
                Some(Chore::Ahead(deck)) => ahead = Ahead::of(&deck),
                // A place that cannot be written is only a place that cannot be resumed.
                Some(Chore::Remember(left)) => {
                    if let Some(bookmark) = &bookmark {
                        let _ = bookmark.write(&left);
                    }
                }
                None if ahead.is_done() => return,
                None => ahead.next(&ink),
            }
        }
    });
    send
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;

    fn ahead(blocks: usize) -> Ahead {
        let block = |n: usize| format!("# Slide\n\n```python\nx{n} = '{}'\n```\n", "y".repeat(1000));
        let text = (0..blocks).map(block).collect::<Vec<_>>().join("\n---\n\n");
        Ahead::of(&parse::deck(&MemoryFiles::new().with("deck.md", text), "deck.md"))
    }

    #[test]
    fn little_code_is_highlighted_ahead_in_the_order_of_the_slides() {
        let (mut little, ink, mut order) = (ahead(3), Ink::new(), Vec::new());
        while let Some(code) = little.0.last() {
            order.push(code.source[..2].to_owned());
            little.next(&ink);
        }
        assert_eq!(order, ["x0", "x1", "x2"]);
        assert!(little.is_done());
        assert!(ahead(70).is_done(), "so much is highlighted when its slide comes near");
    }
}
