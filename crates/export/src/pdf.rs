//! Sheets as pages: text that can be searched and selected, in fonts that are inside of the file.

use std::collections::{BTreeMap, HashMap};

use krilla::action::LinkAction;
use krilla::annotation::{LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, destination::XyzDestination};
use skrifa::{MetadataProvider, instance};

use super::cells::{BASELINE, CELL, CellStyle, LETTERS, Run, drawable, row};
use super::html::blank_pictures;
use super::letters::Line;
use super::lines;
use super::sheet::{Sheet, Sheets};
use greenroom_deck::Rgb;
use greenroom_raster::{Face as Embedded, unpacked};
use greenroom_terminal::frame::PlacedLetters;

/// How far italic letters lean.
const SLANT: f32 = -0.2;

/// Drawn for what no font has.
const UNKNOWN: char = '\u{25a1}';

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
#[error("the PDF cannot be made: {0}")]
pub struct PdfError(String);

/// One page for each slide, or for each step.
///
/// # Errors
/// When the PDF library refuses something that it was given.
pub fn pdf(show: &dyn Sheets, all_steps: bool) -> Result<Vec<u8>, PdfError> {
    let mut pdf = Pdf { document: Document::new(), fonts: Fonts::load()?, images: BTreeMap::new() };
    let (mut outline, mut pages) = (Outline::new(), 0);
    for slide in 0..show.deck().slides.len() {
        outline.push_child(OutlineNode::new(
            show.deck().name(slide),
            XyzDestination::new(pages, Point::from_xy(0.0, 0.0)),
        ));
        for step in show.steps(slide, all_steps) {
            pdf.page(&show.sheet(slide, step), show)?;
            pages += 1;
        }
    }
    pdf.document.set_outline(outline);
    let about = &show.deck().outline;
    let metadata = Metadata::new()
        .title(about.title.clone())
        .authors(about.speaker.iter().cloned().collect())
        .creator(format!("greenroom {}", env!("CARGO_PKG_VERSION")));
    pdf.document.set_metadata(metadata);
    pdf.document.finish().map_err(|error| PdfError(format!("{error:?}")))
}

/// A font, for drawing and for looking up its glyphs.
struct Face {
    font: Font,
    glyphs: HashMap<char, GlyphId>,
    /// How far the next letter is, in parts of the size.
    advances: HashMap<char, f32>,
}

impl Face {
    fn new(bytes: Vec<u8>) -> Result<Self, PdfError> {
        let broken = || PdfError("a font of this program is broken".to_owned());
        let lookup = skrifa::FontRef::new(&bytes).map_err(|_| broken())?;
        let mappings = lookup.charmap().mappings();
        let glyphs = mappings
            .filter_map(|(code, glyph)| Some((char::from_u32(code)?, GlyphId::new(glyph.to_u32()))))
            .collect();
        let metrics = lookup.glyph_metrics(instance::Size::new(1.0), instance::LocationRef::default());
        let advance = |(code, glyph)| Some((char::from_u32(code)?, metrics.advance_width(glyph)?));
        let advances = lookup.charmap().mappings().filter_map(advance).collect();
        let font = Font::new(bytes.into(), 0).ok_or_else(broken)?;
        Ok(Self { font, glyphs, advances })
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        self.glyphs.get(&c).copied()
    }
}

struct Fonts {
    regular: Face,
    bold: Face,
    emoji: Face,
    symbols: Face,
    sans: Face,
}

/// Which of the fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Regular,
    Bold,
    Emoji,
    Symbols,
    Sans,
}

impl Which {
    /// The size at which its characters are as wide as their cells.
    fn size(self) -> f32 {
        match self {
            Self::Regular | Self::Bold | Self::Sans => LETTERS,
            Self::Emoji => LETTERS * 0.92,
            Self::Symbols => LETTERS * 0.82,
        }
    }
}

impl Fonts {
    fn load() -> Result<Self, PdfError> {
        Ok(Self {
            regular: Face::new(unpacked(Embedded::Mono))?,
            bold: Face::new(unpacked(Embedded::MonoBold))?,
            emoji: Face::new(unpacked(Embedded::Emoji))?,
            symbols: Face::new(unpacked(Embedded::Sans))?,
            sans: Face::new(unpacked(Embedded::SansBold))?,
        })
    }

    fn face(&self, which: Which) -> &Face {
        match which {
            Which::Regular => &self.regular,
            Which::Bold => &self.bold,
            Which::Emoji => &self.emoji,
            Which::Symbols => &self.symbols,
            Which::Sans => &self.sans,
        }
    }

    /// The font that has `c` as a large letter.
    fn find_large(&self, c: char) -> (Which, GlyphId) {
        self.sans.glyph(c).map_or_else(|| self.find(c, true), |glyph| (Which::Sans, glyph))
    }

    /// The font that has `c`. What none has is drawn as a box, and is still text.
    fn find(&self, c: char, bold: bool) -> (Which, GlyphId) {
        let order = if bold {
            [Which::Bold, Which::Regular, Which::Symbols, Which::Emoji]
        } else {
            [Which::Regular, Which::Bold, Which::Symbols, Which::Emoji]
        };
        let found = order.into_iter().find_map(|which| Some((which, self.face(which).glyph(c)?)));
        let unknown = || self.face(order[0]).glyph(UNKNOWN).unwrap_or(GlyphId::new(0));
        found.unwrap_or_else(|| (order[0], unknown()))
    }
}

/// Glyphs of one font beside each other.
struct Stretch {
    which: Which,
    x: u16,
    text: String,
    glyphs: Vec<KrillaGlyph>,
}

struct Pdf {
    document: Document,
    fonts: Fonts,
    images: BTreeMap<u64, Image>,
}

impl Pdf {
    fn page(&mut self, sheet: &Sheet, show: &dyn Sheets) -> Result<(), PdfError> {
        let area = sheet.frame.area();
        let theme = &show.deck().theme;
        let (width, height) = (f32::from(area.width) * CELL.0, f32::from(area.height) * CELL.1);
        let settings =
            PageSettings::from_wh(width, height).ok_or_else(|| PdfError("a page has no size".to_owned()))?;
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        fill(&mut surface, (0.0, 0.0, width, height), theme.background);
        let cells = blank_pictures(sheet);
        let rows: Vec<_> = (area.top()..area.bottom())
            .map(|y| (y, row(&cells, &sheet.frame.links, area, y, theme)))
            .collect();
        for (y, runs) in &rows {
            for run in runs.iter().filter(|run| run.look.background != theme.background) {
                // A little more, so that no line shows between two rows.
                fill(
                    &mut surface,
                    (left(run.x), top(*y), left(run.width()), CELL.1 + 0.2),
                    run.look.background,
                );
            }
        }
        for (y, runs) in &rows {
            // In the order of reading, which is that of searching and copying.
            let here = |placed: &&PlacedLetters| placed.area.y + placed.area.height / 2 == *y;
            for placed in sheet.frame.letters.iter().filter(here) {
                large(&mut surface, &self.fonts, &Line::of(placed, theme));
            }
            for run in runs {
                draw(&mut surface, &self.fonts, run, *y);
            }
        }
        for placed in &sheet.frame.pictures {
            let picture = &placed.picture;
            let image = self
                .images
                .entry(picture.id)
                .or_insert_with(|| Image::from_rgba8(picture.rgba.clone(), picture.width, picture.height));
            // In the middle of its cells, in its own shape.
            let room = (left(placed.area.width), f32::from(placed.area.height) * CELL.1);
            #[allow(clippy::cast_precision_loss)] // pixels of a picture
            let own = (picture.width as f32, picture.height as f32);
            let scale = (room.0 / own.0).min(room.1 / own.1);
            let (width, height) = (own.0 * scale, own.1 * scale);
            if let Some(size) = Size::from_wh(width, height) {
                let x = left(placed.area.x) + (room.0 - width) / 2.0;
                let y = top(placed.area.y) + (room.1 - height) / 2.0;
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image.clone(), size);
                surface.pop();
            }
        }
        surface.finish();
        for link in &sheet.frame.links {
            let area = link.area;
            let height = f32::from(area.height) * CELL.1;
            if let Some(rect) = Rect::from_xywh(left(area.x), top(area.y), left(area.width), height) {
                let target = Target::Action(LinkAction::new(link.address.to_string()).into());
                page.add_annotation(LinkAnnotation::new(rect, target).into());
            }
        }
        page.finish();
        Ok(())
    }
}

fn left(column: u16) -> f32 {
    f32::from(column) * CELL.0
}

fn top(row: u16) -> f32 {
    f32::from(row) * CELL.1
}

fn fill(surface: &mut Surface<'_>, (x, y, width, height): (f32, f32, f32, f32), color: Rgb) {
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

fn set_color(surface: &mut Surface<'_>, Rgb(r, g, b): Rgb) {
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

/// Draws a line of large letters: text in the proportional font, and what that lacks in the others.
fn large(surface: &mut Surface<'_>, fonts: &Fonts, line: &Line<'_>) {
    let mut x = line.x;
    for (text, ink) in &line.spans {
        set_color(surface, *ink);
        let mut letters = text.chars().peekable();
        while let Some(first) = letters.peek().copied() {
            let which = fonts.find_large(first).0;
            let (mut part, mut glyphs) = (String::new(), Vec::new());
            let start = Point::from_xy(x, line.base);
            while let Some(c) = letters.next_if(|c| fonts.find_large(*c).0 == which) {
                let begin = part.len();
                part.push(c);
                let advance = fonts.face(which).advances.get(&c).copied().unwrap_or(0.6);
                let glyph = fonts.find_large(c).1;
                glyphs.push(KrillaGlyph::new(glyph, advance, 0.0, 0.0, 0.0, begin..part.len(), None));
                x += advance * line.size;
            }
            surface.draw_glyphs(start, &glyphs, fonts.face(which).font.clone(), &part, line.size, false);
        }
    }
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
