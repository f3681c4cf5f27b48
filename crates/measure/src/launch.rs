//! One launch: servers that are started side by side, warmed up alike, and looked at when their turns are over.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::BenchError;
use super::answerers::Workers;
use super::client::{Address, Ask, Connections};
use super::course::Course;
use super::external::LoadTool;
use super::identity;
use super::native::{frequencies, load_milli, place, steal_us};
use super::pace::latencies;
use super::protocol::WARM_ROUNDS;
use super::run::{ALONE, Bench, DRAIN_TIMEOUT, Entrant, VariantRun, without_home};
use super::run_writer::micros;
use super::server::{Server, ServerError};
use super::workers::{Census, Holdings, spread};
use greenroom_base::counted::counted_as;
use greenroom_base::hex;
use greenroom_bench::{App, Launch, MIN_LAUNCHES, Moment, PhaseKind, What, launches_for};

/// How often servers that start are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// What stopping the servers of a launch takes, until it is known.
const STOPPING: Duration = Duration::from_millis(800);
/// The shortest turn: with many variants and slow starts there is no time for longer ones.
const SHORTEST: Duration = Duration::from_millis(100);
/// How much longer than meant everything may take, when a launch needs it.
const SLACK: Duration = Duration::from_secs(2);
/// A turn lasts at least so many answers, each asked for alone. When it is over and no more is asked for, a server with a queue
/// works on until the last of it is answered: only what this one needs by itself is spent with a part of the server idle.
const ALONE_ANSWERS: u32 = 20;
/// And at least so many median latencies under load, most of which is waiting in that queue.
const LATENCIES: u32 = 2;
/// How often each is asked alone at most, and after how long no more.
const TRIES: u32 = 3;
const TRYING: Duration = Duration::from_millis(100);
/// Blocks of a launch that are aimed for; one is the least.
const BLOCKS: u32 = 2;
/// Processes that are told about.
const MAX_PROCESSES: usize = 64;

impl Bench<'_> {
    /// Starts every server afresh, all of them side by side; none is always the first. Each is told about when it is ready.
    pub(crate) fn start_all(&mut self, launch: u32) -> Result<(), BenchError> {
        self.course.steal_us = steal_us();
        self.course.launch = launch;
        let began = Instant::now();
        let count = self.order.variants.len();
        let first = usize::try_from(launch).unwrap_or(0);
        let order = (0..count).map(|place| (place + first) % count.max(1));
        self.course.order = order.filter(|variant| self.course.may_start(*variant)).collect();
        let mut starting: Vec<Option<(usize, Server)>> = Vec::new();
        let mut doors: Vec<(Address, String)> = Vec::new();
        for variant in self.course.order.clone() {
            self.may_go_on()?;
            if let Some(server) = self.begin(variant, launch)? {
                let entrant = self.order.variants.get(variant);
                let path = self.order.identity.as_ref().or(entrant.map(|entrant| &entrant.path));
                doors.push((server.address.clone(), path.cloned().unwrap_or_default()));
                starting.push(Some((variant, server)));
            }
        }
        let mut knocking = self.client.knock(doors);
        while starting.iter().any(Option::is_some) {
            self.may_go_on()?;
            if let Some(number) = self.client.answered(&mut knocking, LOOK)
                && let Some((variant, server)) = starting.get_mut(number).and_then(Option::take)
            {
                self.take_in(variant, server, launch)?;
            }
            for (number, place) in starting.iter_mut().enumerate() {
                let Some((variant, server)) = place else { continue };
                if let Err(error) = server.may_become_ready(knocking.why(number)) {
                    let variant = *variant;
                    *place = None;
                    self.fail(variant, error.to_string(), ALONE)?;
                }
            }
        }
        self.sides.sort_by_key(|side| side.variant);
        self.course.starting = began.elapsed();
        Ok(())
    }

    /// Starts one variant; one that cannot be started is said to be so, and left out.
    fn begin(&mut self, variant: usize, launch: u32) -> Result<Option<Server>, BenchError> {
        let Some(entrant) = self.order.variants.get(variant) else { return Ok(None) };
        if let Some(why) = &entrant.missing {
            self.fail(variant, why.clone(), ALONE)?;
            return Ok(None);
        }
        let mut plan = entrant.plan.clone();
        let seed = Course::hash_seed(launch).to_string();
        plan.env.entry("PYTHONHASHSEED".to_owned()).or_insert(seed);
        match Server::begin(self.launcher, &plan, &format!("{launch}-{variant}.sock")) {
            Ok(server) => Ok(Some(server)),
            Err(error) => self.fail(variant, error.to_string(), ALONE).map(|()| None),
        }
    }

    /// Looks at the first answers of a server that is ready; one that cannot be used is said to be so, and left out.
    fn take_in(&mut self, variant: usize, mut server: Server, launch: u32) -> Result<(), BenchError> {
        let Some(entrant) = self.order.variants.get(variant) else { return Ok(()) };
        if let Err(error) = server.is_ready() {
            return self.fail(variant, error.to_string(), ALONE);
        }
        let answer = self.client.once(&server.address, &entrant.path, DRAIN_TIMEOUT);
        let mut ask = Ask {
            address: server.address.clone(),
            path: entrant.path.clone(),
            status: entrant.status,
            body: None,
            contains: entrant.contains.clone(),
        };
        let answer = match answer.and_then(|answer| ask.judge(&answer).map(|()| answer)) {
            Ok(answer) => answer,
            Err(error) => {
                let path = &entrant.path;
                // It may have ended meanwhile, which says more.
                let ended = server.check().err().map(|ended: ServerError| format!("; {ended}"));
                let last = ended.unwrap_or_else(|| format!("\n{}", server.last_lines().join("\n")));
                let message = format!("{path}: {error}{last}").trim_end().to_owned();
                return self.fail(variant, message, ALONE);
            }
        };
        // An answer that is always the same is compared to the byte from here on.
        let again = self.client.once(&server.address, &entrant.path, DRAIN_TIMEOUT);
        if again.is_ok_and(|again| again.is_like(&answer)) {
            ask.body = Some(answer.body.clone());
        }
        let app = self.describe(variant, entrant, &server, &answer.body, launch);
        self.scribe.write(What::App(Box::new(app)))?;
        let pids = server.tree.pids();
        self.sides.push(VariantRun {
            variant,
            server,
            connections: Connections::new(ask, self.order.connections),
            pids,
            latencies: latencies(),
            lag: latencies(),
            wave: Vec::new(),
            holdings: Holdings::default(),
            answers: Workers::default(),
            cpu: BTreeMap::new(),
            reopened: 0,
        });
        self.identify_side(self.sides.len() - 1, Moment::Start)
    }

    fn describe(&self, variant: usize, entrant: &Entrant, server: &Server, body: &[u8], launch: u32) -> App {
        let mut facts = entrant.facts.clone();
        if let Some(path) = &self.order.identity {
            facts.complete(identity::ask(&self.client, &server.address, path));
        }
        App {
            variant,
            argv: server.argv.iter().map(|part| without_home(part)).collect(),
            env: entrant.env.clone(),
            python: facts.python,
            free_threaded: facts.free_threaded,
            optimized: facts.optimized,
            lto: facts.lto,
            config_args: facts.config_args,
            packages: facts.packages,
            launch,
            pids: server.tree.pids(),
            ready_us: micros(server.ready),
            answer: hex::encode(Sha256::digest(body)).chars().take(16).collect(),
        }
    }

    /// A variant failed: what happened, and what that means.
    pub(crate) fn fail(&mut self, variant: usize, message: String, hint: &str) -> Result<(), BenchError> {
        self.course.failed(variant);
        self.scribe.fault(Some(variant), message, hint, false)
    }

    /// Opens the connections of every variant so that each of its workers has its share.
    pub(crate) fn spread_all(&mut self) {
        for side in &mut self.sides {
            side.pids = side.server.tree.pids();
            let path = self.order.identity.clone().unwrap_or_else(|| side.connections.ask().path.clone());
            side.reopened += spread(&self.client, &mut side.connections, &side.pids, &path);
        }
    }

    /// How long a turn should be; `latency` is the slowest median under load. No longer than its end needs: a machine that changes its
    /// speed within a second is met alike by all only when turns are shorter than that.
    pub(crate) fn turn_length(&mut self, latency: Duration) -> Duration {
        // A launch in which nobody answered says nothing to those after it.
        let slowest = || self.sides.iter().filter_map(|side| self.alone(side)).max();
        self.course.alone = self.course.alone.or_else(slowest);
        (self.course.alone.unwrap_or_default() * ALONE_ANSWERS)
            .max(latency * LATENCIES)
            .max(self.order.protocol.slice)
    }

    /// What an answer takes that waits for no other: the fastest of a few.
    fn alone(&self, side: &VariantRun) -> Option<Duration> {
        let (ask, began) = (side.connections.ask(), Instant::now());
        let mut fastest = None;
        for _ in 0..TRIES {
            let asked = Instant::now();
            if self.client.once(&ask.address, &ask.path, DRAIN_TIMEOUT).is_ok() {
                let took = asked.elapsed();
                fastest = Some(fastest.map_or(took, |fastest: Duration| fastest.min(took)));
            }
            if began.elapsed() >= TRYING {
                break;
            }
        }
        fastest
    }

    /// Plans the launches, once it is known how long starting takes; and the turns of this one. `slice` is how long a turn should
    /// be, and `latency` the slowest median. Gives blocks, and the length of a turn.
    pub(crate) fn plan_launch(&mut self, slice: Duration, latency: Duration) -> (u32, Duration) {
        let places = u32::try_from(2 * self.sides.len().max(1)).unwrap_or(u32::MAX);
        let left = self.left_for_turns();
        let longest = left / (BLOCKS * places);
        let least = self.order.protocol.slice.min(left / places).max(SHORTEST);
        let slice = slice.min(longest).max(least);
        let slice = self.order.tool.map_or(slice, |_| slice.max(LoadTool::SHORTEST_TURN));
        let slice = *self.course.slice.get_or_insert(slice);
        // What is under way at the end of a turn is waited for.
        let block = self.course.block.unwrap_or((slice + latency) * places);
        let fitting = u32::try_from(left.as_millis() / block.as_millis().max(1)).unwrap_or(u32::MAX);
        (fitting.max(1), slice)
    }

    /// How many launches are made: what the protocol says, or what fits once it is known how long starting takes.
    pub(crate) fn plan_launches(&mut self) {
        let protocol = &self.order.protocol;
        let places = u32::try_from(2 * self.sides.len().max(1)).unwrap_or(u32::MAX);
        self.course.launches = match (protocol.launches, protocol.budget) {
            (Some(launches), _) => launches,
            (None, budget) => {
                // The first launch has started already.
                let spent = self.began.elapsed().saturating_sub(self.course.starting);
                let time = budget.unwrap_or_default().saturating_sub(spent);
                let slice = protocol.slice + protocol.slice / 5;
                let slice = self.order.tool.map_or(slice, |_| LoadTool::SHORTEST_TURN);
                launches_for(
                    time.as_secs_f64(),
                    self.overhead().as_secs_f64(),
                    (slice * places).as_secs_f64(),
                )
            }
        };
        self.scribe.plan(self.course.launches);
    }

    /// Whether another launch would take longer than everything may. When a verdict needed it, that is said.
    pub(crate) fn is_late(&mut self) -> Result<bool, BenchError> {
        let Some(budget) = self.order.protocol.budget else { return Ok(false) };
        let over = usize::try_from(self.course.over).unwrap_or(usize::MAX);
        // Somebody else's generator takes turns so long that nobody asks for a minute.
        if self.order.tool.is_some() && over < MIN_LAUNCHES {
            return Ok(false);
        }
        let places = u32::try_from(2 * self.sides.len().max(1)).unwrap_or(u32::MAX);
        let shortest = self.order.tool.map_or(SHORTEST, |_| LoadTool::SHORTEST_TURN);
        let least = self.overhead() + self.course.block.unwrap_or(shortest * places);
        if self.began.elapsed() + least <= budget + SLACK {
            return Ok(false);
        }
        if over < MIN_LAUNCHES {
            let message = format!(
                "{} in the time there is, and a verdict needs {MIN_LAUNCHES}: to start the servers takes {:.0} s",
                counted_as(over, "launch fits", "launches fit"),
                self.course.starting.as_secs_f64(),
            );
            self.scribe.fault(None, message, "`--protocol full` takes the time it needs", false)?;
        }
        Ok(true)
    }

    /// What a launch takes besides its turns.
    fn overhead(&self) -> Duration {
        self.course.starting + self.warming() + self.course.respread + self.stopping()
    }

    fn warming(&self) -> Duration {
        let places = u32::try_from(self.sides.len()).unwrap_or(u32::MAX);
        let rounds = self.order.protocol.slice.saturating_mul(places.saturating_mul(WARM_ROUNDS));
        self.course.warming.max(self.order.protocol.warm).max(rounds)
    }

    fn stopping(&self) -> Duration {
        self.course.stopping.unwrap_or(STOPPING)
    }

    /// The time that this launch may give to its turns, when those after it are to have as much.
    fn left_for_turns(&self) -> Duration {
        let after = self.course.launches.saturating_sub(self.course.launch + 1);
        let left = self.order.protocol.budget.unwrap_or_default().saturating_sub(self.began.elapsed());
        left.saturating_sub(self.overhead() * after + self.stopping()) / (after + 1)
    }

    /// Remembers who holds which connection, and what each process has used, before the first turn that counts.
    pub(crate) fn census_begins(&mut self) {
        for side in &mut self.sides {
            side.pids = side.server.tree.pids();
            side.holdings = Holdings::of(&side.server.address, &side.pids);
            side.answers = Workers::default();
            let _ = side.server.tree.cpu_us(&side.pids);
            side.cpu.clone_from(side.server.tree.cpu_by_process());
        }
    }

    /// Writes down who of each variant answered.
    pub(crate) fn census_ends(&mut self, launch: u32) -> Result<(), BenchError> {
        for side in &mut self.sides {
            side.pids = side.server.tree.pids();
            let _ = side.server.tree.cpu_us(&side.pids);
            let now = side.server.tree.cpu_by_process();
            let used = |(pid, us): (&u32, &u64)| (*pid, us - side.cpu.get(pid).unwrap_or(&0).min(us));
            let cpu: BTreeMap<u32, u64> = now.iter().map(used).collect();
            let census = Census {
                variant: side.variant,
                launch,
                before: &side.holdings,
                after: &Holdings::of(&side.server.address, &side.pids),
                answers: &side.answers,
                cpu: &cpu,
                reopened: side.reopened,
            };
            self.scribe.write(What::Share(census.share()))?;
        }
        Ok(())
    }

    /// The launch is over: what may explain it, and who came through it.
    pub(crate) fn launch_ends(
        &mut self,
        launch: u32,
        turns: Duration,
        blocks: u32,
    ) -> Result<(), BenchError> {
        if blocks > 0 {
            self.course.block = Some(turns / blocks);
        }
        self.course.over += 1;
        let whole: Vec<usize> = self.sides.iter().map(|side| side.variant).collect();
        self.course.proven.extend(whole.iter().copied());
        let of_side = |side: &VariantRun| {
            let variant = side.variant;
            side.pids.clone().into_iter().map(move |pid| place(variant, pid))
        };
        let processes = self.sides.iter().flat_map(of_side).take(MAX_PROCESSES).collect();
        self.scribe.write(What::Launch(Launch {
            launch,
            whole,
            hash_seed: Course::hash_seed(launch),
            order: self.course.order.clone(),
            steal_us: steal_us().saturating_sub(self.course.steal_us),
            khz: frequencies(),
            load_milli: load_milli(),
            processes,
        }))
    }

    /// Stops every server, and waits until they have ended.
    pub(crate) fn stop_all(&mut self, launch: u32) -> Result<(), BenchError> {
        self.scribe.phase(PhaseKind::Stop, Duration::ZERO, launch, "stopping the servers")?;
        // A server that ends gracefully waits for its connections.
        for side in &mut self.sides {
            self.client.close(&mut side.connections);
        }
        // All at once, and then each is waited for.
        let began = Instant::now();
        self.sides.iter_mut().for_each(|side| side.server.stop());
        self.sides.clear();
        self.course.stopping = Some(began.elapsed());
        Ok(())
    }
}
