//! What a stranger may say to the remote, over a stream that is no socket: every answer is one, no secret is told, and nobody moves the
//! stage without the speaker's token.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use greenroom::server::Nobody;
use greenroom::server::link::LinkEvent;
use greenroom::server::remote::{Tokens, Unserved};
use greenroom_fuzz::{Knobs, bounded};
use libfuzzer_sys::fuzz_target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SPEAKER: &str = "5eaf5eaf5eaf5eaf5eaf5eaf5eaf5eaf";
const AUDIENCE: &str = "a0d1e2c3a0d1e2c3a0d1e2c3a0d1e2c3";
/// The only answers that there are.
const KNOWN: [&str; 14] =
    ["200", "304", "400", "403", "404", "405", "408", "413", "414", "421", "429", "431", "501", "503"];
const GO_ON: &str = "HTTP/1.1 100 Continue\r\n\r\n";

fuzz_target!(|data: &[u8]| {
    let knobs = Knobs::of(data);
    let (said, orders) = bounded(|| answered(knobs));
    let text = String::from_utf8_lossy(&said);
    if !said.is_empty() {
        // Who asks whether to go on is told so first (RFC 9110, section 10.1.1): it is no answer.
        let answer = text.trim_start_matches(GO_ON);
        let status = answer.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
        assert!(status.is_some_and(|status| KNOWN.contains(&status)), "{text}");
    }
    let knows = |token: &str| data.windows(token.len()).any(|part| part == token.as_bytes());
    for token in [SPEAKER, AUDIENCE] {
        assert!(knows(token) || !text.contains(token), "a secret was told: {text}");
    }
    assert!(orders == 0 || knows(SPEAKER), "{orders} orders without the speaker's token");
});

/// What is said to the bytes, and how many orders the stage heard. Time passes as soon as nothing moves.
fn answered(knobs: Knobs<'_>) -> (Vec<u8>, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime needs nothing of the system").block_on(async {
        let tokens = Tokens { speaker: SPEAKER.to_owned(), audience: AUDIENCE.to_owned() };
        let (remote, mut heard) = Unserved::new(tokens, Arc::new(Nobody));
        let (mut ours, theirs) = tokio::io::duplex(1 << 16);
        let stage = tokio::spawn(async move {
            let mut orders = 0;
            while let Some(event) = heard.recv().await {
                orders += usize::from(matches!(event, LinkEvent::Order(_)));
            }
            orders
        });
        let serve = tokio::spawn(async move {
            remote.attend(theirs, IpAddr::V4(Ipv4Addr::LOCALHOST)).await;
        });
        let mut said = Vec::new();
        let talk = async {
            let mut answers = [0; 4096];
            for piece in knobs.pieces() {
                if ours.write_all(piece).await.is_err() {
                    break;
                }
            }
            let _ = ours.shutdown().await;
            while let Ok(count @ 1..) = ours.read(&mut answers).await {
                said.extend(answers.get(..count).unwrap_or_default());
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(90), talk).await;
        serve.abort();
        let _ = serve.await;
        drop(ours);
        (
            said,
            tokio::time::timeout(Duration::from_secs(90), stage)
                .await
                .map_or(0, |orders| orders.unwrap_or(0)),
        )
    })
}
