//! Pictures where they stand in a text: blocks of their own in a paragraph, words in a title or a cell.

use super::image::{self, Attributes};
use super::inline::{Inline, Picture, words_of};
use super::reader::{Raw, Reader};
use greenroom_base::diag::Severity;
use greenroom_deck::{Block, Image, Text};
use greenroom_markup::code::FenceProblem;

impl Reader<'_, '_> {
    /// A picture on a line of its own; its words when it cannot be had.
    pub(super) fn picture(&mut self, picture: &Picture) {
        if let Some(source) = &picture.formula {
            let image = greenroom_diagram::image::formula(
                source,
                (&self.source.file, self.source.line(picture.range.start)),
            );
            return self.add(Block::Image(image));
        }
        let Attributes { words: alt, mut width, align, wrong } = image::attributes(&picture.alt);
        if let Some((wrong, hint)) = wrong {
            self.report(Severity::Error, picture.range.clone(), wrong, hint);
        }
        match image::find(self.writer.files, &self.source.file, &picture.link) {
            Ok(found) => {
                let alt = Text::with_figures(&alt, &picture.figures);
                let asked = self.writer.draft.image.take();
                width = width.or(asked.as_ref().and_then(|(width, ..)| *width));
                let align = align.or(asked.and_then(|(_, align, _)| align));
                let caption = Text::plain(&picture.title);
                self.add(Block::Image(Image {
                    path: found.path,
                    alt,
                    caption,
                    width,
                    align,
                    pixels: found.pixels,
                    drawn_from: None,
                }));
            }
            Err(missing) => {
                self.missing(picture, missing);
                self.add(Block::Paragraph(words_of(picture)));
            }
        }
    }

    /// The picture that a block of text is the twin of.
    pub(super) fn drawing(&mut self, raw: &Raw, link: &str) -> Option<Image> {
        match image::find(self.writer.files, &self.source.file, link) {
            Ok(found) => Some(Image {
                path: found.path,
                alt: Text::default(),
                caption: Text::default(),
                width: None,
                align: None,
                pixels: found.pixels,
                drawn_from: None,
            }),
            Err((message, hint)) => {
                self.code_fault(raw, FenceProblem::error("drawing=", message, hint.unwrap_or_default()));
                None
            }
        }
    }

    /// Ends a text of one line, a title for example. There is no room for a picture in it: its words stand there.
    pub(super) fn line_of_text(&mut self) -> Text {
        let Some(inline) = self.inline.take() else { return Text::default() };
        for picture in inline.pictures().iter().filter(|picture| picture.formula.is_none()) {
            match image::find(self.writer.files, &self.source.file, &picture.link) {
                Ok(_) => {
                    let message = "a picture is not drawn in a title or a table: its words stand there";
                    let hint = "put it on a line of its own";
                    self.report(Severity::Warning, picture.range.clone(), message.to_owned(), hint);
                }
                Err(missing) => self.missing(picture, missing),
            }
        }
        Inline::into_text(inline)
    }

    fn missing(&mut self, picture: &Picture, (message, hint): image::Missing) {
        self.report(Severity::Error, picture.range.clone(), message, &hint.unwrap_or_default());
    }
}
