//! The side that follows.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::lines::{Incoming, read};
use crate::follow::Msg;
use crate::link::{Hello, Message, StageCommand, VERSION};

/// Between two looks for a stage.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);
/// Between two looks when the stage cannot be understood.
const LATER: Duration = Duration::from_secs(2);

/// Follows whatever stage is met at `path`, now and whenever one comes back, until nobody listens to `tell`.
pub async fn follow(path: &Path, mut orders: mpsc::Receiver<StageCommand>, tell: mpsc::Sender<Msg>) {
    loop {
        let why = match UnixStream::connect(path).await {
            Ok(stream) => joined(stream, &mut orders, &tell).await,
            Err(_) => Ended::Gone,
        };
        // What was asked for while nobody was there is not done later.
        while orders.try_recv().is_ok() {}
        let (pause, told) = match why {
            Ended::Over => return,
            Ended::Gone => {
                (RETRY_INTERVAL, tell.send(Msg::Lost("no stage of this deck is running".to_owned())).await)
            }
            Ended::Strange(why) => (LATER, tell.send(Msg::Lost(why)).await),
            Ended::OtherVersion => (LATER, Ok(())),
        };
        if told.is_err() {
            return;
        }
        tokio::time::sleep(pause).await;
    }
}

/// Why a stage is not followed any more.
enum Ended {
    /// It has gone.
    Gone,
    /// Nobody listens here.
    Over,
    /// It says something that cannot be understood.
    Strange(String),
    /// It speaks another version, which has been told.
    OtherVersion,
}

async fn joined(
    stream: UnixStream,
    orders: &mut mpsc::Receiver<StageCommand>,
    tell: &mpsc::Sender<Msg>,
) -> Ended {
    let (from, mut to) = stream.into_split();
    let (mut from, mut line) = (BufReader::new(from), Vec::new());
    let greenroom = env!("CARGO_PKG_VERSION").to_owned();
    let hello = Message::Hello(Hello { version: VERSION, greenroom, ..Hello::default() });
    if to.write_all(hello.line().as_bytes()).await.is_err() {
        return Ended::Gone;
    }
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return Ended::Over };
                if to.write_all(Message::Order(order).line().as_bytes()).await.is_err() {
                    return Ended::Gone;
                }
            }
            message = read(&mut from, &mut line) => {
                let msg = match message {
                    Ok(Incoming::Message(Message::Hello(hello))) => {
                        let other = hello.version != VERSION;
                        if tell.send(Msg::Joined(hello)).await.is_err() {
                            return Ended::Over;
                        }
                        if other {
                            return Ended::OtherVersion;
                        }
                        continue;
                    }
                    Ok(Incoming::Message(Message::State(state))) => Msg::State(state),
                    Ok(Incoming::Message(Message::Mirror(mirror))) => Msg::Mirror(mirror),
                    Ok(Incoming::Message(Message::Problem(why))) => return Ended::Strange(format!("the stage says: {why}")),
                    Ok(Incoming::Message(Message::Order(_))) => continue,
                    Ok(Incoming::Rubbish(why)) => return Ended::Strange(format!("what answers is no stage: {why}")),
                    Ok(Incoming::End) => return Ended::Gone,
                    Err(error) => return Ended::Strange(format!("the stage cannot be understood: {error}")),
                };
                if tell.send(msg).await.is_err() {
                    return Ended::Over;
                }
            }
        }
    }
}
