//! What has to be installed for a deck's demos.

use greenroom_base::files::Files;
use greenroom_bench::probe::is_python;
use greenroom_deck::{Deck, Demo, DemoKind, Interpreter, RuntimeName};
use greenroom_python::runtime::Kind;
use greenroom_python::{Choice, Further, Lock, LockError, Order, Sources};

/// The runtime of the deck `name`, for who finds interpreters.
#[must_use]
pub const fn kind_of(name: RuntimeName) -> Kind {
    match name {
        RuntimeName::Gil => Kind::Gil,
        RuntimeName::FreeThreaded => Kind::FreeThreaded,
    }
}

/// The interpreter that a deck names, for who finds interpreters.
#[must_use]
pub fn choice(named: Interpreter) -> Choice {
    match named {
        Interpreter::Usual(name) => Choice::Usual(kind_of(name)),
        Interpreter::Version { minor, free_threaded } => Choice::Version { minor, free_threaded },
        Interpreter::Path(path) => Choice::Path(path),
    }
}

/// Everything that `deck`, whose files are `files`, wants installed: each environment once. What it wants built is
/// built when `builds` says that its code may run.
///
/// # Errors
/// When one of its lock files cannot be read, or holds more than packages with their versions and hashes.
pub fn order(files: &dyn Files, deck: &Deck, builds: bool) -> Result<Order, LockError> {
    let mut order =
        Order { lock: Lock::of(files)?, sources: Sources::of(files, builds)?, further: Vec::new() };
    for (id, demo) in deck.demos() {
        if demo.fault.is_some() {
            continue;
        }
        let own = demo.requirements.as_deref().map(|path| Lock::at(files, path)).transpose()?;
        if let Some(lock) = &own {
            for kind in usual(&demo) {
                add(&mut order, &id, Choice::Usual(kind), lock.clone());
            }
        }
        for runtime in &demo.runtimes {
            let Some(named) = Interpreter::read(&runtime.python) else { continue };
            let lock = match &runtime.requirements {
                Some(path) => Lock::at(files, path)?,
                None => own.clone().unwrap_or_else(|| order.lock.clone()),
            };
            let choice = choice(named);
            if !matches!(choice, Choice::Usual(_)) || lock != order.lock {
                add(&mut order, &format!("{id}: {}", runtime.label), choice, lock);
            }
        }
    }
    Ok(order)
}

/// Adds an environment, unless it is there.
fn add(order: &mut Order, name: &str, choice: Choice, lock: Lock) {
    if !order.further.iter().any(|other| (&other.choice, &other.lock) == (&choice, &lock)) {
        order.further.push(Further { name: name.to_owned(), choice, lock });
    }
}

/// The usual runtimes that `demo` runs on.
fn usual(demo: &Demo) -> Vec<Kind> {
    match demo.runtime {
        Some(name) => vec![kind_of(name)],
        None if demo.kind == DemoKind::Probe && is_python(&demo.command) => Kind::BOTH.to_vec(),
        None => Vec::new(),
    }
}
