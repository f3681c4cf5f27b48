//! HTML comments that tell how a slide is made, under the names that presenterm gave them.

use std::time::Duration;

use super::silent;
use greenroom_base::diag::nearest;
use greenroom_deck::Align;

/// What a comment asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Directive {
    Pause,
    EndSlide,
    NewLines(u16),
    JumpToMiddle,
    ColumnLayout(Vec<u16>),
    Column(usize),
    ResetLayout,
    IncrementalLists(bool),
    ListItemNewlines(u16),
    NoFooter,
    FontSize(u8),
    Alignment(Align),
    SkipSlide,
    /// How long the slide should take.
    Minutes(Duration),
    Note(String),
    Include(String),
}

/// Why a comment is no directive although it looks like one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub message: String,
    pub hint: String,
    /// A directive of presenterm's that does nothing here: the deck is as good as it was.
    pub unsupported: bool,
}

pub(super) const NAMES: [&str; 21] = [
    "pause",
    "end_slide",
    "new_line",
    "newline",
    "new_lines",
    "newlines",
    "jump_to_middle",
    "column_layout",
    "column",
    "reset_layout",
    "incremental_lists",
    "list_item_newlines",
    "no_footer",
    "font_size",
    "alignment",
    "skip_slide",
    "minutes",
    "speaker_note",
    "include",
    "comment",
    "snippet_output",
];

/// More empty lines than this are a slip.
const MAX_NEW_LINES: u16 = 200;

/// More columns than this are too narrow to read.
const MAX_COLUMNS: usize = 16;

/// Reads the inside of a comment: nothing when it is only a comment.
pub(super) fn read(comment: &str) -> Result<Option<Directive>, Mistake> {
    let comment = comment.trim();
    let (first, rest) = comment.split_once('\n').unwrap_or((comment, ""));
    let (name, value) = match first.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (first.trim(), None),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(is_word) {
        return if rest.trim().is_empty() { colonless(first) } else { several(comment) };
    }
    let block = matches!(value, Some("" | "|" | ">" | "|-" | ">-" | "|+" | ">+"));
    if !rest.trim().is_empty() && name != "speaker_note" && name != "comment" && !block {
        return several(comment);
    }
    match (name, value) {
        ("speaker_note", Some(value)) => Ok(Some(Directive::Note(note(value, rest)))),
        ("comment", _) => Ok(None),
        (name, None) => bare(name),
        (name, Some(value)) => with_value(name, value),
    }
}

/// A line whose name no colon follows: a directive that lacks its colon, or a remark.
fn colonless(line: &str) -> Result<Option<Directive>, Mistake> {
    let Some((name, rest)) = silent::without_colon(line) else { return Ok(None) };
    // No English word has an underscore in it; the others are directives only if what follows is their value.
    let meant = match name {
        name if !NAMES.contains(&name) => {
            let near = nearest(name, NAMES).filter(|_| name.contains('_') || rest.starts_with('['));
            return match near {
                Some(_) => lookalike(name, Some(rest)),
                None if name.contains('_') && !rest.contains(' ') => lookalike(name, Some(rest)),
                None => Ok(None),
            };
        }
        "comment" => false,
        "include" => !rest.contains(' ') && rest.contains('.'),
        name => name.contains('_') || matches!(with_value(name, rest), Ok(Some(_))),
    };
    if !meant {
        return Ok(None);
    }
    let unsupported = true;
    Err(match example(name) {
        Some(_) => {
            let message = format!("`{name}` does nothing without a colon behind it");
            let hint = format!("write `<!-- {name}: {rest} -->`");
            Mistake { message, hint, unsupported }
        }
        None => Mistake { unsupported, ..mistake(format!("`{name}` takes no value"), name) },
    })
}

/// Several lines that are directives, each for itself: none of them counts.
fn several(comment: &str) -> Result<Option<Directive>, Mistake> {
    let mut lines = comment.lines().filter(|line| !line.trim().is_empty());
    // A comment that is a text says so early.
    let is_one = |line: &str| line.contains([':', '_']) && !matches!(read(line), Ok(None));
    if !lines.all(is_one) {
        return Ok(None);
    }
    let message = "a comment holds one directive: none of these counts".to_owned();
    let hint = "write each in a comment of its own".to_owned();
    Err(Mistake { message, hint, unsupported: true })
}

fn bare(name: &str) -> Result<Option<Directive>, Mistake> {
    Ok(Some(match name {
        "pause" => Directive::Pause,
        "end_slide" => Directive::EndSlide,
        "new_line" | "newline" => Directive::NewLines(1),
        "jump_to_middle" => Directive::JumpToMiddle,
        "reset_layout" => Directive::ResetLayout,
        "no_footer" => Directive::NoFooter,
        "skip_slide" => Directive::SkipSlide,
        name => match example(name) {
            Some(example) => {
                return Err(mistake(format!("`{name}` needs a value"), example));
            }
            None => return lookalike(name, None),
        },
    }))
}

fn with_value(name: &str, value: &str) -> Result<Option<Directive>, Mistake> {
    let wrong = |what: &str| {
        let hint = example(name).unwrap_or(name);
        Err(mistake(format!("`{name}` {what}, not \"{value}\""), hint))
    };
    Ok(Some(match name {
        "new_lines" | "newlines" => match value.parse() {
            Ok(count) if count <= MAX_NEW_LINES => Directive::NewLines(count),
            _ => return wrong(&format!("takes a number up to {MAX_NEW_LINES}")),
        },
        "column_layout" => match weights(value) {
            Some(weights) => Directive::ColumnLayout(weights),
            None => return wrong(&format!("takes 1 to {MAX_COLUMNS} widths of at least 1")),
        },
        "column" => match value.parse() {
            Ok(column) => Directive::Column(column),
            Err(_) => return wrong("takes the number of a column, from 0"),
        },
        "incremental_lists" => match value {
            "true" => Directive::IncrementalLists(true),
            "false" => Directive::IncrementalLists(false),
            _ => return wrong("is true or false"),
        },
        "list_item_newlines" => match value.parse() {
            Ok(count) if (1..=20).contains(&count) => Directive::ListItemNewlines(count),
            _ => return wrong("takes a number from 1 to 20"),
        },
        "font_size" => match value.parse() {
            Ok(size) if (1..=7).contains(&size) => Directive::FontSize(size),
            _ => return wrong("takes a number from 1 to 7"),
        },
        "alignment" => match value {
            "left" => Directive::Alignment(Align::Left),
            "center" => Directive::Alignment(Align::Center),
            "right" => Directive::Alignment(Align::Right),
            _ => return wrong("is left, center or right"),
        },
        "minutes" => match minutes(value) {
            Some(budget) => Directive::Minutes(budget),
            None => return wrong("takes a number of minutes, at most 600"),
        },
        "include" if value.is_empty() => return wrong("takes the path of a Markdown file"),
        "include" => Directive::Include(unquoted(value).to_owned()),
        "snippet_output" => {
            let message = "`snippet_output` does nothing: snippets are not run".to_owned();
            let hint = "a ```pane block runs a program inside of a slide".to_owned();
            return Err(Mistake { message, hint, unsupported: true });
        }
        name if NAMES.contains(&name) => {
            return Err(mistake(format!("`{name}` takes no value"), name));
        }
        name => return lookalike(name, Some(value)),
    }))
}

/// How a directive with a value is written.
fn example(name: &str) -> Option<&'static str> {
    Some(match name {
        "new_lines" => "new_lines: 2",
        "newlines" => "newlines: 2",
        "column_layout" => "column_layout: [1, 1]",
        "column" => "column: 0",
        "incremental_lists" => "incremental_lists: true",
        "list_item_newlines" => "list_item_newlines: 2",
        "font_size" => "font_size: 2",
        "alignment" => "alignment: center",
        "minutes" => "minutes: 1.5",
        "speaker_note" => "speaker_note: what to say",
        "include" => "include: other.md",
        "snippet_output" => "snippet_output: id",
        _ => return None,
    })
}

fn mistake(message: String, example: &str) -> Mistake {
    Mistake { message, hint: format!("write `<!-- {example} -->`"), unsupported: false }
}

/// A name that nobody knows: a slip when it is near a known one, another program's directive, or a remark.
fn lookalike(name: &str, value: Option<&str>) -> Result<Option<Directive>, Mistake> {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    // Known, and found wrong for another reason than its name, it would not be here.
    let Some(near) = nearest(&plain, NAMES) else {
        return silent::stranger(name, value).map_or(Ok(None), Err);
    };
    Err(Mistake {
        message: format!("unknown directive `{name}`"),
        hint: format!("did you mean `{near}`?"),
        unsupported: false,
    })
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

fn unquoted(value: &str) -> &str {
    ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value)
}

/// A note on one line, on several, or as a YAML block (`|`, `>`).
fn note(first: &str, rest: &str) -> String {
    let rest = dedent(rest.trim_end());
    match first {
        "|" | "|-" | "|+" | "" => rest,
        ">" | ">-" | ">+" => {
            rest.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
        }
        first if rest.is_empty() => unquoted(first).to_owned(),
        first => format!("{first}\n{rest}"),
    }
}

/// `text` without the indentation that all of its lines share, and without empty lines before it.
pub(super) fn dedent(text: &str) -> String {
    let text = text.trim_start_matches('\n');
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indent = text.lines().filter(|line| !line.trim().is_empty()).map(indent_of).min().unwrap_or(0);
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        out.push_str(line.get(indent..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_that_are_directives() {
        let is =
            |comment: &str, directive: Directive| assert_eq!(read(comment), Ok(Some(directive)), "{comment}");
        is("pause", Directive::Pause);
        is(" end_slide ", Directive::EndSlide);
        is("newline", Directive::NewLines(1));
        is("new_lines: 12", Directive::NewLines(12));
        is("column_layout: [1, 3]", Directive::ColumnLayout(vec![1, 3]));
        is("column: 1", Directive::Column(1));
        is("reset_layout", Directive::ResetLayout);
        is("incremental_lists: true", Directive::IncrementalLists(true));
        is("list_item_newlines: 2", Directive::ListItemNewlines(2));
        is("no_footer", Directive::NoFooter);
        is("font_size: 7", Directive::FontSize(7));
        is("alignment: center", Directive::Alignment(Align::Center));
        is("skip_slide", Directive::SkipSlide);
        is("minutes: 1.5", Directive::Minutes(Duration::from_secs(90)));
        is("jump_to_middle", Directive::JumpToMiddle);
        is("include: \"a b.md\"", Directive::Include("a b.md".to_owned()));
        is("speaker_note: say: this", Directive::Note("say: this".to_owned()));
        is("speaker_note: |\n  one\n\n    two\n", Directive::Note("one\n\n  two".to_owned()));
        is("\nspeaker_note: |\none\ntwo\n", Directive::Note("one\ntwo".to_owned()));
        is("speaker_note: >\n  one\n  two\n\n  three", Directive::Note("one two\n\nthree".to_owned()));
        is("speaker_note: \"quoted\"", Directive::Note("quoted".to_owned()));
        is("speaker_note: one\n  two", Directive::Note("one\ntwo".to_owned()));
    }

    #[test]
    fn comments_that_are_only_comments() {
        for comment in [
            "",
            "// pause",
            "comment: pause",
            "TODO: pictures",
            "a remark",
            "vim: ft=md",
            "{{{",
            "Now: we see\nthat pausing helps",
            "größe: 3",
            "note",
            "Done",
            "TODO",
            "fixme: 3",
            "draft",
            "the pause is long",
            "pause here for a moment",
            "include the picture of the lake",
            "column of figures",
            "alignment of the pictures",
            "minutes are short",
            "see: https://example.org",
            "source: https://example.org/x",
            "talk: about the lake, then about the mill",
            "warning: do not open the door",
            "prettier-ignore",
            "markdownlint-disable MD013",
            "markdownlint-disable",
            "cspell:ignore greenroom",
            "SPDX-License-Identifier: MIT",
            "end-of-part",
            "// transition: fade",
            "apples\npears\nplums",
            "Here the audience laughs:\nwait",
            "<img src=\"x.png\">",
            "a_b is the name, and so is c_d",
            "* one\n* two",
        ] {
            assert_eq!(read(comment), Ok(None), "{comment}");
        }
    }

    #[test]
    fn comments_that_are_slips() {
        let say = |comment: &str| match read(comment) {
            Err(mistake) => format!("{comment} => {} ({})", mistake.message, mistake.hint),
            other => format!("{comment} => {other:?}"),
        };
        let slips = [
            "puase",
            "End-Slide",
            "speaker_notes: hi",
            "speaker_notes: |\n  hi",
            "colum: 1",
            "pause: 2",
            "column",
            "column: one",
            "column_layout: [1, 0]",
            "column_layout: 1, 1",
            "column_layout: []",
            "font_size: 99",
            "alignment: middle",
            "incremental_lists: yes",
            "list_item_newlines: 0",
            "new_lines: 1000",
            "include:",
            "snippet_output: x",
        ];
        insta::assert_snapshot!(slips.map(say).join("\n"));
    }

    #[test]
    fn stage_13_what_does_nothing_is_told_from_a_remark() {
        let warned = [
            "transition: fade",
            "class: x",
            "class: lead invert",
            "_class: lead",
            "backgroundColor: #fff",
            "paginate: true",
            "incremental_tables",
            "incremental_tables: true",
            "jump_to_bottom",
            "fade",
            "stop",
            "blink: 3",
            "shout: \"hear, hear\"",
            "weights: [1, 2]",
            "column_layout [1,1]",
            "column_layout[1, 1]",
            "column_layout = [1, 1]",
            "colum_layout [1, 1]",
            "column 1",
            "alignment center",
            "font_size 2",
            "new_lines two",
            "include part.md",
            "end_slide now",
            "speaker_note say this",
            "no_footer: true",
            "class: a\ntransition: b",
            "font_size: 2\nalignment: center",
            "remarks: |\n  text",
        ];
        for comment in warned {
            assert!(read(comment).is_err(), "{comment}: {:?}", read(comment));
        }
        let said = |comment: &str| read(comment).map_err(|mistake| (mistake.hint, mistake.unsupported));
        let hint = |comment: &str| said(comment).expect_err(comment);
        assert_eq!(hint("column_layout [1,1]"), ("write `<!-- column_layout: [1,1] -->`".to_owned(), true));
        assert_eq!(
            hint("incremental_tables"),
            ("the nearest that is known is `incremental_lists`".to_owned(), true)
        );
        assert_eq!(hint("stop"), ("write `<!-- pause -->`".to_owned(), true));
    }
}
