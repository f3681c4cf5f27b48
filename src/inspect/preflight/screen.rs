//! What this terminal can do, and the keys that reach the talk through it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::deck::finding;
use super::{Finding, Surroundings};
use crate::inspect::letters as rare;
use crate::inspect::terminal::protocol;
use crate::keys::{self, CLICKERS, Keymap};
use crate::open;
use crate::talk::{Mode, Msg, Place, Settings, Talk};
use greenroom_base::clock::Elapsed;
use greenroom_base::counted::counted;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_system::command::Command;
use greenroom_system::say;
use greenroom_system::subprocess::{Finished, Subprocess};
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::graphics::Protocol;
use greenroom_terminal::sextants;

/// Smaller windows show little of a slide.
const SMALLEST: Size = Size { columns: 40, rows: 12 };
/// What talks are made for.
const USUAL: Size = super::USUAL;
/// How long tmux may take to say what its settings are.
const TMUX_TIMEOUT: Duration = Duration::from_secs(1);
/// tmux may wait for so many milliseconds to see whether Esc is the beginning of another key.
const ESCAPE_TIME: u32 = 100;

/// The keys that nearly all clickers send.
const ALL_MAKES: [&str; 2] = ["PageDown", "PageUp"];

/// The window's size at this moment; nothing when the output is no terminal.
pub(super) fn size() -> Option<Size> {
    let (columns, rows) = crossterm::terminal::size().ok().filter(|_| say::out().is_terminal())?;
    Some(Size { columns: columns.clamp(1, 1000), rows: rows.clamp(1, 1000) })
}

/// Whether slides have room.
pub(super) fn window(around: &Surroundings, size: Size) -> Vec<Finding> {
    let Size { columns, rows } = size;
    let what = format!("{columns}x{rows}");
    let fix = "a smaller font or a larger window: talks are made for 80x24 and more";
    vec![if around.size().is_none() {
        Finding::amber(
            format!("its size is not known, for the output is no terminal; taken for {what}"),
            "start this in the terminal of the talk, or name its size: --size COLSxROWS",
        )
    } else if columns < SMALLEST.columns || rows < SMALLEST.rows {
        Finding::red(what, fix)
    } else if columns < USUAL.columns || rows < USUAL.rows {
        Finding::amber(what, fix)
    } else {
        Finding::green(what)
    }]
}

/// Whether the theme's colours show.
pub(super) fn colours(_: &Surroundings, _: Size) -> Vec<Finding> {
    let fix = "another terminal; or, if it can show more, set COLORTERM=truecolor or give --colors true";
    vec![match ColorDepth::of_environment() {
        ColorDepth::True => Finding::green("24 bits"),
        ColorDepth::C256 => Finding::green("256, the nearest to the theme's"),
        ColorDepth::C16 => Finding::amber("16: the theme's are replaced by the terminal's own", fix),
        ColorDepth::None => Finding::amber("none (TERM, NO_COLOR)", fix),
    }]
}

/// Whether letters, lines and block letters show.
pub(super) fn letters(around: &Surroundings, _: Size) -> Vec<Finding> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let utf8 = locale.as_deref().unwrap_or_default().to_lowercase().replace('-', "").contains("utf8");
    if !utf8 {
        let what = format!("the locale is {}, and not UTF-8", locale.as_deref().unwrap_or("not set"));
        return vec![Finding::amber(
            what,
            "export LC_ALL=C.UTF-8; programs and tmux write question marks without it",
        )];
    }
    let blocks =
        if sextants::drawn(set) { "titles in sextants" } else { "titles in quadrants, which every font has" };
    let mut found = vec![Finding::green(format!("UTF-8; {blocks}"))];
    found.extend(rare::problems(&around.deck).as_ref().map(finding));
    found
}

/// Whether the deck's pictures show as pictures.
pub(super) fn images(around: &Surroundings, _: Size) -> Vec<Finding> {
    let deck = &around.deck;
    if (0..deck.slides.len()).all(|slide| deck.pictures(slide).is_empty()) {
        return Vec::new();
    }
    vec![Finding::green(match protocol() {
        Protocol::Kitty => "kitty's graphics",
        Protocol::KittyInTmux => "kitty's graphics, through tmux",
        Protocol::Iterm2 => "iTerm2's inline images",
        Protocol::Sixel => "sixel",
        Protocol::Blocks => {
            let fix = "a terminal with pictures (kitty, WezTerm, iTerm2, foot), outside of tmux; or --images names the way";
            return vec![Finding::amber("half blocks: two colours in a cell", fix)];
        }
    })]
}

/// The settings of tmux that keys and pictures depend on.
pub(super) fn tmux(around: &Surroundings, _: Size) -> Vec<Finding> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("STY") {
        let fix = "give the talk in a window without it";
        return vec![Finding::amber(
            "this is GNU screen: no pictures, and colours only as it knows them",
            fix,
        )];
    }
    if !is_set("TMUX") {
        return Vec::new();
    }
    let Some(program) = around.places.program("tmux") else {
        return vec![Finding::amber("this is tmux, which is not in PATH", "its settings are not known")];
    };
    let mut command = Command::new(program);
    command.args(["display-message", "-p", "#{escape-time} #{focus-events} #{allow-passthrough}"]);
    let finished = Subprocess::new(command, TMUX_TIMEOUT).run();
    match finished.ok().filter(Finished::is_success) {
        Some(finished) => {
            settings(&finished.text(), is_set("KITTY_WINDOW_ID") || is_set("GHOSTTY_RESOURCES_DIR"))
        }
        None => vec![Finding::amber("it does not answer", "its settings are not known")],
    }
}

/// What tmux's settings mean: `escape-time`, `focus-events` and `allow-passthrough`; `pictures` when the terminal
/// around it could show some.
fn settings(text: &str, pictures: bool) -> Vec<Finding> {
    let mut words = text.split_whitespace();
    let escape: u32 = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
    let on = |word: Option<&str>| word.is_none_or(|word| ["1", "on", "all"].contains(&word));
    let (focus, passthrough) = (on(words.next()), on(words.next()));
    let mut found = Vec::new();
    if escape > ESCAPE_TIME {
        let what = format!("Esc reaches the talk after {escape} ms");
        found.push(Finding::amber(what, "tmux set -sg escape-time 10"));
    }
    if !focus {
        let what = "the talk does not learn when its window is left";
        found.push(Finding::amber(what, "tmux set -g focus-events on"));
    }
    if pictures && !passthrough {
        found.push(Finding::amber("it does not pass pictures on", "tmux set -g allow-passthrough on"));
    }
    if found.is_empty() {
        found.push(Finding::green("its settings are fine"));
    }
    found
}

/// Whether the keys that clickers send move the talk. Red are those that all makes send.
pub(super) fn clicker(around: &Surroundings, _: Size) -> Vec<Finding> {
    let dead = dead_buttons(&around.own.keymap);
    if dead.is_empty() {
        return vec![Finding::green(format!(
            "the keys of {} do what they should",
            counted(CLICKERS.len(), "make")
        ))];
    }
    let (usual, others): (Vec<_>, Vec<_>) =
        dead.iter().partition(|(key, _)| ALL_MAKES.contains(&key.as_str()));
    let told = |keys: &[(&String, &&str)]| {
        let named: Vec<String> = keys.iter().map(|(key, button)| format!("{key} ({button})")).collect();
        format!("{} of a clicker: something else has the key", named.join(", "))
    };
    let fix = "greenroom config --print shows which action has it; until then use another clicker, or none";
    let mut found = Vec::new();
    if !usual.is_empty() {
        found.push(Finding::red(told(&usual), fix));
    }
    if !others.is_empty() {
        found.push(Finding::amber(format!("{}; few makes send it", told(&others)), fix));
    }
    found
}

/// The keys that do not do what a clicker sends them for, each with its button.
fn dead_buttons(keymap: &Keymap) -> BTreeMap<String, &'static str> {
    let files = MemoryFiles::new().with("a.md", "# A\n\n---\n\n# B\n\n---\n\n# C\n");
    let deck = Arc::new(open::deck(&files, "a.md"));
    let mut dead = BTreeMap::new();
    for clicker in CLICKERS {
        for (button, keys) in clicker.buttons {
            for key in *keys {
                let name = key.spelled();
                let Some(event) = keys::key(&name) else { continue };
                let mut talk =
                    Talk::new(Arc::clone(&deck), USUAL, Settings::default()).with_keys(keymap.clone());
                talk.resume(Place { slide: 1, step: 0 });
                talk.update(Msg::Key(event), Elapsed::ZERO);
                let works = match *button {
                    "forward" => talk.place().slide == 2,
                    "back" => talk.place().slide == 0,
                    "black screen" => *talk.mode() == Mode::Blank,
                    // It may do what the person likes, as long as the talk stays where it is.
                    _ => true,
                };
                if !works {
                    dead.insert(name, *button);
                }
            }
        }
    }
    dead
}
