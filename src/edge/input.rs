//! Keys, mouse, paste and size changes, as they come.
//!
//! The terminal's bytes are read here and not by crossterm, whose types they become: it takes two Esc that arrive
//! together for one, as they do over a slow link, and Esc Esc is the way out of a pane.

mod decode;

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crossterm::event::Event;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::SIGWINCH;
use tokio::sync::mpsc;

use self::decode::Decoder;

/// Events that may wait for the stage; more than that wait in the terminal's own queue.
const WAITING: usize = 64;
/// How long the rest of a sequence may take, before its Esc is one that was pressed.
const PATIENCE: Duration = Duration::from_millis(12);

/// Reads the terminal on a thread of its own, which sleeps until something comes. The thread ends with the process,
/// or when the terminal is gone.
#[must_use]
pub fn listen() -> mpsc::Receiver<io::Result<Event>> {
    let (send, events) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        if let Err(error) = read(&send) {
            let _ = send.blocking_send(Err(error));
        }
    });
    events
}

/// Ends when nobody listens any more, when the terminal is gone, or with what else the system says.
fn read(send: &mpsc::Sender<io::Result<Event>>) -> io::Result<()> {
    let (resized, signal) = UnixStream::pair()?;
    resized.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGWINCH, signal)?;
    let stdin = io::stdin();
    let mut decoder = Decoder::default();
    let mut buffer = [0; 4096];
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::IN), PollFd::new(&resized, PollFlags::IN)];
        let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE.subsec_nanos().into() };
        let ready = match poll(&mut fds, decoder.is_waiting().then_some(&patience)) {
            Err(Errno::INTR) => continue,
            other => other?,
        };
        let (typed, resize) = (!fds[0].revents().is_empty(), !fds[1].revents().is_empty());
        let mut events = Vec::new();
        if ready == 0 {
            decoder.finish(&mut events);
        }
        if resize {
            while rustix::io::read(&resized, &mut buffer).is_ok_and(|count| count > 0) {}
            let (columns, rows) = crossterm::terminal::size()?;
            events.push(Event::Resize(columns, rows));
        }
        if typed {
            match rustix::io::read(stdin.as_fd(), &mut buffer) {
                // The terminal is gone, which ends a talk as SIGHUP does.
                Ok(0) | Err(Errno::IO) => return Ok(()),
                Ok(count) => decoder.feed(buffer.get(..count).unwrap_or_default(), &mut events),
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for event in events {
            if send.blocking_send(Ok(event)).is_err() {
                return Ok(());
            }
        }
    }
}
