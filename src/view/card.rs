//! Cards over a slide: a frame with a title, lines in it, and nothing of the slide behind.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use greenroom_deck::{Role, Theme};
use greenroom_frame::{Frame, LetterFace, PlacedLetters};
use greenroom_render::layout::columns;
use greenroom_render::paint;

/// A card with two texts on each line, one at each side.
pub(super) fn list(
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

/// A rectangle of this size in the middle of `area`.
pub(super) fn middle(area: Rect, width: usize, height: usize) -> Rect {
    let width = u16::try_from(width).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
    Rect { x: (area.width - width) / 2, y: (area.height - height) / 2, width, height }
}

/// Takes away the pictures, charts, enlarged texts and links that would lie over an overlay; their cells stay.
pub(super) fn cover(frame: &mut Frame, area: Rect) {
    frame.pictures.retain(|placed| !placed.area.intersects(area));
    frame.texts.retain(|placed| !placed.area.intersects(area));
    // The lines of code are larger together, or none of them is.
    let is_code = |placed: &PlacedLetters| matches!(placed.face, LetterFace::Code(_));
    let hides_code = frame.letters.iter().any(|placed| is_code(placed) && placed.area.intersects(area));
    frame.letters.retain(|placed| !(placed.area.intersects(area) || (hides_code && is_code(placed))));
    frame.plots.retain(|placed| !placed.area.intersects(area));
    frame.links.retain(|placed| !placed.area.intersects(area));
}
