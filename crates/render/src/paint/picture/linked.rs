//! What a picture's file holds besides the picture: the files that an SVG names, and further frames.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageFormat;

/// Pictures of other files in one SVG.
const MAX_LINKED: usize = 64;
/// All of them together, in bytes.
const MAX_BYTES: usize = 5 * 1024 * 1024;

/// Where the addresses stand that the `image` elements of an SVG name files by.
fn addresses(svg: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in svg.match_indices("image").take(MAX_LINKED * 16) {
        let before = svg.get(..at).unwrap_or_default();
        let opens = before.ends_with('<') || before.ends_with("<svg:");
        let (start, rest) = (at + "image".len(), svg.get(at + "image".len()..).unwrap_or_default());
        if !opens || !rest.starts_with(char::is_whitespace) {
            continue;
        }
        let mut quote = None;
        let end = rest.char_indices().find(|(_, c)| match quote {
            Some(open) if *c == open => {
                quote = None;
                false
            }
            None if matches!(c, '"' | '\'') => {
                quote = Some(*c);
                false
            }
            None => *c == '>',
            Some(_) => false,
        });
        let tag = rest.get(..end.map_or(rest.len(), |(end, _)| end)).unwrap_or_default();
        let value = tag.match_indices("href").find_map(|(at, name)| {
            let behind = tag.get(at + name.len()..)?;
            let value = behind.trim_start().strip_prefix('=')?.trim_start();
            let inner = value.strip_prefix(['"', '\''])?;
            let length = inner.find(value.chars().next()?)?;
            let begin = start + (tag.len() - inner.len());
            Some(begin..begin + length)
        });
        found.extend(value);
    }
    found.truncate(MAX_LINKED);
    found
}

/// Whether an address is the path of a file: no data, no fragment, nothing of the web or of another scheme.
fn is_path(address: &str) -> bool {
    let scheme = address.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
    !address.is_empty() && !address.starts_with(['#', '/', '\\']) && !scheme
}

/// An SVG with the pictures inside that it names by a path. `open` reads a file of the deck, and no other. What cannot be had, is no
/// picture or too large, stays as it is, and is not drawn.
#[must_use]
pub fn with_files<'a>(svg: &'a [u8], open: &dyn Fn(&str) -> Option<Vec<u8>>) -> Cow<'a, [u8]> {
    let Some(text) = super::is_svg(svg).then(|| std::str::from_utf8(svg).ok()).flatten() else {
        return Cow::Borrowed(svg);
    };
    let (mut out, mut done, mut left) = (String::new(), 0, MAX_BYTES);
    for range in addresses(text) {
        let written = text.get(range.clone()).unwrap_or_default();
        let address = written.trim().replace("&amp;", "&");
        let Some(bytes) = is_path(&address).then(|| open(&address)).flatten().filter(|it| it.len() <= left)
        else {
            continue;
        };
        let Some(kind) = kind(&bytes) else { continue };
        left -= bytes.len();
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str("data:");
        out.push_str(kind);
        out.push_str(";base64,");
        STANDARD.encode_string(&bytes, &mut out);
        done = range.end;
    }
    if done == 0 {
        return Cow::Borrowed(svg);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(out.into_bytes())
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    match image::guess_format(bytes).ok()? {
        kind @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif) => {
            Some(kind.to_mime_type())
        }
        _ => None,
    }
}

/// Whether a picture has more than one frame, as far as its first blocks tell: the first frame is what shows.
#[must_use]
pub fn moves(bytes: &[u8]) -> bool {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Gif) => gif_moves(bytes).unwrap_or(false),
        // The flag of the extended header.
        Ok(ImageFormat::WebP) => {
            bytes.get(12..16) == Some(b"VP8X") && bytes.get(20).is_some_and(|flags| flags & 0b10 != 0)
        }
        // The control chunk of an animation stands before the pixels.
        Ok(ImageFormat::Png) => {
            let head = bytes.get(..bytes.len().min(1 << 16)).unwrap_or_default();
            let at = |name: &[u8]| head.windows(4).position(|chunk| chunk == name);
            at(b"acTL").is_some_and(|control| at(b"IDAT").is_none_or(|pixels| control < pixels))
        }
        _ => false,
    }
}

/// Whether a second picture begins behind the first one.
fn gif_moves(bytes: &[u8]) -> Option<bool> {
    let colors = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    // The blocks of data that end with an empty one.
    let behind = |mut at: usize| {
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                return Some(at);
            }
        }
    };
    let (mut at, mut frames) = (13 + colors(*bytes.get(10)?), 0);
    loop {
        match *bytes.get(at)? {
            0x21 => at = behind(at + 2)?,
            0x2c => {
                frames += 1;
                if frames > 1 {
                    return Some(true);
                }
                at = behind(at + 11 + colors(*bytes.get(at + 9)?))?;
            }
            _ => return Some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::codecs::gif::GifEncoder;
    use image::{Frame, RgbaImage};

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";

    #[test]
    fn only_files_of_the_deck_are_put_into_an_svg() {
        let asked = std::cell::RefCell::new(Vec::new());
        let open = |path: &str| {
            asked.borrow_mut().push(path.to_owned());
            (path != "missing.png").then(|| if path == "note.txt" { b"text".to_vec() } else { PNG.to_vec() })
        };
        let svg = "<svg xmlns='x'><image href=\"a&amp;b.png\" width='1'/><image\nxlink:href='c/d.png'/><svg:image href = 'e>f.png'/>\
            <image href='https://example.org/x.png'/><image href='//example.org/x.png'/><image href='file:///etc/passwd'/>\
            <image href='/etc/passwd'/><image href='#a'/><image href='data:image/png;base64,AA'/><image href='missing.png'/>\
            <image href='note.txt'/><a href='link.png'>image href='text.png'</a></svg>";
        let made = String::from_utf8(with_files(svg.as_bytes(), &open).into_owned()).unwrap();
        assert_eq!(*asked.borrow(), ["a&b.png", "c/d.png", "e>f.png", "missing.png", "note.txt"]);
        assert_eq!(made.matches("data:image/png;base64,iVBORw0KGgo").count(), 3, "{made}");
        assert!(
            made.contains("<image href='https://example.org/x.png'/>") && made.contains("href='missing.png'")
        );
        assert!(made.contains("width='1'/>") && made.ends_with("</svg>"));
        let plain = b"<svg><rect/></svg>";
        assert!(matches!(with_files(plain, &open), Cow::Borrowed(_)));
        let many = format!("<svg>{}</svg>", "<image href='a.png'/>".repeat(1000));
        asked.borrow_mut().clear();
        let _ = with_files(many.as_bytes(), &open);
        assert_eq!(asked.borrow().len(), MAX_LINKED);
        let large = |_: &str| Some([PNG, &vec![0; 3 * 1024 * 1024]].concat());
        let made = with_files(many.as_bytes(), &large);
        assert!(made.len() < 6 * 1024 * 1024, "{}", made.len());
    }

    #[test]
    fn a_picture_that_moves_is_known_by_its_second_frame() {
        let gif = |frames: usize| {
            let mut bytes = Vec::new();
            let mut encoder = GifEncoder::new(&mut bytes);
            let frame = || Frame::new(RgbaImage::from_pixel(3, 2, image::Rgba([9, 9, 9, 255])));
            encoder.encode_frames((0..frames).map(|_| frame())).unwrap();
            drop(encoder);
            bytes
        };
        assert!(!moves(&gif(1)) && moves(&gif(2)));
        let long = gif(10_000);
        assert!(moves(&long));
        for cut in 0..long.len().min(200) {
            let _ = moves(&long[..cut]);
        }
        assert!(!moves(PNG) && !moves(b"") && !moves(b"GIF89a"));
    }
}
