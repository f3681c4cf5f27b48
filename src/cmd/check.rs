//! `greenroom check`

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::letters;
use super::minutes::Minutes;
use super::tapes::{self, Tapes};
use crate::cli::{Check, Format};
use crate::headless;
use crate::runner::picture::Decoder;
use greenroom_base::counted::counted;
use greenroom_base::diag::{Diagnostic, Location, Severity};
use greenroom_base::files::Files;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_render::paint::{Picked, picture};
use greenroom_system::say;

/// Prints every problem; exits with 1 when one of them is an error.
///
/// # Errors
/// When there is no deck, or nothing can be printed.
pub fn run(options: &Check) -> anyhow::Result<ExitCode> {
    let (located, deck) = super::open_or_read(options.deck.as_deref())?;
    let mut problems = deck.problems.clone();
    problems.extend(pictures(&deck, &*located.files));
    problems.extend(letters::problems(&deck));
    let tapes = Tapes::of(&deck, &located);
    problems.extend(tapes.problems().cloned());
    if options.size.is_empty() {
        problems.extend(tapes.narrow(&deck, tapes::USUAL));
    }
    for size in &options.size {
        problems.extend(tapes.narrow(&deck, *size));
        problems.extend(overflows(&deck, *size));
    }
    let minutes = Minutes::of(&deck, &*located.files);
    problems.extend(minutes.iter().flat_map(|minutes| minutes.problems(&located.entry)));
    let count = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let out = say::out();
    match options.format {
        Format::Json => {
            let report = serde_json::json!({
                "title": deck.outline.title, "slides": deck.slides.len(),
                "errors": errors, "warnings": warnings, "problems": problems,
                "time": minutes.as_ref().map(Minutes::json),
            });
            out.json(format_args!("{report:#}"))?;
        }
        Format::Text => {
            for problem in &problems {
                out.problem(problem)?;
            }
            for line in minutes.iter().flat_map(Minutes::lines) {
                writeln!(out, "{line}")?;
            }
            writeln!(
                out,
                "{}, {}, {}",
                counted(deck.slides.len(), "slide"),
                counted(errors, "error"),
                counted(warnings, "warning")
            )?;
        }
    }
    Ok(if errors > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// An error for each picture that does not open, and a warning for each whose words would be missing.
pub(super) fn pictures(deck: &Deck, files: &dyn Files) -> Vec<Diagnostic> {
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
                Picked::Ready(_) => problems.extend(left_out_of(files, &path).into_iter().map(|what| {
                    Diagnostic::warning(place(), format!("{path} has something that is not drawn: {what}"))
                        .hint("or export it as a PNG")
                })),
                Picked::Pending => {}
            }
        }
    }
    problems
}

fn left_out_of(files: &dyn Files, path: &str) -> Vec<String> {
    let svg = Path::new(path).extension().is_some_and(|end| end.eq_ignore_ascii_case("svg"));
    let contents = svg.then(|| files.read(path, headless::MAX_PICTURE).ok()).flatten();
    contents.map(|bytes| picture::left_out(&bytes)).unwrap_or_default()
}

/// An error for each slide that has to be scrolled on a screen of this size.
fn overflows(deck: &Arc<Deck>, size: Size) -> Vec<Diagnostic> {
    let report = |overflow: headless::Overflow| {
        let origin = &deck.slides[overflow.slide].origin;
        let name = deck.name(overflow.slide);
        let place = Location {
            line: origin.line.max(1),
            text: name.clone(),
            length: name.chars().count().max(1),
            ..Location::file(&origin.file)
        };
        let Size { columns, rows } = size;
        let lacks = counted(overflow.rows as usize, "row");
        Diagnostic::error(
            place,
            format!("slide {} does not fit {columns}x{rows}: {lacks} too long", overflow.slide + 1),
        )
        .hint("split the slide, or shorten it; on the stage it scrolls")
    };
    headless::overflows(deck, size).into_iter().map(report).collect()
}
