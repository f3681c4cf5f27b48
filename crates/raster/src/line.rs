//! A line of proportional text.

use crate::Raster;
use crate::fonts::{Face, Found};
use crate::glyph::{self, Glyph, Pose};

/// The most characters of a line that are drawn, and the most pixels that it takes.
const MAX_CHARS: usize = 2_000;
const MAX_WIDTH: f32 = 16_384.0;
/// The largest letters.
const MAX_PX: f32 = 1_000.0;
/// The room above and below the line that letters stand on, in parts of their size: a capital with an accent, a `g`.
pub(crate) const ASCENT: f32 = 0.93;
pub(crate) const DESCENT: f32 = 0.24;

/// A part of a line.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// Its characters.
    pub text: &'a str,
    /// In which letters.
    pub face: Face,
    /// Red, green, blue.
    pub ink: [u8; 3],
}

/// A line of text as pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letters {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Rows from the top to the line that letters stand on.
    pub baseline: u32,
    /// Straight RGBA, row by row, transparent beside the letters.
    pub rgba: Vec<u8>,
}

/// A glyph with its place, in parts of the letters' size.
struct Placed {
    found: Option<Found>,
    x: f32,
    ink: [u8; 3],
}

impl Raster {
    /// How wide a line is in letters of one pixel: times a size in pixels, the width in pixels.
    #[must_use]
    pub fn measure(&mut self, spans: &[Span<'_>]) -> f32 {
        self.places(spans).1
    }

    /// Draws a line in letters of `px` pixels: one row of pixels for all accents above, down to the foot of a `g`. What is longer
    /// than a screen is cut.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // bounded
    #[must_use]
    pub fn text(&mut self, spans: &[Span<'_>], px: f32) -> Letters {
        let px = if px.is_finite() { px.clamp(1.0, MAX_PX) } else { 1.0 };
        let (places, width) = self.places(spans);
        let width = (width * px).ceil().clamp(1.0, MAX_WIDTH) as u32;
        let baseline = (ASCENT * px).ceil() as u32;
        let height = baseline + (DESCENT * px).ceil() as u32;
        let mut letters =
            Letters { width, height, baseline, rgba: vec![0; width as usize * height as usize * 4] };
        for place in &places {
            let at = place.x * px;
            if at > width as f32 {
                break;
            }
            let pose = Pose { px, shift: at.fract(), italic: false };
            let drawn = match place.found {
                Some(found) => glyph::draw(&mut self.fonts, found, pose),
                None => missing(px),
            };
            if let Some(drawn) = drawn {
                letters.lay(&drawn, at.floor() as i32, place.ink);
            }
        }
        letters
    }

    /// Where each glyph stands, and how wide all are.
    fn places(&mut self, spans: &[Span<'_>]) -> (Vec<Placed>, f32) {
        let (mut places, mut x, mut before) = (Vec::new(), 0.0, None);
        let characters = spans.iter().flat_map(|span| span.text.chars().map(move |c| (c, span)));
        for (c, span) in characters.filter(|(c, _)| !is_mark_of_style(*c)).take(MAX_CHARS) {
            let found = self.fonts.find(c, span.face);
            if let (Some(left), Some(right)) = (before, found) {
                x += self.fonts.kerning(left, right);
            }
            places.push(Placed { found, x, ink: span.ink });
            x += found.map_or(MISSING, |found| self.fonts.advance(found));
            before = found;
        }
        (places, x)
    }
}

/// What is said to the letter before it, and has no form of its own.
fn is_mark_of_style(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// The room of a character that no font has.
const MISSING: f32 = 0.6;

/// A box for a character that no font has.
fn missing(px: f32) -> Option<Glyph> {
    let mut path = tiny_skia::PathBuilder::new();
    let mut ring = |left: f32, top: f32, right: f32, bottom: f32, outer: bool| {
        let mut corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if !outer {
            corners.reverse();
        }
        for (at, (x, y)) in corners.into_iter().enumerate() {
            if at == 0 { path.move_to(x * px, y * px) } else { path.line_to(x * px, y * px) }
        }
        path.close();
    };
    ring(0.06, -0.72, 0.54, 0.0, true);
    ring(0.12, -0.66, 0.48, -0.06, false);
    glyph::fill(&path.finish()?)
}

impl Letters {
    /// Lays a glyph over what is there; where both cover a pixel, the stronger one counts.
    fn lay(&mut self, glyph: &Glyph, x: i32, ink: [u8; 3]) {
        let Ok(baseline) = i32::try_from(self.baseline) else { return };
        let (left, top) = (x + glyph.left, baseline + glyph.top);
        let inside = |at: i32, side: u32| usize::try_from(at).ok().filter(|at| *at < side as usize);
        for (row, coverage) in (top..).zip(glyph.coverage.chunks_exact(glyph.width.max(1))) {
            let Some(y) = inside(row, self.height) else { continue };
            for (column, cover) in (left..).zip(coverage) {
                let Some(x) = inside(column, self.width).filter(|_| *cover > 0) else { continue };
                let at = (y * self.width as usize + x) * 4;
                if let Some(pixel) = self.rgba.get_mut(at..at + 4) {
                    let strongest = pixel[3].max(*cover);
                    pixel.copy_from_slice(&[ink[0], ink[1], ink[2], strongest]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> [Span<'_>; 1] {
        [Span { text, face: Face::SansBold, ink: [250, 200, 100] }]
    }

    #[test]
    fn letters_are_proportional_and_kerned() {
        let mut raster = Raster::new();
        let mut width = |text: &str| raster.measure(&span(text));
        assert!(width("m") > 2.0 * width("i"));
        assert!(width("AV") < width("A") + width("V") - 0.03);
        assert!((width("Map two: what Django stands on") - 18.4).abs() < 0.3);
    }

    /// Dark where the letter is, and nothing outside of it: an L has ink at its left and bottom.
    #[test]
    fn pixels_are_where_the_outline_is() {
        let letters = Raster::new().text(&span("L"), 100.0);
        let alpha = |x: u32, y: u32| letters.rgba[((y * letters.width + x) * 4 + 3) as usize];
        assert_eq!((letters.baseline, letters.height), (93, 117));
        assert_eq!(alpha(15, 60), 255, "its stem");
        assert_eq!(alpha(45, letters.baseline - 5), 255, "its foot");
        assert_eq!(alpha(45, 40), 0, "beside its stem");
        assert_eq!(alpha(15, letters.baseline + 3), 0, "below the line");
        assert_eq!(letters.rgba[((60 * letters.width + 15) * 4) as usize..][..3], [250, 200, 100]);
    }

    /// No part of an accented capital or of a `g` is cut.
    #[test]
    fn accents_and_feet_have_room() {
        for text in ["ÉÅŮ", "gjpqyß(", "“—…×”"] {
            let letters = Raster::new().text(&span(text), 52.0);
            let row = letters.width as usize * 4;
            for edge in [&letters.rgba[..row], &letters.rgba[letters.rgba.len() - row..]] {
                assert!(edge.chunks(4).all(|pixel| pixel[3] < 200), "{text}");
            }
        }
    }

    #[test]
    fn what_is_long_large_or_unknown_costs_little() {
        let mut raster = Raster::new();
        let long = raster.text(&span(&"m".repeat(100_000)), 60.0);
        assert_eq!(long.width, 16_384);
        assert!(raster.text(&span("a"), f32::INFINITY).width <= 2);
        assert!(raster.text(&span("a"), 1e9).width <= 1_000);
        for text in ["", "漢字", "e\u{301}\u{301}\u{301}", "👩\u{200d}💻", "שלום", "\u{0}\u{7f}\t"]
        {
            let letters = raster.text(&span(text), 20.0);
            assert_eq!(letters.rgba.len(), letters.width as usize * letters.height as usize * 4, "{text}");
        }
        let drawn = raster.text(&span("漢"), 20.0);
        assert!(drawn.rgba.chunks(4).any(|pixel| pixel[3] > 0), "what no font has is a box");
    }
}
