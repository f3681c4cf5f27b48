//! What those who follow share with the stage: its newest state, and a way to tell it something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use crate::link::{Mirror, StageCommand, StageState};
use crate::server::pages::{Backstage, Pages, Reader};

/// What a stage hears from its link.
#[derive(Debug)]
pub enum LinkEvent {
    /// Somebody follows from now on, and wants to know how it stands.
    Joined,
    /// Somebody wants something done.
    Order(StageCommand),
    /// Something for the speaker to know.
    Notice(String),
}

/// What the thread of the link works with.
#[derive(Debug, Clone)]
pub(crate) struct LinkHandle {
    pub(super) states: watch::Receiver<Arc<StageState>>,
    /// How its panes look, for presenter views.
    pub(super) mirrors: watch::Receiver<Arc<Mirror>>,
    pub(super) tell: mpsc::Sender<LinkEvent>,
    /// All who are told how the stage stands.
    pub(super) followers: Arc<AtomicUsize>,
    /// Connections to the socket.
    pub(super) presenters: Arc<AtomicUsize>,
    /// What pages share.
    pub(super) pages: Arc<Pages>,
    pub(super) bound: Arc<AtomicBool>,
}

impl LinkHandle {
    /// That of a stage nobody is on, and what it would hear.
    pub(crate) fn without_stage(backstage: Arc<dyn Backstage>) -> (Self, mpsc::Receiver<LinkEvent>) {
        let (tell, heard) = mpsc::channel(1);
        let handle = Self {
            states: watch::channel(Arc::default()).1,
            mirrors: watch::channel(Arc::default()).1,
            tell,
            followers: Arc::default(),
            presenters: Arc::default(),
            pages: Arc::new(Pages::new(backstage)),
            bound: Arc::default(),
        };
        (handle, heard)
    }

    /// Waits until the stage is over.
    pub(crate) async fn over(&self) {
        self.tell.closed().await;
    }

    /// Hands an order to the stage. Who has many waits.
    pub(crate) async fn order(&self, order: StageCommand) {
        let _ = self.tell.send(LinkEvent::Order(order)).await;
    }

    /// What pages share.
    pub(crate) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }

    /// Begins to be told what shows; none when the stage is over.
    pub(crate) async fn read(&self) -> Option<Reader> {
        let (reader, first) = self.pages.read();
        if first {
            self.tell.send(LinkEvent::Joined).await.ok()?;
        }
        Some(reader)
    }

    /// Begins to follow; none when the stage is over.
    pub(crate) async fn follow(&self) -> Option<Subscription> {
        let mut states = self.states.clone();
        states.mark_unchanged();
        self.followers.fetch_add(1, Ordering::Relaxed);
        let following = Subscription { states, followers: Arc::clone(&self.followers) };
        self.tell.send(LinkEvent::Joined).await.ok()?;
        Some(following)
    }
}

/// Somebody who follows.
pub(crate) struct Subscription {
    states: watch::Receiver<Arc<StageState>>,
    followers: Arc<AtomicUsize>,
}

impl Subscription {
    /// The next state; none when the stage is over. States that nobody took in time are left out.
    pub(crate) async fn next(&mut self) -> Option<Arc<StageState>> {
        self.states.changed().await.ok()?;
        Some(Arc::clone(&self.states.borrow_and_update()))
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.followers.fetch_sub(1, Ordering::Relaxed);
    }
}
