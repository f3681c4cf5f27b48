//! Failures against places: a table, and one harness that tries each of its rows on the real program in a real pseudo-terminal.
//!
//! Four things are judged, of every row: the talk goes on, the person is told, nothing is lost, nothing is left running. The book's
//! page of faults is written from the same table (`GREENROOM_WRITE_DOCS=1 cargo test --test it faults::`).
#![cfg(target_os = "linux")]

mod demos;
mod disks;
mod ends;
mod inputs;
mod page;
mod processes;
mod pty;
mod row;
mod surroundings;
mod terminals;
mod trial;
