//! Formulas: from LaTeX to a drawing, or to a line of text.

mod boxes;
mod fonts;
mod line;
mod set;
mod tree;

use std::fmt::Write as _;

use greenroom_deck::Rgb;

use boxes::Shape;
use fonts::Fonts;

/// Bytes of the longest formula.
const MAX_SOURCE: usize = 16 * 1024;
/// Groups within groups, before the parser sees them.
const MAX_NESTING: usize = 60;
/// Commands in a row.
const MAX_RUN: usize = 60;
/// Pixels of the letters' size: a little larger than text, whose rows are taken for 20.
const SIZE: f32 = 36.0;
/// Pixels around a formula.
const MARGIN: f32 = 6.0;

/// What is wrong with a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaError {
    /// In words.
    pub message: String,
    /// The byte of the source that it is about.
    pub at: usize,
}

impl FormulaError {
    fn new(message: impl Into<String>, at: usize) -> Self {
        Self { message: message.into(), at }
    }
}

/// Draws `source`, a formula in LaTeX's notation, in this colour: an SVG without text, on nothing.
///
/// # Errors
/// If it is none that can be read, with the parser's words.
pub fn svg(source: &str, color: Rgb) -> Result<String, FormulaError> {
    let tree = read(source)?;
    let mut fonts = Fonts::default();
    let set = set::formula(&tree, &mut fonts);
    let (width, height) = (set.width * SIZE + 2.0 * MARGIN, (set.height + set.depth) * SIZE + 2.0 * MARGIN);
    let base = set.height * SIZE + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.2} {height:.2}\">"
    );
    // Neighbours of one colour are one path.
    for marks in set.marks.chunk_by(|one, other| one.color == other.color) {
        let color = crate::palette::hex(marks.first().and_then(|mark| mark.color).unwrap_or(color));
        let _ = write!(out, "<path fill=\"{color}\" d=\"");
        for mark in marks {
            let (x, y) = (MARGIN + mark.x * SIZE, base + mark.y * SIZE);
            match &mark.shape {
                Shape::Glyph { glyph, across, down } => {
                    fonts.outline(glyph, (x, y), (across * SIZE, down * SIZE), &mut out);
                }
                Shape::Bar { width, height } => {
                    let (width, height) = (width * SIZE, height * SIZE);
                    let _ = write!(out, "M{x:.2} {y:.2}h{width:.2}v{height:.2}h-{width:.2}z");
                }
                Shape::Slash { width, height } => {
                    let (width, height) = (width * SIZE, height * SIZE);
                    let _ = write!(out, "M{x:.2} {y:.2}l{width:.2} -{height:.2}h2l-{width:.2} {height:.2}z");
                }
            }
        }
        out.push_str("\"/>");
    }
    out.push_str("</svg>");
    Ok(out)
}

/// How many pixels across and down [`svg`] would draw.
///
/// # Errors
/// As there.
pub fn size(source: &str) -> Result<(u32, u32), FormulaError> {
    let set = set::formula(&read(source)?, &mut Fonts::default());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped before
    let pixels = |length: f32| (length * SIZE + 2.0 * MARGIN).round().clamp(1.0, 60_000.0) as u32;
    Ok((pixels(set.width), pixels(set.total())))
}

/// `source` as a line of text, `x² + α`; none for what has no such form, as a matrix.
///
/// # Errors
/// If it is no formula that can be read, with the parser's words.
pub fn line(source: &str) -> Result<Option<String>, FormulaError> {
    Ok(line::of(&read(source)?))
}

/// `source` as text that stands for its drawing: as [`line()`], with the rows of a matrix behind each other, and formulas of
/// several lines on lines.
#[must_use]
pub fn text(source: &str) -> Option<String> {
    line::with_grids(&read(source).ok()?)
}

fn read(source: &str) -> Result<tree::Node, FormulaError> {
    if source.len() > MAX_SOURCE {
        return Err(FormulaError::new(format!("the formula is longer than {} kB", MAX_SOURCE / 1024), 0));
    }
    let (deep, run) = nesting(source);
    if deep > MAX_NESTING || run > MAX_RUN {
        return Err(FormulaError::new(format!("the formula is nested more than {MAX_NESTING} deep"), 0));
    }
    if source.trim().is_empty() {
        return Err(FormulaError::new("the formula is empty", 0));
    }
    match tree::read(source) {
        // Several lines without an environment: as many write them between `$$`.
        Err(error) if source.contains("\\\\") && !source.contains("\\begin") => {
            let (environment, lines) =
                if source.contains('&') { ("aligned", source) } else { ("gathered", source) };
            let wrapped = format!("\\begin{{{environment}}}{lines}\\end{{{environment}}}");
            tree::read(&wrapped).map_err(|_| error)
        }
        read => read,
    }
}

/// How deep groups nest in `source`, and how many commands stand in a row, each of which may be the other's argument: what
/// the parser's stack grows with.
fn nesting(source: &str) -> (usize, usize) {
    let (mut deep, mut deepest, mut run, mut longest) = (0_usize, 0, 0_usize, 0);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        let mut opens = c == '{';
        let mut closes = c == '}';
        if c == '\\' {
            let name = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let (command, after) = rest.split_at(name);
            opens |= matches!(command, "left" | "begin");
            closes |= matches!(command, "right" | "end");
            rest = if command.is_empty() { rest.get(1..).unwrap_or_default() } else { after };
            run += 1;
        } else if !matches!(c, '^' | '_' | '{' | '[' | ']') && !c.is_whitespace() {
            run = 0;
        }
        deep = if closes { deep.saturating_sub(1) } else { deep + usize::from(opens) };
        (deepest, longest) = (deepest.max(deep), longest.max(run));
    }
    (deepest, longest)
}

/// The parser's words, which come with a drawing of where it was, as one line and a place.
fn explain(source: &str, told: &str) -> FormulaError {
    let first = told.lines().next().unwrap_or_default();
    let first = first.trim_start_matches("parsing error: ").replace("primitive command", "command");
    let shown = told.lines().filter_map(|line| Some(line.strip_prefix('│')?.trim()));
    let shown: Vec<&str> = shown.filter(|text| !text.is_empty() && !text.starts_with('^')).collect();
    // Of several lines, the last one is where it was.
    let Some(near) = shown.last() else { return FormulaError::new(first, 0) };
    let text = near.trim_matches('…').trim();
    // It shows so many bytes before the place.
    let before = if near.starts_with('…') { 12 } else { 0 };
    let found = source.find(text).map_or(0, |at| at + before.min(text.len()));
    let at = (0..=found).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    FormulaError::new(format!("{first}, near {near}"), at)
}

#[cfg(test)]
mod tests;
