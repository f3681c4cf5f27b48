//! The line that opens a block of code: its language, and what is said about it.

use greenroom_base::diag::listed;
use greenroom_base::diag::nearest;
use greenroom_deck::LineFocus;

/// No fence says more than this.
const MAX_INFO: usize = 1024;

/// A code block's first line, read.
#[derive(Debug, Default)]
pub struct Info {
    /// Its first word.
    pub language: String,
    /// What stands out, step by step.
    pub stages: Vec<LineFocus>,
    /// They as they are written.
    pub groups: String,
    /// With line numbers.
    pub numbers: bool,
    /// Without a surface behind it.
    pub bare: bool,
    /// How the code is to be run, if it is.
    pub run: Option<CodeRun>,
    /// What `snippet_output` calls it by.
    pub id: Option<String>,
    /// What stands below it.
    pub title: Option<String>,
    /// The file that it is taken from.
    pub file: Option<String>,
    /// The region of that file.
    pub region: Option<String>,
    /// The first and the last line of it.
    pub lines: Option<(usize, usize)>,
    /// The region that a diff begins with.
    pub from: Option<String>,
    /// The region that it ends with.
    pub to: Option<String>,
    /// The picture that shows instead where pictures can be shown.
    pub drawing: Option<String>,
    /// How much of the room's width a picture takes that is drawn from it, in percent.
    pub width: Option<u8>,
    /// It is shown as code, in whatever notation it is.
    pub as_code: bool,
}

/// How a block asks for its code to be run.
#[derive(Debug, Default)]
pub struct CodeRun {
    /// The attribute that asks for it.
    pub word: String,
    /// As soon as the slide is entered.
    pub at_once: bool,
    /// The run stands where the code would.
    pub replaces: bool,
    /// What it writes is a picture or another notation.
    pub renders: bool,
    /// The executor that is asked for by name (`+exec:uv`).
    pub executor: Option<String>,
}

/// Something wrong with a block of code.
#[derive(Debug)]
pub struct FenceProblem {
    /// The word on the first line that is to blame; empty for the line as a whole.
    pub word: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The deck is as good as it was.
    pub warning: bool,
}

impl FenceProblem {
    /// An error at `word`.
    pub fn error(word: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { word: word.to_owned(), message: message.into(), hint: hint.into(), warning: false }
    }

    /// A warning at `word`.
    pub fn warning(word: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { warning: true, ..Self::error(word, message, hint) }
    }
}

/// presenterm's attributes, and ours.
const FLAGS: [&str; 14] = [
    "line_numbers",
    "no_background",
    "exec",
    "auto_exec",
    "exec_replace",
    "acquire_terminal",
    "pty",
    "image",
    "render",
    "validate",
    "expect",
    "id",
    "width",
    "no_render",
];

const KEYS: [&str; 7] = ["file", "region", "lines", "from", "to", "title", "drawing"];

/// Reads what stands after the fence.
#[must_use]
pub fn read(line: &str) -> (Info, Vec<FenceProblem>) {
    let mut info = Info::default();
    let mut faults = Vec::new();
    if line.len() > MAX_INFO {
        let message = format!("this line says more than {MAX_INFO} bytes about its code");
        faults.push(FenceProblem::error("", message, "it is ignored; say less"));
        return (info, faults);
    }
    for (number, word) in words(line).into_iter().enumerate() {
        let is_language = number == 0 && !word.starts_with(['{', '+']) && !word.contains('=');
        let fault = if is_language {
            word.split(',').next().unwrap_or_default().clone_into(&mut info.language);
            None
        } else if let Some(groups) = word.strip_prefix('{') {
            if is_attributes(groups) {
                faults.extend(attributes(&mut info, groups.trim_end_matches('}')));
                None
            } else {
                stages(&mut info, word, groups).err()
            }
        } else if let Some(flag) = word.strip_prefix('+') {
            self::flag(&mut info, word, flag)
        } else {
            pair(&mut info, word).err()
        };
        faults.extend(fault);
    }
    (info, faults)
}

/// Splits at blanks outside of braces and quotes; a brace starts a word of its own.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let (mut quoted, mut braced) = (false, false);
    for (at, c) in line.char_indices() {
        let ends = match c {
            '"' if !braced => {
                quoted = !quoted;
                false
            }
            '{' if !quoted => {
                braced = true;
                words.extend(line.get(start..at));
                start = at;
                false
            }
            '}' if braced => {
                braced = false;
                words.extend(line.get(start..=at));
                start = at + 1;
                false
            }
            c => c.is_whitespace() && !quoted && !braced,
        };
        if ends {
            words.extend(line.get(start..at));
            start = at + c.len_utf8();
        }
    }
    words.extend(line.get(start..));
    words.retain(|word| !word.trim().is_empty());
    words
}

/// Whether what stands in braces is no list of lines but how Pandoc and others say a language: `{.python .numberLines}`,
/// `{python}`, `{lines:true}`.
fn is_attributes(groups: &str) -> bool {
    let inner = groups.trim_end_matches('}').trim_start();
    let first = inner.split([' ', ',', '|']).next().unwrap_or_default();
    inner.starts_with(['.', '#'])
        || (first.starts_with(|c: char| c.is_ascii_alphabetic())
            && !matches!(first, "all" | "none" | "hide")
            && !first.contains('-'))
        || inner.contains([':', '='])
}

/// Reads what Pandoc's braces say: classes, of which the first is the language, an identifier, and pairs.
fn attributes(info: &mut Info, inner: &str) -> Vec<FenceProblem> {
    let mut faults = Vec::new();
    for word in words(inner) {
        let word = word.trim_matches([',', ';']);
        if let Some(class) = word.strip_prefix('.') {
            match class {
                "numberLines" | "number-lines" | "line-numbers" => info.numbers = true,
                class if info.language.is_empty() => class.clone_into(&mut info.language),
                _ => {}
            }
        } else if word.starts_with('#') || word.is_empty() {
            // An identifier, for references from elsewhere.
        } else if word.contains('=') {
            faults.extend(pair(info, word).err());
        } else if info.language.is_empty()
            && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-_#".contains(c))
        {
            word.clone_into(&mut info.language);
        } else {
            let message = format!("`{{{word}}}` says nothing here");
            faults.push(FenceProblem::warning(
                word,
                message,
                "lines that stand out are written `{1,3-5|all}`",
            ));
        }
    }
    faults
}

fn stages(info: &mut Info, word: &str, groups: &str) -> Result<(), FenceProblem> {
    let wrong = |what: String| {
        FenceProblem::error(word, what, "write it as `{1,3-5|all}`: stages between |, lines from 1")
    };
    let inner = groups.strip_suffix('}').ok_or_else(|| wrong("the brace is not closed".to_owned()))?;
    let mut stages = Vec::new();
    for group in inner.split('|') {
        let mut lines = Vec::new();
        let mut all = false;
        for piece in group.split(',').map(str::trim) {
            if matches!(piece, "all" | "*") {
                all = true;
                continue;
            }
            let (first, last) = piece.split_once('-').unwrap_or((piece, piece));
            let range = first.trim().parse::<u32>().ok().zip(last.trim().parse::<u32>().ok());
            match range.filter(|(first, last)| *first > 0 && first <= last) {
                Some(range) => lines.push(range),
                None => return Err(wrong(format!("\"{piece}\" is no line and no range of lines"))),
            }
        }
        stages.push(if all { LineFocus::All } else { LineFocus::Lines(lines) });
    }
    info.stages = stages;
    word.clone_into(&mut info.groups);
    Ok(())
}

fn flag(info: &mut Info, word: &str, flag: &str) -> Option<FenceProblem> {
    let (name, says) = flag.split_once(':').unwrap_or((flag, ""));
    match name {
        "line_numbers" => info.numbers = true,
        "no_background" => info.bare = true,
        "exec" | "auto_exec" | "exec_replace" | "acquire_terminal" | "pty" | "image" | "render" => {
            let run = info.run.get_or_insert_with(|| CodeRun { word: word.to_owned(), ..CodeRun::default() });
            run.replaces |= name == "exec_replace";
            run.at_once |= matches!(name, "auto_exec" | "exec_replace");
            run.renders |= matches!(name, "image" | "render");
            if name.contains("exec") && !says.is_empty() {
                run.executor = Some(says.to_owned());
            }
        }
        "id" => info.id = (!says.is_empty()).then(|| says.to_owned()),
        // They only say more about a run.
        "validate" | "expect" => {}
        "no_render" => info.as_code = true,
        "width" => {
            let percent = says.trim_end_matches('%').parse().ok();
            info.width = percent.filter(|percent| (1..=100).contains(percent));
            if info.width.is_none() {
                let message = format!("\"{says}\" is no width");
                return Some(FenceProblem::error(word, message, "write `+width:50%`, from 1% to 100%"));
            }
        }
        name => {
            let hint = match nearest(name, FLAGS) {
                Some(near) => format!("did you mean `+{near}`?"),
                None => format!("known are: {}", listed(FLAGS.into_iter().take(2))),
            };
            return Some(FenceProblem::error(word, format!("unknown attribute `{word}`"), hint));
        }
    }
    None
}

fn pair(info: &mut Info, word: &str) -> Result<(), FenceProblem> {
    let Some((key, value)) = word.split_once('=') else {
        let message = format!("unknown attribute `{word}`");
        let known = FLAGS.iter().find(|flag| **flag == word || nearest(word, [**flag]).is_some());
        return match known {
            Some(flag) => Err(FenceProblem::error(word, message, format!("did you mean `+{flag}`?"))),
            None if matches!(word, "numberLines" | "showLineNumbers" | "linenums") => {
                info.numbers = true;
                Ok(())
            }
            None => {
                let hint = "attributes are `+name`, `{lines}` and `key=value`";
                Err(FenceProblem::warning(word, message, hint))
            }
        };
    };
    let text = value.trim_matches('"').to_owned();
    if text.is_empty() {
        return Err(FenceProblem::error(word, format!("`{key}` needs a value"), format!("write `{key}=…`")));
    }
    match key {
        "file" => info.file = Some(text),
        "region" => info.region = Some(text),
        "from" => info.from = Some(text),
        "to" => info.to = Some(text),
        "title" | "caption" | "filename" | "name" => info.title = Some(text),
        "linenums" | "startFrom" | "start" | "numberLines" => info.numbers = true,
        "drawing" => info.drawing = Some(text),
        "lines" => {
            let (first, last) = text.split_once('-').unwrap_or((&text, &text));
            let last = if last.is_empty() { Ok(usize::MAX) } else { last.parse() };
            match (first.parse::<usize>(), last) {
                (Ok(first), Ok(last)) if first > 0 && first <= last => info.lines = Some((first, last)),
                _ => {
                    return Err(FenceProblem::error(
                        word,
                        format!("\"{text}\" is no range of lines"),
                        "write `lines=3-12`",
                    ));
                }
            }
        }
        key => {
            let message = format!("unknown attribute `{key}=`");
            return Err(match nearest(key, KEYS) {
                Some(near) => FenceProblem::error(word, message, format!("did you mean `{near}=`?")),
                // Another program's: the code is as good as it was.
                None => {
                    FenceProblem::warning(word, message, format!("known are: {}", listed(KEYS.into_iter())))
                }
            });
        }
    }
    Ok(())
}

/// Lines that presenterm runs and does not show.
#[must_use]
pub fn hide_lines(language: &str, code: &str) -> String {
    let prefix = match language {
        "rust" | "rs" => "# ",
        "elixir" | "ex" | "exs" => "## ",
        _ => "/// ",
    };
    let bare = prefix.trim_end();
    let shown = code.split('\n').filter(|line| !line.starts_with(prefix) && *line != bare);
    shown.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_come_in_any_order() {
        let (info, faults) =
            read("rust,ignore +line_numbers {1-3, 5|all} file=\"a b.rs\" +no_background lines=2-");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(info.language, "rust");
        assert!(info.numbers && info.bare && info.run.is_none());
        assert_eq!(info.stages, [LineFocus::Lines(vec![(1, 3), (5, 5)]), LineFocus::All]);
        assert_eq!(info.file.as_deref(), Some("a b.rs"));
        assert_eq!(info.lines, Some((2, usize::MAX)));
        let (info, faults) = read("rust{2}+exec:rust-script +id:x");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((info.language.as_str(), info.stages.len()), ("rust", 1));
        assert_eq!(info.run.and_then(|run| run.executor).as_deref(), Some("rust-script"));
        assert_eq!(info.id.as_deref(), Some("x"));
        assert_eq!(read("{1} +exec").0.language, "");
    }

    #[test]
    fn fences_as_pandoc_and_others_write_them() {
        let language = |line: &str| {
            let (info, faults) = read(line);
            assert!(faults.is_empty(), "{line}: {faults:?}");
            (info.language, info.numbers, info.title.unwrap_or_default())
        };
        let is =
            |language: &str, numbers: bool, title: &str| (language.to_owned(), numbers, title.to_owned());
        assert_eq!(language("{.python}"), is("python", false, ""));
        assert_eq!(language("{.python .numberLines startFrom=\"3\" #id}"), is("python", true, ""));
        assert_eq!(language("{python}"), is("python", false, ""));
        assert_eq!(language("py title=\"main.py\" linenums=\"1\""), is("py", true, "main.py"));
        assert_eq!(language("{.c title=\"a b.c\"}"), is("c", false, "a b.c"));
        assert_eq!(language("js showLineNumbers"), is("js", true, ""));
        assert_eq!(read("ts {*|1|all}").0.stages.len(), 3);
        let (info, faults) = read("ts {lines:true} {2}");
        assert_eq!((info.stages.len(), faults.len(), faults[0].warning), (1, 1, true), "{faults:?}");
    }

    #[test]
    fn attributes_that_are_slips() {
        let lines = [
            "py +line_number",
            "py +nonsense_attribute",
            "py line_numbers",
            "py title=x",
            "py fiel=x",
            "py {1-",
            "py {0}",
            "py {3-1}",
            "py {|1}",
            "py {1,x}",
            "py lines=3-1",
            "py file=",
            "py what",
            &"x".repeat(1025),
        ];
        let say = |line: &&str| {
            let (_, faults) = read(line);
            let said =
                faults.iter().map(|fault| format!("[{}] {} ({})", fault.word, fault.message, fault.hint));
            format!("{}: {}", &line[..line.len().min(30)], said.collect::<Vec<_>>().join("; "))
        };
        insta::assert_snapshot!(lines.iter().map(say).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn hidden_lines() {
        assert_eq!(hide_lines("rust", "# use x;\n#[a]\nfn\n#"), "#[a]\nfn");
        assert_eq!(hide_lines("python", "/// import x\n# shown"), "# shown");
    }
}
