//! A stage that a room follows: on a real terminal, with its pages in a real browser.

use std::path::Path;
use std::time::{Duration, Instant};

use greenroom::link::Remote;

use super::browser::Browser;
use super::link::Link;
use super::terminal::{Terminal, greenroom};

/// A phone, held upright.
pub(crate) const PHONE: (u32, u32) = (390, 844);
/// A window on a laptop.
pub(crate) const WINDOW: (u32, u32) = (1280, 800);
/// How long a card has to take an answer before it is given again.
const AGAIN: Duration = Duration::from_secs(2);
/// What the page says of the slide.
pub(crate) const TEXT: &str = "document.getElementById('stage').innerText";

/// The stage of `deck`, in `folder`, which is where it keeps everything else as well, as soon as it can be followed.
pub(crate) fn stage(terminal: &Terminal, folder: &Path, deck: &str) -> Remote {
    terminal.run(&format!(
        "XDG_RUNTIME_DIR={0} XDG_STATE_HOME={0} XDG_DATA_HOME={0} XDG_CONFIG_HOME={0} {1} {0}/{deck} --remote=127.0.0.1:0",
        folder.display(),
        greenroom()
    ));
    terminal.wait("the stage", |terminal| terminal.modes() == "1 0 1");
    Link::join(folder, terminal).hello.remote.expect("the stage serves no remote")
}

/// Presses a key that starts something, and agrees to it.
pub(crate) fn agree(terminal: &Terminal, key: &str) {
    const CARD: &str = "Run these commands?";
    terminal.keys(&[key]);
    terminal.shows(CARD);
    // What is typed in the moment in which the card is drawn is no answer.
    let mut asked = None;
    terminal.wait("an agreement", |terminal| {
        if asked.is_none_or(|at: Instant| at.elapsed() > AGAIN) {
            terminal.keys(&["y"]);
            asked = Some(Instant::now());
        }
        !terminal.text().contains(CARD)
    });
}

/// The room's page, as it is when the stage's slide shows.
pub(crate) fn join(remote: &Remote, size: (u32, u32)) -> Option<Browser> {
    let mut page = visit(&remote.audience, size)?;
    page.wait("document.querySelector('#stage .cells, #stage .prose')");
    Some(page)
}

/// The speaker's page, as it is when the stage has said how it stands.
pub(crate) fn speak(remote: &Remote, size: (u32, u32)) -> Option<Browser> {
    let mut page = visit(&remote.speaker, size)?;
    page.wait("!document.getElementById('next').disabled && document.getElementById('place').textContent");
    Some(page)
}

fn visit(address: &str, size: (u32, u32)) -> Option<Browser> {
    let mut page = Browser::visit(address, address.split("/s/").next().unwrap())?;
    page.resize(size);
    Some(page)
}
