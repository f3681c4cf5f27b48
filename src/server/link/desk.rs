//! What those who follow share with the stage: its newest state, and a way to tell it something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use crate::link::{Order, State};

/// What a stage hears from its link.
#[derive(Debug)]
pub enum Heard {
    /// Somebody follows from now on, and wants to know how it stands.
    Joined,
    /// Somebody wants something done.
    Order(Order),
    /// Something for the speaker to know.
    Notice(String),
}

/// What the thread of the link works with.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    pub(super) states: watch::Receiver<Arc<State>>,
    pub(super) tell: mpsc::Sender<Heard>,
    /// All who are told how the stage stands.
    pub(super) followers: Arc<AtomicUsize>,
    /// Connections to the socket.
    pub(super) presenters: Arc<AtomicUsize>,
    pub(super) bound: Arc<AtomicBool>,
}

impl Desk {
    /// Waits until the stage is over.
    pub async fn over(&self) {
        self.tell.closed().await;
    }

    /// Hands an order to the stage. Who has many waits.
    pub async fn order(&self, order: Order) {
        let _ = self.tell.send(Heard::Order(order)).await;
    }

    /// Begins to follow; none when the stage is over.
    pub async fn follow(&self) -> Option<Following> {
        let mut states = self.states.clone();
        states.mark_unchanged();
        self.followers.fetch_add(1, Ordering::Relaxed);
        let following = Following { states, followers: Arc::clone(&self.followers) };
        self.tell.send(Heard::Joined).await.ok()?;
        Some(following)
    }
}

/// Somebody who follows.
pub(crate) struct Following {
    states: watch::Receiver<Arc<State>>,
    followers: Arc<AtomicUsize>,
}

impl Following {
    /// The next state; none when the stage is over. States that nobody took in time are left out.
    pub async fn next(&mut self) -> Option<Arc<State>> {
        self.states.changed().await.ok()?;
        Some(Arc::clone(&self.states.borrow_and_update()))
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.followers.fetch_sub(1, Ordering::Relaxed);
    }
}
