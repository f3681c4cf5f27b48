//! What those see who follow a talk on pages of their own.

use ratatui::layout::Rect;

use super::{slide, too_small};
use crate::talk::{Mode, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_frame::Frame;
use greenroom_render::paint::RenderCache;

/// The slide as it is on the stage, without anything that lies over it for its speaker, and where its panes are; none while the
/// screen is blank. What becomes of it next is there already: a page has no transitions.
#[must_use]
pub fn followed(talk: &Talk, ink: &RenderCache, now: Elapsed) -> Option<(Frame, Vec<(usize, Rect)>)> {
    if *talk.mode() == Mode::Blank {
        return None;
    }
    let size = talk.size();
    if size.columns < 10 || size.rows < 3 {
        return Some((too_small(size, &talk.deck().theme), Vec::new()));
    }
    let mut frame = slide(talk, ink, talk.place(), talk.scroll(), now);
    frame.cursor = None;
    let scene = talk.scene(talk.place());
    let place = |(pane, _, item)| {
        let (area, _) = scene.on_screen(item, talk.scroll(), talk.size().columns)?;
        (!area.is_empty()).then_some((pane, area))
    };
    let panes = scene.panes().filter_map(place).collect();
    Some((frame, panes))
}
