#!/usr/bin/env python3
"""Measures a stage that is drawn larger than a terminal's own letters: keys, bytes, and a pane that draws 60 frames a second.

    benches/enlarged.py target/dist/greenroom

The terminal is this script: a window of 2560 by 1440 pixels that speaks kitty's protocol for pictures, once with files
in memory and once without. A file is read and deleted as kitty does. A key has been answered when the last byte of its
frame has come. CPU is that of the program and everything it started but for the pane's own program. Linux only.
"""

import argparse
import base64
import fcntl
import os
import pty
import re
import select
import shutil
import statistics
import struct
import sys
import tempfile
import termios
import time

from peer import LEFT, RIGHT, contents, deck, listing

COLUMNS, ROWS, WIDTH, HEIGHT = 256, 72, 2560, 1440
QUESTION = re.compile(rb"\x1b_Gi=(\d+),a=q,t=(\w)[^;]*;([^\x1b]*)\x1b\\")
# The last picture of a frame in a file: the terminal deletes the file.
LAST = re.compile(rb"\x1b_G[^;]*t=t[^;]*;([A-Za-z0-9+/=]+)\x1b\\")
QUIET = 0.05
FRAMES = 60


def pane_program(folder):
    """A program that draws so many frames a second, and says in each which one it is."""
    path = os.path.join(folder, "frames.py")
    with open(path, "w", encoding="ascii") as file:
        file.write(
            "import sys, time\n"
            "begun, n = time.monotonic(), 0\n"
            "while True:\n"
            "    n += 1\n"
            "    rows = [' '.join('%05d' % ((n * 7919 + y * 104729 + x * 1299709) % 99991) for x in range(10)) for y in range(12)]\n"
            "    sys.stdout.write('\\x1b[H' + '\\r\\n'.join(rows))\n"
            "    sys.stdout.flush()\n"
            f"    time.sleep(max(0, begun + n / {FRAMES} - time.monotonic()))\n"
        )
    return path


class Window:
    """A terminal with a program in it."""

    def __init__(self, argv, home, files):
        self.files = files
        self.bytes = 0
        self.held = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-kitty", COLORTERM="truecolor", KITTY_WINDOW_ID="1", HOME=home,
                              XDG_STATE_HOME=home, XDG_RUNTIME_DIR=home, XDG_CONFIG_HOME=home, XDG_DATA_HOME=home)
            for name in ("TMUX", "STY", "TERM_PROGRAM"):
                os.environ.pop(name, None)
            # The size is that of the window before the program looks.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, WIDTH, HEIGHT))
            os.execvp(argv[0], argv)

    def read(self, seconds):
        """Reads what there is, and does what a terminal does with it."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.terminal, 1 << 20)
        except OSError:
            return b""
        self.bytes += len(data)
        self.held = (self.held + data)[-(1 << 20):]
        end = 0
        for match in QUESTION.finditer(self.held):
            number, kind, address = match.groups()
            if kind == b"d" or self.files:
                if kind == b"t":
                    os.unlink(base64.b64decode(address))
                os.write(self.terminal, b"\x1b_Gi=" + number + b";OK\x1b\\")
            end = max(end, match.end())
        for match in LAST.finditer(self.held):
            if b"a=q" not in match.group(0):
                try:
                    os.unlink(base64.b64decode(match.group(1)))
                except OSError:
                    pass
            end = max(end, match.end())
        self.held = self.held[end:]
        return data

    def drain(self, seconds):
        """Reads until it has been quiet for so long; when the last byte came."""
        last = time.monotonic()
        while self.read(seconds):
            last = time.monotonic()
        return last

    def cpu(self):
        """Seconds of CPU that the program used, its helpers included, but not what runs in panes."""
        total, todo = 0.0, [self.pid]
        while todo:
            pid = todo.pop()
            command = contents(f"/proc/{pid}/cmdline")
            if "frames.py" in command:
                continue
            try:
                total += time.clock_gettime((~pid << 3) | 2)
            except OSError:
                continue
            for task in listing(f"/proc/{pid}/task"):
                todo += map(int, contents(f"/proc/{pid}/task/{task}/children").split())
        return total

    def end(self):
        os.write(self.terminal, b"qq")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not os.waitpid(self.pid, os.WNOHANG)[0]:
            self.read(0.05)


def keys(program, slides, home, files):
    """Milliseconds to the last byte, milliseconds of CPU, and bytes, of each key."""
    path = os.path.join(home, "deck.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(deck(slides))
    window = Window([program, "present", path], home, files)
    window.drain(1.0)
    found = []
    for key in [RIGHT] * (slides - 1) + [LEFT] * (slides - 1):
        before, cpu, sent = window.bytes, window.cpu(), time.monotonic()
        os.write(window.terminal, key)
        while not window.read(1.0):
            pass
        last = window.drain(QUIET)
        found.append(((last - sent) * 1000, (window.cpu() - cpu) * 1000, window.bytes - before))
    window.end()
    return found


def pane(program, home, files, seconds):
    """Cores that a pane of 60 frames a second takes, and frames that came."""
    path = os.path.join(home, "pane.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# A pane\n\n```pane\ncommand: [\"python3\", \"{pane_program(home)}\"]\non: enter\nheight: 16\n```\n")
    window = Window([program, "present", path], home, files)
    window.drain(1.0)
    # The card that asks takes an answer once it has been on the screen for a moment.
    for key in (b"x", b"y", b""):
        os.write(window.terminal, key)
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            window.read(0.1)
    began, cpu, frames = time.monotonic(), window.cpu(), 0
    while time.monotonic() < began + seconds:
        data = window.read(0.1)
        frames += data.count(b"\x1b[?2026l")
    spent = time.monotonic() - began
    cores = (window.cpu() - cpu) / spent
    window.end()
    return cores, frames / spent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--slides", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    print("| 2560 by 1440 pixels, drawn larger | by files | in the input |\n|---|---|---|")
    rows = {"key to the last byte of its frame, median / 9 of 10": [], "CPU per key": [], "bytes per key": [],
            "a pane of 60 frames a second: cores": [], "its frames shown per second": []}
    for files in (True, False):
        home = tempfile.mkdtemp()
        try:
            found = keys(options.program, options.slides, home, files)
            wall, cpu, size = (sorted(column) for column in zip(*found))
            cores, frames = pane(options.program, home, files, options.seconds)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        values = [f"{statistics.median(wall):.1f} / {wall[len(wall) * 9 // 10]:.1f} ms", f"{statistics.median(cpu):.1f} ms",
                  f"{statistics.median(size):,.0f}", f"{cores:.2f}", f"{frames:.0f}"]
        for row, value in zip(rows, values):
            rows[row].append(value)
    for row, values in rows.items():
        print(f"| {row} | {' | '.join(values)} |")


if __name__ == "__main__":
    sys.exit(main())
