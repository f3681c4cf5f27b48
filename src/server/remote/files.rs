//! The files that pages are made of.

use bytes::Bytes;
use http_body_util::{Either, Full};
use hyper::header::{CACHE_CONTROL, ETAG, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::access::Role;
use super::answers::{Body, parcel, response};
use crate::server::parcel::Parcel;
use greenroom_deck::Fnv;
use greenroom_export::live;
use greenroom_raster::{Face, unpacked};

/// How both pages begin; `{base}` is where their files are, and `{title}` the talk's.
const HEAD: &str = include_str!("../../../assets/remote/head.html");
/// The rest of the page for the room.
const AUDIENCE: &str = include_str!("../../../assets/remote/audience.html");
/// That for the speaker's phone.
const SPEAKER: &str = include_str!("../../../assets/remote/speaker.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const FONT: &str = "font/ttf";

/// A file: its name, its type, and what is in it.
struct File {
    name: &'static str,
    kind: &'static str,
    read: fn() -> Bytes,
    ready: OnceCell<Ready>,
}

/// A file that was asked for.
struct Ready {
    /// What tells it from the one of another version.
    tag: HeaderValue,
    parcel: Parcel,
}

impl File {
    const fn new(name: &'static str, kind: &'static str, read: fn() -> Bytes) -> Self {
        Self { name, kind, read, ready: OnceCell::const_new() }
    }

    async fn ready(&self) -> Option<&Ready> {
        let read = self.read;
        let make = || async move {
            // Fonts take a moment.
            let packed = move || {
                let parcel = Parcel::whole(read());
                drop(parcel.packed());
                parcel
            };
            let parcel = spawn_blocking(packed).await.map_err(drop)?;
            let sum = crc32fast::hash(&parcel.plain());
            let tag = format!("W/\"{}-{sum:08x}\"", Fnv::of(env!("CARGO_PKG_VERSION")));
            HeaderValue::try_from(tag).map(|tag| Ready { tag, parcel }).map_err(drop)
        };
        self.ready.get_or_try_init(make).await.ok()
    }
}

static FILES: [File; 11] = [
    File::new("audience.js", SCRIPT, || text(include_str!("../../../assets/remote/audience.js"))),
    File::new("audience.css", STYLE, || text(include_str!("../../../assets/remote/audience.css"))),
    File::new("speaker.js", SCRIPT, || text(include_str!("../../../assets/remote/speaker.js"))),
    File::new("speaker.css", STYLE, || text(include_str!("../../../assets/remote/speaker.css"))),
    File::new("link.js", SCRIPT, || text(include_str!("../../../assets/remote/link.js"))),
    File::new("slide.js", SCRIPT, || text(include_str!("../../../assets/remote/slide.js"))),
    File::new("slide.css", STYLE, || text(live::STYLE)),
    File::new("mono.ttf", FONT, || unpacked(Face::Mono).into()),
    File::new("mono-bold.ttf", FONT, || unpacked(Face::MonoBold).into()),
    File::new("title.ttf", FONT, || unpacked(Face::SansBold).into()),
    File::new("blocks.ttf", FONT, || Bytes::from_static(live::BLOCKS)),
];

fn text(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// The page of a role, below `base`.
pub(super) fn page(role: Role, base: &str, title: &str) -> Bytes {
    let rest = if role == Role::Speaker { SPEAKER } else { AUDIENCE };
    let page = [HEAD, rest].concat();
    Bytes::from(page.replace("{base}", base).replace("{title}", &escaped(title)))
}

/// `text` as the text of an element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The file called `name`, or that it is as it was when it was called `known`; none when there is no such file.
pub(super) async fn get(name: &str, known: Option<&HeaderValue>, packed: bool) -> Option<Response<Body>> {
    let file = FILES.iter().find(|file| file.name == name)?;
    let Ready { tag, parcel: contents } = file.ready().await?;
    let mut answer = if known == Some(tag) {
        response(StatusCode::NOT_MODIFIED, file.kind, Either::Left(Full::default()))
    } else {
        parcel(file.kind, contents, packed)
    };
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(ETAG, tag.clone());
    Some(answer)
}
