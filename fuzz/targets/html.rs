//! Slides as HTML: what comes out is parsed by somebody else's parser, and says what the cells say; no element, attribute or address that
//! Greenroom does not write itself.
#![no_main]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use greenroom::headless;
use greenroom_base::plain;
use greenroom_base::run::Size;
use greenroom_export::live::Encoder;
use greenroom_export::{Sheet, blank_pictures};
use greenroom_fuzz::{Knobs, beside, bounded};
use greenroom_render::paint::RenderCache;
use html5gum::{Token, Tokenizer};
use libfuzzer_sys::fuzz_target;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

thread_local! {
    static INK: RefCell<RenderCache> = RefCell::new(RenderCache::new());
}

/// Slides of one input that are written.
const WRITTEN: usize = 6;

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let size = knobs.size(Size { columns: 120, rows: 50 });
    let files = beside().with("x.md", knobs.bytes().to_vec());
    let deck = Arc::new(bounded(|| greenroom::open::deck(&files, "x.md")));
    INK.with_borrow(|ink| {
        for slide in 0..deck.slides.len().min(WRITTEN) {
            let step = deck.slides[slide].last_step;
            let frame = headless::frame(&deck, ink, slide, step, size);
            let sheet = Sheet { slide, step, frame, reels: Vec::new() };
            let live = bounded(|| Encoder::new().encode((&deck, "d"), ink, &sheet, &[]));
            let json: serde_json::Value = serde_json::from_str(&live.json()).expect("it is JSON");
            let cells = blank_pictures(&sheet);
            let lines = json["lines"].as_array().expect("lines are a list");
            assert_eq!(lines.len(), usize::from(cells.area.height));
            for (y, line) in (0_u16..).zip(lines) {
                let said = parsed(line.as_str().unwrap_or_default());
                assert_eq!(said.trim_end(), row(&cells, y).trim_end(), "row {y}: {line}");
            }
            for part in ["prose", "layers"] {
                parsed(json[part].as_str().expect("a text"));
            }
        }
        ink.clear();
    });
});

/// The characters of a row.
fn row(cells: &Buffer, y: u16) -> String {
    let mut text = String::new();
    let mut x = 0;
    while x < cells.area.width {
        let symbol = cells[(x, y)].symbol();
        text.push_str(symbol);
        x += u16::try_from(symbol.width()).unwrap_or(1).clamp(1, cells.area.width - x);
    }
    text
}

/// Elements without an end.
const EMPTY: [&str; 4] = ["br", "hr", "img", "input"];
/// All elements that slides are written with.
const ELEMENTS: [&str; 41] = [
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "u",
    "ul",
];
const OF_TABLES: [&str; 5] = ["tbody", "td", "th", "thead", "tr"];

/// The text of a piece of HTML whose elements follow each other as they should.
fn parsed(html: &str) -> String {
    let (mut text, mut open) = (String::new(), Vec::new());
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::String(part) => text.push_str(&String::from_utf8_lossy(&part)),
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                assert!(ELEMENTS.contains(&&*name) || OF_TABLES.contains(&&*name), "<{name}> in {html}");
                for (key, value) in &tag.attributes {
                    attribute(&String::from_utf8_lossy(key), &String::from_utf8_lossy(value), html);
                }
                if !EMPTY.contains(&&*name) && !tag.self_closing {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                assert_eq!(open.pop().as_deref(), Some(&*name), "{html}");
            }
            other => panic!("{other:?} in {html}"),
        }
    }
    assert!(open.is_empty(), "{open:?} have no end: {html}");
    text
}

fn attribute(key: &str, value: &str, html: &str) {
    let known: BTreeSet<&str> = [
        "align",
        "alt",
        "aria-hidden",
        "aria-label",
        "class",
        "data-css",
        "data-dim",
        "data-dims",
        "data-own",
        "aria-current",
        "data-pane",
        "data-picture",
        "dir",
        "height",
        "href",
        "id",
        "lang",
        "rel",
        "role",
        "start",
        "tabindex",
        "target",
        "title",
        "width",
        "aria-level",
        "aria-describedby",
        "data-from",
        "colspan",
        "scope",
        "value",
    ]
    .into();
    assert!(known.contains(key), "{key}={value} in {html}");
    if key == "href" {
        assert!(value.starts_with('#') || plain::is_address(value), "{value} in {html}");
    }
    if key == "data-css" {
        assert!(!value.contains("url(") && !value.contains('\\'), "{value} in {html}");
    }
}
