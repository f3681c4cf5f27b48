//! A frame with fewer cells than the window, shown in larger letters: its rows drawn as pictures, or written by the text sizing
//! protocol.

mod changes;
mod compose;
mod geometry;
mod parcel;
mod query;
mod sized;

use std::fmt::Write as _;
use std::io;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

use self::compose::Composer;
pub(crate) use self::compose::letters;
use self::geometry::{Geometry, Spot};
use self::parcel::{Carrier, Parcel, Read};
use self::query::Query;
use crate::answer::Answer;
use greenroom_frame::color;
use greenroom_frame::{Enlarging, Frame};

/// The first of the names given to drawn rows; pictures of a deck have others.
const FIRST_ID: u32 = 0x6880_0000;
/// So many names there are.
const IDS: u32 = 0x0080_0000;
/// The most pictures of one row, one over the other; then it is drawn as one.
const MAX_LAYERS: usize = 5;

/// What shows enlarged frames on a terminal.
#[derive(Debug)]
pub(crate) struct Enlarger {
    way: Way,
    query: Query,
    carrier: Carrier,
    composer: Composer,
    pixels: Vec<u8>,
    next: u32,
    shown: Option<Shown>,
}

/// How it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    None,
    /// By kitty's protocol for pictures; a cell of the window has so many pixels.
    Rows((u16, u16)),
    /// By the text sizing protocol.
    Texts,
}

/// What the terminal shows.
#[derive(Debug)]
struct Shown {
    frame: Frame,
    geometry: Geometry,
    background: Color,
    /// The pictures of each row, from the lowest to the topmost.
    rows: Vec<Vec<Layer>>,
}

/// A picture of a part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Layer {
    columns: Range<u16>,
    id: u32,
}

/// What becomes of a row's pictures.
#[derive(Debug, PartialEq, Eq)]
enum Plan {
    /// The one at this place is drawn anew.
    Replace(usize),
    /// Another one over them.
    Add(Range<u16>),
    /// One in place of all.
    Redraw(Range<u16>),
    /// None is needed.
    Clear,
}

impl Enlarger {
    pub(crate) fn new() -> Self {
        Self {
            way: Way::None,
            query: Query::default(),
            carrier: Carrier::new(),
            composer: Composer::default(),
            pixels: Vec::new(),
            next: 0,
            shown: None,
        }
    }

    /// The terminal has the text sizing protocol.
    pub(crate) fn by_texts(&mut self) {
        self.way = Way::Texts;
    }

    /// Asks a terminal that should have kitty's protocol whether it has, and whether it reads files here.
    pub(crate) fn ask(&mut self, out: &mut Vec<u8>) {
        self.query.ask(out);
    }

    /// What the terminal says. `cell` are the pixels of a cell, where they are known.
    pub(crate) fn answered(&mut self, answer: Answer, cell: Option<(u16, u16)>) {
        self.query.answered(answer);
        self.carrier.by_files(self.query.folder());
        self.measure(cell);
    }

    /// A cell of the window has so many pixels now, where that is known.
    pub(crate) fn measure(&mut self, cell: Option<(u16, u16)>) {
        if self.way != Way::Texts {
            self.way = match cell.filter(|(width, height)| *width > 0 && *height > 0) {
                Some(cell) if self.query.shows_pictures() => Way::Rows(cell),
                _ => Way::None,
            };
        }
    }

    /// Whether the terminal has said that it has kitty's protocol.
    pub(crate) fn shows_pictures(&self) -> bool {
        self.query.shows_pictures()
    }

    /// What can be done.
    pub(crate) fn enlarging(&self) -> Enlarging {
        match self.way {
            Way::None => Enlarging::None,
            Way::Rows(cell) => Enlarging::Any { cell },
            Way::Texts => Enlarging::Whole,
        }
    }

    /// Whether something is shown enlarged.
    pub(crate) fn is_on(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether the terminal has taken in the last frame.
    pub(crate) fn is_ready(&mut self) -> bool {
        match self.carrier.is_read() {
            Read::Yes => true,
            Read::NotYet => false,
            Read::Never => {
                // Nothing of it has been shown.
                self.shown = None;
                true
            }
        }
    }

    /// The pixels of a cell of `frame`, as it is shown in a window of so many cells; none where only text is enlarged.
    pub(crate) fn cell(&self, frame: &Frame, window: (u16, u16)) -> Option<(u16, u16)> {
        let Way::Rows(cell) = self.way else { return None };
        Geometry::new((frame.area().width, frame.area().height), window, cell).map(|geometry| geometry.cell)
    }

    /// The cells under the enlarged `frame`, in a window of so many: its pictures are in them where the text is enlarged, and
    /// nothing where rows are drawn.
    pub(crate) fn under(&self, frame: &Frame, window: (u16, u16)) -> Frame {
        let mut cell = ratatui::buffer::Cell::EMPTY;
        cell.bg = color::common_background(&frame.cells);
        let mut under = Frame::filled(window.0, window.1, cell);
        if self.way == Way::Texts {
            sized::pictures(frame, &mut under);
        }
        under
    }

    /// Writes what takes the terminal to `frame` in a window of so many cells. Everything on it is gone when it was `cleared`.
    pub(crate) fn update(&mut self, frame: &Frame, window: (u16, u16), cleared: bool, out: &mut Vec<u8>) {
        match self.way {
            Way::None => {}
            Way::Texts => {
                let before = self.shown.take().filter(|_| !cleared).map(|shown| shown.frame);
                sized::texts(before.as_ref(), frame, window, out);
                let rows = vec![Vec::new(); usize::from(frame.area().height)];
                let Some(geometry) = Geometry::new((1, 1), (1, 1), (1, 1)) else { return };
                self.shown = Some(Shown { frame: frame.clone(), geometry, background: Color::Reset, rows });
            }
            Way::Rows(cell) => {
                let size = (frame.area().width, frame.area().height);
                let Some(geometry) = Geometry::new(size, window, cell) else { return };
                let start = out.len();
                if self.rows(frame, geometry, cleared, out).is_err() {
                    // There was no room in memory: the input has always room.
                    out.truncate(start);
                    self.carrier.by_files(None);
                    let _ = self.rows(frame, geometry, true, out);
                }
            }
        }
    }

    /// Takes everything off the screen.
    pub(crate) fn leave(&mut self, out: &mut Vec<u8>) {
        if let Some(shown) = self.shown.take() {
            shown.rows.iter().flatten().for_each(|layer| remove(layer, out));
        }
    }

    /// For the end of a talk: nothing stays in the terminal's memory, or in the system's.
    pub(crate) fn close(&mut self, out: &mut Vec<u8>) {
        self.leave(out);
        self.carrier.forget();
        self.query.close();
    }

    fn rows(
        &mut self,
        frame: &Frame,
        geometry: Geometry,
        cleared: bool,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut frame = frame.clone();
        let background = color::common_background(&frame.cells);
        for placed in &frame.pictures {
            blank(&mut frame.cells, placed.area, background);
        }
        let before = self.shown.take();
        let mut gone = Vec::new();
        let kept = match before {
            Some(shown) if !cleared && (shown.geometry, shown.background) == (geometry, background) => {
                Some(shown)
            }
            Some(shown) => {
                gone.extend(shown.rows.into_iter().flatten());
                None
            }
            None => None,
        };
        self.composer.keep(&frame);
        let mut parcel = self.carrier.parcel()?;
        let mut rows = Vec::with_capacity(usize::from(geometry.size.1));
        for y in 0..geometry.size.1 {
            let layers = kept.as_ref().and_then(|shown| shown.rows.get(usize::from(y)));
            let mut layers = layers.cloned().unwrap_or_default();
            let changed = match &kept {
                Some(shown) => changes::changed(&shown.frame, &frame, y),
                None => Some(0..geometry.size.0),
            };
            if let Some(changed) = changed {
                let plan = plan(&layers, &changed, changes::visible(&frame, y, background));
                if let Err(error) =
                    self.perform(plan, (&frame, y), &geometry, &mut layers, (&mut parcel, &mut gone), out)
                {
                    parcel.discard();
                    return Err(error);
                }
            }
            rows.push(layers);
        }
        self.carrier.sent(parcel, out);
        // What is new shows before what is old goes.
        for layer in &gone {
            remove(layer, out);
        }
        self.shown = Some(Shown { frame, geometry, background, rows });
        Ok(())
    }

    fn perform(
        &mut self,
        plan: Plan,
        (frame, y): (&Frame, u16),
        geometry: &Geometry,
        layers: &mut Vec<Layer>,
        (parcel, gone): (&mut Parcel, &mut Vec<Layer>),
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let at = match plan {
            Plan::Clear => {
                gone.append(layers);
                return Ok(());
            }
            Plan::Redraw(columns) => {
                gone.append(layers);
                layers.push(Layer { columns, id: self.name() });
                0
            }
            Plan::Add(columns) => {
                layers.push(Layer { columns, id: self.name() });
                layers.len() - 1
            }
            Plan::Replace(at) => {
                let id = self.name();
                let Some(layer) = layers.get_mut(at) else { return Ok(()) };
                gone.push(layer.clone());
                layer.id = id;
                at
            }
        };
        let Some(Layer { columns, id }) = layers.get(at) else { return Ok(()) };
        self.composer.draw(frame, y, columns, geometry, &mut self.pixels);
        let Spot { column, row, x, y: down } = geometry.spot(columns.start, y);
        let head = format!("\x1b[{};{}H", row + 1, column + 1);
        let mut keys = format!("a=T,i={id},p=1,z={},C=1", at + 1);
        if x > 0 || down > 0 {
            let _ = write!(keys, ",X={x},Y={down}");
        }
        let width = u32::from(columns.end - columns.start) * u32::from(geometry.cell.0);
        parcel.add((&head, &keys), (width, geometry.cell.1.into()), &self.pixels, out)
    }

    /// A name for a picture: the one that was given longest ago, which has long been taken away.
    fn name(&mut self) -> u32 {
        self.next = (self.next + 1) % IDS;
        FIRST_ID + self.next
    }
}

/// What becomes of a row that changed in some columns, of which `visible` are not blank now.
fn plan(layers: &[Layer], changed: &Range<u16>, visible: Option<Range<u16>>) -> Plan {
    let Some(visible) = visible else { return Plan::Clear };
    let meets = |layer: &&Layer| layer.columns.start < changed.end && changed.start < layer.columns.end;
    let holds = |layer: &Layer| layer.columns.start <= changed.start && changed.end <= layer.columns.end;
    let length = |range: &Range<u16>| range.end.saturating_sub(range.start);
    // Drawing one picture costs what its columns do: a small change is not worth a whole row.
    let small = |columns: &Range<u16>| length(columns) * 2 <= length(&visible).max(8);
    let topmost =
        layers.iter().rev().position(|layer| meets(&layer)).map(|from_top| layers.len() - 1 - from_top);
    match topmost.and_then(|at| Some((at, layers.get(at)?))) {
        Some((at, layer)) if holds(layer) && (layers.len() > 1 && small(&layer.columns)) => Plan::Replace(at),
        _ if !layers.is_empty() && layers.len() < MAX_LAYERS && small(changed) => Plan::Add(changed.clone()),
        _ => Plan::Redraw(visible),
    }
}

fn remove(layer: &Layer, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\x1b_Ga=d,d=I,i={},q=2\x1b\\", layer.id).as_bytes());
}

/// Nothing in `area` but the background.
fn blank(cells: &mut Buffer, area: Rect, background: Color) {
    for position in area.intersection(cells.area).positions() {
        cells[position].reset();
        cells[position].bg = background;
    }
}

#[cfg(test)]
mod tests;
