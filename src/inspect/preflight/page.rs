//! The page: a line for each finding, with a sign as well as a colour.

use std::io;

use super::{Finding, Light, Line};
use crate::inspect::report::wrap;
use greenroom_base::counted::counted;
use greenroom_base::run::Size;
use greenroom_system::say::Voice;

/// What is printed.
pub(super) struct Page<'a> {
    /// The talk's.
    pub title: &'a str,
    /// What slides were compared with.
    pub size: Size,
    pub lines: &'a [Line],
}

/// A page is not wider: what to do should be read at a glance.
const WIDEST: usize = 100;

impl Light {
    /// So that neither the colour nor the sign's shape is needed.
    const fn sign(self) -> &'static str {
        match self {
            Self::Green => "✓",
            Self::Amber => "!",
            Self::Red => "✗",
        }
    }

    /// The parameters of the terminal's command for it.
    const fn color(self) -> &'static str {
        match self {
            Self::Green => "32",
            Self::Amber => "33",
            Self::Red => "1;31",
        }
    }
}

impl Page<'_> {
    /// The worst of its findings.
    pub(super) fn light(&self) -> Light {
        self.findings().map(|finding| finding.light).max().unwrap_or(Light::Green)
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.lines.iter().flat_map(|line| &line.findings)
    }

    /// Prints it: in colours on a terminal, unless `NO_COLOR` is set.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub(super) fn print(&self, out: Voice) -> io::Result<()> {
        let colored = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        // The width is that of the moment, not of when the first slide was looked at.
        let columns = super::screen::size().map_or(80, |size| usize::from(size.columns));
        for line in self.text(columns) {
            let pieces: Vec<(String, String)> = line
                .into_iter()
                .map(|(color, text)| (if colored { color.to_owned() } else { String::new() }, text))
                .collect();
            out.tinted(&pieces)?;
        }
        Ok(())
    }

    /// Its lines, each in pieces with their colours, for `columns` columns.
    fn text(&self, columns: usize) -> Vec<Vec<(&'static str, String)>> {
        let columns = columns.clamp(40, WIDEST);
        let names = self.lines.iter().map(|line| line.check.name.chars().count()).max().unwrap_or(0);
        let Size { columns: wide, rows } = self.size;
        let mut text = Vec::new();
        for part in wrap(&format!("{}, at {wide}x{rows}", self.title), columns) {
            text.push(vec![("1", part)]);
        }
        let mut group = "";
        for line in self.lines.iter().filter(|line| !line.findings.is_empty()) {
            if line.check.group != group {
                group = line.check.group;
                text.push(Vec::new());
                text.push(vec![("", group.to_owned())]);
            }
            let mut name = line.check.name;
            for finding in &line.findings {
                say(&mut text, finding, (name, names), columns);
                name = "";
            }
        }
        text.push(Vec::new());
        text.push(vec![(self.light().color(), format!("{} {}", self.light().sign(), self.sum()))]);
        text
    }

    /// The last line: what all of it comes to.
    fn sum(&self) -> String {
        let count = |light| self.findings().filter(|finding| finding.light == light).count();
        let (red, amber) = (count(Light::Red), count(Light::Amber));
        match (red, amber) {
            (0, 0) => "all green".to_owned(),
            (0, amber) => format!("nothing is red; {} to know of", counted(amber, "thing")),
            (red, 0) => format!("{} will not work", counted(red, "thing")),
            (red, amber) => {
                format!("{} will not work, and {} to know of", counted(red, "thing"), counted(amber, "thing"))
            }
        }
    }
}

/// The lines of one finding; the first has the row's name.
fn say(
    text: &mut Vec<Vec<(&'static str, String)>>,
    finding: &Finding,
    (name, names): (&'static str, usize),
    columns: usize,
) {
    let Finding { light, what, fix } = finding;
    let indent = names + 6;
    let room = columns.saturating_sub(indent).max(20);
    let mut head = vec![
        ("", "  ".to_owned()),
        (light.color(), light.sign().to_owned()),
        ("", format!(" {name:<names$}  ")),
    ];
    for part in what.lines().flat_map(|line| wrap(line, room)) {
        head.push(("", part));
        text.push(std::mem::replace(&mut head, vec![("", " ".repeat(indent))]));
    }
    let mut arrow = "→ ";
    for part in wrap(fix, room - 2) {
        text.push(vec![("", format!("{:indent$}{arrow}{part}", ""))]);
        arrow = "  ";
    }
}
