//! Every slide at once, each a miniature of what the stage would draw.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{sheet, still};
use crate::talk::{Grid, Talk};
use greenroom_base::counted::counted;
use greenroom_base::run::Size;
use greenroom_deck::{Role, Theme};
use greenroom_render::layout;
use greenroom_render::paint::{self, RenderCache, thumb};
use greenroom_terminal::frame::Frame;

/// The size at which slides are drawn before they are shrunk: what they were written for.
pub(super) const ORIGINAL: Size = Size { columns: 96, rows: 28 };

/// The grid, with `selected` framed.
pub(crate) fn overview(talk: &Talk, ink: &RenderCache, selected: usize, theme: &Theme) -> Frame {
    let size = talk.size();
    let deck = talk.deck();
    let mut frame = sheet(size, theme);
    let area = frame.area();
    let table = theme.background.mix(theme.border, 0.2);
    paint::fill(&mut frame.cells, area, Style::new().bg(table.into()));
    let room = usize::from(size.columns).saturating_sub(4);
    let heading = format!("{}  ·  {}", deck.outline.title, counted(deck.slides.len(), "slide"));
    frame.cells.set_stringn(2, 0, heading, room, theme.style(Role::Title));
    for (index, area) in Grid::new(size, deck.slides.len()).visible(selected) {
        let Some(slide) = deck.slides.get(index) else { continue };
        let whole = Rect::new(0, 0, ORIGINAL.columns, ORIGINAL.rows);
        let scene = layout::slide(deck, slide, slide.last_step, whole);
        let original = still(&scene, 0, ORIGINAL, ink, theme);
        thumb::shrink(&original.cells, &mut frame.cells, area);
        caption(talk, theme, &mut frame, index, area, index == selected);
    }
    frame
}

fn caption(talk: &Talk, theme: &Theme, frame: &mut Frame, index: usize, area: Rect, selected: bool) {
    let y = area.bottom();
    let width = usize::from(area.width);
    let name = format!("{} {}", index + 1, talk.deck().name(index));
    let style = if selected {
        let accent = theme.accent.into();
        edges(frame, area, Style::new().fg(accent));
        Style::new().fg(theme.background.into()).bg(accent).add_modifier(Modifier::BOLD)
    } else if talk.has_seen(index) {
        theme.style(Role::Text)
    } else {
        theme.style(Role::Muted)
    };
    let (end, _) = frame.cells.set_stringn(area.x, y, name, width, style);
    if selected {
        let rest = usize::from(area.right().saturating_sub(end));
        frame.cells.set_stringn(end, y, " ".repeat(rest), rest, style);
    }
}

/// A frame around a miniature, in the gap between it and its neighbours.
fn edges(frame: &mut Frame, area: Rect, style: Style) {
    let screen = frame.area();
    let (left, right) = (area.x.checked_sub(1), area.right());
    for y in area.top()..=area.bottom().min(screen.bottom() - 1) {
        if let Some(x) = left {
            frame.cells[(x, y)].set_symbol("▐").set_style(style);
        }
        if right < screen.right() {
            frame.cells[(right, y)].set_symbol("▌").set_style(style);
        }
    }
}
