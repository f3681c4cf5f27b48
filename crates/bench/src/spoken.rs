//! A run's verdict as it is said to a room: a ratio or a few words for the last row, and a sentence in speech.
//!
//! Nothing is judged here: every word follows from [`RunSummary::judge`], or for memory from `Standing`.

use super::board::RunSummary;
use super::standing::{NO_VERDICT, Standing};
use super::verdict::{Call, Metric, RefusalReason, Verdict};
use super::verdict_text::uncalled;
use greenroom_base::counted::in_letters;
use greenroom_base::number::{Number, plain, times};

/// Sentences after the first one, at most: what a room remembers.
const MOST_OTHERS: usize = 2;
/// Nearer than this, what was seen is no gap.
const GAP: f64 = 1.05;

/// What stands in the largest letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Headline {
    /// The ratio of what was called.
    Ratio(Number),
    /// More than the margin apart here, and not for certain.
    NearMargin,
    /// The difference is too small to tell.
    TooClose,
    /// There is no verdict, and why in two or three words: `busy machine`.
    NoVerdict(&'static str),
}

impl Headline {
    /// As it is written: `1.5×`, `too close to call`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Ratio(ratio) => format!("{ratio}×"),
            Self::NearMargin => "near the margin".to_owned(),
            Self::TooClose => "too close to call".to_owned(),
            Self::NoVerdict(why) => (*why).to_owned(),
        }
    }
}

/// What is said of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// What is read from the last row.
    pub headline: Headline,
    /// The first comparison in a sentence.
    pub sentence: String,
    /// The further ones, shorter.
    pub others: Vec<String>,
    /// Which variant it is about, and which one that is compared with.
    pub pair: (usize, usize),
    /// The variant that is better, if one is.
    pub winner: Option<usize>,
}

impl RunSummary {
    /// What is said of requests per second; of memory in a run that is about it. Nothing where there is nobody to compare
    /// with, or no turn.
    #[must_use]
    pub fn spoken(&self) -> Option<Spoken> {
        if self.slices.is_empty() {
            return None;
        }
        if self.measures_memory() { self.spoken_memory() } else { self.spoken_requests() }
    }

    /// The figures that [`RunSummary::spoken`] is about, one of each variant: requests per second, or mebibytes for 1,000 of them.
    #[must_use]
    pub fn spoken_figures(&self) -> Vec<Option<f64>> {
        let memory = self.measures_memory();
        self.sides.iter().map(|side| if memory { side.memory_per_rate() } else { side.rate() }).collect()
    }

    fn spoken_requests(&self) -> Option<Spoken> {
        let mut contests = self.contests().into_iter();
        let (one, other) = contests.next()?;
        let first = self.judge(Metric::Throughput, one, other);
        let mut reasons = vec![first.call.clone()];
        let mut others = Vec::new();
        for (subject, against) in contests.filter(|(subject, _)| *subject == one || self.has_pairs()) {
            let verdict = self.judge(Metric::Throughput, subject, against);
            // One reason is enough where several are refused for the same.
            if !matches!(verdict.call, Call::Refused(_)) || !reasons.contains(&verdict.call) {
                reasons.push(verdict.call.clone());
                others.push(self.further(&first, &verdict));
            }
        }
        others.truncate(MOST_OTHERS);
        let (headline, sentence) = self.first(&first);
        let sentence = begun(&sentence);
        let winner = match first.call {
            Call::Higher => Some(one),
            Call::Lower => Some(other),
            Call::NearMargin | Call::Inconclusive | Call::Refused(_) => None,
        };
        Some(Spoken { headline, sentence, others, pair: (one, other), winner })
    }

    /// The first comparison.
    fn first(&self, verdict: &Verdict) -> (Headline, String) {
        let (one, other) = (self.name(verdict.variant), self.name(verdict.baseline));
        match (&verdict.call, verdict.interval) {
            (Call::Refused(reasons), found) => {
                let why = reasons.iter().map(said).collect::<Vec<_>>().join("; ");
                let gap = found.filter(|_| reasons.iter().all(leaves_a_gap));
                let seen = gap.map(|found| format!(" {one} and {other}: {} here.", apart(found.ratio)));
                let text = format!("No verdict: {why}.{}", seen.unwrap_or_default());
                (Headline::NoVerdict(worst(reasons)), text)
            }
            (_, None) => {
                (Headline::NoVerdict("no figures"), format!("{one} and {other}: nothing was measured."))
            }
            (Call::NearMargin, Some(found)) => {
                let ratio = times(found.ratio);
                let text = format!(
                    "{one} and {other}: near the margin, {ratio} times here; another run may call it."
                );
                (Headline::NearMargin, text)
            }
            (Call::Inconclusive, Some(found)) => {
                let text =
                    format!("{one} and {other}: too close to call, {} times here.", times(found.ratio));
                (Headline::TooClose, text)
            }
            (Call::Higher | Call::Lower, Some(found)) => {
                let ratio = times(found.ratio);
                let where_ = self.on_cores();
                (
                    Headline::Ratio(ratio.clone()),
                    format!("{one}: {ratio} times the requests of {other}{where_}."),
                )
            }
        }
    }

    /// A further comparison, in fewer words.
    fn further(&self, first: &Verdict, verdict: &Verdict) -> String {
        let (one, other) = (self.name(verdict.variant), self.name(verdict.baseline));
        let same = verdict.variant == first.variant;
        let whom = if same { format!("Against {other}") } else { format!("{one} against {other}") };
        match (&verdict.call, verdict.interval) {
            (Call::Refused(reasons), _) => {
                format!("{whom}: no verdict, {}.", reasons.iter().map(said).collect::<Vec<_>>().join("; "))
            }
            (_, None) => format!("{whom}: nothing was measured."),
            (call @ (Call::NearMargin | Call::Inconclusive), _) => {
                format!("{whom}: {}.", uncalled(call).unwrap_or_default())
            }
            (Call::Higher | Call::Lower, Some(found)) => {
                let ratio = times(found.ratio);
                match first.call {
                    Call::Higher | Call::Lower if same => format!("And {ratio} times those of {other}."),
                    _ => format!("{whom}: {ratio} times the requests."),
                }
            }
        }
    }

    /// What is said of memory for the same number of requests, of which less is better. There are too few readings for an
    /// interval: what stands is what `Standing` says of one.
    #[must_use]
    pub fn spoken_memory(&self) -> Option<Spoken> {
        let standing = Standing::MemoryPerRate;
        let mut contests = self.contests().into_iter();
        let (one, other) = contests.next()?;
        // The same work is a matter of requests per second, too.
        let first = self.judge(Metric::Throughput, one, other);
        if matches!(first.call, Call::Refused(_)) && !self.measures_memory() {
            return self.spoken_requests();
        }
        let ratio = |one, other| {
            let known = standing.reading(self, one, other).filter(|ratio| ratio.is_finite());
            known.filter(|_| standing.word(self, one, other).text != NO_VERDICT)
        };
        let [name, against] = [one, other].map(|side| self.name(side));
        let found = ratio(one, other);
        let (headline, sentence) = match found {
            Some(found) if standing.is_close(self, one, other) => {
                let text = format!(
                    "{name} and {against}: much the same memory for the same requests, {} times here.",
                    times(found)
                );
                (Headline::TooClose, text)
            }
            Some(found) => {
                let text =
                    format!("{name}: {} times the memory of {against} for the same requests.", times(found));
                (Headline::Ratio(times(found)), text)
            }
            None => {
                let rising = [one, other].into_iter().find(|side| self.still_rises(*side));
                match rising {
                    Some(side) => {
                        let text = format!("No verdict: the memory of {} was still rising.", self.name(side));
                        (Headline::NoVerdict("still rising"), text)
                    }
                    None => {
                        (Headline::NoVerdict("no figures"), "No verdict: memory was not read.".to_owned())
                    }
                }
            }
        };
        let further = contests.filter(|(subject, _)| *subject == one || self.has_pairs());
        let others = further.filter_map(|(subject, against)| {
            let ratio = times(ratio(subject, against)?);
            let against_name = self.name(against);
            Some(if subject == one && matches!(headline, Headline::Ratio(_)) {
                format!("And {ratio} times that of {against_name}.")
            } else {
                format!("{}: {ratio} times the memory of {against_name}.", self.name(subject))
            })
        });
        let others = others.take(MOST_OTHERS).collect();
        let winner = match (&headline, found) {
            (Headline::Ratio(_), Some(found)) => Some(if found < 1.0 { one } else { other }),
            _ => None,
        };
        let sentence = begun(&sentence);
        Some(Spoken { headline, sentence, others, pair: (one, other), winner })
    }

    /// Whether the memory of `side` was waited for and did not get flat.
    fn still_rises(&self, side: usize) -> bool {
        self.sides.get(side).and_then(|side| side.flat).is_some_and(|flat| !flat.flat)
    }

    /// `, on the same two cores`
    fn on_cores(&self) -> String {
        match self.env.as_ref().map(|env| env.cores) {
            None | Some(0) => String::new(),
            Some(1) => ", on the same core".to_owned(),
            Some(cores) => {
                let word = usize::try_from(cores).ok().and_then(in_letters);
                let word = word.map_or_else(|| cores.to_string(), str::to_owned);
                format!(", on the same {word} cores")
            }
        }
    }
}

/// `sentence` with a capital letter, where its first word is one of the language and no name of a program or file.
fn begun(sentence: &str) -> String {
    let word = sentence.split([' ', ',', ':']).next().unwrap_or_default();
    if !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        let (head, tail) = sentence.split_at(1);
        return head.to_ascii_uppercase() + tail;
    }
    sentence.to_owned()
}

/// Why there is no verdict, in speech.
fn said(reason: &RefusalReason) -> String {
    match reason {
        RefusalReason::TooShort(have, need) => format!("only {have} whole rounds, {need} are needed"),
        RefusalReason::FewLaunches(have, need) => {
            format!("only {have} launches came to their end, {need} are needed")
        }
        RefusalReason::Busy(percent) => format!("others used {percent} % of this machine's processors"),
        RefusalReason::OnlyMemory => "this run is about memory".to_owned(),
        RefusalReason::Errors(_) | RefusalReason::Silent | RefusalReason::Broken | RefusalReason::Quick => {
            reason.to_string()
        }
    }
}

/// The reason that says most, in two or three words.
fn worst(reasons: &[RefusalReason]) -> &'static str {
    let word = |reason: &RefusalReason| match reason {
        RefusalReason::Broken => (0, "broke off"),
        RefusalReason::Silent => (1, "no answers"),
        RefusalReason::Errors(_) => (2, "wrong answers"),
        RefusalReason::Busy(_) => (3, "busy machine"),
        RefusalReason::FewLaunches(..) => (4, "too few launches"),
        RefusalReason::TooShort(..) => (5, "too short"),
        RefusalReason::Quick => (6, "quick run"),
        RefusalReason::OnlyMemory => (7, "memory only"),
    };
    reasons.iter().map(word).min().map_or("no verdict", |(_, word)| word)
}

/// Whether what was seen is worth a word although it is no verdict: the answers were right, and there were some.
const fn leaves_a_gap(reason: &RefusalReason) -> bool {
    matches!(reason, RefusalReason::Busy(_) | RefusalReason::FewLaunches(..) | RefusalReason::TooShort(..))
}

/// `23 times apart`, whichever is more.
fn apart(ratio: f64) -> String {
    let gap = ratio.max(1.0 / ratio);
    match gap {
        gap if gap < GAP => "no gap".to_owned(),
        // What is no verdict has no tenths.
        gap if gap >= 10.0 => format!("{} times apart", plain(gap)),
        gap => format!("{} times apart", times(gap)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Env, Head, Launch, MEMORY, Mem, QUICK, Record, Slice, What};

    /// What a made-up run is like.
    #[derive(Clone, Copy)]
    struct Made<'a> {
        launches: u32,
        /// Requests of each variant in a turn, of 10,000 of the first.
        rates: &'a [u64],
        foreign_us: u64,
        errors: u64,
        cores: u32,
        protocol: &'a str,
        pairs: &'a [(usize, usize)],
        fatal: bool,
    }

    const MADE: Made<'_> = Made {
        launches: 5,
        rates: &[10_000, 15_000],
        foreign_us: 0,
        errors: 0,
        cores: 2,
        protocol: "stage",
        pairs: &[],
        fatal: false,
    };

    fn run(made: Made<'_>) -> RunSummary {
        let mut board = RunSummary::default();
        let mut say = |what| {
            board.feed(Record { at: 1, what });
        };
        let names = ["GIL threads", "free threading", "GIL processes", "another"];
        let variants = names.iter().take(made.rates.len()).map(|name| (*name).to_owned()).collect();
        let (protocol, pairs) = (made.protocol.to_owned(), made.pairs.to_vec());
        say(What::Head(Head { variants, launches: 8, protocol, pairs, ..Head::default() }));
        say(What::Env(Env { cores: made.cores, ..Env::default() }));
        let sides = || 0..made.rates.len();
        for launch in 0..made.launches {
            for block in 0..4 {
                for variant in sides().chain(sides().rev()) {
                    let (errors, foreign_us) = (made.errors, made.foreign_us);
                    say(What::Slice(Slice {
                        variant,
                        block,
                        launch,
                        n: made.rates[variant] + u64::from(launch % 2),
                        wall_us: 250_000,
                        cpu_us: 400_000,
                        errors,
                        foreign_us,
                        ..Slice::default()
                    }));
                }
            }
            say(What::Launch(Launch { launch, whole: sides().collect(), ..Launch::default() }));
        }
        if made.fatal {
            say(What::Fault(crate::FailureRecord { fatal: true, ..crate::FailureRecord::default() }));
        }
        board
    }

    fn said_of(made: Made<'_>) -> (String, String, Option<usize>) {
        let spoken = run(made).spoken().unwrap();
        let all = [vec![spoken.sentence], spoken.others].concat().join(" ");
        (spoken.headline.words(), all, spoken.winner)
    }

    /// Runs, and what is said of each: the headline, the end of the sentences, who won.
    const VERDICTS: [(Made<'_>, &str, &str, Option<usize>); 14] = [
        (
            MADE,
            "1.5×",
            "Free threading: 1.5 times the requests of GIL threads, on the same two cores.",
            Some(1),
        ),
        (
            Made { rates: &[10_000, 7_000], cores: 1, ..MADE },
            "0.7×",
            "Free threading: 0.7 times the requests of GIL threads, on the same core.",
            Some(0),
        ),
        (
            Made { rates: &[10_000, 15_000, 18_000], cores: 0, ..MADE },
            "1.5×",
            "Free threading: 1.5 times the requests of GIL threads. And 0.83 times those of GIL processes.",
            Some(1),
        ),
        (
            Made { rates: &[10_000, 15_000, 15_100], cores: 32, ..MADE },
            "1.5×",
            "Free threading: 1.5 times the requests of GIL threads, on the same 32 cores. Against GIL processes: too close to call.",
            Some(1),
        ),
        (
            Made { rates: &[10_000, 10_200, 5_100], ..MADE },
            "too close to call",
            "GIL threads: too close to call, 1.02 times here. Against GIL processes: 2 times the requests.",
            None,
        ),
        (
            Made { foreign_us: 200_000, rates: &[230_000, 10_000], ..MADE },
            "busy machine",
            "No verdict: others used 40 % of this machine's processors. free threading and GIL threads: 23 times apart here.",
            None,
        ),
        (
            Made { foreign_us: 200_000, rates: &[10_000, 10_100, 9_000], ..MADE },
            "busy machine",
            "No verdict: others used 40 % of this machine's processors. free threading and GIL threads: no gap here.",
            None,
        ),
        (
            Made { launches: 3, ..MADE },
            "too few launches",
            "No verdict: only 3 launches came to their end, 4 are needed. free threading and GIL threads: 1.5 times apart here.",
            None,
        ),
        (
            Made { launches: 3, foreign_us: 200_000, ..MADE },
            "busy machine",
            "No verdict: only 3 launches came to their end, 4 are needed; others used 40 % of this machine's processors. free threading and GIL threads: 1.5 times apart here.",
            None,
        ),
        (
            Made { errors: 1_000, ..MADE },
            "wrong answers",
            "No verdict: 9.1 % of the answers were wrong.",
            None,
        ),
        (
            Made { rates: &[10_000, 0], ..MADE },
            "no answers",
            "No verdict: a variant gave no right answer.",
            None,
        ),
        (Made { fatal: true, ..MADE }, "broke off", "No verdict: the bench broke off.", None),
        (
            Made { protocol: QUICK, ..MADE },
            "quick run",
            "No verdict: a quick run only shows that the scenario works.",
            None,
        ),
        (
            Made { rates: &[10_000, 15_000, 10_000, 30_000], pairs: &[(1, 0), (3, 2)], ..MADE },
            "1.5×",
            "Free threading: 1.5 times the requests of GIL threads, on the same two cores. another against GIL processes: 3 times the requests.",
            Some(1),
        ),
    ];

    #[test]
    fn every_kind_of_verdict_has_its_words() {
        for (made, headline, text, winner) in VERDICTS {
            let found = said_of(made);
            assert!(found.1.ends_with(text), "{}\n{text}", found.1);
            assert_eq!((found.0.as_str(), found.2), (headline, winner), "{text}");
        }
    }

    #[test]
    fn what_is_spoken_never_says_another_thing_than_the_verdict() {
        for rate in [1, 100, 5_000, 9_000, 9_400, 9_600, 10_000, 10_400, 10_600, 11_000, 90_000, 10_000_000] {
            for (launches, foreign_us) in [(5, 0), (3, 0), (5, 200_000)] {
                let board = run(Made { rates: &[10_000, rate], launches, foreign_us, ..MADE });
                let spoken = board.spoken().unwrap();
                let sentence = board.sentences(Metric::Throughput).remove(0);
                let expected = match sentence.call.unwrap() {
                    Call::Higher | Call::Lower => Headline::Ratio(times(sentence.ratio.unwrap())),
                    Call::NearMargin => Headline::NearMargin,
                    Call::Inconclusive => Headline::TooClose,
                    Call::Refused(reasons) => Headline::NoVerdict(worst(&reasons)),
                };
                assert_eq!((spoken.headline, spoken.pair), (expected, sentence.pair), "{rate}");
            }
        }
    }

    #[test]
    fn memory_is_better_when_it_is_less_and_no_verdict_while_it_rises() {
        let board = |second_kib: u64, flat: bool| {
            let mut board = run(Made { protocol: MEMORY, rates: &[10_000, 10_000], ..MADE });
            for (variant, pss_kib) in [(0, 100 << 10), (1, second_kib)] {
                board.feed(Record { at: 2, what: What::Mem(Mem { variant, pss_kib, ..Mem::default() }) });
            }
            let rising = crate::Flat { variant: 1, flat, pss_kib: second_kib, load_us: 1 };
            board.feed(Record { at: 3, what: What::Flat(rising) });
            let spoken = board.spoken().unwrap();
            (spoken.headline.words(), spoken.sentence, spoken.winner)
        };
        let said = |headline: &str, text: &str, winner| (headline.to_owned(), text.to_owned(), winner);
        assert_eq!(
            board(50 << 10, true),
            said(
                "0.5×",
                "Free threading: 0.5 times the memory of GIL threads for the same requests.",
                Some(1)
            )
        );
        assert_eq!(board(250 << 10, true).2, Some(0));
        assert_eq!(board(101 << 10, true).0, "too close to call");
        assert_eq!(
            board(50 << 10, false),
            said("still rising", "No verdict: the memory of free threading was still rising.", None)
        );
    }

    #[test]
    fn without_a_turn_or_an_opponent_nothing_is_said() {
        assert_eq!(RunSummary::default().spoken(), None);
        assert_eq!(run(Made { rates: &[10_000], ..MADE }).spoken(), None);
    }
}
