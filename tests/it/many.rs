//! Decks and recordings of a size that nobody gives a talk with: they take longer in proportion, and no longer.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use greenroom::open;
use greenroom::sheet::Show;
use greenroom::talk::{Msg, Settings, Talk};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_deck::plan::Plan;
use greenroom_export::{html, text};
use greenroom_render::paint::RenderCache;
use greenroom_tape::Player;

const SIZE: Size = Size { columns: 80, rows: 24 };

/// A deck of so many sections, with a file for each or without.
fn outline(sections: usize, files: bool) -> Arc<Deck> {
    let mut text = String::from("title: T\nminutes: 45\nsections:\n");
    let mut all = MemoryFiles::new();
    for number in 0..sections {
        if files {
            let name = format!("s{number}.md");
            let _ = writeln!(text, "- {{title: Section {number}, file: {name}, minutes: 1}}");
            all = all.with(&name, format!("# Slide {number}\n\nwords\n"));
        } else {
            let _ = writeln!(text, "- {{title: Section {number}}}");
        }
    }
    let deck = open::deck(&all.with("talk.yaml", text), "talk.yaml");
    assert_eq!(deck.slides.len(), 1 + sections * (1 + usize::from(files)));
    Arc::new(deck)
}

fn exported(deck: &Arc<Deck>) -> String {
    text(&Show { deck, ink: &RenderCache::new(), size: SIZE, tapes: &|_| None, ready: &|_| () })
}

/// What this thread has had of the processors so far: other programs, and other tests, have them as well.
fn processor_time() -> Duration {
    // SAFETY: `clock_gettime` fills in the struct that it is given.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
        time
    };
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

fn time(what: impl FnOnce()) -> Duration {
    let began = processor_time();
    what();
    processor_time().saturating_sub(began)
}

/// Four times as much may take eight times as long, and no longer. Other programs have the same caches: where it seems to, it is tried once
/// more, and the shorter times count.
fn in_proportion(what: &str, mut work: impl FnMut(usize)) {
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..2 {
        few = few.min(time(|| work(500)));
        many = many.min(time(|| work(2_000)));
        if many < few * 8 + Duration::from_millis(20) {
            return;
        }
    }
    panic!("{what}: 500 in {few:?}, 2,000 in {many:?}");
}

#[test]
fn l3_an_outline_of_many_sections_is_exported_in_time_that_grows_with_it() {
    in_proportion("sections alone", |count| {
        assert!(exported(&outline(count, false)).contains(&format!("Section {}", count - 1)));
    });
    let decks = [500, 2_000].map(|count| (count, outline(count, true)));
    in_proportion("sections with files", |count| {
        let (_, deck) = decks.iter().find(|(sections, _)| *sections == count).unwrap();
        assert!(exported(deck).contains(&format!("Slide {}", count - 1)));
    });
    in_proportion("its plan", |count| {
        let (_, deck) = decks.iter().find(|(sections, _)| *sections == count).unwrap();
        let plan = Plan::of(deck).unwrap();
        assert_eq!(plan.sections.len(), count);
    });
    in_proportion("as a page", |count| {
        // Most of a page is the drawing of its slides.
        let deck = outline(count / 8, false);
        assert!(
            html(&Show {
                deck: &deck,
                ink: &RenderCache::new(),
                size: SIZE,
                tapes: &|_| None,
                ready: &|_| ()
            })
            .len()
                > count
        );
    });
}

#[test]
fn l3_keys_are_answered_as_fast_in_a_talk_of_many_sections_as_in_one_of_few() {
    let answered = |sections: usize| {
        let deck = outline(sections, false);
        let settings = Settings { pace: true, clock: true, ..Settings::default() };
        let mut talk = Talk::new(deck, SIZE, settings);
        let ink = RenderCache::new();
        let key = |code: KeyCode| Msg::Key(KeyEvent::from(code));
        let mut press = |code: KeyCode| {
            talk.update(key(code), Elapsed::ZERO);
            std::hint::black_box(view::audience(&talk, &ink, Elapsed::ZERO));
        };
        press(KeyCode::End);
        press(KeyCode::Char('s'));
        press(KeyCode::Esc);
        time(|| {
            for code in
                [KeyCode::Left, KeyCode::Char('{'), KeyCode::Char('}'), KeyCode::Char('o'), KeyCode::Right]
            {
                press(code);
            }
            press(KeyCode::Esc);
            press(KeyCode::Char('s'));
            press(KeyCode::Esc);
        })
    };
    let (few, many) = (answered(500), answered(10_000));
    assert!(many < few * 4 + Duration::from_millis(20), "500 in {few:?}, 10,000 in {many:?}");
}

/// A deck with a recording in which a terminal's size changes so often, with output in between.
fn resized(times: usize) -> (Arc<Deck>, Vec<u8>) {
    let outline = "title: T\nsections: [{title: S, file: s.md}]\ndemos: {d: {command: [x], tape: d.cast}}\n";
    let files = MemoryFiles::new().with("s.md", "# A\n\n```pane\ndemo: d\nheight: 12\n```\n");
    let deck = open::deck(&files.with("talk.yaml", outline), "talk.yaml");
    let mut tape = String::from("{\"version\":3,\"term\":{\"cols\":80,\"rows\":24}}\n");
    for number in 0..times {
        let _ = writeln!(tape, "[0.0001,\"r\",\"{}x{}\"]", 60 + number % 40, 20 + number % 20);
        let _ = writeln!(tape, "[0.0001,\"o\",\"x{number} \"]");
    }
    tape.push_str("[0.0001,\"o\",\"\\u001b[2J\\u001b[Hthe end\"]\n[0.1,\"x\",\"0\"]\n");
    (Arc::new(deck), tape.into_bytes())
}

#[test]
fn l3_a_recording_of_many_resizes_is_exported_in_time() {
    let (deck, tape) = resized(20_000);
    let open = |_: &str| Player::open(Box::new(std::io::Cursor::new(tape.clone()))).ok();
    let show = Show { deck: &deck, ink: &RenderCache::new(), size: SIZE, tapes: &open, ready: &|_| () };
    let began = processor_time();
    assert!(text(&show).contains("the end"));
    // Each costs what a thousand rows cost to make: 20,000 of them took more than a minute.
    let took = processor_time().saturating_sub(began);
    assert!(took < Duration::from_secs(25), "text: {took:?}");
    assert!(html(&show).contains("the end"));
    let took = processor_time().saturating_sub(began);
    assert!(took < Duration::from_mins(1), "and a page: {took:?}");
}
