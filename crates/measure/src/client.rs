//! Asks servers, and measures how they answer.
//!
//! One thread, one current-thread runtime, hyper's HTTP/1 connections without anything around them: 12 µs of
//! processor time for a request, where reqwest takes 21. Whoever calls [`Client::turn`] does nothing else meanwhile.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Runtime;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use super::answerers::Workers;
use super::pace::{self, MAX_OVERTIME, latencies};

/// The header in which an answer says who gave it: a process, or a process and a thread, `4711/4713`.
const WORKER: HeaderName = HeaderName::from_static("x-worker");
/// The longest answer that is taken in.
const MAX_BODY: usize = 64 << 20;
/// How long a server that starts may think about one request.
const KNOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How often it is asked.
const KNOCK_PAUSE: Duration = Duration::from_millis(50);
/// Requests of a turn whose times are kept.
pub(crate) const MAX_SPANS: usize = 64;
/// Requests of an open loop that wait for a connection; beyond it they are lost, and counted as errors.
const MAX_WAITING: usize = 1 << 16;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// On a port.
    Tcp(SocketAddr),
    /// On a Unix socket.
    Unix(PathBuf),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Nobody listens.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke, or what came was no HTTP.
    #[error("no answer: {0}")]
    Broken(String),
    /// It took too long.
    #[error("no answer within {} s", .0.as_secs())]
    Slow(Duration),
    /// It is too long.
    #[error("the answer is longer than {} MiB", MAX_BODY >> 20)]
    Long,
    /// It is not the right one.
    #[error("{0}")]
    Wrong(String),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
    /// Who gave it, when it says so: see [`Workers`].
    pub worker: Option<HeaderValue>,
}

impl Answer {
    /// Whether it says the same, whoever gave it.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (self.status, &self.body) == (other.status, &other.body)
    }
}

/// What is asked, and what a right answer is.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Of whom.
    pub address: Address,
    /// The path and query.
    pub path: String,
    /// The right status.
    pub status: u16,
    /// The right body; none when it is not always the same.
    pub body: Option<Bytes>,
    /// A text that the right body contains.
    pub contains: Option<String>,
}

impl Ask {
    /// Whether `answer` is right.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(&self, answer: &Answer) -> Result<(), AskError> {
        if answer.status != self.status {
            let (got, wanted) = (answer.status, self.status);
            return Err(AskError::Wrong(format!("the answer has status {got} instead of {wanted}")));
        }
        if self.body.as_ref().is_some_and(|body| *body != answer.body) {
            return Err(AskError::Wrong("the answer is not the one given before".to_owned()));
        }
        // The same body contains what the first one contained.
        let Some(text) = self.contains.as_ref().filter(|_| self.body.is_none()) else { return Ok(()) };
        let found = answer.body.windows(text.len().max(1)).any(|part| part == text.as_bytes());
        if found { Ok(()) } else { Err(AskError::Wrong(format!("the answer does not contain {text:?}"))) }
    }
}

/// What a turn brought.
#[derive(Debug)]
pub struct TurnResult {
    /// Right answers.
    pub n: u64,
    /// Wrong ones, and requests without one.
    pub errors: u64,
    /// Connections made anew.
    pub reconnects: u64,
    /// From the first request to the last answer.
    pub wall: Duration,
    /// Latencies, in microseconds.
    pub latencies: Histogram<u64>,
    /// How late requests were sent, in microseconds; only in an open loop.
    pub lag: Histogram<u64>,
    /// Connection, begin and end of some requests, in microseconds since the turn began.
    pub spans: Vec<(u32, u64, u64)>,
    /// Who answered, as far as answers say it.
    pub workers: Workers,
    /// Median and 99th percentile in microseconds, where a generator says no more than that.
    pub percentiles: Option<(u64, u64)>,
    /// The first thing that went wrong.
    pub trouble: Option<AskError>,
}

impl TurnResult {
    pub(super) fn new() -> Self {
        Self {
            n: 0,
            errors: 0,
            reconnects: 0,
            wall: Duration::ZERO,
            latencies: latencies(),
            lag: latencies(),
            spans: Vec::new(),
            workers: Workers::default(),
            percentiles: None,
            trouble: None,
        }
    }

    fn right(&mut self, lane: u32, began: Duration, took: Duration) {
        self.n += 1;
        self.latencies.saturating_record(micros(took).max(1));
        if self.spans.len() < MAX_SPANS {
            self.spans.push((lane, micros(began), micros(began + took)));
        }
    }

    /// Median and 99th percentile, in microseconds.
    pub(crate) fn median_and_tail(&self) -> (u64, u64) {
        let at = |quantile| self.latencies.value_at_quantile(quantile);
        self.percentiles.unwrap_or_else(|| (at(0.5), at(0.99)))
    }

    pub(super) fn wrong(&mut self, error: AskError) {
        self.errors += 1;
        self.trouble.get_or_insert(error);
    }

    fn add(&mut self, other: Self) {
        self.n += other.n;
        self.errors += other.errors;
        self.reconnects += other.reconnects;
        self.wall = self.wall.max(other.wall);
        // All have the same bounds.
        let _ = self.latencies.add(other.latencies);
        let _ = self.lag.add(other.lag);
        self.spans.extend(other.spans);
        self.workers.add(&other.workers);
        if let Some(trouble) = other.trouble {
            self.trouble.get_or_insert(trouble);
        }
    }
}

/// Whole microseconds.
fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The connections to one server. They stay open from turn to turn.
#[derive(Debug)]
pub struct Connections {
    ask: Arc<Ask>,
    number: u32,
    lanes: Vec<Connection>,
}

impl Connections {
    /// So many connections, made when they are first needed.
    #[must_use]
    pub fn new(ask: Ask, number: u16) -> Self {
        let ask = Arc::new(ask);
        let lanes = (0..u32::from(number)).map(|lane| Connection::new(lane, &ask)).collect();
        Self { ask, number: u32::from(number), lanes }
    }

    /// What is asked.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Their numbers, in order.
    pub(super) fn numbers(&self) -> Vec<u32> {
        (0..self.number).collect()
    }

    /// Replaces those that were lost.
    fn complete(&mut self) {
        for number in 0..self.number {
            if self.lanes.iter().all(|known| known.number != number) {
                self.lanes.push(Connection::new(number, &self.ask));
            }
        }
    }
}

/// Servers that are asked whether they are there.
#[derive(Debug)]
pub(crate) struct Knocking {
    asking: JoinSet<usize>,
    why: Vec<Arc<std::sync::Mutex<String>>>,
}

impl Knocking {
    /// Why there was no answer at a door when it was last tried.
    pub(crate) fn why(&self, number: usize) -> String {
        self.why.get(number).and_then(|why| Some(why.lock().ok()?.clone())).unwrap_or_default()
    }
}

/// The client.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
}

impl Client {
    /// A client without connections.
    ///
    /// # Errors
    /// When the system has no room for its event queue.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()? })
    }

    /// Asks once, on a connection of its own.
    ///
    /// # Errors
    /// When there is no answer within `patience`.
    pub fn once(&self, address: &Address, path: &str, patience: Duration) -> Result<Answer, AskError> {
        let ask =
            Ask { address: address.clone(), path: path.to_owned(), status: 0, body: None, contains: None };
        let mut lane = Connection::new(0, &Arc::new(ask));
        self.runtime.block_on(async {
            let answer = tokio::time::timeout(patience, lane.answer()).await;
            lane.close();
            answer.unwrap_or(Err(AskError::Slow(patience)))
        })
    }

    /// Closes every connection, and lets the system know.
    pub(crate) fn close(&self, to: &mut Connections) {
        to.lanes.iter_mut().for_each(Connection::close);
        // The tasks that hold the sockets end when they are next looked at.
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
    }

    /// Opens one connection anew and asks for `path` on it, while those in `busy` ask for what they always ask for. Says
    /// whether there was an answer within `patience`.
    pub(crate) fn reopen(
        &self,
        to: &mut Connections,
        number: u32,
        path: &str,
        busy: &[u32],
        patience: Duration,
    ) -> bool {
        let (working, resting): (Vec<Connection>, Vec<Connection>) =
            to.lanes.drain(..).partition(|lane| lane.number != number && busy.contains(&lane.number));
        to.lanes = resting;
        let over = Arc::new(AtomicBool::new(false));
        let Some(lane) = to.lanes.iter_mut().find(|lane| lane.number == number) else { return false };
        lane.close();
        let Some(ask) = lane.request_for(path) else { return false };
        let (answer, back) = self.runtime.block_on(async {
            let mut running = JoinSet::new();
            for lane in working {
                running.spawn(lane.keep_asking(Arc::clone(&over)));
            }
            // They are at work when the new one knocks.
            tokio::task::yield_now().await;
            let answer = tokio::time::timeout(patience, lane.send(ask)).await;
            over.store(true, Ordering::Relaxed);
            let back = tokio::time::timeout(patience, running.join_all()).await;
            (answer, back.unwrap_or_default())
        });
        to.lanes.extend(back);
        to.complete();
        if let Some(lane) = to.lanes.iter_mut().find(|lane| lane.number == number) {
            lane.open.iter_mut().for_each(|open| open.used = true);
        }
        matches!(answer, Ok(Ok(_)))
    }

    /// Asks at several doors, again and again, until somebody answers anything at all at each.
    pub(crate) fn knock(&self, doors: Vec<(Address, String)>) -> Knocking {
        let why: Vec<Arc<std::sync::Mutex<String>>> = doors.iter().map(|_| Arc::default()).collect();
        let mut asking = JoinSet::new();
        for (number, ((address, path), why)) in doors.into_iter().zip(&why).enumerate() {
            let why = Arc::clone(why);
            let ask = Ask { address, path, status: 0, body: None, contains: None };
            let knock = async move {
                let mut lane = Connection::new(0, &Arc::new(ask));
                loop {
                    let answer = tokio::time::timeout(KNOCK_TIMEOUT, lane.answer()).await;
                    lane.close();
                    match answer.unwrap_or(Err(AskError::Slow(KNOCK_TIMEOUT))) {
                        Ok(_) => return number,
                        Err(error) => {
                            if let Ok(mut why) = why.lock() {
                                *why = error.to_string();
                            }
                        }
                    }
                    tokio::time::sleep(KNOCK_PAUSE).await;
                }
            };
            asking.spawn_on(knock, self.runtime.handle());
        }
        Knocking { asking, why }
    }

    /// The next door at which somebody answered, by its number; nothing when none did within `patience`.
    pub(crate) fn answered(&self, knocking: &mut Knocking, patience: Duration) -> Option<usize> {
        self.runtime.block_on(async {
            match tokio::time::timeout(patience, knocking.asking.join_next()).await {
                Ok(Some(answered)) => answered.ok(),
                // All have answered: whoever waits for somebody else is not to spin.
                Ok(None) => {
                    tokio::time::sleep(patience).await;
                    None
                }
                Err(_) => None,
            }
        })
    }

    /// Every connection asks again and again for `length`, then what is under way is waited for, at most for
    /// `patience`.
    pub fn turn(&self, to: &mut Connections, length: Duration, patience: Duration) -> TurnResult {
        self.runtime.block_on(async {
            let start = Instant::now();
            let closed = |lane: Connection| lane.closed_loop(start, length);
            turn(to, closed, start, length + patience).await
        })
    }

    /// Asks `rate` times a second for `length`, whatever the answers do, and on until all that were due in that time have their answer.
    /// Latencies count from the moment at which a request was meant to be sent.
    pub fn open_turn(
        &self,
        to: &mut Connections,
        length: Duration,
        rate: f64,
        patience: Duration,
    ) -> TurnResult {
        let (due, waiting) = mpsc::channel(MAX_WAITING);
        let start = Instant::now();
        let beats =
            Arc::new(Beats { start, length, waiting: Mutex::new(waiting), answered: AtomicU64::new(0) });
        let told = Arc::clone(&beats);
        let pacer = std::thread::Builder::new()
            .name("pace".to_owned())
            .spawn(move || pace::send(&due, start, length, rate, &told.answered));
        let mut turned = self.runtime.block_on(async {
            let open = |lane: Connection| lane.open_loop(Arc::clone(&beats));
            turn(to, open, start, length + MAX_OVERTIME + patience).await
        });
        match pacer.map(std::thread::JoinHandle::join) {
            Ok(Ok(beats)) => {
                turned.lag = beats.lag;
                turned.errors += beats.lost;
            }
            _ => {
                turned.wrong(AskError::Broken("the thread that paces the requests could not run".to_owned()));
            }
        }
        turned
    }
}

/// What the connections of an open loop share with the thread that paces it.
struct Beats {
    start: Instant,
    length: Duration,
    /// When requests are due, since the start.
    waiting: Mutex<mpsc::Receiver<Duration>>,
    /// Those of `length` that have their answer, right or wrong.
    answered: AtomicU64,
}

/// Lets every lane run, and puts them back; those that hang are replaced.
async fn turn<F>(
    to: &mut Connections,
    run: impl Fn(Connection) -> F,
    start: Instant,
    patience: Duration,
) -> TurnResult
where
    F: Future<Output = (Connection, TurnResult)> + Send + 'static,
{
    let mut running = JoinSet::new();
    for lane in to.lanes.drain(..) {
        running.spawn(run(lane));
    }
    let mut total = TurnResult::new();
    let deadline = tokio::time::Instant::from_std(start + patience);
    while let Ok(Some(done)) = tokio::time::timeout_at(deadline, running.join_next()).await {
        let Ok((lane, turned)) = done else { continue };
        total.add(turned);
        to.lanes.push(lane);
    }
    if !running.is_empty() {
        running.abort_all();
        for _ in 0..to.number.saturating_sub(u32::try_from(to.lanes.len()).unwrap_or(u32::MAX)) {
            total.wrong(AskError::Slow(patience));
        }
        to.complete();
        total.wall = start.elapsed();
    }
    total.spans.sort_unstable_by_key(|(_, _, end)| *end);
    total.spans.truncate(MAX_SPANS);
    total
}

/// One connection.
#[derive(Debug)]
struct Connection {
    number: u32,
    ask: Arc<Ask>,
    request: Option<Request<Empty<Bytes>>>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    sender: SendRequest<Empty<Bytes>>,
    driver: AbortHandle,
    /// An answer has come on it: the next request may find it closed by the server.
    used: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    fn new(number: u32, ask: &Arc<Ask>) -> Self {
        let mut lane = Self { number, ask: Arc::clone(ask), request: None, open: None };
        lane.request = lane.request_for(&ask.path);
        lane
    }

    /// The request for `path`; nothing when it is no path.
    fn request_for(&self, path: &str) -> Option<Request<Empty<Bytes>>> {
        let host = match &self.ask.address {
            Address::Tcp(address) => HeaderValue::from_str(&address.to_string()).ok(),
            Address::Unix(_) => None,
        };
        let host = host.unwrap_or_else(|| HeaderValue::from_static("localhost"));
        Request::get(path).header(HOST, host).body(Empty::new()).ok()
    }

    fn close(&mut self) {
        self.open = None;
    }

    async fn closed_loop(mut self, start: Instant, length: Duration) -> (Self, TurnResult) {
        let mut turned = TurnResult::new();
        loop {
            let began = start.elapsed();
            if began >= length {
                break;
            }
            self.request(&mut turned, start, began).await;
        }
        (self, turned)
    }

    /// Asks until it is over; what comes back is nobody's business.
    async fn keep_asking(mut self, over: Arc<AtomicBool>) -> Self {
        while !over.load(Ordering::Relaxed) {
            if self.answer().await.is_err() {
                self.open = None;
                break;
            }
        }
        self
    }

    async fn open_loop(mut self, beats: Arc<Beats>) -> (Self, TurnResult) {
        let mut turned = TurnResult::new();
        loop {
            let next = beats.waiting.lock().await.recv().await;
            let Some(meant) = next else { break };
            self.request(&mut turned, beats.start, meant).await;
            if meant < beats.length {
                beats.answered.fetch_add(1, Ordering::Relaxed);
            }
        }
        (self, turned)
    }

    /// One request, whose latency counts from `began`.
    async fn request(&mut self, turned: &mut TurnResult, start: Instant, began: Duration) {
        let mut answer = self.answer().await;
        if matches!(answer, Err(AskError::Broken(_))) && self.open.as_ref().is_some_and(|open| open.used) {
            // A server may close a connection that was idle.
            self.open = None;
            answer = self.answer().await;
        }
        let ended = start.elapsed();
        turned.wall = ended;
        if let Some(open) = &mut self.open {
            turned.reconnects += u64::from(!std::mem::replace(&mut open.used, answer.is_ok()));
        }
        if let Ok(answer) = &answer {
            turned.workers.count(answer.worker.as_ref());
        }
        match answer.and_then(|answer| self.ask.judge(&answer)) {
            Ok(()) => turned.right(self.number, began, ended.saturating_sub(began)),
            Err(error) => {
                if !matches!(error, AskError::Wrong(_)) {
                    self.open = None;
                    // Not as fast as a machine can: a server that is gone is gone.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                turned.wrong(error);
            }
        }
    }

    async fn answer(&mut self) -> Result<Answer, AskError> {
        let Some(request) = self.request.clone() else {
            return Err(AskError::Wrong(format!("{:?} is no path that can be asked for", self.ask.path)));
        };
        self.send(request).await
    }

    async fn send(&mut self, request: Request<Empty<Bytes>>) -> Result<Answer, AskError> {
        let broken = |error: hyper::Error| AskError::Broken(error.to_string());
        let closed = match &mut self.open {
            Some(open) => open.sender.ready().await.is_err(),
            None => true,
        };
        if closed {
            self.open = None;
            self.open = Some(connect(&self.ask.address).await?);
        }
        let Some(open) = &mut self.open else { return Err(AskError::Connect(String::new())) };
        let response = open.sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let worker = response.headers().get(&WORKER).cloned();
        let mut body = response.into_body();
        let mut whole = Bytes::new();
        let mut parts: Vec<u8> = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            // Most answers come in one piece, which needs no copy.
            if whole.is_empty() && parts.is_empty() {
                whole = data;
                continue;
            }
            if parts.is_empty() {
                parts.extend_from_slice(&whole);
            }
            parts.extend_from_slice(&data);
            if parts.len() > MAX_BODY {
                return Err(AskError::Long);
            }
        }
        let body = if parts.is_empty() { whole } else { parts.into() };
        Ok(Answer { status, body, worker })
    }
}

async fn connect(address: &Address) -> Result<Open, AskError> {
    let refused = |error: std::io::Error| AskError::Connect(error.to_string());
    match address {
        Address::Tcp(address) => {
            let stream = TcpStream::connect(address).await.map_err(refused)?;
            let _ = stream.set_nodelay(true);
            shake(stream).await
        }
        Address::Unix(path) => shake(UnixStream::connect(path).await.map_err(refused)?).await,
    }
}

async fn shake<S>(stream: S) -> Result<Open, AskError>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) =
        handshake(TokioIo::new(stream)).await.map_err(|error| AskError::Broken(error.to_string()))?;
    let driver = tokio::spawn(connection).abort_handle();
    Ok(Open { sender, driver, used: false })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers on one connection, and stands still for `pause` before it answers request number `at`.
    fn server(at: usize, pause: Duration) -> (SocketAddr, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let requests = BufReader::new(stream.try_clone().unwrap());
            let heads = requests.lines().map_while(Result::ok).filter(String::is_empty);
            for (number, _) in heads.enumerate() {
                if number == at {
                    std::thread::sleep(pause);
                }
                if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
                    break;
                }
            }
        };
        (address, std::thread::spawn(answers))
    }

    #[test]
    fn an_open_loop_sees_a_freeze_that_outlasts_its_turn() {
        let pause = Duration::from_millis(400);
        let (address, served) = server(50, pause);
        let client = Client::new().unwrap();
        let ask = Ask {
            address: Address::Tcp(address),
            path: "/".to_owned(),
            status: 200,
            body: None,
            contains: None,
        };
        let mut connections = Connections::new(ask, 1);
        let turned =
            client.open_turn(&mut connections, Duration::from_millis(100), 1000.0, Duration::from_secs(10));
        // With its runtime, the connection ends, and so does the server.
        drop((connections, client));
        served.join().unwrap();
        let slow = turned.latencies.count_between(100_000, 1_000_000);
        // Some 300 of the 400 requests that were due in the pause; 50 of them were due before the turn's end.
        assert!(turned.errors == 0 && slow > 200, "{slow} of {} waited 100 ms and longer", turned.n);
    }
}
