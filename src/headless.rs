//! A deck drawn without a terminal: for tests, checks and exports.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::talk::{self, Place, Settings, Talk};
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::files::{FileError, Files, beside, normalize};
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Diagram, PaneSpec, Slide, Step, Theme};
use greenroom_frame::{Frame, Picture};
use greenroom_render::layout;
use greenroom_render::paint::picture::{self, Motion, PictureError};
use greenroom_render::paint::{Picked, RenderCache};

/// The largest file that is read as a picture, in bytes.
pub const MAX_PICTURE: u64 = 64 * 1024 * 1024;
/// Pictures are scaled down to fit this many pixels.
pub const MAX_PIXELS: (u32, u32) = (1920, 1200);

/// The stage of `deck` at a slide and step, on a screen of this size.
#[must_use]
pub fn frame(deck: &Arc<Deck>, ink: &RenderCache, slide: usize, step: Step, size: Size) -> Frame {
    let mut talk = Talk::new(Arc::clone(deck), size, Settings::default());
    talk.resume(Place { slide, step });
    view::audience(&talk, ink, Elapsed::ZERO)
}

/// A slide that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overflow {
    /// The slide's index.
    pub slide: usize,
    /// Rows that have to be scrolled.
    pub rows: u32,
}

/// The slides of `deck` that overflow a screen of this size.
#[must_use]
pub fn overflows(deck: &Arc<Deck>, size: Size) -> Vec<Overflow> {
    (0..deck.slides.len())
        .map(|slide| Overflow { slide, rows: overflow(deck, slide, size) })
        .filter(|overflow| overflow.rows > 0)
        .collect()
}

/// How many rows of slide `index` do not fit a screen of this size.
#[must_use]
pub fn overflow(deck: &Arc<Deck>, index: usize, size: Size) -> u32 {
    let Some(slide) = deck.slides.get(index) else { return 0 };
    layout::slide(deck, slide, slide.last_step, talk::slide_area(size, slide)).overflow()
}

/// How a slide stands on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// The slide's index.
    pub slide: usize,
    /// Rows that have to be scrolled.
    pub overflow: u32,
    /// A line of code goes on in the next row.
    pub breaks_code: bool,
}

/// How each slide of `deck` stands on a screen of this size.
#[must_use]
pub fn fits(deck: &Arc<Deck>, size: Size) -> Vec<Fit> {
    let fit = |(index, slide): (usize, &Arc<Slide>)| {
        let scene = layout::slide(deck, slide, slide.last_step, talk::slide_area(size, slide));
        let breaks = |item: &layout::SceneItem| matches!(&item.what, layout::Kind::Code(code) if code.rows.iter().any(|row| row.continued));
        let breaks_code = scene.head.iter().chain(&scene.body).any(breaks);
        Fit { slide: index, overflow: scene.overflow(), breaks_code }
    };
    deck.slides.iter().enumerate().map(fit).collect()
}

/// The inside of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneRoom {
    /// The slide's index.
    pub slide: usize,
    /// What the pane is.
    pub spec: PaneSpec,
    /// What its screen has.
    pub size: Size,
}

/// The panes of `deck` on a screen of this size.
#[must_use]
pub fn rooms(deck: &Arc<Deck>, size: Size) -> Vec<PaneRoom> {
    let mut rooms = Vec::new();
    for (index, slide) in deck.slides.iter().enumerate() {
        let scene = layout::slide(deck, slide, slide.last_step, talk::slide_area(size, slide));
        rooms.extend(scene.panes().map(|(_, spec, item)| {
            let rows = u16::try_from(item.height).unwrap_or(u16::MAX).saturating_sub(2);
            let size = Size { columns: item.width.saturating_sub(2), rows };
            PaneRoom { slide: index, spec: spec.clone(), size }
        }));
    }
    rooms
}

/// What decodes a picture's bytes, so that it fits so many pixels across and down: [`greenroom_render::paint::picture::decode`], or another process.
pub type Decode<'a> = dyn Fn(&[u8], (u32, u32)) -> Result<Picture, PictureError> + 'a;

/// Reads and decodes the pictures of one slide that `ink` does not have yet; says whether there were any.
pub fn load_pictures(
    deck: &Deck,
    slide: usize,
    files: &dyn Files,
    ink: &RenderCache,
    decode: &Decode,
) -> bool {
    let mut any = false;
    for path in deck.pictures(slide) {
        if matches!(ink.picture(&path), Picked::Pending) {
            ink.keep_picture(&path, load_picture(files, &path, decode));
            any = true;
        }
    }
    any
}

/// What decodes the frames of a picture that moves, as [`Decode`] does for one.
pub type DecodeMotion<'a> = dyn Fn(&[u8], (u32, u32)) -> Result<Motion, PictureError> + 'a;

/// Decodes the frames of the pictures of one slide that move, where `ink` does not have them; those that do not are added to
/// `still`, and not read again. Says whether there were any.
pub fn load_motions(
    deck: &Deck,
    slide: usize,
    files: &dyn Files,
    ink: &RenderCache,
    still: &mut BTreeSet<String>,
    decode: &DecodeMotion,
) -> bool {
    let mut any = false;
    for path in deck.pictures(slide) {
        if still.contains(&path) || ink.has_motion(&path) {
            continue;
        }
        let bytes = files.read(&path, MAX_PICTURE).ok().filter(|bytes| picture::moves(bytes));
        match bytes.and_then(|bytes| decode(&bytes, MAX_PIXELS).ok()) {
            Some(frames) => {
                ink.keep_motion(&path, frames);
                any = true;
            }
            // Its first frame shows.
            None => drop(still.insert(path)),
        }
    }
    any
}

/// The file of a picture, with the files of the deck inside that an SVG names.
///
/// # Errors
/// When there is none, or it is too large.
pub fn picture_bytes(files: &dyn Files, path: &str) -> Result<Vec<u8>, FileError> {
    let bytes = files.read(path, MAX_PICTURE)?;
    let open =
        |link: &str| files.read(&normalize(&beside(path, link))?, MAX_PICTURE).ok().map(|it| it.to_vec());
    Ok(picture::with_files(&bytes, &open).into_owned())
}

/// Reads and decodes the picture at `path`.
#[must_use]
pub fn load_picture(files: &dyn Files, path: &str, decode: &Decode) -> Picked {
    let bytes = match picture_bytes(files, path) {
        Ok(bytes) => bytes,
        Err(error) => return Picked::Failed(error.to_string()),
    };
    match decode(&bytes, MAX_PIXELS) {
        Ok(picture) => Picked::Ready(Arc::new(picture)),
        Err(error) => Picked::Failed(error.to_string()),
    }
}

/// What draws a diagram or a formula: `runner::diagram::Drawer::picture`.
pub type Draw<'a> = dyn Fn(&Diagram, &Theme) -> Picked + 'a;

/// Draws the diagrams and formulas of one slide that `ink` does not have yet; says whether there were any.
pub fn draw_diagrams(deck: &Deck, slide: usize, ink: &RenderCache, draw: &Draw) -> bool {
    let mut any = false;
    for (path, diagram) in deck.diagrams(slide) {
        if matches!(ink.picture(&path), Picked::Pending) {
            ink.keep_picture(&path, draw(&diagram, &deck.theme));
            any = true;
        }
    }
    any
}

/// Whether `ink` has all that a slide needs time for: its code, pictures, diagrams and formulas.
#[must_use]
pub fn is_prepared(deck: &Deck, slide: usize, ink: &RenderCache) -> bool {
    deck.code(slide).iter().all(|code| ink.has_code(code))
        && deck.every_picture(slide).iter().all(|path| !matches!(ink.picture(path), Picked::Pending))
}

/// Highlights the code of one slide that `ink` does not have yet.
pub fn prepare_code(deck: &Deck, slide: usize, ink: &RenderCache) {
    for code in deck.code(slide) {
        ink.prepare(&code);
    }
}
