//! Writes recordings, on one thread of its own, in the order in which it is asked. Until one is whole it has another name, so
//! that an earlier recording is not lost to a run that goes wrong.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use crate::runner::takes::Takes;
use crate::talk::{Ending, Kept, TapeOrder, TapeOrders, TapeOutcome, TapeQueue, TapeWriter};
use greenroom_consent::Gate;
use greenroom_system::disk::beneath::{self, Draft, WriteError};

/// How long recordings that are whole may take to be put in their places when the program ends.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// What writes the recordings of one deck.
#[derive(Debug)]
pub struct Recorder {
    /// None when no recording can begin any more.
    queue: Mutex<Option<TapeQueue>>,
    /// Hangs up when all is written.
    ended: Mutex<Receiver<()>>,
}

impl Recorder {
    /// Writes into the deck in `folder`, keeps `gate`'s accounts, and wakes the stage when a recording is whole, or there is room again
    /// for what is held back.
    #[must_use]
    pub fn start(folder: Option<PathBuf>, gate: Arc<Gate>, wake: Arc<Notify>) -> Self {
        let (queue, orders) = TapeQueue::new();
        let (running, ended) = sync_channel(1);
        let tapes = Tapes { folder, gate, open: BTreeMap::new() };
        // Without a thread the orders are dropped, and every recording says that it is not written.
        let _ = std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            let _running = running;
            tapes.write_all(orders, &wake);
        });
        Self { queue: Mutex::new(Some(queue)), ended: Mutex::new(ended) }
    }

    /// Begins the recording at `path` in the deck.
    #[must_use]
    pub fn open(&self, path: &str) -> TapeWriter {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.as_ref().map_or_else(|| TapeQueue::new().0.open(path), |queue| queue.open(path))
    }

    /// No recording begins any more; waits until those that were closed are in their places, as long as that takes a disk that
    /// works.
    pub fn end(&self) {
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = ended.recv_timeout(SHUTDOWN_GRACE);
    }
}

/// The recordings that are being written.
struct Tapes {
    /// None for the built-in deck.
    folder: Option<PathBuf>,
    gate: Arc<Gate>,
    /// At most as many as the queue has places.
    open: BTreeMap<u64, Tape>,
}

struct Tape {
    path: String,
    /// There when something has been written.
    draft: Option<Draft>,
    outcome: oneshot::Sender<TapeOutcome>,
}

impl Tapes {
    fn write_all(mut self, mut orders: TapeOrders, wake: &Notify) {
        while let Some(order) = orders.wait() {
            let told = self.obey(order);
            if orders.done() || told {
                wake.notify_one();
            }
        }
    }

    /// Says whether somebody has been told something.
    fn obey(&mut self, order: TapeOrder) -> bool {
        match order {
            TapeOrder::Open { tape, path, outcome } => {
                self.open.insert(tape, Tape { path, draft: None, outcome });
                false
            }
            TapeOrder::Write { tape, lines } => {
                // One that could not be written has gone, and nothing more of it is wanted.
                let Some(mut open) = self.open.remove(&tape) else { return false };
                let written = self.add(&mut open, &lines);
                let Err(error) = written else {
                    self.open.insert(tape, open);
                    return false;
                };
                // Its draft goes with it.
                let _ = open.outcome.send(Err(error.to_string()));
                true
            }
            TapeOrder::Close { tape, ending, named } => {
                let Some(mut open) = self.open.remove(&tape) else { return false };
                let kept = self.add(&mut open, &[]).and_then(|()| self.close(&mut open, ending, &named));
                let _ = open.outcome.send(kept.map_err(|error| error.to_string()));
                true
            }
            TapeOrder::Discard { tape } => {
                self.open.remove(&tape);
                false
            }
        }
    }

    fn add(&self, tape: &mut Tape, lines: &[u8]) -> io::Result<()> {
        let Some(folder) = &self.folder else {
            return Err(io::Error::other("the built-in deck takes no recordings; greenroom record -o does"));
        };
        let draft = match &mut tape.draft {
            Some(draft) => draft,
            none => {
                let draft = beneath::record(folder, &tape.path)?;
                self.gate.recording(&tape.path, &draft);
                none.insert(draft)
            }
        };
        draft.add(lines)?;
        self.gate.wrote(&tape.path, lines);
        Ok(())
    }

    fn close(&self, tape: &mut Tape, ending: Ending, named: &[String]) -> io::Result<Kept> {
        let (Some(folder), Some(draft)) = (&self.folder, tape.draft.take()) else { return Ok(Kept::Dropped) };
        let takes = Takes::of(folder, &tape.path)?.apart_from(named.iter().map(String::as_str));
        Ok(keep(&self.gate, &tape.path, &takes, draft, ending)?)
    }
}

/// The recording of `path` in `draft` is whole, and becomes what `ending` says; the agreement that `gate` knows follows.
///
/// # Errors
/// What the disk says; the earlier recording stays then.
pub fn keep(
    gate: &Gate,
    path: &str,
    takes: &Takes,
    draft: Draft,
    ending: Ending,
) -> Result<Kept, WriteError> {
    let mut moves = takes.moves()?;
    // The last of them is the recording's own, which stays where it is when the new one is kept aside.
    let name = match ending {
        Ending::Aside => moves.pop().map(|(_, take)| take.path()),
        Ending::Dropped if !moves.is_empty() => return takes.end(draft, ending),
        Ending::Replaces | Ending::Dropped => None,
    };
    for (from, to) in &moves {
        gate.renamed(&from.path(), &to.path());
    }
    gate.recorded(path, name.as_deref().unwrap_or(path), &draft);
    takes.end(draft, ending)
}
