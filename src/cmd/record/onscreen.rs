//! What a person sees of a demo that is recorded, and what their keys do: the terminal is the program's, but for one
//! key that is pressed twice.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use crate::keys::Keymap;
use crate::talk::Hints;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::Size;
use greenroom_base::source::Control;
use greenroom_deck::{Deck, Demo, PaneHeight, PaneSpec, Role, Scenario, Theme};
use greenroom_frame::Frame;
use greenroom_pane::{Pane, RunStatus, keys};
use greenroom_render::paint::{self, PaneLook};
use greenroom_terminal::input::Input;
use greenroom_terminal::screen::{Screen, Terminal};
use greenroom_terminal::tty::Tty;

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// The key that ends the run must come again within this time; once, it is the program's, as editors have a use for it.
const TWICE: Duration = Duration::from_secs(1);
/// Lines that a turn of the mouse wheel moves.
const WHEEL: i32 = 3;

/// The terminal while a demo is recorded on it.
pub(super) struct OnScreen {
    tty: Tty,
    screen: Screen<Terminal>,
    input: Option<Input>,
    spec: PaneSpec,
    theme: Arc<Theme>,
    /// What a bench compares.
    plan: Option<Arc<Scenario>>,
    drawn_at: Option<Instant>,
    stale: bool,
    /// When the key that ends the run came first.
    asked: Option<Elapsed>,
    /// Something was typed, pasted or clicked.
    pub typed: bool,
}

impl OnScreen {
    /// Takes the terminal for the demo `id`.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn take(id: &str, demo: &Demo, deck: &Deck) -> anyhow::Result<Self> {
        let title = format!("recording {id}");
        let plan = demo.scenario.as_ref().and_then(|path| deck.scenarios.get(path)).cloned();
        let demo = Demo { title: Some(title.clone()), ..demo.clone() };
        Ok(Self {
            tty: Tty::take(&title)?,
            screen: crate::cmd::present::screen(None, None),
            input: None,
            spec: PaneSpec {
                id: id.to_owned(),
                demo,
                height: PaneHeight::default(),
                after_previous: false,
                bare: false,
            },
            theme: Arc::clone(&deck.theme),
            plan,
            drawn_at: None,
            stale: true,
            asked: None,
            typed: false,
        })
    }

    /// Listens to the keyboard, inside of a runtime.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn listen(&mut self) -> io::Result<()> {
        self.input = Some(Input::listen()?);
        Ok(())
    }

    /// What the person does next. Nothing is lost when nobody waits to the end.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Event>> {
        match &mut self.input {
            Some(input) => input.recv().await.transpose(),
            None => std::future::pending().await,
        }
    }

    /// Hands what the person did to the program; says whether they ended the run with it.
    pub(crate) fn did(&mut self, event: Event, pane: &mut Pane, now: Elapsed) -> bool {
        match event {
            Event::Key(key) => return self.key(key, pane, now),
            Event::Paste(text) => self.send(keys::encode_paste(&text, pane.view().modes()), pane, now),
            Event::Mouse(mouse) => self.mouse(mouse, pane, now),
            Event::Resize(..) => {
                self.screen.invalidate();
                self.stale = true;
            }
            _ => {}
        }
        false
    }

    fn key(&mut self, key: KeyEvent, pane: &mut Pane, now: Elapsed) -> bool {
        if key.kind == KeyEventKind::Release {
            return false;
        }
        let (control, shift) = (KeyModifiers::CONTROL, KeyModifiers::SHIFT);
        // Terminals send one byte for both.
        let ends = key.modifiers == control && matches!(key.code, KeyCode::Char(']' | '5'));
        let asked = self.asked.take();
        if ends && asked.is_some_and(|asked| now.since(asked) <= TWICE) {
            return true;
        }
        self.asked = ends.then_some(now);
        self.stale |= ends || asked.is_some();
        if pane.view().term().is_none() {
            // A bench and a probe take no keys; the key of a terminal that interrupts means them all the same.
            return key.modifiers == control && key.code == KeyCode::Char('c');
        }
        if let (true, KeyCode::PageUp | KeyCode::PageDown) = (key.modifiers == shift, key.code) {
            let lines = i32::from(pane.size().rows.saturating_sub(1).max(1));
            pane.scroll(if key.code == KeyCode::PageUp { lines } else { -lines });
            self.stale = true;
            return false;
        }
        let typed = self.typed;
        self.send(keys::encode_key(&key, pane.view().modes()), pane, now);
        self.typed = typed || !ends;
        false
    }

    fn send(&mut self, bytes: Vec<u8>, pane: &mut Pane, now: Elapsed) {
        if bytes.is_empty() || *pane.state() != RunStatus::Running || pane.view().term().is_none() {
            return;
        }
        self.typed = true;
        // What a program that does not read was sent is lost, as in any terminal.
        let _ = pane.control(Control::Input(bytes.into()), now);
    }

    fn mouse(&mut self, mouse: MouseEvent, pane: &mut Pane, now: Elapsed) {
        let (area, size) = (self.area(pane), pane.size());
        let at = (mouse.column.checked_sub(area.x + 1), mouse.row.checked_sub(area.y + 1));
        let (Some(column), Some(row)) = at else { return };
        // Where not all of it shows, nobody can tell what is pointed at.
        let whole =
            area.width == size.columns.saturating_add(2) && area.height == size.rows.saturating_add(2);
        if !whole || column >= size.columns || row >= size.rows {
            return;
        }
        let bytes = keys::encode_mouse(mouse.kind, column, row, mouse.modifiers, pane.view().modes());
        let lines = match mouse.kind {
            MouseEventKind::ScrollUp => WHEEL,
            MouseEventKind::ScrollDown => -WHEEL,
            _ => 0,
        };
        if bytes.is_empty() && lines != 0 {
            pane.scroll(lines);
            self.stale = true;
        }
        self.send(bytes, pane, now);
    }

    /// Where the pane is: in the middle, with a border, and no larger than the terminal.
    fn area(&self, pane: &Pane) -> Rect {
        let (all, size) = (self.tty.size(), pane.size());
        let width = size.columns.saturating_add(2).min(all.columns);
        let height = size.rows.saturating_add(2).min(all.rows);
        Rect { x: (all.columns - width) / 2, y: (all.rows - height) / 2, width, height }
    }

    /// Whether something has changed.
    pub(crate) fn changed(&mut self, something: bool) {
        self.stale |= something;
    }

    /// How long until the next frame is due; none when there is nothing new.
    pub(crate) fn due(&self) -> Option<Duration> {
        let waited = self.drawn_at.map_or(FRAME, |drawn| drawn.elapsed());
        self.stale.then(|| FRAME.saturating_sub(waited))
    }

    /// Draws the pane, when that is due.
    ///
    /// # Errors
    /// What the terminal says.
    pub(crate) fn draw(&mut self, pane: &Pane, now: Elapsed) -> io::Result<()> {
        if self.due() != Some(Duration::ZERO) {
            return Ok(());
        }
        let Size { columns, rows } = self.tty.size();
        let mut frame = Frame::new(columns, rows);
        let all = frame.area();
        paint::fill(&mut frame.cells, all, self.theme.style(Role::Text));
        let again = self.asked.is_some_and(|asked| now.since(asked) <= TWICE);
        let hint = if again { "Ctrl-] again stops" } else { "Ctrl-] twice stops" };
        let look = PaneLook {
            pane,
            focused: true,
            marked: false,
            status: pane.title(now),
            tone: Role::Live,
            facts: None,
            winding: None,
            invitation: String::new(),
            leaves: String::new(),
            still: None,
            hint: hint.to_owned(),
            notice: pane.notice().map(|notice| Hints::of(&Keymap::default()).in_notice(notice)),
            message: None,
            plan: self.plan.as_deref(),
            at: pane.run_time(now),
            centered: false,
        };
        let beside =
            paint::draw_pane(&mut frame.cells, self.area(pane), &self.spec, Some(&look), &self.theme);
        frame.cursor = beside.cursor;
        beside.links.iter().for_each(|(area, address)| frame.link(*area, address));
        self.screen.draw(&frame)?;
        (self.drawn_at, self.stale) = (Some(Instant::now()), false);
        Ok(())
    }
}
