//! The same bytes to tmux and to a pane: the same screen.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use bytes::Bytes;
use greenroom_base::clock::Elapsed;
use greenroom_base::run::{Event, Size, What};
use greenroom_pane::{Palette, TermView};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

use crate::support::needs::require;
use crate::support::unique;

const SIZE: Size = Size { columns: 20, rows: 6 };

/// What happens to a screen: output, and changes of its size.
enum Do {
    Write(&'static str),
    Resize(u16, u16),
}

use Do::{Resize, Write};

/// tmux shows the colour of a blank only in front of a character: one in the last column of every line.
const LAST_COLUMN: &str = "\x1b[m\x1b[1;20H#\x1b[2;20H#\x1b[3;20H#\x1b[4;20H#\x1b[5;20H#\x1b[6;20H#\x1b[1;1H";

/// Sequences that screens get wrong. Left out is what tmux 3.3 gets wrong itself, after xterm: wrap pending before
/// a backspace, forward tabs, repeated wide characters, and a wide character that loses half of itself; and where it
/// is another terminal: soft resets, the column after IL and DL, and lines that narrowing pushes out (`xterm.rs`).
const CASES: &[(&str, &[Do])] = &[
    ("plain text and control characters", &[Write("one\r\ntwo\rTWO\x08x\x0b|\x0cend\x07")]),
    ("wrapping", &[Write("0123456789012345678901234567890123456789abc")]),
    ("wrap pending, then a carriage return", &[Write("01234567890123456789\rX\n|")]),
    ("wrap pending, then a cursor movement", &[Write("01234567890123456789\x1b[BX\x1b[3;20HY\x1b[2;2HZ")]),
    ("wrap pending, then a line is erased", &[Write("01234567890123456789\x1b[KX")]),
    ("no wrapping", &[Write("\x1b[?7l0123456789012345678901234\r\x1b[?7habc")]),
    ("wide characters", &[Write("漢字かな|\r\n1234567890123456789漢|")]),
    (
        "half of a wide character overwritten",
        &[Write(" 漢字\x1b[1;3Hx\r\n漢字\x1b[2;3Hy\r\n漢字\x1b[3;1H\x1b[K")],
    ),
    (
        "combining characters",
        &[Write("e\u{301}a\u{308}o\u{302}\u{323}|\r\n漢\u{301}|\r\n0123456789012345678e\u{301}|")],
    ),
    ("line drawing", &[Write("\x1b(0lqqk\r\nx  x\r\nmqqj\x1b(B lqk \x0e\x1b)0q\x0fq")]),
    (
        "cursor movement stops at the edges",
        &[Write("\x1b[99;99Ha\x1b[99A\x1b[99Db\x1b[99Bc\x1b[99Cd\x1b[2Ee\x1b[2Ff\x1b[5Gg\x1b[4dh")],
    ),
    ("reverse index and next line", &[Write("a\x1bMb\x1bEc\x1bDd\x1b[6;1He\x1bDf\x1bEg")]),
    (
        "a scroll region",
        &[Write("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[4;1Hx\ny\nz\x1b[2;1H\x1bM\x1bMw\x1b[r")],
    ),
    (
        "scrolling outside of the region",
        &[Write("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[6;1H\n\n!\x1b[1;1H\x1bM?")],
    ),
    ("scrolling by command", &[Write("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;5r\x1b[2S\x1b[3;3Ha\x1b[1T\x1b[rb")]),
    ("origin mode", &[Write("\x1b[2;5r\x1b[?6h\x1b[1;1Ha\x1b[99;3Hb\x1b[99Ac\x1b[2dd\x1b[?6l\x1b[1;1He")]),
    (
        "origin mode and saved cursors",
        &[Write("\x1b[2;5r\x1b[?6h\x1b[2;2H\x1b7\x1b[?6l\x1b[1;1Ha\x1b8b\x1b[1;1Hc")],
    ),
    (
        "background colour erase",
        &[
            Write(
                "text text\x1b[44m\x1b[1;5H\x1b[K\x1b[3;1H\x1b[2Jz\x1b[41m\x1b[2;3H\x1b[4X\x1b[42m\x1b[4;4H\x1b[1K",
            ),
            Write(LAST_COLUMN),
        ],
    ),
    (
        "background colour of lines that scroll in",
        &[Write("a\r\nb\r\nc\r\nd\r\ne\r\nf\x1b[45m\n\ng\x1b[1;1H\x1bMh"), Write(LAST_COLUMN)],
    ),
    (
        "background colour of what is inserted",
        &[
            Write(
                "abcdef\x1b[43m\x1b[1;3H\x1b[2@\x1b[2;1Habcdef\x1b[2;3H\x1b[2P\x1b[1;1H\x1b[L\x1b[5;1H\x1b[M",
            ),
            Write(LAST_COLUMN),
        ],
    ),
    (
        "insert and delete characters",
        &[Write(
            "abcdefghijklmnopqrst\x1b[1;5H\x1b[3@XY\r\nabcdefghijklmnopqrst\x1b[2;5H\x1b[4P\x1b[3;1Habc\x1b[3;1H\x1b[9@",
        )],
    ),
    (
        "insert and delete lines",
        &[Write("1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;5r\x1b[3;3H\x1b[L\ra\x1b[2;2H\x1b[2M\rb\x1b[6;1H\x1b[Mc")],
    ),
    ("insert mode", &[Write("abcdef\x1b[1;3H\x1b[4hXY\x1b[4lZ\r\n0123456789012345678\x1b[2;1H\x1b[4h漢")]),
    ("tab stops", &[Write("a\tb\tc\td\te\r\n\x1b[3g\tx\r\x1b[5C\x1bH\x1b[9C\x1bH\r\tA\tB\tC\x1b[2ZD")]),
    ("backward tabs", &[Write("\x1b[10G\x1b[Zb\r\n123\x1b[Zc\x1b[20Gx\x1b[Zd")]),
    ("repetition", &[Write("x\x1b[5b|\x1b[31my\x1b[3b|")]),
    (
        "erasing in lines",
        &[Write("abcdefghij\x1b[5G\x1b[1K\r\nabcdefghij\x1b[5G\x1b[0K\r\nabcdefghij\x1b[5G\x1b[2K|")],
    ),
    ("erasing in the display", &[Write("1111\r\n2222\r\n3333\r\n4444\x1b[2;3H\x1b[1J\x1b[3;3H\x1b[J|")]),
    (
        "saved cursor and attributes",
        &[Write("\x1b[31;1ma\x1b7\x1b[32;4m\x1b[3;3Hb\x1b8c\x1b[sd\x1b[5;5He\x1b[uf")],
    ),
    ("the alternate screen", &[Write("main\x1b[?1049halt\x1b[2;2Hmore\x1b[?1049l|"), Resize(24, 7)]),
    ("on the alternate screen", &[Write("main\r\nmain\x1b[?1049halt\x1b[1;1H\x1b[2J\x1b[3;3Hhere")]),
    (
        "leaving the alternate screen restores the cursor",
        &[Write("ab\x1b[3;7H\x1b[?1049h\x1b[6;1Hx\x1b[?1049ly")],
    ),
    (
        "colours and attributes",
        &[Write(
            "\x1b[1;3;4;7;31;42mall\x1b[22;23mless\x1b[27;24;39;49mnone\r\n\x1b[91;104mbright\x1b[38;5;200;48;5;17m256\x1b[38;2;1;2;3;48;2;4;5;6mtrue\x1b[m|\r\n\x1b[2mdim\x1b[22m\x1b[9mstrike\x1b[29m\x1b[8mhidden\x1b[28m|",
        )],
    ),
    (
        "colours with colons",
        &[Write("\x1b[38:2::10:20:30ma\x1b[38:5:99mb\x1b[4:3mc\x1b[4:0md\x1b[58:2::1:2:3;4me")],
    ),
    ("the alignment test", &[Write("\x1b[2;4r\x1b#8\x1b[3;3Hx")]),
    ("a reset", &[Write("\x1b[31mabc\x1b[2;4r\x1b[?6h\x1b[4h\x1b(0\x1bcq|")]),
    (
        "sequences cut short and unknown",
        &[Write(
            "a\x1b[12\x18b\x1b[<9zc\x1b[?9999hd\x1bPq#0\x1b\\e\x1b_apc\x1b\\f\x1b]999;x\x07g\x1b^pm\x1b\\h",
        )],
    ),
    ("control characters inside of sequences", &[Write("a\x1b[2\r;3\nHb\x1b[\x083Cc")]),
    ("a window that grows", &[Write("one\r\ntwo\r\nthree"), Resize(30, 8), Write("!\r\nfour")]),
    (
        "a window that shrinks below its text",
        &[Write("one\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsix"), Resize(20, 3), Write("!")],
    ),
];

fn view() -> TermView {
    TermView::new(SIZE, 100, Palette::default())
}

fn write(view: &mut TermView, text: &str) {
    let what = What::Output(Bytes::copy_from_slice(text.as_bytes()));
    view.fold(&Event { at: Elapsed::ZERO, what });
}

fn painted(view: &TermView) -> (Buffer, Option<Position>) {
    let Size { columns, rows } = view.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let cursor = view.paint(buffer.area, &mut buffer);
    (buffer, cursor)
}

/// A tmux server of our own, with one window; it ends with the test.
struct Tmux {
    socket: String,
    folder: tempfile::TempDir,
    written: usize,
}

impl Tmux {
    /// None when there is no tmux, which is said, and is an error where it must not be.
    fn start() -> Option<Self> {
        if !require("tmux") {
            return None;
        }
        let tmux = Self { socket: unique("screen"), folder: tempfile::tempdir().unwrap(), written: 0 };
        tmux.run(&["new-session", "-d", "-x", "20", "-y", "6", "sleep 1000"]);
        for option in ["status off", "window-size manual", "remain-on-exit on"] {
            let (name, value) = option.split_once(' ').unwrap();
            tmux.run(&["set-option", "-g", name, value]);
        }
        Some(tmux)
    }

    fn run(&self, args: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-L", &self.socket])
            .args(args)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn ask(&self, format: &str) -> String {
        self.run(&["display-message", "-p", format]).trim_end().to_owned()
    }

    fn until(&self, format: &str, value: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.ask(format) != value {
            assert!(Instant::now() < deadline, "{format} is {:?} and not {value:?}", self.ask(format));
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn resize(&self, columns: u16, rows: u16) {
        self.run(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
        self.until("#{pane_width}x#{pane_height}", &format!("{columns}x{rows}"));
    }

    /// A fresh screen in the first size; what is appended to the file that it gives appears on it.
    fn fresh(&mut self) -> PathBuf {
        self.written += 1;
        let file = self.folder.path().join(format!("{}", self.written));
        fs::write(&file, "").unwrap();
        self.resize(SIZE.columns, SIZE.rows);
        let command = format!("stty raw -echo; exec tail -c +1 -f -s 0.01 {}", file.display());
        self.run(&["respawn-pane", "-k", &command]);
        self.run(&["clear-history"]);
        file
    }

    /// Shows `text`, and waits until it has been read: the title behind it says so.
    fn write(&mut self, file: &PathBuf, text: &str) {
        self.written += 1;
        let title = format!("read {}", self.written);
        let mut file = fs::File::options().append(true).open(file).unwrap();
        file.write_all(format!("{text}\x1b]2;{title}\x1b\\").as_bytes()).unwrap();
        self.until("#{pane_title}", &title);
    }

    /// What is on the screen, as a screen of ours: tmux says it in text and colours alone.
    fn captured(&self, size: Size) -> (Buffer, Option<Position>) {
        let mut view = TermView::new(size, 0, Palette::default());
        write(&mut view, "\x1b[?7l");
        for (row, line) in self.run(&["capture-pane", "-p", "-e", "-N"]).lines().enumerate() {
            // Line drawing comes as shifts to another character set.
            write(&mut view, &format!("\x1b)0\x1b[{};1H{line}", row + 1));
        }
        let cursor = self.ask("#{cursor_x} #{cursor_y}");
        let (x, y) = cursor.split_once(' ').unwrap();
        let x = x.parse::<u16>().unwrap().min(size.columns - 1);
        (painted(&view).0, Some(Position::new(x, y.parse().unwrap())))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

/// Row by row: the characters, and the first cell whose colours or attributes are others.
fn difference(ours: &Buffer, theirs: &Buffer) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let mut out = String::new();
    for y in 0..ours.area.height {
        let cells =
            |buffer: &Buffer| (0..buffer.area.width).map(|x| buffer[(x, y)].clone()).collect::<Vec<_>>();
        let text = |cells: &[Cell]| cells.iter().map(|cell| cell.symbol().to_owned()).collect::<String>();
        let (one, other) = (cells(ours), cells(theirs));
        if text(&one) != text(&other) {
            let _ = write!(out, "  {y} ours   |{}|\n  {y} tmux's |{}|\n", text(&one), text(&other));
        } else if let Some(x) = one.iter().zip(&other).position(|(one, other)| one != other) {
            let style = |cell: &Cell| (cell.fg, cell.bg, cell.underline_color, cell.modifier);
            let _ = write!(
                out,
                "  {y} at {x} ours   {:?}\n  {y} at {x} tmux's {:?}\n",
                style(&one[x]),
                style(&other[x])
            );
        }
    }
    Some(out)
}

#[test]
fn the_screen_is_tmuxs() {
    let Some(mut tmux) = Tmux::start() else { return };
    let mut wrong = Vec::new();
    for (name, steps) in CASES {
        let (file, mut ours) = (tmux.fresh(), view());
        for step in *steps {
            match step {
                Write(text) => {
                    tmux.write(&file, text);
                    write(&mut ours, text);
                }
                Resize(columns, rows) => {
                    tmux.resize(*columns, *rows);
                    ours.resize(Size { columns: *columns, rows: *rows });
                }
            }
        }
        let (our_cells, our_cursor) = painted(&ours);
        let (their_cells, their_cursor) = tmux.captured(ours.size());
        if let Some(difference) = difference(&our_cells, &their_cells) {
            wrong.push(format!("{name}:\n{difference}"));
        } else if our_cursor != their_cursor {
            wrong.push(format!("{name}: the cursor is at {our_cursor:?} and not {their_cursor:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), CASES.len(), wrong.concat());
}
