//! What goes on in a setup, for the person who waits for it, and in a file for whoever mends it.

use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthChar;

use super::INTERRUPTED;
use greenroom_base::plain;
use greenroom_python::{Progress, SetupError, log_file};
use greenroom_system::say;

/// A log does not grow longer, in bytes.
const MAX_LOG: usize = 4 << 20;

/// Shows what goes on: one line that changes on a terminal, a line for each step elsewhere.
pub(in crate::cmd) struct Show {
    terminal: bool,
    /// Without a terminal, what programs say is left out.
    quiet: bool,
    interrupted: Arc<AtomicBool>,
    step: String,
    detail: String,
    began: Instant,
    drawn: Option<Instant>,
    log: Option<Log>,
}

/// A file that holds everything that was said.
struct Log {
    path: PathBuf,
    file: File,
    room: usize,
}

impl Show {
    /// From here on, Ctrl-C and its like stop what goes on instead of the program.
    pub(in crate::cmd) fn new() -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
        {
            // A second one ends the program at once.
            signal_hook::flag::register_conditional_shutdown(
                signal,
                i32::from(INTERRUPTED),
                Arc::clone(&interrupted),
            )?;
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self {
            terminal: say::err().is_terminal(),
            quiet: false,
            interrupted,
            step: String::new(),
            detail: String::new(),
            began: Instant::now(),
            drawn: None,
            log: None,
        })
    }

    /// The same, with the steps alone where there is no terminal.
    pub(in crate::cmd) fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// The same, with a file at `path` that holds all of it. On a terminal, which may be on a wall, a failure is then one
    /// line.
    pub(in crate::cmd) fn logging(self, path: &Path) -> Self {
        let log = log_file(path).ok().map(|file| Log { path: path.to_owned(), file, room: MAX_LOG });
        Self { log, ..self }
    }

    /// Takes progress in, and says whether to go on.
    pub(in crate::cmd) fn take(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        match progress {
            Progress::Step(step) => {
                self.end_step();
                self.note(step);
                (self.step, self.began) = (step.to_owned(), Instant::now());
                if !self.terminal {
                    let _ = writeln!(say::err(), "{step}");
                }
            }
            Progress::Line(line) => {
                self.note(&format!("  {line}"));
                self.program_said(line);
            }
            Progress::Tick => {}
        }
        if self.terminal && self.drawn.is_none_or(|at| at.elapsed() > Duration::from_millis(90)) {
            self.draw();
        }
        if self.interrupted.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn program_said(&mut self, line: &str) {
        // What is wrong is said in the end; how to activate an environment is of no use here.
        let noise = ["error:", "cause:", "Activate with:"];
        if noise.iter().any(|word| line.trim_start().starts_with(word)) {
            return;
        }
        if self.terminal {
            line.trim().clone_into(&mut self.detail);
        } else if !self.quiet {
            let _ = writeln!(say::err(), "  {line}");
        }
    }

    fn draw(&mut self) {
        const WHEEL: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
        let passed = self.began.elapsed();
        let turn = usize::try_from(passed.as_millis() / 100).unwrap_or(0) % WHEEL.len();
        let detail = plain::one_line(&self.detail);
        let text = format!("{} {} … {} s  {detail}", WHEEL[turn], self.step, passed.as_secs());
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let _ = say::err().status(&cut(&text, width.saturating_sub(1)));
        self.drawn = Some(Instant::now());
    }

    /// The step is over; its line makes room for what comes.
    pub(in crate::cmd) fn end_step(&mut self) {
        if self.terminal && self.drawn.take().is_some() {
            let _ = say::err().end_status();
            if self.began.elapsed() > Duration::from_secs(1) {
                let _ = writeln!(say::err(), "  {} ({} s)", self.step, self.began.elapsed().as_secs());
            }
        }
        self.detail.clear();
    }

    /// A line that stays.
    pub(in crate::cmd) fn line(&mut self, text: &str) {
        self.end_step();
        self.note(text);
        let _ = writeln!(say::err(), "{text}");
    }

    /// What went wrong with `what`: one line where there is a log to look into, all of it elsewhere.
    pub(super) fn failed(&mut self, what: &str, error: &SetupError) {
        let whole = format!("✗ {what}: {}", error.to_string().replace('\n', "\n    "));
        if self.terminal && self.log.is_some() {
            self.note(&whole);
            self.end_step();
            let _ = writeln!(say::err(), "✗ {what}: {}", error.headline());
        } else {
            self.line(&whole);
        }
    }

    /// Where everything can be read.
    pub(super) fn name_the_log(&mut self) {
        if let Some(log) = self.log.as_ref().filter(|_| self.terminal) {
            let _ = writeln!(say::err(), "What was said is in {}", log.path.display());
        }
    }

    /// Writes `text` into the log, as far as there is room.
    fn note(&mut self, text: &str) {
        let Some(log) = &mut self.log else { return };
        if let Some(room) = log.room.checked_sub(text.len() + 1) {
            log.room = room;
            // A log that cannot be written is no reason to stop.
            let _ = writeln!(log.file, "{}", plain::lines(text));
        }
    }
}

/// As much of `text` as fits into `width` columns.
fn cut(text: &str, width: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= width
    };
    text.chars().take_while(fits).collect()
}
