//! What must hold for a demo beyond its types, wherever it is declared.

use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::{FileError, Files, normalize};
use greenroom_deck::launch::{self, faults};
use greenroom_deck::{Demo, DemoKind, Start, StepFault, step_faults};
use greenroom_yaml::PathStep;

/// Something wrong with a demo.
pub(super) struct DemoProblem {
    /// The key that is to blame.
    pub key: &'static str,
    /// The key that it does not go with, if it is a contradiction.
    pub with: &'static str,
    /// Where in the value of that key.
    inside: Vec<PathStep>,
    message: String,
    hint: String,
}

impl DemoProblem {
    fn new(key: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { key, with: key, inside: Vec::new(), message: message.into(), hint: hint.into() }
    }

    /// Where it is, beneath the demo.
    pub(super) fn path(&self) -> impl Iterator<Item = PathStep> {
        std::iter::once(PathStep::Key(self.key.to_owned())).chain(self.inside.iter().cloned())
    }

    /// As an error at `place`.
    pub(super) fn problem(self, place: Location) -> Diagnostic {
        Diagnostic::error(place, self.message).hint(self.hint)
    }
}

impl From<launch::Contradiction> for DemoProblem {
    fn from(fault: launch::Contradiction) -> Self {
        let launch::Contradiction { key, with, message, hint } = fault;
        Self { key, with, inside: Vec::new(), message, hint }
    }
}

impl From<StepFault> for DemoProblem {
    fn from(StepFault { step, key, message, hint }: StepFault) -> Self {
        let key = (!key.is_empty()).then(|| PathStep::Key(key.to_owned()));
        let inside = step.map(PathStep::Index).into_iter().chain(key).collect();
        Self { key: "script", with: "script", inside, message, hint }
    }
}

/// What is wrong with `demo`. What would do harm is taken out of it, and it does not start.
pub(super) fn review(demo: &mut Demo, files: &dyn Files) -> Vec<DemoProblem> {
    let faults = all(demo, files);
    if let (None, Some(first)) = (&demo.fault, faults.first()) {
        demo.fault = Some(first.message.clone());
    }
    faults
}

fn all(demo: &mut Demo, files: &dyn Files) -> Vec<DemoProblem> {
    let contradictions = faults(demo);
    let mut faults = Vec::new();
    faults.extend(without_command(demo));
    if let Some(timeout) = &demo.timeout
        && demo.time_limit().is_none()
    {
        let message = format!("\"{timeout}\" is no length of time");
        faults.push(DemoProblem::new("timeout", message, "write it as 500ms, 20s or 5m"));
        demo.timeout = None;
    }
    if demo.on == Start::Recording && demo.tape.is_none() {
        let message = "this demo shows its recording, and has none";
        faults.push(DemoProblem::new("on", message, "add `tape: recordings/NAME`, or leave `on` out"));
    }
    if demo.kind != DemoKind::Bench {
        for (key, given) in [("chart", demo.chart.is_some()), ("profiles", !demo.profiles.is_empty())] {
            if given {
                faults.push(DemoProblem::new(
                    key,
                    "only a bench has charts",
                    "add `kind: bench`, or leave this out",
                ));
            }
        }
    }
    keep_inside(demo, &mut faults);
    missing_files(demo, files, &mut faults);
    // Those of steps come with their places.
    let whole = contradictions.into_iter().filter(|fault| (fault.key, fault.with) != ("script", "script"));
    faults.extend(whole.map(DemoProblem::from));
    faults.extend(step_faults(&demo.script).into_iter().map(DemoProblem::from));
    faults
}

/// What is wrong with a demo that does not say what it runs.
fn without_command(demo: &Demo) -> Option<DemoProblem> {
    let program = demo.command.first().is_some_and(|program| !program.trim().is_empty());
    let (message, hint) = match demo.kind {
        DemoKind::Terminal | DemoKind::Probe if !program && demo.scenario.is_none() => {
            ("this demo has no command", "add `command: [program, argument]`")
        }
        DemoKind::Bench if !program && !demo.command.is_empty() => {
            ("this command is empty", "write `[program, argument]`")
        }
        _ => return None,
    };
    Some(DemoProblem::new("command", message, hint))
}

/// Takes out of `demo` each path that leads out of the deck folder.
fn keep_inside(demo: &mut Demo, faults: &mut Vec<DemoProblem>) {
    let paths =
        [("scenario", &mut demo.scenario), ("directory", &mut demo.directory), ("tape", &mut demo.tape)];
    let own = std::iter::once(("requirements", &mut demo.requirements));
    let columns = demo.runtimes.iter_mut().map(|runtime| ("runtimes", &mut runtime.requirements));
    for (key, path) in paths.into_iter().chain(own).chain(columns) {
        if let Some(written) = path.take_if(|written| normalize(written).is_none()) {
            let message = format!("\"{written}\" leads out of the deck folder");
            faults.push(DemoProblem::new(key, message, "a deck uses only what is inside of its folder"));
        }
    }
}

/// Files that `demo` cannot run without, and that are not there.
fn missing_files(demo: &Demo, files: &dyn Files, faults: &mut Vec<DemoProblem>) {
    let own = demo.requirements.iter().map(|path| ("requirements", path));
    let columns = demo.runtimes.iter().filter_map(|one| Some(("runtimes", one.requirements.as_ref()?)));
    for (key, path) in demo.scenario.iter().map(|path| ("scenario", path)).chain(own).chain(columns) {
        if files.head(path, 1) != Err(FileError::Missing) {
            continue;
        }
        let otherwise = Some("paths are relative to the deck folder");
        let hint = greenroom_base::text::missing_hint(files, path, &FileError::Missing, otherwise)
            .unwrap_or_default();
        faults.push(DemoProblem::new(key, format!("there is no file \"{path}\" in the deck"), hint));
    }
}
