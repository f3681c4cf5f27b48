//! Where a server spends its time: a script that the server's own interpreter runs reads its stacks from outside.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use greenroom_bench::Prof;
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End, Finished, Keep, Running, Subprocess};

/// The script.
const SCRIPT: &str = include_str!("profile.py");
/// How long it may take after its time.
const PROFILE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to end when it is asked.
const PROFILE_GRACE: Duration = Duration::from_secs(1);

/// Longer profiles are none, in bytes.
const MAX_PRINTED: usize = 16 << 20;
/// Characters of what it says when it fails.
const MAX_REASON: usize = 300;

/// Why there is no profile.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProfileError {
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

/// A profiler that runs. Dropping it ends it.
pub(crate) struct Profiler(Running);

/// Takes the profile of the first of `pids` and everything below it, for `length`.
///
/// # Errors
/// When `python` cannot run the script.
pub(crate) fn start(python: &Path, pids: &[u32], length: Duration) -> Result<Profiler, ProfileError> {
    let pid = pids.first().ok_or(ProfileError::NoProcess)?;
    let mut command = Command::new(python);
    command.args(["-I", "-c", SCRIPT]).arg(pid.to_string()).arg(format!("{:.1}", length.as_secs_f64()));
    let script = Subprocess::new(command, length + PROFILE_TIMEOUT)
        .grace(PROFILE_GRACE)
        .keep_stdout(Keep::All(MAX_PRINTED));
    Ok(Profiler(script.start()?))
}

/// What the script prints.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Printed {
    samples: u64,
    dropped: u64,
    period_us: u64,
    stacks: Vec<(String, u64)>,
    packages: Vec<String>,
}

impl Profiler {
    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not end, or found nothing.
    pub(crate) fn finish(self, variant: usize) -> Result<Prof, ProfileError> {
        let finished = self.0.wait(&mut |_| ControlFlow::Continue(()))?;
        if finished.end == End::TimedOut {
            return Err(ProfileError::Slow);
        }
        let found: Printed = serde_json::from_slice(finished.stdout.trim_ascii())
            .map_err(|_| ProfileError::Failed(last_words(&finished)))?;
        let Printed { samples, dropped, period_us, stacks, packages } = found;
        Ok(Prof { variant, samples, dropped, period_us, stacks, packages })
    }
}

fn last_words(finished: &Finished) -> String {
    let line: String = finished.last_lines(1).chars().take(MAX_REASON).collect();
    if line.is_empty() { "it said nothing".to_owned() } else { line }
}
