//! The signals that end a talk, stop it and take it up again.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use greenroom_system::file_limit;
use greenroom_system::os::ENDING_HERE;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::world::SignalRequest;

/// Signals that end a process, unless it says otherwise: each ends a talk in the same orderly way. Those that tell of a
/// mistake in the program itself (SIGSEGV and its like) end it at once; its keeper gives the terminal back.
const ENDING: [i32; 12] = [
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGXCPU,
    libc::SIGXFSZ,
    libc::SIGIO,
];

/// Listens from its creation on.
#[derive(Debug)]
pub struct Signals {
    ending: Vec<(i32, Signal)>,
    stop: Signal,
    resume: Signal,
}

impl Signals {
    /// Listens, inside of a runtime.
    ///
    /// # Errors
    /// What the system says.
    pub fn new() -> io::Result<Self> {
        let listen = |number: &i32| Ok((*number, signal(SignalKind::from_raw(*number))?));
        Ok(Self {
            ending: ENDING.iter().chain(ENDING_HERE).map(listen).collect::<io::Result<_>>()?,
            stop: signal(SignalKind::from_raw(libc::SIGTSTP))?,
            resume: signal(SignalKind::from_raw(libc::SIGCONT))?,
        })
    }

    /// Waits for a signal that ends a talk, and gives its number. Nothing is lost when nobody waits to the end.
    pub async fn ending(&mut self) -> i32 {
        poll_fn(|context| self.poll_ending(context)).await
    }

    /// Waits for the next signal of any kind.
    pub(super) async fn next(&mut self) -> SignalRequest {
        poll_fn(|context| {
            if let Poll::Ready(number) = self.poll_ending(context) {
                return Poll::Ready(SignalRequest::End(number));
            }
            if self.stop.poll_recv(context).is_ready() {
                return Poll::Ready(SignalRequest::Stop);
            }
            self.resume.poll_recv(context).map(|_| SignalRequest::Resume)
        })
        .await
    }

    fn poll_ending(&mut self, context: &mut Context<'_>) -> Poll<i32> {
        for (number, signal) in &mut self.ending {
            while signal.poll_recv(context).is_ready() {
                // What could not be written to a file is said by who wrote it.
                if *number != libc::SIGXFSZ || file_limit::was_sent() {
                    return Poll::Ready(*number);
                }
            }
        }
        Poll::Pending
    }
}
