//! The slides and steps of a deck as the stage draws them, each pane with a recording at its end, and what the
//! recordings show on the way there.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::headless;
use crate::talk::{Effect, Msg, Place, RunnerEffect, Runs, Settings, Talk};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Chart, Deck, PaneId, PaneSpec, Step};
use greenroom_export::{Film, FilmChart, FilmPicture, Reel, Sheet, Sheets};
use greenroom_frame::Frame;
use greenroom_pane::Feed;
use greenroom_render::paint::RenderCache;
use greenroom_tape::Player;

/// Pieces of output taken in at one moment of a recording before its picture is taken all the same.
const PIECES: usize = 10_000;
/// The shortest time between two pictures of a film.
const PICTURE: Duration = Duration::from_millis(40);
/// The time between two pictures of the charts of a bench that do not show: fewer, since there are seven of them.
const CHARTS: Duration = Duration::from_secs(10);
/// Most pictures of a film; what comes after them is left out, but for the end.
const MAX_PICTURES: usize = 5_000;
/// Most things that a talk is answered at a time: a run that falls back to a recording, and so on.
const MAX_ANSWERS: usize = 10_000;
/// The longest time of a recording that is looked at.
const MAX_RECORDING: Elapsed = Elapsed::from_secs(3600);

/// What an export is made from.
#[derive(Clone, Copy)]
pub struct Show<'a> {
    /// The deck.
    pub deck: &'a Arc<Deck>,
    /// Its pictures and its code.
    pub ink: &'a RenderCache,
    /// The screen that it is drawn for.
    pub size: Size,
    /// Opens a recording of the deck, if it is there.
    pub tapes: &'a dyn Fn(&str) -> Option<Player>,
    /// Gets a slide ready to be drawn, before each of its steps is: not all pictures of a deck have to be there at once.
    pub ready: &'a dyn Fn(usize),
}

/// Something that happens in a talk that gives itself.
#[derive(Debug)]
pub enum FilmMoment<'a> {
    /// This slide, and what it is called, comes on.
    Slide(usize, String),
    /// The screen looks like this.
    Frame(&'a Frame),
}

impl Sheets for Show<'_> {
    fn deck(&self) -> &Deck {
        self.deck
    }

    fn ink(&self) -> &RenderCache {
        self.ink
    }

    fn size(&self) -> Size {
        self.size
    }

    fn room(&self, slide: usize) -> Size {
        let lacking = u16::try_from(headless::overflow(self.deck, slide, self.size)).unwrap_or(u16::MAX);
        Size { rows: self.size.rows.saturating_add(lacking), ..self.size }
    }

    fn sheet(&self, slide: usize, step: Step) -> Sheet {
        (self.ready)(slide);
        let size = self.room(slide);
        let mut frame = headless::frame(self.deck, self.ink, slide, step, size);
        let reels = self.reels(slide, step, size);
        if !reels.is_empty() {
            let mut player = self.player(slide, step, size);
            player.play_out(&mut |_, _| {});
            let shown = player.frame(self.ink);
            for reel in &reels {
                copy(&shown.cells, reel.area, &mut frame.cells);
                copy_links(&shown, reel.area, &mut frame);
                quiet(&mut frame.cells, reel.area);
            }
        }
        Sheet { slide, step, frame, reels }
    }

    fn panes(&self, slide: usize, step: Step) -> Vec<Reel> {
        self.placed(slide, step, self.room(slide)).into_iter().map(|(reel, _)| reel).collect()
    }

    fn films(&self, sheet: &Sheet) -> Vec<Film> {
        let film =
            |reel: &Reel| Film { reel: *reel, pictures: Vec::new(), charts: Vec::new(), end: Elapsed::ZERO };
        let mut films: Vec<Film> = sheet.reels.iter().map(film).collect();
        if films.is_empty() {
            return films;
        }
        let mut player = self.player(sheet.slide, sheet.step, self.room(sheet.slide));
        let mut charts_at = Elapsed::ZERO + CHARTS;
        let end = player.play_out(&mut |talk, now| {
            let frame = view::audience(talk, self.ink, now);
            for film in &mut films {
                take(&mut film.pictures, film.reel.area, &frame, now);
            }
            if now >= charts_at {
                charts_at = now + CHARTS;
                for film in &mut films {
                    self.take_charts(film, sheet.slide, talk, now);
                }
            }
        });
        for film in &mut films {
            film.end = end;
            self.take_charts(film, sheet.slide, &mut player.talk, end);
        }
        films
    }
}

impl Show<'_> {
    /// Gives the whole talk on a screen of the size that was asked for: each step stays as long as `stay`
    /// says, and each recording plays to its end. The talk ends at the moment that is given back.
    pub fn give(
        &self,
        stay: &dyn Fn(Place) -> Duration,
        see: &mut dyn FnMut(Elapsed, FilmMoment<'_>),
    ) -> Elapsed {
        let settings = Settings { runs: Runs::TapesOnly, ..Settings::default() };
        let talk = Talk::new(Arc::clone(self.deck), self.size, settings);
        let mut playing = Playing { talk, tapes: self.tapes, now: Elapsed::ZERO };
        playing.tell(Msg::Wake);
        let (mut slide, mut played) = (usize::MAX, false);
        loop {
            let place = playing.talk.place();
            if place.slide != slide {
                (slide, played) = (place.slide, false);
                (self.ready)(slide);
                see(playing.now, FilmMoment::Slide(slide, self.deck.name(slide)));
            }
            if !played && !self.reels(slide, place.step, self.size).is_empty() {
                played = true;
                playing.play_recordings();
            }
            let end = playing.now + stay(place);
            playing.play_out(&mut |talk, now| {
                see(now, FilmMoment::Frame(&view::audience(talk, self.ink, now)));
            });
            playing.now = playing.now.max(end);
            playing.tell(Msg::Wake);
            let before = (place, playing.talk.scroll());
            playing.tell(Msg::Key(KeyEvent::new(KeyCode::Right, KeyModifiers::NONE)));
            if (playing.talk.place(), playing.talk.scroll()) == before {
                return playing.now;
            }
        }
    }

    /// Takes the charts into `film` that its pane does not show.
    fn take_charts(&self, film: &mut Film, slide: usize, talk: &mut Talk, now: Elapsed) {
        let id = PaneId { slide, pane: film.reel.pane };
        let Some((shown, charts)) = talk.charts(id) else { return };
        for chart in charts {
            let at = film.charts.iter().position(|known| known.name == chart.name()).unwrap_or_else(|| {
                // One that has something to show from now on only.
                let at = Chart::ALL.iter().position(|one| *one == chart).unwrap_or_default();
                let before =
                    |known: &&FilmChart| Chart::ALL.iter().take(at).any(|one| one.name() == known.name);
                let at = film.charts.iter().take_while(before).count();
                film.charts.insert(at, FilmChart { name: chart.name(), pictures: Vec::new() });
                at
            });
            let Some(known) = film.charts.get_mut(at).filter(|_| chart != shown) else { continue };
            talk.show_chart(id, chart);
            let frame = view::audience(talk, self.ink, now);
            take(&mut known.pictures, film.reel.area, &frame, now);
        }
        talk.show_chart(id, shown);
    }

    /// The panes of a sheet whose recording opens.
    fn reels(&self, slide: usize, step: Step, size: Size) -> Vec<Reel> {
        let opens = |tape: &Option<String>| tape.as_deref().is_some_and(|path| (self.tapes)(path).is_some());
        let placed = self.placed(slide, step, size).into_iter().filter(|(_, tape)| opens(tape));
        placed.map(|(reel, _)| reel).filter(|reel| reel.area.width > 4 && reel.area.height > 2).collect()
    }

    /// The panes of a sheet, and the paths of their recordings.
    fn placed(&self, slide: usize, step: Step, size: Size) -> Vec<(Reel, Option<String>)> {
        let mut talk = Talk::new(Arc::clone(self.deck), size, Settings::default());
        talk.resume(Place { slide, step });
        let scene = talk.scene(Place { slide, step });
        let place = |(pane, spec, item): (usize, &PaneSpec, _)| {
            let (area, _) = scene.on_screen(item, talk.scroll(), size.columns)?;
            Some((Reel { pane, area }, spec.demo.tape.clone()))
        };
        scene.panes().filter_map(place).collect()
    }

    /// A talk that stands at the slide and plays its recordings.
    fn player(&self, slide: usize, step: Step, size: Size) -> Playing<'_> {
        let settings = Settings { runs: Runs::TapesOnly, ..Settings::default() };
        let mut talk = Talk::new(Arc::clone(self.deck), size, settings);
        talk.resume(Place { slide, step });
        let mut playing = Playing { talk, tapes: self.tapes, now: Elapsed::ZERO };
        playing.tell(Msg::Wake);
        playing.play_recordings();
        playing
    }
}

/// A talk without a stage: only recordings play in it.
struct Playing<'a> {
    talk: Talk,
    tapes: &'a dyn Fn(&str) -> Option<Player>,
    now: Elapsed,
}

impl Playing<'_> {
    fn play_recordings(&mut self) {
        self.talk.play_recordings(self.now);
        self.perform_effects();
    }

    fn tell(&mut self, msg: Msg) {
        self.talk.update(msg, self.now);
        self.perform_effects();
    }

    /// Answers what the talk asks for.
    fn perform_effects(&mut self) {
        for _ in 0..MAX_ANSWERS {
            let Some(effect) = self.talk.next_effect() else { return };
            if let Some(answer) = self.perform(effect) {
                self.talk.update(answer, self.now);
            }
        }
    }

    /// Opens recordings. Nothing is ever started or written, and there is no stage.
    fn perform(&self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Runner(RunnerEffect::OpenTape { generation, path }) => Some(match (self.tapes)(&path) {
                Some(player) => Msg::Attached { generation, feed: Feed::Tape(Box::new(player)), tape: None },
                None => Msg::Failed { generation, reason: format!("{path} cannot be played") },
            }),
            Effect::Runner(
                RunnerEffect::Start { generation, .. } | RunnerEffect::SetUp { generation, .. },
            ) => Some(Msg::Failed { generation, reason: "an export runs nothing".to_owned() }),
            Effect::Runner(RunnerEffect::FindTape { .. } | RunnerEffect::Agree(_)) | Effect::Stage(_) => None,
        }
    }

    /// Plays on until nothing moves any more; `see` is called at every moment at which something may have changed.
    fn play_out(&mut self, see: &mut dyn FnMut(&mut Talk, Elapsed)) -> Elapsed {
        see(&mut self.talk, self.now);
        while let Some(next) = self.talk.next_at(self.now).filter(|_| self.now < MAX_RECORDING) {
            self.now = next.max(self.now + PICTURE);
            self.tell(Msg::Wake);
            self.catch_up();
            see(&mut self.talk, self.now);
        }
        self.now
    }

    /// Takes in what is due by now, which comes in pieces: nobody looks at a screen in between.
    fn catch_up(&mut self) {
        for _ in 0..PIECES {
            if self.talk.next_at(self.now).is_none_or(|next| next > self.now) {
                return;
            }
            self.tell(Msg::Wake);
        }
    }

    fn frame(&self, ink: &RenderCache) -> Frame {
        view::audience(&self.talk, ink, self.now)
    }
}

/// Takes into `pictures` how `area` of the screen looks at `now`.
fn take(pictures: &mut Vec<FilmPicture>, area: Rect, frame: &Frame, now: Elapsed) {
    let mut picture = Buffer::empty(area);
    copy(&frame.cells, area, &mut picture);
    quiet(&mut picture, area);
    let links = frame.links.iter().filter(|link| link.area.intersects(area)).cloned().collect();
    let full = pictures.len() >= MAX_PICTURES;
    match pictures.last_mut() {
        Some((_, last, last_links)) if *last == picture && *last_links == links => {}
        // Too many to keep: the last one is replaced, so that the end is there.
        Some((_, last, last_links)) if full => (*last, *last_links) = (picture, links),
        _ => pictures.push((now, picture, links)),
    }
}

/// The links of an area take the place of what was there.
fn copy_links(from: &Frame, area: Rect, to: &mut Frame) {
    to.links.retain(|link| !link.area.intersects(area));
    for link in from.links.iter().filter(|link| link.area.intersects(area)) {
        to.link(link.area.intersection(area), &link.address);
    }
}

fn copy(from: &Buffer, area: Rect, to: &mut Buffer) {
    for position in area.intersection(from.area).intersection(to.area).positions() {
        to[position] = from[position].clone();
    }
}

/// Takes the lower edge's hints away: they tell of keys that nobody can press here.
fn quiet(cells: &mut Buffer, area: Rect) {
    let y = area.bottom().saturating_sub(1);
    let corner = cells.cell((area.x, y));
    let style = corner.map(ratatui::buffer::Cell::style).unwrap_or_default();
    // A pane without a frame has none there either.
    let edge = if corner.is_some_and(|corner| corner.symbol() == " ") { " " } else { "─" };
    for x in area.left() + 1..area.right().saturating_sub(1) {
        if let Some(cell) = cells.cell_mut((x, y)) {
            cell.reset();
            cell.set_symbol(edge).set_style(style);
        }
    }
}
