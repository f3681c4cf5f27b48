//! Benches: starts servers, loads them in turns, measures, and writes down what happened.
//!
//! A bench runs in a process of its own (`greenroom bench`), so that a slow frame cannot bend a measurement. One
//! thread asks, measures between the turns, and writes records; servers run behind guards, on terminals of their own.

#![allow(clippy::disallowed_methods)] // it is one of the places that may touch the world

mod answerers;
mod client;
mod course;
mod database;
mod external;
mod flat;
mod identity;
mod job;
mod launch;
mod lines;
mod meter;
mod native;
mod pace;
mod prepare;
pub mod probe;
mod profile;
mod protocol;
mod run;
mod run_writer;
mod server;
mod workers;

use std::io;

pub use answerers::Workers;
pub use client::{Address, Answer, Ask, AskError, Client, Connections, TurnResult};
pub use database::{DatabaseError, Databases};
pub use external::LoadTool;
pub use identity::Facts;
pub use job::{Job, JobError};
pub use meter::own_cpu_us;
pub use prepare::{PrepareError, Prepared, Python, Request, environment, prepare};
pub use protocol::Protocol;
pub use run::{BenchRequest, Entrant, run};
pub use server::Plan;

/// Why a bench broke off, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Every variant failed.
    #[error("no variant is left that answers")]
    NobodyLeft,
    /// Somebody wanted it to end.
    #[error("interrupted")]
    Interrupted,
    /// The client.
    #[error("the load generator cannot start: {0}")]
    Client(io::Error),
    /// Records cannot be written.
    #[error("the records cannot be written: {0}")]
    Write(io::Error),
}

impl BenchError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NobodyLeft => {
                "see above what each one said; `greenroom doctor` looks at runtimes and servers"
            }
            Self::Interrupted => "nothing of it is a result; start it again",
            Self::Client(_) => "close other programs",
            Self::Write(_) => "look whether the disk is full",
        }
    }
}
