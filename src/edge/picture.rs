//! Decodes pictures in a process of its own, with limits on its time and memory.
//!
//! A picture is somebody else's: a few hundred bytes of SVG can ask for gigabytes and minutes, and a process that
//! runs out of memory ends. So the executable starts itself again as `greenroom __picture WIDTH HEIGHT`, which lowers its
//! own limits before it reads a byte, takes the file from standard input and gives its pixels on standard output. Whatever
//! happens to it, the talk goes on and shows why there is no picture.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::headless::MAX_PICTURE;
use greenroom_render::paint::picture::{self, PictureError};
use greenroom_terminal::frame::Picture;

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

    /// Decodes a picture and makes it fit `max` (pixels across and down), as [`picture::decode`] does.
    ///
    /// # Errors
    /// As there, and when it takes too much time or memory.
    pub fn decode(&self, bytes: &[u8], max: (u32, u32)) -> Result<Picture, PictureError> {
        let failed = |error: &io::Error| PictureError::Process(error.to_string());
        let mut command = Command::new(&self.executable);
        command.arg0("greenroom").args([SUBCOMMAND, &max.0.to_string(), &max.1.to_string()]);
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let answer = converse(&mut child, bytes, max);
        let status = child.wait().map_err(|error| failed(&error))?;
        understand(&answer.map_err(|error| failed(&error))?, status, picture::is_svg(bytes))
    }
}

/// Gives the process its file, and takes what it answers.
fn converse(child: &mut Child, bytes: &[u8], max: (u32, u32)) -> io::Result<Vec<u8>> {
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    std::thread::scope(|scope| {
        // A process that has seen enough reads no further; what it answers says why.
        scope.spawn(move || input.write_all(bytes));
        let answer = listen(output, most(max));
        if answer.is_err() {
            // It stops reading, and with it the thread stops writing.
            let _ = child.kill();
        }
        answer
    })
}

/// Bytes of the longest answer.
fn most(max: (u32, u32)) -> usize {
    let pixels = u64::from(max.0).saturating_mul(u64::from(max.1)).saturating_mul(4);
    usize::try_from(pixels).unwrap_or(usize::MAX).saturating_add(MAX_REASON)
}

/// Reads to the end, for as long as a picture may take.
fn listen(mut output: ChildStdout, most: usize) -> io::Result<Vec<u8>> {
    let until = Instant::now() + DEADLINE;
    let (mut answer, mut piece) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let wait = Timespec::try_from(left).map_err(|_| io::ErrorKind::TimedOut)?;
        match poll(&mut [PollFd::new(&output, PollFlags::IN)], Some(&wait)) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::TimedOut, "it does not come to an end")),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let count = output.read(&mut piece)?;
        if count == 0 {
            return Ok(answer);
        }
        answer.extend_from_slice(piece.get(..count).unwrap_or_default());
        if answer.len() > most {
            return Err(io::Error::other("it gives more than was asked for"));
        }
    }
}

/// What the process answered, or what ended it.
fn understand(answer: &[u8], status: ExitStatus, svg: bool) -> Result<Picture, PictureError> {
    if let Some(picture) = answer.strip_prefix(GOOD).filter(|_| status.success()).and_then(pixels) {
        return Ok(picture);
    }
    if status.code() == Some(1) && !answer.is_empty() {
        return Err(PictureError::Told(String::from_utf8_lossy(answer).into_owned()));
    }
    Err(match status.signal() {
        Some(libc::SIGXCPU | libc::SIGKILL) => PictureError::Time { seconds: CPU_SECONDS },
        // What cannot be had ends a process by SIGABRT; a stack or a page that is not there by the others.
        Some(libc::SIGABRT | libc::SIGSEGV | libc::SIGBUS) => {
            PictureError::TooMuchMemory { megabytes: memory(svg) / 1024 / 1024 }
        }
        _ => PictureError::Process(format!("its process ended with {status}")),
    })
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
    let sides: Vec<u32> = args.into_iter().filter_map(|side| side.to_str()?.parse().ok()).collect();
    let &[width, height] = &*sides else {
        greenroom_system::say::failure(&format!(
            "{SUBCOMMAND} is how it decodes pictures, and of no use by hand"
        ));
        return ExitCode::from(2);
    };
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    // A key is answered first.
    let _ = rustix::process::nice(10);
    limit(Resource::Cpu, CPU_SECONDS);
    limit(Resource::Core, 0);
    limit(Resource::As, size_now() + MEMORY);
    let mut bytes = Vec::new();
    if io::stdin().lock().take(MAX_PICTURE + 1).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(3);
    }
    if picture::is_svg(&bytes) {
        limit(Resource::As, size_now() + SVG_MEMORY);
    }
    let mut out = io::stdout().lock();
    let (answer, code) = match picture::decode(&bytes, (width, height)) {
        Ok(Picture { id, width, height, rgba }) => {
            let head = format!("{width} {height} {id}\n");
            ([GOOD, head.as_bytes(), &rgba].concat(), ExitCode::SUCCESS)
        }
        Err(error) => (error.to_string().into_bytes(), ExitCode::from(1)),
    };
    match out.write_all(&answer).and_then(|()| out.flush()) {
        Ok(()) => code,
        Err(_) => ExitCode::from(3),
    }
}

/// Lowers a limit of this process, as far as it was not lower before.
fn limit(resource: Resource, to: u64) {
    let hard = rustix::process::getrlimit(resource).maximum;
    let to = Some(hard.map_or(to, |hard| hard.min(to)));
    let _ = setrlimit(resource, Rlimit { current: to, maximum: to });
}

/// Bytes of address space that this process has already: its program, mostly.
fn size_now() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages: Option<u64> = pages.and_then(|text| text.split(' ').next()?.parse().ok());
    // Without /proc: more than any build of the program takes.
    pages.map_or(512 * 1024 * 1024, |pages| pages * rustix::param::page_size() as u64)
}
