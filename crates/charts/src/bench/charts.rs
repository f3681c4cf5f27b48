//! Throughput over time, latency, threads and memory.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::look::{self, bold, cut, ink, mark, muted, put, put_right};
use super::plot::{Dots, nice};
use super::{Plot, heading, nothing};
use greenroom_base::number::{self, Number};
use greenroom_bench::{ENOUGH_FOR_P99, LoadKind, RunSummary, ThreadUse, VariantSummary, told};
use greenroom_deck::{Rgb, Role, Theme};
use greenroom_raster::Curve;

/// Columns for numbers at the left of an axis.
const AXIS: u16 = 8;
/// Columns for a variant's name and value at the right of its line.
const LEGEND: u16 = 24;

/// Requests per second over time.
pub(super) fn throughput(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) -> Option<Plot> {
    heading(cells, area, "Requests per second", "each line is what a variant did in its own turns", theme);
    let points: Vec<Vec<(f64, f64)>> = board.sides.iter().map(rates).collect();
    let last = |side: &VariantSummary| Number::or_unknown(side.recent_rate(4), number::glance);
    curves(
        cells,
        area,
        &Curves { board, points: &points, last: &last, empty: "no turn has counted yet" },
        theme,
    )
}

/// A value of each variant over time.
struct Curves<'a> {
    board: &'a RunSummary,
    /// Of each variant, times in seconds and values.
    points: &'a [Vec<(f64, f64)>],
    /// What stands at the end of its line.
    last: &'a dyn Fn(&VariantSummary) -> Number,
    /// What is said as long as there is nothing.
    empty: &'a str,
}

fn curves(cells: &mut Buffer, area: Rect, curves: &Curves<'_>, theme: &Theme) -> Option<Plot> {
    let points = curves.points;
    let all = || points.iter().flatten();
    let most = all().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let (first, last) =
        all().fold((f64::MAX, 0.0_f64), |(first, last), (at, _)| (first.min(*at), last.max(*at)));
    if all().count() == 0 {
        nothing(cells, area, curves.empty, theme);
        return None;
    }
    if area.height < 5 || area.width < AXIS + 10 {
        return None;
    }
    // A stage run fills the width from the beginning, so that the lines do not crawl.
    let length = (last - first).max(6.0);
    let top = nice(most);
    let legend = if area.width >= 60 { LEGEND } else { 0 };
    let plot = Rect {
        x: area.x + AXIS + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(AXIS + 1 + legend),
        height: area.height - 2,
    };
    grid(cells, area, plot, top, theme);
    let mut dots = Dots::new(plot);
    for (n, points) in points.iter().enumerate() {
        let place = |(at, rate): (f64, f64)| ((at - first) / length, rate / top);
        for pair in points.windows(2) {
            if let [from, to] = pair {
                dots.line(place(*from), place(*to), ink(theme, n));
            }
        }
    }
    dots.draw(cells);
    let place = |(at, rate): (f64, f64)| spot(plot, (at - first) / length, rate / top);
    for (n, points) in points.iter().enumerate() {
        // Marks along the line tell it from the others without any colour.
        let step = (points.len() / 6).max(4);
        for point in points.iter().skip(step / 2 + n * step / 6).step_by(step).chain(points.last()) {
            let (x, y) = place(*point);
            put(cells, plot, x, y, mark(n), bold(theme, n));
        }
    }
    if legend > 0 {
        let ends: Vec<(usize, u16)> =
            points.iter().enumerate().filter_map(|(n, points)| Some((n, place(*points.last()?).1))).collect();
        legends(cells, plot, curves, ends, theme);
    }
    let bottom = area.height - 1;
    put(cells, area, AXIS + 1, bottom, "0 s", muted(theme));
    put_right(cells, area, AXIS + 1 + plot.width, bottom, &number::seconds(length), muted(theme));
    let curve = |(n, points): (usize, &Vec<(f64, f64)>)| {
        let Rgb(r, g, b) = look::color(theme, n);
        let share = |(at, rate): (f64, f64)| (part((at - first) / length), part(1.0 - rate / top));
        Curve { points: points.iter().copied().map(share).collect(), ink: [r, g, b] }
    };
    Some(Plot { area: plot, curves: points.iter().enumerate().map(curve).collect() })
}

/// A share of a whole in 65,535ths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share
fn part(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * f64::from(u16::MAX)).round() as u16
}

/// The times in seconds and the rates of a variant's turns: the mean of two, which is a block.
#[allow(clippy::cast_precision_loss)] // for a chart
fn rates(side: &VariantSummary) -> Vec<(f64, f64)> {
    let pair = |pair: &[(greenroom_base::clock::Elapsed, greenroom_bench::Slice)]| {
        let (n, wall) = pair.iter().fold((0, 0), |(n, wall), (_, slice)| (n + slice.n, wall + slice.wall_us));
        let at = pair.last()?.0.micros() as f64 / 1e6;
        (wall > 0).then(|| (at, n as f64 * 1e6 / wall as f64))
    };
    side.turns.windows(2).step_by(2).filter_map(pair).collect()
}

/// A variant's memory as last read, in MiB.
#[allow(clippy::cast_precision_loss)] // for a chart
fn total(side: &VariantSummary) -> Option<f64> {
    side.pss_kib().map(|kib| kib as f64 / 1024.0)
}

/// The times in seconds and the mebibytes of a variant's readings.
#[allow(clippy::cast_precision_loss)] // for a chart
fn mebibytes(side: &VariantSummary) -> Vec<(f64, f64)> {
    side.memory.iter().map(|(at, mem)| (at.micros() as f64 / 1e6, mem.pss_kib as f64 / 1024.0)).collect()
}

/// The cell of a point.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares of a screen
fn spot(plot: Rect, x: f64, y: f64) -> (u16, u16) {
    let at =
        |share: f64, room: u16| (share.clamp(0.0, 1.0) * f64::from(room.saturating_sub(1))).round() as u16;
    (at(x, plot.width), at(1.0 - y.clamp(0.0, 1.0), plot.height))
}

/// Lines and numbers of the axis.
fn grid(cells: &mut Buffer, area: Rect, plot: Rect, top: f64, theme: &Theme) {
    let parts: u16 = if plot.height >= 12 { 4 } else { 2 };
    for part in 0..=parts {
        let share = f64::from(part) / f64::from(parts);
        let (_, y) = spot(plot, 0.0, share);
        put_right(cells, area, AXIS, plot.y - area.y + y, &number::glance(top * share), muted(theme));
        let line = if part == 0 { "─" } else { "┈" };
        put(cells, plot, 0, y, &line.repeat(usize::from(plot.width)), theme.style(Role::Border));
    }
}

/// Names with their last values beside the ends of their lines, none over another.
fn legends(cells: &mut Buffer, plot: Rect, curves: &Curves<'_>, mut ends: Vec<(usize, u16)>, theme: &Theme) {
    ends.sort_by_key(|(_, y)| *y);
    let area = Rect { x: plot.right(), width: LEGEND, ..plot };
    let count = u16::try_from(ends.len()).unwrap_or(0);
    let rows = if plot.height >= count * 2 { 2 } else { 1 };
    let mut free = 0;
    for (index, (n, y)) in (0_u16..).zip(ends) {
        let Some(side) = curves.board.sides.get(n) else { continue };
        let last = plot.height.saturating_sub((count - index) * rows);
        let y = y.saturating_sub(rows / 2).clamp(free.min(last), last.max(free));
        let value = (curves.last)(side);
        if rows == 2 {
            put(cells, area, 1, y, &cut(&format!("{} {}", mark(n), side.name), LEGEND - 2), bold(theme, n));
            put(cells, area, 3, y + 1, &value, bold(theme, n));
        } else {
            let name = cut(&format!("{} {value} {}", mark(n), side.name), LEGEND - 2);
            put(cells, area, 1, y, &name, bold(theme, n));
        }
        free = y + rows;
    }
}

/// How long answers took: half of them, 90, 99 of 100, and the longest, on a scale of powers of ten.
pub(super) fn latency(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) {
    let open = board.sides.iter().any(|side| !side.open.is_empty());
    heading(cells, area, "Time to answer", &timed_how(board, open), theme);
    let values: Vec<_> = board.sides.iter().map(|side| Percentiles::of(side, open)).collect();
    let each = || values.iter().flat_map(|of| of.found.iter().filter_map(|(_, value)| *value));
    let (Some(least), Some(most)) = (each().min(), each().max()) else {
        return nothing(cells, area, "no answer has been timed yet", theme);
    };
    let scale = scale(least, most);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let count = u16::try_from(board.sides.len()).unwrap_or(1).max(1);
    let rows = (body.height / count).max(1);
    for (n, (side, percentiles)) in board.sides.iter().zip(&values).enumerate() {
        let y = body.y + u16::try_from(n).unwrap_or(0) * rows;
        let inside = Rect { y, height: body.bottom().saturating_sub(y), ..body };
        percentiles.draw(cells, inside, rows, (n, &side.name), scale, theme);
    }
}

/// What the times of a chart are, in words.
fn timed_how(board: &RunSummary, open: bool) -> String {
    match (&board.load, open) {
        (Some(load), true) if load.kind == LoadKind::Open && load.rate_milli > 0 => {
            let rate = load.rate_milli / 1000;
            format!("at {rate} requests per second for each, from the moment each was meant")
        }
        (_, true) => "at a set rate, from the moment each request was meant".to_owned(),
        _ => "under full load, on a logarithmic scale".to_owned(),
    }
}

/// How long a variant's answers took, in microseconds.
struct Percentiles {
    answers: u64,
    found: [(&'static str, Option<u64>); 4],
}

impl Percentiles {
    fn of(side: &VariantSummary, open: bool) -> Self {
        let part = if open { &side.open } else { &side.closed };
        let percentile = |percent| part.percentile(percent);
        let found = [
            ("half", percentile(50.0)),
            ("90 %", percentile(90.0)),
            ("99 %", percentile(99.0)),
            ("max", part.max()),
        ];
        Self { answers: part.len(), found }
    }

    /// Those that have room in so many rows.
    fn shown(&self, rows: u16) -> impl Iterator<Item = &(&'static str, Option<u64>)> {
        let wanted = move |label: &str| match rows {
            5.. => true,
            3 | 4 => label != "90 %",
            2 => label == "half" || label == "99 %",
            _ => label == "99 %",
        };
        self.found.iter().filter(move |(label, _)| wanted(label))
    }

    /// Draws those of the variant with this number and name at the top of `area`, on a scale from one power of ten to another.
    fn draw(
        &self,
        cells: &mut Buffer,
        area: Rect,
        rows: u16,
        (n, name): (usize, &str),
        (from, to): (f64, f64),
        theme: &Theme,
    ) {
        let share = |micros: u64| (logarithm(micros) - from) / (to - from).max(f64::EPSILON);
        let names = if area.width >= 90 { 20 } else { 14 };
        let bars = area.width.saturating_sub(names + 18);
        let few = self.answers < ENOUGH_FOR_P99;
        let name = cut(&format!("{} {name}", mark(n)), if rows >= 5 { area.width } else { names });
        let end = put(cells, area, 1, 0, &name, bold(theme, n));
        if few && rows >= 5 {
            let text = format!("{} answers: too few for 99 %", self.answers);
            put(cells, area, end + 2, 0, &text, muted(theme));
        }
        // Bars are two rows high where there is room.
        let thick = if rows >= 10 { 2 } else { 1 };
        let mut y = u16::from(rows >= 5);
        for (label, value) in self.shown(rows) {
            let style = if few && *label == "99 %" { muted(theme) } else { ink(theme, n) };
            put_right(cells, area, names + 6, y, label, muted(theme));
            if let Some(value) = value {
                let bar = look::bar(share(*value).max(0.01), bars);
                let end = (y..y + thick).fold(0, |_, row| put(cells, area, names + 7, row, &bar, style));
                put(cells, area, end + 1, y, &number::latency(*value), style.add_modifier(Modifier::BOLD));
            }
            y += thick;
        }
    }
}

/// Powers of ten around all values; at least one whole one.
fn scale(least: u64, most: u64) -> (f64, f64) {
    let (from, to) = ((logarithm(least) - 0.3).floor(), logarithm(most));
    (from, to.max(from + 1.0))
}

#[allow(clippy::cast_precision_loss)] // for a chart
fn logarithm(micros: u64) -> f64 {
    (micros.max(1) as f64).log10()
}

/// What each thread did: the picture of the GIL.
pub(super) fn threads(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) {
    let told = board.tells(told::THREADS);
    if told {
        heading(cells, area, "Threads", "under full load; a whole bar is one processor all the time", theme);
    } else {
        let what =
            "under full load; threads are not told here, and a whole bar is all processors all the time";
        heading(cells, area, "Processes", what, theme);
    }
    if board.sides.iter().all(|side| side.threads.is_empty()) {
        let what =
            if told { "no thread has been looked at yet" } else { "no process has been looked at yet" };
        return nothing(cells, area, what, theme);
    }
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let count = u16::try_from(board.sides.len()).unwrap_or(1).max(1);
    let across = (area.width / 24).clamp(1, count);
    let down = count.div_ceil(across);
    let (width, height) = (body.width / across, body.height / down.max(1));
    let cores = board.env.as_ref().map_or(0, |env| env.cores);
    let most = board.sides.iter().map(|side| side.threads.len()).max().unwrap_or_default();
    for (n, side) in (0_u16..).zip(&board.sides) {
        let (column, row) = (n % across, n / across);
        let part = Rect {
            x: body.x + column * width + 1,
            y: body.y + row * height,
            width: width.saturating_sub(2),
            height,
        };
        let bars = Bars { cores, most, whole: if told { 1000 } else { cores.max(1).saturating_mul(1000) } };
        side_threads(cells, part, (usize::from(n), side), bars, theme);
    }
    let key = if area.width >= 84 {
        "█ on a processor   ░ ready, and none is free   · waiting: for work, or for the GIL"
    } else {
        "█ running   ░ ready, none free   · waits for work or GIL"
    };
    put(cells, area, 1, area.height.saturating_sub(1), &cut(key, area.width.saturating_sub(1)), muted(theme));
}

/// How the bars of threads, or of processes, are drawn.
#[derive(Clone, Copy)]
struct Bars {
    /// Processors of the machine; 0 when that is not known.
    cores: u32,
    /// The most bars that a variant has.
    most: usize,
    /// Thousandths of a processor that make a whole bar.
    whole: u32,
}

fn side_threads(
    cells: &mut Buffer,
    area: Rect,
    (n, side): (usize, &VariantSummary),
    Bars { cores, most, whole }: Bars,
    theme: &Theme,
) {
    put(cells, area, 0, 0, &cut(&format!("{} {}", mark(n), side.name), area.width), bold(theme, n));
    let sum: u32 = side.threads.iter().map(|thread| thread.cpu_permille).sum::<u32>() / 10;
    let sum = number::whole_percent(u64::from(sum));
    let all = number::whole_percent(u64::from(cores) * 100);
    let of = if cores > 0 { sum.with(&format!(" of {all}")) } else { sum };
    let gil = side.gil().map(|on| if on { "GIL on" } else { "GIL off" });
    let text = gil.map_or_else(|| of.to_string(), |gil| format!("{of} · {gil}"));
    put(cells, area, 0, 1, &cut(&text, area.width), theme.style(Role::Text));
    let room = usize::from(area.height.saturating_sub(3));
    // More rows for each bar where all of them have room for it, with one between them.
    let step = (room / most.max(1)).clamp(1, 5);
    let step = if step == 2 { 1 } else { step };
    let rows = u16::try_from(step.saturating_sub(1)).unwrap_or(1).max(1);
    let mut y = 2 + u16::from(room > most * step);
    for (index, thread) in side.threads.iter().enumerate() {
        let rest = side.threads.len() - index;
        if y + 1 >= area.height && rest > 1 {
            put(cells, area, 0, y, &format!("… {rest} more"), muted(theme));
            return;
        }
        one_thread(cells, area, (y, rows), (n, thread, whole), theme);
        y += u16::try_from(step).unwrap_or(1);
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares of a width
fn one_thread(
    cells: &mut Buffer,
    area: Rect,
    (y, rows): (u16, u16),
    (n, thread, whole): (usize, &ThreadUse, u32),
    theme: &Theme,
) {
    let names = match area.width {
        40.. => 16,
        30..=39 => 11,
        _ => 7,
    };
    let name: String = if thread.name.is_empty() { thread.tid.to_string() } else { thread.name.clone() };
    put(cells, area, 0, y, &cut(&name, names - 1), muted(theme));
    let width = area.width.saturating_sub(names + 6);
    let cells_of =
        |permille: u32| (f64::from(permille.min(whole)) / f64::from(whole) * f64::from(width)).round() as u16;
    let busy = cells_of(thread.cpu_permille);
    let waits = cells_of(thread.wait_permille).min(width - busy);
    let rest = width - busy - waits;
    for row in 0..rows {
        let x = put(cells, area, names, y + row, &"█".repeat(usize::from(busy)), ink(theme, n));
        let x = put(cells, area, x, y + row, &"░".repeat(usize::from(waits)), theme.style(Role::Warn));
        put(cells, area, x, y + row, &"·".repeat(usize::from(rest)), theme.style(Role::Border));
    }
    let percent = number::whole_percent(u64::from((thread.cpu_permille + 5) / 10));
    put_right(cells, area, area.width, y, &percent, bold(theme, n));
}

/// What each variant costs, and what it costs for the same work.
pub(super) fn memory(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) -> Option<Plot> {
    heading(cells, area, "Memory", board.memory_kind().in_words(), theme);
    let empty = "memory has not been read yet";
    if board.sides.iter().all(|side| side.memory.is_empty()) {
        nothing(cells, area, empty, theme);
        return None;
    }
    // A run that waits until memory is flat is about how it gets there.
    if board.measures_memory() {
        let points: Vec<Vec<(f64, f64)>> = board.sides.iter().map(mebibytes).collect();
        let last = |side: &VariantSummary| Number::or_unknown(total(side), number::mib);
        return curves(cells, area, &Curves { board, points: &points, last: &last, empty }, theme);
    }
    memory_in_all(cells, area, board, theme);
    None
}

/// Bars of what each variant takes, and of what it takes for the same work.
fn memory_in_all(cells: &mut Buffer, area: Rect, board: &RunSummary, theme: &Theme) {
    let most =
        |of: &dyn Fn(&VariantSummary) -> Option<f64>| board.sides.iter().filter_map(of).fold(1e-9, f64::max);
    let (most_total, most_cost) = (most(&total), most(&VariantSummary::memory_per_rate));
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let count = u16::try_from(board.sides.len()).unwrap_or(1).max(1);
    let rows = (body.height / count).max(1);
    let labels = 17;
    let bars = area.width.saturating_sub(labels + 14);
    let mut y = u16::from(rows >= 4);
    for (n, side) in board.sides.iter().enumerate() {
        let end = put(cells, body, 1, y, &format!("{} {}", mark(n), side.name), bold(theme, n));
        if let Some((_, mem)) = side.memory.last() {
            let text = format!(
                "{}, {}",
                look::plural(u64::from(mem.processes), "process", "processes"),
                look::plural(u64::from(mem.threads), "thread", "threads")
            );
            put(cells, body, end + 2, y, &text, muted(theme));
        }
        let thick = if rows >= 7 { 2 } else { 1 };
        let gap = u16::from(rows >= 8);
        let lines =
            [("in all", total(side), most_total), ("per 1,000 req/s", side.memory_per_rate(), most_cost)];
        let mut line = y + 1;
        for (label, value, most) in lines.into_iter().take(usize::from(rows.saturating_sub(1))) {
            put_right(cells, body, labels, line, label, muted(theme));
            let Some(value) = value else { continue };
            let mut end = labels + 1;
            for row in 0..thick {
                end = put(cells, body, labels + 1, line + row, &look::bar(value / most, bars), ink(theme, n));
            }
            put(cells, body, end + 1, line, &number::mib(value), bold(theme, n));
            line += thick + gap;
        }
        if rows == 1 {
            let value = total(side).map(|all| String::from(number::mib(all))).unwrap_or_default();
            put_right(cells, body, area.width.saturating_sub(1), y, &value, bold(theme, n));
        }
        y += rows;
    }
}
