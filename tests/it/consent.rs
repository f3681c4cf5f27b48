//! The card that asks before anything of a deck runs: what stands on it, and what an answer to it starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::support::stage::{Stage, deck, pane, reload, write};
use greenroom::decks::locate;
use greenroom::open;
use greenroom::runner::Runner;
use greenroom::talk::{Effect, Mode, Msg, RunnerEffect};
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::launch::{Asked, CardEntry, Launch, Starts};
use greenroom_deck::{Database, Demo, DemoKind, NamedRuntime, RuntimeName, Scenario, Variant};
use greenroom_parse as parse;
use greenroom_system::pty::Launcher;
use proptest::prelude::*;
use tokio::sync::Notify;

/// The text of a card, with its escaping undone as `launch::words` documents it.
fn undone(rows: &[String]) -> String {
    let mut text = String::new();
    for row in rows {
        match row.trim_start().strip_prefix("» ") {
            Some(further) => text.push_str(further),
            None => text = text + "\n" + row,
        }
    }
    while let Some(at) = text.find('×') {
        let (before, after) = (&text[..at], &text[at + '×'.len_utf8()..]);
        let (count, after) = after.split_once('·').unwrap();
        let start =
            if before.ends_with('·') { before.len() - '·'.len_utf8() } else { before.rfind('\\').unwrap() };
        let one = if before.ends_with('·') { " " } else { &before[start..] };
        text = format!("{}{}{after}", &before[..start], one.repeat(count.parse().unwrap()));
    }
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        out.push(match c {
            '·' => ' ',
            '\\' => match rest.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => {
                    let number: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    char::from_u32(u32::from_str_radix(&number, 16).unwrap()).unwrap()
                }
                other => other,
            },
            other => other,
        });
    }
    out
}

/// What a stranger would write.
fn foreign() -> impl Strategy<Value = String> {
    let signs = prop_oneof![
        4 => "[a-z0-9/.-]{1,5}",
        1 => Just(" ".to_owned()),
        1 => Just(" ".repeat(600)),
        2 => prop::sample::select(vec![
            "\n", "\t\t", "\"", "\\", "\\n", "\u{b7}", "\u{d7}", "\u{bb}", "\u{202e}", "\u{3164}", "\u{115f}", "\u{2800}",
            "\u{430}", "\u{1b}[2J", "\u{200b}", "·×9·", "\\u{41}", "$ ls", "y",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_filter("", |c| *c != '\0').prop_map(|c| c.to_string()),
    ];
    prop::collection::vec(signs, 1..6).prop_map(|signs| signs.concat())
}

fn env() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[A-Z_]{1,6}|[а-я]{2}", foreign(), 0..3)
}

fn runtime() -> impl Strategy<Value = Option<RuntimeName>> {
    prop::option::of(prop::sample::select(vec![RuntimeName::Gil, RuntimeName::FreeThreaded]))
}

fn named_runtime() -> impl Strategy<Value = NamedRuntime> {
    let python = prop::sample::select(vec!["gil", "3.15t", "3.9", "/opt/a b/python", "/\u{202e}x/python"]);
    ("[a-z ·\\\\\u{430}\u{3164}-]{1,9}", python, prop::option::of(foreign())).prop_map(
        |(label, python, requirements)| NamedRuntime { label, python: python.to_owned(), requirements },
    )
}

prop_compose! {
    fn demo()(
        kind in prop::sample::select(vec![DemoKind::Terminal, DemoKind::Probe, DemoKind::Bench]),
        command in prop::collection::vec(foreign(), 0..4),
        title in prop::option::of(foreign()),
        scenario in prop::option::of(Just("demos/s.yaml".to_owned())),
        directory in prop::option::of(foreign()),
        database in prop::option::weighted(0.2, Just(Database::Postgresql)),
        only in runtime(),
        runtimes in prop::collection::vec(named_runtime(), 0..3),
        env in env(),
        types in prop::collection::vec(foreign(), 0..2),
        timeout in prop::option::of(Just("20s".to_owned())),
    ) -> Demo {
        // An interpreter has to be there for a runtime; a probe looks for it by itself.
        let runtime = only.filter(|_| kind == DemoKind::Probe);
        let runtimes = if kind == DemoKind::Probe { runtimes } else { Vec::new() };
        Demo { title, kind, command, runtime, runtimes, scenario, database, directory, env, types, timeout, ..Demo::default() }
    }
}

prop_compose! {
    fn scenario()(
        directory in prop::option::of("[a-z]{1,4}"),
        env in env(),
        prepare in prop::collection::vec(prop::collection::vec(foreign(), 1..3), 0..2),
        variants in prop::collection::btree_map("[a-z \u{3164}\u{430}]{1,9}z", (prop::collection::vec(foreign(), 0..3), env(), runtime()), 1..4),
    ) -> Scenario {
        let variant = |(name, (mut command, env, runtime)): (String, (Vec<String>, BTreeMap<String, String>, _))| {
            command.push("{port}".to_owned());
            Variant { name, command, env, runtime, ..Variant::default() }
        };
        let variants = variants.into_iter().map(variant).collect();
        Scenario { path: "/".to_owned(), directory, env, prepare, variants, ..Scenario::default() }
    }
}

fn runner() -> (Runner, tempfile::TempDir) {
    let folder = deck("  a: {command: [cat]}", "# S\n");
    let located = locate(Some(&folder.path().join("deck"))).unwrap();
    let launcher = Launcher::of(PathBuf::from(env!("CARGO_BIN_EXE_greenroom")));
    (
        Runner::new(&located, launcher, Arc::new(Notify::new()), Instant::now()).remembering(folder.path()),
        folder,
    )
}

const SIZE: Size = Size { columns: 80, rows: 24 };

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// C1: whatever the keys of a demo are, what would be started stands on the card, or nothing is started.
    #[test]
    fn c1_each_word_of_what_is_started_stands_on_the_card(demo in demo(), scenario in scenario(), name in foreign()) {
        let (runner, folder) = runner();
        // A scenario as it can be read back: JSON is YAML.
        write(folder.path(), "demos/s.yaml", &serde_json::to_string(&scenario).unwrap());
        let located = locate(Some(&folder.path().join("deck"))).unwrap();
        let scenario = parse::scenario(&*located.files, "demos/s.yaml").value;
        let scenarios = [("demos/s.yaml".to_owned(), Arc::new(scenario.clone()))].into();
        let Ok(launch) = Launch::of(&demo, &scenarios) else { return Ok(()) };
        let entries = vec![CardEntry { name: name.clone(), slides: vec![2], launch: launch.clone() }];
        let asked = Asked { fingerprint: String::new(), changed: Vec::new(), each_session: None, each_start: false, entries };
        let rows = asked.rows(usize::MAX);
        let known = |c: char| c.is_ascii_graphic() || " ·×»".contains(c);
        prop_assert!(rows.iter().all(|row| row.chars().all(known)), "{rows:?}");
        let card = undone(&rows);
        let mut words: Vec<String> = vec![name];
        words.extend(demo.env.iter().flat_map(|(name, value)| [name.clone(), value.clone()]));
        words.extend(demo.directory.clone());
        words.extend(demo.types.clone());
        if let Starts::Bench { .. } = launch.starts {
            words.extend(scenario.directory);
            words.extend(scenario.prepare.concat());
            words.extend(scenario.env.into_iter().flat_map(|(name, value)| [name, value]));
            for variant in scenario.variants {
                words.push(variant.name);
                words.extend(variant.command);
                words.extend(variant.env.into_iter().flat_map(|(name, value)| [name, value]));
            }
        }
        let agreed = open::deck(&*located.files, &located.entry);
        runner.agree(&agreed).unwrap();
        if let Ok(mut spec) = runner.spec(&agreed, &launch, SIZE) {
            // Where the deck lies is Greenroom's own word.
            spec.env.remove("GREENROOM_DECK");
            // A program is the deck's to the last word; a bench and a probe are started by Greenroom itself.
            let by_us = matches!(launch.starts, Starts::Bench { .. } | Starts::Probe { .. });
            let own = |word: &String| by_us && !launch_words(&demo).contains(word);
            // What is not of the deck is Greenroom's own, and known.
            let (of_deck, others): (Vec<String>, Vec<String>) =
                std::iter::once(spec.program).chain(spec.args).partition(|word| !own(word));
            for other in others {
                let known = ["bench", "probe", "stage", "3", "--", "--json", "--protocol", "--profile", "--postgresql"];
                let options = ["--title=", "--only=", "--beside=", "--beside-requirements="];
                let path = folder.path().join("deck/demos/s.yaml");
                prop_assert!(
                    known.contains(&other.as_str()) || options.iter().any(|option| other.starts_with(option))
                        || other == env!("CARGO_BIN_EXE_greenroom") || other.ends_with("demos/s.yaml"),
                    "{other:?} {path:?}"
                );
                words.extend(other.strip_prefix("--title=").map(str::to_owned));
                words.extend(other.strip_prefix("--only=").map(str::to_owned));
                let labelled = ["--beside=", "--beside-requirements="];
                let labelled = labelled.into_iter().find_map(|option| other.strip_prefix(option)?.split_once('='));
                words.extend(labelled.into_iter().flat_map(|(label, value)| [label.to_owned(), value.to_owned()]));
            }
            words.extend(of_deck);
            words.extend(spec.env.into_iter().flat_map(|(name, value)| [name, value]));
        }
        for word in words {
            prop_assert!(card.contains(&word), "{word:?} is not on\n{card}");
        }
    }
}

fn launch_words(demo: &Demo) -> Vec<String> {
    demo.command.iter().chain(&demo.scenario).cloned().collect()
}

/// The errors of an outline with these demos.
fn errors(demos: &str, slides: &str) -> (Vec<String>, greenroom_deck::Deck) {
    let scenario =
        "path: /\nvariants: [{name: a, command: [s, \"{port}\"]}, {name: b, command: [t, \"{port}\"]}]\n";
    let files = MemoryFiles::new()
        .with("talk.yaml", format!("title: T\nsections: [{{title: S, file: s.md}}]\ndemos:\n{demos}\n"))
        .with("s.md", slides.to_owned())
        .with("s.yaml", scenario);
    let deck = open::deck(&files, "talk.yaml");
    let said = |problem: &greenroom_base::diag::Diagnostic| {
        let place = problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{place} {}", problem.message)
    };
    (deck.problems.iter().map(said).collect(), deck)
}

#[test]
fn c1_contradictory_demos_are_errors_and_never_start() {
    let wrong = [
        ("{scenario: s.yaml, command: [sh, -c, evil]}", "names both"),
        ("{kind: probe, scenario: s.yaml, command: [sh, -c, evil]}", "names both"),
        ("{kind: bench, scenario: s.yaml, command: [sh, -c, evil]}", "names both"),
        ("{scenario: missing.yaml, command: [sh, -c, evil]}", "names both"),
        ("{scenario: s.yaml}", "only a bench measures a scenario"),
        ("{kind: terminal, scenario: s.yaml}", "only a bench measures a scenario"),
        ("{kind: bench, scenario: missing.yaml}", "there is no file"),
        ("{kind: bench, scenario: s.yaml, directory: d}", "`directory` means nothing"),
        ("{kind: bench, scenario: s.yaml, runtime: gil}", "`runtime` means nothing"),
        ("{kind: bench, scenario: s.yaml, types: [x]}", "`types` means nothing"),
        ("{kind: bench, scenario: s.yaml, database: sqlite}", "`database` means nothing"),
        ("{command: [x], database: postgresql}", "only a probe"),
        ("{kind: probe, command: [x], database: sqlite}", "no other database"),
        ("{kind: probe, command: [x], types: [y]}", "nobody types"),
        ("{command: [x], env: {'A=B': c}}", "a variable's name"),
        ("{command: [x], env: {'': c}}", "a variable's name"),
        ("{command: [x], directory: ../y}", "leads out"),
        ("{command: [x], timeout: never}", "no length of time"),
        ("{command: [x], comand: [y]}", "comand"),
        ("{command: [x], command: [y]}", "more than once"),
        ("{command: [x], directory: [y]}", "directory"),
        ("{kind: bench, command: ['']}", "empty"),
        ("{command: [x], runtimes: [{label: a, python: 3.15t}]}", "only a probe"),
        ("{kind: probe, command: [x], runtimes: [{label: a, python: bin/python}]}", "names no Python"),
        ("{kind: probe, command: [x], runtimes: [{label: '', python: gil}]}", "label"),
        (
            "{kind: probe, command: [x], runtimes: [{label: a, python: gil}, {label: a, python: 3.15t}]}",
            "two runtimes",
        ),
        (
            "{kind: probe, command: [x], runtimes: [{label: a, python: gil, requirements: no.txt}]}",
            "there is no file",
        ),
        ("{kind: probe, command: [x], requirements: ../no.txt}", "leads out"),
        ("{command: [x], requirements: s.yaml}", "packages are for a runtime"),
    ];
    for (demo, message) in wrong {
        let (errors, deck) = errors(&format!("  a: {demo}"), "# S\n\n```pane\ndemo: a\n```\n");
        let found = errors.iter().any(|error| error.starts_with("talk.yaml:4:") && error.contains(message));
        assert!(found, "{demo}: {errors:?}");
        for (name, demo) in deck.demos() {
            assert!(Launch::of(&demo, &deck.scenarios).is_err(), "{name}: {demo:?} starts");
        }
        assert_eq!(greenroom_deck::launch::all(&deck), []);
    }
}

#[test]
fn c1_a_pane_cannot_make_a_demo_contradict_itself() {
    let declared =
        "  a: {command: [sh]}\n  b: {kind: bench, scenario: s.yaml}\n  c: {comand: [x], command: [y]}";
    let wrong = [
        ("demo: a\nscenario: s.yaml", "s.md:5:"),
        ("demo: b\ncommand: [evil]", "s.md:5:"),
        ("demo: b\nkind: terminal", "s.md:5:"),
        ("command: [evil]\nscenario: s.yaml", "s.md:4:"),
        ("demo: a\ndirectory: ../x", "s.md:5:"),
        ("demo: a\ndirectry: x", "s.md:5:"),
        ("demo: c\ntitle: x", ""),
    ];
    for (body, place) in wrong {
        let (errors, deck) = errors(declared, &format!("# S\n\n```pane\n{body}\n```\n"));
        assert!(
            place.is_empty() || errors.iter().any(|error| error.starts_with(place)),
            "{body}: {errors:?}"
        );
        let pane = deck.panes(2).pop().unwrap();
        assert!(Launch::of(&pane.demo, &deck.scenarios).is_err(), "{body}: {:?}", pane.demo);
    }
}

#[test]
fn h3_04_names_directories_and_variants_are_quoted_like_words() {
    let name = format!("hello:  $ echo hello{}", " ".repeat(3000));
    let demos = format!("  ? {name:?}\n  : {{command: [evil], directory: 'in  x', env: {{'A B': c}}}}");
    let folder = deck(&demos, "# S\n");
    let mut stage = Stage::open(folder.path(), false, false);
    write(folder.path(), "s.md", &pane("x"));
    let deck = Arc::clone(stage.talk.deck());
    let rows = stage.runner.asks(&deck).unwrap().unwrap().rows(76);
    assert!(rows.iter().any(|row| row.starts_with("\"hello:  $ echo hello·×3000·\":  $ evil")), "{rows:#?}");
    assert!(rows.iter().any(|row| row == "    in \"in  x\""), "{rows:#?}");
    assert!(rows.iter().any(|row| row == "    with \"A B\"=c"), "{rows:#?}");
    stage.press("3");
}

#[test]
fn c20_the_code_of_two_slides_is_told_apart() {
    let files = MemoryFiles::new().with(
        "c20.md",
        "# One\n\n```bash +exec\necho 1\n```\n\n---\n\n# Two\n\n```bash +exec\necho 2\n```\n",
    );
    let deck = open::deck(&files, "c20.md");
    let entries = greenroom_deck::launch::all(&deck);
    let asked = Asked {
        fingerprint: String::new(),
        changed: Vec::new(),
        each_session: None,
        each_start: false,
        entries,
    };
    let rows = asked.rows(80);
    let named = |slide: &str, code: &str| {
        let row = rows.iter().find(|row| row.contains(code)).unwrap();
        assert!(row.contains(slide), "{rows:#?}");
    };
    let at = |title: &str| deck.slides.iter().position(|slide| slide.title.to_plain() == title).unwrap() + 1;
    named(&format!("slide {}", at("One")), "echo 1");
    named(&format!("slide {}", at("Two")), "echo 2");
}

fn reads(stage: &Stage) -> bool {
    matches!(stage.talk.mode(), Mode::Consent(card) if card.is_read())
}

/// H3 03: the answer counts only after the last row was on the screen.
#[test]
fn h3_yes_counts_only_after_the_last_row_was_shown() {
    let script = "echo hello;".to_owned() + &"\n".repeat(5) + &"true; ".repeat(900) + "echo it runs";
    let folder = deck(&format!("  a: {{command: [sh, -c, {script:?}]}}"), &pane("a"));
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>xyyY");
    assert!(matches!(stage.talk.mode(), Mode::Consent(_)) && !reads(&stage));
    assert!(stage.screen().contains("more rows; y after the last"), "{}", stage.screen());
    stage.press(" ");
    assert!(!reads(&stage));
    for _ in 0..20 {
        stage.press(" ");
    }
    assert!(stage.screen().contains("it runs"), "{}", stage.screen());
    // On a screen of another size it has to be read again, where it does not fit.
    stage.tell(Msg::Resize(Size { columns: 20, rows: 5 }));
    stage.tell(Msg::Resize(Size { columns: 19, rows: 4 }));
    stage.press("y");
    assert!(!reads(&stage));
    assert!(stage.screen().replace('\n', "").contains("Too small"), "{}", stage.screen());
    stage.tell(Msg::Resize(Size { columns: 20, rows: 5 }));
    stage.press("<home>y");
    assert!(!reads(&stage));
    assert!(stage.screen().contains("n no"), "{}", stage.screen());
    stage.press("<end>");
    assert!(reads(&stage) && stage.screen().contains("y yes"), "{}", stage.screen());
    stage.tell(Msg::Resize(Size { columns: 90, rows: 28 }));
    stage.press("<end>y");
    stage.until_says("it runs");
}

/// H3 02: nothing of the deck's theme is on the card.
#[test]
fn h3_02_the_card_has_colours_of_its_own() {
    let folder = deck("  a: {command: [sh]}", &pane("a"));
    write(
        folder.path(),
        "talk.yaml",
        "title: T\ntheme: t.yaml\nsections: [{title: S, file: s.md}]\ndemos: {a: {command: [sh]}}\n",
    );
    write(
        folder.path(),
        "t.yaml",
        "text: \"#101010\"\nbackground: \"#101010\"\naccent: \"#101010\"\nmuted: \"#101010\"\n",
    );
    let located = locate(Some(&folder.path().join("deck"))).unwrap();
    let deck = Arc::new(open::deck(&*located.files, &located.entry));
    for size in [SIZE, Size { columns: 30, rows: 8 }] {
        let (runner, _kept) = runner();
        let asked = Arc::new(runner.asks(&deck).unwrap().unwrap());
        let mut talk =
            greenroom::talk::Talk::new(Arc::clone(&deck), size, greenroom::talk::Settings::default());
        let key = |c: char| Msg::Key(crossterm::event::KeyCode::Char(c).into());
        let now = greenroom_base::clock::Elapsed::ZERO;
        talk.update(key('3'), now);
        talk.update(Msg::Key(crossterm::event::KeyCode::Enter.into()), now);
        talk.update(key('x'), now);
        let generation = std::iter::from_fn(|| talk.next_effect()).find_map(|effect| match effect {
            Effect::Runner(RunnerEffect::Start { generation, .. }) => Some(generation),
            _ => None,
        });
        talk.update(Msg::NotAgreed { generation: generation.unwrap(), asked }, now);
        let frame = greenroom::view::audience(&talk, &greenroom_render::paint::RenderCache::new(), now);
        assert!(
            frame.text().contains("Run these commands?") && frame.text().contains("$ sh"),
            "{}",
            frame.text()
        );
        let colours = [greenroom_deck::Rgb(255, 255, 255).into(), greenroom_deck::Rgb(0, 0, 0).into()];
        assert!(frame.cells.content.iter().all(|cell| [cell.fg, cell.bg] == colours), "{:?}", frame.cells);
        assert!(frame.pictures.is_empty() && frame.texts.is_empty());
    }
}

/// M6: the answer is about what was on the card, whatever the deck is by then.
#[test]
fn m6_a_reload_closes_the_card_and_cancels_what_waited() {
    let folder = deck("  a: {command: [sh, demos/a.sh]}", &pane("a"));
    write(folder.path(), "demos/a.sh", "echo first");
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    assert!(reads(&stage));
    write(folder.path(), "demos/a.sh", "touch ../ran; echo second");
    // Nothing that the slides show has changed.
    reload(&mut stage);
    assert_eq!(stage.talk.mode(), &Mode::Slide);
    stage.press("y");
    stage.until_says("was reloaded while you were asked");
    assert!(!folder.path().join("ran").exists());
    stage.press("x");
    assert!(reads(&stage));
}

/// Issue 12: two answers on their way, and the deck is another one in between.
#[test]
fn m6_an_answer_on_its_way_agrees_to_nothing_newer() {
    let folder = deck("  a: {command: [sh, demos/a.sh]}", &pane("a"));
    write(folder.path(), "demos/a.sh", "echo first");
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>x");
    let y = || Msg::Key(crossterm::event::KeyCode::Char('y').into());
    let (mut first, second) = (stage.ask(y()), stage.ask(y()));
    assert_eq!((first.len(), second.len()), (1, 0), "the second one is a key of the slide");
    write(folder.path(), "demos/a.sh", "touch ../ran; echo second");
    reload(&mut stage);
    let answer = stage.answer(first.remove(0));
    stage.tell(answer);
    stage.until_says("was reloaded while you were asked");
    assert!(!stage.runner.is_agreed(stage.talk.deck()) && !folder.path().join("ran").exists());
    // And without a reload: the start looks again.
    stage.press("x");
    let mut first = stage.ask(y());
    write(folder.path(), "demos/a.sh", "touch ../ran; echo third");
    let answer = stage.answer(first.remove(0));
    stage.tell(answer);
    assert!(matches!(stage.talk.mode(), Mode::Consent(_)), "asked again");
    assert!(!folder.path().join("ran").exists());
}

/// Issue 12: what was typed before the card was there is no answer to it.
#[test]
fn m6_type_ahead_answers_nothing() {
    let folder = deck("  a: {command: [sh, -c, 'touch ../ran']}", &pane("a"));
    let mut stage = Stage::open(folder.path(), false, false);
    stage.press("3<ret>");
    let now = stage.now();
    let key = |c: char| Msg::Key(crossterm::event::KeyCode::Char(c).into());
    let mut effects = stage.ask(key('x'));
    let start = effects.iter().position(|effect| matches!(effect, RunnerEffect::Start { .. })).unwrap();
    let answer = stage.answer(effects.remove(start));
    stage.talk.update(answer, now);
    // The stage takes this in before it draws.
    assert_eq!(stage.ask(key('y')), []);
    assert!(matches!(stage.talk.mode(), Mode::Consent(_)));
    stage.talk.drawn();
    assert_eq!(stage.ask(key('y')).len(), 1);
}

/// `i` installs nothing before its own question: which packages, and from where.
#[test]
fn a_setup_on_the_stage_asks_with_the_same_card() {
    let folder = deck("  a: {command: [python, a.py], runtime: gil}", &pane("a"));
    let hash = "0".repeat(64);
    let lock = |version: &str| format!("evil=={version} --hash=sha256:{hash}\n");
    write(folder.path(), "demos/locks/requirements.txt", &lock("1.0"));
    let mut stage = Stage::open(folder.path(), true, false);
    let press = |stage: &mut Stage, c: char| stage.ask(Msg::Key(crossterm::event::KeyCode::Char(c).into()));
    stage.press("3<ret>");
    let mut start = press(&mut stage, 'x');
    let Some(RunnerEffect::Start { generation, .. }) = start.pop() else { panic!("{start:?}") };
    stage.tell(Msg::NotReady { generation, reason: "there is no environment".to_owned() });
    for refusal in ["n", "q", "<esc>"] {
        stage.press("i");
        let screen = stage.screen();
        assert!(
            screen.contains("Install these packages?") && screen.contains("install evil==1.0"),
            "{screen}"
        );
        assert!(screen.contains("from https://") && screen.contains("y  install them"), "{screen}");
        stage.press(refusal);
        // The room sees that nothing runs, and nothing else.
        assert!(stage.screen().contains("not started"), "{}", stage.screen());
        assert!(stage.screen().contains("i sets it up"), "{}", stage.screen());
    }
    stage.press("i");
    let agreed = press(&mut stage, 'y');
    let [RunnerEffect::SetUp { agreed: Some(_), .. }] = agreed.as_slice() else { panic!("{agreed:?}") };
    // Other packages than those that were shown are asked for anew.
    write(folder.path(), "demos/locks/requirements.txt", &lock("2.0"));
    let answer = stage.answer(agreed[0].clone());
    assert!(matches!(answer, Msg::NotAgreed { .. }), "{answer:?}");
    stage.tell(answer);
    assert!(stage.screen().contains("evil==2.0"), "{}", stage.screen());
    // The deck that is read again closes this card, too.
    reload(&mut stage);
    assert_eq!(stage.talk.mode(), &Mode::Slide);
}
