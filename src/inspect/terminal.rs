//! What this terminal can do.

use std::time::Duration;

use super::report::{CheckItem, Report};
use greenroom_system::command::Command;
use greenroom_system::say;
use greenroom_system::subprocess::Subprocess;
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::graphics::{self, Protocol};
use greenroom_terminal::tty;

/// How long tmux may take to say what its terminal is.
const TMUX_TIMEOUT: Duration = Duration::from_millis(300);

const TERMINAL: &str = "Terminal";

/// Whether slides can be drawn larger than the terminal's letters.
fn larger(protocol: Protocol) -> CheckItem {
    let own = "slides have the terminal's own letters: a larger font makes them larger";
    match (protocol, ColorDepth::of_environment(), tty::cell_pixels()) {
        (Protocol::Kitty, ColorDepth::True, Some((width, height))) => {
            let facts =
                format!("slides fill windows of more than 110 columns; a cell has {width}x{height} pixels");
            CheckItem::good("scale", facts)
        }
        (Protocol::Kitty, ColorDepth::True, None) => {
            CheckItem::note("scale", format!("the terminal does not say how many pixels a cell has; {own}"))
        }
        _ => CheckItem::note("scale", own.to_owned()),
    }
}

/// Whether the keys of a clicker arrive, as `get` reads it from the environment.
fn clickers(get: impl Fn(&str) -> Option<String>) -> CheckItem {
    let is = |name: &str, value: &str| get(name).is_some_and(|found| found == value);
    if is("TERM_PROGRAM", "Apple_Terminal") {
        return CheckItem::absent(
            "clickers",
            "this terminal takes PageUp and PageDown for itself and scrolls its window: clickers do nothing"
                .to_owned(),
            "use iTerm2, kitty or Ghostty, or map the keys in Settings, Profiles, Keyboard to \\033[5~ and \\033[6~",
        );
    }
    let facts = if get("TMUX").is_some_and(|value| !value.is_empty()) {
        "PageUp and PageDown arrive, unless tmux has a binding for them without its prefix"
    } else {
        "PageUp and PageDown, which clickers send, arrive here as far as is known"
    };
    CheckItem::note("clickers", facts.to_owned())
}

/// What it can do.
pub(crate) fn look(report: &mut Report) {
    let colors = match ColorDepth::of_environment() {
        ColorDepth::True => "24 bits",
        ColorDepth::C256 => "256",
        ColorDepth::C16 => "16",
        ColorDepth::None => "none",
    };
    report.add(TERMINAL, CheckItem::good("colours", colors.to_owned()));
    let protocol = protocol();
    let pictures = match protocol {
        Protocol::Kitty => "kitty's graphics",
        Protocol::KittyInTmux => "kitty's graphics, through tmux",
        Protocol::Iterm2 => "iTerm2's inline images",
        Protocol::Sixel => "sixel",
        Protocol::Blocks => "half blocks (--images names another way)",
    };
    report.add(TERMINAL, CheckItem::good("pictures", pictures.to_owned()));
    report.add(TERMINAL, larger(protocol));
    let size = crossterm::terminal::size().ok().filter(|_| say::out().is_terminal());
    report.add(
        TERMINAL,
        match size {
            None => CheckItem::note("size", "unknown: the output is no terminal".to_owned()),
            Some((columns, rows)) => {
                let facts = format!("{columns}x{rows}");
                if columns < 80 || rows < 24 {
                    CheckItem::absent(
                        "size",
                        facts,
                        "the talk is made for 80x24 and more: a smaller font, a larger window",
                    )
                } else {
                    CheckItem::good("size", facts)
                }
            }
        },
    );
    report.add(TERMINAL, clickers(|name| std::env::var(name).ok()));
    let utf8 = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if !utf8.as_deref().unwrap_or_default().to_lowercase().replace('-', "").contains("utf8") {
        let facts = format!("the locale is {}", utf8.as_deref().unwrap_or("not set"));
        report.add(TERMINAL, CheckItem::note("UTF-8", facts));
    }
}

/// What shows pictures by itself: what the environment says, and tmux of the terminal around it.
pub(crate) fn protocol() -> Protocol {
    let found = graphics::detect(|name| std::env::var(name).ok());
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // It is asked only where it may have been started in such a terminal, since that takes a moment.
    let may = has("TMUX") && (has("KITTY_WINDOW_ID") || has("GHOSTTY_RESOURCES_DIR"));
    if found == Protocol::Blocks && may && tmux_passes().unwrap_or(false) {
        return Protocol::KittyInTmux;
    }
    found
}

/// What tmux says of its terminal.
fn tmux_passes() -> Option<bool> {
    let mut command = Command::new("tmux");
    command.args(["display-message", "-p", "#{client_termname}\n#{client_termtype}\n#{allow-passthrough}"]);
    let finished = Subprocess::new(command, TMUX_TIMEOUT).run().ok()?;
    let text = finished.is_success().then(|| finished.text().into_owned())?;
    let mut lines = text.lines();
    Some(graphics::passes(lines.next()?, lines.next()?, lines.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_that_keeps_a_clickers_keys_is_named() {
        let of = |pairs: &'static [(&str, &str)]| {
            let get =
                |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            format!("{:?}", clickers(get))
        };
        assert!(of(&[("TERM_PROGRAM", "Apple_Terminal")]).contains("clickers do nothing"));
        assert!(of(&[("TERM_PROGRAM", "iTerm.app")]).contains("arrive here"));
        assert!(of(&[("TMUX", "socket,1,0")]).contains("unless tmux"));
        assert!(of(&[]).contains("arrive here"));
    }
}
