//! The overview: a list of the slides by section, and which of them is selected; typing keeps those that have what is typed.

use crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};

use super::keys::{OVERVIEW, OverviewKey};
use super::{Mode, Talk};
use crate::keys::Key;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, SlideKind};

/// Rows above the list.
const HEADER: u16 = 2;
/// From this size on a slide is shown beside the list.
const PREVIEW: Size = Size { columns: 64, rows: 10 };
/// What can be typed, in bytes.
const MOST_TYPED: usize = 100;
/// Slides that the wheel moves by.
const WHEEL: isize = 3;

/// What is selected and typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// The slide that is selected; what is listed may leave it out.
    pub selected: usize,
    /// The slides that have all of these words are listed; all of them when there are none.
    pub typed: String,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverviewRow {
    /// A section whose divider is not listed, above slides of it that are.
    Heading(usize),
    /// A slide.
    Slide(usize),
}

impl OverviewRow {
    /// The slide, which can be gone to.
    #[must_use]
    pub fn slide(self) -> Option<usize> {
        match self {
            Self::Heading(_) => None,
            Self::Slide(slide) => Some(slide),
        }
    }
}

impl Overview {
    /// The overview of a talk that shows this slide.
    #[must_use]
    pub fn at(selected: usize) -> Self {
        Self { selected, typed: String::new() }
    }

    /// The rows of the list.
    #[must_use]
    pub fn rows(&self, deck: &Deck) -> Vec<OverviewRow> {
        let listed = listed(deck, &self.typed);
        let mut rows = Vec::with_capacity(listed.len());
        let mut section = None;
        for slide in listed {
            let Some(about) = deck.slides.get(slide) else { continue };
            let divides = matches!(about.kind, SlideKind::Section(_));
            if let Some(number) = about.section.filter(|number| section != Some(*number) && !divides)
                // The only section of a file of Markdown has no divider, and needs no heading.
                && deck.section_start(number).is_some()
            {
                rows.push(OverviewRow::Heading(number));
            }
            section = about.section;
            rows.push(OverviewRow::Slide(slide));
        }
        rows
    }

    /// The slide that is selected among `rows`: the first one of them when what was selected is not listed.
    #[must_use]
    pub fn selected(&self, rows: &[OverviewRow]) -> Option<usize> {
        let slides = || rows.iter().filter_map(|row| row.slide());
        slides().find(|slide| *slide == self.selected).or_else(|| slides().next())
    }

    /// The first row that shows when so many do: the one that is selected stays in the middle, as far as there are rows.
    #[must_use]
    pub fn first_row(&self, rows: &[OverviewRow], height: u16) -> usize {
        let height = usize::from(height);
        let selected = self.selected(rows);
        let at = rows.iter().position(|row| row.slide().is_some() && row.slide() == selected).unwrap_or(0);
        at.saturating_sub(height / 2).min(rows.len().saturating_sub(height))
    }

    /// The slide in this cell of a screen of `size`.
    fn slide_at(&self, rows: &[OverviewRow], size: Size, column: u16, row: u16) -> Option<usize> {
        let (width, height) = list_size(size);
        let row = row.checked_sub(HEADER).filter(|row| *row < height && column < width)?;
        rows.get(self.first_row(rows, height) + usize::from(row))?.slide()
    }

    /// Selects the slide so many further on in the list.
    fn moved(&mut self, rows: &[OverviewRow], by: isize) {
        let slides: Vec<usize> = rows.iter().filter_map(|row| row.slide()).collect();
        let selected = self.selected(rows);
        let at = slides.iter().position(|slide| Some(*slide) == selected).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(slides.len().saturating_sub(1));
        self.selected = slides.get(to).copied().unwrap_or(self.selected);
    }

    /// Selects what was meant by what is typed: the slide of that number, or the first one whose title has all of it.
    fn select_best(&mut self, deck: &Deck) {
        let typed = self.typed.trim().to_lowercase();
        if typed.is_empty() {
            return;
        }
        let rows = self.rows(deck);
        let slides = || rows.iter().filter_map(|row| row.slide());
        let number = typed.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let best = slides()
            .find(|slide| Some(*slide) == number)
            .or_else(|| slides().find(|slide| deck.name(*slide).to_lowercase().contains(&typed)))
            .or_else(|| slides().next());
        self.selected = best.unwrap_or(self.selected);
    }

    /// Selects the first slide of the section before or after the selected slide's.
    fn section(&mut self, deck: &Deck, rows: &[OverviewRow], forward: bool) {
        let section = |slide: usize| deck.slides.get(slide).and_then(|slide| slide.section);
        let slides: Vec<usize> = rows.iter().filter_map(|row| row.slide()).collect();
        let Some(selected) = self.selected(rows) else { return };
        let begins = |at: usize| at == 0 || section(slides[at]) != section(slides[at - 1]);
        let mut starts = (0..slides.len()).filter(|at| begins(*at)).map(|at| slides[at]);
        let to = if forward {
            starts.find(|slide| *slide > selected)
        } else {
            starts.take_while(|slide| *slide < selected).last()
        };
        self.selected = to.unwrap_or(selected);
    }
}

/// Rows of the list, and its columns, on a screen of `size`: a part of it where a slide shows beside, all of it otherwise.
#[must_use]
pub fn list_size(size: Size) -> (u16, u16) {
    let width = if size.columns < PREVIEW.columns || size.rows < PREVIEW.rows {
        size.columns
    } else {
        (size.columns * 2 / 5).clamp(34, 64)
    };
    (width, size.rows.saturating_sub(HEADER + 1).max(1))
}

/// The slides whose number, title or section have all words of `typed`; when there are none, those whose title has its letters
/// in this order.
fn listed(deck: &Deck, typed: &str) -> Vec<usize> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let all = 0..deck.slides.len();
    if words.is_empty() {
        return all.collect();
    }
    let name = |slide: usize| deck.name(slide).to_lowercase();
    let section = |slide: usize| {
        let number = deck.slides.get(slide).and_then(|slide| slide.section)?;
        deck.outline.sections.get(number).map(|section| section.title.to_lowercase())
    };
    let has = |slide: &usize| {
        let (number, name, section) = ((slide + 1).to_string(), name(*slide), section(*slide));
        words.iter().all(|word| {
            number == *word
                || name.contains(word)
                || section.as_ref().is_some_and(|section| section.contains(word))
        })
    };
    let found: Vec<usize> = all.clone().filter(has).collect();
    if !found.is_empty() {
        return found;
    }
    let in_order = |slide: &usize| {
        let name = name(*slide);
        let mut letters = name.chars();
        typed.chars().filter(|c| !c.is_whitespace()).all(|wanted| letters.any(|letter| letter == wanted))
    };
    all.filter(in_order).collect()
}

impl Talk {
    /// A key in the overview: letters are typed, arrows move, Enter goes.
    pub(super) fn overview_key(&mut self, key: KeyEvent, mut overview: Overview, now: Elapsed) {
        let rows = overview.rows(&self.deck);
        let page = isize::from(list_size(self.shown.size).1.cast_signed());
        let pressed = Key::pressed(key);
        // What types a character does so once something is typed.
        let asks = |_: &_| pressed.typed().is_none() || overview.typed.is_empty();
        let asked = OVERVIEW.find_over(&self.keymap, pressed).filter(asks).map(|action| action.handler);
        match asked {
            Some(OverviewKey::Close) => return,
            Some(OverviewKey::Go) => return self.choose(overview, now),
            Some(OverviewKey::Slides(by)) => overview.moved(&rows, by),
            Some(OverviewKey::Pages(pages)) => overview.moved(&rows, pages.saturating_mul(page)),
            Some(OverviewKey::Section(forward)) => overview.section(&self.deck, &rows, forward),
            Some(OverviewKey::Clear) => overview.typed.clear(),
            None if key.code == KeyCode::Esc => return,
            None if key.code == KeyCode::Backspace => {
                overview.typed.pop();
                overview.select_best(&self.deck);
            }
            None => {
                if let Some(c) = pressed.typed().filter(|_| overview.typed.len() < MOST_TYPED) {
                    overview.typed.push(c);
                    overview.select_best(&self.deck);
                }
            }
        }
        self.mode = Mode::Overview(overview);
    }

    /// Goes to the slide that is selected; stays when nothing is listed.
    fn choose(&mut self, overview: Overview, now: Elapsed) {
        match overview.selected(&overview.rows(&self.deck)) {
            Some(slide) => self.jump(slide, now),
            None => self.mode = Mode::Overview(overview),
        }
    }

    pub(super) fn overview_mouse(&mut self, mouse: MouseEvent, mut overview: Overview, now: Elapsed) {
        let rows = overview.rows(&self.deck);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let slide = overview.slide_at(&rows, self.shown.size, mouse.column, mouse.row);
                if let Some(slide) = slide {
                    self.mode = Mode::Slide;
                    return self.jump(slide, now);
                }
            }
            MouseEventKind::ScrollDown => overview.moved(&rows, WHEEL),
            MouseEventKind::ScrollUp => overview.moved(&rows, -WHEEL),
            _ => {}
        }
        self.mode = Mode::Overview(overview);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_parse as parse;

    fn deck() -> Deck {
        let files = MemoryFiles::new()
            .with(
                "talk.yaml",
                "title: T\nsections:\n- {title: Threads, file: a.md}\n- {title: The end, file: b.md}\n",
            )
            .with("a.md", "# Locks\n\n---\n\n# Free of locks\n")
            .with("b.md", "# Thanks\n\n---\n\n# 日本語\n");
        parse::deck(&files, "talk.yaml")
    }

    fn typed(text: &str) -> Overview {
        Overview { typed: text.to_owned(), ..Overview::at(0) }
    }

    #[test]
    fn typing_keeps_the_slides_that_have_every_word() {
        use OverviewRow::{Heading, Slide};
        let deck = deck();
        let rows = |text: &str| typed(text).rows(&deck);
        assert_eq!(rows("").len(), 7);
        assert_eq!(rows("LOCKS"), [Heading(0), Slide(2), Slide(3)]);
        assert_eq!(rows("locks free"), [Heading(0), Slide(3)]);
        assert_eq!(rows("thre"), [Slide(1), Slide(2), Slide(3)], "a section's slides");
        assert_eq!(rows("語"), [Heading(1), Slide(6)]);
        assert_eq!(rows("6"), [Heading(1), Slide(5)]);
        assert_eq!(rows("fol"), [Heading(0), Slide(3)], "letters in this order");
        assert_eq!(rows("nothing"), []);
        assert_eq!(typed("nothing").selected(&[]), None);
        for (text, best) in [("threads", 1), ("locks", 2), ("of", 3), ("6", 5), ("end", 4), ("", 0)] {
            let mut overview = typed(text);
            overview.select_best(&deck);
            assert_eq!(overview.selected, best, "{text}");
        }
    }

    #[test]
    fn what_is_selected_stays_in_the_list_and_on_the_screen() {
        let deck = deck();
        let mut overview = typed("locks");
        overview.selected = 6;
        let rows = overview.rows(&deck);
        assert_eq!(overview.selected(&rows), Some(2));
        for (by, at) in [(1, 3), (1, 3), (isize::MIN, 2), (isize::MAX, 3)] {
            overview.moved(&rows, by);
            assert_eq!(overview.selected, at);
        }
        overview.moved(&[], 1);
        let mut overview = Overview::at(0);
        let rows = overview.rows(&deck);
        for at in [1, 4, 4] {
            overview.section(&deck, &rows, true);
            assert_eq!(overview.selected, at);
        }
        for at in [1, 0, 0] {
            overview.section(&deck, &rows, false);
            assert_eq!(overview.selected, at);
        }
        for height in 1..9 {
            for slide in 0..7 {
                let overview = Overview::at(slide);
                let first = overview.first_row(&rows, height);
                let shown = &rows[first..rows.len().min(first + usize::from(height))];
                assert!(shown.contains(&OverviewRow::Slide(slide)), "{slide} of {height} rows");
            }
        }
    }

    #[test]
    fn a_click_chooses_what_is_there() {
        let deck = deck();
        let overview = Overview::at(0);
        let rows = overview.rows(&deck);
        let size = Size { columns: 80, rows: 24 };
        assert_eq!(overview.slide_at(&rows, size, 3, 2), Some(0));
        assert_eq!(overview.slide_at(&rows, size, 3, 4), Some(2));
        assert_eq!(overview.slide_at(&rows, size, 3, 1), None);
        assert_eq!(overview.slide_at(&rows, size, 70, 4), None);
        assert_eq!(overview.slide_at(&rows, size, 3, 23), None);
    }
}
