//! How a guard is started: this executable again, in Greenroom's own environment.
//!
//! What the deck says of a program's environment goes to the program alone. A guard that got it too would run whatever
//! `LD_PRELOAD` names, and would be no guard.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::io::FdFlags;

use super::{SUBCOMMAND, orphans};
use crate::command::{Command, Environment};

/// Whether this executable begins with [`super::guard_main`]: what the kernel knows of a program's file does not say it.
static HERE: OnceLock<()> = OnceLock::new();

/// Says that this executable can be a guard. A test, or another program with this library inside, cannot.
pub fn announce() {
    let _ = HERE.set(());
}

/// The executable that guards are started from, when this one can be a guard.
pub(super) fn executable() -> Option<PathBuf> {
    HERE.get()?;
    crate::program::this()
}

/// Where a program's input comes from, and where its output goes.
#[derive(Debug)]
pub enum Streams {
    /// All of it is one terminal, which becomes the program's own.
    Terminal(OwnedFd),
    /// Pipes or files.
    Files {
        /// Standard input; nothing, when there is none.
        input: Option<OwnedFd>,
        /// Standard output.
        output: OwnedFd,
        /// Standard error.
        errors: OwnedFd,
    },
}

/// Starts a guard from `executable`, which starts `command`, and lets it end for as long as `grace`.
///
/// The guard's standard input and output are pipes: orders and reports.
///
/// # Errors
/// What the system says of the guard; of the program, the guard reports.
pub fn launch(executable: &Path, command: &Command, grace: Duration, streams: Streams) -> io::Result<Child> {
    let environment = command.environment().to_bytes()?;
    let (errors, handed_on) = match streams {
        Streams::Terminal(terminal) => (terminal, Vec::new()),
        Streams::Files { input, output, errors } => (errors, std::iter::once(output).chain(input).collect()),
    };
    let numbers: Vec<RawFd> = handed_on.iter().map(AsRawFd::as_raw_fd).collect();
    let how: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let how = if how.is_empty() { TERMINAL.to_owned() } else { how.join(":") };
    let mut guard = std::process::Command::new(executable);
    guard.arg0("greenroom").args([SUBCOMMAND, &grace.as_millis().to_string(), &how]);
    guard.arg(command.get_program()).args(command.get_args());
    guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(errors));
    if let Some(directory) = command.get_current_dir() {
        guard.current_dir(directory);
    }
    if !numbers.is_empty() {
        // SAFETY: between fork and exec only system calls are made that take no locks and allocate nothing; the
        // descriptors are open, as `handed_on` owns them.
        unsafe {
            guard.pre_exec(move || {
                for number in &numbers {
                    rustix::io::fcntl_setfd(BorrowedFd::borrow_raw(*number), FdFlags::empty())?;
                }
                Ok(())
            });
        }
    }
    // What a guard leaves behind that is itself killed comes to this process.
    orphans::expect();
    let mut child = guard.spawn()?;
    drop(handed_on);
    if let Some(stdin) = &mut child.stdin {
        // A guard that cannot be told has ended, and its report says no more than that.
        let _ = stdin.write_all(&environment);
    }
    Ok(child)
}

/// The word for [`Streams::Terminal`] among a guard's arguments.
const TERMINAL: &str = "terminal";

/// What the guard's side of [`launch`] gets besides its arguments.
pub(super) struct Handed {
    /// For the program alone.
    pub environment: Environment,
    pub input: File,
    pub output: OwnedFd,
    pub errors: OwnedFd,
    /// Whether all three are one terminal.
    pub is_terminal: bool,
}

impl Handed {
    /// Takes over what `how` names; standard error leads nowhere from here on.
    pub(super) fn take(how: &str, orders: &mut dyn Read) -> io::Result<Self> {
        let errors = take_standard_error()?;
        if how == TERMINAL {
            let (input, output) = (File::from(errors.try_clone()?), errors.try_clone()?);
            return Ok(Self {
                environment: Environment::read(orders)?,
                input,
                output,
                errors,
                is_terminal: true,
            });
        }
        let mut numbers = how.split(':').map(str::parse::<RawFd>);
        let mut next =
            || numbers.next().transpose().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
        let output = take(next()?.ok_or(io::ErrorKind::InvalidInput)?)?;
        let input = match next()? {
            Some(number) => File::from(take(number)?),
            None => File::open("/dev/null")?,
        };
        Ok(Self { environment: Environment::read(orders)?, input, output, errors, is_terminal: false })
    }
}

/// The descriptor that was handed to this process by its number.
fn take(number: RawFd) -> io::Result<OwnedFd> {
    if number <= 2 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: asking about a descriptor that may not be open is an error and nothing worse.
    rustix::io::fcntl_setfd(unsafe { BorrowedFd::borrow_raw(number) }, FdFlags::CLOEXEC)?;
    // SAFETY: it is open, and nothing else in this process, which has only just begun, knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

fn take_standard_error() -> io::Result<OwnedFd> {
    use std::os::fd::AsFd;
    let errors = io::stderr().as_fd().try_clone_to_owned()?;
    let null = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(errors)
}
