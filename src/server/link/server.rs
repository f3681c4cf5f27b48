//! The side that is followed. It has a thread of its own: the stage hands over its state and takes orders, and never
//! waits for anybody.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream as StdStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::LinkError;
use super::handle::{LinkEvent, LinkHandle};
use super::lines::{Incoming, read};
use crate::link::{Hello, Message, Mirror, StageState, VERSION};
use crate::server::remote;
use greenroom_base::clock::Elapsed;

/// Orders that wait for the stage; who sends more waits.
const WAITING: usize = 32;
/// Between two orders of one follower: faster than anybody types.
const PACE: Duration = Duration::from_millis(5);
/// Between two looks at the panes, for presenter views: fast enough to type by.
const MIRROR_INTERVAL: Duration = Duration::from_millis(60);
/// A timer is read in milliseconds, one reading after the other.
const ROUNDING: u64 = 20;
/// A follower that takes nothing in for so long is let go.
const SLOW: Duration = Duration::from_secs(5);
/// A follower says who it is within this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);
/// Between two tries for a socket that is somebody else's.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// Presenter views at a time. Phones have places of their own.
const MAX_PRESENTER_VIEWS: usize = 16;

/// A stage's end of its link.
#[derive(Debug)]
pub struct LinkServer {
    state: watch::Sender<Arc<StageState>>,
    mirror: watch::Sender<Arc<Mirror>>,
    /// When the panes were looked at last.
    mirrored: Option<Elapsed>,
    heard: mpsc::Receiver<LinkEvent>,
    followers: Arc<AtomicUsize>,
    presenters: Arc<AtomicUsize>,
    last: Option<(StageState, u64)>,
    socket: PathBuf,
    bound: Arc<AtomicBool>,
}

/// What a stage is followed by.
#[derive(Debug, Clone)]
pub struct Serve {
    /// Where it is met.
    pub socket: PathBuf,
    /// The talk's title.
    pub title: String,
    /// Where phones find it, when they may.
    pub remote: Option<SocketAddr>,
}

/// Begins to serve, on a thread that ends with the process or with the [`LinkServer`].
///
/// # Errors
/// When there is no thread to be had. Everything else is told by [`LinkEvent::Notice`].
pub fn serve(serve: Serve) -> io::Result<LinkServer> {
    let (state, states) = watch::channel(Arc::new(StageState::default()));
    let (mirror, mirrors) = watch::channel(Arc::new(Mirror::default()));
    let (tell, heard) = mpsc::channel(WAITING);
    let followers = Arc::new(AtomicUsize::new(0));
    let presenters = Arc::new(AtomicUsize::new(0));
    let socket = serve.socket.clone();
    let bound = Arc::new(AtomicBool::new(false));
    let desk = LinkHandle {
        states,
        mirrors,
        tell,
        followers: Arc::clone(&followers),
        presenters: Arc::clone(&presenters),
        bound: Arc::clone(&bound),
    };
    std::thread::Builder::new().name("link".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            runtime.block_on(open(serve, desk));
        }
    })?;
    let mirrored = None;
    Ok(LinkServer { state, mirror, mirrored, heard, followers, presenters, last: None, socket, bound })
}

impl LinkServer {
    /// What is heard next; waits for ever when nothing will be.
    pub async fn recv(&mut self) -> LinkEvent {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await,
        }
    }

    /// The same, if it is there already.
    pub fn try_recv(&mut self) -> Option<LinkEvent> {
        self.heard.try_recv().ok()
    }

    /// Whether anybody follows: nothing has to be told otherwise.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.followers.load(Ordering::Relaxed) > 0
    }

    /// Tells everybody how the stage stands at `now`, if that is new. A timer that was set is new, one that goes on is
    /// not.
    pub fn tell(&mut self, state: StageState, now: Elapsed) {
        let anchor = if state.running { now.micros() / 1000 } else { 0 }.wrapping_sub(state.elapsed);
        let still = state.still();
        let told =
            self.last.as_ref().is_some_and(|(last, at)| *last == still && at.abs_diff(anchor) <= ROUNDING);
        if !told {
            self.last = Some((still, anchor));
            self.state.send_replace(Arc::new(state));
        }
    }

    /// When presenter views want to know how the panes look: not before `now`, and none when there are none of them.
    #[must_use]
    pub fn mirrors_at(&self, now: Elapsed) -> Option<Elapsed> {
        let looked_on = self.presenters.load(Ordering::Relaxed) > 0;
        looked_on.then(|| self.mirrored.map_or(now, |at| (at + MIRROR_INTERVAL).max(now)))
    }

    /// Shows presenter views how the panes look at `now`. One that is slow sees the newest look only.
    pub fn mirror(&mut self, mirror: Mirror, now: Elapsed) {
        let anew = self.mirrored.replace(now).is_none();
        self.mirror.send_if_modified(|last| {
            let new = anew || **last != mirror;
            if new {
                *last = Arc::new(mirror);
            }
            new
        });
    }

    /// The next state and mirror are told whatever they are: somebody has joined.
    pub fn forget(&mut self) {
        (self.last, self.mirrored) = (None, None);
    }
}

impl Drop for LinkServer {
    fn drop(&mut self) {
        if self.bound.load(Ordering::Relaxed) {
            let _ = fs::remove_file(&self.socket);
        }
    }
}

async fn open(serve: Serve, desk: LinkHandle) {
    let remote = match serve.remote {
        None => None,
        Some(at) => match remote::listen(at).await {
            Ok(served) => {
                let addresses = served.addresses.clone();
                tokio::spawn(remote::serve(served, desk.clone()));
                Some(addresses)
            }
            Err(error) => {
                let _ = desk.tell.send(LinkEvent::Notice(format!("no remote at {at}: {error}"))).await;
                None
            }
        },
    };
    let hello = Hello {
        version: VERSION,
        greenroom: env!("CARGO_PKG_VERSION").to_owned(),
        title: serve.title,
        remote,
    };
    let Some(listener) = listen(&serve.socket, &desk).await else { return };
    desk.bound.store(true, Ordering::Relaxed);
    loop {
        let stream = tokio::select! {
            () = desk.tell.closed() => return,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // No descriptor is left, for one: it passes.
                    sleep(RETRY_INTERVAL).await;
                    continue;
                };
                stream
            }
        };
        let ours = rustix::process::geteuid().as_raw();
        if stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0) {
            tokio::spawn(attend(stream, hello.clone(), desk.clone()));
        }
    }
}

/// Waits until the socket is this stage's. Another stage of the same deck is said once.
async fn listen(socket: &Path, desk: &LinkHandle) -> Option<UnixListener> {
    let mut said = false;
    loop {
        match bind(socket) {
            Ok(listener) => return Some(listener),
            Err(error) => {
                if !std::mem::replace(&mut said, true) {
                    desk.tell.send(LinkEvent::Notice(error.to_string())).await.ok()?;
                }
                tokio::select! {
                    () = desk.tell.closed() => return None,
                    () = sleep(RETRY_INTERVAL) => {}
                }
            }
        }
    }
}

/// The socket, which a stage that was killed has left behind.
fn bind(socket: &Path) -> Result<UnixListener, LinkError> {
    let wrong = |error| LinkError::Io { path: socket.to_owned(), error };
    match UnixListener::bind(socket) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if StdStream::connect(socket).is_ok() {
                return Err(LinkError::Taken);
            }
            fs::remove_file(socket).map_err(wrong)?;
            UnixListener::bind(socket).map_err(wrong)
        }
        other => other.map_err(wrong),
    }
}

/// One follower, until it goes.
async fn attend(stream: UnixStream, hello: Hello, desk: LinkHandle) {
    let (from, mut to) = stream.into_split();
    let seats = desk.presenters.fetch_add(1, Ordering::Relaxed);
    // Whoever is slow, floods or vanishes is no matter of the stage's.
    let _ = if seats < MAX_PRESENTER_VIEWS {
        converse(BufReader::new(from), &mut to, hello, &desk).await
    } else {
        say(
            &mut to,
            &Message::Problem(format!("{MAX_PRESENTER_VIEWS} presenter views follow this stage already")),
        )
        .await
    };
    desk.presenters.fetch_sub(1, Ordering::Relaxed);
}

async fn converse(
    mut from: BufReader<OwnedReadHalf>,
    to: &mut OwnedWriteHalf,
    hello: Hello,
    desk: &LinkHandle,
) -> io::Result<()> {
    let mut line = Vec::new();
    say(to, &Message::Hello(hello)).await?;
    let Incoming::Message(Message::Hello(theirs)) =
        timeout(HANDSHAKE_TIMEOUT, read(&mut from, &mut line)).await??
    else {
        return say(to, &Message::Problem("the first line is no hello".to_owned())).await;
    };
    if theirs.version != VERSION {
        let why = format!("version {} of the messages is not {VERSION}", theirs.version);
        return say(to, &Message::Problem(why)).await;
    }
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    let mut mirrors = desk.mirrors.clone();
    mirrors.mark_unchanged();
    let mut following = desk.follow().await.ok_or_else(gone)?;
    let mut free = Instant::now();
    loop {
        // Who floods is read more slowly, and told no less.
        let next = async {
            sleep_until(free).await;
            read(&mut from, &mut line).await
        };
        tokio::select! {
            state = following.next() => {
                let state = state.ok_or_else(gone)?;
                say(to, &Message::State(Box::new(StageState::clone(&state)))).await?;
            }
            changed = mirrors.changed() => {
                changed.map_err(|_| gone())?;
                let mirror = Arc::clone(&mirrors.borrow_and_update());
                say(to, &Message::Mirror(Box::new(Mirror::clone(&mirror)))).await?;
            }
            message = next => match message? {
                Incoming::Message(Message::Order(order)) => {
                    desk.order(order).await;
                    free = Instant::now() + PACE;
                }
                Incoming::Message(_) => {}
                Incoming::Rubbish(why) => return say(to, &Message::Problem(why)).await,
                Incoming::End => return Ok(()),
            },
        }
    }
}

async fn say(to: &mut OwnedWriteHalf, message: &Message) -> io::Result<()> {
    timeout(SLOW, to.write_all(message.line().as_bytes())).await?
}
