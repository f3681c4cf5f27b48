//! `greenroom present`

use std::ffi::OsStr;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use tokio::sync::Notify;

use super::backstage::Back;
use super::config::Own;
use crate::cli::{ColorsName, ImagesName, Present, RemoteName, TimerName, TransitionName};
use crate::config::Config;
use crate::decks::of_input;
use crate::history::address::{Address, KeptAddress};
use crate::history::bookmark::{Bookmark, Owner, SavedPosition};
use crate::history::practice_log::{Diary, Histories};
use crate::inspect::terminal::protocol;
use crate::practice::Begin;
use crate::runner::Runner;
use crate::runner::picture::Decoder;
use crate::server::link::{Serve, meeting_place};
use crate::server::remote::{Open, Opening, Tokens, acceptor};
use crate::stage::terminal::{SystemClock, TerminalSurface};
use crate::stage::{Ending, Stage};
use crate::talk::{Auto, Motion, Msg, Place, Runs, Settings, Talk, TimerStart, Transition};
use greenroom_base::clock::Elapsed;
use greenroom_deck::{Deck, Theme};
use greenroom_parse as parse;
use greenroom_system::pty::Launcher;
use greenroom_system::wall_clock;
use greenroom_terminal::color_depth::{self, ColorDepth};
use greenroom_terminal::graphics::{self, Encoder, Protocol};
use greenroom_terminal::screen::{Screen, Terminal};
use greenroom_terminal::sextants;
use greenroom_terminal::tty::{self, Tty};

/// Gives a talk on this terminal.
///
/// # Errors
/// When there is no deck or no terminal.
pub fn run(options: &Present) -> anyhow::Result<ExitCode> {
    perform(options, None)
}

/// A practice: where it is written, and whether the talk goes on by itself.
pub(super) struct Practising {
    pub histories: Option<Histories>,
    pub auto: Auto,
}

/// Gives a talk, or practises it.
pub(super) fn perform(options: &Present, practising: Option<Practising>) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let theme = options.theme.as_deref().map(theme).transpose()?.map(Arc::new);
    let Own { config, notice } = super::config::own(&options.file)?;
    let mut options = options.clone();
    config.fill(&mut options);
    let (options, keymap) = (&options, config.keymap.clone());
    let located = match &options.input {
        Some(text) => of_input(text),
        None => super::find_deck(options.deck.as_deref())?,
    };
    let located = located.with_executors(config.executors.clone());
    let adapt = adapting(config, theme);
    let deck = Arc::new(adapt(located.deck()));
    let name = located.name();
    // A practice is not where the talk was left.
    let bookmark = Bookmark::of(&name).filter(|_| practising.is_none());
    let runner = Runner::new(&located, Launcher::this()?, Arc::new(Notify::new()), began)
        .with_runtimes(super::wanted(&options.pythons));
    let followed = Followed::of(options, bookmark.as_ref())?;
    let tty = Tty::take(&deck.outline.title)?;
    let runs = match located.packed.is_some() {
        _ if options.no_run => Runs::TapesOnly,
        true if !runner.is_agreed(&deck) => Runs::TapesFirst,
        _ => Runs::Live,
    };
    let auto = practising.as_ref().map(|practising| practising.auto).unwrap_or_default();
    let settings = Settings { auto, runs, keeps_place: bookmark.is_some(), ..settings(options) };
    let (title, audience) = (deck.outline.title.clone(), followed.audience());
    let mut talk = Talk::new(deck, tty.size(), settings).with_keys(keymap);
    let now = Elapsed::from(began.elapsed());
    for message in notice.map(Msg::Notice).into_iter().chain(audience) {
        talk.update(message, now);
    }
    begin(&mut talk, bookmark.as_ref(), options, now);
    let diary = practising.and_then(|practising| diary(practising.histories.as_ref(), &mut talk, now));
    let screen =
        screen(options.colors, options.images).with_text_sizing(options.text_sizing.unwrap_or_default());
    let kept = followed.kept.clone();
    if let Some(before) = &followed.before {
        talk.has_shown(&before.shown);
    }
    let serve = followed.serve(&name, title, Back::new(located.clone(), runner.clone()));
    let stage = Stage {
        located,
        is_watched: true,
        adapt,
        runner: Arc::new(runner),
        decoder: Decoder::this(),
        bookmark,
        resume: resuming(std::env::args_os().next().as_deref(), options),
        serve,
        kept,
        diary,
        talk,
        surface: TerminalSurface::new(tty, screen),
    };
    give(stage, began)
}

/// What a person's settings and choices make of a deck, each time that it is read.
fn adapting(config: Config, theme: Option<Arc<Theme>>) -> Arc<dyn Fn(Deck) -> Deck + Send + Sync> {
    Arc::new(move |deck| {
        let mut deck = config.adapt(deck);
        if let Some(theme) = &theme {
            deck.theme = Arc::clone(theme);
        }
        deck
    })
}

/// How others follow the talk.
struct Followed {
    /// Where the next stage of this deck finds how; none where another stage has the deck.
    kept: Option<KeptAddress>,
    /// How they followed a moment ago, when this deck was on another stage.
    before: Option<Address>,
    opening: Opening,
    /// What is served from the beginning.
    remote: Option<Open>,
}

impl Followed {
    /// A talk that cannot be followed can be given all the same, but what was asked for is there from the beginning, or said now.
    fn of(options: &Present, bookmark: Option<&Bookmark>) -> anyhow::Result<Self> {
        let owner = bookmark.map(Bookmark::claim);
        let kept = bookmark.filter(|_| owner == Some(Owner::This)).map(KeptAddress::beside);
        let before = kept.as_ref().and_then(KeptAddress::read);
        let (opening, wanted) = opening(options, before.as_ref())?;
        let remote = if wanted { Some(opening.open()?) } else { None };
        Ok(Self { kept, before, opening, remote })
    }

    /// What the talk is told of it.
    fn audience(&self) -> Option<Msg> {
        let served = |remote: &Open| Msg::Served(Ok(Arc::from(remote.addresses.audience.as_str())));
        self.remote.as_ref().map(served)
    }

    /// What is served of the deck with this name, and kept for its next stage.
    fn serve(self, name: &str, title: String, backstage: Back) -> Option<Serve> {
        let Self { kept, opening, remote, .. } = self;
        if let (Some(kept), Some(remote)) = (&kept, &remote) {
            let Tokens { speaker, audience } = remote.tokens.clone();
            kept.serve(Address { port: remote.port, speaker, audience, shown: Vec::new() });
        }
        let alive = Arc::new(move || kept.iter().for_each(KeptAddress::write));
        let socket = meeting_place(name).ok()?;
        Some(Serve { socket, title, remote, opening, backstage: Arc::new(backstage), alive })
    }
}

/// What was chosen for the talk.
fn settings(options: &Present) -> Settings {
    Settings {
        transition: match options.transition.unwrap_or_default() {
            TransitionName::None => Transition::None,
            TransitionName::Fade => Transition::Fade,
            TransitionName::Slide => Transition::Slide,
        },
        motion: if options.reduced_motion.unwrap_or_default() { Motion::Reduced } else { Motion::Full },
        clock: options.clock.unwrap_or_default(),
        pace: options.pace.unwrap_or_default(),
        timer: match options.timer.unwrap_or_default() {
            TimerName::Move => TimerStart::Move,
            TimerName::Open => TimerStart::Open,
            TimerName::Key => TimerStart::Key,
        },
        midnight: wall_clock::seconds_of_day(),
        ..Settings::default()
    }
}

/// How pages are served when that is asked for, and whether it is from the beginning; `before` is how they were served a moment ago.
fn opening(options: &Present, before: Option<&Address>) -> anyhow::Result<(Opening, bool)> {
    let tls = options.tls.as_ref().map(|files| acceptor(&files.certificates, &files.key));
    let tls = tls.transpose().context("--tls")?;
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let (at, host) = match &options.remote {
        None | Some(RemoteName::Off) => (anywhere, None),
        Some(RemoteName::At(at)) => (*at, None),
        Some(RemoteName::Named(host, port)) => {
            let found = (host.as_str(), *port).to_socket_addrs();
            let found = found.with_context(|| format!("--remote: {host} has no address"))?.next();
            (found.with_context(|| format!("--remote: {host} has no address"))?, Some(host.clone()))
        }
    };
    let url = options.remote_url.as_ref().map(|url| url.0.clone());
    let before = before.map(|Address { port, speaker, audience, .. }| {
        (*port, Tokens { speaker: speaker.clone(), audience: audience.clone() })
    });
    let wanted = matches!(options.remote, Some(RemoteName::At(_) | RemoteName::Named(..)));
    Ok((Opening { at, host, url, tls, before }, wanted))
}

/// What a person types to take the talk up where it was left.
fn resuming(program: Option<&OsStr>, options: &Present) -> String {
    let line = resuming_deck(program, options.deck.as_deref());
    // The same deck has to come from its pipe again.
    if options.input.is_some() { format!("… | {line}") } else { line }
}

fn resuming_deck(program: Option<&OsStr>, deck: Option<&Path>) -> String {
    let program = program.unwrap_or(OsStr::new("greenroom"));
    let deck = deck.map(|deck| shell_word(deck.as_os_str()));
    [Some(shell_word(program)), Some("--resume".to_owned()), deck]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// `word` so that a shell reads it as one, without characters that a terminal would obey.
fn shell_word(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    if text.chars().all(|c| plain(c) || c.is_ascii_graphic() || c == ' ') {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    // bash, zsh and ksh read these escapes.
    let escaped: String = word
        .as_encoded_bytes()
        .iter()
        .flat_map(|byte| std::ascii::escape_default(*byte))
        .map(char::from)
        .collect();
    format!("$'{escaped}'")
}

/// Begins to write a practice down. One that cannot be kept can be given all the same, and says so.
fn diary(histories: Option<&Histories>, talk: &mut Talk, now: Elapsed) -> Option<Diary> {
    let kept = write_down(histories, talk);
    match &kept {
        Ok(_) => talk.practise(now),
        Err(reason) => talk.update(Msg::Notice(format!("This practice is not kept: {reason:#}")), now),
    }
    kept.ok()
}

fn write_down(histories: Option<&Histories>, talk: &Talk) -> anyhow::Result<Diary> {
    let begin = Begin::of(talk.deck(), talk.plan(), SavedPosition::moment().as_secs());
    let histories = histories.context("there is no home folder (HOME)")?;
    histories.begin(begin).with_context(|| histories.folder().display().to_string())
}

/// Begins at the slide that was asked for, or where the talk was left: when that is asked for, or when it was cut off a
/// moment ago and its stage is gone.
fn begin(talk: &mut Talk, bookmark: Option<&Bookmark>, options: &Present, now: Elapsed) {
    let owner = bookmark.map(Bookmark::claim);
    let mut notice = (owner == Some(Owner::Another))
        .then(|| "Another stage has this deck open: its place is remembered, not this one's".to_owned());
    if let Some(number) = options.slide {
        talk.resume(Place { slide: number as usize - 1, step: 0 });
    } else if let Some(left) = bookmark.and_then(Bookmark::read) {
        let moment = SavedPosition::moment();
        let cut_off = owner == Some(Owner::This) && left.is_cut_off(moment);
        if options.resume || cut_off {
            talk.resume(left.place);
            talk.resume_timer(left.elapsed_at(moment), left.running, now);
        }
        if cut_off && !options.resume && left.place != Place::default() {
            let goes = "; {first-slide} goes to the first slide";
            notice = Some(talk.hints().and("Resumed where it was cut off", goes));
        }
    }
    if let Some(notice) = notice {
        talk.update(Msg::Notice(notice), now);
    }
}

/// Gives the talk, and says how it ended.
pub(super) fn give(stage: Stage<TerminalSurface>, began: Instant) -> anyhow::Result<ExitCode> {
    Ok(match stage.run(SystemClock::since(began))? {
        Ending::Quit => ExitCode::SUCCESS,
        // As a shell reports a command that a signal ended.
        Ending::Signal(number) => ExitCode::from(128 + u8::try_from(number).unwrap_or(0)),
    })
}

/// The terminal as a screen, with what was asked for and otherwise what the environment says.
pub(super) fn screen(colors: Option<ColorsName>, images: Option<ImagesName>) -> Screen<Terminal> {
    Screen::of_terminal(depth(colors))
        .with_pictures(pictures(images))
        .with_question(images.is_none() && graphics::may_be_asked(|name| std::env::var(name).ok()))
        .with_color_question(colors.is_none() && color_depth::may_be_asked(|name| std::env::var(name).ok()))
        .with_color_erase(color_depth::erases_in_color(|name| std::env::var(name).ok()))
        .with_underlines(color_depth::underlines(|name| std::env::var(name).ok()))
        .with_sextants(sextants::drawn(|name| std::env::var(name).ok()))
}

pub(super) fn theme(name: &str) -> anyhow::Result<Theme> {
    parse::builtin_theme(name).ok_or_else(|| {
        anyhow::anyhow!("there is no theme \"{name}\"; the themes are {}", parse::theme_names().join(", "))
    })
}

/// What shows pictures: what was asked for, or what the environment says.
fn pictures(asked: Option<ImagesName>) -> Encoder {
    let in_tmux = || std::env::var_os("TMUX").is_some_and(|value| !value.is_empty());
    let mut encoder = Encoder::new(match asked {
        Some(ImagesName::Kitty) if in_tmux() => Protocol::KittyInTmux,
        Some(ImagesName::Kitty) => Protocol::Kitty,
        Some(ImagesName::Iterm2) => Protocol::Iterm2,
        Some(ImagesName::Sixel) => Protocol::Sixel,
        Some(ImagesName::Blocks) => Protocol::Blocks,
        None => protocol(),
    });
    if let Some((width, height)) = tty::cell_pixels() {
        encoder.set_cell(width, height);
    }
    encoder
}

/// What was asked for, or what the environment says.
fn depth(asked: Option<ColorsName>) -> ColorDepth {
    match asked {
        Some(ColorsName::True) => ColorDepth::True,
        Some(ColorsName::C256) => ColorDepth::C256,
        Some(ColorsName::C16) => ColorDepth::C16,
        Some(ColorsName::None) => ColorDepth::None,
        None => ColorDepth::of_environment(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_resumes_is_read_back_by_a_shell() {
        let line = |deck: &str| resuming_deck(Some(OsStr::new("./greenroom")), Some(Path::new(deck)));
        assert_eq!(resuming_deck(None, None), "greenroom --resume");
        assert_eq!(line("my/talk.d"), "./greenroom --resume my/talk.d");
        assert_eq!(line("my talk"), "./greenroom --resume 'my talk'");
        assert_eq!(line("it's $HOME"), r"./greenroom --resume 'it'\''s $HOME'");
        assert_eq!(line("a\u{1b}]52;c;x\u{7}\n'"), r"./greenroom --resume $'a\x1b]52;c;x\x07\n\''");
    }
}
