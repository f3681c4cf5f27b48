//! One page with everything in it: the slides and steps as text, the recordings, and what plays them.

use std::collections::HashMap;
use std::fmt::Write;
use std::io::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::cells::LETTERS;
use super::letters::Line;
use super::looks::{Looks, escape};
use super::sheet::{Film, Sheet, Sheets};
use greenroom_deck::{Block, Deck, Fnv, Theme};
use greenroom_raster::{Face, unpacked};
use greenroom_render::paint::{Picked, RenderCache};
use greenroom_terminal::frame::Picture;

const STYLE: &str = include_str!("../assets/player/page.css");
const SCRIPT: &str = include_str!("../assets/player/page.js");
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
    v play or pause the recordings · f full screen · Esc close";

/// The deck as one page. It says what is drawn in text, and the cells of a picture are blank.
#[must_use]
pub fn html(show: &dyn Sheets) -> String {
    let mut page = Page {
        show,
        looks: Looks::default(),
        pictures: Vec::new(),
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
    /// Names of pictures, and where they are used as CSS classes.
    pictures: Vec<(u64, String)>,
    films: Vec<Value>,
    /// Films by slide, pane and place, so that steps share them.
    reels: HashMap<(usize, super::Reel), usize>,
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
        let _ = writeln!(
            out,
            "<section id=\"slide-{}\" role=\"group\" aria-roledescription=\"slide\" aria-label=\"{label}\" \
             style=\"--rows:{rows}\"><h2 class=\"sr\">{}</h2>",
            slide + 1,
            escape(&name)
        );
        let steps = self.show.steps(slide, true);
        let last = *steps.end();
        for step in steps {
            let sheet = self.show.sheet(slide, step);
            let class = if step == last { "sheet last" } else { "sheet" };
            let _ = writeln!(out, "<div class=\"{class}\" data-step=\"{step}\"><pre>");
            // The first line break after the tag is none of the text.
            let cells = blank_pictures(&sheet);
            let lines = self.looks.lines(&cells, &sheet.frame.links, cells.area, &self.show.deck().theme);
            let _ = write!(out, "{}</pre>", lines.join("\n"));
            self.placed_letters(&sheet, out);
            self.placed_pictures(&sheet, out);
            self.placed_reels(&sheet, out);
            out.push_str("</div>\n");
        }
        if let Some(notes) =
            deck.slides.get(slide).map(|slide| slide.notes.trim()).filter(|notes| !notes.is_empty())
        {
            let _ = write!(out, "<aside class=\"notes\" aria-label=\"Notes\">{}</aside>", escape(notes));
        }
        out.push_str("</section>\n");
    }

    /// Large letters, as text that can be searched. What is below them leads where they do.
    fn placed_letters(&self, sheet: &Sheet, out: &mut String) {
        for placed in &sheet.frame.letters {
            let line = Line::of(placed, self.theme());
            let _ = write!(
                out,
                "<div class=\"letters\" style=\"left:{:.3}em;top:calc({}*var(--line));font-size:{:.3}em;line-height:{:.3}\">",
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
            let class = self.picture(&placed.picture);
            let alt = alt(self.show, sheet.slide, placed.picture.id);
            let _ = write!(
                out,
                "<div class=\"picture p{class}\" role=\"img\" aria-label=\"{}\" style=\"{}\"></div>",
                escape(&alt),
                place(placed.area)
            );
        }
    }

    /// The class of a picture; each is in the page once.
    fn picture(&mut self, picture: &Picture) -> usize {
        if let Some(known) = self.pictures.iter().position(|(id, _)| *id == picture.id) {
            return known;
        }
        self.pictures.push((picture.id, STANDARD.encode(png(picture))));
        self.pictures.len() - 1
    }

    fn placed_reels(&mut self, sheet: &Sheet, out: &mut String) {
        let new = sheet.reels.iter().any(|reel| !self.reels.contains_key(&(sheet.slide, *reel)));
        if new {
            for film in self.show.films(sheet) {
                let json = self.film(&film);
                self.reels.insert((sheet.slide, film.reel), self.films.len());
                self.films.push(json);
            }
        }
        let panes = self.show.deck().panes(sheet.slide);
        for reel in &sheet.reels {
            let Some(film) = self.reels.get(&(sheet.slide, *reel)) else { continue };
            let title = panes.get(reel.pane).map(|spec| spec.demo.title.as_deref().unwrap_or(&spec.id));
            let _ = write!(
                out,
                "<div class=\"reel\" role=\"group\" aria-label=\"Recording: {}\" data-film=\"{film}\" style=\"{}\"></div>",
                escape(title.unwrap_or_default()),
                place(reel.area)
            );
        }
    }

    /// Pictures over time, each as the rows that are not as in the picture before.
    fn film(&mut self, film: &Film) -> Value {
        let mut before: Vec<String> = Vec::new();
        let mut pictures = Vec::new();
        for (at, cells, links) in &film.pictures {
            let lines = self.looks.lines(cells, links, film.reel.area, &self.show.deck().theme);
            let changed: Map<String, Value> = lines
                .iter()
                .enumerate()
                .filter(|(row, line)| before.get(*row) != Some(line))
                .map(|(row, line)| (row.to_string(), Value::from(line.as_str())))
                .collect();
            pictures.push(json!([at.micros() / 1000, changed]));
            before = lines;
        }
        json!({ "end": film.end.micros() / 1000, "pictures": pictures })
    }

    fn document(&self, main: &str) -> String {
        let theme = self.theme();
        let title = escape(&self.show.deck().outline.title);
        let mut style = String::new();
        for (weight, font) in [("normal", unpacked(Face::Mono)), ("bold", unpacked(Face::MonoBold))] {
            let _ = writeln!(
                style,
                "@font-face{{font-family:Greenroom;font-weight:{weight};src:url(data:font/ttf;base64,{})}}",
                STANDARD.encode(font)
            );
        }
        let titles = STANDARD.encode(unpacked(Face::SansBold));
        let _ = writeln!(
            style,
            "@font-face{{font-family:GreenroomTitle;font-weight:bold;src:url(data:font/ttf;base64,{titles})}}"
        );
        let _ = writeln!(
            style,
            ":root{{--cols:{};--paper:{:?};--ink:{:?};--surface:{:?};--accent:{:?};--warn:{:?}}}",
            self.show.size().columns,
            theme.background,
            theme.text,
            theme.surface,
            theme.accent,
            theme.warn
        );
        style.push_str(STYLE);
        for (class, declarations) in self.looks.rules(theme) {
            let _ = writeln!(style, ".a{class}{{{declarations}}}");
        }
        for (class, (_, png)) in self.pictures.iter().enumerate() {
            let _ = writeln!(style, ".p{class}{{background-image:url(data:image/png;base64,{png})}}");
        }
        let films = packed(&Value::from(self.films.clone()).to_string());
        let script = format!("\n{SCRIPT}");
        let policy = policy(&script);
        format!(
            "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"generator\" content=\"greenroom {}\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
             <style>\n{style}</style></head>\n<body>\n<main aria-label=\"{title}\">\n{main}</main>\n\
             <div id=\"say\" class=\"sr\" aria-live=\"polite\"></div>\n<div id=\"help\">{HELP}</div>\n\
             <nav aria-label=\"Slides\"><button data-key=\"ArrowLeft\" aria-label=\"Back\">←</button>\
             <button data-key=\"ArrowRight\" aria-label=\"Next\">→</button>\
             <button data-key=\"o\" aria-label=\"Overview\">▦</button>\
             <button data-key=\"n\" aria-label=\"Notes\">✎</button>\
             <button data-key=\"?\" aria-label=\"Keys\">?</button></nav>\n\
             <script type=\"application/gzip;base64\" id=\"films\">{films}</script>\n<script>{script}</script>\n</body></html>\n",
            self.show.deck().outline.language(),
            env!("CARGO_PKG_VERSION")
        )
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

pub(super) fn png(picture: &Picture) -> Vec<u8> {
    let mut out = Vec::new();
    // Neighbours of a drawing are alike, and a filter would hide that: a third of the bytes.
    let (compression, filter) = if is_flat(picture) {
        (CompressionType::Best, FilterType::NoFilter)
    } else {
        (CompressionType::Default, FilterType::Adaptive)
    };
    let encoder = PngEncoder::new_with_quality(&mut out, compression, filter);
    // Writing to memory does not fail, and a picture has as many bytes as its size says.
    let _ =
        encoder.write_image(&picture.rgba, picture.width, picture.height, image::ExtendedColorType::Rgba8);
    out
}

/// Whether a picture is a drawing: most pixels are like the one before.
fn is_flat(picture: &Picture) -> bool {
    let pairs = picture.rgba.chunks_exact(4).zip(picture.rgba.chunks_exact(4).skip(1));
    let alike = pairs.filter(|(one, next)| one == next).count();
    alike >= picture.rgba.len() / 4 / 10 * 9
}
