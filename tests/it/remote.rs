//! The remote in a real browser: the stage runs in a real terminal, and the page drives it.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::support::browser::Browser;
use crate::support::link::Link;
use crate::support::terminal::{PATIENCE, Terminal, deck, greenroom};
use greenroom::link::Remote;

const DECK: &str = "# First\n\none\n\n<!-- speaker_note: Say hello first. -->\n\n---\n\n# Second\n\ntwo\n\n<!-- pause -->\n\nmore\n\n\
                    ---\n\n# Third\n\nthree\n";

/// Asks for `path` of the machine at `host`, and gives the whole answer.
fn ask(host: &str, request: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Passes connections on to the stage, until they are cut.
struct Proxy {
    address: String,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let open = Arc::new(Mutex::new(Vec::new()));
        let (kept, target) = (Arc::clone(&open), target.to_owned());
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(&target) else { continue };
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)]
                {
                    kept.lock().unwrap().push(from.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { address, open }
    }

    /// Cuts every connection.
    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// A stage that serves a remote, and its addresses as it tells them to those who follow it.
fn stage(terminal: &Terminal, runtime: &Path) -> Remote {
    let deck = deck(runtime, DECK);
    terminal.run(&format!(
        "XDG_RUNTIME_DIR={} {} {} --remote=127.0.0.1:0",
        runtime.display(),
        greenroom(),
        deck.display()
    ));
    terminal.shows("one");
    Link::join(runtime, terminal).hello.remote.expect("the stage serves no remote")
}

/// `127.0.0.1:1234` and `/s/token` of an address.
fn parts(address: &str) -> (String, String) {
    let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (host.to_owned(), format!("/{path}"))
}

#[test]
fn a_phone_moves_the_stage_and_finds_it_again() {
    let Some(terminal) = Terminal::open("remote") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, path) = parts(&remote.speaker);
    let proxy = Proxy::to(&host);
    let base = format!("http://{}", proxy.address);
    let Some(mut page) = Browser::visit(&format!("{base}{path}"), &base) else { return };
    page.wait("document.getElementById('title').textContent === 'First'");
    page.wait("document.getElementById('notes').textContent.includes('Say hello first.')");
    // Its buttons move the stage.
    page.evaluate("document.getElementById('next').click()");
    terminal.shows("two");
    page.wait("document.getElementById('title').textContent === 'Second [0 of 1]'");
    page.evaluate("document.getElementById('next').click()");
    terminal.shows("more");
    page.evaluate("document.getElementById('previous').click()");
    page.wait("document.getElementById('title').textContent === 'Second [0 of 1]'");
    // The stage's own keys show on it, and its clock runs.
    terminal.keys(&["l", "l"]);
    page.wait("document.getElementById('title').textContent === 'Third'");
    page.wait("document.getElementById('elapsed').textContent !== '0:00'");
    page.is_quiet();
    // The network goes, and comes back.
    proxy.cut();
    terminal.keys(&["h"]);
    page.wait("document.getElementById('title').textContent === 'Second [1 of 1]'");
    page.wait("!document.body.classList.contains('lost')");
    // The stage ends: that is said, and nothing is pressed in vain.
    terminal.keys(&["q", "q"]);
    page.wait("document.body.classList.contains('lost') && document.getElementById('next').disabled");
}

#[test]
fn only_who_has_the_address_gets_in_and_the_audience_only_looks() {
    let Some(terminal) = Terminal::open("remote-gate") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, speaker) = parts(&remote.speaker);
    let (_, audience) = parts(&remote.audience);
    assert_ne!(speaker, audience);
    // The audience sees the slide, and no notes; its orders are refused.
    if let Some(mut page) = Browser::visit(&remote.audience, &format!("http://{host}")) {
        page.wait("document.getElementById('stage').textContent.includes('one')");
        assert!(page.is("!document.documentElement.outerHTML.includes('Say hello')"));
        assert!(page.is("!document.getElementById('next') && !document.getElementById('run')"));
        page.is_quiet();
    }
    let next = "{\"do\":\"next\"}";
    let order = |path: &str, body: &str| ask(&host, &format!("POST {path}/order"), body);
    assert!(order(&audience, next).starts_with("HTTP/1.1 403"));
    let keys = order(&speaker, "{\"do\":\"key\",\"key\":\"x\"}");
    assert!(keys.starts_with("HTTP/1.1 403"), "a phone runs nothing: {keys}");
    assert!(order(&speaker, "rubbish").starts_with("HTTP/1.1 400"));
    assert!(order(&speaker, &"x".repeat(5_000)).starts_with("HTTP/1.1 413"));
    assert!(ask(&host, &format!("GET {speaker}/elsewhere"), "").starts_with("HTTP/1.1 404"));
    assert!(order(&speaker, next).starts_with("HTTP/1.1 200"));
    terminal.shows("two");
    // Wrong tokens are refused, then held up, whatever is asked.
    assert!(ask(&host, "GET /", "").starts_with("HTTP/1.1 403"));
    let wrong = format!("/s/{}", "0".repeat(32));
    let answers: Vec<String> = (0..20).map(|_| order(&wrong, next)).collect();
    assert!(answers[0].starts_with("HTTP/1.1 403") && answers[19].starts_with("HTTP/1.1 429"), "{answers:?}");
    assert!(!terminal.text().contains("more"), "nothing of that has moved the stage");
}

/// Asks whether an order of so many bytes may be sent to `path`, as curl and others do before a long one.
fn ask_before_sending(host: &str, path: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "POST {path}/order HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    stream
}

#[test]
fn who_asks_whether_to_go_on_is_told_so_and_then_answered() {
    let Some(terminal) = Terminal::open("remote-expect") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, speaker) = parts(&remote.speaker);
    let order = r#"{"do":"next"}"#;
    let mut stream = ask_before_sending(&host, &speaker, order.len());
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(order.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    terminal.shows("two");
    // A stranger is refused at once, and asked for nothing.
    let mut stranger = ask_before_sending(&host, &format!("/s/{}", "0".repeat(32)), order.len());
    let mut answer = String::new();
    stranger.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

/// A page of this address that gets events; it is kept open.
fn events(host: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path}/events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut start = [0; 15];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    stream
}

#[test]
fn h6_neither_the_audience_nor_strangers_take_the_speakers_place() {
    let Some(terminal) = Terminal::open("remote-seats") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, speaker) = parts(&remote.speaker);
    let (_, audience) = parts(&remote.audience);
    // A room that follows, connections that say nothing, and addresses that are wrong: all from one machine.
    let room: Vec<TcpStream> = (0..100).map(|_| events(&host, &audience)).collect();
    let silent: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(&host).unwrap()).collect();
    let wrong = format!("GET /s/{}", "0".repeat(32));
    let refused =
        (0..30).map(|_| ask(&host, &wrong, "")).filter(|answer| answer.starts_with("HTTP/1.1 4")).count();
    assert_eq!(refused, 30);
    // The speaker's phone gets in each time, and a presenter view too.
    for _ in 0..10 {
        let page = ask(&host, &format!("GET {speaker}"), "");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    }
    let order = ask(&host, &format!("POST {speaker}/order"), "{\"do\":\"next\"}");
    assert!(order.starts_with("HTTP/1.1 200"), "{order}");
    terminal.shows("two");
    assert!(Link::join(runtime.path(), &terminal).hello.remote.is_some());
    // Who says nothing is let go after a while.
    let mut last = silent.into_iter().next_back().unwrap();
    last.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(last.read(&mut [0; 1]).unwrap(), 0);
    drop(room);
}

#[test]
fn h6_a_right_address_is_heard_however_many_come_at_that_instant() {
    let Some(terminal) = Terminal::open("remote-rush") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, speaker) = parts(&remote.speaker);
    for _ in 0..40 {
        let mut phone = TcpStream::connect(&host).unwrap();
        phone.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(phone, "GET {speaker} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let rush: Vec<TcpStream> = (0..30).map(|_| TcpStream::connect(&host).unwrap()).collect();
        let mut answer = String::new();
        phone.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
        drop(rush);
    }
}

#[test]
fn l4_no_script_runs_but_the_pages_own() {
    let Some(terminal) = Terminal::open("remote-policy") else { return };
    let runtime = tempfile::tempdir().unwrap();
    let remote = stage(&terminal, runtime.path());
    let (host, speaker) = parts(&remote.speaker);
    let page = ask(&host, &format!("GET {speaker}"), "");
    let policy = page.lines().find(|line| line.starts_with("content-security-policy: ")).unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("script-src 'self';") && policy.contains("style-src 'self';"), "{policy}");
    for address in [&remote.speaker, &remote.audience] {
        let page = ask(&host, &format!("GET {}", parts(address).1), "");
        let inline = page.split("<script").skip(1).any(|script| !script.trim_start().starts_with("src="));
        assert!(!inline && !page.contains("<style") && !page.contains(" style="), "{page}");
        assert!(page.contains("<script"), "{page}");
    }
}
