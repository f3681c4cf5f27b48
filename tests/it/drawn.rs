//! Slides of a deck as the terminal gets them.

use std::io;
use std::sync::{Arc, Mutex};

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use ratatui::backend::{Backend, CrosstermBackend};

use greenroom::headless;
use greenroom::open;
use greenroom_base::files::MemoryFiles;
use greenroom_base::run::Size;
use greenroom_frame::Frame;
use greenroom_render::paint;
use greenroom_terminal::color_depth::ColorDepth;
use greenroom_terminal::screen::Screen;

/// What was written to the terminal.
#[derive(Debug, Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Cells(usize, usize);

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.1
    }
    fn screen_lines(&self) -> usize {
        self.1
    }
    fn columns(&self) -> usize {
        self.0
    }
}

#[test]
fn a_change_of_slides_takes_fewer_bytes_than_cell_by_cell() {
    let text = "---\ntitle: A talk\n---\n\n# One\n\nSome text with **strong** words and `code`.\n\n- first\n- second\n\n\
        ---\n\n# Two\n\n```python\ndef double(x: int) -> int:\n    return 2 * x  # a comment\n```\n\n> A quote\n\n\
        ---\n\n# Three\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\nThe end, in *some* more words than before.\n";
    let deck = Arc::new(open::deck(&MemoryFiles::new().with("talk.md", text), "talk.md"));
    assert!(deck.slides.len() >= 3, "{}", deck.slides.len());
    let ink = paint::RenderCache::default();
    let size = Size { columns: 100, rows: 30 };
    let frames: Vec<Frame> =
        (0..deck.slides.len()).map(|slide| headless::frame(&deck, &ink, slide, 0, size)).collect();
    let mut screen = Screen::new(io::sink(), ColorDepth::True);
    screen.draw(&frames[0]).unwrap();
    let (mut ours, mut theirs) = (0, 0);
    for pair in frames.windows(2) {
        ours += screen.draw(&pair[1]).unwrap();
        let mut bytes = Vec::new();
        let mut backend = CrosstermBackend::new(&mut bytes);
        backend.draw(pair[0].cells.diff(&pair[1].cells).into_iter()).unwrap();
        theirs += bytes.len();
    }
    assert!(ours * 10 < theirs * 8, "{ours} bytes against {theirs}");
}

#[test]
fn stage_3_only_the_cells_of_a_link_are_in_it() {
    // Two links of several looks and lines, blanks that are erased, and a move that would be written as text.
    let text = "---\ntitle: A\n---\n\n# One\n\nBefore [the **long** words of a link that goes on and on](https://a.example/) and \
        [b](https://b.example/).          After.\n\n| x | y |\n|---|---|\n| [t](https://c.example/) | z |\n\n---\n\n# Two\n\nBefore\n";
    let deck = Arc::new(open::deck(&MemoryFiles::new().with("talk.md", text), "talk.md"));
    let ink = paint::RenderCache::default();
    let size = Size { columns: 40, rows: 20 };
    let frame = |slide| headless::frame(&deck, &ink, slide, 0, size);
    let mut terminal = Term::new(Config::default(), &Cells(40, 20), VoidListener);
    let mut parser: Processor = Processor::new();
    let written = Written::default();
    let mut screen = Screen::new(written.clone(), ColorDepth::True);
    for slide in [1, 2, 1, 0, 1] {
        let frame = frame(slide);
        screen.draw(&frame).unwrap();
        parser.advance(&mut terminal, &written.take());
        let mut linked = 0;
        for position in frame.area().positions() {
            let at = (Line(i32::from(position.y)), Column(usize::from(position.x)));
            let cell = &terminal.grid()[at.0][at.1];
            let is = cell.hyperlink().map(|link| link.uri().to_owned());
            let should = frame.links.iter().find(|link| link.area.contains(position));
            linked += usize::from(is.is_some());
            // A blank between two words of a link may be erased rather than written.
            if is.is_some() || cell.c != ' ' {
                assert_eq!(is.as_deref(), should.map(|link| &*link.address), "{position} of slide {slide}");
            }
        }
        assert_eq!(linked > 20, slide == 1, "{linked} cells of slide {slide}");
        if slide == 1 {
            let mut numbers: Vec<usize> = frame.links.iter().map(|link| link.number).collect();
            numbers.dedup();
            assert!(numbers == [0, 1, 2] && frame.links.len() > 3, "{:?}", frame.links);
        }
    }
}
