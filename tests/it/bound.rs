//! A person's own keys: each action of each table by another key, and every text that names keys.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::KeyCode;
use greenroom::config::Config;
use greenroom::decks::locate;
use greenroom::follow::{self, PresenterView};
use greenroom::keys::{Bindable, Key, Keymap};
use greenroom::link::{Hello, StageState, VERSION};
use greenroom::runner::Runner;
use greenroom::talk::{self, Mode, Msg};
use greenroom::{open, view};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_base::text::SourceText;
use greenroom_deck::PaneId;
use greenroom_render::paint::RenderCache;
use greenroom_system::pty::Launcher;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::Notify;

use crate::support::stage::{PATIENCE, Stage, write};

/// The actions of a situation, and the keys that lead there.
type Cases = &'static [(&'static str, &'static str)];

/// On slides without a demo.
const SLIDES: Cases = &[
    ("next", "3 Enter"),
    ("previous", "3 Enter"),
    ("next-slide", "3 Enter"),
    ("previous-slide", "3 Enter"),
    ("down", "4 Enter"),
    ("up", "4 Enter Down"),
    ("first-slide", "3 Enter"),
    ("last-slide", "3 Enter"),
    ("previous-section", "6 Enter"),
    ("next-section", "3 Enter"),
    ("sections", "3 Enter"),
    ("overview", "3 Enter"),
    ("back", "3 Enter 4 Enter"),
    ("search", "3 Enter"),
    ("next-found", "/ w o r d Enter"),
    ("previous-found", "/ w o r d Enter"),
    ("quit", "3 Enter"),
    ("blank", "3 Enter"),
    ("audience", "3 Enter"),
    ("show-slide", "4 Enter z"),
    ("zoom", "4 Enter"),
    ("larger", "3 Enter"),
    ("smaller", "3 Enter"),
    ("plain-cells", "3 Enter"),
    ("reload", "3 Enter"),
    ("repaint", "3 Enter"),
    ("suspend", "3 Enter"),
    ("help", "3 Enter"),
    ("clock", "3 Enter"),
    ("pace", "3 Enter"),
    ("timer", "3 Enter"),
    ("reset-timer", "3 Enter"),
    ("overview-go", "3 Enter o Down"),
    ("overview-close", "3 Enter o"),
    ("overview-down", "3 Enter o"),
    ("overview-up", "3 Enter o"),
    ("overview-page-down", "3 Enter o"),
    ("overview-page-up", "7 Enter o"),
    ("overview-first", "3 Enter o"),
    ("overview-last", "3 Enter o"),
    ("overview-next-section", "3 Enter o"),
    ("overview-previous-section", "6 Enter o"),
    ("overview-clear", "3 Enter o w"),
    ("search-go", "/ w o r d"),
    ("search-close", "/ w o r d"),
    ("search-down", "/ w o r d"),
    ("search-up", "/ w o r d Down"),
    ("goto-go", "3"),
    ("goto-close", "3"),
    ("help-next", "?"),
    ("help-previous", "?"),
    ("set-up", "8 Enter"),
    ("next-chart", "8 Enter"),
];

/// On a slide with a demo that reads what is typed and has a recording.
const DEMO: Cases = &[
    ("run", "8 Enter"),
    ("stop", "8 Enter x ~60"),
    ("switch-recording", "8 Enter"),
    ("show-result", "8 Enter"),
    ("record", "8 Enter"),
    ("focus-pane", "8 Enter"),
    ("next-pane", "8 Enter"),
    ("recording-pause", "8 Enter v ~tape Tab"),
    ("recording-step", "8 Enter v ~tape Tab Space"),
    ("recording-back", "8 Enter v ~tape Tab End"),
    ("recording-forward", "8 Enter v ~tape Tab"),
    ("recording-start", "8 Enter v ~tape Tab End"),
    ("recording-end", "8 Enter v ~tape Tab"),
    ("previous-mark", "8 Enter v ~tape Tab End"),
    ("next-mark", "8 Enter v ~tape Tab"),
    ("faster", "8 Enter v ~tape Tab"),
    ("slower", "8 Enter v ~tape Tab"),
    ("pan-left", "8 Enter v ~tape Tab >"),
    ("pan-right", "8 Enter v ~tape Tab"),
    ("leave-pane", "8 Enter v ~tape Tab"),
    ("leave-program", "8 Enter x ~60 Tab"),
    ("scroll-back", "8 Enter x ~60 Tab"),
    ("scroll-forward", "8 Enter x ~60 Tab Shift-PageUp"),
];

/// At the question whether it may run.
const QUESTION: Cases = &[
    ("agree", "8 Enter x ~consent End"),
    ("refuse", "8 Enter x ~consent"),
    ("question-down", "8 Enter x ~consent"),
    ("question-up", "8 Enter x ~consent End"),
    ("question-page-down", "8 Enter x ~consent"),
    ("question-page-up", "8 Enter x ~consent End"),
    ("question-start", "8 Enter x ~consent End"),
    ("question-end", "8 Enter x ~consent"),
];

/// In a presenter view.
const VIEW: Cases = &[
    ("notes-down", ""),
    ("notes-up", "J J"),
    ("notes-page-down", ""),
    ("notes-page-up", "Ctrl-d"),
    ("more-notes", ""),
    ("fewer-notes", ""),
    ("address", ""),
    ("repaint-view", ""),
    ("view-help", ""),
    ("quit-view", ""),
];

fn actions() -> Vec<Bindable> {
    let groups = talk::bindable().into_iter().chain(follow::bindable());
    groups.flat_map(|(_, actions)| actions).collect()
}

/// The keys of a person who writes this.
fn keymap(text: &str) -> Keymap {
    let read = Config::read(&SourceText::new("config.yaml", text));
    assert_eq!(read.problems, [], "{text}");
    read.value.keymap
}

/// A deck with eight slides, of which the last one has a demo.
fn deck() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let env = (0..60).map(|number| format!("NAME_{number}: value {number}, ")).collect::<Vec<_>>().concat();
    let script = "for number in $(seq 60); do echo line $number; done; cat";
    let outline = format!(
        "title: Talk\nsections:\n- {{title: S, file: s.md}}\n- {{title: U, file: u.md}}\n\
         demos:\n  a: {{command: [sh, -c, {script:?}], focus: never, tape: a.cast, env: {{{env}}}}}\n"
    );
    let long = (0..60).map(|line| format!("let line_{line} = {line};\n")).collect::<Vec<_>>().concat();
    write(folder.path(), "talk.yaml", &outline);
    let text = format!(
        "# One word\n\nA\n\n<!-- pause -->\n\nB\n\n---\n\n# Two words\n\n```rust\n{long}```\n\n---\n\n# A word more\n"
    );
    write(folder.path(), "s.md", &text);
    write(folder.path(), "u.md", "# Last\n\n---\n\n# Demo\n\n```pane\ndemo: a\n```\n");
    let mut tape =
        String::from("{\"version\":3,\"term\":{\"cols\":200,\"rows\":24},\"timestamp\":1795392000}\n");
    tape.push_str("[0.0, \"o\", \"from the tape\\r\\n\"]\n");
    for number in 0..20 {
        let wide = "7".repeat(170);
        writeln!(tape, "[1.0, \"m\", \"{number}\"]\n[1.0, \"o\", \"{number} {wide}\\r\\n\"]").unwrap();
    }
    tape.push_str("[0.1, \"x\", \"0\"]\n");
    fs::write(folder.path().join("deck/a.cast"), tape).unwrap();
    folder
}

/// What can be seen of a talk, but for the names of keys.
fn seen(stage: &Stage) -> String {
    let (talk, now) = (&stage.talk, stage.now());
    let slide = talk.place().slide;
    let mut text = format!(
        "{:?} {:?} {:?} {} {:?} {:?} {:?} {:?} {:?} {:?}",
        talk.place(),
        talk.mode(),
        talk.focus(),
        talk.scroll(),
        talk.settings(),
        talk.zoom(),
        talk.notice(now),
        talk.elapsed(now),
        talk.question(now).is_some(),
        (&stage.surface.log, stage.ending.is_some(), talk.window()),
    );
    for pane in 0..talk.deck().panes(slide).len() {
        let Some(status) = talk.pane_status(PaneId { slide, pane }) else { continue };
        let mut cells = Buffer::empty(Rect::new(0, 0, 80, 24));
        status.pane.paint(cells.area, &mut cells);
        let rows: Vec<String> = cells
            .content
            .chunks(80)
            .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
            .collect();
        writeln!(
            text,
            "{:?} {:?} {} {:?}\n{}",
            status.keys,
            status.pane.state(),
            status.pane.title(now),
            status.pane.winding(now),
            rows.join("\n")
        )
        .unwrap();
    }
    // The fingerprint of a deck's folder tells of its times, and each stage has a folder of its own.
    match text.split_once("fingerprint: \"") {
        Some((before, after)) => format!("{before}{}", after.split_once('"').map_or("", |(_, rest)| rest)),
        None => text,
    }
}

/// Presses keys by their names; `~word` waits for a word on the screen.
fn press(stage: &mut Stage, keys: &str) {
    for key in keys.split_whitespace() {
        match key.strip_prefix('~') {
            // The clock is held, and with it the screen: what is waited for is in the talk.
            Some(word) => {
                let end = Instant::now() + PATIENCE;
                while !seen(stage).to_lowercase().contains(word) {
                    assert!(Instant::now() < end, "waited for {word}: {}", seen(stage));
                    stage.turn(Duration::from_millis(50));
                }
            }
            None => stage.tell(Msg::Key(Key::written(key).unwrap().event())),
        }
    }
    stage.settle();
}

/// Presses `key` where `setup` leads with it: what is seen before and afterwards.
fn after(setup: &str, agreed: bool, keymap: Keymap, key: Key) -> (String, Stage, tempfile::TempDir) {
    let folder = deck();
    let mut stage = Stage::keyed(folder.path(), agreed, keymap);
    press(&mut stage, setup);
    let before = seen(&stage);
    for _ in 0..=usize::from(key.is_twice()) {
        stage.tell(Msg::Key(key.event()));
    }
    stage.settle();
    stage.wait(Duration::from_secs(1));
    (before, stage, folder)
}

/// The key that an action is bound to: one that nothing else has.
fn other(name: &str) -> Key {
    Key::written(if name == "agree" { "ß" } else { "F9" }).unwrap()
}

/// What is seen once nothing changes any more.
fn settled(stage: &mut Stage) -> String {
    let (mut last, end) = (seen(stage), Instant::now() + PATIENCE);
    loop {
        stage.turn(Duration::from_millis(120));
        let now = seen(stage);
        // Whatever the machine is busy with, no run stays so.
        if (now == last && !now.contains("Stopping")) || Instant::now() > end {
            return now;
        }
        last = now;
    }
}

/// What the action does by its own key and by another one, bound to it: both as they are seen in the end.
fn by_both_keys(name: &str, setup: &str, agreed: bool) -> (String, String) {
    let action = actions().into_iter().find(|action| action.name == name).unwrap();
    let (before, mut standard, _folder) = after(setup, agreed, Keymap::default(), action.keys[0]);
    let expected = settled(&mut standard);
    assert_ne!(before, expected, "{name} does something");
    let bound = keymap(&format!("keys: {{{name}: {}}}", other(name).spelled()));
    let (_, mut stage, _folder) = after(setup, agreed, bound, other(name));
    let end = Instant::now() + Duration::from_secs(5);
    while seen(&stage) != expected && Instant::now() < end {
        stage.turn(Duration::from_millis(50));
    }
    (expected, seen(&stage))
}

fn try_all(cases: Cases, agreed: bool) {
    for (name, setup) in cases {
        // Programs run, and on a busy machine one of the two may be further than the other: a key that does nothing never is.
        let tries = (0..4).map(|_| by_both_keys(name, setup, agreed));
        let mut last = None;
        let same = tries.inspect(|both| last = Some(both.clone())).any(|(expected, found)| expected == found);
        assert!(same, "{name}: {last:?}");
    }
}

#[test]
fn each_action_of_slides_and_lists_is_done_by_another_key() {
    try_all(SLIDES, true);
}

#[test]
fn each_action_of_a_demo_and_its_recording_is_done_by_another_key() {
    try_all(DEMO, true);
}

#[test]
fn each_answer_to_the_question_is_given_by_another_key() {
    try_all(QUESTION, false);
}

fn presenter(keymap: Keymap) -> PresenterView {
    let files = MemoryFiles::new().with("d.md", "# A\n");
    let deck = Arc::new(open::deck(&files, "d.md"));
    let mut view = PresenterView::new(Arc::clone(&deck), Size { columns: 100, rows: 30 }, 0)
        .with_keys(keymap, Vec::new());
    let hello = Hello { version: VERSION, ..Hello::default() };
    let _ = view.update(follow::Msg::Joined(hello), Elapsed::ZERO);
    let state = StageState { deck: deck.fingerprint(), slides: 1, ..StageState::default() };
    let _ = view.update(follow::Msg::State(Box::new(state)), Elapsed::ZERO);
    view
}

#[test]
fn each_action_of_the_presenter_view_is_done_by_another_key() {
    for (name, setup) in VIEW {
        let action = actions().into_iter().find(|action| action.name == *name).unwrap();
        let after = |keymap: Keymap, key: Key| {
            let mut view = presenter(keymap);
            let press = |view: &mut PresenterView, key: Key| {
                view.update(follow::Msg::Key(key.event()), Elapsed::ZERO)
            };
            for key in setup.split_whitespace() {
                let _ = press(&mut view, Key::written(key).unwrap());
            }
            let before = format!("{:?} {:?} {:?} []", view.scroll, view.room(), view.over());
            let effects = press(&mut view, key);
            (before, format!("{:?} {:?} {:?} {effects:?}", view.scroll, view.room(), view.over()))
        };
        let (before, expected) = after(Keymap::default(), action.keys[0]);
        assert_ne!(before, expected, "{name} does something");
        let bound = keymap(&format!("keys: {{{name}: F9}}"));
        assert_eq!(after(bound.clone(), other(name)).1, expected, "{name}");
        assert_ne!(after(bound, action.keys[0]).1, expected, "{name} by its old key");
    }
}

#[test]
fn each_action_of_each_table_is_tried() {
    let tried: Vec<&str> =
        [SLIDES, DEMO, QUESTION, VIEW].into_iter().flatten().map(|(name, _)| *name).collect();
    for action in actions() {
        assert!(tried.contains(&action.name), "{} has no case", action.name);
    }
    assert_eq!(tried.len(), actions().len());
}

/// Every action by a key that it does not have otherwise: Greek letters, or function keys with Ctrl where letters are typed.
fn all_other_keys() -> Keymap {
    let mut letters = "αβγδεζηθικλμνξοπρστυφχψωабвгдежзийклмнопрстуфхцчшщъыьэюяßþðøåæœđħłŋŧ".chars();
    let mut text = String::from("keys:\n");
    let mut function = 0;
    for action in actions() {
        let of = ["overview-", "search-", "goto-", "scroll-", "recording-", "question-"];
        let typed = of.iter().any(|prefix| action.name.starts_with(prefix))
            || ["leave-program", "repaint", "suspend"].contains(&action.name);
        let key = if typed {
            function += 1;
            let held = ["Ctrl-", "Alt-", "Ctrl-Alt-", "Shift-"][function / 12];
            format!("{held}F{}", function % 12 + 1)
        } else {
            letters.next().unwrap().to_string()
        };
        writeln!(text, "  {}: {key}", action.name).unwrap();
    }
    keymap(&text)
}

/// Old names of keys that stand by themselves in a text.
fn old_names(screen: &str) -> Vec<String> {
    let old: Vec<String> = actions().iter().flat_map(|action| action.keys).map(Key::named).collect();
    let names =
        ["Esc Esc", "Esc", "Tab", "Space", "Enter", "PageUp", "PageDown", "Backspace", "Shift-PageUp"];
    let known = |word: &str| old.iter().any(|name| name == word) || names.contains(&word);
    // What is always so, whatever the keys: Ctrl-C leaves, Esc closes the help; marks that are no keys.
    let screen = screen
        .replace("Esc closes", "")
        .replace("recordings / live", "")
        .replace(" / 8", "")
        .replace(" > wqqzz", "")
        .replace("↓ more", "")
        .replace("▶ ", "");
    let words =
        screen.split([' ', '\n', '·', ',', ';', ':', '(', ')', '│', '─', '╭', '╮', '╰', '╯', '┌', '┐']);
    words
        .filter(|word| known(word) && !matches!(*word, "Ctrl-C" | "0" | "a" | "…" | "–"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_text_names_a_key_that_a_person_has_replaced() {
    let keys = all_other_keys();
    let key = |name: &str| -> String {
        let action = actions().into_iter().find(|action| action.name == name).unwrap();
        keys.of_named(name, action.keys)
    };
    let say = |setup: &str| {
        let names: Vec<String> = setup
            .split_whitespace()
            .map(|word| match word.strip_prefix('@') {
                Some(name) => key(name),
                None => word.to_owned(),
            })
            .collect();
        names.join(" ")
    };
    for (setup, agreed, needs) in [
        ("@help", true, Some("help-next")),
        ("@help @help-next", true, None),
        ("8 @goto-go", true, Some("run")),
        ("8 @goto-go @help", true, Some("run")),
        ("8 @goto-go @run ~60", true, Some("focus-pane")),
        ("8 @goto-go @run ~60 @focus-pane", true, Some("leave-program")),
        ("8 @goto-go @run ~60 @focus-pane @leave-program", true, None),
        ("8 @goto-go @run ~60 @stop ~stopped", true, Some("run")),
        ("8 @goto-go @switch-recording ~tape", true, Some("switch-recording")),
        ("8 @goto-go @switch-recording ~tape @focus-pane", true, Some("leave-pane")),
        ("8 @goto-go @switch-recording ~tape @focus-pane @help", true, None),
        ("8 @goto-go @show-result ~tape", true, Some("switch-recording")),
        ("8 @goto-go @run ~consent", false, Some("refuse")),
        ("8 @goto-go @run ~consent @question-end", false, Some("agree")),
        ("8 @goto-go @run ~consent @refuse ~agree", false, None),
        ("8 @goto-go @next", true, Some("quit")),
        ("@next-found", true, Some("search")),
        ("@overview", true, Some("overview-go")),
        ("@overview w q q z z", true, Some("search")),
        ("3 @goto-go @quit", true, Some("quit")),
        ("3 @goto-go @zoom", true, None),
    ] {
        let folder = deck();
        let mut stage = Stage::keyed(folder.path(), agreed, keys.clone());
        press(&mut stage, &say(setup));
        stage.wait(Duration::from_millis(300));
        let screen = stage.screen();
        assert_eq!(old_names(&screen), [""; 0], "{setup}\n{screen}");
        if let Some(name) = needs {
            let named = Key::written(&key(name)).unwrap().named();
            assert!(screen.contains(&named), "{name} ({named}) after {setup}\n{screen}");
        }
    }
}

#[test]
fn the_presenter_view_names_the_keys_that_a_person_has() {
    let mut view = presenter(all_other_keys());
    let (frame, _) = view::presenter(&view, &RenderCache::new(), Elapsed::ZERO);
    assert_eq!(old_names(&frame.text()), [""; 0], "{}", frame.text());
    let help = actions().into_iter().find(|action| action.name == "view-help").unwrap();
    let key = Key::written(&view.keymap().of_named("view-help", help.keys)).unwrap();
    for _ in 0..4 {
        let _ = view.update(follow::Msg::Key(key.event()), Elapsed::ZERO);
        let (frame, _) = view::presenter(&view, &RenderCache::new(), Elapsed::ZERO);
        assert_eq!(old_names(&frame.text()), [""; 0], "{}", frame.text());
        let _ = view.update(follow::Msg::Key(KeyCode::Esc.into()), Elapsed::ZERO);
    }
}

#[test]
fn whatever_is_bound_a_talk_can_be_left() {
    let folder = deck();
    let mut stage = Stage::keyed(folder.path(), true, all_other_keys());
    press(&mut stage, "q q");
    assert!(stage.ending.is_none(), "q is nobody's key now");
    assert_eq!(stage.talk.mode(), &Mode::Slide);
    press(&mut stage, "Ctrl-c");
    assert!(stage.ending.is_some());
}

#[test]
fn every_name_in_a_text_is_an_actions() {
    let all = actions();
    let mut found = 0;
    for folder in ["src/view", "src/talk", "src/view/presenter", "src/cmd"] {
        for file in fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = file.unwrap().path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            for call in ["say(", ".and(", "untyped(", "run(\"{"] {
                for (at, _) in text.match_indices(call) {
                    let argument: String = text[at..].chars().take_while(|c| *c != ';').take(200).collect();
                    for part in argument.split('{').skip(1) {
                        let Some((name, _)) = part.split_once('}') else { continue };
                        if name.is_empty()
                            || name.contains([' ', '"', '\n'])
                            || !name.contains(|c: char| c.is_ascii_lowercase())
                        {
                            continue;
                        }
                        let known = all.iter().any(|action| action.name == name);
                        let value =
                            text.contains(&format!("let {name}")) || text.contains(&format!("{name}: "));
                        let value = value || text.contains(&format!("|{name}|"));
                        assert!(known || value, "{name} in {}", path.display());
                        found += usize::from(known);
                    }
                }
            }
        }
    }
    assert!(found > 40, "{found}");
}

#[test]
fn code_for_a_persons_own_executor_is_asked_about_and_runs() {
    let text = "# A\n\n```greeting +exec\nhello $((6*7))\n```\n";
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deck")).unwrap();
    let path = folder.path().join("deck/d.md");
    fs::write(&path, text).unwrap();
    let without = locate(Some(&path)).unwrap().deck();
    assert!(
        without.problems[0].message.contains("nothing is known that runs \"greeting\""),
        "{:?}",
        without.problems
    );
    let settings =
        "executors: {greeting: {command: [sh, -c, 'eval echo $(cat {file}) $NAME'], env: {NAME: Ann}}}";
    let executors = Config::read(&SourceText::new("config.yaml", settings)).value.executors;
    let located = locate(Some(&path)).unwrap().with_executors(executors);
    let deck = located.deck();
    assert_eq!(deck.problems, []);
    let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
    let runner =
        Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now()).remembering(folder.path());
    let asked = runner.asks(&deck).unwrap().expect("nobody has agreed to it");
    let rows = asked.rows(300).join("\n");
    assert!(
        rows.contains("eval echo") && rows.contains("hello $((6*7))") && rows.contains("NAME=Ann"),
        "{rows}"
    );
    // What the shell is told does what it says, wherever its file is.
    let demo = &deck.panes(0)[0].demo;
    let out = std::process::Command::new(&demo.command[0])
        .args(&demo.command[1..])
        .envs(&demo.env)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), "hello 42 Ann\n", "{out:?}");
}

/// What `greenroom config` ends with and says, for a home folder.
fn config(home: &Path, args: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_greenroom"));
    let out = command
        .arg("config")
        .args(args)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("settings"))
        .env_remove("GREENROOM_CONFIG")
        .output()
        .unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn the_settings_are_found_checked_and_printed() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("settings/greenroom/config.yaml");
    let path = file.display().to_string();
    let (code, said) = config(home.path(), &[]);
    assert!(code == 0 && said.contains("is not there: the defaults are used"), "{code} {said}");
    assert_eq!(config(home.path(), &["--path"]), (0, format!("{path}\n")));
    let (code, printed) = config(home.path(), &["--print"]);
    assert_eq!(code, 0);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &printed).unwrap();
    let (code, said) = config(home.path(), &["check"]);
    assert!(code == 0 && said.contains("0 errors, 0 warnings"), "{said}");
    assert_eq!(config(home.path(), &["--print"]), (0, printed));
    fs::write(&file, "keys:\n  next: Spce\n").unwrap();
    let (code, said) = config(home.path(), &["--check"]);
    assert!(code == 1 && said.contains("did you mean `Space`?") && said.contains(":2:9"), "{said}");
    // What cannot be read: a folder, a pipe that nobody writes to, no text, too much of it.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(config(home.path(), &[]).0, 2);
    fs::remove_dir(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    assert_eq!(config(home.path(), &[]).0, 2);
    fs::remove_file(&file).unwrap();
    fs::write(&file, [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(config(home.path(), &[]).0, 2);
    fs::write(&file, "#".repeat(200 << 10)).unwrap();
    assert_eq!(config(home.path(), &[]).0, 2);
    assert_eq!(config(home.path(), &["--config", "/does/not/exist.yaml"]).0, 2);
    assert_eq!(config(home.path(), &["nonsense"]).0, 2);
}
