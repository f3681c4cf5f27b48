//! Whatever a deck holds and however large the screen is: a slide is drawn, and nothing but characters is in its cells.

use std::sync::Arc;

use greenroom::headless;
use greenroom::open;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_render::paint::RenderCache;
use proptest::prelude::*;

/// Pieces that make layouts, with text that tries to break them.
fn piece() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[ -~]{0,80}",
        "\\PC{0,40}",
        "[a-z]{60,200}",
        Just("中文字 🇩🇪 👩‍👩‍👧 e\u{301}\u{302} \u{202e}x \x1b[31m\x07".to_owned())
    ];
    let shape = prop::sample::select(vec![
        "# {}\n\n",
        "## {}\n\n",
        "{}\n\n",
        "- {}\n- b\n  - {}\n\n",
        "1. {}\n2. {}\n\n",
        "> {}\n\n",
        "> [!NOTE]\n> {}\n\n",
        "```python {1|2} +line_numbers\n{}\n{}\n```\n\n",
        "```text\n{}\n```\n\n",
        "| {} | b |\n|:-:|--:|\n| {} | c |\n\n",
        "term\n: {}\n\n",
        "x[^1] {}\n\n[^1]: {}\n\n",
        "***\n\n",
        "<!-- pause -->\n\n",
        "<!-- font_size: 4 -->\n\n",
        "<!-- alignment: right -->\n\n",
        "<!-- jump_to_middle -->\n\n",
        "<!-- new_lines: 9 -->\n\n",
        "<!-- column_layout: [1, 3] -->\n\n<!-- column: 0 -->\n\n{}\n\n<!-- column: 1 -->\n\n",
        "<!-- reset_layout -->\n\n",
        "```pane\ncommand: [\"{}\"]\n```\n\n",
        "---\n\n",
    ]);
    (shape, text).prop_map(|(shape, text)| shape.replace("{}", &text))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_deck_is_drawn_at_any_size(
        pieces in prop::collection::vec(piece(), 0..20),
        columns in 1_u16..140,
        rows in 1_u16..50,
        step in 0_u16..6,
    ) {
        let deck = Arc::new(open::deck(&MemoryFiles::new().with("x.md", pieces.concat()), "x.md"));
        let ink = RenderCache::new();
        for slide in 0..deck.slides.len() {
            let frame = headless::frame(&deck, &ink, slide, step, Size { columns, rows });
            prop_assert_eq!((frame.area().width, frame.area().height), (columns, rows));
            for cell in &frame.cells.content {
                prop_assert!(!cell.symbol().contains(char::is_control), "{:?}", cell.symbol());
            }
        }
    }
}
