//! `greenroom config`, and a person's own settings for the verbs that use them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::cli;
use crate::config::{self, Config};
use crate::inspect::preflight;
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Location, Severity, Warned};
use greenroom_base::text::SourceText;
use greenroom_deck::Executors;
use greenroom_system::say;

/// Names the file in place of the one in the home folder; nothing is read when it is empty.
const VARIABLE: &str = "GREENROOM_CONFIG";

/// A configuration that was named and cannot be used: the program ends with 2.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Where the settings are.
struct Place {
    /// None where there is no home folder, or none are wanted.
    path: Option<PathBuf>,
    /// Somebody named it, so that it has to be there and right.
    named: bool,
}

impl Place {
    fn of(option: Option<&Path>) -> Self {
        if let Some(path) = option {
            return Self { path: Some(path.to_owned()), named: true };
        }
        if let Some(path) = std::env::var_os(VARIABLE) {
            return Self {
                path: Some(PathBuf::from(path)).filter(|path| !path.as_os_str().is_empty()),
                named: true,
            };
        }
        let home = choose_base_strategy().ok();
        Self { path: home.map(|home| home.config_dir().join("greenroom/config.yaml")), named: false }
    }

    /// How it is named to people.
    fn shown(&self) -> String {
        self.path.as_deref().map_or_else(|| "config.yaml".to_owned(), |path| path.display().to_string())
    }

    /// What is written there; none when there is no file.
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(path) = &self.path else { return Ok(None) };
        let about = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.named => return Ok(None),
            about => about?,
        };
        if !about.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(config::LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > config::LIMIT {
            return Err(io::Error::other(format!("it is longer than {} KiB", config::LIMIT >> 10)));
        }
        Ok(Some(bytes))
    }
}

/// What was found, with what is wrong with it.
struct Found {
    config: Config,
    problems: Vec<Diagnostic>,
    /// It could not be read at all.
    unread: bool,
    /// There is a file.
    exists: bool,
}

fn find(place: &Place) -> Found {
    let shown = place.shown();
    let unread = |why: &dyn fmt::Display| {
        let problem =
            Diagnostic::error(Location::file(&shown), format!("the settings cannot be read: {why}"));
        let problem =
            problem.hint(if place.named { "name a file that can be read" } else { "the defaults are used" });
        Found { config: Config::default(), problems: vec![problem], unread: true, exists: true }
    };
    let bytes = match place.read() {
        Ok(None) => {
            return Found { config: Config::default(), problems: Vec::new(), unread: false, exists: false };
        }
        Ok(Some(bytes)) => bytes,
        Err(error) => return unread(&error),
    };
    match String::from_utf8(bytes) {
        Ok(text) => {
            let Warned { value, problems } = Config::read(&SourceText::new(&shown, &text));
            Found { config: value, problems, unread: false, exists: true }
        }
        Err(_) => unread(&"it is no text in UTF-8"),
    }
}

/// A person's settings, and what is to be said of them on stage.
pub(super) struct Own {
    /// The settings.
    pub config: Config,
    /// That some of them are not used, for a notice.
    pub notice: Option<String>,
}

/// The settings for a verb that has a stage or a view. What is wrong with them is said, and the rest is used: a talk begins all the same. But a
/// file that somebody has named must be right.
///
/// # Errors
/// [`Refused`] for a file that was named by option or by variable and cannot be read, or has mistakes.
pub(super) fn own(options: &cli::ConfigFile) -> anyhow::Result<Own> {
    let place = Place::of(options.config.as_deref());
    let found = find(&place);
    for problem in &found.problems {
        say::err().problem(problem)?;
    }
    let mistakes = config::errors(&found.problems);
    if mistakes > 0 && place.named {
        let what = if found.unread {
            "cannot be read".to_owned()
        } else {
            format!("has {}", counted(mistakes, "mistake"))
        };
        return Err(Refused(format!("the configuration {} {what}", place.shown())).into());
    }
    let notice = (mistakes > 0).then(|| {
        let what = if found.unread {
            "cannot be read".to_owned()
        } else {
            format!("has {}", counted(mistakes, "mistake"))
        };
        format!("config.yaml {what}: greenroom config says more")
    });
    Ok(Own { config: found.config, notice })
}

/// The settings for a look before the talk: it is said there what is wrong with them.
pub(super) fn looked_at(options: &cli::ConfigFile) -> preflight::Own {
    let place = Place::of(options.config.as_deref());
    let found = find(&place);
    preflight::Own {
        keymap: found.config.keymap,
        problems: found.problems,
        is_there: found.exists,
        must_be_right: place.named,
    }
}

/// What the person has that runs code, for verbs that only read a deck: what is wrong with the settings is not theirs to say.
pub(super) fn executors() -> Executors {
    find(&Place::of(None)).config.executors
}

/// Prints where the settings are, what they are, or what is wrong with them.
///
/// # Errors
/// When nothing can be printed.
pub fn run(options: &cli::ConfigOptions) -> anyhow::Result<ExitCode> {
    let place = Place::of(options.file.config.as_deref());
    let out = say::out();
    if options.path {
        let Some(path) = &place.path else {
            say::failure(&"there is no home folder, and so no configuration: set HOME or XDG_CONFIG_HOME");
            return Ok(ExitCode::from(2));
        };
        writeln!(out, "{}", path.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let found = find(&place);
    let voice = if options.print { say::err() } else { out };
    for problem in &found.problems {
        voice.problem(problem)?;
    }
    if options.print {
        write!(out, "{}", config::print(&found.config))?;
    } else {
        let count = |severity| found.problems.iter().filter(|problem| problem.severity == severity).count();
        let state = if found.exists { "" } else { " is not there: the defaults are used" };
        writeln!(out, "{}{state}", place.shown())?;
        if found.exists {
            let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
            writeln!(out, "{}, {}", counted(errors, "error"), counted(warnings, "warning"))?;
        }
    }
    Ok(match config::errors(&found.problems) {
        _ if found.unread => ExitCode::from(2),
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}
