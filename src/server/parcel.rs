//! What is sent to many: as it is, or packed for whoever can unpack it, which is done once for all.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// How a stream of pieces begins (RFC 1952): deflate, and nothing said of where it comes from.
pub(super) const BEGIN: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Bytes that are packed when somebody first asks for that.
#[derive(Debug, Clone)]
pub(super) struct Parcel(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    plain: Bytes,
    packed: OnceLock<Bytes>,
    pack: fn(&[u8]) -> Vec<u8>,
}

impl Parcel {
    /// A whole answer.
    pub(super) fn whole(plain: Bytes) -> Self {
        Self::new(plain, whole)
    }

    /// A part of a stream, which can stand behind any other one: many streams share it, wherever each of them began.
    pub(super) fn piece(plain: Bytes) -> Self {
        Self::new(plain, piece)
    }

    fn new(plain: Bytes, pack: fn(&[u8]) -> Vec<u8>) -> Self {
        Self(Arc::new(Contents { plain, packed: OnceLock::new(), pack }))
    }

    /// As it is.
    pub(super) fn plain(&self) -> Bytes {
        self.0.plain.clone()
    }

    /// By gzip.
    pub(super) fn packed(&self) -> Bytes {
        self.0.packed.get_or_init(|| Bytes::from((self.0.pack)(&self.0.plain))).clone()
    }

    /// Bytes of it as it is.
    pub(super) fn len(&self) -> usize {
        self.0.plain.len()
    }
}

// Memory is always written to: none of these fails.

fn whole(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let _ = packed.write_all(plain);
    packed.finish().unwrap_or_default()
}

/// Blocks that refer to nothing before them, the last of which ends with a byte and is not the stream's last.
fn piece(plain: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
    let _ = packed.write_all(plain);
    let _ = packed.flush();
    std::mem::take(packed.get_mut())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::{GzDecoder, MultiGzDecoder};

    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        for text in [String::new(), "a".to_owned(), "row of cells ".repeat(10_000)] {
            let parcel = Parcel::whole(Bytes::from(text.clone()));
            let mut back = String::new();
            MultiGzDecoder::new(&*parcel.packed()).read_to_string(&mut back).unwrap();
            assert_eq!((back.as_bytes(), &*parcel.plain()), (text.as_bytes(), text.as_bytes()));
        }
    }

    #[test]
    fn pieces_come_back_in_whatever_order_they_are_sent_and_each_at_once() {
        let texts =
            [":\n\n".to_owned(), "event: slide\ndata: {}\n\n".repeat(5_000), "x".to_owned(), String::new()];
        let pieces: Vec<Parcel> = texts.iter().map(|text| Parcel::piece(Bytes::from(text.clone()))).collect();
        for order in [[0, 1, 2, 3], [1, 1, 0, 2], [3, 2, 1, 1]] {
            let mut sent = BEGIN.to_vec();
            let mut text = String::new();
            for at in order {
                sent.extend_from_slice(&pieces[at].packed());
                text.push_str(&texts[at]);
                // What has been sent so far can be read to its last letter.
                let mut read = vec![0; text.len()];
                GzDecoder::new(&*sent).read_exact(&mut read).unwrap();
                assert!(read == text.as_bytes());
            }
        }
    }
}
