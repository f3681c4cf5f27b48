//! Where a program's text leads (OSC 8). Cells hold small keys, and the addresses are here, of which there is a bounded
//! number, whatever the scroll-back holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use alacritty_terminal::term::cell;
use alacritty_terminal::vte::ansi::Hyperlink;

use greenroom_base::plain;

/// Most addresses that are kept. Text whose address has made room for newer ones leads nowhere.
const MAX_ADDRESSES: usize = 1024;
/// Longest name that a program gives to a link, in bytes; it is VTE's limit, too.
const LONGEST_NAME: usize = 250;

/// An address, and the name by which a program says that parts of text are one link.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Target {
    name: Option<String>,
    address: Arc<str>,
}

/// The links of a screen.
#[derive(Debug, Default)]
pub(crate) struct Links {
    numbers: HashMap<Arc<Target>, u64>,
    targets: BTreeMap<u64, Arc<Target>>,
    /// The number of the next target.
    next: u64,
    /// How many links without a name there were: each is one of its own.
    nameless: u64,
}

impl Links {
    /// `link` as cells hold it; nothing where it does not lead to the web or to a mail program.
    pub(super) fn keep(&mut self, link: Hyperlink) -> Option<Hyperlink> {
        let address = plain::address(&link.uri)?.into();
        let name = link.id.filter(|name| (1..=LONGEST_NAME).contains(&name.len()));
        let part = if name.is_none() {
            self.nameless += 1;
            self.nameless
        } else {
            0
        };
        let number = self.number(Target { name, address });
        // All of it in the name: the address would be kept as often as there are cells.
        Some(Hyperlink { id: Some(format!("{number} {part}")), uri: String::new() })
    }

    fn number(&mut self, target: Target) -> u64 {
        if let Some(number) = self.numbers.get(&target) {
            return *number;
        }
        if self.targets.len() >= MAX_ADDRESSES
            && let Some((_, oldest)) = self.targets.pop_first()
        {
            self.numbers.remove(&oldest);
        }
        let (number, target) = (self.next, Arc::new(target));
        self.next += 1;
        self.targets.insert(number, Arc::clone(&target));
        self.numbers.insert(target, number);
        number
    }

    /// Whether no text leads anywhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Where the cells that hold `key` lead.
    pub(crate) fn address(&self, key: &cell::Hyperlink) -> Option<&Arc<str>> {
        let (number, _) = key.id().split_once(' ')?;
        Some(&self.targets.get(&number.parse().ok()?)?.address)
    }
}
