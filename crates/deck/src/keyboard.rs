//! Which demos take the keyboard when they are started: those that wait for what a person types.

use super::{Demo, DemoKind, Focus};

/// Shells: interactive without a script, or with `-i`.
const SHELLS: &[&str] = &[
    "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "nu", "pwsh", "xonsh", "csh", "tcsh", "elvish",
];
/// Their options that are followed by a value.
const SHELL_VALUES: &[&str] = &["--rcfile", "--init-file", "-o", "+o", "-O", "+O"];
/// Languages: interactive without a script, or with `-i`.
const LANGUAGES: &[&str] = &[
    "python", "pypy", "ipython", "bpython", "ptpython", "node", "deno", "bun", "irb", "pry", "lua", "luajit",
    "ghci", "iex", "erl", "julia", "scala", "jshell", "R", "octave", "guile", "racket", "clj", "sbcl",
    "ocaml", "utop", "bc", "dc", "gdb", "lldb",
];
/// Options of languages that name what to run.
const LANGUAGE_RUNS: &[&str] =
    &["-c", "-m", "-e", "-p", "--eval", "--print", "--command", "--version", "--help"];
/// Options of languages that are followed by a value.
const LANGUAGE_VALUES: &[&str] = &["-W", "-X", "-r", "--require", "-l", "-I"];
/// Clients of databases: interactive unless they are told what to do.
const DATABASES: &[&str] =
    &["psql", "pgcli", "mysql", "mariadb", "mycli", "sqlite3", "litecli", "duckdb", "mongosh", "redis-cli"];
/// Options of these that tell them.
const DATABASE_RUNS: &[&str] = &[
    "-c",
    "--command",
    "-f",
    "--file",
    "-l",
    "--list",
    "-e",
    "--execute",
    "--eval",
    "-cmd",
    "--version",
    "--help",
];
/// Programs that draw the whole terminal and read keys.
const SCREENS: &[&str] = &[
    "vi", "vim", "nvim", "view", "nano", "pico", "emacs", "micro", "hx", "kak", "joe", "ne", "mcedit",
    "less", "more", "most", "man", "top", "htop", "btop", "atop", "glances", "mc", "ranger", "lf", "nnn",
    "tig", "lazygit", "fzf", "tmux", "screen", "zellij", "lynx", "w3m", "telnet",
];
/// Programs that start the rest of their command line.
const WRAPPERS: &[&str] = &["env", "exec", "nice", "nohup", "rlwrap", "stdbuf", "sudo", "doas", "time"];
/// Modules of Python that wait for lines.
const MODULES: &[&str] = &["pdb", "code", "asyncio", "IPython", "ptpython", "bpython", "pudb", "ipdb"];
/// What `manage.py` starts a shell with.
const MANAGED: &[&str] = &["shell", "shell_plus", "dbshell"];
/// Wrappers within wrappers that are looked through.
const MAX_WRAPPERS: usize = 4;

impl Demo {
    /// Whether the keyboard goes to this demo when a key of the speaker's has started it.
    #[must_use]
    pub fn takes_keyboard(&self) -> bool {
        match self.focus {
            _ if self.kind != DemoKind::Terminal => false,
            Focus::Never => false,
            Focus::Always => true,
            // The next key is for the script: it must stay the slide's.
            Focus::Auto if !self.script.is_empty() => false,
            Focus::Auto => is_interactive(&self.command),
        }
    }
}

/// Whether `command` is known to wait for what a person types.
#[must_use]
pub fn is_interactive(command: &[String]) -> bool {
    let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
    for _ in 0..MAX_WRAPPERS {
        let Some(program) = words.first().map(|program| name(program)) else { return false };
        if !WRAPPERS.contains(&program) {
            break;
        }
        let skipped =
            1 + words.iter().skip(1).take_while(|word| word.starts_with('-') || word.contains('=')).count();
        words.drain(..skipped);
    }
    let Some((program, args)) = words.split_first() else { return false };
    let program = name(program);
    let plain = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == 't');
    if SHELLS.contains(&program) {
        if let Some(text) = command_text(args) {
            return waits(args, &["-c"], SHELL_VALUES) || ends_interactive(text);
        }
        return waits(args, &["-c"], SHELL_VALUES);
    }
    if SCREENS.contains(&program) {
        return true;
    }
    if DATABASES.contains(&program) {
        return database(program, args);
    }
    if LANGUAGES.contains(&program) || LANGUAGES.contains(&plain) {
        let managed = args.windows(2).any(|pair| name(pair[0]) == "manage.py" && MANAGED.contains(&pair[1]));
        let debugger = args.windows(2).any(|pair| pair[0] == "-m" && MODULES.contains(&pair[1]));
        return managed || debugger || waits(args, LANGUAGE_RUNS, LANGUAGE_VALUES);
    }
    match program {
        "manage.py" => args.first().is_some_and(|arg| MANAGED.contains(arg)),
        // A container's program, when somebody is to type into it; another machine's shell.
        "docker" | "podman" | "nerdctl" | "kubectl" => {
            args.iter().any(|arg| short(arg, 'i') && short(arg, 't'))
                || ["-i", "-t"].iter().all(|o| args.contains(o))
        }
        "ssh" => args.iter().filter(|arg| !arg.starts_with('-')).count() == 1,
        _ => false,
    }
}

/// What a shell is told to run by `-c`, by itself or at the end of a cluster.
fn command_text<'a>(args: &[&'a str]) -> Option<&'a str> {
    let at = args.iter().position(|arg| short(arg, 'c') && arg.ends_with('c'))?;
    args.get(at + 1).copied()
}

/// Whether a line of a shell ends in a program that waits for lines: `cd shop && exec psql`. One that gets its input from
/// elsewhere, or is not made of plain words, is not taken for one.
fn ends_interactive(text: &str) -> bool {
    let last = text.trim_end_matches([';', '\n', ' ']).rsplit([';', '\n', '&']).next().unwrap_or_default();
    let words: Vec<String> = last.split_whitespace().map(str::to_owned).collect();
    let nested = words.iter().any(|word| word == "-c");
    !nested && !last.contains(['|', '<', '>', '"', '\'', '`', '$', '(']) && is_interactive(&words)
}

/// The program's own name, without the folders before it.
fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether `arg` is a cluster of one-letter options with this one in it.
fn short(arg: &str, letter: char) -> bool {
    arg.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(letter))
}

/// Whether a shell or language waits for lines: it was given no script and nothing to do, or `-i`.
fn waits(args: &[&str], runs: &[&str], values: &[&str]) -> bool {
    let mut rest = args.iter();
    let mut waits = true;
    while let Some(arg) = rest.next() {
        let does = runs
            .iter()
            .any(|run| arg == run || (run.len() == 2 && short(arg, run.chars().nth(1).unwrap_or('-'))));
        if *arg == "--interactive" || short(arg, 'i') {
            return true;
        }
        if does {
            waits = false;
            // What follows is the text to run, and its arguments.
            break;
        }
        if values.contains(arg) {
            rest.next();
        } else if !arg.starts_with(['-', '+']) || *arg == "-" {
            // A script; `-` is what is typed.
            return *arg == "-";
        }
    }
    waits
}

/// Whether a database's client waits for lines.
fn database(program: &str, args: &[&str]) -> bool {
    let told = |arg: &&str| -> bool {
        let (option, _) = arg.split_once('=').unwrap_or((arg, ""));
        DATABASE_RUNS.contains(&option)
    };
    let words = args.iter().filter(|arg| !arg.starts_with('-')).count();
    match program {
        // The file, and then what to do with it.
        "sqlite3" | "litecli" | "duckdb" => !args.iter().any(told) && words < 2,
        // Any word is a command.
        "redis-cli" => {
            words == 0 || args.iter().all(|arg| arg.starts_with('-') || arg.parse::<u16>().is_ok())
        }
        _ => !args.iter().any(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interactive(command: &str) -> bool {
        is_interactive(&command.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn shells_languages_clients_and_editors_wait_for_keys() {
        for command in [
            "sh",
            "sh -i",
            "/bin/bash --norc",
            "bash --rcfile demos/rc",
            "bash -o vi",
            "zsh -f",
            "fish",
            "python",
            "python3",
            "python3.14",
            "python3.14t -q",
            "python -i demos/a.py",
            "python -X gil=0",
            "ipython",
            "node",
            "irb",
            "psql",
            "psql -h localhost shop",
            "sqlite3 shop.db",
            "vim a.py",
            "nano",
            "less log",
            "htop",
            "env A=1 bash",
            "env -i A=1 /usr/bin/psql",
            "rlwrap sqlite3 x.db",
            "python manage.py shell",
            "python -m pdb a.py",
            "docker exec -it db psql",
            "ssh host",
            "redis-cli -p 6380",
            "sh -c bash",
            "bash -lc psql",
            "python -m asyncio",
            "tcsh",
        ] {
            assert!(interactive(command), "{command}");
        }
    }

    #[test]
    fn scripts_and_filters_do_not() {
        for command in [
            "sh -c true",
            "bash -lc env",
            "bash demos/a.sh",
            "sh -e a.sh",
            "python a.py",
            "python -c 1",
            "python3 -m http.server",
            "python -X gil=0 a.py",
            "node -e 1",
            "psql -c SELECT",
            "psql --file=a.sql",
            "sqlite3 a.db .tables",
            "cat",
            "cargo run",
            "env A=1 make",
            "env",
            "",
            "docker run app",
            "ssh host uptime",
            "python manage.py runserver",
            "python manage.py test shell",
        ] {
            assert!(!interactive(command), "{command}");
        }
    }

    #[test]
    fn what_a_shell_ends_in_is_looked_at() {
        let shell = |text: &str| is_interactive(&["sh".to_owned(), "-c".to_owned(), text.to_owned()]);
        for text in ["exec bash", "cd shop && exec psql shop", "echo hi; python3 -q", "A=1; htop\n"] {
            assert!(shell(text), "{text}");
        }
        for text in ["", ";", "bash a.sh", "echo 1 | psql", "psql < a.sql", "exec cat", "bash -c 'exec bash'"]
        {
            assert!(!shell(text), "{text}");
        }
    }

    #[test]
    fn the_deck_may_say_otherwise() {
        let demo = |focus| Demo { command: vec!["bash".to_owned()], focus, ..Demo::default() };
        assert!(demo(Focus::Auto).takes_keyboard() && demo(Focus::Always).takes_keyboard());
        assert!(!demo(Focus::Never).takes_keyboard());
        let bench = Demo { kind: DemoKind::Bench, ..demo(Focus::Always) };
        assert!(!bench.takes_keyboard(), "nothing is typed into a bench");
    }
}
