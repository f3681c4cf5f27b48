//! What the card says: every word of what would be started.

use std::collections::BTreeMap;

use super::card_text::CardLine;
use super::{Asked, CardEntry, Launch, Starts};
use crate::{Database, NamedRuntime, RuntimeName, Scenario, Script, ScriptStep};

/// Changed files that are named; of more there is only the number.
const MAX_CHANGED: usize = 100;

impl Asked {
    /// The card, in rows of at most `width` columns. What stands in it is escaped as [`super::card_text`] says.
    #[must_use]
    pub fn rows(&self, width: usize) -> Vec<String> {
        self.lines().iter().flat_map(|line| line.rows(width)).collect()
    }

    /// Whether packages would be installed, instead of demos run.
    #[must_use]
    pub fn sets_up(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.launch.starts, Starts::SetUp { .. }))
    }

    fn lines(&self) -> Vec<CardLine> {
        let mut lines = vec![CardLine::default().prose(if self.sets_up() {
            "This deck wants these packages installed, from the network, with your rights."
        } else {
            "This deck wants to run these commands on this computer, with your rights."
        })];
        if let Some(why) = &self.each_session {
            let when = if self.each_start { "at each start" } else { "in each session" };
            let line = CardLine::default().prose(&format!("You are asked {when}, because ")).said(why);
            lines.push(line);
        }
        if !self.changed.is_empty() {
            lines.push(CardLine::default().prose("It has changed since you agreed to it:"));
            lines.extend(self.changed.iter().take(MAX_CHANGED).map(|path| CardLine::after(4).word(path)));
            if let Some(more @ 1..) = self.changed.len().checked_sub(MAX_CHANGED) {
                lines.push(CardLine::after(4).prose(&format!("and {more} more files")));
            }
        }
        lines.push(CardLine::default());
        if self.entries.is_empty() {
            lines.push(CardLine::default().prose("nothing"));
        }
        lines.extend(self.entries.iter().flat_map(entry));
        lines
    }
}

/// One demo.
fn entry(CardEntry { name, slides, launch }: &CardEntry) -> Vec<CardLine> {
    if let Starts::SetUp { packages, indexes, also, .. } = &launch.starts {
        return set_up(packages, indexes, also);
    }
    let mut begin = CardLine::default().word(name);
    if !slides.is_empty() {
        let numbers: Vec<String> = slides.iter().map(usize::to_string).collect();
        let word = if slides.len() == 1 { "slide" } else { "slides" };
        begin = begin.prose(&format!(" ({word} {})", numbers.join(", ")));
    }
    begin = begin.prose(":  ");
    let mut lines = vec![match &launch.starts {
        Starts::Program { command, .. } | Starts::Probe { command, .. } => begin.prose("$ ").command(command),
        Starts::Bench { path, .. } => begin.prose("bench ").word(path),
        Starts::SetUp { .. } => begin,
    }];
    lines.extend(how(launch));
    lines.extend(packages(launch));
    lines.extend(launch.directory.iter().map(|inside| CardLine::after(4).prose("in ").word(inside)));
    lines.extend(with(&launch.env, 4));
    let types = |line: &String| CardLine::after(4).prose("typed into it while it is recorded: ").word(line);
    lines.extend(launch.types.iter().map(types));
    lines.extend(Script::of(&launch.script).steps.iter().map(step));
    match &launch.starts {
        Starts::Bench { scenario, .. } => lines.extend(bench(scenario)),
        Starts::Probe { title: Some(title), .. } => {
            lines.push(CardLine::after(4).prose("as ").word(title));
        }
        _ => {}
    }
    lines
}

/// What one step of a script types.
fn step(step: &ScriptStep) -> CardLine {
    let mut line = CardLine::after(4).prose("typed into it, when you go on: ");
    if !step.text.is_empty() {
        line = line.word(&step.text);
    }
    if step.press.is_empty() { line } else { line.prose("  pressed: ").command(&step.press) }
}

/// In how many copies, on what and for how long.
fn how(launch: &Launch) -> Option<CardLine> {
    let mut parts = Vec::new();
    match &launch.starts {
        Starts::Program { runtime, .. } => parts.extend(runtime.map(on)),
        Starts::Probe { only, database, .. } => {
            parts.push(only.map_or_else(|| "once on each Python".to_owned(), on));
            parts.extend(database.map(beside));
        }
        Starts::Bench { scenario, .. } => parts.extend(scenario.database.map(beside)),
        Starts::SetUp { .. } => {}
    }
    parts.extend(launch.timeout.map(|limit| format!("for {limit:?} at most")));
    (!parts.is_empty()).then(|| CardLine::after(4).prose(&parts.join(", ")))
}

/// What it runs on besides, and whose packages it has.
fn packages(launch: &Launch) -> Vec<CardLine> {
    let (beside, requirements) = match &launch.starts {
        Starts::Program { requirements, .. } => (&[][..], requirements),
        Starts::Probe { beside, requirements, .. } => (beside.as_slice(), requirements),
        Starts::Bench { .. } | Starts::SetUp { .. } => return Vec::new(),
    };
    let own = |line: CardLine, file: &Option<String>| match file {
        Some(file) => line.prose(" with the packages of ").word(file),
        None => line,
    };
    let further = |runtime: &NamedRuntime| {
        let line = CardLine::after(4).prose("and on Python ").word(&runtime.python);
        own(line.prose(", as ").word(&runtime.label), &runtime.requirements)
    };
    let whole = requirements.iter().map(|file| CardLine::after(4).prose("with the packages of ").word(file));
    whole.chain(beside.iter().map(further)).collect()
}

fn on(runtime: RuntimeName) -> String {
    match runtime {
        RuntimeName::FreeThreaded => "on Python without the GIL (free-threaded)".to_owned(),
        RuntimeName::Gil => "on Python with the GIL (gil)".to_owned(),
    }
}

fn beside(database: Database) -> String {
    match database {
        Database::Sqlite => "beside a SQLite file".to_owned(),
        Database::Postgresql => "beside a PostgreSQL server".to_owned(),
    }
}

/// What a bench starts.
fn bench(scenario: &Scenario) -> Vec<CardLine> {
    let at = |inside: &String| CardLine::after(4).prose("in ").word(inside).prose(" beside the scenario");
    let mut lines: Vec<CardLine> = scenario.directory.iter().map(at).collect();
    lines.extend(with(&scenario.env, 4));
    lines.extend(
        scenario.prepare.iter().map(|command| CardLine::after(4).prose("first:  $ ").command(command)),
    );
    for variant in &scenario.variants {
        lines.push(CardLine::after(4).word(&variant.name).prose(":  $ ").command(&variant.command));
        lines.extend(variant.runtime.map(|runtime| CardLine::after(8).prose(&on(runtime))));
        lines.extend(with(&variant.env, 8));
    }
    lines
}

fn with(env: &BTreeMap<String, String>, indent: usize) -> impl Iterator<Item = CardLine> {
    env.iter().map(move |(name, value)| {
        CardLine::after(indent).prose("with ").variable(name).prose("=").word(value)
    })
}

/// What is installed, and from where.
fn set_up(packages: &[String], indexes: &[String], also: &[String]) -> Vec<CardLine> {
    let each = |words: &str, all: &[String]| {
        all.iter().map(|one| CardLine::after(4).prose(words).word(one)).collect::<Vec<_>>()
    };
    let mut lines = each("install ", packages);
    if packages.is_empty() {
        lines.push(CardLine::after(4).prose("no packages: its environments hold Python alone"));
    }
    lines.extend(each("from ", indexes));
    lines.extend(also.iter().map(|one| CardLine::after(4).prose("and ").said(one)));
    lines
}
