//! Lengths of time in a deck.

use std::time::Duration;

/// A length of time as a deck writes it: `500ms`, `20s`, `5m`.
pub(crate) fn length(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let number = u64::from(number.parse::<u32>().ok().filter(|number| *number > 0)?);
    Some(match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3600),
        _ => return None,
    })
}
