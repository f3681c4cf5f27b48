//! Rust source, word by word.

/// The words and marks of Rust source `text`, without comments, literals and lifetimes.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let rest = &chars[at..];
        at += if c.is_whitespace() {
            1
        } else if rest.starts_with(&['/', '/']) {
            rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
        } else if rest.starts_with(&['/', '*']) {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' {
            if rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'') {
                quoted(rest, '\'')
            } else {
                1 + word(&rest[1..])
            }
        } else {
            let length = if rest.starts_with(&[':', ':']) { 2 } else { word(rest).max(1) };
            tokens.push(rest[..length].iter().collect());
            length
        };
    }
    tokens
}

fn word(chars: &[char]) -> usize {
    chars.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count()
}

fn quoted(chars: &[char], end: char) -> usize {
    let mut at = 1;
    while at < chars.len() && chars[at] != end {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of `r"…"`, `r#"…"#`, `br"…"` and the like, if `chars` begin with one.
fn raw_string(chars: &[char]) -> Option<usize> {
    let prefix = word(chars);
    if !matches!(chars[..prefix], ['r'] | ['b' | 'c', 'r']) {
        return None;
    }
    let hashes = chars[prefix..].iter().take_while(|c| **c == '#').count();
    let start = prefix + hashes + 1;
    if chars.get(start - 1) != Some(&'"') {
        return None;
    }
    let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let length = chars[start..].windows(end.len()).position(|window| window == end.as_slice())?;
    Some(start + length + end.len())
}

fn block_comment(chars: &[char]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < chars.len() {
        if chars[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if chars[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
        if depth == 0 {
            break;
        }
    }
    at
}
