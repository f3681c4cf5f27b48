//! Cells as HTML: lines of text in spans whose classes say how they look.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::cells::{CellStyle, Run, row};
use super::palette::LEAST;
use greenroom_base::plain::is_noncharacter;
use greenroom_deck::Theme;
use greenroom_frame::{PlacedLink, Underline};

/// The looks that were used, each with a class: its number.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    known: HashMap<CellStyle, usize>,
    /// The looks of words, by what they are on the stage.
    legible: HashMap<CellStyle, CellStyle>,
    /// By their numbers, from the last [`Looks::forget_used`] on.
    used: BTreeMap<usize, CellStyle>,
    next: usize,
}

impl Looks {
    /// Most looks that are kept at a time. Numbers go on when they are forgotten, so that none ever means something else.
    const MOST: usize = 20_000;

    fn class(&mut self, look: CellStyle) -> usize {
        if self.known.len() >= Self::MOST {
            self.known.clear();
        }
        let next = &mut self.next;
        let class = *self.known.entry(look).or_insert_with(|| {
            *next += 1;
            *next - 1
        });
        self.used.insert(class, look);
        class
    }

    /// The look of a run; words are so far from their ground that they can be read on any screen, and not on the stage's alone.
    fn legible(&mut self, run: &Run) -> CellStyle {
        let words = run.symbols.iter().any(|(symbol, _)| symbol.chars().any(char::is_alphanumeric));
        if !words {
            return run.look;
        }
        if self.legible.len() >= Self::MOST {
            self.legible.clear();
        }
        *self.legible.entry(run.look).or_insert_with(|| {
            let CellStyle { foreground, background, .. } = run.look;
            CellStyle { foreground: foreground.readable(&[background], LEAST, foreground), ..run.look }
        })
    }

    /// Begins anew to note which are used.
    pub(crate) fn forget_used(&mut self) {
        self.used.clear();
    }

    /// The classes that were used, and the declarations of CSS that each stands for.
    pub(crate) fn rules<'a>(&'a self, theme: &'a Theme) -> impl Iterator<Item = (usize, String)> + 'a {
        self.used.iter().map(|(class, look)| (*class, declarations(look, theme)))
    }

    /// The rows of `area`.
    pub(crate) fn lines(
        &mut self,
        cells: &Buffer,
        links: &[PlacedLink],
        area: Rect,
        theme: &Theme,
    ) -> Vec<String> {
        let rows = area.top()..area.bottom();
        rows.map(|y| self.line(&row(cells, links, area, y, theme), theme)).collect()
    }

    fn line(&mut self, runs: &[Run], theme: &Theme) -> String {
        let mut out = String::new();
        for run in runs {
            let text = symbols(run);
            if let Some(address) = &run.link {
                // In a page of its own, so that the talk stays where it is.
                let _ = write!(out, "<a href=\"{}\" target=\"_blank\" rel=\"noopener\">", escape(address));
            }
            let look = self.legible(run);
            if is_plain(&look, theme) {
                out.push_str(&text);
            } else {
                let class = self.class(look);
                let _ = write!(out, "<span class=a{class}>{text}</span>");
            }
            if run.link.is_some() {
                out.push_str("</a>");
            }
        }
        // Lines and block letters are for the eye; what they say is in the heading.
        let drawn = runs.iter().all(|run| run.link.is_none())
            && runs.iter().flat_map(|run| &run.symbols).all(|(symbol, _)| symbol.chars().all(is_drawn));
        if drawn && !out.is_empty() { format!("<span aria-hidden=true>{out}</span>") } else { out }
    }
}

fn is_plain(look: &CellStyle, theme: &Theme) -> bool {
    look.foreground == theme.text
        && look.background == theme.background
        && !(look.bold || look.italic || look.underline.is_some() || look.strike)
}

/// What is in a run's cells, each that a browser may draw in another width within its own.
fn symbols(run: &Run) -> String {
    let mut text = String::new();
    for (symbol, width) in &run.symbols {
        match (width, symbol.chars().all(is_steady)) {
            (1, true) => escape_into(symbol, &mut text),
            (1, false) => {
                let _ = write!(text, "<i>{}</i>", escape(symbol));
            }
            _ => {
                let _ = write!(text, "<i class=w>{}</i>", escape(symbol));
            }
        }
    }
    text
}

fn declarations(look: &CellStyle, theme: &Theme) -> String {
    let mut out = String::new();
    let mut say = |name: &str, value: &str| {
        let _ = write!(out, "{name}:{value};");
    };
    if look.foreground != theme.text {
        say("color", &format!("{:?}", look.foreground));
    }
    if look.background != theme.background {
        say("background", &format!("{:?}", look.background));
    }
    if look.bold {
        say("font-weight", "bold");
    }
    if look.italic {
        say("font-style", "italic");
    }
    match (look.underline, look.strike) {
        (Some(_), true) => say("text-decoration", "underline line-through"),
        (Some(line), false) => say("text-decoration", &decoration(line, look)),
        (None, true) => say("text-decoration", "line-through"),
        (None, false) => {}
    }
    out
}

/// A line under letters; beside one through them it has no kind, which would be that of both.
fn decoration(line: Underline, look: &CellStyle) -> String {
    let kind = match line {
        Underline::Single => "",
        Underline::Double => " double",
        Underline::Curly => " wavy",
        Underline::Dotted => " dotted",
        Underline::Dashed => " dashed",
    };
    let color = look.line.map(|color| format!(" {color:?}")).unwrap_or_default();
    format!("underline{kind}{color}")
}

/// Whether the embedded font surely has it, one column wide.
fn is_steady(c: char) -> bool {
    matches!(c, ' '..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{2500}'..='\u{259f}')
}

/// Box drawing, blocks and blanks.
fn is_drawn(c: char) -> bool {
    matches!(c, ' ' | '\u{2500}'..='\u{259f}')
}

/// `text` as text of HTML or XML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape_into(text, &mut out);
    out
}

pub(crate) fn escape_into(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || is_noncharacter(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
