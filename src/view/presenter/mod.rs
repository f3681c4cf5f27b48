//! What the speaker sees: time and pace, this step and the next, the panes, the notes.

mod digits;
mod header;
mod panes;
mod slides;

use std::sync::Arc;

use ratatui::layout::Rect;

use super::{help, overlay, sheet, still, too_small};
use crate::follow::{KEYS, LinkStatus, NotesHeight, Over, PresenterView, key_name};
use crate::link::StageState;
use crate::talk::{Hints, ON_STAGE};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Role, Slide, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::{self, Scene, columns};
use greenroom_render::paint::RenderCache;

/// Notes are not wider: lines that long are hard to find again.
const NOTES: u16 = 118;
/// From this width on notes stand beside what the stage shows, not below it.
const BESIDE: u16 = 108;
/// Rows that notes have at least.
const LEAST_NOTES: u16 = 5;

/// The presenter view at `now`, and how many rows its notes can be scrolled by.
#[must_use]
pub fn presenter(follower: &PresenterView, ink: &RenderCache, now: Elapsed) -> (Frame, u32) {
    let deck = Arc::clone(follower.deck());
    let theme = &*deck.theme;
    let size = follower.size();
    if size.columns < 30 || size.rows < 8 {
        return (too_small(size, theme), 0);
    }
    let mut frame = sheet(size, theme);
    let mut overflow = 0;
    let area = Rect { x: 1, y: 0, width: size.columns - 2, height: size.rows };
    match follower.state(now) {
        Some(state) => {
            let top = header::draw(follower, &state, theme, &mut frame, area, now);
            // The last row says how it stands with the stage.
            let rest = Rect { y: top, height: area.height.saturating_sub(top + 1), ..area };
            overflow = if area.width >= BESIDE {
                beside(follower, &state, ink, &mut frame, rest)
            } else {
                below(follower, &state, ink, &mut frame, rest)
            };
        }
        None => waiting(&deck, theme, &mut frame, area, follower.time_of_day(now)),
    }
    status(follower, theme, &mut frame, area);
    match follower.over() {
        Over::Nothing => {}
        Over::Help(page) => {
            let keymap = follower.keymap();
            let groups = [help::lines(&KEYS, keymap), help::lines(&ON_STAGE, keymap)].concat();
            help::draw(&mut frame, theme, &groups, page, "", Hints::of(follower.keymap()));
        }
        over @ (Over::Speaker | Over::Audience) => remote(follower, over, theme, &mut frame),
    }
    (frame, overflow)
}

/// Notes at the left, in a column of their own that nothing moves; what the stage shows at the right.
fn beside(
    follower: &PresenterView,
    state: &StageState,
    ink: &RenderCache,
    frame: &mut Frame,
    area: Rect,
) -> u32 {
    let share = match follower.room() {
        NotesHeight::Little => 36,
        NotesHeight::Half => 48,
        NotesHeight::Most => 66,
    };
    let width = u16::try_from(u32::from(area.width) * share / 100).unwrap_or(area.width).min(NOTES);
    let overflow = notes(follower, ink, frame, Rect { width, ..area });
    let right = Rect { x: area.x + width + 2, width: area.width - width - 2, ..area };
    let runs = (0..state.panes.len()).any(|pane| follower.mirrored(pane).is_some());
    let mut y = slides::now(state, follower.deck(), frame, right);
    let left_of = |y: u16| Rect { y, height: right.bottom().saturating_sub(y), ..right };
    if !state.panes.is_empty() {
        let keeps = (right.height / 4).clamp(3, 12);
        let room = left_of(y).height.saturating_sub(keeps);
        y = panes::draw(
            follower,
            state,
            &follower.deck().theme,
            frame,
            Rect { height: room, ..left_of(y) },
            room,
        );
    } else if !runs {
        let half = left_of(y).height / 2;
        y = slides::current(follower, state, ink, frame, Rect { height: half, ..left_of(y) });
    }
    slides::next(follower, state, ink, frame, left_of(y.min(right.bottom())));
    overflow
}

/// Notes below everything else, where a screen has no room for two columns.
fn below(
    follower: &PresenterView,
    state: &StageState,
    ink: &RenderCache,
    frame: &mut Frame,
    area: Rect,
) -> u32 {
    let rows = area.height.saturating_sub(LEAST_NOTES);
    let (next, mirrored) = match follower.room() {
        NotesHeight::Little => (rows / 3, rows),
        NotesHeight::Half => (area.height / 5, area.height * 2 / 5),
        NotesHeight::Most => (1, 0),
    };
    let part = |y: u16, height: u16| {
        let most = area.bottom().saturating_sub(y);
        Rect { y, height: height.min(most), ..area }
    };
    let y = slides::now(state, follower.deck(), frame, area);
    let y = slides::next(follower, state, ink, frame, part(y, next.max(1)));
    let room = area.bottom().saturating_sub(y).saturating_sub(LEAST_NOTES);
    let y = panes::draw(follower, state, &follower.deck().theme, frame, part(y, room), mirrored);
    notes(follower, ink, frame, part(y.min(area.bottom()), area.height))
}

/// The address of the remote, for phones to read.
fn remote(follower: &PresenterView, over: Over, theme: &Theme, frame: &mut Frame) {
    let LinkStatus::Joined(hello) = follower.line() else { return };
    let Some(remote) = &hello.remote else {
        return overlay::message(
            frame,
            theme,
            "Remote",
            "This stage has no remote: start it with greenroom --remote",
        );
    };
    let (title, address) = match over {
        Over::Audience => ("For the audience: it follows the talk, and cannot move it", &remote.audience),
        _ => ("For your phone: it moves the talk. Do not show it to the room", &remote.speaker),
    };
    overlay::code(frame, theme, title, address);
}

/// The notes, as far as they are scrolled; gives how far they can be.
fn notes(follower: &PresenterView, ink: &RenderCache, frame: &mut Frame, area: Rect) -> u32 {
    let deck = follower.deck();
    let theme = &*deck.theme;
    if area.height < 2 {
        return 0;
    }
    let slide = follower.notes().clone();
    let inside = Rect { y: area.y + 1, height: area.height - 1, width: area.width.min(NOTES), ..area };
    if slide.body.is_empty() {
        rule_of(frame, area, "No notes for this slide", theme);
        return 0;
    }
    let (mut scene, left, top) = laid(deck, &slide, inside.width);
    scene.body_area = Rect { x: 0, y: 0, width: inside.width + left, height: inside.height };
    scene.body_rows = scene.body_rows.saturating_sub(top);
    let overflow = scene.overflow();
    let scroll = follower.scroll.min(overflow);
    let more = match (scroll > 0, scroll < overflow) {
        (true, true) => "Notes   J ↓  K ↑ for more",
        (false, true) => "Notes   J ↓ for more",
        (true, false) => "Notes   K ↑ for more",
        (false, false) => "Notes",
    };
    rule_of(frame, area, more, theme);
    let size = Size { columns: inside.width + left, rows: inside.height };
    copy(&still(&scene, scroll + top, size, ink, theme), left, frame, inside);
    overflow
}

/// Notes laid out for so many columns, with the columns and rows that are empty before them: a slide has a margin, and
/// begins lower when it has room to spare, but notes have neither.
fn laid(deck: &Deck, notes: &Slide, width: u16) -> (Scene, u16, u32) {
    // Of a low slide nothing is left to spare.
    let lay = |width| layout::slide(deck, notes, notes.last_step, Rect::new(0, 0, width, LEAST_NOTES));
    let left = |scene: &Scene| scene.body.iter().map(|item| item.x).min().unwrap_or(0);
    let right =
        |scene: &Scene| scene.body.iter().map(|item| item.x.saturating_add(item.width)).max().unwrap_or(0);
    let plain = lay(width);
    let wider = lay(width.saturating_add(2 * left(&plain).saturating_sub(1)));
    let fits = right(&wider).saturating_sub(left(&wider)) < width;
    let scene = if fits { wider } else { plain };
    let top = scene.body.iter().map(|item| item.y).min().unwrap_or(0);
    let left = left(&scene);
    (scene, left, top)
}

/// Puts the cells of `part`, from this column on, into a place of the frame.
fn copy(part: &Frame, left: u16, frame: &mut Frame, at: Rect) {
    for y in 0..at.height {
        for x in 0..at.width {
            if let (Some(from), Some(to)) =
                (part.cells.cell((left + x, y)), frame.cells.cell_mut((at.x + x, at.y + y)))
            {
                *to = from.clone();
            }
        }
    }
}

/// A line with a title in it.
fn rule_of(frame: &mut Frame, area: Rect, title: &str, theme: &Theme) {
    let width = usize::from(area.width);
    frame.cells.set_stringn(area.x, area.y, "─".repeat(width), width, theme.style(Role::Border));
    let title = format!(" {title} ");
    frame.cells.set_stringn(area.x + 1, area.y, title, width.saturating_sub(2), theme.style(Role::Muted));
}

/// Nothing is known of the stage yet.
fn waiting(deck: &Deck, theme: &Theme, frame: &mut Frame, area: Rect, day: u64) {
    let lines = [
        (format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60), Role::Text),
        (deck.outline.title.clone(), Role::Title),
        (
            "The stage is not there yet: start greenroom with this deck, here or in another terminal."
                .to_owned(),
            Role::Muted,
        ),
    ];
    for ((text, role), y) in lines.into_iter().zip((area.height / 3)..) {
        let width = columns(&text).min(usize::from(area.width));
        let x = area.x + (area.width - u16::try_from(width).unwrap_or(0)) / 2;
        frame.cells.set_stringn(x, y, text, width, theme.style(role));
    }
}

/// The last row: how it stands with the stage.
fn status(follower: &PresenterView, theme: &Theme, frame: &mut Frame, area: Rect) {
    let y = area.bottom() - 1;
    let (text, role) = match follower.line() {
        LinkStatus::Waiting(why) => (format!("Not connected: {why}. Trying again."), Role::Warn),
        LinkStatus::Joined(_) if !follower.has_same_deck() => {
            ("The stage shows another version of this deck: slides are not drawn".to_owned(), Role::Warn)
        }
        LinkStatus::Joined(hello) => {
            let tapes = follower.plays_recordings_only();
            let only = if tapes { " (recordings only, nothing runs live)" } else { "" };
            (format!("Follows the stage: {}{only}", hello.title), Role::Muted)
        }
    };
    let hint = key_name(follower.keymap(), "view-help").map(|key| format!("{key} keys")).unwrap_or_default();
    let room = usize::from(area.width).saturating_sub(columns(&hint) + 2);
    frame.cells.set_stringn(area.x, y, text, room, theme.style(role));
    let x = area.right() - u16::try_from(columns(&hint)).unwrap_or(0);
    frame.cells.set_stringn(x, y, &hint, columns(&hint), theme.style(Role::Muted));
}
