//! The stage's states as they come, as server-sent events.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Either;
use http_body_util::channel::{Channel, Sender};
use hyper::{Response, StatusCode};
use tokio::time::{sleep, timeout};

use super::access::Role;
use super::answers::{Body, is_packed, response};
use crate::link::StageState;
use crate::server::link::{LinkHandle, Subscription};
use crate::server::pages::event;
use crate::server::parcel::{BEGIN, Parcel};

/// So often something is said when nothing moves, so that both sides notice when the other has gone.
const PULSE: Duration = Duration::from_secs(30);
/// Who takes nothing in for so long is let go.
const SLOW: Duration = Duration::from_secs(20);

/// A stream that goes on for as long as the stage.
pub(super) fn stream(role: Role, desk: &LinkHandle, packed: bool) -> Response<Body> {
    let (to, body) = Channel::new(1);
    tokio::spawn(tell(to, role, desk.clone(), packed));
    let mut answer = response(StatusCode::OK, "text/event-stream", Either::Right(body));
    if packed {
        is_packed(&mut answer);
    }
    answer
}

/// Tells a page the newest state whenever it has taken the last one in: what it was too slow for is left out.
async fn tell(mut to: Sender<Bytes, io::Error>, role: Role, desk: LinkHandle, packed: bool) {
    let Some(mut reader) = desk.read().await else { return };
    let mut following = if role == Role::Speaker { desk.follow().await } else { None };
    let mut sent = 0;
    if packed && to.send_data(Bytes::from_static(&BEGIN)).await.is_err() {
        return;
    }
    loop {
        let event = tokio::select! {
            published = reader.next() => {
                let Some(state) = published else { return };
                let news = state.news.clone().filter(|_| sent + 1 == state.number);
                sent = state.number;
                news.unwrap_or_else(|| state.whole.clone())
            }
            state = next(following.as_mut()) => match state {
                Some(state) => event("stage", &in_json(&state)),
                None => return,
            },
            () = sleep(PULSE) => Parcel::piece(Bytes::from_static(b":\n\n")),
        };
        let event = if packed { event.packed() } else { event.plain() };
        if !matches!(timeout(SLOW, to.send_data(event)).await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn next(following: Option<&mut Subscription>) -> Option<std::sync::Arc<StageState>> {
    match following {
        Some(following) => following.next().await,
        None => std::future::pending().await,
    }
}

fn in_json(state: &StageState) -> String {
    // Strings and numbers only: this cannot fail.
    serde_json::to_string(state).unwrap_or_default()
}
