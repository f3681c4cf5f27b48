//! A sheet drawn on a page: grounds, letters, lines and pictures.

use std::collections::BTreeMap;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{ArtifactType, ContentTag};
use krilla::text::KrillaGlyph;
use ratatui::layout::Position;

use super::At;
use super::fonts::{Fonts, Which};
use super::tags::{self, Leaf, Part};
use crate::cells::{BASELINE, CELL, CellStyle, Run, drawable, row};
use crate::html::{alt, blank_pictures};
use crate::letters::Line;
use crate::lines;
use crate::sheet::{Sheet, Sheets};
use greenroom_deck::Rgb;
use greenroom_frame::PlacedLetters;

/// How far italic letters lean.
const SLANT: f32 = -0.2;

/// Glyphs of one font beside each other.
struct Stretch {
    which: Which,
    x: u16,
    text: String,
    glyphs: Vec<KrillaGlyph>,
}

/// What sheets are drawn with.
pub(super) struct Ink {
    pub fonts: Fonts,
    images: BTreeMap<u64, Image>,
}

impl Ink {
    /// With nothing drawn yet.
    pub(super) const fn new(fonts: Fonts) -> Self {
        Self { fonts, images: BTreeMap::new() }
    }

    /// Draws `sheet` `at` a place; what its parts are, in the order of reading.
    pub(super) fn sheet(
        &mut self,
        surface: &mut Surface<'_>,
        sheet: &Sheet,
        show: &dyn Sheets,
        at: At,
    ) -> Vec<Part> {
        surface.push_transform(&Transform::from_row(at.scale, 0.0, 0.0, at.scale, at.x, at.y));
        let area = sheet.frame.area();
        let theme = &show.deck().theme;
        let cells = blank_pictures(sheet);
        let rows: Vec<_> = (area.top()..area.bottom())
            .map(|y| (y, row(&cells, &sheet.frame.links, area, y, theme)))
            .collect();
        surface.start_tagged(tags::ornament(ArtifactType::Layout));
        fill(surface, (0.0, 0.0, left(area.width), top(area.height)), theme.background);
        for (y, runs) in &rows {
            for run in runs.iter().filter(|run| run.look.background != theme.background) {
                // A little more, so that no line shows between two rows.
                let place = (left(run.x), top(*y), left(run.width()), CELL.1 + 0.2);
                fill(surface, place, run.look.background);
            }
        }
        surface.end_tagged();
        let mut parts: Vec<(u16, Part)> = Vec::new();
        let footer = show.deck().slides.get(sheet.slide).is_some_and(|slide| slide.footer);
        for (y, runs) in &rows {
            // In the order of reading, which is that of searching and copying.
            let here = |placed: &&PlacedLetters| placed.area.y + placed.area.height / 2 == *y;
            for placed in sheet.frame.letters.iter().filter(here) {
                let mark = surface.start_tagged(tags::text());
                let line = Line::of(placed, theme);
                large(surface, &self.fonts, &line);
                surface.end_tagged();
                let leaf = Leaf { mark, link: None };
                let part =
                    if line.is_code { Part::Paragraph(vec![leaf]) } else { Part::Title(placed.text(), leaf) };
                parts.push((*y, part));
            }
            let is_footer = footer && *y + 1 == area.bottom();
            let leaves = self.row(surface, sheet, runs, *y, is_footer);
            match parts.last_mut() {
                _ if leaves.is_empty() => {}
                Some((last, Part::Paragraph(paragraph))) if *last + 1 == *y => {
                    paragraph.extend(leaves);
                    *last = *y;
                }
                _ => parts.push((*y, Part::Paragraph(leaves))),
            }
        }
        self.pictures(surface, sheet, show, &mut parts);
        surface.pop();
        parts.sort_by_key(|(y, _)| *y);
        parts.into_iter().map(|(_, part)| part).collect()
    }

    /// Draws one row of text.
    fn row(
        &self,
        surface: &mut Surface<'_>,
        sheet: &Sheet,
        runs: &[Run],
        y: u16,
        is_footer: bool,
    ) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for run in runs {
            if is_footer || tags::is_ornament(&run.text()) {
                let kind = if is_footer { ArtifactType::Footer } else { ArtifactType::Layout };
                surface.start_tagged(tags::ornament(kind));
                draw(surface, &self.fonts, run, y);
                surface.end_tagged();
                continue;
            }
            let here = Position::new(run.x, y);
            let link = sheet.frame.links.iter().find(|link| link.area.contains(here));
            let mark = surface.start_tagged(tags::text());
            draw(surface, &self.fonts, run, y);
            surface.end_tagged();
            leaves.push(Leaf { mark, link: link.map(|link| link.number) });
        }
        leaves
    }

    fn pictures(
        &mut self,
        surface: &mut Surface<'_>,
        sheet: &Sheet,
        show: &dyn Sheets,
        parts: &mut Vec<(u16, Part)>,
    ) {
        for placed in &sheet.frame.pictures {
            let picture = &placed.picture;
            let image = self
                .images
                .entry(picture.id)
                .or_insert_with(|| Image::from_rgba8(picture.rgba.clone(), picture.width, picture.height));
            // In the middle of its cells, in its own shape.
            let room = (left(placed.area.width), top(placed.area.height));
            #[allow(clippy::cast_precision_loss)] // pixels of a picture
            let own = (picture.width as f32, picture.height as f32);
            let scale = (room.0 / own.0).min(room.1 / own.1);
            let (width, height) = (own.0 * scale, own.1 * scale);
            if let Some(size) = Size::from_wh(width, height) {
                let x = left(placed.area.x) + (room.0 - width) / 2.0;
                let y = top(placed.area.y) + (room.1 - height) / 2.0;
                surface.push_transform(&Transform::from_translate(x, y));
                let mark = surface.start_tagged(ContentTag::Other);
                surface.draw_image(image.clone(), size);
                surface.end_tagged();
                surface.pop();
                parts.push((placed.area.y, Part::Figure(alt(show, sheet.slide, picture.id), mark)));
            }
        }
    }
}

/// The width and height that `sheet` is drawn in at its own size.
pub(super) fn size(sheet: &Sheet) -> (f32, f32) {
    let area = sheet.frame.area();
    (left(area.width), top(area.height))
}

fn left(column: u16) -> f32 {
    f32::from(column) * CELL.0
}

fn top(row: u16) -> f32 {
    f32::from(row) * CELL.1
}

/// Fills a rectangle: its left side, its top, its width and its height.
pub(super) fn fill(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32), color: Rgb) {
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    set_color(surface, color);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}
fn polygon(surface: &mut Surface<'_>, corners: &[(f32, f32)], color: Rgb) {
    let mut path = PathBuilder::new();
    for (index, (x, y)) in corners.iter().enumerate() {
        if index == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    path.close();
    set_color(surface, color);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

/// The colour of what is drawn next.
pub(super) fn set_color(surface: &mut Surface<'_>, Rgb(r, g, b): Rgb) {
    surface.set_fill(Some(Fill { paint: rgb::Color::new(r, g, b).into(), ..Fill::default() }));
}

/// Draws the letters of a run, and the lines that belong to them.
fn draw(surface: &mut Surface<'_>, fonts: &Fonts, run: &Run, y: u16) {
    let look: &CellStyle = &run.look;
    let base = top(y) + BASELINE;
    for stretch in stretches(fonts, run) {
        set_color(surface, look.foreground);
        let start = Point::from_xy(left(stretch.x), base);
        let size = stretch.which.size();
        if look.italic {
            // Leaning around the line that the letters stand on.
            surface.push_transform(&Transform::from_row(1.0, 0.0, SLANT, 1.0, -SLANT * base, 0.0));
        }
        let font = fonts.face(stretch.which).font.clone();
        surface.draw_glyphs(start, &stretch.glyphs, font, &stretch.text, size, false);
        if look.italic {
            surface.pop();
        }
    }
    for shape in lines::under(run, y) {
        polygon(surface, &shape, lines::color(look));
    }
    if look.strike {
        fill(surface, (left(run.x), base - 4.5, left(run.width()), 1.0), look.foreground);
    }
}

/// Draws a line of large letters: text in the proportional font, or code in that of cells, and what these lack in the others.
fn large(surface: &mut Surface<'_>, fonts: &Fonts, line: &Line<'_>) {
    let (mut x, which) = (line.x, if line.is_code { Which::Regular } else { Which::Sans });
    for (text, ink) in &line.spans {
        set_color(surface, *ink);
        x = wide(surface, fonts, text, Point::from_xy(x, line.base), (which, line.size));
    }
}

/// Draws text in letters of their own widths from `start` on the line that they stand on; where it ends.
pub(super) fn wide(
    surface: &mut Surface<'_>,
    fonts: &Fonts,
    text: &str,
    start: Point,
    (weight, size): (Which, f32),
) -> f32 {
    let (mut x, y) = (start.x, start.y);
    let mut letters = text.chars().peekable();
    while let Some(first) = letters.peek().copied() {
        let which = fonts.find_wide(first, weight).0;
        let (mut part, mut glyphs, begin_x) = (String::new(), Vec::new(), x);
        while let Some(c) = letters.next_if(|c| fonts.find_wide(*c, weight).0 == which) {
            let begin = part.len();
            part.push(c);
            let advance = fonts.advance(c, weight);
            let glyph = fonts.find_wide(c, weight).1;
            glyphs.push(KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, begin..part.len(), None));
            x += advance * size;
        }
        let font = fonts.face(which).font.clone();
        surface.draw_glyphs(Point::from_xy(begin_x, y), &glyphs, font, &part, size, false);
    }
    x
}

fn stretches(fonts: &Fonts, run: &Run) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut x = run.x;
    for (symbol, width) in &run.symbols {
        let pieces = drawable(symbol, *width);
        let Some(first) = pieces.first().and_then(|(piece, _)| piece.chars().next()) else { continue };
        let (which, _) = fonts.find(first, run.look.bold);
        if found.last().is_none_or(|last| last.which != which) {
            found.push(Stretch { which, x, text: String::new(), glyphs: Vec::new() });
        }
        if let Some(stretch) = found.last_mut() {
            let begin = stretch.text.len();
            stretch.text.push_str(symbol);
            let range = begin..stretch.text.len();
            for (piece, width) in &pieces {
                let mut chars = piece.chars();
                let Some(base) = chars.next() else { continue };
                let advance = left(*width) / which.size();
                // Marks stand on the letter before them, and take no room.
                for mark in chars.filter_map(|mark| fonts.face(which).glyph(mark)) {
                    stretch.glyphs.push(KrillaGlyph::new(mark, 0.0, 0.0, 0.0, 0.0, range.clone(), None));
                }
                let (_, glyph) = fonts.find(base, run.look.bold);
                stretch.glyphs.push(KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, range.clone(), None));
            }
        }
        x += width;
    }
    found.retain(|stretch| !stretch.text.is_empty());
    found
}
