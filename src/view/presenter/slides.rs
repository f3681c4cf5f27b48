//! This step, and what comes next: as a slide where it can be read, in words where it would be a blob.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::overview::ORIGINAL;
use super::super::still;
use super::copy;
use crate::follow::PresenterView;
use crate::link::StageState;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Role, Step};
use greenroom_frame::Frame;
use greenroom_render::layout;
use greenroom_render::paint::RenderCache;

/// From this size on a slide is drawn, in its own letters.
const READABLE: Size = Size { columns: 72, rows: 18 };

/// A step of a slide.
type Place = (usize, Step);

/// The title of the slide that shows, and how far its steps are; gives the row below.
pub(super) fn now(state: &StageState, deck: &Deck, frame: &mut Frame, area: Rect) -> u16 {
    let steps =
        if state.last_step > 0 { format!(" [{} of {}]", state.step, state.last_step) } else { String::new() };
    let style = deck.theme.style(Role::Text).add_modifier(Modifier::BOLD);
    frame.cells.set_stringn(
        area.x,
        area.y,
        format!("{}{steps}", state.title),
        usize::from(area.width),
        style,
    );
    area.y + 1
}

/// Draws this step, when there is room to read it; gives the row below.
pub(super) fn current(
    follower: &PresenterView,
    state: &StageState,
    ink: &RenderCache,
    frame: &mut Frame,
    area: Rect,
) -> u16 {
    let step = Step::try_from(state.step).unwrap_or(Step::MAX);
    if is_readable(area) && follower.has_same_deck() {
        slide(follower.deck(), (state.slide, step), ink, frame, area)
    } else {
        area.y
    }
}

/// What comes next, in at most as many rows as `area` has: drawn where it can be read, in words otherwise. Gives the row below.
pub(super) fn next(
    follower: &PresenterView,
    state: &StageState,
    ink: &RenderCache,
    frame: &mut Frame,
    area: Rect,
) -> u16 {
    let deck = follower.deck();
    let next = follower.next();
    let name = match next {
        None => "This is the last step".to_owned(),
        Some((slide, step)) if slide == state.slide => format!("Next: step {step} of {}", state.last_step),
        Some((slide, _)) => format!("Next: {}", deck.name(slide)),
    };
    if area.height == 0 {
        return area.y;
    }
    let style = deck.theme.style(Role::Accent).add_modifier(Modifier::BOLD);
    frame.cells.set_stringn(area.x, area.y, name, usize::from(area.width), style);
    let rest = Rect { y: area.y + 1, height: area.height - 1, ..area };
    let Some((index, step)) = next.filter(|_| follower.has_same_deck()) else { return rest.y };
    if is_readable(rest) {
        return slide(deck, (index, step), ink, frame, rest);
    }
    let style = deck.theme.style(Role::Text);
    let mut y = rest.y;
    for line in deck.glance(index, step, usize::from(rest.height)) {
        let room = usize::from(rest.width.saturating_sub(2));
        frame.cells.set_stringn(rest.x + 2, y, line, room, style);
        y += 1;
    }
    y
}

fn is_readable(area: Rect) -> bool {
    area.width >= READABLE.columns && area.height > READABLE.rows
}

/// Draws a slide at a step, and a line below it; gives the row below that.
fn slide(deck: &Deck, (index, step): Place, ink: &RenderCache, frame: &mut Frame, area: Rect) -> u16 {
    let Some(content) = deck.slides.get(index) else { return area.y };
    let rows = (area.height - 1).min(ORIGINAL.rows);
    let size = Size { columns: area.width, rows };
    let scene = layout::slide(deck, content, step, Rect::new(0, 0, size.columns, size.rows));
    let original = still(&scene, scene.scroll_to_focus(0), size, ink, &deck.theme);
    copy(&original, 0, frame, Rect { height: rows, ..area });
    rule(frame, Rect { y: area.y + rows, height: 1, ..area }, deck.theme.style(Role::Border));
    area.y + rows + 1
}

fn rule(frame: &mut Frame, area: Rect, style: Style) {
    let line = "▔".repeat(usize::from(area.width));
    frame.cells.set_stringn(area.x, area.y, line, usize::from(area.width), style);
}
