//! Pictures, and what is drawn like one.

use super::{Flow, MAX_GROWTH, PIXELS_PER_COLUMN};
use crate::CodeRows;
use crate::scene::{Kind, SceneItem};
use greenroom_deck::{Align, Image, Mark, Qr, Role, Span, Text};
use ratatui::style::Modifier;

/// A caption is no narrower than this below a small picture, in columns.
const MIN_CAPTION: u16 = 24;
/// Empty columns between a code and its address, and the fewest columns that an address is written in beside it.
const BESIDE: u16 = 3;
const MIN_ADDRESS: u16 = 20;

impl Flow<'_> {
    /// Rows that a text needs more above and below, so that the drawing over it has its shape as wide as the text; as far as the
    /// slide has room.
    pub(super) fn room_for_drawing(&mut self, rows: &CodeRows) -> u16 {
        let Some(drawing) = &rows.code.drawing else { return 0 };
        self.flexible += 1;
        let (width, height) = (drawing.pixels.0.max(1), drawing.pixels.1);
        let wanted = u32::from(self.room.columns).saturating_mul(height) / width / 2;
        let more = wanted.saturating_sub(rows.height()).min(u32::try_from(self.room.spare).unwrap_or(0));
        u16::try_from(more / 2).unwrap_or(0)
    }

    /// A picture, no larger than its pixels ask for unless it `grows`, and its caption below it.
    pub(super) fn image(&mut self, image: &Image, grows: bool) {
        self.flexible += 1;
        let around = self.align;
        self.align = image.align.unwrap_or(around);
        let (width, height) = (image.pixels.0.max(1), image.pixels.1.max(1));
        let widest = match image.width {
            Some(percent) => u32::from(self.room.columns) * u32::from(percent) / 100,
            None => (width / PIXELS_PER_COLUMN)
                .saturating_mul(if grows { MAX_GROWTH } else { 1 })
                .max(8)
                .min(u32::from(self.room.columns)),
        };
        // Until the other blocks are known a picture takes as little as makes sense.
        let rows_for = |columns: u32| (columns * height / width / 2).max(1);
        let allowed = i64::from(4_u16) + i64::from(self.room.spare);
        let highest = u32::try_from(allowed.clamp(3, i64::from(self.room.rows.max(3)))).unwrap_or(3);
        let rows = rows_for(widest.max(1)).min(highest);
        let columns = (rows * 2 * width / height).clamp(1, widest.max(1));
        let columns = u16::try_from(columns).unwrap_or(self.room.columns).min(self.room.columns);
        let x = self.offset(columns.into());
        self.push_at(x, columns, rows, Kind::Image(image.clone()));
        if !image.caption.is_empty() {
            self.caption(&image.caption, x, columns);
        }
        self.align = around;
    }

    /// A picture that takes all of so many columns, or of so many rows.
    pub(crate) fn fill(&mut self, image: &Image, columns: u16, rows: u16) {
        let (width, height) = (u64::from(image.pixels.0.max(1)), u64::from(image.pixels.1.max(1)));
        let (columns, rows) = (u64::from(columns), u64::from(rows));
        let high = (columns * height).div_ceil(width * 2).clamp(1, rows);
        let wide = (high * 2 * width / height).clamp(1, columns);
        let wide = u16::try_from(wide).unwrap_or(u16::MAX);
        self.push_at(0, wide, u32::try_from(high).unwrap_or(1), Kind::Image(image.clone()));
    }

    /// Words below a picture of so many columns that begins at column `x`.
    fn caption(&mut self, caption: &Text, x: u16, columns: u16) {
        let wide = columns.max(MIN_CAPTION).min(self.room.columns);
        let x = match self.align {
            Align::Left => x,
            Align::Center => self.offset(wide.into()),
            Align::Right => self.room.columns - wide,
        };
        let mut inner = self.inner(wide);
        let style = self.theme.style(Role::Muted).add_modifier(Modifier::ITALIC);
        inner.text(caption, style);
        self.absorb(inner, x);
    }

    /// A QR code, with its address beside it, or below where there is no room.
    pub(super) fn qr(&mut self, qr: &Qr) {
        if qr.is_blank() {
            let about = Text::plain("The code for the audience stands here while the talk is followed");
            let style = self.theme.style(Role::Muted).add_modifier(Modifier::ITALIC);
            return self.text(&about, style);
        }
        let side = |modules: usize| u16::try_from(modules).unwrap_or(u16::MAX);
        let (width, rows) = (side(qr.modules()), u32::from(side(qr.rows())));
        let address = Text(vec![Span {
            text: qr.address.to_string(),
            link: Some(qr.address.clone()),
            mark: Mark::LINK,
            ..Span::default()
        }]);
        let left = self.room.columns.saturating_sub(width.saturating_add(BESIDE));
        let x = self.offset(width.into());
        let (top, what) = (self.y, Kind::Qr(qr.clone()));
        if !self.hidden {
            self.items.push(SceneItem { x, y: top, width, height: rows, what });
        }
        if self.align == Align::Left && left >= MIN_ADDRESS {
            let mut inner = self.inner(left);
            inner.text(&address, self.base);
            self.y += rows.saturating_sub(inner.y) / 2;
            self.absorb(inner, width + BESIDE);
            self.y = self.y.max(top + rows);
        } else {
            self.y += rows;
            self.text(&address, self.base);
        }
    }
}
