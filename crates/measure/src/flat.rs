//! A run that is about memory: load until it is flat.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::BenchError;
use super::external::LoadTool;
use super::run::{Bench, TurnPosition};
use super::run_writer::micros;
use greenroom_bench::{Flat, HistKind, LoadKind, PhaseKind, What, is_flat};

impl Bench<'_> {
    /// Puts each variant under load, a turn each, until its memory is flat or it had `most` turns. One that is flat rests.
    pub(crate) fn until_flat(&mut self, launch: u32, most: u32) -> Result<(), BenchError> {
        let slice = self.order.protocol.slice;
        let slice = self.order.tool.map_or(slice, |_| slice.max(LoadTool::SHORTEST_TURN));
        let sides = u32::try_from(self.sides.len()).unwrap_or(u32::MAX);
        self.announce(LoadKind::Closed, slice, 0.0)?;
        self.scribe.phase(
            PhaseKind::Measure,
            slice * most * sides,
            launch,
            "under load until memory is flat",
        )?;
        self.census_begins();
        let began = Instant::now();
        let mut readings: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        let mut rounds = 0;
        while rounds < most {
            let rising: Vec<usize> = self.sides.iter().map(|side| side.variant).collect();
            let rising =
                rising.into_iter().filter(|variant| !readings.get(variant).is_some_and(|all| is_flat(all)));
            let rising: Vec<usize> = rising.collect();
            if rising.is_empty() {
                break;
            }
            for variant in rising {
                self.may_go_on()?;
                self.turn(variant, TurnPosition { launch, block: rounds }, slice, None)?;
                if let Some(kib) = self.reading(variant)? {
                    readings.entry(variant).or_default().push(kib);
                }
            }
            self.listen()?;
            if self.is_deserted()? {
                return Ok(());
            }
            self.histograms(HistKind::Closed)?;
            rounds += 1;
        }
        self.came_to(&readings, slice)?;
        self.census_ends(launch)?;
        self.launch_ends(launch, began.elapsed(), rounds)
    }

    /// Writes down what the memory of each came to.
    fn came_to(&mut self, readings: &BTreeMap<usize, Vec<u64>>, slice: Duration) -> Result<(), BenchError> {
        for (variant, kib) in readings {
            // One that failed meanwhile has come to nothing.
            if !self.sides.iter().any(|side| side.variant == *variant) {
                continue;
            }
            let turns = u32::try_from(kib.len()).unwrap_or(u32::MAX);
            let flat = Flat {
                variant: *variant,
                flat: is_flat(kib),
                pss_kib: kib.last().copied().unwrap_or_default(),
                load_us: micros(slice * turns),
            };
            self.scribe.write(What::Flat(flat))?;
        }
        Ok(())
    }

    /// A variant's memory now, in KiB of PSS.
    fn reading(&mut self, variant: usize) -> Result<Option<u64>, BenchError> {
        let Some(side) = self.sides.iter_mut().find(|side| side.variant == variant) else { return Ok(None) };
        side.pids = side.server.tree.pids();
        let memory = side.server.tree.memory(variant);
        self.scribe.write(What::Mem(memory))?;
        Ok(Some(memory.pss_kib))
    }
}
