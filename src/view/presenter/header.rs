//! The upper rows: how much time is left and how the talk stands against its plan, large; beside and below it the rest of the
//! numbers, in letters.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::digits::{self, Width};
use crate::follow::PresenterView;
use crate::link::StageState;
use crate::talk::pace;
use greenroom_base::clock::{Elapsed, hands};
use greenroom_deck::{Role, Theme};
use greenroom_frame::Frame;
use greenroom_render::layout::columns;

/// From this size on the time has large digits.
const LARGE: (u16, u16) = (56, 18);
/// Columns between two of the large numbers.
const GAP: u16 = 3;
/// Columns beside them that the rest of the numbers needs at least.
const BESIDE: u16 = 15;

/// From so many rows on there is an empty one below.
const AIRY: u16 = 30;

/// A text and how it looks.
type Part = (String, Style);

/// A large number with the same in words below it.
struct Large {
    digits: String,
    words: String,
    role: Role,
}

/// Draws the times into the upper rows of `area`; gives the row below.
pub(super) fn draw(
    follower: &PresenterView,
    state: &StageState,
    theme: &Theme,
    frame: &mut Frame,
    area: Rect,
    now: Elapsed,
) -> u16 {
    let bold = |role| theme.style(role).add_modifier(Modifier::BOLD);
    let day = follower.time_of_day(now);
    let wall = (format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60), bold(Role::Text));
    let large = numbers(state);
    let on_slide = on_slide(state, theme);
    let mut where_it_is = section(follower, state, theme);
    if !state.over.is_empty() {
        where_it_is.insert(0, (format!("the stage shows: {}", state.over), bold(Role::Warn)));
    }
    if area.width < LARGE.0 || area.height < LARGE.1 {
        let words = large.into_iter().map(|number| (number.words, bold(number.role)));
        row(frame, area, 0, &std::iter::once(wall).chain(words).collect::<Vec<_>>());
        row(frame, area, 1, &on_slide.into_iter().chain(where_it_is).collect::<Vec<_>>());
        return 3;
    }
    let needs = |width: Width| large.iter().map(|number| number.room(width) + GAP).sum::<u16>();
    let width = if needs(Width::Wide) + BESIDE <= area.width { Width::Wide } else { Width::Narrow };
    let mut x = area.x;
    for number in &large {
        digits::draw(&mut frame.cells, (x, area.y), &number.digits, width, bold(number.role));
        let room = usize::from(area.right().saturating_sub(x));
        frame.cells.set_stringn(x, area.y + digits::ROWS, &number.words, room, bold(number.role));
        x += number.room(width) + GAP;
    }
    let beside = Rect { x, width: area.right().saturating_sub(x), ..area };
    for (part, y) in std::iter::once(wall).chain(on_slide).zip(0..digits::ROWS) {
        row(frame, beside, y, &[part]);
    }
    row(frame, area, digits::ROWS + 1, &where_it_is);
    digits::ROWS + if area.height < AIRY { 2 } else { 3 }
}

impl Large {
    fn room(&self, width: Width) -> u16 {
        width.columns(&self.digits).max(u16::try_from(columns(&self.words)).unwrap_or(u16::MAX))
    }
}

/// What is large: the time that is left and the distance from the plan; without a plan, the time that has gone.
fn numbers(state: &StageState) -> Vec<Large> {
    let rests = !state.running;
    let waits = if state.elapsed == 0 { "starts with the first step" } else { "timer paused" };
    let gone = clock(state.elapsed);
    let Some(total) = state.total else {
        let (words, role) = if rests {
            (format!("{gone}, {waits}"), Role::Warn)
        } else {
            (format!("{gone} gone"), Role::Text)
        };
        return vec![Large { digits: gone, words, role }];
    };
    let over = state.elapsed > total;
    // In whole seconds, so that both change at once.
    let apart = clock((total / 1000).abs_diff(state.elapsed / 1000) * 1000);
    let pace_role = state.behind.map_or(Role::Text, tone);
    let role = match (over, rests) {
        (true, _) => Role::Bad,
        (false, true) => Role::Warn,
        (false, false) => pace_role,
    };
    let sign = if over { "−" } else { "" };
    let word = if over { "over" } else { "left" };
    let words = format!("{apart} {word}, {gone} of {}", clock(total));
    let mut numbers = vec![Large { digits: format!("{sign}{apart}"), words, role }];
    if rests {
        // No distance grows while the timer stands.
        let words = waits.to_owned();
        numbers.push(Large { digits: String::new(), words, role: Role::Warn });
    } else if let Some(behind) = state.behind {
        let words = pace(behind);
        let apart = clock(behind.unsigned_abs());
        let sign = match behind / 1000 {
            0 => "",
            1.. => "−",
            _ => "+",
        };
        numbers.push(Large { digits: format!("{sign}{apart}"), words, role: pace_role });
    }
    numbers
}

/// The slide's number, and the time on it.
fn on_slide(state: &StageState, theme: &Theme) -> Vec<Part> {
    let slide = format!("slide {} of {}", state.slide + 1, state.slides);
    let on = match state.slide_budget {
        Some(budget) => format!("on it {} of {}", clock(state.on_slide), clock(budget)),
        None => format!("on it {}", clock(state.on_slide)),
    };
    let late = state.slide_budget.is_some_and(|budget| budget > 0 && state.on_slide > budget);
    let tone = if late { Role::Warn } else { Role::Text };
    vec![(slide, theme.style(Role::Text)), (on, theme.style(tone))]
}

/// The section, and when it should be over.
fn section(follower: &PresenterView, state: &StageState, theme: &Theme) -> Vec<Part> {
    let sections = &follower.deck().outline.sections;
    let section = state.section.and_then(|number| Some((number, sections.get(number)?)));
    let Some((number, section)) = section else { return Vec::new() };
    let until = state.section_ends.map_or_else(String::new, |ends| format!(" until {}", clock(ends)));
    let behind = state
        .behind_section
        .filter(|_| state.running)
        // One distance from the plan is enough; two that are counted differently contradict each other.
        .filter(|behind| *behind >= 1000)
        .map_or_else(String::new, |behind| format!(", {} over", clock(behind.unsigned_abs())));
    vec![(format!("section {} {}{until}{behind}", number + 1, section.title), theme.style(Role::Muted))]
}

/// Milliseconds as a clock shows them.
fn clock(millis: u64) -> String {
    hands(Duration::from_millis(millis))
}

/// Behind is a warning, far behind a bad sign.
fn tone(behind: i64) -> Role {
    match behind {
        i64::MIN..1000 => Role::Good,
        1000..=60_000 => Role::Warn,
        _ => Role::Bad,
    }
}

/// Texts in a row, as many as fit.
fn row(frame: &mut Frame, area: Rect, y: u16, parts: &[(String, Style)]) {
    let mut x = area.x;
    for (text, style) in parts {
        let room = usize::from(area.right().saturating_sub(x));
        if room < 3 {
            return;
        }
        x = frame.cells.set_stringn(x, y, text, room, *style).0 + 3;
    }
}
