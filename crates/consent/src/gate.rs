//! Decides whether a deck's demos may start, and where: in a copy of exactly what was agreed to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::beyond;
use super::manifest::{Checksum, Manifest, ManifestEntry};
use super::order::{Limits, SurveyRequest};
use super::session::{Session, name_of};
use super::survey::{Survey, SurveyError, Uncertainty, survey};
use super::{About, Agreements};
use greenroom_base::files::{FileError, Files, normalize};
use greenroom_deck::Deck;
use greenroom_deck::launch::Asked;
use greenroom_system::disk::beneath::Draft;

/// Questions that wait for an answer at a time.
const MAX_ASKED: usize = 8;
/// Recordings that are written at a time.
const MAX_WRITTEN: usize = 64;
/// Changed files that a question names; how many there are more, it says.
const MAX_NAMED: usize = 100;
/// How long the end waits for a copy that is being made.
const COPY_END_TIMEOUT: Duration = Duration::from_secs(1);

/// Why nothing can run.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody has agreed to it.
    #[error("nobody has agreed to what this deck runs, as it is now")]
    Ask(Box<Asked>),
    /// The deck's folder.
    #[error(transparent)]
    Folder(#[from] SurveyError),
    /// The files inside of the program have to be on disk for demos.
    #[error("the demos inside of this program cannot be written to {folder}: {error}")]
    Unpack {
        /// Where to.
        folder: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// There is no place for them.
    #[error(
        "there is no home directory to unpack the demos inside of this program to: set HOME or XDG_CACHE_HOME"
    )]
    NoCache,
}

/// Where demos run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// The folder that stands for the deck's: a copy, unless none can be made.
    pub folder: PathBuf,
    /// The deck's own folder, for demos that want to leave something there.
    pub deck: PathBuf,
}

/// What is known of a deck's folder, and what may run.
pub struct Gate {
    about: DeckSource,
    agreements: Option<Agreements>,
    cache: Option<PathBuf>,
    limits: Limits,
    /// The folders that this program itself writes to.
    own: Vec<PathBuf>,
    state: Mutex<GateState>,
    session: Mutex<Option<Session>>,
    over: AtomicBool,
}

/// Where a deck comes from.
#[derive(Clone)]
enum DeckSource {
    /// Part of the program itself: nobody needs to agree to it.
    BuiltIn,
    /// Packed into this program by somebody, with the checksum of all of it.
    Packed(PathBuf),
    Folder(PathBuf),
}

#[derive(Default)]
struct GateState {
    /// What was agreed to since the program began: the disk may not take it, or may not be asked to.
    agreed: BTreeSet<String>,
    /// What was in the folder when the person agreed to it in this session last.
    last: Option<Manifest>,
    /// What was asked about, the latest last.
    asked: VecDeque<(String, Question)>,
    /// What ran last.
    current: Option<Question>,
    /// Recordings that are being written, or were, by their paths.
    written: BTreeMap<Vec<u8>, RecordingUnderWay>,
}

/// A recording that is being written.
struct RecordingUnderWay {
    /// What has been written so far.
    hash: Sha256,
    /// The file that holds it until it is whole. It may be there for a moment longer.
    part: Vec<u8>,
}

/// What an answer is about.
#[derive(Clone)]
struct Question {
    about: About,
    survey: Survey,
    /// Why there is no copy, so that demos run in the folder itself.
    in_place: Option<String>,
}

impl Question {
    fn name(&self) -> String {
        let name = self.about.name(&self.survey.manifest, self.survey.doubt.as_ref());
        // Whoever agreed to a copy has not agreed to what could be changed under the program.
        if self.in_place.is_some() { format!("in-place-{name}") } else { name }
    }

    /// Why a yes lasts only until the program ends.
    fn each_session(&self) -> Option<String> {
        let doubt = self.survey.doubt.as_ref().map(Uncertainty::reason);
        let doubt = doubt.map(|reason| format!("changes to the deck's folder could go unnoticed: {reason}"));
        let in_place = self.in_place.as_ref().map(|reason| {
            format!(
                "no copy of the deck's folder can be made for its demos ({reason}), so they run in the folder itself, \
                 and a change of it at that very moment could go unnoticed"
            )
        });
        in_place.or(doubt)
    }

    /// Whether a yes lasts for one start only: what would run cannot even be compared with what the yes was to.
    const fn each_start(&self) -> bool {
        matches!(self.survey.doubt, Some(Uncertainty::Unknown(_)))
    }
}

impl Gate {
    /// For a deck in `folder`, or one that was packed with the checksum `packed`, or else the built-in one.
    #[must_use]
    pub fn new(folder: Option<&Path>, packed: Option<&str>, cache: Option<PathBuf>) -> Self {
        let about = match (folder, packed) {
            (Some(folder), _) => {
                DeckSource::Folder(folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
            }
            (None, Some(content)) => DeckSource::Packed(PathBuf::from(format!("packed:{content}"))),
            (None, None) => DeckSource::BuiltIn,
        };
        let (state, session, over) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        let (agreements, limits) = (Agreements::of_user(), Limits::default());
        let own = super::own_folders(agreements.as_ref(), cache.as_deref());
        Self { about, agreements, cache, limits, own, state, session, over }
    }

    /// The same, with what is remembered kept in `agreements` and `cache`.
    #[must_use]
    pub fn remembering(&self, agreements: Agreements, cache: PathBuf) -> Self {
        let (state, session, over) = (Mutex::default(), Mutex::default(), AtomicBool::new(false));
        let (about, limits) = (self.about.clone(), self.limits);
        let own = super::own_folders(Some(&agreements), Some(&cache));
        Self { about, agreements: Some(agreements), cache: Some(cache), limits, own, state, session, over }
    }

    /// Where the demos of `deck` may run: a copy of what the person has agreed to, compared with the folder as it is
    /// now. `files` are those of a deck inside of the program.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn enter(&self, deck: &Deck, files: &dyn Files) -> Result<Ground, Refusal> {
        match &self.about {
            DeckSource::BuiltIn => self.unpacked(files),
            DeckSource::Packed(place) => {
                let question = packed(deck, place);
                self.admit(&question)?;
                self.unpacked(files)
            }
            DeckSource::Folder(folder) => self.enter_folder(deck, folder),
        }
    }

    /// Whether the person has agreed to what the deck runs, as it is at this moment; what to ask if not.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn check(&self, deck: &Deck) -> Result<(), Refusal> {
        self.question(deck)?.map_or(Ok(()), |question| self.admit(&question))
    }

    /// Asks anew, as if nobody had agreed: what a yes would be to, at this moment. Nothing for the built-in deck.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn ask(&self, deck: &Deck) -> Result<Option<Asked>, Refusal> {
        Ok(self.question(deck)?.map(|question| self.put(question)))
    }

    /// Remembers that the person agreed to exactly what was asked about with this fingerprint; says whether that was
    /// asked at all.
    ///
    /// # Errors
    /// When it is remembered only until the program ends, although it could be for longer.
    pub fn agree(&self, fingerprint: &str, lasting: bool) -> io::Result<bool> {
        let question = {
            let mut state = self.state();
            let asked = state.asked.iter().find(|(name, _)| name == fingerprint);
            let Some((_, question)) = asked.cloned() else { return Ok(false) };
            state.agreed.insert(fingerprint.to_owned());
            state.last = Some(question.survey.manifest.clone());
            question
        };
        if lasting && question.each_session().is_none() {
            self.note(&question)?;
        }
        Ok(true)
    }

    /// Greenroom begins to write the recording at `path`, as `draft`. That file is no change of the deck while it is
    /// written; no demo finds it in its copy.
    pub fn recording(&self, path: &str, draft: &Draft) {
        let Some(path) = normalize(path) else { return };
        self.follow(|manifest, folder| add_folders(manifest, folder, &path));
        let name = draft.part().name().as_bytes();
        let part = match path.rsplit_once('/') {
            Some((folder, _)) => [folder.as_bytes(), b"/", name].concat(),
            None => name.to_owned(),
        };
        let mut state = self.state();
        if state.written.len() < MAX_WRITTEN || state.written.contains_key(path.as_bytes()) {
            state.written.insert(path.into_bytes(), RecordingUnderWay { hash: Sha256::new(), part });
        }
    }

    /// It has written `bytes` more to the recording at `path`.
    pub fn wrote(&self, path: &str, bytes: &[u8]) {
        let Some(path) = normalize(path) else { return };
        if let Some(written) = self.state().written.get_mut(path.as_bytes()) {
            written.hash.update(bytes);
        }
    }

    /// The recording of `path` is whole, and `draft` is about to get the name `to`, the same or a take's: the agreement
    /// follows. What else has changed in the folder is not looked at, and asks again.
    pub fn recorded(&self, path: &str, to: &str, draft: &Draft) {
        let (Some(path), Some(to)) = (normalize(path), normalize(to)) else { return };
        let Some(hash) =
            self.state().written.get_mut(path.as_bytes()).map(|written| std::mem::take(&mut written.hash))
        else {
            return;
        };
        let Ok(mode) = draft.mode() else { return };
        let contents: Checksum = hash.finalize().into();
        self.follow(|manifest, folder| {
            add_folders(manifest, folder, &to);
            manifest.set(to.as_bytes(), ManifestEntry::File { mode: mode & 0o7777, contents: &contents });
        });
    }

    /// Greenroom has given a recording another name in the deck, `to`.
    pub fn renamed(&self, from: &str, to: &str) {
        if let (Some(from), Some(to)) = (normalize(from), normalize(to)) {
            self.follow(|manifest, _| manifest.rename(from.as_bytes(), to.as_bytes()));
        }
    }

    /// Greenroom has removed a recording of its own from the deck.
    pub fn removed(&self, path: &str) {
        if let Some(path) = normalize(path) {
            self.follow(|manifest, _| manifest.remove(path.as_bytes()));
        }
    }

    /// Nothing starts any more, and everything that was made for this session is removed. A disk that does not answer
    /// keeps nobody from leaving: what is still copied from it is removed by a later session.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        let ends = Instant::now() + COPY_END_TIMEOUT;
        loop {
            match self.session.try_lock() {
                Ok(mut session) => return drop(session.take()),
                Err(TryLockError::Poisoned(session)) => return drop(session.into_inner().take()),
                Err(TryLockError::WouldBlock) if Instant::now() >= ends => return,
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Changes what was agreed to as Greenroom itself changed the folder.
    fn follow(&self, change: impl FnOnce(&mut Manifest, &Path)) {
        let DeckSource::Folder(folder) = &self.about else { return };
        let (question, lasts) = {
            let mut state = self.state();
            let Some(mut question) = state.current.take() else { return };
            let before = question.name();
            change(&mut question.survey.manifest, folder);
            let after = question.name();
            state.current = Some(question.clone());
            if after == before {
                return;
            }
            let kept = self.agreements.as_ref().is_some_and(|kept| kept.has(&before));
            if kept || state.agreed.contains(&before) {
                state.agreed.insert(after);
                state.last = Some(question.survey.manifest.clone());
            }
            (question, kept)
        };
        if lasts {
            // What cannot be kept is asked for again next time.
            let _ = self.note(&question);
        }
    }

    fn enter_folder(&self, deck: &Deck, folder: &Path) -> Result<Ground, Refusal> {
        let about = About::of(deck, folder);
        let question = Question { about, survey: self.look(folder, None, true)?, in_place: None };
        self.admit(&question)?;
        let ground = |copy: PathBuf| Ground { folder: copy, deck: folder.to_owned() };
        if let Some(Uncertainty::Partial(_)) = question.survey.doubt {
            // There is no copy of what is too large to be looked at. The person was told, and agreed all the same:
            // somebody's talk in a huge folder must still go on.
            return Ok(ground(folder.to_owned()));
        }
        let reason = match self.copy(&question, folder) {
            Ok((copy, survey)) => {
                // Between the two looks somebody may have changed something: what counts is what was copied.
                let copied = Question { survey, ..question };
                self.start(&copied)?;
                self.state().current = Some(copied);
                return Ok(ground(copy));
            }
            Err(SurveyError::Copy(error)) => error.to_string(),
            Err(error) => return Err(error.into()),
        };
        // A full disk must not end a talk either; but it is not what was agreed to. Nothing is left out of what can run.
        let question =
            Question { in_place: Some(reason), survey: self.look(folder, None, false)?, ..question };
        self.start(&question)?;
        self.state().current = Some(question);
        Ok(ground(folder.to_owned()))
    }

    /// A copy of the folder, and what is in it. It is made once for each state of the folder.
    fn copy(&self, question: &Question, folder: &Path) -> Result<(PathBuf, Survey), SurveyError> {
        let mut session = self.session();
        let sum = question.survey.manifest.sum();
        if let Some(copy) = session.as_ref().and_then(|session| session.copy(&sum)) {
            return Ok((copy, question.survey.clone()));
        }
        let session = self.begin(&mut session).map_err(SurveyError::Copy)?;
        let room = session.room(&name_of(folder)).map_err(SurveyError::Copy)?;
        let copied = self.look(folder, Some(&room), true).and_then(|survey| match &survey.doubt {
            Some(Uncertainty::Partial(reason)) => Err(SurveyError::Copy(io::Error::other(reason.clone()))),
            _ => Ok(survey),
        });
        match copied {
            Ok(survey) => {
                session.keep(survey.manifest.sum(), room.clone());
                Ok((room, survey))
            }
            Err(error) => {
                session.discard(&room);
                Err(error)
            }
        }
    }

    /// The folder of this session; made now, if it is not there yet.
    fn begin<'a>(&self, session: &'a mut Option<Session>) -> io::Result<&'a mut Session> {
        if self.over.load(Ordering::Relaxed) {
            return Err(io::Error::other("the talk is over"));
        }
        let begun = match session.take() {
            Some(begun) => begun,
            None => Session::begin(self.cache.as_deref().ok_or_else(|| {
                io::Error::other("there is no home directory: set HOME or XDG_CACHE_HOME")
            })?)?,
        };
        Ok(session.insert(begun))
    }

    /// What is in the folder, for demos that run in a copy of it or else in the folder itself.
    fn look(&self, folder: &Path, copy: Option<&Path>, copied: bool) -> Result<Survey, SurveyError> {
        let without = self.state().written.values().map(|written| written.part.clone()).collect();
        let own: Vec<PathBuf> = self.own.iter().map(|own| beyond::real(own)).collect();
        let (limits, beyond) = (self.limits, beyond::LIMITS);
        let order =
            SurveyRequest { folder, limits, beyond, without: &without, own: &own, copied, stop: &self.over };
        survey(&order, copy)
    }

    fn question(&self, deck: &Deck) -> Result<Option<Question>, Refusal> {
        Ok(match &self.about {
            DeckSource::BuiltIn => None,
            DeckSource::Packed(place) => Some(packed(deck, place)),
            DeckSource::Folder(folder) => {
                let about = About::of(deck, folder);
                Some(Question { about, survey: self.look(folder, None, true)?, in_place: None })
            }
        })
    }

    /// Lets `question` pass when it was answered with yes.
    fn admit(&self, question: &Question) -> Result<(), Refusal> {
        let name = question.name();
        let kept = || self.agreements.as_ref().is_some_and(|agreements| agreements.has(&name));
        if self.state().agreed.contains(&name) || (question.each_session().is_none() && kept()) {
            return Ok(());
        }
        Err(Refusal::Ask(Box::new(self.put(question.clone()))))
    }

    /// The same for something that starts now: a yes to what is asked at each start is used up by that.
    fn start(&self, question: &Question) -> Result<(), Refusal> {
        self.admit(question)?;
        if question.each_start() && !self.state().agreed.remove(&question.name()) {
            return Err(Refusal::Ask(Box::new(self.put(question.clone()))));
        }
        Ok(())
    }

    /// Notes what is asked, so that it can be answered.
    fn put(&self, question: Question) -> Asked {
        let kept = || self.agreements.as_ref().and_then(|agreements| agreements.last(&question.about.place));
        let last = self.state().last.clone().or_else(kept);
        let mut changed = last.map(|last| question.survey.manifest.changed_since(&last)).unwrap_or_default();
        let more = changed.len().saturating_sub(MAX_NAMED);
        if matches!(question.survey.doubt, Some(Uncertainty::Partial(_))) {
            changed.clear();
        } else if more > 0 {
            changed.truncate(MAX_NAMED);
            changed.push(format!("and {more} more"));
        }
        let (fingerprint, each_session) = (question.name(), question.each_session());
        let each_start = question.each_start();
        let entries = question.about.entries.clone();
        let mut state = self.state();
        state.asked.retain(|(name, _)| *name != fingerprint);
        state.asked.push_back((fingerprint.clone(), question));
        while state.asked.len() > MAX_ASKED {
            state.asked.pop_front();
        }
        Asked { fingerprint, changed, each_session, each_start, entries }
    }

    fn note(&self, question: &Question) -> io::Result<()> {
        match &self.agreements {
            Some(agreements) => agreements.note(&question.name(), &question.about, &question.survey.manifest),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The files inside of the program, written anew in each session: what lay around could be anybody's.
    fn unpacked(&self, files: &dyn Files) -> Result<Ground, Refusal> {
        /// Stands for the checksum of a copy that is not compared with anything.
        const OURS: Checksum = [0; 32];
        let cache = self.cache.as_deref().ok_or(Refusal::NoCache)?;
        let cannot = |error| Refusal::Unpack { folder: cache.to_owned(), error };
        let mut session = self.session();
        let known = session.as_ref().and_then(|session| session.copy(&OURS));
        let folder = if let Some(known) = known {
            known
        } else {
            let session = self.begin(&mut session).map_err(cannot)?;
            let room = session.room("deck".as_ref()).map_err(cannot)?;
            if let Err(error) = unpack(files, &room) {
                session.discard(&room);
                return Err(cannot(error));
            }
            session.keep(OURS, room.clone());
            room
        };
        Ok(Ground { deck: folder.clone(), folder })
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the folders that were made for the recording at `path`.
fn add_folders(manifest: &mut Manifest, folder: &Path, path: &str) {
    for (at, _) in path.match_indices('/') {
        let outer = path.get(..at).unwrap_or_default();
        if !manifest.has(outer.as_bytes())
            && let Ok(about) = std::fs::symlink_metadata(folder.join(outer))
            && about.is_dir()
        {
            manifest.set(outer.as_bytes(), ManifestEntry::Folder { mode: about.mode() & 0o7777 });
        }
    }
}

/// A packed deck's checksum stands for its files, which then need not be read.
fn packed(deck: &Deck, place: &Path) -> Question {
    Question { about: About::of(deck, place), survey: Survey::default(), in_place: None }
}

/// Writes `files` to `folder`, all of them.
fn unpack(files: &dyn Files, folder: &Path) -> io::Result<()> {
    let unreadable = |error: FileError| io::Error::other(error.to_string());
    for path in files.list("").map_err(unreadable)? {
        let inside = normalize(&path).filter(|inside| !inside.is_empty());
        let target = folder.join(inside.ok_or_else(|| io::Error::other(format!("{path:?} is no path")))?);
        let bytes = files.read(&path, u64::MAX).map_err(unreadable)?;
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mode = if files.is_executable(&path) { 0o755 } else { 0o644 };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(mode).open(&target)?.write_all(&bytes)?;
    }
    Ok(())
}

/// `path`, which need not be there yet, relative to the deck in `folder`; none when it is elsewhere, or no text.
#[must_use]
pub fn inside(folder: &Path, path: &Path) -> Option<String> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let path = parent.canonicalize().ok()?.join(path.file_name()?);
    let inside = path.strip_prefix(folder.canonicalize().ok()?).ok()?;
    inside.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_does_not_answer_keeps_nobody_from_leaving() {
        let folder = tempfile::tempdir().unwrap();
        let gate = Gate::new(Some(folder.path()), None, Some(folder.path().join("cache")));
        let (held, release) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // As a copy does that waits for a server which is away.
                let _session = gate.session();
                held.wait();
                release.wait();
            });
            held.wait();
            let began = Instant::now();
            gate.end();
            let took = began.elapsed();
            release.wait();
            assert!(took >= COPY_END_TIMEOUT && took < Duration::from_secs(20), "{took:?}");
        });
        assert!(gate.begin(&mut None).is_err(), "nothing starts any more");
    }
}
