//! What importing a package came to.

use serde::{Deserialize, Serialize};

use greenroom_system::subprocess::{End, Finished, printable};

/// How a package behaves without the GIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All that was imported leaves it off.
    StaysOff,
    /// Importing it switches the GIL on, for the whole process and for good.
    SwitchesOn,
    /// It raises.
    FailsToImport,
    /// There is no wheel for this build, and it cannot be built here.
    DoesNotInstall,
    /// The interpreter dies.
    Crashes,
    /// It takes too long.
    Hangs,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::StaysOff => "GIL stays off",
            Self::SwitchesOn => "switches the GIL on",
            Self::FailsToImport => "fails to import",
            Self::DoesNotInstall => "does not install",
            Self::Crashes => "crashes the interpreter",
            Self::Hangs => "hangs",
        }
    }
}

/// A package and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its name.
    pub package: String,
    /// The version that was installed; empty when none was.
    pub version: String,
    /// `pure`, the tag of its wheel (`cp314t`), or `built` when it was compiled here.
    pub wheel: String,
    /// How it behaves.
    pub verdict: Verdict,
    /// Which module, or what was said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Checked {
    pub(super) fn not_installed(requirement: &str, said: &str) -> Self {
        let at = requirement.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)));
        let (package, rest) = requirement.split_at(at.unwrap_or(requirement.len()));
        Self {
            package: package.to_owned(),
            version: rest
                .strip_prefix("==")
                .unwrap_or_default()
                .split([' ', ';'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            wheel: "-".to_owned(),
            verdict: Verdict::DoesNotInstall,
            detail: short(reason(said)),
        }
    }

    /// From what its top-level modules did, each alone, and its compiled ones, together.
    pub(super) fn of(
        package: &str,
        version: &str,
        tags: &[String],
        trials: &[Trial],
        compiled: Option<&Trial>,
    ) -> Self {
        let all = || trials.iter().chain(compiled);
        let worst = |verdict: Verdict| all().find(|trial| trial.verdict == verdict);
        let failed = |trial: &&Trial| trial.verdict == Verdict::FailsToImport;
        let hard = [Verdict::SwitchesOn, Verdict::Crashes, Verdict::Hangs].into_iter().find_map(worst);
        let none_imports = !trials.is_empty() && trials.iter().all(|trial| failed(&trial));
        let (verdict, detail) = match (hard, trials.iter().find(failed)) {
            (Some(trial), _) => (trial.verdict, trial.detail.clone()),
            (None, Some(trial)) if none_imports => (Verdict::FailsToImport, trial.detail.clone()),
            (None, Some(trial)) => (Verdict::StaysOff, trial.detail.clone()),
            (None, None) if trials.is_empty() => (Verdict::StaysOff, "nothing to import".to_owned()),
            (None, None) => (Verdict::StaysOff, String::new()),
        };
        let (package, version) = (package.to_owned(), version.to_owned());
        Self { package, version, wheel: wheel(tags), verdict, detail }
    }
}

/// The line of what uv and a compiler said that tells the most.
fn reason(said: &str) -> &str {
    let lines = || said.lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
    let about_threads = |line: &&str| {
        line.contains("free-thread") && (line.starts_with("hint") || line.contains("not support"))
    };
    let refusal = |line: &&str| line.contains("does not support") || line.contains("not supported");
    let error = |line: &&str| line.to_lowercase().contains("error:");
    lines()
        .find(about_threads)
        .or_else(|| lines().find(refusal))
        .or_else(|| lines().find(error))
        .or_else(|| lines().next())
        .unwrap_or(said)
}

/// What kind of wheel has these tags (`cp314-cp314t-manylinux_2_28_x86_64`).
fn wheel(tags: &[String]) -> String {
    let Some(tag) = tags.first() else { return "unknown".to_owned() };
    let mut parts = tag.split('-');
    let (python, abi, platform) =
        (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if platform == "any" {
        return "pure".to_owned();
    }
    let abi = if abi == "none" { python.unwrap_or_default() } else { abi };
    // Only what was compiled here has a platform without the promise of running elsewhere.
    if platform.starts_with("linux_") { format!("built, {abi}") } else { abi.to_owned() }
}

/// One process that imported modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trial {
    pub verdict: Verdict,
    pub detail: String,
    /// The GIL was on before anything was imported.
    pub began_on: bool,
}

impl Trial {
    /// Whether nothing more can be learned from the package.
    pub(super) fn is_bad(&self) -> bool {
        matches!(self.verdict, Verdict::SwitchesOn | Verdict::Crashes | Verdict::Hangs)
    }
}

/// A line of the helper.
#[derive(Deserialize)]
struct ImportReport {
    begin: Option<String>,
    name: Option<String>,
    gil: Option<bool>,
    error: Option<String>,
}

/// Reads what a process said that imported modules one after the other.
pub(super) fn read(finished: &Finished) -> Trial {
    let text = String::from_utf8_lossy(&finished.stdout);
    let lines = text.lines().filter_map(|line| line.strip_prefix("@greenroom "));
    let said: Vec<ImportReport> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
    let current = said.iter().rev().find_map(|said| said.begin.clone()).unwrap_or_default();
    let began_on = said.first().is_some_and(|said| said.gil == Some(true));
    let trial = |verdict, detail| Trial { verdict, detail, began_on };
    if let Some(on) = said.iter().skip(1).find(|said| said.gil == Some(true)) {
        let by = culprit(&String::from_utf8_lossy(&finished.stderr));
        return trial(Verdict::SwitchesOn, by.or_else(|| on.name.clone()).unwrap_or_default());
    }
    match finished.end {
        End::TimedOut => return trial(Verdict::Hangs, current),
        End::Signal(number) => {
            return trial(Verdict::Crashes, format!("{current}: signal {number}"));
        }
        End::Status(0) | End::TooMuch | End::Interrupted => {}
        End::Status(status) => {
            return trial(Verdict::Crashes, format!("{current}: it ended the process with status {status}"));
        }
    }
    let failed = said.iter().find_map(|said| Some((said.name.as_deref()?, said.error.as_deref()?)));
    match failed {
        Some((name, error)) => trial(Verdict::FailsToImport, short(&format!("{name}: {error}"))),
        None => trial(Verdict::StaysOff, String::new()),
    }
}

/// The module that the interpreter's warning names.
fn culprit(stderr: &str) -> Option<String> {
    let (_, rest) = stderr.split_once("has been enabled to load module '")?;
    Some(printable(rest.split('\'').next()?))
}

/// One line that fits a table.
fn short(text: &str) -> String {
    printable(text.lines().next().unwrap_or_default()).chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(end: End, lines: &str, stderr: &str) -> Finished {
        let stdout = format!("noise\n@greenroom {{\"name\":\"\",\"gil\":false,\"error\":null}}\n{lines}");
        Finished { end, stdout: stdout.into_bytes(), stderr: stderr.as_bytes().to_vec() }
    }

    #[test]
    fn every_end_of_an_import_is_understood() {
        let good = End::Status(0);
        let begin = "@greenroom {\"begin\":\"a\"}\n";
        let off = "@greenroom {\"begin\":\"a\"}\n@greenroom {\"name\":\"a\",\"gil\":false,\"error\":null}\n";
        let on = "@greenroom {\"begin\":\"a\"}\n@greenroom {\"name\":\"a\",\"gil\":true,\"error\":null}\n";
        let broken = "@greenroom {\"name\":\"a\",\"gil\":false,\"error\":\"ImportError: no\"}\n";
        let warning = "<x>:1: RuntimeWarning: The global interpreter lock (GIL) has been enabled to load module \
                       'a.b', which has not declared";
        let read = |end, lines, stderr| {
            let trial = read(&finished(end, lines, stderr));
            (trial.verdict, trial.detail)
        };
        assert_eq!(read(good, off, ""), (Verdict::StaysOff, String::new()));
        assert_eq!(read(good, on, warning), (Verdict::SwitchesOn, "a.b".to_owned()));
        assert_eq!(read(good, on, ""), (Verdict::SwitchesOn, "a".to_owned()));
        assert_eq!(read(good, broken, ""), (Verdict::FailsToImport, "a: ImportError: no".to_owned()));
        assert_eq!(read(End::Signal(11), begin, "").0, Verdict::Crashes);
        assert_eq!(read(End::Status(3), begin, "").0, Verdict::Crashes);
        assert_eq!(read(End::TimedOut, begin, ""), (Verdict::Hangs, "a".to_owned()));
    }

    #[test]
    fn one_that_fails_does_not_condemn_a_package_that_works() {
        let trial = |verdict| Trial { verdict, detail: "x".to_owned(), began_on: false };
        let of = |trials: &[Trial]| Checked::of("p", "1", &[], trials, None).verdict;
        assert_eq!(of(&[trial(Verdict::StaysOff), trial(Verdict::FailsToImport)]), Verdict::StaysOff);
        assert_eq!(of(&[trial(Verdict::FailsToImport)]), Verdict::FailsToImport);
        assert_eq!(of(&[trial(Verdict::FailsToImport), trial(Verdict::SwitchesOn)]), Verdict::SwitchesOn);
        let nothing = Checked::of("p", "1", &["py3-none-any".to_owned()], &[], None);
        assert_eq!((nothing.wheel.as_str(), nothing.verdict), ("pure", Verdict::StaysOff));
    }

    #[test]
    fn wheels_are_named() {
        let of = |tag: &str| wheel(&[tag.to_owned()]);
        assert_eq!(of("cp314-cp314t-manylinux_2_28_x86_64"), "cp314t");
        assert_eq!(of("cp314-cp314t-linux_x86_64"), "built, cp314t");
        assert_eq!(of("py3-none-any"), "pure");
        let said = "failed\n  compiling\n  error: no wheel\n";
        let more = format!("{said}  orjson does not support free-threaded Python\n");
        assert_eq!(Checked::not_installed("a", &more).detail, "orjson does not support free-threaded Python");
        let absent = Checked::not_installed("orjson==3.13 ; x", said);
        assert_eq!((absent.package.as_str(), absent.version.as_str()), ("orjson", "3.13"));
        assert_eq!(absent.detail, "error: no wheel");
    }
}
