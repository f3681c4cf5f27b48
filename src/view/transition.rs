//! One slide becoming the next.

use ratatui::style::Color;

use greenroom_deck::Rgb;
use greenroom_frame::Frame;

/// The old frame fades into `background` for the first half, the new one out of it in the second.
pub(crate) fn fade(old: &Frame, new: Frame, progress: f32, background: Rgb) -> Frame {
    let (mut frame, strength) =
        if progress < 0.5 { (old.clone(), progress * 2.0) } else { (new, (1.0 - progress) * 2.0) };
    let mix = |color: Color| match color {
        Color::Rgb(r, g, b) => Rgb(r, g, b).mix(background, strength).into(),
        other => other,
    };
    for cell in &mut frame.cells.content {
        cell.fg = mix(cell.fg);
        cell.bg = mix(cell.bg);
    }
    still(&mut frame);
    frame
}

/// The new frame comes in from the right, or from the left when the talk goes back.
pub(crate) fn push(old: &Frame, new: Frame, progress: f32, forward: bool) -> Frame {
    let area = new.area();
    if old.area() != area {
        return new;
    }
    // Eased: fast at first, then slower.
    let eased = 1.0 - (1.0 - progress) * (1.0 - progress);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1 of a u16
    let moved = (f32::from(area.width) * eased).round() as u16;
    let mut frame = new.clone();
    for y in area.top()..area.bottom() {
        for x in 0..area.width {
            let (source, column) = if forward {
                let at = x + moved;
                if at < area.width { (old, at) } else { (&new, at - area.width) }
            } else if x < moved {
                (&new, x + area.width - moved)
            } else {
                (old, x - moved)
            };
            frame.cells[(x, y)] = source.cells[(column, y)].clone();
        }
    }
    still(&mut frame);
    frame
}

/// Pictures, charts, enlarged text and links do not move; their cells stand in for them.
fn still(frame: &mut Frame) {
    frame.pictures.clear();
    frame.texts.clear();
    frame.letters.clear();
    frame.plots.clear();
    frame.links.clear();
    (frame.cursor, frame.cursor_style) = (None, 0);
}
