//! The stage on another terminal, by what its pages are told: HTML of rows, and looks by their classes, back to cells.
//!
//! What comes is a stranger's: it is bounded, and every character goes through a cell.

use std::collections::HashMap;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use greenroom_base::run::Size;
use greenroom_frame::Frame;

/// Columns and rows of a stage that are shown, at most.
const MOST: u16 = 600;
/// What a column is wide, in parts of the letters' size.
const COLUMN: f32 = 0.6;

/// What a page of the stage shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    state: Option<State>,
    /// Why it does not go on, if it does not.
    lost: Option<String>,
}

/// The event `slide`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct State {
    v: u64,
    blank: bool,
    columns: u16,
    rows: u16,
    lines: Vec<String>,
    layers: String,
    panes: Vec<Pane>,
    looks: HashMap<String, String>,
    theme: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Pane {
    n: usize,
    area: [u16; 4],
    lines: Vec<String>,
}

/// The event `lines`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct News {
    v: u64,
    from: u64,
    lines: HashMap<String, String>,
    panes: Vec<PaneNews>,
    looks: HashMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PaneNews {
    n: usize,
    lines: HashMap<String, String>,
}

/// What is to be done after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Nothing but to draw.
    Taken,
    /// It goes on from a state that is not known here: ask anew.
    Astray,
}

impl Page {
    /// Takes in an event of this name.
    pub fn take(&mut self, name: &str, data: &str) -> Heard {
        self.lost = None;
        match name {
            "slide" => match serde_json::from_str::<State>(data) {
                Ok(state) => self.state = Some(state),
                Err(_) => return Heard::Astray,
            },
            "lines" => {
                let news: News = serde_json::from_str(data).unwrap_or_default();
                let Some(state) = self.state.as_mut().filter(|state| state.v == news.from && news.v != 0)
                else {
                    return Heard::Astray;
                };
                state.renew(news);
            }
            _ => {}
        }
        Heard::Taken
    }

    /// The stage cannot be reached: why.
    pub fn lost(&mut self, why: String) {
        self.lost = Some(why);
    }

    /// It on a screen of this size: in the middle, or as much as there is room for.
    #[must_use]
    pub fn frame(&self, size: Size) -> Frame {
        let mut frame = Frame::new(size.columns, size.rows);
        let area = frame.area();
        match &self.state {
            Some(state) if !state.blank => state.draw(&mut frame.cells),
            Some(_) => frame.cells.set_style(area, Style::new().bg(Color::Rgb(0, 0, 0))),
            None => {}
        }
        let waits = self.state.is_none().then(|| "Waiting for the stage …".to_owned());
        if let Some(text) = self.lost.clone().or(waits) {
            let row = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }.intersection(area);
            let style = Style::new().add_modifier(Modifier::REVERSED);
            frame.cells.set_style(row, style);
            if !row.is_empty() {
                frame.cells.set_stringn(row.x, row.y, format!(" {text}"), usize::from(row.width), style);
            }
        }
        frame
    }
}

impl State {
    fn renew(&mut self, news: News) {
        self.v = news.v;
        self.looks.extend(news.looks);
        replace(&mut self.lines, news.lines);
        for PaneNews { n, lines } in news.panes {
            self.panes
                .iter_mut()
                .filter(|pane| pane.n == n)
                .for_each(|pane| replace(&mut pane.lines, lines.clone()));
        }
    }

    fn draw(&self, cells: &mut Buffer) {
        let (columns, rows) = (self.columns.min(MOST), self.rows.min(MOST));
        let paper = self.variable("--paper").map_or(Style::new(), |color| Style::new().bg(color));
        let ink = self.variable("--ink").map_or(paper, |color| paper.fg(color));
        let mut blank = Cell::EMPTY;
        blank.set_style(ink);
        let mut stage = Buffer::filled(Rect::new(0, 0, columns, rows), blank);
        for (y, line) in (0..rows).zip(&self.lines) {
            self.line(&mut stage, (0, y), columns, line, ink);
        }
        for pane in &self.panes {
            let [x, y, width, height] = pane.area;
            let end = y.saturating_add(height).min(rows);
            for (row, line) in (y..end).zip(&pane.lines) {
                self.line(&mut stage, (x, row), x.saturating_add(width).min(columns), line, ink);
            }
        }
        self.layers(&mut stage, ink);
        cells.set_style(cells.area, ink);
        let offset = |room: u16, of: u16| room.saturating_sub(of) / 2;
        let (left, top) = (offset(cells.area.width, columns), offset(cells.area.height, rows));
        for position in stage.area.positions() {
            if let Some(cell) = cells.cell_mut((position.x + left, position.y + top)) {
                cell.clone_from(&stage[position]);
            }
        }
    }

    /// The colour that the theme has by this name.
    fn variable(&self, name: &str) -> Option<Color> {
        let rule = self.theme.iter().find(|rule| rule.starts_with(":root"))?;
        let (_, rest) = rule.split_once(&format!("{name}:"))?;
        color(rest.split([';', '}']).next()?)
    }

    /// A row's HTML as cells, from a place to a column.
    fn line(&self, cells: &mut Buffer, (x, y): (u16, u16), end: u16, html: &str, base: Style) {
        let (mut x, mut looks) = (x, vec![base]);
        for piece in pieces(html) {
            let style = looks.last().copied().unwrap_or(base);
            match piece {
                Piece::Open(tag) => looks.push(self.look(tag, style)),
                Piece::Close => drop(looks.pop()),
                Piece::Text(text) => {
                    let room = usize::from(end.saturating_sub(x));
                    x = cells.set_stringn(x, y, text, room, style).0;
                }
            }
        }
    }

    /// How what is inside of a tag looks.
    fn look(&self, tag: &str, around: Style) -> Style {
        let class = attribute(tag, "class").and_then(|class| class.strip_prefix('a'));
        let Some(css) = class.and_then(|class| self.looks.get(class)) else { return around };
        declared(css, around)
    }

    /// Large letters and pictures, in words.
    fn layers(&self, cells: &mut Buffer, base: Style) {
        let mut open: Option<(u16, u16)> = None;
        let mut style = base;
        for piece in pieces(&self.layers) {
            match piece {
                Piece::Open(tag) => {
                    let css = attribute(tag, "data-css").unwrap_or_default();
                    if tag.starts_with("div") {
                        open = place(css);
                    } else if tag.starts_with("img") {
                        picture(cells, css, &unescaped(attribute(tag, "alt").unwrap_or_default()), base);
                    } else {
                        style = declared(css, base).add_modifier(Modifier::BOLD);
                    }
                }
                Piece::Text(text) => {
                    if let Some((x, y)) = open.as_mut().filter(|(x, y)| cells.cell((*x, *y)).is_some()) {
                        let room = usize::from(cells.area.width.saturating_sub(*x));
                        *x = cells.set_stringn(*x, *y, text, room, style).0;
                    }
                }
                Piece::Close => {}
            }
        }
    }
}

fn replace(lines: &mut [String], news: HashMap<String, String>) {
    for (row, line) in news {
        if let Some(old) = row.parse::<usize>().ok().and_then(|row| lines.get_mut(row)) {
            *old = line;
        }
    }
}

/// A part of HTML.
enum Piece<'a> {
    /// What stands in a tag.
    Open(&'a str),
    Close,
    Text(String),
}

/// The parts of HTML as pages are sent it.
fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inside) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return Some(Piece::Text(unescaped(text)));
        };
        let (tag, after) = inside.split_once('>').unwrap_or((inside, ""));
        rest = after;
        Some(if tag.starts_with('/') { Piece::Close } else { Piece::Open(tag) })
    })
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The value of an attribute, with or without quotation marks.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}="))?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split([' ', '>']).next(),
    }
}

fn declared(css: &str, around: Style) -> Style {
    css.split(';').filter_map(|rule| rule.split_once(':')).fold(around, |style, (name, value)| {
        match name.trim() {
            "color" => color(value).map_or(style, |color| style.fg(color)),
            "background" => color(value).map_or(style, |color| style.bg(color)),
            "font-weight" => style.add_modifier(Modifier::BOLD),
            "font-style" => style.add_modifier(Modifier::ITALIC),
            "text-decoration" => {
                let line = |word, modifier| if value.contains(word) { modifier } else { Modifier::empty() };
                style.add_modifier(
                    line("underline", Modifier::UNDERLINED) | line("line-through", Modifier::CROSSED_OUT),
                )
            }
            _ => style,
        }
    })
}

/// `#rrggbb`
fn color(text: &str) -> Option<Color> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let [_, r, g, b] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color::Rgb(r, g, b))
}

/// The number of a declaration such as `left:7ch`.
fn number(css: &str, name: &str) -> Option<f32> {
    let value = css.split(';').find_map(|rule| rule.trim().strip_prefix(name)?.strip_prefix(':'))?;
    let value = value.trim_start_matches("calc(");
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    value.get(..end)?.parse().ok()
}

/// Where large letters stand, as the row in their middle.
fn place(css: &str) -> Option<(u16, u16)> {
    let size = number(css, "font-size")?;
    let (left, top) = (number(css, "left")? * size / COLUMN, number(css, "top")? + size / 2.0);
    Some((cell(left)?, cell(top)?))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it is in bounds
fn cell(value: f32) -> Option<u16> {
    (0.0..f32::from(MOST)).contains(&value).then_some(value as u16)
}

/// A picture's words in its middle.
fn picture(cells: &mut Buffer, css: &str, alt: &str, base: Style) {
    let at = |name| number(css, name).and_then(cell);
    let (Some(x), Some(y), Some(width), Some(height)) = (at("left"), at("top"), at("width"), at("height"))
    else {
        return;
    };
    let words = if alt.is_empty() { "[picture]".to_owned() } else { format!("[{alt}]") };
    let row = y.saturating_add(height / 2);
    if cells.cell((x, row)).is_some() {
        let room = usize::from(
            width.max(cells.area.width.saturating_sub(x).min(words.len().try_into().unwrap_or(width))),
        );
        cells.set_stringn(x, row, words, room, base.add_modifier(Modifier::ITALIC));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLIDE: &str = r#"{"v":3,"blank":false,"columns":12,"rows":4,"lines":["","<span class=a1>&lt;b&gt;</span> <a href=\"x\">a</a>","",""],
        "layers":"<div class=\"letters\" data-css=\"left:0.600em;top:calc(0*var(--line));font-size:2.000em\"><span data-css=\"color:#010203\">Big</span></div>",
        "panes":[{"n":0,"area":[2,2,6,2],"lines":["one","two"]}],"looks":{"1":"color:#ff0000;font-weight:bold;"},
        "theme":[":root{--paper:#000001;--ink:#eeeeee;}"]}"#;

    fn rows(page: &Page, columns: u16, rows: u16) -> Vec<String> {
        let frame = page.frame(Size { columns, rows });
        (0..rows)
            .map(|y| {
                (0..columns)
                    .map(|x| frame.cells[(x, y)].symbol().to_owned())
                    .collect::<String>()
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn a_page_is_the_stage_in_cells() {
        let mut page = Page::default();
        assert_eq!(rows(&page, 30, 1), [" Waiting for the stage …"]);
        assert_eq!(page.take("slide", SLIDE), Heard::Taken);
        let shown = rows(&page, 12, 4);
        assert_eq!((&*shown[2], &*shown[3]), ("  one", "  two"));
        assert!(shown[1].contains("Big"), "{shown:?}");
        let frame = page.frame(Size { columns: 12, rows: 4 });
        assert_eq!(frame.cells[(0, 1)].fg, Color::Rgb(255, 0, 0));
        assert_eq!(frame.cells[(11, 3)].bg, Color::Rgb(0, 0, 1));
        let news = r#"{"v":4,"from":3,"lines":{"0":"new"},"panes":[{"n":0,"lines":{"1":"TWO"}}],"looks":{}}"#;
        assert_eq!(page.take("lines", news), Heard::Taken);
        assert_eq!((&*rows(&page, 12, 4)[0], &*rows(&page, 12, 4)[3]), ("new", "  TWO"));
        assert_eq!(page.take("lines", news), Heard::Astray, "of another state");
        page.take("slide", r#"{"v":5,"blank":true}"#);
        assert_eq!(rows(&page, 12, 2), ["", ""]);
    }

    #[test]
    fn rubbish_draws_nothing_outside_and_no_control() {
        for rubbish in [
            "",
            "{}",
            r#"{"v":1,"columns":65535,"rows":65535,"lines":["\u001b[2J<span class=a","<"],"panes":[{"area":[65535,65535,9,9],"lines":["x"]}],
               "layers":"<img data-css=\"left:9e9ch;top:-1\"><div data-css=\"left:nanem\">x"}"#,
        ] {
            let mut page = Page::default();
            let _ = page.take("slide", rubbish);
            let frame = page.frame(Size { columns: 20, rows: 5 });
            assert!(frame.cells.content.iter().all(|cell| !cell.symbol().contains('\u{1b}')), "{rubbish}");
        }
    }
}
