//! Markdown's words: what pulldown-cmark alone finds in a text is on the slides as well, in the same order.
#![no_main]

use greenroom_fuzz::{Knobs, beside, bounded};
use libfuzzer_sys::fuzz_target;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Pieces that mean the same to both: what Greenroom adds to Markdown (comments, pauses, figures, panes, front matter, attributes) is not
/// among them. `{}` stands for a word of its own.
const PIECES: [&str; 24] = [
    "{} ",
    "{} ",
    "{}\n",
    "\n\n",
    "- {}\n",
    "  - {}\n",
    "1. {}\n",
    "> {}\n",
    "## {}\n\n",
    "### {}\n\n",
    "**{}** ",
    "*{}* ",
    "`{}` ",
    "[{}](y.md) ",
    "~~{}~~ ",
    "\\*{} ",
    "&amp;{} ",
    "| {} | {} |\n|---|---|\n| {} | {} |\n\n",
    "    {}\n",
    "```text\n{}\n```\n\n",
    "  {}\n",
    "\t{}\n",
    "* {}\n",
    "+ {}\n",
];

fuzz_target!(|data: &[u8]| {
    let mut text = String::from("# w0\n\n");
    let mut word = 0;
    let knobs = Knobs::of(data);
    for byte in knobs.bytes().iter().take(400) {
        let mut piece = PIECES[usize::from(*byte) % PIECES.len()].to_owned();
        while piece.contains("{}") {
            word += 1;
            piece = piece.replacen("{}", &format!("w{word}"), 1);
        }
        text.push_str(&piece);
    }
    let deck = bounded(|| greenroom_parse::deck(&beside().with("x.md", text.clone()), "x.md"));
    let ours: Vec<String> = (0..deck.slides.len()).flat_map(|slide| words(&deck.words(slide))).collect();
    let theirs = alone(&text);
    assert_eq!(ours, theirs, "\n{text}");
});

/// The words that were put there.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter(|part| part.starts_with('w') && part.len() > 1).map(str::to_owned).collect()
}

/// What pulldown-cmark says, without anything of Greenroom's.
fn alone(text: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM;
    let mut out = String::new();
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::Start(Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. })
            | Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Link) => {}
            _ => out.push('\n'),
        }
    }
    words(&out)
}
