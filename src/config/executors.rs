//! `executors:`: what a person has that runs code of a language.

use greenroom_deck::{EXECUTOR_FILE, Executor, Executors};
use serde_json::{Map, Value, json};

use greenroom_base::diag::Diagnostic;
use greenroom_yaml::{Document, Mistake, On, PathStep};

/// The executors in `map`, and what is wrong with them: one that is wrong is left out.
pub(super) fn read(map: &Map<String, Value>, document: &Document<'_>) -> (Executors, Vec<Mistake>) {
    let (mut executors, mut mistakes) = (Executors::new(), Vec::new());
    for (language, value) in map {
        let path = |key: &str| -> Vec<PathStep> {
            ["executors", language, key].into_iter().filter(|step| !step.is_empty()).map(step).collect()
        };
        let mut executor: Executor = serde_json::from_value(value.clone()).unwrap_or_default();
        if executor.file.is_empty() {
            let name = language.split(':').next().unwrap_or_default();
            executor.file = format!("snippet.{}", if is_name(name) { name } else { "txt" });
        }
        let wrong = if executor.command.first().is_none_or(String::is_empty) {
            let hint = format!("add `command: [program, \"{EXECUTOR_FILE}\"]`");
            Some(("", format!("the executor `{language}` has no command"), hint))
        } else if !executor.command.iter().any(|word| word.contains(EXECUTOR_FILE)) {
            let hint = format!("write \"{EXECUTOR_FILE}\" where the path of the code's file goes");
            Some(("command", format!("the command of `{language}` never gets the code"), hint))
        } else if !is_name(&executor.file) {
            let hint = "write a name such as main.zig: letters, digits, - _ and .".to_owned();
            Some(("file", format!("`{}` is no name of a file", executor.file), hint))
        } else if executor.command.iter().any(|word| word.contains('\0')) {
            Some(("command", "no argument can have a zero byte".to_owned(), "remove it".to_owned()))
        } else {
            None
        };
        match wrong {
            Some((key, message, hint)) => {
                let path = path(key);
                let place = document.place(&path, On::Value);
                mistakes.push((path, Diagnostic::error(place, message).hint(hint)));
            }
            None => {
                executors.insert(language.clone(), executor);
            }
        }
    }
    (executors, mistakes)
}

fn step(key: &str) -> PathStep {
    PathStep::Key(key.to_owned())
}

/// Whether a file in a folder of its own can be called so, in a line of a shell without any quotes.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain) && name.len() <= 60
}

/// The part of the schema.
pub(super) fn schema() -> Value {
    let about = "What runs code blocks with +exec, by their language; language:name is for +exec:name. Asked about as any program.";
    let command =
        "The program and its arguments; {file} is the path of the file that the code is written to.";
    json!({
        "description": about,
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "command": { "description": command, "type": "array", "items": { "type": "string" } },
                "file": { "description": "What that file is called: main.zig.", "type": "string" },
                "env": {
                    "description": "Environment variables for the program.",
                    "type": "object",
                    "additionalProperties": { "type": "string" },
                },
            },
            "additionalProperties": false,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use greenroom_base::text::SourceText;

    #[test]
    fn an_executor_has_a_command_that_gets_the_code() {
        let read = |text: &str| Config::read(&SourceText::new("config.yaml", text));
        let good = read(
            "executors:\n  zig: {command: [zig, run, \"{file}\"]}\n  'rust:s': {command: [r, \"{file}\"], file: m.rs, env: {A: b}}\n",
        );
        assert_eq!(good.problems, []);
        assert_eq!(good.value.executors["zig"].file, "snippet.zig");
        assert_eq!(good.value.executors["rust:s"].env["A"], "b");
        let again = read(&super::super::print(&good.value));
        assert_eq!((again.value.executors, again.problems), (good.value.executors, Vec::new()));
        for (text, expected) in [
            ("executors: {zig: {}}", "has no command"),
            ("executors: {zig: {command: [zig]}}", "never gets the code"),
            ("executors: {zig: {command: [zig, \"{file}\"], file: ../x}}", "no name of a file"),
            ("executors: {zig: {comand: [zig]}}", "unknown key `comand`"),
            ("executors: {zig: zig}", "zig"),
        ] {
            let read = read(text);
            assert!(
                read.problems.iter().any(|problem| problem.message.contains(expected)),
                "{text}: {:?}",
                read.problems
            );
            assert!(read.value.executors.is_empty(), "{text}");
        }
    }
}
