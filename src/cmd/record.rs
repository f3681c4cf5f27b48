//! `greenroom record`

use std::collections::VecDeque;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use crate::cli::Record;
use crate::clock::Elapsed;
use crate::deck::{Deck, Demo, DemoKind};
use crate::edge::consent::{Refusal, inside};
use crate::edge::disk::beneath::{self, Draft};
use crate::edge::pty::{Launcher, Spec};
use crate::edge::runs::{RunError, Runner, header};
use crate::edge::say;
use crate::edge::takes::Takes;
use crate::launch::{Asked, Launch};
use crate::pane::{Control, Feed, Palette, Pane};
use crate::plain::Name;
use crate::run::{Exit, Size};
use crate::talk::{Ending, Kept};

/// Questions that are asked about one demo, before it counts as one that cannot be answered.
const ATTEMPTS: usize = 3;

/// Runs demos on a terminal of their own, and writes what they did.
///
/// # Errors
/// When there is no such demo, nobody agrees to run it, or it cannot be started or written.
pub fn run(options: &Record) -> anyhow::Result<ExitCode> {
    // With --all, the only argument is the deck.
    let (id, path) = if options.all {
        (None, options.demo.as_ref().map(PathBuf::from))
    } else {
        (options.demo.as_deref(), options.deck.clone())
    };
    let (located, deck) = super::open(path.as_deref())?;
    let (wake, began) = (Arc::new(Notify::new()), Instant::now());
    let launcher = Launcher::this()?;
    let runner = Runner::new(&located, launcher.clone(), Arc::clone(&wake), began)
        .with_runtimes(super::wanted(&options.pythons));
    let chosen: Vec<(String, Demo)> = match id {
        Some(id) => vec![(id.to_owned(), find(&deck, id)?)],
        None => deck.demos().into_iter().filter(|(_, demo)| runs(demo) && demo.tape.is_some()).collect(),
    };
    if chosen.is_empty() {
        bail!("no demo of this deck has both a command and a tape");
    }
    let mut good = true;
    for (id, demo) in chosen {
        let launch = Launch::of(&demo, &deck.scenarios).with_context(|| id.clone())?;
        let spec = admitted(&runner, &deck, &launch, options)?;
        let draft = match (&options.output, &demo.tape, &located.folder) {
            (Some(path), _, _) => named(path)?,
            (None, Some(tape), Some(folder)) => beneath::record(folder, tape).with_context(|| id.clone())?,
            (None, _, None) => bail!("the built-in deck is inside of the program: name a file with -o"),
            (None, None, _) => bail!("the demo \"{id}\" names no tape: add `tape:` to it, or give -o FILE"),
        };
        let inside = match (&options.output, &located.folder) {
            (Some(path), Some(folder)) => inside(folder, path),
            _ => demo.tape.clone(),
        };
        let (runner, launcher, wake, size) = (&runner, &launcher, &wake, options.size);
        let takes = match (&options.output, &demo.tape, &located.folder) {
            (None, Some(tape), Some(folder)) => Some(super::recordings::takes(&deck, folder, tape)?),
            _ => None,
        };
        let mut recording = Recording { runner, launcher, wake, began, size, inside, takes };
        good &= recording.make(&id, &demo, &spec, draft)?;
    }
    runner.end();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The file that a person named, in a folder that is made if it is missing.
fn named(path: &Path) -> anyhow::Result<Draft> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    Ok(beneath::write_to(path)?)
}

/// How `launch` is started, once the person has agreed to the deck.
fn admitted(runner: &Runner, deck: &Deck, launch: &Launch, options: &Record) -> anyhow::Result<Spec> {
    // A second question is about a deck that was changed while the first one was read.
    for _ in 0..ATTEMPTS {
        match runner.spec(deck, launch, options.size) {
            Err(RunError::Refused(Refusal::Ask(asked))) => {
                if !options.yes {
                    ask(&asked)?;
                }
                runner.agree_for_now(&asked);
            }
            spec => return Ok(spec?),
        }
    }
    bail!("the deck's folder changes all the time, and nothing was run")
}

/// Whether there is something to run.
fn runs(demo: &Demo) -> bool {
    !demo.command.is_empty() || (demo.kind == DemoKind::Bench && demo.scenario.is_some())
}

/// The demo that is called `id`.
///
/// # Errors
/// When there is none, with the names that there are.
pub(super) fn find(deck: &Deck, id: &str) -> anyhow::Result<Demo> {
    let demos = deck.demos();
    if let Some((_, demo)) = demos.iter().find(|(name, _)| name == id) {
        return Ok(demo.clone());
    }
    let names: Vec<&str> = demos.iter().map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        bail!("there is no demo \"{id}\": this deck has none");
    }
    bail!("there is no demo \"{id}\"; this deck has {}", names.join(", "))
}

/// Shows what would run, and asks.
fn ask(asked: &Asked) -> anyhow::Result<()> {
    let out = say::err();
    // Nothing is broken into rows: the terminal does that.
    for row in asked.rows(usize::MAX) {
        writeln!(out, "  {row}")?;
    }
    if !io::stdin().is_terminal() {
        bail!(
            "nobody has agreed to this deck's commands: start this in a terminal to be asked, or give --yes"
        );
    }
    // What was typed before the question is no answer to it.
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    write!(out, "Run? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("nothing was run");
    }
    Ok(())
}

/// What a recording is made with.
struct Recording<'a> {
    runner: &'a Runner,
    launcher: &'a Launcher,
    wake: &'a Arc<Notify>,
    began: Instant,
    size: Size,
    /// The recording's path in the deck, if it is in there.
    inside: Option<String>,
    /// Where it is the demo's own: its earlier takes.
    takes: Option<Takes>,
}

impl Recording<'_> {
    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    /// Runs `demo` and writes its tape to `target`; says whether it ended as it should.
    fn make(&mut self, id: &str, demo: &Demo, spec: &Spec, mut draft: Draft) -> anyhow::Result<bool> {
        let said = say::err();
        let what = demo.scenario.as_ref().map(|scenario| format!("bench {scenario}"));
        let _ = writeln!(said, "{}: {}", Name(id), Name(what.unwrap_or_else(|| demo.command.join(" "))));
        let target = draft.target().path();
        let cannot = || format!("{target} cannot be written");
        let mut pane = Pane::of(demo.kind, self.size, Palette::default());
        let generation = pane.begin(self.now());
        if let Some(inside) = &self.inside {
            self.runner.gate().recording(inside, &draft);
        }
        let live = self.launcher.start(spec, Arc::clone(self.wake), self.now())?;
        let _ = pane.attach(generation, Feed::Live(Box::new(live)), self.now());
        pane.start_recording(&header(Some(id), demo, self.size), false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut typist = Typist::new(&demo.types);
        let exit = runtime.block_on(self.follow(&mut pane, &mut draft, &mut typist)).with_context(cannot)?;
        // Without a run there is nothing that an earlier recording would be given up for.
        if let Exit::Failed(reason) = &exit {
            bail!("{id} could not be started: {reason}");
        }
        let kept = self.keep(draft)?;
        let _ = writeln!(said, "{}: {}, in {}", Name(id), pane.title(self.now()), Name(&target));
        if let Some(Kept::Current(Some(number))) = kept {
            let _ = writeln!(
                said,
                "{}: the earlier recording is take {number}; `greenroom recordings` lists them",
                Name(id)
            );
        }
        if let Some(notice) = pane.notice() {
            let _ = writeln!(said, "{}: {notice}", Name(id));
        }
        Ok(typist.ended || pane.is_as_expected(demo.expect).unwrap_or(false))
    }

    /// Gives the recording its name. What a demo's own recording replaces is kept beside it.
    fn keep(&self, draft: Draft) -> anyhow::Result<Option<Kept>> {
        if let Some((takes, path)) = self.takes.as_ref().zip(self.inside.as_deref()) {
            return Ok(Some(self.runner.keep_recording(path, takes, draft, Ending::Replaces)?));
        }
        if let Some(inside) = &self.inside {
            self.runner.gate().recorded(inside, inside, &draft);
        }
        draft.keep()?;
        Ok(None)
    }

    /// Writes what happens as it happens, until the program ends.
    async fn follow(&self, pane: &mut Pane, draft: &mut Draft, typist: &mut Typist) -> io::Result<Exit> {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let (mut terminate, mut hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        loop {
            let polled = pane.poll(self.now());
            let taped = pane.take_taped();
            draft.add(&taped)?;
            if let Some(inside) = &self.inside {
                self.runner.gate().wrote(inside, &taped);
            }
            if let Some(exit) = polled.ended {
                return Ok(exit);
            }
            let due = pane.next_at(self.now()).map(|at| at.since(self.now()));
            tokio::select! {
                biased;
                _ = interrupts.recv() => {
                    let _ = pane.control(Control::Stop, self.now());
                }
                // Nothing is left of what was written so far.
                _ = terminate.recv() => return Err(io::Error::other("greenroom was told to end")),
                _ = hangup.recv() => return Err(io::Error::other("its terminal is gone")),
                () = self.wake.notified() => typist.wait(),
                () = typist.turn() => {
                    let _ = pane.control(typist.next(), self.now());
                }
                () = tokio::time::sleep(due.unwrap_or(Duration::from_secs(1))) => {}
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Types into a program as a person would, who looks at what it says before the next line.
struct Typist {
    keys: VecDeque<char>,
    /// When the next key is due; none when there was nothing to type from the beginning.
    due: Option<tokio::time::Instant>,
    in_a_line: bool,
    /// Everything was typed, and the program told to end.
    ended: bool,
}

impl Typist {
    /// Between two keys of a line.
    const STROKE: Duration = Duration::from_millis(60);
    /// A program that has been quiet for so long waits for its next line.
    const PAUSE: Duration = Duration::from_millis(1200);

    fn new(lines: &[String]) -> Self {
        // A line ends with the key that says so, which is no line feed.
        let keys = lines.iter().flat_map(|line| line.chars().chain(['\r'])).collect();
        let due = (!lines.is_empty()).then(|| tokio::time::Instant::now() + Self::PAUSE);
        Self { keys, due, in_a_line: false, ended: false }
    }

    /// The program says something.
    fn wait(&mut self) {
        if !self.in_a_line {
            self.due = self.due.map(|_| tokio::time::Instant::now() + Self::PAUSE);
        }
    }

    /// Waits until a key is due.
    async fn turn(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// The key that is due, or the end when all has been typed and the program waits for more.
    fn next(&mut self) -> Control {
        let Some(key) = self.keys.pop_front() else {
            (self.due, self.ended) = (None, true);
            return Control::Stop;
        };
        self.in_a_line = key != '\r';
        let pause = if self.in_a_line { Self::STROKE } else { Self::PAUSE };
        self.due = Some(tokio::time::Instant::now() + pause);
        Control::Input(key.to_string().into_bytes().into())
    }
}
