//! Slides on paper: above their notes, or several beside lines to write on.

use std::collections::BTreeMap;

use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::tagging::{ArtifactType, Tag, TagGroup};

use super::fonts::{Fonts, Which};
use super::ink::{self, fill, set_color, wide};
use super::tags::{self, Leaf, Part};
use super::{At, Pdf, PdfError, page_size};
use crate::cells::CELL;
use crate::sheet::{Sheet, Sheets};
use greenroom_deck::{Rgb, Step};

/// Width and height of the paper, ISO A4, in points.
const PAPER: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 48.0;
/// The most height that a slide above its notes takes.
const SLIDE_HEIGHT: f32 = 340.0;
/// The size of notes, and from one line to the next.
const LETTERS: f32 = 11.0;
const LEADING: f32 = 15.5;
/// Slides on a sheet of paper, and the width of each.
const SLIDES: usize = 3;
const SLIDE_WIDTH: f32 = 280.0;
/// Between lines to write on.
const RULED: f32 = 25.0;
const BLACK: Rgb = Rgb(0x22, 0x22, 0x22);
const GREY: Rgb = Rgb(0x88, 0x88, 0x88);
const LIGHT: Rgb = Rgb(0xc4, 0xc4, 0xc4);

impl Pdf {
    /// Each slide above its notes, which go on on further pages when they are long.
    pub(super) fn with_notes(&mut self, show: &dyn Sheets, all_steps: bool) -> Result<(), PdfError> {
        let deck = show.deck();
        for (slide, about) in deck.slides.iter().enumerate() {
            self.bookmarks.add(deck, slide, (self.pages, 0.0));
            let steps = show.steps(slide, all_steps);
            let last = *steps.end();
            for step in steps {
                let notes = if step == last { about.notes.as_str() } else { "" };
                let lines = wrapped(&self.ink.fonts, notes, PAPER.0 - 2.0 * MARGIN);
                self.notes(show, (slide, step), &lines)?;
            }
        }
        Ok(())
    }

    fn notes(
        &mut self,
        show: &dyn Sheets,
        (slide, step): (usize, Step),
        lines: &[String],
    ) -> Result<(), PdfError> {
        let sheet = show.sheet(slide, step);
        let at = fitted(&sheet, (MARGIN, MARGIN), (PAPER.0 - 2.0 * MARGIN, SLIDE_HEIGHT));
        let mut section = TagGroup::new(Tag::Section);
        let (mut rest, mut first) = (lines, true);
        while first || !rest.is_empty() {
            let mut page = self.document.start_page_with(page_size(PAPER.0, PAPER.1)?);
            let mut surface = page.surface();
            let parts =
                if first { framed(&mut self.ink, &mut surface, &sheet, show, at) } else { Vec::new() };
            let top = if first { at.y + ink::size(&sheet).1 * at.scale + 28.0 } else { MARGIN + LETTERS };
            let room = ((PAPER.1 - MARGIN - 20.0 - top) / LEADING).max(1.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some fifty lines
            let (here, later) = rest.split_at((room as usize).min(rest.len()));
            let paragraphs = paragraphs(&mut surface, &self.ink.fonts, here, top);
            let number = format!("{} / {}", slide + 1, show.deck().slides.len());
            surface.start_tagged(tags::ornament(ArtifactType::Other));
            small(&mut surface, &self.ink.fonts, &number, (PAPER.0 - MARGIN - 40.0, PAPER.1 - MARGIN + 8.0));
            surface.end_tagged();
            surface.finish();
            let marks = if first { tags::links(&mut page, &sheet, at, CELL) } else { BTreeMap::new() };
            page.finish();
            let nodes = tags::group(parts, marks).into_iter().chain(tags::group(paragraphs, BTreeMap::new()));
            for node in nodes {
                section.push(node);
            }
            self.pages += 1;
            (rest, first) = (later, false);
        }
        self.tags.push(section);
        Ok(())
    }

    /// Slides beside lines to write on.
    pub(super) fn handout(&mut self, show: &dyn Sheets, all_steps: bool) -> Result<(), PdfError> {
        let deck = show.deck();
        let all: Vec<(usize, Step)> = (0..deck.slides.len())
            .flat_map(|slide| show.steps(slide, all_steps).map(move |step| (slide, step)))
            .collect();
        #[allow(clippy::cast_precision_loss)] // three
        let height = (PAPER.1 - 2.0 * MARGIN) / SLIDES as f32;
        for sheets in all.chunks(SLIDES) {
            let mut page = self.document.start_page_with(page_size(PAPER.0, PAPER.1)?);
            let (mut surface, mut drawn, mut y) = (page.surface(), Vec::new(), MARGIN);
            for (slide, step) in sheets {
                if *step == 0 || !all_steps {
                    self.bookmarks.add(deck, *slide, (self.pages, y));
                }
                let sheet = show.sheet(*slide, *step);
                let at = fitted(&sheet, (MARGIN, y), (SLIDE_WIDTH, height - 36.0));
                let parts = framed(&mut self.ink, &mut surface, &sheet, show, at);
                surface.start_tagged(tags::ornament(ArtifactType::Layout));
                let mut line = y + RULED;
                while line < y + height - 30.0 {
                    let left = MARGIN + SLIDE_WIDTH + 20.0;
                    fill(&mut surface, (left, line, PAPER.0 - MARGIN - left, 0.6), LIGHT);
                    line += RULED;
                }
                let below = (MARGIN, y + height - 20.0);
                small(
                    &mut surface,
                    &self.ink.fonts,
                    &format!("{} / {}", slide + 1, deck.slides.len()),
                    below,
                );
                surface.end_tagged();
                drawn.push((sheet, at, parts));
                y += height;
            }
            surface.finish();
            for (sheet, at, parts) in drawn {
                let links = tags::links(&mut page, &sheet, at, CELL);
                self.tags.push(TagGroup::with_children(Tag::Section, tags::group(parts, links)));
            }
            page.finish();
            self.pages += 1;
        }
        Ok(())
    }
}

/// As large as it fits into `room` from `corner` on.
fn fitted(sheet: &Sheet, corner: (f32, f32), room: (f32, f32)) -> At {
    let (width, height) = ink::size(sheet);
    At { x: corner.0, y: corner.1, scale: (room.0 / width.max(1.0)).min(room.1 / height.max(1.0)) }
}

/// Draws a sheet with a line around it, as a light theme has none on paper.
fn framed(
    ink: &mut ink::Ink,
    surface: &mut Surface<'_>,
    sheet: &Sheet,
    show: &dyn Sheets,
    at: At,
) -> Vec<Part> {
    let (width, height) = ink::size(sheet);
    surface.start_tagged(tags::ornament(ArtifactType::Layout));
    let place = (at.x - 0.7, at.y - 0.7, width * at.scale + 1.4, height * at.scale + 1.4);
    fill(surface, place, LIGHT);
    surface.end_tagged();
    ink.sheet(surface, sheet, show, at)
}

fn small(surface: &mut Surface<'_>, fonts: &Fonts, text: &str, (x, y): (f32, f32)) {
    set_color(surface, GREY);
    wide(surface, fonts, text, Point::from_xy(x, y), (Which::Symbols, 9.0));
}

/// Draws lines below each other; an empty one ends a paragraph.
fn paragraphs(surface: &mut Surface<'_>, fonts: &Fonts, lines: &[String], top: f32) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut y, mut open) = (top, false);
    for line in lines {
        if line.trim().is_empty() {
            open = false;
        } else {
            let mark = surface.start_tagged(tags::text());
            set_color(surface, BLACK);
            wide(surface, fonts, line, Point::from_xy(MARGIN, y), (Which::Symbols, LETTERS));
            surface.end_tagged();
            let leaf = Leaf { mark, link: None };
            match parts.last_mut() {
                Some(Part::Paragraph(leaves)) if open => leaves.push(leaf),
                _ => parts.push(Part::Paragraph(vec![leaf])),
            }
            open = true;
        }
        y += LEADING;
    }
    parts
}

/// `text` in lines of at most `width` points. What is longer than a line without a blank is cut.
fn wrapped(fonts: &Fonts, text: &str, width: f32) -> Vec<String> {
    let measure = |text: &str| text.chars().map(|c| fonts.advance(c, Which::Symbols) * LETTERS).sum::<f32>();
    let mut lines = Vec::new();
    for paragraph in text.trim_end().lines() {
        let blank = paragraph.len() - paragraph.trim_start().len();
        let (mut line, mut at) = (paragraph.get(..blank).unwrap_or_default().to_owned(), 0.0);
        at += measure(&line);
        for word in paragraph.split_whitespace() {
            let space = if line.trim().is_empty() { "" } else { " " };
            let wide = measure(word) + measure(space);
            if at + wide > width && !line.trim().is_empty() {
                lines.push(std::mem::take(&mut line));
                at = 0.0;
            } else {
                line.push_str(space);
                at += measure(space);
            }
            for c in word.chars() {
                let advance = fonts.advance(c, Which::Symbols) * LETTERS;
                if at + advance > width {
                    lines.push(std::mem::take(&mut line));
                    at = 0.0;
                }
                line.push(c);
                at += advance;
            }
        }
        lines.push(line);
    }
    lines
}
