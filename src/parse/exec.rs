//! Code that runs, as presenterm's `+exec` has it: a pane that gives the code to its interpreter.

use super::code::Info;
use crate::deck::{Demo, Expect, PaneSpec, Share, Start};

/// The pane that runs `text`, the block's own; nothing when its language has no interpreter here.
pub(super) fn pane(info: &Info, text: &str) -> Option<PaneSpec> {
    let word = info.runs.as_deref()?;
    // `+exec:name` asks for an executor that only presenterm knows.
    if info.renders || word.contains(':') {
        return None;
    }
    let (program, flag) = interpreter(&info.language)?;
    let prefix = "/// ";
    let code: Vec<&str> = text.lines().map(|line| line.strip_prefix(prefix).unwrap_or(line)).collect();
    let demo = Demo {
        title: Some(info.language.clone()),
        command: vec![program.to_owned(), flag.to_owned(), code.join("\n").replace('\0', "")],
        on: if info.at_once { Start::Enter } else { Start::Key },
        expect: Expect::Any,
        ..Demo::default()
    };
    let id = format!("the {} on this slide", info.language);
    Some(PaneSpec { id, demo, height: Share::Rest, after_previous: false })
}

/// The program that runs a language, and what stands before the code on its command line.
fn interpreter(language: &str) -> Option<(&'static str, &'static str)> {
    Some(match language {
        "bash" => ("bash", "-c"),
        "sh" | "shell" => ("sh", "-c"),
        "zsh" => ("zsh", "-c"),
        "fish" => ("fish", "-c"),
        "nushell" | "nu" => ("nu", "-c"),
        "python" | "py" => ("python3", "-c"),
        "javascript" | "js" => ("node", "-e"),
        "ruby" => ("ruby", "-e"),
        "perl" => ("perl", "-e"),
        "lua" => ("lua", "-e"),
        "php" => ("php", "-r"),
        "r" => ("Rscript", "-e"),
        "julia" => ("julia", "-e"),
        "elixir" => ("elixir", "-e"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::code;

    fn pane_of(line: &str, text: &str) -> Option<PaneSpec> {
        pane(&code::read(line).0, text)
    }

    #[test]
    fn code_is_given_to_its_interpreter_whole() {
        let pane = pane_of("bash +exec +line_numbers", "/// cd x\nls\t-l").unwrap();
        assert_eq!(pane.demo.command, ["bash", "-c", "cd x\nls\t-l"]);
        assert_eq!(pane.demo.on, Start::Key);
        assert_eq!(pane_of("python +auto_exec", "1").unwrap().demo.on, Start::Enter);
        assert_eq!(pane_of("rust +exec", "1"), None);
        assert_eq!(pane_of("bash +exec:other", "1"), None);
        assert_eq!(pane_of("python +exec +image", "1"), None);
        assert_eq!(pane_of("python", "1"), None);
    }
}
