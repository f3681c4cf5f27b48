//! A formula as a line of text: `x² + α`, `(a + b)/2`, `∑ᵢ₌₁ⁿ xᵢ`.

use std::fmt::Write as _;

use pulldown_latex::event::Font;

use super::tree::{Class, GridKind, Node, Symbol};

/// The line, or nothing for what has no such form.
pub(super) fn of(node: &Node) -> Option<String> {
    if has_grid(node) { None } else { with_grids(node) }
}

/// The same, with grids: their rows behind each other, or on lines of their own where they are formulas.
pub(super) fn with_grids(node: &Node) -> Option<String> {
    let mut out = String::new();
    put(node, &mut out)?;
    let lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}

fn has_grid(node: &Node) -> bool {
    match node {
        Node::Grid { .. } => true,
        Node::Row(nodes) => nodes.iter().any(has_grid),
        Node::Symbol(_) | Node::Space(_) => false,
        Node::Scripts { base, sub, sup, .. } => {
            [Some(base), sub.as_ref(), sup.as_ref()].into_iter().flatten().any(|part| has_grid(part))
        }
        Node::Fraction { over, under, bar } => !bar || has_grid(over) || has_grid(under),
        Node::Root { radicand, index } => has_grid(radicand) || index.as_deref().is_some_and(has_grid),
        Node::Negated(inner) | Node::Fenced { body: inner, .. } | Node::Styled(_, inner) => has_grid(inner),
    }
}

fn put(node: &Node, out: &mut String) -> Option<()> {
    match node {
        Node::Row(nodes) => row(nodes, out)?,
        Node::Symbol(symbol) => write_symbol(symbol, out),
        Node::Scripts { base, sub, sup, .. } => scripts(base, sub.as_deref(), sup.as_deref(), out)?,
        Node::Fraction { over, under, bar } => fraction(&part(over)?, &part(under)?, *bar, out),
        Node::Root { radicand, index } => {
            root(index.as_deref(), out)?;
            out.push_str(&grouped(part(radicand)?));
        }
        Node::Negated(inner) => negated(part(inner)?.trim(), out),
        Node::Fenced { left, right, body } => {
            out.extend(left);
            let body = part(body)?;
            out.push_str(&body);
            out.extend(right);
        }
        Node::Grid { kind, rows, .. } => grid(kind, rows, out)?,
        Node::Space(width) => {
            if *width > 0.1 {
                out.push(' ');
            }
        }
        Node::Styled(_, inner) => put(inner, out)?,
    }
    Some(())
}

/// `x²`, `xₙ`, `x^(a+b)`; what stands on a letter alone is joined to it.
fn scripts(base: &Node, sub: Option<&Node>, sup: Option<&Node>, out: &mut String) -> Option<()> {
    if let (Some(accent), None) = (sup.and_then(combining), sub) {
        let text = part(base)?;
        out.push_str(&text);
        if text.chars().count() == 1 {
            out.push(accent);
        }
        return Some(());
    }
    put(base, out)?;
    if let Some(sub) = sub {
        script(&part(sub)?, '_', subscript, out);
    }
    if let Some(sup) = sup {
        script(&part(sup)?, '^', superscript, out);
    }
    Some(())
}

/// `(a + b)/2`; without a bar the two stand behind each other.
fn fraction(over: &str, under: &str, bar: bool, out: &mut String) {
    if !bar {
        let _ = write!(out, "{over}; {under}");
        return;
    }
    out.push_str(&grouped(over.to_owned()));
    out.push('/');
    if is_one(under) {
        out.push_str(under);
    } else {
        let _ = write!(out, "({under})");
    }
}

/// The sign of a root: `√`, `∛`, `ⁿ√`.
fn root(index: Option<&Node>, out: &mut String) -> Option<()> {
    match index.map(part) {
        None => out.push('√'),
        Some(index) => match index?.as_str() {
            "3" => out.push('∛'),
            "4" => out.push('∜'),
            index => {
                script(index, '^', superscript, out);
                out.push('√');
            }
        },
    }
    Some(())
}

/// What is struck through; three signs have a letter of their own for that.
fn negated(text: &str, out: &mut String) {
    match text {
        "=" => out.push_str(" ≠ "),
        "∈" => out.push_str(" ∉ "),
        "∃" => out.push('∄'),
        text => {
            out.push_str(text);
            out.push('\u{338}');
        }
    }
}

/// Rows on lines of their own where they are formulas, and behind each other where they are not.
fn grid(kind: &GridKind, rows: &[Vec<Node>], out: &mut String) -> Option<()> {
    let between = if *kind == GridKind::Pairs { " " } else { "  " };
    let in_a_line = |row: &Vec<Node>| {
        let cells: Option<Vec<String>> = row.iter().map(part).collect();
        Some(cells?.join(between))
    };
    let rows = rows.iter().map(in_a_line).collect::<Option<Vec<String>>>()?;
    match kind {
        GridKind::Pairs | GridKind::Rows => out.push_str(&rows.join("\n")),
        GridKind::Columns(_) => out.push_str(&rows.join("; ")),
        GridKind::Cases { .. } => {
            let _ = write!(out, "{{ {}", rows.join("; "));
        }
    }
    Some(())
}

fn row(nodes: &[Node], out: &mut String) -> Option<()> {
    for (index, node) in nodes.iter().enumerate() {
        let class = class(node);
        let first = index == 0 || out.is_empty();
        let after = nodes.get(index.wrapping_sub(1)).and_then(self::class);
        let sign = class == Some(Class::Binary)
            && (first
                || matches!(after, Some(Class::Relation | Class::Binary | Class::Open | Class::Punctuation)));
        let spaced = matches!(class, Some(Class::Binary | Class::Relation)) && !sign && nodes.len() > 1;
        if spaced || (word(node) && out.ends_with(char::is_alphanumeric)) {
            out.push(' ');
        }
        put(node, out)?;
        let named = word(node) && nodes.get(index + 1).is_some_and(starts_with_letter);
        if spaced || named || class == Some(Class::Punctuation) {
            out.push(' ');
        }
    }
    Some(())
}

fn class(node: &Node) -> Option<Class> {
    match node {
        Node::Symbol(symbol) => Some(symbol.class),
        Node::Scripts { base, .. } => class(base),
        Node::Row(nodes) if nodes.len() == 1 => nodes.first().and_then(class),
        Node::Negated(inner) | Node::Styled(_, inner) => class(inner),
        _ => None,
    }
}

/// Whether it is a name such as `sin`.
fn word(node: &Node) -> bool {
    match node {
        Node::Symbol(symbol) => symbol.class == Class::Operator,
        Node::Scripts { base, .. } => word(base),
        _ => false,
    }
}

fn starts_with_letter(node: &Node) -> bool {
    match node {
        Node::Symbol(symbol) => symbol.text.chars().all(char::is_alphanumeric),
        Node::Scripts { base, .. } => starts_with_letter(base),
        Node::Row(nodes) => nodes.first().is_some_and(starts_with_letter),
        Node::Fraction { .. } | Node::Root { .. } => true,
        _ => false,
    }
}

fn part(node: &Node) -> Option<String> {
    let mut out = String::new();
    put(node, &mut out)?;
    Some(out.trim().to_owned())
}

/// In parentheses, unless it is one piece.
fn grouped(text: String) -> String {
    let one = text.chars().all(|c| c.is_alphanumeric() || "′²³¹⁰⁴⁵⁶⁷⁸⁹!.".contains(c)) && !text.is_empty();
    if one { text } else { format!("({text})") }
}

/// Whether a text is a number, or a letter with its scripts: what may stand behind a stroke as it is.
fn is_one(text: &str) -> bool {
    let mut rest = text.chars().skip_while(char::is_ascii_digit).peekable();
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        let _ = rest.next_if(|c| c.is_alphabetic());
    }
    !text.is_empty() && rest.all(|c| superscript_of(c) || c == '′')
}

fn superscript_of(c: char) -> bool {
    "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙₘ".contains(c)
}

fn script(text: &str, sign: char, map: fn(char) -> Option<char>, out: &mut String) {
    let tight: String = text.chars().filter(|c| *c != ' ').collect();
    if tight.chars().all(|c| c == '′') {
        return out.push_str(&tight);
    }
    if let Some(mapped) = tight.chars().map(map).collect::<Option<String>>() {
        return out.push_str(&mapped);
    }
    out.push(sign);
    if text.chars().count() == 1 {
        out.push_str(text);
    } else {
        out.push('(');
        out.push_str(text);
        out.push(')');
    }
}

fn write_symbol(symbol: &Symbol, out: &mut String) {
    for c in symbol.text.chars() {
        out.push(match (symbol.font, c) {
            (Some(Font::DoubleStruck), c) => double_struck(c),
            (_, '∣') => '|',
            (_, '∗') => '*',
            (_, '\'') if !symbol.upright => '′',
            (_, c) => c,
        });
    }
}

const fn double_struck(c: char) -> char {
    match c {
        'C' => 'ℂ',
        'H' => 'ℍ',
        'N' => 'ℕ',
        'P' => 'ℙ',
        'Q' => 'ℚ',
        'R' => 'ℝ',
        'Z' => 'ℤ',
        c => c,
    }
}

/// The accent as a sign that is written over the letter before it.
fn combining(node: &Node) -> Option<char> {
    match node {
        Node::Symbol(symbol) => Some(match symbol.text.as_str() {
            "^" => '\u{302}',
            "~" => '\u{303}',
            "‾" | "¯" => '\u{304}',
            "→" => '\u{20d7}',
            "˙" => '\u{307}',
            "¨" => '\u{308}',
            "ˇ" => '\u{30c}',
            "˘" => '\u{306}',
            _ => return None,
        }),
        Node::Row(nodes) if nodes.len() == 1 => nodes.first().and_then(combining),
        _ => None,
    }
}

const fn superscript(c: char) -> Option<char> {
    Some(match c {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '+' => '⁺',
        '−' | '-' => '⁻',
        '=' => '⁼',
        '(' => '⁽',
        ')' => '⁾',
        'a' => 'ᵃ',
        'b' => 'ᵇ',
        'c' => 'ᶜ',
        'd' => 'ᵈ',
        'e' => 'ᵉ',
        'f' => 'ᶠ',
        'g' => 'ᵍ',
        'h' => 'ʰ',
        'i' => 'ⁱ',
        'j' => 'ʲ',
        'k' => 'ᵏ',
        'l' => 'ˡ',
        'm' => 'ᵐ',
        'n' => 'ⁿ',
        'o' => 'ᵒ',
        'p' => 'ᵖ',
        'r' => 'ʳ',
        's' => 'ˢ',
        't' => 'ᵗ',
        'u' => 'ᵘ',
        'v' => 'ᵛ',
        'w' => 'ʷ',
        'x' => 'ˣ',
        'y' => 'ʸ',
        'z' => 'ᶻ',
        'T' => 'ᵀ',
        'N' => 'ᴺ',
        _ => return None,
    })
}

const fn subscript(c: char) -> Option<char> {
    Some(match c {
        '0' => '₀',
        '1' => '₁',
        '2' => '₂',
        '3' => '₃',
        '4' => '₄',
        '5' => '₅',
        '6' => '₆',
        '7' => '₇',
        '8' => '₈',
        '9' => '₉',
        '+' => '₊',
        '−' | '-' => '₋',
        '=' => '₌',
        '(' => '₍',
        ')' => '₎',
        'a' => 'ₐ',
        'e' => 'ₑ',
        'h' => 'ₕ',
        'i' => 'ᵢ',
        'j' => 'ⱼ',
        'k' => 'ₖ',
        'l' => 'ₗ',
        'm' => 'ₘ',
        'n' => 'ₙ',
        'o' => 'ₒ',
        'p' => 'ₚ',
        'r' => 'ᵣ',
        's' => 'ₛ',
        't' => 'ₜ',
        'u' => 'ᵤ',
        'v' => 'ᵥ',
        'x' => 'ₓ',
        _ => return None,
    })
}
