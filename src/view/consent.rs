//! The card that asks whether a deck may start what it says. It has the whole screen, and colours of its own: nothing of
//! a deck, which may be a stranger's, stands beside it or hides it.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::talk::{Card, Hints};
use greenroom_base::run::Size;
use greenroom_deck::Rgb;
use greenroom_frame::Frame;
use greenroom_render::layout::columns;
use greenroom_render::paint;

/// White on black, which every terminal has.
fn style() -> Style {
    Style::new().fg(Rgb(255, 255, 255).into()).bg(Rgb(0, 0, 0).into())
}

/// The screen that asks.
pub(crate) fn frame(card: &Card, size: Size, hints: Hints<'_>) -> Frame {
    let mut frame = Frame::new(size.columns, size.rows);
    let area = frame.area();
    paint::fill(&mut frame.cells, area, style());
    if card.is_cramped() {
        let no = key(hints, "refuse");
        wrapped(&mut frame, area, &format!("{} Too small to ask; {no} no", question(card)));
        return frame;
    }
    let (inside, keys) = if card.is_roomy() {
        border(&mut frame, area, question(card));
        let inside = Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 4 };
        (inside, Rect { y: area.bottom() - 2, height: 1, ..inside })
    } else {
        title(&mut frame, area, question(card));
        let inside = Rect { y: area.y + 1, height: area.height - 2, ..area };
        (inside, Rect { y: area.bottom() - 1, height: 1, ..area })
    };
    let room = usize::from(inside.width);
    for (row, y) in card.shown().iter().zip(inside.top()..inside.bottom()) {
        frame.cells.set_stringn(inside.x, y, row, room, style());
    }
    let bold = style().add_modifier(Modifier::BOLD);
    frame.cells.set_stringn(keys.x, keys.y, fitting(card, room, hints), room, bold);
    frame
}

/// What is asked.
fn question(card: &Card) -> &'static str {
    if card.asked().sets_up() { "Install these packages?" } else { "Run these commands?" }
}

/// The key of an answer. A question cannot be without any; what only moves it can.
fn key(hints: Hints<'_>, action: &str) -> String {
    hints.key(action).unwrap_or_else(|| "–".to_owned())
}

/// What can be done now, as wordy as there is room.
fn fitting(card: &Card, room: usize, hints: Hints<'_>) -> String {
    let (y, n, down, up) =
        (key(hints, "agree"), key(hints, "refuse"), key(hints, "question-down"), key(hints, "question-up"));
    let (below, above) = (card.below(), card.above() > 0);
    let yes = match (card.asked().sets_up(), &card.asked().each_session) {
        (true, _) => "install them",
        (false, Some(_)) if card.asked().each_start => "run it, this once",
        (false, Some(_)) => "run them, until this talk ends",
        (false, None) => "run them, now and later",
    };
    let back = if above { format!("   {up} back") } else { String::new() };
    let mut texts = if card.is_read() {
        let on = if below > 0 { format!("   {down} {below} more rows") } else { String::new() };
        vec![format!("{y}  {yes}   {n}  no{on}{back}"), format!("{y} yes   {n} no")]
    } else {
        let far = hints.say(" ({question-page-down}, {question-end})").unwrap_or_default();
        vec![
            format!("{down} {below} more rows; {y} after the last{far}   {n}  no{back}"),
            format!("{down} {below} more, then {y}   {n} no"),
            format!("{down} {below} more  {n} no"),
        ]
    };
    let last = texts.pop().unwrap_or_default();
    texts.into_iter().find(|text| columns(text) <= room).unwrap_or(last)
}

fn border(frame: &mut Frame, area: Rect, question: &str) {
    let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    let cells = &mut frame.cells;
    for x in left..=right {
        cells[(x, top)].set_symbol("─");
        cells[(x, bottom)].set_symbol("─");
    }
    for y in top..=bottom {
        cells[(left, y)].set_symbol("│");
        cells[(right, y)].set_symbol("│");
    }
    for (x, y, symbol) in [(left, top, "╭"), (right, top, "╮"), (left, bottom, "╰"), (right, bottom, "╯")]
    {
        cells[(x, y)].set_symbol(symbol);
    }
    title(frame, Rect { x: left + 2, width: area.width - 4, ..area }, &format!(" {question} "));
}

fn title(frame: &mut Frame, area: Rect, text: &str) {
    let bold = style().add_modifier(Modifier::BOLD);
    frame.cells.set_stringn(area.x, area.y, text, usize::from(area.width), bold);
}

/// Writes `text` into the whole of `area`, row by row.
fn wrapped(frame: &mut Frame, area: Rect, text: &str) {
    let signs: Vec<char> = text.chars().collect();
    for (row, y) in signs.chunks(usize::from(area.width.max(1))).zip(area.top()..area.bottom()) {
        frame.cells.set_stringn(area.x, y, String::from_iter(row), usize::from(area.width), style());
    }
}
