//! Runs that are over, of every kind of verdict, with their colours.

use std::fmt::Write;

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::made::{Made, Run, three};
use super::{BenchLook, SIZES, draw, look, painted, six, view};
use greenroom_deck::Chart;
use greenroom_pane::BenchView;
use greenroom_parse::builtin_theme;

/// The insides of panes below a title at 80x24, at 120x35, and at 200x50.
const PANES: [(u16, u16); 3] = [(70, 13), (104, 23), (184, 38)];

fn pair(rates: [f64; 2]) -> Vec<Made> {
    let mut made = vec![three().remove(0), three().remove(2)];
    made.iter_mut().zip(rates).for_each(|(made, rate)| made.rate = rate);
    made
}

fn run(made: Vec<Made>, blocks: u32, foreign_us: u64) -> BenchView {
    let mut run = Run::new(made);
    run.foreign_us = foreign_us;
    view(&run.started().measured(blocks).ended().text(), true)
}

/// The text, and below it which colour each cell has, a letter for each.
fn styled(look: &BenchLook<'_>, (width, height): (u16, u16)) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut cells = Buffer::empty(area);
    draw(&mut cells, area, look, &builtin_theme("dark").unwrap());
    let mut known: Vec<String> = Vec::new();
    let mut map = String::new();
    for y in 0..height {
        let row = (0..width).map(|x| {
            let cell = &cells[(x, y)];
            let Color::Rgb(r, g, b) = cell.fg else { return ' ' };
            let bold = if cell.modifier.contains(Modifier::BOLD) { " bold" } else { "" };
            let style = format!("#{r:02x}{g:02x}{b:02x}{bold}");
            let at = known.iter().position(|other| *other == style).unwrap_or(known.len());
            if at == known.len() {
                known.push(style);
            }
            char::from(b'a' + u8::try_from(at).unwrap())
        });
        writeln!(map, "{}", row.collect::<String>().trim_end()).unwrap();
    }
    let legend = ('a'..).zip(&known).map(|(letter, style)| format!("{letter} {style}"));
    format!("{}┄┄┄\n{map}{}\n", painted(look, (width, height)), legend.collect::<Vec<_>>().join("\n"))
}

fn at_all_panes(view: &BenchView) -> String {
    PANES.map(|size| format!("{}x{}\n{}", size.0, size.1, styled(&look(view), size))).join("\n")
}

#[test]
fn each_kind_of_verdict_is_seen_from_the_last_row() {
    insta::assert_snapshot!("won", at_all_panes(&run(three(), 16, 8_000)));
    insta::assert_snapshot!("close", at_all_panes(&run(pair([37_622.0, 38_100.0]), 16, 8_000)));
    insta::assert_snapshot!("busy", at_all_panes(&run(pair([92.6, 2_143.0]), 16, 200_000)));
    insta::assert_snapshot!("few", at_all_panes(&run(three(), 11, 8_000)));
}

#[test]
fn figures_that_are_compared_are_written_alike() {
    let text = painted(&look(&run(pair([92.6, 143.2]), 16, 8_000)), (60, 9));
    assert!(text.contains("  90  ") && text.contains("  142  "), "{text}");
    let text = painted(&look(&run(pair([37_622.0, 99_000.0]), 16, 8_000)), (60, 9));
    assert!(text.contains(',') && !text.contains("37622"), "{text}");
}

#[test]
fn the_sentence_stays_however_small_the_pane_is() {
    let busy = run(pair([92.6, 2_143.0]), 16, 200_000);
    let won = run(three(), 16, 8_000);
    for (view, says) in [(&busy, "No verdict"), (&won, "Free threaded: 1.8 times")] {
        for (width, height) in [(30, 3), (30, 6), (40, 5), (60, 2), (60, 8), (76, 18), (500, 150)] {
            let text = painted(&look(view), (width, height));
            let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(whole.contains(says), "{width}x{height}\n{text}");
        }
    }
    // The ratio is large before the figures are.
    let text = painted(&look(&won), (60, 8));
    assert!(text.contains("🬭█🬭") && !text.contains("1.8×"), "{text}");
    assert!(text.contains("1,035") && text.contains("requests per second"), "{text}");
}

#[test]
fn what_speaks_against_a_verdict_is_said_beside_it() {
    let mut made = three();
    made[2].comes_back = true;
    let view = run(made, 16, 8_000);
    for size in SIZES.into_iter().chain(PANES).chain([(50, 9)]) {
        let text = painted(&look(&view), size);
        assert!(text.contains("! Free threaded: the GIL was switched on"), "{size:?}\n{text}");
    }
}

#[test]
fn every_variant_has_its_row_before_other_pairs_are_spoken_of() {
    let mut made = [three(), three()].concat();
    for (made, name) in made.iter_mut().zip(["one", "two", "three", "four", "five", "six"]) {
        (made.name, made.comes_back) = (name, made.free);
    }
    let view = run(made, 16, 8_000);
    for height in 10..16 {
        let text = painted(&look(&view), (36, height));
        for mark in ["● one", "▲ two", "■ three", "◆ four", "✚ five", "six"] {
            assert!(text.contains(mark), "{mark} in {height} rows\n{text}");
        }
        assert!(text.contains("GIL was switched on"), "{height} rows\n{text}");
    }
}

#[test]
fn the_ranges_stand_under_facts() {
    let mut view = run(three(), 16, 8_000);
    let overview = painted(&look(&view), (116, 28));
    assert!(!overview.contains("over 4 launches"), "{overview}");
    view.show(Chart::Facts);
    let facts = painted(&look(&view), (116, 28));
    for says in ["over 4 launches)", "Per second of processor time", "Memory for 1,000", "In 19 of 20 runs"] {
        assert!(facts.contains(says), "{says}\n{facts}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_size_breaks_a_verdict(
        width in 0_u16..500,
        height in 0_u16..150,
        count in 1_usize..7,
        blocks in 0_u32..18,
        foreign_us in prop::sample::select(vec![0_u64, 200_000]),
    ) {
        let mut made = six();
        made.truncate(count);
        let view = run(made, blocks, foreign_us);
        painted(&look(&view), (width, height));
        painted(&look(&view), (width % 40, height % 12));
    }
}
