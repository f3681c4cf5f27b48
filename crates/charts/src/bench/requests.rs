//! When requests began and ended, one lane for each connection.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::look::{self, bold, cut, ink, mark, muted, put, put_right};
use super::{heading, nothing};
use greenroom_base::number;
use greenroom_bench::{RunSummary, VariantSummary, Wave};
use greenroom_deck::Theme;

/// Draws one lane for each connection of each variant, all on the same scale.
pub(super) fn draw(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) {
    heading(cells, area, "Requests", "a lane is a connection, a block is a request and its answer", theme);
    let waves: Vec<Option<&Wave>> = board.sides.iter().map(|side| side.wave.as_ref()).collect();
    let end = waves.iter().flatten().filter_map(|wave| window(wave)).map(|(from, to)| to - from).max();
    let Some(end) = end.filter(|end| *end > 0) else {
        return nothing(cells, area, "no request has been looked at one by one yet", theme);
    };
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let count = u16::try_from(board.sides.len()).unwrap_or(1).max(1);
    let across = if body.width / count >= 30 && body.height / count < 6 { count } else { 1 };
    let down = count.div_ceil(across);
    let (width, height) = (body.width / across, body.height / down);
    for (n, (side, wave)) in (0_u16..).zip(board.sides.iter().zip(waves)) {
        let part =
            Rect { x: body.x + (n % across) * width, y: body.y + (n / across) * height, width, height };
        lanes(cells, part, (usize::from(n), side), wave, end, theme);
    }
    put(cells, area, 1, area.height.saturating_sub(1), "0", muted(theme));
    put_right(
        cells,
        area,
        area.width.saturating_sub(1),
        area.height.saturating_sub(1),
        &number::latency(end),
        muted(theme),
    );
}

/// From the first beginning to the last end.
fn window(wave: &Wave) -> Option<(u64, u64)> {
    let from = wave.spans.iter().map(|(_, begin, _)| *begin).min()?;
    let to = wave.spans.iter().map(|(_, begin, end)| *end.max(begin)).max()?;
    Some((from, to))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // shares of a width
fn lanes(
    cells: &mut Buffer,
    area: Rect,
    (n, side): (usize, &VariantSummary),
    wave: Option<&Wave>,
    scale: u64,
    theme: &Theme,
) {
    let end = put(cells, area, 1, 0, &cut(&format!("{} {}", mark(n), side.name), area.width), bold(theme, n));
    let Some((wave, (from, _))) = wave.and_then(|wave| Some((wave, window(wave)?))) else { return };
    let mut times: Vec<u64> = wave.spans.iter().map(|(_, begin, end)| end.saturating_sub(*begin)).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let text = format!(
        "{}, half of them within {}",
        look::plural(times.len() as u64, "request", "requests"),
        number::latency(median)
    );
    put(cells, area, end + 2, 0, &cut(&text, area.width.saturating_sub(end + 3)), muted(theme));
    let mut by_connection: BTreeMap<u32, Vec<(u64, u64)>> = BTreeMap::new();
    for (connection, begin, end) in wave.spans.iter().take(256) {
        by_connection.entry(*connection).or_default().push((*begin, *end));
    }
    let width = area.width.saturating_sub(2);
    let at = |micros: u64| {
        let share = micros.saturating_sub(from) as f64 / scale.max(1) as f64;
        (share.clamp(0.0, 1.0) * f64::from(width)).round() as u16
    };
    let room = usize::from(area.height.saturating_sub(1));
    for (spans, y) in by_connection.values().take(room).zip(1..area.height) {
        let mut spans = spans.clone();
        spans.sort_unstable();
        for (index, (begin, end)) in spans.into_iter().enumerate() {
            let x = at(begin);
            let length = at(end).saturating_sub(x).max(1);
            // Neighbours differ in their pattern, so that an end shows without any colour.
            let block = if index % 2 == 0 { "█" } else { "▒" };
            put(cells, area, 1 + x, y, &block.repeat(usize::from(length)), ink(theme, n));
        }
    }
}
