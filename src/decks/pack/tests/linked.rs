//! Packing into programs that a linker made: small ones of C with this program's mark, by zig, which links for macOS anywhere; and a
//! Greenroom for macOS, where one is at hand.

use std::fs;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::judge::{commands, segments, verify_signature};
use super::programs::{mark_at, order, random_deck};
use super::{in_memory, mark, numbers, opened};
use crate::decks::pack::program::Program;
use crate::decks::pack::write::pack_into;
use crate::decks::pack::{DeckMarker, Pack, PackRequest, content, pack};
use greenroom_base::files::MemoryFiles;

/// The platforms whose programs are signed, or could be. zig signs the one of them only.
const TARGETS: [&str; 2] = ["aarch64-macos", "x86_64-macos"];

/// Says that a test does not run, as `.ci/run` counts it. No computer has to have what these need: it comes from a network.
fn skip(test: &str, needs: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {test} needs {needs}");
}

/// How zig is started: `GREENROOM_ZIG` names it, else it is in `PATH`.
fn zig() -> Option<Command> {
    let named = std::env::var_os("GREENROOM_ZIG").map(PathBuf::from);
    let mut zig = Command::new(named.unwrap_or_else(|| PathBuf::from("zig")));
    zig.arg("version").output().ok().filter(|output| output.status.success())?;
    let mut again = Command::new(zig.get_program());
    again.arg("cc");
    Some(again)
}

/// A program that ends with 42 and has this program's mark.
fn link(mut zig: Command, target: &str, folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("program.c"), folder.join(target));
    let bytes: Vec<String> = mark().bytes().iter().map(u8::to_string).collect();
    let text = format!(
        "__attribute__((used)) const unsigned char mark[] = {{{}}};\nint main(int count, char **words) {{ \
         return mark[count] == 'e' && words ? 41 + count : (int)mark[count + 1]; }}\n",
        bytes.join(",")
    );
    fs::write(&source, text).unwrap();
    zig.args(["-target", target, "-O1", "-Wl,-headerpad,0x400", "-o"]).arg(&program).arg(&source);
    // What zig builds of its own it keeps for the next time.
    zig.env("ZIG_LOCAL_CACHE_DIR", folder.join("cache"));
    let output = zig.output().unwrap();
    assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stderr));
    program
}

/// What LIEF says of one file in ten, which shares nothing with this project: `GREENROOM_LIEF` is a Python that has it.
fn ask_for_a_second_opinion(round: usize, file: &Path) {
    let Some(python) = std::env::var_os("GREENROOM_LIEF").filter(|_| round.is_multiple_of(10)) else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/second-opinion");
    let said = Command::new(python).arg(script).arg(file).output().unwrap();
    assert!(said.status.success(), "{round}: {}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn programs_that_a_linker_made_take_a_deck() {
    if zig().is_none() {
        return skip("programs_that_a_linker_made_take_a_deck", "zig");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let mut number = numbers(5);
    for target in TARGETS {
        let Some(zig) = zig() else { return };
        let program = link(zig, target, folder.path());
        for round in 0..30 {
            let files = random_deck(&mut number);
            let located = in_memory(files.clone());
            pack(PackRequest { program: Some(&program), ..order(&located, &output) }).unwrap();
            let whole = fs::read(&output).unwrap();
            let pack = opened(&output, mark_at(&whole)).unwrap();
            assert_eq!(content(&pack).unwrap(), content(&files).unwrap(), "{target}");
            verify_signature(&whole).unwrap();
            ask_for_a_second_opinion(round, &output);
        }
    }
}

#[test]
fn a_linked_greenroom_of_macos_takes_three_hundred_decks() {
    let Some(path) = std::env::var_os("GREENROOM_MACOS").map(PathBuf::from) else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: a_linked_greenroom_of_macos_takes_three_hundred_decks needs GREENROOM_MACOS, a Greenroom linked for macOS"
        );
        return;
    };
    let bytes = fs::read(path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("talk");
    let mut number = numbers(8);
    each_flipped_bit_is_found(&bytes, &output);
    // For a look at a program in less time.
    let decks = std::env::var("GREENROOM_DECKS").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    for round in 0..decks {
        let files = random_deck(&mut number);
        let located = in_memory(files.clone());
        pack_into(Program::checked(bytes.clone(), mark()).unwrap(), order(&located, &output)).unwrap();
        let whole = fs::read(&output).unwrap();
        verify_signature(&whole).unwrap();
        ask_for_a_second_opinion(round, &output);
        let pack = opened(&output, mark_at(&whole)).unwrap();
        assert_eq!(content(&pack).unwrap(), content(&files).unwrap(), "{round}");
        assert_eq!(segments(&whole).len(), segments(&bytes).len() + 1);
        assert!(commands(&whole).len() - commands(&bytes).len() <= 2);
    }
}

/// That no bit of a small deck in `program` can change: neither for this program, nor, of what is signed, for the system's.
fn each_flipped_bit_is_found(program: &[u8], output: &Path) {
    let located = in_memory(MemoryFiles::new().with("talk.yaml", "title: T\n").with("a", vec![7_u8; 50]));
    pack_into(Program::checked(program.to_vec(), mark()).unwrap(), order(&located, output)).unwrap();
    let mut whole = fs::read(output).unwrap();
    let at = mark_at(&whole);
    let place = DeckMarker::read(&whole, at).unwrap().payload().unwrap();
    let file = fs::File::options().read(true).write(true).open(output).unwrap();
    let end = place.at + place.length;
    for at in place.at..end {
        let byte = whole[usize::try_from(at).unwrap()];
        for bit in 0..8 {
            file.write_all_at(&[byte ^ (1 << bit)], at).unwrap();
            let found = Pack::open(file.try_clone().unwrap(), place).and_then(|pack| pack.verify());
            assert!(found.is_err(), "bit {bit} of byte {at}");
        }
        file.write_all_at(&[byte], at).unwrap();
    }
    Pack::open(file, place).unwrap().verify().unwrap();
    // The page's hash finds it as well: of some, since a program's pages are many.
    for at in [place.at, place.at + place.length / 2, end - 1].map(|at| usize::try_from(at).unwrap()) {
        whole[at] ^= 4;
        assert!(verify_signature(&whole).is_err(), "byte {at}");
        whole[at] ^= 4;
    }
}
