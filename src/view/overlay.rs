//! What lies over a slide: help, prompts, lists, notices.

use qrcode::{EcLevel, QrCode};
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::keys::Group;
use crate::talk::{HELP, Mode, Talk, find};
use greenroom_base::clock::Elapsed;
use greenroom_base::counted::counted;
use greenroom_deck::{Rgb, Role, Theme};
use greenroom_render::layout::columns;
use greenroom_render::paint;
use greenroom_terminal::frame::Frame;

/// Columns between two columns of the help.
const GAP: usize = 2;

/// Draws whatever the talk's mode asks for.
pub(crate) fn draw(talk: &Talk, theme: &Theme, frame: &mut Frame, now: Elapsed) {
    if *talk.mode() != Mode::Slide {
        (frame.cursor, frame.cursor_style) = (None, 0);
    }
    match talk.mode() {
        Mode::Goto(typed) => prompt(frame, theme, "Go to slide", typed),
        Mode::Search(typed, selected) => search(talk, theme, frame, typed, *selected),
        Mode::Sections => sections(talk, theme, frame),
        Mode::Help(scroll) => help(talk, theme, frame, *scroll),
        Mode::Slide | Mode::Overview(_) | Mode::Blank | Mode::Consent(_) => {
            if let Some(text) = talk.notice(now) {
                notice(frame, theme, text);
            }
        }
    }
}

/// The question whether to leave, in the last row, over everything else.
pub(crate) fn question(frame: &mut Frame, theme: &Theme, text: &str) {
    let area = frame.area();
    cover(frame, Rect { y: area.bottom().saturating_sub(1), height: 1, ..area });
    paint::prompt(&mut frame.cells, area, text, "", theme);
}

fn prompt(frame: &mut Frame, theme: &Theme, label: &str, typed: &str) {
    let area = frame.area();
    cover(frame, Rect { y: area.bottom() - 1, height: 1, ..area });
    let (x, y) = paint::prompt(&mut frame.cells, area, label, typed, theme);
    frame.cursor = Some(Position { x, y });
}

fn search(talk: &Talk, theme: &Theme, frame: &mut Frame, typed: &str, selected: usize) {
    let found = find(talk.deck(), typed);
    let area = frame.area();
    let most = usize::from(area.height / 2).saturating_sub(2).max(1);
    if !typed.trim().is_empty() {
        let title = if found.is_empty() { "Nothing found".to_owned() } else { counted(found.len(), "slide") };
        let first = selected.saturating_sub(most.saturating_sub(1));
        let lines: Vec<(String, String)> = found
            .iter()
            .skip(first)
            .take(most)
            .map(|found| {
                let name = talk.deck().name(found.slide);
                let line = if found.line == name { String::new() } else { found.line.clone() };
                (format!("{:>3}  {name}", found.slide + 1), line)
            })
            .collect();
        let height = u16::try_from(lines.len()).unwrap_or(0) + 2;
        let card = Rect {
            x: area.x + 1,
            y: area.bottom().saturating_sub(height + 1),
            width: area.width.saturating_sub(2),
            height: height.min(area.height.saturating_sub(1)),
        };
        list(frame, theme, card, &title, &lines, Some(selected - first));
    }
    prompt(frame, theme, "Search", typed);
}

fn sections(talk: &Talk, theme: &Theme, frame: &mut Frame) {
    let deck = talk.deck();
    let current = talk.slide().section;
    let sections = &deck.outline.sections;
    // No more than a screen holds.
    let shown = sections.iter().enumerate().take(usize::from(frame.area().height));
    let lines: Vec<(String, String)> = shown
        .map(|(number, section)| {
            let slide = deck.section_start(number).map(|slide| format!("slide {}", slide + 1));
            (format!("{}  {}", number + 1, section.title), slide.unwrap_or_default())
        })
        .collect();
    let title = match sections.len() {
        0 => "This deck has no sections".to_owned(),
        1 => "Jump to a section: 1".to_owned(),
        count => format!("Jump to a section: 1 to {}", count.min(9)),
    };
    let card = middle(frame.area(), widest(&lines).max(columns(&title)) + 8, lines.len() + 2);
    list(frame, theme, card, &title, &lines, current);
}

/// The keys by situation: in two columns where there is room, otherwise below each other, the most needed first.
fn help(talk: &Talk, theme: &Theme, frame: &mut Frame, scroll: u16) {
    let area = frame.area();
    let now = talk.situation();
    let halves = HELP.map(groups);
    let wide = halves.each_ref().map(|half| half.iter().map(HelpLine::columns).max().unwrap_or(0));
    let height = halves.iter().map(Vec::len).max().unwrap_or(0);
    let width = (wide.iter().sum::<usize>() + GAP).max(columns(&now)) + 4;
    if width > usize::from(area.width) || height + 3 > usize::from(area.height) {
        return narrow_help(theme, frame, &halves.concat(), scroll);
    }
    let card = middle(area, width, height + 3);
    list(frame, theme, card, "Keys (any key closes)", &[], None);
    let inside = card.inner(ratatui::layout::Margin::new(2, 1));
    let mut x = inside.x;
    for (half, wide) in halves.iter().zip(wide) {
        for (line, y) in half.iter().zip(inside.top()..) {
            line.draw(frame, theme, Rect { x, y, width: inside.right() - x, height: 1 });
        }
        x += u16::try_from(wide + GAP).unwrap_or(0);
    }
    let style = theme.style(Role::Accent);
    frame.cells.set_stringn(inside.x, inside.bottom() - 1, &now, usize::from(inside.width), style);
}

/// All of it in one column, scrolled down by so many rows.
fn narrow_help(theme: &Theme, frame: &mut Frame, lines: &[HelpLine], scroll: u16) {
    let width = lines.iter().map(HelpLine::columns).max().unwrap_or(0) + 4;
    let card = middle(frame.area(), width, lines.len() + 2);
    let rows = usize::from(card.height.saturating_sub(2));
    let first = usize::from(scroll).min(lines.len().saturating_sub(rows));
    let title = if lines.len() > rows { "Keys (↓ for more)" } else { "Keys" };
    list(frame, theme, card, title, &[], None);
    let inside = card.inner(ratatui::layout::Margin::new(2, 1));
    for (line, y) in lines.iter().skip(first).zip(inside.top()..inside.bottom()) {
        line.draw(frame, theme, Rect { y, height: 1, ..inside });
    }
}

/// A line of the help: a situation, or keys and what they do.
#[derive(Clone)]
enum HelpLine {
    Title(&'static str),
    /// The keys, the columns that keys have, and what they do.
    Keys(String, usize, &'static str),
}

impl HelpLine {
    fn columns(&self) -> usize {
        match self {
            Self::Title(text) => columns(text),
            Self::Keys(_, room, about) => room + 1 + columns(about),
        }
    }

    fn draw(&self, frame: &mut Frame, theme: &Theme, at: Rect) {
        let bold = |role| theme.style(role).add_modifier(Modifier::BOLD);
        let room = usize::from(at.width);
        match self {
            Self::Title(text) => {
                frame.cells.set_stringn(at.x, at.y, text, room, bold(Role::Accent));
            }
            Self::Keys(keys, indent, about) => {
                frame.cells.set_stringn(at.x, at.y, keys, room, bold(Role::Text));
                let indent = u16::try_from(indent + 1).unwrap_or(at.width).min(at.width);
                let rest = usize::from(at.width - indent);
                frame.cells.set_stringn(at.x + indent, at.y, about, rest, theme.style(Role::Text));
            }
        }
    }
}

/// The lines of some groups of keys.
fn groups<F>(groups: &[&Group<F>]) -> Vec<HelpLine> {
    let told: Vec<_> = groups.iter().map(|group| (group.title, group.lines())).collect();
    let room = told.iter().flat_map(|(_, lines)| lines).map(|(keys, _)| columns(keys)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (title, keys) in told {
        lines.push(HelpLine::Title(title));
        lines.extend(keys.into_iter().map(|(keys, about)| HelpLine::Keys(keys, room, about)));
    }
    lines
}

/// A card with keys and what they do.
pub(super) fn keys(frame: &mut Frame, theme: &Theme, title: &str, keys: &[(String, &str)]) {
    let lines: Vec<(String, String)> = labelled(keys).collect();
    let card = middle(frame.area(), widest(&lines).max(columns(title)) + 6, lines.len() + 2);
    list(frame, theme, card, title, &lines, None);
}

/// Keys and what they do, each pair as one text with all of the latter below each other.
fn labelled(keys: &[(String, &str)]) -> impl Iterator<Item = (String, String)> {
    let label = keys.iter().map(|(label, _)| columns(label)).max().unwrap_or(0);
    keys.iter().map(move |(keys, about)| {
        let pad = label - columns(keys);
        (format!("{keys}{}  {about}", " ".repeat(pad)), String::new())
    })
}

/// A card with one line.
pub(super) fn message(frame: &mut Frame, theme: &Theme, title: &str, text: &str) {
    let lines = [(text.to_owned(), String::new())];
    let card = middle(frame.area(), widest(&lines).max(columns(title)) + 6, 3);
    list(frame, theme, card, title, &lines, None);
}

/// A card with an address as a QR code, if there is room for one, and in letters.
pub(super) fn code(frame: &mut Frame, theme: &Theme, title: &str, address: &str) {
    /// Modules that stay light around a code; the standard's four, less two that the card gives.
    const QUIET_MODULES: usize = 2;
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::L) else {
        return message(frame, theme, title, address);
    };
    let modules = code.width() + 2 * QUIET_MODULES;
    let rows = modules.div_ceil(2);
    let card = middle(frame.area(), modules.max(columns(address)).max(columns(title)) + 6, rows + 4);
    if usize::from(card.width) < modules + 2 || usize::from(card.height) < rows + 3 {
        return message(frame, theme, title, address);
    }
    list(frame, theme, card, title, &[], None);
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET_MODULES).filter(|at| *at < code.width());
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == qrcode::Color::Dark)
    };
    let ink = |dark: bool| if dark { Rgb(0, 0, 0) } else { Rgb(255, 255, 255) };
    let left = card.x + (card.width - u16::try_from(modules).unwrap_or(card.width)) / 2;
    for (row, y) in (card.y + 1..).enumerate().take(rows) {
        for (column, x) in (left..).enumerate().take(modules) {
            let (upper, lower) = (ink(dark(column, 2 * row)), ink(dark(column, 2 * row + 1)));
            let style = Style::new().fg(upper.into()).bg(lower.into());
            frame.cells[(x, y)].set_symbol("▀").set_style(style);
        }
    }
    let room = usize::from(card.width.saturating_sub(4));
    frame.cells.set_stringn(card.x + 2, card.bottom() - 2, address, room, theme.style(Role::Text));
}

fn widest(lines: &[(String, String)]) -> usize {
    let left = lines.iter().map(|(left, _)| columns(left)).max().unwrap_or(0);
    let right = lines.iter().map(|(_, right)| columns(right)).max().unwrap_or(0);
    left + 2 + right
}

/// A card with two texts on each line, one at each side.
fn list(
    frame: &mut Frame,
    theme: &Theme,
    card: Rect,
    title: &str,
    lines: &[(String, String)],
    selected: Option<usize>,
) {
    cover(frame, card);
    paint::card(&mut frame.cells, card, title, theme.style(Role::Accent), theme);
    let inside = card.inner(ratatui::layout::Margin::new(2, 1));
    for ((left, right), y) in lines.iter().zip(inside.top()..inside.bottom()) {
        let index = usize::from(y - inside.top());
        let mut style = theme.style(Role::Text);
        let mut aside = theme.style(Role::Muted);
        if selected == Some(index) {
            let on = Style::new().bg(theme.accent.into()).fg(theme.background.into());
            paint::fill(&mut frame.cells, Rect { y, height: 1, ..inside }, on);
            (style, aside) = (on.add_modifier(Modifier::BOLD), on);
        }
        let room = usize::from(inside.width);
        let (end, _) = frame.cells.set_stringn(inside.x, y, left, room, style);
        let rest = usize::from(inside.right().saturating_sub(end)).saturating_sub(2);
        let width = columns(right).min(rest);
        let x = inside.right() - u16::try_from(width).unwrap_or(0);
        frame.cells.set_stringn(x, y, right, width, aside);
    }
}

fn notice(frame: &mut Frame, theme: &Theme, text: &str) {
    let area = frame.area();
    let width = u16::try_from(columns(text) + 4).unwrap_or(u16::MAX).min(area.width);
    let row = Rect { x: (area.width - width) / 2, y: area.bottom().saturating_sub(2), width, height: 1 };
    cover(frame, row);
    let style = Style::new().bg(theme.accent.into()).fg(theme.background.into());
    paint::fill(&mut frame.cells, row, style);
    let room = usize::from(width).saturating_sub(2);
    frame.cells.set_stringn(row.x + 2, row.y, text, room, style.add_modifier(Modifier::BOLD));
}

/// A rectangle of this size in the middle of `area`.
fn middle(area: Rect, width: usize, height: usize) -> Rect {
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
    Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height }
}

/// Takes away the pictures, enlarged texts and links that would lie over an overlay; their cells stay.
fn cover(frame: &mut Frame, area: Rect) {
    frame.pictures.retain(|placed| !placed.area.intersects(area));
    frame.texts.retain(|placed| !placed.area.intersects(area));
    frame.links.retain(|placed| !placed.area.intersects(area));
}
