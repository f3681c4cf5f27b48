//! Where the time went: a flame graph for each variant that has a profile, the outermost frame at the top.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::look::{self, bold, color, cut, mark, muted, put};
use super::{heading, nothing};
use greenroom_base::number;
use greenroom_bench::Prof;
use greenroom_deck::Theme;
use greenroom_pane::BenchView;

/// Most stacks that are laid out.
const MAX_STACKS: usize = 20_000;
/// Columns below which the names of functions cannot be read.
const MIN_WIDTH: u16 = 32;
/// Most frames of a stack.
const MAX_DEPTH: usize = 120;

/// A stack, from the outermost frame, and how often it was seen.
type Stack<'a> = (Vec<&'a str>, u64);

/// Draws the profiles side by side.
pub(super) fn draw(cells: &mut Buffer, area: Rect, view: &BenchView, theme: &Theme) {
    let board = view.board();
    heading(
        cells,
        area,
        "Where the time went",
        "a block is a function: as wide as its share of the samples",
        theme,
    );
    let shown = shown(view, usize::from((area.width / MIN_WIDTH).max(1)));
    if shown.is_empty() {
        return nothing(cells, area, "no profile was taken", theme);
    }
    let count = u16::try_from(shown.len()).unwrap_or(1).max(1);
    let width = area.width / count;
    for (index, (n, profile)) in (0_u16..).zip(shown) {
        let part = Rect {
            x: area.x + index * width + 1,
            y: area.y + 1,
            width: width.saturating_sub(2),
            height: area.height.saturating_sub(1),
        };
        let name = board.sides.get(n).map_or("", |side| side.name.as_str());
        one(cells, part, (n, name), profile, theme);
    }
}

/// The profiles that are shown, at most `most`: those that the deck asks for, in its order; else that of the variant that the
/// verdict is about and that of the baseline before others.
fn shown(view: &BenchView, most: usize) -> Vec<(usize, &Prof)> {
    let board = view.board();
    let profile = |n: usize| Some((n, board.sides.get(n)?.profile.as_ref()?));
    let asked: Vec<(usize, &Prof)> = view.profiles().iter().filter_map(|n| profile(*n)).take(most).collect();
    if !asked.is_empty() {
        return asked;
    }
    let mut all: Vec<(usize, &Prof)> = (0..board.sides.len()).filter_map(profile).collect();
    if all.len() > most {
        let (subject, baseline) = (board.subject(), board.baseline());
        all.sort_by_key(|(n, _)| (*n != baseline, *n != subject, *n));
        all.truncate(most);
        all.sort_by_key(|(n, _)| *n);
    }
    all
}

fn one(cells: &mut Buffer, area: Rect, (n, name): (usize, &str), profile: &Prof, theme: &Theme) {
    let end = put(cells, area, 0, 0, &cut(&format!("{} {name}", mark(n)), area.width), bold(theme, n));
    let seen = profile.samples.saturating_add(profile.dropped).max(1);
    let torn = number::whole_percent(profile.dropped.saturating_mul(100) / seen);
    let text = format!("{} samples, {torn} torn", profile.samples);
    put(cells, area, end + 2, 0, &cut(&text, area.width.saturating_sub(end + 2)), muted(theme));
    let mut stacks: Vec<Stack<'_>> = profile
        .stacks
        .iter()
        .take(MAX_STACKS)
        .map(|(stack, count)| (stack.split(';').take(MAX_DEPTH).collect(), *count))
        .collect();
    stacks.sort();
    let total: u64 = stacks.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count));
    if total == 0 {
        return nothing(cells, area, "nothing was seen", theme);
    }
    let hidden = common(&stacks);
    let mut y = 1;
    if hidden > 0 {
        let text = format!("… {} that all share", look::plural(hidden as u64, "frame", "frames"));
        put(cells, area, 0, y, &cut(&text, area.width), muted(theme));
        y += 1;
    }
    // Blocks are higher where there is room for all of them.
    let deepest = stacks.iter().map(|(frames, _)| frames.len()).max().unwrap_or_default();
    let levels = u16::try_from(deepest.saturating_sub(hidden)).unwrap_or(u16::MAX).max(1);
    let rows = (area.height.saturating_sub(y) / levels).clamp(1, 3);
    for depth in hidden..MAX_DEPTH.min(deepest) {
        if y >= area.height {
            break;
        }
        level(cells, area, (y, rows), (depth, total), &stacks, (n, theme));
        y += rows;
    }
}

/// How many outermost frames nearly all stacks share: they say nothing, and take rows. One of them is kept.
fn common(stacks: &[Stack<'_>]) -> usize {
    let total: u64 = stacks.iter().fold(0, |sum, (_, count)| sum.saturating_add(*count));
    let Some((longest, _)) = stacks.iter().max_by_key(|(_, count)| *count) else { return 0 };
    let shared = |depth: usize| {
        let prefix = longest.get(..=depth);
        let with: u64 = stacks
            .iter()
            .filter(|(frames, _)| prefix.is_some() && frames.get(..=depth) == prefix)
            .fold(0, |sum, (_, count)| sum.saturating_add(*count));
        u128::from(with) * 100 >= u128::from(total) * 97
    };
    (0..longest.len()).take_while(|depth| shared(*depth)).count().saturating_sub(1)
}

/// The frames at `depth`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // shares of a width
fn level(
    cells: &mut Buffer,
    area: Rect,
    (y, rows): (u16, u16),
    (depth, total): (usize, u64),
    stacks: &[Stack<'_>],
    (n, theme): (usize, &Theme),
) {
    let at = |count: u64| (count as f64 / total as f64 * f64::from(area.width)).round() as u16;
    let mut before = 0_u64;
    let mut index = 0;
    while let Some((frames, _)) = stacks.get(index) {
        let prefix = frames.get(..=depth);
        // Stacks are sorted, so that those with the same beginning are neighbours.
        let mut width = 0_u64;
        while let Some((_, count)) = stacks
            .get(index)
            .filter(|(other, _)| width == 0 || (prefix.is_some() && other.get(..=depth) == prefix))
        {
            width = width.saturating_add((*count).max(1));
            index += 1;
        }
        if let Some(frame) = frames.get(depth) {
            let (from, to) = (at(before), at(before.saturating_add(width)));
            block(cells, area, (from, to), (y, rows), frame, (n, theme));
        }
        before = before.saturating_add(width);
    }
}

fn block(
    cells: &mut Buffer,
    area: Rect,
    (from, to): (u16, u16),
    (y, rows): (u16, u16),
    frame: &str,
    (n, theme): (usize, &Theme),
) {
    if to <= from {
        return;
    }
    // The same function has the same shade in every profile.
    let shade =
        frame.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte))) % 5;
    let strength = [0.22_f32, 0.30, 0.38, 0.46, 0.54].get(shade as usize).copied().unwrap_or(0.3);
    let ground = theme.background.mix(color(theme, n), strength);
    let style = Style::new().bg(ground.into()).fg(theme.text.into());
    let width = to - from;
    let style = if shade == 0 { style.add_modifier(Modifier::BOLD) } else { style };
    let filled = |text: &str| format!("{text:<width$}", width = usize::from(width));
    // The line at the left tells it from its neighbour without any colour.
    put(cells, area, from, y, &filled(&cut(&format!("▏{frame}"), width)), style);
    for row in 1..rows {
        put(cells, area, from, y + row, &filled("▏"), style);
    }
}
