//! A talk, practised under a clock that the test holds, and what its reports say.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use greenroom::open;
use greenroom::practice::{Begin, Practice, PracticeEntry, report};
use greenroom::talk::{Auto, Effect, Msg, Runs, Settings, StageEffect, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_deck::plan::Plan;

const SIZE: Size = Size { columns: 120, rows: 35 };

/// A talk of four sections in 45 minutes, with steps on some of its slides.
fn sections() -> Arc<Deck> {
    let sections = [
        ("Before", 10, 8),
        ("The problem and all that hangs on it", 14, 12),
        ("What was measured", 15, 9),
        ("After", 6, 12),
    ];
    let (mut files, mut outline) = (MemoryFiles::new(), "title: A talk\nminutes: 45\nsections:\n".to_owned());
    for (index, (title, minutes, slides)) in sections.into_iter().enumerate() {
        writeln!(outline, "- {{title: {title}, file: {index}.md, minutes: {minutes}}}").unwrap();
        let slide = |slide: usize| {
            let steps = "<!-- pause -->\n\nMore.\n\n".repeat(slide % 3);
            format!(
                "# {title}, part {}\n\n{}\n\n{steps}",
                slide + 1,
                "Many more words. ".repeat(1 + slide * 5 % 7)
            )
        };
        files =
            files.with(&format!("{index}.md"), (0..slides).map(slide).collect::<Vec<_>>().join("---\n\n"));
    }
    Arc::new(open::deck(&files.with("talk.yaml", outline), "talk.yaml"))
}

/// A talk that is practised, a clock, and the history that is written.
struct Rehearsal {
    talk: Talk,
    now: Elapsed,
    history: String,
}

impl Rehearsal {
    fn new(deck: &Arc<Deck>, day: u64, settings: Settings) -> Self {
        let mut talk = Talk::new(Arc::clone(deck), SIZE, Settings { runs: Runs::TapesOnly, ..settings });
        let began = 1_795_392_000 + day * 86_400;
        let history = PracticeEntry::Begin(Box::new(Begin::of(deck, Plan::of(deck).as_ref(), began))).text();
        talk.practise(Elapsed::ZERO);
        Self { talk, now: Elapsed::ZERO, history }
    }

    fn tell(&mut self, msg: Msg) {
        self.talk.update(msg, self.now);
        self.log();
    }

    fn log(&mut self) {
        while let Some(effect) = self.talk.next_effect() {
            if let Effect::Stage(StageEffect::LogPractice(line)) = effect {
                self.history += &line.text();
            }
        }
    }

    /// Presses a key, after so long.
    fn after(&mut self, time: Duration, code: KeyCode) {
        self.now = self.now + time;
        self.tell(Msg::Key(KeyEvent::from(code)));
    }

    fn end(mut self) -> Practice {
        self.talk.end_practice(self.now);
        self.log();
        Practice::read(&self.history).unwrap()
    }
}

/// A key script for the whole talk: each slide has its planned time, `slower` of the second section's slides has more;
/// the speaker pauses once, and goes back once.
fn whole_talk(deck: &Arc<Deck>, day: u64, slower: u64) -> Practice {
    let plan = Plan::of(deck).unwrap();
    let mut rehearsal = Rehearsal::new(deck, day, Settings::default());
    let secs = Duration::from_secs;
    // The title stands before the timer starts.
    rehearsal.after(secs(30), KeyCode::Right);
    while rehearsal.talk.place().slide + 1 < deck.slides.len() {
        let slide = rehearsal.talk.place().slide;
        let steps = u32::from(deck.slides[slide].last_step) + 1;
        let budget = plan.budgets[slide];
        let more = if plan.section_of(slide) == Some(1) {
            budget * u32::try_from(slower).unwrap() / 100
        } else {
            secs(0)
        };
        rehearsal.after((budget + more) / steps, KeyCode::Right);
    }
    rehearsal.after(secs(2), KeyCode::Char('t'));
    rehearsal.after(secs(45), KeyCode::Char('t'));
    rehearsal.after(secs(3), KeyCode::Left);
    rehearsal.after(secs(5), KeyCode::Right);
    rehearsal.end()
}

#[test]
fn a_whole_rehearsal_gives_exactly_this_report() {
    let deck = sections();
    let practice = whole_talk(&deck, 0, 10);
    let time: u64 = practice.visits.iter().map(|visit| visit.ms).sum();
    assert_eq!(Duration::from_millis(time), practice.total());
    assert_eq!(practice.visits.iter().filter(|visit| visit.back).count(), 1);
    insta::assert_snapshot!("one_practice", report(&[practice]));
}

#[test]
fn three_practices_of_the_whole_talk_give_a_trend() {
    let deck = sections();
    let practices: Vec<Practice> =
        [(0, 5), (1, 15), (2, 30)].map(|(day, slower)| whole_talk(&deck, day, slower)).into();
    let text = report(&practices);
    assert!(
        text.lines().any(|line| line.starts_with("2 The problem") && line.ends_with("longer each time")),
        "{text}"
    );
    assert!(text.lines().any(|line| line.starts_with("1 Before") && line.ends_with("steady")), "{text}");
    insta::assert_snapshot!("three_practices", text);
}

#[test]
fn a_talk_goes_on_by_itself_when_it_is_asked_to() {
    let deck = sections();
    let auto = Auto::Every(Duration::from_secs(15));
    let timer = greenroom::talk::TimerStart::Open;
    let mut rehearsal = Rehearsal::new(&deck, 0, Settings { auto, timer, ..Settings::default() });
    let mut moved = 0;
    while let Some(due) = rehearsal.talk.next_at(rehearsal.now).filter(|_| moved < 10_000) {
        rehearsal.now = due.max(rehearsal.now + Duration::from_millis(1));
        rehearsal.tell(Msg::Wake);
        moved += 1;
    }
    assert_eq!(rehearsal.talk.place().slide + 1, deck.slides.len());
    let practice = rehearsal.end();
    for slide in 0..deck.slides.len() - 1 {
        assert_eq!(practice.slide(slide).as_millis().div_ceil(100), 150, "slide {}", slide + 1);
    }
}
