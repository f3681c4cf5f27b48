//! Places a slide's blocks on the screen: `(&Slide, &Theme, step, area) -> Scene`.
//!
//! A slide that has room to spare is set wide (`Density::Airy`); one that has not is set tight before it
//! is allowed to overflow. What is hidden until a later step takes its room from the first step on, so that
//! nothing moves when it appears.

mod big;
mod code;
mod cover;
mod flow;
mod scene;
mod table;
mod text;
mod zoom;

pub use scene::{BigText, CodeRow, CodeRows, Emphasis, Kind, Run, Scene, SceneItem, place as place_item};
pub use text::{columns, wrap};
pub use zoom::Zoom;

use ratatui::layout::Rect;

use flow::{Flow, FlowArea};
use greenroom_deck::{Deck, Slide, SlideKind, Step, Theme};

/// A slide longer than this many rows is cut, and says so: nobody scrolls so far on a stage.
pub(crate) const MAX_ROWS: u32 = 10_000;

/// The widest that text is set: longer lines are hard to read back.
const MAX_COLUMNS: u16 = 120;

/// How generously a slide is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Density {
    /// No spare rows.
    Tight,
    /// An empty row between blocks.
    Normal,
    /// Room between list items.
    Airy,
}

/// Places `slide`, as it is at `step`, in `area`.
#[must_use]
pub fn slide(deck: &Deck, slide: &Slide, step: Step, area: Rect) -> Scene {
    match slide.kind {
        SlideKind::Title => cover::title(deck, slide, area),
        SlideKind::Section(number) => cover::section(deck, slide, number, area),
        SlideKind::Content => content(slide, &deck.theme, step, area),
    }
}

/// The part of `area` that a slide's text stands in.
fn text_area(theme: &Theme, area: Rect) -> Rect {
    let margin = match (theme.margin.columns, area.width) {
        (Some(columns), whole) => columns.of(whole),
        (None, 0..=39) => 1,
        (None, 40..=99) => 4,
        (None, whole) => whole / 16,
    };
    let width = area.width.saturating_sub(2 * margin).min(theme.measure.unwrap_or(MAX_COLUMNS).max(1));
    let (top, bottom) = theme.margin.rows.map_or_else(
        || (u16::from(area.height >= 16) + u16::from(area.height >= 30), u16::from(area.height >= 20)),
        |rows| (rows.of(area.height), rows.of(area.height)),
    );
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + top.min(area.height),
        width,
        height: area.height.saturating_sub(top + bottom),
    }
}

/// Sets the slide as generously as it fits.
fn content(slide: &Slide, theme: &Theme, step: Step, area: Rect) -> Scene {
    let room = text_area(theme, area);
    let long = slide.origin.end.saturating_sub(slide.origin.line) > usize::from(room.height) * 4;
    let generous: &[Density] = match area.height {
        _ if long => &[],
        0..=29 => &[Density::Normal],
        _ => &[Density::Airy, Density::Normal],
    };
    for density in generous {
        let scene = place(slide, theme, step, room, *density);
        if scene.overflow() == 0 {
            return scene;
        }
    }
    place(slide, theme, step, room, Density::Tight)
}

fn place(slide: &Slide, theme: &Theme, step: Step, room: Rect, density: Density) -> Scene {
    let mut head =
        Flow::new(theme, step, density, FlowArea { columns: room.width, rows: room.height, spare: 0 });
    if !slide.title.is_empty() {
        head.title(&slide.title, theme.title_align.unwrap_or_else(|| slide_align(slide)));
    }
    let head_rows = u16::try_from(head.y).unwrap_or(room.height).min(room.height);
    let body_area = Rect { y: room.y + head_rows, height: room.height - head_rows, ..room };
    let body = body(slide, theme, step, density, body_area);
    let lift = balance(&body, body_area, density);
    let (mut head, mut items) = (head.items, body.items);
    shift(&mut head, room.x, u32::from(room.y));
    shift(&mut items, room.x, lift);
    Scene {
        head,
        body: items,
        body_area,
        body_rows: body.y + lift,
        focus: body.focus.map(|focus| focus.start + lift..focus.end + lift),
    }
}

/// Lays the body out twice when panes or pictures have to share what the rest of the slide leaves.
fn body<'a>(slide: &'a Slide, theme: &'a Theme, step: Step, density: Density, area: Rect) -> Flow<'a> {
    let lay = |spare: i32| {
        let mut flow =
            Flow::new(theme, step, density, FlowArea { columns: area.width, rows: area.height, spare });
        flow.nodes(&slide.body);
        flow.problems(&slide.problems);
        flow
    };
    let first = lay(0);
    if first.flexible == 0 {
        return first;
    }
    let left = i64::from(area.height) - i64::from(first.y);
    lay(i32::try_from(left / i64::from(first.flexible)).unwrap_or(0))
}

/// How far the body moves down, so that a short one does not hang under the title of a tall screen.
fn balance(body: &Flow<'_>, area: Rect, density: Density) -> u32 {
    if density == Density::Tight || body.centered || body.flexible > 0 {
        return 0;
    }
    (u32::from(area.height).saturating_sub(body.y) / 3).min(u32::from(area.height / 5).max(6))
}

/// A slide that centres its first block centres its title as well.
fn slide_align(slide: &Slide) -> greenroom_deck::Align {
    slide.body.first().map_or_else(Default::default, |node| node.align)
}

/// Moves items from their flow's own coordinates to the screen's.
fn shift(items: &mut [SceneItem], columns: u16, rows: u32) {
    for item in items {
        item.x = item.x.saturating_add(columns);
        item.y += rows;
    }
}
