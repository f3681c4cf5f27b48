//! Demos that type themselves: each key that goes on asks for the next step, in the program and in its recording.
#![cfg(target_os = "linux")]

use greenroom::link::StageCommand;
use greenroom::talk::Msg;
use greenroom_base::run::Size;

use crate::support::needs::interpreters;
use crate::support::stage::{Stage, deck, pane, write};
use crate::support::terminal::{Terminal, greenroom};

/// A program that asks for lines, and says each again.
const ASKS: &str = "  a:\n    command: [sh, -c, 'printf \"ask> \"; while read -r line; do \
                    test \"$line\" = end && exit; echo \"got <$line>\"; printf \"ask> \"; done']\n";

/// A slide of that program with these steps, and one behind it.
fn scripted(steps: &str) -> (Stage, tempfile::TempDir) {
    let folder = deck(&format!("{ASKS}    script:\n{steps}"), &pane("a"));
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>");
    (stage, folder)
}

/// A recording of three steps, of which each is there at once, and the end of which says so.
const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5}}\n\
    [0.0, \"o\", \"ask> \"]\n[0.1, \"m\", \"ready\"]\n\
    [0.5, \"o\", \"one\\r\\n\"]\n[0.2, \"m\", \"one\"]\n\
    [60.0, \"o\", \"two\\r\\n\"]\n[0.2, \"m\", \"two\"]\n\
    [0.1, \"o\", \"three\\r\\n\"]\n[0.1, \"m\", \"three\"]\n[0.1, \"o\", \"after\\r\\n\"]\n[0.1, \"x\", \"0\"]\n";

fn slide(stage: &Stage) -> usize {
    stage.talk.place().slide
}

#[test]
fn each_key_types_a_step_and_only_then_the_talk_goes_on() {
    let steps = "      - {type: one, press: Enter, wait: 'got <one>'}\n      - two\n      - {type: 'th', note: Half}\n      - {type: ree, press: Enter, wait: '/^got <t.*>$/'}\n";
    let (mut stage, _folder) = scripted(steps);
    stage.press("x");
    assert_eq!(stage.talk.focus(), None, "the next key is the script's");
    stage.until_says("→ step 1 of 4");
    stage.press(" ");
    stage.until_says("got <one>");
    stage.until_says("→ step 2 of 4");
    assert!(!stage.screen().contains("two"), "{}", stage.screen());
    // A clicker, and a phone.
    stage.press("<pagedown>");
    stage.until_says("got <two>");
    stage.tell(Msg::Order(StageCommand::Next));
    stage.until_says("→ step 4 of 4");
    stage.until_says("ask> th");
    assert!(!stage.screen().contains("ask> thr"), "{}", stage.screen());
    // Typed by hand in between, and in a pane that fills the window.
    stage.press("<tab>!<esc><esc>z");
    stage.until_says("ask> th!");
    stage.press("l");
    stage.until_says("got <th!ree>");
    stage.until("no step is left", |screen| !screen.contains("step"));
    assert_eq!(slide(&stage), 2);
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
    stage.press("<left>");
    assert_eq!(slide(&stage), 2);
}

#[test]
fn a_key_while_it_types_finishes_that_at_once_and_one_that_waits_is_not_skipped() {
    let long = "x".repeat(300);
    let steps =
        format!("      - {{type: '{long}', press: Enter, wait: never, within: 600ms}}\n      - next\n");
    let (mut stage, _folder) = scripted(&steps);
    // Asked for before the program is there.
    stage.press("x ");
    stage.until("it types", |screen| screen.contains("ask> xxx"));
    assert!(stage.screen().contains("step 1 of 2, → at once"), "{}", stage.screen());
    stage.press(" ");
    stage.until_says("waits for \"never\"");
    stage.press(" ");
    assert!(stage.screen().contains("Still waits for \"never\"") && slide(&stage) == 2, "{}", stage.screen());
    stage.until_says("\"never\" did not come within 600 ms");
    assert!(stage.screen().contains("x again · → skips"), "{}", stage.screen());
    let before = stage.screen().matches("got").count();
    stage.press("x ");
    stage.until("it was typed again", |screen| screen.matches("got").count() > before);
    stage.until_says("\"never\" did not come within 600 ms");
    stage.press(" ");
    assert_eq!(slide(&stage), 2, "the step is skipped, and no slide");
    stage.until_says("→ step 2 of 2");
    stage.press(" ");
    stage.until_says("got <next>");
    stage.press("  ");
    assert_eq!(slide(&stage), 3);
}

#[test]
fn what_comes_late_is_taken_all_the_same() {
    let steps = "      - {type: one, press: Enter, wait: late, within: 300ms}\n      - two\n";
    let (mut stage, _folder) = scripted(steps);
    stage.press("x ");
    stage.until_says("\"late\" did not come");
    stage.press("<tab>late<ret><esc><esc>");
    stage.until_says("→ step 2 of 2");
}

#[test]
fn a_program_that_ends_before_its_script_is_said_and_the_talk_goes_on() {
    let (mut stage, _folder) = scripted("      - {type: end, press: Enter, wait: gone}\n      - more\n");
    stage.press("x ");
    stage.until_says("stopped at step 1 of 2: the program ended before \"gone\" came");
    assert!(stage.screen().contains("→ goes on"), "{}", stage.screen());
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
    // It ends with its last step: nothing is wrong.
    let (mut stage, _folder) = scripted("      - one\n      - end\n");
    stage.press("x ");
    stage.until_says("→ step 2 of 2");
    stage.press(" ");
    stage.until_says("exit 0");
    assert!(!stage.screen().contains("stopped at"), "{}", stage.screen());
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
}

#[test]
fn a_demo_that_does_not_run_is_no_hurdle() {
    let (mut stage, _folder) = scripted("      - one\n");
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
    // Nor one that was stopped, or is asked about.
    stage.press("<left>x");
    stage.until_says("→ step 1 of 1");
    stage.press("X");
    stage.until("it has ended", |screen| screen.contains("stopped"));
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
    let folder = deck(&format!("{ASKS}    script: [one]\n"), &pane("a"));
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    stage.until_says("typed into it, when you go on: one");
    stage.press("n ");
    assert_eq!(slide(&stage), 3);
}

#[test]
fn a_program_that_draws_the_screen_is_typed_into_and_looked_at() {
    let draws = "printf \"\\033[?1049h\\033[2J\\033[3;5Hbegin\"; while read -r line; do printf \"\\033[H\\033[2J\\033[4;10Hsaw\\033[4;14H$line\"; done";
    let demo = format!(
        "  a:\n    command: [sh, -c, {draws:?}]\n    script:\n      - wait: begin\n      - {{type: here, press: Enter, wait: 'saw here'}}\n      - two\n"
    );
    let folder = deck(&demo, &pane("a"));
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>x ");
    stage.until_says("→ step 2 of 2");
    stage.tell(Msg::Resize(Size { columns: 70, rows: 20 }));
    stage.press(" ");
    stage.until_says("saw two");
}

fn taped(steps: &str, tape: &str, no_run: bool) -> (Stage, tempfile::TempDir) {
    let folder = deck(&format!("{ASKS}    tape: t.cast\n    script:\n{steps}"), &pane("a"));
    write(folder.path(), "t.cast", tape);
    let mut stage = Stage::open(folder.path(), true, no_run);
    stage.press("3<ret>");
    (stage, folder)
}

const THREE: &str = "      - one\n      - two\n      - {type: three, press: Enter, marker: three}\n";

#[test]
fn the_same_key_moves_a_recording_from_mark_to_mark() {
    for (no_run, plays) in [(false, "v"), (true, "x")] {
        let (mut stage, _folder) = taped(THREE, TAPE, no_run);
        stage.press(plays);
        stage.until_says("ask>");
        stage.until_says("→ step 1 of 3");
        assert!(!stage.screen().contains("one"), "it waits for the key: {}", stage.screen());
        stage.press(" ");
        stage.until_says("→ step 2 of 3");
        assert!(stage.screen().contains("one") && !stage.screen().contains("two"), "{}", stage.screen());
        stage.press("l");
        stage.until_says("step 2 of 3, → at once");
        // It would take a minute.
        stage.press("l");
        stage.until_says("→ step 3 of 3");
        stage.press("<pagedown>");
        stage.until_says("three");
        stage.until("no step is left", |screen| !screen.contains("step"));
        assert!(!stage.screen().contains("after"), "{}", stage.screen());
        stage.press(" ");
        assert_eq!(slide(&stage), 3);
    }
}

#[test]
fn a_recording_without_the_marks_plays_as_a_whole_and_says_so() {
    let tape = TAPE.replace("\"m\"", "\"i\"").replace("60.0", "0.1");
    let (mut stage, _folder) = taped(THREE, &tape, false);
    stage.press("v");
    stage.until_says("this recording plays as a whole: it has 0 of the marks");
    assert!(!stage.screen().contains("one"), "{}", stage.screen());
    stage.press(" ");
    stage.until_says("exit 0");
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
}

#[test]
fn a_run_that_is_recorded_on_stage_can_be_gone_through() {
    let (mut stage, folder) =
        taped("      - {type: one, press: Enter, wait: 'got <one>'}\n      - end\n", TAPE, false);
    stage.press("R ");
    stage.until_says("→ step 2 of 2");
    stage.press(" ");
    stage.until_says("Recorded: t.cast");
    let tape = std::fs::read_to_string(folder.path().join("deck/t.cast")).unwrap();
    assert!(tape.contains("\"m\", \"ready\"") && tape.contains("\"m\", \"one\""), "{tape}");
    stage.press("v");
    stage.until_says("→ step 1 of 2");
    stage.press(" ");
    stage.until_says("→ step 2 of 2");
    assert!(stage.screen().contains("got <one>"), "{}", stage.screen());
    stage.press(" ");
    stage.until_says("exit 0");
    stage.press(" ");
    assert_eq!(slide(&stage), 3);
}

#[test]
fn leaving_the_slide_stops_a_script_and_coming_back_begins_it_anew() {
    let (mut stage, _folder) = scripted("      - one\n      - two\n");
    stage.press("x ");
    stage.until_says("got <one>");
    stage.press("<left>");
    assert!(slide(&stage) < 2);
    stage.press("3<ret>x");
    stage.until_says("→ step 1 of 2");
}

/// `greenroom record a` of this demo, with nobody at a keyboard: its status, what it says, and the recording.
fn recorded(steps: &str) -> (Option<i32>, String, Option<String>) {
    let folder = deck(&format!("{ASKS}    tape: t.cast\n    script:\n{steps}"), &pane("a"));
    let deck = folder.path().join("deck");
    let mut greenroom = std::process::Command::new(assert_cmd::cargo::cargo_bin("greenroom"));
    greenroom.args(["record", "a", "--yes"]).arg(&deck);
    let homes = ["HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"];
    for home in homes {
        greenroom.env(home, folder.path());
    }
    let done = greenroom.stdin(std::process::Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code(), said, std::fs::read_to_string(deck.join("t.cast")).ok())
}

#[test]
fn a_script_is_recorded_without_anybody_and_the_recording_is_gone_through() {
    let steps = "      - {type: one, press: Enter, wait: 'got <one>'}\n      - two\n      - {type: three, press: Enter, marker: last}\n";
    let (status, said, tape) = recorded(steps);
    assert_eq!(status, Some(0), "{said}");
    let tape = tape.unwrap();
    let marks = tape.lines().filter_map(|line| serde_json::from_str::<(f64, String, String)>(line).ok());
    let marks: Vec<String> = marks.filter(|(_, kind, _)| kind == "m").map(|(_, _, name)| name).collect();
    assert_eq!(marks, ["ready", "one", "two", "last"], "{tape}");
    let (mut stage, _folder) = taped(steps, &tape, true);
    stage.press("x");
    for (step, shows) in ["ask>", "got <one>", "got <two>", "got <three>"].into_iter().enumerate() {
        stage.until_says(shows);
        stage
            .until("it stands there", |screen| step == 3 || screen.contains(&format!("→ step {}", step + 1)));
        stage.press(" ");
    }
    assert_eq!(slide(&stage), 3);
}

#[test]
fn a_recording_whose_step_does_not_come_is_not_kept() {
    let (status, said, tape) =
        recorded("      - {type: one, press: Enter, wait: never, within: 300ms}\n      - two\n");
    assert_eq!((status, tape), (Some(1), None), "{said}");
    assert!(said.contains("step 1 of 2: \"never\" did not come within 300 ms: nothing is kept"), "{said}");
    let (status, said, tape) = recorded("      - end\n      - two\n");
    assert_eq!((status, tape), (Some(1), None), "{said}");
    assert!(said.contains("the program has ended: nothing is kept"), "{said}");
}

/// What a pane shows: what stands between its borders.
fn inside(screen: &str) -> Vec<String> {
    let row = |line: &str| {
        let (left, right) = (line.find('│')?, line.rfind('│')?);
        Some(line.get(left + '│'.len_utf8()..right)?.trim_end().to_owned())
    };
    screen.lines().filter_map(row).collect()
}

/// The screens of a demo's steps, each after one press of the same key, and the first before it.
fn given(terminal: &Terminal, steps: usize) -> Vec<Vec<String>> {
    let mut screens = Vec::new();
    for step in 1..=steps + 1 {
        let next = format!("→ step {step} of {steps}");
        terminal.wait(&next, |terminal| {
            let screen = terminal.text();
            if step > steps { !screen.contains(&format!("of {steps}")) } else { screen.contains(&next) }
        });
        screens.push(inside(&terminal.text()));
        if step <= steps {
            terminal.keys(&["Space"]);
        }
    }
    screens
}

/// Records the demo `id` of this deck by its script, gives it live, and from that recording: all by the same key.
fn same_screens(terminal: &Terminal, deck: &str, id: &str, slide: usize, steps: usize, starts: bool) {
    let done = format!("recorded-{id}");
    terminal.run(&format!("clear; {} record {id} {deck} --yes 2>&1 | tail -4; echo {done}", greenroom()));
    terminal.wait("it is recorded", |terminal| {
        terminal.text().matches(&done).count() > 1 || terminal.text().contains(&format!("\n{done}"))
    });
    assert!(terminal.text().contains("recorded in"), "{}", terminal.text());
    terminal.run(&format!("clear; {} {deck} --slide {slide}", greenroom()));
    // Where the demo starts with its slide, the card may be over it at once.
    let shown = [format!(" {slide} / "), "typed into it, when you go on".to_owned()];
    terminal.wait("the slide", |terminal| shown.iter().any(|words| terminal.text().contains(words)));
    if starts {
        terminal.keys(&["x"]);
    }
    terminal.shows("typed into it, when you go on");
    terminal.keys(&["End"]);
    terminal.keys(&["y"]);
    let live = given(terminal, steps);
    assert!(live.windows(2).all(|two| two[0] != two[1]), "{live:#?}");
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
    terminal.run(&format!("clear; {} {deck} --slide {slide} --no-run", greenroom()));
    terminal.shows(&format!(" {slide} / "));
    if starts {
        terminal.keys(&["x"]);
    }
    terminal.shows("recording");
    let taped = given(terminal, steps);
    assert_eq!(live, taped);
    terminal.keys(&["Space"]);
    terminal.shows(&format!(" {} / ", slide + 1));
    terminal.keys(&["q", "q"]);
    terminal.is_restored();
}

#[test]
fn the_repl_of_the_built_in_talk_shows_the_same_live_and_from_its_recording() {
    let Some((_, python)) = interpreters() else { return };
    let Some(terminal) = Terminal::open("scripted-repl") else { return };
    let outline = include_str!("../../deck/talk.yaml");
    let script =
        outline.split("    script:\n").nth(1).and_then(|rest| rest.split("    timeout:").next()).unwrap();
    let demos = format!(
        "  repl:\n    command: [{:?}, -q]\n    tape: repl.cast\n    script:\n{script}",
        python.display()
    );
    let folder = deck(&demos, &pane("repl"));
    let deck = folder.path().join("deck");
    same_screens(&terminal, &deck.display().to_string(), "repl", 3, 5, true);
}

#[test]
fn the_shell_of_a_new_deck_is_given_by_one_key() {
    let Some(terminal) = Terminal::open("scripted-new") else { return };
    let folder = terminal.home.path().join("mine");
    terminal.run(&format!("{} new {}", greenroom(), folder.display()));
    terminal.shows("A deck is in");
    same_screens(&terminal, &folder.display().to_string(), "tour", 9, 5, false);
}

#[test]
fn what_is_wrong_with_a_script_and_its_recording_is_said_before_the_talk() {
    let check = |demos: &str, tape: Option<&str>| {
        let folder = deck(demos, &pane("a"));
        if let Some(tape) = tape {
            write(folder.path(), "t.cast", tape);
        }
        let mut greenroom = std::process::Command::new(assert_cmd::cargo::cargo_bin("greenroom"));
        let done = greenroom.arg("check").arg(folder.path().join("deck")).output().unwrap();
        String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
    };
    let steps = |steps: &str| check(&format!("{ASKS}    script:\n{steps}"), None);
    let said = steps("      - one\n      - {type: two, prss: Enter}\n");
    assert!(
        said.contains("unknown key `prss` in `demos.a.script[1]`") && said.contains("did you mean `press`?"),
        "{said}"
    );
    let said = steps("      - one\n      - {type: two, press: Entr}\n");
    assert!(said.contains("\"Entr\" is no key") && said.contains("did you mean `Enter`?"), "{said}");
    assert!(said.contains("talk.yaml:9:28"), "at the key itself: {said}");
    let said = steps("      - \"one\\ttwo\"\n");
    assert!(
        said.contains("a control character cannot be typed: \\t") && said.contains("`press: Tab`"),
        "{said}"
    );
    let said = steps("      - {type: \"x\\e[A\"}\n");
    assert!(said.contains("a control character cannot be typed") && said.contains("`press: Esc`"), "{said}");
    let said = steps(&"      - again\n".repeat(10_000));
    assert!(said.contains("this script has 10000 steps, and 200 are typed at most"), "{said}");
    assert!(steps("      - {type: a, wait: '/(a{99}){99}/'}\n").contains("this expression cannot be used"));
    let taped = |tape: &str| check(&format!("{ASKS}    tape: t.cast\n    script:\n{THREE}"), Some(tape));
    assert!(taped(TAPE).contains("0 errors, 0 warnings"), "{}", taped(TAPE));
    let said = taped(&TAPE.replace("\"m\"", "\"i\""));
    assert!(said.contains("t.cast: it plays as a whole: it has 0 of the marks that the 3 steps"), "{said}");
    let said = taped(&TAPE.replace("\"m\", \"two\"", "\"m\", \"zwei\""));
    assert!(said.contains("it is of another script: its step 2 is \"zwei\""), "{said}");
}

#[test]
fn the_presenter_view_is_told_the_next_step_and_its_note() {
    let (mut stage, _folder) = scripted("      - one\n      - {type: two, press: Enter, note: Say why}\n");
    let told = |stage: &Stage| stage.talk.state(stage.now()).panes[0].clone();
    assert_eq!(told(&stage).script, "next: step 1 of 2: one");
    stage.press("x ");
    stage.until_says("→ step 2 of 2");
    assert_eq!(
        (told(&stage).script.as_str(), told(&stage).script_note.as_str()),
        ("next: step 2 of 2: two", "Say why")
    );
    stage.press(" ");
    stage.until("no step is left", |screen| !screen.contains("of 2"));
    assert_eq!(told(&stage).script, "all 2 steps are over");
}
