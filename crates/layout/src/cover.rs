//! The slides that are drawn from the outline: the talk's title, and the divider before each section.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::big::{Room, fit_big, large_faces};
use super::flow::{Flow, FlowArea};
use super::scene::{Kind, Run, Scene, SceneItem};
use super::{Density, shift, text_area};
use greenroom_deck::{Block, Deck, Image, Outline, Role, Slide, Span, Text, Theme};
use greenroom_raster::PixelFace;

/// The `font_size` of titles of talks and sections.
const LARGEST: u8 = 6;
/// A picture is no lower than this, in rows.
const MIN_PICTURE: u16 = 6;
/// More speakers stand beside each other.
const MAX_SPEAKER_LINES: usize = 6;
/// The most sections whose titles are compared.
const MAX_COMPARED: usize = 50;

/// The talk's title, as large as it fits, its speaker and its event.
pub(crate) fn title(deck: &Deck, slide: &Slide, area: Rect) -> Scene {
    let theme = &*deck.theme;
    let outline = &deck.outline;
    let room = text_area(theme, area);
    let mut flow = start(theme, room);
    heading(&mut flow, theme, &outline.title, &std::iter::once(&*outline.title), room);
    if let Some(subtitle) = &outline.subtitle {
        flow.y += 1;
        flow.text(&Text::plain(subtitle), theme.style(Role::Text));
    }
    flow.y += if area.height >= 30 { 2 } else { 1 };
    bar(&mut flow, theme);
    flow.y += 1;
    speakers(&mut flow, theme, outline);
    let about: Vec<&str> =
        [&outline.event, &outline.location, &outline.date].into_iter().filter_map(Option::as_deref).collect();
    flow.text(&Text::plain(about.join("  ·  ")), theme.style(Role::Muted));
    if let Some(Block::Image(image)) = slide.body.first().map(|node| &node.block) {
        picture(&mut flow, image, room);
    }
    finish(flow, slide, room)
}

/// The title slide's picture, below its words: as large as there is room, and none where that is too little to be seen.
fn picture(flow: &mut Flow<'_>, image: &Image, room: Rect) {
    let used = u16::try_from(flow.y).unwrap_or(u16::MAX).saturating_add(1);
    let left = room.height.saturating_sub(used).saturating_sub(1);
    if left < MIN_PICTURE {
        return;
    }
    flow.y += 2;
    flow.fill(image, room.width, left);
}

/// Who speaks: each on a line while they are few, with where they come from.
fn speakers(flow: &mut Flow<'_>, theme: &Theme, outline: &Outline) {
    if !(1..=MAX_SPEAKER_LINES).contains(&outline.speakers.len()) {
        if let Some(speaker) = &outline.speaker {
            flow.text(&Text::plain(speaker), theme.style(Role::Strong));
        }
        return;
    }
    for speaker in &outline.speakers {
        let mut line = Text::plain(&speaker.name);
        line.0.iter_mut().for_each(|name| name.role = Some(Role::Strong));
        if let Some(affiliation) = &speaker.affiliation {
            let span = Span { text: format!("  {affiliation}"), role: Some(Role::Muted), ..Span::default() };
            line.0.push(span);
        }
        flow.text(&line, theme.style(Role::Strong));
    }
}

/// A section's number and title, and the way through the talk.
pub(crate) fn section(deck: &Deck, slide: &Slide, number: usize, area: Rect) -> Scene {
    let theme = &*deck.theme;
    let room = text_area(theme, area);
    let mut flow = start(theme, room);
    let sections = &deck.outline.sections;
    let Some(current) = sections.get(number) else { return finish(flow, slide, room) };
    let count = format!("{} of {}", number + 1, sections.len());
    flow.line(vec![Run::new(count, theme.style(Role::Muted))]);
    flow.y += 1;
    let titles = sections.iter().map(|section| &*section.title);
    heading(&mut flow, theme, &current.title, &titles, room);
    flow.y += if area.height >= 30 { 2 } else { 1 };
    bar(&mut flow, theme);
    flow.y += 1;
    let each: u16 = if area.height >= 30 { 2 } else { 1 };
    let left = u32::from(room.height).saturating_sub(flow.y) / u32::from(each);
    let listed = around(number, sections.len(), usize::try_from(left).unwrap_or(usize::MAX));
    let muted = theme.style(Role::Muted);
    let cut = |many: usize, which: &str| Run::new(format!("  … {many} {which}"), muted);
    if listed.start > 0 {
        flow.line(vec![cut(listed.start, "before")]);
        flow.y += u32::from(each - 1);
    }
    let after = sections.len() - listed.end;
    for (index, section) in sections.iter().enumerate().take(listed.end).skip(listed.start) {
        let (mark, style) = match index.cmp(&number) {
            std::cmp::Ordering::Less => ("✓", theme.style(Role::Muted)),
            std::cmp::Ordering::Equal => {
                ("▸", Style::new().fg(theme.accent.into()).add_modifier(Modifier::BOLD))
            }
            std::cmp::Ordering::Greater => (" ", theme.style(Role::Text)),
        };
        flow.line(vec![Run::new(format!("{mark} {}  {}", index + 1, section.title), style)]);
        flow.y += u32::from(each - 1);
    }
    if after > 0 {
        flow.line(vec![cut(after, "more")]);
    }
    finish(flow, slide, room)
}

/// The sections that a divider lists: all of them when there is room for so many, or else those around the `current`
/// one, with a row to spare on either side for how many were left out. So a slide is no longer for a talk of many.
fn around(current: usize, count: usize, room: usize) -> std::ops::Range<usize> {
    if count <= room {
        return 0..count;
    }
    let most = room.saturating_sub(2).max(1);
    let first = current.saturating_sub(most / 2).min(count - most);
    first..first + most
}

fn start(theme: &Theme, room: Rect) -> Flow<'_> {
    Flow::new(theme, 0, Density::Normal, FlowArea { columns: room.width, rows: room.height, spare: 0 })
}

/// Large letters: the largest size in which each of `all` fits into half of the height, so that all dividers of a talk have one.
fn heading<'a>(
    flow: &mut Flow<'_>,
    theme: &Theme,
    text: &str,
    all: &(impl Iterator<Item = &'a str> + Clone),
    room: Rect,
) {
    let style = Style::new().fg(theme.title.into()).add_modifier(Modifier::BOLD);
    let place = Room { columns: room.width, rows: room.height / 2 };
    let set = |text: &str, faces: &[PixelFace]| fit_big(&Text::plain(text), place, faces, style, theme);
    let fits = |face: &&PixelFace| all.clone().take(MAX_COMPARED).all(|one| set(one, &[**face]).is_some());
    let faces = large_faces(LARGEST);
    let lines = faces.iter().find(fits).and_then(|face| set(text, &[*face]));
    match lines.or_else(|| set(text, faces)) {
        Some(lines) => flow.big_lines(lines),
        None => flow.text(&Text::plain(text), style),
    }
}

fn bar(flow: &mut Flow<'_>, theme: &Theme) {
    let style = Style::new().fg(theme.accent.into());
    flow.items.push(SceneItem { x: 0, y: flow.y, width: 16, height: 1, what: Kind::Pattern("━", style) });
    flow.y += 1;
}

/// Puts what was stacked in the middle of the height, and problems below it.
fn finish(mut flow: Flow<'_>, slide: &Slide, room: Rect) -> Scene {
    flow.problems(&slide.problems);
    let top = u32::from(room.height).saturating_sub(flow.y) / 2;
    let rows = flow.y + top;
    let mut items = flow.items;
    shift(&mut items, room.x, top);
    Scene { body: items, body_area: room, body_rows: rows, ..Scene::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_stands_below_the_words_where_it_can_be_seen() {
        let files = greenroom_base::files::MemoryFiles::new()
            .with("talk.yaml", "title: T\nspeaker: S\ncover: c.svg\nsections: [{title: A, file: a.md}]\n")
            .with("c.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='1600' height='300'/>")
            .with("a.md", "# A\n");
        let deck = greenroom_parse::deck(&files, "talk.yaml");
        assert!(deck.problems.is_empty(), "{:?}", deck.problems);
        let picture = |width, height| {
            let scene = title(&deck, &deck.slides[0], Rect { x: 0, y: 0, width, height });
            let words = scene.body.iter().filter(|item| !matches!(item.what, Kind::Image(_)));
            let below = words.map(|item| item.y + item.height).max().unwrap_or(0);
            let picture = scene.body.iter().find(|item| matches!(item.what, Kind::Image(_)))?;
            assert!(picture.y > below && picture.y + picture.height <= u32::from(height));
            Some((picture.width, picture.height))
        };
        assert_eq!(picture(80, 15), None, "too little room");
        let (wide, high) = picture(120, 35).unwrap();
        assert!(wide >= 80 && (6..=12).contains(&high), "{wide}x{high}");
        for (width, height) in [(1, 1), (20, 5), (500, 150)] {
            picture(width, height);
        }
        let missing =
            files.with("talk.yaml", "title: T\ncover: no.svg\nsections: [{title: A, file: a.md}]\n");
        let deck = greenroom_parse::deck(&missing, "talk.yaml");
        assert!(
            deck.problems.iter().any(|problem| problem.message.contains("no.svg")),
            "{:?}",
            deck.problems
        );
    }

    #[test]
    fn a_divider_lists_what_fits_around_its_own_section() {
        assert_eq!(around(3, 4, 10), 0..4);
        assert_eq!(around(0, 100, 10), 0..8);
        assert_eq!(around(50, 100, 10), 46..54);
        assert_eq!(around(99, 100, 10), 92..100);
        assert_eq!(around(7, 9, 0), 7..8, "its own at least");
    }
}
