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
fn c10_a_rule_is_a_rule_where_comments_end_slides() {
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
fn c12_a_prefix_tells_commands_from_remarks() {
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
fn c17_an_alert_has_the_title_that_is_given() {
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
fn c18_front_matter_of_an_included_file_is_no_slide() {
    let files = MemoryFiles::new()
        .with("main.md", "# Main\n\n<!-- include: part.md -->\n")
        .with("part.md", "---\ntitle: A part\n---\n\nfrom the part\n");
    let deck = crate::deck(&files, "main.md");
    assert_eq!(deck.slides.len(), 1);
    assert_eq!(words(&deck, 0), "Main | from the part");
    assert!(printed(&deck).contains("part.md:1:1"), "{}", printed(&deck));
}

#[test]
fn c19_a_tab_reaches_to_the_next_stop_by_columns() {
    assert_eq!(
        shown("```text\nab\tx\n日\tx\nabcd\tx\n日本\tx\n👩🏽‍💻\tx\nä\tx\ne\u{301}\tx\n\tx\n```\n"),
        "ab  x\n日  x\nabcd    x\n日本    x\n👩🏽‍💻  x\nä   x\ne\u{301}   x\n    x"
    );
}

#[test]
fn c21_what_is_no_tag_of_html_is_text() {
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
fn c22_a_list_has_the_sign_behind_its_numbers_that_is_written() {
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
fn c23_a_comment_in_a_text_leaves_one_blank() {
    assert_eq!(shown("Bread <!-- rye? --> and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread<!-- rye? --> and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread <!-- rye? -->and butter.\n"), "Bread and butter.");
    assert_eq!(shown("Bread <!-- // a --> <!-- // b --> *and* `b`.\n"), "Bread and b.");
    assert_eq!(shown("a<!-- // x -->b\n"), "ab");
    assert_eq!(shown("# Bread <!-- rye? --> and butter\n"), "Bread and butter");
    assert_eq!(shown("| a <!-- // x --> b |\n|---|\n| c |\n"), "a b: c");
}

#[test]
fn c25_a_size_is_no_measurement() {
    for line in ["* libexample (1.35 MiB)", "a 512 MiB machine", "12 MiB, 3 files"] {
        assert_eq!(shown(&format!("# T\n\n{line}\n")).matches('!').count(), 0, "{line}");
    }
    for line in ["30 MiB less", "2 MiB instead of 5 MiB", "12 MiB more than before"] {
        assert_eq!(shown(&format!("# T\n\n{line}\n")).matches('!').count(), 1, "{line}");
    }
}

#[test]
fn a_slide_says_how_it_comes() {
    use greenroom_deck::Transition;
    let deck = markdown(
        "# A\n\n<!-- transition: fade -->\n\n---\n\n# B\n\n<!-- transition: slide_horizontal -->\n\n---\n\n# C\n",
    );
    let how: Vec<_> = deck.slides.iter().map(|slide| slide.transition).collect();
    assert_eq!(how, [Some(Transition::Fade), Some(Transition::Slide), None]);
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    assert!(shown("# A\n\n<!-- transition: blur -->\n").contains("`transition` is none, fade or slide"));
}

#[test]
fn the_run_of_a_block_shows_where_it_is_asked_for() {
    let panes = |text: &str| {
        let deck = markdown(text);
        let slides = (0..deck.slides.len()).map(|slide| {
            let blocks = deck.slides[slide].body.iter().map(|node| match &node.block {
                Block::Pane(pane) => format!("run {}", pane.demo.command.last().unwrap()),
                Block::Code(_) => "code".to_owned(),
                block => block_words(block),
            });
            blocks.collect::<Vec<_>>().join(", ")
        });
        let said = deck.problems.iter().map(|problem| format!("! {}", problem.message));
        slides.chain(said).collect::<Vec<_>>().join(" / ")
    };
    let block = "```bash +exec +id:foo\necho 1\n```\n\n";
    assert_eq!(panes(&format!("# A\n\n{block}text\n")), "code, run echo 1, text");
    assert_eq!(
        panes(&format!("# A\n\n{block}text\n\n<!-- snippet_output: foo -->\n")),
        "code, text, run echo 1"
    );
    assert_eq!(
        panes(&format!(
            "# A\n\n{block}---\n\n# B\n\n<!-- snippet_output: foo -->\n\n---\n\n# C\n\n<!-- snippet_output: foo -->\n"
        )),
        "code / run echo 1 / run echo 1"
    );
    assert_eq!(
        panes(&format!("# A\n\n{block}<!-- snippet_output: fooo -->\n")),
        "code, run echo 1 / ! no block of code before this runs as `fooo`"
    );
    assert_eq!(panes("# A\n\n```bash +exec_replace +id:a\nls\n```\n"), "run ls");
}

#[test]
fn code_of_a_file_is_run_as_well() {
    let files = MemoryFiles::new()
        .with("t.md", "# A\n\n```file +exec\npath: x.sh\nlanguage: bash\nstart_line: 2\nend_line: 3\n```\n")
        .with("x.sh", "#!/bin/sh\necho a\necho b\necho c\n");
    let deck = crate::deck(&files, "t.md");
    assert!(deck.problems.is_empty(), "{}", printed(&deck));
    let [_, pane] = &deck.slides[0].body[..] else { panic!("{deck:?}") };
    let Block::Pane(pane) = &pane.block else { panic!("{pane:?}") };
    assert_eq!(pane.demo.command, ["bash", "-c", "echo a\necho b"]);
}

#[test]
fn tables_show_row_by_row_where_that_is_asked_for() {
    let table = "| a |\n|---|\n| b |\n| c |\n\nafter\n";
    let steps = |text: &str| {
        let deck = markdown(text);
        assert!(deck.problems.is_empty(), "{}", printed(&deck));
        let slide = &deck.slides[0];
        let Block::Table(table) = &slide.body[0].block else { panic!("{slide:?}") };
        (table.steps.clone(), slide.body[1].step, slide.last_step)
    };
    assert_eq!(steps(&format!("# T\n\n<!-- incremental_tables: true -->\n\n{table}")), (vec![1, 2], 3, 3));
    assert_eq!(steps(&format!("# T\n\n{table}")), (vec![], 0, 0));
    assert_eq!(
        steps(&format!("---\noptions: {{incremental_tables: true}}\n---\n# T\n\n{table}")),
        (vec![1, 2], 3, 3)
    );
}

#[test]
fn emoji_are_written_by_their_names() {
    assert_eq!(
        shown("# Go :rocket:\n\nat 10:30:15 `:rocket:` :white_check_mark: *:tada:*\n"),
        "Go 🚀 | at 10:30:15 :rocket: ✅ 🎉"
    );
    assert_eq!(shown("---\ntitle: \"A :rocket:\"\n---\n\n# B\n"), "A 🚀\nB");
    let near = markdown("Go :rockett:\n");
    assert!(printed(&near).contains("did you mean `:rocket:`?"), "{}", printed(&near));
}

#[test]
fn classes_and_palettes_name_what_a_theme_colours() {
    use greenroom_deck::Role;
    let role = |text: &str| {
        let deck = markdown(text);
        let Block::Paragraph(text) = &deck.slides[0].body[0].block else { panic!("{deck:?}") };
        (text.0[0].role, deck.problems.len())
    };
    assert_eq!(role("<span class=\"important\">a</span>\n"), (Some(Role::Important), 0));
    assert_eq!(role("<span class=\"x warning\">a</span>\n"), (Some(Role::Warn), 1));
    assert_eq!(role("<span style=\"color: palette:red\">a</span>\n"), (Some(Role::Bad), 0));
    assert_eq!(role("<span style=\"color: p:nothing\">a</span>\n"), (None, 1));
}

#[test]
fn patats_decks_have_their_pauses_and_titles() {
    let deck = "---\ntitle: P\nauthor: Me\npatat:\n  incrementalLists: true\n  wrap: true\n---\n\n# One\n\na\n\n. . .\n\nb\n\n# Two\n\n- c\n- d\n";
    let read = markdown(deck);
    assert_eq!(shown(deck), "P\nOne | a | b\nTwo | c / d\n! `patat` does nothing here");
    assert_eq!((read.slides[1].last_step, read.slides[2].last_step), (1, 2));
    let ruled = "---\npatat: {}\n---\n\n# One\n\n# Still one\n\n---\n\n# Two\n";
    assert_eq!(shown(ruled), "One | Still one\nTwo");
    let deep = "---\npatat: {slideLevel: 2}\n---\n\n# Part\n\n## A\n\na\n\n## B\n\nb\n";
    assert_eq!(shown(deep), "Part\nA | a\nB | b");
}

#[test]
fn the_front_matter_of_slidevs_slides_is_passed_over_with_a_word() {
    let deck = "---\ntheme: dark\ntitle: S\n---\n\n# One\n\na\n\n---\nlayout: center\nclass: text-center\n---\n\n# Two\n\n---\n\n# Three\n\nb: c\n\n---\nnot: this\n---\n";
    let said = shown(deck);
    assert!(
        said.starts_with("S\nOne | a\nTwo\nThree | b: c\nnot: this\n! the front matter of a slide"),
        "{said}"
    );
    assert_eq!(said.matches('!').count(), 1, "{said}");
}

#[test]
fn front_matter_may_end_as_a_yaml_document_does() {
    assert_eq!(shown("---\ntitle: T\n...\n\n# One\n\ntext ...\n\n...\n"), "T\nOne | text ... | ...");
}

#[test]
fn headers_of_mdp_say_title_and_author() {
    let deck = markdown("%title: My talk\n%author: me\n%date: today\n\n# One\n");
    assert_eq!(
        (deck.outline.title.as_str(), deck.outline.speaker.as_deref(), deck.outline.date.as_deref()),
        ("My talk", Some("me"), Some("today"))
    );
    assert_eq!(shown("% Pandoc's title\n% Me\n\n# One\n"), "Pandoc's title\nOne");
    assert_eq!(shown("%% no header\n"), "%% no header");
}

#[test]
fn front_matter_names_what_would_be_right() {
    let said = |front: &str| printed(&markdown(&format!("---\n{front}\n---\n\n# A\n")));
    assert!(said("titel: x").contains("did you mean `title`?"));
    assert!(said("options: {incremental_list: true}").contains("did you mean `incremental_lists`?"));
    assert!(said("vegetables: 42").contains("known are author, authors, date"), "{}", said("potato: 42"));
    assert_eq!(said("vegetables: 42\noptions: {strict_front_matter_parsing: false}"), "");
    assert_eq!(said("options: {image_attributes_prefix: \"\"}"), "");
    assert!(said("transition: fade").contains("<!-- transition: fade -->"));
}
