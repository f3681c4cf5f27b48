//! The few HTML tags that mean something inside of a line.

use greenroom_deck::{Mark, Meaning, Rgb, Role};

/// A tag, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name in lower case.
    pub name: String,
    /// `</b>`
    pub closing: bool,
    /// `<br/>`
    pub empty: bool,
    /// What stands after the name.
    pub attributes: &'a str,
}

/// What a tag does to the text inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HtmlStyle {
    /// How it is marked.
    pub mark: Mark,
    /// Its colour.
    pub foreground: Option<Rgb>,
    /// The colour behind it.
    pub background: Option<Rgb>,
    /// What its class says of it.
    pub meaning: Option<Meaning>,
    /// What it means, for the theme to colour.
    pub role: Option<Role>,
}

/// Reads `<name …>`, `</name>` or `<name/>`.
#[must_use]
pub fn tag(html: &str) -> Option<Tag<'_>> {
    let inner = html.trim().strip_prefix('<')?.strip_suffix('>')?;
    let (closing, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
    let (empty, inner) = inner.strip_suffix('/').map_or((false, inner), |inner| (true, inner));
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(inner.len());
    let (name, attributes) = inner.split_at(end);
    (!name.is_empty()).then(|| Tag {
        name: name.to_ascii_lowercase(),
        closing,
        empty,
        attributes: attributes.trim(),
    })
}

/// What the tag called `name` does by itself; nothing for tags that have no meaning here.
#[must_use]
pub fn look(name: &str) -> Option<HtmlStyle> {
    let mark = match name {
        "b" | "strong" => Mark::STRONG,
        "i" | "em" => Mark::EMPHASIS,
        "u" | "ins" => Mark::UNDERLINE,
        "s" | "del" | "strike" => Mark::STRIKE,
        "code" | "kbd" | "samp" => Mark::CODE,
        "sub" => Mark::SUB,
        "sup" => Mark::SUPER,
        "span" => Mark::empty(),
        _ => return None,
    };
    Some(HtmlStyle { mark, ..HtmlStyle::default() })
}

/// Whether `tag` is rather text that happens to have its signs, as `Vec<T>` and `<name>`: no element of HTML is called so,
/// and it has no attribute with a value.
#[must_use]
pub fn may_be_text(tag: &Tag<'_>) -> bool {
    !tag.empty
        && !tag.name.contains('-')
        && !tag.attributes.contains(['=', '@'])
        && !ELEMENTS.contains(&tag.name.as_str())
}

/// The elements of HTML, with those of SVG and `MathML` that are written inline, and what was one once.
const ELEMENTS: [&str; 141] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdi",
    "bdo",
    "big",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "circle",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "datalist",
    "dd",
    "defs",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "ellipse",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hgroup",
    "hr",
    "html",
    "i",
    "iframe",
    "image",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "line",
    "link",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "meta",
    "meter",
    "nav",
    "nobr",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "param",
    "path",
    "picture",
    "polygon",
    "pre",
    "progress",
    "q",
    "rect",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "text",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "track",
    "tspan",
    "tt",
    "u",
    "ul",
    "use",
    "var",
    "video",
    "wbr",
    "mi",
    "mn",
    "mo",
];

/// The value of the attribute `name`.
pub fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let after = after.trim_start();
        let Some(after) = after.strip_prefix('=') else {
            // An attribute without a value; at least one byte goes, so this ends.
            rest = if key.is_empty() { "" } else { after };
            continue;
        };
        let after = after.trim_start();
        let (value, after) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = after.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after.trim_start();
    }
    None
}

/// The declarations of a `style` attribute.
pub fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_attributes() {
        let span = tag("<span style=\"color: red; background-color: #00f\" class=x hidden>").unwrap();
        assert_eq!((span.name.as_str(), span.closing, span.empty), ("span", false, false));
        assert_eq!(attribute(span.attributes, "class"), Some("x"));
        assert_eq!(attribute(span.attributes, "id"), None);
        let style = attribute(span.attributes, "STYLE").unwrap();
        assert_eq!(declarations(style).collect::<Vec<_>>(), [("color", "red"), ("background-color", "#00f")]);
        assert!(tag("</B>").unwrap().closing);
        assert!(tag("<br/>").unwrap().empty);
        assert_eq!(tag("<!-- x -->"), None);
        assert_eq!(tag("< b>"), None);
        assert_eq!(attribute("= = x", "x"), None);
    }
}
