//! Every kind of item, drawn into cells.

mod twin;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use super::PaneLook;
use super::pane::{self, PaneLooks};
use super::picture::half_blocks;
use super::render_cache::{Picked, RenderCache};
use crate::layout::{BigText, CodeRow, CodeRows, Emphasis, Kind, Run, Scene, SceneItem, columns, place_item};
use greenroom_charts::bench::Plot;
use greenroom_deck::{Image, PaneSpec, Qr, Rgb, Role, Theme};
use greenroom_frame::{Frame, LetterFace, LetterSpan, PlacedLetters, PlacedPicture, PlacedPlot};
use greenroom_raster::PixelLine;

/// What stands on a row of code: its number, the mark of a line that goes on, and its words in their colours.
fn each_code_span(
    theme: &Theme,
    code: &CodeRows,
    row: &CodeRow,
    tokens: &[(std::ops::Range<usize>, super::code::Token)],
    mut each: impl FnMut(&str, Style),
) {
    let dimmed = row.emphasis == Emphasis::Dimmed;
    let back = if code.code.bare { theme.background } else { theme.surface };
    let tint = |color: Rgb| {
        // What is not looked at now can still be read by those who try.
        let faint = || color.mix(back, 0.62).readable(&[back], 3.0, color);
        Style::new().fg(if dimmed { faint() } else { color }.into())
    };
    let mut push = |text: &str, style: Style| {
        if !text.is_empty() {
            each(text, style);
        }
    };
    if code.gutter > 0 {
        let number = code.code.numbers.unwrap_or(1) as usize + row.line;
        let width = usize::from(code.gutter) - 2;
        if row.continued {
            push(&" ".repeat(width), Style::new());
        } else {
            push(&format!("{number:>width$}"), tint(theme.muted));
        }
        push("  ", Style::new());
    }
    if row.continued {
        push("↪ ", tint(theme.muted));
    }
    let source = &code.code.source;
    let line_start = source[..row.bytes.start].rfind('\n').map_or(0, |at| at + 1);
    let text = |range: std::ops::Range<usize>| source.get(range).unwrap_or_default();
    let mut at = row.bytes.start;
    let plain = tint(theme.text);
    for (range, token) in tokens {
        let start = (range.start + line_start).clamp(at, row.bytes.end);
        let stop = (range.end + line_start).clamp(start, row.bytes.end);
        push(text(at..start), plain);
        push(text(start..stop), tint(token.color(&theme.syntax)));
        at = stop;
    }
    push(text(at..row.bytes.end), plain);
}

/// Writes `text` in at most `width` columns, and says where it ends. Plain words are most of what is on slides, and
/// need not be taken apart into what a reader sees as characters.
fn write(cells: &mut Buffer, x: u16, y: u16, text: &str, width: usize, style: Style) -> u16 {
    if !text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return cells.set_stringn(x, y, text, width, style).0;
    }
    let room = usize::from(cells.area.right().saturating_sub(x)).min(width);
    let mut end = x;
    for character in text.chars().take(room) {
        if let Some(cell) = cells.cell_mut((end, y)) {
            cell.set_char(character).set_style(style);
        }
        end += 1;
    }
    end
}

/// Draws `scene`, its body scrolled down by `scroll` rows.
pub fn scene(
    scene: &Scene,
    scroll: u32,
    ink: &RenderCache,
    theme: &Theme,
    panes: PaneLooks<'_, '_>,
    frame: &mut Frame,
) {
    let screen = frame.area();
    let mut brush = Brush { ink, theme, panes, frame, clip: screen, scroll: 0 };
    for item in &scene.head {
        brush.item(item);
    }
    brush.clip = scene.body_area;
    brush.scroll = scroll;
    for item in &scene.body {
        brush.item(item);
    }
    let scroll_bar = scene.overflow() > 0;
    if scroll_bar {
        brush.scroll_bar(scene, scroll);
    }
}

struct Brush<'a, 'p> {
    ink: &'a RenderCache,
    theme: &'a Theme,
    panes: PaneLooks<'a, 'p>,
    frame: &'a mut Frame,
    clip: Rect,
    scroll: u32,
}

impl Brush<'_, '_> {
    fn item(&mut self, item: &SceneItem) {
        let Some(rows) = self.visible(item) else { return };
        match &item.what {
            Kind::Line(runs) => self.line(item, rows.area, runs),
            Kind::Stripe(color, half) => self.stripe(&rows, *color, *half),
            Kind::Fill(style) => super::fill(&mut self.frame.cells, rows.area, *style),
            Kind::Pattern(symbol, style) => self.pattern(rows.area, symbol, *style),
            Kind::Big(big) => self.big(item, &rows, big),
            Kind::Code(code) => self.code(&rows, code),
            Kind::Image(image) => self.image(item, &rows, image),
            Kind::Qr(qr) => self.qr(item, &rows, qr),
            Kind::Pane(index, spec) => self.pane(item, &rows, *index, spec),
        }
    }

    /// The part of an item that shows, if any does.
    fn visible(&self, item: &SceneItem) -> Option<Visible> {
        // The head is placed on the screen, the body from the top of its area.
        let origin = if self.clip == self.frame.area() { 0 } else { i64::from(self.clip.y) };
        let columns = self.frame.area().right();
        let (area, skipped) = place_item(item, self.clip, origin - i64::from(self.scroll), columns)?;
        let shown = u32::from(area.height);
        Some(Visible { area, skipped, whole: shown == item.height, is_end: skipped + shown == item.height })
    }

    fn line(&mut self, item: &SceneItem, area: Rect, runs: &[Run]) {
        runs.iter().fold(area.x, |x, run| {
            let left = usize::from(item.x.saturating_add(item.width).saturating_sub(x));
            let end = write(&mut self.frame.cells, x, area.y, &run.text, left, run.style);
            if let Some(address) = &run.link {
                self.frame.link(Rect { x, y: area.y, width: end.saturating_sub(x), height: 1 }, address);
            }
            end
        });
    }

    fn pattern(&mut self, area: Rect, symbol: &str, style: Style) {
        for position in area.positions() {
            self.frame.cells[position].set_symbol(symbol).set_style(style);
        }
    }

    /// A ground that hangs over at its sides. Half rows are drawn as half blocks.
    fn stripe(&mut self, rows: &Visible, color: greenroom_deck::Rgb, half: bool) {
        let area = rows.area;
        let left = area.x.saturating_sub(1);
        let area = Rect { x: left, width: area.right().saturating_add(1).saturating_sub(left), ..area };
        let last = u32::from(area.height).saturating_sub(1);
        for (row, y) in (0_u32..).zip(area.top()..area.bottom()) {
            let line = Rect { y, height: 1, ..area }.intersection(self.frame.area());
            match (half, row + rows.skipped == 0, row == last && rows.is_end) {
                (true, true, _) => self.pattern(line, "▄", Style::new().fg(color.into())),
                (true, _, true) => self.pattern(line, "▀", Style::new().fg(color.into())),
                _ => super::fill(&mut self.frame.cells, line, Style::new().bg(color.into())),
            }
        }
    }

    fn big(&mut self, item: &SceneItem, rows: &Visible, big: &BigText) {
        // Bold and underlined are matters of a font.
        let look = |run: &Run| run.style.remove_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        let (text, mut ends) = (big.text(), Vec::new());
        let mut end = 0;
        for run in &big.runs {
            end += run.text.len();
            ends.push((end, run));
        }
        let line = big.face.set(&text);
        let right = rows.area.right().min(item.x.saturating_add(item.width));
        for y in 0..rows.area.height {
            let row = u16::try_from(rows.skipped).unwrap_or(u16::MAX).saturating_add(y);
            for (x, (symbol, place)) in (rows.area.x..right).zip(line.cells(row)) {
                let run = ends.iter().find(|(end, _)| place < *end).map(|(_, run)| *run);
                if let (Some(cell), Some(run)) = (self.frame.cells.cell_mut((x, rows.area.y + y)), run) {
                    cell.set_char(symbol).set_style(look(run));
                }
            }
        }
        for guest in line.guests() {
            let row = u32::from(big.face.guest_row()).checked_sub(rows.skipped);
            let Some(y) = row.and_then(|row| u16::try_from(row).ok()).filter(|row| *row < rows.area.height)
            else {
                continue;
            };
            let run = ends.iter().find(|(end, _)| guest.place.start < *end).map(|(_, run)| *run);
            let (sign, x) = (text.get(guest.place.clone()), rows.area.x.saturating_add(guest.column));
            if let (Some(sign), Some(run), Some(room)) = (sign, run, right.checked_sub(x)) {
                write(&mut self.frame.cells, x, rows.area.y + y, sign, room.into(), look(run));
            }
        }
        self.big_links(rows.area, &line, &ends);
        if rows.whole {
            let span = |run: &Run| LetterSpan { text: run.text.clone(), style: look(run) };
            let spans = big.runs.iter().map(span).collect();
            self.frame.letters.push(PlacedLetters {
                area: rows.area,
                spans,
                face: LetterFace::Title(big.face),
            });
        }
    }

    /// What of large letters leads somewhere.
    fn big_links(&mut self, area: Rect, line: &PixelLine, ends: &[(usize, &Run)]) {
        let mut start = 0;
        for (end, run) in ends {
            if let Some(address) = &run.link {
                let within = |place: usize| (start..*end).contains(&place);
                let columns: Vec<u16> = (area.left()..area.right())
                    .zip(line.cells(0))
                    .filter(|(_, (_, place))| within(*place))
                    .map(|(x, _)| x)
                    .collect();
                if let (Some(first), Some(last)) = (columns.first(), columns.last()) {
                    self.frame.link(Rect { x: *first, width: last - first + 1, ..area }, address);
                }
            }
            start = *end;
        }
    }

    fn code(&mut self, rows: &Visible, code: &CodeRows) {
        let surface = Style::new().bg(self.theme.surface.into());
        if !code.code.bare {
            super::fill(&mut self.frame.cells, rows.area, surface);
        }
        let tokens = self.ink.lines(&code.code);
        // Where no larger letters show, the lines stand together in the middle.
        let (lines, more) = (i64::try_from(code.rows.len()).unwrap_or(0), i64::from(code.times) - 1);
        let above = i64::from(code.margin) + lines * more / 2;
        for y in 0..rows.area.height {
            let index = i64::from(rows.skipped) + i64::from(y) - above;
            let Some(row) = usize::try_from(index).ok().and_then(|index| code.rows.get(index)) else {
                continue;
            };
            let line = Rect { y: rows.area.y + y, height: 1, ..rows.area };
            self.code_row(line, code, row, tokens.get(row.line).map_or(&[], Vec::as_slice));
        }
        if more > 0 && rows.whole {
            self.large_code(rows.area, code, &tokens);
        }
        // The text is what shows where pictures cannot, and until this one is there.
        if let Some(drawing) = code.code.drawing.as_ref().filter(|_| rows.whole)
            && let Picked::Ready(picture) = self.ink.picture(&drawing.path)
        {
            self.frame.pictures.push(PlacedPicture { area: rows.area, picture });
        }
    }

    /// Code in letters that are larger than those of cells.
    fn large_code(
        &mut self,
        area: Rect,
        code: &CodeRows,
        tokens: &[Vec<(std::ops::Range<usize>, super::code::Token)>],
    ) {
        let times = u16::from(code.times);
        let tops = (area.y.saturating_add(code.margin)..area.bottom()).step_by(times.into());
        for (row, y) in code.rows.iter().zip(tops) {
            let lit = row.emphasis == Emphasis::Lit;
            let mark = if lit { "▌" } else { " " };
            let mut spans =
                vec![LetterSpan { text: mark.to_owned(), style: Style::new().fg(self.theme.accent.into()) }];
            let tokens = tokens.get(row.line).map_or(&[][..], Vec::as_slice);
            each_code_span(self.theme, code, row, tokens, |text, style| {
                spans.push(LetterSpan { text: text.to_owned(), style });
            });
            let area = Rect { y, width: area.width / times * times, height: times, ..area };
            self.frame.letters.push(PlacedLetters { area, spans, face: LetterFace::Code(code.times) });
        }
    }

    fn code_row(
        &mut self,
        area: Rect,
        code: &CodeRows,
        row: &CodeRow,
        tokens: &[(std::ops::Range<usize>, super::code::Token)],
    ) {
        if row.emphasis == Emphasis::Lit {
            let mark = Style::new().fg(self.theme.accent.into());
            self.frame.cells[(area.x, area.y)].set_symbol("▌").set_style(mark);
        }
        let (mut x, end) = (area.x.saturating_add(code.padding), area.right());
        let cells = &mut self.frame.cells;
        each_code_span(self.theme, code, row, tokens, |text, style| {
            x = write(cells, x, area.y, text, usize::from(end.saturating_sub(x)), style);
        });
    }

    fn image(&mut self, item: &SceneItem, rows: &Visible, image: &Image) {
        if let Some(diagram) = &image.drawn_from {
            return self.diagram(rows, &image.path, diagram);
        }
        let picture = match self.ink.picture(&image.path) {
            Picked::Ready(picture) => picture,
            Picked::Pending => return self.words(rows.area, &image.alt.to_plain(), Role::Muted),
            Picked::Failed(why) => {
                return self.words(rows.area, &format!("{}: {why}", image.path), Role::Bad);
            }
        };
        let background = self.theme.background;
        if rows.whole {
            half_blocks(&picture, &mut self.frame.cells, rows.area, background);
            self.frame.pictures.push(PlacedPicture { area: rows.area, picture });
            return;
        }
        let Ok(height) = u16::try_from(item.height) else { return };
        let area = Rect::new(0, 0, item.width, height);
        let mut whole = Buffer::empty(area);
        half_blocks(&picture, &mut whole, area, background);
        copy(&whole, &mut self.frame.cells, rows, Style::new());
    }

    /// A code, black on white whatever the theme is: cameras read no other.
    fn qr(&mut self, item: &SceneItem, rows: &Visible, qr: &Qr) {
        let ink = |dark: bool| if dark { Rgb(0, 0, 0) } else { Rgb(255, 255, 255) };
        for row in 0..rows.area.height {
            let top = 2 * (usize::try_from(rows.skipped).unwrap_or(0) + usize::from(row));
            for column in 0..rows.area.width {
                let dark = |y: usize| qr.is_dark(usize::from(column), y);
                let style = Style::new().fg(ink(dark(top)).into()).bg(ink(dark(top + 1)).into());
                let at = (rows.area.x + column, rows.area.y + row);
                if let Some(cell) = self.frame.cells.cell_mut(at) {
                    cell.set_symbol("▀").set_style(style.remove_modifier(Modifier::all()));
                }
            }
        }
        if rows.whole && usize::from(item.width) == qr.modules() && rows.area.width == item.width {
            let picture = self.ink.code_picture(qr);
            self.frame.pictures.push(PlacedPicture { area: rows.area, picture });
        }
    }

    /// Words where a picture would be.
    fn words(&mut self, area: Rect, text: &str, role: Role) {
        let style = self.theme.style(role);
        super::fill(&mut self.frame.cells, area, Style::new().bg(self.theme.surface.into()));
        let width = usize::from(area.width);
        let x = area.x + u16::try_from(width.saturating_sub(columns(text)) / 2).unwrap_or(0);
        self.frame.cells.set_stringn(x, area.y + area.height / 2, text, width, style);
    }

    fn pane(&mut self, item: &SceneItem, rows: &Visible, index: usize, spec: &PaneSpec) {
        let look = (self.panes)(index);
        if rows.whole {
            let beside = pane::draw(&mut self.frame.cells, rows.area, spec, look.as_ref(), self.theme);
            self.cursor(beside.cursor, look.as_ref());
            beside.links.iter().for_each(|(area, address)| self.frame.link(*area, address));
            let placed = |Plot { area, curves }| PlacedPlot { area, curves };
            self.frame.plots.extend(beside.plot.map(placed));
            return;
        }
        let Ok(height) = u16::try_from(item.height) else { return };
        let area = Rect::new(0, 0, item.width, height);
        let mut whole = Buffer::empty(area);
        let beside = pane::draw(&mut whole, area, spec, look.as_ref(), self.theme);
        copy(&whole, &mut self.frame.cells, rows, Style::new());
        let skipped = u16::try_from(rows.skipped).unwrap_or(u16::MAX);
        let moved = |Position { x, y }: Position| {
            let at = Position { x: rows.area.x + x, y: rows.area.y + y.checked_sub(skipped)? };
            rows.area.contains(at).then_some(at)
        };
        self.cursor(beside.cursor.and_then(moved), look.as_ref());
        for (part, address) in &beside.links {
            if let Some(Position { x, y }) = moved(part.as_position()) {
                self.frame.link(Rect { x, y, ..*part }, address);
            }
        }
    }

    /// The terminal's cursor is that of the pane, if it shows one, and looks as its program wants it.
    fn cursor(&mut self, at: Option<Position>, look: Option<&PaneLook<'_>>) {
        if let Some((at, look)) = at.zip(look) {
            self.frame.cursor = Some(at);
            self.frame.cursor_style = look.pane.cursor_style();
        }
    }

    /// Shows that there is more, and where in it the screen is.
    fn scroll_bar(&mut self, scene: &Scene, scroll: u32) {
        let area = scene.body_area;
        let x = (area.right() + 1).min(self.frame.area().right().saturating_sub(1));
        let height = u32::from(area.height).max(1);
        let thumb = (height * height / scene.body_rows.max(1)).clamp(1, height);
        let travel = height - thumb;
        let top = travel * scroll.min(scene.overflow()) / scene.overflow().max(1);
        for row in 0..height {
            let on = row >= top && row < top + thumb;
            let (symbol, role) = if on { ("┃", Role::Accent) } else { ("│", Role::Border) };
            let y = area.y + u16::try_from(row).unwrap_or(0);
            if let Some(cell) = self.frame.cells.cell_mut(Position { x, y }) {
                cell.set_symbol(symbol).set_style(self.theme.style(role));
            }
        }
    }
}

/// The rows of an item that show.
struct Visible {
    area: Rect,
    /// Rows of the item above the first that shows.
    skipped: u32,
    /// Whether every row shows.
    whole: bool,
    /// Whether its last row shows.
    is_end: bool,
}

/// Copies what shows of an item that was drawn whole.
fn copy(from: &Buffer, to: &mut Buffer, rows: &Visible, style: Style) {
    let skipped = u16::try_from(rows.skipped).unwrap_or(u16::MAX);
    for y in 0..rows.area.height {
        for x in 0..rows.area.width {
            let Some(source) = from.cell((x, skipped.saturating_add(y))) else { continue };
            if let Some(cell) = to.cell_mut((rows.area.x + x, rows.area.y + y)) {
                let background = if source.bg == Color::Reset { cell.bg } else { source.bg };
                cell.set_symbol(source.symbol()).set_style(style.patch(source.style()).bg(background));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_frame::Picture;

    #[test]
    fn a_drawing_lies_over_its_twin_in_text_when_it_is_there() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='2'/>";
        let files = MemoryFiles::new()
            .with("talk.md", "# T\n\n```text drawing=x.svg\na ──▶ b\n```\n")
            .with("x.svg", svg);
        let deck = greenroom_parse::deck(&files, "talk.md");
        let ink = RenderCache::default();
        let draw = || {
            let mut frame = Frame::new(40, 12);
            let scene = crate::layout::slide(&deck, &deck.slides[0], 0, frame.area());
            super::super::scene(&scene, 0, &ink, &deck.theme, &|_| None, &mut frame);
            frame
        };
        assert_eq!(draw().pictures, []);
        ink.keep_picture("x.svg", Picked::Failed("broken".to_owned()));
        assert!(draw().text().contains("a ──▶ b") && draw().pictures.is_empty());
        let picture = Arc::new(Picture { id: 1, width: 4, height: 2, rgba: vec![9; 32] });
        ink.keep_picture("x.svg", Picked::Ready(Arc::clone(&picture)));
        let frame = draw();
        assert!(frame.text().contains("a ──▶ b"), "{}", frame.text());
        let [placed] = &frame.pictures[..] else { panic!("{:?}", frame.pictures) };
        assert_eq!(placed.picture, picture);
        let ground = |x: u16| frame.cells.cell((x, placed.area.y)).map(|cell| cell.bg);
        assert_eq!(ground(placed.area.x), Some(deck.theme.surface.into()));
    }
}
