//! A sheet as a drawing: the cells' backgrounds, their text in its place, and the pictures.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use resvg::tiny_skia::{Pixmap, Transform};

use super::cells::{BASELINE, CELL, LETTERS, Run, row};
use super::html::blank_pictures;
use super::letters::Line;
use super::lines;
use super::looks::escape;
use super::pictures::png;
use super::sheet::Sheet;
use greenroom_deck::Theme;
use greenroom_frame::{PlacedLetters, PlacedPicture};
use greenroom_raster::{Face, unpacked};

/// `sheet` as an SVG. Its text is text, in a font that the drawing names and does not hold.
#[must_use]
pub fn svg(sheet: &Sheet, theme: &Theme) -> String {
    drawing(sheet, theme, false)
}

/// The same; with only what the `embedded` fonts can draw, if nothing else will draw it.
fn drawing(sheet: &Sheet, theme: &Theme, embedded: bool) -> String {
    let area = sheet.frame.area();
    let (width, height) = (f32::from(area.width) * CELL.0, f32::from(area.height) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" font-family=\"DejaVu Sans Mono, DejaVu Sans, Noto Emoji, monospace\" font-size=\"{LETTERS}\">\n\
         <rect x=\"-1\" y=\"-1\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{:?}\"/>\n",
        width + 2.0,
        height + 2.0,
        theme.background
    );
    let cells = blank_pictures(sheet);
    let mut rows: Vec<_> =
        (area.top()..area.bottom()).map(|y| (y, row(&cells, &sheet.frame.links, area, y, theme))).collect();
    if embedded {
        rows.iter_mut().flat_map(|(_, runs)| runs).for_each(Run::keep_drawable);
    }
    for (y, runs) in &rows {
        for run in runs.iter().filter(|run| run.look.background != theme.background) {
            let _ = writeln!(
                out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{:?}\"/>",
                f32::from(run.x) * CELL.0,
                f32::from(*y) * CELL.1,
                f32::from(run.width()) * CELL.0,
                // A little more, so that no line shows between two rows.
                CELL.1 + 0.2,
                run.look.background
            );
        }
    }
    for (y, runs) in &rows {
        // In the order of reading.
        sheet
            .frame
            .letters
            .iter()
            .filter(|placed| placed.area.y == *y)
            .for_each(|placed| large(placed, theme, &mut out));
        for run in runs {
            let Some(address) = &run.link else {
                text(run, *y, &mut out);
                continue;
            };
            let _ = writeln!(out, "<a href=\"{}\" target=\"_blank\" rel=\"noopener\">", escape(address));
            text(run, *y, &mut out);
            out.push_str("</a>\n");
        }
    }
    sheet.frame.pictures.iter().for_each(|placed| image(placed, &mut out));
    out.push_str("</svg>\n");
    out
}

/// A picture in its place.
fn image(placed: &PlacedPicture, out: &mut String) {
    let _ = writeln!(
        out,
        "<image x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
         href=\"data:image/png;base64,{}\"/>",
        f32::from(placed.area.x) * CELL.0,
        f32::from(placed.area.y) * CELL.1,
        f32::from(placed.area.width) * CELL.0,
        f32::from(placed.area.height) * CELL.1,
        STANDARD.encode(png(&placed.picture))
    );
}

/// A line of large letters.
fn large(placed: &PlacedLetters, theme: &Theme, out: &mut String) {
    let line = Line::of(placed, theme);
    let font = if line.is_code {
        "font-family=\"DejaVu Sans Mono, monospace\""
    } else {
        "font-family=\"DejaVu Sans, Verdana, sans-serif\" font-weight=\"bold\""
    };
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" {font} font-size=\"{:.2}\" xml:space=\"preserve\">",
        line.x, line.base, line.size
    );
    for (text, ink) in &line.spans {
        let _ = write!(out, "<tspan fill=\"{ink:?}\">{}</tspan>", escape(text));
    }
    out.push_str("</text>\n");
}

/// A run's letters, and the line under them.
fn text(run: &Run, y: u16, out: &mut String) {
    match sextants(run, y, out) {
        Some(rest) => letters(&rest, y, out),
        None => letters(run, y, out),
    }
    if !lines::is_drawn(&run.look) {
        return;
    }
    let mut path = String::new();
    for shape in lines::under(run, y) {
        for (index, (x, y)) in shape.iter().enumerate() {
            let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
        }
        path.push('Z');
    }
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"{:?}\"/>", lines::color(&run.look));
}

/// The sextants of a run as shapes, since hardly a font has them, and what is left of it; nothing when there are none.
fn sextants(run: &Run, y: u16, out: &mut String) -> Option<Run> {
    let (mut path, mut x, mut rest) = (String::new(), run.x, run.clone());
    for (symbol, width) in &mut rest.symbols {
        if let Some(parts) = symbol.chars().next().and_then(sixths) {
            let (left, top) = (f32::from(x) * CELL.0, f32::from(y) * CELL.1);
            for part in (0..6_u8).filter(|part| parts >> part & 1 == 1) {
                let (across, down) = (CELL.0 / 2.0, CELL.1 / 3.0);
                let (left, top) = (left + f32::from(part % 2) * across, top + f32::from(part / 2) * down);
                let _ = write!(path, "M{left:.2} {top:.2}h{across:.2}v{down:.2}h-{across:.2}z");
            }
            " ".clone_into(symbol);
        }
        x += *width;
    }
    if path.is_empty() {
        return None;
    }
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"{:?}\"/>", run.look.foreground);
    Some(rest)
}

/// Which sixths of its cell a sextant fills, from the left above to the right below, as bits. Unicode leaves out those that are
/// half blocks.
fn sixths(c: char) -> Option<u32> {
    let index = u32::from(c).checked_sub(0x1_fb00).filter(|index| *index < 0x3c)? + 1;
    let halves = [0b01_0101, 0b10_1010];
    Some(halves.into_iter().fold(index, |parts, half| parts + u32::from(parts >= half)))
}

/// A run's letters, each at the place of its cell, whatever font draws them.
fn letters(run: &Run, y: u16, out: &mut String) {
    if run.text().trim().is_empty() && run.look.underline.is_none() && !run.look.strike {
        return;
    }
    let mut x = run.x;
    let mut places = String::new();
    for (symbol, width) in &run.symbols {
        // One place for each character; marks stay on the letter that they belong to.
        for (index, _) in symbol.chars().enumerate() {
            if index == 0 {
                let _ = write!(places, "{:.1} ", f32::from(x) * CELL.0);
            }
        }
        x += width;
    }
    let plain = run.symbols.iter().all(|(symbol, width)| *width == 1 && symbol.chars().count() == 1);
    let places = if plain || run.symbols.iter().all(|(symbol, _)| symbol.chars().count() == 1) {
        places
    } else {
        return pieces(run, y, out);
    };
    element(run, y, places.trim_end(), &run.text(), out);
}

/// Characters of several parts, one element each.
fn pieces(run: &Run, y: u16, out: &mut String) {
    let mut x = run.x;
    for (symbol, width) in &run.symbols {
        if symbol != " " {
            element(run, y, &format!("{:.1}", f32::from(x) * CELL.0), symbol, out);
        }
        x += width;
    }
}

fn element(run: &Run, y: u16, places: &str, text: &str, out: &mut String) {
    let look = &run.look;
    let mut more = String::new();
    if look.bold {
        more.push_str(" font-weight=\"bold\"");
    }
    let base = f32::from(y) * CELL.1 + BASELINE;
    if look.italic {
        // Leaning around the line that the letters stand on: not every font has letters that lean.
        let _ = write!(more, " transform=\"matrix(1 0 -0.2 1 {:.2} 0)\"", 0.2 * base);
    }
    match (look.underline.is_some() && !lines::is_drawn(look), look.strike) {
        (true, true) => more.push_str(" text-decoration=\"underline line-through\""),
        (true, false) => more.push_str(" text-decoration=\"underline\""),
        (false, true) => more.push_str(" text-decoration=\"line-through\""),
        (false, false) => {}
    }
    let _ = writeln!(
        out,
        "<text xml:space=\"preserve\" x=\"{places}\" y=\"{:.1}\" fill=\"{:?}\"{more}>{}</text>",
        base,
        look.foreground,
        escape(text)
    );
}

/// What turns drawings into pixels. Making one reads the fonts, so that it is worth keeping.
pub struct Raster(resvg::usvg::Options<'static>);

impl Default for Raster {
    fn default() -> Self {
        let mut options =
            resvg::usvg::Options { font_family: "DejaVu Sans Mono".to_owned(), ..Default::default() };
        let fonts = options.fontdb_mut();
        for font in Face::ALL.map(unpacked) {
            fonts.load_font_data(font);
        }
        fonts.set_monospace_family("DejaVu Sans Mono");
        Self(options)
    }
}

impl Raster {
    /// `sheet` as a PNG, `scale` pixels to each unit of the drawing; nothing when it would be too large.
    #[must_use]
    pub fn png(&self, sheet: &Sheet, theme: &Theme, scale: f32) -> Option<Vec<u8>> {
        let tree = resvg::usvg::Tree::from_str(&drawing(sheet, theme, true), &self.0).ok()?;
        let size = tree.size().to_int_size().scale_by(scale)?;
        let mut pixels = Pixmap::new(size.width(), size.height())?;
        let transform = Transform::from_scale(scale, scale);
        resvg::render(&tree, transform, &mut pixels.as_mut());
        let picture = greenroom_frame::Picture {
            id: 0,
            width: size.width(),
            height: size.height(),
            // The page is opaque, so that colours are as they are.
            rgba: pixels.take(),
        };
        Some(png(&picture))
    }
}
