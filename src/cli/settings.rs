//! What a person can set once and for all, in `config.yaml`, and each time on the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use greenroom_base::plain;

/// Where a person's own settings are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct ConfigFile {
    /// Your settings; otherwise `GREENROOM_CONFIG`, or greenroom/config.yaml in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Options of `config`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(
    after_help = "Exit status: 0 all of it is used, 1 some of it is wrong, 2 it cannot be read, or wrong usage."
)]
pub struct ConfigOptions {
    /// What to do: check the file, which is done when nothing else is asked for
    #[arg(value_enum, value_name = "check")]
    pub action: Option<ConfigAction>,
    /// Print all settings as they are, as a file that can be saved
    #[arg(long, conflicts_with = "path")]
    pub print: bool,
    /// Print where the file is
    #[arg(long)]
    pub path: bool,
    /// Check the file: every mistake in it
    #[arg(long, conflicts_with_all = ["print", "path"])]
    pub check: bool,
    /// Which file.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// What `config` can be asked for by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigAction {
    /// Check the file
    Check,
}

/// `--remote`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteName {
    /// There is none.
    Off,
    /// It is served at this address.
    At(std::net::SocketAddr),
    /// It is served at the address that a name of this computer stands for.
    Named(String, u16),
}

impl std::str::FromStr for RemoteName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const ANY: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
        match text {
            "off" => return Ok(Self::Off),
            "on" => return Ok(Self::At((ANY, 0).into())),
            _ => {}
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::At(address));
        }
        if let Ok(ip) = text.parse::<std::net::IpAddr>() {
            return Ok(Self::At((ip, 0).into()));
        }
        let wrong = || format!("{text:?} is no address: write on, off, or 0.0.0.0:8080");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        match host {
            "" => Ok(Self::At((ANY, port).into())),
            // Four numbers that are no address are a mistake, and no name.
            name if name.split('.').all(label) && name.bytes().any(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self::Named(name.to_ascii_lowercase(), port))
            }
            _ => Err(wrong()),
        }
    }
}

/// `--remote-url`: what stands in front of the remote, as `https://talk.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteUrl(pub String);

impl std::str::FromStr for RemoteUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let host = text.strip_prefix("https://").or(text.strip_prefix("http://")).unwrap_or_default();
        let good = plain::is_address(text) && !host.is_empty() && !text.contains(['?', '#', '@']);
        let wrong = || format!("{text:?} is no address of a page: write https://talk.example.org");
        if good { Ok(Self(text.trim_end_matches('/').to_owned())) } else { Err(wrong()) }
    }
}

/// `--tls`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, with those that lead to its authority.
    pub certificates: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl std::str::FromStr for TlsFiles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(',') {
            Some((certificates, key)) if !certificates.is_empty() && !key.is_empty() => {
                Ok(Self { certificates: certificates.into(), key: key.into() })
            }
            _ => Err("write the certificate's file and the key's, with a comma between: cert.pem,key.pem"
                .to_owned()),
        }
    }
}

/// `--transition`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TransitionName {
    /// No transition
    #[default]
    None,
    /// Fade through the background colour
    Fade,
    /// Move sideways
    Slide,
}

/// `--timer`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TimerName {
    /// At the first move
    #[default]
    Move,
    /// When the talk opens
    Open,
    /// When its key is pressed
    Key,
}

/// `--images`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImagesName {
    /// kitty's graphics protocol
    Kitty,
    /// iTerm2's inline images
    Iterm2,
    /// Sixel graphics
    Sixel,
    /// Half blocks: works everywhere
    Blocks,
}

/// `--colors`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorsName {
    /// True colour, 24 bits
    True,
    /// The 256 colours of xterm
    #[value(name = "256")]
    C256,
    /// The 16 colours of the terminal's own palette
    #[value(name = "16")]
    C16,
    /// No colours
    None,
}
