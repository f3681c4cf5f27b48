//! A probe in its pane: its columns side by side, the first anomaly in words, and the verdict for the back row.
//!
//! Nothing rests on colour alone: every finding has a mark and a word.

mod columns;
mod stacked;
#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::bench::look::{bold, cut, mark, muted, put, put_center};
use crate::columns as width_of;
use crate::silent;
use greenroom_base::clock::Elapsed;
use greenroom_base::number;
use greenroom_bench::probe::{Column, ColumnState, Finding, Kind, ProbeSummary, Tone, is_python};
use greenroom_deck::{Demo, Role, RuntimeName, Theme};
use greenroom_pane::ProbeView;

/// What a probe's pane is drawn from.
#[derive(Debug, Clone, Copy)]
pub struct ProbeLook<'a> {
    /// The run.
    pub view: &'a ProbeView,
    /// What will run.
    pub demo: &'a Demo,
    /// The probe's own time.
    pub at: Elapsed,
    /// Nothing has run yet.
    pub idle: bool,
}

/// Draws a probe into `area`.
pub fn draw(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) {
    let area = area.intersection(cells.area);
    if area.width < 4 || area.height == 0 {
        return;
    }
    let board = look.view.board();
    if look.idle || (!look.view.has_begun() && !look.view.is_over()) {
        return plan(cells, area, look, theme);
    }
    if board.columns.is_empty() {
        return silent(cells, area, look, theme);
    }
    let count = u16::try_from(board.columns.len()).unwrap_or(u16::MAX);
    if area.height >= 8 && area.width / count >= 18 {
        columns::draw(cells, area, look, theme);
    } else {
        stacked::draw(cells, area, look, theme);
    }
}

/// The role that a finding is drawn in.
const fn role(finding: &Finding) -> Role {
    match finding {
        Finding::Waiting => Role::Muted,
        Finding::Running => Role::Text,
        Finding::Clean => Role::Good,
        Finding::Anomalies | Finding::Crash(_) | Finding::Hang | Finding::Broken(_) => Role::Bad,
    }
}

fn strong(theme: &Theme, role: Role) -> Style {
    theme.style(role).add_modifier(Modifier::BOLD)
}

/// The verdict with its mark, and the role that it is drawn in. While the probe runs: where it stands.
fn verdict(look: &ProbeLook<'_>) -> (String, Role) {
    let board = look.view.board();
    if let Some(doubt) = look.view.doubts().into_iter().next() {
        return (format!("! {doubt}"), Role::Bad);
    }
    let verdict = board.verdict();
    match verdict.tone {
        Tone::Good => (format!("✓ {}", verdict.text), Role::Good),
        Tone::Bad => (format!("✗ {}", verdict.text), Role::Bad),
        Tone::None => (format!("! {}", verdict.text), Role::Warn),
        Tone::Open => (progress(board, look.at).unwrap_or(verdict.text), Role::Accent),
    }
}

/// Which column runs, and for how long.
fn progress(board: &ProbeSummary, at: Elapsed) -> Option<String> {
    let number = board.columns.iter().position(|column| column.state() == ColumnState::Running)?;
    let column = board.columns.get(number)?;
    let (begun, _) = column.begun.as_ref()?;
    let seconds = at.since(*begun).as_secs_f64();
    let of = format!("{} of {}", number + 1, board.columns.len());
    Some(format!("{}: running for {} ({of})", column.name(), number::seconds(seconds)))
}

/// Which interpreter a column runs on, as it says itself, or as it was asked before.
fn runtime(column: &Column) -> String {
    let begun = column.begun.as_ref().map(|(_, begun)| begun);
    let mut parts = Vec::new();
    let version = if column.says.python.is_empty() {
        begun.map(|begun| begun.python.clone()).unwrap_or_default()
    } else {
        column.says.python.clone()
    };
    if !version.is_empty() {
        parts.push(version);
    }
    let short = column.says.switch_interval.filter(|_| column.kind == Kind::GilPlus);
    match column.says.gil.or_else(|| begun?.gil) {
        // The column's name says it.
        Some(true) if short.is_some() => {}
        Some(true) => parts.push("GIL on".to_owned()),
        Some(false) => parts.push("GIL off".to_owned()),
        None => {}
    }
    if let Some(seconds) = short {
        parts.push(format!("switch {} µs", number::plain(seconds * 1e6)));
    }
    parts.join(" · ")
}

/// What the first anomaly was, and in which column.
fn told(board: &ProbeSummary) -> Option<(usize, String)> {
    let column = board.told()?;
    let number = board.columns.iter().position(|other| std::ptr::eq(other, column))?;
    Some((number, column.first.clone()))
}

/// The kinds of column that `demo` will run.
fn kinds(demo: &Demo) -> Vec<Kind> {
    match demo.runtime {
        Some(RuntimeName::FreeThreaded) => vec![Kind::FreeThreaded],
        Some(RuntimeName::Gil) => vec![Kind::Gil],
        None if is_python(&demo.command) => Kind::PYTHON.to_vec(),
        None => vec![Kind::Plain],
    }
}

/// The columns that `demo` will have, each with what it is about.
fn planned(demo: &Demo) -> Vec<(String, String)> {
    let explained = |kind: Kind| match kind {
        Kind::Gil => "with the GIL",
        Kind::GilPlus => "with the GIL, which may change hands every 1 µs",
        Kind::FreeThreaded => "without the GIL",
        Kind::Plain | Kind::Named => "the command as it is",
    };
    let usual = kinds(demo).into_iter().map(|kind| (kind.name().to_owned(), explained(kind).to_owned()));
    let named = demo.runtimes.iter().map(|runtime| {
        let with = runtime.requirements.as_deref().map(|file| format!(" with {file}")).unwrap_or_default();
        (runtime.label.clone(), format!("on Python {}{with}", runtime.python))
    });
    usual.chain(named).collect()
}

/// Before the first record: what will run.
fn plan(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) {
    let kinds = planned(look.demo);
    let rows = u16::try_from(kinds.len()).unwrap_or(u16::MAX);
    let command = format!("$ {}", look.demo.command.join(" "));
    let command = cut(&command.replace(char::is_control, " "), area.width.saturating_sub(2));
    let roomy = area.height >= rows * 2 + 4;
    let step = if roomy { 2 } else { 1 };
    let mut y = area.height.saturating_sub(rows * step + 2) / 2;
    put_center(cells, area, y, &command, muted(theme));
    y += 2;
    let names = kinds.iter().map(|(name, _)| width_of(name)).max().unwrap_or_default();
    let whole = names + 4 + kinds.iter().map(|(_, about)| width_of(about)).max().unwrap_or_default();
    let x = area.width.saturating_sub(u16::try_from(whole).unwrap_or(u16::MAX)) / 2;
    for (n, (name, about)) in kinds.iter().enumerate() {
        if y >= area.height {
            break;
        }
        put(cells, area, x, y, &format!("{} {name}", mark(n)), bold(theme, n));
        let at = x + 4 + u16::try_from(names).unwrap_or(u16::MAX);
        let text = if look.idle { about } else { "waits for its turn" };
        put(cells, area, at, y, &cut(text, area.width.saturating_sub(at + 1)), theme.style(Role::Text));
        y += step;
    }
}

/// A probe that ended without a word that could be understood.
fn silent(cells: &mut Buffer, area: Rect, look: &ProbeLook<'_>, theme: &Theme) {
    let wrong: Vec<(String, Role)> = look.view.doubts().into_iter().map(|doubt| (doubt, Role::Bad)).collect();
    let messages: Vec<&str> = look.view.messages().collect();
    silent::draw(cells, area, "probe", &wrong, Some(&messages), theme);
}
