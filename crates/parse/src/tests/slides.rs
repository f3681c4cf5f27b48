//! Where slides begin and end, what is on them, and when it appears.

use super::*;
use greenroom_deck::{Align, Block, LineFocus, Mark, Meaning, Node, PaneHeight, Rgb, Slide};

/// A slide in a few words a block: `kind@step`.
fn outline_of(slide: &Slide) -> String {
    let title = slide.title.to_plain();
    let body = slide.body.iter().map(node).collect::<Vec<_>>().join(" ");
    format!("[{title}] {body} ({})", slide.last_step)
}

fn node(node: &Node) -> String {
    let what = match &node.block {
        Block::Heading(level, text) => format!("h{level}:{}", text.to_plain()),
        Block::Paragraph(text) => format!("p:{}", text.to_plain()),
        Block::List(list) => {
            let items: Vec<String> = list.items.iter().map(|item| item.step.to_string()).collect();
            format!("list:{}", items.join(","))
        }
        Block::Code(code) => format!("code:{}+{}", code.language, code.last),
        Block::Columns(columns) => {
            let inner = |column: &Vec<Node>| column.iter().map(self::node).collect::<Vec<_>>().join(" ");
            format!("columns{{{}}}", columns.columns.iter().map(inner).collect::<Vec<_>>().join(" | "))
        }
        Block::Quote(_) => "quote".to_owned(),
        Block::Alert(kind, ..) => format!("{kind:?}"),
        Block::Table(table) => format!("table:{}x{}", table.head.len(), table.rows.len()),
        Block::Rule => "rule".to_owned(),
        Block::Image(image) => format!("image:{}", image.path),
        Block::Definitions(list) => format!("definitions:{}", list.len()),
        Block::Footnote(label, _) => format!("footnote:{label}"),
        Block::Space(lines) => format!("space:{lines}"),
        Block::Middle => "middle".to_owned(),
        Block::Qr(qr) => format!("qr:{}", qr.address),
        Block::Pane(pane) => format!("pane:{}", pane.id),
    };
    format!("{what}@{}", node.step)
}

/// The slides of a Markdown file, which must be without problems.
fn check(text: &str, expected: &[&str]) {
    let deck = markdown(text);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let slides: Vec<String> = deck.slides.iter().map(|slide| outline_of(slide)).collect();
    assert_eq!(slides, expected, "{text}");
}

#[test]
fn slides_are_separated() {
    check("a\n\n---\n\nb\n\n<!-- end_slide -->\n\nc", &["[] p:a@0 (0)", "[] p:b@0 (0)", "[] p:c@0 (0)"]);
    check("a\n\n---\n\n---\n\n<!-- pause -->\n\n---\nb", &["[] p:a@0 (0)", "[] p:b@0 (0)"]);
    check(
        "a\n\n----\n\n***\n\n ---\n\n- - -\n\n> ---\n",
        &["[] p:a@0 rule@0 rule@0 rule@0 rule@0 quote@0 (0)"],
    );
    check("```\n---\n```\n\ntext\n---\n", &["[] code:+0@0 h2:text@0 (0)"]);
    check("a\n\n<!-- skip_slide -->\n\n---\n\nb", &["[] p:b@0 (0)"]);
    check("---\noptions:\n  end_slide_shorthand: false\n---\na\n\n---\n\nb", &["[] p:a@0 rule@0 p:b@0 (0)"]);
    check("---\n\n# A\n\n---\n\nb", &["[A]  (0)", "[] p:b@0 (0)"]);
    check("\u{feff}a\r\n\r\n---\r\n\r\nb\r\n", &["[] p:a@0 (0)", "[] p:b@0 (0)"]);
    check("<!-- speaker_note: x -->\n\n---\n\nb", &["[]  (0)", "[] p:b@0 (0)"]);
}

#[test]
fn titles_are_first() {
    check("A *b*\n===\n\nx", &["[A b] p:x@0 (0)"]);
    check("<!-- font_size: 2 -->\n## A\n\n## B", &["[A] h2:B@0 (0)"]);
    check("### A\n", &["[] h3:A@0 (0)"]);
    check("### A\n---\n\ntext\n\nB\n===\n", &["[] h3:A@0 (0)", "[] p:text@0 h1:B@0 (0)"]);
    check("<!-- jump_to_middle -->\n\nEnd\n---\n", &["[] middle@0 h1:End@0 (0)"]);
    check("<!-- column_layout: [1] -->\n<!-- column: 0 -->\n# A\n", &["[] columns{h1:A@0}@0 (0)"]);
    check(
        "---\ntitle: My _first_ **talk**\nauthors: [A, B]\n---\nx",
        &["[My first talk]  (0)", "[] p:x@0 (0)"],
    );
    check("", &["[talk]  (0)"]);
}

#[test]
fn steps_count_like_presenterms() {
    check(
        "a\n\n<!-- pause -->\n\nb\n\n<!-- pause -->\n<!-- pause -->\nc\n\n<!-- pause -->\n",
        &["[] p:a@0 p:b@1 p:c@3 (3)"],
    );
    check(
        "<!-- incremental_lists: true -->\n- a\n- b\n  - c\n- d\n\nafter\n",
        &["[] list:1,2,4@1 p:after@5 (5)"],
    );
    check(
        "<!-- incremental_lists: true -->\n- a\n- b\n\n<!-- pause -->\nafter\n",
        &["[] list:1,2@1 p:after@3 (3)"],
    );
    check(
        "- a\n- b\n\n<!-- pause -->\n- c\n\n<!-- pause -->\n<!-- new_line -->\n- d\n",
        &["[] list:0,0,1@0 space:1@2 list:2@2 (2)"],
    );
    check("1. a\n\n<!-- pause -->\n2. b\n\n<!-- pause -->\n9. c\n", &["[] list:0,1@0 list:2@2 (2)"]);
    check("- a\n  <!-- pause -->\n- b\n", &["[] list:0,1@0 (1)"]);
    check(
        "<!-- column_layout: [1, 2] -->\n<!-- column: 1 -->\na\n\n<!-- pause -->\n<!-- column: 0 -->\nb\n\n<!-- reset_layout -->\nc",
        &["[] columns{p:b@1 | p:a@0}@0 p:c@1 (1)"],
    );
    let code = "```py {1|2|all}\na\nb\n```\n";
    check(&format!("{code}\n{code}\n<!-- pause -->\nx\n"), &["[] code:py+2@0 code:py+4@0 p:x@5 (5)"]);
    let deck = markdown(&format!("{code}\n{code}"));
    let Block::Code(second) = &deck.slides[0].body[1].block else { panic!("code") };
    let (one, two) = (LineFocus::Lines(vec![(1, 1)]), LineFocus::Lines(vec![(2, 2)]));
    assert_eq!(second.highlights, [one.clone(), one.clone(), one, two, LineFocus::All]);
    assert_eq!(deck.slides[0].last_step, 4);
}

#[test]
fn blocks_of_all_kinds() {
    check(
        "> a\n\n> [!caution]\n> b\n\n| a | b |\n|---|:-:|\n| c |\n\nterm\n: meaning\n\ntext[^1]\n\n[^1]: note\n\n- [x] done\n\n***\n\n    code\n",
        &[
            "[] quote@0 Caution@0 table:2x1@0 definitions:1@0 p:text1@0 list:0@0 rule@0 code:+0@0 footnote:1@0 (0)",
        ],
    );
    let deck = markdown(
        "<!-- alignment: right -->\n<!-- font_size: 3 -->\n<!-- no_footer -->\n<!-- list_item_newlines: 3 -->\na\n\n- b\n\n---\n\nc",
    );
    let (first, second) = (&deck.slides[0], &deck.slides[1]);
    assert_eq!((first.body[0].align, first.body[0].scale, first.footer), (Align::Right, 3, false));
    assert!(matches!(&first.body[1].block, Block::List(list) if list.spacing == 2));
    assert_eq!((second.body[0].align, second.body[0].scale, second.footer), (Align::Left, 1, true));
}

#[test]
fn text_has_looks() {
    let deck = markdown(
        "**a** *b* ~~c~~ ~strike~ H<sub>2</sub>O ~2~ ^2^ `d` [e](http://f) [](http://g) <u>h</u><br>i <span style=\"color: red; background-color: #00f\">j</span>\n",
    );
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let Block::Paragraph(text) = &deck.slides[0].body[0].block else { panic!("paragraph") };
    let mark = |word: &str| text.0.iter().find(|span| span.text.trim() == word).map(|span| span.mark);
    assert_eq!(mark("a"), Some(Mark::STRONG));
    assert_eq!(mark("b"), Some(Mark::EMPHASIS));
    assert_eq!((mark("c"), mark("strike")), (Some(Mark::STRIKE), Some(Mark::STRIKE)));
    assert_eq!(
        (text.0.iter().filter(|span| span.mark == Mark::SUB).count(), mark("d")),
        (2, Some(Mark::CODE))
    );
    assert!(text.0.iter().any(|span| span.mark == Mark::SUPER && span.text == "2"));
    assert_eq!(
        (mark("e"), mark("http://g"), mark("h")),
        (Some(Mark::LINK), Some(Mark::LINK), Some(Mark::UNDERLINE))
    );
    let colored = text.0.iter().find(|span| span.text == "j").unwrap();
    assert_eq!((colored.foreground, colored.background), (Rgb::parse("red"), Some(Rgb(0, 0, 255))));
    assert!(text.to_plain().contains("h\ni") && text.to_plain().ends_with("i j"), "{}", text.to_plain());
}

#[test]
fn notes_are_collected() {
    let deck = markdown(
        "a <!-- speaker_note: one -->\n\n<!--\nspeaker_note: |\n  two\n  - three\n-->\n\n<!-- comment: x -->\n<!-- // y -->\n",
    );
    assert_eq!(deck.slides[0].notes, "one\n\ntwo\n- three");
    assert_eq!(deck.slides[0].body.len(), 1);
}

#[test]
fn a_talk_has_dividers_and_origins() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nminutes: 3\nsections:\n  - title: A\n    file: s/a.md\n    minutes: 1\n  - {title: B, file: b.md, minutes: 2}\n")
        .with("s/a.md", "# One\n\ntext\n\n---\n\n# Two\n\n<!-- include: more.md -->\n\nend\n")
        .with("s/more.md", "![](x.svg)\n\n---\n\n# Three\n")
        .with("s/x.svg", "<svg width='3' height='4'/>")
        .with("b.md", "\n\n");
    let deck = super::super::deck(&files, "talk.yaml");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let slides: Vec<String> = deck
        .slides
        .iter()
        .map(|slide| {
            let Origin { file, line, end } = &slide.origin;
            format!("{:?} {:?} {} {file}:{line}-{end}", slide.kind, slide.section, outline_of(slide))
        })
        .collect();
    assert_eq!(
        slides,
        [
            "Title None [T]  (0) talk.yaml:1-3",
            "Section(0) Some(0) [A]  (0) talk.yaml:4-6",
            "Content Some(0) [One] p:text@0 (0) s/a.md:1-3",
            "Content Some(0) [Two] image:s/x.svg@0 (0) s/a.md:7-7",
            "Content Some(0) [Three] p:end@0 (0) s/more.md:5-5",
            "Section(1) Some(1) [B]  (0) talk.yaml:7-7",
        ]
    );
    assert_eq!(deck.section_start(1), Some(5));
}

#[test]
fn code_comes_from_files() {
    let python = "import x\n\nclass A:\n\t# region run\n\tdef run(self):\n\t\t# region inner\n\t\treturn 1\n\t\t# endregion inner\n\t# endregion\n\n\t# region fast\n\tdef run(self):\n\t\treturn 2\n\t# endregion fast\n";
    let get = |fence: &str| {
        let files = MemoryFiles::new().with("demos/x.py", python).with("s.md", format!("```{fence}\n```\n"));
        let deck = super::super::deck(&files, "s.md");
        assert!(deck.problems.is_empty(), "{}", printed(&deck));
        match &deck.slides[0].body[0].block {
            Block::Code(code) => {
                (code.source.clone(), code.numbers, code.caption.clone(), code.language.clone())
            }
            other => panic!("{other:?}"),
        }
    };
    let (source, numbers, caption, _) = get("python file=demos/x.py region=run +line_numbers");
    assert_eq!(source, "def run(self):\n    return 1");
    assert_eq!((numbers, caption.as_deref()), (Some(5), Some("demos/x.py:5")));
    let (source, numbers, caption, _) = get("python file=demos/x.py lines=1-3");
    assert_eq!(
        (source.as_str(), numbers, caption.as_deref()),
        ("import x\n\nclass A:", None, Some("demos/x.py:1"))
    );
    let (source, .., language) = get("diff file=demos/x.py from=run to=fast");
    assert_eq!(
        (source.as_str(), language.as_str()),
        (" def run(self):\n-    return 1\n+    return 2", "diff")
    );
    assert!(!get("python file=demos/x.py").0.contains("region"));
    let (source, numbers, ..) =
        get("file +line_numbers\npath: demos/x.py\nlanguage: python\nstart_line: 2\nend_line: 3");
    assert_eq!((source.as_str(), numbers), ("\nclass A:", Some(2)));
}

#[test]
fn code_is_made_harmless() {
    let deck = markdown(
        "```rust +exec\n# hidden\n\ta\tb\u{1b}[31m\n```\n\n&#27;[31m \u{202e}evil &#x202e; tab\there\n",
    );
    let Block::Code(code) = &deck.slides[0].body[0].block else { panic!("code") };
    assert_eq!(code.source, "    a   b\u{fffd}[31m");
    let Block::Paragraph(text) = &deck.slides[0].body[2].block else { panic!("text") };
    assert_eq!(text.to_plain(), "\u{fffd}[31m \u{fffd}evil \u{fffd} tab here");
}

#[test]
fn panes_take_over_what_their_demo_says() {
    let files = MemoryFiles::new()
        .with("talk.yaml", "title: T\nsections: [{title: A, file: a.md}]\ndemos:\n  lab: {title: Lab, command: [python, -c, \"a\\nb\"], env: {A: \"1\"}}\n")
        .with("a.md", "```pane\ndemo: lab\nheight: 40%\n```\n\n```pane\ndemo: lab\ntitle: Other\nenv: {B: \"2\"}\nheight: 10\norder: after\n```\n\n```pane\ncommand: [ls]\non: enter\n```\n");
    let deck = super::super::deck(&files, "talk.yaml");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let panes: Vec<_> = deck.slides[2]
        .body
        .iter()
        .map(|node| match &node.block {
            Block::Pane(pane) => pane,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        (panes[0].id.as_str(), panes[0].height, panes[0].after_previous),
        ("lab", PaneHeight::Percent(40), false)
    );
    assert_eq!(panes[0].demo, deck.outline.demos["lab"]);
    assert_eq!(panes[0].demo.command[2], "a\nb");
    assert_eq!((panes[1].height, panes[1].after_previous), (PaneHeight::Rows(10), true));
    assert_eq!((panes[1].demo.title.as_deref(), panes[1].demo.env.len()), (Some("Other"), 2));
    assert_eq!((panes[2].id.as_str(), panes[2].height), ("inline-1", PaneHeight::Rest));
}

#[test]
fn a_class_says_whether_it_is_good_news() {
    let deck = markdown(
        "<span class=\"good\">a</span><span class=fair>b <b>c</b></span><span class='bad' style=\"color: #000\">d</span>e\n",
    );
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let Block::Paragraph(text) = &deck.slides[0].body[0].block else { panic!("{deck:?}") };
    let spans: Vec<_> = text.0.iter().map(|span| (span.text.as_str(), span.meaning)).collect();
    let (good, fair, bad) = (Some(Meaning::Good), Some(Meaning::Fair), Some(Meaning::Bad));
    assert_eq!(spans, [("a", good), ("b ", fair), ("c", fair), ("d", bad), ("e", None)]);
}
