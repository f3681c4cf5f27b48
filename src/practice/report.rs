//! The last practice against the plan and the ones before it, as text.

use std::fmt::Write as _;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::Practice;
use greenroom_base::clock::hands;

/// Practices that are compared: the last ones.
const RECENT: usize = 5;
/// Columns of a bar.
const BAR: usize = 40;
/// Columns of a title.
const TITLE: usize = 30;
/// A slide that is over its time by less is not mentioned.
const TOLERANCE: i64 = 5_000;
/// Slides that are mentioned.
const SLIDES: usize = 8;
/// Practices that are at least this far apart, as a share of the mean, differ.
const STEADY: f64 = 0.1;

/// The report on `practices`, the last of which is the newest. Nothing when there are none.
#[must_use]
pub fn report(practices: &[Practice]) -> String {
    let recent = &practices[practices.len().saturating_sub(RECENT)..];
    let Some(last) = recent.last() else { return String::new() };
    let mut out = String::new();
    let count = match practices.len() {
        1 => "1 practice".to_owned(),
        count => format!("{count} practices"),
    };
    let _ = writeln!(out, "{}: {count}, the last on {}", last.begin.title, last.day());
    totals(&mut out, recent);
    sections(&mut out, recent);
    slides(&mut out, recent);
    damaged(&mut out, recent);
    out
}

fn totals(out: &mut String, recent: &[Practice]) {
    let _ = writeln!(
        out,
        "\n{:<12}{:>8}{:>8}{:>8}{:>8}{:>8}{:>11}",
        "Practice", "time", "plan", "diff", "demos", "pauses", "went back"
    );
    for practice in recent {
        let total = practice.total();
        let plan = practice.begin.total_ms.map(Duration::from_millis);
        let sum = |of: fn(&super::Visit) -> u64| Duration::from_millis(practice.visits.iter().map(of).sum());
        let furthest = practice.visits.iter().map(|visit| visit.slide + 1).max().unwrap_or(0);
        let slides = practice.begin.slides.len();
        let end = match (practice.ended, furthest == slides) {
            (true, true) => String::new(),
            (true, false) => format!("   ended at slide {furthest} of {slides}"),
            (false, _) => format!("   cut off at slide {furthest} of {slides}"),
        };
        let back = practice.visits.iter().filter(|visit| visit.back).count();
        let diff = plan.map_or_else(String::new, |plan| signed(apart(total, plan)));
        let (demos, pauses) = (clock(sum(|visit| visit.demo_ms)), clock(sum(|visit| visit.paused_ms)));
        let day = practice.day();
        let (total, plan) = (clock(total), plan.map_or_else(String::new, clock));
        let _ = writeln!(out, "{day:<12}{total:>8}{plan:>8}{diff:>8}{demos:>8}{pauses:>8}{back:>11}{end}");
    }
}

fn sections(out: &mut String, recent: &[Practice]) {
    let Some((last, before)) = recent.split_last() else { return };
    if last.begin.sections.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{:<TITLE$}{:>8}{:>8}{:>8}  before", "Section", "plan", "last", "diff");
    let longest = (0..last.begin.sections.len())
        .flat_map(|number| [last.section(number), last.planned(number)])
        .flatten()
        .max();
    for (number, title) in last.begin.sections.iter().enumerate() {
        let (plan, took) = (last.planned(number), last.section(number));
        let diff = plan.zip(took).map_or_else(String::new, |(plan, took)| signed(apart(took, plan)));
        let earlier: Vec<Duration> =
            before.iter().filter_map(|practice| same_section(practice, title)).collect();
        let words = earlier.iter().map(|time| clock(*time)).collect::<Vec<_>>().join(" ");
        let trend = trend(&earlier.iter().copied().chain(took).collect::<Vec<_>>());
        let name = fit(&format!("{} {title}", number + 1));
        let (plan_text, took_text) =
            (plan.map_or_else(String::new, clock), took.map_or_else(|| "-".to_owned(), clock));
        let line = format!("{name}{plan_text:>8}{took_text:>8}{diff:>8}  {words}{trend}");
        let _ = writeln!(out, "{}", line.trim_end());
        if let (Some(took), Some(longest)) = (took, longest) {
            let _ = writeln!(out, "  {}", bar(took, plan, longest));
        }
    }
}

/// A bar as long as `took` of `longest`, with a mark where the plan ends.
fn bar(took: Duration, plan: Option<Duration>, longest: Duration) -> String {
    let at = |time: Duration| {
        let columns = time.as_millis() * BAR as u128 / longest.as_millis().max(1);
        usize::try_from(columns).unwrap_or(BAR).min(BAR)
    };
    let (filled, mark) = (at(took), plan.map(at));
    let cell = |column: usize| match (mark == Some(column), column < filled) {
        (true, _) => '│',
        (false, true) => '▇',
        (false, false) => ' ',
    };
    (0..=BAR).map(cell).collect::<String>().trim_end().to_owned()
}

/// How long the section called `title` took in another practice.
fn same_section(practice: &Practice, title: &str) -> Option<Duration> {
    let number = practice.begin.sections.iter().position(|section| section == title)?;
    practice.section(number)
}

/// What can be said of times that follow each other, when there are enough of them.
fn trend(times: &[Duration]) -> &'static str {
    let [.., first, second, third] = times else { return "" };
    let seconds = [first, second, third].map(Duration::as_secs_f64);
    let [a, b, c] = seconds;
    let mean = (a + b + c) / 3.0;
    let range = seconds.iter().fold(f64::MIN, |most, time| most.max(*time))
        - seconds.iter().fold(f64::MAX, |least, time| least.min(*time));
    if range <= mean * STEADY {
        "  steady"
    } else if a < b && b < c {
        "  longer each time"
    } else if a > b && b > c {
        "  shorter each time"
    } else {
        "  varies"
    }
}

/// A slide that takes more than it may.
struct Over {
    number: usize,
    title: String,
    plan: Duration,
    last: Duration,
    /// Beyond the plan in the mean of the practices, in milliseconds.
    mean: i64,
    practices: i64,
}

fn slides(out: &mut String, recent: &[Practice]) {
    let Some(last) = recent.last() else { return };
    let mut over: Vec<Over> =
        (0..last.begin.slides.len()).filter_map(|slide| over(recent, last, slide)).collect();
    over.sort_by_key(|slide| (-slide.mean, slide.number));
    if over.is_empty() {
        if last.begin.total_ms.is_some() {
            let _ = writeln!(out, "\nNo slide takes much more than its time.");
        }
        return;
    }
    let _ = writeln!(out, "\n{:<TITLE$}{:>8}{:>8}{:>8}", "Slides over their time", "plan", "last", "mean");
    for slide in over.iter().take(SLIDES) {
        let name = fit(&format!("{:>2} {}", slide.number, slide.title));
        let often =
            if slide.practices > 1 { format!("  in {} practices", slide.practices) } else { String::new() };
        let (plan, last, mean) = (clock(slide.plan), clock(slide.last), signed(slide.mean));
        let _ = writeln!(out, "{name}{plan:>8}{last:>8}{mean:>8}{often}");
    }
    if over.len() > SLIDES {
        let _ = writeln!(out, "and {} more", over.len() - SLIDES);
    }
    advice(out, last, &over);
}

/// How far slide `index` of the last practice is over its time.
fn over(recent: &[Practice], last: &Practice, index: usize) -> Option<Over> {
    let planned = last.begin.slides.get(index)?;
    let plan = Duration::from_millis(planned.ms.filter(|ms| *ms > 0)?);
    if !last.visits.iter().any(|visit| visit.slide == index) {
        return None;
    }
    // The same slide may have stood elsewhere before.
    let same = |practice: &Practice| {
        let at = practice
            .begin
            .slides
            .iter()
            .position(|slide| slide.title == planned.title && slide.section == planned.section)?;
        practice.visits.iter().any(|visit| visit.slide == at).then(|| apart(practice.slide(at), plan))
    };
    let (before, _) = recent.split_at(recent.len() - 1);
    let mut apart_each: Vec<i64> = before.iter().filter_map(same).collect();
    let took = last.slide(index);
    apart_each.push(apart(took, plan));
    let practices = i64::try_from(apart_each.len()).unwrap_or(1);
    let mean = apart_each.iter().sum::<i64>() / practices;
    (mean >= TOLERANCE).then(|| Over {
        number: index + 1,
        title: planned.title.clone(),
        plan,
        last: took,
        mean,
        practices,
    })
}

/// What to do about it: the section that is furthest over its plan, and the slides that would win most.
fn advice(out: &mut String, last: &Practice, over: &[Over]) {
    let Some(total) = last.begin.total_ms.map(Duration::from_millis) else { return };
    let late = apart(last.total(), total);
    // As few as win what is over, or all.
    let (mut won, mut few) = (0, 0);
    while let Some(slide) = over.get(few).filter(|_| few == 0 || won < late) {
        won += slide.mean;
        few += 1;
    }
    let numbers: Vec<String> = over.iter().take(few).map(|slide| slide.number.to_string()).collect();
    let which = match few {
        1 => format!("slide {}", numbers.concat()),
        2..=5 => format!("slides {}", numbers.join(", ")),
        _ if few == over.len() => "all of these".to_owned(),
        _ => format!("the first {few} of these"),
    };
    let won = clock(abs(won));
    let drift = |number: usize| Some(apart(last.section(number)?, last.planned(number)?));
    let sections = (0..last.begin.sections.len()).filter_map(|number| Some((drift(number)?, number)));
    let worst = sections.max().filter(|(drift, _)| *drift >= TOLERANCE);
    let section = worst.map_or_else(String::new, |(drift, number)| {
        format!(", {} of it in section {}", clock(abs(drift)), number + 1)
    });
    let _ = if late > TOLERANCE {
        let late = clock(abs(late));
        writeln!(out, "\nThe talk runs {late} over{section}. Bringing {which} back to the plan wins {won}.")
    } else {
        writeln!(out, "\nThe talk fits its time; {which} took {won} from the others.")
    };
}

fn damaged(out: &mut String, recent: &[Practice]) {
    for practice in recent.iter().filter(|practice| !practice.damaged.is_empty()) {
        let lines: Vec<String> = practice.damaged.iter().take(5).map(usize::to_string).collect();
        let _ = writeln!(
            out,
            "\nThe history of {} is damaged in line {}; the rest of it counts.",
            practice.day(),
            lines.join(", ")
        );
    }
}

fn apart(took: Duration, plan: Duration) -> i64 {
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 2);
    millis(took) - millis(plan)
}

fn abs(millis: i64) -> Duration {
    Duration::from_millis(millis.unsigned_abs())
}

/// The nearest second, as a clock shows it.
fn clock(time: Duration) -> String {
    hands(time + Duration::from_millis(500))
}

/// `+1:20`, `-0:05`, `0:00`
fn signed(millis: i64) -> String {
    let sign = if millis >= 500 {
        "+"
    } else if millis <= -500 {
        "-"
    } else {
        ""
    };
    format!("{sign}{}", clock(abs(millis)))
}

/// A title in its column.
fn fit(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.width() + 2 >= TITLE {
            out.push('…');
            break;
        }
        out.push(c);
    }
    let pad = TITLE.saturating_sub(out.width());
    out + &" ".repeat(pad)
}

#[cfg(test)]
mod tests {
    use super::super::{Begin, Planned, PracticeEntry, Visit};
    use super::*;

    fn practice(day: u64, seconds: [u64; 3], ended: bool) -> Practice {
        let planned = |title: &str, section, secs: u64| Planned {
            title: title.to_owned(),
            section: Some(section),
            ms: Some(secs * 1000),
        };
        let begin = Begin {
            version: 1,
            title: "T".to_owned(),
            began: 1_795_000_000 + day * 86_400,
            total_ms: Some(180_000),
            sections: vec!["One".to_owned(), "Two".to_owned()],
            slides: vec![planned("A", 0, 60), planned("B", 0, 60), planned("C", 1, 60)],
        };
        let visit = |(slide, secs): (usize, &u64)| Visit { slide, ms: secs * 1000, ..Visit::default() };
        Practice {
            begin,
            visits: seconds.iter().enumerate().map(visit).collect(),
            ended,
            damaged: Vec::new(),
        }
    }

    #[test]
    fn three_practices_give_a_trend() {
        let practices = [
            practice(0, [50, 60, 60], true),
            practice(1, [80, 60, 61], true),
            practice(2, [120, 60, 60], true),
        ];
        let text = report(&practices);
        let line = |start: &str| {
            text.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        assert!(line("1 One").ends_with("1:50 2:20  longer each time"), "{text}");
        assert!(line("2 Two").ends_with("1:00 1:01  steady"), "{text}");
        assert!(line(" 1 A").contains("+0:23  in 3 practices"), "{text}");
        assert!(
            text.contains("The talk runs 1:00 over, 1:00 of it in section 1. Bringing slide 1 back to the plan wins 0:23."),
            "{text}"
        );
    }

    #[test]
    fn a_damaged_history_loses_only_what_is_damaged() {
        let whole = practice(0, [50, 60, 60], false);
        let mut text = PracticeEntry::Begin(Box::new(whole.begin.clone())).text();
        for (number, visit) in whole.visits.iter().enumerate() {
            text += &PracticeEntry::Visit(*visit).text();
            text += if number == 0 { "{\"visit\":{\"slide\":99}}\n" } else { "" };
        }
        text += "{\"visit\":{\"sl";
        let read = Practice::read(&text).unwrap();
        assert_eq!((read.visits.len(), &read.damaged[..], read.ended), (3, &[3, 6][..], false));
        assert!(report(&[read]).contains("damaged in line 3, 6"));
        assert!(Practice::read("").is_err() && Practice::read("{}").is_err());
        let newer = text.replacen("\"version\":1", "\"version\":2", 1);
        assert!(Practice::read(&newer).unwrap_err().contains("newer"));
    }

    #[test]
    fn nothing_practised_is_no_report() {
        assert_eq!(report(&[]), "");
        let cut = Practice { visits: Vec::new(), ..practice(0, [0, 0, 0], false) };
        assert!(report(&[cut]).contains("cut off at slide 0 of 3"));
    }
}
