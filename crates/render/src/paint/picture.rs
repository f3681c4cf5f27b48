//! Pictures: from a file's bytes to pixels, and from pixels to cells.

mod linked;
mod moving;
mod svg;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;

use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbaImage};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use thiserror::Error;

pub use linked::{moves, with_files};
pub use moving::{MAX_FRAMES, MAX_MOVING, Motion, motion};
pub use svg::left_out;

use greenroom_deck::Rgb;
use greenroom_frame::Picture;

/// A picture of more pixels is refused before any of them is decoded.
pub const MAX_SOURCE_PIXELS: u64 = 64 * 1000 * 1000;
/// What decoding may allocate.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;

/// Why a picture cannot be shown.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PictureError {
    /// Another kind of file.
    #[error("this is {0}; PNG, JPEG, WebP, GIF and SVG pictures can be drawn")]
    Unknown(String),
    /// The file says so before its pixels.
    #[error(
        "the picture is {width}x{height} pixels, and the limit is {} million",
        MAX_SOURCE_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Decoding would take more memory than a picture is worth.
    #[error("the picture needs more than {} MB to decode", MAX_MEMORY / 1024 / 1024)]
    Memory,
    /// The file is damaged, or cut short.
    #[error("the {kind} picture cannot be read: {why}")]
    Damaged {
        /// PNG, JPEG, WebP, GIF or SVG.
        kind: &'static str,
        /// In the words of the decoder.
        why: String,
    },
    /// An SVG that would take too long to draw.
    #[error("the SVG picture is too complex: {0}; export it as a PNG")]
    Complex(String),
    /// It takes longer than a picture is worth.
    #[error(
        "the picture takes more than {seconds} s to decode and draw; save a simpler or smaller one as a PNG"
    )]
    Time {
        /// Seconds of CPU.
        seconds: u64,
    },
    /// Drawing it takes more memory than a picture is worth.
    #[error(
        "the picture needs more than {megabytes} MB to decode and draw; save a simpler or smaller one as a PNG"
    )]
    TooMuchMemory {
        /// Bytes / 2^20.
        megabytes: u64,
    },
    /// What the process that decodes pictures says.
    #[error("{0}")]
    Told(String),
    /// There is no such process.
    #[error("the picture cannot be decoded: {0}")]
    Process(String),
}

/// Whether the bytes are an SVG, as far as their beginning tells.
#[must_use]
pub fn is_svg(bytes: &[u8]) -> bool {
    image::guess_format(bytes).is_err() && svg::is_svg(bytes)
}

/// Decodes a PNG, JPEG, WebP, GIF or SVG picture and makes it fit `max` (pixels across and down).
///
/// # Errors
/// If the bytes are no such picture, are damaged, or would take too much memory or time.
pub fn decode(bytes: &[u8], max: (u32, u32)) -> Result<Picture, PictureError> {
    let max = (max.0.max(1), max.1.max(1));
    let pixels = match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits());
            raster(decoder.map_err(|error| failed("PNG", &error))?, "PNG", max)?
        }
        Ok(ImageFormat::Jpeg) => {
            let decoder = JpegDecoder::new(Cursor::new(bytes));
            raster(decoder.map_err(|error| failed("JPEG", &error))?, "JPEG", max)?
        }
        // Of one that moves, the first frame.
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(bytes));
            raster(decoder.map_err(|error| failed("WebP", &error))?, "WebP", max)?
        }
        Ok(ImageFormat::Gif) => {
            let decoder = GifDecoder::new(Cursor::new(bytes));
            raster(decoder.map_err(|error| failed("GIF", &error))?, "GIF", max)?
        }
        Ok(other) => {
            let name = other.extensions_str().first().map_or_else(String::new, |name| name.to_uppercase());
            return Err(PictureError::Unknown(format!("a {name} file")));
        }
        Err(_) if svg::is_svg(bytes) => svg::draw(bytes, max)?,
        Err(_) => return Err(PictureError::Unknown("no picture".to_owned())),
    };
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    max.hash(&mut hasher);
    let (width, height) = pixels.dimensions();
    Ok(Picture { id: hasher.finish(), width, height, rgba: pixels.into_raw() })
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn failed(kind: &'static str, error: &ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::Memory,
        other => PictureError::Damaged { kind, why: other.to_string() },
    }
}

fn raster(
    mut decoder: impl ImageDecoder,
    kind: &'static str,
    max: (u32, u32),
) -> Result<RgbaImage, PictureError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_SOURCE_PIXELS {
        return Err(PictureError::TooLarge { width, height });
    }
    if decoder.total_bytes() > MAX_MEMORY {
        return Err(PictureError::Memory);
    }
    decoder.set_limits(limits()).map_err(|error| failed(kind, &error))?;
    let turned = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| failed(kind, &error))?;
    if let Some(turned) = turned {
        image.apply_orientation(turned);
    }
    Ok(fit(image, max))
}

/// `picture` with fewer pixels: so that it fits `max`, keeping proportions. It is another picture then, and called as this one is.
#[must_use]
pub fn scaled(picture: &Picture, max: (u32, u32)) -> Picture {
    let pixels = RgbaImage::from_raw(picture.width, picture.height, picture.rgba.clone()).unwrap_or_default();
    let pixels = fit(DynamicImage::ImageRgba8(pixels), (max.0.max(1), max.1.max(1)));
    let (width, height) = pixels.dimensions();
    Picture { id: picture.id, width, height, rgba: pixels.into_raw() }
}

/// Scales down to `max`, keeping proportions.
fn fit(image: DynamicImage, max: (u32, u32)) -> RgbaImage {
    let (width, height) = fitting((image.width(), image.height()), max);
    if (width, height) == (image.width(), image.height()) {
        return image.into_rgba8();
    }
    // Most of the way by plain averages, which are quick, the rest with a filter that keeps edges.
    let nearly = |side: u32| side.saturating_mul(2);
    if !image.color().has_alpha() {
        let image = if image.width() > nearly(width) && image.height() > nearly(height) {
            image.thumbnail_exact(nearly(width), nearly(height))
        } else {
            image
        };
        return image.resize_exact(width, height, FilterType::Lanczos3).into_rgba8();
    }
    let mut image = image.into_rgba8();
    premultiply(&mut image);
    if image.width() > nearly(width) && image.height() > nearly(height) {
        image = imageops::thumbnail(&image, nearly(width), nearly(height));
    }
    let mut image = imageops::resize(&image, width, height, FilterType::Lanczos3);
    straighten(&mut image);
    image
}

/// The largest size with these proportions that fits and does not enlarge.
fn fitting((width, height): (u32, u32), max: (u32, u32)) -> (u32, u32) {
    if width <= max.0 && height <= max.1 {
        return (width, height);
    }
    let part = |side: u32, of: u32, by: u32| {
        let scaled = (u64::from(side) * u64::from(of) + u64::from(by) / 2) / u64::from(by.max(1));
        u32::try_from(scaled).unwrap_or(of).max(1)
    };
    if u64::from(width) * u64::from(max.1) > u64::from(height) * u64::from(max.0) {
        (max.0, part(height, max.0, width).min(max.1))
    } else {
        (part(width, max.1, height).min(max.0), max.1)
    }
}

/// So that the colour of what cannot be seen does not bleed into what can.
fn premultiply(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        pixel.0 = [times(r, a), times(g, a), times(b, a), a];
    }
}

fn straighten(image: &mut RgbaImage) {
    for pixel in image.pixels_mut() {
        let [r, g, b, a] = pixel.0;
        pixel.0 = [over(r, a), over(g, a), over(b, a), a];
    }
}

fn times(channel: u8, alpha: u8) -> u8 {
    byte((u32::from(channel) * u32::from(alpha) + 127) / 255)
}

fn over(channel: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    byte((u32::from(channel) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0))
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// Draws a picture into cells, two pixels to a cell, stretched to `area` (the caller keeps proportions).
/// What shows through it is `background`.
pub(crate) fn half_blocks(picture: &Picture, cells: &mut Buffer, area: Rect, background: Rgb) {
    let shown = area.intersection(cells.area);
    let (columns, rows) = (u32::from(area.width), u32::from(area.height) * 2);
    for y in shown.top()..shown.bottom() {
        for x in shown.left()..shown.right() {
            let Some(cell) = cells.cell_mut((x, y)) else { continue };
            let (column, row) = (u32::from(x - area.x), u32::from(y - area.y) * 2);
            let colour =
                |row| mean(picture, part(column, columns, picture.width), part(row, rows, picture.height));
            let (upper, lower) = (colour(row), colour(row + 1));
            cell.reset();
            cell.set_symbol("▀").set_fg(upper.on(background).into()).set_bg(lower.on(background).into());
            cell.modifier = Modifier::empty();
        }
    }
}

/// Pixels that part `index` of `parts` of a side takes: at least one.
fn part(index: u32, parts: u32, length: u32) -> std::ops::Range<u32> {
    let at = |index: u32| {
        let at = u64::from(index) * u64::from(length) / u64::from(parts.max(1));
        u32::try_from(at).unwrap_or(length).min(length)
    };
    let start = at(index).min(length.saturating_sub(1));
    start..at(index + 1).max(start + 1)
}

/// The mean of an area: its colours weighted by how much they cover, and how much that is.
struct Mean {
    sum: [u64; 3],
    alpha: u64,
    pixels: u64,
}

impl Mean {
    fn on(&self, background: Rgb) -> Rgb {
        let full = self.pixels * 255;
        let clear = full.saturating_sub(self.alpha);
        let channel = |sum: u64, behind: u8| {
            let mixed = (sum + u64::from(behind) * clear + full / 2).checked_div(full);
            mixed.and_then(|mixed| u8::try_from(mixed).ok()).unwrap_or(behind)
        };
        let [r, g, b] = self.sum;
        Rgb(channel(r, background.0), channel(g, background.1), channel(b, background.2))
    }
}

fn mean(picture: &Picture, across: std::ops::Range<u32>, down: std::ops::Range<u32>) -> Mean {
    let mut mean = Mean { sum: [0; 3], alpha: 0, pixels: 0 };
    let stride = picture.width as usize * 4;
    for y in down {
        let row = y as usize * stride;
        let pixels = picture.rgba.get(row + across.start as usize * 4..row + across.end as usize * 4);
        for pixel in pixels.unwrap_or_default().chunks_exact(4) {
            let &[r, g, b, a] = pixel else { continue };
            let alpha = u64::from(a);
            for (sum, channel) in mean.sum.iter_mut().zip([r, g, b]) {
                *sum += u64::from(channel) * alpha;
            }
            mean.alpha += alpha;
            mean.pixels += 1;
        }
    }
    mean
}

#[cfg(test)]
mod tests;
