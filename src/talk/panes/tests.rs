//! Whatever happens to panes, in whatever order: keys, answers that come late or out of order, ends, reloads.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::KeyCode;
use proptest::prelude::*;
use tokio::sync::oneshot;

use super::run::Run;
use crate::talk::msg::{Msg, RunnerEffect};
use crate::talk::{
    Effect, Kept, Mode, NewTape, Settings, Talk, TapeOrder, TapeOrders, TapeOutcome, TapeQueue,
};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::{Event, Exit, Phase, Size, What};
use greenroom_base::source::{Control, EventSource, SourceError};
use greenroom_deck::launch::Asked;
use greenroom_deck::{Deck, Leave};
use greenroom_pane::{Feed, Generation, RunStatus};
use greenroom_parse as parse;
use greenroom_tape::{Header, Player};

const SIZE: Size = Size { columns: 90, rows: 40 };
const TAPE: &str = "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5}}\n[0.0, \"o\", \"taped\"]\n";
const OUTLINE: &str = "title: T\nsections: [{title: S, file: s.md}]\ndemos:\n  \
    a: {command: [sh, -i], tape: a.cast}\n  \
    b: {command: [echo], on: enter, expect: any}\n  \
    c: {command: [echo], leave: keep, tape: a.cast, fallback: play}\n  \
    d: {command: [python], runtime: gil, tape: d.cast}\n";

fn pane(demo: &str, more: &str) -> String {
    format!("```pane\ndemo: {demo}\nheight: 5\n{more}```\n\n")
}

/// Two readings of a deck: in the second, a slide stands before the others and a pane is another one.
fn decks() -> [Arc<Deck>; 2] {
    let slides = |a: &str| {
        let one = format!("# One\n\n{}{}", pane(a, ""), pane("b", "order: after\n"));
        let two = format!("# Two\n\n{}{}", pane("c", ""), pane("d", "order: after\n"));
        [one, two, "# End\n".to_owned()].join("---\n\n")
    };
    [slides("a"), format!("# New\n\n---\n\n{}", slides("d"))].map(|text| {
        let deck =
            parse::deck(&MemoryFiles::new().with("talk.yaml", OUTLINE).with("s.md", text), "talk.yaml");
        assert_eq!(deck.problems, []);
        Arc::new(deck)
    })
}

/// A program: what it was asked for, and what it is about to do.
#[derive(Debug, Default)]
struct Program {
    stop: bool,
    said_so: bool,
    exits: Option<Exit>,
    ended: bool,
}

struct Running(Arc<Mutex<Program>>);

impl EventSource for Running {
    fn poll(&mut self, now: Elapsed, sink: &mut dyn FnMut(Event)) {
        let mut program = self.0.lock().unwrap();
        let mut say = |what| sink(Event { at: now, what });
        if program.stop && !std::mem::replace(&mut program.said_so, true) {
            say(What::Phase(Phase::Stopping));
        }
        say(What::Output(b"x".as_slice().into()));
        if let Some(exit) = program.exits.take() {
            program.ended = true;
            say(What::Exit(exit));
        }
    }

    fn at(&self, now: Elapsed) -> Elapsed {
        now
    }

    fn control(&mut self, request: Control, _: Elapsed) -> Result<(), SourceError> {
        let mut program = self.0.lock().unwrap();
        if program.ended {
            return Err(SourceError::Ended);
        }
        program.stop |= request == Control::Stop;
        Ok(())
    }
}

/// A question that fits any screen.
fn asked() -> Asked {
    Asked {
        fingerprint: "this".to_owned(),
        changed: Vec::new(),
        each_session: None,
        each_start: false,
        entries: Vec::new(),
    }
}

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Act {
    Key(KeyCode),
    /// Esc Esc, which leads out of every pane.
    Leave,
    /// The runner answers one of the effects that wait, with what it may.
    Answer(usize, u8),
    /// A program ends, with this status or by its own guard.
    Exit(usize, Option<i32>),
    Reload(usize),
    /// The recorder does what it has been asked for, or fails at it.
    Record(bool),
    Wait(u64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let key = prop::sample::select("xxxxRRRXvvlhyyni".chars().map(KeyCode::Char).collect::<Vec<_>>());
    let act = prop_oneof![
        6 => key.prop_map(Act::Key),
        2 => prop::sample::select(vec![KeyCode::Tab, KeyCode::Esc, KeyCode::Enter]).prop_map(Act::Key),
        4 => Just(Act::Leave),
        10 => (0..2_usize, 0..6_u8).prop_map(|(which, how)| Act::Answer(which, how)),
        3 => (0..9_usize, 0..6_u8).prop_map(|(which, how)| Act::Answer(which, how)),
        3 => (0..9_usize, prop::option::of(0..2)).prop_map(|(which, status)| Act::Exit(which, status)),
        1 => (0..2_usize).prop_map(Act::Reload),
        2 => any::<bool>().prop_map(Act::Record),
        2 => (0..900_u64).prop_map(Act::Wait),
    ];
    prop::collection::vec(act, 1..80)
}

/// A talk, and a world that does what it asks for when it pleases.
struct World {
    talk: Talk,
    now: Elapsed,
    decks: [Arc<Deck>; 2],
    waiting: Vec<RunnerEffect>,
    agreed: bool,
    /// Starts that the person was asked about, and has not agreed to since.
    unagreed: Vec<Generation>,
    programs: BTreeMap<Generation, Arc<Mutex<Program>>>,
    tapes: TapeQueue,
    orders: TapeOrders,
    /// What has happened to each recording: it was opened, and maybe ended.
    recorded: BTreeMap<u64, (Option<oneshot::Sender<TapeOutcome>>, bool)>,
}

impl World {
    fn new(decks: [Arc<Deck>; 2], agreed: bool) -> Self {
        let talk = Talk::new(Arc::clone(&decks[0]), SIZE, Settings::default());
        let (tapes, orders) = TapeQueue::new();
        Self {
            talk,
            now: Elapsed::ZERO,
            decks,
            waiting: Vec::new(),
            agreed,
            unagreed: Vec::new(),
            programs: BTreeMap::new(),
            tapes,
            orders,
            recorded: BTreeMap::new(),
        }
    }

    fn tell(&mut self, msg: Msg) {
        let answers = matches!(&msg, Msg::Key(key) if key.code == KeyCode::Char('y'));
        if matches!(msg, Msg::Agreed(_)) {
            (self.agreed, self.unagreed) = (true, Vec::new());
        }
        self.talk.update(msg, self.now);
        while let Some(effect) = self.talk.next_effect() {
            let Effect::Runner(effect) = effect else { continue };
            match &effect {
                RunnerEffect::Start { generation, .. }
                | RunnerEffect::SetUp { generation, agreed: None, .. } => {
                    assert!(!self.unagreed.contains(generation), "asked for again without an answer");
                }
                RunnerEffect::Agree(_) => assert!(answers, "agreed to by nobody"),
                _ => {}
            }
            self.waiting.push(effect);
        }
        self.talk.drawn();
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Key(key) => self.tell(Msg::Key(key.into())),
            Act::Leave => {
                self.tell(Msg::Key(KeyCode::Esc.into()));
                self.tell(Msg::Key(KeyCode::Esc.into()));
            }
            Act::Answer(which, how) if !self.waiting.is_empty() => {
                let effect = self.waiting.remove(which % self.waiting.len());
                let answer = self.answer(effect, how);
                self.tell(answer);
            }
            Act::Exit(which, status) => {
                let lives = |program: &&Arc<Mutex<Program>>| !program.lock().unwrap().ended;
                let lives: Vec<_> = self.programs.values().filter(lives).cloned().collect();
                if let Some(program) = lives.get(which % lives.len().max(1)) {
                    program.lock().unwrap().exits = Some(status.map_or(Exit::Stopped, Exit::Status));
                }
                self.tell(Msg::Wake);
            }
            Act::Reload(which) => {
                self.tell(Msg::Reloaded(Arc::clone(&self.decks[which])));
            }
            Act::Record(well) => {
                self.record(well);
                self.tell(Msg::Wake);
            }
            Act::Wait(millis) => {
                self.now = self.now + Duration::from_millis(millis);
                self.tell(Msg::Wake);
            }
            Act::Answer(..) => {}
        }
    }

    /// What a runner may answer: it starts nothing that nobody has agreed to.
    fn answer(&mut self, effect: RunnerEffect, how: u8) -> Msg {
        let reason = "why not".to_owned();
        match effect {
            RunnerEffect::Start { generation, .. } | RunnerEffect::SetUp { generation, agreed: None, .. }
                if !self.agreed || matches!(effect, RunnerEffect::SetUp { .. }) =>
            {
                self.unagreed.push(generation);
                Msg::NotAgreed { generation, asked: Arc::new(asked()) }
            }
            RunnerEffect::Start { generation, .. } if how == 0 => Msg::Failed { generation, reason },
            RunnerEffect::Start { generation, .. } if how == 1 => Msg::NotReady { generation, reason },
            RunnerEffect::Start { generation, demo, size, record } => {
                let path = demo.tape.filter(|_| record);
                let writer = path.map(|path| self.tapes.open(&path));
                let tape = writer.map(|writer| Box::new(NewTape { header: Header::new(size), writer }));
                Msg::Attached { generation, feed: self.program(generation), tape }
            }
            RunnerEffect::SetUp { generation, .. } => {
                Msg::Attached { generation, feed: self.program(generation), tape: None }
            }
            RunnerEffect::OpenTape { generation, .. } if how < 3 => Msg::Failed { generation, reason },
            RunnerEffect::OpenTape { generation, .. } => {
                let player = Player::open(Box::new(Cursor::new(TAPE.as_bytes()))).unwrap();
                Msg::Attached { generation, feed: Feed::Tape(Box::new(player)), tape: None }
            }
            RunnerEffect::FindTape { path } => Msg::TapeFound { path, plays: how < 3, day: None },
            RunnerEffect::Agree(asked) => Msg::Agreed(asked.fingerprint.clone()),
        }
    }

    fn program(&mut self, generation: Generation) -> Feed {
        let program = Arc::default();
        let before = self.programs.insert(generation, Arc::clone(&program));
        assert!(before.is_none(), "started twice");
        Feed::Live(Box::new(Running(program)))
    }

    /// Does what the recorder has been asked for.
    fn record(&mut self, well: bool) {
        while let Ok(order) = self.orders.try_next() {
            self.orders.done();
            match order {
                TapeOrder::Open { tape, outcome, .. } => {
                    assert!(self.recorded.insert(tape, (Some(outcome), false)).is_none(), "opened twice");
                }
                TapeOrder::Write { tape, .. } => {
                    let (outcome, ended) = self.recorded.get_mut(&tape).expect("it is open");
                    assert!(!*ended, "written to after its end");
                    if let Some(outcome) = outcome.take_if(|_| !well) {
                        let _ = outcome.send(Err("the disk is full".to_owned()));
                    }
                }
                TapeOrder::Close { tape, .. } | TapeOrder::Discard { tape } => {
                    let (outcome, ended) = self.recorded.get_mut(&tape).expect("it is open");
                    assert!(!std::mem::replace(ended, true), "closed twice");
                    if let Some(outcome) = outcome.take() {
                        let _ = outcome.send(Ok(Kept::Current(None)));
                    }
                }
            }
        }
    }

    /// What holds at every moment.
    fn check(&self) {
        let mut running = Vec::new();
        for (id, slot) in &self.talk.panes.slots {
            let run = slot.run();
            assert!(run.agrees_with(slot.live().state()), "{id:?}: {run:?}, but {:?}", slot.live().state());
            let asked = |generation: Generation| {
                self.waiting.iter().any(|effect| match effect {
                    RunnerEffect::Start { generation: asked, .. }
                    | RunnerEffect::SetUp { generation: asked, .. }
                    | RunnerEffect::OpenTape { generation: asked, .. } => *asked == generation,
                    RunnerEffect::FindTape { .. } | RunnerEffect::Agree(_) => false,
                })
            };
            match run {
                // What is waited for is on its way.
                Run::Starting { start, .. } => assert!(asked(start.generation), "{id:?} starts forever"),
                Run::AwaitingConsent(_) => {
                    let answered = |effect: &RunnerEffect| matches!(effect, RunnerEffect::Agree(_));
                    let shows = matches!(self.talk.mode(), Mode::Consent(_));
                    assert!(shows || self.waiting.iter().any(answered), "{id:?} asks nobody");
                }
                Run::PendingStart(_) => assert!(!slot.live().is_clear(), "{id:?} waits for nothing"),
                _ => {}
            }
            if *slot.live().state() == RunStatus::Running {
                let generation = slot.live().generation();
                running.push(generation);
                let left = id.slide != self.talk.place().slide && slot.spec.demo.leave == Leave::Stop;
                let stopped = |generation| {
                    self.programs.get(&generation).is_some_and(|program| program.lock().unwrap().stop)
                };
                assert!(!left || stopped(generation), "{id:?} runs on though its slide was left");
            }
            let replay = slot.pane();
            if slot.is_replaying() && *replay.state() == RunStatus::Starting {
                assert!(asked(replay.generation()), "{id:?} opens its recording forever");
            }
        }
        // Each program that runs is in a pane of its own, or has been asked to end.
        for (generation, program) in &self.programs {
            let program = program.lock().unwrap();
            let held = running.iter().filter(|running| *running == generation).count();
            assert!(held <= 1, "one run in two panes");
            assert!(held == 1 || program.stop || program.ended, "{generation:?} runs on in no pane");
        }
    }

    /// Ends the talk, and everything that runs ends too.
    fn end(mut self) {
        self.talk.stop_all(self.now);
        for _ in 0..200 {
            for program in self.programs.values().filter(|program| !program.lock().unwrap().ended) {
                let mut program = program.lock().unwrap();
                assert!(program.stop, "a program that nobody has asked to end");
                program.exits = Some(Exit::Stopped);
            }
            if let Some(effect) = self.waiting.pop() {
                let answer = self.answer(effect, 5);
                self.tell(answer);
            }
            self.record(true);
            self.tell(Msg::Wake);
        }
        assert!(!self.talk.any_running(), "something runs on: {:?}", self.talk.panes);
        drop(self.talk);
        while let Ok(order) = self.orders.try_next() {
            if let TapeOrder::Close { tape, .. } | TapeOrder::Discard { tape } = order {
                let (_, ended) = self.recorded.get_mut(&tape).expect("it was opened");
                assert!(!std::mem::replace(ended, true), "closed twice");
            }
        }
        assert!(self.recorded.values().all(|(_, ended)| *ended), "a recording that was never closed");
    }
}

/// Says how many programs and how many recordings there were.
fn happens(decks: &[Arc<Deck>; 2], agreed: bool, acts: Vec<Act>) -> [usize; 2] {
    let mut world = World::new(decks.clone(), agreed);
    // To the first slide with panes.
    for key in ['l', 'l'] {
        world.tell(Msg::Key(KeyCode::Char(key).into()));
    }
    for act in acts {
        world.act(act);
        world.check();
    }
    let seen = [world.programs.len(), world.recorded.len()];
    world.end();
    seen
}

#[test]
fn house_2_whatever_happens_a_run_is_in_its_pane_or_ended_and_a_recording_is_closed_once() {
    let decks = decks();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let seen = std::cell::Cell::new([0, 0]);
    let result = runner.run(&(prop::bool::weighted(0.7), acts()), |(agreed, acts)| {
        let (before, more) = (seen.get(), happens(&decks, agreed, acts));
        seen.set([before[0] + more[0], before[1] + more[1]]);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let [programs, tapes] = seen.get();
    assert!(programs > 200 && tapes > 30, "{programs} programs and {tapes} recordings tell nothing");
}

#[test]
fn house_2_an_answer_from_before_a_reload_finds_its_pane_or_nothing() {
    use Act::{Answer, Key, Reload};
    let key = |c| Key(KeyCode::Char(c));
    // The pane has moved to another slide while its program was started; and it is another one.
    for reloads in [vec![Reload(1)], vec![Reload(1), Reload(0)]] {
        let mut acts: Vec<Act> = vec![key('l'), key('x')];
        acts.extend(reloads);
        acts.extend((0..20).map(|_| Answer(0, 5)));
        let [programs, _] = happens(&decks(), true, acts);
        assert!(programs > 0);
    }
}
