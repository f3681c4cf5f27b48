//! The course of a bench: start, warm up, turns, settle, verdict, stop.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2Serializer};
use sha2::{Digest, Sha256};

use super::BenchError;
use super::answerers::Workers;
use super::client::{Client, Connections, TurnResult};
use super::course::Course;
use super::external::LoadTool;
use super::identity::{self, Facts};
use super::meter::{self, Machine};
use super::protocol::{Protocol, WARM_ROUNDS};
use super::run_writer::{RunWriter, micros};
use super::server::{Plan, Server};
use super::workers::Holdings;
use greenroom_base::hex;
use greenroom_bench::RecordSink;
use greenroom_bench::{
    FORMAT, Head, Hist, HistKind, LoadInfo, LoadKind, MAX_LAUNCHES, Metric, Moment, Out, PhaseKind,
    RunSummary, Slice, Tail, Thr, Turn, VERSION, Wave, What, turns,
};
use greenroom_system::pty::Launcher;

/// The fewest blocks of a launch whose length is not bounded.
const MIN_BLOCKS: u32 = 12;
/// How long the answers under way at the end of a turn are waited for.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often memory and threads are written down.
const READING: Duration = Duration::from_secs(1);
/// How often requests of one turn are: they are most of a recording, and one turn is much like the next.
const WAVE: Duration = Duration::from_secs(3);
/// The times of those requests are multiples of this many microseconds: no chart is as fine as that.
const WAVE_STEP_US: u64 = 100;

/// What happens when one variant fails.
pub(crate) const ALONE: &str = "the others go on without it";

/// A bench that is ready to run.
pub struct BenchRequest {
    /// The scenario's title.
    pub title: String,
    /// The SHA-256 of its file.
    pub scenario: String,
    /// What is compared.
    pub variants: Vec<Entrant>,
    /// Connections to each.
    pub connections: u16,
    /// A path that answers who answers.
    pub identity: Option<String>,
    /// Whether all variants give the same body.
    pub same: bool,
    /// Who is compared with whom, when the scenario says so.
    pub pairs: Vec<(usize, usize)>,
    /// What the variants differ in because the scenario says so, and the packages that it measures.
    pub differs: Vec<String>,
    /// See `differs`.
    pub under_test: Vec<String>,
    /// How long everything takes.
    pub protocol: Protocol,
    /// Somebody else's generator, for the closed loop.
    pub tool: Option<LoadTool>,
    /// Requests per second of the open loop; 60 % of the slowest capacity when nothing is said.
    pub rate: Option<f64>,
    /// The process number of the guard of the database that belongs to this bench.
    pub database: Option<u32>,
    /// When the making of test data began: a protocol's budget counts from here.
    pub began: Instant,
}

/// One variant, ready to start.
pub struct Entrant {
    /// How its server is started.
    pub plan: Plan,
    /// The path that is asked for.
    pub path: String,
    /// The right status.
    pub status: u16,
    /// A text in the right answer.
    pub contains: Option<String>,
    /// Environment variables to tell about.
    pub env: Vec<(String, String)>,
    /// What is known of its runtime.
    pub facts: Facts,
    /// What its worker has to say of itself.
    pub verify: BTreeMap<String, String>,
    /// Why it has no runtime, when it should have one.
    pub missing: Option<String>,
}

/// Runs `order`. Records go to `sink` as they come; `stop` says that somebody wants it to end.
///
/// # Errors
/// When it could not be run to its end. Whatever was measured has gone to `sink`, and nothing is left running.
pub fn run(
    order: &BenchRequest,
    launcher: &Launcher,
    sink: &mut RecordSink<'_, RunSummary>,
    stop: &dyn Fn() -> bool,
) -> Result<RunSummary, BenchError> {
    let mut bench = Bench {
        order,
        launcher,
        client: Client::new().map_err(BenchError::Client)?,
        scribe: RunWriter::new(sink),
        stop,
        sides: Vec::new(),
        machine: Machine::new(meter::own_cpu_us()),
        database: order.database.map(meter::Tree::below),
        read: Instant::now(),
        waved: None,
        began: order.began,
        course: Course::default(),
    };
    let result = bench.all();
    if let Err(error) = &result {
        bench.scribe.fault(None, error.to_string(), error.hint(), true)?;
    }
    bench.stop_all(bench.course.over.saturating_sub(1))?;
    bench.scribe.end(result.is_ok())?;
    result.map(|()| bench.scribe.into_board())
}

/// A variant that runs.
pub(crate) struct VariantRun {
    /// Its number in the scenario.
    pub variant: usize,
    pub server: Server,
    pub connections: Connections,
    pub pids: Vec<u32>,
    /// Latencies since the last record of them.
    pub latencies: Histogram<u64>,
    pub lag: Histogram<u64>,
    pub wave: Vec<(u32, u64, u64)>,
    /// Who held which connection when the turns began.
    pub holdings: Holdings,
    /// Who answered since then.
    pub answers: Workers,
    /// What each process had used by then, in microseconds.
    pub cpu: BTreeMap<u32, u64>,
    /// How often a connection was opened again to spread them.
    pub reopened: u32,
}

pub(crate) struct Bench<'a> {
    pub order: &'a BenchRequest,
    pub launcher: &'a Launcher,
    pub client: Client,
    pub scribe: RunWriter<'a>,
    stop: &'a dyn Fn() -> bool,
    pub sides: Vec<VariantRun>,
    machine: Machine,
    database: Option<meter::Tree>,
    /// When memory and threads were last written down.
    read: Instant,
    /// When requests were.
    waved: Option<Instant>,
    /// When everything began.
    pub began: Instant,
    /// Where it stands with its launches.
    pub course: Course,
}

impl Bench<'_> {
    fn all(&mut self) -> Result<(), BenchError> {
        self.introduce()?;
        self.course.launches = self.order.protocol.launches.unwrap_or(0);
        self.scribe.plan(self.course.launches);
        let mut launch = 0;
        loop {
            self.launch(launch)?;
            launch += 1;
            let more = launch < self.course.launches && self.course.startable(self.order.variants.len()) > 0;
            if !more || self.is_late()? {
                break;
            }
            self.stop_all(launch - 1)?;
        }
        self.verdicts()?;
        self.profiles()
    }

    fn introduce(&mut self) -> Result<(), BenchError> {
        let names = self.order.variants.iter().map(|entrant| entrant.plan.name.clone()).collect();
        let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        self.scribe.write(What::Head(Head {
            format: FORMAT.to_owned(),
            v: VERSION,
            id: run_id(),
            started: started.map_or(0, |since| since.as_secs()),
            protocol: self.order.protocol.name.to_owned(),
            title: self.order.title.clone(),
            scenario: self.order.scenario.clone(),
            greenroom: env!("CARGO_PKG_VERSION").to_owned(),
            variants: names,
            baseline: 0,
            pairs: self.order.pairs.clone(),
            launches: self.order.protocol.launches.unwrap_or(MAX_LAUNCHES),
            differs: Some(self.order.differs.clone()),
            under_test: self.order.under_test.clone(),
        }))?;
        self.scribe.write(What::Env(meter::describe()))
    }

    /// Starts every server afresh, and lets them take turns.
    fn launch(&mut self, launch: u32) -> Result<(), BenchError> {
        self.scribe.phase(PhaseKind::Start, Duration::ZERO, launch, "starting the servers")?;
        self.start_all(launch)?;
        self.compare_answers()?;
        if self.is_deserted()? {
            return Ok(());
        }
        let spreading = Instant::now();
        self.spread_all();
        self.course.starting += spreading.elapsed();
        if launch == 0 {
            self.plan_launches();
        }
        let (slice, latency) = self.warm(launch)?;
        self.identify(Moment::Warm)?;
        if self.is_deserted()? {
            return Ok(());
        }
        let spreading = Instant::now();
        self.spread_all();
        self.course.respread = self.course.respread.max(spreading.elapsed());
        match self.order.protocol.until_flat {
            Some(most) => self.until_flat(launch, most)?,
            None => self.measure(launch, slice, latency)?,
        }
        let last = launch + 1 == self.course.launches;
        if !self.order.protocol.open.is_zero() && (last || self.order.protocol.budget.is_none()) {
            self.open(launch, slice)?;
        }
        self.scribe.phase(PhaseKind::Settle, Duration::ZERO, launch, "reading memory")?;
        self.readings()?;
        self.identify(Moment::End)
    }

    /// Whether no variant is left in this launch: what launches before it found stands.
    ///
    /// # Errors
    /// When there was none.
    pub(crate) fn is_deserted(&self) -> Result<bool, BenchError> {
        // Whoever ends a bench may have ended its servers as well.
        self.may_go_on()?;
        match (self.sides.is_empty(), self.course.over) {
            (true, 0) => Err(BenchError::NobodyLeft),
            (deserted, _) => Ok(deserted),
        }
    }

    pub(crate) fn may_go_on(&self) -> Result<(), BenchError> {
        if (self.stop)() { Err(BenchError::Interrupted) } else { Ok(()) }
    }

    /// Variants that give another answer than the first are no contestants, where all must give the same.
    fn compare_answers(&mut self) -> Result<(), BenchError> {
        if !self.order.same {
            return Ok(());
        }
        let answer = |side: &VariantRun| side.connections.ask().body.clone();
        let Some(first) = self.sides.first().and_then(answer) else { return Ok(()) };
        let differ: Vec<usize> = self
            .sides
            .iter()
            .filter(|side| answer(side).is_none_or(|body| body != first))
            .map(|side| side.variant)
            .collect();
        for variant in differ {
            let message = "its answer differs from that of the first variant".to_owned();
            self.drop_side(variant, message, "compare what both answer; `same: false` allows it")?;
        }
        Ok(())
    }

    fn drop_side(&mut self, variant: usize, message: String, hint: &str) -> Result<(), BenchError> {
        self.sides.retain(|side| side.variant != variant);
        self.fail(variant, message, hint)
    }

    fn identify(&mut self, moment: Moment) -> Result<(), BenchError> {
        (0..self.sides.len()).try_for_each(|at| self.identify_side(at, moment))
    }

    pub(crate) fn identify_side(&mut self, at: usize, moment: Moment) -> Result<(), BenchError> {
        let order = self.order;
        let Some(path) = &order.identity else { return Ok(()) };
        let Some(side) = self.sides.get_mut(at) else { return Ok(()) };
        side.pids = side.server.tree.pids();
        let found = identity::ask(&self.client, &side.server.address, path);
        let verify = order.variants.get(side.variant).map(|entrant| &entrant.verify);
        let Some(verify) = verify else { return Ok(()) };
        if let Some(why) = found.clone().unwrap_or_default().differs(verify) {
            let (variant, message) = (side.variant, format!("it is not what the scenario says: {why}"));
            return self.drop_side(variant, message, "greenroom setup says what is missing");
        }
        let Some(found) = found else { return Ok(()) };
        let own = side.pids.contains(&found.pid);
        let variant = side.variant;
        if found.pid != 0 && !own {
            let message = format!("process {} answered, which does not belong to this variant", found.pid);
            return self.drop_side(variant, message, "stop what else listens there");
        }
        self.scribe.write(What::Identity(found.record(variant, moment, verify)))
    }

    /// Requests that do not count: whole rounds, so that each variant has as many turns. Gives the length that a turn should
    /// have, and the slowest median.
    fn warm(&mut self, launch: u32) -> Result<(Duration, Duration), BenchError> {
        let protocol = &self.order.protocol;
        self.scribe.phase(PhaseKind::Warm, protocol.warm, launch, "warming up: this does not count")?;
        let began = Instant::now();
        let (mut slowest, mut rounds) = (Duration::ZERO, 0);
        while began.elapsed() < if rounds < WARM_ROUNDS { protocol.warm * 3 } else { protocol.warm } {
            rounds += 1;
            for at in 0..self.sides.len() {
                self.may_go_on()?;
                let Some(side) = self.sides.get_mut(at) else { continue };
                let turned = self.client.turn(&mut side.connections, protocol.slice, DRAIN_TIMEOUT);
                slowest = slowest.max(Duration::from_micros(turned.latencies.value_at_quantile(0.5)));
                if let Some(why) = hopeless(&turned) {
                    let (variant, last) = (side.variant, side.server.last_lines().join("\n"));
                    let message = format!("{why}\n{last}").trim_end().to_owned();
                    self.drop_side(variant, message, ALONE)?;
                    break;
                }
            }
            self.listen()?;
            if self.is_deserted()? {
                break;
            }
        }
        self.course.warming = self.course.warming.max(began.elapsed());
        Ok((self.turn_length(slowest), slowest))
    }

    /// Turns in a closed loop: capacity.
    fn measure(&mut self, launch: u32, slice: Duration, latency: Duration) -> Result<(), BenchError> {
        let (blocks, slice) = if self.order.protocol.budget.is_some() {
            self.plan_launch(slice, latency)
        } else {
            self.plan(self.order.protocol.closed, slice)
        };
        let length = slice * u32::try_from(2 * self.sides.len()).unwrap_or(u32::MAX) * blocks;
        self.announce(LoadKind::Closed, slice, 0.0)?;
        self.scribe.phase(PhaseKind::Measure, length, launch, "the variants take turns")?;
        self.census_begins();
        let began = Instant::now();
        self.turns(launch, blocks, slice, None)?;
        let took = began.elapsed();
        self.census_ends(launch)?;
        self.launch_ends(launch, took, blocks)
    }

    /// Turns in an open loop: latency at the same rate for all.
    fn open(&mut self, launch: u32, slice: Duration) -> Result<(), BenchError> {
        if self.is_deserted()? {
            return Ok(());
        }
        let slowest = self
            .scribe
            .board()
            .sides
            .iter()
            .filter_map(greenroom_bench::VariantSummary::rate)
            .reduce(f64::min);
        let Some(rate) = self.order.rate.or(slowest.map(|slowest| slowest * 0.6)) else { return Ok(()) };
        let (blocks, slice) = self.plan(self.order.protocol.open, slice);
        let length = slice * u32::try_from(2 * self.sides.len()).unwrap_or(u32::MAX) * blocks;
        self.announce(LoadKind::Open, slice, rate)?;
        self.scribe.phase(PhaseKind::Open, length, launch, "requests at set times")?;
        self.turns(launch, blocks, slice, Some(rate))?;
        self.tails()
    }

    /// What the open loop came to.
    fn tails(&mut self) -> Result<(), BenchError> {
        let mut tails = Vec::new();
        for variant in self.sides.iter().map(|side| side.variant) {
            let Some(side) = self.scribe.board().sides.get(variant) else { continue };
            for (kind, all) in [(HistKind::Open, &side.open), (HistKind::Lag, &side.lag)] {
                let at = |percent| all.percentile(percent).unwrap_or(0);
                let (n, max_us) = (all.len(), all.max().unwrap_or(0));
                tails.push(Tail { variant, kind, n, p50_us: at(50.0), p99_us: at(99.0), max_us });
            }
        }
        tails.into_iter().try_for_each(|tail| self.scribe.write(What::Tail(tail)))
    }

    /// How many blocks fill `length`, and how long a turn is: never so long that there is no time for enough blocks.
    fn plan(&self, length: Duration, slice: Duration) -> (u32, Duration) {
        let places = u32::try_from(2 * self.sides.len().max(1)).unwrap_or(u32::MAX);
        let slice = slice.min(length / (MIN_BLOCKS * places)).max(self.order.protocol.slice);
        let slice = self.order.tool.map_or(slice, |_| slice.max(LoadTool::SHORTEST_TURN));
        let block = slice * places;
        let fitting = u32::try_from(length.as_millis() / block.as_millis().max(1)).unwrap_or(u32::MAX);
        (fitting.max(MIN_BLOCKS), slice)
    }

    pub(crate) fn announce(&mut self, kind: LoadKind, slice: Duration, rate: f64) -> Result<(), BenchError> {
        let variants: Vec<usize> = self.sides.iter().map(|side| side.variant).collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // a rate is positive and far smaller
        let rate_milli = (rate * 1000.0) as u64;
        self.scribe.write(What::Load(LoadInfo {
            kind,
            connections: u32::from(self.order.connections),
            slice_us: micros(slice),
            order: turns(variants.len()).into_iter().filter_map(|at| variants.get(at).copied()).collect(),
            paths: self.order.variants.iter().map(|entrant| entrant.path.clone()).collect(),
            rate_milli,
            client: match self.order.tool.filter(|_| kind == LoadKind::Closed) {
                Some(tool) => tool.name().to_owned(),
                None => format!("greenroom {}", env!("CARGO_PKG_VERSION")),
            },
        }))
    }

    fn turns(
        &mut self,
        launch: u32,
        blocks: u32,
        slice: Duration,
        rate: Option<f64>,
    ) -> Result<(), BenchError> {
        self.read = Instant::now();
        // What others did before does not count.
        self.foreign();
        let kind = if rate.is_some() { HistKind::Open } else { HistKind::Closed };
        for block in 0..blocks {
            let places = 2 * self.sides.len();
            let names: Vec<usize> = self.sides.iter().map(|side| side.variant).collect();
            for place in 0..places {
                self.may_go_on()?;
                // Another one begins in each launch, too.
                let number = usize::try_from(block + launch).unwrap_or(0) * places + place;
                let turn = Turn::number(number, names.len());
                let Some(variant) = names.get(turn.variant) else { continue };
                self.turn(*variant, TurnPosition { launch, block }, slice, rate)?;
                if self.read.elapsed() >= READING {
                    self.readings()?;
                }
            }
            self.listen()?;
            if self.is_deserted()? {
                return Ok(());
            }
            self.histograms(kind)?;
        }
        Ok(())
    }

    /// One turn of one variant, with everything that is measured around it.
    pub(crate) fn turn(
        &mut self,
        variant: usize,
        place: TurnPosition,
        slice: Duration,
        rate: Option<f64>,
    ) -> Result<(), BenchError> {
        let Some(at) = self.sides.iter().position(|side| side.variant == variant) else { return Ok(()) };
        let Some(side) = self.sides.get_mut(at) else { return Ok(()) };
        let tree = &mut side.server.tree;
        tree.turn_begins(&side.pids);
        let cpu = tree.cpu_us(&side.pids);
        let turned = match rate {
            None => match self.order.tool {
                Some(tool) => tool.turn(side.connections.ask(), self.order.connections, slice),
                None => self.client.turn(&mut side.connections, slice, DRAIN_TIMEOUT),
            },
            Some(rate) => self.client.open_turn(&mut side.connections, slice, rate, DRAIN_TIMEOUT),
        };
        let cpu_us = tree.cpu_us(&side.pids).saturating_sub(cpu);
        let wall_us = micros(turned.wall);
        let wait_us = tree.turn_ends(&side.pids, wall_us);
        let _ = side.latencies.add(&turned.latencies);
        let _ = side.lag.add(&turned.lag);
        side.wave = turned.spans.iter().map(|(lane, from, to)| (*lane, coarse(*from), coarse(*to))).collect();
        if rate.is_none() {
            side.answers.add(&turned.workers);
        }
        let foreign_us = self.foreign();
        let kind = if rate.is_some() { LoadKind::Open } else { LoadKind::Closed };
        let (p50_us, p99_us) = turned.median_and_tail();
        self.scribe.write(What::Slice(Slice {
            variant,
            block: place.block,
            launch: place.launch,
            kind,
            n: turned.n,
            errors: turned.errors,
            reconnects: turned.reconnects,
            wall_us,
            cpu_us,
            wait_us,
            foreign_us,
            p50_us,
            p99_us,
        }))?;
        match hopeless(&turned) {
            Some(why) => self.drop_side(variant, why, ALONE),
            None => Ok(()),
        }
    }

    /// Processor time that others used since the last turn.
    fn foreign(&mut self) -> u64 {
        let mut own = meter::own_cpu_us() + meter::children_cpu_us();
        for side in &mut self.sides {
            own += side.server.tree.cpu_us(&side.pids);
        }
        if let Some(database) = &mut self.database {
            let pids = database.pids();
            own += database.cpu_us(&pids);
        }
        self.machine.foreign_us(own)
    }

    /// Memory and threads of every variant.
    fn readings(&mut self) -> Result<(), BenchError> {
        self.read = Instant::now();
        let waves = self.waved.is_none_or(|last| last.elapsed() >= WAVE);
        self.waved = if waves { Some(self.read) } else { self.waved };
        for side in &mut self.sides {
            side.pids = side.server.tree.pids();
            let variant = side.variant;
            self.scribe.write(What::Mem(side.server.tree.memory(variant)))?;
            let threads = side.server.tree.busiest();
            if !threads.is_empty() {
                self.scribe.write(What::Thr(Thr { variant, threads }))?;
            }
            let spans = std::mem::take(&mut side.wave);
            if waves && !spans.is_empty() {
                self.scribe.write(What::Wave(Wave { variant, spans }))?;
            }
        }
        Ok(())
    }

    pub(crate) fn histograms(&mut self, kind: HistKind) -> Result<(), BenchError> {
        for side in &mut self.sides {
            let variant = side.variant;
            for (kind, histogram) in [(kind, &mut side.latencies), (HistKind::Lag, &mut side.lag)] {
                if !histogram.is_empty() {
                    let v2 = encode(histogram);
                    histogram.reset();
                    self.scribe.write(What::Hist(Hist { variant, kind, v2 }))?;
                }
            }
        }
        Ok(())
    }

    /// Takes in what servers printed; those that have ended are left out from here on.
    pub(crate) fn listen(&mut self) -> Result<(), BenchError> {
        let mut ended = Vec::new();
        for side in &mut self.sides {
            let variant = side.variant;
            if let Err(error) = side.server.check() {
                ended.push((variant, error.to_string()));
            }
            for text in side.server.take_lines() {
                let text = without_home(&text);
                self.scribe.write(What::Out(Out { variant, text }))?;
            }
        }
        for (variant, message) in ended {
            self.drop_side(variant, message, ALONE)?;
        }
        Ok(())
    }

    fn verdicts(&mut self) -> Result<(), BenchError> {
        let board = self.scribe.board();
        let flags: Vec<String> = board.warnings().into_iter().chain(board.notes()).collect();
        for (variant, baseline) in self.scribe.board().contests() {
            for metric in [Metric::Throughput, Metric::Efficiency] {
                let verdict = self.scribe.board().judge(metric, variant, baseline);
                self.scribe.write(What::Verdict(verdict.to_record(flags.clone())))?;
            }
        }
        Ok(())
    }

    /// Where each variant spends its time, under the same load; nothing of it counts.
    fn profiles(&mut self) -> Result<(), BenchError> {
        let length = self.order.protocol.profile;
        if length.is_zero() {
            return Ok(());
        }
        let all = length * u32::try_from(self.sides.len()).unwrap_or(1);
        let launch = self.course.over.saturating_sub(1);
        self.scribe.phase(
            PhaseKind::Profile,
            all,
            launch,
            "looking where the time goes: this does not count",
        )?;
        for at in 0..self.sides.len() {
            self.may_go_on()?;
            let Some(side) = self.sides.get_mut(at) else { continue };
            let Some(entrant) = self.order.variants.get(side.variant) else { continue };
            let Some(python) = &entrant.facts.profiler else { continue };
            let variant = side.variant;
            let profiler = match super::profile::start(python, &side.pids, length) {
                Ok(profiler) => profiler,
                Err(error) => {
                    self.scribe.fault(Some(variant), error.to_string(), "its profile is left out", false)?;
                    continue;
                }
            };
            let _ = self.client.turn(&mut side.connections, length, DRAIN_TIMEOUT);
            match profiler.finish(variant) {
                Ok(profile) => self.scribe.write(What::Prof(profile))?,
                Err(error) => {
                    self.scribe.fault(Some(variant), error.to_string(), "its profile is left out", false)?;
                }
            }
        }
        Ok(())
    }
}

fn coarse(us: u64) -> u64 {
    (us + WAVE_STEP_US / 2) / WAVE_STEP_US * WAVE_STEP_US
}

/// Where a turn belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TurnPosition {
    pub launch: u32,
    pub block: u32,
}

/// Why it makes no sense to go on with a variant, when it does not.
fn hopeless(turned: &TurnResult) -> Option<String> {
    let why = turned.trouble.as_ref().filter(|_| turned.n == 0)?;
    Some(format!("none of {} requests was answered rightly: {why}", turned.errors))
}

fn encode(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = V2Serializer::new().serialize(histogram, &mut bytes);
    STANDARD.encode(bytes)
}

/// A name for a run: the time and the process, which is enough to tell runs apart.
fn run_id() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    hex::encode(Sha256::digest(format!("{} {}", since.as_nanos(), std::process::id())))[..12].to_owned()
}

/// A text for a tape, which is shown to others: without the name of the person's home directory.
pub(crate) fn without_home(text: &str) -> String {
    match std::env::var("HOME") {
        Ok(home) if home.len() > 1 => text.replace(&home, "~"),
        _ => text.to_owned(),
    }
}
