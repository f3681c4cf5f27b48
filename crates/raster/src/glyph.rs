//! Outlines to coverage.

use skrifa::MetadataProvider;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use tiny_skia::{FillRule, Mask, Path, PathBuilder, Transform};

use crate::fonts::{Fonts, Found};

/// A side longer than this is cut: no letter on a screen is so large.
const MAX_SIDE: u32 = 4096;
/// How far slanted letters lean.
const SLANT: f32 = 0.2;

/// How much of each pixel of a part of the plane is covered, 0 to 255.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Glyph {
    /// Of its left side, from the point where the letter stands.
    pub left: i32,
    /// Of its top, from the line that letters stand on; below 0 is above that.
    pub top: i32,
    /// Pixels across.
    pub width: usize,
    /// Row by row, a byte a pixel.
    pub coverage: Vec<u8>,
}

/// How a glyph is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pose {
    /// Pixels of the letters' size.
    pub px: f32,
    /// The part of a pixel that it is moved to the right.
    pub shift: f32,
    /// Leaning to the right.
    pub italic: bool,
}

/// Draws a glyph; nothing where it has no outline, as a blank.
pub(crate) fn draw(fonts: &mut Fonts, found: Found, pose: Pose) -> Option<Glyph> {
    let font = fonts.font(found.face)?;
    let mut pen = Pen { path: PathBuilder::new(), pose };
    let settings = DrawSettings::unhinted(Size::new(pose.px), LocationRef::default());
    font.outline_glyphs().get(found.glyph)?.draw(settings, &mut pen).ok()?;
    fill(&pen.path.finish()?)
}

/// The pixels of a path.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // clamped before
pub(crate) fn fill(path: &Path) -> Option<Glyph> {
    let bounds = path.bounds();
    let most = MAX_SIDE as f32;
    let left = bounds.left().floor().clamp(-most, most);
    let top = bounds.top().floor().clamp(-most, most);
    let width = ((bounds.right().ceil() - left).max(1.0) as u32).min(MAX_SIDE);
    let height = ((bounds.bottom().ceil() - top).max(1.0) as u32).min(MAX_SIDE);
    let mut mask = Mask::new(width, height)?;
    mask.fill_path(path, FillRule::Winding, true, Transform::from_translate(-left, -top));
    Some(Glyph { left: left as i32, top: top as i32, width: width as usize, coverage: mask.take() })
}

/// Takes an outline, whose y goes up, to a path, whose y goes down.
struct Pen {
    path: PathBuilder,
    pose: Pose,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let lean = if self.pose.italic { y * SLANT } else { 0.0 };
        (x + lean + self.pose.shift, -y)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let ((cx, cy), (x, y)) = (self.at(cx, cy), self.at(x, y));
        self.path.quad_to(cx, cy, x, y);
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let ((ax, ay), (bx, by), (x, y)) = (self.at(ax, ay), self.at(bx, by), self.at(x, y));
        self.path.cubic_to(ax, ay, bx, by, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}
