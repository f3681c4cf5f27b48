//! Keys that cannot hurt: what is typed for a program, what is recorded over, what leads back.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use greenroom::link::StageCommand;
use greenroom::talk::{Mode, Msg};
use greenroom_base::run::Size;
use greenroom_bench::Metric;
use greenroom_deck::PaneId;
use greenroom_pane::{BenchView, ProbeView};

use crate::support::stage::{Stage, TAPE, deck, deck_in, pane, reload, sh, stage, write};

const PANE: Option<PaneId> = Some(PaneId { slide: 2, pane: 0 });

/// Presses `x`, and tells the talk what was started only after `typed` has been typed.
fn typed_at_once(stage: &mut Stage, start: &str, typed: &str) {
    let key = KeyCode::Char(start.chars().next().unwrap());
    let effects = stage.ask(Msg::Key(key.into()));
    for c in typed.chars() {
        let key: KeyEvent = if c == '\n' { KeyCode::Enter.into() } else { KeyCode::Char(c).into() };
        let now = stage.now();
        stage.talk.update(Msg::Key(key), now);
        assert_eq!(stage.talk.next_effect(), None, "{c} did something");
    }
    for effect in effects {
        let answer = stage.answer(effect);
        stage.tell(answer);
    }
}

#[test]
fn what_is_typed_at_once_after_x_reaches_the_shell_and_does_not_drive_the_talk() {
    let (mut stage, _folder) = stage("  a: {command: [sh, -i], env: {PS1: 'here> ', ENV: ''}}", &pane("a"));
    typed_at_once(&mut stage, "x", "echo select 1 'q]x.;' $((6*7))\n");
    assert_eq!((stage.talk.place().slide, stage.talk.focus(), stage.talk.mode()), (2, PANE, &Mode::Slide));
    assert!(stage.screen().contains("keys go here · Esc Esc leaves"), "{}", stage.screen());
    stage.until_says("select 1 q]x.; 42");
    // And so does what is typed when it runs, pasted text included.
    stage.press("echo again $((1+1))<ret>");
    stage.until_says("again 2");
    stage.tell(Msg::Paste("echo pasted $((2+2))\n".to_owned()));
    stage.until_says("pasted 4");
    stage.press("<esc><esc>l");
    assert_eq!(stage.talk.place().slide, 3);
}

#[test]
fn the_way_out_of_a_pane_leaves_nothing_in_its_line_editor() {
    let (mut stage, _folder) = stage("  a: {command: [bash, --norc, -i], env: {PS1: 'here> '}}", &pane("a"));
    stage.press("xecho $((6*7))<ret>");
    stage.until_says("42");
    for number in 43..46 {
        stage.press("<esc><esc>");
        assert_eq!(stage.talk.focus(), None);
        stage.press(&format!("<tab>echo $(({number}+100))<ret>"));
        stage.until_says(&format!("1{number}"));
    }
    assert!(!stage.screen().contains("not found"), "{}", stage.screen());
}

#[test]
fn an_esc_that_is_no_way_out_reaches_the_program_before_what_follows() {
    let (mut stage, _folder) = stage("  a: {command: [cat, -v]}", &pane("a"));
    stage.press("x");
    stage.until_says("live");
    stage.press("<tab>a<esc>b");
    stage.tell(Msg::Paste("c".to_owned()));
    stage.press("<esc>");
    stage.tell(Msg::Paste("d\n".to_owned()));
    stage.until_says("a^[bc^[d");
    // And one by itself comes when no second one can follow.
    stage.press("<esc>");
    stage.until("it is there", |screen| screen.matches("^[").count() >= 3);
    assert_eq!(stage.talk.focus(), PANE);
}

#[test]
fn a_tab_by_habit_after_x_is_not_typed_into_the_shell() {
    let (mut stage, _folder) = stage("  a: {command: [bash, --norc, -i], env: {PS1: 'here> '}}", &pane("a"));
    stage.press("x<tab>echo o<tab>k $((6*7))<ret>");
    stage.until_says("k 42");
    assert_eq!(stage.talk.focus(), PANE);
}

#[test]
fn a_program_that_flushes_what_came_before_its_prompt_still_gets_what_was_typed() {
    let script = "sleep 0.1; stty -icanon min 1 time 0 <&0; sleep 0.1; \
                  while read -t 0.01 -n 1 c; do :; done; echo ready; read line; echo got $line";
    let demos = format!("  a: {{command: [bash, -c, {script:?}], focus: always}}");
    let (mut stage, _folder) = stage(&demos, &pane("a"));
    typed_at_once(&mut stage, "x", "all of it\n");
    stage.until_says("got all of it");
}

#[test]
fn what_is_typed_for_a_program_that_does_not_start_is_nothing_to_the_talk() {
    let (mut stage, _folder) = stage("  a: {command: [no-such-shell, -i], focus: always}", &pane("a"));
    typed_at_once(&mut stage, "x", "select");
    assert_eq!(stage.talk.focus(), None);
    // The hands are still at it.
    stage.press(" 1; l]q");
    assert_eq!((stage.talk.place().slide, stage.talk.mode()), (2, &Mode::Slide));
    stage.wait(Duration::from_millis(1100));
    stage.press("l");
    assert_eq!(stage.talk.place().slide, 3, "and then keys mean the talk again");
}

#[test]
fn what_is_typed_for_a_program_does_not_answer_whether_it_may_run() {
    let folder = deck("  a: {command: [sh, -i]}", &pane("a"));
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>");
    typed_at_once(&mut stage, "x", "select ");
    assert!(matches!(stage.talk.mode(), Mode::Consent(..)));
    stage.press("yny");
    assert!(matches!(stage.talk.mode(), Mode::Consent(..)), "{:?}", stage.talk.mode());
    // When the hands have rested, it is answered; the same when the first key comes after the card.
    stage.wait(Duration::from_millis(350));
    stage.press("n");
    assert_eq!(stage.talk.mode(), &Mode::Slide);
    stage.press("xselect yny");
    assert!(matches!(stage.talk.mode(), Mode::Consent(..)), "{:?}", stage.talk.mode());
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    stage.press("y");
    stage.until_says("live");
    assert_eq!(stage.talk.focus(), PANE, "an answer at once is one");
}

#[test]
fn only_what_waits_for_keys_takes_the_keyboard() {
    for (demo, takes) in [
        ("command: [sh, -c, 'exec cat']", false),
        ("command: [sh, -i], focus: never", false),
        ("command: [sh, -c, 'exec cat'], focus: always", true),
        ("command: [sh, -i], on: enter", false),
        ("command: [sh, -i], on: enter, focus: always", true),
    ] {
        let (mut stage, _folder) = stage(&format!("  a: {{{demo}}}"), &pane("a"));
        if !demo.contains("enter") {
            stage.press("x");
        }
        stage.until_says("live");
        assert_eq!(stage.talk.focus().is_some(), takes, "{demo}");
    }
}

/// At a slide of `demos`, with a recording that was there when the person agreed.
fn taped(demos: &str, tape: &str) -> (Stage, tempfile::TempDir) {
    let folder = deck(demos, &pane("a"));
    write(folder.path(), "t.cast", tape);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>");
    (stage, folder)
}

/// The recording that was there before, and is still there.
fn earlier(folder: &Path) -> String {
    fs::read_to_string(folder.join("deck/t.cast")).unwrap()
}

/// Whether a recording is there that is not whole.
fn has_a_draft(folder: &Path) -> bool {
    let mut files = fs::read_dir(folder.join("deck")).unwrap().map(|entry| entry.unwrap().path());
    files.any(|path| path.extension().is_some_and(|extension| extension == "part"))
}

#[test]
fn r_then_stop_keeps_the_good_recording_of_each_kind_of_demo() {
    let slow = "echo begun; exec sleep 60";
    for demo in [
        format!("command: [sh, -c, {slow:?}]"),
        format!("kind: bench, command: [sh, -c, {slow:?}]"),
        format!("kind: probe, command: [sh, -c, {slow:?}]"),
        "command: [sh, -i]".to_owned(),
    ] {
        let folder = deck(&format!("  a: {{{demo}, tape: t.cast}}"), &pane("a"));
        write(folder.path(), "t.cast", TAPE);
        let mut stage = Stage::open(folder.path(), true, false);
        stage.press("3<ret>R");
        stage.until_says("taping");
        stage.wait(Duration::from_millis(100));
        stage.press("<esc><esc>X");
        stage.until_says("Kept the earlier recording");
        assert_eq!(earlier(folder.path()), TAPE, "{demo}");
        assert!(!has_a_draft(folder.path()), "{demo}");
        stage.press("v");
        stage.until_says("from the tape");
        // What was typed into a shell is not thrown away.
        let aside = folder.path().join("deck/t.1.cast").exists();
        assert_eq!(aside, demo.contains("-i"), "{demo}");
    }
}

#[test]
fn code_on_a_slide_has_no_recording_to_lose() {
    let slides = "# S\n\n```bash +exec\nsleep 60\n```\n\n---\n\n# After\n";
    let (mut stage, folder) = stage("  a: {command: [cat]}", slides);
    stage.press("R");
    stage.until_says("needs a `tape:`");
    let files: Vec<_> = fs::read_dir(folder.path().join("deck")).unwrap().collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

#[test]
fn a_run_that_ends_as_expected_replaces_the_recording_and_keeps_it_numbered() {
    let (mut stage, folder) = taped(&sh("echo new", ", tape: t.cast"), TAPE);
    stage.press("R");
    stage.until_says("Recorded: t.cast; the earlier one is take 1");
    assert!(earlier(folder.path()).contains("new"));
    assert_eq!(fs::read_to_string(folder.path().join("deck/t.1.cast")).unwrap(), TAPE);
    // The recordings are our own: nothing asks again.
    stage.press("x");
    stage.until_says("exit 0");
}

#[test]
fn a_run_that_fails_or_is_left_or_begun_again_does_not_replace_the_recording() {
    let (mut stage, folder) = taped(&sh("echo worse; exit 3", ", tape: t.cast"), TAPE);
    stage.press("R");
    stage.until_says("Kept the earlier recording");
    assert_eq!(earlier(folder.path()), TAPE);
    let (mut stage, folder) = stage_of_sleep();
    stage.press("R");
    stage.until_says("begun");
    stage.press("l");
    stage.until_says("Kept the earlier recording");
    assert_eq!(earlier(folder.path()), TAPE);
    let (mut stage, folder) = stage_of_sleep();
    stage.press("R");
    stage.until_says("begun");
    stage.press("x");
    stage.until_says("Kept the earlier recording");
    assert_eq!(earlier(folder.path()), TAPE);
    assert!(!has_a_draft(folder.path()));
}

#[test]
fn a_run_that_is_kept_as_a_take_asks_nothing_again() {
    let (mut stage, folder) = taped("  a: {command: [sh, -i], tape: t.cast}", TAPE);
    for take in 1..=3 {
        stage.press("R");
        stage.until_says("taping");
        stage.press("<esc><esc>X");
        stage.until_says("this one is take 1 (greenroom");
        assert!(folder.path().join(format!("deck/t.{take}.cast")).exists());
        assert!(stage.runner.is_agreed(stage.talk.deck()), "{:?}", stage.runner.asks(stage.talk.deck()));
        stage.until("the note to go", |screen| !screen.contains("this one is take"));
    }
    assert_eq!(earlier(folder.path()), TAPE);
    // Nor does the first recording of a demo, however its run ended.
    let (mut stage, folder) = taped(&sh("echo worse; exit 3", ", tape: new.cast"), TAPE);
    stage.press("R");
    stage.until_says("Recorded: new.cast");
    assert!(folder.path().join("deck/new.cast").exists());
    assert!(stage.runner.is_agreed(stage.talk.deck()), "{:?}", stage.runner.asks(stage.talk.deck()));
}

fn stage_of_sleep() -> (Stage, tempfile::TempDir) {
    taped(&sh("echo begun; exec sleep 60", ", tape: t.cast"), TAPE)
}

#[test]
fn v_again_leads_back_to_the_run_as_it_goes_on() {
    let demos = "  a: {command: [sh, -c, 'echo pid=$$; i=0; while :; do i=$((i+1)); echo count $i; sleep 0.05; done'], tape: t.cast}";
    let (mut stage, _folder) = taped(demos, TAPE);
    // From idle, and back to idle: nothing is started.
    stage.press("v");
    stage.until_says("from the tape");
    stage.press("v");
    assert!(stage.screen().contains("x runs it") && !stage.talk.any_running(), "{}", stage.screen());
    stage.press("x");
    stage.until_says("count 2");
    stage.press("v");
    stage.until_says("v back to the live run");
    assert!(
        stage.screen().contains("recording ·") && !stage.screen().contains("count"),
        "{}",
        stage.screen()
    );
    stage.wait(Duration::from_millis(200));
    stage.press("v");
    assert!(stage.screen().contains("live"), "{}", stage.screen());
    stage.until_says("count 5");
    stage.press("vx");
    stage.until_says("live");
    stage.press("vX");
    stage.wait(Duration::from_millis(50));
    stage.press("v");
    stage.until_says("stopped");
}

#[test]
fn x_without_its_program_plays_the_recording_and_tells_the_speaker_alone() {
    let folder = deck("  a: {command: [no-such-program], tape: t.cast}", &pane("a"));
    write(folder.path(), "t.cast", TAPE);
    let mut stage = Stage::open(folder.path(), true, false);
    stage.press("3<ret>x");
    stage.until_says("from the tape");
    let screen = stage.screen();
    assert!(screen.contains("recording · 2026-11-23") && !screen.contains("no-such-program"), "{screen}");
    let told = stage.talk.state(stage.now());
    assert!(told.panes[0].whisper.contains("no program \"no-such-program\""), "{told:?}");
    stage.press("v");
    stage.until_says("there is no program");
}

#[test]
fn esc_esc_always_leaves_and_one_esc_where_no_program_listens() {
    let (mut stage, _folder) = taped(&sh("exec cat", ", tape: t.cast"), TAPE);
    for (start, leaves) in [("<tab>", "Esc leaves"), ("v<tab>", "Esc leaves"), ("vx<tab>", "Esc Esc leaves")]
    {
        stage.press(start);
        stage.wait(Duration::from_millis(50));
        assert!(stage.screen().contains(leaves), "{start}: {}", stage.screen());
        stage.press(if leaves == "Esc leaves" { "<esc>" } else { "<esc><esc>" });
        assert_eq!((stage.talk.focus(), stage.talk.place().slide), (None, 2), "{start}");
    }
}

#[test]
fn function_keys_go_to_the_program() {
    let (mut stage, _folder) = stage("  a: {command: [cat, -v]}", &pane("a"));
    stage.press("x");
    stage.until_says("live");
    stage.press("<tab>");
    for number in [1, 5, 6, 10] {
        stage.tell(Msg::Key(KeyCode::F(number).into()));
    }
    stage.until_says("^[OP^[[15~^[[17~^[[21~");
    assert_eq!(stage.talk.focus(), PANE);
}

#[test]
fn end_and_home_lead_through_a_recording() {
    let slow =
        "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5}}\n[0, \"o\", \"first \"]\n[900, \"o\", \"last\"]\n";
    let (mut stage, _folder) = taped("  a: {command: [cat], tape: t.cast}", slow);
    stage.press("v<tab>");
    stage.until_says("first");
    stage.tell(Msg::Key(KeyCode::End.into()));
    stage.until_says("first last");
    assert!(stage.screen().contains('■'), "{}", stage.screen());
    stage.tell(Msg::Key(KeyCode::Home.into()));
    stage.until("the beginning", |screen| !screen.contains("last"));
}

/// What a recording's end has to say: its verdict, and what is said first where there is little room.
fn verdict(path: &Path) -> (&'static str, Vec<String>, Option<String>) {
    let text = fs::read(path).unwrap();
    let is_bench = String::from_utf8_lossy(&text).contains("\"greenroom-bench\"");
    let event = |what| greenroom_base::run::Event { at: greenroom_base::clock::Elapsed::ZERO, what };
    let said = event(greenroom_base::run::What::Output(text.into()));
    if is_bench {
        let mut view = BenchView::default();
        view.fold(&said);
        let warning = view.board().warnings().into_iter().next();
        let board = view.board();
        // With its range under facts, and of memory below the chart of that.
        let spoken = [board.spoken(), board.spoken_memory()].into_iter().flatten().map(|said| said.sentence);
        let ranges = board.sentences(Metric::Throughput).remove(0).text;
        return ("bench", spoken.chain([ranges]).collect(), warning);
    }
    let mut view = ProbeView::default();
    view.fold(&said);
    ("probe", vec![view.board().verdict().text], None)
}

#[test]
fn stage_7_the_end_of_each_recording_reaches_its_verdict_on_every_chart() {
    let recordings = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings");
    let mut seen = std::collections::BTreeMap::new();
    for entry in fs::read_dir(recordings).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "ndjson") {
            continue;
        }
        let (kind, text, warning) = verdict(&path);
        let begins =
            |text: &str| text.split_whitespace().collect::<String>().chars().take(40).collect::<String>();
        let warns = warning.as_deref().map(begins);
        let begins: Vec<String> = text.iter().map(|text| begins(text)).collect();
        *seen.entry(kind).or_insert(0) += 1;
        let demo = format!("  a: {{kind: {kind}, command: [no-such-program], tape: t.ndjson}}");
        let folder = deck(&demo, &pane("a"));
        fs::copy(&path, folder.path().join("deck/t.ndjson")).unwrap();
        for by_itself in [false, true] {
            let mut stage = Stage::open(folder.path(), true, false);
            stage.press("3<ret>v<tab>");
            if by_itself {
                for minutes in 60..120 {
                    let later = stage.now() + Duration::from_secs(minutes * 60);
                    stage.talk.update(Msg::Wake, later);
                    assert_eq!(stage.talk.next_effect(), None);
                }
            } else {
                stage.tell(Msg::Key(KeyCode::End.into()));
            }
            // Eight charts, and the first one again; a probe has one.
            for chart in 0..if kind == "bench" { 9 } else { 1 } {
                for size in [
                    Size { columns: 80, rows: 24 },
                    Size { columns: 120, rows: 35 },
                    Size { columns: 60, rows: 14 },
                ] {
                    stage.tell(Msg::Resize(size));
                    let what = format!(
                        "{}: chart {chart}, {size:?}, by itself {by_itself}: {begins:?}",
                        path.display()
                    );
                    stage.until(&what, |screen| {
                        // Sentences stand beside large letters.
                        let drawn = |c: &char| {
                            ('\u{2580}'..='\u{259f}').contains(c) || ('\u{1fb00}'..='\u{1fb3b}').contains(c)
                        };
                        let letters = |c: &char| !c.is_whitespace() && !"│┃".contains(*c) && !drawn(c);
                        let screen: String = screen.chars().filter(letters).collect();
                        let warned =
                            size.rows == 14 && warns.as_ref().is_some_and(|warns| screen.contains(warns));
                        begins.iter().any(|begins| screen.contains(begins)) || warned
                    });
                }
                stage.press("V");
            }
        }
    }
    assert!(seen["bench"] > 5 && seen["probe"] > 5, "{seen:?}");
}

#[test]
fn a_pane_higher_than_the_screen_follows_its_cursor() {
    let slides = "# Shell\n\n```pane\ndemo: a\nheight: 40\n```\n";
    let (mut stage, _folder) = stage("  a: {command: [sh, -i], env: {PS1: 'here> ', ENV: ''}}", slides);
    stage.press("x");
    stage.until_says("here>");
    stage.press("seq 100 130<ret>");
    stage.until("the prompt after it", |screen| screen.contains("130") && screen.contains("here>"));
    stage.press("seq 200 260; echo the end<ret>");
    stage.until("the last prompt", |screen| {
        screen.lines().any(|line| line.contains("the end")) && screen.contains("here>")
    });
    stage.press("clear<ret>");
    stage.until("the first row", |screen| screen.contains("here>") && !screen.contains("the end"));
}

fn mouse(stage: &mut Stage, kind: MouseEventKind, column: u16, row: u16) {
    stage.tell(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
}

#[test]
fn a_drag_that_leaves_the_pane_gets_its_release() {
    let script = "stty -icanon -echo; printf '\\033[?1002h\\033[?1006hready'; exec cat -v";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    stage.press("x<tab>");
    stage.until_says("ready");
    let left = MouseButton::Left;
    mouse(&mut stage, MouseEventKind::Down(left), 10, 10);
    mouse(&mut stage, MouseEventKind::Drag(left), 89, 27);
    mouse(&mut stage, MouseEventKind::Up(left), 0, 0);
    stage.until_says("m");
    let typed = stage.screen().replace(['\n', ' ', '┃'], "");
    assert!(typed.contains("^[[<32;80;19M^[[<0;1;1m"), "{}", stage.screen());
    assert_eq!((stage.talk.place().slide, stage.talk.focus()), (2, PANE));
}

#[test]
fn focus_events_reach_the_program_that_asked() {
    let script = "stty -icanon -echo; printf '\\033[?1004hready'; exec cat -v";
    let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
    stage.press("x");
    stage.until_says("ready");
    stage.press("<tab>");
    stage.until_says("^[[I");
    stage.tell(Msg::Focus(false));
    stage.until_says("^[[I^[[O");
    stage.tell(Msg::Focus(true));
    stage.until_says("^[[I^[[O^[[I");
}

#[test]
fn panes_9_the_cursor_of_the_terminal_looks_as_the_program_asked() {
    let script =
        "printf 'block \\033[2 q'; read a; printf 'bar \\033[5 q'; read a; printf 'own \\033[0 q'; read a";
    let (mut stage, _folder) = stage(&sh(script, ", focus: always"), &pane("a"));
    stage.press("x");
    for (said, style) in [("block", 2), ("bar", 5), ("own", 0)] {
        stage.until_says(said);
        let frame =
            greenroom::view::audience(&stage.talk, &greenroom_render::paint::RenderCache::new(), stage.now());
        assert_eq!((frame.cursor.is_some(), frame.cursor_style), (true, style), "{said}");
        stage.press("<ret>");
    }
}

fn afar(stage: &mut Stage, key: &str) {
    stage.tell(Msg::Order(StageCommand::Key { key: key.to_owned() }));
}

#[test]
fn two_keyboards_do_not_get_in_each_others_way() {
    let demos = "  a: {command: [sh, -i], env: {PS1: 'here> ', ENV: ''}}";
    let (mut stage, _folder) = stage(demos, &pane("a"));
    stage.press("x");
    stage.until_says("here>");
    stage.press("echo on");
    // The presenter view's X stops the program; it is not typed into it.
    afar(&mut stage, "X");
    stage.press("e<ret>");
    stage.until_says("stopped");
    assert!(!stage.screen().contains("onX"), "{}", stage.screen());
    // What the presenter view starts, it types into; the stage's keys are the talk's.
    stage.press("<esc>");
    afar(&mut stage, "x");
    assert_eq!(stage.talk.focus(), PANE);
    stage.until_says("here>");
    assert!(stage.screen().contains("the presenter view types here"), "{}", stage.screen());
    for key in ["e", "c", "h", "o", "Space", "f", "a", "r", "Enter"] {
        afar(&mut stage, key);
    }
    stage.until("an answer", |screen| {
        screen.lines().any(|line| line.contains("│far") || line.contains("┃far"))
    });
    stage.press("l");
    assert_eq!(stage.talk.place().slide, 3);
    // Whatever order they come in.
    stage.press("h");
    for (here, there) in
        [("x", "X"), ("v", "x"), ("R", "X"), ("<tab>", "Tab"), ("<esc>", "Esc"), ("x", "l"), ("h", "r")]
    {
        stage.press(here);
        afar(&mut stage, there);
        stage.tell(Msg::Resize(Size { columns: 80, rows: 24 }));
    }
}

#[test]
fn the_stage_takes_the_keyboard_over_from_a_presenter_view() {
    let (mut stage, _folder) = stage("  a: {command: [cat]}", &pane("a"));
    afar(&mut stage, "x");
    stage.until_says("live");
    afar(&mut stage, "Tab");
    for key in ["a", "f", "a", "r", "Enter"] {
        afar(&mut stage, key);
    }
    stage.until_says("afar");
    assert!(stage.talk.state(stage.now()).panes[0].from_afar);
    stage.press("<tab>here too<ret>");
    stage.until_says("here too");
    let told = stage.talk.state(stage.now());
    assert!(told.panes[0].focused && !told.panes[0].from_afar, "{told:?}");
}

#[test]
fn a_reload_leaves_the_keyboard_where_it_was() {
    let demo = |title: &str, script: &str| {
        format!("  a: {{title: {title}, command: [sh, -c, {script}], focus: always}}")
    };
    let (mut stage, folder) = stage(&demo("t", "exec cat"), &pane("a"));
    let at = |slide| Some(PaneId { slide, pane: 0 });
    stage.press("x");
    stage.until_says("live");
    // A slide comes before it: the pane goes on there, and so does what is typed.
    let after = format!("# Before\n\nnew\n\n---\n\n{}", pane("a"));
    write(folder.path(), "s.md", &after);
    reload(&mut stage);
    assert_eq!((stage.talk.place().slide, stage.talk.focus()), (3, at(3)));
    stage.press("hello<ret>");
    stage.until_says("hello");
    // Another program stands there now: it has not been started, and what is typed for the old one is nothing to the talk.
    deck_in(folder.path(), &demo("t", "exec sort"), &after);
    reload(&mut stage);
    assert!(!stage.screen().contains("live"), "{}", stage.screen());
    stage.press("hello  q<ret>");
    assert_eq!((stage.talk.place().slide, stage.talk.focus()), (3, at(3)));
    assert_eq!((stage.talk.mode(), stage.talk.question(stage.now())), (&Mode::Slide, None));
    stage.press("<esc>");
    assert_eq!(stage.talk.focus(), None);
    // The slide has gone, and its pane with it.
    stage.press("<tab>");
    write(folder.path(), "s.md", "# Before\n\nnew\n");
    reload(&mut stage);
    assert_eq!(stage.talk.focus(), None);
}

#[test]
fn what_is_said_about_a_slide_goes_with_it() {
    let (mut stage, _folder) = stage("  a: {command: [cat]}", &pane("a"));
    stage.press("i");
    assert!(stage.talk.notice(stage.now()).is_some());
    stage.press("l");
    assert_eq!(stage.talk.notice(stage.now()), None);
}

/// What greenroom has written to its terminal since `log` was begun.
fn written(log: &Path) -> String {
    String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned()
}

#[test]
fn panes_9_focus_reports_and_the_cursors_shape_pass_and_are_given_back() {
    use crate::support::terminal::{Terminal, greenroom, kill};

    let Some(terminal) = Terminal::open("focus") else { return };
    let home = terminal.home.path();
    let script = "stty -icanon -echo; printf '\\033[?1004h\\033[5 qready'; exec cat -v";
    let outline = format!("title: T\nsections:\n- {{title: S, file: s.md}}\ndemos:\n{}\n", sh(script, ""));
    write(home, "talk.yaml", &outline);
    write(home, "s.md", &pane("a"));
    let log = home.join("log");
    terminal.tmux(&["pipe-pane", "-o", &format!("cat >> {}", log.display())]);
    for (turn, ending) in ["q", "KILL"].into_iter().enumerate() {
        fs::write(&log, "").unwrap();
        terminal.run(&format!("clear; {} {}; echo status $?", greenroom(), home.join("deck").display()));
        terminal.wait("the stage", |terminal| terminal.modes() == "1 0 1");
        terminal.keys(&["3", "Enter"]);
        terminal.shows("x runs it");
        terminal.keys(&["x"]);
        if turn == 0 {
            terminal.shows("Run these commands?");
            terminal.keys(&["y"]);
        }
        terminal.shows("ready");
        terminal.keys(&["Tab"]);
        terminal.shows("^[[I");
        // What the terminal says when another window gets the focus, and when this one has it again.
        terminal.keys(&["-H", "1b", "5b", "4f"]);
        terminal.shows("^[[I^[[O");
        terminal.keys(&["-H", "1b", "5b", "49"]);
        terminal.shows("^[[I^[[O^[[I");
        terminal.wait("the cursor's shape", |_| written(&log).contains("\x1b[5 q"));
        assert!(written(&log).contains("\x1b[?1004h"));
        match ending {
            "q" => terminal.keys(&["Escape", "Escape", "q", "q"]),
            signal => kill(signal, &terminal.stage()),
        }
        terminal.wait("the terminal given back", |terminal| terminal.modes() == "0 1 0");
        terminal.wait("the end in the log", |_| {
            let text = written(&log);
            let after = |on: &str, off: &str| text.rfind(off) > text.rfind(on);
            after("\x1b[?1004h", "\x1b[?1004l") && after("\x1b[5 q", "\x1b[0 q")
        });
        terminal.run("clear");
    }
}
