//! Everything that needs several modules of the program, or the program itself: one binary, which links once.
//!
//! `cargo test --test it panes::` runs one module's tests. A test that counts what a whole process has (memory,
//! descriptors, children) gets one of its own from `support::alone`.

#![allow(clippy::disallowed_methods)] // tests have a disk, a clock and processes
#![allow(clippy::print_stdout, clippy::print_stderr)] // what was skipped is told
#![cfg_attr(not(target_os = "linux"), allow(dead_code))] // what is shared by tests that only Linux has

mod support;

mod agreement;
mod anything;
mod audience;
mod bench;
mod benches;
mod beneath;
mod binary;
mod bound;
mod cases;
mod children;
mod columns;
mod consent;
mod controls;
mod diagrams;
mod django;
mod documents;
mod drawn;
#[cfg(target_os = "linux")]
mod enlarged;
mod event_loop;
mod export;
mod faults;
mod figures;
#[cfg(target_os = "linux")]
mod folders;
mod followers;
mod frames;
mod hands;
mod help;
#[cfg(target_os = "linux")]
mod kept;
mod lab;
mod leaving;
mod leftovers;
mod many;
mod notes;
mod offline;
mod onhost;
mod onstage;
mod pack;
mod panes;
mod passed;
mod pictures;
#[cfg(target_os = "linux")]
mod pipes;
mod places;
mod preflight;
mod presenter;
mod recording;
mod recordings;
mod rehearse;
mod remote;
mod runs;
mod runtimes;
mod said;
mod screen;
mod scripted;
mod secluded;
mod setup;
mod soak;
mod sources;
#[cfg(target_os = "linux")]
mod speaker;
mod spoken;
mod steady;
mod talk;
mod tapes;
mod themes;
mod trouble;
mod vast;
mod verdicts;
#[cfg(target_os = "linux")]
mod webpage;
mod xterm;
mod zoom;
