//! What a system tells of processes, and what it does not: a record says so in words, and what is not told is in no chart and in no
//! verdict.

use super::board::{RunSummary, VariantSummary};
use super::record::Env;

/// Which worker process holds which connection.
pub const CONNECTIONS: &str = "which worker holds which connection";
/// What each thread does.
pub const THREADS: &str = "threads (processes are told instead)";
/// How fast the processors run.
pub const FREQUENCIES: &str = "clock frequencies";
/// Which pages processes share: memory is a footprint then.
pub const SHARED_MEMORY: &str = "memory shared by several processes";
/// How often a thread came to run on another processor.
pub const MOVES: &str = "moves of threads between processors";
/// What other virtual machines took.
pub const STOLEN: &str = "time that a host gave to other machines";

/// As many things as are named of what is left out; a recording may be anybody's.
const MOST: usize = 12;
/// Letters of each.
const LONGEST: usize = 80;

impl Env {
    /// Whether the system that was measured on tells `what`, one of this module's constants.
    #[must_use]
    pub fn tells(&self, what: &str) -> bool {
        !self.left_out.iter().any(|one| one == what)
    }
}

/// What the numbers of a run's memory are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryKind {
    /// Shared pages are divided among the processes that share them.
    Pss,
    /// The pages that macOS charges a process for.
    Footprint,
    /// One thing for some variants, another for others: they cannot be compared.
    Mixed,
}

impl MemoryKind {
    /// Its name, as short as a column's head.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pss => "PSS",
            Self::Footprint => "footprint",
            Self::Mixed => "PSS/footprint",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Pss => "shared pages are divided among the processes that share them (PSS)",
            Self::Footprint => {
                "what macOS charges each process for; shared pages are not divided (footprint)"
            }
            Self::Mixed => "PSS of some variants, the footprint of others: not to be compared",
        }
    }
}

impl RunSummary {
    /// Whether the system that was measured on tells `what`, one of [`CONNECTIONS`] and its like.
    #[must_use]
    pub fn tells(&self, what: &str) -> bool {
        self.env.as_ref().is_none_or(|env| env.tells(what))
    }

    /// In a sentence, what the system does not tell; none where it tells everything.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let env = self.env.as_ref()?;
        let short =
            |what: &String| what.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>();
        let named: Vec<String> = env.left_out.iter().take(MOST).map(short).collect();
        let system = env.system.split_whitespace().next().unwrap_or("the system");
        (!named.is_empty()).then(|| {
            format!("{system} does not tell: {}. Nothing of it is in a chart or a verdict.", named.join("; "))
        })
    }

    /// What the numbers of its memory are; PSS while none has been read.
    #[must_use]
    pub fn memory_kind(&self) -> MemoryKind {
        let mut kinds = self.sides.iter().filter_map(VariantSummary::is_footprint);
        match kinds.next() {
            Some(first) if kinds.any(|other| other != first) => MemoryKind::Mixed,
            Some(true) => MemoryKind::Footprint,
            _ => MemoryKind::Pss,
        }
    }

    /// In words, when the memory of its variants cannot be compared.
    pub(crate) fn mixed_memory(&self) -> Option<String> {
        (self.memory_kind() == MemoryKind::Mixed).then(|| format!("memory: {}", MemoryKind::Mixed.in_words()))
    }
}

impl VariantSummary {
    /// Whether its memory was read as a footprint; none before it was read.
    pub(crate) fn is_footprint(&self) -> Option<bool> {
        self.memory.last().map(|(_, mem)| mem.footprint)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Head, Mem, Record, What};
    use super::super::standing::Standing;
    use super::*;

    fn run(footprints: [bool; 2], left_out: &[&str]) -> RunSummary {
        let mut board = RunSummary::default();
        let mut say = |what| board.feed(Record { at: 1, what });
        let variants = vec!["one".to_owned(), "two".to_owned()];
        say(What::Head(Head { variants, protocol: super::super::MEMORY.to_owned(), ..Head::default() }));
        let left_out = left_out.iter().map(|what| (*what).to_owned()).collect();
        say(What::Env(Env { system: "macos 26.1 aarch64".to_owned(), left_out, ..Env::default() }));
        for (variant, footprint) in footprints.into_iter().enumerate() {
            let pss_kib = 1024 << variant;
            say(What::Mem(Mem { variant, pss_kib, footprint, ..Mem::default() }));
        }
        board
    }

    #[test]
    fn what_is_not_told_is_said_once() {
        let board = run([true, true], &[THREADS, MOVES]);
        assert!(!board.tells(THREADS) && board.tells(STOLEN));
        let said = board.left_out().unwrap();
        assert!(said.starts_with("macos does not tell: threads") && said.contains(MOVES), "{said}");
        assert_eq!(run([false, false], &[]).left_out(), None);
        assert!(RunSummary::default().tells(THREADS) && RunSummary::default().left_out().is_none());
        let long = "x\u{1b}".repeat(10_000);
        assert!(run([true, true], &[&*long; 50]).left_out().unwrap().len() < 2000);
    }

    #[test]
    fn footprints_are_compared_with_footprints_only() {
        for (footprints, kind) in [
            ([false, false], MemoryKind::Pss),
            ([true, true], MemoryKind::Footprint),
            ([true, false], MemoryKind::Mixed),
            ([false, true], MemoryKind::Mixed),
        ] {
            let board = run(footprints, &[]);
            let alike = kind != MemoryKind::Mixed;
            assert_eq!(board.memory_kind(), kind);
            assert_eq!(Standing::Memory.reading(&board, 1, 0).is_some(), alike, "{kind:?}");
            assert_eq!(board.warnings().is_empty(), alike);
        }
    }
}
