//! Probes at the sizes of real panes, and at sizes that no pane has.

use bytes::Bytes;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use super::{ProbeLook, draw};
use greenroom_base::clock::Elapsed;
use greenroom_base::hex;
use greenroom_base::run::{Event, Exit, What as Happened};
use greenroom_bench::probe::{
    ColumnRecord, End, ExitRecord, FORMAT, Head, How, Kind, LineRecord, Out, Record, VERSION, What,
};
use greenroom_deck::{Demo, DemoKind};
use greenroom_pane::ProbeView;
use greenroom_parse::builtin_theme;

/// The insides of panes: beside a text, then those that fill a slide at 80x24, 120x35 and 200x50.
const SIZES: [(u16, u16); 4] = [(38, 16), (76, 18), (116, 28), (196, 42)];

/// Records of a probe that never ran.
#[derive(Default)]
struct Made {
    at: u64,
    /// Whether what ends now runs again.
    more: bool,
    lines: Vec<String>,
}

impl Made {
    fn new(columns: &[Kind]) -> Self {
        let mut made = Self::default();
        let head =
            Head { format: FORMAT.to_owned(), v: VERSION, columns: columns.to_vec(), ..Head::default() };
        made.say(What::Head(head));
        made
    }

    fn say(&mut self, what: What) {
        self.at += 150_000;
        self.lines.push(Record { at: self.at, what }.to_line());
    }

    fn begin(&mut self, column: usize, problem: &str) -> bool {
        let kind = Kind::PYTHON.get(column).copied().unwrap_or_default();
        let free = kind == Kind::FreeThreaded;
        self.say(What::Column(ColumnRecord {
            column,
            kind,
            python: "3.14.7".to_owned(),
            free_threaded: Some(free),
            gil: Some(!free),
            problem: problem.to_owned(),
            ..ColumnRecord::default()
        }));
        let switch_interval = if kind == Kind::GilPlus { 1e-6 } else { 0.005 };
        let gil = if free { "off" } else { "on" };
        if problem.is_empty() {
            self.tell(
                column,
                &json!({"probe": "lost_update", "python": "3.14.7", "free_threaded": free, "gil": gil,
                    "switch_interval": switch_interval, "place": "django/db/models/manager.py:134"}),
            );
        }
        problem.is_empty()
    }

    fn tell(&mut self, column: usize, said: &Value) {
        let said = said.as_object().cloned().unwrap_or_default();
        self.say(What::Line(LineRecord { column, said }));
    }

    /// A column's run up to its verdict.
    fn ran(&mut self, column: usize, trials: u64, anomalies: u64) {
        self.begin(column, "");
        for part in 1..=10 {
            self.tell(column, &json!({"trials": trials / 10 * part, "anomalies": anomalies / 10 * part}));
            if anomalies > 0 && part == 1 {
                self.tell(
                    column,
                    &json!({"anomaly": "2,000,000 times x += 1, and x is 1,449,034: 550,966 updates were lost"}),
                );
            }
        }
        let verdict = if anomalies > 0 { "anomalies" } else { "none" };
        self.tell(column, &json!({"verdict": verdict, "trials": trials, "anomalies": anomalies}));
        self.exit(column, How::Status, 0, "");
    }

    fn exit(&mut self, column: usize, how: How, code: i32, name: &str) {
        let name = name.to_owned();
        self.say(What::Exit(ExitRecord { column, how, code, name, took_us: 1_240_000, more: self.more }));
    }

    fn end(mut self) -> ProbeView {
        use sha2::{Digest, Sha256};
        let sha256 = hex::encode(Sha256::digest(self.lines.concat()));
        let lines = u64::try_from(self.lines.len()).unwrap();
        self.say(What::End(End { ok: true, lines, sha256 }));
        self.view(true)
    }

    fn view(&self, over: bool) -> ProbeView {
        let mut view = ProbeView::default();
        let event = |what| Event { at: Elapsed::ZERO, what };
        view.fold(&event(Happened::Output(Bytes::from(self.lines.concat()))));
        if over {
            view.fold(&event(Happened::Exit(Exit::Status(0))));
        }
        view
    }
}

fn demo() -> Demo {
    let command = vec!["python".to_owned(), "demos/lab/lost_update.py".to_owned()];
    Demo { kind: DemoKind::Probe, command, ..Demo::default() }
}

fn painted(view: &ProbeView, idle: bool, (width, height): (u16, u16)) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut cells = Buffer::empty(area);
    let at = Elapsed::from_micros(view.board().at.micros() + 800_000);
    let look = ProbeLook { view, demo: &demo(), at, idle };
    draw(&mut cells, area, &look, &builtin_theme("dark").unwrap());
    let row = |y| (0..width).map(|x| cells[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect::<Vec<_>>().join("\n") + "\n"
}

fn at_all_sizes(view: &ProbeView) -> String {
    SIZES.map(|size| format!("{}x{}\n{}", size.0, size.1, painted(view, false, size))).join("\n")
}

fn found(anomalies: [u64; 3]) -> ProbeView {
    let mut made = Made::new(&Kind::PYTHON);
    for (column, anomalies) in anomalies.into_iter().enumerate() {
        made.ran(column, 36_800_000, anomalies);
    }
    let view = made.end();
    assert_eq!(view.doubts(), Vec::<String>::new());
    view
}

#[test]
fn what_is_new_without_the_gil() {
    insta::assert_snapshot!("new", at_all_sizes(&found([0, 0, 14_811_236])));
}

#[test]
fn what_was_always_there_and_what_is_safe() {
    insta::assert_snapshot!("always", at_all_sizes(&found([67, 391, 30_115])));
    insta::assert_snapshot!("safe", at_all_sizes(&found([0, 0, 0])));
}

#[test]
fn several_runs_show_their_class_and_the_range_of_their_rates() {
    let mut made = Made::new(&Kind::PYTHON);
    for (column, shares) in [[0, 0, 0], [0, 20, 0], [1_000, 40_000, 25_000]].into_iter().enumerate() {
        made.begin(column, "");
        for (run, anomalies) in shares.into_iter().enumerate() {
            made.more = run < 2;
            made.tell(column, &json!({"trials": 100_000, "anomalies": anomalies}));
            made.exit(column, How::Status, 0, "");
        }
    }
    let view = made.end();
    let verdict = view.board().verdict().text;
    assert_eq!(verdict, "GIL+ shows it, too: it was always there, and the GIL made it rare");
    let text = painted(&view, false, (116, 28));
    for says in
        ["none in 3 runs", "anomalies in 1 run of 3", "anomalies in every run of 3", "1 of 100 to 40 of 100"]
    {
        assert!(text.contains(says), "{says}: {text}");
    }
    // One rate would be a promise.
    assert!(!text.contains("/s wrong"), "{text}");
}

#[test]
fn before_and_while_it_runs() {
    let made = Made::new(&Kind::PYTHON);
    let idle = SIZES.map(|size| painted(&ProbeView::default(), true, size)).join("\n");
    insta::assert_snapshot!("idle", idle);
    let mut made = made;
    made.ran(0, 36_800_000, 0);
    made.begin(1, "");
    made.tell(1, &json!({"trials": 12_000_000, "anomalies": 0, "retries": 12}));
    insta::assert_snapshot!("running", at_all_sizes(&made.view(false)));
}

#[test]
fn a_crash_a_hang_and_an_interpreter_that_is_missing() {
    let mut made = Made::new(&Kind::PYTHON);
    made.begin(0, "there is no GIL Python here: run greenroom setup, or name one with --python PATH");
    made.begin(1, "");
    made.exit(1, How::Timeout, 0, "");
    made.begin(2, "");
    made.tell(2, &json!({"trials": 4000, "anomalies": 0}));
    made.exit(2, How::Signal, 11, "SIGSEGV");
    insta::assert_snapshot!("crash", at_all_sizes(&made.end()));
}

#[test]
fn junk_and_failures_are_shown() {
    let mut made = Made::new(&Kind::PYTHON);
    for column in 0..3 {
        made.begin(column, "");
        for text in ["Traceback (most recent call last):", "ModuleNotFoundError: No module named 'django'"] {
            made.say(What::Out(Out { column, text: text.to_owned() }));
        }
        made.exit(column, How::Status, 1, "");
    }
    insta::assert_snapshot!("junk", at_all_sizes(&made.end()));
    let mut view = ProbeView::default();
    let words = "greenroom: there is no deck\n\u{1b}[31mreally\n";
    view.fold(&Event { at: Elapsed::ZERO, what: Happened::Message(Bytes::from(words)) });
    view.fold(&Event { at: Elapsed::ZERO, what: Happened::Exit(Exit::Status(1)) });
    let text = painted(&view, false, (76, 18));
    assert!(text.contains("there is no deck") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_tape_that_was_cut_or_changed_says_so() {
    let mut made = Made::new(&Kind::PYTHON);
    made.ran(0, 1000, 0);
    assert!(painted(&made.view(true), false, (76, 18)).contains("cut off"));
    made.say(What::End(End { ok: true, lines: 3, sha256: "00".to_owned() }));
    assert!(painted(&made.view(true), false, (76, 18)).contains("checksum"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_size_will_do(
        width in 0_u16..240, height in 0_u16..70, found_in in proptest::array::uniform3(0_u64..u64::MAX), over in any::<bool>(),
    ) {
        let mut made = Made::new(&Kind::PYTHON);
        for (column, anomalies) in found_in.into_iter().enumerate() {
            made.ran(column, u64::MAX, anomalies);
        }
        let view = if over { made.end() } else { made.view(false) };
        let text = painted(&view, false, (width, height));
        prop_assert!(text.lines().count() == usize::from(height.max(1)));
        painted(&ProbeView::default(), true, (width, height));
        if width >= 36 && height >= 8 && over {
            prop_assert!(text.contains('✗') || text.contains('✓') || width > 180, "{text}");
        }
    }
}
