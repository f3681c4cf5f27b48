//! Blocks that `font_size` or a layout makes large: in large letters where they fit, as usual where they do not.

use ratatui::style::{Modifier, Style};

use super::Flow;
use crate::BigText;
use crate::scene::{Kind, Run, SceneItem};
use greenroom_deck::{Align, Block, List, ListItem, Role, Text};

/// The columns of a bullet beside large letters.
const BULLET: u16 = 3;

impl Flow<'_> {
    /// A quote: its text in large letters, and below it who said so.
    pub(super) fn large_quote(&mut self, blocks: &[Block], scale: u8) {
        let (said, by) = match blocks {
            [said @ .., Block::Paragraph(by)] if !said.is_empty() && is_author(by) => (said, Some(by)),
            all => (all, None),
        };
        let style = Style::new().fg(self.theme.quote.into());
        let large = match said {
            [Block::Paragraph(text)] => self.enlarged(text, self.room.columns, scale, style),
            _ => None,
        };
        match large {
            Some(lines) => self.big_lines(lines),
            None => return self.quote(blocks),
        }
        if let Some(by) = by {
            self.y += 1;
            let style = self.theme.style(Role::Muted);
            self.text(by, style);
        }
    }

    /// A list whose items are a sentence each, all of them large or none.
    pub(super) fn large_list(&mut self, list: &List, scale: u8) {
        let columns = self.room.columns.saturating_sub(BULLET).max(1);
        let style = Style::new().fg(self.theme.text.into());
        let item = |item: &ListItem| match item.blocks.as_slice() {
            [Block::Paragraph(text)] => self.enlarged(text, columns, scale, style),
            _ => None,
        };
        let items: Option<Vec<Vec<BigText>>> = list.items.iter().map(item).collect();
        let rows = |lines: &Vec<BigText>| -> u32 {
            lines.iter().map(|line| u32::from(line.face.rows())).sum::<u32>() + 1
        };
        let Some(items) =
            items.filter(|items| items.iter().map(rows).sum::<u32>() <= u32::from(self.room.rows))
        else {
            return self.list(list);
        };
        let (hidden, align) = (self.hidden, std::mem::replace(&mut self.align, Align::Left));
        for (index, (item, lines)) in list.items.iter().zip(items).enumerate() {
            self.y += u32::from(index > 0);
            self.hidden = hidden || item.step > self.step;
            self.large_item(item, list.first.map(|first| first + index as u64), lines);
        }
        (self.hidden, self.align) = (hidden, align);
        self.gap_below(list.items.len() > 1);
    }

    fn large_item(&mut self, item: &ListItem, number: Option<u64>, lines: Vec<BigText>) {
        let top = self.y;
        let middle = lines.first().map_or(0, |line| u32::from(line.face.rows().saturating_sub(1)) / 2);
        let at = self.items.len();
        self.big_lines(lines);
        for letters in self.items.iter_mut().skip(at) {
            letters.x += BULLET;
        }
        if !self.hidden {
            let bullet = match (item.task, number) {
                (Some(true), _) => "✓".to_owned(),
                (Some(false), _) => "☐".to_owned(),
                (None, Some(number)) => format!("{number}."),
                (None, None) => "●".to_owned(),
            };
            let style = self.theme.style(Role::Accent).add_modifier(Modifier::BOLD);
            let what = Kind::Line(vec![Run::new(bullet, style)]);
            self.items.push(SceneItem { x: 0, y: top + middle, width: BULLET, height: 1, what });
        }
        if item.step == self.step && item.step > 0 {
            self.focus_on(top..self.y);
        }
    }
}

/// Whether a paragraph of a quote says who said it: it begins with a dash.
fn is_author(text: &Text) -> bool {
    text.to_plain().trim_start().starts_with(['—', '–', '―', '-'])
}
