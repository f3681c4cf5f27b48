//! The side that is followed. It has a thread of its own: the stage hands over its state and takes orders, and never
//! waits for anybody.

use std::fs;
use std::io;
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
use crate::link::{Hello, Message, Mirror, Remote, StageState, VERSION};
use crate::server::pages::{Backstage, Pages, Showing};
use crate::server::remote::{self, Open, OpenError, Opening, Tokens};
use crate::talk::Place;
use greenroom_base::clock::Elapsed;

/// Orders that wait for the stage; who sends more waits.
const WAITING: usize = 32;
/// Between two orders of one follower: faster than anybody types.
const PACE: Duration = Duration::from_millis(5);
/// Between two looks at the panes, for presenter views: fast enough to type by.
const MIRROR_INTERVAL: Duration = Duration::from_millis(60);
/// Between two looks at one step, for pages.
const PAGE_INTERVAL: Duration = Duration::from_millis(100);
/// Between two signs of life of a stage with a remote.
const ALIVE_INTERVAL: Duration = Duration::from_mins(1);
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
pub struct LinkServer {
    state: watch::Sender<Arc<StageState>>,
    mirror: watch::Sender<Arc<Mirror>>,
    /// When the panes were looked at last.
    mirrored: Option<Elapsed>,
    heard: mpsc::Receiver<LinkEvent>,
    followers: Arc<AtomicUsize>,
    presenters: Arc<AtomicUsize>,
    /// How many pages follow.
    readers: Arc<AtomicUsize>,
    shows: watch::Sender<Option<Arc<Showing>>>,
    /// What was shown to pages last, whether that was nothing, and when.
    shown: Option<(Place, bool, Elapsed)>,
    /// Remotes that begin.
    opens: mpsc::Sender<Open>,
    opening: Opening,
    last: Option<(StageState, u64)>,
    socket: PathBuf,
    bound: Arc<AtomicBool>,
}

/// What a stage is followed by.
pub struct Serve {
    /// Where it is met.
    pub socket: PathBuf,
    /// The talk's title.
    pub title: String,
    /// Where phones find it, when they may from the beginning.
    pub remote: Option<Open>,
    /// How a remote is opened later.
    pub opening: Opening,
    /// What pages ask of the rest of the program.
    pub backstage: Arc<dyn Backstage>,
    /// Called now and then as long as a remote is served.
    pub alive: Arc<dyn Fn() + Send + Sync>,
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
    let (socket, opening) = (serve.socket.clone(), serve.opening.clone());
    let bound = Arc::new(AtomicBool::new(false));
    let (shows, showing) = watch::channel(None);
    let (opens, opened) = mpsc::channel(1);
    let pages = Arc::new(Pages::new(Arc::clone(&serve.backstage)));
    let readers = Arc::clone(pages.followers());
    let desk = LinkHandle {
        states,
        mirrors,
        tell,
        followers: Arc::clone(&followers),
        presenters: Arc::clone(&presenters),
        pages,
        bound: Arc::clone(&bound),
    };
    std::thread::Builder::new().name("link".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            runtime.block_on(open(serve, desk, showing, opened));
        }
    })?;
    Ok(LinkServer {
        state,
        mirror,
        mirrored: None,
        heard,
        followers,
        presenters,
        readers,
        shows,
        shown: None,
        opens,
        opening,
        last: None,
        socket,
        bound,
    })
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
        self.followers.load(Ordering::Relaxed) > 0 || self.is_read()
    }

    /// Whether a presenter view follows, which waits for a stage that has gone to come back.
    #[must_use]
    pub fn has_presenter_view(&self) -> bool {
        self.presenters.load(Ordering::Relaxed) > 0
    }

    /// Whether pages want to know what shows.
    fn is_read(&self) -> bool {
        self.readers.load(Ordering::Relaxed) > 0
    }

    /// When pages want to be shown the stage at `place`: not before `now`, at once when it has moved, and never when there are none.
    #[must_use]
    pub fn shows_at(&self, place: Place, blank: bool, now: Elapsed) -> Option<Elapsed> {
        let at = match self.shown {
            Some((before, was_blank, at)) if (before, was_blank) == (place, blank) => {
                (at + PAGE_INTERVAL).max(now)
            }
            _ => now,
        };
        self.is_read().then_some(at)
    }

    /// Shows pages the stage as it is at `now`. Nothing waits for them: it is encoded elsewhere, and a state that is not encoded when
    /// the next one comes is left out.
    pub fn show(&mut self, showing: Showing, now: Elapsed) {
        self.shown = Some((showing.place, showing.drawn.is_none(), now));
        self.shows.send_replace(Some(Arc::new(showing)));
    }

    /// Serves a remote from now on, and says where.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub fn open(&self) -> Result<(u16, Tokens, Remote), OpenError> {
        let remote = self.opening.open()?;
        let told = (remote.port, remote.tokens.clone(), remote.addresses.clone());
        // Only one is ever opened.
        let _ = self.opens.try_send(remote);
        Ok(told)
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
        self.has_presenter_view().then(|| self.mirrored.map_or(now, |at| (at + MIRROR_INTERVAL).max(now)))
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
        (self.last, self.mirrored, self.shown) = (None, None, None);
    }
}

impl Drop for LinkServer {
    fn drop(&mut self) {
        if self.bound.load(Ordering::Relaxed) {
            let _ = fs::remove_file(&self.socket);
        }
    }
}

async fn open(
    serve: Serve,
    desk: LinkHandle,
    shows: watch::Receiver<Option<Arc<Showing>>>,
    mut opened: mpsc::Receiver<Open>,
) {
    tokio::spawn(Arc::clone(&desk.pages).publish(shows));
    let greenroom = env!("CARGO_PKG_VERSION").to_owned();
    let remote = serve.remote.as_ref().map(|remote| remote.addresses.clone());
    let hello = Hello { version: VERSION, greenroom, title: serve.title, remote };
    let hello = Arc::new(watch::Sender::new(hello));
    let (hellos, told, alive) = (desk.clone(), Arc::clone(&hello), serve.alive);
    tokio::spawn(async move {
        let mut next = serve.remote;
        loop {
            let remote = match next.take() {
                Some(remote) => remote,
                None => match opened.recv().await {
                    Some(remote) => remote,
                    None => return,
                },
            };
            told.send_if_modified(|hello| {
                let before = hello.remote.replace(remote.addresses.clone());
                before != hello.remote
            });
            tokio::spawn(stay_alive(Arc::clone(&alive), hellos.clone()));
            let title = told.borrow().title.clone();
            tokio::spawn(remote::serve(remote, title, hellos.clone()));
        }
    });
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
            tokio::spawn(attend(stream, hello.subscribe(), desk.clone()));
        }
    }
}

/// Says that the remote is served, as long as the stage is there.
async fn stay_alive(alive: Arc<dyn Fn() + Send + Sync>, desk: LinkHandle) {
    loop {
        tokio::select! {
            () = desk.tell.closed() => return,
            () = sleep(ALIVE_INTERVAL) => alive(),
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
async fn attend(stream: UnixStream, hello: watch::Receiver<Hello>, desk: LinkHandle) {
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
    mut hello: watch::Receiver<Hello>,
    desk: &LinkHandle,
) -> io::Result<()> {
    let mut line = Vec::new();
    let ours = hello.borrow_and_update().clone();
    say(to, &Message::Hello(ours)).await?;
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
            // A remote was opened.
            Ok(()) = hello.changed() => {
                let ours = hello.borrow_and_update().clone();
                say(to, &Message::Hello(ours)).await?;
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
