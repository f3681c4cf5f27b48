//! What the recordings of the built-in talk say beside their verdicts, and whether runs like them would say the same again.

use std::fs;
use std::path::Path;

use greenroom_bench::{Call, LoadKind, Metric, RunSummary, Slice, Unit, Verdict, interval, judge};

/// Each recording of a bench, with its name.
fn recordings() -> Vec<(String, RunSummary)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deck/recordings");
    let bench = |path: &Path| {
        let text = fs::read_to_string(path).ok().filter(|text| text.contains("\"greenroom-bench\""))?;
        let mut board = RunSummary::default();
        for line in text.lines() {
            board.feed_line(line).unwrap();
        }
        Some((path.file_stem()?.to_string_lossy().into_owned(), board))
    };
    fs::read_dir(folder).unwrap().flatten().filter_map(|entry| bench(&entry.path())).collect()
}

#[test]
fn no_recording_of_the_built_in_talk_compares_what_is_not_alike() {
    let all = recordings();
    assert!(all.len() > 10, "{}", all.len());
    for (name, board) in all {
        let unlike: Vec<String> =
            board.warnings().into_iter().filter(|said| said.contains("not alike")).collect();
        assert_eq!(unlike, [""; 0], "{name}");
        assert!(board.agrees_with_itself(), "{name}");
    }
}

#[test]
fn profiles_say_whose_time_is_not_that_of_the_code_under_test() {
    let said: Vec<(String, Vec<String>)> = recordings()
        .into_iter()
        .filter(|(_, board)| !board.notes().is_empty())
        .map(|(name, board)| (name, board.notes()))
        .collect();
    let of = |name: &str| {
        let (_, notes) = said.iter().find(|(known, _)| known == name).unwrap();
        notes.iter().filter(|note| note.starts_with("samples outside")).cloned().collect::<Vec<_>>()
    };
    // The one that fooled the talk: most of the baseline's time is its adapter's.
    assert_eq!(
        of("adapters"),
        [
            "samples outside of the code under test: GIL threads, C 85 % (psycopg); GIL processes, C 66 % (psycopg); \
          GIL threads, pure 93 % (psycopg, pq_ctypes.py); free threaded, pure 39 % (psycopg)"
        ]
    );
    assert_eq!(
        of("template"),
        [
            "samples outside of the code under test: GIL, threads 51 % (asgiref, local.py); free threaded, threads 75 % (asgiref, local.py)"
        ]
    );
}

/// Numbers that are the same each time, as good as random: `SplitMix64`, and Box and Muller's.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        #[allow(clippy::cast_precision_loss)] // 53 bits
        let unit = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().max(1e-300).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// A recorded verdict, as another run is drawn from it: its ratio's logarithm, how much launches differ, how many there were, and with
/// how many verdicts it shares its doubt.
struct World {
    log: f64,
    deviation: f64,
    launches: usize,
    together: usize,
}

impl World {
    fn of(verdict: &Verdict) -> Option<Self> {
        let found = verdict.own.filter(|_| !matches!(verdict.call, Call::Refused(_)))?;
        // What a deviation of 1 would have had for an interval.
        let unit: Vec<f64> = (0..found.n).map(|at| if at % 2 == 0 { 1.0 } else { -1.0 }).collect();
        #[allow(clippy::cast_precision_loss)] // a few launches
        let n = found.n as f64;
        let mean = unit.iter().sum::<f64>() / n;
        let deviation = (unit.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let of_unit = interval(&unit, 1)?;
        let half = |of: greenroom_bench::Interval| (of.high / of.ratio).ln();
        let deviation = half(found) / half(of_unit) * deviation;
        Some(Self { log: found.ratio.ln(), deviation, launches: found.n, together: verdict.together })
    }

    /// What a run of as many launches says.
    fn run(&self, random: &mut Random) -> Call {
        let turn = |launch: u32, variant: usize, n: f64| {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // requests
            let n = n as u64;
            let (wall_us, cpu_us) = (250_000, 250_000);
            Slice { variant, launch, n, wall_us, cpu_us, kind: LoadKind::Closed, ..Slice::default() }
        };
        let mut slices = Vec::new();
        for launch in 0..u32::try_from(self.launches).unwrap() {
            let ratio = (self.log + self.deviation * random.normal()).exp();
            slices.extend(
                [(0, 1e6), (1, 1e6 * ratio), (1, 1e6 * ratio), (0, 1e6)]
                    .map(|(variant, n)| turn(launch, variant, n)),
            );
        }
        judge(&slices, Metric::Throughput, 1, 0, 2, Unit::Launch, self.together).call
    }
}

#[test]
fn two_runs_like_those_recorded_seldom_contradict_each_other() {
    let of_board = |board: &RunSummary| {
        let both = board
            .contests()
            .into_iter()
            .flat_map(|pair| [(Metric::Throughput, pair), (Metric::Efficiency, pair)]);
        let judged = both.map(|(metric, (one, other))| board.judge(metric, one, other));
        judged.filter_map(|verdict| World::of(&verdict)).collect::<Vec<World>>()
    };
    let worlds: Vec<World> = recordings().iter().flat_map(|(_, board)| of_board(board)).collect();
    assert!(worlds.len() > 60, "{}", worlds.len());
    let called = |call: &Call| matches!(call, Call::Higher | Call::Lower);
    let (mut random, mut opposite, mut two_words, mut three_words) = (Random(11), 0_u32, 0_u32, 0_u32);
    let pairs = 100_u32;
    for world in &worlds {
        for _ in 0..pairs {
            let (one, other) = (world.run(&mut random), world.run(&mut random));
            opposite += u32::from(called(&one) && called(&other) && one != other);
            two_words += u32::from(called(&one) != called(&other));
            let close = [&one, &other].into_iter().any(|call| *call == Call::Inconclusive);
            three_words += u32::from(close && called(&one) != called(&other));
        }
    }
    let a_pair = |count: u32| f64::from(count) / f64::from(pairs);
    println!(
        "of {} verdicts differ in two runs: {:.1} where what is near the margin is close, {:.1} where it agrees with both",
        worlds.len(),
        a_pair(two_words),
        a_pair(three_words)
    );
    assert_eq!(opposite, 0);
    assert!(
        a_pair(two_words) > 3.0 && a_pair(three_words) < 1.0,
        "{} {}",
        a_pair(two_words),
        a_pair(three_words)
    );
}
