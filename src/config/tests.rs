use super::*;
use crate::keys::{Key, ch, ctrl, plain};
use crossterm::event::KeyCode;

fn read(text: &str) -> Warned<Config> {
    Config::read(&SourceText::new("config.yaml", text))
}

/// What is said, as `line:column severity message (hint)`.
fn said(text: &str) -> Vec<String> {
    let told = |problem: &Diagnostic| {
        let place = problem.place.as_ref().unwrap();
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        let hint = problem.hint.as_deref().unwrap_or_default();
        format!("{}:{} {severity}: {} ({hint})", place.line, place.column, problem.message)
    };
    read(text).problems.iter().map(told).collect()
}

fn keys(config: &Config, name: &str) -> Vec<String> {
    let action =
        keys::groups().into_iter().flat_map(|(_, actions)| actions).find(|action| action.name == name);
    let action = action.unwrap();
    config.keymap.named(name, action.keys).iter().map(Key::spelled).collect()
}

#[test]
fn settings_and_keys_are_read() {
    let text = "theme: light\ntheme_wins: true\nscale: 1.5\ncolors: 256\nimages: kitty\ntransition: fade\nclock: true\n\
                timer: open\nremote: on\nkeys:\n  next: [n, PageDown]\n  quit: Q\n  first-slide: [g g]\n";
    let Warned { value, problems } = read(text);
    // `n` was `next-found`'s.
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(value.theme.as_deref(), Some("light"));
    assert_eq!((value.theme_wins, value.clock), (true, Some(true)));
    assert_eq!((value.colors, value.images), (Some(ColorsName::C256), Some(ImagesName::Kitty)));
    assert_eq!(value.remote, "on".parse().ok());
    assert_eq!(keys(&value, "next"), ["n", "PageDown"]);
    assert_eq!(keys(&value, "next-found"), [""; 0]);
    assert_eq!(keys(&value, "quit"), ["Q"]);
    assert_eq!(keys(&value, "previous"), ["Left", "h", "p", "PageUp", "Backspace"]);
    assert!(read("").value.is_standard() && said("").is_empty());
    assert!(said("colors: true\nremote: 127.0.0.1:80\nremote_: 1\n")[0].contains("remote_"));
}

#[test]
fn each_mistake_is_told_with_its_place_and_what_to_write() {
    for (text, expected) in [
        ("them: dark\n", "1:1 error: unknown key `them` (did you mean `theme`?)"),
        ("theme: drak\n", "1:8 error: `theme` cannot be `drak` (did you mean `dark`?)"),
        ("keys: {nxt: n}\n", "did you mean `next`?"),
        ("keys:\n  next: Spce\n", "2:9 error: there is no key `Spce` (did you mean `Space`?)"),
        ("keys:\n  next: [n, ctrl+n]\n", "2:13 error: there is no key `ctrl+n` (did you mean `Ctrl-n`?)"),
        (
            "keys:\n  next: a\n  previous: a\n",
            "3:13 error: `a` is bound twice on a slide: to `next` and to `previous`",
        ),
        ("keys:\n  next: gg\n  previous: g\n", "begin with the same key on a slide"),
        ("keys:\n  quit: []\n", "2:3 error: `quit` needs a key: it is a way out"),
        ("keys:\n  refuse: []\n", "`refuse` needs a key"),
        ("keys:\n  next: q\n  quit: q\n", "bound twice on a slide"),
        ("keys:\n  next: Ctrl-c\n", "it always leaves the talk"),
        ("keys:\n  quit: F5\n", "clickers send it"),
        ("keys:\n  agree: x\n", "pressed twice it would say yes"),
        ("keys:\n  agree: Enter\n", "clickers send it"),
        ("keys:\n  next: 1\n", "digits go to a slide"),
        ("keys:\n  overview-down: j\n", "it is typed there"),
        ("keys:\n  help-next: Esc\n", "it is the way out there"),
        ("keys:\n  leave-program: x\n", "the program there reads it"),
        ("keys:\n  next: Alt-]\n", "what a terminal says by itself"),
        ("keys:\n  next: Ctrl-i\n", "a terminal sends `Tab`"),
        ("keys: 5\n", "keys"),
        ("keys: [\n", "no YAML"),
        ("timer: never\n", "write move, open, key"),
        ("clock: 5\n", "clock"),
    ] {
        let said = said(text);
        assert!(said.iter().any(|line| line.contains(expected)), "{text}: {said:?}");
        assert!(said.iter().any(|line| line.contains(" error: ")), "{text}: {said:?}");
        // Whatever is wrong, a talk can be left.
        let config = read(text).value;
        assert!(!keys(&config, "quit").is_empty() && !keys(&config, "leave-pane").is_empty(), "{text}");
    }
}

#[test]
fn a_key_that_is_bound_is_taken_from_who_had_it() {
    let config = read("keys: {next: x}\n");
    assert_eq!(config.problems, []);
    assert_eq!(keys(&config.value, "run"), ["Ctrl-e"]);
    let said = said("keys:\n  next: r\n");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].starts_with("2:9 warning: `reload` has no key any more: `r` is `next`'s now"),
        "{said:?}"
    );
    // But not the only one of a way out.
    let text = "keys:\n  recording-pause: Esc\n";
    assert!(super::tests::said(text)[0].contains("it is the only key of `leave-pane`, a way out"));
    assert_eq!(keys(&read(text).value, "recording-pause"), ["Space"]);
    // In the presenter view its own keys come first.
    assert!(
        super::tests::said("keys:\n  next: J\n")[0].contains("in the presenter view `J` is `notes-down`'s")
    );
}

#[test]
fn what_is_printed_reads_as_the_same_and_has_every_action() {
    for text in ["", "theme: light\nscale: 2\ncolors: 256\nkeys: {next: [n, Space], quit: [Q], reload: []}\n"]
    {
        let config = read(text).value;
        let printed = print(&config);
        let again = read(&printed);
        assert_eq!(errors(&again.problems), 0, "{printed}\n{:?}", again.problems);
        for action in keys::groups().into_iter().flat_map(|(_, actions)| actions) {
            assert_eq!(
                again.value.keymap.named(action.name, action.keys),
                config.keymap.named(action.name, action.keys),
                "{}",
                action.name
            );
            assert!(printed.contains(&format!("\n  {}: [", action.name)), "{}", action.name);
        }
        assert_eq!((again.value.theme, again.value.scale), (config.theme, config.scale));
        assert_eq!(again.value.colors, config.colors);
    }
}

#[test]
fn the_command_line_wins_over_the_file_and_a_deck_over_both_but_for_theme_wins() {
    use clap::Parser;
    let of = |args: &[&str]| crate::cli::Cli::try_parse_from(args).unwrap().present;
    let config = read("clock: true\nremote: on\ntransition: fade\ntheme: light\n").value;
    let mut options = of(&["greenroom", "--clock=false", "--remote=off"]);
    config.fill(&mut options);
    assert_eq!((options.clock, options.remote), (Some(false), "off".parse().ok()));
    assert_eq!(options.transition, Some(TransitionName::Fade));
    let deck = |text: &'static str| {
        greenroom_parse::deck(&greenroom_base::files::MemoryFiles::new().with("d.md", text), "d.md")
    };
    assert_eq!(config.theme_for(&deck("# A\n")), Some("light"));
    let own = deck("---\ntheme: {name: dark}\n---\n# A\n");
    assert_eq!(config.theme_for(&own), None);
    let wins = read("theme: light\ntheme_wins: true\n").value;
    assert_eq!(wins.theme_for(&own), Some("light"));
    assert_eq!(wins.adapt(own).theme.name, "light");
}

#[test]
fn every_action_can_have_another_key() {
    let free = [plain(KeyCode::F(9)), ch('ß'), ctrl('t')];
    for action in keys::groups().into_iter().flat_map(|(_, actions)| actions) {
        let bound = free.iter().any(|key| {
            let text = format!("keys:\n  {}: {}\n", action.name, key.spelled());
            let Warned { value, problems } = read(&text);
            problems.is_empty() && keys(&value, action.name) == [key.spelled()]
        });
        assert!(bound, "{}", action.name);
    }
}

#[test]
fn the_schema_is_the_published_one() {
    let schema = schema_text();
    assert!(
        schema == include_str!("../../assets/config.schema.json"),
        "assets/config.schema.json is out of date: greenroom schema config > assets/config.schema.json"
    );
}
