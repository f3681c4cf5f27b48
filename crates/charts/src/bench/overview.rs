//! Every variant side by side in numbers, while they are measured.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::look::{self, bold, cut, mark, muted, packed, put, put_right};
use super::{BenchLook, Plot, charts};
use greenroom_base::number::{self, Number};
use greenroom_bench::told::MemoryKind;
use greenroom_bench::{ENOUGH_FOR_P99, Headline, RunSummary, VariantSummary};
use greenroom_deck::{Chart, Role, Theme};

/// Turns that the number shows while it changes: a block of three variants is six.
const RECENT: usize = 4;
/// Narrower columns become a table.
const MIN_CARD: u16 = 22;
/// A table's columns are at least this wide.
const MIN_COLUMN: u16 = 9;
/// Rows of a chart that is worth drawing.
const MIN_CHART: u16 = 8;

/// Draws the numbers, below them how they came about, and what went wrong.
pub(super) fn draw(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) -> Option<Plot> {
    let board = look.view.board();
    let wrong = alarms(look, theme).into_iter().flat_map(|(text, style)| {
        look::wrap(&text, area.width.saturating_sub(2)).into_iter().map(move |line| (line, style))
    });
    let wrong: Vec<(String, Style)> = wrong.collect();
    let columns = u16::try_from(board.sides.len()).unwrap_or(u16::MAX).max(1);
    let as_cards = area.width / columns >= MIN_CARD && area.height >= 9;
    let needed = if as_cards { 8 } else { columns + 1 };
    let rows = u16::try_from(wrong.len()).unwrap_or(u16::MAX);
    let below = rows.min(area.height.saturating_sub(needed.min(area.height * 2 / 3)));
    let gap = u16::from(below > 0 && area.height > needed + below);
    let above = Rect { height: area.height - below - gap, ..area };
    let used = if as_cards { cards(cells, above, look, theme) } else { table(cells, above, board, theme) };
    let spare = above.height.saturating_sub(used + 1);
    let plot = (spare >= MIN_CHART && !board.slices.is_empty()).then(|| {
        let chart = Rect { y: above.y + used + 1, height: spare.min(20), ..above };
        charts::throughput(cells, chart, board, theme)
    });
    let place = Rect { y: area.bottom() - below, height: below, ..area };
    for ((line, style), y) in wrong.iter().zip(0..below) {
        put(cells, place, 1, y, line, *style);
    }
    let hidden = wrong.len().saturating_sub(usize::from(below));
    if hidden > 0 && below > 0 {
        put_right(cells, place, area.width, below - 1, &format!("… {hidden} more"), muted(theme));
    }
    plot.flatten()
}

/// Columns, one for each variant; gives the rows they took.
fn cards(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) -> u16 {
    let board = look.view.board();
    let count = u16::try_from(board.sides.len()).unwrap_or(1).max(1);
    let width = area.width / count;
    let mut used = 0;
    let identity =
        board.sides.iter().map(|side| identity(side, width.saturating_sub(3)).len()).max().unwrap_or(0);
    for (n, x) in (0..board.sides.len()).zip((0..).step_by(usize::from(width))) {
        let Ok(x) = u16::try_from(x) else { break };
        let left = if n > 0 { 2 } else { 1 };
        let card = Rect { x: area.x + x + left, width: width.saturating_sub(3), ..area };
        used = used.max(one_card(cells, card, look, (n, identity), theme));
        if n > 0 {
            let rule = Rect { x: area.x + x, width: 1, ..area };
            for y in 0..used.min(area.height) {
                put(cells, rule, 0, y, "│", theme.style(Role::Border));
            }
        }
    }
    used
}

/// One variant; `identity` rows are kept for who it is.
fn one_card(
    cells: &mut Buffer,
    card: Rect,
    look: &BenchLook<'_>,
    (n, rows): (usize, usize),
    theme: &Theme,
) -> u16 {
    let board = look.view.board();
    let Some(side) = board.sides.get(n) else { return 0 };
    let name = cut(&format!("{} {}", mark(n), side.name), card.width);
    put(cells, card, 0, 0, &name, bold(theme, n));
    let alarm = side.gil_came_back().is_some();
    let who = if alarm { theme.style(Role::Bad).add_modifier(Modifier::BOLD) } else { muted(theme) };
    let metrics = metrics(side, board, card.width, theme);
    let lines = u16::try_from(metrics.len()).unwrap_or(0);
    // What matters most is kept when there is little room: numbers, then who it is.
    let rows = u16::try_from(rows).unwrap_or(0).min(card.height.saturating_sub(3 + lines.min(4)));
    let mut lines_of = identity(side, card.width);
    if rows == 1 && lines_of.len() > 1 && !alarm {
        lines_of = vec![cut(&in_short(side), card.width)];
    }
    for (line, y) in lines_of.iter().zip(1..=rows) {
        put(cells, card, 0, y, line, who);
    }
    let mut y = 1 + rows;
    if let Some(fault) = board.faults.iter().rev().find(|fault| fault.variant == Some(n) && fault.fatal)
        && side.turns.is_empty()
    {
        return failed(cells, card, y, fault, theme);
    }
    let rates: Vec<Option<f64>> = board.sides.iter().map(|side| shown_rate(side, look)).collect();
    let all = number::alike(&rates);
    let (rate, shown) =
        (rates.get(n).copied().flatten(), all.get(n).cloned().unwrap_or_else(Number::unknown));
    let room = card.height.saturating_sub(y);
    // All numbers have the same size, so that a larger one is not just a wider one.
    let texts: Vec<String> = all.iter().map(Number::in_blocks).collect();
    let large = look::largest(&texts, card.width, room.saturating_sub(lines + 1)).filter(|_| rate.is_some());
    if let Some((letters, rows)) = large {
        y += u16::from(room > rows + lines + 2);
        letters.write(cells, below(card, y), &shown.in_blocks(), look::ink(theme, n));
        y += rows;
        let style = bold(theme, n);
        put(cells, card, 0, y, "requests per second", style);
    } else {
        let x = put(cells, card, 0, y, &shown, bold(theme, n));
        put(cells, card, x + 1, y, "req/s", muted(theme));
    }
    y += 1;
    y += u16::from(card.height.saturating_sub(y) > lines + 1);
    // As many of them as there is room for.
    for ((label, value, style), y) in metrics.iter().zip(y..card.height) {
        put(cells, card, 0, y, label, muted(theme));
        put_right(cells, card, card.width, y, value, *style);
    }
    y.saturating_add(lines).min(card.height.max(y))
}

/// Requests per second: of the last turns while it measures, of all afterwards.
fn shown_rate(side: &VariantSummary, look: &BenchLook<'_>) -> Option<f64> {
    let now = look.view.board().is_measuring() && !look.view.is_over();
    if now { side.recent_rate(RECENT) } else { side.rate() }
}

/// What went wrong with one variant; gives the rows used.
fn failed(
    cells: &mut Buffer,
    card: Rect,
    from: u16,
    fault: &greenroom_bench::FailureRecord,
    theme: &Theme,
) -> u16 {
    let bad = theme.style(Role::Bad).add_modifier(Modifier::BOLD);
    let message = look::wrap(&fault.message, card.width).into_iter().map(|line| (line, bad));
    let hint = look::wrap(&fault.hint, card.width).into_iter().map(|line| (line, theme.style(Role::Text)));
    let mut y = from;
    for (line, style) in message.chain(hint) {
        put(cells, card, 0, y, &line, style);
        y += 1;
    }
    y.min(card.height)
}

fn below(card: Rect, y: u16) -> Rect {
    let y = y.min(card.height);
    Rect { y: card.y + y, height: card.height - y, ..card }
}

/// Label, value and the value's look.
fn metrics(
    side: &VariantSummary,
    board: &RunSummary,
    width: u16,
    theme: &Theme,
) -> Vec<(&'static str, Number, Style)> {
    let text = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let times = |percent: f64| Number::or_unknown(side.closed.percentile(percent), number::latency);
    let few = side.closed.len() < ENOUGH_FOR_P99;
    let cores = board.env.as_ref().map(|env| format!(" of {}", env.cores)).unwrap_or_default();
    let busy = Number::or_unknown(side.processors(), |busy| number::tenths(busy).with(&cores));
    let (errors, all) = side.errors();
    let mut found = vec![
        ("half within", times(50.0), text),
        ("99 % within", times(99.0), if few { muted(theme) } else { text }),
        ("per CPU-second", Number::or_unknown(side.efficiency(), number::glance), text),
        ("processors", busy, text),
        (
            if board.memory_kind() == MemoryKind::Footprint { "footprint" } else { "memory" },
            Number::or_unknown(side.pss_kib(), number::kib),
            text,
        ),
        (
            if width < 24 { "per 1,000/s" } else { "per 1,000 req/s" },
            Number::or_unknown(side.memory_per_rate(), number::mib),
            text,
        ),
    ];
    if errors > 0 {
        let bad = theme.style(Role::Bad).add_modifier(Modifier::BOLD);
        found.insert(0, ("wrong answers", number::percent(errors, all), bad));
    }
    found
}

/// Who answers, in a few words.
pub(super) fn in_short(side: &VariantSummary) -> String {
    let app = side.app.as_ref();
    let python = app.map(|app| app.python.as_str()).filter(|python| !python.is_empty());
    let free = app.and_then(|app| app.free_threaded) == Some(true);
    let version = python.map(|python| format!("{python}{}", if free { "t" } else { "" }));
    let gil = side.gil().map(|on| if on { "GIL on" } else { "GIL off" }.to_owned());
    version.into_iter().chain(gil).collect::<Vec<_>>().join(" · ")
}

/// Who answers, in lines of `width`.
pub(super) fn identity(side: &VariantSummary, width: u16) -> Vec<String> {
    if let Some(alarm) = side.gil_came_back() {
        let what = alarm.strip_prefix(&format!("{}: ", side.name)).unwrap_or(&alarm).to_owned();
        return look::wrap(&what.to_uppercase(), width);
    }
    let mut parts: Vec<String> = Vec::new();
    let app = side.app.as_ref();
    let last = side.identities.last();
    let free = app.and_then(|app| app.free_threaded).or(last.and_then(|last| last.free_threaded));
    let python = app.map(|app| app.python.as_str()).filter(|python| !python.is_empty());
    let build = free.map(|free| if free { "free threaded" } else { "GIL build" });
    let runtime: Vec<&str> = python.into_iter().chain(build).collect();
    if !runtime.is_empty() {
        parts.push(runtime.join(" "));
    }
    parts.extend(side.gil().map(|on| if on { "GIL on" } else { "GIL off" }.to_owned()));
    parts.extend(last.filter(|last| last.pid > 0).map(|last| format!("pid {}", last.pid)));
    if let Some((_, mem)) = side.memory.last() {
        let processes = look::plural(u64::from(mem.processes), "process", "processes");
        parts.extend([processes, look::plural(u64::from(mem.threads), "thread", "threads")]);
    } else if let Some(app) = app {
        parts.push(look::plural(app.pids.len() as u64, "process", "processes"));
    } else if side.turns.is_empty() {
        parts.push("starting".to_owned());
    }
    packed(parts.iter().map(String::as_str), " · ", width)
}

/// A row for each variant, where columns would be too narrow; gives the rows it took.
fn table(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) -> u16 {
    let heads = ["req/s", "p50", "p99", "/CPU-s", "CPU", "memory"];
    let longest = board.sides.iter().map(|side| crate::columns(&side.name)).max().unwrap_or_default();
    let longest = u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(4);
    // Names are worth more than the last columns.
    let shown = (area.width.saturating_sub(longest.min(area.width / 2).max(14)) / MIN_COLUMN).min(6);
    let names = longest.min(area.width.saturating_sub(MIN_COLUMN * shown + 2));
    let column = (area.width.saturating_sub(names + 2) / shown.max(1)).clamp(MIN_COLUMN, 2 * MIN_COLUMN);
    let shown = usize::from(shown);
    let end = |n: usize| names + column * (u16::try_from(n).unwrap_or(0) + 1) + 1;
    for (n, head) in heads.iter().take(shown).enumerate() {
        put_right(cells, area, end(n), 0, head, muted(theme));
    }
    let mut y = 1;
    for (n, side) in board.sides.iter().enumerate() {
        let name = cut(&format!("{} {}", mark(n), side.name), names.saturating_sub(1));
        put(cells, area, 1, y, &name, bold(theme, n));
        let text = theme.style(Role::Text);
        let percentile = |percent| Number::or_unknown(side.closed.percentile(percent), number::latency);
        let few = side.closed.len() < ENOUGH_FOR_P99;
        let values = [
            (Number::or_unknown(side.rate(), number::glance), bold(theme, n)),
            (percentile(50.0), text),
            (percentile(99.0), if few { muted(theme) } else { text }),
            (Number::or_unknown(side.efficiency(), number::glance), text),
            (Number::or_unknown(side.processors(), number::tenths), text),
            (Number::or_unknown(side.pss_kib(), number::kib), text),
        ];
        let fault = board.faults.iter().find(|fault| fault.variant == Some(n) && fault.fatal);
        if let Some(fault) = fault.filter(|_| side.turns.is_empty()) {
            let room = area.width.saturating_sub(names + 2);
            put(cells, area, names + 2, y, &cut(&fault.message, room), theme.style(Role::Bad));
        } else {
            for (at, (value, style)) in values.iter().take(shown).enumerate() {
                put_right(cells, area, end(at), y, value, *style);
            }
        }
        y += 1;
    }
    y.min(area.height)
}

/// Whether the verdict is known: the run is over, or takes profiles, which do not count.
pub(super) fn is_decided(look: &BenchLook<'_>) -> bool {
    look.view.is_over() || !look.view.board().said.is_empty()
}

/// The verdict for a chart that has few rows to spare: the worst that went wrong in a row, and the first sentence in the
/// others. Empty while it runs, and when nothing may be said.
pub(super) fn conclusion(look: &BenchLook<'_>, width: u16, rows: u16, theme: &Theme) -> Vec<(String, Style)> {
    if !is_decided(look) {
        return Vec::new();
    }
    let rows = usize::from(rows);
    let mut lines = alarms(look, theme);
    lines.truncate(rows.min(1));
    let board = look.view.board();
    let spoken = match look.view.chart() {
        Chart::Memory if !board.slices.is_empty() => board.spoken_memory(),
        _ => board.spoken(),
    };
    if let Some(spoken) = spoken.filter(|_| lines.len() < rows) {
        let refused = matches!(spoken.headline, Headline::NoVerdict(_));
        let style = theme.style(if refused { Role::Warn } else { Role::Strong });
        let mut wrapped = look::wrap(&spoken.sentence, width);
        let room = rows - lines.len();
        // What does not fit stands on the overview.
        let rest = wrapped.split_off(wrapped.len().min(room - 1)).join(" ");
        lines.extend(
            wrapped.into_iter().chain(Some(rest).filter(|rest| !rest.is_empty())).map(|line| (line, style)),
        );
    }
    lines.into_iter().map(|(line, style)| (cut(&line, width), style)).collect()
}

/// What went wrong, the worst first.
pub(super) fn alarms(look: &BenchLook<'_>, theme: &Theme) -> Vec<(String, Style)> {
    let board = look.view.board();
    let bad = theme.style(Role::Bad).add_modifier(Modifier::BOLD);
    let mut alarms: Vec<(String, Style)> = Vec::new();
    for fault in board.faults.iter().filter(|fault| fault.fatal && fault.variant.is_none()) {
        alarms.push((fault.message.clone(), bad));
        alarms.push((fault.hint.clone(), theme.style(Role::Text)));
    }
    alarms.extend(board.warnings().into_iter().map(|warning| (warning, bad)));
    alarms.extend(look.view.doubts().into_iter().map(|doubt| (doubt, theme.style(Role::Warn))));
    alarms
}
