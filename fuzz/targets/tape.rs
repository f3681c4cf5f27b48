//! Recordings of terminals and of benches: played to the end, wound, cut, and written again.
#![no_main]

use std::io::Cursor;

use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, What};
use greenroom_base::source::{Control, EventSource};
use greenroom_fuzz::{Knobs, bounded};
use greenroom_tape::{Format, MAX_SIZE, Player, Reader, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let place = knobs.byte();
    let bytes = knobs.bytes().to_vec();
    let read = |bytes: Vec<u8>| Reader::open(Cursor::new(bytes));
    let Ok(mut reader) = bounded(|| read(bytes.clone())) else { return };
    let events: Vec<Event> = bounded(|| reader.by_ref().collect());
    in_order(&events);
    play(bytes, &events, place);
    if matches!(reader.format(), Format::Asciicast2 | Format::Asciicast3) {
        // What is written of a tape is the same tape.
        let (mut writer, mut written) = Writer::new(reader.header());
        events.iter().for_each(|event| written.extend(writer.event(event)));
        let again = read(written).expect("it was written by us");
        assert_eq!((again.header().size, again.format()), (reader.header().size, Format::Asciicast3));
        let text = |events: &mut dyn Iterator<Item = Event>| -> Vec<u8> {
            let output = |event: Event| match event.what {
                What::Output(bytes) => Some(bytes),
                _ => None,
            };
            events.filter_map(output).flatten().collect()
        };
        // Nothing is written behind the end of a run.
        let whole: String = String::from_utf8_lossy(&text(&mut events.into_iter())).into_owned();
        let ours = String::from_utf8_lossy(&text(&mut again.into_iter())).into_owned();
        assert_eq!(ours, whole);
    }
});

fn in_order(events: &[Event]) {
    for pair in events.windows(2) {
        assert!(pair[0].at <= pair[1].at, "{pair:?}");
    }
    for event in events {
        if let What::Resize(size) = event.what {
            assert!(size.columns <= MAX_SIZE.columns && size.rows <= MAX_SIZE.rows, "{size:?}");
        }
    }
}

/// Plays it: straight on, wound back, stepped.
fn play(bytes: Vec<u8>, events: &[Event], place: u8) {
    let Ok(mut player) = Player::open(Box::new(Cursor::new(bytes))) else { return };
    player.look_through(u64::MAX);
    let length = player.length().unwrap_or(Elapsed::ZERO);
    bounded(|| {
        let now = Elapsed::from_secs(1);
        player.control(Control::End, now).expect("a recording can be wound");
        let mut taken = 0;
        // A poll is bounded: what is left comes with the next one.
        for _ in 0..=events.len() {
            let before = taken;
            player.poll(now, &mut |_| taken += 1);
            if player.is_over() || taken == before {
                break;
            }
        }
        assert!(player.is_over(), "wound to its end, it is over");
        let at = Elapsed::from_micros(length.micros() / 256 * u64::from(place));
        player.control(Control::Seek(at), now).expect("a recording can be wound");
        player.poll(now, &mut |_| {});
        player.step(now);
        player.play(now);
        player.poll(now, &mut |_| {});
        assert!(player.position(now) <= length.max(Elapsed::ZERO), "it stands behind its end");
    });
}
