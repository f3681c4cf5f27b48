//! Under which names the remote may be asked for. A page of another site whose name was made to lead to this computer (DNS
//! rebinding) says that name in `Host`, and gets nothing.

use std::net::{IpAddr, SocketAddr};

/// The names that are this remote's.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// Those that it is told by, in small letters: names, or addresses without brackets.
    pub(super) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| bare(&name).to_ascii_lowercase()).collect())
    }

    /// Whether `host`, as a request has it, is one of them, or the address at which this very connection came in.
    pub(super) fn allow(&self, host: &str, local: Option<SocketAddr>) -> bool {
        let host = bare(host).to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        if host == "localhost" || self.0.iter().any(|name| name == host) {
            return true;
        }
        let Ok(address) = host.parse::<IpAddr>() else { return false };
        let is_local = local.is_some_and(|local| local.ip().to_canonical() == address.to_canonical());
        is_local
            || (address.is_loopback() && local.is_some_and(|local| local.ip().to_canonical().is_loopback()))
    }
}

/// `host` without its port and its brackets.
fn bare(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    match host.split_once(':') {
        // More than one colon: an address without a port.
        Some((_, rest)) if rest.contains(':') => host,
        Some((name, _)) => name,
        None => host,
    }
}

/// The host of an origin (`https://host:port`), or of an address; none for one that says nothing, such as `null`.
pub(super) fn of_origin(origin: &str) -> Option<&str> {
    let rest = origin.strip_prefix("http://").or(origin.strip_prefix("https://"))?;
    rest.split('/').next().filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_are_answered() {
        let hosts =
            Hosts::new(["192.168.1.5".to_owned(), "Talk.example.org".to_owned(), "fe80::1".to_owned()]);
        let local: Option<SocketAddr> = "10.0.0.7:80".parse().ok();
        for good in [
            "192.168.1.5:8000",
            "192.168.1.5",
            "localhost:1",
            "LOCALHOST",
            "talk.example.org",
            "talk.example.org.:443",
            "10.0.0.7:9",
            "[fe80::1]:80",
            "[::ffff:10.0.0.7]:80",
        ] {
            assert!(hosts.allow(good, local), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "192.168.1.6:8000",
            "talk.example.org.evil",
            "127.0.0.1",
            "localhost.evil",
            "[::1]",
            "@",
            ":80",
        ] {
            assert!(!hosts.allow(bad, local), "{bad}");
        }
        let own: Option<SocketAddr> = "127.0.0.1:80".parse().ok();
        assert!(hosts.allow("127.0.0.1:4000", own) && hosts.allow("[::1]:4000", own));
        assert_eq!(of_origin("https://a.b:1/x"), Some("a.b:1"));
        assert_eq!(of_origin("null"), None);
    }
}
