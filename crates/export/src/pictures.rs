//! Pictures as browsers have them: each in a room of so many bytes, and made smaller where it does not fit.

use std::borrow::Cow;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use greenroom_frame::Picture;
use greenroom_render::paint::picture;

/// Of 100: nobody sees what is lost of a photograph.
const QUALITY: u8 = 82;
/// Pixels that the shorter side of a picture keeps. What does not fit then is left out.
const LEAST: u32 = 24;

/// A picture for a browser.
pub(crate) struct Encoded {
    /// `image/png` or `image/jpeg`.
    pub kind: &'static str,
    pub bytes: Vec<u8>,
    /// It has fewer pixels than the picture.
    pub smaller: bool,
}

/// `picture` in at most `room` bytes; none where even a small one has more.
pub(crate) fn encoded(picture: &Picture, room: usize) -> Option<Encoded> {
    let mut now = Cow::Borrowed(picture);
    loop {
        let (kind, bytes) = whole(&now, room);
        if bytes.len() <= room {
            return Some(Encoded { kind, bytes, smaller: now.width < picture.width });
        }
        // Bytes go with pixels, roughly: a little less, so that the next one fits.
        #[allow(clippy::cast_precision_loss)] // far below 2^52
        let part = (room as f64 / bytes.len() as f64).sqrt() * 0.94;
        let (width, height) = (shorter(now.width, part), shorter(now.height, part));
        if width.min(height) < LEAST.min(picture.width.min(picture.height)) {
            return None;
        }
        now = Cow::Owned(picture::scaled(&now, (width, height)));
    }
}

/// A side of so many pixels, scaled down: by one pixel at least.
fn shorter(side: u32, part: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and `side`
    let scaled = (f64::from(side) * part) as u32;
    scaled.min(side - 1)
}

/// All of its pixels: a drawing as they are, a photograph nearly so, and what is between them as it fits.
fn whole(picture: &Picture, room: usize) -> (&'static str, Vec<u8>) {
    let alike = alike(picture);
    let opaque = picture.rgba.chunks_exact(4).all(|pixel| pixel.last() == Some(&255));
    if !opaque || alike > 40 {
        let png = png_of(picture, alike);
        if !opaque || png.len() <= room {
            return ("image/png", png);
        }
    }
    ("image/jpeg", jpeg(picture))
}

/// `picture` as a PNG, whatever it takes.
pub(crate) fn png(picture: &Picture) -> Vec<u8> {
    png_of(picture, alike(picture))
}

fn png_of(picture: &Picture, alike: usize) -> Vec<u8> {
    let mut out = Vec::new();
    // Neighbours of a drawing are alike, and a filter would hide that: a third of the bytes.
    let (compression, filter) = if alike >= 90 {
        (CompressionType::Best, FilterType::NoFilter)
    } else {
        (CompressionType::Default, FilterType::Adaptive)
    };
    let encoder = PngEncoder::new_with_quality(&mut out, compression, filter);
    // Writing to memory does not fail, and a picture has as many bytes as its size says.
    let _ = encoder.write_image(&picture.rgba, picture.width, picture.height, ExtendedColorType::Rgba8);
    out
}

fn jpeg(picture: &Picture) -> Vec<u8> {
    let rgb: Vec<u8> = picture.rgba.chunks_exact(4).flat_map(|pixel| pixel.iter().take(3).copied()).collect();
    let mut out = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut out, QUALITY);
    let _ = encoder.write_image(&rgb, picture.width, picture.height, ExtendedColorType::Rgb8);
    out
}

/// How many of 100 pixels are like the one before.
fn alike(picture: &Picture) -> usize {
    let pairs = picture.rgba.chunks_exact(4).zip(picture.rgba.chunks_exact(4).skip(1));
    let alike = pairs.filter(|(one, next)| one == next).count();
    alike * 100 / (picture.rgba.len() / 4).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose pixels `of` gives.
    fn made((width, height): (u32, u32), of: impl Fn(u32, u32) -> [u8; 4]) -> Picture {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Picture { id: 1, width, height, rgba: pixels.flat_map(|(x, y)| of(x, y)).collect() }
    }

    /// No two pixels have anything to do with each other.
    fn noise(x: u32, y: u32) -> [u8; 4] {
        let mixed = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
        let mut pixel = (mixed ^ (mixed >> 15)).wrapping_mul(0x27d4_eb2f).to_le_bytes();
        pixel[3] = 255;
        pixel
    }

    fn pixels(encoded: &Encoded) -> image::DynamicImage {
        let format =
            if encoded.kind == "image/png" { image::ImageFormat::Png } else { image::ImageFormat::Jpeg };
        image::load_from_memory_with_format(&encoded.bytes, format).unwrap()
    }

    #[test]
    fn a_drawing_keeps_every_pixel_and_a_photograph_its_size() {
        let drawing = made((300, 200), |x, _| if x < 150 { [9, 90, 200, 255] } else { [0, 0, 0, 0] });
        let encoded = encoded(&drawing, 100_000).unwrap();
        assert!(encoded.kind == "image/png" && !encoded.smaller);
        assert_eq!(pixels(&encoded).into_rgba8().into_raw(), drawing.rgba);
        let photograph = made((120, 80), noise);
        let encoded = super::encoded(&photograph, 100_000).unwrap();
        assert!(encoded.kind == "image/jpeg" && !encoded.smaller);
        assert_eq!((pixels(&encoded).width(), pixels(&encoded).height()), (120, 80));
    }

    #[test]
    fn what_does_not_fit_is_made_smaller_in_its_proportions_and_at_last_left_out() {
        let see_through = |x: u32, y: u32| {
            let mut pixel = noise(x, y);
            pixel[3] = 100;
            pixel
        };
        for (picture, kind) in
            [(made((400, 200), noise), "image/jpeg"), (made((400, 200), see_through), "image/png")]
        {
            let all = encoded(&picture, usize::MAX).unwrap().bytes.len();
            for room in [all / 2, all / 5] {
                let encoded = encoded(&picture, room).unwrap();
                assert!(encoded.bytes.len() <= room && encoded.smaller && encoded.kind == kind);
                let (width, height) = (pixels(&encoded).width(), pixels(&encoded).height());
                assert!(width < 400 && height.abs_diff(width / 2) <= 1, "{width}x{height}");
            }
            assert!(encoded(&picture, 200).is_none());
        }
        assert!(encoded(&made((1, 1), noise), 1).is_none());
    }
}
