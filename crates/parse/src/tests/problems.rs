//! Every problem that reading can find, as it is printed.

use super::*;

fn talk(yaml: &str) -> Deck {
    let files = MemoryFiles::new()
        .with("talk.yaml", yaml.to_owned())
        .with("a.md", "# A\n")
        .with("bench.yaml", "x")
        .with("red.yaml", "name: red\ntext: redd\nmuted: 3\nbordr: \"#fff\"\nsyntax: {keyword: \"#111\"}\n");
    super::super::deck(&files, "talk.yaml")
}

#[test]
fn types_and_keys_of_an_outline() {
    let deck = talk(
        r#"titel: X
title: 2025
subtitle: [a]
minutes: long
theme: djangoconn
sections:
  - title: A
    file: a.md
    minuts: 3
  - just text
  - file: missing.md
  - title: ""
    file: ../out.md
demos:
  lab: {kind: proeb, command: python x.py, env: {PORT: 8000}, on: 3}
  race: {command: [python, 3], expect: failed, sections: 1}
  wrong: 7
"#,
    );
    insta::assert_snapshot!(printed(&deck));
    assert_eq!(deck.slides.len(), 6, "title, four dividers, one slide");
    let about = |slide: usize| deck.slides[slide].problems.len();
    assert_eq!([about(1), about(2), about(3), about(4), about(5)], [1, 0, 1, 2, 2]);
    assert!(!deck.slides[0].problems.is_empty());
}

#[test]
fn values_of_an_outline() {
    let deck = talk(
        r"title: T
minutes: 20
title: again
theme: red.yaml
sections:
  - {title: A, file: a.md, minutes: 10}
  - {title: B, file: a.md, minutes: -1}
  - {title: C, file: a.md, minutes: 15}
demos:
  none: {}
  bench: {kind: bench}
  far: {kind: bench, scenario: ../x.yaml, tape: /etc/x, directory: a/../.., timeout: 5 minutes}
  near: {kind: bench, scenario: benc.yaml, tape: recordings/none.cast, timeout: 500ms}
",
    );
    insta::assert_snapshot!(printed(&deck));
    assert_eq!(deck.outline.title, "T");
    assert_eq!(deck.outline.sections[1].minutes, None);
    assert_eq!(deck.outline.demos["far"].tape, None);
    assert_eq!(deck.outline.demos["near"].tape.as_deref(), Some("recordings/none.cast"));
    assert_eq!(deck.theme.name, "red");
}

#[test]
fn outlines_that_are_none() {
    let mut all = Vec::new();
    for yaml in [
        "",
        "just text",
        "title: T\nsections: []\n",
        "title: T\n  sections: x\n",
        "title: a: b\n",
        "title: T\n\tsections:\n",
        "title: [a, b\nsections:\n",
        "title: !odd T\n",
        "? [a]\n: b\n",
        "title: .inf\nminutes: .inf\nsections: 3",
        "title: *nothing\n",
        "a: 1\n---\nb: 2\n",
        "theme: none.yaml\ntitle: T\nsections: [{title: A, file: a.md}]",
        &"[".repeat(2_000),
        &"x".repeat(300_000),
    ] {
        let deck = talk(yaml);
        assert_eq!(deck.slides[0].kind, SlideKind::Title);
        let shown: String = yaml.chars().take(60).collect();
        all.push(format!("=== {shown:?}\n{}", printed(&deck)));
    }
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn files_that_are_no_text() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections:\n  - {title: A, file: a.md}\n  - {title: B, file: b.md}\n  - {title: C, file: c.md}\n  - {title: D, file: talk.yml}\n")
        .with("a.md", &b"\xef\xbb\xbf# One\r\n\r\nbad \xff byte\r\n"[..])
        .with("b.md", &b"a\0b"[..])
        .with("c.md", vec![b'x'; (16 << 20) + 1]);
    let deck = super::super::deck(&files, "talk.yaml");
    insta::assert_snapshot!(printed(&deck));
    assert_eq!(deck.slides[2].title.to_plain(), "One");
    let missing = super::super::deck(&files, "tlak.yaml");
    insta::assert_snapshot!(printed(&missing), @r#"
    error: there is no file "tlak.yaml" in the deck
     --> tlak.yaml:1:1
      |
    1 |
      | ^
      |
      = help: did you mean "talk.yaml"?
    "#);
}

#[test]
fn directives_and_markup() {
    let deck = markdown(
        "# A

<!-- puase -->
text <!-- font_size: 99 --> more

<!-- column: 1 -->

<!-- column_layout: [1, 1] -->

outside

<!-- column: 7 -->
<!-- reset_layout -->

<!-- snippet_output: x -->

<div>a box</div>

<!-- pause --> lost

<blink>a</blink> <span class=x>b</span> <span style=\"color: reddish\">c</span> <span style=\"color: palette:x\">d</span>

- a
  <!-- include: x.md -->

<!-- include: nowhere.md -->
<!-- include: talk.md -->

![dog,image:width:500%](dog.png)

![](https://example.com/x.png)

![]()

![text](talk.md) 

![out](../../x.png)

<!-- never closed

text
",
    );
    insta::assert_snapshot!(printed(&deck));
    assert_eq!(deck.slides.len(), 1);
    assert_eq!(deck.slides[0].problems, deck.problems);
}

const CODE_AND_PANES: &str = r"# A

```python +line_number {9} +exec
x
```

```python file=y.py
```

```python file=x.py region=onne
```

```python file=x.py region=two
own text
```

```python file=x.py lines=4-99
```

```python file=../x.py
```

```python file=nul.py
```

```python file=latin.py
```

```python file=huge.py
```

```diff file=x.py from=one
```

```diff file=x.py from=one to=three
```

```diff file=x.py from=one to=two
```

```diff file=big.py from=a to=b
```

```file +line_numbers
path: x.py
langauge: python
start_line: two
```

```pane
demo: lab
```

```pane
comand: [ls]
```

```pane
height: 120%
```

```pane
command: ls -l
height: [1]
order: before
```

```pane
command: [ls]
height: 0
timeout: soon
tape: ../x
directory: {a: b}
```

> ```pane
> kind: bench
> scenario: none.yaml
> titel: x
> ```
";

#[test]
fn code_and_panes() {
    let files = MemoryFiles::new()
        .with("x.py", "# region one\na = 1\n# endregion\n# region two\nb\n")
        .with(
            "big.py",
            "#region a\n".to_owned() + &"x\n".repeat(2_500) + "#endregion\n#region b\n#endregion\n",
        )
        .with("nul.py", &b"\0"[..])
        .with("latin.py", &b"\xe9"[..])
        .with("huge.py", vec![b'x'; (1 << 20) + 1])
        .with("s/inner.md", "x\n")
        .with("talk.md", CODE_AND_PANES);
    let deck = super::super::deck(&files, "talk.md");
    insta::assert_snapshot!(printed(&deck));
}

#[test]
fn panes_of_a_talk() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections:\n  - {title: A, file: a.md}\ndemos:\n  lab: {command: [ls]}\n  race: {}\n")
        .with("a.md", "```pane\ndemo: lba\n```\n\n```pane\ndemo: nothing\n```\n\n```pane\ndemo: race\n```\n\n```pane\ndemo: lab\ntape: ../x\n```\n");
    insta::assert_snapshot!(printed(&super::super::deck(&files, "talk.yaml")));
}

#[test]
fn front_matter() {
    let deck = markdown(
        "---
title: T
autor: X
authors: one
theme:
  name: catppuccin
  override: {a: b}
options:
  command_prefix: x
  incremental_list: true
  incremental_lists: 3
event: [a]
---

text
",
    );
    insta::assert_snapshot!(printed(&deck));
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections:\n  - {title: A, file: a.md}\n")
        .with("a.md", "---\ntitle: X\nfooter: y\n---\ntext\n");
    insta::assert_snapshot!("front_matter_of_a_section", printed(&super::super::deck(&files, "talk.yaml")));
    let files = MemoryFiles::new().with("x.md", "---\ntheme:\n  path: them.yaml\n---\nx\n");
    insta::assert_snapshot!("theme_of_a_file", printed(&super::super::deck(&files, "x.md")));
}

#[test]
fn limits() {
    let deep = |what: &str| markdown(&format!("{}x", what.repeat(10_000)));
    let wide = format!("{}|\n{}|\n", "|a".repeat(70), "|-".repeat(70));
    let steps = "a\n\n<!-- pause -->\n\n".repeat(400);
    let all = [
        printed(&deep("> ")),
        printed(&deep("- ")),
        printed(&markdown(&wide)),
        printed(&markdown(&steps)),
        printed(&markdown(&format!("```py {{{}}}\n```\n", "1|".repeat(400) + "1"))),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
    assert_eq!(markdown(&steps).slides[0].last_step, 250);
    let many = markdown(&"<!-- puase -->\n".repeat(1_000));
    assert_eq!(many.problems.len(), 501);
    insta::assert_snapshot!(many.problems[500], @"there are more than 500 problems; the others are not listed");
}

#[test]
fn includes_end() {
    let mut files = MemoryFiles::new().with("talk.md", "<!-- include: 0.md -->\n").with("nul.md", &b"\0"[..]);
    for number in 0..12 {
        files = files.with(&format!("{number}.md"), format!("text\n\n<!-- include: {}.md -->\n", number + 1));
    }
    let files = files
        .with("round.md", "<!-- include: square.md -->\n<!-- include: nul.md -->\n")
        .with("square.md", "a\n\n<!-- include: round.md -->\n");
    let all =
        [printed(&super::super::deck(&files, "talk.md")), printed(&super::super::deck(&files, "round.md"))];
    insta::assert_snapshot!(all.join("\n\n"));
    let mut wide = MemoryFiles::new().with("talk.md", "<!-- include: 0.md -->\n".repeat(40));
    for number in 0..6 {
        wide =
            wide.with(&format!("{number}.md"), format!("<!-- include: {}.md -->\n", number + 1).repeat(40));
    }
    let wide = wide.with("6.md", "x".repeat(10_000));
    let deck = super::super::deck(&wide, "talk.md");
    assert!(
        deck.problems.iter().any(|problem| problem.message.contains("bytes of Markdown")),
        "{}",
        printed(&deck)
    );
}

#[test]
fn sections_have_a_budget() {
    let files = MemoryFiles::new().with("a.md", "text");
    let source = SourceText::new("talk.yaml", "title: T\nsections:\n  - {title: A, file: a.md}\n");
    let document = Document::of(&source);
    let (mut room, mut mistakes) = (5, Vec::new());
    assert!(section_source(&files, &document, 0, "a.md", &mut room, &mut mistakes).is_some());
    assert!(section_source(&files, &document, 0, "a.md", &mut room, &mut mistakes).is_none());
    insta::assert_snapshot!(mistakes[0].1.render(false));
}

#[test]
fn code_from_files_has_a_budget() {
    let files = MemoryFiles::new()
        .with("x.py", vec![b'x'; 1 << 20])
        .with("talk.md", "```py file=x.py lines=1\n```\n\n".repeat(300));
    let deck = super::super::deck(&files, "talk.md");
    assert!(deck.problems[0].message.contains("too much code"), "{}", printed(&deck));
}

#[test]
fn speakers_and_languages_that_are_none_are_said() {
    let outline = |lines: &str| {
        let files = MemoryFiles::new()
            .with("talk.yaml", format!("title: T\n{lines}\nsections:\n  - title: S\n    file: s.md\n"))
            .with("s.md", "# S\n");
        crate::deck(&files, "talk.yaml")
    };
    let deck = outline("lang: pt-BR\nspeakers: [Ada, {name: Grace, affiliation: Navy}]");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert_eq!(deck.outline.names(), ["Ada", "Grace"]);
    assert_eq!(deck.outline.speaker.as_deref(), Some("Ada, Grace"));
    assert_eq!((deck.outline.language(), outline("").outline.language()), ("pt-BR", "en"));
    for (lines, said) in [
        ("lang: German, of course", "`lang` is no language"),
        ("lang: \"de\\\"><script>\"", "`lang` is no language"),
        ("speakers: Ada", "speakers"),
        ("speakers: [{nam: Ada}]", "did you mean `name`?"),
        ("speakers: [7]", "speakers"),
        ("speaker: Ada\nspeakers: [Grace]", "beside `speakers`"),
    ] {
        let deck = outline(lines);
        assert!(printed(&deck).contains(said), "{lines}: {}", printed(&deck));
        assert!(!deck.outline.language().contains(['"', ' ']));
    }
}
