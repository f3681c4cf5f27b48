//! What of a sheet is a title, a paragraph, a picture or a link, for whoever has the document read to them.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::geom::Rect;
use krilla::page::Page;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, Tag, TagGroup};

use super::At;
use crate::sheet::Sheet;

/// A piece of what is drawn, with the number of the link that it belongs to.
pub(super) struct Leaf {
    pub mark: Identifier,
    pub link: Option<usize>,
}

/// A part of a sheet.
pub(super) enum Part {
    /// A line of large letters, with its words.
    Title(String, Leaf),
    /// Rows of text without an empty one between them.
    Paragraph(Vec<Leaf>),
    /// A picture, with what it shows.
    Figure(String, Identifier),
}

/// Text that belongs to the document.
pub(super) fn text() -> ContentTag<'static> {
    ContentTag::Span(SpanTag::empty())
}

/// What is only there for the eye.
pub(super) fn ornament(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

/// Whether `text` is made of lines, blocks and blanks only.
pub(super) fn is_ornament(text: &str) -> bool {
    let drawn = |c: char| {
        c.is_whitespace()
            || matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}' | '\u{1fb00}'..='\u{1fbff}')
    };
    text.chars().all(drawn)
}

/// Makes the links of a sheet that is drawn `at` a place of `page`; their marks by the links' numbers.
pub(super) fn links(
    page: &mut Page<'_>,
    sheet: &Sheet,
    at: At,
    cell: (f32, f32),
) -> BTreeMap<usize, Vec<Identifier>> {
    let mut marks: BTreeMap<usize, Vec<Identifier>> = BTreeMap::new();
    for link in &sheet.frame.links {
        let area = link.area;
        let side = |cells: u16, size: f32| f32::from(cells) * size * at.scale;
        let (x, y) = (at.x + side(area.x, cell.0), at.y + side(area.y, cell.1));
        let Some(rect) = Rect::from_xywh(x, y, side(area.width, cell.0), side(area.height, cell.1)) else {
            continue;
        };
        let address = link.address.to_string();
        let target = Target::Action(LinkAction::new(address.clone()).into());
        let annotation = Annotation::new_link(LinkAnnotation::new(rect, target), Some(address));
        marks.entry(link.number).or_default().push(page.add_tagged_annotation(annotation));
    }
    marks
}

/// The parts of a sheet as the document has them. `links` are the marks of its links; none of them is left out.
pub(super) fn group(parts: Vec<Part>, mut links: BTreeMap<usize, Vec<Identifier>>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for part in parts {
        let mut leaf = |leaf: Leaf| -> Node {
            match leaf.link {
                None => leaf.mark.into(),
                Some(number) => {
                    let mut children: Vec<Node> =
                        links.remove(&number).unwrap_or_default().into_iter().map(Node::from).collect();
                    children.push(leaf.mark.into());
                    TagGroup::with_children(Tag::Link, children).into()
                }
            }
        };
        nodes.push(match part {
            Part::Title(words, mark) => {
                let children = vec![leaf(mark)];
                TagGroup::with_children(Tag::Hn(NonZeroU16::MIN, Some(words)), children).into()
            }
            Part::Paragraph(leaves) => {
                TagGroup::with_children(Tag::P, leaves.into_iter().map(leaf).collect()).into()
            }
            Part::Figure(words, mark) => {
                let words = if words.trim().is_empty() { "a picture".to_owned() } else { words };
                TagGroup::with_children(Tag::Figure(Some(words)), vec![mark.into()]).into()
            }
        });
    }
    for marks in links.into_values() {
        let children = marks.into_iter().map(Node::from).collect();
        nodes.push(TagGroup::with_children(Tag::Link, children).into());
    }
    nodes
}
