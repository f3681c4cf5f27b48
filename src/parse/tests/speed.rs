//! How long reading takes, by hand: `cargo test --release --lib speed -- --ignored --nocapture`.

use super::*;
use std::fmt::Write;

fn took(name: &str, files: &MemoryFiles, entry: &str) {
    #[allow(clippy::disallowed_methods)] // a measurement by hand
    let start = std::time::Instant::now();
    let deck = super::super::deck(files, entry);
    println!("{name}: {:?}, {} slides, {} problems", start.elapsed(), deck.slides.len(), deck.problems.len());
    #[allow(clippy::disallowed_methods)] // a measurement by hand
    let start = std::time::Instant::now();
    drop(deck);
    println!("  dropped in {:?}", start.elapsed());
}

fn one(name: &str, text: String) {
    took(name, &MemoryFiles::new().with("x.md", text), "x.md");
}

#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    for count in [1_000, 10_000] {
        let mut text = String::new();
        for n in 0..count {
            write!(text, "Slide {n}\n===\n\nA *paragraph* with `code`.\n\n- one\n- two\n\n").unwrap();
            if n % 3 != 0 {
                text.push_str("```python {1|2}\ndef f(x):\n    return x + 1\n```\n\n");
            }
            text.push_str("<!-- speaker_note: say it -->\n\n---\n\n");
        }
        one(&format!("{count} slides"), text);
    }
    let sixteen = (16 << 20) - 100;
    one("16 MiB of words", "word ".repeat(sixteen / 5));
    one("16 MiB of lines", "word word\n".repeat(sixteen / 10));
    one("16 MiB of paragraphs", "word word\n\n".repeat(sixteen / 11));
    one("16 MiB of mistakes", "<!-- puase -->\n".repeat(sixteen / 15));
    one("16 MiB of mistakes on a line", "<b><x1>".repeat(sixteen / 7));
    one("16 MiB of quotes", ">".repeat(sixteen));
    one("16 MiB of lists", "- ".repeat(sixteen / 2) + "x");
    one("8 MiB of lists, 8 MiB of empty lines", "- ".repeat(sixteen / 4) + "x" + &"\n".repeat(sixteen / 2));
    one("10,000 nested quotes", "> ".repeat(10_000) + "x");
    one("1,000 lines of 1,000 quotes", ("> ".repeat(1_000) + "x\n").repeat(1_000));
    one("16 MiB of stars", "*a ".repeat(sixteen / 3));
    one("16 MiB of brackets", "[".repeat(sixteen));
    one("16 MiB of backticks", (1..5_000).map(|n| "`".repeat(n)).collect::<Vec<_>>().join(" "));
    one("16 MiB of html", "<!-- x ".repeat(sixteen / 7));
    one("16 MiB of fences", "```py {1|2}\n```\n".repeat(sixteen / 16));
    one("tables", "|a".repeat(1_000_000) + "\n" + &"|-".repeat(1_000_000) + "\n" + &"|b\n".repeat(100_000));
    for (name, yaml) in [
        ("brackets", "[".repeat(100_000)),
        ("dashes", "- ".repeat(100_000)),
        ("questions", "? ".repeat(100_000)),
        ("keys", "a: ".repeat(50_000)),
        ("braces", "{a: ".repeat(50_000)),
        ("quoted", "\"".repeat(200_000)),
        ("anchors", "&a ".repeat(50_000)),
        (
            "bomb",
            "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
                + &(b'b'..=b'z')
                    .map(|c| {
                        format!(
                            "{0}: &{0} [*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1}]\n",
                            c as char,
                            (c - 1) as char
                        )
                    })
                    .collect::<Vec<_>>()
                    .concat(),
        ),
        ("many unknown", (0..20_000).map(|n| format!("k{n}: 1\n")).collect::<Vec<_>>().concat()),
        ("many sections", "sections:\n".to_owned() + &"  - titel: 1\n".repeat(15_000)),
        ("many repeated", "title: 1\n".repeat(20_000)),
    ] {
        took(&format!("yaml {name}"), &MemoryFiles::new().with("talk.yaml", yaml), "talk.yaml");
    }
}
