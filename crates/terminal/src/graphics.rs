//! Real pictures, for terminals that can show them, over the half blocks that every terminal can.

mod placeholders;
mod sixel;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::Write;

use self::placeholders::Placeholders;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use ratatui::buffer::Buffer;

use greenroom_frame::{Picture, PlacedPicture};

/// Bytes of a picture in one escape sequence of kitty's: 4096 characters of base64.
const CHUNK: usize = 3072;
/// Pixels the terminal is asked to keep, in bytes. kitty itself keeps 320 MB.
const MAX_KEPT: usize = 128 * 1024 * 1024;
/// The first of the names given to pictures, away from the small numbers that other programs take.
const FIRST_ID: u32 = 0x6772_0000;
/// Pixels of a cell where the terminal does not say.
const USUAL_CELL: (u16, u16) = (10, 20);
/// A picture of more pixels, with the clear ones, is stretched instead.
const MAX_SHAPED_PIXELS: u64 = 16 * 1000 * 1000;
/// The version from which kitty knows characters that stand for pictures.
const PLACEHOLDERS: (u32, u32) = (0, 28);
/// The version from which Konsole speaks kitty's protocol.
const KONSOLE: u32 = 22_04_00;

/// How a terminal is told to show a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// kitty's: a picture is sent once, then placed and taken away by name.
    Kitty,
    /// The same inside tmux, which hands pictures on: characters stand for them, which tmux moves like any others.
    KittyInTmux,
    /// iTerm2's inline images: sent whenever they appear.
    Iterm2,
    /// The one of DEC's VT300 series: up to 255 colours, sent whenever they appear.
    Sixel,
    /// None: the half blocks in the cells are the picture.
    Blocks,
}

/// Finds the protocol from the environment alone, since a terminal that is asked may answer late, into the
/// middle of a talk. `get` reads a variable. Inside tmux and screen it is always [`Protocol::Blocks`].
pub fn detect(get: impl Fn(&str) -> Option<String>) -> Protocol {
    let get = |name: &str| get(name).unwrap_or_default();
    let term = get("TERM");
    let is = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    if is_within(get) {
        return Protocol::Blocks;
    }
    // TERM is the terminal's own word. The other variables also reach terminals that were started from it.
    if is(&["xterm-kitty", "xterm-ghostty"]) {
        return Protocol::Kitty;
    }
    if is(&["foot", "mlterm", "yaft", "contour"]) {
        return Protocol::Sixel;
    }
    if is(&["wezterm", "rio"]) {
        return Protocol::Iterm2;
    }
    if is(&["alacritty", "linux", "dumb", "rxvt"]) {
        return Protocol::Blocks;
    }
    match get("TERM_PROGRAM").as_str() {
        "ghostty" => return Protocol::Kitty,
        "WezTerm" | "iTerm.app" | "rio" | "mintty" => return Protocol::Iterm2,
        // By ssh, iTerm2 hands on no more than this.
        "" if get("LC_TERMINAL") == "iTerm2" => return Protocol::Iterm2,
        "" => {}
        _ => return Protocol::Blocks,
    }
    let konsole = get("KONSOLE_VERSION").parse().is_ok_and(|version: u32| version >= KONSOLE);
    if konsole || !get("KITTY_WINDOW_ID").is_empty() { Protocol::Kitty } else { Protocol::Blocks }
}

/// Whether a terminal of which nothing is known can be asked for what it shows: not one inside of another, which answers for itself, and
/// none that would show the question. `get` reads a variable.
pub fn may_be_asked(get: impl Fn(&str) -> Option<String>) -> bool {
    let get = |name: &str| get(name).unwrap_or_default();
    let term = get("TERM");
    !is_within(get) && !term.is_empty() && !["linux", "dumb"].iter().any(|name| term.starts_with(name))
}

/// Whether the terminal is tmux or screen, inside of another one.
fn is_within(get: impl Fn(&str) -> String) -> bool {
    let term = get("TERM");
    ["TMUX", "STY"].iter().any(|name| !get(name).is_empty())
        || ["screen", "tmux"].iter().any(|name| term.starts_with(name))
}

/// Whether the terminal around tmux shows pictures that stand behind characters, by what tmux says of it: its name, its type as it
/// calls itself (`kitty(0.40.1)`), and whether programs may hand something on to it (`allow-passthrough`).
#[must_use]
pub fn passes(name: &str, own: &str, passthrough: &str) -> bool {
    let version = own.strip_prefix("kitty(").and_then(|rest| {
        let mut numbers = rest.trim_end_matches(')').split('.').map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    let kitty = version.is_some_and(|version| version >= PLACEHOLDERS);
    let ghostty = own.starts_with("ghostty") || name.starts_with("xterm-ghostty");
    (kitty || ghostty) && ["on", "all"].contains(&passthrough)
}

/// The most pixels of one sixel picture in a direction: xterm throws away a larger one, unless its `maxGraphicSize` says otherwise.
const MAX_SIXELS: u32 = 1000;

/// Turns changes of a frame's pictures into escape sequences, and remembers what the terminal keeps.
#[derive(Debug)]
pub struct Encoder {
    protocol: Protocol,
    /// Pixels across and down, if the terminal says so.
    cell: Option<(u16, u16)>,
    kept: VecDeque<Kept>,
    next_id: u32,
    limit: usize,
    placeholders: Placeholders,
}

/// A picture that the terminal holds.
#[derive(Debug)]
struct Kept {
    picture: u64,
    /// Pixels across and down, with the clear ones that were added.
    size: (u32, u32),
    id: u32,
    bytes: usize,
}

impl Encoder {
    /// For a terminal that was sent nothing yet.
    #[must_use]
    pub fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            cell: None,
            kept: VecDeque::new(),
            next_id: FIRST_ID,
            limit: MAX_KEPT,
            placeholders: Placeholders::default(),
        }
    }

    /// How many pixels a cell has across and down, if the terminal says so: pictures keep their shape by it, and sixels
    /// fill their cells.
    pub fn set_cell(&mut self, width: u16, height: u16) {
        if width > 0 && height > 0 {
            self.cell = Some((width.min(64), height.min(128)));
        }
    }

    /// The pixels of a cell, or usual ones where the terminal does not say.
    pub(crate) fn cell(&self) -> (u16, u16) {
        self.cell.unwrap_or(USUAL_CELL)
    }

    /// The protocol this speaks.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether pictures lie over the cells, which then need no half blocks below.
    #[must_use]
    pub(crate) fn covers_cells(&self) -> bool {
        self.protocol != Protocol::Blocks
    }

    /// Writes what takes the terminal from the pictures of the frame `before` to those of `now`. `redrawn` says
    /// that the screen was cleared in between, and with it every picture.
    ///
    /// Call it after the cells are written. Except with [`Protocol::Kitty`], a picture ends only where cells are
    /// written over it: the caller writes those below a picture that is gone, and none below one that stays.
    /// The cursor is elsewhere afterwards; the caller puts it back.
    pub fn update(
        &mut self,
        before: &[PlacedPicture],
        now: &[PlacedPicture],
        redrawn: bool,
        out: &mut Vec<u8>,
    ) {
        if redrawn {
            self.forget(out);
        }
        let gone = before.iter().filter(|placed| !redrawn && !now.contains(placed));
        if self.protocol == Protocol::Kitty {
            gone.for_each(|placed| self.remove(placed, out));
        }
        for placed in now {
            if (redrawn || !before.contains(placed)) && is_whole(placed) {
                self.place(placed, now, out);
            }
        }
    }

    /// Takes every picture out of the terminal's memory, for the end of a talk.
    pub fn forget(&mut self, out: &mut Vec<u8>) {
        for kept in self.kept.drain(..) {
            drop_kept(&kept, out);
        }
    }

    /// The same for the end of a talk: pictures behind characters are not lost with a screen that is cleared.
    pub(crate) fn close(&mut self, out: &mut Vec<u8>) {
        self.forget(out);
        self.placeholders.forget(out);
    }

    /// Puts characters in the place of the cells of `placed` that stand for it, where the protocol has such. Whether it did; the
    /// picture is written to `out` if the terminal has it not.
    pub(crate) fn stand_in(
        &mut self,
        placed: &PlacedPicture,
        now: &[PlacedPicture],
        cells: &mut Buffer,
        out: &mut Vec<u8>,
    ) -> bool {
        if self.protocol != Protocol::KittyInTmux || !is_whole(placed) {
            return false;
        }
        let picture = self.shaped(placed).into_owned();
        self.placeholders.show(placed, &picture, now, cells, out)
    }

    fn place(&mut self, placed: &PlacedPicture, now: &[PlacedPicture], out: &mut Vec<u8>) {
        let area = placed.area;
        let picture = self.shaped(placed);
        match self.protocol {
            Protocol::Kitty => {
                let Some(id) = self.keep(&picture, now, out) else { return };
                move_to(placed, out);
                let (name, columns, rows) = (placement(placed), area.width, area.height);
                write(out, format_args!("\x1b_Ga=p,i={id},p={name},c={columns},r={rows},C=1,q=2\x1b\\"));
            }
            Protocol::Iterm2 => {
                let Some(png) = png(&picture) else { return };
                move_to(placed, out);
                let (size, columns, rows) = (png.len(), area.width, area.height);
                write(
                    out,
                    format_args!(
                        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};\
                         preserveAspectRatio=0;doNotMoveCursor=1:"
                    ),
                );
                write(out, format_args!("{}\x07", BASE64.encode(png)));
            }
            Protocol::Sixel => {
                let (width, height) = self.cell.unwrap_or(USUAL_CELL);
                let (width, height) = (u32::from(width), u32::from(height));
                let whole = (u32::from(area.width) * width, u32::from(area.height) * height);
                // Parts begin where cells do.
                let most = |cell: u32| MAX_SIXELS / cell * cell;
                let go = |(x, y): (u32, u32), out: &mut Vec<u8>| {
                    let (row, column) =
                        (u32::from(area.y) + y / height + 1, u32::from(area.x) + x / width + 1);
                    write(out, format_args!("\x1b[{row};{column}H"));
                };
                sixel::encode(&picture, whole, (most(width), most(height)), go, out);
            }
            Protocol::KittyInTmux | Protocol::Blocks => {}
        }
    }

    /// The picture in the middle of clear pixels, so that cells of this shape do not stretch it: the layout takes cells
    /// to be twice as high as wide, and areas are whole cells.
    fn shaped<'a>(&self, placed: &'a PlacedPicture) -> Cow<'a, Picture> {
        let picture = &*placed.picture;
        let Some((width, height)) = self.cell else { return Cow::Borrowed(picture) };
        let across = u64::from(placed.area.width) * u64::from(width);
        let down = u64::from(placed.area.height) * u64::from(height);
        let (own_across, own_down) = (u64::from(picture.width), u64::from(picture.height));
        let side = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
        let (wide, high) = if own_across * down < own_down * across {
            (side((own_down * across).div_ceil(down.max(1))), picture.height)
        } else {
            (picture.width, side((own_across * down).div_ceil(across.max(1))))
        };
        let (more_across, more_down) = (wide - picture.width, high - picture.height);
        let too_many = u64::from(wide) * u64::from(high) > MAX_SHAPED_PIXELS;
        if (more_across < 2 && more_down < 2) || too_many {
            return Cow::Borrowed(picture);
        }
        Cow::Owned(padded(picture, (wide, high), (more_across / 2, more_down / 2)))
    }

    /// Takes one picture off the screen; the terminal keeps its pixels.
    fn remove(&self, placed: &PlacedPicture, out: &mut Vec<u8>) {
        for kept in self.kept.iter().filter(|kept| kept.picture == placed.picture.id) {
            let (id, name) = (kept.id, placement(placed));
            write(out, format_args!("\x1b_Ga=d,d=i,i={id},p={name},q=2\x1b\\"));
        }
    }

    /// The terminal's name for a picture, which is sent if the terminal does not have it.
    fn keep(&mut self, picture: &Picture, now: &[PlacedPicture], out: &mut Vec<u8>) -> Option<u32> {
        let size = (picture.width, picture.height);
        if let Some(at) = self.kept.iter().position(|kept| kept.picture == picture.id && kept.size == size) {
            // The last one used goes last.
            let kept = self.kept.remove(at)?;
            let id = kept.id;
            self.kept.push_back(kept);
            return Some(id);
        }
        let png = png(picture)?;
        self.make_room(picture.rgba.len(), now, out);
        let id = self.next_id;
        self.next_id = self.next_id.checked_add(1).unwrap_or(FIRST_ID);
        let mut chunks = png.chunks(CHUNK).peekable();
        let mut head = format!("a=t,f=100,i={id},");
        while let Some(chunk) = chunks.next() {
            let more = u8::from(chunks.peek().is_some());
            write(out, format_args!("\x1b_G{head}q=2,m={more};{}\x1b\\", BASE64.encode(chunk)));
            head.clear();
        }
        self.kept.push_back(Kept { picture: picture.id, size, id, bytes: picture.rgba.len() });
        Some(id)
    }

    /// Drops the pictures that were not used for longest and are not on screen, until `bytes` more fit.
    fn make_room(&mut self, bytes: usize, now: &[PlacedPicture], out: &mut Vec<u8>) {
        let mut total = self.kept.iter().map(|kept| kept.bytes).sum::<usize>() + bytes;
        let limit = self.limit;
        self.kept.retain(|kept| {
            let stays = total <= limit || now.iter().any(|placed| placed.picture.id == kept.picture);
            if !stays {
                total -= kept.bytes;
                drop_kept(kept, out);
            }
            stays
        });
    }
}

/// A picture with clear pixels around it: `size` in all, the picture at `at`.
fn padded(picture: &Picture, size: (u32, u32), at: (u32, u32)) -> Picture {
    let row = size.0 as usize * 4;
    let mut rgba = vec![0; row * size.1 as usize];
    let own = picture.width as usize * 4;
    let rows = rgba.chunks_exact_mut(row.max(1)).skip(at.1 as usize);
    for (to, from) in rows.zip(picture.rgba.chunks_exact(own.max(1))) {
        let left = at.0 as usize * 4;
        if let Some(to) = to.get_mut(left..left + own) {
            to.copy_from_slice(from);
        }
    }
    Picture { id: picture.id, width: size.0, height: size.1, rgba }
}

/// Whether a picture has all the pixels it says, and cells to show them in.
fn is_whole(placed: &PlacedPicture) -> bool {
    let picture = &placed.picture;
    let pixels = u64::from(picture.width).saturating_mul(u64::from(picture.height));
    let whole = u64::try_from(picture.rgba.len()).ok() == pixels.checked_mul(4);
    pixels > 0 && whole && !placed.area.is_empty()
}

/// A name for one appearance of a picture: where it is. Never 0, which would mean all of them.
fn placement(placed: &PlacedPicture) -> u32 {
    (u32::from(placed.area.y) << 16 | u32::from(placed.area.x)).saturating_add(1)
}

fn drop_kept(kept: &Kept, out: &mut Vec<u8>) {
    write(out, format_args!("\x1b_Ga=d,d=I,i={},q=2\x1b\\", kept.id));
}

fn move_to(placed: &PlacedPicture, out: &mut Vec<u8>) {
    let (row, column) = (u32::from(placed.area.y) + 1, u32::from(placed.area.x) + 1);
    write(out, format_args!("\x1b[{row};{column}H"));
}

/// Writing to memory does not fail.
fn write(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    let _ = out.write_fmt(text);
}

fn png(picture: &Picture) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&picture.rgba, picture.width, picture.height, ExtendedColorType::Rgba8)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests;
