//! A pane's border: its title and how the run stands above; below, where a recording stands, facts, and what can be done.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::PaneLook;
use crate::layout::columns;
use greenroom_base::text::cut;
use greenroom_deck::{Role, Theme};
use greenroom_pane::Winding;

/// Columns of a bar that is worth drawing, with the times at its ends.
const MIN_BAR: usize = 18;
/// A longer bar says no more.
const MAX_BAR: usize = 60;

/// Draws it. The title is kept whole as long as there is room for the first part of the status, which says whether this is a
/// recording.
pub(super) fn draw(cells: &mut Buffer, area: Rect, title: &str, look: &PaneLook<'_>, theme: &Theme) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let text = theme.style(Role::Text).add_modifier(Modifier::BOLD);
    let status = theme.style(look.tone).add_modifier(Modifier::BOLD);
    let title = if look.marked { format!("▸ {title}") } else { title.to_owned() };
    let room = usize::from(area.width).saturating_sub(4);
    let beside = room.saturating_sub(columns(&title) + 5);
    pair(cells, area, area.top(), (&title, text), (whole_parts(&look.status, beside, false), status));
    below(cells, area, look, theme);
}

/// How the run stands, alone in its corner.
pub(super) fn status(cells: &mut Buffer, area: Rect, look: &PaneLook<'_>, theme: &Theme) {
    if area.width < 8 || area.height < 2 {
        return;
    }
    let style = theme.style(look.tone).add_modifier(Modifier::BOLD);
    let said = whole_parts(&look.status, usize::from(area.width) - 4, false);
    pair(cells, area, area.top(), ("", style), (said, style));
}

/// The lower edge, from what is worth most: what happened or where the recording stands, what can be done, facts.
fn below(cells: &mut Buffer, area: Rect, look: &PaneLook<'_>, theme: &Theme) {
    let y = area.bottom() - 1;
    let notice = look.notice.as_deref().unwrap_or_default();
    let facts = look.facts.as_deref().unwrap_or_default();
    let hint_style = theme.style(if look.focused || look.marked { Role::Accent } else { Role::Muted });
    let width = usize::from(area.width);
    let bar = look.winding.as_ref().filter(|_| notice.is_empty());
    // What happened is said whole, unless that hid the way out.
    let kept = match bar {
        Some(_) if width >= MIN_BAR + 30 => MIN_BAR + 4,
        _ => 0,
    };
    let shown = whole_parts(&look.hint, width.saturating_sub(6 + kept), look.focused);
    let room = width.saturating_sub(columns(notice) + 7);
    let shown = if look.focused || notice.is_empty() || columns(shown) <= room { shown } else { "" };
    let left = if notice.is_empty() && bar.is_none() {
        (facts, theme.style(Role::Muted))
    } else {
        (notice, theme.style(Role::Warn))
    };
    let fits = columns(left.0) + columns(shown) + 9 <= width || !notice.is_empty();
    pair(cells, area, y, if fits { left } else { ("", left.1) }, (shown, hint_style));
    let Some(winding) = bar else { return };
    let free = width.saturating_sub(if shown.is_empty() { 4 } else { columns(shown) + 7 });
    if free < MIN_BAR {
        return;
    }
    let with_facts = !facts.is_empty() && free >= MIN_BAR + columns(facts) + 12;
    let bar = if with_facts { free - columns(facts) - 4 } else { free }.min(MAX_BAR);
    seek(cells, (area.x + 2, y), bar, winding, (look.tone, theme));
    if with_facts {
        let x = area.x + 2 + u16::try_from(bar + 1).unwrap_or(0);
        cells.set_stringn(x, y, format!(" {facts} "), columns(facts) + 2, theme.style(Role::Muted));
    }
}

/// Where a recording stands: ` 00:12 ━━━━━━━●───┼──── 00:57 `, in `width` columns.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // shares of a width
fn seek(
    cells: &mut Buffer,
    (x, y): (u16, u16),
    width: usize,
    winding: &Winding,
    (tone, theme): (Role, &Theme),
) {
    let (at, end) = winding.ends();
    let bold = theme.style(tone).add_modifier(Modifier::BOLD);
    let x = cells.set_stringn(x, y, format!(" {at} "), width, bold).0;
    let bar = width.saturating_sub(columns(&at) + columns(&end) + 4);
    let place = |share: f64| (share * bar.saturating_sub(1) as f64).round() as usize;
    let knob = winding.share().map(place);
    let mut line: Vec<(&str, Style)> = (0..bar)
        .map(|at| match knob {
            Some(knob) if at < knob => ("━", bold),
            Some(knob) if at == knob => ("●", bold),
            _ => ("─", theme.style(Role::Muted)),
        })
        .collect();
    // More marks than this are a pattern, and say nothing.
    let marks: Vec<usize> = winding.marked().map(place).collect();
    let marks = if marks.len() * 4 <= bar { marks } else { Vec::new() };
    for mark in marks {
        if let Some((symbol, _)) = line.get_mut(mark).filter(|(symbol, _)| *symbol != "●") {
            *symbol = if *symbol == "━" { "╋" } else { "┼" };
        }
    }
    let x = line.into_iter().fold(x, |x, (symbol, style)| cells.set_stringn(x, y, symbol, 1, style).0);
    cells.set_stringn(x, y, format!(" {end} "), columns(&end) + 2, theme.style(Role::Muted));
}

/// As many of the parts of `hint` as there is room for: the first ones, or the `last` ones, which say the way out.
fn whole_parts(hint: &str, width: usize, last: bool) -> &str {
    let mut shown = hint;
    while columns(shown) > width {
        let fewer = if last {
            shown.split_once(" · ").map(|(_, rest)| rest)
        } else {
            shown.rsplit_once(" · ").map(|(rest, _)| rest)
        };
        let Some(fewer) = fewer else { break };
        shown = fewer;
    }
    shown
}

/// A text at each end of an edge; the right one goes first.
fn pair(cells: &mut Buffer, area: Rect, y: u16, left: (&str, Style), right: (&str, Style)) {
    let room = usize::from(area.width).saturating_sub(4);
    let mut rest = room;
    if !right.0.is_empty() {
        let shown = format!(" {} ", cut(right.0, room.saturating_sub(2).max(1)));
        let width = columns(&shown).min(room);
        let x = area.right() - 2 - u16::try_from(width).unwrap_or(0);
        cells.set_stringn(x, y, shown, width, right.1);
        rest = room.saturating_sub(width + 1);
    }
    if !left.0.is_empty() && rest > 4 {
        let shown = cut(left.0, rest - 2);
        cells.set_stringn(area.x + 2, y, format!(" {shown} "), rest, left.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::draw_pane;
    use greenroom_base::clock::Elapsed;
    use greenroom_base::run::Size;
    use greenroom_deck::{Demo, PaneHeight, PaneSpec};
    use greenroom_pane::{Palette, Pane};

    const TITLE: &str = "PostgreSQL: psycopg compiled";

    /// The rows of a pane of this size, in which a recording stands at a third.
    fn rows(width: u16, height: u16, focused: bool, idle: bool) -> Vec<String> {
        let spec = PaneSpec {
            demo: Demo { title: Some(TITLE.to_owned()), command: vec!["echo".to_owned()], ..Demo::default() },
            id: "a".to_owned(),
            height: PaneHeight::Rest,
            after_previous: false,
            bare: false,
        };
        let pane = Pane::new(Size { columns: 2, rows: 1 }, Palette::default());
        let seconds = |seconds: u64| Elapsed::from_micros(seconds * 1_000_000);
        let winding =
            Winding { at: seconds(20), length: Some(seconds(60)), speed: 2.0, marks: vec![seconds(45)] };
        let look = PaneLook {
            pane: &pane,
            focused,
            marked: false,
            status: "▶ recording · 2026-11-26".to_owned(),
            tone: Role::Warn,
            hint: "V next chart · e verdict · Esc leaves".to_owned(),
            facts: Some("linux x86_64, 2 cores · exit 0".to_owned()),
            winding: (!idle).then_some(winding),
            invitation: "x run it".to_owned(),
            leaves: String::new(),
            still: idle.then_some(&pane),
            notice: None,
            message: None,
            plan: None,
            at: Elapsed::ZERO,
            centered: false,
        };
        let area = Rect::new(0, 0, width, height);
        let mut cells = Buffer::empty(area);
        let theme = greenroom_parse::builtin_theme("dark").unwrap();
        draw_pane(&mut cells, area, &spec, Some(&look), &theme);
        (0..height).map(|y| (0..width).map(|x| cells[(x, y)].symbol()).collect()).collect()
    }

    #[test]
    fn the_title_stays_whole_and_what_is_known_stands_below() {
        let wide = rows(120, 6, false, false);
        assert!(wide[0].contains(TITLE) && wide[0].contains("▶ recording · 2026-11-26"), "{}", wide[0]);
        let below = &wide[5];
        assert!(below.contains(" 00:20 ━━━") && below.contains("●─") && below.contains('┼'), "{below}");
        assert!(below.contains(" 01:00 ×2 ") && below.contains("linux x86_64, 2 cores · exit 0"), "{below}");
        let knob = below.chars().filter(|c| *c == '━').count();
        let whole = knob + below.chars().skip_while(|c| *c != '●').take_while(|c| *c != ' ').count();
        assert!((whole / 3 - 1..=whole / 3 + 1).contains(&knob), "a third of {whole}: {below}");
        let narrow = rows(48, 6, false, false);
        assert!(narrow[0].contains(TITLE) && narrow[0].contains("▶ recording"), "{}", narrow[0]);
        assert!(!narrow[0].contains("2026"), "{}", narrow[0]);
        assert!(narrow[5].contains(" 00:20 ") && !narrow[5].contains("linux"), "{}", narrow[5]);
        let focused = rows(48, 6, true, false);
        assert!(focused[5].contains("Esc leaves"), "{}", focused[5]);
    }

    #[test]
    fn no_size_breaks_a_pane() {
        for width in (0..70).chain([200, 500]) {
            for height in (0..14).chain([150]) {
                for (focused, idle) in [(false, false), (true, false), (false, true)] {
                    rows(width, height, focused, idle);
                }
            }
        }
    }

    #[test]
    fn a_hint_is_cut_at_its_parts_and_keeps_the_way_out() {
        let hint = "keys go here · Esc Esc leaves";
        assert_eq!(whole_parts(hint, 40, true), hint);
        assert_eq!(whole_parts(hint, 28, true), "Esc Esc leaves");
        assert_eq!(whole_parts(hint, 28, false), "keys go here");
        assert_eq!(whole_parts(hint, 3, true), "Esc Esc leaves", "the last part is left to be cut");
        assert_eq!(whole_parts("", 0, true), "");
    }
}
