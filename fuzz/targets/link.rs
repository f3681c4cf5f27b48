//! What a stage and a presenter view tell each other: each line comes back as it was, and whatever a stage says, the view is drawn.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use greenroom::follow::{Msg, PresenterView};
use greenroom::link::Message;
use greenroom::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::Deck;
use greenroom_fuzz::{Knobs, beside, bounded, plain_cells};
use greenroom_render::paint::RenderCache;
use libfuzzer_sys::fuzz_target;

const TALK: &str = "---\ntitle: T\n---\n# A\n\na\n\n```pane\ncommand: [ls]\n```\n\n---\n\n# B\n\n- b\n";
/// Frames of one input that are drawn.
const DRAWN: usize = 4;

thread_local! {
    static SHOWN: RefCell<(Arc<Deck>, RenderCache)> = {
        let deck = greenroom::open::deck(&beside().with("x.md", TALK), "x.md");
        RefCell::new((Arc::new(deck), RenderCache::new()))
    };
}

fuzz_target!(|data: &[u8]| {
    let mut knobs = Knobs::of(data);
    let size = knobs.size(Size { columns: 200, rows: 70 });
    let text = knobs.text();
    SHOWN.with_borrow(|(deck, ink)| {
        let mut view = PresenterView::new(Arc::clone(deck), size, 0);
        let mut drawn = 0;
        for line in text.lines() {
            let Ok(Some(message)) = bounded(|| Message::read(line.trim())) else { continue };
            let said = message.line();
            assert_eq!(said.matches('\n').count(), 1, "{said}");
            assert_eq!(Message::read(said.trim_end()), Ok(Some(message.clone())), "{said}");
            let now = Elapsed::from_secs(1);
            let _ = match message {
                Message::Hello(hello) => view.update(Msg::Joined(hello), now),
                Message::State(state) => view.update(Msg::State(state), now),
                Message::Mirror(mirror) => view.update(Msg::Mirror(mirror), now),
                Message::Problem(why) => view.update(Msg::Lost(why), now),
                Message::Order(_) => Vec::new(),
            };
            if drawn < DRAWN {
                drawn += 1;
                let (frame, _) = bounded(|| view::presenter(&view, ink, Elapsed::from_secs(2)));
                plain_cells(&frame.cells);
            }
        }
        ink.clear();
    });
});
