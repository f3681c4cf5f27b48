//! Where the remote is found, and how it begins.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use super::access;
use super::hosts::Hosts;
use crate::link::Remote;
use greenroom_system::os;

/// A phone that has gone without a word is noticed after so long.
const SILENCE: Duration = Duration::from_mins(1);
/// Connections that the remote wants to have room for.
const DESCRIPTORS: u64 = 8192;

/// Why the remote cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Somebody else listens there.
    #[error("the remote cannot be served at {0}: another program listens there. Name another port, or none: --remote={ip}", ip = .0.ip())]
    Taken(SocketAddr),
    /// It is not this computer's.
    #[error("the remote cannot be served at {0}: this computer does not have that address")]
    NotOurs(SocketAddr),
    /// What the system said.
    #[error("the remote cannot be served at {0}: {1}")]
    Io(SocketAddr, io::Error),
}

/// The two secrets of a remote, as they stand in its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Moves the stage.
    pub speaker: String,
    /// Looks on.
    pub audience: String,
}

impl Tokens {
    /// New ones.
    ///
    /// # Errors
    /// The system's random source cannot be read.
    fn new() -> io::Result<Self> {
        Ok(Self { speaker: access::token()?, audience: access::token()? })
    }
}

/// How a remote is to be served.
#[derive(Clone)]
pub struct Opening {
    /// Where: port 0 is any, and 0.0.0.0 is told as this machine's address in its network.
    pub at: SocketAddr,
    /// The name that it was given by, if it was not an address.
    pub host: Option<String>,
    /// What people reach it by, when that is something in front of it: `https://talk.example.org`.
    pub url: Option<String>,
    /// Speaks TLS with this certificate.
    pub tls: Option<tokio_rustls::TlsAcceptor>,
    /// The port and the tokens that a stage of this deck had a moment ago.
    pub before: Option<(u16, Tokens)>,
}

/// A remote that listens.
pub struct Open {
    pub(super) listener: TcpListener,
    pub(super) hosts: Hosts,
    pub(super) tls: Option<tokio_rustls::TlsAcceptor>,
    /// Its secrets.
    pub tokens: Tokens,
    /// Where it listens.
    pub port: u16,
    /// Where it is found.
    pub addresses: Remote,
}

impl Opening {
    /// Begins to listen.
    ///
    /// # Errors
    /// When nothing can listen there.
    pub fn open(&self) -> Result<Open, OpenError> {
        let wrong = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => OpenError::Taken(self.at),
            io::ErrorKind::AddrNotAvailable => OpenError::NotOurs(self.at),
            _ => OpenError::Io(self.at, error),
        };
        let again = self.before.as_ref().filter(|_| self.at.port() == 0);
        let again = again.and_then(|(port, _)| TcpListener::bind((self.at.ip(), *port)).ok());
        let listener = again.map_or_else(|| TcpListener::bind(self.at), Ok).map_err(wrong)?;
        listener.set_nonblocking(true).map_err(wrong)?;
        let bound = listener.local_addr().map_err(wrong)?;
        let before = self.before.as_ref().map(|(_, tokens)| tokens.clone());
        let tokens = before.map_or_else(Tokens::new, Ok).map_err(wrong)?;
        let ip = if bound.ip().is_unspecified() { own_address(bound.ip()) } else { bound.ip() };
        let told = match &self.host {
            Some(host) => format!("{host}:{}", bound.port()),
            None => SocketAddr::new(ip, bound.port()).to_string(),
        };
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let base = self.url.clone().unwrap_or_else(|| format!("{scheme}://{told}"));
        let base = base.trim_end_matches('/');
        let address = |token: &str| format!("{base}/s/{token}");
        let addresses = Remote { speaker: address(&tokens.speaker), audience: address(&tokens.audience) };
        let of_url = self.url.as_deref().and_then(super::hosts::of_origin).map(str::to_owned);
        let names = [Some(ip.to_string()), self.host.clone(), of_url];
        more_descriptors();
        Ok(Open {
            listener,
            hosts: Hosts::new(names.into_iter().flatten()),
            tls: self.tls.clone(),
            tokens,
            port: bound.port(),
            addresses,
        })
    }
}

/// Each phone has a connection or two; a process may have few, unless it asks for more.
fn more_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(DESCRIPTORS, |most| most.min(DESCRIPTORS));
    if current.is_some_and(|current| current < wanted) {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
}

/// Bounds what waits for a connection in the system, and notices when nobody is at its other end any more.
pub(super) fn bound(stream: &tokio::net::TcpStream, bytes: usize) {
    let socket = SockRef::from(stream);
    let _ = socket.set_send_buffer_size(bytes);
    let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE / 2));
    os::end_when_unanswered(stream.as_fd(), SILENCE);
}

/// The address that this machine has in its network. Nothing is sent to find out.
fn own_address(any: IpAddr) -> IpAddr {
    let find = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        // Documentation's own network (RFC 5737): the way there begins at the interface that others reach.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        socket.local_addr().ok()
    };
    let localhost =
        if any.is_ipv6() { IpAddr::from(std::net::Ipv6Addr::LOCALHOST) } else { Ipv4Addr::LOCALHOST.into() };
    find().map_or(localhost, |address| address.ip())
}
