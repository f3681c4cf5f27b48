//! One item of a slide by itself: a pane, a picture or a block of code that fills the screen.

use ratatui::layout::Rect;

use super::code;
use super::scene::{CodeRows, Kind, Scene, SceneItem};
use greenroom_deck::Image;

/// What of a slide can fill the screen. It is told by its place among its kind, so that it is found again in a scene of another
/// size or step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// The pane with this index on the slide: a demo, or the charts of a bench.
    Pane(usize),
    /// One of the pictures and blocks of code, counted from the top.
    Block(usize),
}

impl Scene {
    /// What can fill the screen, in reading order, with its item.
    pub fn zooms(&self) -> impl Iterator<Item = (Zoom, &SceneItem)> {
        let mut blocks = 0..;
        self.body.iter().filter_map(move |item| match &item.what {
            Kind::Pane(index, _) => Some((Zoom::Pane(*index), item)),
            Kind::Code(_) | Kind::Image(_) => Some((Zoom::Block(blocks.next()?), item)),
            _ => None,
        })
    }

    /// Nothing but `zoom`, over the whole of `area`; none when the slide does not show it at this step.
    #[must_use]
    pub fn zoomed(&self, zoom: Zoom, area: Rect) -> Option<Self> {
        let (_, item) = self.zooms().find(|(found, _)| *found == zoom)?;
        let (item, focus) = match &item.what {
            Kind::Image(image) => (picture(image, area), None),
            Kind::Code(rows) => {
                let (item, lit) = enlarged_code(rows, area);
                (item, Some(lit))
            }
            other => (filling(area, other.clone()), None),
        };
        let body_rows = (item.y + item.height).max(area.height.into());
        Some(Self { head: Vec::new(), body: vec![item], body_area: area, body_rows, focus })
    }
}

/// An item as large as `area`, whose body it is.
fn filling(area: Rect, what: Kind) -> SceneItem {
    SceneItem { x: area.x, y: 0, width: area.width, height: area.height.into(), what }
}

/// As large as fits, in the middle; a cell is taken for twice as high as it is wide.
fn picture(image: &Image, area: Rect) -> SceneItem {
    let (across, down) = (u64::from(image.pixels.0.max(1)), u64::from(image.pixels.1.max(1)));
    let (columns, rows) = (u64::from(area.width), u64::from(area.height));
    let wide = across * rows * 2 > columns * down;
    let (width, height) = if wide {
        (columns, (columns * down / across / 2).max(1))
    } else {
        ((rows * 2 * across / down).max(1), rows)
    };
    let width = u16::try_from(width).unwrap_or(area.width).min(area.width);
    let height = u16::try_from(height).unwrap_or(area.height).min(area.height);
    SceneItem {
        x: area.x + (area.width - width) / 2,
        y: u32::from((area.height - height) / 2),
        width,
        height: height.into(),
        what: Kind::Image(image.clone()),
    }
}

/// Code on a surface as large as the area, its lines broken anew and in the middle of it. The rows that it is about come with it.
fn enlarged_code(rows: &CodeRows, area: Rect) -> (SceneItem, std::ops::Range<u32>) {
    let (mut rows, lit) = code::rows_again(rows, area.width);
    let longest = rows.rows.iter().map(|row| {
        let text = rows.code.source.get(row.bytes.clone()).unwrap_or_default();
        super::columns(text) + if row.continued { 2 } else { 0 }
    });
    let used = u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX).saturating_add(rows.gutter);
    rows.padding = rows.padding.max(area.width.saturating_sub(used) / 2);
    let count = u32::try_from(rows.rows.len()).unwrap_or(u32::MAX);
    let spare = u16::try_from(u32::from(area.height).saturating_sub(count)).unwrap_or(0);
    rows.margin = spare / 2;
    let lit = lit.start + u32::from(rows.margin)..lit.end + u32::from(rows.margin);
    let mut item = filling(area, Kind::Code(rows));
    item.height = item.height.max(count);
    (item, lit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_parse as parse;

    const AREA: Rect = Rect { x: 0, y: 0, width: 60, height: 20 };

    fn scene(text: &str) -> Scene {
        let deck = parse::deck(&MemoryFiles::new().with("d.md", text.to_owned()), "d.md");
        crate::slide(&deck, &deck.slides[0], deck.slides[0].last_step, AREA)
    }

    #[test]
    fn a_pane_takes_all_of_the_screen() {
        let scene = scene("# T\n\n```pane\ncommand: [a]\n```\n\n```pane\ncommand: [b]\n```\n");
        let zoomed = scene.zoomed(Zoom::Pane(1), AREA).unwrap();
        let panes: Vec<_> = zoomed.panes().map(|(index, _, item)| (index, item.width, item.height)).collect();
        assert_eq!(panes, [(1, 60, 20)]);
        assert_eq!(zoomed.overflow(), 0);
        assert!(scene.zoomed(Zoom::Pane(2), AREA).is_none());
        assert!(scene.zoomed(Zoom::Block(0), AREA).is_none());
    }

    #[test]
    fn code_stands_in_the_middle_and_keeps_what_stands_out() {
        let scene = scene("# T\n\n```python {2}\nfirst\nsecond\n```\n");
        let zoomed = scene.zoomed(Zoom::Block(0), AREA).unwrap();
        let [SceneItem { width: 60, height: 20, what: Kind::Code(rows), .. }] = &zoomed.body[..] else {
            panic!("{:?}", zoomed.body);
        };
        assert_eq!((rows.margin, rows.padding), (9, 27));
        assert_eq!(zoomed.focus, Some(10..11));
        let lit: Vec<bool> = rows.rows.iter().map(|row| row.emphasis == crate::Emphasis::Lit).collect();
        assert_eq!(lit, [false, true]);
    }

    #[test]
    fn code_that_is_longer_than_the_screen_can_be_scrolled() {
        let text = format!("# T\n\n```python\n{}```\n", "x = 1\n".repeat(50));
        let zoomed = scene(&text).zoomed(Zoom::Block(0), AREA).unwrap();
        assert_eq!(zoomed.overflow(), 30);
    }

    #[test]
    fn a_picture_is_as_large_as_its_proportions_allow() {
        let image = |pixels| Image {
            drawn_from: None,
            path: "p.png".into(),
            alt: greenroom_deck::Text::default(),
            caption: greenroom_deck::Text::default(),
            width: None,
            align: None,
            pixels,
        };
        let at = |pixels| {
            let item = picture(&image(pixels), AREA);
            (item.x, item.y, item.width, item.height)
        };
        assert_eq!(at((300, 200)), (0, 0, 60, 20));
        assert_eq!(at((100, 100)), (10, 0, 40, 20));
        assert_eq!(at((600, 100)), (0, 7, 60, 5));
        assert_eq!(at((1, 60_000)), (29, 0, 1, 20));
    }
}
