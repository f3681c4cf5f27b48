//! Code that runs, as presenterm's `+exec` has it: a pane that gives the code to its interpreter, or to its compiler.

use crate::code::{CodeRun, Info};
use greenroom_deck::{Demo, EXECUTOR_FILE, Executor, Executors, Expect, PaneHeight, PaneSpec, Start};

/// The pane that runs `text`, the block's own, by one of the person's `executors` or by what is known here; nothing when nothing runs its
/// language.
#[must_use]
pub fn pane(info: &Info, text: &str, executors: &Executors) -> Option<PaneSpec> {
    let run = info.run.as_ref()?;
    if run.renders {
        return None;
    }
    let prefix = match info.language.as_str() {
        "rust" | "rs" => "# ",
        "elixir" | "jsonnet" => "## ",
        _ => "/// ",
    };
    let code: Vec<&str> = text.lines().map(|line| line.strip_prefix(prefix).unwrap_or(line)).collect();
    let code = code.join("\n").replace('\0', "");
    let own = own(info, run, executors);
    let env = own.map(|own| own.env.clone()).unwrap_or_default();
    let command = match (&run.executor, interpreter(&info.language)) {
        _ if own.is_some() => own.map(|own| execute(own, &info.language, code))?,
        (Some(executor), _) => compile(alternative(&info.language, executor)?, code)?,
        (None, Some((program, flag))) => vec![program.to_owned(), flag.to_owned(), code],
        (None, None) => compile(&info.language, code)?,
    };
    let demo = Demo {
        title: Some(info.language.clone()),
        command,
        env,
        on: if run.at_once { Start::Enter } else { Start::Key },
        expect: Expect::Any,
        ..Demo::default()
    };
    let id = format!("the {} on this slide", info.language);
    Some(PaneSpec { id, demo, height: PaneHeight::Rest, after_previous: false, bare: run.replaces })
}

/// The person's own executor for a block: that of its language, or the one that it names.
fn own<'a>(info: &Info, run: &CodeRun, executors: &'a Executors) -> Option<&'a Executor> {
    match &run.executor {
        Some(name) => {
            executors.get(&format!("{}:{name}", info.language)).or_else(|| executors.get(name.as_str()))
        }
        None => executors.get(&info.language),
    }
}

/// The command that writes a program to a folder of its own, and gives it to a person's executor.
fn execute(own: &Executor, language: &str, code: String) -> Vec<String> {
    let quoted = |word: &String| {
        let word = format!("'{}'", word.replace('\'', r"'\''"));
        word.replace(EXECUTOR_FILE, &format!("'\"$d/{}\"'", own.file))
    };
    let words: Vec<String> = own.command.iter().map(quoted).collect();
    in_folder(&own.file, &words.join(" "), language, code)
}

/// Why code that asks for it is not run, and what to do.
#[must_use]
pub fn refusal(info: &Info, run: &CodeRun) -> (String, &'static str) {
    let word = &run.word;
    if run.renders {
        let message = format!("`{word}` makes a picture of what the code writes, which is not done here");
        return (message, "the code shows; run it yourself and show the picture with ![](picture.svg)");
    }
    if let Some(executor) = &run.executor {
        let message = format!("`{word}` asks for presenterm's executor \"{executor}\", which is not here");
        return (message, "the code shows; write `+exec`, or a ```pane block with the command");
    }
    let message = format!("`{word}`: nothing is known that runs \"{}\"", info.language);
    (
        message,
        "the code shows; a ```pane block runs any command, and `executors:` of your config.yaml this language",
    )
}

/// What `compile` calls the other way of running `language` that presenterm names `executor`.
fn alternative(language: &str, executor: &str) -> Option<&'static str> {
    match (language, executor) {
        ("rust" | "rs" | "rust-script", "rust-script") => Some("rust-script"),
        ("python" | "py", "uv") => Some("python with uv"),
        ("python" | "py", "pytest") => Some("python with pytest"),
        ("js" | "javascript" | "jsx", "deno") => Some("js with deno"),
        ("js" | "javascript" | "jsx", "bun") => Some("js with bun"),
        ("ts" | "typescript" | "tsx", "deno") => Some("ts with deno"),
        ("ts" | "typescript" | "tsx", "bun") => Some("ts with bun"),
        _ => None,
    }
}

/// The command that writes a program to a folder of its own, has it compiled, and runs it in the deck's folder.
fn compile(language: &str, code: String) -> Option<Vec<String>> {
    let (file, steps) = match language {
        "rust" | "rs" => {
            ("snippet.rs", r#"rustc --color always -o "$d/snippet" "$d/snippet.rs" && "$d/snippet""#)
        }
        "rust-script" => ("snippet.rs", r#"rust-script --debug "$d/snippet.rs""#),
        "c" => {
            ("snippet.c", r#"cc -fdiagnostics-color=always -o "$d/snippet" "$d/snippet.c" && "$d/snippet""#)
        }
        "c++" | "cpp" => (
            "snippet.cpp",
            r#"c++ -std=c++20 -fdiagnostics-color=always -o "$d/snippet" "$d/snippet.cpp" && "$d/snippet""#,
        ),
        "go" => ("snippet.go", r#"GO111MODULE=off go run "$d/snippet.go""#),
        "java" => ("Snippet.java", r#"java "$d/Snippet.java""#),
        "haskell" | "hs" => ("snippet.hs", r#"runhaskell -w "$d/snippet.hs""#),
        "kotlin" => ("snippet.kts", r#"kotlinc -script "$d/snippet.kts""#),
        "typescript" | "ts" => ("snippet.ts", r#"node "$d/snippet.ts""#),
        "jsonnet" => ("snippet.jsonnet", r#"jsonnet "$d/snippet.jsonnet""#),
        "python with uv" => ("snippet.py", r#"uv run "$d/snippet.py""#),
        "python with pytest" => ("test_snippet.py", r#"pytest -q "$d/test_snippet.py""#),
        "js with deno" => ("snippet.js", r#"deno run -A "$d/snippet.js""#),
        "js with bun" => ("snippet.js", r#"bun run "$d/snippet.js""#),
        "ts with deno" => ("snippet.ts", r#"deno run -A "$d/snippet.ts""#),
        "ts with bun" => ("snippet.ts", r#"bun run "$d/snippet.ts""#),
        "csharp" | "c#" => ("snippet.cs", r#"dotnet-script "$d/snippet.cs""#),
        "fsharp" | "f#" => ("snippet.fsx", r#"dotnet fsi "$d/snippet.fsx""#),
        _ => return None,
    };
    Some(in_folder(file, steps, language, code))
}

/// The command that writes `code` to `file` in a folder of its own, `$d`, and does `steps` with it.
fn in_folder(file: &str, steps: &str, language: &str, code: String) -> Vec<String> {
    // The folder goes whatever happens to the program, short of SIGKILL.
    let script = format!(
        "d=$(mktemp -d) || exit; trap 'rm -rf \"$d\"' EXIT; trap 'exit 143' HUP INT TERM; \
         printf '%s\\n' \"$1\" >\"$d/{file}\" && {steps}"
    );
    vec!["sh".to_owned(), "-c".to_owned(), script, language.to_owned(), code]
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
        "pwsh" | "powershell" => ("pwsh", "-c"),
        "elixir" => ("elixir", "-e"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;

    fn pane_of(line: &str, text: &str) -> Option<PaneSpec> {
        pane(&code::read(line).0, text, &Executors::new())
    }

    #[test]
    fn a_persons_own_executor_runs_what_asks_for_it() {
        let executor = |command: &[&str]| Executor {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            file: "main.bf".to_owned(),
            env: [("A".to_owned(), "1".to_owned())].into(),
        };
        let executors: Executors = [
            ("brainfuck".to_owned(), executor(&["bf", "--it's", "{file}"])),
            ("python:poetry".to_owned(), executor(&["poetry", "run", "python", "--file={file}"])),
            ("sh".to_owned(), executor(&["dash", "{file}"])),
        ]
        .into();
        let pane = |line: &str| pane(&code::read(line).0, "+.", &executors);
        let run = pane("brainfuck +exec").unwrap().demo;
        assert_eq!((run.command[0].as_str(), run.command[4].as_str()), ("sh", "+."));
        assert!(run.command[2].ends_with(r#"'bf' '--it'\''s' ''"$d/main.bf"''"#), "{}", run.command[2]);
        assert_eq!(run.env.get("A").map(String::as_str), Some("1"));
        assert!(pane("python +exec:poetry").unwrap().demo.command[2].contains(r#"'--file='"$d/main.bf"''"#));
        assert_eq!(pane("python +exec").unwrap().demo.command[0], "python3");
        assert!(pane("sh +exec").unwrap().demo.command[2].contains("'dash'"), "in place of what is known");
        assert_eq!(pane("sh +exec:other"), None);
        assert_eq!(pane("brainfuck"), None, "what asks for nothing is not run");
    }

    #[test]
    fn code_is_given_to_its_interpreter_whole() {
        let pane = pane_of("bash +exec +line_numbers", "/// cd x\nls\t-l").unwrap();
        assert_eq!(pane.demo.command, ["bash", "-c", "cd x\nls\t-l"]);
        assert_eq!(pane.demo.on, Start::Key);
        assert_eq!(pane_of("python +auto_exec", "1").unwrap().demo.on, Start::Enter);
        assert_eq!(pane_of("brainfuck +exec", "1"), None);
        assert_eq!(pane_of("bash +exec:other", "1"), None);
        assert!(pane_of("python +exec:uv", "1").unwrap().demo.command[2].contains("uv run"));
        assert_eq!(
            pane_of("bash +exec +pty:standby:80:30", "ls").unwrap().demo.command,
            ["bash", "-c", "ls"]
        );
        assert!(pane_of("bash +pty:80:30", "ls").is_some());
        assert_eq!(pane_of("python +exec +image", "1"), None);
        assert_eq!(pane_of("python", "1"), None);
    }

    #[test]
    fn compiled_code_is_written_to_a_folder_first() {
        let command = pane_of("rust +exec", "# use std::fs;\nfn main() {}").unwrap().demo.command;
        assert_eq!(command.last().map(String::as_str), Some("use std::fs;\nfn main() {}"));
        assert!(command[2].contains("rustc") && command[2].contains("mktemp -d"), "{command:?}");
    }

    #[test]
    fn what_is_not_run_says_why() {
        let say = |line: &str| {
            let info = code::read(line).0;
            refusal(&info, info.run.as_ref().unwrap()).0
        };
        assert!(say("python +exec:poetry").contains("executor \"poetry\""));
        assert!(say("mermaid +render").contains("`+render` makes a picture"));
        assert!(say("python +exec +image").contains("makes a picture"));
        assert!(say("brainfuck +auto_exec").contains("nothing is known that runs \"brainfuck\""));
    }
}
