//! Highlighting: which stretch of a line is what, independent of any theme.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use greenroom_deck::{Code, Rgb, Syntax};

/// Code longer than this is shown without colours.
const MAX_BYTES: usize = 256 * 1024;
/// So is a line longer than this: a grammar's expressions can take very long on it.
const MAX_LINE: usize = 2_000;

/// What a stretch of code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Keyword,
    String,
    Number,
    Comment,
    Function,
    Type,
    Attribute,
    Operator,
    Inserted,
    Deleted,
}

impl Token {
    /// As [`Syntax`] calls its colour.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::String => "string",
            Self::Number => "number",
            Self::Comment => "comment",
            Self::Function => "function",
            Self::Type => "type",
            Self::Attribute => "attribute",
            Self::Operator => "operator",
            Self::Inserted => "inserted",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) const fn color(self, syntax: &Syntax) -> Rgb {
        match self {
            Self::Keyword => syntax.keyword,
            Self::String => syntax.string,
            Self::Number => syntax.number,
            Self::Comment => syntax.comment,
            Self::Function => syntax.function,
            Self::Type => syntax.r#type,
            Self::Attribute => syntax.attribute,
            Self::Operator => syntax.operator,
            Self::Inserted => syntax.inserted,
            Self::Deleted => syntax.deleted,
        }
    }
}

/// Scopes and what they are, the more exact ones first. The names are `TextMate`'s conventional ones, as the
/// scope naming guide of Sublime Text lists them.
const SCOPES: &[(&str, Token)] = &[
    ("punctuation.definition.comment", Token::Comment),
    ("punctuation.definition.string", Token::String),
    ("punctuation.definition.inserted", Token::Inserted),
    ("punctuation.definition.deleted", Token::Deleted),
    ("punctuation.definition.annotation", Token::Attribute),
    ("punctuation", Token::Operator),
    ("comment", Token::Comment),
    ("constant.character.escape", Token::Number),
    ("constant", Token::Number),
    ("string", Token::String),
    ("keyword.operator.logical", Token::Keyword),
    ("keyword.operator.word", Token::Keyword),
    ("keyword.operator", Token::Operator),
    ("keyword", Token::Keyword),
    ("storage", Token::Keyword),
    ("entity.name.function", Token::Function),
    ("support.function", Token::Function),
    ("variable.function", Token::Function),
    ("entity.name.tag.yaml", Token::Attribute),
    ("support.type.property-name", Token::Attribute),
    ("entity.other.attribute-name", Token::Attribute),
    ("entity.name", Token::Type),
    ("entity.other", Token::Type),
    ("support.type", Token::Type),
    ("support.class", Token::Type),
    ("variable.annotation", Token::Attribute),
    ("variable.language", Token::Attribute),
    ("variable.other.readwrite.assignment", Token::Attribute),
    ("variable.parameter", Token::Attribute),
    ("markup.inserted", Token::Inserted),
    ("markup.deleted", Token::Deleted),
    ("markup.heading", Token::Type),
    ("meta.diff.header", Token::Comment),
    ("meta.diff.range", Token::Attribute),
];

/// The tokens of one line: byte ranges within the line, in order, without overlap.
pub(crate) type HighlightedLine = Vec<(Range<usize>, Token)>;

/// Finds tokens; loads its grammars when the first code is asked for.
#[derive(Default)]
pub(crate) struct Highlighter {
    syntaxes: OnceLock<SyntaxSet>,
    scopes: OnceLock<Vec<(Scope, Token)>>,
}

impl Highlighter {
    /// The tokens of each line of `code`; none for a language that is not known.
    pub(crate) fn highlight(&self, code: &Code) -> Vec<HighlightedLine> {
        if code.language.is_empty() || code.source.len() > MAX_BYTES {
            return Vec::new();
        }
        let syntaxes = self.syntaxes.get_or_init(two_face::syntax::extra_newlines);
        let Some(syntax) = find(syntaxes, &code.language) else { return Vec::new() };
        let scopes = self.scopes.get_or_init(|| {
            SCOPES.iter().filter_map(|(name, token)| Some((Scope::new(name).ok()?, *token))).collect()
        });
        lines(syntaxes, syntax, scopes, &code.source)
    }
}

/// The grammar for what people write after the backticks.
fn find<'a>(syntaxes: &'a SyntaxSet, language: &str) -> Option<&'a SyntaxReference> {
    let token = match language.to_ascii_lowercase().as_str() {
        "django" | "htmldjango" | "jinja" => "jinja2".to_owned(),
        "shell" | "console" | "sh" | "zsh" => "bash".to_owned(),
        "py" | "python3" | "pycon" => "python".to_owned(),
        "psql" | "postgres" | "postgresql" => "sql".to_owned(),
        "text" | "plain" | "txt" => return None,
        other => other.to_owned(),
    };
    syntaxes.find_syntax_by_token(&token)
}

fn lines(
    syntaxes: &SyntaxSet,
    syntax: &SyntaxReference,
    scopes: &[(Scope, Token)],
    source: &str,
) -> Vec<HighlightedLine> {
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut known = HashMap::new();
    let mut line_with_end = String::new();
    let mut lines = Vec::new();
    for line in source.split('\n') {
        if line.len() > MAX_LINE {
            lines.push(Vec::new());
            continue;
        }
        line_with_end.clear();
        line_with_end.push_str(line);
        line_with_end.push('\n');
        // A grammar that fails on a line leaves this and the following lines plain.
        let Ok(changes) = state.parse_line(&line_with_end, syntaxes) else { break };
        let mut tokens: HighlightedLine = Vec::new();
        let mut from = 0;
        for (at, change) in changes {
            push(&mut tokens, from..at.min(line.len()), token(&stack, scopes, &mut known));
            from = from.max(at);
            if stack.apply(&change).is_err() {
                return lines;
            }
        }
        push(&mut tokens, from..line.len(), token(&stack, scopes, &mut known));
        lines.push(tokens);
    }
    lines
}

fn push(tokens: &mut HighlightedLine, range: Range<usize>, token: Option<Token>) {
    let Some(token) = token.filter(|_| !range.is_empty()) else { return };
    match tokens.last_mut() {
        Some((last, same)) if *same == token && last.end == range.start => last.end = range.end,
        _ => tokens.push((range, token)),
    }
}

/// What the innermost scope with a meaning says.
fn token(
    stack: &ScopeStack,
    scopes: &[(Scope, Token)],
    known: &mut HashMap<Scope, Option<Token>>,
) -> Option<Token> {
    stack.as_slice().iter().rev().find_map(|scope| {
        *known.entry(*scope).or_insert_with(|| {
            scopes.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, token)| *token)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(language: &str, source: &str) -> Vec<(String, Token)> {
        let code = Code::plain(language, source.into());
        let lines = Highlighter::default().highlight(&code);
        let text: Vec<&str> = source.split('\n').collect();
        let word = |line: usize, range: Range<usize>| text[line][range].trim().to_owned();
        lines
            .into_iter()
            .enumerate()
            .flat_map(|(line, tokens)| tokens.into_iter().map(move |(range, token)| (line, range, token)))
            .map(|(line, range, token)| (word(line, range), token))
            .collect()
    }

    #[test]
    fn python_has_its_colours() {
        let found = tokens("python", "def total(n):  # count\n    return \"x\" * 3");
        for expected in [
            ("def", Token::Keyword),
            ("total", Token::Function),
            ("# count", Token::Comment),
            ("return", Token::Keyword),
            ("\"x\"", Token::String),
            ("3", Token::Number),
        ] {
            assert!(found.contains(&(expected.0.into(), expected.1)), "{expected:?} in {found:?}");
        }
    }

    #[test]
    fn every_language_of_the_talk_is_known() {
        let syntaxes = two_face::syntax::extra_newlines();
        for language in [
            "python",
            "html",
            "django",
            "sql",
            "shell",
            "bash",
            "yaml",
            "toml",
            "rust",
            "c",
            "dockerfile",
            "diff",
        ] {
            assert!(find(&syntaxes, language).is_some(), "{language}");
        }
    }

    #[test]
    fn a_diff_shows_what_came_and_went() {
        let found = tokens("diff", " same\n-old\n+new");
        assert!(found.contains(&("-old".into(), Token::Deleted)), "{found:?}");
        assert!(found.contains(&("+new".into(), Token::Inserted)), "{found:?}");
    }
}
