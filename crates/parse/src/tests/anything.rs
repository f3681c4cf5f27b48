//! Whatever is written: reading it ends, makes slides with something on them, and lets nothing harmful through.

use super::*;
use proptest::prelude::*;

/// Pieces that mean something next to each other.
const PIECES: [&str; 64] = [
    "---\n",
    "\n",
    "\n\n",
    "# A\n",
    "B\n===\n",
    "text ",
    "- item\n",
    "  - inner\n",
    "1. one\n",
    "> quote\n",
    "> [!tip]\n",
    "```py {1|2} +line_numbers\na\nb\n```\n",
    "```pane\ncommand: [ls]\n```\n",
    "```pane\ndemo: x\n```\n",
    "```\n",
    "```py file=x.py region=r\n```\n",
    "```diff file=x.py from=r to=r\n```\n",
    "<!-- pause -->\n",
    "<!-- end_slide -->\n",
    "<!-- column_layout: [1, 2] -->\n",
    "<!-- column: 0 -->\n",
    "<!-- column: 1 -->\n",
    "<!-- reset_layout -->\n",
    "<!-- incremental_lists: true -->\n",
    "<!-- jump_to_middle -->\n",
    "<!-- new_lines: 3 -->\n",
    "<!-- skip_slide -->\n",
    "<!-- speaker_note: say -->\n",
    "<!-- include: y.md -->\n",
    "<!-- include: talk.md -->\n",
    "<!-- font_size: 9 -->\n",
    "<!-- alignment: center -->\n",
    "<!-- puase -->\n",
    "<!--",
    "-->",
    "<b>",
    "</b>",
    "<span style=\"color: red\">",
    "<div>\n",
    "~x~",
    "~~",
    "*",
    "_",
    "`",
    "[a](b)",
    "[](c)",
    "![a](x.svg)\n",
    "![image:w:50%](x.svg)",
    "[^1]",
    "[^1]: note\n",
    "| a | b |\n|---|---|\n| c | d |\n",
    "term\n: meaning\n",
    "    code\n",
    "\t",
    "\u{1b}[31m",
    "\u{202e}",
    "&#27;",
    "&#x202e;",
    "\r\n",
    "\u{0}",
    "é",
    "💡",
    "***\n",
    "\\",
];

const YAML: [&str; 28] = [
    "title: T\n",
    "title: 3\n",
    "minutes: 20\n",
    "minutes: x\n",
    "sections:\n",
    "  - title: A\n",
    "    file: a.md\n",
    "    file: none.md\n",
    "    minutes: 3\n",
    "demos:\n",
    "  lab:\n",
    "    command: [ls]\n",
    "    kind: bench\n",
    "    tape: ../x\n",
    "theme: dark\n",
    "theme: x.yaml\n",
    "\t",
    "- ",
    ": ",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    "\"\\e\u{202e}\"",
    "[",
    "}",
    "\n",
    "  titel: &x \"\\u0007\\r\\n\"\n",
];

fn files(entry: &str, text: &str) -> MemoryFiles {
    MemoryFiles::new()
        .with("x.py", "# region r\nx\n# endregion\n")
        .with("x.svg", "<svg viewBox='0 0 4 3'/>")
        .with("y.md", "inner\n\n---\n\n<!-- include: talk.md -->\n")
        .with("a.md", "# A\n\n```pane\ndemo: lab\n```\n")
        .with(entry, text.to_owned())
}

fn sound(deck: &Deck) {
    assert!(!deck.slides.is_empty());
    for slide in &deck.slides {
        let content = !slide.title.is_empty() || !slide.body.is_empty() || !slide.notes.is_empty();
        assert!(content || slide.kind != SlideKind::Content, "an empty slide");
        assert!(slide.origin.line >= 1 && slide.origin.end >= slide.origin.line, "{:?}", slide.origin);
        let steps = slide.body.iter().map(|node| node.step).max().unwrap_or(0);
        assert!(steps <= slide.last_step && slide.last_step <= 250);
    }
    for problem in &deck.problems {
        let _ = problem.render(false);
    }
    // Debug escapes what must not be there, so that nothing needs to be walked.
    let all = format!("{deck:?}");
    let mut rest = all.as_str();
    while let Some((_, after)) = rest.split_once('\\') {
        let (escape, after) = after.split_at(1);
        let code = after.strip_prefix('{').and_then(|code| code.split_once('}')).map(|(code, _)| code);
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
        let harmful = matches!((escape, code), ("r" | "t" | "0", _) | ("u", Some(0..=0x9f | 0x202a..=0x202e | 0x2066..=0x2069)));
        assert!(!harmful, "{escape}{code:?} in {all}");
        rest = after;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown(text in "\\PC*|(?s).{0,300}") {
        sound(&super::super::deck(&files("talk.md", &text), "talk.md"));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let files = MemoryFiles::new().with("talk.md", bytes.clone()).with("talk.yaml", bytes);
        sound(&super::super::deck(&files, "talk.md"));
        sound(&super::super::deck(&files, "talk.yaml"));
    }

    #[test]
    fn any_mix_of_markdown(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40)) {
        sound(&super::super::deck(&files("talk.md", &pieces.concat()), "talk.md"));
    }

    #[test]
    fn any_mix_of_yaml(pieces in prop::collection::vec(prop::sample::select(YAML.to_vec()), 0..25)) {
        sound(&super::super::deck(&files("talk.yaml", &pieces.concat()), "talk.yaml"));
        let front = format!("---\n{}---\ntext\n", pieces.concat());
        sound(&super::super::deck(&files("talk.md", &front), "talk.md"));
        let pane = format!("```pane\n{}\n```\n", pieces.concat());
        sound(&super::super::deck(&files("talk.md", &pane), "talk.md"));
    }
}
