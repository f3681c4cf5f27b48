//! The command line: types only, no behaviour but that what Greenroom starts itself again with can be written as it is
//! read ([`Bench::to_args`]).

mod args;
mod settings;

pub use settings::{
    ColorsName, ConfigAction, ConfigFile, ConfigOptions, ImagesName, RemoteName, RemoteUrl, TimerName,
    TlsFiles, TransitionName,
};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Presentations in the terminal, with live demos.
///
/// Without a deck, greenroom opens the talk that is built in: Free Threaded Django.
#[derive(Debug, Parser)]
#[command(
    name = "greenroom",
    version,
    about = "Presentations in the terminal, with live demos",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "While a talk is on, ? shows the keys; greenroom config prints and changes them.\n\n\
        Examples:\n  \
        greenroom                       the built-in talk\n  \
        greenroom slides.md             a single Markdown file; presenterm's decks open as well\n  \
        greenroom mytalk/ --resume      a deck folder (with talk.yaml), at the slide where it was left\n  \
        greenroom rehearse mytalk/      against the clock, with recordings; --report compares rehearsals\n  \
        greenroom notes mytalk/         in another terminal: notes, the next step, time\n  \
        greenroom check mytalk/ --size 80x24\n\n\
        Exit status: 0 success, 1 the deck has problems, 2 wrong usage."
)]
pub struct Cli {
    /// What to do; presents the deck when left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Print what this executable contains: title, speaker, date, content hash, version
    #[arg(long)]
    pub about: bool,
    /// How to present.
    #[command(flatten)]
    pub present: Present,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Present a deck (the default command)
    Present(Present),
    /// Rehearse a deck against the clock, with recordings; each rehearsal is logged and compared
    Rehearse(Rehearse),
    /// Open the presenter view of a running talk in another terminal: notes, next step, timer
    Notes(Notes),
    /// Show the stage of a talk on this terminal, by the address that its code says
    Follow(FollowPage),
    /// Benchmark servers under load side by side, and print verdicts
    Bench(Bench),
    /// Load-test one server with the benchmark's client: throughput and latency
    Load(Load),
    /// Run a script with the GIL, with a short switch interval, and free-threaded, and compare the anomalies it counts
    Probe(Probe),
    /// Check a deck: every problem in it, and slides that do not fit a screen size
    Check(Check),
    /// Check everything ten minutes before a talk: deck, demos, recordings, this terminal, this computer
    Preflight(Preflight),
    /// Export a deck as HTML, PDF, PNG, SVG, text or asciicast
    Export(Export),
    /// Record a demo, to be played when it cannot run live
    Record(Record),
    /// List a deck's recordings with their earlier takes, and restore one
    Recordings(Recordings),
    /// Play a recording (asciicast v2 or v3, a benchmark or a probe) on a slide of its own
    Play(Play),
    /// Print the JSON Schema of talk.yaml, of a benchmark scenario, of a theme, or of config.yaml, for editors
    Schema {
        /// Of what: of the outline, if it is left out.
        #[arg(value_enum, conflicts_with_all = ["scenario", "theme"])]
        what: Option<SchemaOf>,
        /// Of a scenario.
        #[arg(long)]
        scenario: bool,
        /// Of a theme.
        #[arg(long, conflicts_with = "scenario")]
        theme: bool,
    },
    /// Print or check your own settings: keys, theme, colours (~/.config/greenroom/config.yaml)
    Config(ConfigOptions),
    /// List the built-in themes in their colours, or print one as YAML, for a theme of your own that extends it
    Themes {
        /// The theme to print.
        name: Option<String>,
    },
    /// Set up what a deck's demos need: Python with and without the GIL, and packages
    Setup(Setup),
    /// Draw the diagrams that other programs draw (d2, typst, latex), and keep the pictures in the deck
    Draw(Draw),
    /// Diagnose what this computer can run, and what to install for the rest
    Doctor(Doctor),
    /// Create a small example deck that shows each feature
    New(New),
    /// Pack this program and a deck into one executable file
    Pack(Pack),
    /// Extract the deck inside this program to a folder
    Unpack(Unpack),
    /// Print shell completions
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Which interpreters demos run on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Pythons {
    /// The Python with the GIL; otherwise `GREENROOM_PYTHON`, or the best one found
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// The free-threaded Python; otherwise `GREENROOM_PYTHON_FT`, or the best one found
    #[arg(long, value_name = "PATH")]
    pub python_ft: Option<PathBuf>,
}

/// Options of presenting.
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct Present {
    /// A deck folder, its talk.yaml, or a Markdown file; - for one on standard input; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// What came on standard input, when the deck did.
    #[arg(skip)]
    pub input: Option<Vec<u8>>,
    /// Resume at the slide where this deck was left
    #[arg(long)]
    pub resume: bool,
    /// Start at this slide
    #[arg(long, value_name = "NUMBER", conflicts_with = "resume", value_parser = clap::value_parser!(u32).range(1..))]
    pub slide: Option<u32>,
    /// Use this theme instead of the deck's: dark, light, contrast, djangocon
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Transition between slides
    #[arg(long, value_enum)]
    pub transition: Option<TransitionName>,
    /// No transitions, and pictures that move show their first frame
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub reduced_motion: Option<bool>,
    /// Show the time of day and the talk's time in the footer
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub clock: Option<bool>,
    /// Show in the footer how far the talk is ahead of or behind its plan
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub pace: Option<bool>,
    /// When the talk's timer starts
    #[arg(long, value_enum, value_name = "WHEN")]
    pub timer: Option<TimerName>,
    /// Serve pages for phones: the slides as they show and the demos as they run, for the room; a remote control for the speaker.
    /// Q on the stage shows the room's code, Q in the presenter view both addresses
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub remote: Option<RemoteName>,
    /// What people reach the pages by, where a tunnel or a reverse proxy stands in front of them (`https://talk.example.org`)
    #[arg(long, value_name = "URL")]
    pub remote_url: Option<RemoteUrl>,
    /// Serve the pages with TLS: a certificate (with those that lead to its authority) and its key, as PEM files
    #[arg(long, value_name = "CERT.PEM,KEY.PEM")]
    pub tls: Option<TlsFiles>,
    /// Never run commands: panes play their recordings
    #[arg(long)]
    pub no_run: bool,
    /// Let the terminal enlarge big text (kitty 0.40 and newer) instead of drawing block letters
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub text_sizing: Option<bool>,
    /// Graphics protocol for pictures; detected from the terminal by default
    #[arg(long, value_enum, value_name = "PROTOCOL")]
    pub images: Option<ImagesName>,
    /// Number of colours; detected from the terminal by default
    #[arg(long, value_enum, value_name = "DEPTH")]
    pub colors: Option<ColorsName>,
    /// Your own settings.
    #[command(flatten)]
    pub file: ConfigFile,
    /// Which interpreters demos run on.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// Documents that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// talk.yaml.
    Outline,
    /// A benchmark scenario.
    Scenario,
    /// A theme.
    Theme,
    /// A person's own settings.
    Config,
}

/// Options of `bench`.
#[derive(Debug, Clone, PartialEq, Default, Args)]
pub struct Bench {
    /// The scenario: a YAML file that names servers, what is asked of them, and how
    #[arg(required_unless_present = "compare", conflicts_with = "compare")]
    pub scenario: Option<PathBuf>,
    /// Compare two recorded runs and print what changed
    #[arg(long, num_args = 2, value_names = ["FIRST", "SECOND"])]
    pub compare: Vec<PathBuf>,
    /// Run on another machine: ssh:HOST. The deck is copied there; greenroom has to be in its PATH
    #[arg(long, value_name = "ssh:HOST")]
    pub on: Option<String>,
    /// With --on: install the scenario's interpreters and packages on that machine first, as `greenroom setup` does
    #[arg(long, requires = "on")]
    pub setup: bool,
    /// How long to measure
    #[arg(long, value_enum, default_value_t)]
    pub protocol: ProtocolName,
    /// Start the servers afresh so many times; as many as fit, or what the protocol says, when left out
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub launches: Option<u32>,
    /// Measure latency at a set rate as well, for this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub open: Option<u32>,
    /// Requests per second for that; 60 % of the slowest variant's capacity when left out
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,
    /// Take a profile of each variant afterwards, for this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub profile: Option<u32>,
    /// Generate the load with this program instead, in turns of 2 s; it must be installed
    #[arg(long, value_enum, value_name = "PROGRAM")]
    pub load: Option<LoadName>,
    /// Print records, one JSON object in a line, instead of a table
    #[arg(long)]
    pub json: bool,
    /// Write the records to this file: a tape, which a pane and `greenroom play` can show
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which interpreters.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// Options of `load`.
#[derive(Debug, Clone, Args)]
pub struct Load {
    /// The URL to request: `http://127.0.0.1:8000/path`, or `unix:/path/of/socket:/path`
    pub url: String,
    /// Concurrent connections; each sends its next request as soon as the last is answered
    #[arg(short, long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub connections: u16,
    /// Duration of the load
    #[arg(short, long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub seconds: f64,
    /// Send requests at this rate, per second, however slow the answers are; latency then counts from the moment a request was due
    #[arg(short, long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `--load`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LoadName {
    /// oha
    Oha,
    /// wrk
    Wrk,
    /// k6
    K6,
}

/// How long each column of a probe is asked to run when nothing is said, in seconds.
pub const DEFAULT_SECONDS: f64 = 2.0;

/// Options of `probe`.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = "The script prints JSON objects, one in a line:\n  \
    {\"trials\": 2000, \"anomalies\": 3}      totals so far\n  \
    {\"trial\": 7, \"anomaly\": \"row 4\"}     or one trial, and what went wrong in it (null: nothing)\n  \
    {\"anything\": 12}                      counters of its own\n\
    It is told how long to run by GREENROOM_SECONDS, and which switch interval to set by\n\
    GREENROOM_SWITCH_INTERVAL. A command that is not Python runs once, as it is.\n\n\
    Exit status: 0 every column ran, whatever it found, 1 a column has no result, 2 wrong usage.")]
pub struct Probe {
    /// The script and its arguments; options of its own come after `--`
    #[arg(required = true, value_name = "SCRIPT")]
    pub command: Vec<String>,
    /// How long each column should run, all of its runs together
    #[arg(short, long, value_name = "SECONDS", default_value_t = DEFAULT_SECONDS, value_parser = seconds)]
    pub seconds: f64,
    /// How often the script runs in each column, in a fresh interpreter each time; 3 when left out
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub runs: Option<u32>,
    /// Time limit of each run; 6 seconds more than its column should run when left out
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub limit: Option<f64>,
    /// Run only this column; may be given several times
    #[arg(long, value_enum, value_name = "COLUMN")]
    pub only: Vec<ColumnName>,
    /// Run it on this Python as well, in a column called LABEL: gil, free-threaded, a version such as 3.15t, or an
    /// absolute path; may be given several times
    #[arg(long, value_name = "LABEL=PYTHON", value_parser = labelled)]
    pub beside: Vec<Labelled>,
    /// A lock file of the deck with the packages of the column LABEL
    #[arg(long, value_name = "LABEL=FILE", value_parser = labelled)]
    pub beside_requirements: Vec<Labelled>,
    /// A lock file of the deck with the script's packages, in place of the deck's own
    #[arg(long, value_name = "FILE")]
    pub requirements: Option<String>,
    /// Start a private PostgreSQL server for it, in `DATABASE_URL`; or use the one that `DATABASE_URL` names
    #[arg(long)]
    pub postgresql: bool,
    /// Title of the report
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Print records, one JSON object in a line, instead of a table
    #[arg(long)]
    pub json: bool,
    /// Write the records to this file: a tape, which a pane and `greenroom play` can show
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which interpreters.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// A value for a column with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The column's name.
    pub label: String,
    /// What it gets.
    pub value: String,
}

/// `--only`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColumnName {
    /// Python with the GIL
    Gil,
    /// The same, with a switch interval of 1 µs
    GilPlus,
    /// Python without it
    FreeThreaded,
    /// The command as it is
    Plain,
}

/// `--protocol`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ProtocolName {
    /// A few seconds, to see whether the scenario works; no verdict
    Quick,
    /// A minute: as many short launches of the servers as fit, at least four
    #[default]
    Stage,
    /// Ten minutes: five launches, closed and open loop, profiles
    Full,
    /// Some minutes: each variant under load until its memory is flat
    Memory,
}

/// Options of `check`.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// A deck folder, its talk.yaml, or a Markdown file; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Report slides that do not fit a screen of this size, such as 80x24; may be given several times
    #[arg(long, value_name = "COLSxROWS", value_parser = size)]
    pub size: Vec<greenroom_base::run::Size>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `preflight`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Nothing of the deck is run. Exit status: 0 nothing is red, 1 something is, 2 wrong usage."
)]
pub struct Preflight {
    /// A deck folder, its talk.yaml, or a Markdown file; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Check the slides for a screen of this size, such as 120x35, instead of this window's
    #[arg(long, value_name = "COLSxROWS", value_parser = size)]
    pub size: Option<greenroom_base::run::Size>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which interpreters demos run on.
    #[command(flatten)]
    pub pythons: Pythons,
    /// The settings.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// `--format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people: place, snippet and hint
    #[default]
    Text,
    /// For programs: one JSON object
    Json,
}

/// Options of `export`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("form").required(true).multiple(true))]
#[allow(clippy::struct_excessive_bools)] // each is a flag of its own
pub struct Export {
    /// A deck folder, its talk.yaml, or a Markdown file; the deck in this executable when left out
    pub deck: Option<PathBuf>,
    /// Plain text, as the stage draws each slide
    #[arg(long, group = "form")]
    pub text: bool,
    /// One self-contained HTML page: slides with their steps, notes, recordings that play
    #[arg(long, value_name = "FILE", group = "form")]
    pub html: Option<PathBuf>,
    /// PDF with searchable text, one page for each slide
    #[arg(long, value_name = "FILE", group = "form")]
    pub pdf: Option<PathBuf>,
    /// In the PDF, each slide above its speaker notes, on A4
    #[arg(long, requires = "pdf", conflicts_with = "handout")]
    pub notes: bool,
    /// In the PDF, three slides a sheet beside lines to write on, on A4
    #[arg(long, requires = "pdf")]
    pub handout: bool,
    /// SVG of each slide, in a folder
    #[arg(long, value_name = "DIR", group = "form")]
    pub svg: Option<PathBuf>,
    /// PNG of each slide, in a folder
    #[arg(long, value_name = "DIR", group = "form")]
    pub png: Option<PathBuf>,
    /// Asciicast v3 of the whole talk, with a marker at each slide
    #[arg(long, value_name = "FILE", group = "form")]
    pub cast: Option<PathBuf>,
    /// Time the recording like the last rehearsal (greenroom rehearse) instead of 3 seconds a step
    #[arg(long, requires = "cast")]
    pub practice: bool,
    /// One page or picture for each step instead of each slide
    #[arg(long)]
    pub steps: bool,
    /// Only this slide, as a drawing or a picture
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub slide: Option<u32>,
    /// The screen's size; 80x24 for text, 90x26 for paper, 120x34 for everything else
    #[arg(long, value_name = "COLSxROWS", value_parser = size)]
    pub size: Option<greenroom_base::run::Size>,
    /// Write the text to this file instead of the terminal
    #[arg(short, long, value_name = "FILE", requires = "text")]
    pub output: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    pub force: bool,
}

/// Options of `rehearse`.
#[derive(Debug, Clone, Args)]
pub struct Rehearse {
    /// As in presenting.
    #[command(flatten)]
    pub present: Present,
    /// Run demos live instead of playing their recordings
    #[arg(long, conflicts_with = "no_run")]
    pub live: bool,
    /// Advance automatically: after each slide's planned time, or after this many seconds a slide
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "plan", value_parser = auto)]
    pub auto: Option<AutoName>,
    /// Print how the last rehearsals went against the plan, instead of rehearsing
    #[arg(long, conflicts_with_all = ["live", "auto"])]
    pub report: bool,
    /// Write the sections' rehearsed minutes into talk.yaml, scaled to the talk's length, instead of rehearsing
    #[arg(long, conflicts_with_all = ["live", "auto", "report"])]
    pub suggest: bool,
}

/// `--auto`
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AutoName {
    /// By the plan.
    Plan,
    /// Seconds for each slide.
    Every(f64),
}

/// Options of `notes`.
#[derive(Debug, Clone, Args)]
pub struct Notes {
    /// The deck whose stage is followed; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Use this theme instead of the deck's: dark, light, contrast, djangocon
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Number of colours; detected from the terminal by default
    #[arg(long, value_enum, value_name = "DEPTH")]
    pub colors: Option<ColorsName>,
    /// Your own settings.
    #[command(flatten)]
    pub file: ConfigFile,
}

/// Options of `follow`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "q leaves; the stage goes on. The presenter view of a talk on this computer is greenroom notes."
)]
pub struct FollowPage {
    /// The address of the talk's page, as its code says (`http://192.168.1.5:8000/s/…`)
    #[arg(value_name = "URL")]
    pub url: String,
    /// The certificate of the authority that the stage is known by (https), as a PEM file; otherwise the system's
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Number of colours; detected from the terminal by default
    #[arg(long, value_enum, value_name = "DEPTH")]
    pub colors: Option<ColorsName>,
}

/// Options of `new`.
#[derive(Debug, Clone, Args)]
pub struct New {
    /// The folder to create
    pub folder: PathBuf,
}

/// Options of `pack`.
#[derive(Debug, Clone, Args)]
pub struct Pack {
    /// A deck folder, its talk.yaml, or a Markdown file; the deck in this executable when left out
    pub deck: Option<PathBuf>,
    /// The executable to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
    /// Pack into this Greenroom of the same version, built for Linux or macOS, Intel or Arm, instead of this program
    #[arg(long = "for", value_name = "PROGRAM")]
    pub program: Option<PathBuf>,
}

/// Options of `unpack`.
#[derive(Debug, Clone, Args)]
pub struct Unpack {
    /// The folder to create
    pub folder: PathBuf,
}

/// Options of `record`.
#[derive(Debug, Clone, Args)]
pub struct Record {
    /// The demo's id in talk.yaml
    #[arg(required_unless_present = "all")]
    pub demo: Option<String>,
    /// A deck folder, its talk.yaml, or a Markdown file; when left out, the deck in this folder, else the built-in talk
    pub deck: Option<PathBuf>,
    /// Write to this file instead of the demo's `tape`
    #[arg(short, long, value_name = "FILE", conflicts_with = "all")]
    pub output: Option<PathBuf>,
    /// The terminal's size; otherwise that of the pane that shows the demo on a stage of 80x24
    #[arg(long, value_name = "COLSxROWS", value_parser = size)]
    pub size: Option<greenroom_base::run::Size>,
    /// Replace the earlier recording even if this run is interrupted or does not end as expected
    #[arg(long)]
    pub keep: bool,
    /// Record every demo that has a command and a `tape`; the only argument is then the deck
    #[arg(long, conflicts_with = "deck")]
    pub all: bool,
    /// Run the deck's commands without asking
    #[arg(long)]
    pub yes: bool,
    /// Which interpreters demos run on.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// Options of `recordings`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit status: 0 success, 1 a recording does not play or could not be restored, 2 wrong usage."
)]
pub struct Recordings {
    /// A deck folder, its talk.yaml, or a Markdown file; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Restore this take of a demo; the recording that it replaces gets the take's number
    #[arg(long, num_args = 2, value_names = ["DEMO", "NUMBER"])]
    pub restore: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Options of `setup`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Setup {
    /// A deck folder, its talk.yaml, or a Markdown file; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Build packages that have no wheel from source, which runs their code
    #[arg(long)]
    pub allow_build: bool,
    /// Install what the deck asks for without asking
    #[arg(long)]
    pub yes: bool,
    /// The same, for exactly the packages that were agreed to elsewhere
    #[arg(long, value_name = "DIGEST", hide = true)]
    pub agreed: Option<String>,
    /// Which interpreters demos run on.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// Options of `draw`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Draw {
    /// A deck folder, its talk.yaml, or a Markdown file
    pub deck: Option<PathBuf>,
    /// Run what draws them without asking
    #[arg(long)]
    pub yes: bool,
}

/// Options of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// A deck folder, its talk.yaml, or a Markdown file; the built-in talk when left out
    pub deck: Option<PathBuf>,
    /// Install and import a project's packages without the GIL, and say which of them switch it on
    #[arg(long, value_name = "DIR", conflicts_with = "deck")]
    pub project: Option<PathBuf>,
    /// Install and import them without asking
    #[arg(long, requires = "project")]
    pub yes: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which interpreters demos run on.
    #[command(flatten)]
    pub pythons: Pythons,
}

/// Options of `play`.
#[derive(Debug, Clone, Args)]
pub struct Play {
    /// The recording
    pub file: PathBuf,
    /// Use this theme: dark, light, contrast, djangocon
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Your own settings.
    #[command(flatten)]
    pub config: ConfigFile,
}

/// `80x24`
fn size(text: &str) -> Result<greenroom_base::run::Size, String> {
    let parse = || {
        let (columns, rows) = text.split_once(['x', 'X'])?;
        let size = greenroom_base::run::Size { columns: columns.parse().ok()?, rows: rows.parse().ok()? };
        ((10..=1000).contains(&size.columns) && (3..=1000).contains(&size.rows)).then_some(size)
    };
    parse().ok_or_else(|| "a size is columns x rows, such as 80x24, from 10x3 to 1000x1000".to_owned())
}

/// Seconds a slide, or `plan`.
fn auto(text: &str) -> Result<AutoName, String> {
    if text == "plan" { Ok(AutoName::Plan) } else { seconds(text).map(AutoName::Every) }
}

/// `LABEL=VALUE`
fn labelled(text: &str) -> Result<Labelled, String> {
    let split = text.split_once('=').filter(|(label, value)| !label.is_empty() && !value.is_empty());
    let (label, value) = split.ok_or("write it as LABEL=VALUE")?;
    Ok(Labelled { label: label.to_owned(), value: value.to_owned() })
}

/// A length of time in seconds.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=86_400.0).contains(seconds));
    seconds.ok_or_else(|| "a number of seconds, from 0.1 to 86400".to_owned())
}

/// Requests per second.
fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate| (0.1..=1e6).contains(rate));
    rate.ok_or_else(|| "a number of requests per second, from 0.1 to 1000000".to_owned())
}
