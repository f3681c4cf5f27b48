//! The table of directives: HTML comments that tell how a slide is made, under the names that presenterm gave them.
//!
//! A directive is one row of `DIRECTIVES` and one variant of [`Directive`], which `obey` must then say what to do with.
//! Names, examples, hints and what is known of a word that is near to one are all taken from the table.

use std::time::Duration;

use super::layout::Layout;
use greenroom_base::plain;
use greenroom_deck::{Align, Transition};

/// What a comment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directive {
    /// What follows shows a step later.
    Pause,
    /// The slide ends.
    EndSlide,
    /// So many empty lines.
    NewLines(u16),
    /// What follows stands in the middle.
    JumpToMiddle,
    /// Columns begin, of these relative widths.
    ColumnLayout(Vec<u16>),
    /// What follows stands in this column, counted from 0.
    Column(usize),
    /// The columns end.
    ResetLayout,
    /// Lists show item by item from here on, or whole.
    IncrementalLists(bool),
    /// Line breaks between the items of lists.
    ListItemNewlines(u16),
    /// The slide has no footer.
    NoFooter,
    /// The size of what follows, 1 to 7.
    FontSize(u8),
    /// Where what follows stands between the sides.
    Alignment(Align),
    /// The slide is left out.
    SkipSlide,
    /// What the slide is to look like.
    Layout(Layout),
    /// How long the slide should take.
    Minutes(Duration),
    /// For the speaker.
    Note(String),
    /// Another file is read here.
    Include(String),
    /// How the slide comes.
    Transition(Transition),
    /// The run of the block of code with this name shows here.
    SnippetOutput(String),
    /// Tables show row by row from here on, or whole.
    IncrementalTables(bool),
    /// This address stands here as a QR code.
    Qr(String),
    /// The width of the next picture, in percent of the room it has, and where it stands.
    Image(Option<u8>, Option<Align>),
}

/// A row of the table.
pub struct Row {
    /// The directive's name, then other names for it.
    pub names: &'static [&'static str],
    /// What stands behind its colon.
    pub value: Value,
    /// Where it counts.
    pub acts: Acts,
    /// A list that follows is a new one, though only a pause may stand before it.
    pub ends_list: bool,
}

/// What stands behind a directive's colon.
pub enum Value {
    /// Nothing, and there is no colon.
    None(fn() -> Directive),
    /// One line.
    Line {
        /// How it is written.
        example: &'static str,
        /// What it must be, behind the directive's name.
        must: &'static str,
        /// Reads it.
        read: fn(&str) -> Option<Directive>,
    },
    /// Text of any length.
    Text {
        /// How it is written.
        example: &'static str,
        /// Reads it.
        read: fn(String) -> Directive,
    },
    /// Anything: it is no directive but a remark.
    Remark,
    /// Anything: it does nothing here.
    Unsupported {
        /// How it is written.
        example: &'static str,
        /// Why it does nothing.
        message: &'static str,
        /// What to do.
        hint: &'static str,
    },
}

/// Where a directive counts that stands inside of a list, a quote or the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acts {
    /// There.
    Inside,
    /// It concerns the slide, and so it waits until the block is complete.
    AfterBlock,
    /// It counts only between blocks.
    Between,
}

/// More empty lines than this are a slip.
const MAX_NEW_LINES: u16 = 200;

/// More columns than this are too narrow to read.
const MAX_COLUMNS: usize = 16;

/// Every directive.
pub(crate) const DIRECTIVES: &[Row] = &[
    Row {
        names: &["pause", "stop"],
        value: Value::None(|| Directive::Pause),
        acts: Acts::Inside,
        ends_list: false,
    },
    Row {
        names: &["end_slide"],
        value: Value::None(|| Directive::EndSlide),
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["new_line", "newline"],
        value: Value::None(|| Directive::NewLines(1)),
        acts: Acts::Inside,
        ends_list: true,
    },
    Row {
        names: &["new_lines", "newlines"],
        value: Value::Line {
            example: "2",
            must: "takes a number up to 200",
            read: |value| number(value, 0, MAX_NEW_LINES).map(Directive::NewLines),
        },
        acts: Acts::Inside,
        ends_list: true,
    },
    Row {
        names: &["jump_to_middle"],
        value: Value::None(|| Directive::JumpToMiddle),
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["column_layout"],
        value: Value::Line {
            example: "[1, 1]",
            must: "takes 1 to 16 widths of at least 1",
            read: |value| weights(value).map(Directive::ColumnLayout),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["column"],
        value: Value::Line {
            example: "0",
            must: "takes the number of a column, from 0",
            read: |value| value.parse().ok().map(Directive::Column),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["reset_layout"],
        value: Value::None(|| Directive::ResetLayout),
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["incremental_lists"],
        value: Value::Line {
            example: "true",
            must: "is true or false",
            read: |value| value.parse().ok().map(Directive::IncrementalLists),
        },
        acts: Acts::Inside,
        ends_list: true,
    },
    Row {
        names: &["list_item_newlines"],
        value: Value::Line {
            example: "2",
            must: "takes a number from 1 to 20",
            read: |value| number(value, 1, 20).map(Directive::ListItemNewlines),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["no_footer"],
        value: Value::None(|| Directive::NoFooter),
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["font_size"],
        value: Value::Line {
            example: "2",
            must: "takes a number from 1 to 7",
            read: |value| number(value, 1, 7).map(Directive::FontSize),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["alignment"],
        value: Value::Line {
            example: "center",
            must: "is left, center or right",
            read: |value| align(value).map(Directive::Alignment),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["layout"],
        value: Value::Line {
            example: "quote",
            must: "is quote, number, picture, code, section, columns or plain",
            read: |value| Layout::read(value).map(Directive::Layout),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["skip_slide"],
        value: Value::None(|| Directive::SkipSlide),
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["minutes"],
        value: Value::Line {
            example: "1.5",
            must: "takes a number of minutes, at most 600",
            read: |value| minutes(value).map(Directive::Minutes),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["speaker_note"],
        value: Value::Text { example: "what to say", read: Directive::Note },
        acts: Acts::Inside,
        ends_list: false,
    },
    Row {
        names: &["include"],
        value: Value::Line {
            example: "other.md",
            must: "takes the path of a Markdown file",
            read: |value| (!value.is_empty()).then(|| Directive::Include(unquoted(value).to_owned())),
        },
        acts: Acts::Between,
        ends_list: true,
    },
    Row { names: &["comment"], value: Value::Remark, acts: Acts::Inside, ends_list: false },
    Row {
        names: &["snippet_output"],
        value: Value::Line {
            example: "id",
            must: "takes what a block of code before it is called, as in `+exec +id:name`",
            read: |value| sound(value).then(|| Directive::SnippetOutput(value.to_owned())),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["transition"],
        value: Value::Line {
            example: "fade",
            must: "is none, fade or slide",
            read: |value| transition(value).map(Directive::Transition),
        },
        acts: Acts::AfterBlock,
        ends_list: false,
    },
    Row {
        names: &["incremental_tables"],
        value: Value::Line {
            example: "true",
            must: "is true or false",
            read: |value| value.parse().ok().map(Directive::IncrementalTables),
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
    Row {
        names: &["qr"],
        value: Value::Line {
            example: "https://example.org",
            must: "takes an address (https, http or mailto) of at most 250 characters, or `audience`",
            read: |value| qr(value).map(Directive::Qr),
        },
        acts: Acts::Inside,
        ends_list: true,
    },
    Row {
        names: &["image"],
        value: Value::Line {
            example: "50% center",
            must: "takes a width from 1% to 100%, and left, center or right",
            read: image,
        },
        acts: Acts::AfterBlock,
        ends_list: true,
    },
];

/// A code of a longer address has more modules than a camera at the back of a room can tell apart, in bytes.
const MAX_QR: usize = 250;

impl Row {
    /// The row of the directive called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        DIRECTIVES.iter().find(|row| row.names.contains(&name))
    }

    /// How it is written under `name`; nothing for one that takes no value.
    #[must_use]
    pub(crate) fn example(&self, name: &str) -> Option<String> {
        match self.value {
            Value::Line { example, .. }
            | Value::Text { example, .. }
            | Value::Unsupported { example, .. } => Some(format!("{name}: {example}")),
            Value::None(_) | Value::Remark => None,
        }
    }
}

/// Every name of every directive.
pub fn names() -> impl Iterator<Item = &'static str> {
    DIRECTIVES.iter().flat_map(|row| row.names).copied()
}

/// Those of directives that do something.
pub(crate) fn names_that_count() -> impl Iterator<Item = &'static str> {
    DIRECTIVES.iter().filter(|row| !matches!(row.value, Value::Remark)).flat_map(|row| row.names).copied()
}

/// A number from `least` to `most`.
fn number<N: std::str::FromStr + PartialOrd>(value: &str, least: N, most: N) -> Option<N> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

/// `left`, `center` or `right`.
#[must_use]
pub fn align(value: &str) -> Option<Align> {
    match value {
        "left" => Some(Align::Left),
        "center" => Some(Align::Center),
        "right" => Some(Align::Right),
        _ => None,
    }
}

/// What stands for the address by which the audience follows the talk.
pub const AUDIENCE: &str = "audience";

/// An address that can be opened, short enough for a code; or [`AUDIENCE`].
fn qr(value: &str) -> Option<String> {
    if unquoted(value).trim() == AUDIENCE {
        return Some(AUDIENCE.to_owned());
    }
    plain::address(unquoted(value)).filter(|address| address.len() <= MAX_QR)
}

/// A width in percent, a place, or both, in any order.
fn image(value: &str) -> Option<Directive> {
    let (mut width, mut place) = (None, None);
    let words =
        value.split([' ', ',']).map(|word| word.trim_start_matches("width:").trim_start_matches("align:"));
    for word in words.filter(|word| !word.is_empty()) {
        match (percent(word), align(word)) {
            (Some(percent), _) if width.is_none() => width = Some(percent),
            (_, Some(align)) if place.is_none() => place = Some(align),
            _ => return None,
        }
    }
    (width.is_some() || place.is_some()).then_some(Directive::Image(width, place))
}

/// `50%`
#[must_use]
pub fn percent(value: &str) -> Option<u8> {
    number(value.trim().strip_suffix('%')?.trim_end(), 1, 100)
}

/// Whether `value` is a name.
fn sound(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| !c.is_whitespace() && !c.is_control())
}

/// A transition by our name, or by presenterm's.
fn transition(value: &str) -> Option<Transition> {
    match value {
        "none" => Some(Transition::None),
        "fade" => Some(Transition::Fade),
        "slide" | "slide_horizontal" | "collapse_horizontal" => Some(Transition::Slide),
        _ => None,
    }
}

/// A slide's time, to the millisecond.
fn minutes(value: &str) -> Option<Duration> {
    let minutes: f64 = value.parse().ok()?;
    let sound = (0.0..=600.0).contains(&minutes);
    sound.then(|| Duration::try_from_secs_f64(minutes * 60.0).ok()).flatten()
}

fn weights(value: &str) -> Option<Vec<u16>> {
    let inner = value.strip_prefix('[')?.strip_suffix(']')?;
    let weights: Vec<u16> =
        inner.split(',').map(|weight| weight.trim().parse().ok()).collect::<Option<_>>()?;
    let sound = weights.iter().all(|weight| (1..=1000).contains(weight)) && weights.len() <= MAX_COLUMNS;
    sound.then_some(weights)
}

/// `value` without the quotes around it.
#[must_use]
pub(crate) fn unquoted(value: &str) -> &str {
    ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_written_as_its_example_and_known_to_readers() {
        let page = include_str!("../../../docs/src/how-to/slides.md");
        for row in DIRECTIVES {
            let name = row.names[0];
            match &row.value {
                Value::Line { example, read, must } => {
                    assert!(
                        read(example).is_some() && (read("\u{0}").is_none() || name == "include"),
                        "{name}: {example}"
                    );
                    assert!(must.starts_with("takes ") || must.starts_with("is "), "{name} {must}");
                }
                Value::Text { .. } | Value::None(_) => {}
                Value::Remark | Value::Unsupported { .. } => continue,
            }
            assert!(
                row.names.iter().any(|name| page.contains(&format!("<!-- {name}"))),
                "docs/src/how-to/slides.md does not have {name}"
            );
        }
        let all: Vec<&str> = names().collect();
        assert!(
            all.iter().enumerate().all(|(at, name)| !all[..at].contains(name)),
            "a name stands for two: {all:?}"
        );
    }
}
