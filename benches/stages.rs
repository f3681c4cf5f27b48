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
use greenroom_deck::{Code, Deck, LineFocus, Slide};
use greenroom_parse as parse;
use greenroom_render::layout::{self, Scene};
use greenroom_render::paint::{self, RenderCache};
use greenroom_terminal::frame::Frame;

const PYTHON: &str = include_str!("sample.py");

/// The sizes that the talk is made for.
const SIZES: [Size; 3] =
    [Size { columns: 80, rows: 24 }, Size { columns: 120, rows: 35 }, Size { columns: 200, rows: 50 }];

criterion_group!(stages, parse_decks, lay_out, highlight, paint_scenes, frame);
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
    let code = Arc::new(Code {
        language: "python".into(),
        source: PYTHON.into(),
        numbers: None,
        highlights: vec![LineFocus::All],
        bare: false,
        caption: None,
        last: 0,
    });
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
