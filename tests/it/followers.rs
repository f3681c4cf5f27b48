//! A room that follows: what each page is told, and what a stage bears from those who do it wrong.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::link::Link;
use crate::support::room::agree;
use crate::support::terminal::{PATIENCE, Terminal, deck, greenroom, kill, memory};
use greenroom::link::Message;
use greenroom::link::{Remote, StageCommand};

/// Slides called by their numbers.
fn slides(count: usize) -> String {
    let slide =
        |number| format!("# Slide {number}\n\nword{number:03}\n\n<!-- speaker_note: secret{number:03} -->\n");
    (0..count).map(slide).collect::<Vec<_>>().join("\n---\n\n")
}

/// Where a program of a test keeps what it keeps.
fn here(folder: &Path) -> String {
    let at = folder.display();
    format!("HOME={at} XDG_STATE_HOME={at}/state XDG_RUNTIME_DIR={at}")
}

/// A stage with a remote on `terminal`.
fn stage(terminal: &Terminal, folder: &Path, deck: &Path, options: &str, shows: &str) -> Remote {
    terminal.run(&format!("{} {} {} {options}", here(folder), greenroom(), deck.display()));
    terminal.shows(shows);
    Link::join(folder, terminal).hello.remote.expect("the stage serves no remote")
}

/// `127.0.0.1:1234` and `/s/token`.
fn parts(address: &str) -> (String, String) {
    let (host, path) = address.split_once("://").unwrap().1.split_once('/').unwrap();
    (host.to_owned(), format!("/{path}"))
}

fn connect(host: &str) -> TcpStream {
    let stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// The status and the body of an answer.
fn ask(host: &str, request: &str, more: &str, body: &str) -> (u16, String) {
    let mut stream = connect(host);
    let length = body.len();
    let lines = format!("Content-Length: {length}\r\nConnection: close\r\n{more}");
    let host = if more.contains("Host:") { String::new() } else { format!("Host: {host}\r\n") };
    write!(stream, "{request} HTTP/1.1\r\n{host}{lines}\r\n{body}").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), body.to_owned())
}

/// The body of an answer that comes in chunks.
struct Chunks {
    stream: BufReader<TcpStream>,
    left: usize,
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.left == 0 {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            // The end of the chunk before is an empty line.
            self.left = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        }
        let most = into.len().min(self.left);
        let count = self.stream.read(&mut into[..most])?;
        self.left -= count;
        Ok(count)
    }
}

/// Counts what is read.
struct Counted<R>(R, Arc<AtomicUsize>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(into)?;
        self.1.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}

fn order(host: &str, speaker: &str, order: &str) -> u16 {
    ask(host, &format!("POST {speaker}/order"), "", &format!("{{\"do\":\"{order}\"}}")).0
}

/// A page that is told what shows.
struct Page(Box<dyn BufRead + Send>);

impl Page {
    fn join(host: &str, path: &str) -> Self {
        Self::join_by(host, path, "", |body| body)
    }

    /// One that unpacks what it is told; bytes that come are counted.
    fn join_packed(host: &str, path: &str, count: Arc<AtomicUsize>) -> Self {
        Self::join_by(host, path, "Accept-Encoding: gzip, deflate, br\r\n", |body| {
            Box::new(BufReader::new(GzDecoder::new(BufReader::new(Counted(body, count)))))
        })
    }

    fn join_by(
        host: &str,
        path: &str,
        more: &str,
        unpack: impl FnOnce(Box<dyn BufRead + Send>) -> Box<dyn BufRead + Send>,
    ) -> Self {
        let mut stream = connect(host);
        write!(stream, "GET {path}/events HTTP/1.1\r\nHost: {host}\r\n{more}\r\n").unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("gzip") != more.is_empty(), "{head}");
        Self(unpack(Box::new(BufReader::new(Chunks { stream, left: 0 }))))
    }

    /// The next event: its name, and what it says. None when the stage has gone.
    fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(event) = line.strip_prefix("event: ") {
                event.trim().clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, serde_json::from_str(data).unwrap()));
            }
        }
    }

    /// The first event `slide` that is as it should be.
    fn until(&mut self, what: &str, done: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let (name, event) = self.next().unwrap_or_else(|| panic!("gone before: {what}"));
            if name == "slide" && done(&event) {
                return event;
            }
        }
        panic!("never: {what}")
    }
}

fn until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn fifty_followers_are_told_every_move_and_the_stage_stays_itself() {
    const FOLLOWERS: usize = 50;
    const MOVES: usize = 30;
    let Some(terminal) = Terminal::open("followers") else { return };
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(MOVES + 1));
    let remote = stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", "word000");
    let (host, path) = parts(&remote.audience);
    // How many pages have been told of each slide.
    let told: Arc<Vec<AtomicUsize>> = Arc::new((0..=MOVES).map(|_| AtomicUsize::new(0)).collect());
    let follow = |_| -> JoinHandle<()> {
        let (told, mut page) = (Arc::clone(&told), Page::join(&host, &path));
        thread::spawn(move || {
            while let Some((name, event)) = page.next() {
                if name == "slide" {
                    told[usize::try_from(event["slide"].as_u64().unwrap()).unwrap()]
                        .fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    };
    let pages: Vec<JoinHandle<()>> = (0..FOLLOWERS).map(follow).collect();
    until("all have joined", || told[0].load(Ordering::Relaxed) >= FOLLOWERS);
    let mut before = 0;
    for slide in 1..=MOVES {
        terminal.keys(&["Right"]);
        until("all are told", || told[slide].load(Ordering::Relaxed) >= FOLLOWERS);
        terminal.shows(&format!("word{slide:03}"));
        if slide == MOVES / 3 {
            before = memory(&terminal);
        }
    }
    let grown = memory(&terminal).saturating_sub(before);
    assert!(grown < 16 * 1024 * 1024, "{grown} bytes more after {MOVES} moves");
    terminal.keys(&["q", "q"]);
    for page in pages {
        page.join().unwrap();
    }
}

#[test]
fn a_page_is_told_the_slide_as_it_is_and_nothing_that_is_still_to_come() {
    let Some(terminal) = Terminal::open("followers-told") else { return };
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(5));
    let remote = stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", "word000");
    let ((host, audience), (_, speaker)) = (parts(&remote.audience), parts(&remote.speaker));
    terminal.keys(&["Right", "Right"]);
    terminal.shows("word002");
    // Who comes in the middle sees what the stage shows.
    let mut page = Page::join(&host, &audience);
    let event = page.until("slide 2", |event| event["slide"] == 2);
    assert!(event.to_string().contains("word002") && !event.to_string().contains("secret"), "{event}");
    assert_eq!(event["shown"], serde_json::json!([0, 0, 0, -1, -1]));
    let get = |path: &str| ask(&host, &format!("GET {audience}/{path}"), "", "");
    assert!(get("slide/1/0").1.contains("word001"));
    assert!(!get("slide/1/0").1.contains("secret"));
    for to_come in ["slide/3/0", "slide/9/0", "slide/0/7", "slide/-1/0", "slide/x/0", "slide/0"] {
        assert_eq!(get(to_come).0, 404, "{to_come}");
    }
    // What lies over the slide is the speaker's, and a blank screen is blank everywhere.
    terminal.keys(&["?"]);
    terminal.shows("Moving through");
    terminal.keys(&["Escape"]);
    terminal.wait("no help", |terminal| !terminal.text().contains("Moving through"));
    terminal.keys(&["b"]);
    let event = page.until("blank", |event| event["blank"] == true);
    assert!(!event.to_string().contains("word"), "{event}");
    terminal.keys(&["b"]);
    let event = page.until("the slide again", |event| event["blank"] == false);
    assert!(!event.to_string().contains("Moving through"), "{event}");
    // The page to keep holds what was shown, and no notes; the speaker's holds everything.
    let (status, saved) = get("save");
    assert_eq!(status, 200);
    assert!(saved.contains("word001") && !saved.contains("word003") && !saved.contains("secret"));
    let (_, own) = ask(&host, &format!("GET {speaker}/save"), "", "");
    assert!(own.contains("word003") && own.contains("secret"));
    // The speaker's phone.
    assert_eq!(order(&host, &speaker, "blank"), 200);
    page.until("blank by phone", |event| event["blank"] == true);
    assert_eq!(order(&host, &speaker, "next"), 200);
    page.until("on by phone", |event| event["slide"] == 3);
    for (role, what) in [(&audience, "next"), (&audience, "blank"), (&audience, "run")] {
        assert_eq!(order(&host, role, what), 403, "{what}");
    }
}

#[test]
fn only_names_of_this_computer_are_answered_and_only_its_own_pages_give_orders() {
    let Some(terminal) = Terminal::open("followers-hosts") else { return };
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(2));
    let remote = stage(
        &terminal,
        folder.path(),
        &deck,
        "--remote=127.0.0.1:0 --remote-url=https://talk.example.org/",
        "word000",
    );
    assert!(remote.audience.starts_with("https://talk.example.org/s/"), "{remote:?}");
    let (_, speaker) = parts(&remote.speaker);
    let socket = fs::read_dir(folder.path().join("state/greenroom/places")).unwrap();
    let kept = socket
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "remote"));
    let kept: Value = serde_json::from_str(&fs::read_to_string(kept.unwrap()).unwrap()).unwrap();
    let host = format!("127.0.0.1:{}", kept["address"]["port"]);
    let status = |name: &str| ask(&host, &format!("GET {speaker}"), &format!("Host: {name}\r\n"), "").0;
    for name in ["127.0.0.1:9", "localhost", "talk.example.org", "TALK.example.org:443"] {
        assert_eq!(status(name), 200, "{name}");
    }
    for name in ["evil.example", "talk.example.org.evil.example", "10.9.8.7", ""] {
        assert!(matches!(status(name), 400 | 421), "{name}");
    }
    let ordered = |origin: &str| {
        let more = format!("Origin: {origin}\r\n");
        ask(&host, &format!("POST {speaker}/order"), &more, "{\"do\":\"next\"}").0
    };
    assert_eq!((ordered("https://evil.example"), ordered("null")), (421, 421));
    assert_eq!(ordered("https://talk.example.org"), 200);
    terminal.shows("word001");
}

#[test]
fn a_stage_bears_pages_that_vanish_never_read_flood_or_all_come_at_once() {
    let Some(terminal) = Terminal::open("followers-bad") else { return };
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(200));
    let remote = stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", "word000");
    let ((host, audience), (_, speaker)) = (parts(&remote.audience), parts(&remote.speaker));
    let pages = |count: usize| -> Vec<TcpStream> {
        let page = |_| {
            let mut stream = connect(&host);
            write!(stream, "GET {audience}/events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
            stream
        };
        (0..count).map(page).collect()
    };
    // They ask for everything and never take it in.
    let deaf = pages(10);
    // They all come in one moment, and most of them vanish without a word.
    let began = Instant::now();
    let room = pages(500);
    let mut stayed = Vec::new();
    for (number, mut stream) in room.into_iter().enumerate() {
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200", "{number} after {:?}", began.elapsed());
        if number % 10 == 0 {
            stayed.push(stream);
        }
    }
    terminal.keys(&["Right"]);
    terminal.shows("word001");
    flood(&host, &audience, || assert_eq!(order(&host, &speaker, "next"), 200, "while one floods"));
    terminal.shows("word002");
    let before = memory(&terminal);
    for slide in 3..60 {
        terminal.keys(&["Right"]);
        if slide % 10 == 0 {
            terminal.shows(&format!("word{slide:03}"));
        }
    }
    terminal.shows("word059");
    let mut late = Page::join(&host, &audience);
    late.until("the newest slide", |event| event["slide"] == 59);
    let grown = memory(&terminal).saturating_sub(before);
    assert!(grown < 24 * 1024 * 1024, "{grown} bytes for pages that read nothing");
    drop((deaf, stayed));
}

/// Asks for slides without a pause until that is held up, which another's orders are not: `then` gives one.
fn flood(host: &str, audience: &str, then: impl FnOnce()) {
    let mut flood = connect(host);
    let request = format!("GET {audience}/slide/0/0 HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(50);
    let mut to = flood.try_clone().unwrap();
    let flooding = thread::spawn(move || {
        for _ in 0..400 {
            if to.write_all(request.as_bytes()).is_err() {
                return;
            }
        }
    });
    let mut text = vec![0; 256 * 1024];
    loop {
        let count = flood.read(&mut text).unwrap();
        assert!(count > 0, "never held up");
        if memchr(&text[..count], b"429 Too Many") {
            break;
        }
    }
    then();
    let _ = flood.shutdown(std::net::Shutdown::Both);
    flooding.join().unwrap();
}

fn memchr(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

#[test]
fn a_stage_that_restarts_is_found_at_its_address_and_a_deck_that_is_edited_is_told() {
    let Some(terminal) = Terminal::open("followers-again") else { return };
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(5));
    let open = || stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", "word0");
    let remote = open();
    let (host, audience) = parts(&remote.audience);
    let mut page = Page::join(&host, &audience);
    let event = page.until("the slide", |event| event["slide"] == 0);
    terminal.keys(&["Right"]);
    let event = page.until("the next", |next| next["slide"] == 1 && next["deck"] == event["deck"]);
    // The page has another deck from now on.
    fs::write(&deck, slides(5).replace("word003", "edited")).unwrap();
    page.until("another deck", |next| next["deck"] != event["deck"]);
    // Killed, and opened again.
    terminal.keys(&["Right"]);
    page.until("slide 2", |event| event["slide"] == 2);
    until("the address is kept with what was shown", || {
        let mut places = fs::read_dir(folder.path().join("state/greenroom/places")).unwrap();
        let kept = places.find_map(|entry| {
            let path = entry.unwrap().path();
            path.extension().is_some_and(|end| end == "remote").then(|| fs::read_to_string(path).unwrap())
        });
        kept.is_some_and(|kept| kept.contains("[0,0,0,null,null]"))
    });
    for end in ["kill", "quit"] {
        if end == "kill" {
            kill("KILL", &terminal.stage());
        } else {
            terminal.keys(&["q", "q"]);
        }
        while page.next().is_some() {}
        terminal.is_restored();
        terminal.run("clear");
        let again = open();
        assert_eq!(again, remote, "after {end}");
        page = Page::join(&host, &audience);
        let event = page.until("the stage again", |_| true);
        assert_eq!(event["shown"], serde_json::json!([0, 0, 0, -1, -1]), "after {end}");
    }
}

#[test]
fn what_is_sent_is_packed_for_whoever_unpacks_it_and_an_event_is_there_at_once() {
    let Some(terminal) = Terminal::open("followers-packed") else { return };
    let folder = tempfile::tempdir().unwrap();
    let rows = "- a line of words\n".repeat(10);
    let text = slides(12).replace("\n\n<!--", &format!("\n\n{rows}\n\n<!--"));
    let deck = deck(folder.path(), &text);
    let remote = stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", "word000");
    let (host, audience) = parts(&remote.audience);
    let (few, many) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut packed = Page::join_packed(&host, &audience, Arc::clone(&few));
    let mut plain = Page::join_by(&host, &audience, "", |body| {
        Box::new(BufReader::new(Counted(body, Arc::clone(&many))))
    });
    for slide in 0..12 {
        // Nothing comes after it, so that it is read to its end by itself.
        let one = packed.until("the slide", |event| event["slide"] == slide);
        assert_eq!(one, plain.until("the slide", |event| event["slide"] == slide));
        terminal.keys(&["Right"]);
    }
    let (few, many) = (few.load(Ordering::Relaxed), many.load(Ordering::Relaxed));
    println!("12 slides: {many} bytes, packed {few}");
    assert!(few * 2 < many, "{few} of {many}");
    for file in ["slide.js", "audience.css", "mono.ttf", "slide/3/0", "save"] {
        let asked = |more: &str| {
            let mut stream = connect(&host);
            write!(
                stream,
                "GET {audience}/{file} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n"
            )
            .unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
            let body = answer.split_off(end + 4);
            (String::from_utf8(answer).unwrap().to_lowercase(), body)
        };
        let ((_, plain), (head, packed)) = (asked(""), asked("Accept-Encoding: gzip\r\n"));
        assert!(
            head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"),
            "{file}: {head}"
        );
        let mut back = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut back).unwrap();
        assert!(back == plain && packed.len() < plain.len(), "{file}: {} of {}", packed.len(), plain.len());
        assert!(!asked("Accept-Encoding: gzip;q=0, identity\r\n").0.contains("content-encoding"), "{file}");
    }
}

#[test]
fn a_terminal_that_closes_ends_the_talk_unless_a_presenter_view_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(5));
    let mut shows = "word000";
    for presents in [false, true, false] {
        let Some(terminal) = Terminal::open("followers-closed") else { return };
        let remote = stage(&terminal, folder.path(), &deck, "--remote=127.0.0.1:0", shows);
        if shows == "word000" {
            assert!(!terminal.text().contains("Resumed where it was cut off"));
        } else {
            terminal.shows("Resumed where it was cut off");
        }
        let (host, audience) = parts(&remote.audience);
        let mut pages = [Page::join(&host, &audience), Page::join(&host, &parts(&remote.speaker).1)];
        let view = presents.then(|| Link::join(folder.path(), &terminal));
        terminal.keys(&["g", "g", "Right", "Right"]);
        for page in &mut pages {
            page.until("slide 2", |event| event["slide"] == 2);
        }
        // The window is closed.
        drop(terminal);
        for page in &mut pages {
            while page.next().is_some() {}
        }
        drop(view);
        shows = if presents { "word002" } else { "word000" };
    }
}

/// A file of the tests' certificates.
fn tls(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/tls").join(name)
}

#[test]
fn what_cannot_be_served_is_said_before_the_stage_opens() {
    let folder = tempfile::tempdir().unwrap();
    let deck = deck(folder.path(), &slides(1));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("--remote={}", taken.local_addr().unwrap());
    let (good, key, other) = (tls("certificate.pem"), tls("key.pem"), tls("other-key.pem"));
    let pair = |one: &Path, two: &Path| format!("--tls={},{}", one.display(), two.display());
    let gone = folder.path().join("gone.pem");
    // Held open until the last one was tried.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let held = format!("--remote={}", listener.local_addr().unwrap());
    drop(taken);
    for (options, says) in [
        (vec![held.as_str()], "another program listens there"),
        (vec!["--remote=192.0.2.1:8000"], "does not have that address"),
        (vec!["--remote", &pair(&good, &other)], "is not that of the certificate"),
        (vec!["--remote", &pair(&gone, &key)], "gone.pem cannot be read"),
        (vec!["--remote", &pair(&good, &deck)], "holds no key"),
        (vec!["--remote", &pair(&key, &key)], "holds no certificate"),
        (vec!["--remote", "--tls=one.pem"], "cert.pem,key.pem"),
        (vec!["--remote=nonsense"], "is no address"),
        (vec!["--remote=1.2.3:80"], "is no address"),
        (vec!["--remote", "--remote-url=ftp://x"], "is no address of a page"),
    ] {
        let output = std::process::Command::new(greenroom())
            .arg(&deck)
            .args(&options)
            .env("HOME", folder.path())
            .env("XDG_STATE_HOME", folder.path())
            .env("XDG_RUNTIME_DIR", folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(says) && !output.status.success(), "{options:?}: {said}");
        assert!(!output.stdout.contains(&b'\x1b'), "{options:?}: the stage was opened");
    }
}

#[test]
fn another_terminal_shows_the_stage_by_its_address_also_with_tls() {
    let (Some(terminal), Some(second)) = (Terminal::open("followers-one"), Terminal::open("followers-two"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}\n---\n\n# Demo\n\n```bash +exec\nprintf 'it %s\\n' runs\n```\n", slides(3));
    let deck = deck(folder.path(), &text);
    for (options, ca) in [
        (String::from("--remote=127.0.0.1:0"), String::new()),
        (
            format!(
                "--remote=localhost:0 --tls={},{}",
                tls("certificate.pem").display(),
                tls("key.pem").display()
            ),
            format!("--ca {}", tls("authority.pem").display()),
        ),
    ] {
        let remote = stage(&terminal, folder.path(), &deck, &options, "word000");
        assert_eq!(remote.audience.starts_with("https://localhost:"), !ca.is_empty(), "{remote:?}");
        second.run(&format!("{} {} follow {} {ca}", here(folder.path()), greenroom(), remote.audience));
        second.shows("word000");
        terminal.keys(&["Right"]);
        second.shows("word001");
        second.shows("Slide 1");
        terminal.keys(&["Right", "Right"]);
        // What was agreed to in the first round is not asked for again.
        if ca.is_empty() {
            agree(&terminal, "x");
        } else {
            terminal.keys(&["x"]);
        }
        second.wait("what the demo prints, and never the question", |second| {
            assert!(!second.text().contains("Run these commands"));
            second.text().contains("it runs")
        });
        terminal.keys(&["g", "g"]);
        second.shows("word000");
        second.keys(&["q"]);
        second.is_restored();
        second.run("clear");
        terminal.keys(&["q", "q"]);
        terminal.is_restored();
        terminal.run("clear");
        fs::remove_dir_all(folder.path().join("state")).unwrap();
    }
    // What is no address of a talk is said at once.
    for (url, says) in
        [("nonsense", "no address of a talk"), ("http://127.0.0.1:1/x", "no address of a talk")]
    {
        second.run(&format!("{} follow {url}", greenroom()));
        second.shows(says);
        second.run("clear");
    }
}

#[test]
fn the_stage_shows_the_room_its_code_and_opens_the_page_when_it_is_asked_to() {
    let Some(terminal) = Terminal::open("followers-code") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut text = slides(3);
    write!(text, "\n---\n\n# Code\n\n<!-- qr: audience -->\n").unwrap();
    let deck = deck(folder.path(), &text);
    terminal.run(&format!("{} {} {}", here(folder.path()), greenroom(), deck.display()));
    terminal.shows("word000");
    let mut link = Link::join(folder.path(), &terminal);
    assert_eq!(link.hello.remote, None);
    // On a slide, it says that nobody follows.
    terminal.keys(&["G"]);
    terminal.shows("while the talk is followed");
    // A first key says what it would open; another one closes that, and nothing is served.
    terminal.keys(&["Q"]);
    terminal.shows("whoever has its address");
    terminal.keys(&["j"]);
    terminal.wait("no card", |terminal| !terminal.text().contains("whoever has its address"));
    assert_eq!(Link::join(folder.path(), &terminal).hello.remote, None);
    terminal.keys(&["Q", "Q"]);
    terminal.shows("Follow this talk");
    terminal.wait("its address", |terminal| terminal.text().contains("/s/") && terminal.text().contains('▀'));
    let remote = Link::join(folder.path(), &terminal).hello.remote.expect("it is served");
    assert!(terminal.text().contains(&remote.audience) && !terminal.text().contains(&remote.speaker));
    // A presenter view that was there before is told as well, and any key hides the code.
    link.say(&Message::Order(StageCommand::Previous));
    terminal.shows("word002");
    assert!(!terminal.text().contains("Follow this talk"));
    let port = parts(&remote.audience).0.rsplit_once(':').unwrap().1.to_owned();
    let (status, _) =
        ask(&format!("127.0.0.1:{port}"), &format!("GET {}", parts(&remote.audience).1), "", "");
    assert_eq!(status, 200);
    // The slide's own code is there now.
    terminal.keys(&["G"]);
    terminal.wait("the code on its slide", |terminal| terminal.text().contains(&remote.audience[..30]));
    assert!(terminal.text().contains('▀'));
}

#[test]
fn a_deck_may_let_its_room_read_ahead() {
    let Some(terminal) = Terminal::open("followers-ahead") else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("talk.yaml"),
        "title: T\nfollow: all\nsections:\n- {title: A, file: a.md}\n",
    )
    .unwrap();
    fs::write(folder.path().join("a.md"), slides(3)).unwrap();
    let remote = stage(&terminal, folder.path(), folder.path(), "--remote=127.0.0.1:0 --slide 3", "word000");
    let (host, audience) = parts(&remote.audience);
    let (status, slide) = ask(&host, &format!("GET {audience}/slide/4/0"), "", "");
    assert!(status == 200 && slide.contains("word002") && !slide.contains("secret"), "{status} {slide}");
}
