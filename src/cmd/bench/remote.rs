//! `greenroom bench --on ssh:HOST`: the same bench on another machine, by the system's own ssh.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::cli::{Bench, LoadName, ProtocolName};
use greenroom_python::Lock;
use greenroom_system::disk::DiskFiles;
use greenroom_system::say;

/// What runs over there: the deck's folder arrives on standard input, and goes away with the bench.
const SCRIPT: &str = r#"set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xf - -C "$folder"
cd "$folder"
command -v greenroom >/dev/null || { echo "greenroom is not installed there: copy this program to its PATH" >&2; exit 127; }
"#;

/// How long ssh's last words may take to arrive.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The host in `ssh:HOST`.
///
/// # Errors
/// When it is something else, or would be taken for an option.
pub fn host(on: &str) -> anyhow::Result<&str> {
    match on.strip_prefix("ssh:") {
        Some(host) if !host.is_empty() && !host.starts_with('-') => Ok(host),
        _ => bail!("{on:?} is not a machine to run on: write ssh:HOST, with a host that ssh knows"),
    }
}

/// Runs the scenario `inside` of `deck` on `host`, and gives every line of it to `sink`; says whether it went well.
///
/// # Errors
/// When ssh or tar cannot be started, or nobody takes the lines.
pub fn run(
    host: &str,
    deck: &Path,
    inside: &str,
    options: &Bench,
    sink: &mut dyn FnMut(&str) -> std::io::Result<()>,
) -> anyhow::Result<bool> {
    // Nobody can be asked over there: what is installed is what the deck asks for here.
    let lock = options.setup.then(|| Lock::of(&DiskFiles::new(deck)?).context("no --setup")).transpose()?;
    let mut ssh = Ended(
        Command::new("ssh")
            .args(["-o", "BatchMode=yes", host, &script(inside, options, lock.map(|lock| lock.digest()))])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("ssh cannot be started")?,
    );
    // What the other machine says is foreign as well.
    let stderr = ssh.0.stderr.take().context("ssh has no output for errors")?;
    let told = std::thread::spawn(move || tell(stderr));
    let stdin = ssh.0.stdin.take().context("ssh has no input")?;
    send(deck, stdin)?;
    let stdout = ssh.0.stdout.take().context("ssh has no output")?;
    for line in BufReader::new(stdout).lines() {
        sink(&(line? + "\n"))?;
    }
    let success = ssh.0.wait()?.success();
    // Its last words arrive with its end; a connection that ssh leaves open for others is not waited for.
    let ended = Instant::now();
    while !told.is_finished() && ended.elapsed() < LAST_WORDS {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(success)
}

/// Prints what comes, in pieces of at most `LONGEST` bytes, until nothing comes any more.
fn tell(from: impl Read) {
    const LONGEST: u64 = 8 << 10;
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(1..) = from.by_ref().take(LONGEST).read_until(b'\n', &mut line) {
        let _ = write!(say::err(), "{}", String::from_utf8_lossy(&line));
        line.clear();
    }
}

/// Packs the deck, without its recordings, into `to`.
fn send(deck: &Path, to: ChildStdin) -> anyhow::Result<()> {
    let status = Command::new("tar")
        .args(["--exclude=./recordings", "--exclude=__pycache__", "-cf", "-", "-C"])
        .arg(deck)
        .arg(".")
        .stdout(to)
        .status()
        .context("tar cannot be started")?;
    if !status.success() {
        bail!("the deck could not be sent: {status}");
    }
    Ok(())
}

/// `agreed` names the packages that are installed there first, if any are to be.
fn script(inside: &str, options: &Bench, agreed: Option<String>) -> String {
    let mut words = vec!["greenroom".to_owned(), "bench".to_owned(), quote(inside), "--json".to_owned()];
    let protocol = match options.protocol {
        ProtocolName::Quick => "quick",
        ProtocolName::Stage => "stage",
        ProtocolName::Full => "full",
    };
    words.extend(["--protocol".to_owned(), protocol.to_owned()]);
    let numbers = [
        ("--open", options.open.map(|seconds| seconds.to_string())),
        ("--rate", options.rate.map(|rate| rate.to_string())),
        ("--profile", options.profile.map(|seconds| seconds.to_string())),
    ];
    for (name, value) in numbers {
        words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    }
    if let Some(tool) = options.load {
        let name = match tool {
            LoadName::Oha => "oha",
            LoadName::Wrk => "wrk",
            LoadName::K6 => "k6",
        };
        words.extend(["--load".to_owned(), name.to_owned()]);
    }
    // Interpreters are those of the other machine.
    let mut pythons = Vec::new();
    for (name, path) in [("--python", &options.pythons.python), ("--python-ft", &options.pythons.python_ft)] {
        pythons.extend(path.iter().flat_map(|path| [name.to_owned(), quote(&path.to_string_lossy())]));
    }
    words.extend_from_slice(&pythons);
    // Its output is for people, and standard output is for records.
    let pythons = pythons.join(" ");
    let setup = agreed.map(|digest| format!("greenroom setup --agreed {digest} {pythons} . >&2\n"));
    format!("{SCRIPT}{}{}\n", setup.unwrap_or_default(), words.join(" "))
}

/// `text` as one word of a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A child that does not outlive its owner.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has ended, or nobody wants it any more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
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
        let bench = "greenroom bench 'demos/s.yaml' --json --protocol stage --python-ft '/a b'\n";
        assert!(script_of(&[]).ends_with(&format!("exit 127; }}\n{bench}")), "{}", script_of(&[]));
        let setup = "greenroom setup --agreed 0a --python-ft '/a b' . >&2\n";
        assert!(script_of(&["--setup"]).ends_with(&format!("{setup}{bench}")), "{}", script_of(&["--setup"]));
    }
}
