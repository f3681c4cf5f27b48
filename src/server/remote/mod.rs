//! The talk on a phone: one small page on the local network, for whoever has its address.
//!
//! An address holds a token of 128 bits, one for the speaker and one for the audience. Everything else gets the same
//! short answer, and who guesses is held up by the [`gate`].

mod access;
mod seats;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use self::access::{Gate, Refusal, Role};
use self::seats::{Seat, Seats};
use crate::link::{Remote, StageCommand, StageState};
use crate::server::link::LinkHandle;

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
/// So often something is said, so that both sides notice when the other has gone.
const PULSE: Duration = Duration::from_secs(10);
/// Who takes nothing in for so long is let go.
const SLOW: Duration = Duration::from_secs(20);
/// The page: buttons, notes, clock. It loads nothing.
const PAGE: &str = include_str!("../../../assets/remote/page.html");
/// Nothing from elsewhere, and of what is written in a page only its own script and style, by their hashes.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let (script, style) = (hash_of(PAGE, "script"), hash_of(PAGE, "style"));
    let policy = format!(
        "default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// The hash of what the one `element` of a page holds, as a content security policy names it.
fn hash_of(page: &str, element: &str) -> String {
    let inside = page
        .split_once(&format!("<{element}>"))
        .and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
    let digest = Sha256::digest(inside.map_or("", |(inside, _)| inside));
    format!("sha256-{}", STANDARD.encode(digest))
}

type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

/// A remote that listens.
pub(super) struct Served {
    listener: TcpListener,
    gate: Gate,
    /// Where it is found.
    pub addresses: Remote,
}

/// Listens at `at`; port 0 takes any, and the address 0.0.0.0 is told as that of this machine in its network.
///
/// # Errors
/// When nothing can listen there.
pub(super) async fn listen(at: SocketAddr) -> io::Result<Served> {
    let listener = TcpListener::bind(at).await?;
    let bound = listener.local_addr()?;
    let host = if bound.ip().is_unspecified() { own_address() } else { bound.ip() };
    let (speaker, audience) = (access::token()?, access::token()?);
    let address = |token: &str| format!("http://{}/s/{token}", SocketAddr::new(host, bound.port()));
    let addresses = Remote { speaker: address(&speaker), audience: address(&audience) };
    Ok(Served { listener, gate: Gate::new(speaker, audience), addresses })
}

/// The address that this machine has in its network. Nothing is sent to find out.
fn own_address() -> IpAddr {
    let find = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        // Documentation's own network (RFC 5737): the way there begins at the interface that others reach.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        socket.local_addr().ok()
    };
    find().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}

/// Serves until the stage is over.
pub(super) async fn serve(served: Served, desk: LinkHandle) {
    let Served { listener, gate, .. } = served;
    let gate = Arc::new(Mutex::new(gate));
    let seats = Seats::default();
    loop {
        let accepted = tokio::select! {
            () = desk.over() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            // No descriptor is left, for one: it passes.
            sleep(PACE).await;
            continue;
        };
        let (seat, leaves) = seats.take(from.ip());
        let visitor = Visitor { from: from.ip(), seat, gate: Arc::clone(&gate), desk: desk.clone() };
        tokio::spawn(attend(stream, Arc::new(visitor), leaves));
    }
}

/// The other end of a connection.
struct Visitor {
    from: IpAddr,
    seat: Seat,
    gate: Arc<Mutex<Gate>>,
    desk: LinkHandle,
}

/// Answers the requests of one connection, until it ends or its seat is needed.
async fn attend(stream: TcpStream, visitor: Arc<Visitor>, mut leaves: oneshot::Receiver<()>) {
    let answer = service_fn(|request| {
        let visitor = Arc::clone(&visitor);
        async move { Ok::<_, io::Error>(answer(request, &visitor).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HANDSHAKE_TIMEOUT).max_buf_size(16 * 1024);
    let mut talks = std::pin::pin!(http.serve_connection(TokioIo::new(stream), answer));
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

async fn answer(request: Request<Incoming>, visitor: &Visitor) -> Response<Body> {
    let Visitor { from, seat, gate, desk } = visitor;
    let path = request.uri().path().to_owned();
    let (token, rest) =
        path.strip_prefix("/s/").map_or(("", ""), |path| path.split_once('/').unwrap_or((path, "")));
    let admitted = gate.lock().unwrap_or_else(PoisonError::into_inner).admit(token, *from, Instant::now());
    let role = match admitted {
        Ok(role) => role,
        Err(refusal) => {
            let status = if refusal == Refusal::TooMany {
                StatusCode::TOO_MANY_REQUESTS
            } else {
                StatusCode::FORBIDDEN
            };
            return text(status, &refusal.to_string());
        }
    };
    seat.is_of(role);
    match (request.method(), rest) {
        (&Method::GET, "") => page(role),
        (&Method::GET, "events") => events(role, desk),
        (&Method::POST, "order") if role == Role::Speaker => order(request, desk).await,
        (&Method::POST, "order") => text(StatusCode::FORBIDDEN, "this address only follows the talk"),
        _ => text(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

fn response(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    response
}

fn text(status: StatusCode, text: &str) -> Response<Body> {
    response(status, "text/plain; charset=utf-8", Either::Left(Full::from(format!("{text}\n"))))
}

fn page(role: Role) -> Response<Body> {
    let name = if role == Role::Speaker { "speaker" } else { "audience" };
    let page = PAGE.replace("{role}", name);
    response(StatusCode::OK, "text/html; charset=utf-8", Either::Left(Full::from(page)))
}

/// The stage's states as they come, as server-sent events.
fn events(role: Role, desk: &LinkHandle) -> Response<Body> {
    let (to, body) = Channel::new(1);
    tokio::spawn(tell(to, role, desk.clone()));
    response(StatusCode::OK, "text/event-stream", Either::Right(body))
}

async fn tell(mut to: Sender<Bytes, io::Error>, role: Role, desk: LinkHandle) {
    let Some(mut following) = desk.follow().await else { return };
    loop {
        let line = tokio::select! {
            state = following.next() => match state {
                Some(state) => format!("data: {}\n\n", shown(&state, role)),
                None => return,
            },
            () = sleep(PULSE) => ":\n\n".to_owned(),
        };
        if !matches!(timeout(SLOW, to.send_data(line.into())).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// What a role may see of a state, as JSON.
fn shown(state: &StageState, role: Role) -> String {
    let state = match role {
        Role::Speaker => state.clone(),
        Role::Audience => StageState {
            slide: state.slide,
            slides: state.slides,
            title: state.title.clone(),
            ..StageState::default()
        },
    };
    // Strings and numbers only: this cannot fail.
    serde_json::to_string(&state).unwrap_or_default()
}

/// An order of the speaker's phone: it moves, and does nothing else.
async fn order(request: Request<Incoming>, desk: &LinkHandle) -> Response<Body> {
    let body = timeout(ORDER_TIMEOUT, Limited::new(request.into_body(), MAX_ORDER).collect()).await;
    let Ok(Ok(body)) = body else { return text(StatusCode::PAYLOAD_TOO_LARGE, "that is no order") };
    match serde_json::from_slice(&body.to_bytes()) {
        Ok(order @ (StageCommand::Next | StageCommand::Previous | StageCommand::Go { .. })) => {
            desk.order(order).await;
            sleep(PACE).await;
            text(StatusCode::OK, "done")
        }
        Ok(StageCommand::Key { .. }) => text(StatusCode::FORBIDDEN, "a phone has no keys"),
        Err(error) => text(StatusCode::BAD_REQUEST, &format!("that is no order: {error}")),
    }
}
