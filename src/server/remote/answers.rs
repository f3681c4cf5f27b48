//! Answers of the remote, each with what keeps a page to itself.

use std::io;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderValue, REFERRER_POLICY, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};

use crate::server::parcel::Parcel;

pub(super) type Body = Either<Full<Bytes>, Channel<Bytes, io::Error>>;

/// Nothing from elsewhere, and no script or style but the files of the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What is named by its content stays as it is.
const FOR_EVER: &str = "private, max-age=86400, immutable";

pub(super) fn response(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

pub(super) fn whole(kind: &'static str, bytes: Bytes) -> Response<Body> {
    response(StatusCode::OK, kind, Either::Left(Full::new(bytes)))
}

/// The same, packed where `packed` says so.
pub(super) fn parcel(kind: &'static str, parcel: &Parcel, packed: bool) -> Response<Body> {
    let mut answer = whole(kind, if packed { parcel.packed() } else { parcel.plain() });
    answer.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if packed {
        is_packed(&mut answer);
    }
    answer
}

/// Says that an answer is packed.
pub(super) fn is_packed(answer: &mut Response<Body>) {
    answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
}

/// Whether whoever asks with `headers` can unpack an answer.
pub(super) fn unpacks(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let none = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0_f32));
        name.trim().eq_ignore_ascii_case("gzip") && !none
    })
}

pub(super) fn text(status: StatusCode, text: &str) -> Response<Body> {
    response(status, "text/plain; charset=utf-8", Either::Left(Full::from(format!("{text}\n"))))
}

/// Whoever asks so often waits a little.
pub(super) fn too_often() -> Response<Body> {
    let mut answer =
        text(StatusCode::TOO_MANY_REQUESTS, "too many requests from this address; try again in a moment");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

pub(super) fn json(json: &Parcel, packed: bool) -> Response<Body> {
    parcel("application/json", json, packed)
}

pub(super) fn picture((kind, bytes): (&'static str, Bytes)) -> Response<Body> {
    let mut answer = whole(kind, bytes);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    answer
}

/// A file to keep, of this name.
pub(super) fn download(name: &str, page: &Parcel, packed: bool) -> Response<Body> {
    let mut answer = parcel("text/html; charset=utf-8", page, packed);
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.html\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    answer.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_says_so_is_sent_packed_answers() {
        let says = |value: &str| {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap())]);
            unpacks(&headers)
        };
        for good in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.5", "deflate , gzip ; q=1"] {
            assert!(says(good), "{good}");
        }
        for bad in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "x-gzip2", "*"] {
            assert!(!says(bad), "{bad}");
        }
        assert!(!unpacks(&HeaderMap::new()));
    }
}
