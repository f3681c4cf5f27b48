//! What has been set: marks with their places, and how much room they take. Lengths are in parts of the size of the letters;
//! y goes down from the line that letters stand on.

use greenroom_deck::Rgb;

use super::fonts::Glyph;

/// What a mark looks like.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A glyph, so many times as large.
    Glyph { glyph: Glyph, across: f32, down: f32 },
    /// A bar, from its upper left corner.
    Bar { width: f32, height: f32 },
    /// A stroke upwards, from its lower left corner.
    Slash { width: f32, height: f32 },
}

/// Something with a place.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) shape: Shape,
    pub(super) color: Option<Rgb>,
}

/// A part of a formula that has been set.
#[derive(Debug, Clone, Default)]
pub(super) struct SetBox {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) depth: f32,
    /// What its last letter hangs over to the right.
    pub(super) lean: f32,
    pub(super) marks: Vec<Mark>,
}

impl SetBox {
    /// Nothing, so wide.
    pub(super) fn space(width: f32) -> Self {
        Self { width, ..Self::default() }
    }

    /// A bar of this height, its upper edge at `y`.
    pub(super) fn bar(width: f32, height: f32, y: f32, color: Option<Rgb>) -> Self {
        let mark = Mark { x: 0.0, y, shape: Shape::Bar { width, height }, color };
        Self { width, height: (-y).max(0.0), depth: (y + height).max(0.0), lean: 0.0, marks: vec![mark] }
    }

    /// One glyph, so many times as large.
    pub(super) fn glyph(glyph: Glyph, across: f32, down: f32, color: Option<Rgb>) -> Self {
        Self {
            width: glyph.advance * across,
            height: glyph.height * down,
            depth: glyph.depth * down,
            lean: glyph.lean * across,
            marks: vec![Mark { x: 0.0, y: 0.0, shape: Shape::Glyph { glyph, across, down }, color }],
        }
    }

    /// Puts `other` over this one, moved by so much; the width stays.
    pub(super) fn put(&mut self, other: Self, x: f32, y: f32) {
        self.height = self.height.max(other.height - y);
        self.depth = self.depth.max(other.depth + y);
        self.marks.extend(other.marks.into_iter().map(|mut mark| {
            mark.x += x;
            mark.y += y;
            mark
        }));
    }

    /// Puts `other` behind this one.
    pub(super) fn append(&mut self, other: Self) {
        let x = self.width;
        (self.width, self.lean) = (x + other.width, other.lean);
        self.put(other, x, 0.0);
    }

    /// Everything moved down by `y`.
    pub(super) fn lowered(self, y: f32) -> Self {
        let mut lowered =
            Self { width: self.width, lean: self.lean, height: f32::MIN, depth: f32::MIN, marks: Vec::new() };
        lowered.put(self, 0.0, y);
        lowered
    }

    /// From top to bottom.
    pub(super) fn total(&self) -> f32 {
        self.height + self.depth
    }
}
