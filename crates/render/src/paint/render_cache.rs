//! What painting needs besides the scene, computed once and kept: highlighted code and decoded pictures.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::code::{HighlightedLine, Highlighter};
use super::picture::Motion;
use greenroom_base::clock::Elapsed;
use greenroom_deck::{Code, Deck, Fnv, Qr};
use greenroom_frame::Picture;

/// What all pictures that move may take, in bytes.
const MAX_ALL_MOVING: usize = 128 << 20;
/// What the others may take, as long as no more of them are shown: some fourteen of the largest.
const MAX_ALL_STILL: usize = 128 << 20;
/// Pixels that a module of a code has across and down.
const MODULE: usize = 8;

/// A picture, as far as it is known.
#[derive(Debug, Clone)]
pub enum Picked {
    /// Its file has not been read yet.
    Pending,
    /// Here it is.
    Ready(Arc<Picture>),
    /// It cannot be shown: why.
    Failed(String),
}

/// Memory of what is slow to make. It changes nothing of what is drawn, only when: code is highlighted at
/// its first use if nobody asked for it before, and a picture that is [`Picked::Pending`] shows its words.
#[derive(Default)]
pub struct RenderCache {
    highlighter: Highlighter,
    code: Mutex<HashMap<Arc<Code>, Arc<Vec<HighlightedLine>>>>,
    /// By their paths, each with which one was remembered first.
    pictures: Mutex<HashMap<String, (Picked, u64)>>,
    /// Those of them that move, by their paths.
    moving: Mutex<HashMap<String, Moving>>,
    /// The time at which a frame is drawn, in microseconds: pictures move on the stage, and everywhere else they stand still.
    moment: AtomicU64,
    /// QR codes, by their addresses.
    codes: Mutex<HashMap<Arc<str>, Arc<Picture>>>,
}

impl RenderCache {
    /// Nothing remembered, nothing loaded.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Highlights `code` if that has not been done.
    pub fn prepare(&self, code: &Arc<Code>) {
        drop(self.lines(code));
    }

    /// Whether `code` is highlighted already.
    #[must_use]
    pub fn has_code(&self, code: &Arc<Code>) -> bool {
        lock(&self.code).contains_key(code)
    }

    /// The tokens of `code`'s lines.
    pub(super) fn lines(&self, code: &Arc<Code>) -> Arc<Vec<HighlightedLine>> {
        if let Some(lines) = lock(&self.code).get(code) {
            return Arc::clone(lines);
        }
        let lines = Arc::new(self.highlighter.highlight(code));
        lock(&self.code).insert(Arc::clone(code), Arc::clone(&lines));
        lines
    }

    /// What is coloured in each of `code`'s lines, for documents: bytes of the line, in order, and the name of the theme's colour.
    #[must_use]
    pub fn tokens(&self, code: &Arc<Code>) -> Vec<Vec<(Range<usize>, &'static str)>> {
        let named = |line: &HighlightedLine| {
            line.iter().map(|(range, token)| (range.clone(), token.name())).collect()
        };
        self.lines(code).iter().map(named).collect()
    }

    /// The picture at `path`.
    #[must_use]
    pub fn picture(&self, path: &str) -> Picked {
        let moment = self.moment.load(Ordering::Relaxed);
        if moment > 0
            && let Some((picture, _)) = lock(&self.moving).get(path).map(|moving| moving.at(moment))
            && let Some(picture) = picture
        {
            return Picked::Ready(picture);
        }
        lock(&self.pictures).get(path).map_or(Picked::Pending, |(picked, _)| picked.clone())
    }

    /// Remembers how the picture at `path` moves. All that move have a bound: what does not fit any more stands still, those
    /// that were remembered first before others.
    pub fn keep_motion(&self, path: &str, frames: Motion) {
        let mut moving = lock(&self.moving);
        let order = moving.values().map(|one| one.order).max().unwrap_or(0) + 1;
        moving.insert(path.to_owned(), Moving::of(frames, order));
        while moving.values().map(|one| one.bytes).sum::<usize>() > MAX_ALL_MOVING && moving.len() > 1 {
            let first = moving.iter().min_by_key(|(_, one)| one.order).map(|(path, _)| path.clone());
            first.and_then(|path| moving.remove(&path));
        }
    }

    /// Whether it is remembered how the picture at `path` moves.
    #[must_use]
    pub fn has_motion(&self, path: &str) -> bool {
        lock(&self.moving).contains_key(path)
    }

    /// Draws something as it is at `now`; the pictures stand still again after it.
    pub fn at<T>(&self, now: Elapsed, draw: impl FnOnce() -> T) -> T {
        self.moment.store(now.micros(), Ordering::Relaxed);
        let drawn = draw();
        self.moment.store(0, Ordering::Relaxed);
        drawn
    }

    /// When the first of the pictures at `paths` looks otherwise than at `now`; nothing while all of them stand still.
    #[must_use]
    pub fn moves_at(&self, paths: &[String], now: Elapsed) -> Option<Elapsed> {
        let moving = lock(&self.moving);
        paths.iter().filter_map(|path| moving.get(path)?.at(now.micros()).1).min().map(Elapsed::from_micros)
    }

    /// Remembers the picture at `path`.
    pub fn keep_picture(&self, path: &str, picture: Picked) {
        let mut pictures = lock(&self.pictures);
        let order = pictures.values().map(|(_, order)| order + 1).max().unwrap_or(0);
        pictures.insert(path.to_owned(), (picture, order));
    }

    /// Forgets pictures while all of them take more than they may, those first that were remembered first: none of `needed`, and
    /// none that shows somewhere. They are [`Picked::Pending`] again.
    pub fn let_go(&self, needed: &[String]) {
        let mut pictures = lock(&self.pictures);
        let size = |picked: &Picked| match picked {
            Picked::Ready(picture) => picture.rgba.len(),
            _ => 0,
        };
        let mut taken: usize = pictures.values().map(|(picked, _)| size(picked)).sum();
        while taken > MAX_ALL_STILL {
            let may_go = |(path, (picked, _)): &(&String, &(Picked, u64))| {
                matches!(picked, Picked::Ready(picture) if Arc::strong_count(picture) == 1)
                    && !needed.contains(path)
            };
            let first = pictures.iter().filter(may_go).min_by_key(|(_, (_, order))| *order);
            let Some(first) = first.map(|(path, _)| path.clone()) else { return };
            taken -= pictures.remove(&first).map_or(0, |(picked, _)| size(&picked));
        }
    }

    /// The picture of a QR code.
    pub(super) fn code_picture(&self, qr: &Qr) -> Arc<Picture> {
        let mut codes = lock(&self.codes);
        Arc::clone(codes.entry(Arc::clone(&qr.address)).or_insert_with(|| Arc::new(drawn(qr))))
    }

    /// Forgets the pictures, which may have changed, and the code that `deck` does not have.
    pub fn renew(&self, deck: &Deck) {
        let code: HashSet<Arc<Code>> = (0..deck.slides.len()).flat_map(|slide| deck.code(slide)).collect();
        lock(&self.code).retain(|known, _| code.contains(known));
        lock(&self.pictures).clear();
        lock(&self.moving).clear();
        lock(&self.codes).clear();
    }

    /// Forgets everything that came from a deck; the grammars stay.
    pub fn clear(&self) {
        lock(&self.code).clear();
        lock(&self.pictures).clear();
        lock(&self.moving).clear();
        lock(&self.codes).clear();
    }
}

/// A picture that moves.
struct Moving {
    /// Each with the time at which it ends, in microseconds from the first one's beginning.
    frames: Vec<(Arc<Picture>, u64)>,
    bytes: usize,
    /// Which one was remembered first.
    order: u64,
}

impl Moving {
    fn of(frames: Motion, order: u64) -> Self {
        let bytes = frames.iter().map(|(picture, _)| picture.rgba.len()).sum();
        let mut end = 0;
        let ends = frames.into_iter().map(|(picture, stays)| {
            end += u64::try_from(stays.as_micros()).unwrap_or_default();
            (Arc::new(picture), end)
        });
        Self { frames: ends.collect(), bytes, order }
    }

    /// The frame at `moment`, over and over, and the moment at which the next one comes.
    fn at(&self, moment: u64) -> (Option<Arc<Picture>>, Option<u64>) {
        let whole = self.frames.last().map_or(0, |(_, end)| *end);
        let Some(into) = moment.checked_rem(whole) else { return (None, None) };
        let shown = self.frames.iter().find(|(_, end)| *end > into);
        let next = shown.filter(|_| self.frames.len() > 1).map(|(_, end)| moment + end - into);
        (shown.map(|(picture, _)| Arc::clone(picture)), next)
    }
}

/// A code as pixels: so many that each row of cells is two modules high.
fn drawn(qr: &Qr) -> Picture {
    let (across, down) = (qr.modules(), 2 * qr.rows());
    let side = |modules: usize| u32::try_from(modules * MODULE).unwrap_or(u32::MAX);
    let mut rgba = Vec::with_capacity(across * down * MODULE * MODULE * 4);
    for y in 0..down {
        let row: Vec<u8> = (0..across)
            .flat_map(|x| [if qr.is_dark(x, y) { 0 } else { 255 }; MODULE])
            .flat_map(|grey| [grey, grey, grey, 255])
            .collect();
        (0..MODULE).for_each(|_| rgba.extend_from_slice(&row));
    }
    Picture {
        id: Fnv::of(&format!("qr {}", qr.address)).value(),
        width: side(across),
        height: side(down),
        rgba,
    }
}

/// A poisoned lock still guards a map that is whole: each change to it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn large(id: u64) -> Picked {
        Picked::Ready(Arc::new(Picture { id, width: 1, height: 1, rgba: vec![0; MAX_ALL_STILL / 4] }))
    }

    /// Which of the pictures called `0`, `1` and so on are there.
    fn there(ink: &RenderCache) -> Vec<usize> {
        (0..8).filter(|number| matches!(ink.picture(&number.to_string()), Picked::Ready(_))).collect()
    }

    #[test]
    fn pictures_have_a_bound_and_those_that_are_needed_or_shown_stay() {
        let ink = RenderCache::new();
        for number in 0..4 {
            ink.keep_picture(&number.to_string(), large(number));
        }
        ink.keep_picture("7", Picked::Failed("broken".to_owned()));
        ink.let_go(&[]);
        assert_eq!(there(&ink), [0, 1, 2, 3], "as many as may be");
        ink.keep_picture("4", large(4));
        let shown = ink.picture("1");
        ink.keep_picture("5", large(5));
        ink.let_go(&["0".to_owned(), "5".to_owned()]);
        assert_eq!(there(&ink), [0, 1, 4, 5]);
        drop(shown);
        ink.keep_picture("2", large(2));
        ink.let_go(&["2".to_owned()]);
        assert_eq!(there(&ink), [1, 2, 4, 5], "the first that came goes first");
        assert!(matches!(ink.picture("7"), Picked::Failed(_)), "what failed is known to have failed");
        let all: Vec<String> = (0..8).map(|number| number.to_string()).collect();
        for number in 0..8 {
            ink.keep_picture(&number.to_string(), large(number));
        }
        ink.let_go(&all);
        assert_eq!(there(&ink).len(), 8, "a slide may need more");
    }
}
