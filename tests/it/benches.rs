//! Benches on slides: a program that prints records stands in for the bench, on a real terminal.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use greenroom::edge::deckfiles::locate;
use greenroom::edge::runs::Runner;
use greenroom::talk::{Effect, Msg, Settings, Talk};
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_base::run::Size;
use greenroom_bench::{End, Fault, Head, Mem, Phase, PhaseKind, Record, Slice, What};
use greenroom_parse as parse;
use greenroom_render::paint::Ink;
use greenroom_system::pty::Launcher;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

const SIZE: Size = Size { columns: 100, rows: 32 };
const PATIENCE: Duration = Duration::from_secs(20);

/// The records of a bench of two variants, the second half again as fast as the first.
fn records() -> String {
    let mut lines = String::new();
    let mut say = |at: u64, what: What| lines.push_str(&Record { at, what }.to_line());
    let variants = vec!["GIL threads".to_owned(), "Free threaded".to_owned()];
    let format = greenroom_bench::FORMAT.to_owned();
    say(0, What::Head(Head { format, v: 1, started: 1_795_392_000, variants, ..Head::default() }));
    say(0, What::Phase(Phase { kind: PhaseKind::Measure, length_us: 400_000, ..Phase::default() }));
    let mut at = 0;
    for block in 0..13 {
        for variant in [0, 1, 1, 0] {
            at += 1_000;
            let n = if variant == 0 { 1000 } else { 1500 } + u64::from(block % 3);
            let (wall_us, cpu_us) = (250_000, 400_000);
            say(at, What::Slice(Slice { variant, block, n, wall_us, cpu_us, ..Slice::default() }));
        }
    }
    say(at, What::Mem(Mem { variant: 1, processes: 1, threads: 5, pss_kib: 80 << 10, ..Mem::default() }));
    lines
}

/// The same with its end.
fn whole() -> String {
    let mut lines = records();
    let count = lines.lines().count() as u64;
    let sha256 = hex::encode(Sha256::digest(lines.as_bytes()));
    lines += &Record { at: 60_000, what: What::End(End { ok: true, lines: count, sha256 }) }.to_line();
    lines
}

/// A deck with one bench, which `outline` says more about.
fn deck(demo: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deck = folder.path().join("deck");
    fs::create_dir_all(deck.join("demos")).unwrap();
    let outline = format!(
        "title: T\nsections: [{{title: A, file: a.md}}]\ndemos:\n  b: {{kind: bench, tape: b.ndjson, {demo}}}\n"
    );
    fs::write(deck.join("talk.yaml"), outline).unwrap();
    fs::write(deck.join("a.md"), "# A\n```pane\ndemo: b\n```\n").unwrap();
    fs::write(deck.join("records"), whole()).unwrap();
    folder
}

/// A talk and what its stage would do for it, without a terminal.
struct Stage {
    talk: Talk,
    runner: Runner,
    wake: Arc<Notify>,
    began: Instant,
    runtime: tokio::runtime::Runtime,
}

impl Stage {
    fn open(folder: &Path) -> Self {
        let located = locate(Some(&folder.join("deck"))).unwrap();
        let deck = Arc::new(parse::deck(&*located.files, &located.entry));
        let (wake, began) = (Arc::new(Notify::new()), Instant::now());
        let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
        let runner = Runner::new(&located, launcher, Arc::clone(&wake), began).remembering(folder);
        runner.agree(&deck).unwrap();
        let talk = Talk::new(deck, SIZE, Settings::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut stage = Self { talk, runner, wake, began, runtime };
        stage.tell(Msg::Wake);
        stage.press("G");
        stage
    }

    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    fn tell(&mut self, msg: Msg) {
        self.talk.update(msg, self.now());
        while let Some(effect) = self.talk.next_effect() {
            if let Effect::Runner(effect) = effect {
                let answer = self.runner.perform(effect, self.talk.deck());
                self.talk.update(answer, self.now());
            }
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let code = match key {
                '\t' => KeyCode::Tab,
                '\u{1b}' => KeyCode::Esc,
                key => KeyCode::Char(key),
            };
            self.tell(Msg::Key(code.into()));
        }
    }

    fn until(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let screen = view::audience(&self.talk, &Ink::new(), self.now()).text();
            if screen.contains(text) {
                return;
            }
            assert!(Instant::now() < end, "never saw {text:?}:\n{screen}");
            let wake = Arc::clone(&self.wake);
            let wait = async move { tokio::time::timeout(Duration::from_millis(50), wake.notified()).await };
            let _ = self.runtime.block_on(wait);
            self.tell(Msg::Wake);
        }
    }
}

#[test]
fn a_bench_runs_shows_its_charts_is_taped_and_plays_again() {
    let folder = deck("command: [cat, records]");
    let mut stage = Stage::open(folder.path());
    stage.until("x runs it");
    stage.press("R");
    stage.until("Free threaded answers 1.50 times as many requests as GIL threads");
    stage.until("V next chart");
    stage.press("V");
    stage.until("Requests per second  each line");
    // Keys choose charts, and none goes on to the slide.
    stage.press("\t5");
    stage.until("shared pages are divided");
    stage.press("8");
    stage.until("0 wrong, 0 reconnects");
    stage.press("1\u{1b}");
    // The recording is what was printed, byte by byte, and says that it is one.
    stage.until("v plays the recording of 2026-11-23");
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap(), whole());
    stage.press("v");
    stage.until("recording · 2026-11-23");
    stage.until("Free threaded answers 1.50 times");
    stage.until("exit 0");
    // Back to the run, as it ended.
    stage.press("v");
    stage.until("exit 0 · 00:00 ✓");
}

#[test]
fn a_recording_that_was_cut_off_says_so_in_its_pane() {
    let folder = deck("scenario: demos/none.yaml");
    fs::write(folder.path().join("deck/b.ndjson"), records()).unwrap();
    let mut stage = Stage::open(folder.path());
    stage.until("v plays the recording of 2026-11-23");
    stage.press("v");
    stage.until("cut off: these records have no end");
    fs::write(
        folder.path().join("deck/b.ndjson"),
        "{\"at\":0,\"type\":\"head\",\"format\":\"greenroom-bench\",\"v\":9}\n",
    )
    .unwrap();
    let mut stage = Stage::open(folder.path());
    stage.press("v");
    // One calm line for the room; the keyboard gets the rest.
    stage.until("not started");
    stage.press("\t");
    stage.until("version 9");
}

#[test]
fn what_cannot_start_says_why_in_its_pane() {
    let folder = deck("title: none");
    let mut stage = Stage::open(folder.path());
    stage.press("x");
    stage.until("still to come");

    let folder = deck("scenario: demos/b.yaml");
    fs::write(folder.path().join("deck/demos/b.yaml"), "path: /\nvariants:\n  - {name: a, command: [x]}\n")
        .unwrap();
    let mut stage = Stage::open(folder.path());
    stage.press("x");
    stage.until("not started");
    stage.press("\t");
    stage.until("does not say where the server listens");

    let folder = deck("command: [sh, -c, \"cat records | head -3; echo the disk is full; exit 1\"]");
    let mut stage = Stage::open(folder.path());
    stage.press("x");
    stage.until("cut off: these records have no end");
    stage.press("\t8");
    stage.until("the disk is full");
}

#[test]
fn a_fault_is_said_where_its_variant_stands() {
    let folder = deck("command: [cat, records]");
    let fault = Fault {
        variant: Some(1),
        message: "port 8000 is taken".to_owned(),
        hint: "end what listens there".to_owned(),
        fatal: true,
    };
    let records = records();
    let head = records.split_inclusive('\n').next().unwrap().to_owned();
    let text = head + &Record { at: 1, what: What::Fault(fault) }.to_line();
    fs::write(folder.path().join("deck/records"), text).unwrap();
    let mut stage = Stage::open(folder.path());
    stage.press("x");
    stage.until("port 8000 is taken");
    stage.until("end what listens there");
}

#[test]
fn record_writes_a_benchs_own_records() {
    let folder = deck("command: [cat, records]");
    let done = assert_cmd::Command::cargo_bin("greenroom")
        .unwrap()
        .args(["record", "b", "--yes"])
        .arg(folder.path().join("deck"))
        .env("HOME", folder.path())
        .timeout(PATIENCE)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("deck/b.ndjson")).unwrap(), whole());
}
