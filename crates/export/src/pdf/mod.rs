//! Sheets as pages: text that can be searched, selected and read aloud, in fonts that are inside of the file.

mod fonts;
mod ink;
mod paper;
mod tags;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::Configuration;
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::tagging::{Tag, TagGroup, TagTree};

use super::cells::CELL;
use super::sheet::Sheets;
use fonts::Fonts;
use greenroom_deck::{Deck, SlideKind};
use ink::Ink;

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
#[error("the PDF cannot be made: {0}")]
pub struct PdfError(String);

/// How slides stand on the pages of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pages {
    /// Each on a page of its own size.
    #[default]
    Slides,
    /// Each above its notes, on paper.
    Notes,
    /// Three on a sheet of paper, each beside lines to write on.
    Handout,
}

/// A document with each slide, or with each step.
///
/// # Errors
/// When the PDF library refuses something that it was given.
pub fn pdf(show: &dyn Sheets, all_steps: bool, pages: Pages) -> Result<Vec<u8>, PdfError> {
    written(show, all_steps, pages, Configuration::default())
}

fn written(
    show: &dyn Sheets,
    all_steps: bool,
    pages: Pages,
    rules: Configuration,
) -> Result<Vec<u8>, PdfError> {
    let settings = SerializeSettings { configuration: rules, ..SerializeSettings::default() };
    let mut pdf = Pdf {
        document: Document::new_with(settings),
        ink: Ink::new(Fonts::load()?),
        pages: 0,
        bookmarks: Bookmarks::default(),
        tags: TagTree::new(),
    };
    match pages {
        Pages::Slides => pdf.slides(show, all_steps)?,
        Pages::Notes => pdf.with_notes(show, all_steps)?,
        Pages::Handout => pdf.handout(show, all_steps)?,
    }
    pdf.document.set_outline(pdf.bookmarks.finish());
    pdf.document.set_tag_tree(pdf.tags);
    let about = &show.deck().outline;
    let metadata = Metadata::new()
        .title(if about.title.is_empty() { show.deck().name(0) } else { about.title.clone() })
        .authors(about.names())
        .language(about.language().to_owned())
        .creator(format!("greenroom {}", env!("CARGO_PKG_VERSION")));
    pdf.document.set_metadata(metadata);
    pdf.document.finish().map_err(|error| PdfError(format!("{error:?}")))
}

/// Where a sheet lies on a page: its left side and top, and how much larger than its own size it is.
#[derive(Debug, Clone, Copy)]
struct At {
    x: f32,
    y: f32,
    scale: f32,
}

struct Pdf {
    document: Document,
    ink: Ink,
    /// How many there are.
    pages: usize,
    bookmarks: Bookmarks,
    tags: TagTree,
}

impl Pdf {
    fn slides(&mut self, show: &dyn Sheets, all_steps: bool) -> Result<(), PdfError> {
        for slide in 0..show.deck().slides.len() {
            self.bookmarks.add(show.deck(), slide, (self.pages, 0.0));
            for step in show.steps(slide, all_steps) {
                let sheet = show.sheet(slide, step);
                let (width, height) = ink::size(&sheet);
                let mut page = self.document.start_page_with(page_size(width, height)?);
                let at = At { x: 0.0, y: 0.0, scale: 1.0 };
                let mut surface = page.surface();
                let parts = self.ink.sheet(&mut surface, &sheet, show, at);
                surface.finish();
                let links = tags::links(&mut page, &sheet, at, CELL);
                page.finish();
                self.tags.push(TagGroup::with_children(Tag::Section, tags::group(parts, links)));
                self.pages += 1;
            }
        }
        Ok(())
    }
}

fn page_size(width: f32, height: f32) -> Result<PageSettings, PdfError> {
    PageSettings::from_wh(width, height).ok_or_else(|| PdfError("a page has no size".to_owned()))
}

/// The way through the document: sections, and the slides in them.
#[derive(Default)]
struct Bookmarks {
    outline: Outline,
    section: Option<(usize, OutlineNode)>,
}

impl Bookmarks {
    /// Adds a slide that stands on page `place.0`, `place.1` below its top.
    fn add(&mut self, deck: &Deck, slide: usize, place: (usize, f32)) {
        let node =
            OutlineNode::new(deck.name(slide), XyzDestination::new(place.0, Point::from_xy(0.0, place.1)));
        let Some(about) = deck.slides.get(slide) else { return };
        if let SlideKind::Section(number) = about.kind {
            self.close();
            self.section = Some((number, node));
            return;
        }
        match &mut self.section {
            Some((number, section)) if about.section == Some(*number) => section.push_child(node),
            _ => {
                self.close();
                self.outline.push_child(node);
            }
        }
    }

    fn close(&mut self) {
        if let Some((_, section)) = self.section.take() {
            self.outline.push_child(section);
        }
    }

    fn finish(&mut self) -> Outline {
        self.close();
        std::mem::take(&mut self.outline)
    }
}
