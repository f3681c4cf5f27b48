//! A follower of a stage, over the stage's own socket.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use greenroom::link::{Hello, Message, StageState, VERSION};

use super::terminal::{PATIENCE, Terminal};

pub(crate) struct Link {
    stream: BufReader<UnixStream>,
    /// How the stage began.
    pub hello: Hello,
}

impl Link {
    /// To the only stage that is met in `runtime`.
    pub(crate) fn join(runtime: &Path, terminal: &Terminal) -> Self {
        let folder = runtime.join("greenroom");
        terminal.wait("a socket", |_| connect(&folder).is_some());
        let mut stream = connect(&folder).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let hello = Message::Hello(Hello { version: VERSION, ..Hello::default() });
        stream.write_all(hello.line().as_bytes()).unwrap();
        let mut stream = BufReader::new(stream);
        match next(&mut stream) {
            Some(Message::Hello(hello)) => Self { stream, hello },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn say(&mut self, message: &Message) {
        self.stream.get_mut().write_all(message.line().as_bytes()).unwrap();
    }

    /// The first of the stage's next states that is as `done` wants it.
    pub(crate) fn until(&mut self, what: &str, done: impl Fn(&StageState) -> bool) -> StageState {
        let end = Instant::now() + PATIENCE;
        loop {
            let Some(Message::State(state)) = next(&mut self.stream) else { continue };
            if done(&state) {
                return *state;
            }
            assert!(Instant::now() < end, "never {what}: {state:?}");
        }
    }
}

fn connect(folder: &Path) -> Option<UnixStream> {
    let mut entries = fs::read_dir(folder).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    UnixStream::connect(entries.find(|path| path.extension().is_some_and(|end| end == "sock"))?).ok()
}

/// The next message; none for a kind that is not known.
fn next(stream: &mut BufReader<UnixStream>) -> Option<Message> {
    let mut line = String::new();
    assert!(stream.read_line(&mut line).unwrap() > 0, "the stage has gone");
    Message::read(&line).unwrap()
}
