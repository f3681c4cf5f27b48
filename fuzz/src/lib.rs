//! What the targets share: an input's knobs, the bound on what an input may cost, and what must hold of whatever is shown.

pub mod both;

use std::borrow::Cow;
use std::time::Duration;

use greenroom_base::diag::Diagnostic;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_base::text;
use greenroom_deck::{Deck, Theme};
use ratatui::buffer::Buffer;
use rustix::time::{ClockId, clock_gettime};

/// What one input may take of the processor, however it is written. Coverage and a low level of optimisation make everything three to
/// five times as slow as it is in the program.
pub const MOST_TIME: Duration = Duration::from_secs(1);

/// The choices that an input makes besides its text. They are its last bytes, so that a file of a deck is a good input as it is.
#[derive(Clone, Copy)]
pub struct Knobs<'a>(&'a [u8]);

impl<'a> Knobs<'a> {
    /// Those of `data`.
    pub fn of(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// The next choice.
    pub fn byte(&mut self) -> u8 {
        let Some((last, rest)) = self.0.split_last() else { return 0 };
        self.0 = rest;
        *last
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u16) -> u16 {
        (u16::from(self.byte()) << 8 | u16::from(self.byte())) % end.max(1)
    }

    /// A size from `1x1` on; often one that people have.
    pub fn size(&mut self, most: Size) -> Size {
        match self.byte() {
            0..32 => Size { columns: 80, rows: 24 },
            32..64 => Size { columns: 120, rows: 35 },
            _ => Size { columns: 1 + self.below(most.columns), rows: 1 + self.below(most.rows) },
        }
    }

    /// What is left.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// What is left, as text.
    pub fn text(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }

    /// What is left, in pieces whose lengths are chosen as well.
    pub fn pieces(mut self) -> impl Iterator<Item = &'a [u8]> {
        let seed = self.byte();
        let mut rest = self.0;
        let mut state = u32::from(seed) | 1;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let length = match seed {
                0 => rest.len(),
                _ => 1 + (state >> 24) as usize % usize::from(seed),
            };
            let (now, later) = rest.split_at(length.min(rest.len()));
            rest = later;
            Some(now)
        })
    }
}

/// Does `work`, and fails when that takes more of the processor than an input may. The time that others take does not count.
pub fn bounded<T>(work: impl FnOnce() -> T) -> T {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let began = now();
    let made = work();
    let spent = now().saturating_sub(began);
    assert!(spent < MOST_TIME, "it took {spent:?} of the processor");
    made
}

/// Whether `c` is one that a terminal obeys, or that turns the direction of writing.
pub fn is_foreign(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Nothing but characters is in the cells.
pub fn plain_cells(cells: &Buffer) {
    for cell in &cells.content {
        assert!(!cell.symbol().chars().any(|c| c.is_control()), "a cell holds {:?}", cell.symbol());
    }
}

/// What is said of files is in their lines, and commands no terminal.
pub fn sound(problems: &[Diagnostic], files: &MemoryFiles) {
    for problem in problems {
        let words = std::iter::once(&problem.message).chain(&problem.hint);
        for words in words {
            assert!(!words.chars().any(|c| is_foreign(c) && c != '\n'), "foreign characters in {words:?}");
        }
        let Some(place) = &problem.place else { continue };
        assert!(place.length > 0, "{problem:?}");
        if let Ok((source, _)) = text::read(files, &place.file, u64::MAX) {
            let line = place.line.checked_sub(1).and_then(|line| source.text.split('\n').nth(line));
            let Some(line) = line else { panic!("{} has no such line: {problem:?}", place.file) };
            let columns = line.chars().count() + 1;
            assert!((1..=columns).contains(&place.column), "{columns} columns: {problem:?}");
        } else {
            assert_eq!((place.line, place.column), (1, 1), "a file that is not there: {problem:?}");
        }
        let _ = problem.render(false);
    }
}

/// A deck that was read has slides, and what is said of it is sound.
pub fn sound_deck(deck: &Deck, files: &MemoryFiles) {
    assert!(!deck.slides.is_empty(), "a deck without slides");
    sound(&deck.problems, files);
    for slide in &deck.slides {
        sound(&slide.problems, files);
        assert!(slide.origin.line >= 1 && slide.origin.end >= slide.origin.line, "{:?}", slide.origin);
        if let Ok((source, _)) = text::read(files, &slide.origin.file, u64::MAX) {
            let lines = source.text.split('\n').count();
            assert!(
                slide.origin.line <= lines && slide.origin.end <= lines + 1,
                "{lines}: {:?}",
                slide.origin
            );
        }
    }
}

/// The files that a deck's text may name.
pub fn beside() -> MemoryFiles {
    MemoryFiles::new()
        .with("x.py", "# region r\ndef f(x):\n    return x  # snippet\n# endregion\n")
        .with("x.svg", "<svg viewBox='0 0 4 3'/>")
        .with("x.png", &include_bytes!("../corpus/image/dot.png")[..])
        .with("y.md", "inner\n\n---\n\n<!-- include: x.md -->\n")
        .with("a.md", "# A\n\n```pane\ndemo: lab\n```\n")
        .with("x.cast", "{\"version\": 2, \"width\": 20, \"height\": 4}\n[0.1, \"o\", \"hello\"]\n")
        .with("x.yaml", "extends: dark\n")
}

/// The theme that targets draw in.
pub fn dark() -> Theme {
    greenroom_parse::builtin_theme("dark").expect("it is built in")
}
