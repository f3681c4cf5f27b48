//! Text within a paragraph, a heading or a cell, as its pieces come.

use std::ops::Range;
use std::sync::Arc;

use greenroom_base::plain;
use greenroom_base::text::clean_text;
use greenroom_deck::{Figure, Mark, Span, Text};
use greenroom_markup::html::HtmlStyle;
use greenroom_markup::{emoji, super_sub};

/// Deeper HTML is not followed.
const MAX_TAGS: usize = 64;

/// A picture in a text.
#[derive(Debug)]
pub(super) struct Picture {
    /// As written.
    pub link: String,
    /// The words between the brackets.
    pub alt: String,
    /// The title behind the link: what stands below the picture.
    pub title: String,
    pub range: Range<usize>,
    /// The figures in the words.
    pub figures: Vec<Arc<Figure>>,
    /// The formula that it is drawn from; there is no file then.
    pub formula: Option<String>,
    /// It may stand among words, as the spans that stand for it.
    line: bool,
    /// The spans of the text that stand for it where it cannot be drawn.
    words: Range<usize>,
}

/// Text under way.
#[derive(Debug, Default)]
pub(super) struct Inline {
    spans: Vec<Span>,
    /// How the Markdown around marks it, and what it was before each mark that is open.
    mark: Mark,
    before: Vec<Mark>,
    link: Option<Arc<str>>,
    /// Whether the open link has shown anything.
    link_shows: bool,
    /// The HTML tags that are open, and how it looked before them.
    tags: Vec<(String, HtmlStyle)>,
    look: HtmlStyle,
    /// The picture whose words are being read, and how many more are open inside of them.
    picture: Option<Picture>,
    inner_pictures: usize,
    /// The pictures so far.
    pictures: Vec<Picture>,
    /// A comment was the last thing in it: the blanks on both sides of it are one.
    after_comment: bool,
}

impl Inline {
    pub(super) fn text(&mut self, text: &str) {
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(&clean_text(text));
            return;
        }
        self.push(text, Mark::empty());
    }

    /// A number that is to be read from a recording.
    pub(super) fn figure(&mut self, figure: &Arc<Figure>) {
        if let Some(picture) = &mut self.picture {
            picture.alt.push_str(&figure.written);
            picture.figures.push(Arc::clone(figure));
            return;
        }
        self.push_figure(figure);
    }

    fn push_figure(&mut self, figure: &Arc<Figure>) {
        self.link_shows = true;
        self.after_comment = false;
        let span = self.styled();
        self.spans.push(Span { text: figure.written.clone(), figure: Some(Arc::clone(figure)), ..span });
    }

    pub(super) fn code(&mut self, text: &str) {
        self.marked(text, Mark::CODE);
    }

    pub(super) fn footnote(&mut self, label: &str) {
        self.marked(label, Mark::FOOTNOTE);
    }

    fn marked(&mut self, text: &str, mark: Mark) {
        if self.picture.is_some() {
            return self.text(text);
        }
        self.push(text, mark);
    }

    fn push(&mut self, text: &str, mark: Mark) {
        let text = clean_text(text);
        let text = if self.after_comment && self.ends_blank() {
            text.trim_start_matches([' ', '\t'])
        } else {
            &text
        };
        if text.is_empty() {
            return;
        }
        self.after_comment = false;
        self.link_shows |= !text.trim().is_empty();
        let mut span = self.styled();
        span.mark |= mark;
        let after_picture = self.pictures.last().is_some_and(|picture| picture.words.end == self.spans.len());
        if let Some(last) = self.spans.last_mut().filter(|_| !after_picture)
            && last.figure.is_none()
            && (last.mark, &last.link) == (span.mark, &span.link)
            && (last.foreground, last.background, last.meaning, last.role)
                == (span.foreground, span.background, span.meaning, span.role)
        {
            last.text.push_str(text);
            return;
        }
        text.clone_into(&mut span.text);
        self.spans.push(span);
    }

    /// A comment stands here, which does not show.
    pub(super) const fn comment(&mut self) {
        self.after_comment = true;
    }

    /// Whether nothing stands before what comes next, or a blank does.
    fn ends_blank(&self) -> bool {
        self.spans.last().is_none_or(|last| last.figure.is_none() && last.text.ends_with(char::is_whitespace))
    }

    /// Whether a letter or a digit stands before what comes next.
    pub(super) fn ends_in_word(&self) -> bool {
        self.spans.last().is_some_and(|last| last.text.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    }

    fn styled(&self) -> Span {
        Span {
            text: String::new(),
            mark: self.mark | self.look.mark,
            link: self.link.clone(),
            foreground: self.look.foreground,
            background: self.look.background,
            meaning: self.look.meaning,
            role: self.look.role,
            figure: None,
        }
    }

    pub(super) fn open_mark(&mut self, mark: Mark) {
        self.before.push(self.mark);
        self.mark |= mark;
    }

    pub(super) fn close_mark(&mut self) {
        self.mark = self.before.pop().unwrap_or_default();
    }

    /// What can be opened is kept as that, and everything else as it is written.
    pub(super) fn open_link(&mut self, address: &str) {
        self.open_mark(Mark::LINK);
        let sound =
            plain::address(address).map_or_else(|| greenroom_base::text::clean_line(address), Into::into);
        self.link = Some(Arc::from(sound.as_ref()));
        self.link_shows = false;
    }

    /// A link without words shows its address.
    pub(super) fn close_link(&mut self) {
        if let Some(link) = self.link.clone()
            && !self.link_shows
            && self.picture.is_none()
        {
            self.text(&link);
        }
        self.link = None;
        self.close_mark();
    }

    pub(super) fn open_picture(&mut self, link: &str, title: &str, range: Range<usize>) {
        if self.picture.is_some() {
            self.inner_pictures += 1;
            return;
        }
        self.picture = Some(Picture {
            link: link.to_owned(),
            alt: String::new(),
            title: greenroom_base::text::clean_line(title.trim()).into_owned(),
            range,
            figures: Vec::new(),
            formula: None,
            line: false,
            words: 0..0,
        });
    }

    /// Where a picture cannot be drawn, in a title for example, it is its words in brackets.
    pub(super) fn close_picture(&mut self) {
        if self.inner_pictures > 0 {
            self.inner_pictures -= 1;
            return;
        }
        let Some(mut picture) = self.picture.take() else { return };
        picture.alt = greenroom_base::text::clean_line(&picture.alt).into_owned();
        let look = self.styled();
        let first = self.spans.len();
        let words = words_of(&picture).0.into_iter();
        self.spans.extend(words.map(|span| Span { text: span.text, figure: span.figure, ..look.clone() }));
        self.link_shows = true;
        picture.words = first..self.spans.len();
        self.pictures.push(picture);
    }

    /// A formula, with the line of text that says the same, if it has one; `alone` asks for a picture of its own.
    pub(super) fn formula(&mut self, source: &str, line: Option<&str>, alone: bool, range: Range<usize>) {
        if self.picture.is_some() {
            return self.text(line.unwrap_or(source));
        }
        let mut span = self.styled();
        span.mark |= if line.is_some() { Mark::EMPHASIS } else { Mark::CODE };
        span.text = clean_text(line.unwrap_or(source)).into_owned();
        let first = self.spans.len();
        self.spans.push(span);
        (self.link_shows, self.after_comment) = (true, false);
        self.pictures.push(Picture {
            link: String::new(),
            title: String::new(),
            alt: String::new(),
            range,
            figures: Vec::new(),
            formula: Some(source.to_owned()),
            line: line.is_some() && !alone,
            words: first..first + 1,
        });
    }

    /// Text that was read by itself.
    pub(super) fn spans(&mut self, text: Text) {
        self.after_comment = false;
        self.spans.extend(text.0);
    }

    pub(super) fn open_tag(&mut self, name: String, look: HtmlStyle) {
        if self.tags.len() >= MAX_TAGS {
            return;
        }
        self.tags.push((name, self.look));
        self.look = HtmlStyle {
            mark: self.look.mark | look.mark,
            foreground: look.foreground.or(self.look.foreground),
            background: look.background.or(self.look.background),
            meaning: look.meaning.or(self.look.meaning),
            role: look.role.or(self.look.role),
        };
    }

    pub(super) fn close_tag(&mut self, name: &str) {
        if let Some(at) = self.tags.iter().rposition(|(open, _)| open == name) {
            self.look = self.tags.get(at).map(|(_, before)| *before).unwrap_or_default();
            self.tags.truncate(at);
        }
    }

    /// The text, cut where pictures stand in it.
    pub(super) fn into_pieces(mut self) -> Vec<Piece> {
        // A formula among words is one of them.
        let alone = self.pictures.len() == 1 && {
            let stands = self.pictures.first().map(|picture| picture.words.clone()).unwrap_or_default();
            let outside = |index: &usize| !stands.contains(index);
            let spans = || self.spans.iter().enumerate().filter(|(index, _)| outside(index));
            spans().all(|(_, span)| span.text.trim().is_empty())
        };
        if !alone {
            self.pictures.retain(|picture| !picture.line);
        }
        let mut pieces = Vec::new();
        let mut after: Vec<Vec<Span>> = self
            .pictures
            .iter()
            .rev()
            .map(|picture| {
                let after = self.spans.split_off(picture.words.end.min(self.spans.len()));
                self.spans.truncate(picture.words.start);
                after
            })
            .collect();
        pieces.extend(piece(self.spans));
        for picture in self.pictures {
            pieces.push(Piece::Picture(picture));
            pieces.extend(piece(after.pop().unwrap_or_default()));
        }
        pieces
    }

    /// The text, with pictures as words.
    pub(super) fn into_text(mut self) -> Text {
        trim_ends(&mut self.spans);
        Text(super_sub::marked(emoji::drawn(self.spans)))
    }

    /// The pictures so far.
    pub(super) fn pictures(&self) -> &[Picture] {
        &self.pictures
    }
}

/// What a paragraph is made of.
#[derive(Debug)]
pub(super) enum Piece {
    /// Never empty.
    Text(Text),
    Picture(Picture),
}

fn piece(mut spans: Vec<Span>) -> Option<Piece> {
    trim_ends(&mut spans);
    let text = Text(super_sub::marked(emoji::drawn(spans)));
    (!text.is_empty()).then_some(Piece::Text(text))
}

/// What stands in a picture's place: its words in brackets, or its name.
pub(super) fn words_of(picture: &Picture) -> Text {
    let alt = super::image::attributes(&picture.alt).words;
    let name = picture.link.rsplit('/').next().unwrap_or_default();
    let words = clean_text(if alt.is_empty() { name } else { &alt });
    Text::with_figures(&format!("[{words}]"), &picture.figures)
}

/// Blanks at the ends of a text are of no use, whatever removed their neighbours.
fn trim_ends(spans: &mut Vec<Span>) {
    while let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    let blank = spans.iter().take_while(|span| span.text.trim().is_empty()).count();
    spans.drain(..blank);
    if let Some(first) = spans.first_mut() {
        let leading = first.text.len() - first.text.trim_start().len();
        first.text.drain(..leading);
    }
}
