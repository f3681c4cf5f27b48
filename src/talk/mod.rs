//! A talk being given: where it is, what shows, and what a key does. Nothing here draws, reads or waits.

mod audience;
mod bindings;
mod consent;
mod help;
mod hints;
mod keys;
mod leave;
mod modes;
mod msg;
mod overview;
mod pace;
mod pane_input;
mod panes;
mod reload;
mod scale;
mod search;
mod shown;
mod slide_panes;
mod winding;
mod zoom;

pub use crate::script::{Advance, ScriptDoing, Typist};
pub use crate::taping::{
    ClosedTape, Ending, Kept, NewTape, TapeOrder, TapeOrders, TapeOutcome, TapeQueue, TapeWriter,
};
pub use audience::Serving;
pub use bindings::{ClickerKey, WAYS_OUT, bindable, clickers, situations};
pub use consent::Card;
pub use help::ON_STAGE;
pub use hints::Hints;
pub use keys::Handler;
pub use msg::{Effect, Msg, RunnerEffect, StageEffect};
pub use overview::{Overview, OverviewRow, list_size};
pub use pace::{Auto, TimerStart, pace};
pub use panes::{Keys, LiveRun, PaneStatus, Recorded, ScriptStatus};
pub use reload::{Reading, Texts};
pub use search::{SearchHit, find};

use panes::{KeyboardOwner, Panes};
use shown::Shown;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, MouseEventKind};
use ratatui::layout::Rect;

use crate::keys::{Key, Keymap};
use crate::practice::Recorder;
use greenroom_base::clock::{Elapsed, Stopwatch};
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Slide, Step};
use greenroom_render::layout::Scene;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(4);
/// How long one slide takes to become the next, when transitions are on.
const TRANSITION: Duration = Duration::from_millis(240);
/// How long a moment of a transition shows.
const TRANSITION_FRAME: Duration = Duration::from_millis(30);

/// A slide at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Index of the slide.
    pub slide: usize,
    /// Reveals that have been made.
    pub step: Step,
}

/// What is on the screen besides, or instead of, a slide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Mode {
    /// The slide.
    #[default]
    Slide,
    /// The slides by section and title, to choose from.
    Overview(Overview),
    /// A number is being typed.
    Goto(String),
    /// Words are being typed; this result is selected.
    Search(String, usize),
    /// The sections, to choose from.
    Sections,
    /// The keys; this page of them, counted round and round.
    Help(i16),
    /// Nothing, so that the audience looks at the speaker.
    Blank,
    /// How the room can follow.
    Join,
    /// What would be started, and whether it may.
    Consent(Card),
}

pub use greenroom_deck::Transition;

/// A transition that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveTransition {
    /// How.
    pub how: Transition,
    /// What showed before, and how far it was scrolled.
    pub from: (Place, u32),
    /// Since when.
    pub since: Elapsed,
}

impl ActiveTransition {
    /// How far it has come, from 0 to 1.
    #[must_use]
    pub fn progress(&self, now: Elapsed) -> f32 {
        (now.since(self.since).as_secs_f32() / TRANSITION.as_secs_f32()).min(1.0)
    }
}

/// What the panes of a talk run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Runs {
    /// Their programs.
    #[default]
    Live,
    /// The same, but what starts with its slide is played from its recording until the person has agreed to the deck.
    TapesFirst,
    /// Nothing: every pane shows its recording.
    TapesOnly,
}

/// What moves by itself on a slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motion {
    /// Transitions, and pictures of several frames.
    #[default]
    Full,
    /// Neither: what a person needs whom movement disturbs, and a video of the screen that has few frames.
    Reduced,
}

/// What a person may choose for a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// How one slide becomes the next.
    pub transition: Transition,
    /// Whether the footer shows the time from the start.
    pub clock: bool,
    /// Whether it shows how far the talk is from its plan.
    pub pace: bool,
    /// When the timer starts.
    pub timer: TimerStart,
    /// Whether the talk goes on by itself.
    pub auto: Auto,
    /// Seconds since midnight, local time, at [`Elapsed::ZERO`].
    pub midnight: u64,
    /// What panes run.
    pub runs: Runs,
    /// What moves by itself.
    pub motion: Motion,
    /// The place is remembered, so that the talk can be taken up there.
    pub keeps_place: bool,
}

/// A talk being given.
#[derive(Debug)]
pub struct Talk {
    deck: Arc<Deck>,
    /// What of the deck is on the screen; `show` alone changes it.
    shown: Shown,
    scroll: u32,
    /// How far the slide is scrolled while something else fills the screen.
    scroll_aside: u32,
    stretch: scale::Stretch,
    mode: Mode,
    settings: Settings,
    /// The keys that it is given by.
    keymap: Keymap,
    timer: Stopwatch,
    since: pace::Since,
    made: pace::OnceMade,
    practice: Option<Recorder>,
    seen: BTreeSet<usize>,
    shown_steps: audience::ShownSteps,
    serving: Serving,
    jumped_from: Option<Place>,
    last_query: String,
    notice: Option<(String, Elapsed)>,
    /// The slide that it is about.
    notice_of: Option<usize>,
    transition: Option<ActiveTransition>,
    /// The first half of a key that is pressed twice.
    half: Option<Key>,
    /// The speaker is asked whether to leave.
    leaving: Option<leave::Leaving>,
    /// The deck is being read because somebody asked for it.
    asked_again: bool,
    /// The deck was away when it was read last: what shows is what was there before.
    deck_away: bool,
    panes: Panes,
    /// What the stage has still to do.
    effects: VecDeque<StageEffect>,
    /// The keyboard whose key is looked at.
    hand: KeyboardOwner,
    /// What showed when the panes were looked after last.
    synced: Option<Shown>,
    /// What shows, laid out: a key needs it to scroll, to look after panes and to be drawn.
    laid: Option<(Shown, Arc<Scene>)>,
}

impl Talk {
    /// A talk at its first slide, on a screen of this size.
    #[must_use]
    pub fn new(deck: Arc<Deck>, size: Size, settings: Settings) -> Self {
        let mut talk = Self {
            deck,
            shown: Shown::new(size),
            scroll: 0,
            scroll_aside: 0,
            stretch: scale::Stretch::new(size),
            mode: Mode::Slide,
            settings,
            keymap: Keymap::default(),
            timer: Stopwatch::default(),
            since: pace::Since::default(),
            made: pace::OnceMade::default(),
            practice: None,
            seen: BTreeSet::from([0]),
            shown_steps: audience::ShownSteps::default(),
            serving: Serving::default(),
            jumped_from: None,
            last_query: String::new(),
            notice: None,
            notice_of: None,
            transition: None,
            half: None,
            leaving: None,
            asked_again: false,
            deck_away: false,
            panes: Panes::new(settings.runs == Runs::TapesOnly),
            effects: VecDeque::new(),
            hand: KeyboardOwner::default(),
            synced: None,
            laid: None,
        };
        talk.shown_steps.mark(Place::default());
        if settings.timer == TimerStart::Open {
            talk.timer.start(Elapsed::ZERO);
        }
        talk
    }

    /// The deck.
    #[must_use]
    pub fn deck(&self) -> &Arc<Deck> {
        &self.deck
    }

    /// Where the talk is.
    #[must_use]
    pub fn place(&self) -> Place {
        self.shown.place
    }

    /// The slide that shows.
    #[must_use]
    pub fn slide(&self) -> &Slide {
        // A deck is never empty, and every move is clamped to it.
        &self.deck.slides[self.shown.place.slide.min(self.deck.slides.len() - 1)]
    }

    /// Rows that the body is scrolled down by.
    #[must_use]
    pub fn scroll(&self) -> u32 {
        self.scroll
    }

    /// The columns and rows that there are: the screen's, or fewer that are drawn larger.
    #[must_use]
    pub fn size(&self) -> Size {
        self.shown.size
    }

    /// What shows besides the slide.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// What the person chose.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Time since the first advance.
    #[must_use]
    pub fn elapsed(&self, now: Elapsed) -> Duration {
        self.timer.read(now)
    }

    /// A line to show the speaker now.
    #[must_use]
    pub fn notice(&self, now: Elapsed) -> Option<&str> {
        self.notice.as_ref().filter(|(_, until)| now < *until).map(|(text, _)| text.as_str())
    }

    /// The transition that is under way.
    #[must_use]
    pub fn active_transition(&self, now: Elapsed) -> Option<&ActiveTransition> {
        self.transition.as_ref().filter(|transition| transition.progress(now) < 1.0)
    }

    /// Whether the overview marks this slide as seen.
    #[must_use]
    pub fn has_seen(&self, slide: usize) -> bool {
        self.seen.contains(&slide)
    }

    /// When the screen changes by itself, if it does.
    #[must_use]
    pub fn next_at(&self, now: Elapsed) -> Option<Elapsed> {
        let notice = self.notice.as_ref().map(|(_, until)| *until).filter(|until| now < *until);
        let transition = self.active_transition(now).map(|_| now + TRANSITION_FRAME);
        let ticks = self.settings.clock || (self.settings.pace && self.timer.is_running());
        let clock = ticks.then(|| Elapsed::from_secs(now.secs() + 1));
        [notice, transition, clock, self.question_ends(now), self.goes_on_at(), self.panes.next_at(now)]
            .into_iter()
            .flatten()
            .min()
    }

    /// Takes in `msg`. What that asks for waits in [`Talk::next_effect`], however the caller came to this.
    pub fn update(&mut self, msg: Msg, now: Elapsed) {
        self.take_in(msg, now);
        for note in self.panes.take_notes() {
            self.notify(note, now);
        }
        self.settle_held(now);
        self.sync_panes(now);
        self.settle_focus(now);
        self.log_practice(now);
    }

    /// The next thing that the talk wants done. Whoever calls [`Talk::update`], or anything else that changes the talk, performs
    /// them all afterwards; those that are not performed yet are kept, in their order, for who does.
    pub fn next_effect(&mut self) -> Option<Effect> {
        let stage = self.effects.pop_front().map(Effect::Stage);
        stage.or_else(|| self.panes.next_effect().map(Effect::Runner))
    }

    /// Asks the stage for something.
    fn ask_stage(&mut self, effect: StageEffect) {
        self.effects.push_back(effect);
    }

    fn take_in(&mut self, msg: Msg, now: Elapsed) {
        match msg {
            Msg::Key(key) if key.kind != KeyEventKind::Release => self.pressed(key, now),
            Msg::Mouse(mouse) => {
                if matches!(mouse.kind, MouseEventKind::Down(_)) {
                    self.leaving = None;
                }
                self.mouse(self.stretch.logical(mouse, self.shown.size), now);
            }
            Msg::Resize(window) => self.resized(window),
            Msg::Enlarging(enlarging) => self.can_enlarge(enlarging),
            Msg::DeckAway => self.away(now),
            Msg::Reloaded(deck) => {
                let deck = self.with_address(&deck);
                self.close_card(now);
                self.reloaded(deck, now);
                self.refit_if_asked();
            }
            Msg::Notice(text) => self.notify(text, now),
            Msg::Served(at) => self.served(at, now),
            Msg::Paste(text) => {
                self.leaving = None;
                self.paste(&text, now);
            }
            Msg::Attached { generation, feed, tape } => {
                self.panes.attached(generation, feed, tape.map(|tape| *tape), now);
                self.panes.poll(&self.deck, now);
            }
            Msg::Failed { generation, reason } => self.panes.failed(generation, &reason, false, now),
            Msg::NotReady { generation, reason } => self.panes.failed(generation, &reason, true, now),
            Msg::NotAgreed { generation, asked } => {
                if self.panes.await_consent(generation) {
                    self.ask(asked);
                }
            }
            // What waits is started, which looks again whether this very deck was agreed to.
            Msg::Agreed(_) => {
                if self.settings.runs == Runs::TapesFirst {
                    self.settings.runs = Runs::Live;
                }
                self.panes.agreed(None);
            }
            Msg::Focus(focused) => self.outer_focus(focused, now),
            Msg::TapeFound { path, plays, day } => self.panes.tape_found(&path, plays, day.as_deref(), now),
            Msg::Wake => {
                self.panes.poll(&self.deck, now);
                if self.goes_on_at().is_some_and(|at| at <= now) {
                    let before = self.shown.place;
                    self.next(now);
                    if self.shown.place == before {
                        // A step of a script: the next one has its time from now on.
                        self.since.step = now;
                    }
                }
            }
            Msg::Order(order) => self.order(order, now),
            Msg::Key(_) => {}
        }
    }

    fn notify(&mut self, text: impl Into<String>, now: Elapsed) {
        self.notice = Some((text.into(), now + NOTICE));
        self.notice_of = None;
    }

    /// Says something about the slide that shows: on another one it would be untrue.
    fn notify_here(&mut self, text: impl Into<String>, now: Elapsed) {
        self.notify(text, now);
        self.notice_of = Some(self.shown.place.slide);
    }

    /// A key of the stage's own keyboard, which alone can end the talk. Every key answers the question whether to leave.
    fn pressed(&mut self, key: KeyEvent, now: Elapsed) {
        // It was meant for a program that did not start.
        if self.panes.hushes(key, now) {
            return;
        }
        let asked = self.asked_to_leave(now);
        if self.leaves(key) {
            self.leave(key, asked, now);
        } else {
            self.key(key, now);
        }
    }

    /// Whether `key` is one that leaves the talk, where it is pressed.
    fn leaves(&self, key: KeyEvent) -> bool {
        if let (Mode::Slide, Some(pane), true) = (&self.mode, self.panes.focus, self.hand == self.panes.hand)
        {
            let runs = |slot: &panes::PaneSlot| slot.is_running() && !slot.is_replaying();
            return leave::is_interrupt(key) && !self.panes.get(pane).is_some_and(runs);
        }
        let asked = || keys::find(&self.keymap, Key::pressed(key)).map(|action| action.handler);
        let quits = || matches!(asked(), Some(Handler::Leave));
        leave::is_interrupt(key) || matches!(self.mode, Mode::Slide | Mode::Blank) && quits()
    }

    fn key(&mut self, key: KeyEvent, now: Elapsed) {
        // Only the keyboard that gave a pane the focus types into it.
        if let (Mode::Slide, Some(pane), true) = (&self.mode, self.panes.focus, self.hand == self.panes.hand)
        {
            return self.focused_key(pane, key, now);
        }
        if let Some(handle) = keys::anywhere(&self.keymap, key) {
            return handle(self, now);
        }
        if matches!(self.mode, Mode::Consent(_)) {
            let answers = keys::CONSENT.find(&self.keymap, Key::pressed(key)).is_some();
            self.panes.typed_at_card(key, answers, now);
        }
        match std::mem::take(&mut self.mode) {
            Mode::Slide => self.slide_key(key, now),
            Mode::Overview(overview) => self.overview_key(key, overview, now),
            Mode::Goto(typed) => self.goto_key(key, typed, now),
            Mode::Search(typed, selected) => self.search_key(key, typed, selected, now),
            Mode::Sections => self.sections_key(key, now),
            Mode::Help(page) => self.help_key(key, page),
            Mode::Blank => self.blank_key(key, now),
            Mode::Join => {
                let asked = keys::find(&self.keymap, Key::pressed(key)).map(|action| action.name);
                self.join_key(asked == Some(keys::JOIN), now);
            }
            Mode::Consent(card) => self.consent_key(key, card, now),
        }
    }

    fn slide_key(&mut self, key: KeyEvent, now: Elapsed) {
        let pressed = Key::pressed(key);
        let again = self.half.take() == Some(pressed);
        // No slide's number begins with 0, which is a key.
        if let KeyCode::Char(digit @ '1'..='9') = key.code {
            self.mode = Mode::Goto(digit.to_string());
        } else if !again && keys::begins(&self.keymap, pressed) {
            self.half = Some(pressed);
        } else {
            let asked = if again { pressed.twice() } else { pressed };
            if let Some(action) = keys::find(&self.keymap, asked) {
                action.handler.call(self, now);
            }
        }
    }

    /// Reads the deck again, and draws everything from scratch.
    fn read_again(&mut self) {
        self.asked_again = true;
        self.ask_stage(StageEffect::Repaint);
        self.ask_stage(StageEffect::Reload);
    }

    fn repaint(&mut self) {
        self.ask_stage(StageEffect::Repaint);
    }

    /// Goes back to where the last jump began, and remembers where it was.
    fn go_back(&mut self, now: Elapsed) {
        let here = self.shown.place;
        if let Some(place) = self.jumped_from {
            self.go(place, now);
            self.jumped_from = Some(here);
        } else {
            self.notify_here("There is no jump to go back from", now);
        }
    }

    /// The next step of a demo's script, while one has steps left; otherwise the slide's next step, or the next slide.
    fn next(&mut self, now: Elapsed) {
        if self.advance_script(now) {
            return;
        }
        let Place { slide, step } = self.shown.place;
        if step < self.slide().last_step {
            self.go(Place { slide, step: step + 1 }, now);
        } else if slide + 1 < self.deck.slides.len() {
            self.go(Place { slide: slide + 1, step: 0 }, now);
        } else {
            let key = self.way_out();
            self.notify_here(format!("This is the last slide; {key} {key} leaves"), now);
        }
    }

    fn previous(&mut self, now: Elapsed) {
        let Place { slide, step } = self.shown.place;
        if step > 0 {
            self.go(Place { slide, step: step - 1 }, now);
        } else if slide > 0 {
            let step = self.deck.slides[slide - 1].last_step;
            self.go(Place { slide: slide - 1, step }, now);
        }
    }

    /// Scrolls; at either end it moves on, as the other keys do.
    fn scroll_or(&mut self, rows: i64, now: Elapsed) {
        let overflow = self.scene(self.shown.place).overflow();
        let scroll = i64::from(self.scroll) + rows;
        if (0..=i64::from(overflow)).contains(&scroll) {
            self.scroll = u32::try_from(scroll).unwrap_or(0);
        } else if rows > 0 {
            self.next(now);
        } else {
            self.previous(now);
        }
    }

    /// Moves to `place`; the timer starts with the first move.
    fn go(&mut self, place: Place, now: Elapsed) {
        let slide = place.slide.min(self.deck.slides.len() - 1);
        let place = Place { slide, step: place.step.min(self.deck.slides[slide].last_step) };
        if place == self.shown.place {
            return;
        }
        self.begin_timer(now);
        let before = self.shown.place;
        if slide != before.slide {
            let how = self.deck.slides[slide].transition.unwrap_or(self.settings.transition);
            let how = if self.settings.motion == Motion::Reduced { Transition::None } else { how };
            let moving = how != Transition::None;
            self.transition =
                moving.then_some(ActiveTransition { how, from: (before, self.scroll), since: now });
        }
        if slide != before.slide && self.notice_of.take().is_some() {
            self.notice = None;
        }
        self.show(self.shown.at(place));
        self.arrived(before, now);
        self.seen.insert(slide);
        self.ask_stage(StageEffect::Moved(place));
    }

    /// The timer starts with the first thing that the speaker goes on to.
    fn begin_timer(&mut self, now: Elapsed) {
        if !self.timer.has_started() && self.settings.timer != TimerStart::Key {
            self.timer.start(now);
        }
    }

    /// Moves far: the way back is remembered.
    fn jump(&mut self, slide: usize, now: Elapsed) {
        if slide != self.shown.place.slide {
            self.jumped_from = Some(self.shown.place);
        }
        self.go(Place { slide, step: 0 }, now);
    }

    fn section(&mut self, direction: i32, now: Elapsed) {
        let at = self.shown.place.slide;
        let start = |number: usize| self.deck.section_start(number);
        let own = self.slide().section;
        let target = if direction > 0 {
            let next = own.map_or(0, |number| number + 1);
            (next..self.deck.outline.sections.len()).find_map(start)
        } else {
            let before = own.map_or(0, |number| number + 1);
            Some((0..before).rev().filter_map(start).find(|start| *start < at).unwrap_or(0))
        };
        if let Some(slide) = target {
            self.jump(slide, now);
        } else {
            self.notify_here("This is the last section", now);
        }
    }
}

/// The part of the screen that `slide` stands in, above the footer.
#[must_use]
pub fn slide_area(size: Size, slide: &Slide) -> Rect {
    let footer = if slide.footer { footer_rows(size) } else { 0 };
    Rect::new(0, 0, size.columns, size.rows.saturating_sub(footer))
}

/// Rows that the footer takes.
#[must_use]
pub fn footer_rows(size: Size) -> u16 {
    match size.rows {
        0..=9 => 0,
        10..=29 => 1,
        _ => 2,
    }
}
