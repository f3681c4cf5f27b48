//! What the program says about its own file.

/// Bytes of a mark's name of a version.
const VERSION_LENGTH: usize = 16;

/// What the program says about its own file, in [`DeckMarker::LENGTH`] bytes:
///
/// | bytes | what |
/// |---|---|
/// | 25 | a name to find it by |
/// | 8 | a state: whether a payload is there |
/// | 8 | where it begins in the file, little-endian |
/// | 8 | its length, the footer included |
/// | 32 | SHA-256 of the built-in talk, as [`super::content()`] works it out: what a packed deck may leave out |
/// | 16 | the program's version, filled up with zeros |
///
/// Before format 4 it was 41 bytes long, with other words for its states, and the payload went to the file's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeckMarker(pub(super) [u8; Self::LENGTH]);

/// It is changed in the copy of the program's file that `pack` writes, never in memory.
#[used]
static MARK: DeckMarker = DeckMarker::new(*b"greenroom: a deck inside?");

/// The state of a program without a payload.
const VACANT: [u8; 8] = *b"-vacant-";
/// The state of one with a payload.
const PACKED: [u8; 8] = *b"-packed-";

/// Where a payload is in a program's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub at: u64,
    /// Its bytes, the footer included.
    pub length: u64,
}

/// What the mark of a program's file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It has room for a deck.
    Vacant,
    /// It has one.
    Packed,
    /// It has the mark that Greenroom had before format 4, with a deck or without.
    Old {
        /// Whether it has a deck.
        packed: bool,
    },
    /// None that Greenroom writes.
    Unknown,
}

impl DeckMarker {
    /// Bytes of a mark.
    pub const LENGTH: usize = Self::VERSION + VERSION_LENGTH;
    pub(super) const NAME: usize = 25;
    const AT: usize = Self::NAME + 8;
    const SIZE: usize = Self::AT + 8;
    pub(super) const TALK: usize = Self::SIZE + 8;
    const VERSION: usize = Self::TALK + 32;

    /// That of a program without a payload. Its name is an argument, so that it stands in the program's file once.
    const fn new(name: [u8; Self::NAME]) -> Self {
        let mut mark = [0; Self::LENGTH];
        let (talk, version) = (env!("GREENROOM_BUILT_IN").as_bytes(), env!("CARGO_PKG_VERSION").as_bytes());
        assert!(talk.len() == 64 && version.len() <= VERSION_LENGTH, "they must fit");
        // A constant is worked out with `while` alone.
        let mut at = 0;
        while at < Self::LENGTH {
            mark[at] = if at < Self::NAME {
                name[at]
            } else if at < Self::AT {
                VACANT[at - Self::NAME]
            } else if at >= Self::TALK && at < Self::VERSION {
                let digit = 2 * (at - Self::TALK);
                16 * nibble(talk[digit]) + nibble(talk[digit + 1])
            } else if at >= Self::VERSION && at - Self::VERSION < version.len() {
                version[at - Self::VERSION]
            } else {
                0
            };
            at += 1;
        }
        Self(mark)
    }

    /// That of the program that runs.
    #[must_use]
    pub fn of_this_program() -> Self {
        // SAFETY: a static can always be read. The read is volatile because the compiler must not take the bytes
        // from the source: those in the file may be others.
        unsafe { std::ptr::read_volatile(&raw const MARK) }
    }

    /// The one that begins at `at` of a file.
    pub(super) fn read(file: &[u8], at: usize) -> Option<Self> {
        let bytes = file.get(at..at.checked_add(Self::LENGTH)?)?;
        bytes.try_into().ok().map(Self)
    }

    /// Where the payload is; none when there is none. Whatever is not exactly a mark without a payload is taken
    /// for one with a payload, so that a changed mark is noticed.
    #[must_use]
    pub fn payload(self) -> Option<Place> {
        let place = Place { at: self.number(Self::AT), length: self.number(Self::SIZE) };
        let vacant = self.0[Self::NAME..Self::AT] == VACANT && place == Place { at: 0, length: 0 };
        (!vacant).then_some(place)
    }

    /// What it tells, of a program whose mark may be anything.
    pub(super) fn state(self) -> State {
        let state = &self.0[Self::NAME..Self::AT];
        if self.payload().is_none() {
            State::Vacant
        } else if state == PACKED {
            State::Packed
        } else if state == b"unpacked" || state == b"packed->" {
            State::Old { packed: state == b"packed->" }
        } else {
            State::Unknown
        }
    }

    /// The same with a payload.
    pub(super) fn packed(mut self, place: Place) -> Self {
        self.0[Self::NAME..Self::AT].copy_from_slice(&PACKED);
        self.0[Self::AT..Self::SIZE].copy_from_slice(&place.at.to_le_bytes());
        self.0[Self::SIZE..Self::TALK].copy_from_slice(&place.length.to_le_bytes());
        self
    }

    /// SHA-256 of the talk that is built into its program.
    pub(super) fn talk(&self) -> &[u8] {
        &self.0[Self::TALK..Self::VERSION]
    }

    /// The version of its program, when it is one that can be said.
    pub(super) fn version(&self) -> Option<&str> {
        let bytes = &self.0[Self::VERSION..];
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let version = std::str::from_utf8(bytes.get(..length)?).ok()?;
        (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic())).then_some(version)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// What every mark begins with.
    pub(super) fn name(&self) -> &[u8] {
        &self.0[..Self::NAME]
    }

    fn number(&self, at: usize) -> u64 {
        self.0.get(at..at + 8).and_then(|part| part.try_into().ok()).map_or(0, u64::from_le_bytes)
    }
}

/// The value of a hexadecimal digit, as the build script writes it.
const fn nibble(digit: u8) -> u8 {
    if digit.is_ascii_digit() { digit - b'0' } else { digit - b'a' + 10 }
}
