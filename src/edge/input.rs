//! Keys, mouse, paste and size changes, as they come.

use std::io;

use crossterm::event::{self, Event};
use tokio::sync::mpsc;

/// Events that may wait for the stage; more than that wait in the terminal's own queue.
const WAITING: usize = 64;

/// Reads the terminal on a thread of its own, which sleeps until something comes. The thread ends with the process,
/// or when the terminal is gone.
///
/// crossterm's own stream does the same with a thread and a lock that its reader and its waker fight for: it costs
/// several times the processor time for each key.
#[must_use]
pub fn listen() -> mpsc::Receiver<io::Result<Event>> {
    let (send, events) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        loop {
            let event = event::read();
            let gone = event.is_err();
            if send.blocking_send(event).is_err() || gone {
                return;
            }
        }
    });
    events
}
