//! What the rules for intervals and calls promise, tried on runs that are drawn by chance: how often an interval holds the
//! truth, how often calls repeat, and how often launches of one kind are taken for two.
#![allow(clippy::cast_precision_loss)] // counts of a simulation

use super::launches::kinds;
use super::stats::{Interval, interval, quantile};
use super::verdict::{Call, Unit, call};

/// Numbers that are the same each time, as good as random: `SplitMix64`.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller's.
    fn normal(&mut self, deviation: f64) -> f64 {
        let radius = (-2.0 * self.uniform().max(1e-300).ln()).sqrt();
        deviation * radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// How servers differ: from launch to launch, and from block to block, in a run of so many launches and blocks.
#[derive(Clone, Copy)]
struct World {
    between: f64,
    within: f64,
    launches: usize,
    blocks: usize,
}

const TEMPLATE: World = World { between: 0.05, within: 0.09, launches: 6, blocks: 3 };
const DATABASE: World = World { between: 0.01, within: 0.06, launches: 6, blocks: 3 };

impl World {
    /// One run: the blocks' logs, launch by launch.
    fn run(self, ratio: f64, random: &mut Random) -> Vec<Vec<f64>> {
        let launch = |random: &mut Random| {
            let shift = ratio.ln() + random.normal(self.between);
            (0..self.blocks).map(|_| shift + random.normal(self.within)).collect()
        };
        (0..self.launches).map(|_| launch(random)).collect()
    }

    fn by_launch(self, ratio: f64, random: &mut Random) -> Interval {
        let means: Vec<f64> = self.run(ratio, random).iter().map(|launch| mean(launch)).collect();
        interval(&means, 1).unwrap()
    }

    /// The shares of `runs` runs that call it higher, and lower.
    fn calls(self, ratio: f64, unit: Unit, runs: u32) -> (f64, f64) {
        let mut random = Random(7);
        let (mut higher, mut lower) = (0, 0);
        for _ in 0..runs {
            match call(self.by_launch(ratio, &mut random), unit) {
                Call::Higher => higher += 1,
                Call::Lower => lower += 1,
                _ => {}
            }
        }
        (f64::from(higher) / f64::from(runs), f64::from(lower) / f64::from(runs))
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covers(found: Interval, ratio: f64) -> bool {
    (found.low..=found.high).contains(&ratio)
}

/// The share of 4,000 runs whose interval, made by `of` from the blocks, holds the truth.
fn coverage(world: World, of: impl Fn(&[Vec<f64>]) -> Interval) -> f64 {
    let mut random = Random(11);
    let runs = 4000;
    let held = (0..runs).filter(|_| covers(of(&world.run(1.2, &mut random)), 1.2)).count();
    held as f64 / f64::from(runs)
}

#[test]
fn the_interval_over_launches_covers_and_the_one_over_blocks_does_not() {
    let by_launch =
        |run: &[Vec<f64>]| interval(&run.iter().map(|launch| mean(launch)).collect::<Vec<f64>>(), 1).unwrap();
    for world in [TEMPLATE, DATABASE, World { launches: 4, ..TEMPLATE }, World { blocks: 1, ..TEMPLATE }] {
        let held = coverage(world, by_launch);
        assert!((0.938..=0.962).contains(&held), "{held}");
    }
    // Twelve blocks of one launch, as it was.
    let one = World { launches: 1, blocks: 12, ..TEMPLATE };
    let held = coverage(one, |run| interval(&run.concat(), 1).unwrap());
    assert!(held < 0.75, "{held}");
    // A random-effects interval with the normal quantile.
    let normal = coverage(World { launches: 5, ..TEMPLATE }, |run| {
        let found = by_launch(run);
        let (middle, half) =
            (found.ratio.ln(), (found.high / found.ratio).ln() * 1.96 / quantile(4.0, 1).unwrap());
        Interval { low: (middle - half).exp(), high: (middle + half).exp(), ..found }
    });
    assert!(normal < 0.90, "{normal}");
}

/// Of 4,000 runs with six verdicts each: the share in which every range holds its truth.
fn all_hold(together: usize) -> f64 {
    let mut random = Random(5);
    let runs = 4000;
    let mut holds = |_: &u32| {
        let mut one = || {
            let means: Vec<f64> = TEMPLATE.run(1.2, &mut random).iter().map(|launch| mean(launch)).collect();
            covers(interval(&means, together).unwrap(), 1.2)
        };
        // None is left out, so that each run draws as many numbers.
        (0..6).fold(true, |all, _| one() && all)
    };
    (0..runs).filter(&mut holds).count() as f64 / f64::from(runs)
}

#[test]
fn ranges_of_a_run_hold_together() {
    let (alone, together) = (all_hold(1), all_hold(6));
    assert!(alone < 0.78, "{alone}");
    assert!((0.94..0.97).contains(&together), "{together}");
}

#[test]
fn calls_repeat() {
    // The same, or nearly the same: what one run in a hundred says, and the older rule said in a dozen.
    for (ratio, most) in [(1.0, 0.004), (1.02, 0.01), (1.04, 0.03)] {
        let (higher, lower) = TEMPLATE.calls(ratio, Unit::Launch, 4000);
        let (before, _) = TEMPLATE.calls(ratio, Unit::Block, 4000);
        assert!(higher + lower <= most, "{ratio}: {higher} {lower}");
        assert!(ratio < 1.01 || before > 5.0 * most, "{ratio}: {before}");
    }
    // Clear differences are called in nearly every run, and never the other way round.
    for (world, ratio) in [(TEMPLATE, 1.25), (DATABASE, 1.15), (TEMPLATE, 1.5)] {
        let (higher, lower) = world.calls(ratio, Unit::Launch, 4000);
        assert!(higher > 0.98 && lower < 0.0005, "{ratio}: {higher} {lower}");
    }
}

#[test]
fn a_tenth_more_work_is_called_in_sixteen_runs_of_twenty() {
    // What the control showed: mean ratio 0.915, and two servers that are the same 1.3 % apart from run to run.
    let control = World { between: 0.012, within: 0.045, launches: 6, blocks: 5 };
    let (higher, lower) = control.calls(0.915, Unit::Launch, 4000);
    assert!(lower > 0.9 && higher < 0.0005, "{lower} {higher}");
}

#[test]
fn a_call_that_a_second_run_has_to_repeat_would_miss_a_tenth_more_work() {
    // The interval of a second run's mean, in place of the interval of the mean: wider by the root of two.
    let control = World { between: 0.012, within: 0.045, launches: 6, blocks: 5 };
    let mut random = Random(9);
    let runs = 4000;
    let repeats = |_: &u32| {
        let found = control.by_launch(0.915, &mut random);
        let half = (found.high / found.ratio).ln() * std::f64::consts::SQRT_2;
        let wider = Interval { low: found.ratio * (-half).exp(), high: found.ratio * half.exp(), ..found };
        call(wider, Unit::Launch) == Call::Lower
    };
    let share = (0..runs).filter(repeats).count() as f64 / f64::from(runs);
    assert!((0.6..0.78).contains(&share), "{share}");
}

#[test]
fn one_kind_of_launch_is_seldom_taken_for_two() {
    let mut random = Random(3);
    for launches in 4..=10 {
        // So large a spread that the gap alone does not tell.
        let runs = 4000;
        let alarms = (0..runs).filter(|_| {
            let logs: Vec<f64> = (0..launches).map(|_| random.normal(1.0)).collect();
            kinds(&logs).is_some()
        });
        let share = alarms.count() as f64 / f64::from(runs);
        assert!(share < 0.016, "{launches}: {share}");
    }
}
