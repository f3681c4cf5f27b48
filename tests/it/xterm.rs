//! Bytes to a pane, and what xterm 379 does with them: each row was asked of it.

use bytes::Bytes;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, Size, What};
use greenroom_frame::Underline;
use greenroom_pane::keys::{Encoding, Mouse};
use greenroom_pane::{Palette, TermView};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier};

const SIZE: Size = Size { columns: 20, rows: 6 };

fn view(text: &str) -> TermView {
    let mut view = TermView::new(SIZE, 100, Palette::default());
    write(&mut view, text.as_bytes());
    view
}

fn write(view: &mut TermView, bytes: &[u8]) {
    view.fold(&Event { at: Elapsed::ZERO, what: What::Output(Bytes::copy_from_slice(bytes)) });
}

fn painted(view: &TermView) -> (Buffer, Option<Position>) {
    let Size { columns, rows } = view.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let cursor = view.paint(buffer.area, &mut buffer);
    (buffer, cursor)
}

/// The lines down to the last that is not empty.
fn lines(text: &str) -> String {
    view(text).text().trim_end_matches('\n').to_owned()
}

/// Row and column of the cursor, from 1.
fn cursor(text: &str) -> (u16, u16) {
    let at = painted(&view(text)).1.unwrap();
    (at.y + 1, at.x + 1)
}

fn answers(text: &str) -> String {
    String::from_utf8(view(text).take_replies()).unwrap()
}

#[test]
fn leaving_origin_mode_homes_the_cursor() {
    assert_eq!(lines("\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[?6lX"), "X");
}

#[test]
fn a_line_feed_behind_the_last_column_stays_in_that_column() {
    let full = "01234567890123456789";
    let column = " ".repeat(19);
    for feed in ["\n", "\x0b", "\x1bD"] {
        assert_eq!(lines(&format!("{full}{feed}X")), format!("{full}\n{column}X"), "{feed:?}");
    }
    assert_eq!(lines(&format!("\n{full}\x1bMX")), format!("{column}X\n{full}"));
    assert_eq!(lines(&format!("{full}\r\nX")), format!("{full}\nX"));
}

#[test]
fn a_soft_reset_resets_what_it_should_and_leaves_the_rest() {
    assert_eq!(lines("\x1b[2;4r\x1b[?6h\x1b[!p\x1b[6;1HX"), "\n\n\n\n\nX");
    assert_eq!(cursor("\x1b[5;5H\x1b[!p"), (5, 5));
    assert_eq!(cursor("\x1b[5;5H\x1b7\x1b[!p\x1b8"), (1, 1));
    let view = view("\x1b[?25l\x1b[?1h\x1b[4h\x1b(0\x1b)0\x0e\x1b[1;31mq\x1b[!pq\x1b[1;1Hx");
    let (cells, at) = painted(&view);
    assert_eq!((cells[(0, 0)].symbol(), cells[(1, 0)].symbol()), ("x", "q"), "replaced, and in ASCII");
    assert_eq!((cells[(0, 0)].fg, cells[(0, 0)].modifier), (cells[(5, 5)].fg, Modifier::empty()));
    assert!(at.is_some() && !view.modes().application_cursor);
}

#[test]
fn sgr_21_is_a_double_underline_and_leaves_bold() {
    let (cells, _) = painted(&view("\x1b[1;21mA\x1b[24mB"));
    assert_eq!(cells[(0, 0)].modifier, Modifier::BOLD | Underline::Double.modifier());
    assert_eq!(cells[(1, 0)].modifier, Modifier::BOLD);
}

#[test]
fn blinking_is_kept() {
    let (cells, _) = painted(&view("\x1b[5mA\x1b[25mB\x1b[6mC\x1b[mD"));
    let blinks = |x: u16| cells[(x, 0)].modifier.contains(Modifier::SLOW_BLINK);
    assert_eq!([0, 1, 2, 3].map(blinks), [true, false, true, false]);
}

#[test]
fn in_new_line_mode_a_line_feed_goes_to_the_first_column_and_an_index_does_not() {
    assert_eq!(lines("\x1b[20hab\ncd"), "ab\ncd");
    assert_eq!(lines("\x1b[20hab\x1bDcd"), "ab\n  cd");
    assert_eq!(lines("\x1b[20h\x1b[20lab\ncd"), "ab\n  cd");
    assert!(view("\x1b[20h").modes().new_line);
}

#[test]
fn the_old_alternate_screens_are_screens_of_their_own() {
    for mode in ["47", "1047"] {
        let text = format!("one\r\ntwo\x1b7\x1b[?{mode}h\x1b[2J\x1b[HALT\x1b[?{mode}l\x1b8X");
        assert_eq!(lines(&text), "one\ntwoX", "{mode}");
        // They share the cursor.
        assert_eq!(cursor(&format!("\x1b[3;3H\x1b[?{mode}h\x1b[5;5H\x1b[?{mode}l")), (5, 5), "{mode}");
        assert_eq!(lines(&format!("main\x1b[?{mode}h\x1b[2J\x1b[HALT")), "ALT", "{mode}");
    }
    assert_eq!(cursor("\x1b[3;3H\x1b[?1049h\x1b[5;5H\x1b[?1049l"), (3, 3));
    // What 47 leaves there is there again; 1047 clears it.
    assert_eq!(lines("\x1b[?47hALT\x1b[?47l\x1b[2J\x1b[?47h"), "ALT");
    assert_eq!(lines("\x1b[?1047hALT\x1b[?1047l\x1b[2J\x1b[?1047h"), "");
}

#[test]
fn mode_1048_saves_the_cursor() {
    assert_eq!(cursor("\x1b[2;3H\x1b[?1048h\x1b[H\x1b[?1048l"), (2, 3));
}

#[test]
fn the_alignment_test_homes_and_resets_the_margins() {
    assert_eq!(cursor("\x1b[3;3H\x1b#8"), (1, 1));
    let all = lines("\x1b[2;4r\x1b[?6h\x1b#8\x1b[6;1HX");
    assert_eq!(all.lines().last(), Some("XEEEEEEEEEEEEEEEEEEE"));
}

#[test]
fn the_shifted_character_set_is_saved_with_the_cursor() {
    assert_eq!(lines("\x1b)0\x0e\x1b7\x0f\x1b8q"), "─");
    assert_eq!(lines("\x1b)0\x1b7\x0e\x1b8q"), "q");
}

#[test]
fn inserting_and_deleting_lines_goes_to_the_first_column() {
    assert_eq!(cursor("\x1b[2;5H\x1b[L"), (2, 1));
    assert_eq!(cursor("\x1b[2;5H\x1b[M"), (2, 1));
    assert_eq!(cursor("\x1b[2;4r\x1b[6;5H\x1b[L"), (6, 5), "outside of the margins nothing happens");
    assert_eq!(cursor("\x1b[2;4r\x1b[6;5H\x1b[M"), (6, 5));
}

#[test]
fn the_place_of_the_cursor_counts_from_the_margin_in_origin_mode() {
    assert_eq!(answers("\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n"), "\x1b[2;3R");
    assert_eq!(answers("\x1b[2;4r\x1b[3;3H\x1b[6n"), "\x1b[3;3R");
    assert_eq!(answers("\x1b[3;4H\x1b[?6n"), "\x1b[?3;4;1R");
}

#[test]
fn selective_erase_erases() {
    assert_eq!(lines("abc\r\ndef\x1b[1;2H\x1b[?J"), "a");
    assert_eq!(lines("abc\r\ndef\x1b[1;2H\x1b[?K"), "a\ndef");
    assert_eq!(lines("abc\r\ndef\x1b[1;2H\x1b[?2K"), "\ndef");
    assert_eq!(lines("abc\r\ndef\x1b[2;2H\x1b[?1J"), "\n  f");
}

#[test]
fn a_change_to_132_columns_is_ignored() {
    assert_eq!(lines("text\x1b[?3h!\x1b[?3l?"), "text!?");
    assert_eq!(lines("\x1b[2;4rx\x1b[?3h\x1b[4;1H\ny"), "x\n\n\ny", "the margins stay, too");
}

#[test]
fn repetition_is_of_a_character_that_came_just_before() {
    assert_eq!(lines("a\r\x1b[2b"), "a");
    assert_eq!(lines("e\u{301}\x1b[2b"), "e\u{301}ee");
    assert_eq!(lines("x\x1b[3b|"), "xxxx|");
    assert_eq!(lines("x\x1b[31m\x1b[3b|"), "x|");
    assert_eq!(lines("a\x1b[2b\x1b[2b|"), "aaa|");
    assert_eq!(lines("a\x1b[3;3H\x1b[2b"), "a");
    assert_eq!(lines("\x1b[2b|"), "|");
    assert_eq!(lines("漢\x1b[2b|"), "漢漢漢|");
    assert_eq!(lines("\x1b(0q\x1b[2b"), "───");
}

#[test]
fn colours_are_answered_as_they_are_and_as_they_were_set() {
    assert_eq!(answers("\x1b]4;200;?\x07"), "\x1b]4;200;rgb:ffff/0000/d7d7\x07");
    assert_eq!(
        answers("\x1b]4;200;rgb:12/34/56\x07\x1b]4;200;?\x1b\\"),
        "\x1b]4;200;rgb:1212/3434/5656\x1b\\"
    );
    for number in [10, 11, 12] {
        let set = format!("\x1b]{number};#102030\x07\x1b]{number};?\x07");
        assert_eq!(answers(&set), format!("\x1b]{number};rgb:1010/2020/3030\x07"));
        let reset = format!("\x1b]{number};#102030\x07\x1b]1{number}\x07\x1b]{number};?\x07");
        assert_eq!(answers(&reset), answers(&format!("\x1b]{number};?\x07")), "{number}");
    }
    assert_eq!(
        answers("\x1b]4;1;?;2;?\x07"),
        "\x1b]4;1;rgb:cdcd/3131/3131\x07\x1b]4;2;rgb:0d0d/bcbc/7979\x07"
    );
    assert_eq!(answers("\x1b]17;?\x07"), "\x1b]17;rgb:d0d0/d0d0/d0d0\x07");
    assert_eq!(answers("\x1b]19;?\x1b\\"), "\x1b]19;rgb:0000/0000/0000\x1b\\");
    let (cells, _) = painted(&view("\x1b]11;#102030\x07\x1b]4;1;#010203\x07\x1b[31mx"));
    assert_eq!((cells[(0, 0)].fg, cells[(0, 0)].bg), (Color::Rgb(1, 2, 3), Color::Rgb(0x10, 0x20, 0x30)));
}

#[test]
fn a_terminal_says_what_it_is() {
    assert!(answers("\x1b[>q").starts_with("\x1bP>|greenroom("));
    assert_eq!(answers("\x1b[>0q"), answers("\x1b[>q"));
    assert_eq!(answers("\x1b[=c"), "\x1bP!|00000000\x1b\\");
    assert_eq!(answers("\x1b[14t"), "\x1b[4;96;160t");
    assert_eq!(answers("\x1b[16t"), "\x1b[6;16;8t");
    assert_eq!(answers("\x1b[18t"), "\x1b[8;6;20t");
}

#[test]
fn a_title_does_not_come_back_as_if_it_had_been_typed() {
    assert_eq!(answers("\x1b]2;rm -rf x\x07\x1b[21t\x1b[20t"), "\x1b]l\x1b\\\x1b]L\x1b\\");
}

#[test]
fn settings_are_told_when_asked_for() {
    for (set, name, told) in [
        ("", "m", "0"),
        ("\x1b[1;31;4m", "m", "0;1;4;31"),
        ("\x1b[38;5;123;48;2;1;2;3;21m", "m", "0;21;38:5:123;48:2::1:2:3"),
        ("\x1b[95;5m", "m", "0;5;95"),
        ("", "r", "1;6"),
        ("\x1b[2;4r", "r", "2;4"),
        ("", " q", "2"),
        ("\x1b[5 q", " q", "5"),
        ("", "\"p", "64;1"),
        ("", "\"q", "0"),
        ("", "t", "6"),
        ("", "$|", "20"),
    ] {
        assert_eq!(answers(&format!("{set}\x1bP$q{name}\x1b\\")), format!("\x1bP1$r{told}{name}\x1b\\"));
    }
    assert_eq!(answers("\x1bP$qx\x1b\\"), "\x1bP0$r\x1b\\");
    let long = format!("\x1bP$q{}\x1b\\", "m".repeat(1000));
    assert_eq!(answers(&long), "");
}

#[test]
fn questions_inside_of_an_update_are_answered_in_their_place() {
    let mut screen = view("\x1b[?2026hab\x1bP$qm\x1b\\\x1b[?6n");
    assert!(screen.take_replies().is_empty());
    write(&mut screen, b"\x1b[?2026l");
    assert_eq!(screen.take_replies(), b"\x1bP1$r0m\x1b\\\x1b[?1;3;1R");
}

#[test]
fn each_mouse_mode_and_encoding_is_known_and_told() {
    for (mode, mouse) in [(9, Mouse::Press), (1000, Mouse::Click), (1002, Mouse::Drag), (1003, Mouse::Motion)]
    {
        assert_eq!(view(&format!("\x1b[?{mode}h")).modes().mouse, mouse);
        assert_eq!(view(&format!("\x1b[?{mode}h\x1b[?{mode}l")).modes().mouse, Mouse::None);
        assert_eq!(answers(&format!("\x1b[?{mode}h\x1b[?{mode}$p")), format!("\x1b[?{mode};1$y"));
    }
    for (mode, encoding) in
        [(1005, Encoding::Utf8), (1006, Encoding::Sgr), (1015, Encoding::Urxvt), (1016, Encoding::Pixels)]
    {
        assert_eq!(view(&format!("\x1b[?{mode}h")).modes().encoding, encoding);
        let other = if mode == 1006 { 1005 } else { 1006 };
        assert_eq!(view(&format!("\x1b[?{mode}h\x1b[?{other}l")).modes().encoding, encoding);
        assert_eq!(view(&format!("\x1b[?{mode}h\x1b[?{mode}l")).modes().encoding, Encoding::Bytes);
        assert_eq!(answers(&format!("\x1b[?{mode}$p")), format!("\x1b[?{mode};2$y"));
    }
}

#[test]
fn a_title_of_screens_prints_nothing() {
    let view = view("\x1bkthe title\x1b\\x");
    assert_eq!((view.text().trim(), view.title().as_deref()), ("x", Some("the title")));
}

#[test]
fn a_picture_and_a_bell_are_noticed_once() {
    let mut view = view("\x07\x1bPq#0;2;0;0;0#0~~@@\x1b\\text");
    assert_eq!(view.text().trim(), "text");
    assert_eq!((view.take_bell(), view.take_picture()), (true, true));
    assert_eq!((view.take_bell(), view.take_picture()), (false, false));
}

#[test]
fn deleting_half_of_a_wide_character_leaves_a_blank_and_the_cursor() {
    let (cells, at) = painted(&view("中中x\r\x1b[P"));
    assert_eq!(at, Some(Position::new(0, 0)));
    let symbols: Vec<&str> = (0..5).map(|x| cells[(x, 0)].symbol()).collect();
    assert_eq!(symbols, [" ", "中", " ", "x", " "]);
}

#[test]
fn whatever_halves_a_wide_character_leaves_a_blank() {
    for (bytes, line) in [
        ("中中x\x1b[1;2H\x1b[P", " 中x"),
        ("中中x\x1b[1;2H\x1b[@", "   中x"),
        ("中中x\x1b[1;2H\x1b[X", "  中x"),
        ("中中x\r\x1b[X", "  中x"),
        ("中中x\x1b[1;2H\x1b[1K", "  中x"),
        ("中中x\x1b[1;3H\x1b[1K", "    x"),
        ("中中x\x1b[1;2H\x1b[K", ""),
        ("中中x\x1b[1;2H\x1b[J", ""),
        ("中中x\x1b[1;2Hy", " y中x"),
        ("中中x\ry", "y 中x"),
        ("中中x\x1b[1;2H文", " 文 x"),
        ("中中x\x1b[1;2H\x1b[4hy", " y 中x"),
        ("0123456789012345中中\x1b[1;3H\x1b[4hy", "01y23456789012345中"),
        ("0123456789012345中中\x1b[1;3H\x1b[4h文", "01文23456789012345中"),
        ("0123456789012345中中\x1b[1;3H\x1b[@", "01 23456789012345中"),
    ] {
        assert_eq!(lines(bytes), line, "{bytes:?}");
    }
}

#[test]
fn deleting_more_than_the_rest_of_a_line_leaves_what_is_left_of_the_cursor() {
    assert_eq!(lines("abcdefghij\x1b[1;9H\x1b[15P"), "abcdefgh");
}

#[test]
fn a_cursor_that_was_saved_on_a_larger_screen_comes_back_onto_this_one() {
    for back in ["\x1b[?47l\x1b[u", "\x1b[?1047l\x1b8", "\x1b[?1049l"] {
        let mut view = view("\n\n\n      \x1b7\x1b[?47h");
        view.resize(Size { columns: 2, rows: 1 });
        write(&mut view, format!("{back}X").as_bytes());
        assert!(view.text().contains('X'), "{back:?}");
    }
}

#[test]
fn narrowing_keeps_the_first_lines_while_rows_are_free() {
    let mut view = TermView::new(Size { columns: 110, rows: 30 }, 2000, Palette::default());
    for number in 1..=6 {
        write(&mut view, format!("{number}{}\r\n", "x".repeat(89)).as_bytes());
    }
    write(&mut view, b"$ ");
    view.resize(Size { columns: 80, rows: 24 });
    let text = view.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with('1') && lines[10].starts_with('6'), "{text}");
    assert_eq!(painted(&view).1, Some(Position::new(2, 12)), "the cursor is on its line");
    write(&mut view, b"typed");
    assert!(view.text().contains("\n$ typed\n"));
    view.resize(Size { columns: 40, rows: 10 });
    assert_eq!(painted(&view).1, Some(Position::new(7, 9)), "no room for all: the end is kept");
}

#[test]
fn narrowing_keeps_the_first_lines_below_a_history_and_under_an_alternate_screen() {
    let mut view = TermView::new(Size { columns: 40, rows: 10 }, 2000, Palette::default());
    for number in 0..30 {
        write(&mut view, format!("old {number} {}\r\n", "o".repeat(20)).as_bytes());
    }
    write(&mut view, format!("\x1b[H\x1b[Jtop{}\r\nnext\r\n", "x".repeat(27)).as_bytes());
    for (columns, last) in [(20, 2), (12, 3)] {
        view.resize(Size { columns, rows: 10 });
        let text = view.text();
        assert!(text.starts_with("topx"), "{columns}: {text}");
        assert_eq!(text.lines().nth(last), Some("next"), "{columns}: {text}");
    }
    write(&mut view, b"\x1b[?1049h\x1b[2J\x1b[Hfull");
    view.resize(Size { columns: 10, rows: 8 });
    assert_eq!(view.text().trim(), "full");
    write(&mut view, b"\x1b[?1049l");
    let text = view.text();
    assert!(text.starts_with("topx") && text.contains("\nnext\n"), "{text}");
    view.resize(Size { columns: 40, rows: 10 });
    assert!(view.text().contains(&format!("top{}\nnext\n", "x".repeat(27))), "{}", view.text());
}

#[test]
fn an_update_that_nothing_ends_is_shown_when_the_run_ends() {
    let mut view = view("\x1b[?2026hlast");
    view.fold(&Event { at: Elapsed::ZERO, what: What::Exit(Exit::Status(0)) });
    assert_eq!(view.text().trim(), "last");
}

/// Something that a program may write, wide characters above all.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just("中"),
        Just("漢字"),
        Just("x"),
        Just("abcdefghij"),
        Just("e\u{301}"),
        Just("\u{1f600}"),
        Just("\r"),
        Just("\n"),
        Just("\t"),
        Just("\x08"),
        Just("\u{301}"),
    ];
    let sequence =
        ("[@A-MPSTXZ`bdfhlrsu]", proptest::collection::vec(0_u16..12, 0..3)).prop_map(|(end, numbers)| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            format!("\x1b[{}{end}", numbers.join(";"))
        });
    let mode = (
        prop_oneof![Just(3), Just(6), Just(7), Just(47), Just(1047), Just(1048), Just(1049), Just(2026)],
        any::<bool>(),
    )
        .prop_map(|(mode, on)| format!("\x1b[?{mode}{}", if on { 'h' } else { 'l' }));
    let other = prop_oneof![
        Just("\x1b[4h"),
        Just("\x1b[4l"),
        Just("\x1b[20h"),
        Just("\x1b7"),
        Just("\x1b8"),
        Just("\x1bM"),
        Just("\x1bD"),
        Just("\x1bc"),
        Just("\x1b#8"),
        Just("\x1b[!p"),
        Just("\x1bH"),
        Just("\x1b[41;5m"),
    ];
    prop_oneof![
        4 => text.prop_map(str::to_owned),
        4 => sequence,
        1 => mode,
        1 => other.prop_map(str::to_owned),
    ]
    .prop_map(String::into_bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_screen_is_unpaintable_and_every_wide_character_has_two_cells(
        steps in proptest::collection::vec((part(), proptest::option::weighted(0.08, (0_u16..24, 0_u16..8))), 0..80),
    ) {
        let mut view = TermView::new(Size { columns: 9, rows: 4 }, 30, Palette::default());
        for (bytes, size) in steps {
            write(&mut view, &bytes);
            if let Some((columns, rows)) = size {
                view.resize(Size { columns, rows });
            }
            let (cells, cursor) = painted(&view);
            let Size { columns, rows } = view.size();
            if let Some(cursor) = cursor {
                prop_assert!(cursor.x < columns && cursor.y < rows);
            }
            for y in 0..rows {
                for x in 0..columns {
                    let wide = unicode_width::UnicodeWidthStr::width(cells[(x, y)].symbol()) == 2;
                    prop_assert!(!wide || x + 1 < columns, "{}", view.text());
                    prop_assert!(!wide || cells[(x + 1, y)].symbol() == " ", "{}", view.text());
                }
            }
        }
    }
}
