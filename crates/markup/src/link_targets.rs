//! Where links lead, and why one leads nowhere.

use greenroom_base::files::{FileError, Files, beside, normalize};
use greenroom_base::plain;
use greenroom_base::text::clean_line;

/// What is wrong with a link, and what to do.
pub type LinkProblem = (String, String);

/// Enough of a file to know that it is there.
const HEAD: usize = 1;

const OPENED: &str = "http, https and mailto are; its words show";

/// Why the link to `address` in `file` leads nowhere, if it does: links are for whoever has the slides in hand, and what
/// they can open is in the deck, on the web, or mail.
#[must_use]
pub fn fault(files: &dyn Files, file: &str, address: &str) -> Option<LinkProblem> {
    if plain::address(address).is_some() {
        return None;
    }
    let address = address.trim();
    let shown = clean_line(address);
    if let Some(scheme) = scheme(address) {
        let known = ["http", "https", "mailto"].contains(&scheme.to_ascii_lowercase().as_str());
        return Some(if known {
            (
                format!("\"{shown}\" is no address that can be opened"),
                "its words show, and lead nowhere".to_owned(),
            )
        } else {
            (
                format!("links to {}: are not opened from a slide", scheme.to_ascii_lowercase()),
                OPENED.to_owned(),
            )
        });
    }
    let path = address.split(['#', '?']).next().unwrap_or_default();
    if path.is_empty() || path.starts_with('/') {
        let message = if address.is_empty() {
            "this link has no address".to_owned()
        } else {
            format!("the link to \"{shown}\" leads nowhere")
        };
        return Some((message, "write `[words](https://…)`, or the path of a file in the deck".to_owned()));
    }
    let missing = |path: &str| {
        matches!(files.head(&at(file, path), HEAD), Err(FileError::Missing | FileError::Outside))
    };
    let gone = missing(path) && (!path.contains('%') || missing(&percent_decoded(path)));
    gone.then(|| {
        let message = format!("the link to \"{shown}\" leads nowhere: there is no such file in the deck");
        let host = path.split('/').next().unwrap_or_default();
        let hint = if host.trim_matches('.').contains('.') && path.contains('/') || host.starts_with("www.") {
            format!("for a page of the web, write https://{shown}")
        } else {
            "paths are relative to the file that links; for a page of the web, begin with https://".to_owned()
        };
        (message, hint)
    })
}

/// What stands before the colon of an address that has a scheme.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let sound = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    sound.then_some(scheme)
}

/// The path in the deck of what `file` calls `link`; as written when only the files can tell where it leads.
#[must_use]
pub fn at(file: &str, link: &str) -> String {
    let path = beside(file, link);
    normalize(&path).unwrap_or(path)
}

/// `text` with its `%20` and the like as what they stand for.
#[must_use]
pub fn percent_decoded(link: &str) -> String {
    let bytes = link.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = link.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                out.push(code);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
