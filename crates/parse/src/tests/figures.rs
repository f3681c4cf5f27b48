//! Figures, wherever text shows, and templates that are none.

use super::*;
use greenroom_deck::{Block, Mark};

/// The deck of `text`, whose figures have their words as numbers; those that ask for `nothing` have none.
fn filled(text: &str) -> Deck {
    filled_with(text, "")
}

fn filled_with(text: &str, part: &str) -> Deck {
    let files = MemoryFiles::new().with("talk.md", text.to_owned()).with("part.md", part.to_owned());
    interpolated(&files.with("dot.svg", "<svg width='1' height='1'/>"), "talk.md")
}

fn interpolated(files: &MemoryFiles, entry: &str) -> Deck {
    let mut deck = super::super::deck(files, entry);
    deck.interpolate(&mut |figure| match &*figure.words.join("-") {
        "nothing" => Err("nothing is there".to_owned()),
        words => Ok(format!("#{words}#").into()),
    });
    deck
}

/// What is wrong with a deck, without hints.
fn located(deck: &Deck) -> Vec<String> {
    let line = |problem: &Diagnostic| Diagnostic { hint: None, ..problem.clone() }.to_string();
    deck.problems.iter().map(line).collect()
}

/// What a deck of one slide says, and where what is wrong with it is.
fn says(text: &str) -> (String, Vec<String>) {
    let deck = filled(&format!("Z\n\n{text}"));
    let words = deck.words(0);
    let problems = located(&deck);
    (words.strip_prefix("Z\n").unwrap_or(&words).trim_end().to_owned(), problems)
}

#[test]
fn a_figure_shows_wherever_text_does() {
    let same = |text: &str, shows: &str| assert_eq!(says(text), (shows.to_owned(), Vec::new()), "{text}");
    same("{{r/a.ndjson one}}", "#one#");
    same("a {{ r/a.ndjson  one  2 }}, b", "a #one-2#, b");
    same("**{{a.ndjson one}} times** as *{{b.ndjson two}}*.", "#one# times as #two#.");
    same("# A {{a.ndjson one}}", "A #one#");
    same("A {{a.ndjson one}}\n----------", "A #one#");
    same("- a {{a.ndjson one}}\n- b\n\n  {{a.ndjson two}}\n", "a #one#\nb\n#two#");
    same("1) {{a.ndjson one}}\n2) [x] {{a.ndjson two}}", "#one#\n#two#");
    same("> {{a.ndjson one}}\n\n> [!NOTE]\n> {{a.ndjson two}}", "#one#\n#two#");
    same(
        "| {{a.ndjson one}} | b |\n|---|---|\n| c | {{a.ndjson two}}{{a.ndjson three}} |",
        "#one#  b\nc  #two##three#",
    );
    same("t{{a.ndjson one}}\n: m {{a.ndjson two}}", "t#one#\nm #two#");
    same("a[^1]\n\n[^1]: see {{a.ndjson one}}", "a1\nsee #one#");
    same("[{{a.ndjson one}} req/s](https://x.y/)", "#one# req/s");
    same("![a {{a.ndjson one}} b](dot.svg)", "a #one# b");
    same("see ![a {{a.ndjson one}}](dot.svg)", "see\na #one#");
    same("a<br>{{a.ndjson one}} <span style=\"color: red\">{{a.ndjson two}}</span>", "a\n#one# #two#");
    same("~~{{a.ndjson one}}~~ {{a.ndjson one}}^2^", "#one# #one#2");
    same("<!-- column_layout: [1, 1] -->\n<!-- column: 1 -->\n{{a.ndjson one}}\n", "#one#");
}

#[test]
fn what_is_between_the_braces_is_no_markdown() {
    let same = |text: &str, shows: &str| assert_eq!(says(text), (shows.to_owned(), Vec::new()), "{text}");
    same("{{r/_a_.ndjson counter __init__ gil}} *b*", "#counter-__init__-gil# b");
    same("*a {{r/x~y~z.ndjson one}} b* {{a.ndjson *x* **y**}}", "a #one# b {{a.ndjson x y}}");
    same("{{a.ndjson one *x* **y**}}{{a.ndjson two}}", "#one-*x*-**y**##two#");
    same("a {{a.ndjson smile :rocket:}} b", "a #smile-:rocket:# b");
}

#[test]
fn templates_stay_as_they_are() {
    for text in [
        "{{ user.name }}",
        "{{ movie.cast }}",
        "{{ value|default:\"nothing\" }}",
        "{% for x in y %}{{ x }}{% endfor %}",
        "{{ a.cast if b else c }}",
        "\\{{a.ndjson one}}",
        "{{a.ndjson",
        "}} {{ {x} }}",
    ] {
        let shows = text.trim_start_matches('\\');
        for (before, after) in
            [("", ""), ("# ", ""), ("- ", ""), ("> ", ""), ("**", "**"), ("[", "](https://x.y/)")]
        {
            assert_eq!(
                says(&format!("{before}{text}{after}")),
                (shows.to_owned(), Vec::new()),
                "{before}{text}"
            );
        }
    }
    for code in ["{{ user.name }}", "{{r/a.ndjson one}}", "{{a.ndjson nothing}}"] {
        let same = |text: &str, shows: &str| assert_eq!(says(text), (shows.to_owned(), Vec::new()), "{text}");
        same(&format!("`{code}` b"), &format!("{code} b"));
        same(&format!("`` {code}` ``"), &format!("{code}`"));
        same(&format!("    {code}"), code);
        same(&format!("```\n{code}\n```"), code);
        same(&format!("- a\n\n  ~~~jinja\n  {code}\n  ~~~\n"), &format!("a\n{code}"));
        same(&format!("> ```\n> {code}\n> ```\n"), code);
        same(&format!("a <span title=\"{code}\">b</span>"), "a b");
    }
}

#[test]
fn notes_have_figures_and_their_code_has_none() {
    let text = "# A\n\n<!-- speaker_note: at {{a.ndjson one}} -->\n\n- b <!-- speaker_note: {{a.ndjson two}}, `{{a.ndjson two}}` -->\n\n\
                <!--\nspeaker_note: |\n  `{{a.ndjson one}}` and {{ user.name }}:\n\n  - **{{a.ndjson one}}**\n    {{a.ndjson nothing}}\n-->\n";
    let deck = filled(text);
    let notes = "at #one#\n\n#two#, `{{a.ndjson two}}`\n\n`{{a.ndjson one}}` and {{ user.name }}:\n\n- **#one#**\n  ?";
    assert_eq!(deck.slides[0].notes, notes);
    let problems = located(&deck);
    assert_eq!(problems, ["talk.md:12:5: nothing is there"]);
    assert_eq!(deck.slides[0].problems, deck.problems);
}

#[test]
fn included_files_have_figures_and_templates() {
    let deck = filled_with(
        "# A\n\n{{a.ndjson one}}\n\n<!-- include: part.md -->\n\n{{a.ndjson nothing}}\n\n517 req/s\n",
        "{{a.ndjson two}} `{{ user.name }}` {{ user.name }}\n\n- {{a.ndjson nothing}}\n- 517 req/s\n",
    );
    assert_eq!(
        deck.words(0),
        "A\n#one#\n#two# {{ user.name }} {{ user.name }}\n?\n517 req/s\n?\n517 req/s\n"
    );
    let problems: Vec<String> =
        deck.problems.iter().map(|problem| problem.place.as_ref().unwrap().to_string()).collect();
    assert_eq!(problems, ["part.md:3:3", "part.md:4:3", "talk.md:7:1", "talk.md:9:1"]);
}

#[test]
fn problems_point_into_the_authors_text() {
    let (text, problems) = says("a {{r/a.ndjson one}} {{r/a.ndjson nothing}} {{z.ndjson nothing}}\n\n<x>\n");
    assert_eq!(text, "a #one# ? ?");
    assert_eq!(problems[..2], ["talk.md:3:22: nothing is there", "talk.md:3:45: nothing is there"]);
    assert!(problems[2].starts_with("talk.md:5:1:"), "{problems:?}");
    let deck = filled("# A\n\n- a {{r/a.ndjson nothing}} b\n");
    let place = deck.problems[0].place.as_ref().unwrap();
    assert_eq!((&*place.text, place.length), ("- a {{r/a.ndjson nothing}} b", 22));
    assert_eq!(deck.slides[0].problems, deck.problems);
}

#[test]
fn titles_and_the_outline_have_figures() {
    let front = "---\ntitle: \"{{a.ndjson one}} *times*\"\nsub_title: or {{a.ndjson two}}\nauthor: '{{a.ndjson nothing}}'\n---\n# B\n";
    let deck = filled(front);
    assert_eq!(
        (deck.outline.title.as_str(), deck.slides[0].title.to_plain().as_str()),
        ("#one# times", "#one# times")
    );
    assert_eq!(deck.slides[0].title.0[1].mark, Mark::EMPHASIS);
    assert_eq!(
        (deck.outline.subtitle.as_deref(), deck.outline.speaker.as_deref()),
        (Some("or #two#"), Some("?"))
    );
    let problems = located(&deck);
    assert_eq!(problems, ["talk.md:4:10: nothing is there"]);
    assert_eq!(deck.slides[0].problems, deck.problems);

    let deck = filled("# {{a.ndjson nothing}} things\n");
    assert_eq!((deck.outline.title.as_str(), deck.problems.len()), ("? things", 1));

    let outline = "title: A {{a.ndjson one}}\nsections:\n- {title: \"B {{a.ndjson nothing}}\", file: b.md}\ndemos:\n  \
                   x: {command: [echo, \"{{a.ndjson nothing}}\"]}\n";
    let deck =
        interpolated(&MemoryFiles::new().with("talk.yaml", outline).with("b.md", "# C\n"), "talk.yaml");
    assert_eq!((deck.outline.title.as_str(), deck.outline.sections[0].title.as_str()), ("A #one#", "B ?"));
    assert_eq!(
        (deck.slides[0].title.to_plain(), deck.slides[1].title.to_plain()),
        ("A #one#".into(), "B ?".into())
    );
    let problems = located(&deck);
    assert_eq!(problems, ["talk.yaml:3:14: nothing is there"]);
    assert_eq!(deck.outline.demos["x"].command[1], "{{a.ndjson nothing}}");
}

#[test]
fn a_number_is_words_and_nothing_else() {
    let mut deck = markdown("# A\n\n{{a.ndjson one}} b\n");
    let slide = |deck: &Deck| deck.slides[0].body[0].block.clone();
    let Block::Paragraph(text) = slide(&deck) else { panic!("{deck:?}") };
    assert_eq!((text.0.len(), text.figures().count()), (2, 1));
    deck.interpolate(&mut |_| Ok("**x**\u{1b}[31m\n`y`".into()));
    let Block::Paragraph(text) = slide(&deck) else { panic!("{deck:?}") };
    assert!(!text.to_plain().contains(['\u{1b}', '\n']), "{text:?}");
    assert_eq!((text.0.len(), text.0[0].mark, text.figures().count()), (1, Mark::empty(), 0));
}

#[test]
fn a_deck_has_so_many_figures() {
    let deck = filled(&"{{a.ndjson one}}\n".repeat(1200));
    let words = deck.words(0);
    assert_eq!((words.matches("#one#").count(), words.matches("{{a.ndjson one}}").count()), (1000, 200));
    assert!(
        matches!(&deck.problems[..], [one] if one.to_string().starts_with("talk.md:1001:1: the deck has more than 1000"))
    );
}

#[test]
fn what_all_but_names_a_recording_is_told_and_templates_are_not() {
    let said = |text: &str| {
        let files = MemoryFiles::new()
            .with("talk.md", format!("# T\n\n{text}\n"))
            .with("recordings/pool.ndjson", "")
            .with("recordings/race.cast", "")
            .with("other/pool.ndjson", "");
        printed(&crate::deck(&files, "talk.md"))
    };
    for (slip, meant) in [
        ("{{recordings/pool.ndjso rate 1}}", "{{recordings/pool.ndjson rate 1}}"),
        ("{{recordings/pol.json rate 1}}", "{{recordings/pool.ndjson rate 1}}"),
        ("{{recordings/pool rate 1}}", "{{recordings/pool.ndjson rate 1}}"),
        ("{{ recordings/race.csat half 2 }}", "{{recordings/race.cast half 2}}"),
        ("{{other/pool.nsjson times 2 1}}", "{{other/pool.ndjson times 2 1}}"),
        ("{{ pool.ndjson }}", "{{recordings/pool.ndjson}}"),
    ] {
        let told = said(&format!("It takes {slip} seconds."));
        assert!(
            told.contains("warning: `{{") && told.contains(&format!("did you mean `{meant}`?")),
            "{slip}: {told}"
        );
        assert_eq!(said(&format!("Write `{slip}` there.")), "", "in code");
        assert_eq!(said(&format!("```jinja\n{slip}\n```")), "", "in a block");
    }
    for template in [
        "{{ user.name }}",
        "{{ block.super }}",
        "{{ value|date:\"D d M\" }}",
        "{{ pool }}",
        "{{ movies.all }}",
        "{{ url('pool.ndjson') }}",
        "{% load static %}",
        "{{ ../../etc/passwd x }}",
        "{{ a/b/c }}",
        "{{",
        "{{ open",
    ] {
        assert_eq!(said(&format!("a {template} b")), "", "{template}");
    }
}
