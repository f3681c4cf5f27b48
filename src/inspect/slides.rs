//! Slides that do not fit, and pictures that do not show.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::at_slide;
use crate::headless;
use crate::runner::picture::Decoder;
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_render::paint::picture::MAX_FRAMES;
use greenroom_render::paint::{Picked, picture};

/// An error for each picture that does not open or cannot be drawn, and a warning for each whose words would be missing.
pub(crate) fn pictures(deck: &Deck, files: &dyn Files) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    let decoder = Decoder::this();
    let decode = |bytes: &[u8], max| decoder.decode(bytes, max);
    for (index, slide) in deck.slides.iter().enumerate() {
        for path in deck.pictures(index) {
            if !seen.insert(path.clone()) {
                continue;
            }
            let place = || {
                let line = slide.origin.line.max(1);
                Location {
                    line,
                    text: path.clone(),
                    length: path.chars().count().max(1),
                    ..Location::file(&slide.origin.file)
                }
            };
            match headless::load_picture(files, &path, &decode) {
                Picked::Failed(why) => {
                    problems.push(Diagnostic::error(
                        place(),
                        format!("the picture {path} cannot be shown: {why}"),
                    ));
                }
                Picked::Ready(_) => {
                    let Ok(bytes) = headless::picture_bytes(files, &path) else { continue };
                    problems.extend(left_out(&path, &bytes).into_iter().map(|what| {
                        Diagnostic::warning(
                            place(),
                            format!("{path} has something that is not drawn: {what}"),
                        )
                        .hint("or export it as a PNG")
                    }));
                    problems.extend(cut_short(&bytes, &decoder).map(|why| {
                        Diagnostic::warning(place(), format!("{path} moves, {why}"))
                            .hint("a recording plays: `greenroom record`")
                    }));
                }
                Picked::Pending => {}
            }
        }
    }
    problems.extend(super::diagrams::problems(deck, files));
    problems
}

/// Why a picture is not shown as it moves.
fn cut_short(bytes: &[u8], decoder: &Decoder) -> Option<String> {
    if !picture::moves(bytes) {
        return None;
    }
    match decoder.motion(bytes, headless::MAX_PIXELS) {
        Err(why) => Some(format!("and its first frame is what shows: {why}")),
        Ok(frames) if frames.len() >= MAX_FRAMES => {
            Some(format!("and its first {MAX_FRAMES} frames are what shows"))
        }
        Ok(_) => None,
    }
}

/// What of a picture is not drawn.
fn left_out(path: &str, bytes: &[u8]) -> Vec<String> {
    let svg = Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("svg"));
    if svg { picture::left_out(bytes) } else { Vec::new() }
}

/// An error for each slide that has to be scrolled on a screen of this size.
pub(crate) fn overflows(deck: &Arc<Deck>, size: Size) -> Vec<Diagnostic> {
    let report = |overflow: headless::Overflow| {
        let Size { columns, rows } = size;
        let lacks = counted(overflow.rows as usize, "row");
        let said = format!("slide {} does not fit {columns}x{rows}: {lacks} too long", overflow.slide + 1);
        let hint = "split the slide, or shorten it; on the stage it scrolls";
        Some(Diagnostic::error(at_slide(deck, overflow.slide)?, said).hint(hint))
    };
    headless::overflows(deck, size).into_iter().filter_map(report).collect()
}
