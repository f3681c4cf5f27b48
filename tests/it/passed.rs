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
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Size, What};
use greenroom_deck::Theme;
use greenroom_export::{Sheet, svg};
use greenroom_frame::Frame;
use greenroom_pane::{Palette, TermView};
use greenroom_parse as parse;
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::screen::Screen;

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
        let screen = how(Screen::new(wire.clone(), ColorDepth::True));
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
        self.view.links(area).iter().for_each(|(part, address)| frame.link(*part, address));
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

    /// Where the terminal's text leads: the characters of each stretch, and its address.
    fn leads(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        let mut before = None;
        for (y, x) in (0..SIZE.rows).flat_map(|y| (0..SIZE.columns).map(move |x| (y, x))) {
            let cell = self.cell(x, y);
            let link = cell.hyperlink();
            if let Some(link) = &link {
                if before.as_ref() != Some(link) {
                    found.push((String::new(), link.uri().to_owned()));
                }
                if let Some((text, _)) =
                    found.last_mut().filter(|_| !cell.flags.contains(Flags::WIDE_CHAR_SPACER))
                {
                    text.push(cell.c);
                }
            }
            before = link;
        }
        found
    }

    /// The terminal shows each character with the link that the frame gives it, and that the program gave it.
    fn check(&self, what: &str) {
        let frame = self.frame();
        for at in frame.area().positions() {
            let is = self.cell(at.x, at.y).hyperlink().map(|link| link.uri().to_owned());
            let should =
                frame.links.iter().find(|link| link.area.contains(at)).map(|link| link.address.to_string());
            // A blank may be erased rather than written.
            if self.cell(at.x, at.y).c != ' ' || is.is_some() {
                assert_eq!(is, should, "{at} after {what:?}: {}", self.written);
            }
        }
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

fn link(address: &str, text: &str) -> String {
    format!("\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\")
}

#[test]
fn panes_9_links_to_the_web_and_to_mail_reach_the_terminal_and_no_others_do() {
    for (address, arrives) in [
        ("https://example.org/?a;b;c#d", "https://example.org/?a;b;c#d"),
        ("HTTP://example.org/", "http://example.org/"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("https://example.org/漢", "https://example.org/%E6%BC%A2"),
    ] {
        let mut way = Way::new();
        way.print(format!("see {}, now", link(address, "the handbook")));
        assert_eq!(way.leads(), [("the handbook".to_owned(), arrives.to_owned())], "{}", way.written);
        assert_eq!(way.written.matches("]8;;^").count(), 1, "ended once: {}", way.written);
    }
    for address in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "vscode://x",
        "ftp://example.org",
        "//example.org",
        "handbook.html",
        "http:///x",
        "https://example.org/\u{202e}x",
        "https://example.org/\u{9c}x",
        "https://example.org/\nx",
        "https://example.org/\u{7f}x",
        &format!("https://example.org/{}", "x".repeat(3000)),
        &format!("https://example.org/{}", "x".repeat(1_000_000)),
    ] {
        let mut way = Way::new();
        // The link before it ends, too: text never leads where it was not meant to.
        way.print(format!("\x1b]8;;https://before.example\x1b\\1{}", link(address, "2")));
        let address = address.chars().take(40).collect::<String>();
        assert_eq!(way.leads(), [("1".to_owned(), "https://before.example".to_owned())], "{address}");
        assert_eq!(way.view.text().trim(), "12", "{address}");
    }
}

#[test]
fn panes_9_links_that_are_cut_or_broken_off_lead_nowhere() {
    let mut way = Way::new();
    for byte in format!("a{}b", link("https://example.org", "漢字")).bytes() {
        way.print([byte]).check("a byte");
    }
    assert_eq!(way.leads(), [("漢字".to_owned(), "https://example.org".to_owned())]);
    for broken in ["\x18", "\x1a", "\x1b[m", "\x1b(B"] {
        let mut way = Way::new();
        way.print(format!("\x1b]8;;https://example.org.evil{broken}text"));
        assert_eq!((way.leads(), way.view.text().trim()), (Vec::new(), "text"), "{broken:?}");
    }
    // One that never ends shows nothing, and costs no memory; what comes after it is text again.
    let mut way = Way::new();
    way.print("\x1b]8;;https://example.org/");
    for _ in 0..100 {
        way.print("x".repeat(10_000));
    }
    way.print("\x07text");
    assert_eq!((way.leads(), way.view.text().trim()), (Vec::new(), "text"));
    // A reset ends one; a change of colours does not.
    let mut way = Way::new();
    way.print("\x1b]8;;https://example.org\x07a\x1b[1;4:3mb\x1b[mc\x1bcd");
    assert_eq!((way.leads(), way.view.text().trim()), (Vec::new(), "d"));
    way.print("\x1b]8;;https://example.org\x07a\x1b[1;4:3mb\x1b[mc");
    assert_eq!(way.leads(), [("abc".to_owned(), "https://example.org".to_owned())]);
}

#[test]
fn panes_9_links_are_right_after_every_change_of_the_screen() {
    let (one, other) = ("https://one.example", "https://other.example");
    let mut way = Way::new();
    for step in [
        format!("{} and {}", link(one, "one"), link(other, "o漢t字r")),
        // The same text without its link, with another one, and the link alone without other text.
        "\rone".to_owned(),
        format!("\r{}", link(other, "one")),
        format!("\r{}", link(one, "one")),
        // Ended in its middle; half of a wide character written over.
        "\x1b[1;2Hx".to_owned(),
        "\x1b[1;10Hy".to_owned(),
        format!("\x1b[1;9H{}", link(one, "漢")),
        // Over the edge of a line, and a character that is put in or taken out before it.
        format!("\x1b[2;26H{}", link(one, "a link of two lines")),
        "\x1b[2;1H\x1b[3@".to_owned(),
        "\x1b[2;1H\x1b[2P".to_owned(),
        // Scrolled, in a part of the screen and in all of it.
        "\x1b[1;3r\x1b[3;1H\n\x1b[r".to_owned(),
        format!("\x1b[6;1H{}\n\n", link(other, "the last line")),
        "\x1b[1;1H\x1bM".to_owned(),
        // Erased, in part and all.
        "\x1b[3;5H\x1b[K".to_owned(),
        "\x1b[2J".to_owned(),
        format!("\x1b[H{}", link(one, &"漢".repeat(40))),
        "\x1b[?1049h\x1b[Hother screen".to_owned(),
        "\x1b[?1049l".to_owned(),
    ] {
        way.print(&step).check(&step);
    }
    // Looking back, and a screen of another width.
    way.print(format!("\x1b[2J\x1b[H{}\n\n\n\n\n\n\n\n", link(one, "far above")));
    assert_eq!(way.leads(), []);
    way.view.scroll(3);
    way.draw().check("looking back");
    assert_eq!(way.leads(), [("far above".to_owned(), one.to_owned())]);
    way.view.scroll_to_end();
    way.print(format!("\x1b[2J\x1b[H{}", link(one, "as long as a line of a screen")));
    way.view.resize(Size { columns: 12, ..SIZE });
    way.draw().check("narrow");
    let text: String = way.leads().into_iter().map(|(text, _)| text).collect();
    assert_eq!(text, "as long as a line of a screen");
}

#[test]
fn panes_9_parts_with_one_name_are_one_link_and_others_are_not() {
    let mut way = Way::new();
    let named = |name: &str| format!("\x1b]8;id={name};https://a.example\x07x\x1b]8;;\x07 ");
    way.print(
        [
            named("n"),
            named("m"),
            named("n"),
            link("https://a.example", "y"),
            " ".into(),
            link("https://a.example", "z"),
        ]
        .concat(),
    );
    let numbers: Vec<usize> = way.frame().links.iter().map(|link| link.number).collect();
    assert_eq!(numbers, [0, 1, 0, 2, 3]);
    // Nothing of the name gets to the terminal, whatever is in it.
    assert!(!way.written.contains("id=n") && way.written.contains("id=g0;"), "{}", way.written);
}

#[test]
fn panes_9_many_links_are_bounded() {
    let mut way = Way::new();
    let many: String =
        (0..20_000).map(|n| link(&format!("https://example.org/{n}/{}", "x".repeat(500)), "x")).collect();
    way.print(&many).check("many");
    let size = way.frame().area();
    assert!((100..=256).contains(&way.view.links(size).len()));
    // Nor do long addresses make each frame a flood of its own.
    let long: String =
        (0..5_000).map(|n| link(&format!("https://a.example/{n}/{}", "x".repeat(1900)), "x")).collect();
    way.print(&long).check("long");
    let told: usize = way.view.links(size).iter().map(|(_, address)| address.len()).sum();
    assert!((10_000..=64 * 1024).contains(&told), "{told} bytes");
    // The newest are there, and the oldest make room; a name as long as one likes is none.
    way.print(format!("\x1b[H\x1b]8;id={};https://named.example\x07x\x1b]8;;\x07", "n".repeat(2000)));
    assert_eq!(way.leads()[0].1, "https://named.example");
    way.view.scroll(100);
    way.draw().check("looking back");
    assert!(way.written.len() < 400_000, "{} bytes", way.written.len());
}
