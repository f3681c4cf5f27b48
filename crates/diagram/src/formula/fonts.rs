//! The glyphs of formulas: how large they are, and their outlines.

use std::fmt::Write as _;

use greenroom_raster::Face;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// A font that formulas are set in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// Digits, upright letters, operators.
    Main,
    /// Variables.
    Italic,
    /// Large operators and delimiters, from small to large.
    Size1,
    Size2,
    Size3,
    Size4,
    /// Letters with double strokes, and relations that are rare.
    Ams,
    /// Calligraphic capitals.
    Caligraphic,
    /// What the others lack: the program's own fonts.
    Sans,
    Mono,
}

/// The fonts for delimiters, from small to large.
pub(super) const GROWING: [Font; 5] = [Font::Main, Font::Size1, Font::Size2, Font::Size3, Font::Size4];

const FONTS: usize = 10;

/// A glyph, and how large it is in parts of the size of the letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    pub(super) font: Font,
    pub(super) id: GlyphId,
    pub(super) advance: f32,
    /// Above the line.
    pub(super) height: f32,
    /// Below the line.
    pub(super) depth: f32,
    /// What it hangs over to the right.
    pub(super) lean: f32,
}

/// The fonts, each unpacked when it is first asked for.
#[derive(Default)]
pub(super) struct Fonts([Option<Vec<u8>>; FONTS]);

impl Fonts {
    fn font(&mut self, font: Font) -> Option<FontRef<'_>> {
        let slot = self.0.get_mut(font as usize)?;
        FontRef::new(slot.get_or_insert_with(|| unpacked(font))).ok()
    }

    /// The glyph of `c` in `font`, if it has one.
    pub(super) fn glyph(&mut self, font: Font, c: char) -> Option<Glyph> {
        let loaded = self.font(font)?;
        let id = loaded.charmap().map(c)?;
        let units = f32::from(loaded.head().ok()?.units_per_em().max(1));
        let metrics = loaded.glyph_metrics(Size::unscaled(), LocationRef::default());
        let advance = metrics.advance_width(id).unwrap_or(0.0) / units;
        let (top, bottom, right) = metrics.bounds(id).map_or((0.0, 0.0, advance), |bounds| {
            (bounds.y_max / units, bounds.y_min / units, bounds.x_max / units)
        });
        let lean = (right - advance).max(0.0);
        Some(Glyph { font, id, advance, height: top.max(0.0), depth: (-bottom).max(0.0), lean })
    }

    /// The glyph of `c` in the first of `fonts` that has it, else in the program's fonts.
    pub(super) fn first(&mut self, fonts: &[Font], c: char) -> Option<Glyph> {
        fonts
            .iter()
            .chain(&[Font::Main, Font::Ams, Font::Sans, Font::Mono])
            .find_map(|font| self.glyph(*font, c))
    }

    /// Adds the glyph's outline to the path data `out`: `x` and `y` are where it stands, `across` and `down` its size.
    pub(super) fn outline(&mut self, glyph: &Glyph, at: (f32, f32), size: (f32, f32), out: &mut String) {
        let Some(font) = self.font(glyph.font) else { return };
        let Ok(head) = font.head() else { return };
        let units = f32::from(head.units_per_em().max(1));
        let mut pen = Pen { out, at, size: (size.0 / units, size.1 / units) };
        if let Some(outline) = font.outline_glyphs().get(glyph.id) {
            // A glyph that cannot be drawn is left out; a test looks at the embedded ones.
            let _ = outline.draw(DrawSettings::unhinted(Size::unscaled(), LocationRef::default()), &mut pen);
        }
    }
}

fn unpacked(font: Font) -> Vec<u8> {
    let packed: &[u8] = match font {
        Font::Main => include_bytes!("../../assets/fonts/KaTeX_Main-Regular.ttf.zst"),
        Font::Italic => include_bytes!("../../assets/fonts/KaTeX_Math-Italic.ttf.zst"),
        Font::Size1 => include_bytes!("../../assets/fonts/KaTeX_Size1-Regular.ttf.zst"),
        Font::Size2 => include_bytes!("../../assets/fonts/KaTeX_Size2-Regular.ttf.zst"),
        Font::Size3 => include_bytes!("../../assets/fonts/KaTeX_Size3-Regular.ttf.zst"),
        Font::Size4 => include_bytes!("../../assets/fonts/KaTeX_Size4-Regular.ttf.zst"),
        Font::Ams => include_bytes!("../../assets/fonts/KaTeX_AMS-Regular.ttf.zst"),
        Font::Caligraphic => include_bytes!("../../assets/fonts/KaTeX_Caligraphic-Regular.ttf.zst"),
        Font::Sans => return greenroom_raster::unpacked(Face::Sans),
        Font::Mono => return greenroom_raster::unpacked(Face::Mono),
    };
    zstd::stream::decode_all(packed).unwrap_or_default()
}

/// Takes an outline, whose y goes up, to path data, whose y goes down.
struct Pen<'a> {
    out: &'a mut String,
    at: (f32, f32),
    size: (f32, f32),
}

impl Pen<'_> {
    fn write(&mut self, command: char, points: &[(f32, f32)]) {
        self.out.push(command);
        for (index, (x, y)) in points.iter().enumerate() {
            let (x, y) = (self.at.0 + x * self.size.0, self.at.1 - y * self.size.1);
            let gap = if index > 0 { " " } else { "" };
            let _ = write!(self.out, "{gap}{x:.2} {y:.2}");
        }
    }
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.write('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.write('L', &[(x, y)]);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.write('Q', &[(cx, cy), (x, y)]);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.write('C', &[(ax, ay), (bx, by), (x, y)]);
    }

    fn close(&mut self) {
        self.out.push('Z');
    }
}
