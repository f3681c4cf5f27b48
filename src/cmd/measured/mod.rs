//! What `bench` and `probe` do with their records: to a tape, to whoever reads them on standard output, or added up in a
//! table that is drawn again as they come.

pub(crate) mod table;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use greenroom_bench::Tally;
use greenroom_system::disk::beneath::{self, Draft};
use greenroom_system::say::{self, RecordPipe};

/// How often the table is drawn again.
const DRAW: Duration = Duration::from_millis(250);

/// What records add up to, as it is printed.
pub(crate) trait Printed: Tally {
    /// What has been told of it.
    type Told: Default;

    /// The lines that are news since `told`, and stay above the table; nothing when the table can wait for its time.
    fn news(&self, told: &mut Self::Told) -> Option<Vec<String>>;

    /// The table of what is known so far, in lines.
    fn table(&self) -> String;

    /// What is said under the last table; nothing when there is nothing to show at all.
    fn closing(&self) -> Option<String>;
}

/// Where records go.
pub(crate) struct RecordsOut<T: Printed> {
    tape: Option<Draft>,
    shown: Shown<T>,
}

enum Shown<T: Printed> {
    /// As they are, for a program.
    Records(RecordPipe),
    /// Added up, for a person.
    Table(LiveTable<T>),
}

impl<T: Printed> RecordsOut<T> {
    /// To the tape in the file `tape`, if there is one; and to standard output, as they are if `json` is asked for.
    /// `stop` is set when this process is to end.
    ///
    /// # Errors
    /// When the tape cannot be made.
    pub(crate) fn new(tape: Option<&Path>, json: bool, stop: &Arc<AtomicBool>) -> anyhow::Result<Self> {
        let tape = tape.map(beneath::write_to).transpose()?;
        let shown = if json {
            Shown::Records(RecordPipe::take(Arc::clone(stop))?)
        } else {
            Shown::Table(LiveTable::new(say::out().is_terminal()))
        };
        Ok(Self { tape, shown })
    }

    /// Takes a record: its line with its end, and what all so far add up to.
    ///
    /// # Errors
    /// When nobody takes it any more.
    pub(crate) fn record(&mut self, line: &str, all: &T) -> io::Result<()> {
        if let Some(tape) = &mut self.tape {
            tape.add(line.as_bytes())?;
        }
        match &mut self.shown {
            Shown::Records(pipe) => pipe.write(line),
            Shown::Table(table) if all.end().is_some() => table.finish(all),
            Shown::Table(table) => table.update(all),
        }
    }

    /// Nothing more comes, and there was no end that could have said so.
    ///
    /// # Errors
    /// When nobody reads the table any more.
    pub(crate) fn cut_off(&mut self, all: &T) -> io::Result<()> {
        if let Shown::Table(table) = &mut self.shown { table.finish(all) } else { Ok(()) }
    }

    /// Gives the tape its name.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn keep(self) -> anyhow::Result<()> {
        self.tape.map(Draft::keep).transpose()?;
        Ok(())
    }
}

/// A table on standard output, which is written over where lines can be.
struct LiveTable<T: Printed> {
    live: bool,
    /// Lines of it that stand on the screen.
    drawn: usize,
    drawn_at: Option<Instant>,
    told: T::Told,
}

impl<T: Printed> LiveTable<T> {
    fn new(live: bool) -> Self {
        Self { live, drawn: 0, drawn_at: None, told: T::Told::default() }
    }

    fn update(&mut self, all: &T) -> io::Result<()> {
        let news = all.news(&mut self.told);
        let urgent = news.is_some();
        if let Some(lines) = news.filter(|lines| !lines.is_empty()) {
            self.wipe()?;
            lines.iter().try_for_each(|line| writeln!(say::out(), "{line}"))?;
        }
        let due = urgent || self.drawn_at.is_none_or(|at| at.elapsed() >= DRAW);
        if self.live && due { self.draw(all) } else { Ok(()) }
    }

    fn finish(&mut self, all: &T) -> io::Result<()> {
        let Some(closing) = all.closing() else { return Ok(()) };
        self.draw(all)?;
        self.drawn = 0;
        write!(say::out(), "{closing}")
    }

    fn draw(&mut self, all: &T) -> io::Result<()> {
        self.wipe()?;
        let text = all.table();
        (self.drawn, self.drawn_at) = (text.lines().count(), Some(Instant::now()));
        write!(say::out(), "{text}")
    }

    fn wipe(&mut self) -> io::Result<()> {
        say::out().wipe(std::mem::take(&mut self.drawn))
    }
}

/// Set by the first Ctrl-C, SIGTERM or SIGHUP; whatever was started is ended then.
///
/// # Errors
/// What the system says.
pub(crate) fn interrupts() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
