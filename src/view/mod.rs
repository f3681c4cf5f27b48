//! What the audience sees, and what the speaker sees: `(&Talk, &RenderCache, moment) -> Frame`.

mod card;
mod consent;
mod followed;
mod footer;
mod help;
mod looks;
mod mirror;
mod overlay;
mod overview;
mod presenter;
mod transition;

pub use followed::followed;
pub use mirror::mirror;
pub use presenter::presenter;

use ratatui::buffer::Cell;
use ratatui::style::Style;

use crate::talk::{Mode, Place, Runs, Talk, Transition, footer_rows};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{PaneId, Rgb, Role, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::Scene;
use greenroom_render::paint::{self, PaneLook, RenderCache};

/// The stage at `now`.
#[must_use]
pub fn audience(talk: &Talk, ink: &RenderCache, now: Elapsed) -> Frame {
    Frame { window: talk.window().map(|window| (window.columns, window.rows)), ..cells(talk, ink, now) }
}

/// The same, in the columns and rows that the talk has.
fn cells(talk: &Talk, ink: &RenderCache, now: Elapsed) -> Frame {
    let theme = &*talk.deck().theme;
    let size = talk.size();
    if let Mode::Consent(card) = talk.mode() {
        return consent::frame(card, size, talk.hints());
    }
    if size.columns < 10 || size.rows < 3 {
        return too_small(size, theme);
    }
    let mut frame = match talk.mode() {
        Mode::Blank => blank(size),
        Mode::Overview(of) => overview::overview(talk, ink, of, theme),
        _ => shown(talk, ink, theme, now),
    };
    if let Some(text) = talk.question(now) {
        overlay::question(&mut frame, theme, &text);
    }
    frame
}

/// The slide, or one that becomes the next, with what lies over it.
fn shown(talk: &Talk, ink: &RenderCache, theme: &Theme, now: Elapsed) -> Frame {
    let mut frame = match talk.active_transition(now) {
        Some(active) => {
            let (from, scroll) = active.from;
            let old = slide(talk, ink, from, scroll, now);
            let new = slide(talk, ink, talk.place(), talk.scroll(), now);
            match active.how {
                Transition::Slide => transition::push(&old, new, active.progress(now), talk.place() > from),
                _ => transition::fade(&old, new, active.progress(now), theme.background),
            }
        }
        None => slide(talk, ink, talk.place(), talk.scroll(), now),
    };
    overlay::draw(talk, theme, &mut frame, now);
    frame
}

/// The slide at `place` with its footer, and nothing over it.
fn slide(talk: &Talk, ink: &RenderCache, place: Place, scroll: u32, now: Elapsed) -> Frame {
    let deck = talk.deck();
    let scene = talk.scene(place);
    let mut frame = sheet(talk.size(), &deck.theme);
    let status = |pane| talk.pane_status(PaneId { slide: place.slide, pane });
    let no_run = talk.settings().runs == Runs::TapesOnly;
    let zoomed = talk.zoom().is_some() && place.slide == talk.place().slide;
    let panes = |pane| {
        status(pane).map(|status| {
            let centered = zoomed && status.replays;
            PaneLook { centered, ..looks::look(&status, no_run, now, talk.hints()) }
        })
    };
    paint::scene(&scene, scroll, ink, &deck.theme, &panes, &mut frame);
    let shows_footer = deck.slides.get(place.slide).is_some_and(|slide| slide.footer);
    if shows_footer && !zoomed {
        footer::draw(talk, &scene, place, scroll, &mut frame, now);
        paint::logo(&mut frame, footer_rows(talk.size()), ink, &deck.theme);
    }
    frame
}

/// An empty slide.
fn sheet(size: Size, theme: &Theme) -> Frame {
    let mut cell = Cell::EMPTY;
    cell.set_style(Style::new().bg(theme.background.into()).fg(theme.text.into()));
    Frame::filled(size.columns, size.rows, cell)
}

/// A scene by itself, its panes at rest.
fn still(scene: &Scene, scroll: u32, size: Size, ink: &RenderCache, theme: &Theme) -> Frame {
    let mut frame = sheet(size, theme);
    paint::scene(scene, scroll, ink, theme, &|_| None, &mut frame);
    frame
}

/// Black all over.
fn blank(size: Size) -> Frame {
    let mut frame = Frame::new(size.columns, size.rows);
    let black = Rgb(0, 0, 0).into();
    let area = frame.area();
    paint::fill(&mut frame.cells, area, Style::new().bg(black).fg(black));
    frame
}

fn too_small(size: Size, theme: &Theme) -> Frame {
    let mut frame = sheet(size, theme);
    let text = format!("{}x{}: too small", size.columns, size.rows);
    let style = theme.style(Role::Warn);
    if size.rows > 0 {
        frame.cells.set_stringn(0, 0, text, usize::from(size.columns), style);
    }
    frame
}
