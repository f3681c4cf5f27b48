//! `greenroom notes`

use std::collections::VecDeque;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use crossterm::event::{Event, MouseEventKind};
use tokio::sync::mpsc;

use super::present::{screen, theme};
use crate::cli::Notes;
use crate::config::Config;
use crate::decks::Located;
use crate::follow::{Effect, Msg, PresenterView};
use crate::link::StageCommand;
use crate::runner::picture::Decoder;
use crate::runner::preparer::Preparer;
use crate::server::link::{follow, meeting_place};
use crate::stage::signals::Signals;
use crate::talk::Hints;
use crate::view;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_deck::{Deck, Theme};
use greenroom_render::paint::RenderCache;
use greenroom_system::wall_clock;
use greenroom_terminal::input::Input;
use greenroom_terminal::screen::{Screen, Terminal};
use greenroom_terminal::tty::Tty;

/// Orders and messages that wait for their turn.
const WAITING: usize = 32;

/// A presenter view of the stage that gives the same deck.
///
/// # Errors
/// When there is no deck or no terminal.
pub fn run(options: &Notes) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let theme = options.theme.as_deref().map(theme).transpose()?.map(Arc::new);
    let config = super::config::own(&options.file)?.config;
    let located = super::find_deck(options.deck.as_deref())?.with_executors(config.executors.clone());
    let socket = meeting_place(&located.name())?;
    let (colors, keymap) = (options.colors.or(config.colors), config.keymap.clone());
    let reader = Reader { located, theme, config };
    let deck = reader.read();
    let tty = Tty::take(&format!("{} (notes)", deck.outline.title))?;
    let follower = PresenterView::new(deck, tty.size(), wall_clock::seconds_of_day());
    let repaints = Hints::of(&keymap).keys("reload").to_vec();
    let follower = follower.with_keys(keymap, repaints);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let screen = screen(colors, None);
    let mut presenter =
        Presenter { reader, follower, screen, ink: Arc::default(), prepared: Vec::new(), began };
    let ended = runtime.block_on(async {
        let (order, orders) = mpsc::channel(WAITING);
        let (tell, told) = mpsc::channel(WAITING);
        let link = async move { follow(&socket, orders, tell).await };
        tokio::select! {
            ended = presenter.run(&tty, order, told) => ended,
            () = link => Ok(0),
        }
    });
    tty.leave();
    Ok(match ended? {
        0 => ExitCode::SUCCESS,
        signal => ExitCode::from(128 + signal),
    })
}

/// Reads the deck, again when the stage has other slides.
struct Reader {
    located: Located,
    theme: Option<Arc<Theme>>,
    config: Config,
}

impl Reader {
    fn read(&self) -> Arc<Deck> {
        let mut deck = self.config.adapt(self.located.deck());
        if let Some(theme) = &self.theme {
            deck.theme = Arc::clone(theme);
        }
        Arc::new(deck)
    }
}

struct Presenter {
    reader: Reader,
    follower: PresenterView,
    screen: Screen<Terminal>,
    ink: Arc<RenderCache>,
    /// The slides that were made ready last.
    prepared: Vec<usize>,
    began: Instant,
}

impl Presenter {
    /// Follows and shows until its person leaves (0), or a signal says so (its number).
    async fn run(
        &mut self,
        tty: &Tty,
        order: mpsc::Sender<StageCommand>,
        mut told: mpsc::Receiver<Msg>,
    ) -> io::Result<u8> {
        let mut input = Input::listen()?;
        let mut signals = Signals::new()?;
        let (drawn, mut ready) = mpsc::channel(1);
        loop {
            self.prepare(&drawn);
            self.draw()?;
            let due = self.began + self.follower.next_at(self.now()).since(Elapsed::ZERO);
            let msg = tokio::select! {
                biased;
                number = signals.ending() => return Ok(u8::try_from(number).unwrap_or(0)),
                event = input.recv() => match event {
                    Some(event) => self.event(&event?),
                    None => return Ok(1),
                },
                Some(msg) = told.recv() => Some(msg),
                Some(()) = ready.recv() => None,
                () = tokio::time::sleep_until(due.into()) => None,
            };
            let mut effects = self.take_in(msg);
            while let Some(event) = input.try_recv()? {
                let msg = self.event(&event);
                effects.extend(self.take_in(msg));
            }
            while let Ok(msg) = told.try_recv() {
                effects.extend(self.take_in(Some(msg)));
            }
            let mut effects = VecDeque::from(effects);
            while let Some(effect) = effects.pop_front() {
                match effect {
                    Effect::Quit => return Ok(0),
                    // A stage that takes nothing in is not waited for.
                    Effect::Send(wanted) => drop(order.try_send(wanted)),
                    Effect::Repaint => {
                        tty.renew()?;
                        self.screen.repaint();
                    }
                    Effect::Reload => {
                        let deck = self.reader.read();
                        self.ink.renew(&deck);
                        self.prepared.clear();
                        effects.extend(self.take_in(Some(Msg::Reloaded(deck))));
                    }
                }
            }
        }
    }

    fn take_in(&mut self, msg: Option<Msg>) -> Vec<Effect> {
        let now = self.now();
        msg.map(|msg| self.follower.update(msg, now)).unwrap_or_default()
    }

    fn event(&mut self, event: &Event) -> Option<Msg> {
        match *event {
            Event::Key(key) => Some(Msg::Key(key)),
            // The wheel scrolls the notes.
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => Some(Msg::Wheel(1)),
                MouseEventKind::ScrollUp => Some(Msg::Wheel(-1)),
                _ => None,
            },
            Event::Resize(columns, rows) => {
                self.screen.invalidate();
                Some(Msg::Resize(Size { columns: columns.max(1), rows: rows.max(1) }))
            }
            _ => None,
        }
    }

    fn now(&self) -> Elapsed {
        self.began.elapsed().into()
    }

    /// Gets the slides that show ready, each time that they are others, on a thread of its own: `drawn` says when.
    fn prepare(&mut self, drawn: &mpsc::Sender<()>) {
        let next = self.follower.next().map(|(slide, _)| slide);
        let slides: Vec<usize> = self.follower.slide().into_iter().chain(next).collect();
        if slides == self.prepared {
            return;
        }
        self.prepared.clone_from(&slides);
        let (deck, ink, drawn) = (Arc::clone(self.follower.deck()), Arc::clone(&self.ink), drawn.clone());
        let files = Arc::clone(&self.reader.located.files);
        tokio::task::spawn_blocking(move || {
            Preparer::new(Decoder::this()).prepare_all(&deck, &slides, &*files, &ink, || {
                // One that waits already is enough.
                let _ = drawn.try_send(());
            });
        });
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = self.now();
        let (frame, overflow) = view::presenter(&self.follower, &self.ink, now);
        self.follower.notes_shown(overflow);
        self.screen.draw(&frame).map(|_| ())
    }
}
