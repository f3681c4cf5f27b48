//! Breaking marked text into lines of a given width.

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

pub use greenroom_base::text::columns;

use super::scene::Run;
use greenroom_deck::{Mark, Role, Span, Text, Theme};

/// The columns that a line takes.
#[must_use]
pub(crate) fn line_columns(line: &[Run]) -> usize {
    line.iter().map(|run| columns(&run.text)).sum()
}

/// The columns of the longest line that `text` would have if nothing were broken.
#[must_use]
pub(crate) fn natural_columns(text: &Text) -> usize {
    text.to_plain().split('\n').map(columns).max().unwrap_or(0)
}

/// The columns of the longest word.
#[must_use]
pub(crate) fn longest_word(text: &Text) -> usize {
    text.to_plain().split([' ', '\n']).map(columns).max().unwrap_or(0)
}

/// `text` in lines of at most `width` columns, no more than `most` of them.
///
/// Lines break at spaces; a word that is longer than a line breaks where the line ends.
#[must_use]
pub fn wrap(text: &Text, width: u16, most: usize, base: Style, theme: &Theme) -> Vec<Vec<Run>> {
    let mut lines = LineBuilder::new(usize::from(width.max(1)), most);
    for span in &text.0 {
        let look = (style_of(span, base, theme), span.link.as_ref());
        let shown = shown_text(span);
        for (index, part) in shown.split('\n').enumerate() {
            if index > 0 {
                lines.hard_break();
            }
            lines.push(part, look);
            if lines.is_full() {
                return lines.finish();
            }
        }
    }
    lines.finish()
}

/// `text`, with the sign of what it means before it, when it begins with something that judges.
#[must_use]
pub fn signed(text: &Text) -> Cow<'_, Text> {
    let Some((first, meaning)) = text.0.first().and_then(|span| Some((span, span.meaning?))) else {
        return Cow::Borrowed(text);
    };
    // An author who puts a sign there has done it.
    if first.text.starts_with(meaning.sign()) {
        return Cow::Borrowed(text);
    }
    let sign = Span { text: format!("{}\u{a0}", meaning.sign()), meaning: Some(meaning), ..Span::default() };
    Cow::Owned(Text(std::iter::once(sign).chain(text.0.iter().cloned()).collect()))
}

/// How a span looks on top of the style around it.
fn style_of(span: &Span, base: Style, theme: &Theme) -> Style {
    let marks = [
        (Mark::STRONG, theme.style(Role::Strong)),
        (Mark::EMPHASIS, theme.style(Role::Emphasis)),
        (Mark::STRIKE, Style::new().fg(theme.muted.into()).add_modifier(Modifier::CROSSED_OUT)),
        (Mark::UNDERLINE, Style::new().add_modifier(Modifier::UNDERLINED)),
        (Mark::LINK, theme.style(Role::Link)),
        (Mark::FOOTNOTE, theme.style(Role::Accent)),
        (Mark::CODE, theme.style(Role::InlineCode)),
    ];
    let base = match span.meaning {
        Some(meaning) => base.patch(theme.judging(meaning)),
        None => base,
    };
    let mut style = marks
        .into_iter()
        .filter(|(mark, _)| span.mark.contains(*mark))
        .fold(base, |style, (_, mark)| style.patch(mark));
    if let Some(color) = span.role.and_then(|role| theme.style(role).fg) {
        style = style.fg(color);
    }
    if let Some(color) = span.foreground {
        style = style.fg(color.into());
    }
    if let Some(color) = span.background {
        style = style.bg(color.into());
    }
    style
}

/// What a span shows: superscripts and subscripts as Unicode's own where it has them.
#[must_use]
pub fn shown_text(span: &Span) -> std::borrow::Cow<'_, str> {
    let (table, open): (&[(char, char)], &str) = if span.mark.intersects(Mark::SUPER | Mark::FOOTNOTE) {
        (SUPERSCRIPTS, "^")
    } else if span.mark.contains(Mark::SUB) {
        (SUBSCRIPTS, "_")
    } else {
        return span.text.as_str().into();
    };
    let small = |c: char| table.iter().find(|(plain, _)| *plain == c).map(|(_, small)| *small);
    match span.text.chars().map(small).collect::<Option<String>>() {
        Some(text) => text.into(),
        None => format!("{open}({})", span.text).into(),
    }
}

#[rustfmt::skip]
const SUPERSCRIPTS: &[(char, char)] = &[
    ('0', '⁰'), ('1', '¹'), ('2', '²'), ('3', '³'), ('4', '⁴'), ('5', '⁵'), ('6', '⁶'), ('7', '⁷'), ('8', '⁸'),
    ('9', '⁹'), ('+', '⁺'), ('-', '⁻'), ('=', '⁼'), ('(', '⁽'), (')', '⁾'), ('n', 'ⁿ'), ('i', 'ⁱ'), ('a', 'ᵃ'),
    ('b', 'ᵇ'), ('c', 'ᶜ'), ('d', 'ᵈ'), ('e', 'ᵉ'), ('h', 'ʰ'), ('k', 'ᵏ'), ('m', 'ᵐ'), ('o', 'ᵒ'), ('p', 'ᵖ'),
    ('r', 'ʳ'), ('s', 'ˢ'), ('t', 'ᵗ'), ('x', 'ˣ'), ('y', 'ʸ'),
];
#[rustfmt::skip]
const SUBSCRIPTS: &[(char, char)] = &[
    ('0', '₀'), ('1', '₁'), ('2', '₂'), ('3', '₃'), ('4', '₄'), ('5', '₅'), ('6', '₆'), ('7', '₇'), ('8', '₈'),
    ('9', '₉'), ('+', '₊'), ('-', '₋'), ('=', '₌'), ('(', '₍'), (')', '₎'), ('a', 'ₐ'), ('e', 'ₑ'), ('i', 'ᵢ'),
    ('n', 'ₙ'), ('o', 'ₒ'), ('x', 'ₓ'),
];

/// How a stretch looks, and where it leads.
type SpanStyle<'a> = (Style, Option<&'a Arc<str>>);

/// Lines in the making.
struct LineBuilder<'a> {
    width: usize,
    most: usize,
    done: Vec<Vec<Run>>,
    line: Vec<Run>,
    used: usize,
    /// The word that has been read so far, and where its parts end, which may have several looks. The room for both is used again for
    /// the next word.
    word: String,
    parts: Vec<(usize, SpanStyle<'a>)>,
    word_used: usize,
    /// Spaces seen since the last word on this line.
    gap: Option<(usize, SpanStyle<'a>)>,
}

impl<'a> LineBuilder<'a> {
    fn new(width: usize, most: usize) -> Self {
        Self {
            width,
            most,
            done: Vec::new(),
            line: Vec::new(),
            used: 0,
            word: String::new(),
            parts: Vec::new(),
            word_used: 0,
            gap: None,
        }
    }

    fn is_full(&self) -> bool {
        self.done.len() >= self.most
    }

    fn push(&mut self, text: &str, look: SpanStyle<'a>) {
        let mut rest = text;
        while !rest.is_empty() && !self.is_full() {
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            if spaces > 0 {
                self.end_word();
                if !self.line.is_empty() {
                    let (count, _) = self.gap.unwrap_or((0, look));
                    self.gap = Some((count + spaces, look));
                }
                rest = &rest[spaces..];
                continue;
            }
            let end = rest.find(' ').unwrap_or(rest.len());
            self.word.push_str(&rest[..end]);
            self.word_used += columns(&rest[..end]);
            match self.parts.last_mut() {
                Some((to, last)) if same(*last, look) => *to = self.word.len(),
                _ => self.parts.push((self.word.len(), look)),
            }
            rest = &rest[end..];
        }
    }

    fn end_word(&mut self) {
        if self.parts.is_empty() {
            return;
        }
        let gap = self.gap.map_or(0, |(count, _)| count);
        if !self.line.is_empty() && self.used + gap + self.word_used > self.width {
            self.end_line();
        }
        if let Some((count, look)) = self.gap.take() {
            (0..count).for_each(|_| append(&mut self.line, " ", look));
            self.used += count;
        }
        let fits = std::mem::take(&mut self.word_used) + self.used <= self.width;
        let (mut word, mut parts) = (std::mem::take(&mut self.word), std::mem::take(&mut self.parts));
        let mut start = 0;
        for (end, look) in parts.drain(..) {
            let part = &word[start..end];
            start = end;
            if fits {
                self.used += columns(part);
                append(&mut self.line, part, look);
            } else if !self.is_full() {
                self.place_long(part, look);
            }
        }
        word.clear();
        (self.word, self.parts) = (word, parts);
    }

    /// A part of a word that is longer than a line.
    fn place_long(&mut self, part: &str, look: SpanStyle<'a>) {
        for cluster in part.graphemes(true) {
            let width = columns(cluster);
            if self.used + width > self.width && !self.line.is_empty() {
                self.end_line();
                if self.is_full() {
                    return;
                }
            }
            append(&mut self.line, cluster, look);
            self.used += width;
        }
    }

    fn end_line(&mut self) {
        self.done.push(std::mem::take(&mut self.line));
        self.used = 0;
        self.gap = None;
    }

    fn hard_break(&mut self) {
        self.end_word();
        self.end_line();
    }

    fn finish(mut self) -> Vec<Vec<Run>> {
        self.end_word();
        if !self.line.is_empty() {
            self.end_line();
        }
        self.done.truncate(self.most);
        // A blank that held words together has done so: whoever searches for them types a plain one.
        for run in self.done.iter_mut().flatten().filter(|run| run.text.contains('\u{a0}')) {
            run.text = run.text.replace('\u{a0}', " ");
        }
        self.done
    }
}

fn append(runs: &mut Vec<Run>, text: &str, look: SpanStyle<'_>) {
    match runs.last_mut() {
        Some(last) if same((last.style, last.link.as_ref()), look) => last.text.push_str(text),
        _ => runs.push(Run { text: text.to_owned(), style: look.0, link: look.1.cloned() }),
    }
}

/// Whether two stretches look alike and are parts of one link.
fn same((style, link): SpanStyle<'_>, other: SpanStyle<'_>) -> bool {
    let one_link = match (link, other.1) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    style == other.0 && one_link
}
