//! How long a deck will take, for `greenroom check`: the notes read aloud, and the demos' recordings.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use greenroom_base::clock::Elapsed;
use greenroom_base::diag::{Diagnostic, Location};
use greenroom_base::files::Files;
use greenroom_deck::plan::{self, Plan};
use greenroom_deck::{Deck, Demo, Slide};
use greenroom_tape::{Edit, Editor, Reader};

/// A recording that is larger is not read for its length; its demo is guessed at.
const MOST_TAPE: u64 = 64 << 20;
/// Longer quiet than this is skipped, as the stage may do.
const IDLE: Duration = Duration::from_secs(3);

/// The time of a section, or of the whole talk.
#[derive(Debug, Clone, Default)]
struct Row {
    title: String,
    spoken: Duration,
    demos: Duration,
    planned: Option<Duration>,
}

impl Row {
    fn needs(&self) -> Duration {
        self.spoken + self.demos
    }

    fn over(&self) -> Option<Duration> {
        // It is told in seconds.
        self.needs().checked_sub(self.planned?).filter(|over| over.as_secs() > 0)
    }

    fn line(&self, width: usize) -> String {
        let plan = self.planned.map_or_else(String::new, |planned| format!("   of {}", clock(planned)));
        let (title, needs) = (&self.title, clock(self.needs()));
        let (spoken, demos) = (clock(self.spoken), clock(self.demos));
        format!("{title:width$}  {needs:>6}  (notes {spoken}, demos {demos}){plan}")
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "title": self.title, "notes_seconds": self.spoken.as_secs(), "demo_seconds": self.demos.as_secs(),
            "planned_seconds": self.planned.map(|planned| planned.as_secs()),
        })
    }
}

/// The time that a deck will take, by section.
pub(crate) struct Minutes {
    sections: Vec<Row>,
    total: Row,
}

impl Minutes {
    /// None for a deck without a plan.
    pub(crate) fn of(deck: &Deck, files: &dyn Files) -> Option<Self> {
        let plan = Plan::of(deck)?;
        let titles = deck.outline.sections.iter().zip(&plan.sections);
        let mut sections: Vec<Row> = titles
            .map(|(section, share)| Row {
                title: section.title.clone(),
                planned: Some(share.length()),
                ..Row::default()
            })
            .collect();
        let mut total = Row { title: "Total".to_owned(), planned: Some(plan.total()), ..Row::default() };
        let mut lengths = HashMap::new();
        // A slide with no minutes at all is for questions afterwards.
        let given = |slide: &Arc<Slide>| slide.budget != Some(Duration::ZERO);
        for (index, slide) in deck.slides.iter().enumerate().filter(|(_, slide)| given(slide)) {
            let spoken = plan::spoken(&slide.notes);
            let mut demos = Duration::ZERO;
            for pane in deck.panes(index).into_iter().filter(plan::takes_time) {
                let known = lengths.entry(pane.demo.tape.clone());
                let tape = *known.or_insert_with(|| length(&pane.demo, files));
                demos += tape.unwrap_or_else(|| plan::guess(pane.demo.kind));
            }
            let section = plan.section_of(index).and_then(|number| sections.get_mut(number));
            for row in section.into_iter().chain([&mut total]) {
                row.spoken += spoken;
                row.demos += demos;
            }
        }
        Some(Self { sections, total })
    }

    /// A line for each section, and one for the talk.
    pub(crate) fn lines(&self) -> Vec<String> {
        let rows = || self.sections.iter().chain([&self.total]);
        let width = rows().map(|row| row.title.chars().count()).max().unwrap_or(0);
        rows().map(|row| row.line(width)).collect()
    }

    /// `44:47 of 45:00 by its notes and demos`
    pub(crate) fn sum(&self) -> String {
        let planned =
            self.total.planned.map_or_else(String::new, |planned| format!(" of {}", clock(planned)));
        format!("{}{planned} by its notes and demos", clock(self.total.needs()))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let sections: Vec<_> = self.sections.iter().map(Row::json).collect();
        json!({ "words_a_minute": plan::WORDS_A_MINUTE, "sections": sections, "total": self.total.json() })
    }

    /// A warning for each section that is over its plan, and for the talk.
    pub(crate) fn problems(&self, outline: &str) -> Vec<Diagnostic> {
        let warn = |what: String, row: &Row| {
            let (over, needs) = (clock(row.over()?), clock(row.needs()));
            let message = format!("{what} takes {needs} by its notes and demos, {over} over its plan");
            let hint = "shorten the notes or leave a demo out, or give it more minutes in the outline";
            Some(Diagnostic::warning(Location::file(outline), message).hint(hint))
        };
        let sections =
            self.sections.iter().filter_map(|row| warn(format!("the section \"{}\"", row.title), row));
        sections.chain(warn("the talk".to_owned(), &self.total)).collect()
    }
}

/// How long the recording of `demo` plays with its quiet stretches cut short; none when it cannot be read.
fn length(demo: &Demo, files: &dyn Files) -> Option<Duration> {
    let bytes = files.read(demo.tape.as_deref()?, MOST_TAPE).ok()?;
    let mut reader = Reader::open(Cursor::new(bytes)).ok()?;
    let idle_limit = Some(reader.header().idle_limit.unwrap_or(IDLE));
    let mut editor = Editor::new(Edit { idle_limit, ..Edit::default() });
    let end = reader.by_ref().map(|event| editor.event(event).at).last()?;
    Some(end.since(Elapsed::ZERO))
}

/// `12:05`
fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_base::files::MemoryFiles;
    use greenroom_parse as parse;

    #[test]
    fn a_section_over_its_plan_is_warned_of() {
        let say = "word ".repeat(300);
        let tape =
            "{\"version\":3,\"term\":{\"cols\":40,\"rows\":5}}\n[1.0, \"o\", \"a\"]\n[60.0, \"o\", \"b\"]\n";
        let files = MemoryFiles::new()
            .with(
                "talk.yaml",
                "title: T\nminutes: 5\nsections:\n- {title: A, file: a.md, minutes: 1}\n- {title: B, file: b.md}\n\
                 demos: {d: {command: [x], tape: t.cast}}\n",
            )
            .with("a.md", format!("# A\n\n<!-- speaker_note: {say} -->\n\n```pane\ndemo: d\n```\n"))
            .with("b.md", "# B\n")
            .with("t.cast", tape);
        let deck = parse::deck(&files, "talk.yaml");
        let minutes = Minutes::of(&deck, &files).unwrap();
        assert_eq!(
            minutes.lines(),
            [
                "A        2:04  (notes 2:00, demos 0:04)   of 1:00",
                "B        0:00  (notes 0:00, demos 0:00)   of 4:00",
                "Total    2:04  (notes 2:00, demos 0:04)   of 5:00",
            ]
        );
        let problems = minutes.problems("talk.yaml");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("2:04") && problems[0].message.contains("1:04 over"));
    }

    #[test]
    fn a_deck_without_minutes_is_not_measured() {
        let files = MemoryFiles::new().with("talk.yaml", "title: T\n");
        assert!(Minutes::of(&parse::deck(&files, "talk.yaml"), &files).is_none());
    }
}
