//! The files that pages are made of.

use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue};
use hyper::{Response, StatusCode};

use super::access::Role;
use super::answers::{Body, response, whole};
use greenroom_deck::Fnv;
use greenroom_export::live;
use greenroom_raster::{Face, unpacked};

/// The page for the room; `{base}` is where its files are, and `{title}` the talk's.
const AUDIENCE: &str = include_str!("../../../assets/remote/audience.html");
/// The page for the speaker's phone.
const SPEAKER: &str = include_str!("../../../assets/remote/speaker.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const FONT: &str = "font/ttf";

/// A file: its name, its type, and what gives what is in it.
type File = (&'static str, &'static str, fn() -> Bytes);

const FILES: &[File] = &[
    ("audience.js", SCRIPT, || fixed(include_str!("../../../assets/remote/audience.js"))),
    ("audience.css", STYLE, || fixed(include_str!("../../../assets/remote/audience.css"))),
    ("speaker.js", SCRIPT, || fixed(include_str!("../../../assets/remote/speaker.js"))),
    ("speaker.css", STYLE, || fixed(include_str!("../../../assets/remote/speaker.css"))),
    ("link.js", SCRIPT, || fixed(include_str!("../../../assets/remote/link.js"))),
    ("slide.js", SCRIPT, || fixed(include_str!("../../../assets/remote/slide.js"))),
    ("slide.css", STYLE, || fixed(live::STYLE)),
    ("mono.ttf", FONT, || font(&MONO)),
    ("mono-bold.ttf", FONT, || font(&MONO_BOLD)),
    ("title.ttf", FONT, || font(&TITLE)),
    ("blocks.ttf", FONT, || Bytes::from_static(live::BLOCKS)),
];

static MONO: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(unpacked(Face::Mono)));
static MONO_BOLD: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(unpacked(Face::MonoBold)));
static TITLE: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(unpacked(Face::SansBold)));

fn fixed(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn font(font: &LazyLock<Bytes>) -> Bytes {
    Bytes::clone(font)
}

/// The page of a role, below `base`.
pub(super) fn page(role: Role, base: &str, title: &str) -> Bytes {
    let page = if role == Role::Speaker { SPEAKER } else { AUDIENCE };
    Bytes::from(page.replace("{base}", base).replace("{title}", &escaped(title)))
}

/// `text` as the text of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The file called `name`, or that it is as it was when it was called `known`; none when there is no such file.
pub(super) fn get(name: &str, known: Option<&HeaderValue>) -> Option<Response<Body>> {
    let (_, kind, bytes) = FILES.iter().find(|(file, _, _)| *file == name)?;
    let bytes = bytes();
    let tag = format!("\"{}-{:08x}\"", Fnv::of(env!("CARGO_PKG_VERSION")), crc32fast::hash(&bytes));
    let mut answer = if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        response(StatusCode::NOT_MODIFIED, kind, Either::Left(Full::default()))
    } else {
        whole(kind, bytes)
    };
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(ETAG, tag);
    }
    Some(answer)
}
