//! The talk on phones: pages for whoever has the address.
//!
//! An address holds a token of 128 bits, one for the speaker and one for the audience. Everything else gets the same
//! short answer, and who guesses is held up by the `Gate` of `access`.

mod access;
mod answers;
mod events;
mod files;
mod hosts;
mod open;
mod pacing;
mod seats;
mod tls;
mod visit;

pub use open::{Open, OpenError, Opening, Tokens};
pub use tls::{TlsError, acceptor};
pub use visit::{Told, Visit, VisitError};

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{HOST, IF_NONE_MATCH, ORIGIN};
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use self::access::{Gate, Refusal, Role};
use self::answers::{Body, download, json, picture, text, too_often, unpacks, whole};
use self::hosts::{Hosts, of_origin};
use self::pacing::Pacing;
use self::seats::{Seat, Seats};
use crate::link::StageCommand;
use crate::server::Backstage;
use crate::server::link::{LinkEvent, LinkHandle};
use crate::talk::Place;

/// A connection says what it wants within this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection that has to go is heard for so long.
const LAST_WORDS: Duration = Duration::from_millis(100);
/// An order is there within this time.
const ORDER_TIMEOUT: Duration = Duration::from_secs(10);
/// An order has no more bytes.
const MAX_ORDER: usize = 1024;
/// Between two orders: faster than anybody taps.
const PACE: Duration = Duration::from_millis(50);
/// Bytes that wait in the system for a phone that is slow. What waits there is old when it arrives.
const SEND_BUFFER: usize = 64 * 1024;
/// Pages that join from one address at once: a room may share one. So many more each second.
const JOINS: (u32, u32) = (600, 40);
/// What pages from one address ask for besides, at once and each second.
const REQUESTS: (u32, u32) = (8_000, 400);

/// Serves until the stage is over.
pub(super) async fn serve(remote: Open, title: String, desk: LinkHandle) {
    let Open { listener, tokens, hosts, tls, .. } = remote;
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let house = Arc::new(House::new(tokens, hosts, title, desk));
    let seats = Seats::default();
    loop {
        let accepted = tokio::select! {
            () = house.desk.over() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            // No descriptor is left, for one: it passes.
            sleep(PACE).await;
            continue;
        };
        // What is sent is small, and is meant to be there at once.
        let _ = stream.set_nodelay(true);
        open::bound(&stream, SEND_BUFFER);
        let (seat, leaves) = seats.take(from.ip());
        let local = stream.local_addr().ok();
        let visitor = Arc::new(Visitor { from: from.ip(), local, seat, house: Arc::clone(&house) });
        match &tls {
            None => drop(tokio::spawn(attend(TokioIo::new(stream), visitor, leaves))),
            Some(tls) => drop(tokio::spawn(greet(tls.clone(), stream, visitor, leaves))),
        }
    }
}

fn paced((burst, each_second): (u32, u32)) -> Pacing {
    Pacing::new(burst, Duration::from_secs(1) / each_second)
}

/// A remote that no socket leads to, of a stage nobody is on: for whoever tries what strangers may say.
pub struct Unserved {
    house: Arc<House>,
    seats: Seats,
}

impl Unserved {
    /// One with these secrets, which is asked for as `localhost`, and what its stage would hear.
    #[must_use]
    pub fn new(tokens: Tokens, backstage: Arc<dyn Backstage>) -> (Self, mpsc::Receiver<LinkEvent>) {
        let (desk, heard) = LinkHandle::without_stage(backstage);
        let house = Arc::new(House::new(tokens, Hosts::default(), "T".to_owned(), desk));
        (Self { house, seats: Seats::default() }, heard)
    }

    /// Answers what comes from an address, until the stream ends.
    pub async fn attend<S>(&self, stream: S, from: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (seat, leaves) = self.seats.take(from);
        let visitor = Visitor { from, local: None, seat, house: Arc::clone(&self.house) };
        attend(TokioIo::new(stream), Arc::new(visitor), leaves).await;
    }
}

/// What all connections share.
struct House {
    gate: Mutex<Gate>,
    joins: Mutex<Pacing>,
    requests: Mutex<Pacing>,
    hosts: Hosts,
    /// The talk's title.
    title: String,
    desk: LinkHandle,
}

impl House {
    fn new(tokens: Tokens, hosts: Hosts, title: String, desk: LinkHandle) -> Self {
        Self {
            gate: Mutex::new(Gate::new(tokens.speaker, tokens.audience)),
            joins: Mutex::new(paced(JOINS)),
            requests: Mutex::new(paced(REQUESTS)),
            hosts,
            title,
            desk,
        }
    }
}

/// The other end of a connection.
struct Visitor {
    from: IpAddr,
    /// The end that is this computer's.
    local: Option<SocketAddr>,
    seat: Seat,
    house: Arc<House>,
}

/// Makes a connection secret before anything else is said.
async fn greet(
    tls: tokio_rustls::TlsAcceptor,
    stream: TcpStream,
    visitor: Arc<Visitor>,
    leaves: oneshot::Receiver<()>,
) {
    // Whoever says nothing meanwhile has the place of one that does not talk at all, and goes as soon.
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        attend(TokioIo::new(stream), visitor, leaves).await;
    }
}

/// Answers the requests of one connection, until it ends or its seat is needed.
async fn attend<S>(stream: S, visitor: Arc<Visitor>, mut leaves: oneshot::Receiver<()>)
where
    S: Read + Write + Unpin,
{
    let answer = service_fn(|request| {
        let visitor = Arc::clone(&visitor);
        async move { Ok::<_, io::Error>(visitor.answer(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HANDSHAKE_TIMEOUT).max_buf_size(16 * 1024);
    let mut talks = std::pin::pin!(http.serve_connection(stream, answer));
    loop {
        tokio::select! {
            // Whatever goes wrong here is the other side's.
            _ = &mut talks => return,
            _ = leaves => {}
        }
        // What it has sent already is heard: others may have come in the same instant, and it may have been the speaker.
        let over = timeout(LAST_WORDS, &mut talks).await.is_ok();
        match visitor.seat.came_back() {
            Some(again) if !over => leaves = again,
            _ => return,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Visitor {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        if !self.knows_the_host(&request) {
            let why = "this is not an address of the talk; scan its code again";
            return text(StatusCode::MISDIRECTED_REQUEST, why);
        }
        let path = request.uri().path().to_owned();
        let (token, rest) =
            path.strip_prefix("/s/").map_or(("", ""), |path| path.split_once('/').unwrap_or((path, "")));
        let admitted = lock(&self.house.gate).admit(token, self.from, Instant::now());
        let role = match admitted {
            Ok(role) => role,
            Err(refusal @ Refusal::TooMany) => {
                return text(StatusCode::TOO_MANY_REQUESTS, &refusal.to_string());
            }
            Err(refusal) => return text(StatusCode::FORBIDDEN, &refusal.to_string()),
        };
        self.seat.is_of(role);
        if !self.may_ask(role, rest == "events") {
            return too_often();
        }
        let base = format!("/s/{token}");
        match *request.method() {
            Method::GET => self.show(role, rest, &base, request.headers()).await,
            Method::POST if rest == "order" && role == Role::Speaker => self.order(request).await,
            Method::POST if rest == "order" => {
                text(StatusCode::FORBIDDEN, "this address only follows the talk")
            }
            _ => text(StatusCode::NOT_FOUND, "there is nothing here"),
        }
    }

    /// Whether a request is meant for this remote: its host is, and what sends it is a page of that host, or no page at all.
    fn knows_the_host(&self, request: &Request<Incoming>) -> bool {
        let said = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        let host = request.uri().authority().map(hyper::http::uri::Authority::as_str).or(said(HOST));
        let knows = |host: &str| self.house.hosts.allow(host, self.local);
        let origin = said(ORIGIN).filter(|_| request.method() != Method::GET);
        host.is_some_and(knows) && origin.is_none_or(|origin| of_origin(origin).is_some_and(knows))
    }

    /// Whether this address has not asked too often. The speaker always may.
    fn may_ask(&self, role: Role, joins: bool) -> bool {
        let pacing = if joins { &self.house.joins } else { &self.house.requests };
        role == Role::Speaker || lock(pacing).allows(self.from, Instant::now())
    }

    async fn show(&self, role: Role, rest: &str, base: &str, headers: &HeaderMap) -> Response<Body> {
        let nothing = || text(StatusCode::NOT_FOUND, "there is nothing here");
        let (pages, packed) = (self.house.desk.pages(), unpacks(headers));
        let (what, which) = rest.split_once('/').unwrap_or((rest, ""));
        match (what, which) {
            ("", "") => whole("text/html; charset=utf-8", files::page(role, base, &self.house.title)),
            ("events", "") => events::stream(role, &self.house.desk, packed),
            ("slide", place) => {
                let Some(place) = place_of(place) else { return nothing() };
                let reader = self.house.desk.read().await;
                let slide = pages.open(place).await;
                drop(reader);
                let not_yet = || text(StatusCode::NOT_FOUND, "this has not been shown yet");
                slide.map_or_else(not_yet, |slide| json(&slide, packed))
            }
            ("picture", name) => {
                let Ok(id) = u64::from_str_radix(name, 16) else { return nothing() };
                let reader = self.house.desk.read().await;
                let found = pages.picture(id).await;
                drop(reader);
                found.map_or_else(nothing, picture)
            }
            ("save", "") => {
                let reader = self.house.desk.read().await;
                let saved = pages.save(role == Role::Speaker).await;
                drop(reader);
                let not_yet =
                    || text(StatusCode::SERVICE_UNAVAILABLE, "nothing has been shown yet; try again");
                saved.map_or_else(not_yet, |(name, page)| download(&name, &page, packed))
            }
            _ => files::get(rest, headers.get(IF_NONE_MATCH), packed).await.unwrap_or_else(nothing),
        }
    }

    /// An order of the speaker's phone: it moves, and starts what has been agreed to on the stage.
    async fn order(&self, request: Request<Incoming>) -> Response<Body> {
        let body = timeout(ORDER_TIMEOUT, Limited::new(request.into_body(), MAX_ORDER).collect()).await;
        let Ok(Ok(body)) = body else { return text(StatusCode::PAYLOAD_TOO_LARGE, "that is no order") };
        match serde_json::from_slice(&body.to_bytes()) {
            Ok(StageCommand::Key { .. }) => text(StatusCode::FORBIDDEN, "a phone has no keys"),
            Ok(order) => {
                self.house.desk.order(order).await;
                sleep(PACE).await;
                text(StatusCode::OK, "done")
            }
            Err(error) => text(StatusCode::BAD_REQUEST, &format!("that is no order: {error}")),
        }
    }
}

/// `3/1`: a slide and a step, both counted from 0.
fn place_of(text: &str) -> Option<Place> {
    let (slide, step) = text.split_once('/')?;
    Some(Place { slide: slide.parse().ok()?, step: step.parse().ok()? })
}
