//! Where a package is installed: the conditions of PEP 508, as installers write them.

/// What a condition may ask for.
const NAMES: [&str; 11] = [
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];
const OPERATORS: [&str; 8] = ["===", "==", "!=", "<=", ">=", "~=", "<", ">"];
/// No condition is longer, in parts.
const MAX_PARTS: usize = 200;

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The left side of a comparison, or a parenthesis.
    Left,
    /// What compares them.
    Operator,
    /// The right side.
    Right,
    /// `and`, `or`, or the end.
    Joint,
}

/// `text` in a form of its own.
///
/// # Errors
/// Why it is no condition, in words.
pub(super) fn read(text: &str) -> Result<String, &'static str> {
    let parts = parts(text)?;
    let (mut next, mut depth, mut named) = (Next::Left, 0_usize, false);
    for part in &parts {
        let name = NAMES.contains(part);
        let value = name || part.starts_with(['"', '\'']);
        next = match (next, *part) {
            (Next::Left, "(") => {
                depth += 1;
                Next::Left
            }
            (Next::Left, _) if value => {
                named = name;
                Next::Operator
            }
            (Next::Operator, "in" | "not in") => Next::Right,
            (Next::Operator, operator) if OPERATORS.contains(&operator) => Next::Right,
            (Next::Right, _) if value && (name || named) => Next::Joint,
            (Next::Joint, "and" | "or") => Next::Left,
            (Next::Joint, ")") if depth > 0 => {
                depth -= 1;
                Next::Joint
            }
            _ => return Err("it is not written as one"),
        };
    }
    if next != Next::Joint || depth > 0 {
        return Err("it is not complete");
    }
    Ok(parts.join(" "))
}

/// The words, operators and strings of `text`.
fn parts(text: &str) -> Result<Vec<&str>, &'static str> {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if parts.len() >= MAX_PARTS {
            return Err("it is too long");
        }
        let length = match first {
            '(' | ')' => 1,
            '"' | '\'' => string(rest, first)?,
            c if c.is_ascii_lowercase() => {
                rest.find(|c: char| !(c.is_ascii_lowercase() || c == '_')).unwrap_or(rest.len())
            }
            _ => {
                OPERATORS.iter().find(|one| rest.starts_with(**one)).ok_or("it is not written as one")?.len()
            }
        };
        let (part, more) = rest.split_at_checked(length).ok_or("it is not written as one")?;
        rest = more.trim_start();
        if part == "not" {
            rest = rest.strip_prefix("in").ok_or("it is not written as one")?.trim_start();
            parts.push("not in");
        } else {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// How long the string is that `rest` begins with.
fn string(rest: &str, quote: char) -> Result<usize, &'static str> {
    let inside = rest.get(1..).and_then(|inside| inside.split(quote).next()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._+-*!~:#,()".contains(c);
    if !inside.chars().all(plain) {
        return Err("it holds an unusual character");
    }
    if rest.get(1 + inside.len()..).is_none_or(str::is_empty) {
        return Err("it is not complete");
    }
    Ok(inside.len() + 2)
}
