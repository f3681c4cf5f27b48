//! One page with everything in it: the slides and steps as text, the recordings, and what plays them.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::cells::LETTERS;
use super::letters::Line;
use super::looks::{Looks, escape};
use super::palette;
use super::pictures::{Encoded, encoded};
use super::prose::{Medium, Shows, Source, prose};
use super::sheet::{Film, FilmPicture, Reel, Sheet, Sheets};
use super::woff::{BLOCKS, woff};
use greenroom_deck::{Block, Deck, Fnv, PaneSpec, Theme};
use greenroom_frame::Picture;
use greenroom_raster::{Face, unpacked};
use greenroom_render::paint::{Picked, RenderCache};

const STYLE: &str = concat!(
    include_str!("../assets/player/cells.css"),
    include_str!("../assets/player/prose.css"),
    include_str!("../assets/player/page.css")
);
const SCRIPT: &str = include_str!("../assets/player/page.js");
/// Bytes of all pictures of a page. Written as text they take a third more.
const PICTURES: usize = 12 * 1024 * 1024;
/// Bytes of each of them.
const PICTURE: usize = 512 * 1024;
/// Nothing is fetched from anywhere, and no script but the player runs, whatever a deck holds. Places are written as `style`
/// attributes, which have no hash.
fn policy(script: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(script));
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; font-src data:; \
         base-uri 'none'; form-action 'none'"
    )
}
const HELP: &str = "→ ← next and back · Home End first and last · 12 Enter go to slide 12 · n notes · o overview · \
    v play or pause the recordings · V next chart · f full screen · Esc close";

const CONTROLS: &str = "<button data-key=\"ArrowLeft\" aria-label=\"Back\">‹</button>\
    <button data-key=\"ArrowRight\" aria-label=\"Next\">›</button><span id=\"place\"></span>\
    <button data-key=\"o\" class=\"labelled\" aria-label=\"Overview\">▦<span> Overview</span></button>\
    <button data-key=\"n\" class=\"labelled\" aria-label=\"Notes\">✎<span> Notes</span></button>\
    <button data-key=\"f\" class=\"labelled\" aria-label=\"Full screen\">⤢<span> Full screen</span></button>\
    <button data-key=\"?\" class=\"labelled\" aria-label=\"Keys\">?<span> Keys</span></button>";

/// The deck as one page. It says what is drawn in text, and the cells of a picture are blank.
#[must_use]
pub fn html(show: &dyn Sheets) -> String {
    let mut page = Page {
        show,
        looks: Looks::default(),
        pictures: Pictures::of(show.deck()),
        films: Vec::new(),
        reels: HashMap::new(),
    };
    let mut main = String::new();
    for slide in 0..show.deck().slides.len() {
        page.section(slide, &mut main);
    }
    page.document(&main)
}

struct Page<'a> {
    show: &'a dyn Sheets,
    looks: Looks,
    pictures: Pictures,
    /// Each packed by itself, so that a page unpacks what it shows.
    films: Vec<String>,
    /// Films by slide, pane and place, so that steps share them.
    reels: HashMap<(usize, Reel), Reeled>,
}

/// A film of the page.
#[derive(Debug, Clone)]
struct Reeled {
    film: usize,
    /// The rows of its most telling picture, where that is not its last, which the slide shows.
    poster: Option<String>,
}

/// The pictures of a page, each once: where they are used, their numbers are classes of CSS.
struct Pictures {
    /// With [`Picture::id`]; none where there is no room for it.
    known: Vec<(u64, Option<Encoded>)>,
    /// Bytes that each may have.
    room: usize,
}

impl Pictures {
    /// Those of `deck`, which share the room that a page has.
    fn of(deck: &Deck) -> Self {
        let paths: HashSet<String> =
            (0..deck.slides.len()).flat_map(|slide| deck.every_picture(slide)).collect();
        Self { known: Vec::new(), room: PICTURE.min(PICTURES / paths.len().max(1)) }
    }

    fn class(&mut self, picture: &Picture) -> usize {
        if let Some(known) = self.known.iter().position(|(id, _)| *id == picture.id) {
            return known;
        }
        self.known.push((picture.id, encoded(picture, self.room)));
        self.known.len() - 1
    }

    /// The rules of their classes.
    fn rules(&self, out: &mut String) {
        for (class, (_, encoded)) in self.known.iter().enumerate() {
            let _ = match encoded {
                Some(Encoded { kind, bytes, .. }) => {
                    let data = STANDARD.encode(bytes);
                    writeln!(out, ".p{class}{{background-image:url(data:{kind};base64,{data})}}")
                }
                None => writeln!(out, ".p{class}::before{{content:'left out: ' attr(aria-label)}}"),
            };
        }
    }

    /// What is not as in the talk, for whoever reads the page; nothing where all is.
    fn missing(&self) -> String {
        let count =
            |what: fn(&Option<Encoded>) -> bool| self.known.iter().filter(|(_, one)| what(one)).count();
        let smaller = count(|one| one.as_ref().is_some_and(|one| one.smaller));
        let said = [(smaller, "smaller than in the talk"), (count(Option::is_none), "left out")];
        let said: Vec<String> = said
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, how)| {
                format!("{count} {} {how}", if count == 1 { "picture is" } else { "pictures are" })
            })
            .collect();
        if said.is_empty() {
            return String::new();
        }
        format!("<p id=\"missing\">So that this page is not too large, {}.</p>", said.join(", and "))
    }
}

impl Page<'_> {
    fn theme(&self) -> &Theme {
        &self.show.deck().theme
    }

    fn section(&mut self, slide: usize, out: &mut String) {
        let deck = self.show.deck();
        let rows = self.show.room(slide).rows;
        let name = deck.name(slide);
        let label = escape(&format!("Slide {} of {}: {name}", slide + 1, deck.slides.len()));
        let steps = self.show.steps(slide, true);
        let last = *steps.end();
        let sheets: Vec<Sheet> = steps.map(|step| self.show.sheet(slide, step)).collect();
        for sheet in &sheets {
            self.film_reels(sheet);
        }
        let prose = sheets.last().map(|sheet| self.prose(sheet)).unwrap_or_default();
        // Prose has its own heading, where the slide has one.
        let twin = if prose.contains("<h2") { " twin" } else { "" };
        let _ = writeln!(
            out,
            "<section id=\"slide-{}\" role=\"group\" aria-roledescription=\"slide\" aria-label=\"{label}\" \
             style=\"--rows:{rows}\"><h2 class=\"sr{twin}\">{}</h2>",
            slide + 1,
            escape(&name)
        );
        for sheet in &sheets {
            let class = if sheet.step == last { "sheet cells last" } else { "sheet cells" };
            let _ = writeln!(out, "<div class=\"{class}\" data-step=\"{}\">", sheet.step);
            self.placed_letters(sheet, &name, out);
            // The first line break after the tag is none of the text.
            out.push_str("<pre>\n");
            let cells = blank_pictures(sheet);
            let lines = self.looks.lines(&cells, &sheet.frame.links, cells.area, &self.show.deck().theme);
            let _ = write!(out, "{}</pre>", lines.join("\n"));
            self.placed_pictures(sheet, out);
            self.placed_reels(sheet, out);
            out.push_str("</div>\n");
        }
        let _ = writeln!(out, "<article class=\"prose\">\n{prose}</article>");
        if let Some(notes) =
            deck.slides.get(slide).map(|slide| slide.notes.trim()).filter(|notes| !notes.is_empty())
        {
            let _ = write!(
                out,
                "<aside class=\"notes\" aria-label=\"Notes\" tabindex=\"0\">{}</aside>",
                escape(notes)
            );
        }
        out.push_str("</section>\n");
    }

    /// The slide of `sheet`, its last one, as prose, which says what comes at which step.
    fn prose(&mut self, sheet: &Sheet) -> String {
        let cells = blank_pictures(sheet);
        let source = Source {
            deck: self.show.deck(),
            slide: sheet.slide,
            shows: Shows::All,
            ink: self.show.ink(),
            placed: &sheet.frame.pictures,
            top: 2,
        };
        let mut medium = Exported {
            looks: &mut self.looks,
            pictures: &mut self.pictures,
            reels: &self.reels,
            theme: &self.show.deck().theme,
            areas: self.show.panes(sheet.slide, sheet.step),
            cells,
            sheet,
        };
        prose(source, &mut medium)
    }

    /// Large letters, as text that can be searched. What is below them leads where they do.
    fn placed_letters(&self, sheet: &Sheet, name: &str, out: &mut String) {
        for placed in &sheet.frame.letters {
            let line = Line::of(placed, self.theme());
            // The heading says it.
            let said = if name.contains(placed.text().trim()) { " aria-hidden=\"true\"" } else { "" };
            let _ = write!(
                out,
                "<div class=\"{}\"{said} style=\"left:{:.3}em;top:calc({}*var(--line));font-size:{:.3}em;line-height:{:.3}\">",
                line.class(),
                line.x / line.size,
                placed.area.y,
                line.size / LETTERS,
                line.height / line.size
            );
            for (text, ink) in &line.spans {
                let _ = write!(out, "<span style=\"color:{ink:?}\">{}</span>", escape(text));
            }
            out.push_str("</div>");
        }
    }

    fn placed_pictures(&mut self, sheet: &Sheet, out: &mut String) {
        for placed in &sheet.frame.pictures {
            let class = self.pictures.class(&placed.picture);
            let alt = alt(self.show, sheet.slide, placed.picture.id);
            let _ = write!(
                out,
                "<div class=\"picture p{class}\" role=\"img\" aria-label=\"{}\" style=\"{}\"></div>",
                escape(&alt),
                place(placed.area)
            );
        }
    }

    /// Makes the films of a sheet that are not there yet.
    fn film_reels(&mut self, sheet: &Sheet) {
        if sheet.reels.iter().all(|reel| self.reels.contains_key(&(sheet.slide, *reel))) {
            return;
        }
        for film in self.show.films(sheet) {
            if self.reels.contains_key(&(sheet.slide, film.reel)) {
                continue;
            }
            let poster = poster(&film).map(|(_, cells, links)| {
                let lines = self.looks.lines(cells, links, film.reel.area, &self.show.deck().theme);
                lines.join("\n")
            });
            let json = self.film(&film);
            self.reels.insert((sheet.slide, film.reel), Reeled { film: self.films.len(), poster });
            self.films.push(packed(&json.to_string()));
        }
    }

    fn placed_reels(&self, sheet: &Sheet, out: &mut String) {
        let panes = self.show.deck().panes(sheet.slide);
        for reel in &sheet.reels {
            let Some(reeled) = self.reels.get(&(sheet.slide, *reel)) else { continue };
            let title = panes.get(reel.pane).map(|spec| spec.demo.title.as_deref().unwrap_or(&spec.id));
            reeled.write(title.unwrap_or_default(), &format!(" style=\"{}\"", place(reel.area)), out);
        }
    }

    /// Pictures over time, each as the rows that are not as in the picture before.
    fn film(&mut self, film: &Film) -> Value {
        let pictures = self.pictures_of(film, &film.pictures);
        let charts: Vec<Value> = film
            .charts
            .iter()
            .map(|chart| json!([chart.name, self.pictures_of(film, &chart.pictures)]))
            .collect();
        json!({ "end": film.end.micros() / 1000, "pictures": pictures, "charts": charts })
    }

    fn pictures_of(&mut self, film: &Film, pictures: &[FilmPicture]) -> Vec<Value> {
        let mut before: Vec<String> = Vec::new();
        let mut told = Vec::new();
        for (at, cells, links) in pictures {
            let lines = self.looks.lines(cells, links, film.reel.area, &self.show.deck().theme);
            let changed: Map<String, Value> = lines
                .iter()
                .enumerate()
                .filter(|(row, line)| before.get(*row) != Some(line))
                .map(|(row, line)| (row.to_string(), Value::from(line.as_str())))
                .collect();
            told.push(json!([at.micros() / 1000, changed]));
            before = lines;
        }
        told
    }

    fn document(&self, main: &str) -> String {
        let theme = self.theme();
        let title = escape(&self.show.deck().outline.title);
        let mut style = String::new();
        for (family, weight, face) in [
            ("Greenroom", "normal", Face::Mono),
            ("Greenroom", "bold", Face::MonoBold),
            ("GreenroomTitle", "bold", Face::SansBold),
        ] {
            let font = unpacked(face);
            let _ = writeln!(
                style,
                "@font-face{{font-family:{family};font-weight:{weight};src:url(data:font/woff;base64,{})}}",
                STANDARD.encode(woff(&font))
            );
        }
        let blocks = STANDARD.encode(woff(BLOCKS));
        let _ = writeln!(
            style,
            "@font-face{{font-family:GreenroomBlocks;src:url(data:font/woff;base64,{blocks})}}"
        );
        let _ = writeln!(style, ":root{{--cols:{}}}", self.show.size().columns);
        for rule in palette::rules(theme) {
            let _ = writeln!(style, "{rule}");
        }
        style.push_str(STYLE);
        for (class, declarations) in self.looks.rules(theme) {
            let _ = writeln!(style, ".a{class}{{{declarations}}}");
        }
        // Behind the slides: the first of them is painted before all pictures are read.
        let mut pictures = String::new();
        self.pictures.rules(&mut pictures);
        let mut films = String::new();
        for (number, film) in self.films.iter().enumerate() {
            let _ = writeln!(
                films,
                "<script type=\"application/gzip;base64\" id=\"film-{number}\">{film}</script>"
            );
        }
        let script = format!("\n{SCRIPT}");
        let (policy, missing) = (policy(&script), self.pictures.missing());
        format!(
            "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"generator\" content=\"greenroom {}\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
             <style>\n{style}</style></head>\n<body>\n<main aria-label=\"{title}\">\n<h1 class=\"sr\">{title}</h1>\n{main}</main>\n\
             <style>\n{pictures}</style>\n<div id=\"say\" class=\"sr\" aria-live=\"polite\"></div>\n\
             <div id=\"help\" role=\"note\">{HELP}{missing}</div>\n<nav aria-label=\"Slides\">{CONTROLS}</nav>\n\
             {films}<script>{script}</script>\n</body></html>\n",
            self.show.deck().outline.language(),
            env!("CARGO_PKG_VERSION")
        )
    }
}

impl Reeled {
    /// Where it plays, on top of what the slide shows.
    fn write(&self, title: &str, attributes: &str, out: &mut String) {
        let title = escape(title);
        let _ = write!(
            out,
            "<div class=\"reel\" role=\"group\" aria-label=\"Recording: {title}\" data-film=\"{}\"{attributes}>",
            self.film
        );
        if let Some(poster) = &self.poster {
            let _ = write!(out, "<pre class=\"poster\">\n{poster}</pre>");
        }
        out.push_str("</div>");
    }
}

/// The picture of a film that tells most: its last one, unless far more was to be read before it, as when a program clears its
/// screen at its end. None for the last one.
fn poster(film: &Film) -> Option<&FilmPicture> {
    let told = |picture: &FilmPicture| {
        picture.1.content().iter().filter(|cell| !cell.symbol().trim().is_empty()).count()
    };
    // What a border takes.
    let border = 2 * (usize::from(film.reel.area.width) + usize::from(film.reel.area.height));
    let last = told(film.pictures.last()?).saturating_sub(border);
    let (_, fullest) = film
        .pictures
        .iter()
        .map(|one| (told(one).saturating_sub(border), one))
        .max_by_key(|(told, _)| *told)?;
    (told(fullest).saturating_sub(border) > 2 * last + 10).then_some(fullest)
}

/// A page of its own: places and colours are style attributes, pictures are classes.
struct Exported<'a> {
    looks: &'a mut Looks,
    pictures: &'a mut Pictures,
    reels: &'a HashMap<(usize, Reel), Reeled>,
    theme: &'a Theme,
    /// The panes that the sheet shows.
    areas: Vec<Reel>,
    cells: Buffer,
    sheet: &'a Sheet,
}

impl Medium for Exported<'_> {
    fn picture(&mut self, picture: &Arc<Picture>, alt: &str, out: &mut String) {
        let class = self.pictures.class(picture);
        let _ = write!(
            out,
            "<div class=\"picture p{class}\" role=\"img\" aria-label=\"{}\" style=\"width:{}px;aspect-ratio:{}/{}\"></div>",
            escape(alt),
            picture.width,
            picture.width,
            picture.height
        );
    }

    fn pane(&mut self, number: usize, spec: &PaneSpec, out: &mut String) {
        let Some(pane) = self.areas.iter().find(|pane| pane.pane == number) else { return };
        let area = pane.area.intersection(self.cells.area);
        let lines = self.looks.lines(&self.cells, &self.sheet.frame.links, area, self.theme);
        let title = spec.demo.title.as_deref().unwrap_or(&spec.id);
        let _ = write!(
            out,
            "<div class=\"pane cells\" role=\"group\" aria-label=\"{}\" style=\"--cols:{};--tall:{}\"><pre>\n{}</pre>",
            escape(title),
            area.width,
            area.height,
            lines.join("\n")
        );
        if let Some(reeled) = self.reels.get(&(self.sheet.slide, *pane)) {
            reeled.write(title, "", out);
        }
        out.push_str("</div>\n");
    }

    fn css(&self, declarations: &str) -> String {
        format!("style=\"{}\"", escape(declarations))
    }
}

/// Recordings repeat themselves a good deal: with them as they are, a page would be three times as large. A browser has what unpacks
/// them, and looks for no markup in what is in this alphabet.
fn packed(json: &str) -> String {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    // Memory is always written to.
    let _ = packed.write_all(json.as_bytes());
    STANDARD.encode(packed.finish().unwrap_or_default())
}

/// What stands before the address of a QR code where it is read.
pub(super) const CODE: &str = "QR code: ";

/// What the author said that the picture `id` on a slide shows.
pub(super) fn alt(show: &dyn Sheets, slide: usize, id: u64) -> String {
    alt_of(show.deck(), show.ink(), slide, id)
}

/// The same, without who draws the sheets.
pub(super) fn alt_of(deck: &Deck, ink: &RenderCache, slide: usize, id: u64) -> String {
    let mut alt = String::new();
    deck.visit(slide, &mut |block| {
        let (image, words) = match block {
            Block::Image(image) => match &image.drawn_from {
                Some(diagram) => (image, format!("{}: {}", diagram.notation.name(), diagram.twin.source)),
                None => (image, image.alt.to_plain()),
            },
            Block::Code(code) if let Some(drawing) = &code.drawing => (drawing, code.source.clone()),
            Block::Qr(qr) => {
                if Fnv::of(&format!("qr {}", qr.address)).value() == id {
                    alt = format!("{CODE}{}", qr.address);
                }
                return;
            }
            _ => return,
        };
        if matches!(ink.picture(&image.path), Picked::Ready(picture) if picture.id == id) {
            alt = words;
        }
    });
    alt
}

/// The cells of a sheet; those under a picture or large letters are blank, because these lie over them.
#[must_use]
pub fn blank_pictures(sheet: &Sheet) -> Buffer {
    let mut cells = sheet.frame.cells.clone();
    for placed in &sheet.frame.pictures {
        for position in placed.area.intersection(cells.area).positions() {
            cells[position].reset();
        }
    }
    for placed in &sheet.frame.letters {
        for position in placed.area.intersection(cells.area).positions() {
            cells[position].set_symbol(" ");
        }
    }
    cells
}

fn place(area: Rect) -> String {
    format!(
        "left:{}ch;top:calc({}*var(--line));width:{}ch;height:calc({}*var(--line))",
        area.x, area.y, area.width, area.height
    )
}
