//! Enlarged frames as a terminal sees them: its bytes are read by another reader, which keeps pictures as kitty does.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ratatui::layout::Position;
use ratatui::style::{Color, Style};

use super::*;
use crate::color_depth::ColorDepth;
use crate::graphics::{Encoder, Protocol};
use crate::screen::Screen;
use greenroom_frame::{Picture, PlacedPicture};

/// Pixels of a cell of the window, and its cells.
const CELL: (u16, u16) = (6, 11);
const WINDOW: (u16, u16) = (50, 17);
/// What is laid out for it.
const SIZE: (u16, u16) = (30, 10);

/// A terminal with kitty's protocol, as far as it is spoken here.
#[derive(Default)]
struct Kitty {
    at: (u32, u32),
    images: HashMap<u32, Image>,
    /// What comes in several sequences.
    begun: Option<(HashMap<String, String>, String)>,
    /// Files are not read.
    is_slow: bool,
}

struct Image {
    left: u32,
    top: u32,
    z: u32,
    width: u32,
    rgb: Vec<[u8; 3]>,
}

impl Kitty {
    fn read(&mut self, bytes: &[u8]) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut rest = text.as_str();
        while let Some(start) = rest.find('\x1b') {
            rest = &rest[start + 1..];
            if let Some(body) = rest.strip_prefix('[') {
                let end = body.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                if let ("H", Some((row, column))) = (&body[end..=end], body[..end].split_once(';')) {
                    self.at = (column.parse::<u32>().unwrap() - 1, row.parse::<u32>().unwrap() - 1);
                }
                rest = &body[end + 1..];
            } else if let Some(body) = rest.strip_prefix("_G") {
                let end = body.find("\x1b\\").unwrap();
                self.command(&body[..end]);
                rest = &body[end + 2..];
            }
        }
    }

    fn command(&mut self, text: &str) {
        assert!(text.len() < 5000, "a sequence has an end: {}", text.len());
        let (keys, payload) = text.split_once(';').unwrap_or((text, ""));
        let keys: HashMap<String, String> = keys
            .split(',')
            .filter_map(|key| key.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(keys.get("q").map(String::as_str), Some("2"), "nothing is to be answered");
        let (all, payload) = match self.begun.take() {
            Some((first, before)) => (first, before + payload),
            None => (keys.clone(), payload.to_owned()),
        };
        if keys.get("m").is_some_and(|more| more == "1") {
            self.begun = Some((all, payload));
            return;
        }
        let number = |key: &str| all.get(key).map_or(0, |value| value.parse::<u32>().unwrap());
        match all.get("a").map(String::as_str) {
            Some("d") => {
                assert_eq!(all["d"], "I");
                assert!(self.images.remove(&number("i")).is_some(), "there is no picture {}", number("i"));
            }
            Some("T") => self.show(&all, &payload),
            other => panic!("{other:?}"),
        }
    }

    fn show(&mut self, keys: &HashMap<String, String>, payload: &str) {
        let number = |key: &str| keys.get(key).map_or(0, |value| value.parse::<u32>().unwrap());
        let payload = BASE64.decode(payload).unwrap();
        let (width, rgb) = if number("f") == 100 {
            let image = image::load_from_memory(&payload).unwrap().into_rgb8();
            (image.width(), image.pixels().map(|pixel| pixel.0).collect())
        } else {
            if self.is_slow {
                return;
            }
            let path = String::from_utf8(payload).unwrap();
            let mut pixels = vec![0; number("S") as usize];
            let offset = u64::from(number("O"));
            assert_eq!(offset % rustix::param::page_size() as u64, 0);
            fs::File::open(&path).unwrap().read_exact_at(&mut pixels, offset).unwrap();
            if keys["t"] == "t" {
                fs::remove_file(&path).unwrap();
            }
            assert_eq!((number("f"), pixels.len()), (32, (number("s") * number("v") * 4) as usize));
            (number("s"), pixels.chunks_exact(4).map(|p| [p[0], p[1], p[2]]).collect())
        };
        let (x, y) = (number("X"), number("Y"));
        assert!(x < CELL.0.into() && y < CELL.1.into(), "an offset stays in its cell");
        let (left, top) = (self.at.0 * u32::from(CELL.0) + x, self.at.1 * u32::from(CELL.1) + y);
        let image = Image { left, top, z: number("z"), width, rgb };
        assert!(self.images.insert(number("i"), image).is_none(), "names are new");
    }

    /// What is seen, with the cells of this frame's window below.
    fn seen(&self, frame: &Frame) -> Vec<[u8; 3]> {
        let under = color::rgb(color::common_background(&frame.cells)).unwrap();
        let width = usize::from(WINDOW.0) * usize::from(CELL.0);
        let mut pixels = vec![under; width * usize::from(WINDOW.1) * usize::from(CELL.1)];
        let mut images: Vec<&Image> = self.images.values().collect();
        images.sort_by_key(|image| image.z);
        for image in images {
            for (index, pixel) in image.rgb.iter().enumerate() {
                let index = u32::try_from(index).unwrap();
                let (x, y) = (image.left + index % image.width, image.top + index / image.width);
                pixels[y as usize * width + x as usize] = *pixel;
            }
        }
        pixels
    }
}

fn enlarger(by_files: bool) -> Enlarger {
    let mut enlarger = Enlarger::new();
    enlarger.way = Way::Rows(CELL);
    if by_files {
        enlarger.carrier.by_files(Some(parcel::folder()));
    }
    enlarger
}

fn frame() -> Frame {
    let mut cell = ratatui::buffer::Cell::EMPTY;
    cell.bg = Color::Rgb(0, 0, 0);
    cell.fg = Color::Rgb(200, 210, 220);
    Frame { window: Some(WINDOW), ..Frame::filled(SIZE.0, SIZE.1, cell) }
}

fn update(enlarger: &mut Enlarger, frame: &Frame, cleared: bool) -> Vec<u8> {
    let mut out = Vec::new();
    enlarger.update(frame, WINDOW, cleared, &mut out);
    out
}

/// What is seen of a frame that is drawn from nothing.
fn fresh(frame: &Frame) -> Vec<[u8; 3]> {
    let mut kitty = Kitty::default();
    kitty.read(&update(&mut enlarger(false), frame, true));
    kitty.seen(frame)
}

/// Frames that differ from each other as those of a talk do: letters, words, wide characters, colours, cursors, pictures.
fn edited(frame: &mut Frame, seed: &mut u64) {
    let mut next = |below: u16| {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from((*seed >> 33) % u64::from(below)).unwrap()
    };
    let (x, y) = (next(SIZE.0), next(SIZE.1));
    match next(8) {
        0 => frame.cursor = Some(Position::new(x, y)),
        1 => (frame.cursor, frame.cursor_style) = (None, u8::try_from(next(7)).unwrap()),
        2 => {
            let picture = Picture { id: 1, width: 2, height: 2, rgba: vec![90; 16] };
            let area = Rect::new(x, y, 6, 3).intersection(frame.area());
            frame.pictures.push(PlacedPicture { area, picture: Arc::new(picture) });
            frame.pictures.truncate(2);
        }
        3 => frame.pictures.clear(),
        4 => frame.cells.set_style(Rect::new(0, y, SIZE.0, 1), Style::new().bg(Color::Rgb(9, 40, 9))),
        kind => {
            let words = ["a", "漢字", "several words here", "          ", "e\u{301}│┃"];
            let word = words[usize::from(next(5))];
            let ink = Color::Rgb(50 * u8::try_from(kind - 4).unwrap(), 90, 90);
            let room = usize::from(SIZE.0 - x);
            frame.cells.set_stringn(x, y, word, room, Style::new().fg(ink));
        }
    }
}

#[test]
fn what_is_sent_for_a_change_shows_what_a_new_screen_would() {
    for by_files in [false, true] {
        let (mut enlarger, mut kitty, mut frame, mut seed) =
            (enlarger(by_files), Kitty::default(), frame(), 7);
        for step in 0..60 {
            edited(&mut frame, &mut seed);
            kitty.read(&update(&mut enlarger, &frame, step == 0));
            let (shown, new) = (kitty.seen(&frame), fresh(&frame));
            let other =
                shown.iter().zip(&new).position(|(a, b)| a != b).map(|at| (at % 300 / 10, at / 300 / 18));
            assert_eq!(other, None, "step {step}, by files: {by_files}\n{}", frame.text());
            assert!(enlarger.is_ready());
            assert!(kitty.images.len() <= usize::from(SIZE.1) * MAX_LAYERS, "{}", kitty.images.len());
        }
        assert!(fresh(&frame).iter().any(|pixel| *pixel != [0; 3]), "something is seen");
        let mut out = Vec::new();
        enlarger.leave(&mut out);
        kitty.read(&out);
        assert!(kitty.images.is_empty() && !enlarger.is_on());
    }
}

#[test]
fn a_frame_that_is_the_same_costs_nothing_and_a_letter_little() {
    let mut enlarger = enlarger(false);
    let mut frame = frame();
    frame.cells.set_string(0, 3, "thirty columns of a long line.", Style::new());
    let whole = update(&mut enlarger, &frame, true).len();
    assert_eq!(update(&mut enlarger, &frame, false), b"");
    frame.cells.set_string(7, 3, "C", Style::new());
    let letter = update(&mut enlarger, &frame, false);
    assert!(letter.len() * 3 < whole, "{} of {whole}", letter.len());
    let mut kitty = Kitty::default();
    kitty.read(&letter);
    assert_eq!(kitty.images.values().map(|image| image.width).collect::<Vec<_>>(), [10]);
}

#[test]
fn a_picture_keeps_its_shape_and_the_background_shows_beside_it() {
    let red = Picture { id: 5, width: 10, height: 10, rgba: [255, 0, 0, 255].repeat(100) };
    let mut frame = frame();
    // What stands for it where no picture is shown.
    frame.cells.set_string(10, 2, "▀▀▀▀▀▀▀▀▀▀", Style::new());
    // 100 by 54 pixels, of which the middle 54 are its own.
    frame.pictures.push(PlacedPicture { area: Rect::new(10, 2, 10, 3), picture: Arc::new(red) });
    let (pixels, width) = (fresh(&frame), usize::from(WINDOW.0) * usize::from(CELL.0));
    let top = (usize::from(WINDOW.1) * usize::from(CELL.1) - 180) / 2;
    let at = |x: usize, y: usize| pixels[(top + y) * width + x];
    for y in [36, 60, 89] {
        let row: Vec<usize> = (0..width).filter(|x| at(*x, y) == [255, 0, 0]).collect();
        assert_eq!((row.first(), row.last(), row.len()), (Some(&123), Some(&176), 54), "{y}");
        assert_eq!((at(110, y), at(190, y)), ([0; 3], [0; 3]));
    }
    assert!((0..width).all(|x| at(x, 35) != [255, 0, 0] && at(x, 90) != [255, 0, 0]));
}

#[test]
fn blank_rows_are_not_drawn() {
    let mut kitty = Kitty::default();
    let mut enlarger = enlarger(false);
    kitty.read(&update(&mut enlarger, &frame(), true));
    assert_eq!(kitty.images.len(), 0);
    let mut words = frame();
    words.cells.set_string(4, 2, "words", Style::new());
    kitty.read(&update(&mut enlarger, &words, false));
    let sizes: Vec<(u32, usize)> =
        kitty.images.values().map(|image| (image.width, image.rgb.len())).collect();
    // 300 by 187 pixels in 30 by 10: cells of 10 by 18.
    assert_eq!(sizes, [(50, 50 * 18)]);
    kitty.read(&update(&mut enlarger, &frame(), false));
    assert_eq!(kitty.images.len(), 0, "what is blank again is taken away");
}

#[test]
fn a_terminal_that_has_not_read_a_frame_is_waited_for_and_then_sent_no_more_files() {
    let mut enlarger = enlarger(true);
    let mut kitty = Kitty { is_slow: true, ..Kitty::default() };
    let mut words = frame();
    words.cells.set_string(0, 0, "words", Style::new());
    kitty.read(&update(&mut enlarger, &words, true));
    assert!(!enlarger.is_ready());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !enlarger.is_ready() {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // From now on within its input, and all of it.
    kitty.is_slow = false;
    kitty.read(&update(&mut enlarger, &words, false));
    assert!(kitty.seen(&words) == fresh(&words));
}

#[test]
fn where_no_file_can_be_made_pictures_go_another_way() {
    let mut enlarger = enlarger(true);
    enlarger.carrier.by_files(Some("/nowhere/at/all".into()));
    let mut words = frame();
    words.cells.set_string(0, 0, "words", Style::new());
    let mut kitty = Kitty::default();
    kitty.read(&update(&mut enlarger, &words, true));
    assert!(kitty.seen(&words) == fresh(&words));
}

#[test]
fn another_window_is_filled_anew() {
    let mut enlarger = enlarger(false);
    let mut words = frame();
    words.cells.set_string(0, 0, "words", Style::new());
    let mut kitty = Kitty::default();
    kitty.read(&update(&mut enlarger, &words, true));
    let mut out = Vec::new();
    // Larger, and so small that nothing can be drawn.
    enlarger.update(&words, (45, 17), true, &mut out);
    kitty.read(&out);
    assert_eq!(kitty.images.len(), 1);
    out.clear();
    enlarger.update(&words, (3, 1), true, &mut out);
    enlarger.update(&words, (0, 0), true, &mut out);
    enlarger.leave(&mut out);
    kitty.read(&out);
    assert_eq!(kitty.images.len(), 0);
}

/// What a screen writes.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn screen(protocol: Protocol, depth: ColorDepth) -> (Screen<Written>, Written) {
    let written = Written::default();
    (Screen::new(written.clone(), depth).with_pictures(Encoder::new(protocol)), written)
}

#[test]
fn rows_are_drawn_where_a_terminal_has_answered_and_says_how_large_its_cells_are() {
    let pictures = Answer::of_picture(b"i=1735458817;OK").unwrap();
    let refused = Answer::of_picture(b"i=1735458817;ENOTSUPPORTED:no").unwrap();
    let is = |screen: &Screen<Written>| screen.enlarging();
    let (mut good, _) = screen(Protocol::Kitty, ColorDepth::True);
    assert_eq!(is(&good), Enlarging::None, "one that only claims pictures never answers");
    good.ask().unwrap();
    good.answered(pictures, Some(CELL));
    assert_eq!(is(&good), Enlarging::Any { cell: CELL });
    good.measure(None);
    assert_eq!(is(&good), Enlarging::None, "a cell of unknown size");
    good.measure(Some((0, 3)));
    assert_eq!(is(&good), Enlarging::None);
    for (protocol, depth, answer) in [
        (Protocol::Kitty, ColorDepth::True, refused),
        (Protocol::Kitty, ColorDepth::C16, pictures),
        (Protocol::Blocks, ColorDepth::True, pictures),
        (Protocol::Sixel, ColorDepth::True, pictures),
    ] {
        let (mut other, _) = screen(protocol, depth);
        other.ask().unwrap();
        other.answered(answer, Some(CELL));
        assert_eq!(is(&other), Enlarging::None, "{protocol:?} {depth:?}");
    }
}

#[test]
fn the_text_sizing_protocol_writes_each_row_enlarged() {
    let (screen, written) = screen(Protocol::Blocks, ColorDepth::True);
    let mut screen = screen.with_text_sizing(true);
    assert_eq!(screen.enlarging(), Enlarging::Whole);
    let mut words = Frame { window: Some((61, 20)), ..frame() };
    words.cells.set_string(2, 3, "words 漢", Style::new().fg(Color::Rgb(1, 2, 3)));
    words.cursor = Some(Position::new(4, 5));
    screen.draw(&words).unwrap();
    let first = written.take();
    assert!(first.contains("\x1b[7;5H\x1b[0;38;2;1;2;3;48;2;0;0;0m\x1b]66;s=2;words 漢\x07"), "{first:?}");
    assert!(first.contains("\x1b[11;9H"), "the cursor is where its letter is: {first:?}");
    words.cells.set_string(2, 3, "lords", Style::new());
    screen.draw(&words).unwrap();
    let second = written.take();
    assert!(second.contains(";s=2;l\x07") || second.contains("]66;s=2;l\x07"), "{second:?}");
    assert!(!second.contains("ords"), "{second:?}");
    // Plain cells again: everything is written anew.
    words.window = None;
    screen.draw(&words).unwrap();
    let plain = written.take();
    assert!(plain.contains("\x1b[2J") && !plain.contains("]66;"), "{plain:?}");
}
