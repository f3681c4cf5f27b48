//! One module for each verb of the command line.
#![allow(clippy::disallowed_methods)] // a command prints

pub mod check;
pub mod export;
pub mod new;
pub mod pack;
pub mod play;
pub mod present;
pub mod record;
pub mod texts;

use std::path::Path;
use std::sync::Arc;

use crate::deck::Deck;
use crate::edge::deckfiles::{Located, locate};
use crate::parse;

/// Finds and reads the deck that a person named.
fn open(path: Option<&Path>) -> anyhow::Result<(Located, Arc<Deck>)> {
    let located = locate(path)?;
    let deck = Arc::new(parse::deck(&*located.files, &located.entry));
    Ok((located, deck))
}
