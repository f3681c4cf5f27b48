use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term, TermMode};
use alacritty_terminal::vte::ansi::{self, NamedColor, Processor};
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell as BufferCell, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;
use greenroom_frame::{Picture, Underline, settled};

mod cursor;
mod looks;

// A terminal to draw on

#[derive(Clone, Copy)]
struct Size(u16, u16);

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }
    fn screen_lines(&self) -> usize {
        usize::from(self.1)
    }
    fn columns(&self) -> usize {
        usize::from(self.0)
    }
}

struct Terminal {
    term: Term<VoidListener>,
    parser: Processor,
}

impl Terminal {
    fn new(size: Size) -> Self {
        let mut terminal =
            Self { term: Term::new(Config::default(), &size, VoidListener), parser: Processor::new() };
        // Something that must be gone afterwards.
        terminal.feed("\x1b[?7l\x1b[1;4;7;41mleft over\r\n日本語".as_bytes());
        terminal
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.term, bytes);
    }

    /// Every cell that differs from what `cells` should look like.
    fn wrong(&self, cells: &Buffer) -> Vec<String> {
        let mut wrong = Vec::new();
        for y in 0..cells.area.height {
            let mut x = 0;
            while x < cells.area.width {
                let cell = &cells[(x, y)];
                let mut width = u16::try_from(cell.symbol().width()).unwrap();
                let mut symbol = cell.symbol();
                if width == 0 || x + width > cells.area.width {
                    (width, symbol) = (1, " ");
                }
                for offset in 0..width {
                    let (seen, mut expected) = (self.look(x + offset, y), look(cell, symbol, offset));
                    if offset > 0 && wavering(symbol) {
                        // A blank, a half, or the second of two letters: terminals do not agree.
                        expected = Look { symbol: seen.symbol.clone(), ..expected }.relevant();
                    }
                    if seen != expected {
                        wrong.push(format!("{x}+{offset},{y}: {seen:?} instead of {expected:?}"));
                    }
                }
                x += width;
            }
        }
        wrong
    }

    fn look(&self, x: u16, y: u16) -> Look {
        let cell = &self.term.grid()[Line(i32::from(y))][Column(usize::from(x))];
        let mut symbol = String::new();
        if !cell.flags.contains(Flags::WIDE_CHAR_SPACER) {
            symbol.push(cell.c);
            symbol.extend(cell.zerowidth().unwrap_or_default());
        }
        let mut modifier = Modifier::empty();
        for (flag, attribute) in [
            (Flags::BOLD, Modifier::BOLD),
            (Flags::DIM, Modifier::DIM),
            (Flags::ITALIC, Modifier::ITALIC),
            (Flags::UNDERLINE, Modifier::UNDERLINED),
            (Flags::DOUBLE_UNDERLINE, Underline::Double.modifier()),
            (Flags::UNDERCURL, Underline::Curly.modifier()),
            (Flags::DOTTED_UNDERLINE, Underline::Dotted.modifier()),
            (Flags::DASHED_UNDERLINE, Underline::Dashed.modifier()),
            (Flags::INVERSE, Modifier::REVERSED),
            (Flags::HIDDEN, Modifier::HIDDEN),
            (Flags::STRIKEOUT, Modifier::CROSSED_OUT),
        ] {
            if cell.flags.contains(flag) {
                modifier.insert(attribute);
            }
        }
        let under = cell.underline_color().map_or(Color::Reset, color);
        Look { symbol, fg: color(cell.fg), bg: color(cell.bg), under, modifier }.relevant()
    }
}

/// What can be seen of a cell.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    symbol: String,
    fg: Color,
    bg: Color,
    under: Color,
    modifier: Modifier,
}

impl Look {
    /// Without what makes no difference on a blank, or without a line under it.
    fn relevant(mut self) -> Self {
        // A joined character has as many halves as the terminal likes; the first tells that it is there.
        if wavering(&self.symbol) {
            self.symbol = self.symbol.chars().take(1).collect();
        }
        if self.symbol == " " {
            self.modifier &=
                (Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT).union(Underline::BITS);
            if self.modifier.is_empty() {
                self.fg = Color::Reset;
            }
        }
        if !self.modifier.contains(Modifier::UNDERLINED) {
            self.under = Color::Reset;
        }
        self
    }
}

fn wavering(symbol: &str) -> bool {
    symbol.contains(['\u{200d}', '\u{fe0f}', '🇩', '🇪', '🏽'])
}

fn look(cell: &BufferCell, symbol: &str, offset: u16) -> Look {
    let symbol = if offset == 0 { symbol } else { "" };
    let modifier = settled(cell.modifier, false) - Modifier::SLOW_BLINK - Modifier::RAPID_BLINK;
    let (fg, bg, under) = (cell.fg, cell.bg, cell.underline_color);
    Look { symbol: symbol.to_owned(), fg: named(fg), bg: named(bg), under: named(under), modifier }.relevant()
}

fn named(color: Color) -> Color {
    color::index(color).map_or(color, Color::Indexed)
}

fn color(color: ansi::Color) -> Color {
    match color {
        ansi::Color::Spec(rgb) => Color::Rgb(rgb.r, rgb.g, rgb.b),
        ansi::Color::Indexed(index) => Color::Indexed(index),
        ansi::Color::Named(NamedColor::Foreground | NamedColor::Background) => Color::Reset,
        ansi::Color::Named(name) => Color::Indexed(u8::try_from(name as usize).unwrap()),
    }
}

// Frames at random

/// A change to a frame.
#[derive(Debug, Clone)]
enum Change {
    Write(u16, u16, String, Style),
    Fill(Rect, String, Style),
    Restyle(Rect, Style),
    Again,
    Scroll,
    Cursor(Option<(u16, u16)>),
    Forget,
    Size(u16, u16),
}

fn colors() -> impl Strategy<Value = Color> {
    prop_oneof![
        3 => Just(Color::Reset),
        2 => Just(Color::Rgb(20, 23, 29)),
        1 => Just(Color::Rgb(200, 30, 40)),
        1 => Just(Color::Red),
        1 => Just(Color::LightBlue),
        1 => any::<u8>().prop_map(Color::Indexed),
    ]
}

fn styles() -> impl Strategy<Value = Style> {
    let modifiers = prop_oneof![
        2 => Just(Modifier::empty()),
        1 => (0..=Modifier::all().bits()).prop_map(Modifier::from_bits_truncate),
        1 => prop::sample::select(Underline::ALL.to_vec()).prop_map(Underline::modifier),
    ];
    (colors(), colors(), colors(), modifiers).prop_map(|(fg, bg, under, modifier)| {
        let style = Style::reset().fg(fg).bg(bg).underline_color(under).add_modifier(modifier);
        // One reads as two where both are set: a terminal blinks at one speed.
        style.remove_modifier(Modifier::RAPID_BLINK)
    })
}

fn words() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-d ]{1,6}",
        3 => " {1,16}",
        2 => Just("日本".to_owned()),
        1 => Just("한e\u{301}o\u{308}".to_owned()),
        1 => Just("│─█▀".to_owned()),
        1 => Just("❤\u{fe0f}".to_owned()),
        1 => Just("👩\u{200d}💻".to_owned()),
        1 => Just("👍🏽".to_owned()),
        1 => Just("🇩🇪".to_owned()),
    ];
    prop::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

fn rects() -> impl Strategy<Value = Rect> {
    (0..30_u16, 0..6_u16, 1..30_u16, 1..6_u16).prop_map(|(x, y, w, h)| Rect::new(x, y, w, h))
}

fn changes() -> impl Strategy<Value = Change> {
    let symbols = prop::sample::select(vec![" ", " ", "x", "語"]).prop_map(str::to_owned);
    prop_oneof![
        6 => (0..30_u16, 0..6_u16, words(), styles()).prop_map(|(x, y, s, style)| Change::Write(x, y, s, style)),
        3 => (rects(), symbols, styles()).prop_map(|(r, s, style)| Change::Fill(r, s, style)),
        2 => (rects(), styles()).prop_map(|(r, style)| Change::Restyle(r, style)),
        1 => Just(Change::Again),
        1 => Just(Change::Scroll),
        1 => prop::option::of((0..30_u16, 0..6_u16)).prop_map(Change::Cursor),
        1 => Just(Change::Forget),
        1 => (2..30_u16, 1..6_u16).prop_map(|(w, h)| Change::Size(w, h)),
    ]
}

impl Change {
    fn make(&self, frame: &mut Frame) {
        let area = frame.area();
        match self {
            Self::Write(x, y, text, style) => {
                if area.contains(Position::new(*x, *y)) {
                    frame.cells.set_string(*x, *y, text, *style);
                }
            }
            Self::Fill(rect, symbol, style) => {
                for position in rect.intersection(area).positions() {
                    frame.cells[position].set_symbol(symbol).set_style(*style);
                }
            }
            Self::Restyle(rect, style) => frame.cells.set_style(rect.intersection(area), *style),
            Self::Scroll => frame.cells.content.rotate_left(usize::from(area.width)),
            Self::Cursor(at) => frame.cursor = at.map(Position::from).filter(|at| area.contains(*at)),
            Self::Size(width, height) => {
                let mut cells = Buffer::empty(Rect::new(0, 0, *width, *height));
                for position in area.intersection(cells.area).positions() {
                    cells[position] = frame.cells[position].clone();
                }
                frame.cells = cells;
                frame.cursor = frame.cursor.filter(|at| frame.cells.area.contains(*at));
            }
            Self::Again | Self::Forget => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_terminal_shows_the_frame(
        steps in prop::collection::vec(prop::collection::vec(changes(), 1..4), 1..8),
        erases in any::<bool>(),
    ) {
        let mut frame = Frame::new(24, 5);
        let mut terminal = Terminal::new(Size(24, 5));
        let mut screen = Screen::new(Vec::new(), ColorDepth::True).with_color_erase(erases);
        for changes in steps {
            let before = frame.area();
            for change in &changes {
                change.make(&mut frame);
                if matches!(change, Change::Forget) {
                    terminal.feed(b"\x1b[H\x1b[?25h\x1b[7;31mrubbish");
                    screen.invalidate();
                }
            }
            if frame.area() != before {
                terminal.term.resize(Size(frame.area().width, frame.area().height));
            }
            screen.draw(&frame).unwrap();
            let bytes = std::mem::take(&mut screen.out);
            terminal.feed(&bytes);
            let wrong = terminal.wrong(&frame.cells);
            prop_assert!(wrong.is_empty(), "{changes:?}\n{:?}\n{wrong:#?}", String::from_utf8_lossy(&bytes));
            prop_assert_eq!(terminal.term.mode().contains(TermMode::SHOW_CURSOR), frame.cursor.is_some());
            if let Some(at) = frame.cursor {
                let point = terminal.term.grid().cursor.point;
                prop_assert_eq!((point.column.0, point.line.0), (usize::from(at.x), i32::from(at.y)));
            }
            prop_assert_eq!(screen.draw(&frame).unwrap(), 0);
        }
    }

    #[test]
    fn nothing_in_a_cell_reaches_the_terminal_as_a_control(
        symbols in prop::collection::vec(any::<String>(), 12),
        force in prop::option::of(1..4_u16),
    ) {
        let mut frame = Frame::new(6, 2);
        for (cell, symbol) in frame.cells.content.iter_mut().zip(&symbols) {
            cell.set_symbol(symbol);
            if let Some(width) = force.and_then(std::num::NonZeroU16::new) {
                cell.set_diff_option(CellDiffOption::ForcedWidth(width));
            }
        }
        let mut screen = Screen::new(Vec::new(), ColorDepth::True);
        screen.draw(&frame).unwrap();
        let text = String::from_utf8(screen.out).unwrap();
        prop_assert!(text.chars().all(|c| c == '\x1b' || !c.is_control()), "{text:?}");
        let escapes = text.matches('\x1b').count();
        prop_assert_eq!(escapes, text.matches("\x1b[").count());
    }
}

// Bytes

fn drawn(screen: &mut Screen<Vec<u8>>, frame: &Frame) -> String {
    screen.draw(frame).unwrap();
    let bytes = String::from_utf8(std::mem::take(&mut screen.out)).unwrap();
    let Some(bytes) = bytes.strip_prefix("\x1b[?2026h").and_then(|rest| rest.strip_suffix("\x1b[?2026l"))
    else {
        assert!(bytes.is_empty(), "not synchronized: {bytes:?}");
        return bytes;
    };
    bytes.replace('\x1b', "^")
}

fn screen() -> Screen<Vec<u8>> {
    Screen::new(Vec::new(), ColorDepth::True)
}

#[test]
fn the_first_frame_clears_with_its_background() {
    let mut frame = Frame::new(10, 3);
    let blue = Style::new().bg(Color::Rgb(0, 0, 90)).fg(Color::White);
    frame.cells.set_style(frame.area(), blue);
    frame.cells.set_string(2, 1, "hi", blue);
    let mut screen = screen();
    assert_eq!(drawn(&mut screen, &frame), "^[?25l^[0;48;2;0;0;90m^[2J^[2;3H^[97mhi");
    assert_eq!(drawn(&mut screen, &frame), "");
    screen.invalidate();
    assert!(drawn(&mut screen, &frame).contains("^[2J"));
}

#[test]
fn only_what_changed_is_written() {
    let mut frame = Frame::new(40, 5);
    let mut screen = screen();
    frame.cells.set_string(0, 0, "the quick brown fox", Style::new());
    frame.cells.set_string(0, 3, "jumps over the lazy dog", Style::new());
    drawn(&mut screen, &frame);
    frame.cells.set_string(4, 0, "QuicK", Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[1;5HQuicK", "three letters rewritten are the cheapest way");
    frame.cells.set_string(0, 3, " ".repeat(23), Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[4H^[K");
    frame.cells.set_string(4, 0, "q", Style::new().bold().red());
    frame.cells.set_string(8, 0, "k", Style::new().red());
    assert_eq!(drawn(&mut screen, &frame), "^[1;5H^[1;31mq^[3C^[22mk");
    frame.cells.set_string(9, 0, "...", Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[1;10H^[m...");
}

#[test]
fn blanks_between_are_erased() {
    let mut frame = Frame::new(40, 1);
    let mut screen = screen();
    frame.cells.set_string(0, 0, "a long line to the left and │", Style::new());
    drawn(&mut screen, &frame);
    frame.cells.set_string(2, 0, " ".repeat(25), Style::new());
    assert_eq!(drawn(&mut screen, &frame), "^[1;3H^[25X");
    let mut screen = Screen::new(Vec::new(), ColorDepth::True).with_color_erase(false);
    frame.cells.set_style(frame.area(), Style::new().bg(Color::Blue));
    assert!(!drawn(&mut screen, &frame).contains("44m^[2J"), "such a terminal would leave another colour");
}

#[test]
fn attributes_are_switched_one_by_one_when_that_is_shorter() {
    let pen = |style: Style| {
        let mut cell = BufferCell::new("x");
        cell.set_style(style);
        SgrState::of(&cell, true)
    };
    let change = |from: Style, to: Style| {
        let mut out = Vec::new();
        pen(to).write(Some(pen(from)), &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    };
    let plain = Style::new();
    assert_eq!(change(plain, plain), "");
    assert_eq!(change(plain.bold(), plain), "^[m");
    assert_eq!(change(plain.bold().dim(), plain.dim()), "^[0;2m");
    let red = plain.fg(Color::Rgb(200, 0, 0));
    assert_eq!(change(red.bold().italic(), red), "^[22;23m");
    assert_eq!(change(red.bold().dim(), red.dim()), "^[22;2m");
    assert_eq!(change(red.underlined(), red.crossed_out()), "^[24;9m");
    assert_eq!(change(red.on_blue(), red), "^[49m");
    assert_eq!(change(plain, plain.fg(Color::Indexed(9)).bg(Color::Indexed(12))), "^[91;104m");
    assert_eq!(change(plain, plain.fg(Color::Indexed(77))), "^[38;5;77m");
    assert_eq!(change(plain, plain.underlined().underline_color(Color::Rgb(1, 2, 3))), "^[4;58:2::1:2:3m");
    let line = |line: Underline| plain.add_modifier(line.modifier());
    assert_eq!(change(plain, line(Underline::Curly)), "^[4:3m");
    assert_eq!(change(line(Underline::Curly), line(Underline::Dashed)), "^[4:5m");
    assert_eq!(change(line(Underline::Double), plain.underlined().italic()), "^[3;4m");
    assert_eq!(change(line(Underline::Dotted).bold(), plain.bold()), "^[24m");
}

#[test]
fn controls_become_blanks() {
    let mut frame = Frame::new(4, 1);
    for (x, symbol) in ["\x1b", "\u{9b}", "\x7f", "\n"].into_iter().enumerate() {
        frame.cells.content[x].set_symbol(symbol).set_bg(Color::Red);
    }
    frame.cells.content[0].set_bg(Color::Blue);
    assert_eq!(drawn(&mut screen(), &frame), "^[?25l^[0;41m^[2J^[H^[44m ");
}

#[test]
fn enlarged_text_replaces_its_letters() {
    let mut frame = Frame::new(20, 4);
    let text =
        PlacedText { area: Rect::new(2, 1, 8, 2), text: "Hi".into(), scale: 2, style: Style::new().red() };
    for y in 1..3 {
        frame.cells.set_string(2, y, "████████", Style::new().red());
    }
    frame.texts = vec![text.clone()];
    assert!(!drawn(&mut screen(), &frame).contains("]66"), "only where the terminal can");
    let mut screen = screen().with_text_sizing(true);
    let bytes = drawn(&mut screen, &frame);
    assert!(bytes.contains("^[2;3H^[31m^]66;s=2;Hi\x07") && !bytes.contains('█'), "{bytes:?}");
    assert_eq!(drawn(&mut screen, &frame), "");
    // Next to it nothing disturbs it: no erasing to the end of its rows.
    frame.cells.set_string(0, 1, "x", Style::new().red());
    assert_eq!(drawn(&mut screen, &frame), "^[2Hx^[?25l".trim_end_matches("^[?25l"));
    frame.texts[0].text = "Ho".into();
    assert!(drawn(&mut screen, &frame).contains("^]66;s=2;Ho\x07"));
    frame.texts.clear();
    let bytes = drawn(&mut screen, &frame);
    assert!(bytes.contains("████████") && !bytes.contains("]66"), "{bytes:?}");
    frame.texts = vec![PlacedText { text: "\x07\x1b[2J".into(), ..text }];
    assert!(!drawn(&mut screen, &frame).contains("]66"));
}

#[test]
fn a_failed_write_is_made_good_by_the_next_frame() {
    struct Broken(bool, Vec<u8>);
    impl Write for Broken {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut frame = Frame::new(10, 2);
    let mut screen = Screen::new(Broken(false, Vec::new()), ColorDepth::True);
    screen.draw(&frame).unwrap();
    frame.cells.set_string(0, 0, "a", Style::new());
    screen.out.0 = true;
    assert!(screen.draw(&frame).is_err());
    screen.out.0 = false;
    screen.out.1.clear();
    screen.draw(&frame).unwrap();
    assert!(screen.out.1.windows(4).any(|bytes| bytes == b"\x1b[2J"));
}

#[test]
fn stage_3_links_reach_the_terminal_and_nothing_else_does() {
    let show = |address: &str| {
        let mut frame = Frame::new(30, 3);
        frame.cells.set_string(0, 0, "see the handbook, now", Style::new());
        frame.link(Rect::new(4, 0, 12, 1), &address.into());
        frame
    };
    let mut screen = screen();
    let bytes = drawn(&mut screen, &show("https://example.org/?a;b"));
    assert!(
        bytes.contains("see ^]8;id=g0;https://example.org/?a;b^\\the handbook^]8;;^\\, now"),
        "{bytes:?}"
    );
    // Where a link goes elsewhere or away, its cells are written again, and only they.
    let bytes = drawn(&mut screen, &show("https://example.org/"));
    assert!(bytes.contains("^]8;id=g0;https://example.org/^\\the handbook^]8;;^\\"), "{bytes:?}");
    let mut plain = show("https://example.org/");
    plain.links.clear();
    let bytes = drawn(&mut screen, &plain);
    assert!(bytes.contains("the handbook") && !bytes.contains("see") && !bytes.contains("]8;"), "{bytes:?}");
    assert_eq!(drawn(&mut screen, &plain), "");
    for address in
        ["javascript:alert(1)", "file:///etc/passwd", "data:,x", "handbook.md", "https://a/\x1b\\\x07"]
    {
        assert_eq!(drawn(&mut screen, &show(address)), "", "{address:?}");
        // Whatever put it there.
        let mut frame = plain.clone();
        frame.links.push(PlacedLink { area: Rect::new(4, 0, 12, 1), address: address.into(), number: 0 });
        assert_eq!(drawn(&mut screen, &frame), "", "{address:?}");
    }
}

#[test]
fn a_picture_inside_tmux_is_written_once_and_not_with_every_frame() {
    let mut screen =
        Screen::new(Vec::new(), ColorDepth::True).with_pictures(Encoder::new(Protocol::KittyInTmux));
    let mut frame = Frame::new(190, 45);
    let picture = Picture { id: 3, width: 2, height: 2, rgba: vec![255; 16] };
    let area = Rect::new(0, 0, 190, 44);
    frame.pictures.push(PlacedPicture { area, picture: std::sync::Arc::new(picture) });
    screen.draw(&frame).unwrap();
    let first = String::from_utf8(std::mem::take(&mut screen.out)).unwrap();
    assert!(first.contains("\x1bPtmux;") && first.contains("\u{10eeee}\u{30d}\u{305}"), "row 1, column 0");
    assert_eq!(first.matches('\u{10eeee}').count(), 190 * 44);
    for number in 0..3 {
        frame.cells.set_string(0, 44, format!("{number}"), Style::new());
        screen.draw(&frame).unwrap();
        let next = String::from_utf8(std::mem::take(&mut screen.out)).unwrap();
        assert!(next.len() < 60, "{next:?}");
    }
    frame.pictures.clear();
    screen.draw(&frame).unwrap();
    let gone = String::from_utf8(std::mem::take(&mut screen.out)).unwrap();
    assert!(!gone.contains('\u{10eeee}') && gone.contains("\x1b["), "{gone:?}");
    screen.forget_pictures().unwrap();
    assert!(String::from_utf8(screen.out).unwrap().contains("a=d,d=I"));
}

#[test]
fn a_terminal_that_says_so_shows_sixels() {
    let ask = |screen: &mut Screen<Vec<u8>>| {
        screen.ask().unwrap();
        std::mem::take(&mut screen.out)
    };
    let sixel = Answer::Features { sixel: true };
    let mut asked = screen().with_question(true);
    assert_eq!(ask(&mut asked), b"\x1b[c");
    asked.answered(Answer::Features { sixel: false }, None);
    assert_eq!(asked.encoder.protocol(), Protocol::Blocks);
    // It has said what it is, and is not asked again.
    assert_eq!(ask(&mut asked), b"");
    asked.answered(sixel, None);
    assert_eq!(asked.encoder.protocol(), Protocol::Blocks);

    let mut asked = screen().with_question(true);
    ask(&mut asked);
    asked.answered(sixel, Some((9, 18)));
    assert_eq!((asked.encoder.protocol(), asked.encoder.cell()), (Protocol::Sixel, (9, 18)));

    // An answer to somebody else, and a person who chose.
    for mut screen in [screen().with_question(true), screen()] {
        screen.answered(sixel, None);
        assert_eq!(screen.encoder.protocol(), Protocol::Blocks);
    }
    assert_eq!(ask(&mut screen()), b"");
}

#[test]
fn a_terminal_that_keeps_24_bits_is_sent_them_from_then_on() {
    let of = |depth, yes| Screen::new(Vec::new(), depth).with_color_question(yes);
    let ask = |screen: &mut Screen<Vec<u8>>| {
        screen.ask().unwrap();
        String::from_utf8(std::mem::take(&mut screen.out)).unwrap()
    };
    let mut frame = Frame::new(3, 1);
    frame.cells.set_string(0, 0, "abc", Style::new().fg(Color::Rgb(1, 2, 3)));
    for depth in [ColorDepth::C256, ColorDepth::C16] {
        for direct in [true, false] {
            let mut screen = of(depth, true);
            assert!(!drawn(&mut screen, &frame).contains("1;2;3"), "{depth:?}");
            assert!(ask(&mut screen).ends_with("\x1bP$qm\x1b\\\x1b[m"));
            assert_eq!(ask(&mut screen), "", "once");
            screen.answered(Answer::Colors { direct }, None);
            let all = drawn(&mut screen, &frame);
            assert_eq!(all.contains("1;2;3"), direct, "{depth:?} {all:?}");
        }
    }
    // One that shows all, or none, is not asked; nor does an answer count that nobody asked for.
    for mut screen in [of(ColorDepth::True, true), of(ColorDepth::None, true), of(ColorDepth::C256, false)] {
        assert_eq!(ask(&mut screen), "");
        let depth = screen.depth;
        screen.answered(Answer::Colors { direct: true }, None);
        assert_eq!(screen.depth, depth);
    }
}

#[test]
fn a_terminal_that_claims_pictures_and_lacks_them_gets_cells() {
    let fine = Answer::of_picture(b"i=1735458817;OK").unwrap();
    let refused = Answer::of_picture(b"i=1735458817;EINVAL:no").unwrap();
    let picture = std::sync::Arc::new(Picture { id: 1, width: 4, height: 4, rgba: vec![255; 64] });
    let mut frame = Frame::new(12, 3);
    frame.cells.set_string(0, 0, "▀".repeat(9), Style::new());
    frame.pictures.push(PlacedPicture { area: Rect::new(0, 0, 9, 2), picture });
    for (says, sixel, has) in [
        (Some(fine), false, Protocol::Kitty),
        (Some(refused), false, Protocol::Blocks),
        (None, false, Protocol::Blocks),
        (None, true, Protocol::Sixel),
    ] {
        let mut screen = screen().with_pictures(Encoder::new(Protocol::Kitty)).with_question(true);
        screen.ask().unwrap();
        let asked = String::from_utf8(std::mem::take(&mut screen.out)).unwrap();
        assert!(asked.contains("a=q,t=d") && asked.ends_with("\x1b[c"), "{asked:?}");
        let before = drawn(&mut screen, &frame);
        assert!(before.contains("a=p") && !before.contains('▀'), "{before:?}");
        if let Some(answer) = says {
            screen.answered(answer, None);
        }
        screen.answered(Answer::Features { sixel }, Some((10, 20)));
        assert_eq!(screen.encoder.protocol(), has, "{says:?}, {sixel}");
        let after = drawn(&mut screen, &frame);
        assert_eq!(after.contains("▀▀▀"), has == Protocol::Blocks, "{after:?}");
    }
}

#[test]
fn a_terminal_without_sextants_is_sent_quadrants() {
    for (has, letter) in [(true, "\u{1fb02}"), (false, "▀")] {
        let mut frame = Frame::new(3, 1);
        frame.cells.set_string(1, 0, "\u{1fb02}", Style::new());
        let sent = drawn(&mut screen().with_sextants(has), &frame);
        assert!(sent.contains(letter), "{sent:?}");
    }
}

/// xterm shows nothing of sixels that are wider or higher than 1000 pixels.
#[test]
fn what_is_too_large_for_sixels_is_sent_in_parts() {
    let columns: &[(u16, &[&str])] = &[
        (90, &["^[1;1H^P0;1;0q\"1;1;900;"]),
        (130, &["^[1;1H^P0;1;0q\"1;1;1000;", "^[1;101H^P0;1;0q\"1;1;300;"]),
    ];
    let rows: &[(u16, &[&str])] = &[(2, &[";36"]), (60, &[";1000", "^[51;1H", ";198"])];
    for ((columns, across), (rows, down)) in
        columns.iter().flat_map(|one| rows.iter().map(move |two| (one, two)))
    {
        let mut frame = Frame::new(130, 60);
        let picture = std::sync::Arc::new(Picture { id: 1, width: 4, height: 4, rgba: vec![255; 64] });
        let area = Rect::new(0, 0, *columns, *rows);
        for y in 0..*rows {
            frame.cells.set_string(0, y, "▀".repeat((*columns).into()), Style::new());
        }
        frame.pictures.push(PlacedPicture { area, picture });
        let mut encoder = Encoder::new(Protocol::Sixel);
        encoder.set_cell(10, 20);
        let sent = drawn(&mut screen().with_pictures(encoder), &frame);
        let absent = across.iter().chain(*down).find(|part| !sent.contains(**part));
        assert_eq!(absent, None, "{columns}x{rows} {sent}");
        assert_eq!(sent.matches("^P").count(), across.len() * usize::from(rows.div_ceil(50)), "{sent}");
        assert!(!sent.contains('▀'), "no half blocks below");
    }
}
