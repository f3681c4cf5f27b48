#![allow(clippy::disallowed_methods)] // a file that must not be read

use std::fmt::Write as _;

use ratatui::style::Color;

use super::*;

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn rgba(width: u32, height: u32, at: impl Fn(u32, u32) -> [u8; 4]) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| image::Rgba(at(x, y)))
}

fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='4' height='2'>{inside}</svg>").into_bytes()
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 4] {
    let at = (y * picture.width + x) as usize * 4;
    picture.rgba[at..at + 4].try_into().unwrap()
}

#[test]
fn a_png_keeps_its_pixels() {
    let bytes =
        encoded(rgba(2, 1, |x, _| if x == 0 { [1, 2, 3, 255] } else { [9, 8, 7, 100] }), ImageFormat::Png);
    let picture = decode(&bytes, (10, 10)).unwrap();
    assert_eq!((picture.width, picture.height), (2, 1));
    assert_eq!(picture.rgba, [1, 2, 3, 255, 9, 8, 7, 100]);
    assert_eq!(picture.id, decode(&bytes, (10, 10)).unwrap().id);
    assert_ne!(picture.id, decode(&svg(""), (10, 10)).unwrap().id);
}

#[test]
fn a_jpeg_is_close() {
    let image = DynamicImage::from(rgba(16, 16, |_, _| [200, 40, 90, 255])).into_rgb8();
    let picture = decode(&encoded(image, ImageFormat::Jpeg), (64, 64)).unwrap();
    assert_eq!((picture.width, picture.height, picture.rgba.len()), (16, 16, 16 * 16 * 4));
    let [r, g, b, a] = pixel(&picture, 8, 8);
    assert!(r.abs_diff(200) < 6 && g.abs_diff(40) < 6 && b.abs_diff(90) < 6 && a == 255, "{r} {g} {b} {a}");
}

#[test]
fn webp_and_the_first_frame_of_a_gif_are_drawn() {
    let webp = decode(&encoded(rgba(3, 2, |_, _| [10, 200, 30, 255]), ImageFormat::WebP), (64, 64)).unwrap();
    assert_eq!((webp.width, webp.height, pixel(&webp, 2, 1)), (3, 2, [10, 200, 30, 255]));
    let mut bytes = Vec::new();
    let mut frames = image::codecs::gif::GifEncoder::new(&mut bytes);
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        frames.encode_frame(image::Frame::new(rgba(4, 4, |_, _| colour))).unwrap();
    }
    drop(frames);
    let gif = decode(&bytes, (64, 64)).unwrap();
    assert_eq!((gif.width, gif.height, pixel(&gif, 1, 1)), (4, 4, [255, 0, 0, 255]));
    // Cut short in its first frame: the decoder says so, and nothing waits for more.
    assert!(matches!(
        decode(&bytes[..bytes.len() / 3], (64, 64)),
        Err(PictureError::Damaged { kind: "GIF", .. })
    ));
}

#[test]
fn pictures_inside_of_an_svg_are_drawn_up_to_a_limit_and_the_rest_is_named() {
    use base64::Engine;
    let png = encoded(rgba(2, 2, |_, _| [255, 0, 0, 255]), ImageFormat::Png);
    let data = |mime: &str, bytes: &[u8]| {
        format!("data:{mime};base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    };
    let image = |address: &str| {
        svg(&format!("<image width='4' height='2' preserveAspectRatio='none' xlink:href='{address}'/>"))
    };
    // The type that an address claims does not matter.
    for mime in ["image/png", "text/plain"] {
        let bytes = image(&data(mime, &png));
        assert_eq!(pixel(&decode(&bytes, (4, 2)).unwrap(), 3, 1), [255, 0, 0, 255], "{mime}");
        assert_eq!(left_out(&bytes), Vec::<String>::new());
    }
    for (address, said) in [
        ("../secret.png".to_owned(), "another file"),
        ("/etc/passwd".to_owned(), "another file"),
        (data("image/svg+xml", &svg("<rect width='4' height='2'/>")), "no PNG"),
        (data("image/png", b"nothing"), "no PNG"),
        ("data:image/png;base64,!".to_owned(), "no PNG"),
    ] {
        let bytes = image(&address);
        assert_eq!(pixel(&decode(&bytes, (4, 2)).unwrap(), 1, 1), [0; 4], "{address}");
        let found = left_out(&bytes);
        assert!(found.len() == 1 && found[0].contains(said), "{address}: {found:?}");
    }
    let html = svg(
        "<foreignObject width='4' height='2'><div xmlns='http://www.w3.org/1999/xhtml'>Start</div></foreignObject>",
    );
    assert!(left_out(&html)[0].contains("foreignObject"));
    // Sixteen million pixels in all: of three pictures of seven million, two.
    let large =
        encoded(DynamicImage::from(rgba(7000, 1000, |_, _| [255, 0, 0, 255])).into_rgb8(), ImageFormat::Png);
    let three = format!("<image width='4' height='2' xlink:href='{}'/>", data("image/png", &large)).repeat(3);
    assert_eq!(left_out(&svg(&three)).len(), 1);
}

#[test]
fn the_text_of_an_svg_is_drawn_in_the_embedded_fonts() {
    let ink = |family: &str, weight: &str, text: &str| {
        let text = format!(
            "<text x='1' y='15' font-size='16' font-family='{family}' font-weight='{weight}'>{text}</text>"
        );
        let bytes = format!("<svg xmlns='http://www.w3.org/2000/svg' width='60' height='20'>{text}</svg>");
        let picture = decode(bytes.as_bytes(), (60, 20)).unwrap();
        let dark = |x: &u32| (0..20).any(|y| pixel(&picture, *x, y)[3] > 100);
        let columns: Vec<u32> = (0..60).filter(dark).collect();
        let weight: u32 = picture.rgba.chunks(4).map(|pixel| u32::from(pixel[3])).sum();
        (columns.last().copied().unwrap_or(0), weight)
    };
    let (sans, regular) = ink("sans-serif", "normal", "iiii");
    let (mono, _) = ink("monospace", "normal", "iiii");
    assert!(regular > 0 && sans < mono && mono < 60, "{sans} {mono}");
    assert!(
        ink("sans-serif", "bold", "iiii").1 > regular,
        "{:?} {regular}",
        ink("sans-serif", "bold", "iiii")
    );
    // A family that is nowhere, and no family at all.
    assert_eq!(ink("Comic Neue", "normal", "iiii").0, sans);
    assert_eq!(ink("", "normal", "iiii").0, sans);
    assert!(ink("Helvetica", "normal", "Ä→ж").1 > regular);
    assert!(ink("Helvetica", "normal", "🚀").1 > 0);
}

#[test]
fn entities_as_drawing_programs_write_them_are_resolved() {
    let drawn = "<?xml version='1.0'?>\n<!DOCTYPE svg [\n<!ENTITY ns 'http://www.w3.org/2000/svg'>\n<!ENTITY c 'red'>\n]>\n\
                 <svg xmlns='&ns;' width='4' height='2'><rect width='4' height='2' fill='&c;'/></svg>";
    assert_eq!(pixel(&decode(drawn.as_bytes(), (4, 2)).unwrap(), 1, 1), [255, 0, 0, 255]);
    // One that is made of itself, or of ever more, is refused.
    let laughs = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>\
        <!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>]>\
        <svg xmlns='http://www.w3.org/2000/svg' width='4' height='2'><desc>&d;&d;&d;&d;&d;&d;&d;&d;</desc></svg>";
    assert!(matches!(decode(laughs.as_bytes(), (4, 2)), Err(PictureError::Damaged { kind: "SVG", .. })));
}

#[test]
fn a_large_picture_is_made_to_fit() {
    let wide = encoded(rgba(400, 100, |_, _| [10, 20, 30, 255]), ImageFormat::Png);
    let picture = decode(&wide, (50, 50)).unwrap();
    assert_eq!((picture.width, picture.height), (50, 13));
    assert_eq!(pixel(&picture, 20, 6), [10, 20, 30, 255]);
    let thin = encoded(rgba(1, 300, |_, _| [0; 4]), ImageFormat::Png);
    let picture = decode(&thin, (50, 30)).unwrap();
    assert_eq!((picture.width, picture.height), (1, 30));
    assert_eq!(decode(&thin, (0, 0)).unwrap().rgba.len(), 4);
}

#[test]
fn what_cannot_be_seen_does_not_bleed() {
    // Black but fully clear next to white: no grey edge when they are averaged.
    let bytes =
        encoded(rgba(64, 64, |x, _| if x % 2 == 0 { [0, 0, 0, 0] } else { [255; 4] }), ImageFormat::Png);
    let [r, g, b, a] = pixel(&decode(&bytes, (8, 8)).unwrap(), 4, 4);
    assert!((100..156).contains(&a), "{a}");
    assert_eq!([r, g, b], [255; 3]);
}

#[test]
fn a_bomb_is_refused_before_it_is_decoded() {
    // A PNG that says it is 60,000 pixels square.
    let mut bytes = encoded(rgba(1, 1, |_, _| [0; 4]), ImageFormat::Png);
    bytes[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    let error = decode(&bytes, (10, 10)).unwrap_err();
    assert_eq!(error, PictureError::TooLarge { width: 60_000, height: 60_000 });
    assert_eq!(error.to_string(), "the picture is 60000x60000 pixels, and the limit is 64 million");
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[test]
fn damaged_files_are_errors() {
    let whole = encoded(rgba(20, 20, |x, y| [byte(x * 9), byte(y * 9), 0, 255]), ImageFormat::Png);
    for end in 0..whole.len() - 12 {
        assert!(decode(&whole[..end], (10, 10)).is_err(), "{end}");
    }
    let jpeg = encoded(DynamicImage::from(rgba(8, 8, |_, _| [9; 4])).into_rgb8(), ImageFormat::Jpeg);
    for end in 0..jpeg.len() {
        let _ = decode(&jpeg[..end], (10, 10));
    }
    assert!(matches!(decode(&jpeg[..30], (9, 9)), Err(PictureError::Damaged { kind: "JPEG", .. })));
    assert!(matches!(decode(b"GIF89a......", (9, 9)), Err(PictureError::Damaged { kind: "GIF", .. })));
    let error = decode(b"II*\0........", (9, 9)).unwrap_err();
    assert_eq!(error.to_string(), "this is a TIFF file; PNG, JPEG, WebP, GIF and SVG pictures can be drawn");
    assert!(matches!(decode(b"<p>hello</p>", (9, 9)), Err(PictureError::Unknown(_))));
    assert!(matches!(decode(b"<svg><g></svg>", (9, 9)), Err(PictureError::Damaged { kind: "SVG", .. })));
}

#[test]
fn an_svg_is_drawn_as_large_as_it_may_be() {
    let picture =
        decode(&svg("<rect width='2' height='2' fill='#ff8000' fill-opacity='.5'/>"), (40, 40)).unwrap();
    assert_eq!((picture.width, picture.height), (40, 20));
    let [r, g, b, a] = pixel(&picture, 5, 5);
    assert!(r == 255 && g.abs_diff(128) < 3 && b == 0 && a.abs_diff(128) < 3, "{r} {g} {b} {a}");
    assert_eq!(pixel(&picture, 30, 5), [0; 4]);
}

#[test]
fn an_svg_reads_no_files() {
    let inner =
        "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='2'><rect width='4' height='2'/></svg>";
    let file = tempfile::Builder::new().suffix(".svg").tempfile().unwrap();
    std::fs::write(file.path(), inner).unwrap();
    let path = file.path().display();
    for href in [format!("{path}"), format!("file://{path}"), format!("data:image/svg+xml;utf8,{inner}")] {
        let href = href.replace('<', "&lt;").replace('\'', "&apos;");
        let picture =
            decode(&svg(&format!("<image xlink:href='{href}' width='4' height='2'/>")), (4, 2)).unwrap();
        assert!(picture.rgba.iter().all(|byte| *byte == 0), "{href}");
    }
    let entity =
        format!("<!DOCTYPE svg [<!ENTITY e SYSTEM 'file://{path}'>]><svg width='1' height='1'>&e;</svg>");
    assert!(decode(entity.as_bytes(), (4, 2)).is_err());
}

#[test]
fn an_svg_that_would_not_end_is_refused() {
    let mut laughs = "<g id='g0'><rect width='1' height='1'/></g>".to_owned();
    for level in 1..20 {
        let _ = write!(laughs, "<g id='g{level}'>");
        for _ in 0..10 {
            let _ = write!(laughs, "<use xlink:href='#g{}'/>", level - 1);
        }
        laughs.push_str("</g>");
    }
    let mut masks = String::new();
    for level in 0..500 {
        let _ = write!(masks, "<mask id='m{level}' mask='url(#m{})'><rect/></mask>", level + 1);
    }
    let circle = "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>".to_owned();
    let deep = "<g>".repeat(200) + &"</g>".repeat(200);
    let noise = "<filter id='f'><feTurbulence numOctaves='2000000000'/></filter>".to_owned();
    for inside in [laughs, masks, circle, deep, noise] {
        let error = decode(&svg(&inside), (100, 100)).unwrap_err();
        assert!(matches!(error, PictureError::Complex(_)), "{error}");
    }
    let deeper = "<g>".repeat(90_000) + &"</g>".repeat(90_000);
    assert!(decode(&svg(&deeper), (100, 100)).is_err());
}

#[test]
fn an_svg_as_drawn_by_people_is_not_too_complex() {
    let nested = "<g opacity='.9'>".repeat(30) + "<rect width='4' height='2'/>" + &"</g>".repeat(30);
    assert!(decode(&svg(&nested), (4, 2)).is_ok());
    let mut chart = "<defs><clipPath id='c'><rect width='4' height='2'/></clipPath></defs>".to_owned();
    for mark in 0..2000 {
        let _ = write!(chart, "<path d='M0 {mark} L4 1' stroke='#123' clip-path='url(#c)'/>");
    }
    assert!(decode(&svg(&chart), (40, 20)).is_ok());
}

#[test]
fn half_blocks_average_and_mix_with_the_background() {
    let picture = Picture {
        id: 1,
        width: 2,
        height: 4,
        rgba: [
            [100, 0, 0, 255],
            [200, 0, 0, 255],
            [100, 0, 0, 255],
            [200, 0, 0, 255],
            [0, 0, 0, 0],
            [255, 255, 255, 255],
            [0, 0, 0, 0],
            [255, 255, 255, 255],
        ]
        .concat(),
    };
    let mut cells = Buffer::empty(Rect::new(0, 0, 3, 2));
    half_blocks(&picture, &mut cells, Rect::new(1, 1, 1, 1), Rgb(10, 20, 30));
    let cell = &cells[(1, 1)];
    assert_eq!(cell.symbol(), "▀");
    assert_eq!(cell.fg, Color::Rgb(150, 0, 0));
    assert_eq!(cell.bg, Color::Rgb(133, 138, 143));
    assert_eq!(cells.content.iter().filter(|cell| cell.symbol() != " ").count(), 1);
}

#[test]
fn half_blocks_of_any_size_will_do() {
    let two = Picture { id: 1, width: 2, height: 1, rgba: vec![7, 7, 7, 255, 9, 9, 9, 255] };
    let mut cells = Buffer::empty(Rect::new(0, 0, 4, 1));
    half_blocks(&two, &mut cells, Rect::new(0, 0, 4, 3), Rgb(0, 0, 0));
    let colours: Vec<_> = cells.content.iter().map(|cell| (cell.fg, cell.bg)).collect();
    let [a, b] = [7, 9].map(|level| (Color::Rgb(level, level, level), Color::Rgb(level, level, level)));
    assert_eq!(colours, [a, a, b, b]);
    for picture in [
        Picture { id: 1, width: 0, height: 0, rgba: vec![] },
        Picture { id: 1, width: 5, height: 5, rgba: vec![1; 7] },
    ] {
        half_blocks(&picture, &mut cells, Rect::new(0, 0, 4, 1), Rgb(1, 2, 3));
        assert_eq!(cells[(3, 0)].bg, Color::Rgb(1, 2, 3));
    }
    half_blocks(&two, &mut cells, Rect::new(9, 9, 0, 0), Rgb(0, 0, 0));
}
