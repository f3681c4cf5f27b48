use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::*;
use crate::link::{Hello, Message, Mirror, StageCommand, StageState, VERSION};
use crate::server::Nobody;
use crate::server::remote::Opening;
use greenroom_base::clock::Elapsed;

const TEST_TIMEOUT: Duration = Duration::from_secs(20);

fn stage(socket: &Path) -> LinkServer {
    let at = SocketAddr::from(([127, 0, 0, 1], 0));
    serve(Serve {
        socket: socket.to_owned(),
        title: "T".to_owned(),
        remote: None,
        opening: Opening { at, host: None, url: None, tls: None, before: None },
        backstage: Arc::new(Nobody),
        alive: Arc::new(|| {}),
    })
    .unwrap()
}

/// What the stage hears next.
fn heard(links: &mut LinkServer) -> LinkEvent {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime
        .block_on(async { tokio::time::timeout(TEST_TIMEOUT, links.recv()).await })
        .expect("nothing was heard")
}

fn connect(socket: &Path) -> UnixStream {
    let end = Instant::now() + TEST_TIMEOUT;
    loop {
        match UnixStream::connect(socket) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TEST_TIMEOUT)).unwrap();
                return stream;
            }
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        std::thread::yield_now();
    }
}

/// A follower that has said hello in this version.
fn follower(socket: &Path, version: u32) -> BufReader<UnixStream> {
    let mut stream = connect(socket);
    write(&mut stream, &Message::Hello(Hello { version, ..Hello::default() }).line());
    let mut reader = BufReader::new(stream);
    assert!(matches!(next(&mut reader), Some(Message::Hello(Hello { version: VERSION, .. }))));
    reader
}

fn write(stream: &mut UnixStream, text: &str) {
    stream.write_all(text.as_bytes()).unwrap();
}

/// The next message; none when the other side has closed.
fn next(reader: &mut BufReader<UnixStream>) -> Option<Message> {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    Message::read(&line).ok().flatten()
}

#[test]
fn a_follower_is_told_what_is_new_and_is_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    let mut links = stage(&socket);
    let mut reader = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    assert!(links.is_followed());
    let state = |slide, elapsed| StageState { slide, elapsed, running: true, ..StageState::default() };
    links.tell(state(1, 5_000), Elapsed::from_secs(10));
    links.tell(state(1, 6_000), Elapsed::from_secs(11));
    assert!(
        matches!(next(&mut reader), Some(Message::State(told)) if (told.slide, told.elapsed) == (1, 5_000))
    );
    links.tell(state(1, 0), Elapsed::from_secs(12));
    assert!(
        matches!(next(&mut reader), Some(Message::State(told)) if told.elapsed == 0),
        "the timer was reset"
    );
    write(reader.get_mut(), &Message::Order(StageCommand::Go { slide: 7, step: 0 }).line());
    assert!(matches!(heard(&mut links), LinkEvent::Order(StageCommand::Go { slide: 7, step: 0 })));
    drop(links);
    assert_eq!(next(&mut reader), None);
    assert!(!socket.exists());
}

#[test]
fn rubbish_half_lines_and_other_versions_end_only_their_own_link() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    let mut links = stage(&socket);
    let mut other = follower(&socket, VERSION + 1);
    assert!(matches!(next(&mut other), Some(Message::Problem(why)) if why.contains("version")));
    let mut rude = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    write(rude.get_mut(), "{\"order\": \n");
    assert!(matches!(next(&mut rude), Some(Message::Problem(why)) if why.contains("JSON")));
    let mut gone = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    write(gone.get_mut(), "{\"order\": {\"do\": \"next\"}}");
    drop(gone);
    let mut endless = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined), "half an order is none");
    let _ = endless.get_mut().write_all(&vec![b'x'; crate::link::MAX_LINE + 1]);
    assert_eq!(endless.read(&mut [0; 16]).unwrap_or(0), 0, "a line without an end is not kept");
    let mut good = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    write(good.get_mut(), &Message::Order(StageCommand::Next).line());
    assert!(matches!(heard(&mut links), LinkEvent::Order(StageCommand::Next)));
}

#[test]
fn a_stale_socket_is_replaced_and_a_second_stage_waits_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists(), "as a stage leaves it that was killed");
    let mut first = stage(&socket);
    drop(follower(&socket, VERSION));
    assert!(matches!(heard(&mut first), LinkEvent::Joined));
    let mut second = stage(&socket);
    assert!(
        matches!(heard(&mut second), LinkEvent::Notice(why) if why.contains("in another terminal already"))
    );
    drop(first);
    let reader = follower(&socket, VERSION);
    assert!(matches!(heard(&mut second), LinkEvent::Joined), "it has taken over");
    drop(reader);
}

#[test]
fn nobody_can_make_the_stage_wait() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    let mut links = stage(&socket);
    let mut silent = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    let notes = "n".repeat(crate::link::MAX_NOTES);
    let began = Instant::now();
    // Far more than a socket holds, and nobody reads it.
    for slide in 0..2_000 {
        links.tell(StageState { slide, notes: notes.clone(), ..StageState::default() }, Elapsed::ZERO);
    }
    assert!(began.elapsed() < TEST_TIMEOUT);
    // Orders that nobody takes: the follower waits, not the stage.
    silent.get_mut().set_nonblocking(true).unwrap();
    let order = Message::Order(StageCommand::Next).line();
    let flooded = (0..100_000).any(|_| silent.get_mut().write_all(order.as_bytes()).is_err());
    assert!(flooded, "orders pile up without end");
}

#[test]
fn the_folder_is_the_users_alone() {
    let folder = tempfile::tempdir().unwrap();
    let user = rustix::process::geteuid().as_raw();
    let own = folder.path().join("own");
    own_folder(&own, user).unwrap();
    assert_eq!(fs::metadata(&own).unwrap().mode() & 0o777, 0o700);
    fs::set_permissions(&own, Permissions::from_mode(0o777)).unwrap();
    own_folder(&own, user).unwrap();
    assert_eq!(fs::metadata(&own).unwrap().mode() & 0o777, 0o700);
    assert!(matches!(own_folder(&own, user + 1), Err(LinkError::NotOurs(_))));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&own, &link).unwrap();
    assert!(matches!(own_folder(&link, user), Err(LinkError::NotOurs(_))), "a link leads anywhere");
}

#[test]
fn presenter_views_see_the_newest_mirror_and_nobody_else_costs_one() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("a.sock");
    let mut links = stage(&socket);
    assert_eq!(links.mirrors_at(Elapsed::ZERO), None, "nobody looks on");
    let mut reader = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    links.forget();
    assert_eq!(links.mirrors_at(Elapsed::ZERO), Some(Elapsed::ZERO));
    let began = Instant::now();
    // Far more than a socket holds, and nobody reads it.
    let cells = ratatui::buffer::Buffer::filled(
        ratatui::layout::Rect::new(0, 0, 160, 50),
        ratatui::buffer::Cell::new("x"),
    );
    for slide in 0..500 {
        let pane = crate::link::PaneCells::of(0, &cells, cells.area, None, crate::link::MAX_CELLS);
        links.mirror(Mirror { slide, panes: vec![pane] }, Elapsed::from_secs(1));
    }
    assert!(began.elapsed() < TEST_TIMEOUT / 2, "{:?}", began.elapsed());
    assert!(links.mirrors_at(Elapsed::from_secs(1)) > Some(Elapsed::from_secs(1)), "not at once again");
    let end = Instant::now() + TEST_TIMEOUT;
    let mut seen = 0;
    loop {
        assert!(Instant::now() < end);
        let Some(Message::Mirror(mirror)) = next(&mut reader) else { continue };
        seen += 1;
        if mirror.slide == 499 {
            break;
        }
    }
    assert!(seen < 500, "what is old is left out");
    // Who comes later is shown what shows already.
    let mut late = follower(&socket, VERSION);
    assert!(matches!(heard(&mut links), LinkEvent::Joined));
    links.forget();
    links.mirror(Mirror { slide: 499, panes: Vec::new() }, Elapsed::from_secs(2));
    assert!(matches!(next(&mut late), Some(Message::Mirror(mirror)) if mirror.slide == 499));
}
