//! A segment for a payload, put into a Mach-O file and taken out again.

use super::super::bytes::put;
use super::header::{Header, Segment, pages, room};
use super::{
    CODE_SIGNATURE, DATA_COMMAND, SECTION, SEGMENT, SEGMENT_64, SEGMENT_COMMAND, round_up, signature,
};

/// A program around a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Around {
    /// What stands before it.
    pub(crate) before: Vec<u8>,
    /// What stands behind it, but for the signature.
    pub(crate) after: Vec<u8>,
}

/// Why a program has no place for a payload: what a reason says of one that was linked without spare bytes.
const NO_ROOM: &str = "its header has no room for another segment: link it with -headerpad,0x400";
/// One whose numbers do not fit.
const TOO_LARGE: &str = "it is too large";

/// `program`, whose header is `header`, around a payload of `length` bytes. A signature that it has is left out, and a place for a
/// new one is named.
///
/// # Errors
/// Why it has no place for it.
pub(in super::super) fn around(program: &[u8], header: &Header, length: u64) -> Result<Around, &'static str> {
    let unsigned = header.signature.is_none();
    let needed = SEGMENT_COMMAND + if unsigned { DATA_COMMAND } else { 0 };
    if room(header, program).is_none_or(|room| room < needed as u64) {
        return Err(NO_ROOM);
    }
    split(program, header, length).ok_or(TOO_LARGE)
}

fn split(program: &[u8], header: &Header, length: u64) -> Option<Around> {
    let linkedit = header.linkedit;
    let start = usize::try_from(linkedit.at).ok()?;
    let grown = pages(length)?;
    let padding = usize::try_from(grown - length).ok()?;
    let mut after = vec![0; padding];
    after.extend_from_slice(program.get(start..usize::try_from(header.code_end()).ok()?)?);
    // A signature begins at a multiple of sixteen.
    let end = linkedit.at.checked_add(length)?.checked_add(after.len() as u64)?;
    let code_end = round_up(end, 16)?;
    after.resize(after.len() + usize::try_from(code_end - end).ok()?, 0);
    let signature = signature::length(code_end)?;
    let mut before = program.get(..start)?.to_vec();
    header.shift(&mut before, linkedit.at, i64::try_from(grown).ok()?)?;
    let moved = Segment {
        address: linkedit.address.checked_add(grown)?,
        at: linkedit.at.checked_add(grown)?,
        length: code_end.checked_add(signature)?.checked_sub(linkedit.at)?.checked_sub(grown)?,
        ..linkedit
    };
    place(&mut before, Segment { memory: pages(moved.length)?, ..moved })?;
    let signed = [u32::try_from(code_end).ok()?.to_le_bytes(), u32::try_from(signature).ok()?.to_le_bytes()];
    let mut end = header.end;
    if let Some(old) = header.signature {
        put(&mut before, old.command + 8, &signed.concat())?;
    } else {
        let command = [CODE_SIGNATURE, u32::try_from(DATA_COMMAND).ok()?].map(u32::to_le_bytes);
        put(&mut before, end, &[command.concat(), signed.concat()].concat())?;
        end += DATA_COMMAND;
    }
    before.copy_within(linkedit.command..end, linkedit.command + SEGMENT_COMMAND);
    put(&mut before, linkedit.command, &command(linkedit, grown, length)?)?;
    let count = header.commands.len() + 1 + usize::from(header.signature.is_none());
    counted(&mut before, count, end + SEGMENT_COMMAND)?;
    Some(Around { before, after })
}

/// The file of a packed talk without its payload, as [`around`] takes it; it is not signed. What is no segment of a payload is left.
///
/// # Errors
/// When its numbers do not fit.
pub(in super::super) fn without_payload(program: &[u8], header: &Header) -> Result<Vec<u8>, &'static str> {
    joined(program, header).ok_or(TOO_LARGE)
}

fn joined(program: &[u8], header: &Header) -> Option<Vec<u8>> {
    let Some(deck) = header.deck else { return Some(program.to_vec()) };
    let linkedit = header.linkedit;
    let start = usize::try_from(deck.at).ok()?;
    let mut whole = program.get(..start)?.to_vec();
    let back = i64::try_from(deck.length).ok()?.checked_neg()?;
    header.shift(&mut whole, linkedit.at, back)?;
    let moved = Segment { address: deck.address, at: deck.at, ..linkedit };
    place(&mut whole, moved)?;
    let behind = deck.command.checked_add(SEGMENT_COMMAND).filter(|end| *end <= header.end)?;
    whole.get(..header.end)?;
    whole.copy_within(behind..header.end, deck.command);
    let end = header.end - SEGMENT_COMMAND;
    put(&mut whole, end, &[0; SEGMENT_COMMAND])?;
    counted(&mut whole, header.commands.len().checked_sub(1)?, end)?;
    whole.extend_from_slice(program.get(usize::try_from(linkedit.at).ok()?..)?);
    Some(whole)
}

/// Writes where a segment is into its command.
fn place(head: &mut [u8], segment: Segment) -> Option<()> {
    let numbers = [segment.address, segment.memory, segment.at, segment.length];
    put(head, segment.command + 24, &numbers.map(u64::to_le_bytes).concat())
}

/// Writes how many commands there are, and their bytes.
fn counted(head: &mut [u8], commands: usize, end: usize) -> Option<()> {
    put(head, 16, &u32::try_from(commands).ok()?.to_le_bytes())?;
    put(head, 20, &u32::try_from(end.checked_sub(super::HEAD)?).ok()?.to_le_bytes())
}

/// The command of a segment of `grown` bytes, in whose beginning a payload of `length` bytes is; it takes the place that
/// `__LINKEDIT` had.
fn command(linkedit: Segment, grown: u64, length: u64) -> Option<Vec<u8>> {
    let at = u32::try_from(linkedit.at).ok()?;
    let mut command = Vec::with_capacity(SEGMENT_COMMAND);
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let longs = |longs: &[u64]| longs.iter().flat_map(|long| long.to_le_bytes()).collect::<Vec<u8>>();
    let head = words(&[SEGMENT_64, u32::try_from(SEGMENT_COMMAND).ok()?]);
    command.extend(head);
    command.extend_from_slice(SEGMENT);
    command.extend(longs(&[linkedit.address, grown, linkedit.at, grown]));
    // It may be read, and never written or run; it has one section.
    command.extend(words(&[1, 1, 1, 0]));
    command.extend_from_slice(SECTION);
    command.extend_from_slice(SEGMENT);
    command.extend(longs(&[linkedit.address, length]));
    // Where it is, its alignment (the smallest page that there is, as a power of two), and nothing else.
    command.extend(words(&[at, 12, 0, 0, 0, 0, 0, 0]));
    (command.len() == SEGMENT_COMMAND).then_some(command)
}
