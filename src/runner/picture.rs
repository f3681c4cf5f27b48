//! Decodes pictures in a process of its own, with limits on its time and memory.
//!
//! A picture is somebody else's: a few hundred bytes of SVG can ask for gigabytes and minutes, and a process that
//! runs out of memory ends. So the executable starts itself again as `greenroom __picture WIDTH HEIGHT`, which gets
//! limits and lowers them before it reads a byte, takes the file from standard input and gives its pixels on standard output. Whatever
//! happens to it, the talk goes on and shows why there is no picture.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::headless::MAX_PICTURE;
use greenroom_frame::Picture;
use greenroom_render::paint::picture::{self, Motion, PictureError};
use greenroom_system::command::Command;
use greenroom_system::subprocess::{End, Finished, Keep, Limits, Resource, Subprocess, lower};

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__picture";

/// Seconds of CPU that one picture may take. Without optimisation everything takes longer.
const CPU_SECONDS: u64 = if cfg!(debug_assertions) { 10 } else { 3 };
/// Bytes that the process may have besides its own program: what decoding may allocate, and what scaling takes.
const MEMORY: u64 = 768 * 1024 * 1024;
/// Of an SVG: some twenty-five layers of the largest picture that is shown.
const SVG_MEMORY: u64 = 256 * 1024 * 1024;
/// By the clock, for a process that gets no CPU.
const DEADLINE: Duration = Duration::from_secs(CPU_SECONDS * 5);
/// What begins an answer with pixels; anything else is the reason why there are none.
const GOOD: &[u8] = b"picture ";
/// What begins one with the frames of a picture that moves.
const MOVING: &[u8] = b"moving ";
/// The longest reason that is taken in, in bytes.
const MAX_REASON: usize = 4096;

/// Starts the processes that decode pictures.
#[derive(Debug, Clone)]
pub struct Decoder {
    executable: PathBuf,
}

impl Decoder {
    /// With the executable that runs now.
    #[must_use]
    pub fn this() -> Self {
        Self { executable: greenroom_system::program::this().unwrap_or_default() }
    }

    /// With another executable, for tests.
    #[must_use]
    pub const fn of(executable: PathBuf) -> Self {
        Self { executable }
    }

    /// The executable that it starts.
    #[must_use]
    pub(super) fn executable(&self) -> &std::path::Path {
        &self.executable
    }

    /// Decodes a picture and makes it fit `max` (pixels across and down), as [`picture::decode`] does.
    ///
    /// # Errors
    /// As there, and when it takes too much time or memory.
    pub fn decode(&self, bytes: &[u8], max: (u32, u32)) -> Result<Picture, PictureError> {
        understand(&self.run(bytes, max, &[], most(max))?, picture::is_svg(bytes))
    }

    fn run(
        &self,
        bytes: &[u8],
        max: (u32, u32),
        words: &[&str],
        most: usize,
    ) -> Result<Finished, PictureError> {
        let mut command = Command::new(&self.executable);
        command.arg0("greenroom").args([SUBCOMMAND, &max.0.to_string(), &max.1.to_string()]).args(words);
        command.env_clear();
        // It starts nothing, and so needs no guard.
        let limits = Limits { cpu_seconds: Some(CPU_SECONDS), no_core: true, memory: None };
        let process = Subprocess::new(command, DEADLINE).without_guard(limits);
        // A process that has seen enough reads no further; what it answers says why.
        let process = process.input(bytes.to_vec()).keep_stdout(Keep::All(most)).keep_stderr(Keep::Nothing);
        process.run().map_err(|error| PictureError::Process(error.to_string()))
    }
}

impl Decoder {
    /// Decodes a picture that moves, as [`picture::motion`] does.
    ///
    /// # Errors
    /// As there, and when it takes too much time or memory.
    pub fn motion(&self, bytes: &[u8], max: (u32, u32)) -> Result<Motion, PictureError> {
        let finished = self.run(bytes, max, &["moving"], picture::MAX_MOVING + MAX_REASON)?;
        let answer = finished.stdout.strip_prefix(MOVING).filter(|_| finished.is_success());
        answer.and_then(frames).map_or_else(|| Err(refused(&finished, false)), Ok)
    }
}

/// Bytes of the longest answer.
fn most(max: (u32, u32)) -> usize {
    let pixels = u64::from(max.0).saturating_mul(u64::from(max.1)).saturating_mul(4);
    usize::try_from(pixels).unwrap_or(usize::MAX).saturating_add(MAX_REASON)
}

/// What the process answered, or what ended it.
fn understand(finished: &Finished, svg: bool) -> Result<Picture, PictureError> {
    let answer = &finished.stdout;
    if let Some(picture) = answer.strip_prefix(GOOD).filter(|_| finished.is_success()).and_then(pixels) {
        return Ok(picture);
    }
    Err(refused(finished, svg))
}

/// What the process said, or what ended it.
fn refused(finished: &Finished, svg: bool) -> PictureError {
    let answer = &finished.stdout;
    match finished.end {
        End::Status(1) if !answer.is_empty() => {
            PictureError::Told(String::from_utf8_lossy(answer).into_owned())
        }
        End::Signal(libc::SIGXCPU | libc::SIGKILL) => PictureError::Time { seconds: CPU_SECONDS },
        // What cannot be had ends a process by SIGABRT; a stack or a page that is not there by the others.
        End::Signal(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS) => {
            PictureError::TooMuchMemory { megabytes: memory(svg) / 1024 / 1024 }
        }
        End::TimedOut => PictureError::Process("it does not come to an end".to_owned()),
        End::TooMuch => PictureError::Process("it gives more than was asked for".to_owned()),
        End::Status(status) => PictureError::Process(format!("its process ended with exit status {status}")),
        End::Signal(signal) => PictureError::Process(format!("its process was killed by signal {signal}")),
        End::Interrupted => PictureError::Process("it was interrupted".to_owned()),
    }
}

/// For each frame `WIDTH HEIGHT ID MILLISECONDS`, a new line, and the pixels.
fn frames(mut answer: &[u8]) -> Option<Motion> {
    let mut motion = Motion::new();
    while !answer.is_empty() {
        let end = memchr::memchr(b'\n', answer)?;
        let (head, rest) = (std::str::from_utf8(answer.get(..end)?).ok()?, answer.get(end + 1..)?);
        let (head, stays) = head.rsplit_once(' ')?;
        let mut sides = head.split(' ').map(str::parse::<usize>);
        let bytes = sides.next()?.ok()?.checked_mul(sides.next()?.ok()?)?.checked_mul(4)?;
        let picture = pixels(&[head.as_bytes(), b"\n", rest.get(..bytes)?].concat())?;
        motion.push((picture, Duration::from_millis(stays.parse().ok()?)));
        answer = rest.get(bytes..)?;
    }
    (!motion.is_empty()).then_some(motion)
}

/// `WIDTH HEIGHT ID`, a new line, and the pixels.
fn pixels(answer: &[u8]) -> Option<Picture> {
    let end = memchr::memchr(b'\n', answer)?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut words = head.split(' ');
    let (width, height) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let id = words.next()?.parse().ok()?;
    let rgba = answer.get(end + 1..)?.to_vec();
    let whole = u64::from(width) * u64::from(height) * 4 == rgba.len() as u64;
    whole.then_some(Picture { id, width, height, rgba })
}

const fn memory(svg: bool) -> u64 {
    if svg { SVG_MEMORY } else { MEMORY }
}

/// The process itself: `args` are the pixels across and down that the picture has to fit.
#[must_use]
pub fn picture_main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = args.into_iter().collect();
    let moving = words.last().is_some_and(|word| word == "moving");
    let sides: Vec<u32> = words.iter().filter_map(|side| side.to_str()?.parse().ok()).collect();
    let &[width, height] = &*sides else {
        greenroom_system::say::failure(&format!(
            "{SUBCOMMAND} is how it decodes pictures, and of no use by hand"
        ));
        return ExitCode::from(2);
    };
    // A key is answered first.
    let _ = rustix::process::nice(10);
    // How much this process has already, only it can say.
    lower(Resource::As, size_now() + MEMORY);
    let mut bytes = Vec::new();
    if io::stdin().lock().take(MAX_PICTURE + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(3);
    }
    if picture::is_svg(&bytes) {
        lower_memory(SVG_MEMORY);
    }
    if moving {
        return answer_moving(&bytes, (width, height));
    }
    let (answer, code) = match picture::decode(&bytes, (width, height)) {
        Ok(Picture { id, width, height, rgba }) => {
            let head = format!("{width} {height} {id}\n");
            ([GOOD, head.as_bytes(), &rgba].concat(), ExitCode::SUCCESS)
        }
        Err(error) => (error.to_string().into_bytes(), ExitCode::from(1)),
    };
    answer_with(&answer, code)
}

fn answer_moving(bytes: &[u8], max: (u32, u32)) -> ExitCode {
    let motion = match picture::motion(bytes, max) {
        Ok(motion) => motion,
        Err(error) => return answer_with(error.to_string().as_bytes(), ExitCode::from(1)),
    };
    let mut answer = MOVING.to_vec();
    for (Picture { id, width, height, rgba }, stays) in motion {
        answer.extend_from_slice(format!("{width} {height} {id} {}\n", stays.as_millis()).as_bytes());
        answer.extend_from_slice(&rgba);
    }
    answer_with(&answer, ExitCode::SUCCESS)
}

/// Gives a process's answer to whoever started it.
pub(super) fn answer_with(answer: &[u8], code: ExitCode) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(answer).and_then(|()| out.flush()) {
        Ok(()) => code,
        Err(_) => ExitCode::from(3),
    }
}

/// Lowers what this process may have to so many bytes more than it has.
pub(super) fn lower_memory(bytes: u64) {
    lower(Resource::As, size_now() + bytes);
}

/// Bytes of address space that this process has already: its program, mostly.
fn size_now() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages: Option<u64> = pages.and_then(|text| text.split(' ').next()?.parse().ok());
    // Without /proc: more than any build of the program takes.
    pages.map_or(512 * 1024 * 1024, |pages| pages * rustix::param::page_size() as u64)
}
