//! The header of a Mach-O file and its load commands.

use super::super::bytes::{long, put, word};
use super::super::elf::CUT;
use super::{CODE_SIGNATURE, HEAD, MAGIC, SEGMENT, SEGMENT_64, round_up};

/// Most bytes of load commands that are read. A large program has some thousands.
const MAX_COMMANDS: u32 = 1024 * 1024;
/// The processors that Greenroom is built for.
const X86_64: u32 = 0x0100_0007;
const ARM64: u32 = 0x0100_000c;

/// The commands of which each offset is known: their numbers, and where in them an offset into `__LINKEDIT` stands. A file with
/// any other command is not touched, since what it points at would be elsewhere.
const KNOWN: &[(u32, &[usize])] = &[
    (0x02, &[8, 16]),                  // LC_SYMTAB
    (0x0b, &[32, 40, 48, 56, 64, 72]), // LC_DYSYMTAB
    (0x16, &[8]),                      // LC_TWOLEVEL_HINTS
    (CODE_SIGNATURE, &[8]),
    (0x1e, &[8]),                        // LC_SEGMENT_SPLIT_INFO
    (0x22, &[8, 16, 24, 32, 40]),        // LC_DYLD_INFO
    (0x8000_0022, &[8, 16, 24, 32, 40]), // LC_DYLD_INFO_ONLY
    (0x26, &[8]),                        // LC_FUNCTION_STARTS
    (0x29, &[8]),                        // LC_DATA_IN_CODE
    (0x2b, &[8]),                        // LC_DYLIB_CODE_SIGN_DRS
    (0x2e, &[8]),                        // LC_LINKER_OPTIMIZATION_HINT
    (0x8000_0033, &[8]),                 // LC_DYLD_EXPORTS_TRIE
    (0x8000_0034, &[8]),                 // LC_DYLD_CHAINED_FIXUPS
    (0x36, &[8]),                        // LC_ATOM_INFO
    (0x37, &[8]),                        // LC_FUNCTION_VARIANTS
    (0x38, &[8]),                        // LC_FUNCTION_VARIANT_FIXUPS
    (SEGMENT_64, &[]),
    (0x04, &[]),        // LC_THREAD
    (0x05, &[]),        // LC_UNIXTHREAD
    (0x0c, &[]),        // LC_LOAD_DYLIB
    (0x0e, &[]),        // LC_LOAD_DYLINKER
    (0x12, &[]),        // LC_SUB_FRAMEWORK
    (0x14, &[]),        // LC_SUB_CLIENT
    (0x8000_0018, &[]), // LC_LOAD_WEAK_DYLIB
    (0x1b, &[]),        // LC_UUID
    (0x8000_001c, &[]), // LC_RPATH
    (0x8000_001f, &[]), // LC_REEXPORT_DYLIB
    (0x20, &[]),        // LC_LAZY_LOAD_DYLIB
    (0x8000_0023, &[]), // LC_LOAD_UPWARD_DYLIB
    (0x24, &[]),        // LC_VERSION_MIN_MACOSX
    (0x27, &[]),        // LC_DYLD_ENVIRONMENT
    (0x8000_0028, &[]), // LC_MAIN
    (0x2a, &[]),        // LC_SOURCE_VERSION
    (0x2d, &[]),        // LC_LINKER_OPTION
    (0x32, &[]),        // LC_BUILD_VERSION
    (0x39, &[]),        // LC_TARGET_TRIPLE
];

/// A load command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Command {
    pub(crate) kind: u32,
    pub(crate) at: usize,
    pub(crate) size: usize,
}

/// A segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Segment {
    /// Where its command is.
    pub(crate) command: usize,
    pub(crate) address: u64,
    pub(crate) memory: u64,
    pub(crate) at: u64,
    pub(crate) length: u64,
}

impl Segment {
    /// Where it ends in the file, and in memory.
    fn ends(&self) -> Option<(u64, u64)> {
        Some((self.at.checked_add(self.length)?, self.address.checked_add(self.memory)?))
    }
}

/// The signature: where its command is, where it begins, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Signature {
    pub(crate) command: usize,
    pub(crate) at: u64,
    pub(crate) length: u64,
}

/// A header that makes sense: its commands follow each other, its segments are in the file, and `__LINKEDIT` is the last of them
/// and ends with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Header {
    pub(crate) commands: Vec<Command>,
    /// Where the commands end.
    pub(crate) end: usize,
    /// Where the first byte is that is none of the header.
    pub(crate) first: u64,
    pub(crate) text: Segment,
    pub(crate) linkedit: Segment,
    pub(crate) signature: Option<Signature>,
    /// The segment of a payload.
    pub(crate) deck: Option<Segment>,
    /// Bytes of the whole file.
    pub(crate) length: u64,
}

impl Header {
    /// Bytes of header and commands, by the first 32 of a file.
    pub(crate) fn size(head: &[u8]) -> Option<usize> {
        let commands = word(head, 20).filter(|size| *size <= MAX_COMMANDS)?;
        Some(HEAD + commands as usize)
    }

    /// Reads the header from the beginning of a file of `length` bytes.
    ///
    /// # Errors
    /// Why it is none of a program that a deck can be put into.
    pub(crate) fn read(head: &[u8], length: u64) -> Result<Self, &'static str> {
        const CANNOT: &str = "its Mach-O header cannot be read";
        if head.get(..4) != Some(&MAGIC) {
            return Err("it is no Mach-O file of 64 bits");
        }
        let end = Self::size(head).ok_or(CANNOT)?;
        if head.len() < end || length < end as u64 {
            return Err(CUT);
        }
        match word(head, 4) {
            Some(X86_64 | ARM64) => {}
            _ => return Err("it is for another processor than x86_64 and arm64"),
        }
        if word(head, 12) != Some(2) {
            return Err("it is a Mach-O file, and no program");
        }
        let commands = commands(head, end).ok_or(CANNOT)?;
        if commands.iter().any(|command| !KNOWN.iter().any(|(kind, _)| *kind == command.kind)) {
            return Err("it has a load command that this Greenroom does not know");
        }
        Found::look(head, &commands).ok_or(CANNOT)?.header(commands, end, length)
    }

    /// Where what is signed ends: where the signature begins, or the file's end.
    pub(crate) fn code_end(&self) -> u64 {
        self.signature.map_or(self.length, |signature| signature.at)
    }

    /// Sets to zero what a signer changes: the place of the signature, and the size of `__LINKEDIT`, which holds it. So a packed talk
    /// that is signed by somebody is still the same to its checksum.
    pub(crate) fn without_signer(&self, head: &mut [u8]) {
        let _ = put(head, self.linkedit.command + 32, &[0; 8]);
        let _ = put(head, self.linkedit.command + 48, &[0; 8]);
        if let Some(signature) = self.signature {
            let _ = put(head, signature.command + 8, &[0; 8]);
        }
    }

    /// Moves each offset of the commands that points to `from` or behind it by `distance`; none when one would not fit. Segments are
    /// not among them.
    pub(crate) fn shift(&self, head: &mut [u8], from: u64, distance: i64) -> Option<()> {
        for command in &self.commands {
            let (_, offsets) = KNOWN.iter().find(|(kind, _)| *kind == command.kind)?;
            for offset in offsets.iter().filter(|offset| **offset + 4 <= command.size) {
                let old = u64::from(word(head, command.at + offset)?);
                if old >= from {
                    let new = u32::try_from(old.checked_add_signed(distance)?).ok()?;
                    put(head, command.at + offset, &new.to_le_bytes())?;
                }
            }
        }
        Some(())
    }
}

/// The commands of a header; none when they do not follow each other up to its end.
fn commands(head: &[u8], end: usize) -> Option<Vec<Command>> {
    let count = word(head, 16)?;
    let (mut commands, mut at) = (Vec::new(), HEAD);
    for _ in 0..count {
        let (kind, size) = (word(head, at)?, word(head, at + 4)? as usize);
        if size < 8 || !size.is_multiple_of(8) || size > end.checked_sub(at)? {
            return None;
        }
        commands.push(Command { kind, at, size });
        at += size;
    }
    (at == end).then_some(commands)
}

/// What is looked for among the commands.
#[derive(Default)]
struct Found {
    segments: Vec<([u8; 16], Segment)>,
    signature: Option<Signature>,
    first: Option<u64>,
}

impl Found {
    fn look(head: &[u8], commands: &[Command]) -> Option<Self> {
        let mut found = Self::default();
        for command in commands {
            match command.kind {
                SEGMENT_64 => found.segment(head, *command)?,
                CODE_SIGNATURE if found.signature.is_some() => return None,
                CODE_SIGNATURE => {
                    let number = |at| word(head, command.at + at).map(u64::from);
                    let (at, length) = (number(8)?, number(12)?);
                    found.signature = Some(Signature { command: command.at, at, length });
                }
                _ => {}
            }
        }
        Some(found)
    }

    fn segment(&mut self, head: &[u8], command: Command) -> Option<()> {
        let name = head.get(command.at + 8..command.at + 24)?.try_into().ok()?;
        let number = |at| long(head, command.at + at);
        let segment = Segment {
            command: command.at,
            address: number(24)?,
            memory: number(32)?,
            at: number(40)?,
            length: number(48)?,
        };
        segment.ends()?;
        let sections = word(head, command.at + 64)? as usize;
        if sections.checked_mul(80)?.checked_add(72)? != command.size {
            return None;
        }
        for index in 0..sections {
            let at = u64::from(word(head, command.at + 72 + index * 80 + 48)?);
            if at > 0 {
                self.first = Some(self.first.map_or(at, |first| first.min(at)));
            }
        }
        self.segments.push((name, segment));
        Some(())
    }

    fn named(&self, name: &[u8]) -> Option<Segment> {
        let mut found = self.segments.iter().filter(|(own, _)| own.strip_prefix(name).is_some_and(is_zero));
        // Two of a name are none.
        found.next().filter(|_| found.next().is_none()).map(|(_, segment)| *segment)
    }

    fn header(self, commands: Vec<Command>, end: usize, length: u64) -> Result<Header, &'static str> {
        let linkedit = self.named(b"__LINKEDIT").ok_or("it has no segment __LINKEDIT")?;
        let text = self.named(b"__TEXT").filter(|text| text.at == 0).ok_or("it has no segment __TEXT")?;
        if !linkedit.at.is_multiple_of(4096) || !linkedit.address.is_multiple_of(4096) {
            return Err("its segment __LINKEDIT does not begin with a page");
        }
        let (file_end, _) = linkedit.ends().ok_or(CUT)?;
        if file_end > length {
            return Err(CUT);
        }
        if file_end < length {
            return Err("something was appended to it");
        }
        let last = |segment: &Segment| {
            segment.command == linkedit.command
                || segment.ends().is_some_and(|(file, memory)| {
                    (segment.length == 0 || file <= linkedit.at) && memory <= linkedit.address
                })
        };
        if !self.segments.iter().all(|(_, segment)| last(segment)) {
            return Err("its segment __LINKEDIT is not the last one");
        }
        let signature = self.signature;
        let at_end = |it: &Signature| it.at >= linkedit.at && it.at.checked_add(it.length) == Some(length);
        if !signature.as_ref().is_none_or(at_end) {
            return Err("its signature is not at its end");
        }
        let first = self.first.unwrap_or(text.length).min(linkedit.at);
        let deck = self.named(SEGMENT);
        Ok(Header { commands, end, first, text, linkedit, signature, deck, length })
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// The bytes between the commands and what follows them, when there are none but zeros.
pub(super) fn room(header: &Header, file: &[u8]) -> Option<u64> {
    let end = usize::try_from(header.first).ok()?;
    let free = file.get(header.end..end)?;
    is_zero(free).then_some(free.len() as u64)
}

/// `length` in whole pages.
pub(super) fn pages(length: u64) -> Option<u64> {
    round_up(length, super::PAGE)
}
