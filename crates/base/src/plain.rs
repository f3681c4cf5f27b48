//! Text of others, made plain: nothing in it moves a cursor, sets a clipboard, hides or turns letters around.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// Whether `c` commands a terminal, or changes how the letters around it are read without being seen itself.
/// Tabs and line feeds are among them.
#[must_use]
pub const fn is_unfit(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        // Direction: marks, embeddings, overrides, isolates, and the deprecated ones behind them.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        // Lines and paragraphs end here for some terminals.
        | '\u{2028}' | '\u{2029}'
        // Not seen: soft hyphen, joiners, fillers, invisible operators, annotations, shorthand and music controls.
        | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Tags, and selectors of variants that no font has.
        | '\u{e0000}'..='\u{e0fff}')
        || is_noncharacter(c)
}

/// Whether `c` is a noncharacter (The Unicode Standard, 23.7): kept for use inside of one program, an error in a page
/// of HTML, and two of them, U+FFFE and U+FFFF, may stand nowhere in XML.
#[must_use]
pub const fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe
}

/// Joiners have work to do in an emoji and in some scripts: there they stay.
fn joins(before: Option<char>, c: char, after: Option<char>) -> bool {
    let letter = |c: char| !c.is_ascii() && !is_unfit(c);
    matches!(c, '\u{200c}' | '\u{200d}') && before.is_some_and(letter) && after.is_some_and(letter)
}

/// `text` with `escape` in the place of every character that is unfit and not in `kept`.
fn replaced(text: &str, kept: &[char], escape: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        if !is_unfit(c) || kept.contains(&c) || joins(before, c, chars.peek().copied()) {
            out.push(c);
        } else {
            escape(c, &mut out);
        }
        before = Some(c);
    }
    out
}

fn visibly(c: char, out: &mut String) {
    out.extend(c.escape_unicode());
}

/// `text` in lines as they are, with each unfit character shown as `\u{1b}`. Line feeds and tabs stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let kept = ['\n', '\t'];
    if text.chars().any(|c| is_unfit(c) && !kept.contains(&c)) {
        Cow::Owned(replaced(text, &kept, visibly))
    } else {
        Cow::Borrowed(text)
    }
}

/// `text` in one line: line feeds and tabs are shown like all that is unfit.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unfit) { Cow::Owned(replaced(text, &[], visibly)) } else { Cow::Borrowed(text) }
}

/// `text` with U+FFFD for each unfit character: as many characters as before, so that columns stay right.
#[must_use]
pub(crate) fn same_length(text: &str) -> String {
    replaced(text, &[], |_, out| out.push('\u{fffd}'))
}

/// JSON with each unfit character as an escape of JSON: the same value, and nothing that a terminal obeys. Outside
/// of strings JSON has none but line feeds and tabs, which stay.
#[must_use]
pub fn json(text: &str) -> String {
    replaced(text, &['\n', '\t'], |c, out| {
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// The longest address that is handed on, in bytes: browsers and terminals take no longer ones.
const LONGEST_ADDRESS: usize = 2083;

/// The schemes of addresses that a browser or a mail program may be sent to.
const SCHEMES: [&str; 3] = ["http:", "https:", "mailto:"];

/// `text` as an address that can be opened and written anywhere: of the web or of mail, its scheme in small letters, and
/// everything percent-encoded that could end it early. Nothing for other schemes, for relative ones, and where something
/// in it commands or deceives.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > LONGEST_ADDRESS || text.chars().any(|c| is_unfit(c) || c == '\u{fffd}') {
        return None;
    }
    let (scheme, rest) = text.split_at(text.find(':')? + 1);
    let mut out = scheme.to_ascii_lowercase();
    for &byte in rest.as_bytes() {
        if is_address_byte(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    is_address(&out).then_some(out)
}

/// Whether `text` is what [`address`] gives.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let rest = SCHEMES.iter().find_map(|scheme| Some((scheme, text.strip_prefix(scheme)?)));
    let leads = match rest {
        Some((&"mailto:", rest)) => !rest.is_empty(),
        Some((_, rest)) => {
            rest.strip_prefix("//").is_some_and(|host| !host.starts_with(['/', '?', '#']) && !host.is_empty())
        }
        None => false,
    };
    leads && text.len() <= LONGEST_ADDRESS && text.bytes().all(is_address_byte)
}

/// What may stand in an address: visible ASCII, without what quotes it in some notation.
const fn is_address_byte(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~')
        && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// Shows something as one line that is plain: a name, a path, a title.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<T>(pub T);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&one_line(&self.0.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_or_deceives_is_shown() {
        let kinds = "\x1b]52;c;eA==\x07 \u{9b}31m \u{202e} \u{2067} \u{200b} \u{e0041} \u{2028} \x7f \r \u{feff} \u{fdd0} \u{ffff} \u{10fffe}";
        let plain = one_line(kinds);
        assert!(!plain.chars().any(is_unfit), "{plain:?}");
        assert!(plain.starts_with(r"\u{1b}]52;c;eA==\u{7} \u{9b}31m \u{202e}"), "{plain}");
        assert_eq!(lines("a\tb\nc\rd"), "a\tb\nc\\u{d}d");
        assert_eq!(one_line("a\tb\nc"), r"a\u{9}b\u{a}c");
        assert_eq!(format!("[{:>6}]", Quoted("a\x1b")), r"[a\u{1b}]");
        assert_eq!(format!("[{:>3}]", Quoted("a")), "[  a]");
    }

    #[test]
    fn writing_is_left_as_it_is() {
        for text in
            ["plain", "naïve – «ok» ✓", "שלום", "👩\u{200d}💻", "می\u{200c}خواهم", "日本語", "❤\u{fe0f}"]
        {
            assert_eq!(one_line(text), text);
        }
        assert_eq!(one_line("pay\u{200d}pal"), r"pay\u{200d}pal");
    }

    #[test]
    fn stage_3_only_addresses_of_the_web_and_of_mail_are_handed_on() {
        for (text, written) in [
            ("https://example.org/handbook", "https://example.org/handbook"),
            ("HTTP://example.org/?a=1&b=[2];c#d", "http://example.org/?a=1&b=[2];c#d"),
            ("https://example.org/a b/\"<x>`", "https://example.org/a%20b/%22%3Cx%3E%60"),
            ("https://example.org/größe", "https://example.org/gr%C3%B6%C3%9Fe"),
            ("mailto:a@example.org", "mailto:a@example.org"),
        ] {
            assert_eq!(address(text).as_deref(), Some(written));
            assert!(is_address(written), "{written}");
        }
        let long = format!("https://example.org/{}", "ü".repeat(800));
        for text in [
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vscode://x",
            "handbook.md",
            "//example.org",
            "#here",
            "https:",
            "https://",
            "https:///etc",
            "mailto:",
            "https://a/\x1b\\\x1b]52;c;eA==\x07",
            "https://a/\u{9c}x",
            "https://a/\u{fffd}",
            "https://a/\u{202e}gpj.exe",
            &long,
        ] {
            assert_eq!(address(text), None, "{text:?}");
            assert!(!is_address(text), "{text:?}");
        }
    }

    #[test]
    fn json_keeps_its_value() {
        let value = serde_json::json!({"a\u{202e}b": "x\u{9b}\u{e0041}\x1b\u{7f}é"});
        let text = json(&format!("{value:#}\n"));
        assert!(text.chars().all(|c| !is_unfit(c) || c == '\n'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
