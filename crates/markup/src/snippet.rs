//! Code that stands in a file of the deck: whole, some lines of it, a marked region, or two regions as a diff.

use std::collections::HashMap;
use std::rc::Rc;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::code::{FenceProblem, Info};
use greenroom_base::diag::nearest;
use greenroom_base::files::message as file_message;
use greenroom_base::files::{Files, beside, normalize};
use greenroom_base::text::{self, ReadError, clean_code};

/// No file that code is taken from is longer.
const MAX_FILE: u64 = 1 << 20;

/// All that is read for one deck, each file as often as it is shown.
const MAX_TOTAL: usize = 256 << 20;

/// Longer regions are not compared: nobody reads such a diff, and finding it takes long.
const MAX_DIFF: usize = 2_000;

/// Code from a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The code.
    pub source: String,
    /// The number of its first line in the file.
    pub first: usize,
    /// Where it was taken from.
    pub caption: String,
}

/// The files that code was taken from so far.
#[derive(Default)]
pub struct Snippets {
    read: HashMap<String, Rc<str>>,
    total: usize,
}

impl Snippets {
    /// The code that `info`, written in the Markdown file `beside_file`, asks for.
    pub fn get(
        &mut self,
        files: &dyn Files,
        beside_file: &str,
        info: &Info,
        faults: &mut Vec<FenceProblem>,
    ) -> Option<Snippet> {
        let link = info.file.as_deref()?;
        let path = beside(beside_file, link);
        let path = normalize(&path).unwrap_or(path);
        let text = match self.file(files, &path, link, faults) {
            Ok(text) => text,
            Err(fault) => {
                faults.push(fault);
                return None;
            }
        };
        let chosen = if info.from.is_some() || info.to.is_some() {
            diff(&text, info, faults)
        } else if let Some(name) = &info.region {
            region(&text, name).map_err(|fault| fault.into_fault(name, &path))
        } else if let Some((first, last)) = info.lines {
            lines(&text, first, last, &path)
        } else {
            let lines = text.split('\n').enumerate().filter(|(_, line)| marker(line).is_none());
            let lines: Vec<(usize, &str)> = lines.map(|(number, line)| (number + 1, line)).collect();
            Ok(LineSelection::new(&lines))
        };
        match chosen {
            Ok(lines) => {
                if let Some(name) = lines.open {
                    let message = format!("the region \"{name}\" has no end in \"{path}\"");
                    faults.push(FenceProblem::error(
                        &name,
                        message,
                        format!("write `endregion {name}` in a comment"),
                    ));
                }
                let caption = format!("{path}:{}", lines.first);
                let caption = text::clean_line(&caption).into_owned();
                Some(Snippet { source: lines.text, first: lines.first, caption })
            }
            Err(fault) => {
                faults.push(fault);
                None
            }
        }
    }

    fn file(
        &mut self,
        files: &dyn Files,
        path: &str,
        link: &str,
        faults: &mut Vec<FenceProblem>,
    ) -> Result<Rc<str>, FenceProblem> {
        let text = match self.read.get(path) {
            Some(text) => Rc::clone(text),
            None => match text::read(files, path, MAX_FILE) {
                Ok((source, invalid)) => {
                    if let Some(problem) = invalid {
                        let message = format!("\"{path}\": {}", problem.message);
                        faults.push(FenceProblem::error(link, message, problem.hint.unwrap_or_default()));
                    }
                    let text: Rc<str> = Rc::from(clean_code(&source.text));
                    self.read.insert(path.to_owned(), Rc::clone(&text));
                    text
                }
                Err(ReadError::NotText(problem)) => {
                    let message = format!("\"{path}\": {}", problem.message);
                    return Err(FenceProblem::error(link, message, problem.hint.unwrap_or_default()));
                }
                Err(ReadError::File(error)) => {
                    let otherwise = Some("paths are relative to the Markdown file");
                    let hint = text::missing_hint(files, path, &error, otherwise).unwrap_or_default();
                    return Err(FenceProblem::error(link, file_message(path, &error), hint));
                }
            },
        };
        self.total += text.len();
        if self.total > MAX_TOTAL {
            return Err(FenceProblem::error(
                link,
                "too much code is taken from files",
                "take less, or from smaller files",
            ));
        }
        Ok(text)
    }
}

/// Lines of a file.
struct LineSelection {
    text: String,
    first: usize,
    /// The region's name, when it does not end.
    open: Option<String>,
}

impl LineSelection {
    /// `lines` with their numbers, without the indentation that all of them share.
    fn new(lines: &[(usize, &str)]) -> Self {
        let blank = |line: &&str| line.trim().is_empty();
        let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let texts = lines.iter().map(|(_, line)| *line);
        let indent = texts.clone().filter(|line| !blank(line)).map(indent_of).min().unwrap_or(0);
        let cut: Vec<&str> = texts.map(|line| line.get(indent..).unwrap_or_default().trim_end()).collect();
        let first = lines.first().map_or(1, |(number, _)| *number);
        Self { text: cut.join("\n"), first, open: None }
    }
}

fn lines(text: &str, first: usize, last: usize, path: &str) -> Result<LineSelection, FenceProblem> {
    let all: Vec<&str> = text.split('\n').collect();
    if first > all.len() || (last != usize::MAX && last > all.len()) {
        let message = format!("\"{path}\" has {} lines", all.len());
        return Err(FenceProblem::error(
            "lines=",
            message,
            format!("write `lines={}-{}`", first.min(all.len()), all.len()),
        ));
    }
    let chosen: Vec<(usize, &str)> = all
        .iter()
        .enumerate()
        .map(|(number, line)| (number + 1, *line))
        .filter(|(number, _)| (first..=last).contains(number))
        .collect();
    Ok(LineSelection::new(&chosen))
}

/// A line that begins or ends a region.
#[derive(Debug, PartialEq, Eq)]
enum Marker<'a> {
    Start(&'a str),
    End(Option<&'a str>),
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let line = line.trim();
    let leaders = ["<!--", "{#", "/*", "//", "--", "#", ";"];
    let inner = leaders.iter().find_map(|leader| line.strip_prefix(leader))?.trim_start();
    let inner = inner.strip_prefix('#').unwrap_or(inner);
    let ends = ["-->", "#}", "*/"];
    let inner = ends.iter().find_map(|end| inner.strip_suffix(end)).unwrap_or(inner).trim();
    let (word, name) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let name = name.trim();
    match word {
        "region" if !name.is_empty() => Some(Marker::Start(name)),
        "endregion" => Some(Marker::End((!name.is_empty()).then_some(name))),
        _ => None,
    }
}

/// There is no such region.
struct NoRegion {
    known: Vec<String>,
}

impl NoRegion {
    fn into_fault(self, name: &str, path: &str) -> FenceProblem {
        let known = self.known.iter().map(String::as_str);
        let hint = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if self.known.is_empty() => format!("write `region {name}` and `endregion` in comments"),
            None => format!("it has: {}", greenroom_base::diag::listed(known)),
        };
        FenceProblem::error(name, format!("there is no region \"{name}\" in \"{path}\""), hint)
    }
}

fn region(text: &str, name: &str) -> Result<LineSelection, NoRegion> {
    let mut chosen = Vec::new();
    let mut known = Vec::new();
    // The regions that began inside of ours.
    let mut inner: Option<Vec<&str>> = None;
    for (number, line) in text.split('\n').enumerate() {
        let marker = marker(line);
        let Some(inside) = &mut inner else {
            match marker {
                Some(Marker::Start(found)) if found == name => inner = Some(Vec::new()),
                Some(Marker::Start(found)) => known.push(found.to_owned()),
                _ => {}
            }
            continue;
        };
        match marker {
            None => chosen.push((number + 1, line)),
            Some(Marker::Start(found)) => inside.push(found),
            Some(Marker::End(Some(ended))) if ended == name => return Ok(LineSelection::new(&chosen)),
            Some(Marker::End(Some(ended))) => {
                if let Some(at) = inside.iter().rposition(|open| *open == ended) {
                    inside.truncate(at);
                }
            }
            Some(Marker::End(None)) => {
                if inside.pop().is_none() {
                    return Ok(LineSelection::new(&chosen));
                }
            }
        }
    }
    match inner {
        Some(_) => Ok(LineSelection { open: Some(name.to_owned()), ..LineSelection::new(&chosen) }),
        None => Err(NoRegion { known }),
    }
}

fn diff(text: &str, info: &Info, faults: &mut Vec<FenceProblem>) -> Result<LineSelection, FenceProblem> {
    let path = info.file.as_deref().unwrap_or_default();
    let (Some(from), Some(to)) = (&info.from, &info.to) else {
        return Err(FenceProblem::error("file", "a diff needs two regions", "write `from=REGION to=REGION`"));
    };
    let mut get = |name: &str| {
        let lines = region(text, name).map_err(|none| none.into_fault(name, path))?;
        if let Some(open) = &lines.open {
            let message = format!("the region \"{open}\" has no end in \"{path}\"");
            faults.push(FenceProblem::error(open, message, format!("write `endregion {open}` in a comment")));
        }
        Ok(lines)
    };
    let (old, new) = (get(from)?, get(to)?);
    let old_lines: Vec<&str> = old.text.split('\n').collect();
    let new_lines: Vec<&str> = new.text.split('\n').collect();
    if old_lines.len().max(new_lines.len()) > MAX_DIFF {
        let message = format!("these regions have more than {MAX_DIFF} lines");
        return Err(FenceProblem::error("from=", message, "compare less"));
    }
    Ok(LineSelection { text: unified(&old_lines, &new_lines), first: new.first, open: None })
}

fn unified(old: &[&str], new: &[&str]) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut put = |sign: char, lines: &[&str], from: usize, count: usize| {
        let lines = lines.get(from..from + count).unwrap_or_default();
        out.extend(lines.iter().map(|line| format!("{sign}{line}")));
    };
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => put(' ', old, old_index, len),
            DiffOp::Delete { old_index, old_len, .. } => put('-', old, old_index, old_len),
            DiffOp::Insert { new_index, new_len, .. } => put('+', new, new_index, new_len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                put('-', old, old_index, old_len);
                put('+', new, new_index, new_len);
            }
        }
    }
    out.join("\n")
}
