//! Lines of messages from a socket: never longer than they may be, never half.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::link::{MAX_LINE, Message};

/// What was read.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// A message.
    Message(Message),
    /// A line that is none: why.
    Rubbish(String),
    /// The other side has gone; what it had written of a line is forgotten.
    End,
}

/// Reads the next message. Kinds that are not known here are passed over.
///
/// Nothing is lost when nobody waits to the end: what has been read of a line stays in `line`.
pub(super) async fn read<R>(from: &mut R, line: &mut Vec<u8>) -> io::Result<Incoming>
where
    R: AsyncBufRead + Unpin,
{
    loop {
        let bytes = from.fill_buf().await?;
        if bytes.is_empty() {
            return Ok(Incoming::End);
        }
        let end = memchr::memchr(b'\n', bytes);
        let taken = end.map_or(bytes.len(), |end| end + 1);
        if line.len() + taken > MAX_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
        }
        line.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        from.consume(taken);
        if end.is_none() {
            continue;
        }
        let whole = std::mem::take(line);
        let text = String::from_utf8_lossy(&whole);
        match Message::read(text.trim()) {
            Ok(Some(message)) => return Ok(Incoming::Message(message)),
            Ok(None) => {}
            Err(reason) => return Ok(Incoming::Rubbish(reason)),
        }
    }
}
