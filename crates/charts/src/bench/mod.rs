//! A bench in its pane: a function of what its records add up to, of what is looked at, and of the moment.
//!
//! Every chart shows all variants with the same axes, each with its own colour and its own mark.

mod charts;
mod facts;
mod flame;
pub(crate) mod look;
mod overview;
mod plan;
mod plot;
mod requests;
#[cfg(test)]
mod tests;
mod verdict;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use self::look::{cut, muted, put, put_center, put_right};
use crate::silent;
use greenroom_base::clock::Elapsed;
use greenroom_base::number;
use greenroom_bench::{PhaseKind, RunSummary, Unit, VariantSummary};
use greenroom_deck::{Chart, Role, Scenario, Theme};
use greenroom_pane::BenchView;
use greenroom_raster::Curve;

/// What a bench's pane is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct BenchLook<'a> {
    /// The run.
    pub view: &'a BenchView,
    /// What will run, when the scenario is known.
    pub plan: Option<&'a Scenario>,
    /// The bench's own time.
    pub at: Elapsed,
    /// Nothing has run yet.
    pub idle: bool,
}

/// Lines of a chart, which are in the cells of `area` as dots.
#[derive(Debug)]
pub struct Plot {
    /// Where they are.
    pub area: Rect,
    /// The lines.
    pub curves: Vec<Curve>,
}

/// Draws a bench into `area`. Gives the lines of its chart, if it has such, for what draws better ones than cells can.
pub fn draw(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) -> Option<Plot> {
    let area = area.intersection(cells.area);
    if area.width < 4 || area.height == 0 {
        return None;
    }
    let board = look.view.board();
    if look.idle || (!look.view.has_begun() && !look.view.is_over()) {
        plan::draw(cells, area, look, theme);
        return None;
    }
    if board.sides.is_empty() {
        silent(cells, area, look, theme);
        return None;
    }
    let spoken =
        board.spoken().filter(|_| look.view.chart() == Chart::Overview && overview::is_decided(look));
    if let Some(spoken) = spoken {
        let bottom = u16::from(area.height >= 8 && !look.view.is_over());
        if bottom > 0 {
            progress(cells, Rect { y: area.bottom() - 1, height: 1, ..area }, look, theme);
        }
        verdict::draw(cells, Rect { height: area.height - bottom, ..area }, look, &spoken, theme);
        return None;
    }
    let top = u16::from(area.height >= 7);
    let bottom = u16::from(area.height >= 4);
    if top > 0 {
        tabs(cells, area, look.view, theme);
    }
    let mut body = Rect { y: area.y + top, height: area.height - top - bottom, ..area };
    // The facts begin with it.
    let said = overview::is_decided(look) && !matches!(look.view.chart(), Chart::Overview | Chart::Facts);
    let said = if said { verdict(cells, area, body, look, theme) } else { None };
    if bottom > 0 && !(said.is_some() && is_short(body)) {
        progress(cells, Rect { y: area.bottom() - 1, height: 1, ..area }, look, theme);
    }
    body.height = body.height.min(said.unwrap_or(body.bottom()) - body.y);
    // The first row under the names of the charts stays empty where there is room.
    let gap = u16::from(body.height >= 18);
    let body = Rect { y: body.y + gap, height: body.height - gap, ..body };
    match look.view.chart() {
        Chart::Overview => return overview::draw(cells, body, look, theme),
        Chart::Throughput => return charts::throughput(cells, body, board, theme),
        Chart::Memory => return charts::memory(cells, body, board, theme),
        Chart::Latency => charts::latency(cells, body, board, theme),
        Chart::Threads => charts::threads(cells, body, board, theme),
        Chart::Requests => requests::draw(cells, body, board, theme),
        Chart::Profile => flame::draw(cells, body, look.view, theme),
        Chart::Facts => facts::draw(cells, body, look.view, theme),
    }
    None
}

/// The charts' names with their numbers; the one that shows stands out.
fn tabs(cells: &mut Buffer, area: Rect, view: &BenchView, theme: &Theme) {
    let names = |short: bool| -> Vec<(Chart, String)> {
        let all = Chart::ALL.iter().enumerate().filter(|(_, chart)| view.has(**chart));
        all.map(|(number, chart)| {
            let name = if short && *chart != view.chart() { "" } else { chart.name() };
            (*chart, format!("{} {name}", number + 1).trim_end().to_owned())
        })
        .collect()
    };
    let width = |names: &[(Chart, String)]| names.iter().map(|(_, name)| name.len() + 1).sum::<usize>();
    let mut shown = names(false);
    if width(&shown) > usize::from(area.width) {
        shown = names(true);
    }
    let gap = if width(&shown) + shown.len() < usize::from(area.width) { 2 } else { 1 };
    let mut x = 0;
    for (chart, name) in shown {
        let style = if chart == view.chart() {
            theme.style(Role::Accent).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
        } else {
            muted(theme)
        };
        x = put(cells, area, x + 1, 0, &name, style) + gap - 1;
    }
}

/// Whether a chart has so few rows that its verdict is worth more than what it was measured on.
const fn is_short(body: Rect) -> bool {
    body.height < 10
}

/// The verdict of a bench that is over, below a chart. Gives the row that it begins in; the chart ends above that.
fn verdict(cells: &mut Buffer, area: Rect, body: Rect, look: &BenchLook<'_>, theme: &Theme) -> Option<u16> {
    let bottom = if is_short(body) { area.bottom() } else { body.bottom() };
    let most = match body.height {
        0..6 => 1,
        6..14 => 2,
        _ => 3,
    };
    let lines = overview::conclusion(look, body.width.saturating_sub(2), most, theme);
    let rows = u16::try_from(lines.len()).unwrap_or(most).min(bottom - body.y);
    for ((line, style), y) in lines.iter().zip(bottom - rows..bottom) {
        put(cells, Rect { y, height: 1, ..area }, 1, 0, line, *style);
    }
    (rows > 0).then_some(bottom - rows)
}

/// Where the bench stands, and how much of that is left.
fn progress(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) {
    let board = look.view.board();
    if look.view.is_over() {
        let text = ended(board, look.view);
        put(cells, area, 1, 0, &cut(&text, area.width.saturating_sub(2)), muted(theme));
        return;
    }
    let Some((_, phase)) = &board.phase else {
        put(cells, area, 1, 0, "starting", muted(theme));
        return;
    };
    let counts = matches!(phase.kind, PhaseKind::Measure | PhaseKind::Open);
    let style = if counts { theme.style(Role::Accent).add_modifier(Modifier::BOLD) } else { muted(theme) };
    let which = launch(phase.launch, phase.launches);
    let mut x = put(cells, area, 1, 0, &format!("{which}{}", words(phase.kind)), style) + 2;
    let caption = match phase.kind {
        PhaseKind::Measure | PhaseKind::Open => "variants take turns".to_owned(),
        PhaseKind::Start => ready(board, phase.launch),
        _ => phase.note.clone(),
    };
    if let Some(left) = board.left(look.at) {
        let seconds = left.micros().div_ceil(1_000_000);
        let text = number::whole_seconds(seconds).with(" left");
        let room = area.width.saturating_sub(x + 2);
        let width = (room / 3).min(40);
        if width >= 6 {
            #[allow(clippy::cast_precision_loss)] // a share of a minute
            let share = 1.0 - left.micros() as f64 / phase.length_us.max(1) as f64;
            bar(cells, area, (x, width), share, theme);
            x += width + 1;
        }
        x = put(cells, area, x, 0, &text, style) + 2;
    }
    let room = area.width.saturating_sub(x + 1);
    if room >= 8 {
        put_right(cells, area, area.width - 1, 0, &cut(&caption, room), muted(theme));
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a width
fn bar(cells: &mut Buffer, area: Rect, (x, width): (u16, u16), share: f64, theme: &Theme) {
    let full = (share.clamp(0.0, 1.0) * f64::from(width)).round() as u16;
    put(cells, area, x, 0, &"━".repeat(usize::from(full)), theme.style(Role::Accent));
    put(cells, area, x + full, 0, &"─".repeat(usize::from(width - full)), theme.style(Role::Border));
}

/// Which launch of how many, where there is more than one.
fn launch(number: u32, of: u32) -> String {
    match of {
        1 => String::new(),
        0 if number == 0 => String::new(),
        0 => format!("launch {}: ", number + 1),
        _ => format!("launch {} of {of}: ", number + 1),
    }
}

/// How many servers of a launch are ready.
fn ready(board: &RunSummary, launch: u32) -> String {
    let ready = |side: &&VariantSummary| side.app.as_ref().is_some_and(|app| app.launch == launch);
    format!("{} of {} ready", board.sides.iter().filter(ready).count(), board.sides.len())
}

const fn words(kind: PhaseKind) -> &'static str {
    match kind {
        PhaseKind::Prepare => "preparing data",
        PhaseKind::Start => "starting servers",
        PhaseKind::Warm => "warming up, does not count",
        PhaseKind::Measure => "measuring",
        PhaseKind::Open => "measuring latency at a set rate",
        PhaseKind::Settle => "reading memory and identities",
        PhaseKind::Profile => "profiling, does not count",
        PhaseKind::Stop => "stopping servers",
    }
}

/// What was measured, where, in a line.
fn ended(board: &RunSummary, view: &BenchView) -> String {
    let whole = board.end.as_ref().is_some_and(|end| end.ok) && view.doubts().is_empty();
    let mut parts = vec![if whole { "done" } else { "incomplete" }.to_owned()];
    match (board.unit(), board.launches_over()) {
        (_, 0) => {}
        (Unit::Block, 1) => parts.push("one launch".to_owned()),
        (_, launches) => parts.push(look::plural(launches as u64, "launch", "launches")),
    }
    if let Some(load) = &board.load {
        parts.push(look::plural(u64::from(load.connections), "connection each", "connections each"));
    }
    if let Some(env) = &board.env {
        parts.push(look::plural(u64::from(env.cores), "core", "cores"));
        if !env.cpu.is_empty() {
            parts.push(env.cpu.clone());
        }
    }
    if let Some(head) = board.head.as_ref().filter(|head| !head.protocol.is_empty()) {
        parts.push(format!("protocol {}", head.protocol));
    }
    parts.join(" · ")
}

/// A bench that ended without a word that could be understood.
fn silent(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, theme: &Theme) {
    let view = look.view;
    let mut wrong: Vec<(String, Role)> = view.doubts().into_iter().map(|doubt| (doubt, Role::Bad)).collect();
    for fault in &view.board().faults {
        wrong.extend([(fault.message.clone(), Role::Bad), (fault.hint.clone(), Role::Text)]);
    }
    let messages: Vec<&str> = view.messages().collect();
    let messages = view.is_over().then_some(messages.as_slice());
    silent::draw(cells, area, "bench", &wrong, messages, theme);
}

/// A heading over a chart: what it shows, and in which unit.
fn heading(cells: &mut Buffer, area: Rect, title: &str, unit: &str, theme: &Theme) {
    let x = put(cells, area, 1, 0, title, theme.style(Role::Heading));
    let room = area.width.saturating_sub(x + 3);
    if room >= 10 {
        put(cells, area, x + 2, 0, &cut(unit, room), muted(theme));
    }
}

/// In the middle: why there is nothing to see.
fn nothing(cells: &mut Buffer, area: Rect, text: &str, theme: &Theme) {
    put_center(cells, area, area.height / 2, &cut(text, area.width), muted(theme));
}
