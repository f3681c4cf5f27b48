//! How the panes of the slide that shows look, for a presenter view.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;

use super::looks;
use crate::link::{MAX_CELLS, MAX_PANES, Mirror, PaneCells};
use crate::talk::{Runs, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_deck::PaneId;
use greenroom_pane::RunStatus;
use greenroom_render::paint;

/// The panes that have something to show, each by itself: the slide's scrolling, and whatever lies over it, are the stage's.
/// What is sent in all has a bound, which the first ones of a slide of many large panes share.
#[must_use]
pub fn mirror(talk: &Talk, now: Elapsed) -> Mirror {
    let (slide, theme) = (talk.place().slide, &*talk.deck().theme);
    let no_run = talk.settings().runs == Runs::TapesOnly;
    let mut mirror = Mirror { slide, panes: Vec::new() };
    let mut room = MAX_CELLS;
    for (index, spec, item) in talk.scene(talk.place()).panes().take(MAX_PANES) {
        let Some(status) = talk.pane_status(PaneId { slide, pane: index }) else { continue };
        if *status.pane.state() == RunStatus::Idle {
            continue;
        }
        let height = u16::try_from(item.height).unwrap_or(u16::MAX).min(talk.size().rows.max(50));
        let area = Rect::new(0, 0, item.width, height);
        let mut cell = Cell::EMPTY;
        cell.set_style(Style::new().bg(theme.background.into()).fg(theme.text.into()));
        let mut cells = Buffer::filled(area, cell);
        let focus = status.pane.cursor_row();
        let look = looks::look(&status, no_run, now, talk.hints());
        paint::draw_pane(&mut cells, area, spec, Some(&look), theme);
        let pane = PaneCells::of(index, &cells, area.inner(Margin::new(1, 1)), focus, room);
        room = room.saturating_sub(usize::from(pane.columns) * usize::from(pane.rows()));
        if pane.rows() > 0 {
            mirror.panes.push(pane);
        }
    }
    mirror
}
