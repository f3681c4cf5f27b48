//! `greenroom bench --compare A B`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::cmd::measured::table::{Column, Table};
use greenroom_base::plain::Quoted;
use greenroom_bench::{Call, Metric, RecordReader, RunSummary, compare, differences};
use greenroom_system::say;

/// Prints what changed from one recorded run to another.
///
/// # Errors
/// When one of them cannot be read, or is no recording of a bench.
pub(crate) fn run(first: &Path, second: &Path) -> anyhow::Result<ExitCode> {
    let (first_run, second_run) = (read(first)?, read(second)?);
    let (one, other) = (first_run.tally(), second_run.tally());
    let found = compare(one, other);
    if found.is_empty() {
        bail!("the runs have no variant of the same name: there is nothing to compare");
    }
    let out = say::out();
    writeln!(out, "{} as a multiple of {}:", Quoted(second.display()), Quoted(first.display()))?;
    let mut table = Table::new([const { Column::words("", 0) }; 4]);
    for one in &found {
        let what = match one.metric {
            Metric::Throughput => "requests per second",
            Metric::Efficiency => "requests per CPU-second",
        };
        let range = one.interval.map_or_else(
            || "too few turns".to_owned(),
            |found| format!("{:.2} ({:.2} to {:.2})", found.ratio, found.low, found.high),
        );
        let call = match one.call {
            Call::Higher => "more",
            Call::Lower => "fewer",
            Call::NearMargin => "near the margin",
            Call::Inconclusive | Call::Refused(_) => "too close to call",
        };
        table.row([Quoted(&one.name).to_string(), what.to_owned(), range, call.to_owned()]);
    }
    write!(out, "{table}")?;
    for difference in differences(one, other) {
        writeln!(out, "! {}", Quoted(difference))?;
    }
    for (path, run) in [(first, &first_run), (second, &second_run)] {
        for doubt in run.doubts(true, run.tally().contradiction()) {
            writeln!(out, "! {}: {doubt}", Quoted(path.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(path: &Path) -> anyhow::Result<RecordReader<RunSummary>> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let run = RecordReader::<RunSummary>::of(&bytes);
    match run.refused() {
        Some(error) => bail!("{}: {error}", path.display()),
        None if run.tally().head.is_none() => {
            bail!("{} is no recording of a bench: greenroom bench -o makes one", path.display())
        }
        None => Ok(run),
    }
}
