//! Compresses the built-in deck, file by file: its recordings are most of what the executable would hold otherwise.
#![allow(clippy::disallowed_methods)] // a build script meets the world

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// zstd's level: it is done once a build.
const LEVEL: i32 = 19;

fn main() -> io::Result<()> {
    let to = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fold_identical_code();
    leave_out_unwind_tables(&to)?;
    room_for_a_deck();
    let from = PathBuf::from("deck");
    let to = to.join("deck");
    // What is no longer in the deck must not stay.
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let mut files = BTreeMap::new();
    compress(&from, &to, &mut files)?;
    println!("cargo::rustc-env=GREENROOM_BUILT_IN={}", digest(&from, &files));
    Ok(())
}

/// SHA-256 of the files' names and contents, as `decks::pack::content` works it out.
fn digest(from: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    let mut names: Vec<_> = files
        .iter()
        .map(|(path, contents)| (path.strip_prefix(from).unwrap_or(path).to_string_lossy(), contents))
        .collect();
    // By name as text: with `/` among the letters, not between parts.
    names.sort();
    for (path, contents) in names {
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(contents);
        hash.update((contents.len() as u64).to_le_bytes());
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Has the linker leave bytes in the header of a Mach-O program, for the segment of a deck.
fn room_for_a_deck() {
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|found| found == "macos") {
        println!("cargo::rustc-link-arg-bins=-Wl,-headerpad,0x400");
    }
}

/// Lets the linker keep one of several functions with the same instructions, of which generic code has many; nothing here compares the
/// addresses of functions.
fn fold_identical_code() {
    if links_with_lld() && env::var("OPT_LEVEL").is_ok_and(|level| level != "0") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

/// Leaves out what tells how to unwind a stack, a tenth of the program: a program of the `dist` profile does not unwind, and has no symbols
/// that a backtrace could show. rustc makes these tables all the same (since 1.92), and a profile cannot say otherwise.
fn leave_out_unwind_tables(out: &Path) -> io::Result<()> {
    // OUT_DIR is PROFILE/build/PACKAGE/out; PROFILE as a variable is `release` for whatever inherits that.
    let profile = out.ancestors().nth(3).and_then(Path::file_name);
    if links_with_lld() && profile.is_some_and(|name| name == "dist") {
        let script = out.join("no-unwind-tables.ld");
        let sections = "*(.eh_frame) *(.eh_frame_hdr) *(.gcc_except_table .gcc_except_table.*)";
        fs::write(&script, format!("SECTIONS {{ /DISCARD/ : {{ {sections} }} }} INSERT AFTER .text;\n"))?;
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        // Not behind `-Wl`, which would split a path at its commas.
        println!("cargo::rustc-link-arg-bins=-T");
        println!("cargo::rustc-link-arg-bins={}", script.display());
    }
    Ok(())
}

/// Whether the linker is LLVM's, which rustc comes with and uses for this target alone (since 1.90).
fn links_with_lld() -> bool {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
}

fn compress(from: &Path, to: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", from.display());
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "__pycache__" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            compress(&source, &target, files)?;
        } else {
            println!("cargo::rerun-if-changed={}", source.display());
            // The size stands in front, so that nothing has to be unpacked to know it.
            let contents = fs::read(&source)?;
            let mut packed = (contents.len() as u64).to_le_bytes().to_vec();
            let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
            compressor.include_checksum(true)?;
            packed.extend(compressor.compress(&contents)?);
            fs::write(&target, packed)?;
            files.insert(source, contents);
        }
    }
    Ok(())
}
