//! The overview: the slides by section and title, with a large picture of the one that is selected.

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::{sheet, still};
use crate::talk::{Overview, OverviewRow, Talk, list_size};
use greenroom_base::counted::counted;
use greenroom_base::run::Size;
use greenroom_deck::{Role, SlideKind, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::{self, columns};
use greenroom_render::paint::{self, RenderCache};

/// The size of slides that are shown as pictures: what they were written for.
pub(super) const ORIGINAL: Size = Size { columns: 96, rows: 28 };
/// A slide with a demo that has no recording.
const DEMO: &str = "▶";
/// A slide all of whose demos have one.
const RECORDED: &str = "▶●";

/// All of it.
pub(crate) fn overview(talk: &Talk, ink: &RenderCache, overview: &Overview, theme: &Theme) -> Frame {
    let size = talk.size();
    let mut frame = sheet(size, theme);
    let rows = overview.rows(talk.deck());
    heading(talk, overview, &rows, theme, &mut frame);
    let (width, height) = list_size(size);
    let selected = overview.selected(&rows);
    let first = overview.first_row(&rows, height);
    let list = Rect { x: 0, y: 2, width, height }.intersection(frame.area());
    for (row, y) in rows.iter().skip(first).zip(list.top()..list.bottom()) {
        line(talk, *row, selected, theme, &mut frame, Rect { y, height: 1, ..list });
    }
    if rows.is_empty() {
        let text = talk.hints().and("No title has that", "; {search} searches the text of slides");
        frame.cells.set_stringn(
            1,
            list.y,
            text,
            usize::from(size.columns).saturating_sub(2),
            theme.style(Role::Warn),
        );
    }
    if let Some(slide) = selected.filter(|_| width < size.columns) {
        let area = Rect { x: width + 1, y: 2, width: size.columns - width - 2, height };
        preview(talk, ink, slide, theme, &mut frame, area);
    }
    keys(talk, theme, &mut frame);
    frame
}

/// What is typed, and how many slides have it.
fn heading(talk: &Talk, overview: &Overview, rows: &[OverviewRow], theme: &Theme, frame: &mut Frame) {
    let deck = talk.deck();
    let all = deck.slides.len();
    let room = frame.area().width.saturating_sub(2);
    if overview.typed.is_empty() {
        let text = format!("{}  ·  {}", deck.outline.title, counted(all, "slide"));
        let style = theme.style(Role::Title).add_modifier(Modifier::BOLD);
        let (end, _) = frame.cells.set_stringn(1, 0, text, usize::from(room), style);
        let rest = usize::from(room.saturating_sub(end + 2));
        frame.cells.set_stringn(end + 3, 0, "type to filter", rest, theme.style(Role::Muted));
        return;
    }
    let found = rows.iter().filter(|row| row.slide().is_some()).count();
    let prompt = theme.style(Role::Accent).add_modifier(Modifier::BOLD);
    let (x, _) = frame.cells.set_stringn(1, 0, "> ", usize::from(room), prompt);
    let bold = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let (end, _) = frame.cells.set_stringn(x, 0, &overview.typed, usize::from(room.saturating_sub(x)), bold);
    if end < frame.area().right() {
        frame.cursor = Some(Position { x: end, y: 0 });
    }
    let count = format!("{found} of {all}");
    let width = u16::try_from(columns(&count)).unwrap_or(u16::MAX);
    if end + width + 2 < room {
        frame.cells.set_stringn(room + 1 - width, 0, count, usize::from(width), theme.style(Role::Muted));
    }
}

/// A row of the list.
fn line(talk: &Talk, row: OverviewRow, selected: Option<usize>, theme: &Theme, frame: &mut Frame, at: Rect) {
    let deck = talk.deck();
    let head = theme.style(Role::Accent).add_modifier(Modifier::BOLD);
    let digits = deck.slides.len().to_string().len();
    let slide = match row {
        OverviewRow::Heading(number) => {
            let title = deck.outline.sections.get(number).map_or("", |section| &section.title);
            let text = format!("{:digits$}  {} {title}", "", number + 1);
            frame.cells.set_stringn(
                at.x,
                at.y,
                cut(&text, usize::from(at.width)),
                usize::from(at.width),
                head,
            );
            return;
        }
        OverviewRow::Slide(slide) => slide,
    };
    let kind = deck.slides.get(slide).map(|slide| &slide.kind);
    let section = match kind {
        Some(SlideKind::Section(number)) => Some(number + 1),
        _ => None,
    };
    let is_selected = selected == Some(slide);
    let on = Style::new().bg(theme.accent.into()).fg(theme.background.into()).add_modifier(Modifier::BOLD);
    let style = match (is_selected, section) {
        (true, _) => on,
        (false, Some(_)) => head,
        (false, None) if talk.has_seen(slide) => theme.style(Role::Text),
        (false, None) => theme.style(Role::Muted),
    };
    if is_selected {
        paint::fill(&mut frame.cells, at, on);
    }
    let here = if talk.place().slide == slide { "›" } else { " " };
    let (name, indent) = match section {
        Some(number) => (format!("{number} {}", deck.name(slide)), ""),
        None => (deck.name(slide), "  "),
    };
    let name = if name.trim().is_empty() { "(no title)".to_owned() } else { name };
    let text = format!("{here}{:>digits$} {indent}{name}", slide + 1);
    let mark = mark(talk, slide);
    let marks = u16::try_from(columns(mark)).unwrap_or(0);
    let room = usize::from(at.width.saturating_sub(marks + 1));
    frame.cells.set_stringn(at.x, at.y, cut(&text, room), room, style);
    if at.width > marks {
        let style = if is_selected { on } else { theme.style(Role::Good) };
        frame.cells.set_stringn(at.right() - marks, at.y, mark, usize::from(marks), style);
    }
}

/// `text`, with an ellipsis when it is wider than `width`.
fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += columns(c.encode_utf8(&mut [0; 4]));
        if used > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// Whether the slide has demos, and whether each of them names a recording.
fn mark(talk: &Talk, slide: usize) -> &'static str {
    let (mut demos, mut recorded) = (0, 0);
    talk.deck().visit(slide, &mut |block| {
        if let greenroom_deck::Block::Pane(pane) = block {
            demos += 1;
            recorded += usize::from(pane.demo.tape.is_some());
        }
    });
    match demos {
        0 => "",
        demos if recorded == demos => RECORDED,
        _ => DEMO,
    }
}

/// The slide with all of its steps, in letters of its own, as large as there is room.
fn preview(talk: &Talk, ink: &RenderCache, slide: usize, theme: &Theme, frame: &mut Frame, area: Rect) {
    let deck = talk.deck();
    let Some(content) = deck.slides.get(slide) else { return };
    paint::card(&mut frame.cells, area, "", theme.style(Role::Border), theme);
    let inside = area.inner(ratatui::layout::Margin::new(1, 1));
    if inside.width < 8 || inside.height < 3 {
        return;
    }
    let size = Size {
        columns: inside.width.min(ORIGINAL.columns * 5 / 4),
        rows: inside.height.min(ORIGINAL.rows * 5 / 4),
    };
    let scene = layout::slide(deck, content, content.last_step, Rect::new(0, 0, size.columns, size.rows));
    let drawn = still(&scene, 0, size, ink, theme);
    let (x, y) = (inside.x + (inside.width - size.columns) / 2, inside.y + (inside.height - size.rows) / 3);
    for from in drawn.area().positions() {
        if let (Some(cell), Some(to)) =
            (drawn.cells.cell(from), frame.cells.cell_mut((x + from.x, y + from.y)))
        {
            *to = cell.clone();
        }
    }
}

/// What the keys do, and what the marks mean, in the last row.
fn keys(talk: &Talk, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    let keys = [
        "{overview-go} go",
        "{overview-up}{overview-down} slide",
        "{overview-previous-section}{overview-next-section} section",
        "{overview-close} back",
    ];
    let keys: Vec<String> = keys.iter().filter_map(|template| talk.hints().say(template)).collect();
    let text = format!("{}    {DEMO} demo  {RECORDED} recorded", keys.join(" · "));
    let room = usize::from(area.width).saturating_sub(2);
    if area.height > 3 {
        frame.cells.set_stringn(1, area.bottom() - 1, text, room, theme.style(Role::Muted));
    }
}
