//! Everything that a verb prints. Nothing else may write to standard output or standard error for a person.
//!
//! What is printed is made plain as a whole, whoever it is from: a call cannot forget it. The few things that need a
//! terminal's commands, colours of a diagnostic and lines that are drawn again, are methods of [`Voice`].

mod records;

use std::ffi::OsString;
use std::fmt::{self, Display};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use greenroom_base::diag::Diagnostic;
use greenroom_base::plain;

pub use records::RecordPipe;

/// What Rust ends a process with whose first thread has panicked.
const PANICKED: i32 = 101;

/// One of the two streams. `write!` and `writeln!` work with it, and flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Standard output: what was asked for.
    Out,
    /// Standard error: what is said about it.
    Err,
}

/// Standard output.
#[must_use]
pub const fn out() -> Voice {
    Voice::Out
}

/// Standard error.
#[must_use]
pub const fn err() -> Voice {
    Voice::Err
}

impl Voice {
    /// Whether a person sits at the other end.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Out => io::stdout().is_terminal(),
            Self::Err => io::stderr().is_terminal(),
        }
    }

    /// What `write!` and `writeln!` call. Control and direction characters are shown, whatever they come from;
    /// line feeds and tabs stay.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn write_fmt(self, text: fmt::Arguments<'_>) -> io::Result<()> {
        self.raw(&plain::lines(&text.to_string()))
    }

    /// Prints a line of JSON, or many: the same values, spelled without characters that a terminal obeys.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn json(self, text: impl Display) -> io::Result<()> {
        let text = plain::json(&text.to_string());
        self.raw(text.trim_end_matches('\n'))?;
        self.raw("\n")
    }

    /// Prints a diagnostic as a compiler would, in colours on a terminal unless `NO_COLOR` is set, and an empty line.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn problem(self, problem: &Diagnostic) -> io::Result<()> {
        let color = self.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        // Its parts are plain, and the colours its own.
        self.raw(&(problem.render(color) + "\n\n"))
    }

    /// Prints pieces of text, each with the parameters of the terminal's command for its colours (`38;2;1;2;3`), and ends the line.
    /// Parameters that hold anything but numbers are left out.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn tinted(self, pieces: &[(String, String)]) -> io::Result<()> {
        let mut line = String::new();
        for (parameters, text) in pieces {
            let text = plain::one_line(text);
            let numbers = parameters.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
            if parameters.is_empty() || !numbers {
                line.push_str(&text);
            } else {
                line.extend(["\x1b[", parameters, "m", &text, "\x1b[0m"]);
            }
        }
        line.push('\n');
        self.raw(&line)
    }

    /// Wipes the `rows` last lines, so that others can be printed in their place.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn wipe(self, rows: usize) -> io::Result<()> {
        if rows == 0 { Ok(()) } else { self.raw(&format!("\x1b[{rows}A\x1b[J")) }
    }

    /// Writes `text` over the line that the cursor is in; the next call writes over it again.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn status(self, text: &str) -> io::Result<()> {
        self.raw(&format!("\r{}\x1b[K", plain::one_line(text)))
    }

    /// Ends the line that [`Voice::status`] writes to by leaving it empty.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub fn end_status(self) -> io::Result<()> {
        self.raw("\r\x1b[K")
    }

    fn raw(self, text: &str) -> io::Result<()> {
        fn all(mut stream: impl Write, text: &str) -> io::Result<()> {
            stream.write_all(text.as_bytes())?;
            stream.flush()
        }
        match self {
            Self::Out => all(io::stdout().lock(), text),
            Self::Err => all(io::stderr().lock(), text),
        }
    }
}

/// Standard output, in whose place standard error is from here on. Programs that are started do not inherit it.
fn take_output() -> io::Result<File> {
    io::stdout().flush()?;
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(output)
}

/// Prints what ends the program. Only its first line begins at the margin, so that no text from elsewhere can look
/// like another message.
pub fn failure(error: &dyn Display) {
    // There is nobody left to tell.
    let _ = writeln!(err(), "greenroom: {}", error.to_string().replace('\n', "\n  "));
}

/// The arguments, or the exit code after help, the version or what is wrong with them was printed.
///
/// # Errors
/// The exit code: 0 for help and the version, 2 for wrong usage.
pub fn arguments<C: clap::Parser>(args: &[OsString]) -> Result<C, u8> {
    let error = match C::try_parse_from(args) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let plain: Vec<OsString> =
        args.iter().map(|arg| plain::one_line(&arg.to_string_lossy()).into_owned().into()).collect();
    if plain == args {
        // Nothing in it but words of ours and plain words of the person: in colours, where there are any.
        let _ = error.print();
    } else {
        // The same once more with words that may be repeated.
        let again = C::try_parse_from(&plain).err().unwrap_or(error);
        let voice = if again.use_stderr() { err() } else { out() };
        let _ = write!(voice, "{}", again.render());
        return Err(u8::try_from(again.exit_code()).unwrap_or(2));
    }
    Err(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// From now on a panic ends the process, with the exit code that Rust has for it: in whichever thread it is, since a terminal that has been
/// given back is none to go on with, and whether or not this program was built to unwind. Its words may be a deck's, and are
/// made plain.
pub fn panics_end() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.to_string();
        if *plain::lines(&text) == *text {
            before(panic);
        } else {
            failure(&text);
        }
        std::process::exit(PANICKED);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Options {
        #[arg(long)]
        number: Option<u8>,
    }

    #[test]
    fn arguments_are_parsed_as_they_are() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(arguments::<Options>(&words(&["x\x1b", "--number", "7"])).unwrap().number, Some(7));
        assert_eq!(arguments::<Options>(&words(&["x", "--number", "\x1b[2J"])).unwrap_err(), 2);
        assert_eq!(arguments::<Options>(&words(&["x\u{202e}", "--help"])).unwrap_err(), 0);
    }
}
