//! `greenroom bench --on ssh:HOST`: the same bench on another machine, by the system's own ssh.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::cli::{Bench, Setup};
use crate::cmd::measured::RecordsOut;
use greenroom_base::plain::Quoted;
use greenroom_bench::{MAX_LINE, RecordReader, RunSummary, Tally as _};
use greenroom_python::Lock;
use greenroom_system::command::Command;
use greenroom_system::disk::DiskFiles;
use greenroom_system::say;
use greenroom_system::subprocess::{End, Keep, Limits, Said, Subprocess};

/// What runs over there: the deck's folder arrives on standard input, and goes away with the bench.
const SCRIPT: &str = r#"set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xf - -C "$folder"
cd "$folder"
command -v greenroom >/dev/null || { echo "greenroom is not installed there: copy this program to its PATH" >&2; exit 127; }
"#;

/// The host in `ssh:HOST`.
///
/// # Errors
/// When it is something else, or would be taken for an option.
pub(crate) fn host(on: &str) -> anyhow::Result<&str> {
    match on.strip_prefix("ssh:") {
        Some(host) if !host.is_empty() && !host.starts_with('-') => Ok(host),
        _ => bail!("{on:?} is not a machine to run on: write ssh:HOST, with a host that ssh knows"),
    }
}

/// Runs the scenario `inside` of `deck` on `host`, and hands its records on; says whether it went well.
///
/// # Errors
/// When ssh or tar cannot be started, or nobody takes the records.
pub(crate) fn run(
    host: &str,
    deck: &Path,
    inside: &str,
    options: &Bench,
    records: &mut RecordsOut<RunSummary>,
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    // Nobody can be asked over there: what is installed is what the deck asks for here.
    let lock = options.setup.then(|| Lock::of(&DiskFiles::new(deck)?).context("no --setup")).transpose()?;
    let (deck_there, packed) = io::pipe()?;
    let script = script(inside, options, lock.map(|lock| lock.digest()));
    let ssh = ssh(host, &script).input_from(deck_there.into()).start().context("ssh cannot be started")?;
    let mut problem = None;
    let mut reader = RecordReader::<RunSummary>::default();
    let mut watch = |said: Option<Said<'_>>| {
        match said {
            Some(Said::Out(line)) => {
                let mut hand_on = |line: &str, all: &RunSummary| {
                    problem = problem.take().or_else(|| records.record(&format!("{line}\n"), all).err());
                };
                reader.feed(line.as_bytes(), &mut hand_on);
                reader.feed(b"\n", &mut hand_on);
            }
            // What the other machine says is foreign as well.
            Some(Said::Err(line)) => drop(writeln!(say::err(), "{line}")),
            None => {}
        }
        let over = problem.is_some() || stop.load(Ordering::Relaxed);
        if over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    // What is said there is taken in while the deck is on its way.
    let (sent, finished) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send(deck, packed.into()));
        let finished = ssh.wait(&mut watch);
        (sending.join(), finished)
    });
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    if reader.tally().end().is_none() {
        records.cut_off(reader.tally())?;
    }
    for doubt in reader.doubts(true, None) {
        let _ = writeln!(say::err(), "{host}: {doubt}");
    }
    let finished = finished?;
    let sent = sent.unwrap_or_else(|_| bail!("the deck could not be sent"));
    // One that ends early says why; that the rest of the deck was not wanted any more is no news.
    if finished.is_success() {
        sent?;
    } else if let Err(error) = sent {
        let _ = writeln!(say::err(), "{error:#}");
    }
    Ok(finished.is_success() && reader.is_sound())
}

/// A connection to `host` that runs `script` there.
fn ssh(host: &str, script: &str) -> Subprocess {
    let mut command = Command::new("ssh");
    command.args(["-o", "BatchMode=yes", host, script]);
    // A guard would end the connection that ssh may leave open for others.
    let ssh = Subprocess::new(command, Duration::ZERO).without_deadline().without_guard(Limits::default());
    ssh.longest_line(MAX_LINE + 1).keep_stdout(Keep::Nothing).keep_stderr(Keep::Nothing)
}

/// Packs the deck, without its recordings, into `to`.
fn send(deck: &Path, to: OwnedFd) -> anyhow::Result<()> {
    let mut command = Command::new("tar");
    command.args(["--exclude=./recordings", "--exclude=__pycache__", "-cf", "-", "-C"]).arg(deck).arg(".");
    // Else the tar of macOS sends a second file beside each, with what only its own file systems keep.
    command.env("COPYFILE_DISABLE", "1");
    let tar = Subprocess::new(command, Duration::ZERO).without_deadline().keep_stdout(Keep::Elsewhere(to));
    let finished = tar.run().context("tar cannot be started")?;
    match finished.end {
        End::Status(0) => Ok(()),
        End::Status(_) => bail!("the deck could not be sent: tar says {}", Quoted(finished.last_lines(3))),
        _ => bail!("the deck could not be sent: the connection has ended"),
    }
}

/// `agreed` names the packages that are installed there first, if any are to be.
fn script(inside: &str, options: &Bench, agreed: Option<String>) -> String {
    // Interpreters are those of the other machine.
    let pythons = options.pythons.clone();
    let scenario = Some(PathBuf::from(inside));
    let bench = Bench { scenario, on: None, setup: false, output: None, json: true, ..options.clone() };
    let setup = agreed.map(|digest| {
        let deck = Some(PathBuf::from("."));
        let setup = Setup { deck, allow_build: false, yes: false, agreed: Some(digest), pythons };
        // Its output is for people, and standard output is for records.
        format!("{} >&2\n", shell_words(&setup.to_args()))
    });
    format!("{SCRIPT}{}{}\n", setup.unwrap_or_default(), shell_words(&bench.to_args()))
}

/// A command of a POSIX shell that starts greenroom with `args`.
fn shell_words(args: &[OsString]) -> String {
    args.iter().fold("greenroom".to_owned(), |line, word| line + " " + &quote(&word.to_string_lossy()))
}

/// `text` as one word of a POSIX shell.
fn quote(text: &str) -> String {
    if !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-=:,+@".contains(&byte))
    {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_hosts() {
        assert_eq!(host("ssh:me@there").unwrap(), "me@there");
        assert!(host("there").is_err() && host("ssh:").is_err() && host("ssh:-oProxyCommand=x").is_err());
    }

    #[test]
    fn words_stay_words() {
        assert_eq!(quote("a b; rm -rf 'x'"), r"'a b; rm -rf '\''x'\'''");
    }

    #[test]
    fn what_runs_there_is_what_was_asked_for() {
        use clap::Parser as _;
        let script_of = |more: &[&str]| {
            let line =
                ["greenroom", "bench", "s.yaml", "--on", "ssh:h", "--python-ft", "/a b"].iter().chain(more);
            let Some(crate::cli::Command::Bench(options)) = crate::cli::Cli::parse_from(line).command else {
                panic!("not a bench")
            };
            script("demos/s.yaml", &options, options.setup.then(|| "0a".to_owned()))
        };
        let bench = "greenroom bench demos/s.yaml --json --protocol stage '--python-ft=/a b'\n";
        assert!(script_of(&[]).ends_with(&format!("exit 127; }}\n{bench}")), "{}", script_of(&[]));
        let setup = "greenroom setup . --agreed 0a '--python-ft=/a b' >&2\n";
        assert!(script_of(&["--setup"]).ends_with(&format!("{setup}{bench}")), "{}", script_of(&["--setup"]));
    }
}
