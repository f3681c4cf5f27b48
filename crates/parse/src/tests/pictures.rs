//! Pictures in a text: where they may stand, and how large they are.

use std::io::Cursor;

use ::image::{ExtendedColorType, ImageEncoder, ImageFormat, RgbImage, codecs};

use super::*;
use greenroom_deck::Block;

/// A picture of 6 by 3 pixels; with what a camera says of how it was held, where that is given.
fn picture(format: ImageFormat, orientation: Option<u16>) -> Vec<u8> {
    let pixels = RgbImage::new(6, 3);
    // TIFF, little endian, one entry: tag 0x0112, a short.
    let exif = |value: u16| {
        let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend(u32::from(value).to_le_bytes());
        exif.extend([0; 4]);
        exif
    };
    let mut bytes = Cursor::new(Vec::new());
    macro_rules! with {
        ($encoder:expr) => {{
            let mut encoder = $encoder;
            if let Some(exif) = orientation.map(exif) {
                encoder.set_exif_metadata(exif).unwrap();
            }
            encoder.write_image(&pixels, 6, 3, ExtendedColorType::Rgb8).unwrap();
        }};
    }
    match format {
        ImageFormat::Jpeg => with!(codecs::jpeg::JpegEncoder::new(&mut bytes)),
        ImageFormat::Png => with!(codecs::png::PngEncoder::new(&mut bytes)),
        ImageFormat::WebP => with!(codecs::webp::WebPEncoder::new_lossless(&mut bytes)),
        other => pixels.write_to(&mut bytes, other).unwrap(),
    }
    bytes.into_inner()
}

fn blocks(deck: &Deck) -> Vec<String> {
    deck.slides[0].body.iter().map(|node| said(&node.block)).collect()
}

fn said(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => text.to_plain(),
        Block::Image(image) => format!("{} {}x{}", image.path, image.pixels.0, image.pixels.1),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_picture_that_was_taken_upright_has_its_sides_changed() {
    for (format, end) in [(ImageFormat::Jpeg, "jpg"), (ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")]
    {
        for (orientation, size) in
            [(None, "6x3"), (Some(1), "6x3"), (Some(3), "6x3"), (Some(6), "3x6"), (Some(8), "3x6")]
        {
            let path = format!("p.{end}");
            let files = MemoryFiles::new()
                .with("talk.md", format!("# T\n\n![]({path})\n"))
                .with(&path, picture(format, orientation));
            let deck = super::super::deck(&files, "talk.md");
            assert_eq!(blocks(&deck), [format!("{path} {size}")], "{orientation:?} {}", printed(&deck));
        }
    }
}

#[test]
fn a_picture_in_a_paragraph_is_a_block_of_its_own() {
    let files = |text: &str| {
        MemoryFiles::new().with("talk.md", text.to_owned()).with("p.gif", picture(ImageFormat::Gif, None))
    };
    let read = |text: &str| super::super::deck(&files(text), "talk.md");
    let deck = read("# T\n\nBefore **it ![a picture](p.gif) after** it ![](p.gif)![](p.gif) and on.\n");
    assert_eq!(blocks(&deck), ["Before it", "p.gif 6x3", "after it", "p.gif 6x3", "p.gif 6x3", "and on."]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    // Where there is no room for one, its words stand, and that is said.
    for text in ["# T ![a picture](p.gif)\n", "# T\n\n| a |\n|---|\n| x ![a picture](p.gif) |\n"] {
        let deck = read(text);
        assert!(printed(&deck).contains("warning"), "{text}: {}", printed(&deck));
        assert!(printed(&deck).contains("not drawn in a title or a table"), "{}", printed(&deck));
    }
}

#[test]
fn a_picture_that_is_missing_is_an_error_wherever_it_stands() {
    for text in [
        "# T ![](gone.png)\n",
        "# T\n\nWords ![](gone.png) words\n",
        "# T\n\n> - words ![](gone.png)\n",
        "# T\n\n| a |\n|---|\n| x ![](gone.png) |\n",
        "# T\n\nterm ![](gone.png)\n: meaning\n",
        "# T\n\nWords[^1]\n\n[^1]: see ![](gone.png)\n",
        "# T\n\n[a link ![](gone.png)](https://example.org)\n",
    ] {
        let deck = markdown(text);
        let problems = printed(&deck);
        assert!(problems.contains("error") && problems.contains("gone.png"), "{text}: {problems}");
        assert_eq!(deck.problems.len(), 1, "{text}: {problems}");
    }
}

#[test]
fn a_text_may_have_a_drawing_that_shows_instead() {
    let files = |fence: &str| {
        MemoryFiles::new()
            .with("talk.md", format!("# T\n\n```{fence}\n a ──▶ b\n```\n"))
            .with("p.png", picture(ImageFormat::Png, None))
    };
    let deck = super::super::deck(&files("text drawing=p.png"), "talk.md");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let Block::Code(code) = &deck.slides[0].body[0].block else { panic!("code") };
    assert_eq!(code.drawing.as_ref().map(|image| (&*image.path, image.pixels)), Some(("p.png", (6, 3))));
    assert_eq!((deck.pictures(0), code.source.as_str()), (vec!["p.png".to_owned()], " a ──▶ b"));
    let gone = super::super::deck(&files("text drawing=gone.png"), "talk.md");
    assert!(printed(&gone).contains("error: there is no file \"gone.png\""), "{}", printed(&gone));
    let outside = super::super::deck(&files("text drawing=../../p.png"), "talk.md");
    assert!(printed(&outside).contains("leads out of the deck folder"), "{}", printed(&outside));
    let slip = super::super::deck(&files("text drawin=p.png"), "talk.md");
    assert!(printed(&slip).contains("did you mean `drawing=`?"), "{}", printed(&slip));
}

#[test]
fn a_picture_has_a_caption_a_width_and_a_place() {
    use greenroom_deck::Align::{Center, Left, Right};
    let png = picture(ImageFormat::Png, None);
    let first = |text: &str| {
        let files = MemoryFiles::new().with("talk.md", format!("# T\n\n{text}")).with("p.png", png.clone());
        let deck = crate::deck(&files, "talk.md");
        let node = &deck.slides[0].body[0];
        let Block::Image(image) = &node.block else { panic!("{node:?}") };
        (image.caption.to_plain(), image.width, image.align.unwrap_or_default(), printed(&deck))
    };
    let none = String::new();
    assert_eq!(first("![a](p.png)\n"), (none.clone(), None, Left, none.clone()));
    let caption = "A dog, \u{201c}Bello\u{201d}".to_owned();
    assert_eq!(first("![a](p.png \"A dog, \u{201c}Bello\u{201d}\")\n"), (caption, None, Left, none.clone()));
    assert_eq!(first("![a,w:20%,align:right](p.png)\n"), (none.clone(), Some(20), Right, none.clone()));
    assert_eq!(
        first("<!-- image: 30% center -->\n\n![a](p.png)\n"),
        (none.clone(), Some(30), Center, none.clone())
    );
    assert_eq!(
        first("<!-- image: right -->\n\n![a,w:7%](p.png)\n"),
        (none.clone(), Some(7), Right, none.clone())
    );
    // What a picture says of itself comes first, and the comment counts for one picture.
    let both =
        "<!-- image: width: 30%, align: right -->\n\n![image:width:7%](p.png)\n\ntext\n\n![a](p.png)\n";
    assert_eq!(first(both), (none.clone(), Some(7), Right, none.clone()));
    assert!(first("![a](p.png)\n\n<!-- image: 30% -->\n").3.contains("no picture follows"));
    for bad in ["0%", "101%", "big", "30% 40%", "left right", "50"] {
        let said = first(&format!("![a](p.png)\n\n<!-- image: {bad} -->\n")).3;
        assert!(said.contains("`image` takes a width"), "{bad}: {said}");
    }
}

#[test]
fn a_code_leads_where_a_browser_may_go() {
    let read = |value: &str| markdown(&format!("# T\n\n<!-- qr: {value} -->\n\ntext\n"));
    let deck = read("\"HTTPS://example.org/a b?c=1\"");
    let Block::Qr(qr) = &deck.slides[0].body[0].block else { panic!("{deck:?}") };
    assert_eq!(&*qr.address, "https://example.org/a%20b?c=1");
    assert!(deck.words(0).contains("https://example.org/a%20b?c=1"), "it is found by a search");
    let long = format!("https://example.org/{}", "a".repeat(231));
    for bad in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "tel:112",
        "example.org",
        &long,
        "https://a\u{202e}b.org",
    ] {
        let deck = read(bad);
        assert!(!deck.slides[0].body.iter().any(|node| matches!(node.block, Block::Qr(_))), "{bad}");
        assert!(printed(&deck).contains("`qr` takes an address"), "{bad}: {}", printed(&deck));
    }
    let fine = read(&long[..250]);
    assert!(fine.problems.is_empty(), "{}", printed(&fine));
}
