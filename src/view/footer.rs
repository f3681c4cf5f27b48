//! The foot of a slide: what its theme says there, the clock, and the way through the talk.

use crate::talk::{Place, Talk, footer_rows};
use greenroom_base::clock::Elapsed;
use greenroom_deck::{Deck, FooterText};
use greenroom_frame::Frame;
use greenroom_render::layout::Scene;
use greenroom_render::paint::{self, Footer, Progress};

/// Draws the footer of the slide at `place`.
pub(super) fn draw(talk: &Talk, scene: &Scene, place: Place, scroll: u32, frame: &mut Frame, now: Elapsed) {
    let deck = talk.deck();
    let size = talk.size();
    let rows = footer_rows(size);
    let margin = if size.columns < 40 { 1 } else { 2 };
    let area = ratatui::layout::Rect {
        x: margin,
        y: size.rows - rows,
        width: size.columns.saturating_sub(2 * margin),
        height: rows,
    };
    let texts = &deck.theme.footer;
    let fill = |template: &str| FooterText::fill(template, |name| named(deck, place.slide, name));
    let mut right = fill(&texts.right);
    if scene.overflow() > 0 {
        let arrows = match (scroll > 0, scroll < scene.overflow()) {
            (true, true) => "↑↓ more",
            (false, true) => "↓ more",
            _ => "↑ more",
        };
        right = format!("{arrows}   {right}");
    }
    if let Some(pace) = talk.settings().pace.then(|| talk.pace(now)).flatten() {
        right = format!("{pace}   {right}");
    }
    if talk.settings().clock {
        right = format!("{}   {right}", clock(talk, now));
    }
    let progress = if texts.progress { progress(deck, place.slide, area.width) } else { Progress::default() };
    let footer = Footer {
        left: fill(&texts.left),
        center: fill(&texts.center),
        right: right.trim_end().to_owned(),
        progress,
    };
    paint::footer(&mut frame.cells, area, &footer, &deck.theme);
}

/// The time of day, and how long the talk has been going.
fn clock(talk: &Talk, now: Elapsed) -> String {
    let day = talk.settings().midnight + now.secs();
    let gone = talk.elapsed(now).as_secs();
    format!("{:02}:{:02}   {}:{:02}", day / 3600 % 24, day / 60 % 60, gone / 60, gone % 60)
}

/// What stands in a footer for a name in braces; nothing for one that nobody knows.
fn named(deck: &Deck, slide: usize, name: &str) -> Option<String> {
    let outline = &deck.outline;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Some(match name {
        "title" => outline.title.clone(),
        "subtitle" | "sub_title" => text(&outline.subtitle),
        "speaker" | "author" => text(&outline.speaker),
        "event" => text(&outline.event),
        "location" => text(&outline.location),
        "date" => text(&outline.date),
        "section" => section_name(deck, slide),
        "slide" | "current_slide" => (slide + 1).to_string(),
        "slides" | "total_slides" => deck.slides.len().to_string(),
        _ => return None,
    })
}

/// The section of a slide with its number, or the talk's title where there is none.
fn section_name(deck: &Deck, slide: usize) -> String {
    let section = deck.slides.get(slide).and_then(|slide| slide.section);
    match section.and_then(|number| Some((number, deck.outline.sections.get(number)?))) {
        Some((number, section)) => format!("{} {}", number + 1, section.title),
        None => deck.outline.title.clone(),
    }
}

/// Slides in each section; those before the first section count with it. More sections than a line of this width has
/// room for are one part, so that a talk of many is drawn as fast as another.
fn progress(deck: &Deck, slide: usize, width: u16) -> Progress {
    let (count, sections) = (deck.slides.len(), deck.outline.sections.len());
    let own = if sections * 2 > usize::from(width) { 1..1 } else { 1..sections };
    let (mut parts, mut before) = (Vec::new(), 0);
    for start in own.filter_map(|number| deck.section_start(number)).chain([count]) {
        parts.push(start - before);
        before = start;
    }
    Progress { parts, seen: slide + 1 }
}
