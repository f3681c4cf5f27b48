//! Those in the room who follow the talk on pages of their own: how they join, and what they may open.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Mode, Place, StageEffect, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_deck::{Deck, Follow, Slide, Step};

/// How a room can follow the talk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Serving {
    /// It cannot: no page is served.
    #[default]
    Off,
    /// A page will be served in a moment.
    Starts,
    /// At this address.
    At(Arc<str>),
}

/// What has been shown: the highest step of each slide that was on the stage.
#[derive(Debug, Clone, Default)]
pub(super) struct ShownSteps(BTreeMap<usize, Step>);

impl ShownSteps {
    /// The stage is here.
    pub(super) fn mark(&mut self, place: Place) {
        let step = self.0.entry(place.slide).or_insert(place.step);
        *step = place.step.max(*step);
    }

    /// The stage has been nowhere but here.
    pub(super) fn only(&mut self, place: Place) {
        self.0 = BTreeMap::from([(place.slide, place.step)]);
    }

    /// The same slides of a deck that was read again. What is not surely the same slide has not been shown.
    fn read_again(&self, old: &[Arc<Slide>], new: &[Arc<Slide>]) -> Self {
        let kept = self.0.iter().filter_map(|(slide, step)| {
            let before = old.get(*slide)?;
            let at = super::reload::same_slide(old, new, *slide);
            let after = new.get(at)?;
            let same = before.title == after.title && (!before.title.is_empty() || before.body == after.body);
            same.then(|| (at, (*step).min(after.last_step)))
        });
        Self(kept.collect())
    }
}

impl Talk {
    /// How the room can follow.
    #[must_use]
    pub fn serving(&self) -> &Serving {
        &self.serving
    }

    /// The highest step of each slide that those who follow may open; none for a slide that they may not open yet.
    #[must_use]
    pub fn openable(&self) -> Vec<Option<Step>> {
        let all = self.deck.outline.follow == Some(Follow::All);
        let may = |(index, slide): (usize, &Arc<Slide>)| {
            if all { Some(slide.last_step) } else { self.shown_steps.0.get(&index).copied() }
        };
        self.deck.slides.iter().enumerate().map(may).collect()
    }

    /// A stage that this one goes on with had shown these steps.
    pub fn has_shown(&mut self, steps: &[Option<Step>]) {
        let slides = self.deck.slides.iter().zip(steps).enumerate();
        let places = slides.filter_map(|(index, (slide, step))| {
            Some(Place { slide: index, step: (*step)?.min(slide.last_step) })
        });
        places.for_each(|place| self.shown_steps.mark(place));
    }

    /// What has been shown of `old`, in the deck that took its place.
    pub(super) fn shown_of(&mut self, old: &Deck) {
        self.shown_steps = self.shown_steps.read_again(&old.slides, &self.deck.slides);
        self.shown_steps.mark(self.shown.place);
    }

    /// Shows the room how to join.
    pub(super) fn show_join(&mut self) {
        self.mode = Mode::Join;
    }

    /// A key while that shows: the one that brought it begins to serve, where nothing is served yet; any other hides it, and the
    /// same one too.
    pub(super) fn join_key(&mut self, again: bool, now: Elapsed) {
        if again && self.serving == Serving::Off {
            (self.serving, self.mode) = (Serving::Starts, Mode::Join);
            self.notify("The page for the room is being opened", now);
            self.ask_stage(StageEffect::Serve);
        }
    }

    /// `deck` with the audience's address where it asks for that.
    pub(super) fn with_address(&self, deck: &Arc<Deck>) -> Arc<Deck> {
        match &self.serving {
            Serving::At(address) => Arc::new(deck.with_audience(Some(address))),
            Serving::Off | Serving::Starts => Arc::clone(deck),
        }
    }

    /// Pages are served at this address, or cannot be: why.
    pub(super) fn served(&mut self, at: Result<Arc<str>, String>, now: Elapsed) {
        match at {
            Ok(address) => {
                self.serving = Serving::At(address);
                let place = self.shown.place;
                self.deck = self.with_address(&self.deck);
                self.show_again(place);
            }
            Err(why) => {
                self.serving = Serving::Off;
                if self.mode == Mode::Join {
                    self.mode = Mode::Slide;
                }
                self.notify(why, now);
            }
        }
    }
}
