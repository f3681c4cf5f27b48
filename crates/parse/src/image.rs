//! Pictures: where they are, and how many pixels they have, from their first bytes.

use std::io::Cursor;

use ::image::ImageDecoder;
use ::image::codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use ::image::metadata::Orientation;

use greenroom_base::files::message as file_message;
use greenroom_base::files::{FileError, Files};
use greenroom_base::text::{clean_line, missing_hint};
use greenroom_deck::{Align, Block, Cover, Image, Node, Text};
use greenroom_markup::link_targets::{at, percent_decoded};
use greenroom_markup::{directive, html};
use imagesize::ImageType;

/// Enough for every header, and for what a camera puts before it.
const HEAD: usize = 256 << 10;

/// The longest picture that is read whole for what stands at its end, in bytes.
const WHOLE: u64 = 32 << 20;

/// Larger pictures are a slip, or an attack on the decoder.
const MAX_SIDE: usize = 65_535;

/// A picture that was found.
pub(super) struct ImageFile {
    pub path: String,
    pub pixels: (u32, u32),
}

/// Why there is no picture: the message, and what to do.
pub(super) type Missing = (String, Option<String>);

/// Looks for the picture that `file` calls `link`.
pub(super) fn find(files: &dyn Files, file: &str, link: &str) -> Result<ImageFile, Missing> {
    if link.contains("://") {
        let hint = "save it in the deck folder: a talk needs no network".to_owned();
        return Err((format!("\"{link}\" is not in the deck"), Some(hint)));
    }
    if link.is_empty() {
        return Err((
            "this picture has no file".to_owned(),
            Some("write `![what it shows](file.png)`".to_owned()),
        ));
    }
    let mut path = at(file, link);
    let mut head = files.head(&path, HEAD);
    if head == Err(FileError::Missing) && link.contains('%') {
        let decoded = at(file, &percent_decoded(link));
        if let Ok(found) = files.head(&decoded, HEAD) {
            path = decoded;
            head = Ok(found);
        }
    }
    let head =
        head.map_err(|error| (file_message(&path, &error), missing_hint(files, &path, &error, None)))?;
    let pixels = pixels(&head).ok_or_else(|| {
        let hint = "PNG, JPEG, WebP, GIF and SVG are".to_owned();
        (format!("\"{path}\" is no picture that can be read"), Some(hint))
    })?;
    let turned = if is_turned(files, &path, &head) { (pixels.1, pixels.0) } else { pixels };
    Ok(ImageFile { path: clean_line(&path).into_owned(), pixels: turned })
}

/// The picture of a title slide.
pub(super) fn cover(files: &dyn Files, file: &str, cover: &Cover, title: &str) -> Result<Node, Missing> {
    let ImageFile { path, pixels } = find(files, file, &cover.image)?;
    let alt = Text::plain(clean_line(cover.alt.as_deref().unwrap_or(title)));
    let caption = Text::default();
    let image = Image { path, alt, caption, width: None, align: None, pixels, drawn_from: None };
    Ok(Node { block: Block::Image(image), step: 0, align: Align::Left, scale: 1 })
}

/// Whether the camera was held upright: the picture's sides change places when it is drawn.
fn is_turned(files: &dyn Files, path: &str, head: &[u8]) -> bool {
    let orientation = |decoder: Option<&mut dyn ImageDecoder>| decoder.and_then(|it| it.orientation().ok());
    let found = match imagesize::image_type(head) {
        Ok(ImageType::Jpeg) => {
            orientation(JpegDecoder::new(Cursor::new(head)).ok().as_mut().map(|it| it as _))
        }
        Ok(ImageType::Png) => orientation(PngDecoder::new(Cursor::new(head)).ok().as_mut().map(|it| it as _)),
        // What a camera says stands behind a WebP picture's pixels, and the header tells whether it says anything.
        Ok(ImageType::Webp) if has_exif(head) => files.read(path, WHOLE).ok().and_then(|bytes| {
            orientation(WebPDecoder::new(Cursor::new(&*bytes)).ok().as_mut().map(|it| it as _))
        }),
        _ => None,
    };
    matches!(
        found,
        Some(
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        )
    )
}

/// The flag of the extended header (<https://developers.google.com/speed/webp/docs/riff_container>).
fn has_exif(webp: &[u8]) -> bool {
    webp.get(12..16) == Some(b"VP8X") && webp.get(20).is_some_and(|flags| flags & 0b1000 != 0)
}

fn pixels(head: &[u8]) -> Option<(u32, u32)> {
    let (width, height) = match imagesize::image_type(head) {
        Ok(ImageType::Png | ImageType::Jpeg | ImageType::Webp | ImageType::Gif) => {
            imagesize::blob_size(head).ok().map(|size| (size.width, size.height))?
        }
        // What could be measured but not drawn is no picture.
        Ok(_) => return None,
        Err(_) => svg_size(head)?,
    };
    let side = |pixels: usize| (1..=MAX_SIDE).contains(&pixels).then(|| u32::try_from(pixels).ok())?;
    Some((side(width)?, side(height)?))
}

/// Width and height of the root element, or of its view box.
fn svg_size(head: &[u8]) -> Option<(usize, usize)> {
    let text = String::from_utf8_lossy(head);
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    // Prolog, comments and the document type come before the root.
    while rest.starts_with("<?") || rest.starts_with("<!") {
        rest = rest.split_once(end_of_prolog(rest))?.1.trim_start();
    }
    let root = rest.strip_prefix("<svg")?;
    let (attributes, _) = root.split_once('>')?;
    let length = |name: &str| html::attribute(attributes, name).and_then(pixels_of);
    let view: Vec<f64> = html::attribute(attributes, "viewBox")
        .unwrap_or_default()
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter_map(|number| number.parse().ok())
        .collect();
    let (width, height) = match (length("width"), length("height"), view.get(2..4)) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some([w, h])) => (width, width * h / w),
        (None, Some(height), Some([w, h])) => (height * w / h, height),
        (None, None, Some([w, h])) => (*w, *h),
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    // `as` saturates, and the caller checks
    let whole = |length: f64| length.ceil() as usize;
    Some((whole(width), whole(height)))
}

/// What ends the comment, instruction or document type that `text` begins with. A document type may have declarations
/// in brackets: drawing programs write their name spaces there.
fn end_of_prolog(text: &str) -> &'static str {
    let declares = || text.find('[').is_some_and(|open| text.find('>').is_none_or(|close| open < close));
    match () {
        () if text.starts_with("<!--") => "-->",
        () if text.starts_with("<?") => "?>",
        () if declares() => "]>",
        () => ">",
    }
}

/// A length in CSS pixels; nothing for percentages.
fn pixels_of(length: &str) -> Option<f64> {
    let length = length.trim();
    let unit_at = length.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(length.len());
    let (number, unit) = length.split_at(unit_at);
    let factor = match unit.trim() {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" | "em" | "rem" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

/// What `![…]` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    /// What the picture shows.
    pub words: String,
    /// In percent of the room that it has.
    pub width: Option<u8>,
    /// Where it stands.
    pub align: Option<Align>,
    /// What is wrong, and what to do.
    pub wrong: Option<(String, &'static str)>,
}

/// Reads what stands between the brackets of `![…]`.
///
/// `image:` may be left out before a width in percent or a place, as presenterm's `image_attributes_prefix` allows.
pub(super) fn attributes(alt: &str) -> Attributes {
    let mut found = Attributes::default();
    let mut words = Vec::new();
    for part in alt.split(',') {
        let named = part.trim().strip_prefix("image:");
        let attribute = named.unwrap_or(part.trim());
        let width = attribute.strip_prefix("width:").or_else(|| attribute.strip_prefix("w:"));
        let place = attribute.strip_prefix("align:").or_else(|| attribute.strip_prefix("a:"));
        match (width.and_then(directive::percent), place.and_then(|place| directive::align(place.trim()))) {
            (Some(percent), _) => found.width = Some(percent),
            (_, Some(align)) => found.align = Some(align),
            _ if named.is_none() => words.push(part),
            _ if attribute.starts_with("align:") => {
                let hint = "write `![image:align:center](…)`, or left, or right";
                found.wrong = Some((format!("`image:{attribute}` is no place of a picture"), hint));
            }
            _ => {
                let hint = "write `![image:width:50%](…)`, from 1% to 100%";
                found.wrong = Some((format!("`image:{attribute}` is no size of a picture"), hint));
            }
        }
    }
    words.join(",").trim().clone_into(&mut found.words);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_pictures_have_sizes() {
        let size = |svg: &str| pixels(svg.as_bytes());
        assert_eq!(size("<svg width='10' height=\"20px\"/>"), Some((10, 20)));
        assert_eq!(
            size("<?xml version='1.0'?>\n<!-- > --><!DOCTYPE svg>\n<svg viewBox='0 0 30,40'>"),
            Some((30, 40))
        );
        assert_eq!(size("<svg width='1in' viewBox='0 0 2 1'>"), Some((96, 48)));
        assert_eq!(size("<svg width='100%' height='100%' viewBox='0 0 7 8'>"), Some((7, 8)));
        let drawn = r#"<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;" width="2" height="1">"#;
        assert_eq!(size(drawn), Some((2, 1)));
        assert_eq!(size("<svg>"), None);
        assert_eq!(size("<svg width='0' height='5'>"), None);
        assert_eq!(size("<svg width='1e99' height='9999999'>"), None);
        assert_eq!(size("<html>"), None);
    }

    #[test]
    fn pixel_pictures_have_sizes() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x07\0\0\0\x05\x08\x06\0\0\0";
        assert_eq!(pixels(png), Some((7, 5)));
        assert_eq!(pixels(b"GIF89a\x03\0\x04\0\0\0\0\0\0\0"), Some((3, 4)));
        assert_eq!(
            pixels(b"BM\x1a\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x03\0\x04\0"),
            None,
            "it could not be drawn"
        );
        let huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\xff\xff\xff\xff\0\0\0\x05\x08\x06\0\0\0";
        assert_eq!(pixels(huge), None);
        assert_eq!(pixels(&png[..9]), None);
    }

    #[test]
    fn sizes_stand_in_the_words() {
        let read = |alt: &str| {
            let found = attributes(alt);
            (found.words, found.width, found.align)
        };
        assert_eq!(read("a dog, at home"), ("a dog, at home".to_owned(), None, None));
        assert_eq!(read("image:width:50%"), (String::new(), Some(50), None));
        assert_eq!(read("a dog,image:w:5%"), ("a dog".to_owned(), Some(5), None));
        assert_eq!(read("w:5%"), (String::new(), Some(5), None));
        assert_eq!(read("width: the whole"), ("width: the whole".to_owned(), None, None));
        assert_eq!(read("a dog, align:right, w: 7%"), ("a dog".to_owned(), Some(7), Some(Align::Right)));
        assert_eq!(read("image:align:center"), (String::new(), None, Some(Align::Center)));
        assert_eq!(read("align: it well"), ("align: it well".to_owned(), None, None));
        assert!(attributes("image:w:500%").wrong.is_some());
        assert!(attributes("image:tall").wrong.is_some());
    }

    #[test]
    fn links_may_be_percent_encoded() {
        assert_eq!(percent_decoded("a%20b%2"), "a b%2");
        assert_eq!(percent_decoded("%é%zz"), "%é%zz");
    }
}
