//! Every chart at the sizes of real panes, and at sizes that no pane has.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // made-up numbers

mod made;
mod verdicts;

use bytes::Bytes;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{BenchLook, draw};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Exit, What};
use greenroom_bench::{PhaseKind, told};
use greenroom_deck::{Chart, Scenario, Variant};
use greenroom_pane::BenchView;
use greenroom_parse::builtin_theme;
use made::{Made, Run, three};

/// The insides of panes that fill a slide at 80x24, 120x35 and 200x50.
const SIZES: [(u16, u16); 3] = [(76, 18), (116, 28), (196, 42)];

fn view(text: &str, over: bool) -> BenchView {
    view_of(What::Output(Bytes::from(text.to_owned())), over)
}

fn view_of(what: What, over: bool) -> BenchView {
    let mut view = BenchView::default();
    let event = |what| Event { at: Elapsed::ZERO, what };
    view.fold(&event(what));
    if over {
        view.fold(&event(What::Exit(Exit::Status(0))));
    }
    view
}

fn painted(look: &BenchLook<'_>, (width, height): (u16, u16)) -> String {
    let mut cells = Buffer::empty(Rect::new(0, 0, width, height));
    draw(&mut cells, Rect::new(0, 0, width, height), look, &builtin_theme("dark").unwrap());
    let row = |y| (0..width).map(|x| cells[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect::<Vec<_>>().join("\n") + "\n"
}

fn look(view: &BenchView) -> BenchLook<'_> {
    let at = Elapsed::from_micros(view.board().at.micros() + 800_000);
    BenchLook { view, plan: None, at: if view.is_over() { view.board().at } else { at }, idle: false }
}

fn at_all_sizes(view: &BenchView) -> String {
    SIZES.map(|size| format!("{}x{}\n{}", size.0, size.1, painted(&look(view), size))).join("\n")
}

fn whole() -> BenchView {
    view(&Run::new(three()).started().measured(16).ended().text(), true)
}

#[test]
fn every_chart_of_a_run_that_went_through() {
    let mut view = whole();
    assert_eq!(view.doubts(), Vec::<String>::new());
    for chart in Chart::ALL {
        view.show(chart);
        insta::assert_snapshot!(chart.name(), at_all_sizes(&view));
    }
}

#[test]
fn while_it_runs() {
    let run = Run::new(three()).started();
    insta::assert_snapshot!("warming_up", at_all_sizes(&view(&run.text(), false)));
    insta::assert_snapshot!("measuring", at_all_sizes(&view(&run.measured(6).text(), false)));
}

#[test]
fn before_it_runs() {
    let variant = |name: &str| Variant {
        name: name.to_owned(),
        command: ["granian", "--interface", "wsgi", "--uds", "{socket}", "site.wsgi:application"]
            .map(str::to_owned)
            .to_vec(),
        ..Variant::default()
    };
    let plan = Scenario {
        title: "pure Python: a Mandelbrot set per request".to_owned(),
        path: "/cpu/".to_owned(),
        variants: vec![variant("GIL threads"), variant("GIL processes"), variant("Free threaded")],
        ..Scenario::default()
    };
    let view = BenchView::default();
    let idle = BenchLook { view: &view, plan: Some(&plan), at: Elapsed::ZERO, idle: true };
    insta::assert_snapshot!("idle", SIZES.map(|size| painted(&idle, size)).join("\n"));
    let starting = BenchLook { view: &view, plan: None, at: Elapsed::ZERO, idle: false };
    assert!(painted(&starting, (76, 18)).contains("starting the bench"));
}

#[test]
fn what_goes_wrong_is_said() {
    let failed = Run::new(three()).started().fault(
        Some(1),
        "GIL processes never became ready: port 8000 is taken",
        "end what listens there, or use {port}",
    );
    let mut failed = view(&failed.end().text(), true);
    insta::assert_snapshot!("one_variant_failed", at_all_sizes(&failed));
    failed.show(Chart::Facts);
    assert!(painted(&look(&failed), (116, 28)).contains("Address already in use"));

    let mut made = three();
    made[2].comes_back = true;
    let text = Run::new(made).started().measured(16).ended().text();
    insta::assert_snapshot!("the_gil_came_back", painted(&look(&view(&text, true)), (76, 18)));

    let few = view(&Run::new(three()).started().measured(3).ended().text(), true);
    let said = painted(&look(&few), (116, 28));
    assert!(
        said.contains("No verdict: only 1 launches") || said.contains("No verdict: only 0 launches"),
        "{said}"
    );
}

#[test]
fn records_that_are_not_whole_are_doubted() {
    let text = Run::new(three()).started().measured(16).ended().text();
    let doubts = |text: &str| view(text, true).doubts().join("; ");
    assert_eq!(doubts(&text.replacen('\n', "\r\n", 20)), "");
    let cut: String = text.split_inclusive('\n').take(60).collect();
    assert!(doubts(&cut).contains("cut off"));
    let other = text.replacen("\"pid\":4242", "\"pid\":4243", 1);
    assert!(doubts(&other).contains("checksum is another"), "{}", doubts(&other));
    let call = text.replacen("\"call\":\"higher\"", "\"call\":\"lower\"", 1);
    assert!(doubts(&call).contains("worked out again"), "{}", doubts(&call));
    let junk = text.replacen('\n', "\n{\"at\": oops\n", 1);
    assert_eq!(doubts(&junk), "1 line is no record, and left out (line 2: {\"at\": oops)");
    let newer = text.replacen("\"v\":1", "\"v\":2", 1);
    assert!(doubts(&newer).contains("a newer greenroom plays it"));
    assert!(painted(&look(&view(&newer, true)), (76, 18)).contains("version 2"));
}

#[test]
fn a_bench_that_dies_with_a_message_shows_it() {
    let text =
        "\u{1b}[31merror:\u{1b}[0m unexpected argument '--json'\nFor more information, try '--help'.\n";
    let view = view_of(What::Message(Bytes::from(text)), true);
    let painted = painted(&look(&view), (76, 18));
    assert!(painted.contains("unexpected argument") && !painted.contains('\u{1b}'), "{painted}");
    assert!(painted.contains("try '--help'"), "{painted}");
}

fn six() -> Vec<Made> {
    let rates = [1e6, 31.0, 1e-3, 1e12, 4_000.0, 123_456.0];
    let names = [
        "one",
        "a second name that goes on and on for long",
        "3",
        "\u{202e}vier\u{1b}[31m",
        "πέντε",
        "六六六",
    ];
    let mut all = [three(), three()].concat();
    for ((made, rate), name) in all.iter_mut().zip(rates).zip(names) {
        (made.rate, made.name) = (rate, name);
    }
    all
}

#[test]
fn six_variants_with_odd_names_and_huge_numbers() {
    let mut view = view(&Run::new(six()).started().measured(13).ended().text(), true);
    for chart in [Chart::Overview, Chart::Throughput, Chart::Latency, Chart::Threads] {
        view.show(chart);
        insta::assert_snapshot!(format!("six_{}", chart.name()), at_all_sizes(&view));
    }
}

#[test]
fn keys_go_through_the_charts() {
    let mut view = whole();
    let mut seen = Vec::new();
    for _ in 0..9 {
        seen.push(view.chart());
        view.show_next();
    }
    assert_eq!(seen[..8], Chart::ALL);
    assert_eq!(seen[8], Chart::Overview);
    let mut early = self::view(&Run::new(three()).started().text(), false);
    early.show(Chart::Requests);
    early.show_next();
    assert_eq!(early.chart(), Chart::Facts, "there is no profile yet");
    assert_eq!(
        (Chart::numbered(0), Chart::numbered(8), Chart::numbered(9)),
        (None, Some(Chart::Facts), None)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_size_and_no_moment_breaks_it(
        width in 0_u16..130,
        height in 0_u16..40,
        blocks in 0_u32..14,
        count in 1_usize..7,
        stage in 0_u8..4,
        chart in 0_usize..8,
        over: bool,
    ) {
        let mut made = six();
        made.truncate(count);
        let mut run = Run::new(made);
        if stage > 0 {
            run = run.started();
        }
        if stage > 1 {
            run = run.measured(blocks);
        }
        if stage > 2 {
            run = run.ended();
        } else {
            run.phase(PhaseKind::Stop, u64::MAX, "");
        }
        let mut view = view(&run.text(), over);
        view.show(Chart::ALL[chart]);
        painted(&look(&view), (width, height));
    }

    #[test]
    fn no_output_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..400), lines in prop::collection::vec("\\{\"at\":[0-9]{1,20},\"type\":\"(head|slice|hist|mem|prof|end|thr|wave)\"[,\":a-z0-9]{0,40}\\}?", 0..6)) {
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        painted(&look(&view(&text, true)), (60, 16));
    }
}

/// As a record of a Mac has it: no threads but processes, no memory but footprints, and nothing of moves or of a host.
#[test]
fn what_a_system_does_not_tell_is_in_no_chart_and_is_said() {
    let text = Run::new(three()).started().measured(16).ended().text();
    let (env, mem) = (r#""pinning":"""#, r#""uss_kib":"#);
    assert!(text.contains(env) && text.contains(mem), "{text}");
    let left_out =
        serde_json::to_string(&[told::THREADS, told::MOVES, told::STOLEN, told::SHARED_MEMORY]).unwrap();
    let text = text
        .replace("Linux 6.12", "macos 26.1 aarch64")
        .replace(env, &format!(r#"{env},"left_out":{left_out}"#));
    let text = text.replace(mem, r#""footprint":true,"uss_kib":"#);
    let mut view = view(&text, true);
    for (size, chart) in SIZES.into_iter().flat_map(|size| Chart::ALL.map(|chart| (size, chart))) {
        view.show(chart);
        let shown = painted(&look(&view), size);
        for never in ["PSS)", "the host took", "threads moved", "Threads"] {
            assert!(!shown.contains(never), "{never} in {chart:?}:\n{shown}");
        }
    }
    let mut of = |chart| {
        view.show(chart);
        let shown = painted(&look(&view), (196, 42));
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let memory = of(Chart::Memory);
    assert!(memory.contains("not divided (footprint)"), "{memory}");
    let processes = of(Chart::Threads);
    assert!(
        processes.contains("Processes") && processes.contains("threads are not told here"),
        "{processes}"
    );
    let facts = of(Chart::Facts);
    for said in ["macos does not tell: threads", "(footprint)", "PYTHONHASHSEED"] {
        assert!(facts.contains(said), "{said}: {facts}");
    }
}
