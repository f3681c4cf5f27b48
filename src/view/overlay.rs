//! What lies over a slide: help, prompts, lists, notices.

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use super::card::{cover, list, middle};
use super::help;
use crate::talk::{Mode, Serving, Talk, find};
use greenroom_base::clock::Elapsed;
use greenroom_base::counted::counted;
use greenroom_deck::{Qr, Rgb, Role, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::columns;
use greenroom_render::paint;

/// Cells that a module of a code takes across, at most.
const MOST_TIMES: usize = 8;

/// Draws whatever the talk's mode asks for.
pub(crate) fn draw(talk: &Talk, theme: &Theme, frame: &mut Frame, now: Elapsed) {
    if *talk.mode() != Mode::Slide {
        (frame.cursor, frame.cursor_style) = (None, 0);
    }
    match talk.mode() {
        Mode::Goto(typed) => prompt(frame, theme, "Go to slide", typed),
        Mode::Search(typed, selected) => search(talk, theme, frame, typed, *selected),
        Mode::Sections => sections(talk, theme, frame),
        Mode::Help(page) => {
            let lines = help::lines(talk.help(), talk.keymap());
            help::draw(frame, theme, &lines, *page, &talk.situation(), talk.hints());
        }
        Mode::Join => join(talk, theme, frame),
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

/// A card with one line.
pub(super) fn message(frame: &mut Frame, theme: &Theme, title: &str, text: &str) {
    let lines = [(text.to_owned(), String::new())];
    let card = middle(frame.area(), widest(&lines).max(columns(title)) + 6, 3);
    list(frame, theme, card, title, &lines, None);
}

/// How the room can follow: the code, as large as there is room for it, or what a key would open.
fn join(talk: &Talk, theme: &Theme, frame: &mut Frame) {
    match talk.serving() {
        Serving::At(address) => code(frame, theme, "Follow this talk on your own screen", address),
        Serving::Starts => message(frame, theme, "For the room", "The page is being opened …"),
        Serving::Off => {
            let opens = [
                "Nobody can follow yet. A page can be opened on this computer's network:",
                "whoever has its address sees the slides as you show them, and the demos run.",
                "It shows no notes, and changes nothing here.",
            ];
            let mut lines: Vec<(String, String)> =
                opens.iter().map(|line| ((*line).to_owned(), String::new())).collect();
            let ways = talk.hints().say("{audience} opens it; any other key closes this card");
            lines.push((String::new(), String::new()));
            lines.push((ways.unwrap_or_default(), String::new()));
            let card = middle(frame.area(), widest(&lines) + 2, lines.len() + 2);
            list(frame, theme, card, "For the room", &lines, None);
        }
    }
}

/// A card with an address as a QR code, as large as there is room for it, and in letters.
pub(super) fn code(frame: &mut Frame, theme: &Theme, title: &str, address: &str) {
    let Some(code) = Qr::of(address) else { return message(frame, theme, title, address) };
    let area = frame.area();
    let (across, down) = (usize::from(area.width), usize::from(area.height));
    // Cells that a module has across: a row of cells has two of them below each other, where each has one.
    let times = (across.saturating_sub(2) / code.modules().max(1))
        .min(down.saturating_sub(3) * 2 / code.modules().max(1))
        .clamp(1, MOST_TIMES);
    let (width, rows) = (code.modules() * times, (code.modules() * times).div_ceil(2));
    let card = middle(area, width.max(columns(address)).max(columns(title)) + 6, rows + 4);
    if usize::from(card.width) < width + 2 || usize::from(card.height) < rows + 3 {
        return message(frame, theme, title, address);
    }
    list(frame, theme, card, title, &[], None);
    let ink = |dark: bool| if dark { Rgb(0, 0, 0) } else { Rgb(255, 255, 255) };
    let left = card.x + (card.width - u16::try_from(width).unwrap_or(card.width)) / 2;
    for (row, y) in (card.y + 1..).enumerate().take(rows) {
        for (column, x) in (left..).enumerate().take(width) {
            let dark = |half: usize| ink(code.is_dark(column / times, half / times));
            let style = Style::new().fg(dark(2 * row).into()).bg(dark(2 * row + 1).into());
            frame.cells[(x, y)].set_symbol("▀").set_style(style);
        }
    }
    let room = usize::from(card.width.saturating_sub(4));
    let x = card.x + 2 + u16::try_from(room.saturating_sub(columns(address)) / 2).unwrap_or(0);
    frame.cells.set_stringn(x, card.bottom() - 2, address, room, theme.style(Role::Text));
}

fn widest(lines: &[(String, String)]) -> usize {
    let left = lines.iter().map(|(left, _)| columns(left)).max().unwrap_or(0);
    let right = lines.iter().map(|(_, right)| columns(right)).max().unwrap_or(0);
    left + 2 + right
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
