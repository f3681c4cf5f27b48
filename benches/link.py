#!/usr/bin/env python3
"""Measures how soon a key on the stage shows in the presenter view, and a key in the presenter view on the stage.

    benches/link.py target/dist/greenroom

Both run on terminals of their own. A key goes to one side; the clock stops when the other side's screen shows the slide
that it leads to. The floor is the same key on the side where it is pressed, in the same run. Linux and macOS.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time

from terminal import Terminal, until

RIGHT, LEFT = b"\x1b[C", b"\x1b[D"
SLIDES = 40


def moments(programs, shown):
    """The moment at which each of `shown` (a program and words) is on its screen."""
    found = {}

    def done():
        for program, words in shown:
            if program not in found and program.shows(words):
                found[program] = program.read_at
        return len(found) == len(shown)

    until(programs, done, f"shown: {shown[0][1]!r}")
    return found


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
    stage = Terminal([program, deck], environment)
    notes = Terminal([program, "notes", deck], environment)
    both = [stage, notes]
    moments(both, [(stage, "word000"), (notes, "note000")])
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
        when = moments(both, [(stage, f"word{at:03}"), (notes, f"note{at:03}")])
        other = both[1 - count % 2]
        there[pressed].append(when[other] - began)
        here[pressed].append(when[pressed] - began)
    for program in both:
        program.kill()
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
