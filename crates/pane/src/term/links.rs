//! Where the text on a screen leads.

use std::collections::HashMap;
use std::sync::Arc;

use alacritty_terminal::term::cell::{Flags, Hyperlink};
use ratatui::layout::Rect;

use super::TermView;

/// Most parts of links on a screen at a time.
const MAX_LINK_PARTS: usize = 256;
/// Most bytes of their addresses, counted for each part: a terminal is told each of them with each frame.
const MOST_BYTES: usize = 64 * 1024;

/// A part of a line, and where it leads.
pub(crate) type LinkSpan = (Rect, Arc<str>);

impl TermView {
    /// Where the text in `area` leads, part by part as [`TermView::paint`] draws it; the parts of one link have the very same
    /// address. It is a bounded number of parts: text beyond that is text alone.
    #[must_use]
    pub fn links(&self, area: Rect) -> Vec<LinkSpan> {
        let (mut parts, mut bytes) = (Vec::new(), 0);
        if self.screen.links.is_empty() {
            return parts;
        }
        let mut shown: HashMap<Hyperlink, Arc<str>> = HashMap::new();
        for (y, cells) in self.rows(area).1 {
            let mut before: Option<Hyperlink> = None;
            for (x, cell) in (area.left()..area.right()).zip(cells) {
                // Both halves of a wide character lead where the first does.
                let second = cell.flags.contains(Flags::WIDE_CHAR_SPACER) && x > area.left();
                let key = if second { before.clone() } else { cell.hyperlink() };
                let goes_on = key.is_some() && key == before;
                if let (Some((last, _)), true) = (parts.last_mut(), goes_on) {
                    last.width += 1;
                    continue;
                }
                let Some((key, address)) = key.and_then(|key| self.leads(key)) else {
                    before = None;
                    continue;
                };
                bytes += address.len();
                if parts.len() == MAX_LINK_PARTS || bytes > MOST_BYTES {
                    return parts;
                }
                let address = shown.entry(key.clone()).or_insert_with(|| Arc::from(address));
                parts.push((Rect { x, y, width: 1, height: 1 }, Arc::clone(address)));
                before = Some(key);
            }
        }
        parts
    }

    fn leads(&self, key: Hyperlink) -> Option<(Hyperlink, &str)> {
        let address = self.screen.links.address(&key)?;
        Some((key, address))
    }
}
