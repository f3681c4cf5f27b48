//! Says when a deck's files change.

use std::path::Path;

use notify::event::{EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::disk::Asked;

/// Watches a folder for as long as it lives.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
    changes: mpsc::Receiver<()>,
}

impl Watch {
    /// Watches `folder`, and what is below it when `deep`. Only what the deck has asked for counts: a demo may write
    /// beside it all the time.
    ///
    /// # Errors
    /// When the system cannot watch it (too many watches, a folder on some network file systems).
    pub fn new(folder: &Path, deep: bool, asked: Asked) -> notify::Result<Self> {
        // One message is enough: it says that something changed, not how often.
        let (send, changes) = mpsc::channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| {
                is_change(event.kind) && event.paths.iter().any(|path| asked.concerns(path))
            }) {
                let _ = send.try_send(());
            }
        })?;
        watcher.watch(folder, if deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive })?;
        Ok(Self { _watcher: watcher, changes })
    }

    /// Waits for the next change.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Forgets changes that have been reported but not waited for.
    pub fn settle(&mut self) {
        while self.changes.try_recv().is_ok() {}
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
