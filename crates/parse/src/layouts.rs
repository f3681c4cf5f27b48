//! Layouts: what `<!-- layout: quote -->` makes of a slide, and what a slide is obviously meant to be.
//!
//! A layout is nothing that a slide could not say block by block: sizes, places, columns. So whatever reads slides knows
//! nothing of them.

use greenroom_base::diag::Diagnostic;
use greenroom_deck::{Align, Block, Columns, Node, Text};
use greenroom_markup::layout::Layout;

/// How large the letters of a quote are: the size that `font_size` names.
const QUOTE: u8 = 3;
/// Those of a number.
const NUMBER: u8 = 7;
/// A picture that may be larger than its pixels ask for.
const PICTURE: u8 = 2;
/// Code that stands alone.
const CODE: u8 = 2;
/// A number with its unit is no longer than this.
const MAX_NUMBER: usize = 12;
/// A longer quote is text.
const MAX_QUOTE: usize = 240;

/// Lays the blocks of a slide out as its author says, or as is obvious. `told` is that of a directive, with its place. What
/// cannot be done is a problem, and the slide stays as it was.
pub(super) fn apply(
    told: Option<(Layout, Diagnostic)>,
    title: &mut Text,
    body: &mut Vec<Node>,
) -> Option<Diagnostic> {
    let Some((layout, place)) = told else {
        // Sizes and places that an author gave are not overruled.
        let untouched = body.iter().all(|node| node.scale == 1 && node.align == Align::Left);
        if untouched {
            let _ = quote(body, true) || number(body, true) || picture(body) || code(body);
        }
        return None;
    };
    let done = match layout {
        Layout::Plain => true,
        Layout::Quote => quote(body, false),
        Layout::Number => number(body, false),
        Layout::Picture => picture(body),
        Layout::Code => code(body),
        Layout::Section => section(title, body),
        Layout::Columns => columns(body),
    };
    if done {
        return None;
    }
    let (message, hint) = layout.refusal();
    Some(Diagnostic { message, hint: Some(hint), ..place })
}

/// The blocks that take room in the flow: what counts when a slide is to hold nothing else.
fn blocks(body: &mut [Node]) -> Vec<&mut Node> {
    let counts = |node: &&mut Node| !matches!(node.block, Block::Space(_) | Block::Footnote(..));
    body.iter_mut().filter(counts).collect()
}

fn quote(body: &mut Vec<Node>, auto: bool) -> bool {
    let by = {
        let mut found = blocks(body);
        let (quote, by) = match &mut found[..] {
            [quote] => (quote, None),
            [quote, Node { block: Block::Paragraph(by), step, .. }]
                if *step == quote.step && is_author(by) =>
            {
                (quote, Some(by.clone()))
            }
            _ => return false,
        };
        let Block::Quote(said) = &quote.block else { return false };
        let sentences =
            |block: &Block| matches!(block, Block::Paragraph(text) if text.to_plain().len() <= MAX_QUOTE);
        if auto && (said.len() > 2 || !said.iter().all(sentences)) {
            return false;
        }
        quote.scale = QUOTE;
        by
    };
    if let Some(by) = by {
        body.retain(|node| !matches!(node.block, Block::Paragraph(_)));
        if let Some(Node { block: Block::Quote(said), .. }) = blocks(body).into_iter().next() {
            said.push(Block::Paragraph(by));
        }
    }
    true
}

fn number(body: &mut [Node], auto: bool) -> bool {
    let mut blocks = blocks(body);
    let [number, below @ ..] = &mut blocks[..] else { return false };
    let (Block::Paragraph(text) | Block::Heading(_, text)) = &number.block else { return false };
    // A figure's number is not known yet, but it is no sentence.
    let length: usize =
        text.0.iter().map(|span| if span.figure.is_some() { 5 } else { span.text.chars().count() }).sum();
    let begins = text.0.first().is_some_and(|span| {
        let text = span.text.trim_start_matches(['+', '-', '−', '±', '~', '≈', '<', '>', '×', '$', '€', '£']);
        span.figure.is_some() || text.starts_with(|c: char| c.is_ascii_digit())
    });
    let line = matches!(below, [] | [Node { block: Block::Paragraph(_), .. }]);
    if length > MAX_NUMBER || !line || (auto && !begins) {
        return false;
    }
    number.scale = NUMBER;
    true
}

fn picture(body: &mut [Node]) -> bool {
    let mut blocks = blocks(body);
    let [Node { block: Block::Image(image), scale, .. }, below @ ..] = &mut blocks[..] else { return false };
    if !matches!(below, [] | [Node { block: Block::Paragraph(_), .. }]) {
        return false;
    }
    if image.width.is_none() {
        *scale = PICTURE;
    }
    for node in blocks {
        node.align = Align::Center;
    }
    true
}

fn code(body: &mut [Node]) -> bool {
    let mut blocks = blocks(body);
    let [Node { block: Block::Code(_), scale, .. }, below @ ..] = &mut blocks[..] else { return false };
    if !matches!(below, [] | [Node { block: Block::Paragraph(_), .. }]) {
        return false;
    }
    *scale = CODE;
    true
}

fn section(title: &mut Text, body: &mut Vec<Node>) -> bool {
    if title.is_empty() {
        return false;
    }
    let node = |block| Node { block, step: 0, align: Align::Left, scale: 1 };
    body.splice(0..0, [node(Block::Middle), node(Block::Heading(1, std::mem::take(title)))]);
    true
}

fn columns(body: &mut Vec<Node>) -> bool {
    let apart = |node: &Node| matches!(node.block, Block::Columns(_) | Block::Middle);
    let end = body.iter().position(|node| matches!(node.block, Block::Footnote(..))).unwrap_or(body.len());
    let Some(flow) = body.get(..end).filter(|flow| flow.len() >= 2 && !flow.iter().any(apart)) else {
        return false;
    };
    let headings: Vec<usize> = (0..end)
        .filter(|index| matches!(flow.get(*index), Some(Node { block: Block::Heading(..), .. })))
        .collect();
    let cut = match headings[..] {
        [0, second] => second,
        _ => end.div_ceil(2),
    };
    let step = flow.iter().map(|node| node.step).min().unwrap_or_default();
    let mut left: Vec<Node> = body.drain(..end).collect();
    let right = left.split_off(cut);
    let block = Block::Columns(Columns { weights: vec![1, 1], columns: vec![left, right] });
    body.insert(0, Node { block, step, align: Align::Left, scale: 1 });
    true
}

/// Whether a paragraph says who said something: it begins with a dash.
fn is_author(text: &Text) -> bool {
    text.to_plain().trim_start().starts_with(['—', '–', '―', '-'])
}
