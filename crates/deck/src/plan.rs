//! How long a talk should take: the outline's minutes, spread over its slides, and how far a talk is from that.
//!
//! The minutes of a section are spread over its slides by weight: the time that reading the notes aloud takes, and
//! a guess for each pane. A slide with a budget of its own (`<!-- minutes: 1.5 -->`) has exactly that, and the others
//! share the rest. Sections without minutes share what the talk's minutes leave. What stands before the first
//! section counts with it, as it does in the footer.

use std::sync::Arc;
use std::time::Duration;

use crate::{Deck, DemoKind, Outline, PaneSpec, Slide, SlideKind, Start};

/// Words a minute when notes are read aloud: what advice to speakers gives for a talk in English (140 to 160), and what the
/// National Center for Voice and Speech gives for conversation.
pub const WORDS_A_MINUTE: u32 = 150;

/// What a slide weighs at least, however short its notes are.
const LEAST: Duration = Duration::from_secs(15);
/// What a title or a divider weighs at least.
const LEAST_DRAWN: Duration = Duration::from_secs(5);
/// No plan is longer.
const MAX_PLAN: Duration = Duration::from_hours(168);

/// When each slide of a deck should be over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// By slide, in the order of the deck: its share of the time.
    pub budgets: Vec<Duration>,
    /// By section of the outline: when it begins and ends.
    pub sections: Vec<TimeSlot>,
    /// By slide: its section.
    owners: Vec<usize>,
}

/// A stretch of the talk, from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeSlot {
    /// When it begins.
    pub begin: Duration,
    /// When it is over.
    pub end: Duration,
}

impl TimeSlot {
    /// How long it is.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.end.saturating_sub(self.begin)
    }

    /// How far `elapsed` is from it in milliseconds: 0 within it, above 0 after its end, below 0 before it begins.
    #[must_use]
    pub fn behind(&self, elapsed: Duration) -> i64 {
        let millis = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        if elapsed > self.end {
            millis(elapsed.saturating_sub(self.end))
        } else {
            -millis(self.begin.saturating_sub(elapsed))
        }
    }
}

impl Plan {
    /// The plan of `deck`; none when neither the talk, nor a section, nor a slide says how long it should take.
    #[must_use]
    pub fn of(deck: &Deck) -> Option<Self> {
        let demos = |slide| {
            deck.panes(slide).iter().filter(|pane| takes_time(pane)).map(|pane| guess(pane.demo.kind)).sum()
        };
        Self::weighed(&deck.outline, &deck.slides, &demos)
    }

    /// The plan when the panes of a slide need what `demos` says.
    fn weighed(outline: &Outline, slides: &[Arc<Slide>], demos: &dyn Fn(usize) -> Duration) -> Option<Self> {
        let planned: Vec<Option<Duration>> =
            outline.sections.iter().map(|section| minutes(section.minutes)).collect();
        let whole = minutes(outline.minutes);
        let own = slides.iter().any(|slide| slide.budget.is_some());
        if whole.is_none() && !own && planned.iter().all(Option::is_none) {
            return None;
        }
        let owners = owners(slides);
        let weights: Vec<Duration> =
            slides.iter().enumerate().map(|(index, slide)| weight(slide, demos(index))).collect();
        let mut budgets = weights.clone();
        let owner_plan = |slide: usize| owners.get(slide).and_then(|owner| *planned.get(*owner)?);
        let mut members = vec![Vec::new(); planned.len()];
        for (slide, owner) in owners.iter().enumerate() {
            if let Some(members) = members.get_mut(*owner) {
                members.push(slide);
            }
        }
        for (total, members) in planned.iter().zip(members) {
            if total.is_some() {
                spread(slides, &members, *total, &weights, &mut budgets);
            }
        }
        let rest: Vec<usize> = (0..owners.len()).filter(|slide| owner_plan(*slide).is_none()).collect();
        let taken: Duration = planned.iter().flatten().sum();
        spread(slides, &rest, whole.map(|whole| whole.saturating_sub(taken)), &weights, &mut budgets);
        let sections = shares(&budgets, &owners, outline.sections.len());
        Some(Self { budgets, sections, owners })
    }

    /// How long the whole talk should take.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.budgets.iter().sum()
    }

    /// When `slide` should begin and be over.
    #[must_use]
    pub fn slide(&self, slide: usize) -> TimeSlot {
        let begin = self.budgets.iter().take(slide).sum();
        let length = self.budgets.get(slide).copied().unwrap_or_default();
        TimeSlot { begin, end: begin + length }
    }

    /// The section that `slide` counts with.
    #[must_use]
    pub fn section_of(&self, slide: usize) -> Option<usize> {
        self.owners.get(slide).copied().filter(|owner| *owner < self.sections.len())
    }

    /// Milliseconds behind the plan when above 0, ahead of it when below, for a talk that is on `slide` (from 0)
    /// after `elapsed`. Within the slide's own stretch it is 0.
    #[must_use]
    pub fn behind(&self, slide: usize, elapsed: Duration) -> i64 {
        self.slide(slide).behind(elapsed)
    }

    /// The same by sections: 0 as long as the section of `slide` is on at that moment of the plan.
    #[must_use]
    pub fn behind_section(&self, slide: usize, elapsed: Duration) -> i64 {
        let section = self.section_of(slide).and_then(|number| self.sections.get(number));
        section.map_or_else(|| self.behind(slide, elapsed), |section| section.behind(elapsed))
    }
}

/// When each of so many sections begins and ends.
fn shares(budgets: &[Duration], owners: &[usize], sections: usize) -> Vec<TimeSlot> {
    let mut lengths = vec![Duration::ZERO; sections];
    for (budget, owner) in budgets.iter().zip(owners) {
        if let Some(length) = lengths.get_mut(*owner) {
            *length += *budget;
        }
    }
    let mut begin = Duration::ZERO;
    let share = |length: Duration| {
        let share = TimeSlot { begin, end: begin + length };
        begin = share.end;
        share
    };
    lengths.into_iter().map(share).collect()
}

/// How long reading `notes` aloud takes. Paragraphs that begin with `Source` or `If asked` are for whoever asks,
/// and not read.
#[must_use]
pub fn spoken(notes: &str) -> Duration {
    let (mut words, mut begins, mut kept) = (0, true, false);
    for line in notes.lines().map(str::trim) {
        kept = if begins { ["Source", "If asked"].iter().any(|word| line.starts_with(word)) } else { kept };
        begins = line.is_empty();
        if !kept {
            words += line.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
        }
    }
    Duration::from_mins(1) * u32::try_from(words).unwrap_or(u32::MAX).min(1_000_000) / WORDS_A_MINUTE
}

/// Whether a pane is waited for: one that shows its recording's end is looked at as a picture is.
#[must_use]
pub fn takes_time(pane: &PaneSpec) -> bool {
    pane.demo.on != Start::Recording
}

/// What a demo is taken to need on stage, as long as nobody has looked at its tape.
#[must_use]
pub const fn guess(kind: DemoKind) -> Duration {
    match kind {
        DemoKind::Terminal => Duration::from_secs(30),
        DemoKind::Probe => Duration::from_secs(20),
        DemoKind::Bench => Duration::from_mins(1),
    }
}

fn weight(slide: &Slide, demos: Duration) -> Duration {
    let least = if slide.kind == SlideKind::Content { LEAST } else { LEAST_DRAWN };
    (spoken(&slide.notes) + demos).max(least)
}

/// The section that each slide counts with.
fn owners(slides: &[Arc<Slide>]) -> Vec<usize> {
    let mut last = 0;
    let of = |slide: &Arc<Slide>| {
        last = slide.section.unwrap_or(last);
        last
    };
    slides.iter().map(of).collect()
}

fn minutes(minutes: Option<f64>) -> Option<Duration> {
    let length = Duration::try_from_secs_f64(minutes? * 60.0).ok()?;
    Some(length.min(MAX_PLAN)).filter(|length| !length.is_zero())
}

/// Gives `slides` their own budgets, and shares what `total` leaves by weight, to the millisecond. Without a total,
/// a slide without a budget takes its weight.
fn spread(
    all: &[Arc<Slide>],
    slides: &[usize],
    total: Option<Duration>,
    weights: &[Duration],
    budgets: &mut [Duration],
) {
    let own = |slide: usize| all.get(slide).and_then(|slide| slide.budget);
    let fixed: Duration = slides.iter().filter_map(|slide| own(*slide)).sum();
    let weight = |slide: usize| weights.get(slide).map_or(0, Duration::as_millis);
    let sum: u128 = slides.iter().filter(|slide| own(**slide).is_none()).map(|slide| weight(*slide)).sum();
    let rest = total.map(|total| total.saturating_sub(fixed).as_millis());
    let (mut passed, mut given) = (0, 0);
    for slide in slides {
        let budget = match (own(*slide), rest) {
            (Some(own), _) => own,
            (None, None) => Duration::from_millis(u64::try_from(weight(*slide)).unwrap_or(u64::MAX)),
            (None, Some(rest)) => {
                passed += weight(*slide);
                // Rounded as a sum, so that nothing is lost on the way.
                let until = (rest * passed).checked_div(sum).unwrap_or(0);
                let share = until - given;
                given = until;
                Duration::from_millis(u64::try_from(share).unwrap_or(u64::MAX))
            }
        };
        if let Some(place) = budgets.get_mut(*slide) {
            *place = budget;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Section, Text};

    fn slide(section: Option<usize>, words: usize, budget: Option<u64>) -> Arc<Slide> {
        Arc::new(Slide {
            kind: SlideKind::Content,
            section,
            title: Text::default(),
            body: Vec::new(),
            notes: "word ".repeat(words),
            note_figures: Vec::new(),
            last_step: 0,
            footer: true,
            budget: budget.map(Duration::from_secs),
            transition: None,
            origin: crate::Origin::default(),
            problems: Vec::new(),
        })
    }

    fn plan_of(whole: Option<f64>, sections: &[Option<f64>], slides: &[Arc<Slide>]) -> Option<Plan> {
        let section = |minutes: &Option<f64>| Section { minutes: *minutes, ..Section::default() };
        let sections = sections.iter().map(section).collect();
        let outline = Outline { minutes: whole, sections, ..Outline::default() };
        Plan::weighed(&outline, slides, &|_| Duration::ZERO)
    }

    fn seconds(plan: &Plan) -> Vec<u64> {
        plan.budgets.iter().map(Duration::as_secs).collect()
    }

    #[test]
    fn minutes_are_spread_by_what_there_is_to_say() {
        let slides = vec![slide(None, 150, None), slide(Some(0), 300, None), slide(Some(1), 0, None)];
        let plan = plan_of(Some(10.0), &[Some(6.0), None], &slides).unwrap();
        assert_eq!(seconds(&plan), [120, 240, 240]);
        assert_eq!(plan.total(), Duration::from_mins(10));
        let share =
            |begin, end| TimeSlot { begin: Duration::from_secs(begin), end: Duration::from_secs(end) };
        assert_eq!(plan.sections, [share(0, 360), share(360, 600)]);
        assert_eq!((plan.section_of(0), plan.section_of(2), plan.section_of(9)), (Some(0), Some(1), None));
    }

    #[test]
    fn a_budget_of_its_own_counts_first() {
        let slides =
            || vec![slide(Some(0), 150, Some(30)), slide(Some(0), 150, None), slide(Some(0), 150, None)];
        let plan = |whole| plan_of(whole, &[None], &slides()).unwrap();
        assert_eq!(seconds(&plan(Some(1.5))), [30, 30, 30]);
        assert_eq!(seconds(&plan(Some(0.25))), [30, 0, 0], "more than there is");
        assert_eq!(seconds(&plan(None)), [30, 60, 60], "as long as it takes");
    }

    #[test]
    fn a_deck_without_minutes_has_no_plan() {
        assert_eq!(plan_of(None, &[None], &[slide(None, 9, None)]), None);
        assert_eq!(plan_of(Some(f64::NAN), &[Some(-3.0)], &[slide(None, 9, None)]), None);
        let huge = plan_of(Some(1e18), &[], &[slide(None, 9, None)]);
        assert_eq!(huge.map(|plan| plan.total()), None, "no length of time");
    }

    #[test]
    fn no_millisecond_is_lost() {
        let slides: Vec<_> = (0..7).map(|number| slide(Some(0), 40 + number, None)).collect();
        let plan = plan_of(Some(1.0), &[None], &slides).unwrap();
        assert_eq!(plan.total(), Duration::from_mins(1));
    }

    #[test]
    fn within_its_stretch_a_slide_is_on_plan() {
        let slides = vec![slide(Some(0), 150, None), slide(Some(0), 150, None), slide(Some(1), 150, None)];
        let plan = plan_of(Some(3.0), &[None, None], &slides).unwrap();
        let behind = |slide, secs| plan.behind(slide, Duration::from_secs(secs)) / 1_000;
        assert_eq!([behind(1, 59), behind(1, 60), behind(1, 120), behind(1, 125)], [-1, 0, 0, 5]);
        let section = |slide, secs| plan.behind_section(slide, Duration::from_secs(secs)) / 1_000;
        assert_eq!([section(1, 20), section(1, 121), section(2, 100), section(0, 119)], [0, 1, -20, 0]);
        assert_eq!(plan.behind(99, Duration::MAX), i64::MAX);
    }

    #[test]
    fn sources_are_not_read_aloud() {
        let words = |count: usize| "word ".repeat(count);
        let notes = format!("{}\n\nSources: a,\nb and c.\n\nIf asked: yes.\n\n{}", words(150), words(75));
        assert_eq!(spoken(&notes), Duration::from_secs(90));
    }
}
