//! What programs print on their terminals, line by line.

use std::collections::VecDeque;

use greenroom_base::run::{Exit, Size};

/// The terminal that servers print on. Wide, so that nothing is wrapped.
pub(crate) const TERMINAL: Size = Size { columns: 500, rows: 50 };
/// Lines of output that are kept, for the message when it fails.
const MAX_LINES: usize = 20;
/// The longest line that is kept.
const MAX_LINE: usize = 2000;
/// Lines given to the record of the run; a server that prints every request says no more after that.
const MAX_TOLD: usize = 200;

/// What a program prints, in lines.
#[derive(Debug, Default)]
pub(crate) struct OutputTail {
    partial: Vec<u8>,
    last: VecDeque<String>,
    untold: Vec<String>,
    told: usize,
}

impl OutputTail {
    /// Adds what was printed.
    pub(crate) fn take_in(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                _ if self.partial.len() < MAX_LINE => self.partial.push(*byte),
                _ => {}
            }
        }
    }

    /// The last lines.
    #[must_use]
    pub(crate) fn last(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }

    /// The lines since the last call, as far as a record has room for them.
    pub(crate) fn take_untold(&mut self) -> Vec<String> {
        std::mem::take(&mut self.untold)
    }

    fn end_line(&mut self) {
        let line = plain(&std::mem::take(&mut self.partial));
        if line.is_empty() {
            return;
        }
        if self.told < MAX_TOLD {
            self.told += 1;
            self.untold.push(line.clone());
        }
        self.last.push_back(line);
        if self.last.len() > MAX_LINES {
            self.last.pop_front();
        }
    }
}

/// A line without colours and other control sequences.
fn plain(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next_if_eq(&'[').is_some() {
                // Parameters, up to the letter that ends the sequence.
                while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
            }
        } else if !c.is_control() {
            out.push(c);
        }
    }
    out.trim_end().to_owned()
}

/// The end of a process, in words.
pub(crate) fn in_words(exit: &Exit) -> String {
    match exit {
        Exit::Status(status) => format!("exit status {status}"),
        Exit::Signal(signal) => format!("killed by signal {signal}"),
        Exit::TimedOut => "its time was over".to_owned(),
        Exit::Stopped => "stopped".to_owned(),
        Exit::Failed(reason) => reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_server_lose_their_colours() {
        assert_eq!(plain(b"\x1b[32mINFO\x1b[0m: up \x07\xff\r"), "INFO: up \u{fffd}");
        let mut lines = OutputTail::default();
        lines.take_in(b"one\r\ntw");
        lines.take_in(b"o\n\n");
        assert_eq!(lines.last, ["one", "two"]);
        lines.take_in(&b"x\n".repeat(1000));
        assert_eq!((lines.last.len(), lines.untold.len()), (MAX_LINES, MAX_TOLD));
    }
}
