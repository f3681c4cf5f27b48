//! What is typed into a demo while it is recorded.

use std::collections::VecDeque;
use std::time::Duration;

use greenroom_base::source::Control;

/// Types into a program as a person would, who looks at what it says before the next line.
pub(super) struct Typist {
    keys: VecDeque<char>,
    /// When the next key is due; none when there was nothing to type from the beginning.
    due: Option<tokio::time::Instant>,
    in_a_line: bool,
    /// Everything was typed, and the program told to end.
    pub ended: bool,
}

impl Typist {
    /// Between two keys of a line.
    const STROKE: Duration = Duration::from_millis(60);
    /// A program that has been quiet for so long waits for its next line.
    const PAUSE: Duration = Duration::from_millis(1200);

    pub(crate) fn new(lines: &[String]) -> Self {
        // A line ends with the key that says so, which is no line feed.
        let keys = lines.iter().flat_map(|line| line.chars().chain(['\r'])).collect();
        let due = (!lines.is_empty()).then(|| tokio::time::Instant::now() + Self::PAUSE);
        Self { keys, due, in_a_line: false, ended: false }
    }

    /// The program says something.
    pub(crate) fn wait(&mut self) {
        if !self.in_a_line {
            self.due = self.due.map(|_| tokio::time::Instant::now() + Self::PAUSE);
        }
    }

    /// Waits until a key is due.
    pub(crate) async fn turn(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// The key that is due, or the end when all has been typed and the program waits for more.
    pub(crate) fn next(&mut self) -> Control {
        let Some(key) = self.keys.pop_front() else {
            (self.due, self.ended) = (None, true);
            return Control::Stop;
        };
        self.in_a_line = key != '\r';
        let pause = if self.in_a_line { Self::STROKE } else { Self::PAUSE };
        self.due = Some(tokio::time::Instant::now() + pause);
        Control::Input(key.to_string().into_bytes().into())
    }
}
