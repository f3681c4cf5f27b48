//! `greenroom record`

mod onscreen;
mod scripted;
mod typist;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use crossterm::event::Event;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::cli::Record;
use crate::decks::Located;
use crate::headless;
use crate::keys::Keymap;
use crate::runner::recorder;
use crate::runner::takes::Takes;
use crate::runner::{RunError, Runner, header};
use crate::talk::Hints;
use crate::talk::{Ending, Kept};
use greenroom_base::clock::Elapsed;
use greenroom_base::plain::Quoted;
use greenroom_base::run::{Exit, Size};
use greenroom_base::source::Control;
use greenroom_consent::{Refusal, inside};
use greenroom_deck::launch::{Asked, Launch};
use greenroom_deck::{Deck, Demo, DemoKind};
use greenroom_pane::{Palette, Pane};
use greenroom_system::disk::beneath::{self, Draft};
use greenroom_system::pty::{Launcher, Spec};
use greenroom_system::say;
use greenroom_terminal::tty;
use onscreen::OnScreen;
use scripted::{Next, Scripted};
use typist::Typist;

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
    let (located, deck) = opened(path.as_deref())?;
    let (wake, began) = (Arc::new(Notify::new()), Instant::now());
    let runner = Runner::new(&located, Launcher::this()?, Arc::clone(&wake), began)
        .with_runtimes(super::wanted(&options.pythons));
    let chosen: Vec<(String, Demo)> = match id {
        Some(id) => {
            vec![(id.to_owned(), super::find(&deck, id).map_err(|error| in_built_in(error, id, &located))?)]
        }
        None => deck.demos().into_iter().filter(|(_, demo)| runs(demo) && demo.tape.is_some()).collect(),
    };
    if chosen.is_empty() {
        bail!("no demo of this deck has both a command and a tape");
    }
    let mut good = true;
    for (id, demo) in chosen {
        let launch = Launch::of(&demo, &deck.scenarios).with_context(|| id.clone())?;
        let size = options.size.unwrap_or_else(|| fitting(&deck, &id));
        let spec = admitted(&runner, &deck, &launch, options, size)?;
        let draft = match (&options.output, &demo.tape, &located.folder) {
            (Some(path), _, _) => named(path)?,
            (None, Some(tape), Some(folder)) => beneath::record(folder, tape).with_context(|| id.clone())?,
            (None, _, None) => {
                bail!("the built-in deck is part of the executable: name a file to write with -o")
            }
            (None, None, _) => bail!("the demo \"{id}\" names no tape: add `tape:` to it, or give -o FILE"),
        };
        let inside = match (&options.output, &located.folder) {
            (Some(path), Some(folder)) => inside(folder, path),
            _ => demo.tape.clone(),
        };
        let takes = match (&options.output, &demo.tape, &located.folder) {
            (None, Some(tape), Some(folder)) => Some(super::recordings::takes(&deck, folder, tape)?),
            _ => None,
        };
        let (runner, wake, deck, keep) = (&runner, &wake, &*deck, options.keep);
        let mut recording = Recording { runner, wake, began, deck, size, inside, takes, keep };
        good &= recording.make(&id, &demo, (&launch, &spec), draft)?;
    }
    runner.end();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The deck that was named, and otherwise the one in the folder where the person is: recordings belong to decks, and the talk that
/// is built in takes none. What is packed into this program comes before that.
fn opened(path: Option<&Path>) -> anyhow::Result<(Located, Arc<Deck>)> {
    let (located, deck) = super::open(path)?;
    let is_here = || Path::new("talk.yaml").is_file();
    if path.is_none() && located.packed.is_none() && is_here() {
        return super::open(Some(Path::new(".")));
    }
    Ok((located, deck))
}

/// `error` of a demo that is not in the talk that is built in: it was meant to be in another deck, which has to be named.
fn in_built_in(error: anyhow::Error, id: &str, located: &Located) -> anyhow::Error {
    if located.folder.is_some() || located.packed.is_some() {
        return error;
    }
    let quoted = Quoted(id);
    anyhow::anyhow!(
        "the built-in talk has no demo {quoted}; name your deck behind it: greenroom record {quoted} mytalk/"
    )
}

/// The file that a person named, in a folder that is made if it is missing.
fn named(path: &Path) -> anyhow::Result<Draft> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    Ok(beneath::write_to(path)?)
}

/// How `launch` is started, once the person has agreed to the deck.
fn admitted(
    runner: &Runner,
    deck: &Deck,
    launch: &Launch,
    options: &Record,
    size: Size,
) -> anyhow::Result<Spec> {
    // A second question is about a deck that was changed while the first one was read.
    for _ in 0..ATTEMPTS {
        match runner.spec(deck, launch, size) {
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
    wake: &'a Arc<Notify>,
    began: Instant,
    deck: &'a Deck,
    size: Size,
    /// The recording's path in the deck, if it is in there.
    inside: Option<String>,
    /// Where it is the demo's own: its earlier takes.
    takes: Option<Takes>,
    /// The person wants this recording however its run ends.
    keep: bool,
}

/// What came of a run.
#[derive(Default)]
struct Outcome {
    exit: Option<Exit>,
    /// A person or a signal ended it.
    interrupted: bool,
    /// Something was typed by a person.
    typed: bool,
    /// Why a step of its script did not do what it should.
    stuck: Option<String>,
    shown: OutputSeen,
    bytes: u64,
}

impl Recording<'_> {
    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    /// Runs `demo` and writes its tape to the target of `draft`; says whether it ended as it should.
    fn make(
        &mut self,
        id: &str,
        demo: &Demo,
        (launch, spec): (&Launch, &Spec),
        mut draft: Draft,
    ) -> anyhow::Result<bool> {
        let said = say::err();
        let what = demo.scenario.as_ref().map(|scenario| format!("bench {scenario}"));
        let _ = writeln!(said, "{}: {}", Quoted(id), Quoted(what.unwrap_or_else(|| demo.command.join(" "))));
        let mut screen = if tty::is_there() {
            Some(OnScreen::take(id, demo, self.deck)?)
        } else {
            let _ = writeln!(said, "{}: {}", Quoted(id), waits_for(demo));
            None
        };
        let cannot = || format!("{} cannot be written", draft.target().path());
        let cannot = cannot();
        let mut pane = Pane::of(demo.kind, self.size, Palette::of(&self.deck.theme));
        let generation = pane.begin(self.now());
        if let Some(inside) = &self.inside {
            self.runner.gate().recording(inside, &draft);
        }
        let feed = self.runner.start(launch, spec)?;
        let _ = pane.attach(generation, feed, self.now());
        pane.start_recording(&header(Some(id), demo, self.size), false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut typist = Typist::new(&demo.types);
        let mut scripted = Scripted::of(demo);
        if scripted.is_some() {
            pane.listen();
        }
        let outcome = runtime
            .block_on(self.follow(&mut pane, &mut draft, (&mut typist, &mut scripted), screen.as_mut()))
            .with_context(|| cannot);
        // What is said now is said on the person's own screen.
        drop(screen);
        self.judge(id, demo, draft, &pane, &outcome?, typist.ended)
    }

    /// Says what came of the run in `pane`, and keeps its recording where it ended as it should or somebody wants it.
    fn judge(
        &self,
        id: &str,
        demo: &Demo,
        draft: Draft,
        pane: &Pane,
        outcome: &Outcome,
        all_was_typed: bool,
    ) -> anyhow::Result<bool> {
        let said = say::err();
        // Without a run there is nothing that an earlier recording would be given up for.
        if let Some(Exit::Failed(reason)) = &outcome.exit {
            bail!("{id} could not be started: {reason}");
        }
        if let Some(why) = &outcome.stuck {
            let _ = writeln!(said, "{}: {}: nothing is kept", Quoted(id), Quoted(why));
            return Ok(false);
        }
        let good =
            !outcome.interrupted && (all_was_typed || pane.is_as_expected(demo.expect).unwrap_or(false));
        let (title, kept) = (pane.title(self.now()), self.end(id, draft, outcome, good)?);
        let _ = writeln!(said, "{}: {title}{kept}", Quoted(id));
        for message in pane.view().messages() {
            let _ = writeln!(said, "{}: {message}", Quoted(id));
        }
        if !good && let Some(doubt) = pane.view().doubts().first() {
            let _ = writeln!(said, "{}: {doubt}", Quoted(id));
        }
        if let Some(notice) = pane.notice() {
            let notice = Hints::of(&Keymap::default()).in_notice(notice);
            let _ = writeln!(said, "{}: {notice}", Quoted(id));
        }
        Ok(good && !outcome.is_empty())
    }

    /// Decides what becomes of the recording in `draft`, and says it.
    fn end(&self, id: &str, draft: Draft, outcome: &Outcome, good: bool) -> anyhow::Result<String> {
        if outcome.is_empty() {
            let stays = if draft.target().is_taken()? { "; the earlier one stays" } else { "" };
            return Ok(format!(": nothing was shown, so nothing is kept{stays}"));
        }
        let about = format!("{}x{} · {}", self.size.columns, self.size.rows, bytes(outcome.bytes));
        let ending = if good || self.keep { Ending::Replaces } else { Ending::Aside };
        let (target, id) = (draft.target().clone(), Quoted(id));
        let why = if outcome.interrupted { "was interrupted" } else { "did not end as expected" };
        Ok(match self.keep_as(draft, ending)? {
            Kept::Current(None) => format!(" · {about}, recorded in {}", Quoted(target.path())),
            Kept::Current(Some(number)) => format!(
                " · {about}, recorded in {}\n{id}: the earlier recording is take {number}; `greenroom recordings` lists them",
                Quoted(target.path())
            ),
            Kept::Aside(number) => format!(
                " · {about}, recorded as take {number}\n{id}: {} stays as it was: this run {why} (--keep replaces it); `greenroom recordings` lists them",
                Quoted(target.path())
            ),
            Kept::Dropped => {
                format!(": {} stays as it was: this run {why} (--keep replaces it)", Quoted(target.path()))
            }
        })
    }

    /// Gives the recording its name. A demo's own recordings are kept beside each other; a file that the person named
    /// is replaced as any program's output is, without a heap of earlier ones.
    fn keep_as(&self, draft: Draft, ending: Ending) -> anyhow::Result<Kept> {
        if let Some((takes, path)) = self.takes.as_ref().zip(self.inside.as_deref()) {
            return Ok(recorder::keep(self.runner.gate(), path, takes, draft, ending)?);
        }
        if ending == Ending::Aside && draft.target().is_taken()? {
            return Ok(Kept::Dropped);
        }
        if let Some(inside) = &self.inside {
            self.runner.gate().recorded(inside, inside, &draft);
        }
        draft.keep()?;
        Ok(Kept::Current(None))
    }

    /// Writes what happens as it happens, until the program ends.
    async fn follow(
        &self,
        pane: &mut Pane,
        draft: &mut Draft,
        (typist, scripted): (&mut Typist, &mut Option<Scripted>),
        mut screen: Option<&mut OnScreen>,
    ) -> io::Result<Outcome> {
        let mut signals = Signals::listen()?;
        let mut outcome = Outcome::default();
        if let Some(screen) = &mut screen {
            screen.listen()?;
        }
        loop {
            let polled = pane.poll(self.now());
            let script = match scripted.as_mut().filter(|_| !typist.ended && outcome.stuck.is_none()) {
                Some(scripted) if !outcome.interrupted => scripted.poll(pane, polled.spoke, self.now()),
                _ => Next::Wait,
            };
            self.write(pane, draft, &mut outcome)?;
            if let Some(exit) = polled.ended {
                return Ok(outcome.ended(exit, script, screen.is_some_and(|screen| screen.typed)));
            }
            if script != Next::Wait {
                let _ = pane.control(Control::Stop, self.now());
                match script {
                    Next::Fail(why) => outcome.stuck = Some(why),
                    _ => typist.ended = true,
                }
            }
            let frame = self.show(pane, screen.as_deref_mut(), polled.changed)?;
            let due = pane.next_at(self.now()).map(|at| at.since(self.now()));
            let types = scripted.as_ref().and_then(Scripted::next_at).map(|at| at.since(self.now()));
            let due = due.into_iter().chain(frame).chain(types).min().unwrap_or(SECOND);
            let mut stop = false;
            tokio::select! {
                biased;
                told = signals.interrupted() => {
                    told?;
                    stop = true;
                }
                event = next(screen.as_deref_mut()) => match (&mut screen, event?) {
                    (Some(screen), Some(event)) => stop = screen.did(event, pane, self.now()),
                    _ => return Err(gone()),
                },
                () = self.wake.notified() => typist.wait(),
                () = typist.turn() => drop(pane.control(typist.next(), self.now())),
                () = tokio::time::sleep(due) => {
                    if let Some(screen) = &mut screen {
                        screen.changed(frame.is_none());
                    }
                }
            }
            if stop {
                outcome.interrupted = true;
                let _ = pane.control(Control::Stop, self.now());
            }
            tokio::task::yield_now().await;
        }
    }

    /// Writes what is to be recorded since it was written last.
    fn write(&self, pane: &mut Pane, draft: &mut Draft, outcome: &mut Outcome) -> io::Result<()> {
        let taped = pane.take_taped();
        draft.add(&taped)?;
        outcome.bytes += taped.len() as u64;
        // What a program says when it is told to end is nothing that was to be recorded.
        if !outcome.interrupted {
            outcome.shown.look(pane, &taped);
        }
        if let Some(inside) = &self.inside {
            self.runner.gate().wrote(inside, &taped);
        }
        Ok(())
    }

    /// Draws the run where somebody sees it; how soon there is to be another frame.
    fn show(
        &self,
        pane: &Pane,
        screen: Option<&mut OnScreen>,
        changed: bool,
    ) -> io::Result<Option<Duration>> {
        let Some(screen) = screen else { return Ok(None) };
        screen.changed(changed);
        screen.draw(pane, self.now())?;
        Ok(screen.due())
    }
}

/// The signals that end a recording.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until the run is to be stopped, and what is there of it is judged as any other.
    ///
    /// # Errors
    /// When all of it is to end: nothing is left of what was written so far.
    async fn interrupted(&mut self) -> io::Result<()> {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Ok(()),
            _ = self.terminate.recv() => Err(io::Error::other("greenroom was told to end")),
            _ = self.hangup.recv() => Err(gone()),
        }
    }
}

/// When nothing else is due.
const SECOND: Duration = Duration::from_secs(1);

/// What the person does next, where they can do anything.
async fn next(screen: Option<&mut OnScreen>) -> io::Result<Option<Event>> {
    match screen {
        Some(screen) => screen.next().await,
        None => std::future::pending().await,
    }
}

fn gone() -> io::Error {
    io::Error::other("its terminal is gone")
}

/// What ends a demo that nobody can type into.
fn waits_for(demo: &Demo) -> &'static str {
    if !demo.script.is_empty() {
        "recording while its script is typed; Ctrl-C stops it"
    } else if demo.types.is_empty() {
        "recording until the program ends; Ctrl-C stops it (keys reach it only when this runs in a terminal)"
    } else {
        "recording while the lines of `types:` are typed; Ctrl-C stops it"
    }
}

/// The size of the pane that shows the demo `id` on a stage of 80x24: the narrowest, if there are several.
fn fitting(deck: &Arc<Deck>, id: &str) -> Size {
    let rooms = headless::rooms(deck, STAGE).into_iter().filter(|room| room.spec.id == id);
    let narrowest = rooms.map(|room| room.size).min_by_key(|size| size.columns);
    narrowest.map_or(STAGE, |size| Size {
        columns: size.columns.max(LEAST.columns),
        rows: size.rows.max(LEAST.rows),
    })
}

/// The stage that a talk has to fit.
const STAGE: Size = Size { columns: 80, rows: 24 };
/// The smallest terminal that a demo gets unasked.
const LEAST: Size = Size { columns: 10, rows: 3 };

/// What a run has shown so far, as far as it matters for whether its recording is worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum OutputSeen {
    /// No output at all.
    #[default]
    Nothing,
    /// A part of a line, such as a prompt.
    Prompt,
    /// More.
    Lines,
}

impl OutputSeen {
    /// Takes in whole lines of a tape.
    fn look(&mut self, pane: &Pane, taped: &[u8]) {
        if pane.view().term().is_none() {
            // Each line of these says something, and there is no header before them.
            *self = (*self).max(if taped.is_empty() { Self::Nothing } else { Self::Lines });
            return;
        }
        for line in taped.split(|byte| *byte == b'\n') {
            if *self == Self::Lines {
                return;
            }
            if let Ok((_, kind, text)) = serde_json::from_slice::<(f64, String, String)>(line)
                && kind == "o"
                && !text.is_empty()
            {
                *self = (*self).max(if text.contains('\n') { Self::Lines } else { Self::Prompt });
            }
        }
    }
}

impl Outcome {
    /// The same, of a program that has ended by itself or was told to; `script` says what its script made of that.
    fn ended(mut self, exit: Exit, script: Next, typed: bool) -> Self {
        if let Next::Fail(why) = script {
            self.stuck.get_or_insert(why);
        }
        self.typed = typed;
        self.exit = Some(exit);
        self
    }

    /// Whether nothing is on the recording: no output, or a prompt that was left before anything was typed.
    fn is_empty(&self) -> bool {
        match self.shown {
            OutputSeen::Nothing => true,
            OutputSeen::Prompt => self.interrupted && !self.typed,
            OutputSeen::Lines => false,
        }
    }
}

/// How much that is, for people.
fn bytes(count: u64) -> String {
    match count {
        0..=1_048_575 => format!("{} KB", count.div_ceil(1024)),
        _ => format!("{} MB", count / 1_048_576),
    }
}
