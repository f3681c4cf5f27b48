//! Takes the terminal as a talk does, and panics: `tests/binary.rs` looks at what is left.

use greenroom::edge::tty::Tty;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _tty = Tty::take("panic")?;
    panic!("on stage");
}
