//! Diagrams and formulas: what is drawn, and what stays as it is written.

use super::*;
use greenroom_deck::{Block, Notation};

fn said(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => text.to_plain(),
        Block::Code(code) => format!("code {}", code.language),
        Block::Image(image) => {
            let diagram = image.drawn_from.as_ref().unwrap();
            let width = image.width.map(|width| format!(" {width}%")).unwrap_or_default();
            format!("{}{width} [{}] line {}", diagram.notation.word(), diagram.source.trim(), diagram.line)
        }
        other => format!("{other:?}"),
    }
}

fn blocks(text: &str) -> Vec<String> {
    let deck = markdown(&format!("# T\n\n{text}\n"));
    assert!(deck.problems.is_empty(), "{text}: {}", printed(&deck));
    deck.slides[0].body.iter().map(|node| said(&node.block)).collect()
}

#[test]
fn fences_of_known_notations_are_drawn() {
    for (fence, word) in [
        ("mermaid", "mermaid"),
        ("dot", "dot"),
        ("graphviz", "dot"),
        ("d2", "d2"),
        ("typst", "typst"),
        ("Mermaid", "mermaid"),
    ] {
        assert_eq!(blocks(&format!("```{fence}\na\n```")), [format!("{word} [a] line 4")], "{fence}");
    }
    assert_eq!(blocks("```mermaid +render +width:50%\na\n```"), ["mermaid 50% [a] line 4"]);
    assert_eq!(blocks("- x\n\n  ```mermaid\n  a\n  ```").len(), 1, "in a list as well");
}

#[test]
fn a_fence_that_is_meant_as_code_stays_code() {
    for fence in ["mermaid +no_render", "mermaid {1|2}", "dot +line_numbers", "latex +no_render"] {
        let shown = blocks(&format!("```{fence}\na\nb\n```"));
        assert!(shown[0].starts_with("code "), "{fence}: {shown:?}");
    }
    let deck = markdown("# T\n\n```plantuml\na\n```\n");
    assert!(printed(&deck).contains("plantuml is not drawn"), "{}", printed(&deck));
}

#[test]
fn latex_is_a_formula_unless_it_is_a_document() {
    assert_eq!(
        blocks("```latex +render\n\\[ \\sum_{n=1}^{\\infty} 2^{-n} = 1 \\]\n```"),
        [r"formula [\sum_{n=1}^{\infty} 2^{-n} = 1] line 4"]
    );
    assert_eq!(blocks("```math\nx^2\n```"), ["formula [x^2] line 4"]);
    assert_eq!(blocks("```latex\n$$x^2$$\n```"), ["formula [x^2] line 4"]);
    let document = "\\documentclass{article}\n\\begin{document}\nHi\n\\end{document}";
    assert!(blocks(&format!("```latex\n{document}\n```"))[0].starts_with("latex ["));
}

#[test]
fn a_formula_is_a_picture_alone_and_text_among_words() {
    assert_eq!(blocks("$$\nx^2\n$$"), ["formula [x^2] line 3"]);
    assert_eq!(blocks("$x^2$"), ["formula [x^2] line 3"]);
    assert_eq!(blocks("where $x^2 + \\alpha$ is"), ["where x² + α is"]);
    assert_eq!(blocks("from $$x^2$$ on"), ["from", "formula [x^2] line 3", "on"]);
    let matrix = "a $\\begin{pmatrix} a & b \\end{pmatrix}$ b";
    assert_eq!(blocks(matrix), ["a", "formula [\\begin{pmatrix} a & b \\end{pmatrix}] line 3", "b"]);
    assert_eq!(blocks("$`x^2`$ as GitHub writes it"), ["x² as GitHub writes it"]);
    let deck = markdown("# The $O(n \\log n)$ case\n\n| a |\n|---|\n| $x_1$ |\n");
    assert_eq!(deck.slides[0].title.to_plain(), "The O(n log n) case");
    assert!(deck.words(0).contains("x₁"), "{}", deck.words(0));
}

#[test]
fn dollars_that_are_no_formulas_stay() {
    for text in [
        "from $5 to $10",
        "$5 and 10$",
        "US$5-$10",
        "echo $HOME:$PATH",
        "a $ b $ c",
        "`$x$` and `$(date)`",
        "\\$x\\$",
        "$1,000 and $2,000",
    ] {
        let plain = text.replace(['`', '\\'], "");
        assert_eq!(blocks(text), [plain], "{text}");
    }
    assert_eq!(blocks("$5 **or** 10$ more"), ["$5 or 10$ more"]);
    assert_eq!(blocks("```sh\necho $x $y$\n```"), ["code sh"]);
}

#[test]
fn a_formula_with_a_mistake_says_where_and_shows_as_it_is_written() {
    let deck = markdown("# T\n\nA line\nand $a + \\frac{b}$ here\n");
    let problems = printed(&deck);
    assert!(problems.contains("talk.md:4:") && problems.contains("expected a token"), "{problems}");
    assert!(deck.words(0).contains("$a + \\frac{b}$"), "{}", deck.words(0));
    let deck = markdown("# T\n\n```latex\nx^2\n+ \\unknown\n```\n");
    let problems = printed(&deck);
    assert!(problems.contains("talk.md:5:") && problems.contains("unknown command"), "{problems}");
    assert!(deck.words(0).contains("\\unknown"));
    for deep in ["{".repeat(900) + &"}".repeat(900), "\\sqrt".repeat(900), "\\left(".repeat(900)] {
        let deck = markdown(&format!("# T\n\n$${deep}$$\n"));
        assert!(printed(&deck).contains("nested"), "{:.20}: {}", deep, printed(&deck));
    }
}

#[test]
fn a_diagram_that_is_too_long_says_the_limit_and_shows_its_beginning() {
    let deck = markdown(&format!("# T\n\n```mermaid\nflowchart LR\n{}```\n", "a --> b\n".repeat(262_144)));
    let problems = printed(&deck);
    assert!(problems.contains("2048 kB long, and at most 64 kB are drawn"), "{problems:.300}");
    assert!(deck.words(0).len() < 5_000);
    let nodes = &deck.slides[0].body;
    assert!(matches!(nodes[0].block, Block::Code(_)));
}

#[test]
fn every_notation_has_a_word_that_names_it() {
    for notation in Notation::ALL {
        assert_eq!(Notation::named(notation.word()), Some(notation));
    }
}
