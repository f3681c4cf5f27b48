//! Writes the table of emoji by their names. The library holds much more about each (800 KB in the program); names and
//! emoji alone are a twentieth of that, as one text: 3,800 pointers in it would be set each time that the program starts.

#![allow(clippy::disallowed_methods)] // a build script meets the world

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let named: BTreeMap<&str, &str> =
        emojis::iter().flat_map(|emoji| emoji.shortcodes().map(|name| (name, emoji.as_str()))).collect();
    let mut table = String::new();
    for (name, emoji) in named {
        writeln!(table, "{name} {emoji}").expect("a string takes everything");
    }
    let folder = std::env::var_os("OUT_DIR").expect("cargo names a folder");
    std::fs::write(Path::new(&folder).join("emoji.txt"), table).expect("the folder can be written to");
}
