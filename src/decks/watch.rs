//! Says when a deck's files change.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use std::time::SystemTime;

use notify::event::{EventKind, ModifyKind};
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use greenroom_system::disk::Asked;

/// Watches a folder for as long as it lives.
#[derive(Debug)]
pub struct FileWatch {
    changes: mpsc::Receiver<()>,
    look: std_mpsc::SyncSender<()>,
}

impl FileWatch {
    /// Watches `folder`, and what is below it when `deep`. Only what the deck has asked for counts: a demo may write
    /// beside it all the time.
    ///
    /// What has changed after `since`, when the deck began to be read, is reported as well.
    ///
    /// A folder that cannot be watched (too many watches, some network file systems) reports nothing. The work is
    /// done on a thread of its own: a folder may be large.
    #[must_use]
    pub fn new(folder: &Path, deep: bool, asked: Asked, since: SystemTime) -> Self {
        // One message is enough: it says that something changed, not how often.
        let (send, changes) = mpsc::channel(1);
        let (look, looks) = std_mpsc::sync_channel(1);
        let mut watched = Watched {
            folder: folder.to_owned(),
            deep,
            asked,
            send,
            watcher: None,
            moved: Arc::default(),
            seen: None,
        };
        std::thread::spawn(move || {
            watched.begin();
            watched.catch_up(since);
            // It ends when nobody waits for changes any more.
            while looks.recv().is_ok() {
                watched.look_again();
            }
        });
        Self { changes, look }
    }

    /// Waits for the next change.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Forgets changes that have been reported but not waited for. A folder that has been replaced since is watched
    /// from now on.
    pub fn settle(&mut self) {
        while self.changes.try_recv().is_ok() {}
        // One request is enough as well.
        let _ = self.look.try_send(());
    }
}

/// What is watched: a name, behind which there may be one folder after the other.
struct Watched {
    folder: PathBuf,
    deep: bool,
    asked: Asked,
    send: mpsc::Sender<()>,
    watcher: Option<RecommendedWatcher>,
    /// The folder itself has come or gone, and with it perhaps the watch.
    moved: Arc<AtomicBool>,
    /// The folder that is watched: its device and inode.
    seen: Option<(u64, u64)>,
}

impl Watched {
    /// Watches the folder that is there now, if there is one, and the one around it, in which it may come back.
    fn begin(&mut self) {
        self.seen = self.identity();
        self.watcher = self.watcher().ok();
        let Some(watcher) = &mut self.watcher else { return };
        if let Some(around) = self.folder.parent() {
            let _ = watcher.watch(around, RecursiveMode::NonRecursive);
        }
        let mode = if self.deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
        let _ = watcher.watch(&self.folder, mode);
    }

    /// Reports what has changed before it was watched.
    fn catch_up(&self, since: SystemTime) {
        let newer = |path: &Path| {
            let changed = fs::metadata(path).and_then(|about| about.modified());
            changed.is_ok_and(|changed| changed > since)
        };
        if self.asked.any(newer) {
            let _ = self.send.try_send(());
        }
    }

    fn look_again(&mut self) {
        if self.moved.swap(false, Ordering::SeqCst) || self.identity() != self.seen {
            self.begin();
            // What has changed before it was watched has been reported by nobody.
            let _ = self.send.try_send(());
        }
    }

    fn identity(&self) -> Option<(u64, u64)> {
        fs::metadata(&self.folder).ok().map(|about| (about.dev(), about.ino()))
    }

    fn watcher(&self) -> notify::Result<RecommendedWatcher> {
        let (send, asked) = (self.send.clone(), self.asked.clone());
        let (folder, moved) = (self.folder.clone(), Arc::clone(&self.moved));
        let heard = move |event: notify::Result<notify::Event>| {
            let counts = |event: notify::Event| {
                // Events were lost: anything may have changed.
                if event.need_rescan() {
                    return true;
                }
                if is_change(event.kind) && event.paths.contains(&folder) {
                    moved.store(true, Ordering::SeqCst);
                    return true;
                }
                is_change(event.kind) && event.paths.iter().any(|path| asked.concerns(path))
            };
            if event.is_ok_and(counts) {
                let _ = send.try_send(());
            }
        };
        // A link may lead to the whole file system; what is inside of the deck is watched where it is.
        RecommendedWatcher::new(heard, Config::default().with_follow_symlinks(false))
    }
}

/// Reading a deck must not look like changing it.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Remove(_) => true,
        EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => false,
    }
}
