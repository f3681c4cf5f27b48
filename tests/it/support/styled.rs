//! A frame as text that shows its colours too, for snapshots.

use std::fmt::Write;

use greenroom_deck::Fnv;
use greenroom_frame::Frame;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The text of `frame`; below it a map of its styles, a letter a cell and a blank for the most common style; below that
/// what the letters mean.
pub(crate) fn styled(frame: &Frame) -> String {
    let styles = Styles::of(frame);
    let mut out = format!("{}\n", frame.text().trim_end());
    let width = usize::from(frame.area().width);
    let map: Vec<String> = frame
        .cells
        .content
        .chunks(width)
        .map(|row| row.iter().map(|cell| styles.letter(cell)).collect::<String>().trim_end().to_owned())
        .collect();
    let last = map.iter().rposition(|row| !row.is_empty()).map_or(0, |row| row + 1);
    writeln!(out, "┄┄┄ styles ┄┄┄\n{}\n{}", map[..last].join("\n"), styles.legend()).unwrap();
    out
}

/// The styles of `frame` and a hash of what each cell has: one line.
pub(crate) fn fingerprint(frame: &Frame) -> String {
    let mut cells = String::new();
    for cell in &frame.cells.content {
        writeln!(cells, "{} {}", cell.symbol(), style(cell)).unwrap();
    }
    format!("{}  {}", Fnv::of(&cells), Styles::of(frame).legend().replace('\n', "  "))
}

/// The styles of a frame: the most common one, then the others as they come.
struct Styles(Vec<String>);

impl Styles {
    fn of(frame: &Frame) -> Self {
        let mut found: Vec<(String, usize)> = Vec::new();
        for cell in &frame.cells.content {
            let style = style(cell);
            match found.iter_mut().find(|(known, _)| *known == style) {
                Some((_, count)) => *count += 1,
                None => found.push((style, 1)),
            }
        }
        let most = (0..found.len()).max_by_key(|index| found[*index].1).unwrap_or_default();
        let (common, _) = found.remove(most);
        Self(std::iter::once(common).chain(found.into_iter().map(|(style, _)| style)).collect())
    }

    fn letter(&self, cell: &Cell) -> char {
        let style = style(cell);
        let index = self.0.iter().position(|known| *known == style).unwrap_or_default();
        " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().nth(index).unwrap_or('?')
    }

    fn legend(&self) -> String {
        let letters =
            "·abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().chain(std::iter::repeat('?'));
        let lines: Vec<String> =
            letters.zip(&self.0).map(|(letter, style)| format!("{letter} {style}")).collect();
        lines.join("\n")
    }
}

/// `#e0e0e0 on #101010 bold`
fn style(cell: &Cell) -> String {
    let mut style = format!("{} on {}", color(cell.fg), color(cell.bg));
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underlined"),
        (Modifier::REVERSED, "reversed"),
        (Modifier::CROSSED_OUT, "struck"),
    ] {
        if cell.modifier.contains(modifier) {
            write!(style, " {word}").unwrap();
        }
    }
    style
}

fn color(color: Color) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Reset => "default".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}
