//! Answers of the remote, each with what keeps a page to itself.

use std::io;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};

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

pub(super) fn json(json: Bytes) -> Response<Body> {
    whole("application/json", json)
}

pub(super) fn png(png: Bytes) -> Response<Body> {
    let mut answer = whole("image/png", png);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    answer
}

/// A file to keep, of this name.
pub(super) fn download(name: &str, page: Bytes) -> Response<Body> {
    let mut answer = whole("text/html; charset=utf-8", page);
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.html\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    answer.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    answer
}
