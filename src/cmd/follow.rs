//! `greenroom follow`

use std::process::ExitCode;

use anyhow::Context;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc;

use super::present::screen;
use crate::cli::FollowPage;
use crate::follow::page::{Heard, Page};
use crate::server::remote::{Told, Visit};
use crate::stage::signals::Signals;
use greenroom_base::run::Size;
use greenroom_terminal::input::Input;
use greenroom_terminal::tty::Tty;

/// Events that wait for their turn.
const WAITING: usize = 8;

/// The stage of a talk on this terminal, by the address that its code says.
///
/// # Errors
/// When the address is none, the stage does not know it, or there is no terminal.
pub fn run(options: &FollowPage) -> anyhow::Result<ExitCode> {
    let visit = Visit::new(&options.url, options.ca.as_deref())?;
    let tty = Tty::take("greenroom follow")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let (tell, told) = mpsc::channel(WAITING);
        let (again, mut anew) = mpsc::channel(1);
        tokio::select! {
            ended = show(&tty, options, told, again) => ended,
            followed = visit.follow(&tell, &mut anew) => followed.map(|()| 0).map_err(anyhow::Error::new),
        }
    });
    runtime.shutdown_background();
    tty.leave();
    Ok(match ended? {
        0 => ExitCode::SUCCESS,
        signal => ExitCode::from(128 + signal),
    })
}

/// Shows the stage until its person leaves (0), or a signal says so (its number).
async fn show(
    tty: &Tty,
    options: &FollowPage,
    mut told: mpsc::Receiver<Told>,
    anew: mpsc::Sender<()>,
) -> anyhow::Result<u8> {
    let mut screen = screen(options.colors, None);
    let (mut input, mut signals) = (Input::listen()?, Signals::new()?);
    let (mut page, mut size) = (Page::default(), tty.size());
    loop {
        screen.draw(&page.frame(size))?;
        tokio::select! {
            biased;
            number = signals.ending() => return Ok(u8::try_from(number).unwrap_or(0)),
            event = input.recv() => match event.context("the terminal is gone")?? {
                Event::Key(key) if leaves(key) => return Ok(0),
                Event::Key(key) if is_repaint(key) => {
                    tty.renew()?;
                    screen.repaint();
                }
                Event::Resize(columns, rows) => {
                    screen.invalidate();
                    size = Size { columns: columns.max(1), rows: rows.max(1) };
                }
                _ => {}
            },
            Some(next) = told.recv() => take(&mut page, next, &anew),
        }
        // What has come meanwhile belongs to the same frame.
        while let Ok(next) = told.try_recv() {
            take(&mut page, next, &anew);
        }
    }
}

fn take(page: &mut Page, told: Told, anew: &mpsc::Sender<()>) {
    match told {
        Told::Event(name, data) => {
            if page.take(&name, &data) == Heard::Astray {
                let _ = anew.try_send(());
            }
        }
        Told::Lost(why) => page.lost(why),
    }
}

fn leaves(key: KeyEvent) -> bool {
    let held = key.modifiers.contains(KeyModifiers::CONTROL);
    key.kind != KeyEventKind::Release
        && (key.code == KeyCode::Char('q') && !held || key.code == KeyCode::Char('c') && held)
}

fn is_repaint(key: KeyEvent) -> bool {
    key.code == KeyCode::Char('r') || key.code == KeyCode::Char('l')
}
