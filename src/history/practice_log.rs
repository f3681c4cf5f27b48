//! Practices on disk: a file for each, in the user's data folder, with a line for each step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};

use crate::practice::{Begin, Practice, PracticeEntry};
use greenroom_deck::Fnv;
use greenroom_system::private::own_folder;

/// How long the last lines may take to be written when a practice ends.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
/// A history that is longer is none.
const LIMIT: u64 = 16 << 20;
/// The newest practices that are read.
const MAX_PRACTICES: usize = 100;

/// The practices of one deck.
#[derive(Debug, Clone)]
pub struct Histories {
    folder: PathBuf,
}

impl Histories {
    /// Those of the deck called `name`; none when the user has no home.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let data = choose_base_strategy().ok()?.data_dir();
        Some(Self { folder: data.join("greenroom").join("practices").join(Fnv::of(name).to_string()) })
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a new one.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(&self, begin: Begin) -> io::Result<Diary> {
        own_folder(&self.folder)?;
        let seconds = begin.began;
        let (file, path) = (0..100)
            .find_map(|attempt: u32| {
                let more = if attempt == 0 { String::new() } else { format!("-{attempt}") };
                // So that the order of the names is that of the practices.
                let path = self.folder.join(format!("{seconds:012}{more}.jsonl"));
                match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                    other => Some(other.map(|file| (file, path))),
                }
            })
            .unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))?;
        let mut diary = Diary::new(file, path)?;
        diary.write(&PracticeEntry::Begin(Box::new(begin)));
        Ok(diary)
    }

    /// Reads them, the oldest first, and what is to be said of those that cannot be read.
    #[must_use]
    pub fn read(&self) -> (Vec<Practice>, Vec<String>) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
            .collect();
        paths.sort();
        let (mut practices, mut said) = (Vec::new(), Vec::new());
        for path in paths.iter().skip(paths.len().saturating_sub(MAX_PRACTICES)) {
            match read(path) {
                // One in which nothing was done is none.
                Ok(practice) if practice.visits.iter().all(|visit| visit.ms == 0) => {}
                Ok(practice) => practices.push(practice),
                Err(why) => said.push(format!("{} is left out: {why}", path.display())),
            }
        }
        practices.sort_by_key(|practice| practice.begin.began);
        (practices, said)
    }
}

fn read(path: &Path) -> Result<Practice, String> {
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if about.len() > LIMIT {
        return Err("it is too long to be a practice".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    Practice::read(&String::from_utf8_lossy(&bytes))
}

/// Lines of a practice that wait for the disk: one a step, so that these are hours of a disk that does not answer.
const MAX_WAITING: usize = 4096;

/// A practice that is being written, by a thread of its own.
#[derive(Debug)]
pub struct Diary {
    lines: Option<mpsc::SyncSender<String>>,
    /// So many lines waited that one was left out.
    is_behind: bool,
    done: mpsc::Receiver<io::Result<()>>,
    path: PathBuf,
}

impl Diary {
    fn new(mut file: File, path: PathBuf) -> io::Result<Self> {
        let (lines, waiting) = mpsc::sync_channel::<String>(MAX_WAITING);
        let (tell, done) = mpsc::sync_channel(1);
        std::thread::Builder::new().name("practice".to_owned()).spawn(move || {
            let result = waiting.iter().try_for_each(|line| file.write_all(line.as_bytes()));
            let _ = tell.send(result.and_then(|()| file.sync_all()));
        })?;
        Ok(Self { lines: Some(lines), is_behind: false, done, path })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line. Nobody waits for it.
    pub fn write(&mut self, line: &PracticeEntry) {
        if let Some(lines) = &self.lines {
            // When the disk is full the thread has ended, and says so at the end.
            let result = lines.try_send(line.text());
            self.is_behind |= matches!(result, Err(mpsc::TrySendError::Full(_)));
        }
    }

    /// Waits until everything is written, as long as that takes a disk that works.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.lines = None;
        self.done.recv_timeout(FLUSH_TIMEOUT).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if self.is_behind {
            Err(io::Error::other("the disk was too slow, and lines are missing"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::Visit;

    #[test]
    fn practices_come_back_in_order_and_damaged_ones_are_said() {
        let outer = tempfile::tempdir().unwrap();
        let histories = Histories { folder: outer.path().join("deck") };
        let visit = PracticeEntry::Visit(Visit { ms: 5, ..Visit::default() });
        let slides = vec![crate::practice::Planned::default()];
        for began in [2_000, 1_000, 1_000] {
            let begin = Begin { version: 1, began, slides: slides.clone(), ..Begin::default() };
            let mut diary = histories.begin(begin).unwrap();
            diary.write(&visit);
            diary.finish().unwrap();
        }
        // One that was never begun in earnest, and one that is none.
        drop(histories.begin(Begin { version: 1, began: 3_000, ..Begin::default() }).unwrap().finish());
        fs::write(histories.folder().join("4.jsonl"), "rubbish").unwrap();
        let (practices, said) = histories.read();
        assert_eq!(
            practices.iter().map(|practice| practice.begin.began).collect::<Vec<_>>(),
            [1_000, 1_000, 2_000]
        );
        assert!(matches!(&said[..], [one] if one.contains("4.jsonl is left out")), "{said:?}");
    }
}
