//! A recording, played to its end in a pane, and its output in another emulator: both show the same text. Its lines are of either version,
//! with the times, escapes, blanks, comments and markers that a recorder may write.
#![no_main]

use std::io::Cursor;

use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_base::source::{Control, EventSource};
use greenroom_fuzz::both::{COLUMNS, ROWS, other, sequence, shown, trimmed};
use greenroom_fuzz::dark;
use greenroom_pane::{Palette, TermView};
use greenroom_tape::Player;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let mut bytes = data.iter().copied().take(600);
    let third = bytes.next().unwrap_or_default() % 2 == 1;
    let mut tape = if third {
        format!("{{\"version\":3,\"term\":{{\"cols\":{COLUMNS},\"rows\":{ROWS}}}}}\n")
    } else {
        format!("{{\"version\": 2, \"width\": {COLUMNS}, \"height\": {ROWS}}}\n")
    };
    let (mut output, mut now) = (String::new(), 0.0);
    while let Some(byte) = bytes.next() {
        let mut text = String::new();
        sequence(byte, &mut || bytes.next().unwrap_or_default(), &mut text);
        let pause = f64::from(byte) / 64.0;
        now += pause;
        let time = if third { pause } else { now };
        let (line, shows) = match byte / 32 {
            0 => (format!("[{time}, \"o\", {}]", Value::from(text.clone())), true),
            1 => (format!("[{time:.6},\"o\",\"{}\"]", escaped(&text)), true),
            2 => (format!("  [ {time:e} , \"o\" , {} ]  ", Value::from(text.clone())), true),
            3 => (format!("[{time}, \"i\", {}]", Value::from(text.clone())), false),
            4 => (format!("[{time}, \"m\", {}]", Value::from(text.clone())), false),
            5 => (format!("[{time}, \"z\", \"a kind of the future\"]"), false),
            6 if third => ("# a comment".to_owned(), false),
            6 => (String::new(), false),
            _ => (format!("[{time}, \"o\", {}]\r", Value::from(text.clone())), true),
        };
        if shows {
            output.push_str(&text);
        }
        tape.push_str(&line);
        tape.push('\n');
    }
    let mut player = Player::open(Box::new(Cursor::new(tape.clone().into_bytes()))).expect("it has a header");
    let palette = Palette::of(&dark());
    let mut pane = TermView::new(Size { columns: COLUMNS, rows: ROWS }, 0, palette);
    player.control(Control::End, Elapsed::ZERO).expect("a recording can be wound");
    for _ in 0..2000 {
        player.poll(Elapsed::ZERO, &mut |event| pane.fold(&event));
        if player.is_over() {
            break;
        }
    }
    assert!(player.is_over() && player.problems().is_empty(), "{:?}\n{tape}", player.problems());
    let mut other = other();
    other.feed(output.as_str());
    assert_eq!(trimmed(&pane.text()), shown(&other), "{tape}");
});

/// Each character as JSON's `\u`.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}
