//! What a terminal is asked before rows are drawn: whether it shows pictures, and whether it reads files of this machine. One that only
//! claims it never answers, and shows plain cells.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::parcel;
use crate::answer::Answer;

/// The names of the questions.
const PICTURES: u32 = 0x6771_0001;
const FILE: u32 = 0x6771_0002;
const LAST_FILE: u32 = 0x6771_0003;

/// What has been asked and answered.
#[derive(Debug, Default)]
pub(super) struct Query {
    asked: bool,
    /// The questions to which the answer was yes.
    fine: BTreeSet<u32>,
    /// The files that were made for it.
    files: Vec<PathBuf>,
}

impl Query {
    /// Asks.
    pub(super) fn ask(&mut self, out: &mut Vec<u8>) {
        self.asked = true;
        let folder = parcel::folder();
        for (name, kind) in [(FILE, 'f'), (LAST_FILE, 't')] {
            // Where no file can be made, none is read.
            let Ok((path, file)) = parcel::create(&folder) else { continue };
            let at = parcel::page();
            let _ = file.write_all_at(&[0; 4], u64::try_from(at).unwrap_or(0));
            let address = BASE64.encode(path.as_os_str().as_encoded_bytes());
            let _ = write!(out, "\x1b_Gi={name},a=q,t={kind},f=32,s=1,v=1,O={at},S=4;{address}\x1b\\");
            self.files.push(path);
        }
        // Last: when this is answered, it is known how pictures travel.
        let _ = write!(out, "\x1b_Gi={PICTURES},a=q,t=d,f=24,s=1,v=1;AAAA\x1b\\");
    }

    pub(super) fn answered(&mut self, answer: Answer) {
        let Answer::Picture { id, fine } = answer else { return };
        if !self.asked || ![PICTURES, FILE, LAST_FILE].contains(&id) {
            return;
        }
        // The last file has to be gone: what tells that a frame was read is that its file is gone.
        let holds = id != LAST_FILE || self.files.last().is_some_and(|path| !path.exists());
        if fine && holds {
            self.fine.insert(id);
        } else {
            self.fine.remove(&id);
        }
        if id == LAST_FILE {
            self.close();
        }
    }

    pub(super) fn shows_pictures(&self) -> bool {
        self.fine.contains(&PICTURES)
    }

    /// Where files are put that the terminal reads.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        [FILE, LAST_FILE].iter().all(|id| self.fine.contains(id)).then(parcel::folder)
    }

    /// Nothing is left of it.
    pub(super) fn close(&mut self) {
        for path in self.files.drain(..) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_believed_who_was_not_asked() {
        let mut query = Query::default();
        query.answered(Answer::Picture { id: PICTURES, fine: true });
        assert!(!query.shows_pictures());
        query.ask(&mut Vec::new());
        assert!(!query.shows_pictures());
        query.answered(Answer::Picture { id: PICTURES, fine: true });
        assert!(query.shows_pictures() && query.folder().is_none());
        query.close();
    }

    #[test]
    fn files_are_used_where_they_are_read_and_deleted() {
        for (read, deletes) in [(true, true), (true, false), (false, true)] {
            let mut query = Query::default();
            query.ask(&mut Vec::new());
            let files = query.files.clone();
            if deletes {
                fs::remove_file(&files[1]).unwrap();
            }
            query.answered(Answer::Picture { id: FILE, fine: read });
            query.answered(Answer::Picture { id: LAST_FILE, fine: read });
            assert_eq!(query.folder().is_some(), read && deletes);
            assert!(files.iter().all(|file| !file.exists()), "nothing is left");
        }
    }
}
