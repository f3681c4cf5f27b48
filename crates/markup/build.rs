//! Writes the table of emoji by their names. The library holds much more about each (800 KB in the program); names and
//! emoji alone are a tenth of that.

#![allow(clippy::disallowed_methods)] // a build script meets the world

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let named: BTreeMap<&str, &str> =
        emojis::iter().flat_map(|emoji| emoji.shortcodes().map(|name| (name, emoji.as_str()))).collect();
    let mut table = format!(
        "/// Names and what they stand for, sorted.\nstatic EMOJI: [(&str, &str); {}] = [\n",
        named.len()
    );
    for (name, emoji) in named {
        writeln!(table, "    ({name:?}, {emoji:?}),").expect("a string takes everything");
    }
    table.push_str("];\n");
    let folder = std::env::var_os("OUT_DIR").expect("cargo names a folder");
    std::fs::write(Path::new(&folder).join("emoji.rs"), table).expect("the folder can be written to");
}
