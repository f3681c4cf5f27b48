//! Minutes for the sections, from how long they took.

use super::Practice;

/// Practices that are looked at: the last ones.
const RECENT: usize = 3;
/// Minutes are given in halves.
const PARTS: f64 = 2.0;

/// Minutes for each section: the mean of the last practices that came to its end, brought down or up to `minutes`
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
    let times: Vec<f64> =
        practices.iter().rev().filter_map(time).take(RECENT).map(|time| time.as_secs_f64() / 60.0).collect();
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
