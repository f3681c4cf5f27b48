//! A presenter view: what is known of the stage that it follows, and what a key does to it. Nothing here draws,
//! reads or waits.

mod keys;
pub mod page;

pub use keys::{Handler, KEYS, bindable, key_name, situation};

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::keys::{HELP, Key, Keymap, ch, ctrl};
use crate::link::{Hello, Mirror, PaneCells, StageCommand, StageState, VERSION};
use greenroom_base::clock::{Elapsed, millis};
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::plan::Plan;
use greenroom_deck::{Deck, Slide, SlideKind, Step, Text};
use greenroom_parse as parse;

/// How much of the screen the notes take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum NotesHeight {
    /// What large thumbnails leave.
    Little,
    /// About half.
    #[default]
    Half,
    /// Nearly all; the slides are named, not drawn.
    Most,
}

/// What lies over the presenter view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Over {
    /// Nothing.
    #[default]
    Nothing,
    /// The keys; this page of them, counted round and round.
    Help(i16),
    /// The address of the remote, for the speaker's phone.
    Speaker,
    /// The same for the audience.
    Audience,
}

/// How the presenter view stands with the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkStatus {
    /// There is none yet, or not any more; why.
    Waiting(String),
    /// It is followed.
    Joined(Box<Hello>),
}

/// Something that the presenter view has to know about.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The wheel was turned: so many rows of the notes down, or up when below zero.
    Wheel(i32),
    /// The terminal has this size now.
    Resize(Size),
    /// The stage is there.
    Joined(Hello),
    /// The stage says how it stands.
    State(Box<StageState>),
    /// The stage shows how its panes look.
    Mirror(Box<Mirror>),
    /// The stage is gone, or says something that cannot be understood: in words.
    Lost(String),
    /// The deck was read again.
    Reloaded(Arc<Deck>),
}

/// Something that it wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave. The stage goes on.
    Quit,
    /// Tell the stage.
    Send(StageCommand),
    /// Read the deck again: the stage has other slides.
    Reload,
    /// Draw everything from scratch: something else has written on the terminal.
    Repaint,
}

/// A presenter view.
#[derive(Debug)]
pub struct PresenterView {
    deck: Arc<Deck>,
    fingerprint: String,
    plan: Option<Plan>,
    size: Size,
    line: LinkStatus,
    state: Option<Box<StageState>>,
    mirror: Option<Box<Mirror>>,
    /// When the state came.
    told: Elapsed,
    /// The deck of the stage for which the own one was read again.
    reread: String,
    notes: Notes,
    /// Rows that the notes are scrolled down by.
    pub scroll: u32,
    room: NotesHeight,
    over: Over,
    /// The keys of the person who looks.
    keymap: Keymap,
    /// The stage's keys that draw everything again, which this view does as well.
    repaints: Vec<Key>,
    /// Seconds since midnight, local time, at [`Elapsed::ZERO`].
    midnight: u64,
}

/// Notes as a slide that can be laid out.
#[derive(Debug)]
struct Notes {
    text: String,
    slide: Arc<Slide>,
}

impl PresenterView {
    /// A presenter view of `deck` that waits for its stage.
    #[must_use]
    pub fn new(deck: Arc<Deck>, size: Size, midnight: u64) -> Self {
        let (fingerprint, plan) = (deck.fingerprint(), Plan::of(&deck));
        let line = LinkStatus::Waiting("no stage of this deck is running yet".to_owned());
        let notes = Notes::of("");
        Self {
            deck,
            fingerprint,
            plan,
            size,
            line,
            state: None,
            mirror: None,
            told: Elapsed::ZERO,
            reread: String::new(),
            notes,
            scroll: 0,
            room: NotesHeight::default(),
            over: Over::default(),
            keymap: Keymap::default(),
            repaints: vec![ch('r')],
            midnight,
        }
    }

    /// The same view with the keys of a person; `repaints` are those of the stage that draw everything again, which is then done here
    /// as well.
    #[must_use]
    pub fn with_keys(mut self, keymap: Keymap, repaints: Vec<Key>) -> Self {
        (self.keymap, self.repaints) = (keymap, repaints);
        self
    }

    /// The keys of the person who looks.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Takes in `msg`, and says what has to be done.
    #[must_use = "an effect that is not performed is lost"]
    pub fn update(&mut self, msg: Msg, now: Elapsed) -> Vec<Effect> {
        match msg {
            Msg::Key(key) if key.kind != KeyEventKind::Release => return self.key(key),
            Msg::Key(_) => {}
            Msg::Wheel(rows) => self.scroll = self.scroll.saturating_add_signed(rows),
            Msg::Resize(size) => self.size = size,
            Msg::Joined(hello) if hello.version == VERSION => self.line = LinkStatus::Joined(Box::new(hello)),
            Msg::Joined(hello) => {
                let (theirs, ours) = (hello.greenroom, env!("CARGO_PKG_VERSION"));
                // Two builds of one version can differ in this, too.
                self.line = LinkStatus::Waiting(format!(
                    "the stage is another greenroom ({theirs}, link version {}; this one: {ours}, {VERSION}): start both from the \
                     same one",
                    hello.version
                ));
            }
            Msg::Lost(why) => {
                self.line = LinkStatus::Waiting(why);
                self.mirror = None;
            }
            Msg::Mirror(mirror) => self.mirror = Some(mirror),
            Msg::State(state) => return self.told(state, now),
            Msg::Reloaded(deck) => {
                (self.fingerprint, self.plan) = (deck.fingerprint(), Plan::of(&deck));
                self.deck = deck;
            }
        }
        Vec::new()
    }

    /// The notes have been drawn, and can be scrolled by `overflow` rows: a key beyond that is forgotten.
    pub fn notes_shown(&mut self, overflow: u32) {
        self.scroll = self.scroll.min(overflow);
    }

    fn told(&mut self, state: Box<StageState>, now: Elapsed) -> Vec<Effect> {
        let moved = self.state.as_ref().is_none_or(|old| old.slide != state.slide);
        if moved {
            self.scroll = 0;
        }
        if self.notes.text != state.notes {
            self.notes = Notes::of(&state.notes);
        }
        let other = state.deck != self.fingerprint && state.deck != self.reread;
        self.reread.clone_from(&state.deck);
        (self.state, self.told) = (Some(state), now);
        if other { vec![Effect::Reload] } else { Vec::new() }
    }

    /// Whether this keyboard is in a pane of the stage: then every key is for the program there, as on the stage itself.
    fn types(&self) -> bool {
        let here =
            |state: &StageState| state.over.is_empty() && state.panes.iter().any(|pane| pane.from_afar);
        matches!(self.line, LinkStatus::Joined(_)) && self.state.as_deref().is_some_and(here)
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if self.over == Over::Nothing && self.types() {
            let order = crate::keys::spell(key).map(|key| Effect::Send(StageCommand::Key { key }));
            return order.into_iter().collect();
        }
        let pressed = Key::pressed(key);
        let handler = keys::find(&self.keymap, pressed).map(|action| action.handler);
        if let Some(Handler::Anywhere(handle)) = handler {
            return handle(self).into_iter().collect();
        }
        let turns = HELP.find_over(&self.keymap, pressed).map(|action| action.handler);
        if let (Over::Help(page), Some(pages)) = (self.over, turns) {
            self.over = Over::Help(page.wrapping_add(pages));
            return Vec::new();
        }
        // Any other key takes away what lies over the view.
        if std::mem::take(&mut self.over) != Over::Nothing {
            return Vec::new();
        }
        match handler {
            Some(Handler::Here(handle) | Handler::Anywhere(handle)) => handle(self).into_iter().collect(),
            // Whatever the person's keys are, this leads out.
            None if pressed == ctrl('c') => vec![Effect::Quit],
            None => self.pass_on(key),
        }
    }

    /// Gives a key to the stage.
    fn pass_on(&self, key: KeyEvent) -> Vec<Effect> {
        let repaints = self.repaints.contains(&Key::pressed(key)).then_some(Effect::Repaint);
        let key = crate::keys::spell(key).filter(|_| matches!(self.line, LinkStatus::Joined(_)));
        let order = key.map(|key| Effect::Send(StageCommand::Key { key }));
        order.into_iter().chain(repaints).collect()
    }

    /// Its own copy of the deck.
    #[must_use]
    pub fn deck(&self) -> &Arc<Deck> {
        &self.deck
    }

    /// Whether its own copy has the slides that the stage shows.
    #[must_use]
    pub fn has_same_deck(&self) -> bool {
        self.state.as_ref().is_none_or(|state| state.deck == self.fingerprint)
    }

    /// Whether nothing runs live on the stage.
    #[must_use]
    pub fn plays_recordings_only(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.tapes_only)
    }

    /// The screen's size.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// How it stands with the stage.
    #[must_use]
    pub fn line(&self) -> &LinkStatus {
        &self.line
    }

    /// What the stage said last, with its times brought up to `now`.
    #[must_use]
    pub fn state(&self, now: Elapsed) -> Option<StageState> {
        let mut state = (**self.state.as_ref()?).clone();
        let since = millis(now.since(self.told));
        state.on_slide = state.on_slide.saturating_add(since);
        if state.running {
            state.elapsed = state.elapsed.saturating_add(since);
            if let Some(plan) = self.plan.as_ref().filter(|_| self.has_same_deck()) {
                let elapsed = Duration::from_millis(state.elapsed);
                state.behind = Some(plan.behind(state.slide, elapsed));
                state.behind_section = Some(plan.behind_section(state.slide, elapsed));
            }
        }
        Some(state)
    }

    /// How a pane of the slide that shows looks on the stage; none while it has nothing to show.
    #[must_use]
    pub fn mirrored(&self, pane: usize) -> Option<&PaneCells> {
        let mirror = self.mirror.as_ref().filter(|mirror| Some(mirror.slide) == self.slide())?;
        mirror.panes.iter().find(|cells| cells.pane == pane)
    }

    /// The slide that shows, from 0.
    #[must_use]
    pub fn slide(&self) -> Option<usize> {
        self.state.as_ref().map(|state| state.slide)
    }

    /// The slide and step that would come next.
    #[must_use]
    pub fn next(&self) -> Option<(usize, Step)> {
        let state = self.state.as_ref()?;
        if state.step < state.last_step {
            return Some((state.slide, Step::try_from(state.step + 1).ok()?));
        }
        (state.slide + 1 < state.slides).then_some((state.slide + 1, 0))
    }

    /// The notes of the slide that shows.
    #[must_use]
    pub fn notes(&self) -> &Arc<Slide> {
        &self.notes.slide
    }

    /// How much of the screen the notes take.
    #[must_use]
    pub fn room(&self) -> NotesHeight {
        self.room
    }

    /// What lies over it.
    #[must_use]
    pub fn over(&self) -> Over {
        self.over
    }

    /// The time of day, in seconds since midnight.
    #[must_use]
    pub fn time_of_day(&self, now: Elapsed) -> u64 {
        (self.midnight + now.secs()) % 86_400
    }

    /// When the screen changes by itself: with the next second of the wall's clock or of the talk's.
    #[must_use]
    pub fn next_at(&self, now: Elapsed) -> Elapsed {
        let wall = Elapsed::from_secs(now.secs() + 1);
        let running = self.state.as_ref().filter(|state| state.running);
        let talk = running.map(|state| {
            let past = (state.elapsed + millis(now.since(self.told))) % 1000;
            now + Duration::from_millis(1000 - past)
        });
        talk.map_or(wall, |talk| talk.min(wall))
    }
}

impl Notes {
    fn of(text: &str) -> Self {
        // A heading would be a slide's title, which has a place of its own.
        let mut code = false;
        let line = |line: &str| {
            code ^= line.trim_start().starts_with("```");
            let heading =
                line.trim_start_matches('#').strip_prefix(' ').filter(|_| !code && line.starts_with('#'));
            heading.map_or_else(|| format!("{line}\n"), |heading| format!("**{}**\n", heading.trim()))
        };
        let inner: String = text.lines().map(line).collect();
        let deck = parse::deck(&MemoryFiles::new().with("notes.md", inner), "notes.md");
        let slide = Slide {
            kind: SlideKind::Content,
            section: None,
            title: Text::default(),
            body: deck.slides.iter().flat_map(|slide| slide.body.iter().cloned()).collect(),
            notes: String::new(),
            note_figures: Vec::new(),
            last_step: deck.slides.iter().map(|slide| slide.last_step).max().unwrap_or(0),
            footer: false,
            budget: None,
            transition: None,
            origin: greenroom_deck::Origin::default(),
            problems: Vec::new(),
        };
        Self { text: text.to_owned(), slide: Arc::new(slide) }
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    const SIZE: Size = Size { columns: 80, rows: 24 };

    fn follower(text: &'static str) -> PresenterView {
        let deck = parse::deck(&MemoryFiles::new().with("deck.md", text), "deck.md");
        PresenterView::new(Arc::new(deck), SIZE, 3600)
    }

    fn state(follower: &PresenterView, slide: usize, elapsed: u64) -> Box<StageState> {
        let (deck, slides) = (follower.deck().fingerprint(), follower.deck().slides.len());
        Box::new(StageState { deck, slide, slides, elapsed, running: true, ..StageState::default() })
    }

    fn joined(version: u32) -> Msg {
        Msg::Joined(Hello { version, greenroom: "9.9".to_owned(), ..Hello::default() })
    }

    fn press(follower: &mut PresenterView, code: KeyCode) -> Vec<Effect> {
        follower.update(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)), Elapsed::ZERO)
    }

    #[test]
    fn the_timer_goes_on_between_messages() {
        let mut follower = follower("# A\n\n---\n\n# B\n");
        let told = state(&follower, 1, 5_000);
        assert_eq!(follower.update(Msg::State(told), Elapsed::from_secs(100)), []);
        let now = follower.state(Elapsed::from_millis(102_500)).unwrap();
        assert_eq!((now.elapsed, now.on_slide), (7_500, 2_500));
        assert_eq!(follower.next_at(Elapsed::from_millis(102_600)), Elapsed::from_secs(103));
        assert_eq!(follower.next(), None, "the last slide");
        let told = Box::new(StageState { last_step: 2, step: 1, ..*state(&follower, 0, 0) });
        let _ = follower.update(Msg::State(told), Elapsed::ZERO);
        assert_eq!(follower.next(), Some((0, 2)));
    }

    #[test]
    fn keys_are_the_stages_except_its_own() {
        let mut follower = follower("# A\n");
        assert_eq!(press(&mut follower, KeyCode::Right), [], "there is no stage");
        let _ = follower.update(joined(VERSION), Elapsed::ZERO);
        let sent = |key: &str| vec![Effect::Send(StageCommand::Key { key: key.to_owned() })];
        assert_eq!(press(&mut follower, KeyCode::Right), sent("Right"));
        assert_eq!(press(&mut follower, KeyCode::Char('b')), sent("b"));
        assert_eq!(press(&mut follower, KeyCode::Char('+')), []);
        assert_eq!(follower.room(), NotesHeight::Most);
        assert_eq!(press(&mut follower, KeyCode::Char('q')), [Effect::Quit]);
    }

    #[test]
    fn every_key_is_the_programs_while_this_keyboard_is_in_a_pane() {
        let mut follower = follower("# A\n");
        let _ = follower.update(joined(VERSION), Elapsed::ZERO);
        let pane = |from_afar| crate::link::PaneState { focused: true, from_afar, ..Default::default() };
        let told = |follower: &PresenterView, from_afar, over: &str| {
            let (panes, over) = (vec![pane(from_afar)], over.to_owned());
            Msg::State(Box::new(StageState { over, panes, ..*state(follower, 0, 0) }))
        };
        let typed = [
            (KeyCode::Char('q'), KeyModifiers::NONE, "q"),
            (KeyCode::Char('?'), KeyModifiers::NONE, "?"),
            (KeyCode::Char('J'), KeyModifiers::SHIFT, "J"),
            (KeyCode::Char('-'), KeyModifiers::NONE, "-"),
            (KeyCode::Char('Q'), KeyModifiers::SHIFT, "Q"),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, "Ctrl-c"),
            (KeyCode::Char('d'), KeyModifiers::CONTROL, "Ctrl-d"),
            (KeyCode::Char('l'), KeyModifiers::CONTROL, "Ctrl-l"),
        ];
        let says = told(&follower, true, "");
        let _ = follower.update(says, Elapsed::ZERO);
        for (code, held, name) in typed {
            let sent = follower.update(Msg::Key(KeyEvent::new(code, held)), Elapsed::ZERO);
            assert_eq!(sent, [Effect::Send(StageCommand::Key { key: name.to_owned() })], "{name}");
        }
        let _ = follower.update(Msg::Wheel(3), Elapsed::ZERO);
        assert_eq!(follower.scroll, 3, "the wheel is the notes'");
        for (from_afar, over) in [(false, ""), (true, "consent")] {
            let says = told(&follower, from_afar, over);
            let _ = follower.update(says, Elapsed::ZERO);
            assert_eq!(press(&mut follower, KeyCode::Char('q')), [Effect::Quit], "{from_afar} {over}");
        }
        let says = told(&follower, true, "");
        let _ = follower.update(says, Elapsed::ZERO);
        let _ = follower.update(Msg::Lost("gone".to_owned()), Elapsed::ZERO);
        assert_eq!(press(&mut follower, KeyCode::Char('q')), [Effect::Quit], "there is no stage");
    }

    #[test]
    fn another_version_and_other_slides_are_said() {
        let mut follower = follower("# A\n");
        let _ = follower.update(joined(VERSION + 1), Elapsed::ZERO);
        assert!(
            matches!(follower.line(), LinkStatus::Waiting(why) if why.contains("another greenroom (9.9, link version 4; this one:"))
        );
        let told = Box::new(StageState { deck: "other".to_owned(), ..StageState::default() });
        assert_eq!(follower.update(Msg::State(told.clone()), Elapsed::ZERO), [Effect::Reload]);
        assert_eq!(follower.update(Msg::State(told), Elapsed::ZERO), [], "once is enough");
        assert!(!follower.has_same_deck());
    }

    #[test]
    fn notes_are_read_as_markdown() {
        let mut follower = follower("# A\n");
        let notes = "# Loud\n\n- one\n- two\n\n---\n\nafter a rule".to_owned();
        let told = Box::new(StageState { notes, ..*state(&follower, 0, 0) });
        let _ = follower.update(Msg::State(told), Elapsed::ZERO);
        assert!(follower.notes().body.len() >= 3, "{:?}", follower.notes().body);
    }
}
