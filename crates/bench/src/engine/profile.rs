//! Where a server spends its time: a script that the server's own interpreter runs reads its stacks from outside.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::Prof;
use greenroom_system::command::Command;
use greenroom_system::guard::held::{Files, Held};

/// The script.
const SCRIPT: &str = include_str!("profile.py");
/// How long it may take after its time.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it may take to end when it is asked.
const GRACE: Duration = Duration::from_secs(1);

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The interpreter or its script.
    #[error("the profiler could not run: {0}")]
    System(#[from] std::io::Error),
    /// The server has no process.
    #[error("there is no process to take a profile of")]
    NoProcess,
    /// It says so itself.
    #[error("the profiler failed: {0}")]
    Failed(String),
    /// It does not end.
    #[error("the profiler did not end in time")]
    Slow,
}

/// A profiler that runs.
pub struct Profiler {
    held: Held,
    output: std::fs::File,
    errors: std::fs::File,
    deadline: Instant,
}

/// Takes the profile of the first of `pids` and everything below it, for `length`.
///
/// # Errors
/// When `python` cannot run the script.
pub fn start(python: &Path, pids: &[u32], length: Duration) -> Result<Profiler, ProfileError> {
    let pid = pids.first().ok_or(ProfileError::NoProcess)?;
    let (output, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut command = Command::new(python);
    command.args(["-I", "-c", SCRIPT]).arg(pid.to_string()).arg(format!("{:.1}", length.as_secs_f64()));
    let files = Files { input: None, output: output.try_clone()?.into(), errors: errors.try_clone()?.into() };
    let held = Held::start(&command, GRACE, files)?;
    Ok(Profiler { held, output, errors, deadline: Instant::now() + length + PATIENCE })
}

/// What the script prints.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Printed {
    samples: u64,
    dropped: u64,
    period_us: u64,
    stacks: Vec<(String, u64)>,
}

impl Profiler {
    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not end, or found nothing.
    pub fn finish(mut self, variant: usize) -> Result<Prof, ProfileError> {
        while !self.held.has_ended() {
            if Instant::now() > self.deadline {
                return Err(ProfileError::Slow);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.held.finish()?;
        let printed = read(&mut self.output)?;
        let found: Printed = match serde_json::from_str(printed.trim()) {
            Ok(found) => found,
            Err(_) => return Err(ProfileError::Failed(last_line(&read(&mut self.errors)?))),
        };
        let Printed { samples, dropped, period_us, stacks } = found;
        Ok(Prof { variant, samples, dropped, period_us, stacks })
    }
}

/// Everything in `file`, from its beginning; at most 16 MiB.
pub(super) fn read(file: &mut std::fs::File) -> std::io::Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(16 << 20).read_to_string(&mut text)?;
    Ok(text)
}

fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}
