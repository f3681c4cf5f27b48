//! What a stage shows, as the JSON that its followers' pages draw: the same cells as in an exported page, and the slide's content as
//! prose.

use std::fmt::Write;
use std::sync::Arc;

use ratatui::layout::Rect;
use serde_json::{Map, Value, json};

use super::cells::LETTERS;
use super::html::{alt_of, blank_pictures};
use super::letters::Line;
use super::looks::{Looks, escape};
use super::palette;
use super::pictures::encoded;
use super::prose::{Medium, Shows, Source, prose};
use super::sheet::Sheet;
use greenroom_deck::{Deck, PaneSpec, Step};
use greenroom_frame::Picture;
use greenroom_render::paint::RenderCache;

/// The style of slides in a follower's page, beside the page's own: cells, letters, panes and prose.
pub const STYLE: &str =
    concat!(include_str!("../assets/player/cells.css"), include_str!("../assets/player/prose.css"));

/// A font with the sextants that large digits are drawn with, which hardly a phone has (`assets/player/blocks.py` makes it).
pub const BLOCKS: &[u8] = super::woff::BLOCKS;

/// Bytes of a picture on a phone: a room of 500 may ask for it in the same second.
const PICTURE: usize = 256 * 1024;

/// What a pane of a slide says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaneSays {
    /// Its title.
    pub title: String,
    /// What it shows, in words for people.
    pub says: String,
    /// A program runs in it at this moment.
    pub live: bool,
}

/// Makes [`Live`]s; one for each stage, since it remembers which class each look has.
#[derive(Debug, Default)]
pub struct Encoder {
    looks: Looks,
    last: Option<LastProse>,
}

/// The prose that was written last: it changes less often than panes do.
#[derive(Debug)]
struct LastProse {
    deck: String,
    slide: usize,
    step: Step,
    /// The pictures that were there.
    pictures: Vec<u64>,
    html: Arc<str>,
}

/// What a stage shows at a moment, as HTML.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    deck: String,
    slide: usize,
    slides: usize,
    step: Step,
    last_step: Step,
    title: String,
    language: String,
    columns: u16,
    rows: u16,
    lines: Vec<String>,
    layers: String,
    prose: Arc<str>,
    panes: Vec<Pane>,
    looks: Map<String, Value>,
    theme: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Pane {
    number: usize,
    name: String,
    says: PaneSays,
    area: Rect,
    lines: Vec<String>,
}

impl Encoder {
    /// One that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `sheet` of the deck whose fingerprint is `deck_id`, with what its panes say, by their numbers. The panes that show are its
    /// [`Sheet::reels`]. Pictures that `ink` does not have yet are told in words.
    #[must_use]
    pub fn encode(
        &mut self,
        (deck, deck_id): (&Deck, &str),
        ink: &RenderCache,
        sheet: &Sheet,
        says: &[PaneSays],
    ) -> Live {
        let theme = &*deck.theme;
        self.looks.forget_used();
        let mut cells = blank_pictures(sheet);
        let leads = &sheet.frame.links;
        let specs = deck.panes(sheet.slide);
        let mut panes = Vec::new();
        for reel in &sheet.reels {
            let area = reel.area.intersection(cells.area);
            panes.push(Pane {
                number: reel.pane,
                name: specs.get(reel.pane).map(|spec| spec.id.clone()).unwrap_or_default(),
                says: says.get(reel.pane).cloned().unwrap_or_default(),
                area,
                lines: self.looks.lines(&cells, leads, area, theme),
            });
        }
        for pane in &panes {
            for position in pane.area.positions() {
                cells[position].reset();
                cells[position].set_bg(theme.background.into()).set_fg(theme.text.into());
            }
        }
        let lines = self.looks.lines(&cells, leads, cells.area, theme);
        let looks = self.looks.rules(theme).map(|(class, css)| (class.to_string(), css.into())).collect();
        Live {
            deck: deck_id.to_owned(),
            slide: sheet.slide,
            slides: deck.slides.len(),
            step: sheet.step,
            last_step: deck.slides.get(sheet.slide).map_or(0, |slide| slide.last_step),
            title: deck.name(sheet.slide),
            language: deck.outline.language().to_owned(),
            columns: cells.area.width,
            rows: cells.area.height,
            lines,
            layers: layers(deck, ink, sheet),
            prose: self.prose(deck, deck_id, ink, sheet),
            panes,
            looks,
            theme: palette::rules(theme),
        }
    }

    fn prose(&mut self, deck: &Deck, deck_id: &str, ink: &RenderCache, sheet: &Sheet) -> Arc<str> {
        let pictures: Vec<u64> = sheet.frame.pictures.iter().map(|placed| placed.picture.id).collect();
        let same = |last: &&LastProse| {
            (last.slide, last.step, &*last.deck) == (sheet.slide, sheet.step, deck_id)
                && last.pictures == pictures
        };
        if let Some(last) = self.last.as_ref().filter(same) {
            return Arc::clone(&last.html);
        }
        let source = Source {
            deck,
            slide: sheet.slide,
            shows: Shows::At(sheet.step),
            ink,
            placed: &sheet.frame.pictures,
            top: 1,
        };
        let html: Arc<str> = prose(source, &mut Served).into();
        let (slide, step) = (sheet.slide, sheet.step);
        self.last =
            Some(LastProse { deck: deck_id.to_owned(), slide, step, pictures, html: Arc::clone(&html) });
        html
    }
}

impl Live {
    /// All of it, as a JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let panes: Vec<Value> = self
            .panes
            .iter()
            .map(|pane| {
                let Rect { x, y, width, height } = pane.area;
                json!({
                    "n": pane.number,
                    "name": pane.name,
                    "title": pane.says.title,
                    "says": pane.says.says,
                    "live": pane.says.live,
                    "area": [x, y, width, height],
                    "lines": pane.lines,
                })
            })
            .collect();
        json!({
            "deck": self.deck,
            "slide": self.slide,
            "slides": self.slides,
            "step": self.step,
            "last_step": self.last_step,
            "title": self.title,
            "lang": self.language,
            "columns": self.columns,
            "rows": self.rows,
            "lines": self.lines,
            "layers": self.layers,
            "prose": &*self.prose,
            "panes": panes,
            "looks": self.looks,
            "theme": self.theme,
        })
        .to_string()
    }

    /// What is not as in `old`, as a JSON object: rows by their numbers, and the looks that `old` does not have. None when more differs
    /// than rows of the slide and of its panes.
    #[must_use]
    pub fn changes(&self, old: &Self) -> Option<String> {
        let place =
            |live: &Self| (live.slide, live.slides, live.step, live.last_step, live.columns, live.rows);
        let areas = |live: &Self| live.panes.iter().map(|pane| (pane.number, pane.area)).collect::<Vec<_>>();
        let same = place(self) == place(old)
            && areas(self) == areas(old)
            && (&self.deck, &self.title, &self.language) == (&old.deck, &old.title, &old.language)
            && (&self.layers, &self.prose, &self.theme) == (&old.layers, &old.prose, &old.theme);
        if !same {
            return None;
        }
        let mut panes = Vec::new();
        for (pane, before) in self.panes.iter().zip(&old.panes) {
            if pane == before {
                continue;
            }
            panes.push(json!({
                "n": pane.number,
                "title": pane.says.title,
                "says": pane.says.says,
                "live": pane.says.live,
                "lines": changed(&pane.lines, &before.lines),
            }));
        }
        let looks: Map<String, Value> = self
            .looks
            .iter()
            .filter(|(class, _)| !old.looks.contains_key(*class))
            .map(|(class, css)| (class.clone(), css.clone()))
            .collect();
        Some(json!({ "lines": changed(&self.lines, &old.lines), "panes": panes, "looks": looks }).to_string())
    }
}

/// The lines that are not as in `old`, by their numbers.
fn changed(new: &[String], old: &[String]) -> Map<String, Value> {
    let differs = |(row, line): &(usize, &String)| old.get(*row) != Some(line);
    new.iter()
        .enumerate()
        .filter(differs)
        .map(|(row, line)| (row.to_string(), line.as_str().into()))
        .collect()
}

/// `picture` for a phone: its type, and its bytes; none where it has no room, however small it is made.
#[must_use]
pub fn picture(picture: &Picture) -> Option<(&'static str, Vec<u8>)> {
    encoded(picture, PICTURE).map(|encoded| (encoded.kind, encoded.bytes))
}

/// The name of a picture in an address.
fn name(picture: &Picture) -> String {
    format!("{:016x}", picture.id)
}

/// Large letters and pictures, which lie over the cells. Places are in cells: `left top width height`.
fn layers(deck: &Deck, ink: &RenderCache, sheet: &Sheet) -> String {
    let mut out = String::new();
    for placed in &sheet.frame.letters {
        let line = Line::of(placed, &deck.theme);
        let css = format!(
            "left:{:.3}em;top:calc({}*var(--line));font-size:{:.3}em;line-height:{:.3}",
            line.x / line.size,
            placed.area.y,
            line.size / LETTERS,
            line.height / line.size
        );
        let _ = write!(out, "<div class=\"{}\" data-css=\"{css}\">", line.class());
        for (text, ink) in &line.spans {
            let _ = write!(out, "<span data-css=\"color:{ink:?}\">{}</span>", escape(text));
        }
        out.push_str("</div>");
    }
    for placed in &sheet.frame.pictures {
        let Rect { x, y, width, height } = placed.area;
        let _ = write!(
            out,
            "<img class=\"picture\" alt=\"{}\" data-picture=\"{}\" data-css=\"left:{x}ch;top:calc({y}*var(--line));\
             width:{width}ch;height:calc({height}*var(--line))\">",
            escape(&alt_of(deck, ink, sheet.slide, placed.picture.id)),
            name(&placed.picture)
        );
    }
    out
}

/// A page that is served: its policy allows no style in attributes, so that the page's script sets what is in `data-css`.
struct Served;

impl Medium for Served {
    fn picture(&mut self, picture: &Arc<Picture>, alt: &str, out: &mut String) {
        let (name, (width, height)) = (name(picture), (picture.width, picture.height));
        let alt = escape(alt);
        let _ =
            write!(out, "<img alt=\"{alt}\" data-picture=\"{name}\" width=\"{width}\" height=\"{height}\">");
    }

    fn pane(&mut self, number: usize, spec: &PaneSpec, out: &mut String) {
        let title = escape(spec.demo.title.as_deref().unwrap_or(&spec.id));
        let _ = writeln!(
            out,
            "<div class=\"pane\" data-pane=\"{number}\" role=\"group\" aria-label=\"{title}\"></div>"
        );
    }

    fn css(&self, declarations: &str) -> String {
        format!("data-css=\"{}\"", escape(declarations))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reel;
    use greenroom_base::files::MemoryFiles;
    use greenroom_frame::Frame;
    use greenroom_render::layout;
    use greenroom_render::paint;

    const DECK: &str = "---\ntitle: T\n---\n\n# One & <two>\n\nSome **bold** text\n\n<!-- pause -->\n\n- later `code`\n\n```pane\n\
                        command: [top]\nheight: 4\n```\n";

    fn deck() -> Deck {
        greenroom_parse::deck(&MemoryFiles::new().with("d.md", DECK.to_owned()), "d.md")
    }

    fn sheet(deck: &Deck, slide: usize, step: Step, (width, height): (u16, u16)) -> Sheet {
        let mut cell = ratatui::buffer::Cell::EMPTY;
        cell.set_bg(deck.theme.background.into()).set_fg(deck.theme.text.into());
        let mut frame = Frame::filled(width, height, cell);
        let scene = layout::slide(deck, &deck.slides[slide], step, frame.area());
        paint::scene(&scene, 0, &RenderCache::new(), &deck.theme, &|_| None, &mut frame);
        let reels = scene
            .panes()
            .filter_map(|(pane, _, item)| Some(Reel { pane, area: scene.on_screen(item, 0, width)?.0 }));
        Sheet { slide, step, reels: reels.collect(), frame }
    }

    fn content(deck: &Deck) -> usize {
        deck.slides.iter().position(|slide| !slide.body.is_empty()).unwrap()
    }

    fn encode(encoder: &mut Encoder, deck: &Deck, sheet: &Sheet, says: &str) -> Live {
        let says = PaneSays { title: "top".to_owned(), says: says.to_owned(), live: true };
        encoder.encode((deck, "id"), &RenderCache::new(), sheet, &[says])
    }

    #[test]
    fn a_state_holds_cells_letters_prose_and_panes_apart() {
        let (deck, mut encoder) = (deck(), Encoder::new());
        let slide = content(&deck);
        let sheet = sheet(&deck, slide, deck.slides[slide].last_step, (80, 24));
        let json: Value = serde_json::from_str(&encode(&mut encoder, &deck, &sheet, "runs").json()).unwrap();
        assert_eq!((json["slide"].as_u64(), json["step"].as_u64()), (Some(slide as u64), Some(1)));
        assert_eq!(json["lines"].as_array().unwrap().len(), 24);
        let pane = &json["panes"][0];
        assert_eq!((pane["says"].as_str(), pane["live"].as_bool()), (Some("runs"), Some(true)));
        assert_eq!(pane["lines"].as_array().unwrap().len() as u64, pane["area"][3].as_u64().unwrap());
        assert!(pane["lines"].to_string().contains('┐') || pane["lines"].to_string().contains('╮'), "{pane}");
        let lines = json["lines"].to_string();
        assert!(lines.contains("text") && !lines.contains('╮') && !lines.contains('┐'), "{lines}");
        let prose = json["prose"].as_str().unwrap();
        assert!(
            prose.contains("<h1>One &amp; &lt;two&gt;</h1>") && prose.contains("<strong>bold</strong>"),
            "{prose}"
        );
        assert!(prose.contains("data-pane=\"0\"") && prose.contains("<code>code</code>"), "{prose}");
        assert!(!format!("{lines}{prose}{}", json["layers"]).contains("style="), "the policy allows none");
        // Each class that is used has its look.
        for class in lines.split("class=a").skip(1) {
            let class: String = class.chars().take_while(char::is_ascii_digit).collect();
            assert!(json["looks"][&class].is_string(), "{class}");
        }
    }

    #[test]
    fn what_is_not_revealed_is_not_told() {
        let (deck, mut encoder) = (deck(), Encoder::new());
        let slide = content(&deck);
        let json = encode(&mut encoder, &deck, &sheet(&deck, slide, 0, (80, 24)), "").json();
        assert!(json.contains("bold") && !json.contains("later") && !json.contains("data-pane"), "{json}");
    }

    #[test]
    fn changes_are_the_rows_that_differ_and_none_when_the_slide_does() {
        let (deck, mut encoder) = (deck(), Encoder::new());
        let slide = content(&deck);
        let one = sheet(&deck, slide, 1, (80, 24));
        let before = encode(&mut encoder, &deck, &one, "runs");
        assert_eq!(before.changes(&before).unwrap(), r#"{"lines":{},"looks":{},"panes":[]}"#);
        let mut two = sheet(&deck, slide, 1, (80, 24));
        let area = two.reels[0].area;
        let red = ratatui::style::Style::new().fg(ratatui::style::Color::Rgb(1, 2, 3));
        two.frame.cells.set_string(area.x + 2, area.y + 1, "news", red);
        let after = encode(&mut encoder, &deck, &two, "runs");
        let changes: Value = serde_json::from_str(&after.changes(&before).unwrap()).unwrap();
        assert_eq!(changes["lines"], json!({}));
        assert_eq!(changes["panes"][0]["lines"].as_object().unwrap().len(), 1);
        assert!(changes["panes"][0]["lines"]["1"].as_str().unwrap().contains("news"));
        assert_eq!(changes["looks"].as_object().unwrap().len(), 1, "only the new one");
        for other in
            [sheet(&deck, slide, 0, (80, 24)), sheet(&deck, 0, 0, (80, 24)), sheet(&deck, slide, 1, (90, 24))]
        {
            if (other.slide, other.step, other.frame.area()) != (slide, 1, one.frame.area()) {
                assert_eq!(encode(&mut encoder, &deck, &other, "runs").changes(&before), None);
            }
        }
    }
}
