//! Demos that say two things at once: what they would start could not be told from what they say.

use crate::{Database, Demo, DemoKind, MAX_RUNTIMES, step_faults};

/// What is wrong with a demo as a whole, whatever the deck's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The key that is to blame.
    pub key: &'static str,
    /// The key that it does not go with.
    pub with: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What contradicts itself in `demo`, or would start something other than what it says.
#[must_use]
pub fn faults(demo: &Demo) -> Vec<Contradiction> {
    let mut faults = Vec::new();
    let mut add = |key, with, message: &str, hint: &str| {
        faults.push(Contradiction { key, with, message: message.to_owned(), hint: hint.to_owned() });
    };
    if demo.scenario.is_some() {
        scenario(demo, &mut add);
    } else if demo.database.is_some() && demo.kind != DemoKind::Probe {
        add("database", "kind", "only a probe and a scenario are given a database", "remove it");
    }
    runtimes(demo, &mut add);
    script(demo, &mut add);
    if demo.kind == DemoKind::Probe {
        if !demo.types.is_empty() {
            add("types", "kind", "nobody types into a probe", "remove it");
        }
        if demo.database == Some(Database::Sqlite) {
            let hint = "remove it: a script makes a SQLite file by itself";
            add("database", "kind", "a probe is given a PostgreSQL server, and no other database", hint);
        }
    }
    if demo.command.iter().any(|word| word.contains('\0')) {
        add("command", "command", "no command holds a null character", "remove it");
    }
    let odd = |name: &String| name.is_empty() || name.contains(['=', '\0']);
    if demo.env.iter().any(|(name, value)| odd(name) || value.contains('\0')) {
        let message = "a variable's name is not empty and holds no `=`, and its value no null character";
        add("env", "env", message, "write `NAME: value`");
    }
    faults
}

/// What a demo that measures a scenario says besides, which the scenario says or nobody asks for.
fn scenario(demo: &Demo, add: &mut impl FnMut(&'static str, &'static str, &str, &str)) {
    if !demo.command.is_empty() {
        add(
            "command",
            "scenario",
            "a demo runs a command or measures a scenario, and this one names both",
            "remove one of them",
        );
    }
    if demo.kind != DemoKind::Bench {
        add("scenario", "kind", "only a bench measures a scenario", "write `kind: bench`, or remove it");
    }
    let others = [
        ("directory", demo.directory.is_some(), "its servers run beside the scenario, or where that says"),
        ("runtime", demo.runtime.is_some(), "each variant of the scenario names its own"),
        ("requirements", demo.requirements.is_some(), "its servers have the deck's own packages"),
        ("database", demo.database.is_some(), "the scenario names it"),
        ("types", !demo.types.is_empty(), "nobody types into a bench"),
        ("script", !demo.script.is_empty(), "nobody types into a bench"),
    ];
    for (key, _, hint) in others.into_iter().filter(|(_, given, _)| *given) {
        add(key, "scenario", &format!("`{key}` means nothing for a scenario"), &format!("{hint}; remove it"));
    }
}

/// What is wrong with what is typed into a demo.
fn script(demo: &Demo, add: &mut impl FnMut(&'static str, &'static str, &str, &str)) {
    if demo.script.is_empty() {
        return;
    }
    if demo.kind != DemoKind::Terminal && demo.scenario.is_none() {
        add("script", "kind", "nobody types into a bench or a probe", "remove it");
    }
    if !demo.types.is_empty() {
        let hint = "remove `types`: the script is what `greenroom record` types";
        add("types", "script", "a script and `types` say the same thing twice", hint);
    }
    for fault in step_faults(&demo.script) {
        let step = fault.step.map(|step| format!("step {}: ", step + 1)).unwrap_or_default();
        add("script", "script", &format!("{step}{}", fault.message), &fault.hint);
    }
}

/// What is wrong with what a demo runs on.
fn runtimes(demo: &Demo, add: &mut impl FnMut(&'static str, &'static str, &str, &str)) {
    if !demo.runtimes.is_empty() && demo.kind != DemoKind::Probe {
        let hint = "write `kind: probe`, or `runtime:` for the one that it runs on";
        add("runtimes", "kind", "only a probe runs on several runtimes", hint);
    }
    if demo.requirements.is_some()
        && demo.scenario.is_none()
        && demo.kind != DemoKind::Probe
        && demo.runtime.is_none()
    {
        let hint = "write `runtime: free-threaded` or `runtime: gil` beside it";
        add("requirements", "runtime", "packages are for a runtime, and this demo names none", hint);
    }
    if demo.runtimes.len() > MAX_RUNTIMES {
        let message = format!("a probe runs on {MAX_RUNTIMES} more runtimes at most");
        add("runtimes", "runtimes", &message, "make two demos of it");
    }
    for (number, runtime) in demo.runtimes.iter().enumerate() {
        if let Some((message, hint)) = runtime.fault() {
            add("runtimes", "runtimes", &message, hint);
        }
        if demo.runtimes.iter().take(number).any(|other| other.label == runtime.label) {
            let message = format!("two runtimes are called \"{}\"", runtime.label.escape_debug());
            add("runtimes", "runtimes", &message, "give each a label of its own");
        }
    }
}
