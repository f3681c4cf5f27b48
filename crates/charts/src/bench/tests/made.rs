//! Records of benches that never ran: plausible, and the same every time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2Serializer};
use sha2::{Digest, Sha256};

use greenroom_base::hex;
use greenroom_bench::{
    App, End, Env, FailureRecord, Head, Hist, HistKind, Identity, Launch, LoadInfo, Mem, Metric, Moment, Out,
    Phase, PhaseKind, Prof, Record, RunSummary, Share, Slice, Thr, ThreadUse, Wave, What, WorkerShare,
};

/// A made-up variant.
#[derive(Clone)]
pub(crate) struct Made {
    pub name: &'static str,
    pub free: bool,
    pub processes: u32,
    pub threads: u32,
    /// Requests per second.
    pub rate: f64,
    /// Processors that it keeps busy.
    pub busy: f64,
    pub mib: u64,
    /// Whether the GIL comes back in the first requests.
    pub comes_back: bool,
}

/// The three contestants.
pub(crate) fn three() -> Vec<Made> {
    let made = |name, free, processes, threads, rate, busy, mib| Made {
        name,
        free,
        processes,
        threads,
        rate,
        busy,
        mib,
        comes_back: false,
    };
    vec![
        made("GIL threads", false, 1, 5, 1040.0, 1.02, 61),
        made("GIL processes", false, 2, 4, 2210.0, 1.72, 104),
        made("Free threaded", true, 1, 5, 1870.0, 1.73, 78),
    ]
}

/// Blocks of a launch.
const BLOCKS: u32 = 4;

/// Lines of a run, and what they are made with.
pub(crate) struct Run {
    at: u64,
    random: u64,
    pub lines: Vec<String>,
    made: Vec<Made>,
    slices: Vec<Slice>,
    faults: bool,
    launch: u32,
    /// Processor time of others in each turn, in microseconds.
    pub foreign_us: u64,
}

impl Run {
    /// The lines up to where servers are ready.
    pub(crate) fn new(made: Vec<Made>) -> Self {
        let mut run = Self {
            at: 0,
            random: 7,
            lines: Vec::new(),
            made,
            slices: Vec::new(),
            faults: false,
            launch: 0,
            foreign_us: 8_000,
        };
        let variants = run.made.iter().map(|made| made.name.to_owned()).collect();
        run.say(What::Head(Head {
            format: greenroom_bench::FORMAT.to_owned(),
            v: 1,
            id: "5f0c2a9e77b1".to_owned(),
            started: 1_795_392_000,
            protocol: "stage".to_owned(),
            title: "pure Python: a Mandelbrot set per request".to_owned(),
            scenario: "9d1f4c".repeat(10),
            greenroom: "0.1.0".to_owned(),
            variants,
            baseline: 0,
            pairs: Vec::new(),
            launches: 8,
            ..Head::default()
        }));
        run.say(What::Env(Env {
            cpu: "AMD EPYC 7B13".to_owned(),
            cores: 2,
            system: "Linux 6.12".to_owned(),
            virtualisation: "kvm".to_owned(),
            memory_kib: 8 << 20,
            load_milli: 240,
            pinning: String::new(),
            left_out: Vec::new(),
        }));
        run
    }

    /// Everything up to the first turn that counts.
    pub(crate) fn started(mut self) -> Self {
        self.phase(PhaseKind::Start, 0, "3 servers");
        for n in 0..self.made.len() {
            self.at += 700_000;
            self.app(n);
        }
        self.phase(PhaseKind::Warm, 3_000_000, "the first requests");
        let count = self.made.len();
        self.say(What::Load(LoadInfo {
            connections: 8,
            slice_us: 250_000,
            order: (0..count).chain((0..count).rev()).collect(),
            paths: vec!["/cpu/".to_owned(); count],
            client: "greenroom".to_owned(),
            ..LoadInfo::default()
        }));
        self.at += 3_000_000;
        for n in 0..count {
            self.identity(n, Moment::Warm);
        }
        self
    }

    /// So many blocks of turns.
    pub(crate) fn measured(mut self, blocks: u32) -> Self {
        self.phase(PhaseKind::Measure, 24_000_000, "");
        let count = self.made.len();
        for block in 0..blocks {
            self.launch = block / BLOCKS;
            for n in (0..count).chain((0..count).rev()) {
                self.turn(n, block);
            }
            if block % BLOCKS == BLOCKS - 1 {
                self.launch_ends();
            }
            for n in 0..count {
                self.latencies(n);
                if block % 2 == 1 {
                    self.memory(n);
                    self.threads(n);
                    self.wave(n);
                }
            }
        }
        self
    }

    fn launch_ends(&mut self) {
        for (variant, made) in self.made.clone().iter().enumerate() {
            let worker =
                |at: u32| WorkerShare { pid: 4242 + at, tid: 0, n: 1000 + u64::from(at), connections: 4 };
            let processes = (0..made.processes).map(worker).collect();
            let (launch, spread) = (self.launch, true);
            self.say(What::Share(Share { variant, launch, processes, spread, ..Share::default() }));
        }
        self.say(What::Launch(Launch {
            launch: self.launch,
            whole: (0..self.made.len()).collect(),
            hash_seed: self.launch + 1,
            ..Launch::default()
        }));
    }

    /// The rest of a run that goes through.
    pub(crate) fn ended(mut self) -> Self {
        self.phase(PhaseKind::Settle, 3_000_000, "");
        for n in 0..self.made.len() {
            self.identity(n, Moment::End);
            self.memory(n);
        }
        self.phase(PhaseKind::Profile, 5_000_000, "");
        for n in [0, self.made.len() - 1] {
            self.profile(n);
        }
        let mut board = RunSummary::default();
        for line in &self.lines {
            board.feed_line(line).unwrap();
        }
        for n in 1..self.made.len() {
            for metric in [Metric::Throughput, Metric::Efficiency] {
                self.say(What::Verdict(board.judge(metric, n, 0).to_record(board.warnings())));
            }
        }
        self.end()
    }

    pub(crate) fn end(mut self) -> Self {
        let mut hash = Sha256::new();
        self.lines.iter().for_each(|line| hash.update(line.as_bytes()));
        let sha256 = hex::encode(hash.finalize());
        let lines = self.lines.len() as u64;
        self.say(What::End(End { ok: !self.faults, lines, sha256 }));
        self
    }

    pub(crate) fn fault(mut self, variant: Option<usize>, message: &str, hint: &str) -> Self {
        self.faults = true;
        if let Some(variant) = variant {
            for text in ["Traceback (most recent call last):", "OSError: [Errno 98] Address already in use"] {
                self.say(What::Out(Out { variant, text: text.to_owned() }));
            }
        }
        let (message, hint) = (message.to_owned(), hint.to_owned());
        self.say(What::Fault(FailureRecord { variant, message, hint, fatal: true }));
        self
    }

    pub(crate) fn text(&self) -> String {
        self.lines.concat()
    }

    fn say(&mut self, what: What) {
        self.lines.push(Record { at: self.at, what }.to_line());
    }

    pub(crate) fn phase(&mut self, kind: PhaseKind, length_us: u64, note: &str) {
        self.say(What::Phase(Phase {
            kind,
            length_us,
            launch: self.launch,
            launches: 4,
            note: note.to_owned(),
        }));
    }

    /// From 0 to 1.
    fn random(&mut self) -> f64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 40) as f64 / f64::from(1 << 24)
    }

    fn app(&mut self, n: usize) {
        let made = self.made[n].clone();
        let python = if made.free { "python3.14t" } else { "python3.14" };
        let argv = ["granian", "--interface", "wsgi", "--uds", "/tmp/s", "site.wsgi:application"];
        self.say(What::App(Box::new(App {
            variant: n,
            argv: std::iter::once(python).chain(["-m"]).chain(argv).map(str::to_owned).collect(),
            python: "3.14.7".to_owned(),
            free_threaded: Some(made.free),
            optimized: Some(true),
            lto: Some(true),
            config_args: "--enable-optimizations --with-lto".to_owned(),
            packages: vec![
                ("Django".to_owned(), "6.1.3".to_owned()),
                ("granian".to_owned(), "2.8.7".to_owned()),
            ],
            pids: (0..made.processes).map(|k| 4242 + k).collect(),
            ready_us: 640_000,
            answer: "a94a8fe5".to_owned(),
            ..App::default()
        })));
        self.identity(n, Moment::Start);
    }

    fn identity(&mut self, n: usize, moment: Moment) {
        let made = &self.made[n];
        let gil = !made.free || (made.comes_back && moment != Moment::Start);
        let free_threaded = Some(made.free);
        let pid = 4242 + 10 * u32::try_from(n).unwrap();
        self.say(What::Identity(Identity {
            variant: n,
            moment,
            pid,
            gil: Some(gil),
            free_threaded,
            says: std::collections::BTreeMap::new(),
        }));
    }

    fn turn(&mut self, n: usize, block: u32) {
        let made = self.made[n].clone();
        let wall = 250_000 + (self.random() * 4000.0) as u64;
        let count = made.rate * (0.94 + 0.12 * self.random()) * wall as f64 / 1e6;
        self.at += wall;
        let slice = Slice {
            variant: n,
            block,
            launch: self.launch,
            n: count as u64,
            wall_us: wall,
            cpu_us: (wall as f64 * made.busy) as u64,
            wait_us: 9_000,
            foreign_us: self.foreign_us,
            p50_us: (8e6 / made.rate) as u64,
            p99_us: (20e6 / made.rate) as u64,
            ..Slice::default()
        };
        self.slices.push(slice);
        self.say(What::Slice(slice));
    }

    fn latencies(&mut self, n: usize) {
        let rate = self.made[n].rate;
        let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 2).unwrap();
        for _ in 0..((rate / 2.0) as u64).min(500) {
            let tail = self.random().max(1e-4);
            histogram.saturating_record((6e6 / rate * (0.8 - 0.25 * tail.ln())) as u64);
        }
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&histogram, &mut bytes).unwrap();
        self.say(What::Hist(Hist { variant: n, kind: HistKind::Closed, v2: STANDARD.encode(bytes) }));
    }

    fn memory(&mut self, n: usize) {
        let made = self.made[n].clone();
        let pss = made.mib * 1024 + (self.random() * 900.0) as u64;
        self.say(What::Mem(Mem {
            variant: n,
            processes: made.processes,
            threads: made.threads,
            rss_kib: pss * 3 / 2,
            pss_kib: pss,
            pss_anon_kib: pss / 2,
            uss_kib: pss / 3,
            footprint: false,
        }));
    }

    fn threads(&mut self, n: usize) {
        let made = self.made[n].clone();
        let each = (made.busy * 1000.0 / f64::from(made.threads - 1)) as u32;
        let threads = (0..made.threads).map(|k| ThreadUse {
            pid: 4242,
            tid: 4242 + k,
            name: if k + 1 == made.threads { "tokio-rt".to_owned() } else { format!("blocking-{k}") },
            cpu_permille: if k + 1 == made.threads { 12 } else { each + k * 7 },
            wait_permille: if made.free { 90 } else { 15 },
        });
        let threads = threads.collect();
        self.say(What::Thr(Thr { variant: n, threads }));
    }

    fn wave(&mut self, n: usize) {
        let mean = 8e6 / self.made[n].rate;
        let mut spans = Vec::new();
        for connection in 0..8_u32 {
            let mut begin = (mean / 8.0 * f64::from(connection)) as u64;
            for _ in 0..6 {
                let end = begin + (mean * (0.7 + 0.6 * self.random())) as u64;
                spans.push((connection, begin, end));
                begin = end + 60;
            }
        }
        spans.sort_by_key(|(_, _, end)| *end);
        spans.truncate(64);
        self.say(What::Wave(Wave { variant: n, spans }));
    }

    fn profile(&mut self, n: usize) {
        let trunk =
            "run_forever;serve;handle;wsgi.__call__;base.get_response;exception.inner;base._get_response";
        let leaves = [
            ("views.cpu;mandelbrot.render;mandelbrot.row;mandelbrot.escape", 61),
            ("views.cpu;mandelbrot.render;mandelbrot.row", 12),
            ("views.cpu;json.dumps;encoder.encode;encoder.iterencode", 8),
            ("middleware.csrf.process_view", 4),
            ("middleware.session.process_request;backends.base.load", 6),
            ("urls.resolve;urls.match", 5),
        ];
        let stacks =
            leaves.iter().map(|(leaf, count)| (format!("{trunk};{leaf}"), count * (9 + n as u64))).collect();
        self.say(What::Prof(Prof {
            variant: n,
            samples: 960,
            dropped: 150,
            period_us: 5_000,
            stacks,
            ..Prof::default()
        }));
    }
}
