//! How each pane of the slide stands, and how one of them looks at the moment.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::follow::PresenterView;
use crate::link::{PaneCells, PaneShows, PaneState, StageState};
use crate::talk::Hints;
use greenroom_deck::{Role, Text, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout;

/// Rows that the reason takes for which a demo did not start.
const MAX_WHISPER: usize = 3;
/// A mirror of fewer rows shows nothing.
const LEAST: u16 = 3;

/// The pane that is mirrored: the one that has a keyboard, then one that runs, then any that has something to show.
fn watched(follower: &PresenterView, state: &StageState) -> Option<usize> {
    let shown = |index: &usize| follower.mirrored(*index).is_some();
    let find = |is: &dyn Fn(usize) -> bool| (0..state.panes.len()).filter(shown).find(|index| is(*index));
    let pane = |index: usize| state.panes.get(index);
    find(&|index| pane(index).is_some_and(|pane| pane.focused))
        .or_else(|| find(&|index| pane(index).is_some_and(|pane| pane.shows == PaneShows::Live)))
        .or_else(|| find(&|index| pane(index).is_some_and(|pane| pane.shows == PaneShows::Recording)))
        .or_else(|| find(&|_| true))
}

/// Draws a line for each pane, and below the one that matters most what it shows, in at most `most` rows; gives the row below.
pub(super) fn draw(
    follower: &PresenterView,
    state: &StageState,
    theme: &Theme,
    frame: &mut Frame,
    area: Rect,
    most: u16,
) -> u16 {
    let watched = watched(follower, state);
    let hints = Hints::of(follower.keymap());
    let mut y = area.y;
    for (index, pane) in state.panes.iter().enumerate().take(usize::from(area.height.saturating_sub(1))) {
        if y >= area.bottom() {
            break;
        }
        let (mark, role) = match pane.shows {
            PaneShows::Recording => ("● recording", Role::Warn),
            PaneShows::Live => ("▶ live", Role::Good),
            PaneShows::Idle | PaneShows::Changing | PaneShows::Ended => ("■", Role::Muted),
        };
        let style = theme.style(role).add_modifier(Modifier::BOLD);
        let (end, _) = frame.cells.set_stringn(area.x, y, mark, usize::from(area.width), style);
        let keys = match (pane.focused, pane.from_afar) {
            (true, true) => hints.and(": you type into it", "; {leave-program} leaves"),
            (true, false) => ", has the stage's keyboard".to_owned(),
            _ => String::new(),
        };
        let room = usize::from(area.right().saturating_sub(end + 2));
        let says = format!("{}: {}{keys}", pane.title, pane.says);
        frame.cells.set_stringn(end + 2, y, says, room, theme.style(Role::Text));
        y = whisper(
            &pane.whisper,
            theme,
            frame,
            Rect { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area },
        );
        y = script(pane, theme, frame, Rect { y, height: area.bottom().saturating_sub(y), ..area });
        if let Some(cells) = follower.mirrored(index).filter(|_| watched == Some(index)) {
            let others = u16::try_from(state.panes.len() - index - 1).unwrap_or(u16::MAX);
            let room = area.bottom().saturating_sub(y).saturating_sub(others).min(most);
            y = mirror(cells, theme, frame, Rect { y, height: room, ..area });
        }
    }
    if state.panes.is_empty() { y } else { y + 1 }
}

/// A pane as it looks, behind a line at its left side; gives the row below.
fn mirror(cells: &PaneCells, theme: &Theme, frame: &mut Frame, area: Rect) -> u16 {
    let height = cells.used().min(area.height);
    // A short one shows whole; of a long one fewer rows would say nothing.
    if height < LEAST.min(cells.used()) || area.width < 4 {
        return area.y;
    }
    let style = theme.style(Role::Accent);
    for y in area.y..area.y + height {
        frame.cells.set_stringn(area.x, y, "▏", 1, style);
    }
    cells.paint(&mut frame.cells, Rect { x: area.x + 1, width: area.width - 1, height, ..area });
    area.y + height
}

/// The step of its script that is next, and what the speaker noted for it; gives the row below.
fn script(pane: &PaneState, theme: &Theme, frame: &mut Frame, area: Rect) -> u16 {
    let lines = [("→ ", &pane.script, Role::Accent), ("  ", &pane.script_note, Role::Text)];
    let mut y = area.y;
    for (mark, text, role) in lines.into_iter().filter(|(_, text, _)| !text.is_empty()) {
        if y >= area.bottom() {
            break;
        }
        let room = usize::from(area.width);
        let (x, _) = frame.cells.set_stringn(area.x, y, mark, room, theme.style(role));
        let left = usize::from(area.right().saturating_sub(x));
        frame.cells.set_stringn(x, y, text, left, theme.style(role));
        y += 1;
    }
    y
}

/// Why a pane's program did not start, below its line; gives the row below.
fn whisper(reason: &str, theme: &Theme, frame: &mut Frame, area: Rect) -> u16 {
    if reason.is_empty() {
        return area.y;
    }
    let style = theme.style(Role::Warn);
    let lines =
        layout::wrap(&Text::plain(reason), area.width.saturating_sub(2).max(1), MAX_WHISPER, style, theme);
    let mut y = area.y;
    for (line, at) in lines.iter().zip(area.y..area.bottom()) {
        line.iter().fold(area.x + 2, |x, run| {
            let left = usize::from(area.right().saturating_sub(x));
            frame.cells.set_stringn(x, at, &run.text, left, run.style).0
        });
        y = at + 1;
    }
    y
}
