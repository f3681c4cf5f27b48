//! Panes: a border that says how the run stands, and the run's screen inside of it.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::layout::{columns, wrap};
use greenroom_base::clock::Elapsed;
use greenroom_charts::bench::{self, BenchLook};
use greenroom_charts::probe::{self, ProbeLook};
use greenroom_deck::{DemoKind, PaneSpec, Role, Scenario, Text, Theme};
use greenroom_pane::{Pane, ProbeView, TermView};

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
            command(cells, area, spec, theme);
        }
        return Beside::default();
    };
    if look.focused {
        super::card(cells, area, "", theme.style(Role::Accent), theme);
        thicken(cells, area, theme.style(Role::Accent).add_modifier(Modifier::BOLD));
    } else {
        let border = if look.marked { Role::Accent } else { Role::Border };
        super::card(cells, area, "", theme.style(border), theme);
    }
    edges(cells, area, title, look, theme);
    let inside = inner(area);
    if let Some(message) = &look.message {
        words(cells, inside, message, look.tone, theme);
        return Beside::default();
    }
    let idle = *look.pane.state() == greenroom_pane::RunStatus::Idle;
    if let Some(view) = look.pane.view().bench().filter(|_| !idle || look.plan.is_some()) {
        let at = view.own_time(look.at);
        bench::draw(cells, inside, &BenchLook { view, plan: look.plan, at, idle }, theme);
        return Beside::default();
    }
    if let Some(view) = look.pane.view().probe() {
        let at = view.own_time(look.at);
        probe::draw(cells, inside, &ProbeLook { view, demo: &spec.demo, at, idle }, theme);
        return Beside::default();
    }
    if idle {
        command(cells, area, spec, theme);
        return Beside::default();
    }
    let screen = if look.centered { middle(inside, look.pane) } else { inside };
    let cursor = look.pane.paint(screen, cells).filter(|_| look.focused);
    Beside { cursor, links: look.pane.links(screen) }
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

/// Title and status above, notice and hint below. The status is never cut for the title's sake: it says whether
/// this is a recording.
fn edges(cells: &mut Buffer, area: Rect, title: &str, look: &PaneLook<'_>, theme: &Theme) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let text = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let status = theme.style(look.tone).add_modifier(Modifier::BOLD);
    let title = if look.marked { format!("▸ {title}") } else { title.to_owned() };
    pair(cells, area, area.top(), (&title, text), (&look.status, status));
    let notice = look.notice.as_deref().unwrap_or_default();
    let hint = theme.style(if look.focused || look.marked { Role::Accent } else { Role::Muted });
    // What happened is said whole, unless that hid the way out.
    let room = usize::from(area.width).saturating_sub(columns(notice) + 7);
    let shown = whole_parts(&look.hint, usize::from(area.width).saturating_sub(6), look.focused);
    let shown = if look.focused || notice.is_empty() || columns(shown) <= room { shown } else { "" };
    pair(cells, area, area.bottom() - 1, (notice, theme.style(Role::Warn)), (shown, hint));
}

/// As many of the parts of `hint` as there is room for: the first ones, or the `last` ones, which say the way out.
fn whole_parts(hint: &str, width: usize, last: bool) -> &str {
    let mut shown = hint;
    while columns(shown) > width {
        let fewer = if last {
            shown.split_once(" · ").map(|(_, rest)| rest)
        } else {
            shown.rsplit_once(" · ").map(|(rest, _)| rest)
        };
        let Some(fewer) = fewer else { break };
        shown = fewer;
    }
    shown
}

/// A text at each end of an edge; the right one goes first.
fn pair(cells: &mut Buffer, area: Rect, y: u16, left: (&str, Style), right: (&str, Style)) {
    let room = usize::from(area.width).saturating_sub(4);
    let mut rest = room;
    if !right.0.is_empty() {
        let shown = format!(" {} ", cut(right.0, room.saturating_sub(2)));
        let width = columns(&shown).min(room);
        let x = area.right() - 2 - u16::try_from(width).unwrap_or(0);
        cells.set_stringn(x, y, shown, width, right.1);
        rest = room.saturating_sub(width + 1);
    }
    if !left.0.is_empty() && rest > 4 {
        let shown = cut(left.0, rest - 2);
        cells.set_stringn(area.x + 2, y, format!(" {shown} "), rest, left.1);
    }
}

/// `text`, with an ellipsis when it is wider than `width`.
fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if columns(&out) >= width {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

/// What a pane that has not run yet would run.
fn command(cells: &mut Buffer, area: Rect, spec: &PaneSpec, theme: &Theme) {
    let what = match &spec.demo.scenario {
        Some(scenario) => format!("bench  {scenario}"),
        None if spec.demo.command.is_empty() => "this demo is still to come".to_owned(),
        None => format!("$ {}", spec.demo.command.join(" ")),
    };
    let mut what = what.replace(char::is_control, " ");
    let y = area.y + area.height / 2;
    let width = usize::from(area.width.saturating_sub(4));
    if columns(&what) > width && !spec.demo.command.is_empty() {
        // Half a script tells nothing; the whole of it is in the question that comes first.
        let program = spec.demo.command.first().map_or("", |program| program);
        what = format!("$ {program} …").replace(char::is_control, " ");
    }
    let x = area.x + 2 + u16::try_from(width.saturating_sub(columns(&what)) / 2).unwrap_or(0);
    if y + 1 < area.bottom() {
        cells.set_stringn(x, y, what, width, theme.style(Role::Muted));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_cut_at_its_parts_and_keeps_the_way_out() {
        let hint = "keys go here · Esc Esc leaves";
        assert_eq!(whole_parts(hint, 40, true), hint);
        assert_eq!(whole_parts(hint, 28, true), "Esc Esc leaves");
        assert_eq!(whole_parts(hint, 28, false), "keys go here");
        assert_eq!(whole_parts(hint, 3, true), "Esc Esc leaves", "the last part is left to be cut");
        assert_eq!(whole_parts("", 0, true), "");
    }
}
