//! Minutes for the sections, from how long they took.

use std::time::Duration;

use super::Practice;

/// Practices that are looked at: the last ones.
const RECENT: usize = 3;
/// A slide that was shown for less was passed over.
const SHOWN: Duration = Duration::from_secs(2);
/// Minutes are given in halves.
const PARTS: f64 = 2.0;

/// Whether `practice` went through a good part of the talk: half of the slides that count were shown for
/// 2 s at least, and it took a third of the time that the plan gives the whole talk. Anything less tried the
/// program, a demo or a slide out, and says nothing of how long the talk takes.
#[must_use]
pub fn is_whole(practice: &Practice) -> bool {
    let slides = practice.begin.slides.iter().enumerate();
    let counted: Vec<usize> =
        slides.filter(|(_, planned)| planned.ms != Some(0)).map(|(index, _)| index).collect();
    let shown = counted.iter().filter(|index| practice.slide(**index) >= SHOWN).count();
    let enough = |ms: u64| practice.total() >= Duration::from_millis(ms / 3);
    shown > 0 && shown * 2 >= counted.len() && practice.begin.total_ms.is_none_or(enough)
}

/// Minutes for each section: the mean of the last practices that count ([`is_whole`]) and came to its end, brought down or up to `minutes`
/// altogether when the talk has a length. None for a section that was never practised to its end.
#[must_use]
pub fn suggest(practices: &[Practice], sections: &[String], minutes: Option<f64>) -> Vec<Option<f64>> {
    let taken: Vec<Option<f64>> = sections.iter().map(|title| mean(practices, title)).collect();
    let known: f64 = taken.iter().flatten().sum();
    // A part of the talk that nobody knows keeps what it has: nothing can be shared out then.
    let scale = match minutes {
        Some(minutes) if known > 0.0 && taken.iter().all(Option::is_some) => minutes / known,
        _ => 1.0,
    };
    let mut passed = 0.0;
    let mut given = 0.0;
    let round = |minutes: f64| {
        // Rounded as a sum, so that it comes to the whole.
        passed += minutes * scale;
        let until = (passed * PARTS).round() / PARTS;
        let share = (until - given).max(1.0 / PARTS);
        given += share;
        share
    };
    let mut round = round;
    taken.into_iter().map(|minutes| minutes.map(&mut round)).collect()
}

/// The mean time of the section called `title`, in minutes.
fn mean(practices: &[Practice], title: &str) -> Option<f64> {
    let time = |practice: &Practice| {
        let number = practice.begin.sections.iter().position(|section| section == title)?;
        practice.section(number)
    };
    let times: Vec<f64> = practices
        .iter()
        .rev()
        .filter(|practice| is_whole(practice))
        .filter_map(time)
        .take(RECENT)
        .map(|time| time.as_secs_f64() / 60.0)
        .collect();
    #[allow(clippy::cast_precision_loss)] // three of them at most
    let count = times.len() as f64;
    (!times.is_empty()).then(|| times.iter().sum::<f64>() / count)
}

#[cfg(test)]
mod tests {
    use super::super::{Begin, Planned, Visit};
    use super::*;

    fn practice(seconds: &[u64]) -> Practice {
        let planned = |section| Planned { section: Some(section), ms: Some(60_000), ..Planned::default() };
        let begin = Begin {
            sections: vec!["A".to_owned(), "B".to_owned()],
            slides: vec![planned(0), planned(1)],
            ..Begin::default()
        };
        let visit = |(slide, secs): (usize, &u64)| Visit { slide, ms: secs * 1000, ..Visit::default() };
        Practice { begin, visits: seconds.iter().enumerate().map(visit).collect(), ..Practice::default() }
    }

    #[test]
    fn stage_14_a_test_run_is_no_practice() {
        let sections = ["A".to_owned(), "B".to_owned()];
        let planned = |seconds: &[u64]| {
            let mut practice = practice(seconds);
            practice.begin.total_ms = Some(1_200_000);
            practice
        };
        // Forty seconds of a talk of twenty minutes: to its end, and hardly begun.
        for short in [&[20, 20][..], &[40]] {
            assert_eq!(suggest(&[planned(short)], &sections, None), [None, None]);
        }
        let real = planned(&[300, 600]);
        assert_eq!(suggest(&[real.clone(), planned(&[20, 20])], &sections, None), [Some(5.0), Some(10.0)]);
        // Without a plan, slides that were only leafed through do not count.
        let mut leafed = practice(&[1, 1]);
        assert!(!is_whole(&leafed) && is_whole(&practice(&[60])));
        leafed.begin.slides.clear();
        assert!(!is_whole(&leafed) && !is_whole(&Practice::default()));
        // Nor does a long look at one slide of many.
        let mut one = practice(&[4000]);
        one.begin.slides.extend(std::iter::repeat_n(one.begin.slides[1].clone(), 8));
        assert!(!is_whole(&one));
    }

    #[test]
    fn minutes_come_from_the_last_practices_and_keep_the_whole() {
        let sections = ["A".to_owned(), "B".to_owned()];
        let practices =
            [practice(&[9_999, 9_999]), practice(&[60, 240]), practice(&[120, 240]), practice(&[180, 240])];
        assert_eq!(suggest(&practices, &sections, None), [Some(2.0), Some(4.0)]);
        assert_eq!(suggest(&practices, &sections, Some(10.0)), [Some(3.5), Some(6.5)]);
        assert_eq!(
            suggest(&[practice(&[100])], &sections, Some(10.0)),
            [Some(1.5), None],
            "B was not reached"
        );
        assert_eq!(suggest(&[], &sections, Some(10.0)), [None, None]);
    }
}
