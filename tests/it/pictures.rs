//! Pictures that ask for more time or memory than a picture is worth are refused in words, and nothing else suffers.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use assert_cmd::Command;
use greenroom::headless::MAX_PIXELS;
use greenroom::runner::picture::Decoder;
use greenroom_render::paint::picture::{self, PictureError};

use crate::support::alone::in_own_process;

fn decoder() -> Decoder {
    Decoder::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")))
}

fn decode(svg: &str) -> Result<greenroom_frame::Picture, PictureError> {
    decoder().decode(svg.as_bytes(), MAX_PIXELS)
}

/// An SVG in `size` units with `body` in it.
fn svg(size: u32, body: &str) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='{size}' height='{size}'>{body}</svg>")
}

/// Nested groups, each of which is a layer of its own as large as the picture.
fn layers(attribute: &str, depth: usize) -> String {
    let open = format!("<g {attribute}>").repeat(depth);
    svg(1200, &format!("{open}<rect width='1200' height='1200' fill='red'/>{}", "</g>".repeat(depth)))
}

/// As many groups beside each other, each with a layer of its own.
fn groups(define: &str, attribute: &str, count: usize) -> String {
    let mut body = format!("<defs>{define}</defs>");
    for _ in 0..count {
        write!(body, "<g {attribute}><rect width='1200' height='1200' fill='red' opacity='.5'/></g>")
            .unwrap();
    }
    svg(1200, &body)
}

#[test]
fn the_process_that_decodes_gives_the_same_pixels() {
    let drawn = svg(20, "<circle cx='10' cy='10' r='9' fill='teal'/>");
    assert_eq!(decode(&drawn), picture::decode(drawn.as_bytes(), MAX_PIXELS));
    let mut png = Vec::new();
    let pixels = image::RgbaImage::from_fn(7, 5, |x, y| {
        image::Rgba([[10, 90, 200][x as usize % 3], [20, 70][y as usize % 2], 3, 255])
    });
    pixels.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    assert_eq!(decoder().decode(&png, MAX_PIXELS), picture::decode(&png, MAX_PIXELS));
}

#[test]
fn what_is_wrong_with_a_picture_is_said_in_the_same_words() {
    for bytes in [&b"GIF89a\x01\0\x01\0\0\0\0;"[..], b"no picture", b"<svg", b"\x89PNG\r\n\x1a\n\0\0"] {
        let here = picture::decode(bytes, MAX_PIXELS).unwrap_err().to_string();
        let there = decoder().decode(bytes, MAX_PIXELS).unwrap_err().to_string();
        assert_eq!(here, there);
    }
}

#[test]
fn an_executable_that_is_not_there_is_said() {
    let nobody = Decoder::of(PathBuf::from("/nonexistent/greenroom"));
    assert!(matches!(nobody.decode(b"<svg/>", MAX_PIXELS), Err(PictureError::Process(_))));
}

/// Each of these took seconds, gigabytes or the whole program.
fn bombs() -> Vec<(&'static str, String)> {
    let blur = "<filter id='f' x='-50' y='-50' width='200' height='200'><feGaussianBlur stdDeviation='40'/></filter>";
    let huge = "<filter id='f' x='-999999' y='-999999' width='9999999' height='9999999' \
                filterUnits='userSpaceOnUse'><feFlood flood-color='red'/><feGaussianBlur stdDeviation='900'/></filter>";
    let mask = "<mask id='m'><rect width='1200' height='1200' fill='white'/></mask>";
    let primitives = "<feGaussianBlur stdDeviation='90'/><feOffset dx='1'/>".repeat(400);
    vec![
        ("nested opacity", layers("opacity='.99'", 45)),
        ("blurred groups", groups(blur, "filter='url(#f)'", 4000)),
        ("a filter's region", groups(huge, "filter='url(#f)'", 4)),
        ("opacity groups", groups("", "opacity='.9'", 20_000)),
        ("masks", groups(mask, "mask='url(#m)'", 10_000)),
        ("primitives", groups(&format!("<filter id='f'>{primitives}</filter>"), "filter='url(#f)'", 40)),
    ]
}

#[test]
fn svg_bombs_end_within_their_budget_of_time_and_memory() {
    in_own_process(|| {
        std::thread::scope(|scope| {
            for (name, bomb) in bombs() {
                scope.spawn(move || {
                    // A picture or a reason: what counts is that an answer comes, and that this process has paid nothing for it.
                    // On a busy machine the limit on time comes before the one on work.
                    if let Err(error) = decode(&bomb) {
                        let said = error.to_string();
                        let reasons = ["PNG", "complex", "does not come to an end"];
                        assert!(reasons.iter().any(|reason| said.contains(reason)), "{name}: {said}");
                    }
                });
            }
        });
        // SAFETY: `getrusage` fills in the struct that it is given.
        let used = unsafe {
            let mut used: libc::rusage = std::mem::zeroed();
            libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut used);
            used
        };
        assert!(used.ru_maxrss < 900 * 1024, "a picture took {} KB", used.ru_maxrss);
    });
}

#[test]
fn check_names_the_picture_that_is_too_much_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = groups("", "opacity='.9'", 20_000);
    std::fs::write(folder.path().join("bomb.svg"), bomb).unwrap();
    std::fs::write(folder.path().join("good.svg"), svg(20, "<rect width='9' height='9'/>")).unwrap();
    std::fs::write(folder.path().join("talk.md"), "# A\n\n![a](bomb.svg)\n\n---\n\n# B\n\n![b](good.svg)\n")
        .unwrap();
    let mut check = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    let done = check.args(["check", "talk.md"]).current_dir(&folder).timeout(Duration::from_mins(4)).assert();
    let said = String::from_utf8_lossy(&done.get_output().stdout).into_owned();
    assert!(!said.contains("good.svg cannot"), "{said}");
    assert!(said.contains("bomb.svg cannot be shown"), "{said}");
}
