//! `greenroom check`

use std::process::ExitCode;

use crate::cli::{Check, Format};
use crate::inspect::letters;
use crate::inspect::minutes::Minutes;
use crate::inspect::slides::{overflows, pictures};
use crate::inspect::tapes::{self, Tapes};
use greenroom_base::counted::counted;
use greenroom_base::diag::Severity;
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
