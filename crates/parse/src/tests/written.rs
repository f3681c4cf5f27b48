//! Markdown as others write it: each test was a public bug report of a tool of this kind, written anew.

use super::*;
use greenroom_deck::{Block, Slide};

/// What slide `number` says, its title first, without marks.
fn words(deck: &Deck, number: usize) -> String {
    let slide: &Slide = &deck.slides[number];
    let mut said = vec![slide.title.to_plain()];
    said.extend(slide.body.iter().map(|node| block_words(&node.block)));
    said.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" | ")
}

fn block_words(block: &Block) -> String {
    let all = |blocks: &[Block]| blocks.iter().map(block_words).collect::<Vec<_>>().join(" / ");
    match block {
        Block::Heading(_, text) | Block::Paragraph(text) => text.to_plain(),
        Block::List(list) => list.items.iter().map(|item| all(&item.blocks)).collect::<Vec<_>>().join(" / "),
        Block::Quote(blocks) => format!("> {}", all(blocks)),
        Block::Alert(kind, title, blocks) => format!("{kind:?} {}: {}", title.to_plain(), all(blocks)),
        Block::Code(code) => code.source.clone(),
        Block::Rule => "***".to_owned(),
        Block::Table(table) => {
            let row = |cells: &[Text]| cells.iter().map(Text::to_plain).collect::<Vec<_>>().join(", ");
            format!(
                "{}: {}",
                row(&table.head),
                table.rows.iter().map(|cells| row(cells)).collect::<Vec<_>>().join("; ")
            )
        }
        other => format!("{other:?}"),
    }
}

/// All slides, a line each, and what was said.
fn shown(text: &str) -> String {
    let deck = markdown(text);
    let slides = (0..deck.slides.len()).map(|number| words(&deck, number));
    let said = deck.problems.iter().map(|problem| format!("! {}", problem.message));
    slides.chain(said).collect::<Vec<_>>().join("\n")
}

#[test]
fn case_10_a_rule_is_a_rule_where_comments_end_slides() {
    let deck = "---\ntitle: A rule inside\n---\n\nBasket\n===\n\nabove\n\n---\n\nbelow\n\n<!-- end_slide -->\n\nOrchard\n===\n\nplums\n";
    assert_eq!(shown(deck), "A rule inside\nBasket | above | *** | below\nOrchard | plums");
    let short = deck.replace("inside\n", "inside\noptions:\n  end_slide_shorthand: true\n");
    assert_eq!(shown(&short), "A rule inside\nBasket | above\nbelow\nOrchard | plums");
    let long = deck.replace("inside\n", "inside\noptions: {end_slide_shorthand: false}\n");
    assert_eq!(shown(&long), shown(deck));
    // Code and remarks end nothing.
    let other = "---\ntitle: T\n---\n\n# A\n\n```html\n<!-- end_slide -->\n```\n\n---\n\n# B\n";
    assert_eq!(shown(other), "T\nA | <!-- end_slide -->\nB");
    // More lines of `---` than comments: they are meant, and said.
    let mixed = "---\ntitle: T\n---\n\n# A\n\n---\n\n# B\n\n---\n\n# C\n\n<!-- end_slide -->\n\n# D\n";
    let said = shown(mixed);
    assert!(said.starts_with("T\nA\nB\nC\nD\n! `---` ends a slide here"), "{said}");
}

#[test]
fn case_12_a_prefix_tells_commands_from_remarks() {
    let deck = "---\ntitle: With a prefix\noptions:\n  command_prefix: \"cmd:\"\n---\n\nApples\n===\n\nred <!-- cmd:pause --> <!-- pause -->\n\n<!-- cmd:end_slide -->\n\n\
        <!-- transition: none -->\n\nPears\n===\n\ngreen\n\n<!-- end_slide -->\n\n<!-- cmd:speaker_note: |\n  two\n  lines\n-->\n";
    assert_eq!(shown(deck), "With a prefix\nApples | red\nPears | green");
    let read = markdown(deck);
    assert_eq!((read.slides[1].last_step, read.slides[2].notes.as_str()), (0, "two\nlines"));
    let odd = deck.replace("\"cmd:\"", "\"\"");
    assert!(shown(&odd).contains("! "), "without a prefix each comment counts: {}", shown(&odd));
    let misspelt = deck.replace("cmd:end_slide", "cmd:end_slid");
    assert!(shown(&misspelt).contains("! unknown directive `end_slid`"), "{}", shown(&misspelt));
}

#[test]
fn slides_end_before_each_title_when_that_is_asked_for() {
    let deck = "---\ntitle: Food\noptions:\n  implicit_slide_ends: true\n---\n\nApples\n===\n\nred\n\n---\n\n# No title of a slide\n\nPears\n===\n\ngreen\n\n<!-- end_slide -->\n\nPlums\n---\n\nblue\n";
    assert_eq!(shown(deck), "Food\nApples | red | *** | No title of a slide\nPears | green\nPlums | blue");
    let off = deck.replace("implicit_slide_ends: true", "implicit_slide_ends: false");
    assert_eq!(shown(&off), "Food\nApples | red | *** | No title of a slide | Pears | green\nPlums | blue");
    // A title directly behind an end ends no empty slide.
    let directives = "---\noptions: {implicit_slide_ends: true}\n---\n\n<!-- font_size: 2 -->\n\nA\n===\n\na\n\n> quoted\n> ===\n\nB\n===\n";
    assert_eq!(shown(directives), "A | a | > quoted\nB");
}

#[test]
fn case_17_an_alert_has_the_title_that_is_given() {
    assert_eq!(
        shown("# Alert\n\n> [!warning] Mind the gap\n> between train and platform\n"),
        "Alert | Warning Mind the gap: between train and platform"
    );
    assert_eq!(shown("> [!NOTE]\n> plain\n"), "Note : plain");
    assert_eq!(shown("> [!tip] **Bold** `code`\n>\n> - a\n> - b\n"), "Tip Bold code: a / b");
    assert_eq!(shown("> [!caution] Alone\n"), "Caution Alone: ");
    assert_eq!(shown("> [!danger]- Folded\n> x\n"), "Caution Folded: x");
    assert_eq!(shown("> [!info]\n> x\n"), "Note Info: x");
    assert_eq!(shown("> [!nonsense] x\n> y\n"), "> [!nonsense] x y");
    assert_eq!(shown("> [!warning](https://example.org) x\n"), "> !warning x");
    assert_eq!(shown("1. > [!note] In a list\n   > x\n"), "Note In a list: x");
    let marked = markdown("> [!note] A <!-- // --> title\n> and `text`\n");
    let Block::Alert(_, title, _) = &marked.slides[0].body[0].block else { panic!("{marked:?}") };
    assert_eq!(title.to_plain(), "A title");
}

#[test]
fn case_18_front_matter_of_an_included_file_is_no_slide() {
    let files = MemoryFiles::new()
        .with("main.md", "# Main\n\n<!-- include: part.md -->\n")
        .with("part.md", "---\ntitle: A part\n---\n\nfrom the part\n");
    let deck = crate::deck(&files, "main.md");
    assert_eq!(deck.slides.len(), 1);
    assert_eq!(words(&deck, 0), "Main | from the part");
    assert!(printed(&deck).contains("part.md:1:1"), "{}", printed(&deck));
}

#[test]
fn case_19_a_tab_reaches_to_the_next_stop_by_columns() {
    assert_eq!(
        shown("```text\nab\tx\n日\tx\nabcd\tx\n日本\tx\n👩🏽‍💻\tx\nä\tx\ne\u{301}\tx\n\tx\n```\n"),
        "ab  x\n日  x\nabcd    x\n日本    x\n👩🏽‍💻  x\nä   x\ne\u{301}   x\n    x"
    );
}

#[test]
fn case_21_what_is_no_tag_of_html_is_text() {
    let cover = |title: &str| shown(&format!("---\ntitle: {title}\n---\n\n# One\n"));
    assert_eq!(cover("Vec<T> from scratch"), "Vec<T> from scratch\nOne");
    assert_eq!(cover("Box<dyn Error> and Arc<Mutex<T>>"), "Box<dyn Error> and Arc<Mutex<T>>\nOne");
    assert_eq!(cover("a <b>bold</b> Vec<u8>"), "a bold Vec<u8>\nOne");
    assert_eq!(
        shown("# Option<T> and Vec<u8>\n\nReturns Result<T, E>, Iter<Item> or `X<Y>`.\n"),
        "Option<T> and Vec<u8> | Returns Result<T, E>, Iter<Item> or X<Y>."
    );
    assert_eq!(shown("| a |\n|---|\n| Vec<T> |\n"), "a: Vec<T>");
    let told = shown("git clone <repo> and <div>x</div>\n");
    assert!(told.starts_with("git clone <repo> and x\n! "), "{told}");
    assert!(cover("a <marquee>b</marquee>").contains("! "), "{}", cover("a <marquee>b</marquee>"));
}

#[test]
fn case_22_a_list_has_the_sign_behind_its_numbers_that_is_written() {
    let paren = |text: &str| {
        let deck = markdown(text);
        match &deck.slides[0].body[0].block {
            Block::List(list) => (list.first, list.paren),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(paren("10) ten\n11) eleven\n"), (Some(10), true));
    assert_eq!(paren("10. ten\n"), (Some(10), false));
    assert_eq!(paren("  3)  x)\n"), (Some(3), true));
    assert_eq!(paren("- a\n"), (None, false));
}

#[test]
fn case_23_a_comment_in_a_text_leaves_one_blank() {
    assert_eq!(shown("Bread <!-- rye? --> and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread<!-- rye? --> and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread <!-- rye? -->and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread <!-- // a --> <!-- // b --> *and* `b`.\n"), "Bread and b.");
    assert_eq!(shown("a<!-- // x -->b\n"), "ab");
    assert_eq!(shown("# Bread <!-- rye? --> and butter\n"), "Bread and butter");
    assert_eq!(shown("| a <!-- // x --> b |\n|---|\n| c |\n"), "a b: c");
}

#[test]
fn case_25_a_size_is_no_measurement() {
    for line in ["* libexample (1.35 MiB)", "a 512 MiB machine", "12 MiB, 3 files"] {
        assert_eq!(shown(&format!("# T\n\n{line}\n")).matches('!').count(), 0, "{line}");
    }
    for line in ["30 MiB less", "2 MiB instead of 5 MiB", "12 MiB more than before"] {
        assert_eq!(shown(&format!("# T\n\n{line}\n")).matches('!').count(), 1, "{line}");
    }
}
