//! Everything that is needed to believe the numbers, and what went wrong.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::look::{self, bold, mark, muted, put, put_right};
use greenroom_base::number;
use greenroom_bench::told::MemoryKind;
use greenroom_bench::{
    App, Call, ENOUGH_FOR_P99, Metric, Moment, RunSummary, Sentence, ShareBy, VariantSummary, told,
};
use greenroom_deck::{Role, Theme};
use greenroom_pane::BenchView;

type FactLine = (String, Style);

/// Lines of what the measuring process said besides its records.
const MESSAGES: usize = 6;
/// Comparisons by requests per second, at most.
const MOST_SENTENCES: usize = 5;

/// Draws the facts, in two columns where there is room.
pub(super) fn draw(cells: &mut Buffer, area: Rect, view: &BenchView, theme: &Theme) {
    let columns: u16 = if area.width >= 110 { 2 } else { 1 };
    let width = area.width / columns;
    let lines = all(view, width.saturating_sub(2), theme);
    let rows = usize::from(area.height);
    let room = rows * usize::from(columns);
    for (index, (line, style)) in lines.iter().take(room).enumerate() {
        let (Ok(column), Ok(row)) = (u16::try_from(index / rows.max(1)), u16::try_from(index % rows.max(1)))
        else {
            return;
        };
        put(cells, area, column * width + 1, row, line, *style);
    }
    if let Some(hidden) = lines.len().checked_sub(room).filter(|hidden| *hidden > 0) {
        let text = format!(" … {hidden} more lines, in the recording ");
        put_right(cells, area, area.width, area.height.saturating_sub(1), &text, muted(theme));
    }
}

fn all(view: &BenchView, width: u16, theme: &Theme) -> Vec<FactLine> {
    let board = view.board();
    let text = theme.style(Role::Text);
    let bad = theme.style(Role::Bad).add_modifier(Modifier::BOLD);
    let mut lines: Vec<FactLine> = Vec::new();
    let mut say = |what: &str, style: Style, indent: usize| {
        let wrapped = look::wrap(what, width.saturating_sub(u16::try_from(indent).unwrap_or(0) + 2));
        for (n, line) in wrapped.into_iter().enumerate() {
            lines.push((format!("{:indent$}{}{line}", "", if n > 0 { "  " } else { "" }), style));
        }
    };
    for fault in &board.faults {
        let of = fault.variant.and_then(|n| board.sides.get(n)).map(|side| format!("{}: ", side.name));
        say(&format!("{}{}", of.unwrap_or_default(), fault.message), bad, 0);
        say(&fault.hint, text, 2);
    }
    for (n, sentence) in sentences(view).iter().enumerate() {
        let style = match &sentence.call {
            Some(Call::Refused(_)) => theme.style(Role::Warn),
            _ if n == 0 => theme.style(Role::Strong),
            _ => text,
        };
        say(&sentence.text, style, 0);
    }
    for warning in board.warnings() {
        say(&warning, bad, 0);
    }
    for note in board.notes() {
        say(&note, theme.style(Role::Warn), 0);
    }
    for doubt in view.doubts() {
        say(&doubt, theme.style(Role::Warn), 0);
    }
    if let Some(line) = board.unit_of_doubt() {
        say(&line, muted(theme), 0);
    }
    // The last ones say how it ended.
    let messages: Vec<&str> = view.messages().collect();
    for line in messages.iter().skip(messages.len().saturating_sub(MESSAGES)) {
        say(line, muted(theme), 0);
    }
    for line in run(board).into_iter().chain(launches(board)) {
        say(&line, text, 0);
    }
    for (n, side) in board.sides.iter().enumerate() {
        say(&format!("{} {}", mark(n), side.name), bold(theme, n), 0);
        say(&figures(side, board.memory_kind()), text, 2);
        for line in variant(side) {
            say(&line, text, 2);
        }
        for line in side.out.iter().rev().take(4).rev() {
            say(&format!("› {line}"), muted(theme), 2);
        }
    }
    lines
}

/// The verdicts with their ranges, once the run has come to them.
fn sentences(view: &BenchView) -> Vec<Sentence> {
    let board = view.board();
    // Without a turn there is nothing to be said; why there is none is said already.
    if board.slices.is_empty() || !view.is_over() && board.said.is_empty() {
        return Vec::new();
    }
    let mut all = board.sentences(Metric::Throughput);
    all.truncate(MOST_SENTENCES);
    all.extend(board.efficiency_sentence());
    all.extend(board.memory_sentence());
    all
}

/// What a variant came to, in a line.
fn figures(side: &VariantSummary, memory: MemoryKind) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut say = |figure: Option<number::Number>, words: &str| {
        parts.extend(figure.map(|figure| figure.with(words).to_string()));
    };
    say(side.rate().map(number::glance), " requests per second");
    say(side.closed.percentile(50.0).map(number::latency), " for half of them");
    let few = if side.closed.len() < ENOUGH_FOR_P99 { " for 99 % (of few)" } else { " for 99 %" };
    say(side.closed.percentile(99.0).map(number::latency), few);
    say(side.efficiency().map(number::glance), " per second of processor time");
    say(side.processors().map(number::tenths), " processors");
    let kind = if memory == MemoryKind::Pss { String::new() } else { format!(" ({})", memory.name()) };
    say(side.pss_kib().map(number::kib), &kind);
    say(side.memory_per_rate().map(number::mib), " for each 1,000 requests per second");
    parts.join(" · ")
}

/// The run, the machine and the load.
fn run(board: &RunSummary) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(head) = &board.head {
        let short = |text: &str| text.chars().take(12).collect::<String>();
        lines.push(format!(
            "{} · protocol {} · run {} · scenario {} · greenroom {}",
            head.title,
            head.protocol,
            short(&head.id),
            short(&head.scenario),
            head.greenroom
        ));
    }
    if let Some(env) = &board.env {
        let mut parts = vec![
            env.cpu.clone(),
            look::plural(u64::from(env.cores), "core", "cores"),
            format!("{} GiB", (env.memory_kib + (1 << 19)) >> 20),
            env.system.clone(),
        ];
        parts.push(format!("load before {}.{:02}", env.load_milli / 1000, env.load_milli % 1000 / 10));
        parts.extend([&env.virtualisation, &env.pinning].into_iter().cloned());
        parts.retain(|part| !part.is_empty());
        lines.push(parts.join(" · "));
    }
    lines.extend(board.left_out());
    if let Some(load) = &board.load {
        let mut paths = load.paths.clone();
        paths.dedup();
        lines.push(format!(
            "GET {} · {} connections each · turns of {} · {}",
            paths.join(", "),
            load.connections,
            number::latency(load.slice_us),
            load.client
        ));
    }
    lines
}

/// What may explain why a launch differs from another.
fn launches(board: &RunSummary) -> Option<String> {
    let seeds: Vec<String> = board.launches.iter().map(|launch| launch.hash_seed.to_string()).collect();
    let steal: u64 = board.launches.iter().map(|launch| launch.steal_us).sum();
    let moved: u64 =
        board.launches.iter().flat_map(|launch| &launch.processes).map(|process| process.migrations).sum();
    let mut parts =
        vec![format!("PYTHONHASHSEED {}, the same for all variants of a launch", seeds.join(", "))];
    parts.extend(board.tells(told::STOLEN).then(|| format!("the host took {}", number::latency(steal))));
    let times = look::plural(moved, "time", "times");
    parts.extend(board.tells(told::MOVES).then(|| format!("threads moved {times} to another processor")));
    (!seeds.is_empty()).then(|| parts.join(" · "))
}

/// How the work was shared, in the last launch.
fn shares(side: &VariantSummary) -> Option<String> {
    let share = side.shares.last()?;
    let (workers, kind) =
        if share.processes.len() > 1 { (&share.processes, "processes") } else { (&share.threads, "threads") };
    let all: u64 = workers.iter().map(|worker| worker.n).sum();
    (workers.len() > 1 && all > 0).then(|| {
        let parts =
            workers.iter().map(|worker| number::percent(worker.n, all).to_string()).collect::<Vec<_>>();
        let what = if share.by == ShareBy::Answers { "requests" } else { "processor time" };
        format!("{what} by {kind}: {}", parts.join(", "))
    })
}

fn variant(side: &VariantSummary) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(app) = &side.app {
        lines.push(format!("$ {}", app.argv.join(" ")));
        lines.push(runtime(app));
        if !app.env.is_empty() {
            let env = app.env.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
            lines.push(format!("with {}", env.join(" ")));
        }
        if !app.packages.is_empty() {
            let packages = app.packages.iter().map(|(name, version)| format!("{name} {version}"));
            lines.push(packages.collect::<Vec<_>>().join(", "));
        }
        if !app.config_args.is_empty() {
            lines.push(format!("built with {}", app.config_args));
        }
    }
    let identities: Vec<String> = side
        .identities
        .iter()
        .map(|identity| {
            let moment = match identity.moment {
                Moment::Start => "at the start",
                Moment::Warm => "after the first requests",
                Moment::End => "at the end",
            };
            let gil = match identity.gil {
                Some(true) => "GIL on",
                Some(false) => "GIL off",
                None => "GIL not known",
            };
            format!("{gil} {moment} (pid {})", identity.pid)
        })
        .take(3)
        .collect();
    if !identities.is_empty() {
        lines.push(identities.join(", "));
    }
    lines.extend(shares(side));
    let (errors, all) = side.errors();
    if all > 0 {
        let reconnects: u64 = side.turns.iter().map(|(_, slice)| slice.reconnects).sum();
        lines.push(format!(
            "{} right answers, {errors} wrong, {reconnects} reconnects",
            all - errors.min(all)
        ));
    }
    lines
}

fn runtime(app: &App) -> String {
    let yes =
        |flag: Option<bool>, text: &str| flag.map(|on| format!("{}{text}", if on { "" } else { "no " }));
    let build = app.free_threaded.map(|free| if free { "free threaded" } else { "default build" }.to_owned());
    let python = Some(format!("Python {}", app.python)).filter(|_| !app.python.is_empty());
    let ready = Some(format!("ready after {}", number::latency(app.ready_us))).filter(|_| app.ready_us > 0);
    let answer = Some(format!("answer {}", app.answer)).filter(|_| !app.answer.is_empty());
    let parts = [python, build, yes(app.optimized, "PGO"), yes(app.lto, "LTO"), ready, answer];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
