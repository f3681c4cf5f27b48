//! Panes: a border that says how the run stands, and the run's screen inside of it.

mod edges;
mod idle;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::layout::wrap;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Exit;
use greenroom_charts::bench::{self, BenchLook, Plot};
use greenroom_charts::probe::{self, ProbeLook};
use greenroom_deck::{DemoKind, PaneSpec, Role, Scenario, Text, Theme};
use greenroom_pane::{Pane, ProbeView, RunStatus, TermView, Winding};

/// What is known of the panes of the slide that is drawn, by their index on it.
pub type PaneLooks<'a, 'p> = &'a (dyn Fn(usize) -> Option<PaneLook<'p>> + 'a);

/// How a pane looks.
#[derive(Debug)]
pub struct PaneLook<'a> {
    /// Its run and screen.
    pub pane: &'a Pane,
    /// Whether keys go to it.
    pub focused: bool,
    /// Whether the slide's keys mean it alone.
    pub marked: bool,
    /// How the run stands, for the upper edge.
    pub status: String,
    /// The colour of that.
    pub tone: Role,
    /// What can be done, for the lower edge.
    pub hint: String,
    /// What is known of the run beside what it shows, for the lower edge.
    pub facts: Option<String>,
    /// Where a recording stands.
    pub winding: Option<Winding>,
    /// How to start, in a pane in which nothing has run.
    pub invitation: String,
    /// How to take the keyboard back from the program, behind what says that it gets the keys.
    pub leaves: String,
    /// The end of its recording, to be shown faintly below that.
    pub still: Option<&'a Pane>,
    /// Something that happened: left of the hint.
    pub notice: Option<String>,
    /// A message in place of the screen: what is wrong, and what to do.
    pub message: Option<String>,
    /// What a bench compares, when its scenario can be read.
    pub plan: Option<&'a Scenario>,
    /// The run's time.
    pub at: Elapsed,
    /// A screen that is smaller than the pane stands in its middle, not in its corner.
    pub centered: bool,
}

/// What a pane shows beside its cells.
#[derive(Debug, Default)]
pub struct Beside {
    /// The cursor's place, when keys go to the pane.
    pub cursor: Option<Position>,
    /// Parts of lines, and where they lead.
    pub links: Vec<(Rect, Arc<str>)>,
    /// The lines of its chart.
    pub plot: Option<Plot>,
}

/// Draws the pane into `area`.
pub fn draw(
    cells: &mut Buffer,
    area: Rect,
    spec: &PaneSpec,
    look: Option<&PaneLook<'_>>,
    theme: &Theme,
) -> Beside {
    let title = spec.demo.title.as_deref().unwrap_or(&spec.id);
    let Some(look) = look else {
        super::card(cells, area, title, theme.style(Role::Border), theme);
        if spec.demo.kind == DemoKind::Probe {
            let (view, at) = (&ProbeView::default(), Elapsed::ZERO);
            probe::draw(cells, inner(area), &ProbeLook { view, demo: &spec.demo, at, idle: true }, theme);
        } else {
            idle::command(cells, area, spec, theme);
        }
        return Beside::default();
    };
    frame(cells, area, title, (spec, look), theme);
    let inside = inner(area);
    if let Some(message) = &look.message {
        words(cells, inside, message, look.tone, theme);
        return Beside::default();
    }
    let idle = *look.pane.state() == RunStatus::Idle;
    if let Some(still) = look.still.filter(|_| idle) {
        idle::still(cells, inside, spec, look, still, theme);
        return Beside::default();
    }
    if let Some(view) = look.pane.view().bench().filter(|_| !idle || look.plan.is_some()) {
        let at = view.own_time(look.at);
        let plot = bench::draw(cells, inside, &BenchLook { view, plan: look.plan, at, idle }, theme);
        return Beside { plot, ..Beside::default() };
    }
    if let Some(view) = look.pane.view().probe() {
        let at = view.own_time(look.at);
        probe::draw(cells, inside, &ProbeLook { view, demo: &spec.demo, at, idle }, theme);
        return Beside::default();
    }
    if idle {
        idle::invite(cells, inside, spec, (&look.invitation, &look.leaves), theme);
        return Beside::default();
    }
    let screen = if look.centered { middle(inside, look.pane) } else { inside };
    let cursor = look.pane.paint(screen, cells).filter(|_| look.focused);
    Beside { cursor, links: look.pane.links(screen), plot: None }
}

/// What is around a pane: a border that tells how it is, or nothing.
fn frame(
    cells: &mut Buffer,
    area: Rect,
    title: &str,
    (spec, look): (&PaneSpec, &PaneLook<'_>),
    theme: &Theme,
) {
    if is_bare(spec, look) {
        super::fill(cells, area, Style::new().bg(theme.background.into()).fg(theme.text.into()));
        // A recording always says that it is one.
        if look.winding.is_some() {
            edges::status(cells, area, look, theme);
        }
        return;
    }
    if look.focused {
        super::card(cells, area, "", theme.style(Role::Accent), theme);
        thicken(cells, area, theme.style(Role::Accent).add_modifier(Modifier::BOLD));
    } else {
        let border = if look.marked { Role::Accent } else { Role::Border };
        super::card(cells, area, "", theme.style(border), theme);
    }
    edges::draw(cells, area, title, look, theme);
}

/// Whether nothing has to be said around what a program writes: it runs, has ended well, or is a recording, and has no keys.
fn is_bare(spec: &PaneSpec, look: &PaneLook<'_>) -> bool {
    let well = match look.pane.state() {
        RunStatus::Running | RunStatus::Replaying | RunStatus::Ended(Exit::Status(0)) => true,
        RunStatus::Idle | RunStatus::Starting | RunStatus::Stopping | RunStatus::Ended(_) => false,
    };
    spec.bare && well && !look.focused && !look.marked && look.message.is_none() && look.notice.is_none()
}

/// Where the screen of `pane` stands in the middle of `area`: a recording has the size that it was made with.
fn middle(area: Rect, pane: &Pane) -> Rect {
    let Some(size) = pane.view().term().map(TermView::size) else { return area };
    let (width, height) = (size.columns.min(area.width), size.rows.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The part of a pane's area that its screen has.
const fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The border of the pane that has the focus: seen from the last row of a hall.
fn thicken(cells: &mut Buffer, area: Rect, style: Style) {
    for position in area.intersection(cells.area).positions() {
        let heavy = match cells[position].symbol() {
            "─" => "━",
            "│" => "┃",
            "╭" => "┏",
            "╮" => "┓",
            "╰" => "┗",
            "╯" => "┛",
            _ => continue,
        };
        cells[position].set_symbol(heavy).set_style(style);
    }
}

/// A message in the middle of a pane.
fn words(cells: &mut Buffer, area: Rect, message: &str, role: Role, theme: &Theme) {
    let width = area.width.saturating_sub(4);
    let lines = wrap(&Text::plain(message), width.max(1), 20, theme.style(role), theme);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let top = area.y + (area.height - height) / 2;
    for (line, y) in lines.iter().zip(top..top + height) {
        line.iter().fold(area.x + 2, |x, run| {
            let left = usize::from((area.x + 2 + width).saturating_sub(x));
            cells.set_stringn(x, y, &run.text, left, run.style).0
        });
    }
}
