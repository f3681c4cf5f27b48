//! Pictures that move: GIF, WebP and PNG files of several frames.

use std::io::Cursor;
use std::time::Duration;

use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageFormat};

use greenroom_deck::Fnv;
use greenroom_frame::Picture;

use super::{MAX_SOURCE_PIXELS, PictureError, failed, fit, limits};

/// Frames that a picture is shown with; what comes after them is left out.
pub const MAX_FRAMES: usize = 300;
/// What all frames of a picture may take together, in bytes: with more, each is made smaller.
pub const MAX_MOVING: usize = 48 << 20;
/// What a browser does with a frame that is too short to be seen.
const TOO_SHORT: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(100));
/// More often than this a terminal is sent no picture.
const SHORTEST: Duration = Duration::from_millis(40);

/// The frames of a picture, each with how long it stays.
pub type Motion = Vec<(Picture, Duration)>;

/// Decodes the frames of a picture and makes each fit `max` (pixels across and down) and all of them [`MAX_MOVING`].
///
/// # Errors
/// If the bytes are no such picture, are damaged, or would take too much memory.
pub fn motion(bytes: &[u8], max: (u32, u32)) -> Result<Motion, PictureError> {
    let (count, size) = counted(bytes)?;
    let max = sides(size, max, count);
    let name =
        Fnv::of(&format!("{:?} {max:?}", (bytes.len(), bytes.get(..1024), bytes.rchunks(1024).next())));
    let mut moving = Motion::new();
    for frame in frames(bytes)?.take(MAX_FRAMES) {
        let frame = frame.map_err(|error| failed("moving", &error))?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let stays = Duration::from_millis(u64::from(numerator / denominator.max(1)));
        let stays = if stays < TOO_SHORT.0 { TOO_SHORT.1 } else { stays.max(SHORTEST) };
        let pixels = fit(DynamicImage::ImageRgba8(frame.into_buffer()), max);
        let (width, height) = pixels.dimensions();
        let id = Fnv::of(&format!("{name} {}", moving.len())).value();
        moving.push((Picture { id, width, height, rgba: pixels.into_raw() }, stays));
    }
    Ok(moving)
}

/// How many frames there are, as far as they are shown, and how large each is.
fn counted(bytes: &[u8]) -> Result<(usize, (u32, u32)), PictureError> {
    let size = match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => GifDecoder::new(Cursor::new(bytes)).map(|gif| gif.dimensions()),
        Ok(ImageFormat::WebP) => WebPDecoder::new(Cursor::new(bytes)).map(|webp| webp.dimensions()),
        Ok(ImageFormat::Png) => PngDecoder::new(Cursor::new(bytes)).map(|png| png.dimensions()),
        _ => return Err(PictureError::Unknown("no picture that moves".to_owned())),
    };
    let size = size.map_err(|error| failed("moving", &error))?;
    if u64::from(size.0) * u64::from(size.1) > MAX_SOURCE_PIXELS {
        return Err(PictureError::TooLarge { width: size.0, height: size.1 });
    }
    Ok((frames(bytes)?.take(MAX_FRAMES).take_while(Result::is_ok).count().max(1), size))
}

fn frames(bytes: &[u8]) -> Result<Frames<'_>, PictureError> {
    let wrong = |error| failed("moving", &error);
    Ok(match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => {
            let mut gif = GifDecoder::new(Cursor::new(bytes)).map_err(wrong)?;
            gif.set_limits(limits()).map_err(wrong)?;
            gif.into_frames()
        }
        Ok(ImageFormat::WebP) => WebPDecoder::new(Cursor::new(bytes)).map_err(wrong)?.into_frames(),
        _ => {
            let png = PngDecoder::with_limits(Cursor::new(bytes), limits()).map_err(wrong)?;
            png.apng().map_err(wrong)?.into_frames()
        }
    })
}

/// The largest sides, within `max`, with which so many frames of this size take no more than they may.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // sides of pictures
fn sides(size: (u32, u32), max: (u32, u32), count: usize) -> (u32, u32) {
    let (width, height) = super::fitting(size, max);
    let share = MAX_MOVING as f64 / (f64::from(width) * f64::from(height) * 4.0 * count as f64);
    let scaled = |side: u32| ((f64::from(side) * share.sqrt().min(1.0)) as u32).max(1);
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::gif::GifEncoder;
    use image::{Delay, Frame, Rgba, RgbaImage};

    fn gif(size: u32, frames: u8, delay: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for number in 0..frames {
            let pixels = RgbaImage::from_pixel(size, size, Rgba([number, 0, 0, 255]));
            let delay = Delay::from_numer_denom_ms(delay, 1);
            encoder.encode_frame(Frame::from_parts(pixels, 0, 0, delay)).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn frames_come_in_order_with_their_times_and_names_of_their_own() {
        let moving = motion(&gif(8, 3, 250), (100, 100)).unwrap();
        let reds: Vec<u8> = moving.iter().map(|(picture, _)| picture.rgba[0]).collect();
        assert_eq!(reds, [0, 1, 2]);
        assert!(
            moving.iter().all(|(picture, stays)| picture.width == 8 && *stays == Duration::from_millis(250))
        );
        assert_ne!(moving[0].0.id, moving[1].0.id);
        let hasty = motion(&gif(8, 2, 10), (100, 100)).unwrap();
        assert_eq!(hasty[0].1, Duration::from_millis(100), "as browsers do");
    }

    #[test]
    fn however_many_and_large_they_are_they_take_no_more_than_they_may() {
        for (size, count) in [((300, 200), 300), ((1920, 1200), 2), ((8000, 8000), 300), ((1, 9000), 300)] {
            let (width, height) = sides(size, (1920, 1200), count);
            let bytes = width as usize * height as usize * 4 * count;
            assert!(bytes <= MAX_MOVING && width <= size.0 && width > 0, "{size:?}: {bytes} bytes");
        }
        assert_eq!(sides((600, 300), (1920, 1200), 1), (600, 300));
        assert!(motion(b"GIF89a", (9, 9)).is_err() && motion(b"", (9, 9)).is_err());
        let whole = gif(8, 4, 50);
        for end in 0..whole.len() {
            let _ = motion(&whole[..end], (9, 9));
        }
    }
}
