//! Lines of charts.

use tiny_skia::{LineCap, LineJoin, Paint, PathBuilder, PixmapMut, Stroke, Transform};

/// The most points of a line that are drawn: more than a screen has columns.
const MAX_POINTS: usize = 4_096;
/// What a place is counted in.
const WHOLE: f32 = u16::MAX as f32;

/// A line of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Curve {
    /// From point to point: from the left and from the top, each as a part of the whole in 65,535ths.
    pub points: Vec<(u16, u16)>,
    /// Red, green, blue.
    pub ink: [u8; 3],
}

/// Draws `curves`, `thick` pixels thick and without steps at their sides, over the pixels of `rgba`: RGBA without transparency, in
/// rows of so many pixels. Pixels that are fewer or more than that stay as they are.
#[allow(clippy::cast_precision_loss)] // pixels of a screen
pub fn stroke(curves: &[Curve], (width, height): (u32, u32), thick: f32, rgba: &mut [u8]) {
    let Some(mut pixels) = PixmapMut::from_bytes(rgba, width, height) else { return };
    // All of a line's thickness is inside.
    let (across, down) = ((width as f32 - thick).max(0.0), (height as f32 - thick).max(0.0));
    let place = |(x, y): (u16, u16)| {
        (thick / 2.0 + f32::from(x) / WHOLE * across, thick / 2.0 + f32::from(y) / WHOLE * down)
    };
    let stroke =
        Stroke { width: thick, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    for curve in curves {
        let mut paint = Paint { anti_alias: true, ..Paint::default() };
        paint.set_color_rgba8(curve.ink[0], curve.ink[1], curve.ink[2], 255);
        let mut path = PathBuilder::new();
        for (at, point) in curve.points.iter().take(MAX_POINTS).enumerate() {
            let (x, y) = place(*point);
            if at == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if let Some(path) = path.finish() {
            pixels.stroke_path(&path, &paint, &stroke, Transform::identity(), None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (60, 40);

    fn drawn(points: &[(u16, u16)], thick: f32) -> Vec<u8> {
        let mut rgba = [10, 20, 30, 255].repeat((SIZE.0 * SIZE.1) as usize);
        stroke(&[Curve { points: points.to_vec(), ink: [250, 200, 100] }], SIZE, thick, &mut rgba);
        rgba
    }

    fn at(rgba: &[u8], x: u32, y: u32) -> [u8; 4] {
        let at = ((y * SIZE.0 + x) * 4) as usize;
        rgba[at..at + 4].try_into().unwrap()
    }

    #[test]
    fn a_line_is_as_thick_as_it_is_told_and_ends_at_the_edges() {
        let level = drawn(&[(0, 32_768), (u16::MAX, 32_768)], 6.0);
        let rows = (0..SIZE.1).filter(|y| at(&level, 30, *y) == [250, 200, 100, 255]).count();
        assert_eq!(rows, 6);
        assert_eq!(at(&level, 30, 10), [10, 20, 30, 255], "what is beside it stays");
        let along_the_top = drawn(&[(0, 0), (u16::MAX, 0)], 6.0);
        assert_eq!(at(&along_the_top, 30, 0), [250, 200, 100, 255], "nothing of it is cut");
        assert_eq!(at(&along_the_top, 30, 6), [10, 20, 30, 255]);
    }

    #[test]
    fn a_slope_is_without_steps() {
        let slope = drawn(&[(0, 0), (u16::MAX, u16::MAX)], 4.0);
        let mixed = slope.chunks(4).filter(|pixel| (20..240).contains(&pixel[0])).count();
        assert!(mixed > 40, "{mixed} pixels at its sides are mixed");
        assert!(slope.chunks(4).all(|pixel| pixel[3] == 255));
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        let none = drawn(&[], 4.0);
        assert_eq!((drawn(&[(9, 9)], f32::NAN), drawn(&[(9, 9)], -1.0)), (none.clone(), none.clone()));
        let mut few = vec![7; 12];
        stroke(&[Curve { points: vec![(0, 0), (9, 9)], ink: [1; 3] }], SIZE, 4.0, &mut few);
        stroke(&[], (0, 0), 4.0, &mut few);
        assert_eq!(few, [7; 12]);
        let many: Vec<(u16, u16)> = (0..=u16::MAX).cycle().map(|at| (at, at % 977)).take(200_000).collect();
        assert!(drawn(&many, 3.0) != none);
    }
}
