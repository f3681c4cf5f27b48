//! Where packages come from, and what an installer is told of the environment: what the person has set for that, and
//! nothing else.
//!
//! An installer puts variables into addresses that somebody else wrote, and starts programs; what it does not know it
//! can send nowhere.

use std::ffi::OsString;

use super::places::Places;
use greenroom_system::command::Command;

/// Where packages come from when nobody says anything.
const PYPI: &str = "https://pypi.org/simple";

/// What any installer may know.
const COMMON: [&str; 24] = [
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "NETRC",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "SSL_CLIENT_CERT",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SOURCE_DATE_EPOCH",
    "MACOSX_DEPLOYMENT_TARGET",
];

/// What uv may know besides. Indexes are in [`Indexes`].
const OF_UV: [&str; 16] = [
    "UV_INDEX_STRATEGY",
    "UV_OFFLINE",
    "UV_HTTP_TIMEOUT",
    "UV_REQUEST_TIMEOUT",
    "UV_HTTP_RETRIES",
    "UV_HTTP_CONNECT_TIMEOUT",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "UV_INSECURE_HOST",
    "UV_KEYRING_PROVIDER",
    "UV_CACHE_DIR",
    "UV_LINK_MODE",
    "UV_PYTHON_INSTALL_DIR",
    "UV_PYTHON_INSTALL_MIRROR",
    "UV_CONCURRENT_DOWNLOADS",
    "UV_CONCURRENT_INSTALLS",
];

/// What pip may know besides.
const OF_PIP: [&str; 5] = ["PIP_CERT", "PIP_PROXY", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"];

/// The places that packages are looked for in, as this person's environment names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Indexes {
    /// The index that is asked last, `UV_DEFAULT_INDEX`.
    pub default: String,
    /// Others, separated by blanks, `UV_INDEX`.
    more: Option<String>,
    /// Folders and pages with links, `UV_FIND_LINKS`.
    links: Option<String>,
    /// The same for pip, which installs uv.
    pip_links: Option<String>,
}

impl Indexes {
    /// Those of the person who runs Greenroom. uv's names come first; pip's are known to more people.
    #[must_use]
    pub fn of_user() -> Self {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| {
            names.iter().find_map(|name| variable(name).filter(|value| !value.trim().is_empty()))
        };
        Self {
            default: first(&["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
                .unwrap_or_else(|| PYPI.to_owned()),
            more: first(&["UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"]),
            links: first(&["UV_FIND_LINKS"]),
            pip_links: first(&["PIP_FIND_LINKS"]),
        }
    }

    /// Each of them, fit to be shown: without passwords.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let all = std::iter::once(self.default.as_str())
            .chain(self.more.iter().flat_map(|more| more.split_whitespace()))
            .chain(self.links.iter().flat_map(|links| links.split([',', ' '])));
        all.map(str::trim).filter(|one| !one.is_empty()).map(without_password).collect()
    }

    /// Gives uv these, and what else it may know, and nothing more.
    pub(super) fn tell_uv(&self, command: &mut Command) {
        allow(command, |name| COMMON.contains(&name) || OF_UV.contains(&name) || is_credential(name));
        command.env("UV_DEFAULT_INDEX", &self.default);
        let more = [("UV_INDEX", &self.more), ("UV_FIND_LINKS", &self.links)];
        command.envs(more.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        if let (None, None, Some(cert)) =
            (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"), variable("PIP_CERT"))
        {
            command.env("SSL_CERT_FILE", cert);
        }
        // What is shown is what is asked: no file names another index.
        command.env("UV_NO_CONFIG", "1");
    }

    /// Gives pip these, and what else it may know, and nothing more.
    pub(super) fn tell_pip(&self, command: &mut Command) {
        allow(command, |name| COMMON.contains(&name) || OF_PIP.contains(&name));
        let address = |index: &str| {
            index
                .split_once('=')
                .map_or(index, |(name, rest)| if name.contains(['/', ':']) { index } else { rest })
                .to_owned()
        };
        command.env("PIP_INDEX_URL", address(&self.default));
        if let Some(more) = &self.more {
            let more: Vec<String> = more.split_whitespace().map(address).collect();
            command.env("PIP_EXTRA_INDEX_URL", more.join(" "));
        }
        let links = self.pip_links.iter().chain(&self.links).cloned().collect::<Vec<_>>().join(" ");
        if !links.is_empty() {
            command.env("PIP_FIND_LINKS", links.replace(',', " "));
        }
        command
            .env("PIP_CONFIG_FILE", "/dev/null")
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            .env("PIP_NO_INPUT", "1");
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Leaves `command` the folders of `PATH` that programs may be taken from, and the variables that `may` names.
fn allow(command: &mut Command, may: impl Fn(&str) -> bool) {
    command.env_clear();
    let path = std::env::join_paths(Places::of_user().path).unwrap_or_default();
    command.env("PATH", path);
    let mine = std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(&may));
    command.envs(mine.collect::<Vec<(OsString, OsString)>>());
}

/// Whether `name` belongs to an index that `UV_INDEX` gives a name.
fn is_credential(name: &str) -> bool {
    name.starts_with("UV_INDEX_") && (name.ends_with("_USERNAME") || name.ends_with("_PASSWORD"))
}

/// `address` without the password in it, nor a token that stands in its place.
#[must_use]
pub fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let Some((_, host)) = host.rsplit_once('@') else { return address.to_owned() };
    format!("{scheme}://***@{host}{path}")
}

/// What `command` would be told.
#[cfg(test)]
pub(super) fn told(command: &Command) -> std::collections::BTreeMap<String, String> {
    let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
    command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Indexes {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Indexes::from(|name| pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn the_indexes_that_are_asked_are_shown_without_passwords() {
        assert_eq!(of(&[]).shown(), [PYPI]);
        let many = of(&[
            ("PIP_INDEX_URL", "https://me:s3cret@host/simple"),
            ("UV_INDEX", "mine=https://a/simple https://token@b/simple"),
            ("UV_FIND_LINKS", "/wheels,https://c/"),
        ]);
        let expected = [
            "https://***@host/simple",
            "mine=https://a/simple",
            "https://***@b/simple",
            "/wheels",
            "https://c/",
        ];
        assert_eq!(many.shown(), expected);
        assert_eq!(
            of(&[("UV_DEFAULT_INDEX", "https://u"), ("PIP_INDEX_URL", "https://p")]).shown(),
            ["https://u"]
        );
    }

    #[test]
    fn h1_an_installer_is_told_nothing_that_is_not_on_the_list() {
        let indexes = of(&[("PIP_INDEX_URL", "https://host/simple"), ("UV_INDEX", "a=https://a/s")]);
        let known = |name: &str| {
            COMMON.contains(&name)
                || OF_UV.contains(&name)
                || OF_PIP.contains(&name)
                || is_credential(name)
                || [
                    "PATH",
                    "UV_DEFAULT_INDEX",
                    "UV_INDEX",
                    "UV_NO_CONFIG",
                    "PIP_INDEX_URL",
                    "PIP_EXTRA_INDEX_URL",
                ]
                .contains(&name)
                || ["PIP_CONFIG_FILE", "PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_INPUT"].contains(&name)
        };
        // Cargo sets dozens of variables for a test.
        assert!(std::env::vars_os().any(|(name, _)| name == "CARGO_MANIFEST_DIR"));
        for pip in [false, true] {
            let mut command = Command::new("uv");
            if pip {
                indexes.tell_pip(&mut command);
            } else {
                indexes.tell_uv(&mut command);
            }
            let told = told(&command);
            assert!(told.keys().all(|name| known(name)), "{told:?}");
            let index = if pip { "PIP_EXTRA_INDEX_URL" } else { "UV_INDEX" };
            assert_eq!(told[index], if pip { "https://a/s" } else { "a=https://a/s" });
        }
    }
}
