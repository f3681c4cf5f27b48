//! `greenroom setup`

use std::io;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use unicode_width::UnicodeWidthChar;

use crate::cli::Setup;
use crate::edge::deckfiles::locate;
use crate::edge::runtimes::{LOCK, Lock, Places, Progress, SetupError, Store, setup};
use crate::edge::say;
use crate::plain;
use crate::run::runtime::Runtime;

/// As a shell reports a command that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;

/// Prepares interpreters and environments for a deck's demos. What is ready is left alone.
///
/// # Errors
/// When there is no deck, or nowhere to keep anything.
pub fn run(options: &Setup) -> anyhow::Result<ExitCode> {
    let located = locate(options.deck.as_deref())?;
    let lock = Lock::of(&*located.files).with_context(|| format!("{LOCK} cannot be read"))?;
    let lock = lock.building(options.allow_build);
    let store = Store::of_user().ok_or(SetupError::NoCache)?;
    let mut show = Show::new()?;
    if lock.is_empty() {
        show.line(&format!("This deck has no {LOCK}: its environments hold Python alone."));
    }
    let wanted = super::wanted(&options.pythons);
    let prepared = setup(&wanted, &Places::of_user(), &store, &lock, &mut |progress| show.take(progress));
    show.end_step();
    let (mut good, mut stopped) = (true, false);
    for (kind, result) in &prepared.results {
        match result {
            Ok(environment) => {
                let facts = prepared.found.of(*kind).map(Runtime::facts).unwrap_or_default();
                show.line(&format!("✓ {}: {facts}", kind.words()));
                show.line(&format!("    {}", environment.folder.display()));
            }
            Err(SetupError::Interrupted) => (good, stopped) = (false, true),
            Err(error) => {
                good = false;
                let text = error.to_string().replace('\n', "\n    ");
                show.line(&format!("✗ {}: {text}", kind.words()));
            }
        }
    }
    if stopped {
        show.line(&SetupError::Interrupted.to_string());
    } else if good {
        show.line("Ready: the demos can run live. greenroom doctor says more.");
    }
    Ok(match (good, stopped) {
        (true, _) => ExitCode::SUCCESS,
        (_, true) => ExitCode::from(INTERRUPTED),
        _ => ExitCode::from(1),
    })
}

/// Shows what goes on: one line that changes on a terminal, a line for each step elsewhere.
pub(super) struct Show {
    terminal: bool,
    /// Without a terminal, what programs say is left out.
    quiet: bool,
    interrupted: Arc<AtomicBool>,
    step: String,
    detail: String,
    began: Instant,
    drawn: Option<Instant>,
}

impl Show {
    /// From here on, Ctrl-C and its like stop what goes on instead of the program.
    pub(super) fn new() -> io::Result<Self> {
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
        })
    }

    /// The same, with the steps alone where there is no terminal.
    pub(super) fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Takes progress in, and says whether to go on.
    pub(super) fn take(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        match progress {
            Progress::Step(step) => {
                self.end_step();
                (self.step, self.began) = (step.to_owned(), Instant::now());
                if !self.terminal {
                    let _ = writeln!(say::err(), "{step}");
                }
            }
            Progress::Line(line) if !self.terminal => {
                // What is wrong is said in the end; how to activate an environment is of no use here.
                let noise = ["error:", "cause:", "Activate with:"];
                if !self.quiet && !noise.iter().any(|word| line.trim_start().starts_with(word)) {
                    let _ = writeln!(say::err(), "  {line}");
                }
            }
            Progress::Line(line) => line.trim().clone_into(&mut self.detail),
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
    pub(super) fn end_step(&mut self) {
        if self.terminal && self.drawn.take().is_some() {
            let _ = say::err().end_status();
            if self.began.elapsed() > Duration::from_secs(1) {
                let _ = writeln!(say::err(), "  {} ({} s)", self.step, self.began.elapsed().as_secs());
            }
        }
        self.detail.clear();
    }

    /// A line that stays.
    pub(super) fn line(&mut self, text: &str) {
        self.end_step();
        let _ = writeln!(say::err(), "{text}");
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
