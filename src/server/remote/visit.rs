//! The other side of the remote: a program that reads the page of a stage.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Between two tries.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// A stage that says nothing for so long is not there: it has a pulse.
const SILENCE: Duration = Duration::from_secs(70);
/// A connection is there within this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest event, in bytes.
const MAX_EVENT: usize = 8 * 1024 * 1024;

/// Something that a page is told.
#[derive(Debug)]
pub enum Told {
    /// An event of the stage: its name, and what it says.
    Event(String, String),
    /// The stage cannot be reached, and is tried again: why.
    Lost(String),
}

/// Why an address cannot be followed at all.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// It is none.
    #[error("{0:?} is no address of a talk: it should be as its code says, http://192.168.1.5:8000/s/…")]
    NoAddress(String),
    /// The stage does not know it.
    #[error("the stage says: {0}")]
    Refused(String),
    /// The authorities' certificates cannot be had.
    #[error("{0}")]
    Authorities(String),
}

/// A page's address.
#[derive(Clone)]
pub struct Visit {
    host: String,
    port: u16,
    path: String,
    tls: Option<TlsConnector>,
}

impl Visit {
    /// Of the page at `url`; what speaks TLS is known by the certificate in `authority`, or by the system's.
    ///
    /// # Errors
    /// [`VisitError`] when it is no address, or no certificates can be read.
    pub fn new(url: &str, authority: Option<&Path>) -> Result<Self, VisitError> {
        let wrong = || VisitError::NoAddress(url.to_owned());
        let address: hyper::Uri = url.trim().parse().map_err(|_| wrong())?;
        let host = address.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?.to_owned();
        let secret = match address.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        let path = address.path().trim_end_matches('/').to_owned();
        if !path.contains("/s/") {
            return Err(wrong());
        }
        let port = address.port_u16().unwrap_or(if secret { 443 } else { 80 });
        let tls = secret.then(|| connector(authority)).transpose()?;
        Ok(Self { host, port, path, tls })
    }

    /// Follows the stage now and whenever it comes back, until nobody listens to `tell`. What comes by `anew` begins again.
    ///
    /// # Errors
    /// When the stage does not know the address, and has never known it.
    pub async fn follow(
        &self,
        tell: &mpsc::Sender<Told>,
        anew: &mut mpsc::Receiver<()>,
    ) -> Result<(), VisitError> {
        let mut known = false;
        loop {
            let ended = tokio::select! {
                ended = self.read(tell, &mut known) => ended,
                Some(()) = anew.recv() => continue,
            };
            let why = match ended {
                Ended::Refused(why) if !known => return Err(VisitError::Refused(why)),
                Ended::Refused(why) => why,
                Ended::Over => return Ok(()),
                Ended::Lost(error) => format!("The stage cannot be reached ({error}); trying again …"),
            };
            if tell.send(Told::Lost(why)).await.is_err() {
                return Ok(());
            }
            sleep(RETRY_INTERVAL).await;
        }
    }

    async fn read(&self, tell: &mpsc::Sender<Told>, known: &mut bool) -> Ended {
        match timeout(CONNECT_TIMEOUT, self.ask()).await {
            Ok(Ok((status, body))) if status == StatusCode::OK => {
                *known = true;
                events(body, tell).await
            }
            Ok(Ok((status, body))) => {
                let said = timeout(CONNECT_TIMEOUT, http_body_util::Limited::new(body, 1024).collect()).await;
                let said = said
                    .ok()
                    .and_then(Result::ok)
                    .map(http_body_util::Collected::to_bytes)
                    .unwrap_or_default();
                let said = String::from_utf8_lossy(&said).trim().to_owned();
                match status {
                    StatusCode::TOO_MANY_REQUESTS => Ended::Lost(io::Error::other(said)),
                    status if status.is_client_error() => Ended::Refused(said),
                    _ => Ended::Lost(io::Error::other(status.to_string())),
                }
            }
            Ok(Err(error)) => Ended::Lost(error),
            Err(_) => Ended::Lost(io::ErrorKind::TimedOut.into()),
        }
    }

    async fn ask(&self) -> io::Result<(StatusCode, Incoming)> {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, self.port)).await?;
        match &self.tls {
            None => self.say(stream).await,
            Some(tls) => {
                let name = ServerName::try_from(bare.to_owned()).map_err(io::Error::other)?;
                self.say(tls.connect(name, stream).await?).await
            }
        }
    }

    async fn say<S>(&self, stream: S) -> io::Result<(StatusCode, Incoming)>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let opened = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = opened.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let host = format!("{}:{}", self.host, self.port);
        let request =
            Request::get(format!("{}/events", self.path)).header(HOST, host).body(Empty::<Bytes>::new());
        let answer =
            sender.send_request(request.map_err(io::Error::other)?).await.map_err(io::Error::other)?;
        Ok((answer.status(), answer.into_body()))
    }
}

enum Ended {
    Over,
    Refused(String),
    Lost(io::Error),
}

/// Hands events on, until the stream ends.
async fn events(mut body: Incoming, tell: &mpsc::Sender<Told>) -> Ended {
    let mut waiting = Vec::new();
    loop {
        let chunk = match timeout(SILENCE, body.frame()).await {
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
            Ok(Some(Err(error))) => return Ended::Lost(io::Error::other(error)),
            Ok(None) => return Ended::Lost(io::ErrorKind::UnexpectedEof.into()),
            Err(_) => return Ended::Lost(io::ErrorKind::TimedOut.into()),
        };
        waiting.extend_from_slice(&chunk);
        if waiting.len() > MAX_EVENT {
            return Ended::Lost(io::Error::other("an event is too long"));
        }
        while let Some(end) = memchr::memmem::find(&waiting, b"\n\n") {
            let event: Vec<u8> = waiting.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&event);
            let field = |name: &str| {
                text.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
            };
            if let (Some(name), Some(data)) = (field("event:"), field("data:"))
                && tell.send(Told::Event(name, data)).await.is_err()
            {
                return Ended::Over;
            }
        }
    }
}

/// What speaks TLS with whoever the authorities know.
fn connector(authority: Option<&Path>) -> Result<TlsConnector, VisitError> {
    let mut roots = RootCertStore::empty();
    match authority {
        Some(path) => {
            let unreadable = |error: &dyn std::fmt::Display| {
                VisitError::Authorities(format!("{} holds no certificate: {error}", path.display()))
            };
            let text = std::fs::read(path).map_err(|error| unreadable(&error))?;
            for certificate in CertificateDer::pem_slice_iter(&text) {
                let added = certificate.map_err(|error| unreadable(&error))?;
                roots.add(added).map_err(|error| unreadable(&error))?;
            }
        }
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    if roots.is_empty() {
        let why = "there is no authority's certificate to know the stage by: name one with --ca";
        return Err(VisitError::Authorities(why.to_owned()));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| VisitError::Authorities(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
