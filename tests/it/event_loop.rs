//! The stage's loop: when it draws, what it does with answers that come late or in another order, and how it ends.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode};
use greenroom::runner::Runner;
use greenroom::stage::Ending;
use greenroom::stage::world::{Happening, Performer, SignalRequest};
use greenroom::talk::{Msg, RunnerEffect};
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{self, Size};
use greenroom_base::source::{Control, EventSource, SourceError};
use greenroom_deck::Deck;
use greenroom_pane::Feed;
use tokio::sync::Notify;

use crate::support::stage::{
    PATIENCE, Stage, TestClock, deck, lives, pane, pid, sh, stage, wait_for_end, write,
};

const FRAME: Duration = Duration::from_millis(16);

/// What runs panes, with answers that wait until a test lets them go.
struct Late {
    runner: Runner,
    state: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    /// What was done, in order; its answer waits.
    done: Vec<String>,
    released: BTreeSet<usize>,
    all: bool,
}

impl Late {
    fn new(runner: Runner) -> Arc<Self> {
        Arc::new(Self { runner, state: Mutex::default(), changed: Condvar::new() })
    }

    fn until(&self, what: &str, met: impl Fn(&Held) -> bool) {
        let state = self.state.lock().unwrap();
        let (state, late) = self.changed.wait_timeout_while(state, PATIENCE, |held| !met(held)).unwrap();
        assert!(!late.timed_out(), "{what} never happened: {:?}", state.done);
    }

    /// Waits until something that says `words` has been done, and gives its number.
    fn done(&self, words: &str, count: usize) -> usize {
        let those = |held: &Held| -> Vec<usize> {
            (0..held.done.len()).filter(|index| held.done[*index].contains(words)).collect()
        };
        self.until(words, |held| those(held).len() >= count);
        those(&self.state.lock().unwrap())[count - 1]
    }

    fn release(&self, index: usize) {
        self.state.lock().unwrap().released.insert(index);
        self.changed.notify_all();
    }

    fn release_all(&self) {
        self.state.lock().unwrap().all = true;
        self.changed.notify_all();
    }
}

impl Performer for Late {
    fn perform(&self, effect: RunnerEffect, deck: &Deck) -> Msg {
        let is_held = matches!(effect, RunnerEffect::Start { .. } | RunnerEffect::OpenTape { .. });
        let words = format!("{effect:?}");
        let answer = self.runner.perform(effect, deck);
        if is_held {
            let index = {
                let mut state = self.state.lock().unwrap();
                state.done.push(words);
                state.done.len() - 1
            };
            self.changed.notify_all();
            self.until("an answer that is let go", |held| held.all || held.released.contains(&index));
        }
        answer
    }

    fn wake(&self) -> &Arc<Notify> {
        self.runner.wake()
    }

    fn end(&self) {
        self.runner.end();
    }
}

/// On the first slide of the section, with answers that wait.
fn late(demos: &str, slides: &str) -> (Stage, Arc<Late>, tempfile::TempDir) {
    let folder = deck(demos, slides);
    let mut late = None;
    let mut stage = Stage::with_runner(folder.path(), TestClock::running(), |runner| {
        Arc::clone(late.insert(Late::new(runner))) as _
    });
    stage.press("3<ret>");
    stage.is_held_up = true;
    (stage, late.unwrap(), folder)
}

/// A talk whose clock stands still.
fn held(slides: &str) -> (Stage, tempfile::TempDir) {
    let folder = deck("  a: {command: [cat]}", slides);
    let mut stage = Stage::held(folder.path());
    stage.clock.advance(Duration::from_secs(1));
    stage.press("3<ret>");
    (stage, folder)
}

fn key(code: KeyCode) -> Happening {
    Happening::Input(Event::Key(code.into()))
}

/// Turns the loop until `met`.
fn until(stage: &mut Stage, what: &str, met: impl Fn(&Stage) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !met(stage) {
        assert!(Instant::now() < end, "{what} never happened:\n{}", stage.screen());
        stage.turn(Duration::from_millis(50));
    }
}

/// The processes that wrote their numbers to `log` in the deck's folder, one line each.
fn started(folder: &Path, count: usize) -> Vec<String> {
    let log = folder.join("log");
    let end = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let pids: Vec<String> = text.lines().map(str::to_owned).collect();
        if pids.len() >= count && text.ends_with('\n') {
            return pids;
        }
        assert!(Instant::now() < end, "only {pids:?} started");
        std::thread::sleep(Duration::from_millis(5));
    }
}

const THREE: &str = "# One\n\n---\n\n# Two\n\n---\n\n# Three\n";

#[test]
fn a_program_that_draws_all_the_time_gets_a_frame_every_16_milliseconds_and_a_key_one_at_once() {
    let (mut stage, _folder) = held(THREE);
    let frames = stage.surface.frames;
    for _ in 0..50 {
        stage.runner.wake().notify_one();
        assert!(stage.turn(PATIENCE));
    }
    assert_eq!(stage.surface.frames, frames, "no time has passed");
    assert!(stage.event_loop.is_stale());
    stage.clock.advance(FRAME);
    assert!(stage.turn(PATIENCE));
    assert_eq!((stage.surface.frames, stage.event_loop.is_stale()), (frames + 1, false));
    stage.happen(key(KeyCode::Right));
    assert_eq!(stage.surface.frames, frames + 2);
    assert!(stage.screen().contains("Two"));
}

#[test]
fn keys_that_come_while_a_slow_surface_draws_are_one_frame() {
    let (mut stage, _folder) = held(THREE);
    stage.surface.cost = Some((stage.clock.clone(), Duration::from_millis(500)));
    stage.happen(key(KeyCode::Left));
    let frames = stage.surface.frames;
    // Seven keys were pressed while that frame was written.
    let keys = ["right", "right", "right", "left", "left", "right", "right"];
    for name in keys {
        let code = if name == "right" { KeyCode::Right } else { KeyCode::Left };
        stage.event_loop.events.0.push_back(key(code));
    }
    assert!(stage.turn(PATIENCE));
    assert_eq!(stage.surface.frames, frames + 1);
    assert!(stage.event_loop.events.0.is_empty());
    assert_eq!(stage.talk.place().slide, 4, "no key is lost: {}", stage.screen());
}

#[test]
fn a_surface_that_is_gone_ends_the_talk_and_what_runs() {
    let (mut stage, _folder) = stage(&sh("echo pid=$$; exec cat", ""), &pane("a"));
    stage.press("x");
    stage.until_says("pid=");
    let runs = pid(&stage.screen());
    stage.surface.is_gone = true;
    stage.press("?");
    assert_eq!(stage.ending.as_ref().unwrap().as_ref().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert!(lives(&runs));
    stage.close();
    assert!(!lives(&runs), "it was waited for");
    assert_eq!(stage.surface.log, ["leave"]);
}

#[test]
fn input_that_ends_is_a_hangup_and_a_signal_ends_what_runs() {
    for (happening, number) in [(Happening::Closed, 1), (Happening::Signal(SignalRequest::End(15)), 15)] {
        let script = "trap '' HUP TERM; echo pid=$$; while :; do sleep 1; done";
        let (mut stage, _folder) = stage(&sh(script, ""), &pane("a"));
        stage.press("x");
        stage.until_says("pid=");
        let runs = pid(&stage.screen());
        // A signal is heard although keys wait.
        stage.event_loop.events.0.push_back(happening);
        stage.event_loop.events.0.push_back(key(KeyCode::Right));
        stage.settle();
        assert_eq!(*stage.ending.as_ref().unwrap().as_ref().unwrap(), Ending::Signal(number));
        assert_eq!(stage.talk.place().slide, 2, "the key came too late");
        stage.close();
        wait_for_end(&runs);
    }
}

/// A program that nothing ends.
struct Endless;

impl EventSource for Endless {
    fn poll(&mut self, _: Elapsed, _: &mut dyn FnMut(run::Event)) {}

    fn next_at(&self) -> Option<Elapsed> {
        None
    }

    fn at(&self, now: Elapsed) -> Elapsed {
        now
    }

    fn control(&mut self, _: Control, _: Elapsed) -> Result<(), SourceError> {
        Ok(())
    }

    fn take_notice(&mut self) -> Option<String> {
        None
    }
}

/// What runs such programs and nothing else.
struct Endlessly(Runner);

impl Performer for Endlessly {
    fn perform(&self, effect: RunnerEffect, deck: &Deck) -> Msg {
        match effect {
            RunnerEffect::Start { generation, .. } => {
                Msg::Attached { generation, feed: Feed::Live(Box::new(Endless)), tape: None }
            }
            other => self.0.perform(other, deck),
        }
    }

    fn wake(&self) -> &Arc<Notify> {
        self.0.wake()
    }

    fn end(&self) {
        self.0.end();
    }
}

#[test]
fn programs_that_do_not_end_are_waited_for_as_long_as_they_may_take() {
    let folder = deck(&sh("cat", ""), &pane("a"));
    let mut stage =
        Stage::with_runner(folder.path(), TestClock::held(), |runner| Arc::new(Endlessly(runner)));
    let clock = stage.clock.clone();
    stage.press("3<ret>x");
    assert!(stage.talk.any_running());
    stage.happen(Happening::Signal(SignalRequest::End(1)));
    let before = stage.now();
    stage.close_while(|| clock.advance(Duration::from_millis(100)));
    let took = stage.now().since(before);
    assert!(took >= Duration::from_secs(4) && took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_stopped_talk_waits_for_its_terminal_and_may_be_ended_meanwhile() {
    let (mut stage, _folder) = stage("  a: {command: [cat]}", THREE);
    stage.surface.log.clear();
    // It is continued in the background twice, before it is in the foreground again.
    stage.surface.elsewhere.set(3);
    stage.surface.size = Size { columns: 60, rows: 20 };
    stage.event_loop.events.0.push_back(Happening::Signal(SignalRequest::Stop));
    while stage.surface.log.last() != Some(&"invalidate") {
        assert!(stage.turn(PATIENCE), "{:?}", stage.surface.log);
    }
    assert_eq!(stage.surface.log, ["leave", "stop", "stop", "enter", "invalidate"]);
    stage.settle();
    assert_eq!(stage.surface.frame.area().width, 60, "the terminal has another size");
    stage.happen(key(KeyCode::Right));
    assert!(stage.screen().contains("Two"));
    stage.surface.elsewhere.set(usize::MAX);
    let queue = &mut stage.event_loop.events.0;
    queue.push_back(Happening::Signal(SignalRequest::Stop));
    queue.push_back(Happening::Signal(SignalRequest::End(1)));
    while stage.turn(PATIENCE) {}
    assert_eq!(*stage.ending.as_ref().unwrap().as_ref().unwrap(), Ending::Signal(1));
}

#[test]
fn answers_that_come_in_another_order_go_to_their_own_panes() {
    let demos = "  a: {command: [sh, -c, 'echo left; exec cat'], title: first}\n  \
                 b: {command: [sh, -c, 'echo right; exec cat'], title: second, tape: t.cast}";
    let slides =
        "# S\n\n```pane\ndemo: a\nheight: 6\n```\n\n```pane\ndemo: b\nheight: 6\n```\n\n---\n\n# After\n";
    let (mut stage, late, _folder) = late(demos, slides);
    stage.press("x");
    let (first, second) = (late.done("echo left", 1), late.done("echo right", 1));
    late.release(second);
    stage.until_says("right");
    assert!(!stage.screen().contains("left"), "{}", stage.screen());
    late.release(first);
    stage.until_says("left");
    let screen = stage.screen();
    let row = |words: &str| screen.lines().position(|line| line.contains(words)).unwrap();
    assert!(
        row("first") < row("left") && row("left") < row("second") && row("second") < row("right"),
        "{screen}"
    );
}

#[test]
fn whatever_is_pressed_while_a_program_starts_one_runs_in_the_end_and_it_is_the_one_that_shows() {
    let script = "echo $$ >> $GREENROOM_DECK/../log; echo pid=$$; exec cat";
    for keys in ["Xx", "lhx", "xx", "XxXx", "lhXx"] {
        let (mut stage, late, folder) = late(&sh(script, ""), &pane("a"));
        stage.press("x");
        let first = late.done("Start", 1);
        stage.press(keys);
        assert!(!stage.screen().contains("pid="), "{keys}: nothing is there yet");
        late.release(first);
        late.release_all();
        stage.is_held_up = false;
        stage.settle();
        until(&mut stage, "one program that is shown", |stage| {
            let alive: Vec<String> = started(folder.path(), 1).into_iter().filter(|one| lives(one)).collect();
            matches!(&*alive, [one] if stage.screen().contains(&format!("pid={one}")))
        });
        assert!(!stage.event_loop.is_busy(), "{keys}: nothing else is on its way");
    }
}

/// What `stty size` says in the pane, of a program whose start is answered when the screen has been resized to `size`,
/// before its start when that is `early`.
fn told_size(size: Size, early: bool) -> String {
    let (mut stage, late, _folder) =
        late(&sh("echo ready; read line; echo size=$(stty size)=", ""), &pane("a"));
    if early {
        stage.tell(Msg::Resize(size));
    }
    stage.press("x");
    let start = late.done("Start", 1);
    if !early {
        stage.tell(Msg::Resize(size));
    }
    late.release(start);
    stage.until_says("ready");
    stage.press("<tab><ret>");
    stage.until_says("size=");
    let screen = stage.screen();
    screen.split("size=").nth(1).unwrap().split('=').next().unwrap().to_owned()
}

#[test]
fn a_screen_that_is_resized_while_a_program_starts_resizes_the_program() {
    let size = Size { columns: 60, rows: 20 };
    let (before, after) = (told_size(size, true), told_size(size, false));
    assert_eq!(before, after);
    assert_ne!(after, told_size(Size { columns: 100, rows: 30 }, false));
}

#[test]
fn a_deck_that_is_read_again_while_a_program_starts_keeps_the_pane_or_ends_the_program() {
    let script = "echo $$ >> $GREENROOM_DECK/../log; echo pid=$$; exec cat";
    for (slides, stays) in
        [(pane("a").replace("# After", "# Afterwards"), true), ("# Slide\n".to_owned(), false)]
    {
        let (mut stage, late, folder) = late(&sh(script, ""), &pane("a"));
        stage.press("x");
        let start = late.done("Start", 1);
        stage.write("s.md", &slides);
        stage.press("r");
        let slides = stage.talk.deck().slides.len();
        until(&mut stage, "the new deck", |stage| {
            let deck = stage.talk.deck();
            if stays {
                format!("{:?}", deck.slides).contains("Afterwards")
            } else {
                deck.slides.len() < slides
            }
        });
        late.release(start);
        stage.is_held_up = false;
        stage.settle();
        let run = started(folder.path(), 1).remove(0);
        if stays {
            stage.until_says(&format!("pid={run}"));
            assert!(lives(&run));
        } else {
            until(&mut stage, "its end", |stage| !lives(&run) && !stage.talk.any_running());
        }
    }
}

#[test]
fn a_saved_file_is_read_again_once_it_has_been_quiet() {
    let folder = deck("  a: {command: [cat]}", THREE);
    let mut stage = Stage::watched(folder.path());
    stage.press("3<ret>");
    stage.until_says("One");
    write(folder.path(), "s.md", &THREE.replace("One", "Another one"));
    stage.until_says("Another one");
    // A deck that is gone for a moment stays on the screen, and is looked for until it is back.
    let file = folder.path().join("deck/s.md");
    fs::remove_file(&file).unwrap();
    until(&mut stage, "word of it", |stage| stage.screen().contains("cannot be read at the moment"));
    assert!(stage.screen().contains("Another one"), "{}", stage.screen());
    write(folder.path(), "s.md", &THREE.replace("One", "The last one"));
    stage.until_says("The last one");
}
