//! `talk.yaml`, as it is written. Its JSON Schema in `assets/` is made from these types.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Database;
use super::cover::Cover;
use super::runtime::{NamedRuntime, RuntimeName};
use super::scale::WrittenScale;
use super::script::WrittenStep;
use super::speaker::Speaker;
use super::time_limit::length;

/// The outline of a talk: `talk.yaml` in the deck folder.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Outline {
    /// The talk's title.
    pub title: String,
    /// One line below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Who gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// Who give it, when they are several: names, or maps with a name and an affiliation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub speakers: Vec<Speaker>,
    /// At which event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// When, as the title slide should say it (2025-09-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The language that the slides are in, as in `de` or `pt-BR`; English when left out. Documents say it to whoever reads
    /// them aloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// A picture of the deck that stands below the title slide's words, where there is room for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover: Option<Cover>,
    /// Planned length of the whole talk, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
    /// The name of a built-in theme (dark, light, contrast, djangocon), a YAML file in the deck, or a map with what differs
    /// from the theme that it `extends`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// How large slides are drawn, where the terminal can draw larger than its own letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<WrittenScale>,
    /// Which slides can be opened on the pages of those who follow the talk: `shown`, those that were on the stage, or `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow: Option<Follow>,
    /// The talk's sections, in order.
    pub sections: Vec<Section>,
    /// What the deck's panes can run, by id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub demos: BTreeMap<String, Demo>,
}

impl Outline {
    /// Whether `tag` has the form of BCP 47: a language of two or three letters, and parts of up to eight behind it.
    #[must_use]
    pub fn is_language(tag: &str) -> bool {
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default();
        (2..=3).contains(&language.len())
            && language.chars().all(|c| c.is_ascii_alphabetic())
            && tag.len() <= 35
            && parts
                .all(|part| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric()))
    }

    /// The language that the slides are in: a tag of BCP 47.
    #[must_use]
    pub fn language(&self) -> &str {
        self.lang.as_deref().unwrap_or("en")
    }

    /// The names of those who give the talk.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        if self.speakers.is_empty() {
            return self.speaker.iter().cloned().collect();
        }
        self.speakers.iter().map(|speaker| speaker.name.clone()).collect()
    }
}

/// What those who follow a talk may open by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Follow {
    /// What has been shown.
    #[default]
    Shown,
    /// Every slide, at any time.
    All,
}

/// One of the talk's parts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Section {
    /// Its title, on the divider and in the footer.
    pub title: String,
    /// Its Markdown file, relative to the deck folder.
    pub file: String,
    /// Planned length, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<f64>,
}

/// What a pane runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Demo {
    /// Shown in the pane's border.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What kind of pane draws it.
    pub kind: DemoKind,
    /// The program and its arguments. No shell is involved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Which Python `python` is: one of the environments that `greenroom setup` makes. Without it, the one in PATH.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeName>,
    /// What a probe runs on besides, each in a column with a name of its own: another interpreter, other packages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtimes: Vec<NamedRuntime>,
    /// A lock file in the deck with the packages of this demo, in place of the deck's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<String>,
    /// The scenario file of a bench, relative to the deck folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The database that a probe's script finds in `DATABASE_URL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// The directory it runs in, relative to the deck folder; the deck folder itself by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Environment variables for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// When it starts.
    pub on: Start,
    /// Which chart of a bench shows first; keys go through the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<Chart>,
    /// The variants whose profiles its chart `flame` has side by side, by their numbers from 1; when left out, the one that
    /// the verdict is about and the one that it is compared with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<usize>,
    /// It is stopped after this long: `20s`, `5m`, `500ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// How it should end.
    pub expect: Expect,
    /// What `greenroom record` types into it, in place of the speaker: a line whenever it waits for one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// What is typed into it in place of the speaker, step by step: each key that goes on asks for the next one. Its recording
    /// is gone through by the same steps, and `greenroom record` makes that by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<WrittenStep>,
    /// What happens to it when its slide is left.
    pub leave: Leave,
    /// Whether the keyboard goes to it when it starts.
    pub focus: Focus,
    /// Its recording, relative to the deck folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tape: Option<String>,
    /// What happens when it cannot start or takes too long, and there is a recording.
    pub fallback: Fallback,
    /// The first error in what the deck says about it: it does not start before that is mended.
    #[serde(skip)]
    pub fault: Option<String>,
}

impl Demo {
    /// [`Demo::timeout`] as a length of time.
    #[must_use]
    pub fn time_limit(&self) -> Option<Duration> {
        length(self.timeout.as_deref()?)
    }
}

/// The kinds of pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DemoKind {
    /// A program in a terminal.
    #[default]
    Terminal,
    /// A script that reports trials and anomalies, one JSON object a line.
    Probe,
    /// A benchmark of several variants.
    Bench,
}

/// When a demo starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// When the speaker presses the key for it.
    #[default]
    Key,
    /// When its slide is entered.
    Enter,
    /// By key, as usual; until then its recording's end shows. Nothing runs for that.
    Recording,
}

/// What a pane shows of a bench.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Chart {
    /// The numbers of every variant side by side, and the verdict.
    #[default]
    Overview,
    /// Requests per second over time.
    #[serde(rename = "rate")]
    Throughput,
    /// Percentiles.
    Latency,
    /// What each thread did.
    Threads,
    /// What each variant costs.
    Memory,
    /// When requests began and ended.
    Requests,
    /// Where the time went.
    #[serde(rename = "flame")]
    Profile,
    /// Commands, versions, machine, faults.
    Facts,
}

impl Chart {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Throughput,
        Self::Latency,
        Self::Threads,
        Self::Memory,
        Self::Requests,
        Self::Profile,
        Self::Facts,
    ];

    /// Its name on screen and in a deck.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Throughput => "rate",
            Self::Latency => "latency",
            Self::Threads => "threads",
            Self::Memory => "memory",
            Self::Requests => "requests",
            Self::Profile => "flame",
            Self::Facts => "facts",
        }
    }

    /// The one with the number `number`, from 1.
    #[must_use]
    pub fn numbered(number: usize) -> Option<Self> {
        Self::ALL.get(number.checked_sub(1)?).copied()
    }
}

/// How a demo should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// With exit status 0.
    #[default]
    Success,
    /// With any other status, or a signal.
    Failure,
    /// However it likes.
    Any,
}

/// What stands in for a demo that cannot start or takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// Its recording is offered.
    #[default]
    Offer,
    /// Its recording plays by itself.
    Play,
}

/// Whether the keyboard goes to a demo when it starts. Esc Esc gives it back to the slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Focus {
    /// When a key has started it, and it waits for what is typed: a shell, a REPL, a database's client, an editor.
    #[default]
    Auto,
    /// Only when the speaker asks for it.
    Never,
    /// Whenever it starts, with its slide as well: a clicker then types into it.
    Always,
}

/// What happens to a running demo when its slide is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Leave {
    /// It is stopped.
    #[default]
    Stop,
    /// It keeps running.
    Keep,
}
