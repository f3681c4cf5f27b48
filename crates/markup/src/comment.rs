//! Reads an HTML comment: a directive, a slip, or a remark.

use crate::directive::{Directive, Row, Value, names, unquoted};
use crate::ignored;
use greenroom_base::diag::nearest;

pub use crate::ignored::Mistake;

/// What a comment is: nothing when it is only a comment.
type Found = Result<Option<(Directive, &'static Row)>, Mistake>;

/// Reads the inside of a comment: nothing when it is only a comment.
///
/// # Errors
/// When it is a directive that is not written right, or that does nothing here.
pub fn read(comment: &str) -> Found {
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
    let row = Row::of(name);
    let block = matches!(value, Some("" | "|" | ">" | "|-" | ">-" | "|+" | ">+"));
    let long = row.is_some_and(|row| matches!(row.value, Value::Text { .. } | Value::Remark));
    if !rest.trim().is_empty() && !long && !block {
        return several(comment);
    }
    let Some(row) = row else { return lookalike(name, value) };
    of_row(row, name, value, rest)
}

/// The directive of `row`, written as `name`, a colon and `value`, and `rest` on the lines below.
fn of_row(row: &'static Row, name: &str, value: Option<&str>, rest: &str) -> Found {
    let found = |directive| Ok(Some((directive, row)));
    let written = || row.example(name).unwrap_or_else(|| name.to_owned());
    match (&row.value, value) {
        (Value::Remark, _) => Ok(None),
        (Value::None(directive), None) => found(directive()),
        (Value::None(_), Some(_)) => Err(mistake(format!("`{name}` takes no value"), name)),
        (_, None) => Err(mistake(format!("`{name}` needs a value"), &written())),
        (Value::Text { read, .. }, Some(value)) => found(read(note(value, rest))),
        (Value::Line { must, read, .. }, Some(value)) => match read(value) {
            Some(directive) => found(directive),
            None => Err(mistake(format!("`{name}` {must}, not \"{value}\""), &written())),
        },
        (Value::Unsupported { message, hint, .. }, Some(_)) => {
            Err(Mistake { message: (*message).to_owned(), hint: (*hint).to_owned(), unsupported: true })
        }
    }
}

/// A line whose name no colon follows: a directive that lacks its colon, or a remark.
fn colonless(line: &str) -> Found {
    let Some((name, rest)) = ignored::without_colon(line) else { return Ok(None) };
    // No English word has an underscore in it; the others are directives only if what follows is their value.
    let meant = match name {
        name if Row::of(name).is_none() => {
            let near = nearest(name, names()).filter(|_| name.contains('_') || rest.starts_with('['));
            return match near {
                Some(_) => lookalike(name, Some(rest)),
                None if name.contains('_') && !rest.contains(' ') => lookalike(name, Some(rest)),
                None => Ok(None),
            };
        }
        "comment" => false,
        "include" => !rest.contains(' ') && rest.contains('.'),
        name => name.contains('_') || matches!(read(&format!("{name}: {rest}")), Ok(Some(_))),
    };
    if !meant {
        return Ok(None);
    }
    let unsupported = true;
    Err(match Row::of(name).and_then(|row| row.example(name)) {
        Some(_) => {
            let message = format!("`{name}` does nothing without a colon behind it");
            let hint = format!("write `<!-- {name}: {rest} -->`");
            Mistake { message, hint, unsupported }
        }
        None => Mistake { unsupported, ..mistake(format!("`{name}` takes no value"), name) },
    })
}

/// Several lines that are directives, each for itself: none of them counts.
fn several(comment: &str) -> Found {
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

fn mistake(message: String, example: &str) -> Mistake {
    Mistake { message, hint: format!("write `<!-- {example} -->`"), unsupported: false }
}

/// A name that nobody knows: a slip when it is near a known one, another program's directive, or a remark.
fn lookalike(name: &str, value: Option<&str>) -> Found {
    let plain = name.to_ascii_lowercase().replace('-', "_");
    // Known, and found wrong for another reason than its name, it would not be here.
    let Some(near) = nearest(&plain, names()) else {
        return ignored::stranger(name, value).map_or(Ok(None), Err);
    };
    Err(Mistake {
        message: format!("unknown directive `{name}`"),
        hint: format!("did you mean `{near}`?"),
        unsupported: false,
    })
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
#[must_use]
pub(crate) fn dedent(text: &str) -> String {
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
    use greenroom_deck::Align;
    use std::time::Duration;

    fn said(comment: &str) -> Result<Option<Directive>, Mistake> {
        read(comment).map(|found| found.map(|(directive, _)| directive))
    }

    #[test]
    fn comments_that_are_directives() {
        let is =
            |comment: &str, directive: Directive| assert_eq!(said(comment), Ok(Some(directive)), "{comment}");
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
            assert_eq!(said(comment), Ok(None), "{comment}");
        }
    }

    #[test]
    fn comments_that_are_slips() {
        let say = |comment: &str| match said(comment) {
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
            "snippet_output: x y",
            "transition: quick",
        ];
        insta::assert_snapshot!(slips.map(say).join("\n"));
    }

    #[test]
    fn stage_13_what_does_nothing_is_told_from_a_remark() {
        let warned = [
            "transition: blur",
            "class: x",
            "class: lead invert",
            "_class: lead",
            "backgroundColor: #fff",
            "paginate: true",
            "incremental_tables",
            "jump_to_bottom",
            "fade",
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
            assert!(said(comment).is_err(), "{comment}: {:?}", said(comment));
        }
        let of = |mistake: Mistake| (mistake.hint, mistake.unsupported);
        let hint = |comment: &str| of(said(comment).expect_err(comment));
        assert_eq!(hint("column_layout [1,1]"), ("write `<!-- column_layout: [1,1] -->`".to_owned(), true));
        assert_eq!(
            hint("incremental_tables"),
            ("write `<!-- incremental_tables: true -->`".to_owned(), false)
        );
    }
}
