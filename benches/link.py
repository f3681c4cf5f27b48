#!/usr/bin/env python3
"""Measures how soon a key on the stage shows in the presenter view, and a key in the presenter view on the stage.

    benches/link.py target/dist/greenroom

Both run on terminals of their own. A key goes to one side; the clock stops when the other side's screen shows the slide
that it leads to. The floor is the same key on the side where it is pressed, in the same run. Linux and macOS.
"""

import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

from screen import Screen

COLUMNS, ROWS = 120, 35
RIGHT, LEFT = b"\x1b[C", b"\x1b[D"
PATIENCE = 20.0
SLIDES = 40


class Program:
    """A program on a terminal, and what that shows."""

    def __init__(self, command, environment):
        self.screen = Screen(COLUMNS, ROWS)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, key):
        os.write(self.terminal, key)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def until(programs, shown):
    """Reads what both write until each of `shown` (a program and words) is on its screen; gives the moments."""
    end, moments = time.perf_counter() + PATIENCE, {}
    while len(moments) < len(shown):
        ready, _, _ = select.select([program.terminal for program in programs], [], [], 0.5)
        now = time.perf_counter()
        for program in programs:
            if program.terminal in ready:
                program.screen.feed(os.read(program.terminal, 65536))
        for program, words in shown:
            if program not in moments and words in program.screen.text():
                moments[program] = now
        if now > end:
            sys.exit(f"never shown: {shown[0][1]!r}\n" + "\n".join(program.screen.text() for program in programs))
    return moments


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--keys", type=int, default=200)
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    deck = os.path.join(folder, "deck.md")
    with open(deck, "w") as file:
        file.write("\n\n---\n\n".join(f"# Slide\n\nword{n:03}\n\n<!-- speaker_note: note{n:03} -->" for n in range(SLIDES)))
    environment = {**os.environ, "HOME": folder, "XDG_RUNTIME_DIR": folder, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    program = os.path.abspath(options.program)
    stage = Program([program, deck], environment)
    notes = Program([program, "notes", deck], environment)
    both = [stage, notes]
    until(both, [(stage, "word000"), (notes, "note000")])
    there, here, at, key = {stage: [], notes: []}, {stage: [], notes: []}, 0, RIGHT
    for count in range(options.keys):
        if at == SLIDES - 1:
            key = LEFT
        elif at == 0:
            key = RIGHT
        at += 1 if key == RIGHT else -1
        pressed = both[count % 2]
        began = time.perf_counter()
        pressed.press(key)
        moments = until(both, [(stage, f"word{at:03}"), (notes, f"note{at:03}")])
        other = both[1 - count % 2]
        there[pressed].append(moments[other] - began)
        here[pressed].append(moments[pressed] - began)
    for program in both:
        program.close()
    shutil.rmtree(folder)
    print("| key pressed | shows there, median | worst of 20 | shows on the other side, median | worst of 20 |")
    print("|---|---|---|---|---|")
    for name, side in [("on the stage", stage), ("in the presenter view", notes)]:
        cells = []
        for times in (here[side], there[side]):
            times.sort()
            cells += [statistics.median(times), times[int(len(times) * 0.95)]]
        print(f"| {name} | " + " | ".join(f"{cell * 1000:.1f} ms" for cell in cells) + " |")


if __name__ == "__main__":
    main()
