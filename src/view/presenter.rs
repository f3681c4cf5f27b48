//! What the speaker sees: time and pace, this step and the next, the panes, the notes.

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::overview::ORIGINAL;
use super::{help, overlay, sheet, still, too_small};
use crate::follow::{KEYS, LinkStatus, NotesHeight, Over, PresenterView};
use crate::link::{PaneShows, StageState};
use crate::talk::{ON_STAGE, pace};
use greenroom_base::clock::{Elapsed, hands};
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Role, Slide, Step, Text, Theme};
use greenroom_render::layout::{self, columns};
use greenroom_render::paint::{RenderCache, thumb};
use greenroom_terminal::frame::Frame;

/// From this size on a slide is drawn in its own letters.
const READABLE: Size = Size { columns: 72, rows: 18 };
/// Notes are not wider: lines that long are hard to find again.
const NOTES: u16 = 118;
/// Rows that the reason takes for which a demo did not start.
const MAX_WHISPER: usize = 3;
/// A thumbnail of fewer rows shows nothing.
const LEAST: u16 = 5;

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
            let top = times(follower, &state, theme, &mut frame, area, now);
            let top = slides(
                follower,
                &state,
                &deck,
                ink,
                &mut frame,
                Rect { y: top, height: area.height - top, ..area },
            );
            let top = panes(
                &state,
                theme,
                &mut frame,
                Rect { y: top, height: area.height.saturating_sub(top), ..area },
            );
            let rest = Rect { y: top, height: area.bottom().saturating_sub(top + 1), ..area };
            overflow = notes(follower, &deck, ink, &mut frame, rest);
        }
        None => waiting(&deck, theme, &mut frame, area, follower.time_of_day(now)),
    }
    status(follower, theme, &mut frame, area);
    match follower.over() {
        Over::Nothing => {}
        Over::Help(page) => {
            let groups = [help::lines(&KEYS), help::lines(&ON_STAGE)].concat();
            help::draw(&mut frame, theme, &groups, page, "");
        }
        over @ (Over::Speaker | Over::Audience) => remote(follower, over, theme, &mut frame),
    }
    (frame, overflow)
}

/// The address of the remote, for phones to read.
fn remote(follower: &PresenterView, over: Over, theme: &Theme, frame: &mut Frame) {
    let LinkStatus::Joined(hello) = follower.line() else { return };
    let Some(remote) = &hello.remote else {
        return overlay::message(frame, theme, "Remote", "This stage serves none: greenroom --remote does");
    };
    let (title, address) = match over {
        Over::Audience => ("For the audience: it follows, and moves nothing", &remote.audience),
        _ => ("For your phone: it moves the stage. Show it to nobody", &remote.speaker),
    };
    overlay::code(frame, theme, title, address);
}

/// Milliseconds as a clock shows them.
fn clock(millis: u64) -> String {
    hands(Duration::from_millis(millis))
}

/// The wall's clock and the talk's, in the first rows; gives the row below.
fn times(
    follower: &PresenterView,
    state: &StageState,
    theme: &Theme,
    frame: &mut Frame,
    area: Rect,
    now: Elapsed,
) -> u16 {
    let bold = |role| theme.style(role).add_modifier(Modifier::BOLD);
    let day = follower.time_of_day(now);
    let wall = format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60);
    let elapsed = match state.total {
        Some(total) => format!("{} of {}", clock(state.elapsed), clock(total)),
        None => clock(state.elapsed),
    };
    let mut parts = vec![(wall, bold(Role::Text)), (elapsed, bold(Role::Accent))];
    if let Some(total) = state.total {
        let over = state.elapsed > total;
        let word = if over { "over" } else { "left" };
        let role = if over { Role::Bad } else { Role::Text };
        // In whole seconds, so that both change at once.
        let apart = (total / 1000).abs_diff(state.elapsed / 1000) * 1000;
        parts.push((format!("{} {word}", clock(apart)), bold(role)));
    }
    if !state.running {
        let word = if state.elapsed == 0 { "starts with the first step" } else { "timer paused" };
        parts.push((word.to_owned(), theme.style(Role::Warn)));
    } else if let Some(behind) = state.behind {
        parts.push((pace(behind), bold(tone(behind))));
    }
    row(frame, area, 0, &parts);
    let slide = format!("slide {} of {}", state.slide + 1, state.slides);
    let on = match state.slide_budget {
        Some(budget) => format!("on it {} of {}", clock(state.on_slide), clock(budget)),
        None => format!("on it {}", clock(state.on_slide)),
    };
    let late = state.slide_budget.is_some_and(|budget| budget > 0 && state.on_slide > budget);
    let mut parts =
        vec![(slide, theme.style(Role::Text)), (on, theme.style(if late { Role::Warn } else { Role::Text }))];
    let section =
        state.section.and_then(|number| Some((number, follower.deck().outline.sections.get(number)?)));
    if let Some((number, section)) = section {
        let until = state.section_ends.map_or_else(String::new, |ends| format!(" until {}", clock(ends)));
        let behind = state
            .behind_section
            .filter(|_| state.running)
            // One distance from the plan is enough; two that are counted differently contradict each other.
            .filter(|behind| *behind >= 1000)
            .map_or_else(String::new, |behind| format!(", {} over", clock(behind.unsigned_abs())));
        parts.push((
            format!("section {} {}{until}{behind}", number + 1, section.title),
            theme.style(Role::Muted),
        ));
    }
    if !state.over.is_empty() {
        parts.insert(0, (format!("the stage shows: {}", state.over), bold(Role::Warn)));
    }
    row(frame, area, 1, &parts);
    3
}

/// Behind is a warning, far behind a bad sign.
fn tone(behind: i64) -> Role {
    match behind {
        i64::MIN..=0 => Role::Good,
        1..=60_000 => Role::Warn,
        _ => Role::Bad,
    }
}

/// Texts in a row, as many as fit.
fn row(frame: &mut Frame, area: Rect, y: u16, parts: &[(String, Style)]) {
    let mut x = area.x;
    for (text, style) in parts {
        let room = usize::from(area.right().saturating_sub(x));
        if room < 3 {
            return;
        }
        x = frame.cells.set_stringn(x, y, text, room, *style).0 + 3;
    }
}

/// Thumbnails of this step and the next; gives the row below.
fn slides(
    follower: &PresenterView,
    state: &StageState,
    deck: &Deck,
    ink: &RenderCache,
    frame: &mut Frame,
    area: Rect,
) -> u16 {
    let theme = &*deck.theme;
    let next = follower.next();
    let name = match next {
        None => "This is the last step".to_owned(),
        Some((slide, step)) if slide == state.slide => format!("Next: step {step} of {}", state.last_step),
        Some((slide, _)) => format!("Next: {}", deck.name(slide)),
    };
    let half = area.width.saturating_sub(2) / 2;
    let share = match follower.room() {
        NotesHeight::Little => area.height.saturating_sub(10),
        NotesHeight::Half => area.height.saturating_sub(4) / 2,
        NotesHeight::Most => 0,
    };
    let (width, height) = thumbnail(half, share);
    let drawn = height >= LEAST && follower.has_same_deck();
    let column = if drawn { width } else { half };
    let now_at = Rect { width: column, height: if drawn { height } else { 0 }, y: area.y + 1, ..area };
    let next_at = Rect { x: area.x + column + 2, ..now_at };
    let steps =
        if state.last_step > 0 { format!(" [{} of {}]", state.step, state.last_step) } else { String::new() };
    let bold = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let accent = theme.style(Role::Accent).add_modifier(Modifier::BOLD);
    frame.cells.set_stringn(area.x, area.y, format!("{}{steps}", state.title), usize::from(column), bold);
    frame.cells.set_stringn(
        next_at.x,
        area.y,
        name,
        usize::from(area.right().saturating_sub(next_at.x)),
        accent,
    );
    if !drawn {
        return area.y + 2;
    }
    let step = Step::try_from(state.step).unwrap_or(Step::MAX);
    for (place, at) in [(Some((state.slide, step)), now_at), (next, next_at)] {
        let Some((slide, step)) = place else { continue };
        let Some(content) = deck.slides.get(slide) else { continue };
        draw_slide(deck, content, step, ink, frame, at);
        let edge = Rect { y: at.bottom(), height: 1, ..at };
        rule(frame, edge, theme.style(if at == next_at { Role::Accent } else { Role::Border }));
    }
    area.y + 1 + height + 1
}

/// How large the picture of a slide is in a room of this size: as wide as it would be on a screen, or, where there is room
/// to read it, as large as the room.
fn thumbnail(columns: u16, rows: u16) -> (u16, u16) {
    if columns >= READABLE.columns && rows >= READABLE.rows {
        return (columns, rows.min(ORIGINAL.rows));
    }
    let (w, h) = (u32::from(ORIGINAL.columns), u32::from(ORIGINAL.rows));
    let height = u16::try_from(u32::from(columns) * h / w).unwrap_or(0).min(rows);
    (u16::try_from(u32::from(height) * w / h).unwrap_or(0).min(columns), height)
}

/// A slide at a step: shrunk, or in its own letters where they can be read.
fn draw_slide(deck: &Deck, slide: &Slide, step: Step, ink: &RenderCache, frame: &mut Frame, at: Rect) {
    let theme = &*deck.theme;
    let readable = at.width >= READABLE.columns && at.height >= READABLE.rows;
    let size = if readable { Size { columns: at.width, rows: at.height } } else { ORIGINAL };
    let scene = layout::slide(deck, slide, step, Rect::new(0, 0, size.columns, size.rows));
    let original = still(&scene, scene.scroll_to_focus(0), size, ink, theme);
    if readable {
        copy(&original, frame, at);
    } else {
        thumb::shrink(&original.cells, &mut frame.cells, at);
    }
}

/// Puts the cells of `part` into a place of the frame.
fn copy(part: &Frame, frame: &mut Frame, at: Rect) {
    for y in 0..at.height {
        for x in 0..at.width {
            frame.cells[(at.x + x, at.y + y)] = part.cells[(x, y)].clone();
        }
    }
}

fn rule(frame: &mut Frame, area: Rect, style: Style) {
    let line = "▔".repeat(usize::from(area.width));
    frame.cells.set_stringn(area.x, area.y, line, usize::from(area.width), style);
}

/// How each pane of the slide stands; gives the row below.
fn panes(state: &StageState, theme: &Theme, frame: &mut Frame, area: Rect) -> u16 {
    let most = area.height.saturating_sub(4);
    let mut y = area.y;
    for pane in state.panes.iter().take(usize::from(most)) {
        let (mark, role) = match pane.shows {
            PaneShows::Recording => ("● recording", Role::Warn),
            PaneShows::Live => ("▶ live", Role::Good),
            PaneShows::Idle | PaneShows::Changing | PaneShows::Ended => ("■", Role::Muted),
        };
        let (end, _) = frame.cells.set_stringn(
            area.x,
            y,
            mark,
            usize::from(area.width),
            theme.style(role).add_modifier(Modifier::BOLD),
        );
        let keys = match (pane.focused, pane.from_afar) {
            (true, true) => ": you type into it; Esc Esc leaves",
            (true, false) => ", has the stage's keyboard",
            _ => "",
        };
        let room = usize::from(area.right().saturating_sub(end + 2));
        frame.cells.set_stringn(
            end + 2,
            y,
            format!("{}: {}{keys}", pane.title, pane.says),
            room,
            theme.style(Role::Text),
        );
        y += 1;
        y = whisper(&pane.whisper, theme, frame, Rect { y, height: area.bottom().saturating_sub(y), ..area });
    }
    if state.panes.is_empty() { y } else { y + 1 }
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
    for (line, at) in lines.iter().zip(area.y..area.bottom().saturating_sub(4)) {
        line.iter().fold(area.x + 2, |x, run| {
            let left = usize::from(area.right().saturating_sub(x));
            frame.cells.set_stringn(x, at, &run.text, left, run.style).0
        });
        y = at + 1;
    }
    y
}

/// The notes, as far as they are scrolled; gives how far they can be.
fn notes(follower: &PresenterView, deck: &Deck, ink: &RenderCache, frame: &mut Frame, area: Rect) -> u32 {
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
    let laid = |rows| layout::slide(deck, &slide, slide.last_step, Rect::new(0, 0, inside.width, rows));
    let mut scene = laid(inside.height);
    // A slide with room to spare begins lower; notes begin at the top.
    let spare = u32::from(scene.body_area.height).saturating_sub(scene.body_rows);
    if spare > 0 {
        scene = laid(inside.height.saturating_sub(u16::try_from(spare).unwrap_or(0)).max(1));
    }
    let scroll = follower.scroll.min(scene.overflow());
    let more = match (scroll > 0, scroll < scene.overflow()) {
        (true, true) => "Notes   J ↓  K ↑ for more",
        (false, true) => "Notes   J ↓ for more",
        (true, false) => "Notes   K ↑ for more",
        (false, false) => "Notes",
    };
    rule_of(frame, area, more, theme);
    let size = Size { columns: inside.width, rows: inside.height };
    copy(&still(&scene, scroll, size, ink, theme), frame, inside);
    scene.overflow()
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
        LinkStatus::Waiting(why) => {
            (format!("Not connected: {why}. It is looked for again and again."), Role::Warn)
        }
        LinkStatus::Joined(_) if !follower.has_same_deck() => {
            ("The stage shows another version of this deck: slides are not drawn".to_owned(), Role::Warn)
        }
        LinkStatus::Joined(hello) => {
            let tapes = follower.plays_recordings_only();
            let only = if tapes { " (recordings only, nothing runs live)" } else { "" };
            (format!("Follows the stage: {}{only}", hello.title), Role::Muted)
        }
    };
    let hint = "? keys";
    let room = usize::from(area.width).saturating_sub(columns(hint) + 2);
    frame.cells.set_stringn(area.x, y, text, room, theme.style(role));
    let x = area.right() - u16::try_from(columns(hint)).unwrap_or(0);
    frame.cells.set_stringn(x, y, hint, columns(hint), theme.style(Role::Muted));
}
