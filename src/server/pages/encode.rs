//! A state of the stage as the text of an event.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;

use super::Showing;
use crate::server::parcel::Parcel;
use greenroom_deck::Step;
use greenroom_export::live::{Encoder, Live, PaneSays};
use greenroom_export::{Reel, Sheet};

/// What makes events of what the stage shows, one after the other.
#[derive(Default)]
pub(super) struct Press {
    encoder: Encoder,
    last: Option<(Live, Arc<Showing>)>,
    number: u64,
}

/// A state that was made.
pub(super) struct Printed {
    pub number: u64,
    pub whole: Parcel,
    pub news: Option<Parcel>,
    /// The slide by itself, as it is opened later; none while the stage is blank.
    pub page: Option<Parcel>,
    pub showing: Arc<Showing>,
}

impl Press {
    /// Makes the next state; `goes_on` when pages have the one before.
    pub(super) fn print(&mut self, showing: Arc<Showing>, goes_on: bool) -> Printed {
        let (before, number) = (self.number, self.number + 1);
        self.number = number;
        let Some(live) = live(&mut self.encoder, &showing) else {
            self.last = None;
            let (deck, slide) = (quoted(&showing.fingerprint), showing.place.slide);
            let rest =
                format!("\"deck\":{deck},\"slide\":{slide},\"slides\":{}}}", showing.deck.slides.len());
            let whole = event("slide", &(head(number, true, &showing.openable) + &rest));
            return Printed { number, whole, news: None, page: None, showing };
        };
        let json = live.json();
        let news = self.last.as_ref().filter(|(_, last)| goes_on && same_place(last, &showing));
        let news = news.and_then(|(last, _)| live.changes(last)).map(|changes| {
            let changes = changes.strip_prefix('{').unwrap_or(&changes);
            event("lines", &format!("{{\"v\":{number},\"from\":{before},{changes}"))
        });
        let whole = event("slide", &with_head(number, &showing.openable, &json));
        let page = Some(Parcel::whole(Bytes::from(with_head(0, &showing.openable, &json))));
        self.last = Some((live, Arc::clone(&showing)));
        Printed { number, whole, news, page, showing }
    }
}

/// The slide by itself.
pub(super) fn page(showing: &Showing) -> Parcel {
    let live = live(&mut Encoder::default(), showing);
    let json = live.map_or_else(|| "{}".to_owned(), |live| live.json());
    Parcel::whole(Bytes::from(with_head(0, &showing.openable, &json)))
}

/// Nothing is new but what stands on the slide.
fn same_place(last: &Showing, next: &Showing) -> bool {
    (&last.fingerprint, last.place, &last.openable, last.size)
        == (&next.fingerprint, next.place, &next.openable, next.size)
}

fn live(encoder: &mut Encoder, showing: &Showing) -> Option<Live> {
    let (frame, panes) = showing.drawn.clone()?;
    let reels = panes.into_iter().map(|(pane, area)| Reel { pane, area }).collect();
    let sheet = Sheet { slide: showing.place.slide, step: showing.place.step, frame, reels };
    let says: Vec<PaneSays> = showing
        .panes
        .iter()
        .map(|pane| PaneSays {
            title: pane.title.clone(),
            says: pane.says.clone(),
            live: pane.shows == crate::link::PaneShows::Live,
        })
        .collect();
    Some(encoder.encode((&showing.deck, &showing.fingerprint), &showing.ink, &sheet, &says))
}

fn with_head(number: u64, openable: &[Option<Step>], json: &str) -> String {
    head(number, false, openable) + json.strip_prefix('{').unwrap_or(json)
}

/// How each state begins.
fn head(number: u64, blank: bool, openable: &[Option<Step>]) -> String {
    let mut head = format!("{{\"v\":{number},\"blank\":{blank},\"shown\":[");
    for (at, step) in openable.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = match step {
            Some(step) => write!(head, "{comma}{step}"),
            None => write!(head, "{comma}-1"),
        };
    }
    head + "],"
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// An event of a stream. JSON has no line breaks.
pub(in crate::server) fn event(name: &str, json: &str) -> Parcel {
    Parcel::piece(Bytes::from(format!("event: {name}\ndata: {json}\n\n")))
}
