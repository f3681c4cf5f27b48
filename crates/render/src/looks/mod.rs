//! What layouts look like, with their colours, and what holds for all of them.

mod layouts;
#[path = "../../../../tests/it/support/styled.rs"]
mod styled;
mod tables;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::layout::{Kind, Scene, SceneItem, slide};
use crate::paint::{self, RenderCache};
use greenroom_base::files::MemoryFiles;
use greenroom_deck::{Deck, Meaning, Reading};
use greenroom_frame::Frame;

/// The deck of `text`, whose figures say their last word: good news when it is `fine`, bad news otherwise.
fn deck(text: &str) -> Deck {
    let files = MemoryFiles::new().with("x.md", text.to_owned());
    let mut deck = greenroom_parse::deck(&files.with("dot.svg", "<svg width='400' height='300'/>"), "x.md");
    deck.interpolate(&mut |figure| {
        let text = figure.words.last().cloned().unwrap_or_default();
        let meaning = Some(if text == "fine" { Meaning::Good } else { Meaning::Bad });
        Ok(Reading { text, meaning })
    });
    assert_eq!(deck.problems, []);
    deck
}

/// The first slide at its last step.
fn scene(deck: &Deck, (columns, rows): (u16, u16)) -> Scene {
    let first = &deck.slides[0];
    slide(deck, first, first.last_step, Rect::new(0, 0, columns, rows))
}

fn painted(deck: &Deck, size: (u16, u16)) -> Frame {
    let mut frame = Frame::new(size.0, size.1);
    let ground = Style::new().fg(deck.theme.text.into()).bg(deck.theme.background.into());
    let area = frame.area();
    paint::fill(&mut frame.cells, area, ground);
    paint::scene(&scene(deck, size), 0, &RenderCache::new(), &deck.theme, &|_| None, &mut frame);
    frame
}

/// The first slide of `text`, with its colours.
fn look(text: &str, size: (u16, u16)) -> String {
    styled::styled(&painted(&deck(text), size))
}

/// Every item of the scene, those that stay in place first.
fn items(scene: &Scene) -> impl Iterator<Item = &SceneItem> {
    scene.head.iter().chain(&scene.body)
}

/// The words of a line of text.
fn words(item: &SceneItem) -> Option<String> {
    let Kind::Line(runs) = &item.what else { return None };
    Some(runs.iter().map(|run| run.text.as_str()).collect())
}
