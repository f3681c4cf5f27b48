//! Places a slide's blocks on the screen: `(&Slide, &Theme, step, area) -> Scene`.
//!
//! A slide that has room to spare is set wide (`Density::Airy`); one that has not is set tight before it
//! is allowed to overflow. What is hidden until a later step takes its room from the first step on, so that
//! nothing moves when it appears.

mod big;
mod code;
mod cover;
mod flow;
mod scene;
mod table;
mod text;
mod zoom;

pub use code::plain_rows;
pub use scene::{BigText, CodeRow, CodeRows, Emphasis, Kind, Run, Scene, SceneItem, place as place_item};
pub use text::{columns, shown_text, signed, wrap};
pub use zoom::Zoom;

use ratatui::layout::Rect;

use flow::{Flow, FlowArea};
use greenroom_deck::{Block, Deck, Node, Slide, SlideKind, Step, Theme};

/// A slide longer than this many rows is cut, and says so: nobody scrolls so far on a stage.
pub(crate) const MAX_ROWS: u32 = 10_000;

/// The widest that a slide is set: tables, code and panes use all of it.
const MAX_COLUMNS: u16 = 120;

/// The widest that running text is set: longer lines are hard to read back.
const MAX_MEASURE: u16 = 80;

/// How generously a slide is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Density {
    /// No spare rows, and no letters larger than others.
    Small,
    /// No spare rows.
    Tight,
    /// An empty row between blocks.
    Normal,
    /// Room between list items and rows of tables.
    Airy,
}

/// Places `slide`, as it is at `step`, in `area`.
#[must_use]
pub fn slide(deck: &Deck, slide: &Slide, step: Step, area: Rect) -> Scene {
    match slide.kind {
        SlideKind::Title => cover::title(deck, slide, area),
        SlideKind::Section(number) => cover::section(deck, slide, number, area),
        SlideKind::Content => content(slide, &deck.theme, step, area),
    }
}

/// The part of `area` that a slide's text stands in.
fn text_area(theme: &Theme, area: Rect) -> Rect {
    let margin = match (theme.margin.columns, area.width) {
        (Some(columns), whole) => columns.of(whole),
        (None, 0..=39) => 1,
        (None, 40..=99) => 4,
        (None, whole) => whole / 16,
    };
    let width = area.width.saturating_sub(2 * margin).min(theme.measure.unwrap_or(MAX_COLUMNS).max(1));
    let (top, bottom) = theme.margin.rows.map_or_else(
        || (u16::from(area.height >= 16) + u16::from(area.height >= 30), u16::from(area.height >= 20)),
        |rows| (rows.of(area.height), rows.of(area.height)),
    );
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + top.min(area.height),
        width,
        height: area.height.saturating_sub(top + bottom),
    }
}

/// Sets the slide as generously as it fits.
fn content(slide: &Slide, theme: &Theme, step: Step, area: Rect) -> Scene {
    let room = text_area(theme, area);
    let long = slide.origin.end.saturating_sub(slide.origin.line) > usize::from(room.height) * 4;
    let generous: &[Density] = if long { &[] } else { &[Density::Airy, Density::Normal] };
    for density in generous {
        let scene = place(slide, theme, step, room, *density);
        if scene.overflow() == 0 {
            return scene;
        }
    }
    let tight = place(slide, theme, step, room, Density::Tight);
    if tight.overflow() == 0 || long {
        return tight;
    }
    let small = place(slide, theme, step, room, Density::Small);
    if small.overflow() == 0 { small } else { tight }
}

fn place(slide: &Slide, theme: &Theme, step: Step, room: Rect, density: Density) -> Scene {
    let mut head =
        Flow::new(theme, step, density, FlowArea { columns: room.width, rows: room.height, spare: 0 });
    if !slide.title.is_empty() {
        head.title(&slide.title, theme.title_align.unwrap_or_else(|| slide_align(slide)));
    }
    let head_rows = u16::try_from(head.y).unwrap_or(room.height).min(room.height);
    let body_area = Rect { y: room.y + head_rows, height: room.height - head_rows, ..room };
    let body = body(slide, theme, step, density, body_area);
    let lift = balance(&body, body_area, density);
    let (mut head, mut items) = (head.items, body.items);
    shift(&mut head, room.x, u32::from(room.y));
    shift(&mut items, room.x, lift);
    Scene {
        head,
        body: items,
        body_area,
        body_rows: body.y + lift,
        focus: body.focus.map(|focus| focus.start + lift..focus.end + lift),
    }
}

/// Lays the body out twice when panes or pictures have to share what the rest of the slide leaves.
fn body<'a>(slide: &'a Slide, theme: &'a Theme, step: Step, density: Density, area: Rect) -> Flow<'a> {
    let lay = |spare: i32| {
        let mut flow =
            Flow::new(theme, step, density, FlowArea { columns: area.width, rows: area.height, spare });
        flow.nodes(&slide.body);
        flow.problems(&slide.problems);
        flow
    };
    let first = lay(0);
    if first.flexible == 0 {
        return first;
    }
    let left = i64::from(area.height) - i64::from(first.y);
    lay(i32::try_from(left / i64::from(first.flexible)).unwrap_or(0))
}

/// How far the body moves down: not at all when it fills its room, so that it is as far from the title on one slide as on
/// the next. One that fills no more than three fifths of it stands a little above the middle of it, where the eye takes the
/// middle to be.
fn balance(body: &Flow<'_>, area: Rect, density: Density) -> u32 {
    let (rows, room) = (body.y, u32::from(area.height));
    if density <= Density::Tight || body.centered || body.flexible > 0 || rows * 5 > room * 3 {
        return 0;
    }
    (room - rows) * 2 / 5
}

/// A slide that centres its first block centres its title as well; a picture in the middle is not text.
fn slide_align(slide: &Slide) -> greenroom_deck::Align {
    let picture = |node: &&Node| matches!(node.block, Block::Image(_));
    slide.body.first().filter(|node| !picture(node)).map_or_else(Default::default, |node| node.align)
}

/// Moves items from their flow's own coordinates to the screen's.
fn shift(items: &mut [SceneItem], columns: u16, rows: u32) {
    for item in items {
        item.x = item.x.saturating_add(columns);
        item.y += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;

    const SIZES: [(u16, u16); 5] = [(20, 5), (80, 24), (120, 35), (200, 50), (500, 150)];

    fn scene(text: &str, (width, height): (u16, u16)) -> Scene {
        let files = MemoryFiles::new().with("d.md", text.to_owned());
        let deck = greenroom_parse::deck(&files.with("p.svg", "<svg width='400' height='300'/>"), "d.md");
        let first = &deck.slides[0];
        slide(&deck, first, first.last_step, Rect { x: 0, y: 0, width, height })
    }

    /// Rows above the first item of the body, below the last one, and all of its room.
    fn free(scene: &Scene) -> (u32, u32, u32) {
        let top = scene.body.iter().map(|item| item.y).min().unwrap_or(0);
        let end = scene.body.iter().map(|item| item.y + item.height).max().unwrap_or(0);
        let room = u32::from(scene.body_area.height);
        (top, room.saturating_sub(end), room)
    }

    #[test]
    fn what_is_short_stands_a_little_above_the_middle_and_what_fills_its_room_at_its_top() {
        for size in &SIZES[1..] {
            for lines in 1..40 {
                let text = format!("# T\n\n```\n{}```\n", "a\n".repeat(lines));
                let scene = scene(&text, *size);
                let (above, below, room) = free(&scene);
                if scene.overflow() > 0 || (above == 0 && below * 5 < room * 2) {
                    continue;
                }
                assert!(above < below || below == 0, "{lines} at {size:?}: {above} above, {below} below");
                assert!(above * 2 + 2 >= below, "{lines} at {size:?}: {above} above, {below} below");
            }
        }
    }

    #[test]
    fn text_is_no_wider_than_it_reads_well_and_what_shows_more_is() {
        let words = "word ".repeat(200);
        let text = format!("# T\n\n{words}\n\n- {words}\n\n> [!NOTE]\n> {words}\n\n```\n{words}\n```\n");
        for size in SIZES {
            let scene = scene(&text, size);
            let lines = || scene.body.iter().filter(|item| matches!(item.what, Kind::Line(_)));
            assert!(lines().all(|item| item.width <= MAX_MEASURE), "{size:?}");
            let code = scene.body.iter().find(|item| matches!(item.what, Kind::Code(_))).unwrap();
            assert_eq!(code.width, scene.body_area.width, "{size:?}");
        }
    }

    #[test]
    fn a_picture_begins_where_the_text_does() {
        let text = "# T\n\nabove\n\n![](p.svg)\n\nbelow\n";
        let scene = scene(text, (120, 35));
        assert!(scene.body.iter().all(|item| item.x == scene.body_area.x), "{:?}", scene.body);
    }

    #[test]
    fn items_have_air_between_them_while_there_is_room() {
        let rows = |items: usize| {
            let scene = scene(&("# T\n\n".to_owned() + &"- a\n".repeat(items)), (80, 24));
            let bullets: Vec<u32> =
                scene.body.iter().filter(|item| item.width == 2).map(|item| item.y).collect();
            (bullets[1] - bullets[0], scene.overflow())
        };
        assert_eq!(rows(5), (2, 0));
        assert_eq!(rows(12), (1, 0));
        assert_eq!(rows(18), (1, 0));
    }

    #[test]
    fn code_follows_font_size_as_far_as_no_line_is_broken() {
        let times = |text: &str, size| {
            let scene = scene(text, size);
            assert_eq!(scene.overflow(), 0, "{text}");
            scene.body.iter().find_map(|item| match &item.what {
                Kind::Code(rows) => {
                    assert_eq!(item.height, rows.height());
                    Some(rows.times)
                }
                _ => None,
            })
        };
        let code = |columns: usize, lines: usize| {
            format!("```\n{}```\n", "a".repeat(columns) + &"\nb".repeat(lines - 1) + "\n")
        };
        let sized = |size: u8, code: &str| format!("# T\n\nwords\n\n<!-- font_size: {size} -->\n\n{code}");
        for (size, expected) in [(1, 1), (2, 2), (3, 3), (4, 4), (7, 4)] {
            assert_eq!(times(&sized(size, &code(15, 2)), (80, 24)), Some(expected), "{size}");
        }
        assert_eq!(times(&sized(7, &code(30, 2)), (80, 24)), Some(2), "no more columns");
        assert_eq!(times(&sized(7, &code(60, 2)), (80, 24)), Some(1), "none to spare");
        assert_eq!(times(&sized(7, &code(15, 12)), (80, 24)), Some(1), "no rows to spare");
        // Code that stands alone is as large as it fits, up to twice as large as text.
        assert_eq!(times(&format!("# T\n\n{}", code(15, 3)), (80, 24)), Some(2));
        assert_eq!(times(&format!("# T\n\n{}\nwhat it does\n", code(15, 3)), (80, 24)), Some(2));
        assert_eq!(times(&format!("# T\n\nfirst\n\n{}", code(15, 3)), (80, 24)), Some(1));
        assert_eq!(times(&format!("# T\n\n<!-- layout: plain -->\n\n{}", code(15, 3)), (80, 24)), Some(1));
        assert_eq!(times(&format!("# T\n\n<!-- layout: code -->\n\n{}", code(15, 3)), (80, 24)), Some(2));
    }
}
