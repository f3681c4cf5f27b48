//! Compresses the built-in deck, file by file: its recordings are most of what the executable would hold otherwise.
#![allow(clippy::disallowed_methods)] // a build script meets the world

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// zstd's level: it is done once a build.
const LEVEL: i32 = 19;

fn main() -> io::Result<()> {
    fold_identical_code();
    let from = PathBuf::from("deck");
    let to = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?).join("deck");
    // What is no longer in the deck must not stay.
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    compress(&from, &to)
}

/// Lets the linker keep one of several functions with the same instructions, of which generic code has many. The one that knows how
/// is what rustc comes with and uses for this target alone (since 1.90); nothing here compares the addresses of functions.
fn fold_identical_code() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let target = is("CARGO_CFG_TARGET_ARCH", "x86_64") && is("CARGO_CFG_TARGET_OS", "linux");
    if target && is("CARGO_CFG_TARGET_ENV", "gnu") && !is("OPT_LEVEL", "0") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

fn compress(from: &Path, to: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", from.display());
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "__pycache__" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            compress(&source, &target)?;
        } else {
            println!("cargo::rerun-if-changed={}", source.display());
            // The size stands in front, so that nothing has to be unpacked to know it.
            let contents = fs::read(&source)?;
            let mut packed = (contents.len() as u64).to_le_bytes().to_vec();
            let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
            compressor.include_checksum(true)?;
            packed.extend(compressor.compress(&contents)?);
            fs::write(&target, packed)?;
        }
    }
    Ok(())
}
