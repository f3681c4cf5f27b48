//! What becomes of a talk when its deck is read again: whether that is a deck at all, and which of its slides is the one
//! that showed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::{Place, StageEffect, Talk, pace};
use greenroom_base::clock::Elapsed;
use greenroom_base::counted::counted;
use greenroom_base::diag::Severity;
use greenroom_base::files::{FileError, Files, normalize};
use greenroom_deck::{Deck, Slide};

/// What is said while the deck cannot be read.
const AWAY: &str = "The deck cannot be read at the moment; showing what was there";
/// At most so many texts that are away are remembered.
const MAX_TEXTS_AWAY: usize = 1000;

/// How much a deck that was read again can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It is a deck, and what shows is in it.
    Good,
    /// Something that shows is not in it, as when a file is read while it is being written: read it twice.
    Doubtful,
    /// Its outline or one of its texts is away, empty or no outline at all: what shows stays.
    Away,
}

/// A deck's files while it is read: they remember which of its texts were away or empty.
pub struct Texts<'a> {
    files: &'a dyn Files,
    entry: &'a str,
    away: Mutex<BTreeSet<String>>,
}

impl<'a> Texts<'a> {
    /// The files of the deck that begins with `entry`.
    #[must_use]
    pub fn new(files: &'a dyn Files, entry: &'a str) -> Self {
        Self { files, entry, away: Mutex::default() }
    }

    /// The texts that were asked for, and were away or empty.
    #[must_use]
    pub fn away(self) -> BTreeSet<String> {
        self.away.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files for Texts<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Bytes, FileError> {
        let result = self.files.read(path, limit);
        let gone = match &result {
            Ok(bytes) => bytes.trim_ascii().is_empty(),
            Err(error) => matches!(error, FileError::Missing | FileError::Unreadable(_)),
        };
        if gone && (path == self.entry || is_text(path)) {
            let mut away = self.away.lock().unwrap_or_else(PoisonError::into_inner);
            if away.len() < MAX_TEXTS_AWAY {
                away.insert(normalize(path).unwrap_or_else(|| path.to_owned()));
            }
        }
        result
    }

    fn head(&self, path: &str, count: usize) -> Result<Bytes, FileError> {
        self.files.head(path, count)
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        self.files.list(path)
    }

    fn is_executable(&self, path: &str) -> bool {
        self.files.is_executable(path)
    }
}

/// Whether the file at `path` is Markdown, by its name.
fn is_text(path: &str) -> bool {
    let end = std::path::Path::new(path).extension().and_then(|end| end.to_str());
    end.is_some_and(|end| end.eq_ignore_ascii_case("md") || end.eq_ignore_ascii_case("markdown"))
}

/// How much `new` can be relied on, read while `old` shows at `at`; these texts of it were `away`.
///
/// A text that `old` has nothing of may be away for good: it is written later. Every other mistake belongs to the new
/// deck, and is shown on its slide.
#[must_use]
pub(crate) fn judge(old: &Deck, new: &Deck, at: Place, away: &BTreeSet<String>) -> Reading {
    let shows = |path: &String| {
        let of = |slide: &Arc<Slide>| normalize(&slide.origin.file).as_ref() == Some(path);
        old.slides.iter().any(of)
    };
    let no_outline = !old.outline.sections.is_empty() && new.outline.sections.is_empty();
    if no_outline || away.iter().any(shows) {
        return Reading::Away;
    }
    let panes = |deck: &Deck| (0..deck.slides.len()).map(|slide| deck.panes(slide).len()).sum::<usize>();
    let slide = same_slide(&old.slides, &new.slides, at.slide);
    let same = match (old.slides.get(at.slide), new.slides.get(slide)) {
        (Some(old), Some(new)) => {
            (old.title == new.title || old.body == new.body) && at.step <= new.last_step
        }
        _ => false,
    };
    if !same || new.slides.len() < old.slides.len() || panes(new) < panes(old) {
        return Reading::Doubtful;
    }
    Reading::Good
}

impl Talk {
    /// How much `deck`, read again, can be relied on; these texts of it were `away`.
    #[must_use]
    pub fn judge(&self, deck: &Deck, away: &BTreeSet<String>) -> Reading {
        judge(&self.deck, deck, self.shown.place, away)
    }

    /// The deck cannot be read: what shows stays, and that is said.
    pub(super) fn away(&mut self, now: Elapsed) {
        (self.asked_again, self.deck_away) = (false, true);
        self.notify(AWAY, now);
    }

    /// The deck was read again: the slide that shows and what runs on it stay, if they are still there.
    pub(super) fn reloaded(&mut self, deck: Arc<Deck>, now: Elapsed) {
        let asked = std::mem::take(&mut self.asked_again);
        let back = std::mem::take(&mut self.deck_away);
        if !asked && same_deck(&self.deck, &deck) {
            self.deck = deck;
            self.made = pace::OnceMade::default();
            self.show_again(self.shown.place);
            if back {
                self.notify("The deck is back", now);
            }
            // A picture may have changed.
            return self.ask_stage(StageEffect::Moved(self.shown.place));
        }
        let slide = same_slide(&self.deck.slides, &deck.slides, self.shown.place.slide);
        let errors = deck.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        let old = std::mem::replace(&mut self.deck, deck);
        self.made = pace::OnceMade::default();
        self.transition = None;
        let step = self.shown.place.step.min(self.deck.slides[slide].last_step);
        self.show_again(Place { slide, step });
        self.shown_of(&old);
        self.rearrange_panes(&old, now);
        if errors > 0 {
            let errors = counted(errors, "problem");
            self.notify(format!("Reloaded with {errors}: greenroom check lists what is wrong"), now);
        } else {
            self.notify("Reloaded", now);
        }
        self.ask_stage(StageEffect::Moved(self.shown.place));
    }
}

/// Whether the two say the same: a demo that writes a file in the deck's folder changes nothing.
pub(crate) fn same_deck(old: &Deck, new: &Deck) -> bool {
    let alike = |(a, b): (&Arc<Slide>, &Arc<Slide>)| {
        a.title == b.title
            && a.body == b.body
            && a.kind == b.kind
            && a.notes == b.notes
            && a.footer == b.footer
    };
    old.outline == new.outline
        && old.theme == new.theme
        && old.problems == new.problems
        && old.slides.len() == new.slides.len()
        && old.slides.iter().zip(&new.slides).all(alike)
}

/// The index in `new` of what is slide `at` of `old`: what stands before the first and after the last
/// difference keeps its place from that end; between them, a slide is known by its title, else by its place.
pub(crate) fn same_slide(old: &[Arc<Slide>], new: &[Arc<Slide>], at: usize) -> usize {
    let alike = |a: &Arc<Slide>, b: &Arc<Slide>| a.title == b.title && a.body == b.body && a.kind == b.kind;
    let before = old.iter().zip(new).take_while(|(a, b)| alike(a, b)).count();
    let shorter = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| alike(a, b)).count().min(shorter);
    let index = if at < before {
        at
    } else if at >= old.len() - after {
        new.len() - (old.len() - at)
    } else {
        let last = (new.len() - after).saturating_sub(1).max(before);
        let same_title = |index: &usize| {
            new.get(*index).is_some_and(|slide| !slide.title.is_empty() && slide.title == old[at].title)
        };
        (before..=last).find(same_title).unwrap_or(at.clamp(before, last))
    };
    index.min(new.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::Msg;
    use greenroom_base::files::MemoryFiles;
    use greenroom_deck::{Origin, SlideKind, Text};
    use greenroom_parse as parse;

    fn deck(titles: &[&str]) -> Vec<Arc<Slide>> {
        let slide = |title: &&str| {
            Arc::new(Slide {
                kind: SlideKind::Content,
                section: None,
                title: Text::plain(*title),
                body: Vec::new(),
                notes: String::new(),
                note_figures: Vec::new(),
                last_step: 0,
                footer: true,
                budget: None,
                transition: None,
                origin: Origin::default(),
                problems: Vec::new(),
            })
        };
        titles.iter().map(slide).collect()
    }

    const OUTLINE: &str = "title: T\nsections:\n- {title: A, file: a.md}\n- {title: B, file: b.md}\n";
    const A: &str = "# One\n\nx\n\n---\n\n# Two\n\n```pane\ncommand: [a]\n```\n";
    const B: &str = "# Three\n\n1\n\n<!-- pause -->\n\n2\n\n<!-- pause -->\n\n3\n";

    fn read(files: &MemoryFiles) -> (Deck, BTreeSet<String>) {
        let texts = Texts::new(files, "talk.yaml");
        let deck = parse::deck(&texts, "talk.yaml");
        (deck, texts.away())
    }

    fn files() -> MemoryFiles {
        MemoryFiles::new().with("talk.yaml", OUTLINE).with("a.md", A).with("b.md", B)
    }

    #[test]
    fn stage_11_a_deck_that_is_away_is_told_from_one_with_a_mistake() {
        let old = read(&files()).0;
        // Slides: title, section, One, Two, section, Three.
        let at = |slide, step, files| {
            let (new, away) = read(&files);
            judge(&old, &new, Place { slide, step }, &away)
        };
        assert_eq!(at(3, 0, files()), Reading::Good);
        assert_eq!(at(3, 0, files().with("a.md", A.replace('x', "y"))), Reading::Good, "edited");
        assert_eq!(
            at(3, 0, files().with("a.md", format!("{A}\n![](gone.png)\n"))),
            Reading::Good,
            "a mistake"
        );
        let without = |gone: &str| {
            let all = [("talk.yaml", OUTLINE), ("a.md", A), ("b.md", B)];
            all.into_iter()
                .filter(|(name, _)| *name != gone)
                .fold(MemoryFiles::new(), |files, (name, text)| files.with(name, text))
        };
        for gone in ["talk.yaml", "a.md", "b.md"] {
            assert_eq!(at(3, 0, without(gone)), Reading::Away, "{gone} is missing");
            for text in ["", "\n", " \r\n\t"] {
                assert_eq!(at(3, 0, files().with(gone, text)), Reading::Away, "{gone} is {text:?}");
            }
        }
        for broken in
            ["title: [", "\u{0}", "title: T\nsections: {", "title: T", "<<<<<<< HEAD\ntitle: T\n=======\n"]
        {
            assert_eq!(at(3, 0, files().with("talk.yaml", broken)), Reading::Away, "{broken:?}");
        }
        // Cut off while it is being written, wherever that is: never taken at its word where something is lost.
        for (name, text, slide, step) in [("talk.yaml", OUTLINE, 5, 2), ("a.md", A, 3, 0), ("b.md", B, 5, 2)]
        {
            for end in (0..text.trim_end().len()).filter(|end| text.is_char_boundary(*end)) {
                let (new, away) = read(&files().with(name, text[..end].to_owned()));
                let reading = judge(&old, &new, Place { slide, step }, &away);
                let kept = same_slide(&old.slides, &new.slides, slide);
                let whole = kept == slide && step <= new.slides[kept].last_step && new.panes(3).len() == 1;
                assert!(reading != Reading::Good || whole, "{name} cut off at {end}: {reading:?}");
            }
        }
    }

    #[test]
    fn stage_11_a_text_that_was_never_there_holds_nothing_up() {
        let outline = format!("{OUTLINE}- {{title: C, file: c.md}}\n");
        let (old, away) = read(&files().with("talk.yaml", outline.clone()));
        assert_eq!(away.into_iter().collect::<Vec<_>>(), ["c.md"]);
        let (new, away) = read(&files().with("talk.yaml", outline).with("a.md", format!("{A}\nmore\n")));
        assert_eq!(judge(&old, &new, Place::default(), &away), Reading::Good);
        // A section that is taken out of the outline goes, after a second look.
        let one = "title: T\nsections:\n- {title: A, file: a.md}\n";
        let (new, away) = read(&MemoryFiles::new().with("talk.yaml", one).with("a.md", A));
        assert_eq!(judge(&old, &new, Place { slide: 3, step: 0 }, &away), Reading::Doubtful);
    }

    #[test]
    fn stage_11_a_talk_keeps_its_place_while_its_deck_is_away() {
        let deck = Arc::new(read(&files()).0);
        let size = greenroom_base::run::Size { columns: 80, rows: 24 };
        let mut talk = Talk::new(Arc::clone(&deck), size, super::super::Settings::default());
        talk.resume(Place { slide: 5, step: 2 });
        let at = Elapsed::from_secs;
        talk.update(Msg::DeckAway, at(10));
        assert_eq!(talk.next_effect(), None);
        assert_eq!((talk.place(), talk.notice(at(11))), (Place { slide: 5, step: 2 }, Some(AWAY)));
        assert_eq!(talk.notice(at(20)), None, "one calm line, and not for ever");
        talk.update(Msg::DeckAway, at(20));
        assert_eq!(talk.notice(at(21)), Some(AWAY), "renewed");
        talk.update(Msg::Reloaded(deck), at(22));
        assert_eq!(
            (talk.place(), talk.notice(at(22))),
            (Place { slide: 5, step: 2 }, Some("The deck is back"))
        );
    }

    #[test]
    fn the_slide_being_edited_stays() {
        let old = deck(&["a", "b", "c", "d"]);
        let at = |new: &[&str], slide| same_slide(&old, &deck(new), slide);
        assert_eq!(at(&["a", "b", "C", "d"], 2), 2, "edited itself");
        assert_eq!(at(&["a", "x", "y", "b", "c", "d"], 2), 4, "two came before");
        assert_eq!(at(&["b", "c", "d"], 3), 2, "one before went");
        assert_eq!(at(&["a", "b", "d"], 2), 2, "it went itself");
        assert_eq!(at(&["a", "x", "c", "y"], 2), 2, "known by its title");
        assert_eq!(at(&["x", "y", "c", "z"], 2), 2);
        assert_eq!(at(&["a"], 3), 0);
        assert_eq!(at(&["a", "b", "c", "d"], 1), 1);
    }
}
