//! Draws diagrams and formulas in a process of its own, with limits on its time and memory.
//!
//! A diagram is somebody else's text for a library that lays it out: it may never end, want all memory, or panic. So the
//! executable starts itself again as `greenroom __diagram NOTATION COLOURS…`, which takes the text from standard input and gives an
//! SVG on standard output; the SVG is then decoded like any other picture ([`super::picture`]).

use std::ffi::OsString;
use std::io::{self, Read};
use std::panic::set_hook;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::picture::{Decoder, answer_with, lower_memory};
use super::tool;
use crate::headless::{MAX_PICTURE, MAX_PIXELS};
use greenroom_base::files::Files;
use greenroom_deck::{Diagram, Notation, Theme};
use greenroom_diagram::{self as drawing, DrawError, MAX_SOURCE, Palette};
use greenroom_render::paint::Picked;
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End, Finished, Keep, Limits, Subprocess};

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__diagram";

/// Seconds of CPU that one drawing may take. Without optimisation everything takes longer.
const CPU_SECONDS: u64 = if cfg!(debug_assertions) { 10 } else { 3 };
/// By the clock, for a process that gets no CPU.
const DEADLINE: Duration = Duration::from_secs(CPU_SECONDS * 5);
/// Bytes of memory that drawing may take.
const MEMORY: u64 = 512 * 1024 * 1024;
/// The longest SVG that is taken in, in bytes.
const MAX_SVG: usize = 8 * 1024 * 1024;
/// The status of a process that says what is wrong with the text: `LINE MESSAGE`.
const WRONG: u8 = 1;

/// Draws the diagrams and formulas of a deck.
#[derive(Debug, Clone)]
pub struct Drawer {
    decoder: Decoder,
}

impl Drawer {
    /// With the processes of `decoder`.
    #[must_use]
    pub const fn new(decoder: Decoder) -> Self {
        Self { decoder }
    }

    /// The picture of `diagram` in the colours of `theme`; one that another program draws is looked for in the deck's `files`.
    #[must_use]
    pub fn picture(&self, diagram: &Diagram, theme: &Theme, files: &dyn Files) -> Picked {
        let drawn = if drawing::draws(diagram.notation) {
            self.svg(diagram, theme)
        } else {
            files
                .read(&tool::kept(diagram, theme), MAX_PICTURE)
                .map(|bytes| bytes.to_vec())
                .map_err(|_| undrawn(diagram.notation))
        };
        let svg = match drawn {
            Ok(svg) => svg,
            Err(error) => {
                let line = diagram.line + error.line.saturating_sub(1);
                return Picked::Failed(format!("{}:{line}: {}", diagram.file, error.message));
            }
        };
        match self.decoder.decode(&svg, MAX_PIXELS) {
            Ok(picture) => Picked::Ready(Arc::new(picture)),
            Err(error) => Picked::Failed(format!("{}:{}: {error}", diagram.file, diagram.line)),
        }
    }

    /// The drawing itself, as SVG.
    ///
    /// # Errors
    /// What is wrong with the text, or with drawing it.
    pub fn svg(&self, diagram: &Diagram, theme: &Theme) -> Result<Vec<u8>, DrawError> {
        let failed = |message: String| DrawError { message, line: 1 };
        let notation = diagram.notation;
        if !drawing::draws(notation) {
            return Err(undrawn(notation));
        }
        let mut command = Command::new(self.decoder.executable());
        command.arg0("greenroom").args([SUBCOMMAND, notation.word()]).env_clear();
        command.args(Palette::of(theme).to_words().split(' '));
        // It starts nothing, and so needs no guard.
        let limits = Limits { cpu_seconds: Some(CPU_SECONDS), no_core: true, memory: None };
        let process = Subprocess::new(command, DEADLINE).without_guard(limits);
        let process = process.input(diagram.source.as_bytes().to_vec());
        let process = process.keep_stdout(Keep::All(MAX_SVG)).keep_stderr(Keep::Nothing);
        let finished = process.run().map_err(|error| failed(format!("it cannot be drawn: {error}")))?;
        understand(finished)
    }
}

fn undrawn(notation: Notation) -> DrawError {
    let message = format!("{} is drawn by another program: greenroom draw asks for that", notation.name());
    DrawError { message, line: 1 }
}

/// What the process gave, or what ended it.
fn understand(finished: Finished) -> Result<Vec<u8>, DrawError> {
    let message = match finished.end {
        End::Status(0) => return Ok(finished.stdout),
        End::Status(status) if status == i32::from(WRONG) => {
            let told = String::from_utf8_lossy(&finished.stdout).into_owned();
            if let Some((line, message)) = told.split_once(' ') {
                let message = greenroom_base::text::clean_line(message).into_owned();
                return Err(DrawError { message, line: line.parse().unwrap_or(1) });
            }
            "it cannot be drawn".to_owned()
        }
        End::Signal(libc::SIGXCPU | libc::SIGKILL) => {
            format!("drawing it takes more than {CPU_SECONDS} s; make it simpler")
        }
        End::Signal(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS) => {
            format!(
                "drawing it needs more than {} MB, or it is nested too deeply; make it simpler",
                MEMORY >> 20
            )
        }
        End::TimedOut => "drawing it does not come to an end".to_owned(),
        End::TooMuch => format!("its drawing is larger than {} MB", MAX_SVG >> 20),
        End::Status(status) => format!("what draws it ended with exit status {status}"),
        End::Signal(signal) => format!("what draws it was killed by signal {signal}"),
        End::Interrupted => "drawing it was interrupted".to_owned(),
    };
    Err(DrawError { message, line: 1 })
}

/// The process itself: its arguments are the notation and the colours.
#[must_use]
pub fn diagram_main(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let notation = args.next().and_then(|word| Notation::named(word.to_str()?));
    let colors: Vec<String> = args.filter_map(|word| word.into_string().ok()).collect();
    let (Some(notation), Some(palette)) = (notation, Palette::from_words(&colors.join(" "))) else {
        greenroom_system::say::failure(&format!(
            "{SUBCOMMAND} is how it draws diagrams, and of no use by hand"
        ));
        return ExitCode::from(2);
    };
    // A key is answered first.
    let _ = rustix::process::nice(10);
    lower_memory(MEMORY);
    let mut source = String::new();
    let most = MAX_SOURCE as u64 + 1;
    if io::stdin().lock().take(most).read_to_string(&mut source).is_err() {
        return ExitCode::from(3);
    }
    answer_panics();
    let (answer, code) = match drawing::svg(notation, &source, &palette) {
        Ok(svg) => (svg, ExitCode::SUCCESS),
        Err(error) => (format!("{} {}", error.line, error.message), ExitCode::from(WRONG)),
    };
    answer_with(answer.as_bytes(), code)
}

/// A panic of what draws is an answer too. It cannot be caught by a program that does not unwind.
fn answer_panics() {
    set_hook(Box::new(|_| {
        answer_with(b"1 what draws it cannot deal with this text", ExitCode::from(WRONG));
        std::process::exit(WRONG.into());
    }));
}
