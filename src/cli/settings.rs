//! What a person can set once and for all, in `config.yaml`, and each time on the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteName {
    /// There is none.
    Off,
    /// It is served at this address.
    At(std::net::SocketAddr),
}

impl RemoteName {
    /// The address.
    #[must_use]
    pub const fn address(self) -> Option<std::net::SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) => Some(address),
        }
    }
}

impl std::str::FromStr for RemoteName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            "on" => Ok(Self::At(std::net::SocketAddr::from(([0, 0, 0, 0], 0)))),
            text => {
                text.parse().map(Self::At).map_err(|error| format!("{error}: write on, off, or 0.0.0.0:8080"))
            }
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
