//! Which slide of a deck that was read again is the one that showed.

use std::sync::Arc;

use crate::deck::{Deck, Slide};

/// Whether the two say the same: a demo that writes a file in the deck's folder changes nothing.
pub fn same_deck(old: &Deck, new: &Deck) -> bool {
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
pub fn same_slide(old: &[Arc<Slide>], new: &[Arc<Slide>], at: usize) -> usize {
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
    use crate::deck::{Origin, SlideKind, Text};

    fn deck(titles: &[&str]) -> Vec<Arc<Slide>> {
        let slide = |title: &&str| {
            Arc::new(Slide {
                kind: SlideKind::Content,
                section: None,
                title: Text::plain(*title),
                body: Vec::new(),
                notes: String::new(),
                last_step: 0,
                footer: true,
                budget: None,
                origin: Origin::default(),
                problems: Vec::new(),
            })
        };
        titles.iter().map(slide).collect()
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
