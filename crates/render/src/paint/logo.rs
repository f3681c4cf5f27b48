//! A theme's logo, in a corner of the slide.

use ratatui::layout::Rect;
use ratatui::style::Color;

use super::picture::half_blocks;
use super::render_cache::{Picked, RenderCache};
use greenroom_deck::{Logo, Theme};
use greenroom_frame::{Frame, Picture, PlacedPicture};

/// Draws the logo of `theme` above the `foot` last rows, or below the upper edge, where nothing else stands: it gives way.
pub fn logo(frame: &mut Frame, foot: u16, ink: &RenderCache, theme: &Theme) {
    let Some(logo) = &theme.logo else { return };
    let Picked::Ready(picture) = ink.picture(&logo.image) else { return };
    let screen = frame.area();
    let room = Rect { height: screen.height.saturating_sub(foot), ..screen };
    let Some(area) = area(logo, &picture, room) else { return };
    let background = Color::from(theme.background);
    let empty = |x, y| {
        frame.cells.cell((x, y)).is_some_and(|cell| cell.symbol().trim().is_empty() && cell.bg == background)
    };
    let beneath = frame.pictures.iter().any(|placed| placed.area.intersects(area));
    if beneath || !(area.top()..area.bottom()).all(|y| (area.left()..area.right()).all(|x| empty(x, y))) {
        return;
    }
    half_blocks(&picture, &mut frame.cells, area, theme.background);
    frame.pictures.push(PlacedPicture { area, picture });
}

/// Where it stands in `room`, in the picture's proportions; a cell is taken to be twice as high as wide.
fn area(logo: &Logo, picture: &Picture, room: Rect) -> Option<Rect> {
    const MARGIN: u16 = 2;
    let (across, down) = (u64::from(picture.width.max(1)), u64::from(picture.height.max(1)));
    let rows_of = |columns: u64| (columns * down).div_ceil(across * 2).max(1);
    let mut columns = u64::from(logo.columns.clamp(1, 60));
    let most = u64::from(logo.rows.clamp(1, 20));
    if rows_of(columns) > most {
        columns = (most * 2 * across / down).clamp(1, columns);
    }
    let width = u16::try_from(columns).ok()?;
    let height = u16::try_from(rows_of(columns).min(most)).ok()?;
    // On a small screen there is no room to spare.
    if room.width < (width + 2 * MARGIN) * 2 || room.height < height * 4 {
        return None;
    }
    let x = if logo.corner.is_left() { room.x + MARGIN } else { room.right() - MARGIN - width };
    let y = if logo.corner.is_top() { room.y + 1 } else { room.bottom() - height };
    Some(Rect { x, y, width, height })
}
