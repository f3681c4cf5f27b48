//! What a bench writes: one JSON object in a line, each with its time.
//!
//! Measured fields are integers. Unknown fields and unknown types are skipped, so that an older reader understands
//! a newer bench; [`VERSION`] changes only when it would misunderstand it. A run without an [`End`] was cut off.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lines::MAX_LINE;
use super::stream::Content;
pub use super::stream::{End, RecordError};

/// The value of [`Head::format`].
pub const FORMAT: &str = "greenroom-bench";
/// The [`Head::protocol`] of a run that only tries a scenario out.
pub const QUICK: &str = "quick";
/// [`Head::protocol`] of a run that waits until memory is flat.
pub const MEMORY: &str = "memory";
/// The format's version.
pub const VERSION: u32 = 1;

/// One line of a bench.
pub type Record = crate::stream::Record<What>;

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum What {
    /// The first line: what this is.
    Head(Head),
    /// The machine.
    Env(Env),
    /// A variant, once its server is ready.
    App(Box<App>),
    /// Who answers, looked up at some moment.
    Identity(Identity),
    /// What will be asked, and in which order.
    Load(LoadInfo),
    /// The run entered a phase.
    Phase(Phase),
    /// One variant had its turn.
    Slice(Slice),
    /// The latencies of some turns of one variant.
    Hist(Hist),
    /// The latencies of a whole phase, in a few numbers.
    Tail(Tail),
    /// A variant's memory.
    Mem(Mem),
    /// What a variant's memory came to under load.
    Flat(Flat),
    /// A variant's busiest threads.
    Thr(Thr),
    /// When a few requests of one turn began and ended.
    Wave(Wave),
    /// A line that a server printed.
    Out(Out),
    /// A variant's profile.
    Prof(Prof),
    /// Who of a variant answered, in one launch.
    Share(Share),
    /// A launch of the servers is over.
    Launch(Launch),
    /// What the bench made of it; a reader works it out again.
    Verdict(VerdictRecord),
    /// Something went wrong.
    Fault(FailureRecord),
    /// The last line.
    End(End),
    /// Of a newer version; skipped.
    #[serde(other)]
    Unknown,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// [`FORMAT`]
    pub format: String,
    /// [`VERSION`]
    pub v: u32,
    /// Names this run: random.
    pub id: String,
    /// Seconds since 1970.
    pub started: u64,
    /// `stage`, `full`, [`MEMORY`] or [`QUICK`].
    pub protocol: String,
    /// The scenario's title.
    pub title: String,
    /// The SHA-256 of the scenario file.
    pub scenario: String,
    /// The version of Greenroom.
    pub greenroom: String,
    /// Names of the variants, in their order; `variant` everywhere counts in this list.
    pub variants: Vec<String>,
    /// The variant that the others are compared with.
    pub baseline: usize,
    /// Who is compared with whom, when the scenario says so.
    pub pairs: Vec<(usize, usize)>,
    /// How often the servers are started afresh, at most. 0 in recordings from before launches were the unit of doubt:
    /// those are judged as they were then.
    pub launches: u32,
    /// What the variants differ in because the scenario says so; none in recordings from before it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub differs: Option<Vec<String>>,
    /// Packages whose time is what is measured, besides the application's own files; Django when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under_test: Vec<String>,
}

/// The machine that a bench ran on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Env {
    /// The processor's name.
    pub cpu: String,
    /// Logical processors that may be used.
    pub cores: u32,
    /// The system and its version.
    pub system: String,
    /// The kind of virtual machine; empty when that is not known.
    pub virtualisation: String,
    /// Main memory, in KiB.
    pub memory_kib: u64,
    /// The load average of a minute before the run, in thousandths.
    pub load_milli: u64,
    /// Which processors do what; empty when none is set aside.
    pub pinning: String,
    /// What the system does not tell, and so is in no chart and no verdict.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// One variant, as it was started.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// Which.
    pub variant: usize,
    /// The server's command, with port and socket filled in.
    pub argv: Vec<String>,
    /// Environment variables that the scenario gives it.
    pub env: Vec<(String, String)>,
    /// The runtime's version, `3.14.7`; empty for servers in other languages.
    pub python: String,
    /// Whether the runtime is a free-threaded build.
    pub free_threaded: Option<bool>,
    /// Whether it was built with profile-guided optimisation, and with link-time optimisation.
    pub optimized: Option<bool>,
    /// See `optimized`.
    pub lto: Option<bool>,
    /// The build's configure flags.
    pub config_args: String,
    /// Versions of the packages that matter.
    pub packages: Vec<(String, String)>,
    /// Which launch of the servers, from 0.
    pub launch: u32,
    /// Its processes when it was ready.
    pub pids: Vec<u32>,
    /// How long it took to be ready, in microseconds.
    pub ready_us: u64,
    /// The first bytes of the answer's SHA-256, in hexadecimal: equal for equal answers.
    pub answer: String,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Which variant.
    pub variant: usize,
    /// When it was looked up.
    pub moment: Moment,
    /// The process that answered, which is one of the variant's own.
    pub pid: u32,
    /// Whether the GIL is on in it; none for servers that do not say.
    pub gil: Option<bool>,
    /// Whether it is a free-threaded build.
    pub free_threaded: Option<bool>,
    /// What else it said: of what the scenario verifies, and of its settings.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub says: BTreeMap<String, String>,
}

/// A moment at which identities are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// When the server was ready.
    #[default]
    Start,
    /// After the first requests: an import can switch the GIL on.
    Warm,
    /// After the last turn.
    End,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadInfo {
    /// How.
    pub kind: LoadKind,
    /// Connections to each variant.
    pub connections: u32,
    /// The length of a turn, in microseconds, before what is under way is waited for.
    pub slice_us: u64,
    /// The order of turns in one block.
    pub order: Vec<usize>,
    /// The paths, one for each variant.
    pub paths: Vec<String>,
    /// Requests in 1,000 seconds, for an open loop.
    pub rate_milli: u64,
    /// The program that asks.
    pub client: String,
}

/// How requests follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoadKind {
    /// The next when the one before is answered: measures capacity.
    #[default]
    Closed,
    /// At set times, whatever the answers do: measures latency.
    Open,
}

/// A phase begins.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Phase {
    /// Which.
    pub kind: PhaseKind,
    /// How long it is meant to take, in microseconds; 0 when that is not known.
    pub length_us: u64,
    /// Which launch of the servers it belongs to, from 0.
    pub launch: u32,
    /// How many launches are meant; 0 when that is not known yet.
    pub launches: u32,
    /// What is being done, in a few words.
    pub note: String,
}

/// The phases of a bench, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseKind {
    /// Databases and test data are made.
    #[default]
    Prepare,
    /// Servers start.
    Start,
    /// Requests that do not count.
    Warm,
    /// Turns in a closed loop.
    Measure,
    /// Turns in an open loop.
    Open,
    /// Memory is read, identities are looked up again.
    Settle,
    /// Profiles are taken.
    Profile,
    /// Servers are stopped.
    Stop,
}

/// One turn of one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Slice {
    /// Which variant.
    pub variant: usize,
    /// Which block, from 0; blocks are compared within themselves.
    pub block: u32,
    /// Which launch of the servers, from 0.
    pub launch: u32,
    /// How requests followed each other.
    pub kind: LoadKind,
    /// Answers that were right.
    pub n: u64,
    /// Answers that were not, and requests without one.
    pub errors: u64,
    /// Connections that were made anew.
    pub reconnects: u64,
    /// From the first request to the last answer.
    pub wall_us: u64,
    /// Processor time of the variant's processes in that time.
    pub cpu_us: u64,
    /// Time that the variant's threads waited for a processor.
    pub wait_us: u64,
    /// Processor time of everything that does not belong to the bench.
    pub foreign_us: u64,
    /// Median latency.
    pub p50_us: u64,
    /// The latency that 99 of 100 stayed below.
    pub p99_us: u64,
}

/// Latencies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hist {
    /// Which variant.
    pub variant: usize,
    /// Of what.
    pub kind: HistKind,
    /// Since the last of its kind: an `HdrHistogram` of microseconds with 2 significant digits, V2, in base64.
    pub v2: String,
}

/// What a histogram counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HistKind {
    /// Answers in a closed loop, from sending.
    #[default]
    Closed,
    /// Answers in an open loop, from the moment the request was meant to be sent.
    Open,
    /// How late the requests of an open loop were sent.
    Lag,
}

/// Latencies of a whole phase, for readers without histograms: those of [`Hist`] say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tail {
    /// Which variant.
    pub variant: usize,
    /// Of what.
    pub kind: HistKind,
    /// How many.
    pub n: u64,
    /// Median, in microseconds.
    pub p50_us: u64,
    /// What 99 of 100 stayed below.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

/// Memory of a variant's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Mem {
    /// Which variant.
    pub variant: usize,
    /// How many processes.
    pub processes: u32,
    /// How many threads in all of them.
    pub threads: u32,
    /// Resident, shared pages counted in each process. Not to be added up.
    pub rss_kib: u64,
    /// Resident, shared pages divided among their users: what the variant costs.
    pub pss_kib: u64,
    /// The part of that which is no file.
    pub pss_anon_kib: u64,
    /// Resident and used by one process alone.
    pub uss_kib: u64,
    /// `pss_kib` is the footprint that macOS tells, and not comparable with PSS.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub footprint: bool,
}

/// What a variant's memory came to, in a run that waits until it is flat: see `flat::is_flat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Flat {
    /// Which variant.
    pub variant: usize,
    /// Whether it got flat; else it was still rising when the run ended.
    pub flat: bool,
    /// What it costs then, as [`Mem::pss_kib`].
    pub pss_kib: u64,
    /// How long it was under load.
    pub load_us: u64,
}

/// The busiest threads of a variant while it had its turns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Thr {
    /// Which variant.
    pub variant: usize,
    /// At most 16, the busiest first.
    pub threads: Vec<ThreadUse>,
}

/// What one thread did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadUse {
    /// Its process.
    pub pid: u32,
    /// Its number in the system.
    pub tid: u32,
    /// Its name in the system.
    pub name: String,
    /// Thousandths of the time that it ran.
    pub cpu_permille: u32,
    /// Thousandths of the time that it could have run, and no processor was free.
    pub wait_permille: u32,
}

/// When requests of one turn began and ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wave {
    /// Which variant.
    pub variant: usize,
    /// Connection, begin and end in microseconds since the turn began; at most 64, in the order of their ends.
    pub spans: Vec<(u32, u64, u64)>,
}

/// A line that a server printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Out {
    /// Which variant.
    pub variant: usize,
    /// The line, without control characters.
    pub text: String,
}

/// Where a variant spent its time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Prof {
    /// Which variant.
    pub variant: usize,
    /// Stacks that were read.
    pub samples: u64,
    /// Stacks that changed while they were read, and do not count.
    pub dropped: u64,
    /// Time from one sample to the next.
    pub period_us: u64,
    /// Frames from the outermost to the innermost, separated by `;`, and how often they were seen.
    pub stacks: Vec<(String, u64)>,
    /// The installed packages among the files in them; none in older recordings, which do not tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
}

/// Who of a variant answered in one launch, and what was done to spread the connections.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Share {
    /// Which variant.
    pub variant: usize,
    /// Which launch of the servers, from 0.
    pub launch: u32,
    /// What `n` counts.
    pub by: ShareBy,
    /// Its worker processes, those that did nothing included; at most 64.
    pub processes: Vec<WorkerShare>,
    /// The threads that answered, where answers say it; at most 64, and none when there were more.
    pub threads: Vec<WorkerShare>,
    /// How often a connection was opened again, so that each process has its share of them.
    pub reopened: u32,
    /// Whether each process has its share of the connections, give or take one.
    pub spread: bool,
    /// Worker processes that ended while the launch was measured.
    pub ended: Vec<u32>,
    /// Worker processes that came meanwhile.
    pub came: Vec<u32>,
}

/// What a share is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShareBy {
    /// Answers, each of which says in its header `X-Worker` who gave it.
    #[default]
    Answers,
    /// Microseconds of processor time, where answers do not say it.
    Cpu,
}

/// What one worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkerShare {
    /// Its process.
    pub pid: u32,
    /// Its thread; 0 for a process as a whole.
    pub tid: u32,
    /// Answers, or microseconds.
    pub n: u64,
    /// Connections that it holds.
    pub connections: u32,
}

/// A launch that is over: what may explain why it was faster or slower than another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Launch {
    /// Which, from 0.
    pub launch: u32,
    /// The variants that came through it, from the first turn to the last.
    pub whole: Vec<usize>,
    /// `PYTHONHASHSEED` of every variant that does not set it itself.
    pub hash_seed: u32,
    /// The order in which the servers were started.
    pub order: Vec<usize>,
    /// Processor time that the host gave to other machines meanwhile.
    pub steal_us: u64,
    /// The frequency of each processor, in kHz; none where the system does not tell.
    pub khz: Vec<u32>,
    /// The load average of a minute at its end, in thousandths.
    pub load_milli: u64,
    /// The servers' processes; at most 64.
    pub processes: Vec<ProcessPlace>,
}

/// Where a process lay, and where it ran.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProcessPlace {
    /// Which variant.
    pub variant: usize,
    /// Which process.
    pub pid: u32,
    /// The address of its program, in hexadecimal: laid out anew with each start.
    pub program: String,
    /// The address of its heap.
    pub heap: String,
    /// How often its threads changed the processor, where the system tells.
    pub migrations: u64,
    /// The processors that its threads were last on, one for each thread; at most 64.
    pub processors: Vec<u32>,
}

/// A verdict of the bench; see [`super::Verdict`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VerdictRecord {
    /// `throughput`, `efficiency` or `memory`.
    pub metric: String,
    /// Which variant.
    pub variant: usize,
    /// Compared with which.
    pub baseline: usize,
    /// The ratio and the bounds of its interval, in millionths.
    pub ratio_ppm: u64,
    /// See `ratio_ppm`.
    pub low_ppm: u64,
    /// See `ratio_ppm`.
    pub high_ppm: u64,
    /// Blocks, or launches, that it rests on.
    pub blocks: u32,
    /// How the interval was made.
    pub method: String,
    /// `higher`, `lower`, `near` (the margin), `close` or `refused`; in older recordings `close` is said of what is near, too.
    pub call: String,
    /// What speaks against it, in words.
    pub flags: Vec<String>,
}

/// Something went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureRecord {
    /// The variant it concerns; none when it concerns the whole bench.
    pub variant: Option<usize>,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Whether the bench ends because of it.
    pub fatal: bool,
}

impl Content for What {
    const OF: &'static str = "a bench";
    const FORMAT: &'static str = FORMAT;
    const VERSION: u32 = VERSION;
    const MAX_LINE: usize = MAX_LINE;

    fn head(&self) -> Option<(&str, u32)> {
        if let Self::Head(head) = self { Some((&head.format, head.v)) } else { None }
    }

    fn end(&self) -> Option<&End> {
        if let Self::End(end) = self { Some(end) } else { None }
    }

    fn of_end(end: End) -> Self {
        Self::End(end)
    }

    fn read(json: &str) -> serde_json::Result<Record> {
        serde_json::from_str(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_with_its_time_first() {
        let slice = Slice { variant: 2, n: 40, wall_us: 250_131, ..Slice::default() };
        let record = Record { at: 1_500, what: What::Slice(slice) };
        let line = record.to_line();
        assert!(line.starts_with(r#"{"at":1500,"type":"slice","variant":2,"block":0,"#), "{line}");
        assert!(line.ends_with("}\n"));
        assert_eq!(Record::parse(&line), Ok(record));
    }

    #[test]
    fn what_is_new_is_skipped_and_what_is_missing_is_filled_in() {
        let newer = r#"{"at":7,"type":"weather","rain":true}"#;
        assert_eq!(Record::parse(newer), Ok(Record { at: 7, what: What::Unknown }));
        let more = r#"{"at":7,"type":"slice","variant":1,"mood":"good"}"#;
        let slice = Slice { variant: 1, ..Slice::default() };
        assert_eq!(Record::parse(more), Ok(Record { at: 7, what: What::Slice(slice) }));
    }

    #[test]
    fn what_is_no_record_says_why() {
        let head = |format: &str, v: u32| format!(r#"{{"at":0,"type":"head","format":"{format}","v":{v}}}"#);
        assert_eq!(Record::parse(&head(FORMAT, 2)), Err(RecordError::Version { found: 2, known: 1 }));
        assert_eq!(
            Record::parse(&head("x", 1)),
            Err(RecordError::Format { of: "a bench", found: "x".to_owned() })
        );
        assert!(Record::parse(&head(FORMAT, 1)).is_ok());
        assert!(matches!(Record::parse("[1, \"o\", \"x\"]"), Err(RecordError::Junk(_))));
        assert!(matches!(Record::parse(&" ".repeat(MAX_LINE + 1)), Err(RecordError::Long(_))));
    }
}
