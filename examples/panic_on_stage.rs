//! Takes the terminal as a talk does, starts the command it was given as a talk does, and panics when that has said
//! something: the tests look at what is left. With `--abort` the panic does not even unwind; with `--thread` it is in another thread,
//! while the first one would go on for ever.
#![allow(clippy::disallowed_methods)] // an example has arguments and a clock

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use greenroom_base::run::Size;
use greenroom_pane::{Feed, Palette, Pane};
use greenroom_system::pty::{Launcher, Spec};
use greenroom_terminal::tty::Tty;
use tokio::sync::Notify;

/// Panics while a panic is under way, which ends a process at once.
struct PanicAgain;

impl Drop for PanicAgain {
    fn drop(&mut self) {
        panic!("again");
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut is_asked = |option: &str| {
        let found = args.first().is_some_and(|first| first == option);
        found.then(|| args.remove(0)).is_some()
    };
    let (again, elsewhere) = (is_asked("--abort"), is_asked("--thread"));
    if elsewhere {
        greenroom_system::say::panics_end();
    }
    let _tty = Tty::take("panic")?;
    let mut pane = Pane::new(Size { columns: 80, rows: 24 }, Palette::default());
    if let Some((program, rest)) = args.split_first() {
        // Cargo puts the executable beside the folder of its examples.
        let folder = std::env::current_exe()?;
        let executable =
            folder.parent().and_then(|folder| folder.parent()).ok_or("no folder")?.join("greenroom");
        let spec = Spec {
            program: program.clone(),
            args: rest.to_vec(),
            directory: PathBuf::from("/"),
            env: std::collections::BTreeMap::new(),
            size: pane.size(),
            timeout: None,
            grace: None,
        };
        let began = Instant::now();
        let generation = pane.begin(began.elapsed().into());
        let live = Launcher::of(executable).start(&spec, Arc::new(Notify::new()), began.elapsed().into())?;
        let _ = pane.attach(generation, Feed::Live(Box::new(live)), began.elapsed().into());
        while !pane.view().text().contains("ready") {
            pane.poll(began.elapsed().into());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    if elsewhere {
        std::thread::spawn(|| panic!("on stage"));
        loop {
            std::thread::park();
        }
    }
    let _panics_again = if again { Some(PanicAgain) } else { None };
    panic!("on stage");
}
