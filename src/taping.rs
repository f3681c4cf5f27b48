//! How the recording of a run gets to the recorder, which writes it in its own time: by a queue of whole lines that is
//! bounded in orders and in bytes. What finds no room there is held back by its pane, and a key never waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use greenroom_tape::Header;

/// Orders that wait for the recorder at a time, of all recordings together. Each that is open has one of them reserved for
/// its end.
const MAX_ORDERS: usize = 64;
/// Bytes that wait in them, besides the last order.
const MAX_WAITING: usize = 8 * 1024 * 1024;
/// Why a recording does not begin, or does not go on.
const BEHIND: &str = "the disk cannot keep up";
/// Why nothing is known of it.
const GONE: &str = "nothing writes recordings any more";

/// What becomes of a recording whose run is over. Without an earlier one it is the demo's recording in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is the demo's recording from now on; the earlier one is kept beside it, as a numbered take.
    Replaces,
    /// The earlier one stays; this one is kept beside it, as a numbered take.
    Aside,
    /// The earlier one stays; this one goes.
    Dropped,
}

/// What became of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is the demo's recording; the earlier one, if there was one, is the take with this number.
    Current(Option<u8>),
    /// It is the take with this number.
    Aside(u8),
    /// It is gone.
    Dropped,
}

/// What has become of a recording, or why it could not be written.
pub type TapeOutcome = Result<Kept, String>;

/// A recording that begins with its run.
#[derive(Debug)]
pub struct NewTape {
    /// How it begins.
    pub header: Header,
    /// What takes it.
    pub writer: TapeWriter,
}

/// What a recorder does. Each tape is opened once, and closed or discarded once.
#[derive(Debug)]
pub enum TapeOrder {
    /// Begin a tape.
    Open {
        /// Which one it is from now on.
        tape: u64,
        /// Relative to the deck folder.
        path: String,
        /// Who waits for what becomes of it.
        outcome: oneshot::Sender<TapeOutcome>,
    },
    /// Add whole lines.
    Write {
        /// To this tape.
        tape: u64,
        /// At least one.
        lines: Vec<u8>,
    },
    /// It is whole.
    Close {
        /// Which.
        tape: u64,
        /// What becomes of it.
        ending: Ending,
        /// The recordings that the deck names, none of which is a take of this one.
        named: Vec<String>,
    },
    /// Nobody wants it any more.
    Discard {
        /// Which.
        tape: u64,
    },
}

/// What waits in the queue.
#[derive(Debug, Default)]
struct Load {
    bytes: AtomicUsize,
    /// Somebody found no room, and wants to be woken when there is some.
    starved: AtomicBool,
}

/// The recorder's queue, for those who open recordings.
#[derive(Debug, Clone)]
pub struct TapeQueue {
    orders: mpsc::Sender<TapeOrder>,
    load: Arc<Load>,
    opened: Arc<AtomicU64>,
}

impl TapeQueue {
    /// A queue, and its end for the recorder.
    #[must_use]
    pub fn new() -> (Self, TapeOrders) {
        let (orders, waiting) = mpsc::channel(MAX_ORDERS);
        let load = Arc::new(Load::default());
        let orders = Self { orders, load: Arc::clone(&load), opened: Arc::default() };
        (orders, TapeOrders { waiting, load, taken: 0 })
    }

    /// Begins the recording at `path` in the deck folder.
    #[must_use]
    pub fn open(&self, path: &str) -> TapeWriter {
        let tape = self.opened.fetch_add(1, Ordering::Relaxed);
        let (tell, outcome) = oneshot::channel();
        let open = TapeOrder::Open { tape, path: path.to_owned(), outcome: tell };
        let last = self.orders.clone().try_reserve_owned().ok();
        let last = last.filter(|_| self.orders.try_send(open).is_ok());
        TapeWriter { tape, orders: self.orders.clone(), load: Arc::clone(&self.load), last, outcome }
    }
}

/// The recorder's end of the queue.
#[derive(Debug)]
pub struct TapeOrders {
    waiting: mpsc::Receiver<TapeOrder>,
    load: Arc<Load>,
    /// Bytes of the orders that were taken and are not done.
    taken: usize,
}

impl TapeOrders {
    /// Waits for the next order; none when nobody can give one any more.
    pub fn wait(&mut self) -> Option<TapeOrder> {
        let order = self.waiting.blocking_recv();
        self.take(order.as_ref());
        order
    }

    /// The next order, if there is one.
    ///
    /// # Errors
    /// [`TryRecvError`].
    pub fn try_next(&mut self) -> Result<TapeOrder, TryRecvError> {
        let order = self.waiting.try_recv()?;
        self.take(Some(&order));
        Ok(order)
    }

    fn take(&mut self, order: Option<&TapeOrder>) {
        if let Some(TapeOrder::Write { lines, .. }) = order {
            self.taken += lines.len();
        }
    }

    /// What was taken is done, and its room is free. Says whether somebody waits for that.
    pub fn done(&mut self) -> bool {
        self.load.bytes.fetch_sub(std::mem::take(&mut self.taken), Ordering::Relaxed);
        self.load.starved.swap(false, Ordering::Relaxed)
    }
}

/// One recording on its way to the recorder. It is closed once; one that is dropped instead is discarded.
#[derive(Debug)]
pub struct TapeWriter {
    tape: u64,
    orders: mpsc::Sender<TapeOrder>,
    load: Arc<Load>,
    /// The place of its last order in the queue; none when it could not begin.
    last: Option<mpsc::OwnedPermit<TapeOrder>>,
    outcome: oneshot::Receiver<TapeOutcome>,
}

impl TapeWriter {
    /// Hands over what `lines` gives, whole lines or nothing; says whether there was room for that. When there was not, the
    /// recorder wakes the stage as soon as there is.
    pub fn write(&mut self, lines: impl FnOnce() -> Vec<u8>) -> bool {
        let Some(room) = self.room() else { return false };
        let lines = lines();
        if !lines.is_empty() {
            self.load.bytes.fetch_add(lines.len(), Ordering::Relaxed);
            room.send(TapeOrder::Write { tape: self.tape, lines });
        }
        true
    }

    fn room(&self) -> Option<mpsc::Permit<'_, TapeOrder>> {
        let now = || {
            let fits = self.load.bytes.load(Ordering::Relaxed) <= MAX_WAITING;
            fits.then(|| self.orders.try_reserve().ok()).flatten()
        };
        // There may be room by the time that the recorder can know that somebody waits for it.
        now().or_else(|| {
            self.load.starved.store(true, Ordering::Relaxed);
            now()
        })
    }

    /// Why it goes no further, when it does not.
    pub fn problem(&mut self) -> Option<String> {
        match self.outcome.try_recv() {
            Ok(outcome) => outcome.err(),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) if self.last.is_none() => Some(BEHIND.to_owned()),
            Err(oneshot::error::TryRecvError::Closed) => Some(GONE.to_owned()),
        }
    }

    /// It is whole. The recordings that the deck names are in `named`: none of them is a take of this one.
    #[must_use = "somebody waits for what becomes of it"]
    pub fn close(mut self, ending: Ending, named: Vec<String>) -> ClosedTape {
        if let Some(last) = self.last.take() {
            last.send(TapeOrder::Close { tape: self.tape, ending, named });
        }
        // What it leaves behind has no outcome that anybody waits for.
        let (_, nothing) = oneshot::channel();
        ClosedTape { outcome: std::mem::replace(&mut self.outcome, nothing) }
    }
}

impl Drop for TapeWriter {
    fn drop(&mut self) {
        if let Some(last) = self.last.take() {
            last.send(TapeOrder::Discard { tape: self.tape });
        }
    }
}

/// A recording that is whole, and is being put in its place.
#[derive(Debug)]
pub struct ClosedTape {
    outcome: oneshot::Receiver<TapeOutcome>,
}

impl ClosedTape {
    /// What has become of it, once that is known.
    pub fn outcome(&mut self) -> Option<TapeOutcome> {
        match self.outcome.try_recv() {
            Ok(outcome) => Some(outcome),
            Err(oneshot::error::TryRecvError::Empty) => None,
            Err(oneshot::error::TryRecvError::Closed) => Some(Err(GONE.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The orders that wait, as letters, with their tapes.
    fn taken(orders: &mut TapeOrders) -> String {
        let mut all = Vec::new();
        while let Ok(order) = orders.try_next() {
            all.push(match order {
                TapeOrder::Open { tape, .. } => format!("o{tape}"),
                TapeOrder::Write { tape, .. } => format!("w{tape}"),
                TapeOrder::Close { tape, .. } => format!("c{tape}"),
                TapeOrder::Discard { tape } => format!("d{tape}"),
            });
        }
        all.join(" ")
    }

    #[test]
    fn a_full_queue_takes_no_more_lines_and_still_every_end() {
        let (queue, mut orders) = TapeQueue::new();
        let (mut one, mut other) = (queue.open("a"), queue.open("b"));
        let mut written = 0;
        while one.write(|| vec![b'x']) {
            written += 1;
        }
        // Two have been opened, and two places are kept for their ends.
        assert_eq!(written, MAX_ORDERS - 4);
        assert!(!other.write(|| unreachable!("nothing is taken from a pane without room for it")));
        let mut third = queue.open("c");
        assert_eq!(third.problem().as_deref(), Some(BEHIND));
        let mut closed = one.close(Ending::Replaces, Vec::new());
        drop((other, third));
        assert_eq!(closed.outcome(), None);
        let taken = taken(&mut orders);
        assert!(taken.starts_with("o0 o1 w0 w0") && taken.ends_with("w0 c0 d1"), "{taken}");
        assert_eq!(closed.outcome(), Some(Err(GONE.to_owned())), "its order was taken, and dropped");
        assert_eq!(queue.open("d").problem(), None, "there is room again");
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_and_who_waits_is_woken() {
        let (queue, mut orders) = TapeQueue::new();
        let mut tape = queue.open("a");
        assert!(tape.write(|| vec![0; MAX_WAITING]) && tape.write(|| vec![0; MAX_WAITING]));
        assert!(!tape.write(|| unreachable!("the disk is behind")));
        assert!(orders.try_next().is_ok() && orders.try_next().is_ok());
        assert!(orders.done(), "somebody waits");
        assert!(!orders.done() && tape.write(Vec::new), "and has room now");
        drop(orders);
        assert_eq!(tape.problem().as_deref(), Some(GONE));
    }
}
