//! Bytes of a bench's output to lines.

/// Longest line that is kept; a profile is the longest that there is.
pub use greenroom_base::run::MAX_RECORD as MAX_LINE;

/// Cuts bytes into lines, however they arrive. A carriage return is dropped: a terminal puts one before each line's
/// end. A line that is too long is passed over and counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct LineSplitter {
    part: Vec<u8>,
    /// The line under way is too long.
    skips: bool,
    skipped: u64,
}

impl LineSplitter {
    /// Gives every line that `bytes` complete to `sink`, without its end.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&str)) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(at);
            self.add(line);
            self.end(sink);
            rest = after.get(1..).unwrap_or_default();
        }
        self.add(rest);
    }

    /// Gives what came after the last line's end, when there is something.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(&str)) {
        if !self.part.is_empty() {
            self.end(sink);
        }
    }

    /// Lines that were too long so far.
    #[must_use]
    pub(crate) const fn skipped(&self) -> u64 {
        self.skipped
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.skips || self.part.len() + bytes.len() > MAX_LINE {
            self.skips = true;
            self.part = Vec::new();
        } else {
            self.part.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, sink: &mut dyn FnMut(&str)) {
        if std::mem::take(&mut self.skips) {
            self.skipped += 1;
            return;
        }
        while self.part.last() == Some(&b'\r') {
            self.part.pop();
        }
        sink(&String::from_utf8_lossy(&self.part));
        self.part.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let bytes = "one\r\n\ntwo \u{1f680}\r\nrest".as_bytes();
        for size in 1..bytes.len() {
            let (mut lines, mut found) = (LineSplitter::default(), Vec::new());
            for part in bytes.chunks(size) {
                lines.feed(part, &mut |line| found.push(line.to_owned()));
            }
            lines.finish(&mut |line| found.push(line.to_owned()));
            assert_eq!(found, ["one", "", "two \u{1f680}", "rest"], "in parts of {size}");
        }
    }

    #[test]
    fn a_line_without_end_takes_no_room() {
        let (mut lines, mut found) = (LineSplitter::default(), 0);
        let part = vec![b'x'; 1 << 16];
        for _ in 0..80 {
            lines.feed(&part, &mut |_| found += 1);
            assert!(lines.part.capacity() <= 2 * MAX_LINE);
        }
        lines.feed(b"\nnext\n", &mut |line| found += line.len());
        assert_eq!((found, lines.skipped()), (4, 1));
    }
}
