//! `greenroom doctor --project DIR`

use greenroom_base::counted::counted;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::json;

use crate::cli::{Doctor, Format};
use crate::cmd::setup::{INTERRUPTED, Show, ask};
use greenroom_python::project::{Checked, Needs, ProjectError, Verdict, check, needs};
use greenroom_python::runtime::{Kind, Runtime};
use greenroom_python::{Indexes, Places, Scope, SetupError, Store, Uv, find};
use greenroom_system::say;

/// Installs and imports what a project asks for, without the GIL, and says what happens.
pub(super) fn run(options: &Doctor, folder: &Path) -> anyhow::Result<ExitCode> {
    let folder = folder.canonicalize().with_context(|| format!("{} cannot be opened", folder.display()))?;
    let places = Places::of_user().outside(&folder);
    let found = find(&super::super::wanted(&options.pythons), &places, Scope::Needed);
    let kind = Kind::FreeThreaded;
    let runtime = match (found.of(kind), found.refused(kind)) {
        (Some(runtime), _) => runtime,
        (None, Some(problem)) => bail!("{problem}"),
        (None, None) => {
            bail!("there is no free threaded Python: run greenroom setup, or name one with --python-ft")
        }
    };
    let needs = needs(runtime, &folder)?;
    let notes = needs.notes.iter().fold(String::new(), |notes, note| format!("{notes}; {note}"));
    let Some(source) = &needs.source else {
        bail!("{} has no requirements.txt, pyproject.toml or .venv{notes}", folder.display());
    };
    if needs.requirements.is_empty() {
        bail!("{source} in {} asks for no package{notes}", folder.display());
    }
    for line in lines(&needs, source, &folder) {
        writeln!(say::err(), "{line}")?;
    }
    if !options.yes
        && let Some(refused) = ask("Nothing was run")
    {
        return Ok(refused);
    }
    let mut show = Show::new()?.quiet();
    let store = Store::of_user().ok_or(SetupError::NoCache)?;
    let uv = Uv::get(&places, &store.tools(), found.any(), &mut |progress| show.take(progress))?;
    let result = check(&needs, runtime, &uv, &store, &mut |progress| show.take(progress));
    show.end_step();
    let checked = match result {
        Err(ProjectError::Setup(SetupError::Interrupted)) => {
            show.line("stopped; nothing of it is left");
            return Ok(ExitCode::from(INTERRUPTED));
        }
        other => other?,
    };
    print(options.format, &needs, runtime, &checked)?;
    let good = checked.iter().all(|one| one.verdict == Verdict::StaysOff);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What is going to happen, in lines: it is foreign code, and a person has to say that it may run.
fn lines(needs: &Needs, source: &str, folder: &Path) -> Vec<String> {
    let packages = counted(needs.requirements.len(), "package");
    let mut lines = vec![format!("{source} in {} asks for {packages}:", folder.display())];
    lines.extend(needs.requirements.iter().map(|one| format!("  {one}")));
    lines.push(format!("from     {} (yours)", Indexes::of_user().shown().join(", ")));
    lines.extend(needs.options.iter().map(|option| format!("         {option} (the project's)")));
    lines.extend(needs.notes.iter().map(|note| format!("note: {note}")));
    lines.push(
        "This downloads them and what they need, installs them into an environment that is thrown away, and imports \
         them. That RUNS THEIR CODE on this computer, with your rights."
            .to_owned(),
    );
    lines
}

fn print(format: Format, needs: &Needs, runtime: &Runtime, checked: &[Checked]) -> io::Result<()> {
    let out = say::out();
    if format == Format::Json {
        let whole = json!({
            "source": needs.source, "notes": needs.notes, "runtime": runtime, "packages": checked,
        });
        return out.json(format_args!("{whole:#}"));
    }
    let wide = |text: fn(&Checked) -> &str, head: &str| {
        checked.iter().map(|one| text(one).chars().count()).chain([head.len()]).max().unwrap_or(0)
    };
    let (a, b) = (wide(|one| &one.package, "package"), wide(|one| &one.version, "version"));
    let (c, d) = (wide(|one| &one.wheel, "wheel"), wide(|one| one.verdict.words(), "verdict"));
    writeln!(out, "  {:<a$}  {:<b$}  {:<c$}  verdict", "package", "version", "wheel")?;
    for one in checked {
        let mark = if one.verdict == Verdict::StaysOff { '✓' } else { '✗' };
        let (words, detail) = (one.verdict.words(), &one.detail);
        let line = format!(
            "{mark} {:<a$}  {:<b$}  {:<c$}  {words:<d$}  {detail}",
            one.package, one.version, one.wheel
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    for note in &needs.notes {
        writeln!(out, "note: {note}")?;
    }
    let bad = checked.iter().filter(|one| one.verdict != Verdict::StaysOff).count();
    let facts = runtime.facts();
    let (bad, be) = match bad {
        0 => ("None".to_owned(), "is"),
        1 => ("1".to_owned(), "is"),
        many => (many.to_string(), "are"),
    };
    writeln!(out, "\n{bad} of {} packages {be} in the way, on {facts}.", checked.len())?;
    writeln!(
        out,
        "Imported were top-level and compiled modules, each in a process of its own; what a package imports later \
         is not seen here: look at sys._is_gil_enabled() after the first requests."
    )
}
