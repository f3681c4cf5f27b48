//! What a program's text has besides letters and colours, on its way through a pane to the terminal of the talk and to exports.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell as TermCell, Flags};
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{Color as TermColor, Processor, Rgb};
use bytes::Bytes;
use greenroom::clock::Elapsed;
use greenroom::deck::Theme;
use greenroom::edge::depth::Depth;
use greenroom::edge::screen::Screen;
use greenroom::export::{Sheet, svg};
use greenroom::frame::Frame;
use greenroom::pane::{Palette, TermView};
use greenroom::parse;
use greenroom::run::{Event, Size, What};

const SIZE: Size = Size { columns: 30, rows: 6 };

struct Cells;

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        usize::from(SIZE.rows)
    }
    fn screen_lines(&self) -> usize {
        usize::from(SIZE.rows)
    }
    fn columns(&self) -> usize {
        usize::from(SIZE.columns)
    }
}

/// Bytes on their way to the terminal.
#[derive(Debug, Clone, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A pane, the screen writer, and the terminal that it writes to.
struct Way {
    view: TermView,
    screen: Screen<Wire>,
    wire: Wire,
    terminal: Term<VoidListener>,
    parser: Processor,
    /// What the writer wrote last.
    written: String,
}

impl Way {
    fn new() -> Self {
        Self::with(|screen| screen)
    }

    fn with(how: impl Fn(Screen<Wire>) -> Screen<Wire>) -> Self {
        let wire = Wire::default();
        let screen = how(Screen::new(wire.clone(), Depth::True));
        let mut terminal = Term::new(Config::default(), &Cells, VoidListener);
        let mut parser: Processor = Processor::new();
        parser.advance(&mut terminal, b"\x1b[?7l");
        let view = TermView::new(SIZE, 100, Palette::default());
        Self { view, screen, wire, terminal, parser, written: String::new() }
    }

    fn frame(&self) -> Frame {
        let mut frame = Frame::new(SIZE.columns, SIZE.rows);
        let area = frame.area();
        frame.cursor = self.view.paint(area, &mut frame.cells);
        frame
    }

    /// The program prints, and the stage draws.
    fn print(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        let bytes = Bytes::copy_from_slice(text.as_ref());
        self.view.fold(&Event { at: Elapsed::ZERO, what: What::Output(bytes) });
        self.draw()
    }

    fn draw(&mut self) -> &mut Self {
        let frame = self.frame();
        self.screen.draw(&frame).unwrap();
        let out = self.wire.0.take();
        self.parser.advance(&mut self.terminal, &out);
        self.written = String::from_utf8(out).unwrap().replace('\x1b', "^");
        self
    }

    fn cell(&self, x: u16, y: u16) -> &TermCell {
        &self.terminal.grid()[Line(i32::from(y))][Column(usize::from(x))]
    }
}

const LINES: Flags = Flags::ALL_UNDERLINES;

/// Each kind of line, as a program asks for it and as the terminal shows it.
const KINDS: [(&str, Flags); 7] = [
    ("4", Flags::UNDERLINE),
    ("4:1", Flags::UNDERLINE),
    ("21", Flags::DOUBLE_UNDERLINE),
    ("4:2", Flags::DOUBLE_UNDERLINE),
    ("4:3", Flags::UNDERCURL),
    ("4:4", Flags::DOTTED_UNDERLINE),
    ("4:5", Flags::DASHED_UNDERLINE),
];

#[test]
fn panes_9_kinds_of_underlines_reach_the_terminal() {
    let mut way = Way::new();
    for (asked, line) in KINDS {
        way.print(format!("\x1b[H\x1b[{asked}ma b漢\x1b[24mc\x1b[m"));
        for x in 0..5 {
            assert_eq!(way.cell(x, 0).flags & LINES, line, "{asked} at {x}: {}", way.written);
        }
        assert_eq!(way.cell(5, 0).flags & LINES, Flags::empty(), "{asked}: {}", way.written);
    }
    // From one to the next, and away again.
    for (asked, line) in KINDS.into_iter().chain([("4:0", Flags::empty()), ("4:9", Flags::empty())]) {
        way.print(format!("\x1b[2;1H\x1b[1;4;{asked}mword\x1b[m"));
        let (is, should) = (way.cell(1, 1).flags, if asked == "4:9" { Flags::UNDERLINE } else { line });
        assert_eq!(is & LINES, should, "{asked}: {}", way.written);
        assert!(is.contains(Flags::BOLD));
    }
}

#[test]
fn panes_9_lines_under_letters_have_colours_of_their_own() {
    let mut way = Way::new();
    way.print("\x1b[4:3;58:2::255:0:9ma\x1b[58;5;77mb\x1b[59mc\x1b[58:5:9;24md\x1b[4me");
    assert_eq!(way.cell(0, 0).underline_color(), Some(TermColor::Spec(Rgb { r: 255, g: 0, b: 9 })));
    assert_eq!(way.cell(1, 0).underline_color(), Some(TermColor::Indexed(77)));
    assert_eq!(way.cell(2, 0).underline_color(), None);
    assert_eq!(way.cell(2, 0).flags & LINES, Flags::UNDERCURL);
    assert_eq!(way.cell(3, 0).flags & LINES, Flags::empty());
    assert!(way.cell(4, 0).underline_color().is_some());
}

#[test]
fn panes_9_a_terminal_that_does_not_know_kinds_of_underlines_gets_a_plain_one() {
    let mut way = Way::with(|screen| screen.with_underlines(false));
    for (asked, _) in KINDS {
        way.print(format!("\x1b[H\x1b[58:2::255:0:9;{asked}mword\x1b[m "));
        assert_eq!(way.cell(0, 0).flags & LINES, Flags::UNDERLINE, "{asked}");
        assert!(!way.written.contains(':') && !way.written.contains("58"), "{asked}: {}", way.written);
    }
}

#[test]
fn panes_9_kinds_of_underlines_are_in_exports() {
    let mut way = Way::new();
    for (number, (asked, _)) in KINDS.into_iter().enumerate() {
        way.print(format!("\x1b[{};1H\x1b[{asked};58:2::1:2:3mword\x1b[m", number.min(5) + 1));
    }
    let drawn = svg(&Sheet { slide: 0, step: 0, frame: way.frame(), reels: Vec::new() }, &theme());
    assert_eq!(drawn.matches("fill=\"#010203\"").count(), 6, "{drawn}");
    let mut plain = Way::new();
    plain.print("\x1b[4mword");
    let drawn = svg(&Sheet { slide: 0, step: 0, frame: plain.frame(), reels: Vec::new() }, &theme());
    assert!(drawn.contains("text-decoration=\"underline\"") && !drawn.contains("<path"), "{drawn}");
}

fn theme() -> Theme {
    parse::builtin_theme("dark").unwrap_or_else(|| parse::builtin_theme(parse::theme_names()[0]).unwrap())
}
