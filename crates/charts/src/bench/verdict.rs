//! A bench that is over: each variant's figure with its bar, a ratio or a word for the last row, and a sentence in speech.
//!
//! What has no room goes in this order: the size of the ratio, the size of the figures and bars, the space between them,
//! what the figures are of, the bars, what is said of other pairs, variants. The sentence stays.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::BenchLook;
use super::look::{self, Letters, bold, color, cut, ink, mark, muted, put, put_right, wrap};
use super::overview::{alarms, in_short};
use crate::columns;
use greenroom_base::number;
use greenroom_bench::{Headline, RunSummary, Spoken, Unit, VariantSummary};
use greenroom_deck::{Role, Theme};

/// Columns of a sentence that is worth standing beside the ratio.
const BESIDE: u16 = 28;
/// Columns of a bar that is worth drawing.
const MIN_BAR: u16 = 6;
/// Empty columns between two things in a row.
const GAP: u16 = 2;

/// How much room things are given.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    /// The letters of the figures; a row of text without.
    figures: Option<Letters>,
    /// Rows of a variant.
    rows: u16,
    /// Empty rows between variants, and above and below the caption.
    gap: u16,
    /// The letters of the headline; text without.
    head: Option<Letters>,
}

const fn sizes(figures: Option<Letters>, rows: u16, gap: u16, head: Option<Letters>) -> Sizes {
    Sizes { figures, rows, gap, head }
}

/// The largest first.
const ALL: [Sizes; 12] = {
    use Letters::{Close, Large, Small};
    [
        sizes(Some(Large), 5, 1, Some(Large)),
        sizes(Some(Small), 3, 1, Some(Large)),
        sizes(Some(Close), 3, 0, Some(Large)),
        sizes(Some(Small), 3, 1, Some(Small)),
        sizes(Some(Close), 3, 0, Some(Small)),
        sizes(None, 2, 1, Some(Large)),
        sizes(None, 2, 1, Some(Small)),
        sizes(None, 2, 0, Some(Small)),
        sizes(None, 1, 1, Some(Small)),
        sizes(None, 1, 0, Some(Small)),
        sizes(None, 2, 0, None),
        sizes(None, 1, 0, None),
    ]
};

/// What is drawn.
struct Verdict<'a> {
    look: &'a BenchLook<'a>,
    spoken: &'a Spoken,
    theme: &'a Theme,
    figures: Vec<(Option<f64>, number::Number)>,
    /// What is said beside it, with its look.
    beside: Vec<(String, Style)>,
}

/// Draws it into `area`.
pub(super) fn draw(cells: &mut Buffer, area: Rect, look: &BenchLook<'_>, spoken: &Spoken, theme: &Theme) {
    let values = look.view.board().spoken_figures();
    let figures = values.iter().copied().zip(number::alike(&values)).collect();
    let beside = beside(look, area.width.saturating_sub(2), theme);
    let verdict = Verdict { look, spoken, theme, figures, beside };
    let fits = |sizes: &Sizes| {
        verdict.height(area.width, *sizes) <= area.height && verdict.is_wide_enough(area.width, *sizes)
    };
    match ALL.into_iter().find(fits) {
        Some(sizes) => verdict.draw(cells, area, sizes),
        None => verdict.draw_small(cells, area),
    }
}

/// What has to be said beside the verdict, each in at most two rows and with a sign.
fn beside(look: &BenchLook<'_>, width: u16, theme: &Theme) -> Vec<(String, Style)> {
    let mut said = alarms(look, theme);
    let notes = look.view.board().notes();
    said.extend(notes.into_iter().map(|note| (note, theme.style(Role::Warn))));
    let rows = said.into_iter().flat_map(|(text, style)| {
        let mut lines = wrap(&format!("! {text}"), width.saturating_sub(2));
        if lines.len() > 2 {
            lines.truncate(2);
            if let Some(last) = lines.last_mut() {
                *last = left_off(last, width.saturating_sub(2));
            }
        }
        lines
            .into_iter()
            .enumerate()
            .map(move |(at, line)| (if at == 0 { line } else { format!("  {line}") }, style))
    });
    rows.collect()
}

/// `line` with a sign that more would follow: as many of its words as fit beside that. Half a number would be another number.
fn left_off(line: &str, width: u16) -> String {
    let mut kept = line;
    while columns(kept) + columns(" …") > usize::from(width)
        && let Some((before, _)) = kept.rsplit_once(' ')
    {
        kept = before;
    }
    cut(&format!("{kept} …"), width)
}

impl Verdict<'_> {
    fn board(&self) -> &RunSummary {
        self.look.view.board()
    }

    fn count(&self) -> u16 {
        u16::try_from(self.board().sides.len()).unwrap_or(u16::MAX)
    }

    /// Rows of what is said beside it: at most four.
    fn beside_rows(&self) -> u16 {
        u16::try_from(self.beside.len()).unwrap_or(u16::MAX).min(4)
    }

    /// The headline's letters, a line or two.
    fn headline(&self, width: u16, letters: Letters) -> Vec<String> {
        let words = self.spoken.headline.words();
        let beside = width.saturating_sub(BESIDE + GAP + 2);
        if letters.size(&words).0 <= beside || !words.contains(' ') {
            return vec![words];
        }
        // In two lines that are as equal as they can be.
        let whole = words.len();
        let breaks = words.match_indices(' ').map(|(at, _)| at);
        match breaks.min_by_key(|at| (2 * at).abs_diff(whole)).and_then(|at| words.split_at_checked(at)) {
            Some((one, two)) => vec![one.to_owned(), two.trim_start().to_owned()],
            None => vec![words],
        }
    }

    /// The headline's columns and rows.
    fn headline_size(&self, width: u16, letters: Option<Letters>) -> (u16, u16) {
        let Some(letters) = letters else {
            return (u16::try_from(columns(&self.spoken.headline.words()) + 2).unwrap_or(u16::MAX), 1);
        };
        let sizes: Vec<(u16, u16)> =
            self.headline(width, letters).iter().map(|line| letters.size(line)).collect();
        let wide = sizes.iter().map(|(wide, _)| *wide).max().unwrap_or(0);
        (wide, sizes.iter().map(|(_, high)| *high).sum())
    }

    /// The sentences in lines of `width`, with their look.
    fn sentences(&self, width: u16) -> Vec<(String, Style)> {
        self.sentences_of(width, self.spoken.others.len())
    }

    /// The sentence, and so many of the others.
    fn sentences_of(&self, width: u16, others: usize) -> Vec<(String, Style)> {
        let first = match self.spoken.headline {
            Headline::NoVerdict(_) => self.theme.style(Role::Warn).add_modifier(Modifier::BOLD),
            _ => self.theme.style(Role::Strong),
        };
        let lines = wrap(&self.spoken.sentence, width).into_iter().map(|line| (line, first));
        let others = wrap(&self.spoken.others[..others].join(" "), width);
        lines.chain(others.into_iter().map(|line| (line, self.theme.style(Role::Text)))).collect()
    }

    /// Where the sentences stand beside the headline, and otherwise below it: column, width, and rows of both together.
    fn spoken_room(&self, width: u16, sizes: Sizes) -> (u16, u16, u16) {
        let (wide, high) = self.headline_size(width, sizes.head);
        let rows = |width: u16| u16::try_from(self.sentences(width).len()).unwrap_or(u16::MAX);
        let left = width.saturating_sub(wide + GAP + 2);
        if left >= BESIDE || sizes.head.is_none() && left >= BESIDE / 2 {
            return (wide + GAP, left, high.max(rows(left)));
        }
        let whole = width.saturating_sub(2);
        (0, whole, high.saturating_add(rows(whole)))
    }

    fn height(&self, width: u16, sizes: Sizes) -> u16 {
        let count = self.count();
        let variants = count.saturating_mul(sizes.rows) + count.saturating_sub(1) * sizes.gap;
        let (.., spoken) = self.spoken_room(width, sizes);
        let beside = self.beside_rows();
        // The caption, and an empty row above what is said.
        variants.saturating_add(2 + spoken + beside + u16::from(beside > 0) * sizes.gap)
    }

    /// Columns of the names, of the figures, and of a bar that is whole.
    fn columns(&self, width: u16, figures: Option<Letters>) -> (u16, u16, u16) {
        let wide = |side: &VariantSummary| columns(&side.name).max(columns(&self.small_print(side).0));
        let longest = self.board().sides.iter().map(wide).max().unwrap_or(0);
        let most = (width * 2 / 5).max(8);
        let names = u16::try_from(longest + 2).unwrap_or(u16::MAX).min(most);
        let of = |shown: &number::Number| match figures {
            Some(letters) => letters.size(&shown.in_blocks()).0,
            None => u16::try_from(columns(shown)).unwrap_or(u16::MAX),
        };
        let figures = self.figures.iter().map(|(_, shown)| of(shown)).max().unwrap_or(0);
        let bar = width.saturating_sub(names + figures + 2 * GAP + 2);
        (names, figures, bar)
    }

    fn is_wide_enough(&self, width: u16, sizes: Sizes) -> bool {
        let in_blocks =
            self.figures.iter().all(|(_, shown)| look::has_blocks(&shown.in_blocks()) || **shown == *"–");
        let head = look::has_blocks(&self.spoken.headline.words());
        let (wide, _) = self.headline_size(width, sizes.head);
        let (.., bar) = self.columns(width, sizes.figures);
        (sizes.figures.is_none() || in_blocks && bar >= 2 * MIN_BAR)
            && (sizes.head.is_none() || head && wide <= width.saturating_sub(2))
    }

    fn draw(&self, cells: &mut Buffer, area: Rect, sizes: Sizes) {
        let spare = area.height.saturating_sub(self.height(area.width, sizes));
        // Digits do not touch the frame above them where a row is to spare.
        let top = (spare / 3).clamp(spare.min(1), 2);
        let part =
            |y: u16| Rect { y: area.y + y.min(area.height), height: area.height.saturating_sub(y), ..area };
        let mut y = top;
        for n in 0..self.board().sides.len() {
            self.variant(cells, part(y), n, sizes);
            y += sizes.rows + sizes.gap;
        }
        y -= sizes.gap;
        self.caption(cells, part(y));
        // What is left stands between the figures and what is said of them.
        y += 2 + (spare - top) / 2;
        let (.., rows) = self.spoken_room(area.width, sizes);
        self.say(cells, part(y), sizes);
        let beside = self.beside_rows();
        let below = (y + rows + sizes.gap).min(area.height.saturating_sub(beside));
        self.say_beside(cells, part(below), beside);
    }

    /// As much as there is room for, in this order: the sentence, what has to be said beside it, variants in a row each, other pairs.
    fn draw_small(&self, cells: &mut Buffer, area: Rect) {
        let width = area.width.saturating_sub(2);
        let room = area.height.saturating_sub(self.count() + self.beside_rows().min(2));
        let others = (1..=self.spoken.others.len()).rev();
        let mut most = others.map(|count| self.sentences_of(width, count));
        let lines = most
            .find(|lines| lines.len() <= usize::from(room))
            .unwrap_or_else(|| self.sentences_of(width, 0));
        let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
        let beside = self.beside_rows().min(area.height - rows).min(2);
        let left = area.height - rows - beside;
        let small = sizes(None, 1, 0, None);
        for (n, y) in (0..self.board().sides.len()).zip(0..left) {
            self.variant(cells, Rect { y: area.y + y, height: 1, ..area }, n, small);
        }
        let sentence = Rect { y: area.y + left, height: rows, ..area };
        for ((line, style), y) in lines.iter().zip(0..rows) {
            put(cells, sentence, 1, y, line, *style);
        }
        self.say_beside(cells, Rect { y: area.bottom() - beside, height: beside, ..area }, beside);
    }

    /// One variant: its name, its figure and its bar.
    fn variant(&self, cells: &mut Buffer, area: Rect, n: usize, sizes: Sizes) {
        let Some((side, (value, shown))) = self.board().sides.get(n).zip(self.figures.get(n)) else { return };
        let area = Rect { height: area.height.min(sizes.rows), ..area };
        let (names, figures, bars) = self.columns(area.width, sizes.figures);
        let middle = sizes.rows.saturating_sub(1) / 2 - u16::from(sizes.rows >= 5);
        let name = format!("{} {}", mark(n), side.name);
        put(cells, area, 1, middle, &cut(&name, names), bold(self.theme, n));
        if sizes.rows > 1 {
            let (text, style) = self.small_print(side);
            put(cells, area, 3, middle + 1, &cut(&text, names.saturating_sub(2)), style);
        }
        let x = 1 + names + GAP;
        let fault = self.board().faults.iter().rev().find(|fault| fault.variant == Some(n) && fault.fatal);
        if let Some(fault) = fault {
            let bad = self.theme.style(Role::Bad).add_modifier(Modifier::BOLD);
            let room = area.width.saturating_sub(x + 1);
            let message = wrap(&fault.message, room).into_iter().map(|line| (line, bad));
            let hint = wrap(&fault.hint, room).into_iter().map(|line| (line, self.theme.style(Role::Text)));
            for ((line, style), y) in message.chain(hint).zip(0..area.height) {
                put(cells, area, x, y, &line, style);
            }
            return;
        }
        match sizes.figures.filter(|_| value.is_some()) {
            Some(letters) => {
                let text = shown.in_blocks();
                let (width, _) = letters.size(&text);
                let at = area.x + x + figures.saturating_sub(width);
                let place = Rect { x: at, width, ..area }.intersection(area);
                letters.write(cells, place, &text, ink(self.theme, n));
            }
            None => put_right(cells, area, x + figures, middle, shown, bold(self.theme, n)),
        }
        let most = self.figures.iter().filter_map(|(value, _)| *value).fold(0.0, f64::max);
        if let Some(value) = value.filter(|_| bars >= MIN_BAR && most > 0.0) {
            let bar = look::bar(value / most, bars);
            let (from, thick) = match sizes.rows {
                5.. => (1, 3),
                // Bars do not touch.
                3 if sizes.gap == 0 => (0, 2),
                rows => (0, rows),
            };
            for y in from..from + thick {
                put(cells, area, x + figures + GAP, y, &bar, ink(self.theme, n));
            }
        }
    }

    /// Who answers, or what was wrong with the answers.
    fn small_print(&self, side: &VariantSummary) -> (String, Style) {
        let (errors, all) = side.errors();
        if errors > 0 {
            let bad = self.theme.style(Role::Bad).add_modifier(Modifier::BOLD);
            return (format!("! {} wrong answers", number::percent(errors, all)), bad);
        }
        (in_short(side), muted(self.theme))
    }

    /// What the figures are of.
    fn caption(&self, cells: &mut Buffer, area: Rect) {
        let board = self.board();
        let mut x = 1;
        let whole = board.end.as_ref().is_some_and(|end| end.ok) && self.look.view.doubts().is_empty();
        if self.look.view.is_over() && !whole {
            x = put(cells, area, x, 0, "incomplete", self.theme.style(Role::Warn)) + GAP;
        }
        let mut parts = vec![if board.measures_memory() {
            "MiB for each 1,000 requests per second, less is better".to_owned()
        } else {
            "requests per second".to_owned()
        }];
        if let Some(load) = &board.load {
            parts.push(look::plural(u64::from(load.connections), "connection each", "connections each"));
        }
        parts.extend(board.env.as_ref().map(|env| look::plural(u64::from(env.cores), "core", "cores")));
        match (board.unit(), board.launches_over()) {
            (_, 0) => {}
            (Unit::Block, 1) => parts.push("one launch".to_owned()),
            (_, launches) => parts.push(look::plural(launches as u64, "launch", "launches")),
        }
        let room = area.width.saturating_sub(x + 1);
        put(cells, area, x, 0, &cut(&parts.join(" · "), room), muted(self.theme));
    }

    /// The headline, and the sentences beside it or below.
    fn say(&self, cells: &mut Buffer, area: Rect, sizes: Sizes) {
        let style = match (&self.spoken.headline, self.spoken.winner) {
            (_, Some(winner)) => Style::new().fg(color(self.theme, winner).into()),
            (Headline::NoVerdict(_), _) => self.theme.style(Role::Warn),
            (Headline::Ratio(_) | Headline::NearMargin | Headline::TooClose, None) => {
                self.theme.style(Role::Text)
            }
        };
        let (x, width, _) = self.spoken_room(area.width, sizes);
        let (_, mut rows) = self.headline_size(area.width, sizes.head);
        if let Some(letters) = sizes.head {
            let mut y = area.y;
            for line in self.headline(area.width, letters) {
                let (wide, high) = letters.size(&line);
                let place = Rect { x: area.x + 1, y, width: wide, height: high }.intersection(area);
                letters.write(cells, place, &line, style);
                y += high;
            }
        } else {
            let sign = match self.spoken.headline {
                Headline::Ratio(_) => "",
                Headline::NearMargin | Headline::TooClose => "≈ ",
                Headline::NoVerdict(_) => "! ",
            };
            let words = format!("{sign}{}", self.spoken.headline.words());
            put(cells, area, 1, 0, &words, style.add_modifier(Modifier::BOLD));
        }
        let lines = self.sentences(width);
        let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        // Beside large letters they stand in the middle.
        let from = if x > 0 { rows.saturating_sub(count) / 2 } else { std::mem::take(&mut rows) };
        for ((line, style), y) in lines.iter().zip(from..area.height) {
            put(cells, area, 1 + x, y, line, *style);
        }
    }

    /// What has to be said beside it, and how much more there is.
    fn say_beside(&self, cells: &mut Buffer, area: Rect, rows: u16) {
        for ((line, style), y) in self.beside.iter().zip(0..rows) {
            put(cells, area, 1, y, line, *style);
        }
        let hidden = self.beside.len().saturating_sub(usize::from(rows));
        if hidden > 0 && rows > 0 {
            let more = format!(" … {hidden} more lines: 8 facts");
            put_right(cells, area, area.width.saturating_sub(1), rows - 1, &more, muted(self.theme));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_begins_with_a_whole_word() {
        assert_eq!(left_off("half took 1,234 ms", 20), "half took 1,234 ms …");
        assert_eq!(left_off("half took 1,234 ms", 19), "half took 1,234 …");
        assert_eq!(left_off("half took 1,234 ms", 16), "half took …");
        assert_eq!(left_off("1,234,567", 6), "1,234…", "a word that is too long by itself");
    }
}
