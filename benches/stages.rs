//! What each stage of a slide's journey costs: parse, layout, highlight, paint.
//!
//! `cargo bench --bench stages`, or with a filter: `cargo bench --bench stages -- paint`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use greenroom::headless;
use greenroom::talk;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::{Code, Deck, Slide};
use greenroom_frame::Frame;
use greenroom_parse as parse;
use greenroom_raster::{Face, Look, Raster, Rule, Span, Square};
use greenroom_render::layout::{self, Scene};
use greenroom_render::paint::{self, RenderCache};
use greenroom_terminal::answer::Answer;
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::graphics::{Encoder, Protocol};
use greenroom_terminal::screen::Screen;

const PYTHON: &str = include_str!("sample.py");

/// The sizes that the talk is made for.
const SIZES: [Size; 3] =
    [Size { columns: 80, rows: 24 }, Size { columns: 120, rows: 35 }, Size { columns: 200, rows: 50 }];

criterion_group!(stages, parse_decks, lay_out, highlight, paint_scenes, frame, raster, enlarged);
criterion_main!(stages);

/// A file of `slides` slides, two of three with code, as `peer.py` makes them.
fn files(slides: usize) -> MemoryFiles {
    let mut text = String::new();
    for n in 1..=slides {
        let _ = write!(
            text,
            "Slide {n}\n===\n\nSome **bold** words, `some code`, and *emphasis* on slide {n}.\n\n"
        );
        if n % 3 == 0 {
            text.push_str("* one point\n* another point, in a few words more\n\n> and a quote\n");
        } else {
            let _ = write!(text, "```python\n# Case {n}\n{PYTHON}```\n");
        }
        text.push_str("\n<!-- end_slide -->\n\n");
    }
    MemoryFiles::new().with("deck.md", text)
}

fn deck(slides: usize) -> Arc<Deck> {
    let deck = parse::deck(&files(slides), "deck.md");
    assert!(deck.slides.len() >= slides && deck.problems.is_empty(), "{:?}", deck.problems);
    Arc::new(deck)
}

fn parse_decks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for slides in [60, 1_000] {
        let files = files(slides);
        group.throughput(Throughput::Elements(slides as u64));
        group.bench_function(format!("{slides} slides"), |bencher| {
            bencher.iter(|| parse::deck(black_box(&files), "deck.md"));
        });
    }
    group.finish();
}

fn lay_out(criterion: &mut Criterion) {
    let deck = deck(60);
    let mut group = criterion.benchmark_group("layout");
    group.throughput(Throughput::Elements(deck.slides.len() as u64));
    for size in SIZES {
        group.bench_function(format!("60 slides at {}x{}", size.columns, size.rows), |bencher| {
            bencher.iter(|| {
                for slide in &deck.slides {
                    black_box(layout::slide(&deck, slide, slide.last_step, talk::slide_area(size, slide)));
                }
            });
        });
    }
    group.finish();
}

/// Cold is what the first slide with code pays: the grammars are loaded, and this one is compiled.
fn highlight(criterion: &mut Criterion) {
    let code = Arc::new(Code::plain("python", PYTHON.into()));
    let mut group = criterion.benchmark_group("highlight");
    group.throughput(Throughput::Elements(PYTHON.lines().count() as u64));
    group.bench_function("cold", |bencher| {
        bencher.iter_batched_ref(RenderCache::new, |ink| ink.prepare(&code), BatchSize::PerIteration);
    });
    let ink = RenderCache::new();
    group.bench_function("warm", |bencher| {
        bencher.iter(|| {
            ink.clear(); // Forgets the code, not the grammars.
            ink.prepare(&code);
        });
    });
    group.finish();
}

/// Placed scenes to cells, with all code highlighted.
fn paint_scenes(criterion: &mut Criterion) {
    let deck = deck(60);
    let ink = ready(&deck);
    let mut group = criterion.benchmark_group("paint");
    group.throughput(Throughput::Elements(deck.slides.len() as u64));
    for size in SIZES {
        let place =
            |slide: &Arc<Slide>| layout::slide(&deck, slide, slide.last_step, talk::slide_area(size, slide));
        let scenes: Vec<Scene> = deck.slides.iter().map(place).collect();
        group.bench_function(format!("60 slides at {}x{}", size.columns, size.rows), |bencher| {
            bencher.iter(|| {
                for scene in &scenes {
                    let mut frame = Frame::new(size.columns, size.rows);
                    paint::scene(scene, 0, &ink, &deck.theme, &|_| None, &mut frame);
                    black_box(frame);
                }
            });
        });
    }
    group.finish();
}

/// Everything that a key press costs, short of writing to the terminal.
fn frame(criterion: &mut Criterion) {
    let deck = deck(60);
    let ink = ready(&deck);
    let mut group = criterion.benchmark_group("frame");
    group.throughput(Throughput::Elements(deck.slides.len() as u64));
    for size in SIZES {
        group.bench_function(format!("60 slides at {}x{}", size.columns, size.rows), |bencher| {
            bencher.iter(|| {
                for (index, slide) in deck.slides.iter().enumerate() {
                    black_box(headless::frame(&deck, &ink, index, slide.last_step, size));
                }
            });
        });
    }
    group.finish();
}

fn ready(deck: &Deck) -> RenderCache {
    let ink = RenderCache::new();
    for slide in 0..deck.slides.len() {
        headless::prepare_code(deck, slide, &ink);
    }
    ink
}

/// Cells as pixels: a screen of 2560 by 1440, full of text, one row of it, and a title.
fn raster(criterion: &mut Criterion) {
    const CELL: (u16, u16) = (10, 20);
    let look = Look {
        ink: [240, 230, 210],
        paper: [4, 20, 12],
        bold: false,
        italic: false,
        strike: false,
        rule: None,
    };
    let bold = Look { bold: true, rule: Some((Rule::Single, [80, 200, 150])), ..look };
    let text: Vec<String> = PYTHON.chars().filter(|c| !c.is_control()).map(String::from).collect();
    let row = |y: usize| {
        let shown = text.iter().cycle().skip(y * 7).take(256).enumerate();
        shown.map(move |(x, symbol)| Square {
            symbol,
            columns: 1,
            look: if x % 9 == 0 { bold } else { look },
        })
    };
    let mut raster = Raster::new();
    let mut group = criterion.benchmark_group("raster");
    for columns in [256_usize, 128] {
        let cell = (CELL.0 * if columns == 256 { 1 } else { 2 }, CELL.1 * if columns == 256 { 1 } else { 2 });
        let rows = 1440 / usize::from(cell.1);
        let mut out = vec![0; 2560 * usize::from(cell.1) * 4];
        let mut draw = |raster: &mut Raster, y: usize| {
            raster.row(row(y).take(columns), u16::try_from(columns).unwrap_or(0), cell, black_box(&mut out));
        };
        group.bench_function(format!("a row of 2560 by {}", cell.1), |bencher| {
            bencher.iter(|| draw(&mut raster, 3));
        });
        group.bench_function(format!("a frame of 2560 by 1440, {columns} columns"), |bencher| {
            bencher.iter(|| (0..rows).for_each(|y| draw(&mut raster, y)));
        });
    }
    let title = [Span { text: "Map two: what Django stands on", face: Face::SansBold, ink: look.ink }];
    group.bench_function("a title of 60 pixels", |bencher| {
        bencher.iter(|| {
            let width = raster.measure(black_box(&title));
            (width, raster.text(&title, 60.0))
        });
    });
    group.bench_function("the first title, its font unpacked", |bencher| {
        bencher.iter(|| Raster::new().text(black_box(&title), 60.0));
    });
    group.finish();
}

/// A window of 2560 by 1440 pixels whose rows are drawn: all of them, and one.
fn enlarged(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("enlarged");
    let page = |shift: usize| {
        let mut frame = Frame { window: Some((256, 72)), ..Frame::new(128, 36) };
        let text: Vec<char> = PYTHON.chars().filter(|c| !c.is_control()).collect();
        for y in 0..36_u16 {
            let row = text.iter().cycle().skip(shift + usize::from(y) * 31).take(128);
            frame.cells.set_string(0, y, row.collect::<String>(), ratatui::style::Style::new());
        }
        frame
    };
    for (name, files) in [("files", true), ("compressed", false)] {
        let mut screen =
            Screen::new(std::io::sink(), ColorDepth::True).with_pictures(Encoder::new(Protocol::Kitty));
        screen.ask().expect("a sink takes everything");
        read_files();
        // The names of the questions, as `enlarge::query` has them: two about files, then the one about pictures.
        let questions = [(0x6771_0002, files), (0x6771_0003, files), (0x6771_0001, true)];
        for (id, _) in questions.into_iter().filter(|(_, asked)| *asked) {
            let answer = Answer::of_picture(format!("i={id};OK").as_bytes()).expect("an answer");
            screen.answered(answer, Some((10, 20)));
        }
        let pages = [page(0), page(7)];
        let mut turn = 0;
        group.bench_function(format!("a frame of 2560 by 1440, by {name}"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                screen.draw(black_box(&pages[turn % 2])).expect("a sink takes everything");
                read_files();
            });
        });
        let mut row = page(0);
        group.bench_function(format!("a row of it, by {name}"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                let text = format!("{turn} ").repeat(30);
                row.cells.set_string(0, 12, text, ratatui::style::Style::new());
                screen.draw(black_box(&row)).expect("a sink takes everything");
                read_files();
            });
        });
    }
    group.finish();
}

/// Does what a terminal does with the files that it has read.
#[allow(clippy::disallowed_methods)] // a terminal touches the disk
fn read_files() {
    for folder in ["/dev/shm".into(), std::env::temp_dir()] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("tty-graphics-protocol-greenroom-") {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}
