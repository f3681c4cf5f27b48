//! Layouts: those that are asked for, those that are obvious, and those that a slide cannot have.

use super::*;
use greenroom_deck::{Align, Block, Node};

/// Kind, size and place of each block of the first slide, behind its title.
fn laid_out(text: &str) -> (String, Vec<String>) {
    let files = MemoryFiles::new().with("d.md", text.to_owned());
    let deck = super::super::deck(&files.with("p.svg", "<svg width='400' height='300'/>"), "d.md");
    let node = |node: &Node| {
        let kind = match &node.block {
            Block::Heading(..) => "heading".to_owned(),
            Block::Paragraph(_) => "text".to_owned(),
            Block::Quote(blocks) => format!("quote of {}", blocks.len()),
            Block::Image(_) => "picture".to_owned(),
            Block::Columns(columns) => format!(
                "columns of {}",
                columns.columns.iter().map(|column| column.len().to_string()).collect::<Vec<_>>().join("+")
            ),
            Block::Middle => "middle".to_owned(),
            other => format!("{other:?}").chars().take_while(char::is_ascii_alphabetic).collect(),
        };
        let center = if node.align == Align::Center { " centre" } else { "" };
        format!("{kind} {}{center}", node.scale)
    };
    let slide = &deck.slides[0];
    let problems = deck.problems.iter().map(|problem| problem.message.clone()).collect();
    let blocks = slide.body.iter().map(node).collect::<Vec<_>>().join(", ");
    (format!("[{}] {blocks}", slide.title.to_plain()), problems)
}

fn check(text: &str, expected: &str, problem: &str) {
    let (blocks, problems) = laid_out(text);
    assert_eq!(blocks, expected, "{text}");
    let said = problems.concat();
    assert!(if problem.is_empty() { said.is_empty() } else { said.contains(problem) }, "{text}: {said}");
}

#[test]
fn what_is_obvious_has_its_layout() {
    check("> a\n>\n> — b\n", "[] quote of 2 3", "");
    check("# T\n\n> a `code`\n\n— b\n", "[T] quote of 2 3", "");
    check("# T\n\n517 seats\n", "[T] text 7", "");
    check("# T\n\n### ~3 °C\n\nwarmer\n", "[T] heading 7, text 1", "");
    check("# T\n\n{{a.ndjson rate 2}} req/s\n\nx\n", "[T] text 7, text 1", "");
    check("# T\n\n![](p.svg)\n", "[T] picture 2 centre", "");
    check("# T\n\n![](p.svg)\n\nwhat\n", "[T] picture 2 centre, text 1 centre", "");
    check("# T\n\n![image:width:50%](p.svg)\n", "[T] picture 1 centre", "");
}

#[test]
fn what_is_not_obvious_stays_as_it_is() {
    check(
        "# T\n\n<!-- layout: plain -->\n\n> a\n",
        "[T] quote 1".replace("quote", "quote of 1").as_str(),
        "",
    );
    check("> a\n\nb\n", "[] quote of 1 1, text 1", "");
    check("> a\n>\n> ```\n> b\n> ```\n", "[] quote of 2 1", "");
    check("# T\n\nwords\n", "[T] text 1", "");
    check("# T\n\n3 apples\n\nx\n\ny\n", "[T] text 1, text 1, text 1", "");
    check("# T\n\n2026-11-26 is a date\n", "[T] text 1", "");
    check("# T\n\n<!-- font_size: 2 -->\n\n517\n", "[T] text 2", "");
    check("# T\n\na\n\n![](p.svg)\n", "[T] text 1, picture 1", "");
}

#[test]
fn layouts_that_are_asked_for() {
    check("# T\n\n<!-- layout: section -->\n", "[] middle 1, heading 1", "");
    check("# T\n\n<!-- layout: number -->\n\nnone\n", "[T] text 7", "");
    check("# T\n\n<!-- layout: columns -->\n\na\n\nb\n\nc\n", "[T] columns of 2+1 1", "");
    check("# T\n\n<!-- layout: columns -->\n\n### A\n\n### B\n\nb\n\nc\n", "[T] columns of 1+3 1", "");
    check(
        "# T\n\na\n\nb[^1]\n\n<!-- layout: columns -->\n\n[^1]: note\n",
        "[T] columns of 1+1 1, Footnote 1",
        "",
    );
}

#[test]
fn a_layout_that_does_not_suit_the_slide_is_a_problem_and_changes_nothing() {
    for (layout, text, stays) in [
        ("quote", "a", "[T] text 1"),
        ("quote", "> a\n\nb", "[T] quote of 1 1, text 1"),
        ("number", "a sentence that is long", "[T] text 1"),
        ("number", "1\n\n- a", "[T] text 1, List 1"),
        ("picture", "a", "[T] text 1"),
        ("columns", "a", "[T] text 1"),
        ("columns", "a\n\n<!-- jump_to_middle -->\n\nb", "[T] text 1, middle 1, text 1"),
    ] {
        let text = format!("# T\n\n<!-- layout: {layout} -->\n\n{text}\n");
        check(&text, stays, &format!("`layout: {layout}` does not suit this slide"));
    }
    check("<!-- layout: section -->\n\na\n", "[] text 1", "does not suit");
    check(
        "<!-- layout: huge -->\n\na\n",
        "[] text 1",
        "is quote, number, picture, code, section, columns or plain",
    );
}
