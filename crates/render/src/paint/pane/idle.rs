//! A pane in which nothing has run yet: what it would run, how to start it, and faintly how its recording ended.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::PaneLook;
use crate::layout::columns;
use greenroom_base::color::Rgb;
use greenroom_base::text::cut;
use greenroom_charts::bench::{self, BenchLook};
use greenroom_charts::probe::{self, ProbeLook};
use greenroom_deck::{DemoKind, PaneSpec, Role, Theme};
use greenroom_pane::Pane;

/// How far the colours of a recording's end are moved to the background's.
const FAINT: f32 = 0.62;

/// What the pane would run, in a line: for a slide that only shows.
pub(super) fn command(cells: &mut Buffer, area: Rect, spec: &PaneSpec, theme: &Theme) {
    let width = usize::from(area.width.saturating_sub(4));
    let y = area.y + area.height / 2;
    if y + 1 < area.bottom() {
        center(
            cells,
            Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area },
            y,
            &what(spec, width),
            theme.style(Role::Muted),
        );
    }
}

/// What the pane would run, as far as there is room for it.
fn what(spec: &PaneSpec, width: usize) -> String {
    let what = match &spec.demo.scenario {
        Some(scenario) => format!("bench  {scenario}"),
        None if spec.demo.command.is_empty() => "this demo is still to come".to_owned(),
        None => format!("$ {}", spec.demo.command.join(" ")),
    };
    if columns(&what) > width && !spec.demo.command.is_empty() {
        // Half a script tells nothing; the whole of it is in the question that comes first.
        let program = spec.demo.command.first().map_or("", |program| program);
        return format!("$ {program} …").replace(char::is_control, " ");
    }
    what.replace(char::is_control, " ")
}

/// How to start, and below it what that runs and does.
pub(super) fn invite(
    cells: &mut Buffer,
    area: Rect,
    spec: &PaneSpec,
    (how, leaves): (&str, &str),
    theme: &Theme,
) {
    let width = usize::from(area.width.saturating_sub(4));
    let mut lines = vec![(what(spec, width), theme.style(Role::Text))];
    if !how.is_empty() {
        lines.insert(0, (format!("▶  {how}"), theme.style(Role::Accent).add_modifier(Modifier::BOLD)));
    }
    if let Some(does) = does(spec, leaves) {
        lines.push((does, theme.style(Role::Muted)));
    }
    let gap = u16::from(area.height >= 7);
    let count = u16::try_from(lines.len()).unwrap_or(1);
    let height = count + gap * (count - 1);
    // With fewer rows, what it runs says most.
    if height > area.height {
        lines.drain(..usize::from(lines.len() > 1 && area.height < 2));
    }
    let top = area.y + area.height.saturating_sub(height) / 2;
    for ((line, style), y) in lines.iter().zip((top..area.bottom()).step_by(usize::from(1 + gap))) {
        center(cells, area, y, line, *style);
    }
}

/// What starting it does, where that can be said.
fn does(spec: &PaneSpec, leaves: &str) -> Option<String> {
    let demo = &spec.demo;
    let text = match demo.kind {
        _ if demo.command.is_empty() && demo.scenario.is_none() => return None,
        DemoKind::Terminal if demo.takes_keyboard() => {
            return Some(format!("runs here, and what you type goes to it{leaves}"));
        }
        DemoKind::Terminal => "runs here, in a terminal of its own",
        DemoKind::Bench => "starts the servers, measures them in turns, and compares them",
        DemoKind::Probe => "runs here in each of its interpreters, one after the other",
    };
    Some(text.to_owned())
}

/// The end of its recording, faintly, and over it how to start and of which day that is.
pub(super) fn still(
    cells: &mut Buffer,
    area: Rect,
    spec: &PaneSpec,
    look: &PaneLook<'_>,
    still: &Pane,
    theme: &Theme,
) {
    let area = area.intersection(cells.area);
    let at = still.run_time(look.at);
    if let Some(view) = still.view().bench() {
        let at = view.own_time(at);
        bench::draw(cells, area, &BenchLook { view, plan: look.plan, at, idle: false }, theme);
    } else if let Some(view) = still.view().probe() {
        let at = view.own_time(at);
        probe::draw(cells, area, &ProbeLook { view, demo: &spec.demo, at, idle: false }, theme);
    } else {
        still.paint(area, cells);
    }
    fade(cells, area, theme);
    let label = still.tape().and_then(|tape| tape.header().date());
    let label = label.map_or_else(|| "■ recording".to_owned(), |day| format!("■ recording of {day}"));
    let lines = [
        (format!("▶  {}", look.invitation), theme.style(Role::Accent).add_modifier(Modifier::BOLD)),
        (label, theme.style(Role::Warn).add_modifier(Modifier::BOLD)),
    ];
    let wide = lines.iter().map(|(line, _)| columns(line)).max().unwrap_or(0);
    let width = u16::try_from(wide + 6).unwrap_or(u16::MAX).min(area.width);
    let rows = 2 + if area.height >= 8 { 2 } else { 0 };
    let height = rows.min(area.height);
    let band =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    crate::paint::fill(cells, band, Style::new().bg(theme.background.into()).fg(theme.text.into()));
    let top = band.y + u16::from(height > 3);
    for ((line, style), y) in lines.iter().zip(top..band.bottom()) {
        center(cells, band, y, line, *style);
    }
}

/// Moves every colour of `area` towards the background.
fn fade(cells: &mut Buffer, area: Rect, theme: &Theme) {
    let faint = |color: Color, otherwise: Rgb| {
        let own = match color {
            Color::Rgb(r, g, b) => Rgb(r, g, b),
            _ => otherwise,
        };
        Color::from(own.mix(theme.background, FAINT))
    };
    for position in area.positions() {
        let cell = &mut cells[position];
        cell.fg = faint(cell.fg, theme.text);
        cell.bg = if cell.bg == Color::Reset { cell.bg } else { faint(cell.bg, theme.background) };
        cell.modifier.remove(Modifier::BOLD | Modifier::SLOW_BLINK | Modifier::RAPID_BLINK);
    }
}

fn center(cells: &mut Buffer, area: Rect, y: u16, text: &str, style: Style) {
    let width = usize::from(area.width);
    let text = cut(text, width);
    let x = area.x + u16::try_from(width.saturating_sub(columns(&text)) / 2).unwrap_or(0);
    if y < area.bottom() && y < cells.area.bottom() && x < cells.area.right() {
        cells.set_stringn(x, y, text, width, style);
    }
}
