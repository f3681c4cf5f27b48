//! SVG pictures. An SVG is a program of sorts: this draws only what ends soon and reads nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use data_url::DataUrl;
use image::{ImageFormat, ImageReader, RgbaImage};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Node, ParsingOptions};
use resvg::usvg::{ImageHrefResolver, ImageKind, Options, Tree, fontdb};

use super::PictureError;
use greenroom_raster::Face;

/// The embedded families.
const SANS: &str = "DejaVu Sans";
const MONO: &str = "DejaVu Sans Mono";
/// Longer sources are refused.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Elements, counting those that are used again as often as they are.
const MAX_ELEMENTS: u64 = 50_000;
/// How deep elements may nest, following references.
const MAX_DEPTH: u32 = 48;
/// XML nodes, before anything else is known about them.
const MAX_NODES: u32 = 200_000;
/// Style sheets can refer to things from anywhere, so what they refer to is counted for every element.
const MAX_SHEET_REFERENCES: usize = 16;
/// Pixels of all pictures inside of one, which are held at once.
const MAX_INNER_PIXELS: u64 = 16 * 1000 * 1000;
/// Filters whose cost grows with their numbers and not with the picture.
const COSTLY: [&str; 5] =
    ["feTurbulence", "feMorphology", "feConvolveMatrix", "feDiffuseLighting", "feSpecularLighting"];

/// Whether bytes look like SVG: text whose first element is `svg`.
pub(crate) fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(4096)).unwrap_or_default());
    head.trim_start_matches('\u{feff}').trim_start().starts_with('<') && head.contains("<svg")
}

/// Draws an SVG as large as `max` allows, since it loses nothing by it.
pub(crate) fn draw(bytes: &[u8], max: (u32, u32)) -> Result<RgbaImage, PictureError> {
    let damaged = |why: String| PictureError::Damaged { kind: "SVG", why };
    if bytes.len() > MAX_BYTES {
        return Err(complex(format!("it is longer than {} MB", MAX_BYTES / 1024 / 1024)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
    let document = read(text).map_err(damaged)?;
    check(&document)?;
    let inner_pixels = AtomicU64::new(0);
    let options = Options {
        resources_dir: None,
        // The default opens files. Nothing that is not in the document itself is drawn.
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, data, _| inner(data, &inner_pixels)),
            resolve_string: Box::new(|_, _| None),
        },
        font_family: SANS.to_owned(),
        fontdb: Arc::new(fonts(&document)),
        ..Options::default()
    };
    let tree = Tree::from_xmltree(&document, &options).map_err(|error| damaged(error.to_string()))?;
    paint(&tree, max).ok_or_else(|| damaged("it has no size".to_owned()))
}

/// The embedded fonts, so that a drawing looks alike everywhere; none where there is no text. Whatever family it names
/// that is not one of them is drawn in the proportional one.
fn fonts(document: &Document) -> fontdb::Database {
    let mut fonts = fontdb::Database::new();
    if document.descendants().any(|node| node.tag_name().name() == "text") {
        for face in Face::ALL {
            fonts.load_font_data(greenroom_raster::unpacked(face));
        }
    }
    fonts.set_sans_serif_family(SANS);
    fonts.set_serif_family(SANS);
    fonts.set_cursive_family(SANS);
    fonts.set_fantasy_family(SANS);
    fonts.set_monospace_family(MONO);
    fonts
}

fn read(text: &str) -> Result<Document<'_>, String> {
    let reading = ParsingOptions { allow_dtd: true, nodes_limit: MAX_NODES, entity_resolver: None };
    Document::parse_with_options(text, reading).map_err(|error| error.to_string())
}

/// A picture inside of the document, unless it and those before it have too many pixels.
fn inner(data: Arc<Vec<u8>>, pixels: &AtomicU64) -> Option<ImageKind> {
    let reader = ImageReader::new(std::io::Cursor::new(&**data)).with_guessed_format().ok()?;
    let kind = match reader.format()? {
        ImageFormat::Png => ImageKind::PNG,
        ImageFormat::Jpeg => ImageKind::JPEG,
        ImageFormat::WebP => ImageKind::WEBP,
        ImageFormat::Gif => ImageKind::GIF,
        _ => return None,
    };
    let (width, height) = reader.into_dimensions().ok()?;
    let own = u64::from(width) * u64::from(height);
    let before = pixels.fetch_add(own, Ordering::Relaxed);
    (before.saturating_add(own) <= MAX_INNER_PIXELS).then(|| kind(data))
}

/// What an SVG has that is not drawn, in words for a person: each kind once. Nothing when it cannot be read at all, which
/// drawing it says.
#[must_use]
pub fn left_out(bytes: &[u8]) -> Vec<String> {
    let text = bytes.get(..bytes.len().min(MAX_BYTES)).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let Some(Ok(document)) = text.map(read) else { return Vec::new() };
    let pixels = AtomicU64::new(0);
    let mut found = BTreeSet::new();
    for node in document.descendants() {
        match node.tag_name().name() {
            "foreignObject" => {
                found.insert("HTML (a foreignObject, as browsers' drawing tools write text)".to_owned());
            }
            "image" => found.extend(picture_left_out(node, &pixels)),
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// Why the picture of an `image` element is not drawn, if it is not.
fn picture_left_out(node: Node, pixels: &AtomicU64) -> Option<String> {
    let address = node.attributes().find(|attribute| attribute.name() == "href")?.value().trim();
    let Ok(data) = DataUrl::process(address) else {
        return Some("a picture from another file: put it inside of the SVG (\"embed\" it)".to_owned());
    };
    let data = data.decode_to_vec().map(|(bytes, _)| bytes).unwrap_or_default();
    inner(Arc::new(data), pixels)
        .is_none()
        .then(|| "a picture inside of it that is no PNG, JPEG, WebP or GIF, or is too large".to_owned())
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // sides of a picture
// `max` is a few thousand, and what is rounded lies between 1 and it
fn paint(tree: &Tree, max: (u32, u32)) -> Option<RgbaImage> {
    let size = tree.size();
    let scale = (max.0 as f32 / size.width()).min(max.1 as f32 / size.height());
    let pixels = |length: f32, max: u32| ((length * scale).round() as u32).clamp(1, max);
    let (width, height) = (pixels(size.width(), max.0), pixels(size.height(), max.1));
    let mut pixels = Pixmap::new(width, height)?;
    let stretch = Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(tree, stretch, &mut pixels.as_mut());
    let mut image = RgbaImage::from_raw(width, height, pixels.take())?;
    super::straighten(&mut image);
    Some(image)
}

fn complex(why: String) -> PictureError {
    PictureError::Complex(why)
}

/// Refuses documents that would overflow the stack or never end: `use` of `use`, masks of masks, costly filters.
fn check(document: &Document) -> Result<(), PictureError> {
    let costly = document.descendants().find(|node| COSTLY.contains(&node.tag_name().name()));
    if let Some(node) = costly {
        return Err(complex(format!("it uses the filter {}", node.tag_name().name())));
    }
    let references = References::of(document)?;
    let nodes: Vec<Node> = document.descendants().collect();
    let mut known = vec![(0_u32, 0_u64); nodes.len()];
    let get =
        |known: &[(u32, u64)], node: Node| known.get(node.id().get_usize()).copied().unwrap_or_default();
    // Children come after their parents, so one pass from the end settles a tree. References may point
    // forward or back, so passes repeat until nothing changes; a circle never settles.
    for _ in 0..=MAX_DEPTH {
        let mut settled = true;
        for node in nodes.iter().rev() {
            let targets = references.from(*node);
            let (mut depth, mut elements) = (0, 1_u64);
            for next in node.children().chain(targets) {
                let (deep, many) = get(&known, next);
                depth = depth.max(deep);
                elements = elements.saturating_add(many);
            }
            let now = (depth.saturating_add(1), elements);
            if let Some(slot) = known.get_mut(node.id().get_usize())
                && *slot != now
            {
                *slot = now;
                settled = false;
            }
            if now.0 > MAX_DEPTH {
                return Err(complex("its elements nest or refer to each other too deeply".to_owned()));
            }
            if now.1 > MAX_ELEMENTS {
                return Err(complex(format!("it draws more than {MAX_ELEMENTS} elements")));
            }
        }
        if settled {
            return Ok(());
        }
    }
    Err(complex("its elements refer to each other in a circle".to_owned()))
}

/// Which elements refer to which.
struct References<'a, 'input> {
    by_name: std::collections::HashMap<&'a str, Node<'a, 'input>>,
}

impl<'a, 'input> References<'a, 'input> {
    fn of(document: &'a Document<'input>) -> Result<Self, PictureError> {
        let named = document.descendants().filter_map(|node| Some((node.attribute("id")?, node)));
        let by_name: std::collections::HashMap<_, _> = named.collect();
        let sheets = document.descendants().filter(|node| node.tag_name().name() == "style");
        let gradients = ["linearGradient", "radialGradient"];
        let through_sheets = sheets
            .flat_map(|sheet| sheet.descendants().filter_map(|node| node.text()))
            .flat_map(urls)
            .filter_map(|name| by_name.get(name))
            .filter(|target| !gradients.contains(&target.tag_name().name()))
            .count();
        if through_sheets > MAX_SHEET_REFERENCES {
            return Err(complex("its style sheet refers to too many elements".to_owned()));
        }
        Ok(Self { by_name })
    }

    /// What a node refers to by `href` or `url()` in any of its attributes.
    fn from<'s>(
        &'s self,
        node: Node<'a, 'input>,
    ) -> impl Iterator<Item = Node<'a, 'input>> + use<'s, 'a, 'input> {
        node.attributes().flat_map(move |attribute| {
            let whole = attribute.value().trim().strip_prefix('#').filter(|_| attribute.name() == "href");
            whole
                .into_iter()
                .chain(urls(attribute.value()))
                .filter_map(|name| self.by_name.get(name).copied())
        })
    }
}

/// The names in `url(#name)`.
fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.split("url(").skip(1).filter_map(|rest| {
        let inner = rest.split(')').next()?.trim().trim_matches(['"', '\'']);
        Some(inner.trim().strip_prefix('#')?.trim())
    })
}
