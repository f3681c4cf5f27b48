//! How drawn rows reach a terminal: compressed within its input, or in a file that both can read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// Bytes in one escape sequence: 4096 characters of base64.
const CHUNK: usize = 3072;
/// Where files are in memory, on Linux.
const MEMORY: &str = "/dev/shm";
/// A terminal that has not read a frame's file for so long does not read files.
const PATIENCE: Duration = Duration::from_secs(2);

/// How pixels travel.
#[derive(Debug)]
pub(super) struct Carrier {
    /// Where files are put, if the terminal has read one from there.
    folder: Option<PathBuf>,
    /// The file of the last frame, which the terminal deletes when it has read it, and since when it is on its way.
    sent: Option<(PathBuf, Instant)>,
}

impl Carrier {
    /// Everything in the terminal's input.
    pub(super) const fn new() -> Self {
        Self { folder: None, sent: None }
    }

    /// From now on by files in this folder, or in the input again.
    pub(super) fn by_files(&mut self, folder: Option<PathBuf>) {
        self.folder = folder;
    }

    /// Whether the terminal has read the last frame: another one before that would only be kept waiting, in memory. One that has not
    /// read it for long never will.
    pub(super) fn is_read(&mut self) -> Read {
        let Some((path, since)) = &self.sent else { return Read::Yes };
        if !path.exists() {
            self.sent = None;
            return Read::Yes;
        }
        if since.elapsed() < PATIENCE {
            return Read::NotYet;
        }
        self.forget();
        self.folder = None;
        Read::Never
    }

    /// Takes back what the terminal has not read.
    pub(super) fn forget(&mut self) {
        if let Some((path, _)) = self.sent.take() {
            let _ = fs::remove_file(path);
        }
    }

    /// Begins to pack the pictures of a frame.
    ///
    /// # Errors
    /// When there is no file for them.
    pub(super) fn parcel(&mut self) -> io::Result<Parcel> {
        let Some(folder) = &self.folder else { return Ok(Parcel::Input) };
        let (path, file) = create(folder)?;
        Ok(Parcel::File { path, file, at: 0, waiting: None })
    }

    /// The parcel is complete: the terminal deletes its file.
    pub(super) fn sent(&mut self, parcel: Parcel, out: &mut Vec<u8>) {
        let Parcel::File { path, waiting, .. } = parcel else { return };
        match waiting {
            Some(waiting) => {
                write_file(&waiting, 't', &path, out);
                self.sent = Some((path, Instant::now()));
            }
            None => drop(fs::remove_file(path)),
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Whether a terminal has read what it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Yes,
    NotYet,
    /// It reads no files.
    Never,
}

/// The pictures of one frame.
#[derive(Debug)]
pub(super) enum Parcel {
    /// In the terminal's input.
    Input,
    /// In one file, one behind the other. The last is told to be deleted with it, and so waits until there is another one.
    File { path: PathBuf, file: File, at: usize, waiting: Option<Waiting> },
}

/// A picture of which the terminal has not been told yet.
#[derive(Debug)]
pub(super) struct Waiting {
    head: String,
    at: usize,
    length: usize,
}

impl Parcel {
    /// Adds a picture of `width` by `height` pixels. `head` moves the cursor, `keys` says what is done with the picture.
    ///
    /// # Errors
    /// When it has no room.
    pub(super) fn add(
        &mut self,
        (head, keys): (&str, &str),
        (width, height): (u32, u32),
        rgba: &[u8],
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        match self {
            Self::Input => {
                let png = png(rgba, width, height).ok_or(io::ErrorKind::InvalidData)?;
                out.extend_from_slice(head.as_bytes());
                let mut keys = format!("{keys},f=100,");
                let mut chunks = png.chunks(CHUNK).peekable();
                while let Some(chunk) = chunks.next() {
                    let more = u8::from(chunks.peek().is_some());
                    write!(out, "\x1b_G{keys}q=2,m={more};{}\x1b\\", BASE64.encode(chunk))?;
                    keys.clear();
                }
            }
            Self::File { path, file, at, waiting } => {
                file.write_all_at(rgba, u64::try_from(*at).unwrap_or(u64::MAX))?;
                if let Some(before) = waiting.take() {
                    write_file(&before, 'f', path, out);
                }
                let head = format!("{head}\x1b_G{keys},f=32,s={width},v={height},");
                *waiting = Some(Waiting { head, at: *at, length: rgba.len() });
                *at += rgba.len().next_multiple_of(page());
            }
        }
        Ok(())
    }

    /// Gives it up.
    pub(super) fn discard(self) {
        if let Self::File { path, .. } = self {
            let _ = fs::remove_file(path);
        }
    }
}

fn write_file(waiting: &Waiting, kind: char, path: &Path, out: &mut Vec<u8>) {
    let Waiting { head, at, length } = waiting;
    let path = BASE64.encode(path.as_os_str().as_encoded_bytes());
    let _ = write!(out, "{head}t={kind},O={at},S={length},q=2;{path}\x1b\\");
}

/// Where a terminal on this machine finds files: in memory, if the system has that.
pub(super) fn folder() -> PathBuf {
    let memory = Path::new(MEMORY);
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}

/// A new file that only this user can read, with a name that nobody can know before. A terminal deletes only files with these
/// words in their names.
pub(super) fn create(folder: &Path) -> io::Result<(PathBuf, File)> {
    let made = tempfile::Builder::new()
        .prefix("tty-graphics-protocol-greenroom-")
        .rand_bytes(12)
        .tempfile_in(folder)?;
    let (file, path) = made.keep().map_err(|kept| kept.error)?;
    Ok((path, file))
}

/// Where a part of a file may begin that a terminal maps into its memory.
pub(super) fn page() -> usize {
    rustix::param::page_size()
}

/// The pixels, compressed: rows of letters are mostly like the row of pixels above.
fn png(rgba: &[u8], width: u32, height: u32) -> Option<Vec<u8>> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    rgba.chunks_exact(4).for_each(|pixel| rgb.extend_from_slice(pixel.get(..3).unwrap_or_default()));
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up)
        .write_image(&rgb, width, height, ExtendedColorType::Rgb8)
        .ok()?;
    Some(bytes)
}
