#!/usr/bin/env python3
"""Measures keys and signals while a deck does its worst.

    benches/bounds.py target/dist/greenroom

At 300x80, each of these shows on a slide while a key is pressed two hundred times: a program that clears its screen
without end, one that goes to the alternate screen and back, one that holds everything back in a synchronized update, one that
inserts lines, a recording with a line of 1 MB, pictures that ask for seconds and gigabytes, and an outline of 250 KB. Then
SIGTERM is sent, and the time until the program has ended is taken.
Prints a table, and ends with 1 when a median is over 5 ms, a key over 50 ms, or an end over 1 s. Linux only; run it on a quiet machine.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import tempfile
import time

import peer
from flood import keys, percentile, step_word, STEPS, Watch
from peer import Program, Stuck

COLUMNS, ROWS = 300, 80
KEYS = 200
STEPS_TEXT = "".join(f"\n<!-- pause -->\n\n{step_word(n)}\n" for n in range(1, STEPS + 1))



def endless(printed):
    """A command that prints this without a pause, and without line feeds."""
    return f"yes \"$(printf '{printed}')\" | tr -d '\\n'"


PROGRAMS = {
    "clears its screen": endless(r"\033[2J"),
    "alternate screen": endless(r"\033[?1049h\033[?1049l"),
    "holds all back": endless(r"\033[?2026h\033[2Jx"),
    "inserts lines": endless(r"\033[H\033[80L"),
    "inserts characters": endless(r"\033[4h\033[Hxxxxxxxxxxxxxxxxxxxxxxxx"),
    "prints lines": "yes 'without a pause, and without an end'",
}


def program_deck(folder, command):
    block = f"```pane\ncommand: [sh, -c, {json.dumps(command)}]\ntitle: flood\nheight: 60\n```\n"
    return write(folder, "talk.md", f"# Flood\n\n{block}\n{STEPS_TEXT}")


def tape_deck(folder):
    header = json.dumps({"version": 3, "term": {"cols": 1000, "rows": 500}})
    line = json.dumps([0.1, "o", "\x1b[2J" * 250_000])
    write(folder, "long.cast", f"{header}\n{line}\n{line}\n")
    write(folder, "slides.md", f"# Tape\n\n```pane\ndemo: long\n```\n{STEPS_TEXT}")
    outline = "title: T\nsections: [{title: A, file: slides.md}]\ndemos: {long: {command: [\"true\"], tape: long.cast, height: 60}}\n"
    write(folder, "talk.yaml", outline)
    return folder


def picture_deck(folder):
    groups = "<g opacity='.9'><rect width='1200' height='1200' opacity='.5'/></g>" * 20_000
    blur = "<filter id='f'><feGaussianBlur stdDeviation='99'/></filter>"
    blurred = "<g filter='url(#f)'><rect width='1200' height='1200'/></g>" * 4_000
    for name, body in (("a", groups), ("b", blur + blurred)):
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='1200'>{body}</svg>"
        write(folder, f"{name}.svg", svg)
    return write(folder, "talk.md", f"# Pictures\n\n![a](a.svg)\n\n![b](b.svg)\n{STEPS_TEXT}")


def outline_deck(folder):
    write(folder, "slides.md", f"# Many\n{STEPS_TEXT}")
    sections = "".join(f"- {{title: S{n}}}\n" for n in range(15_000))
    write(folder, "talk.yaml", f"title: T\nsections:\n- {{title: A, file: slides.md}}\n{sections}")
    return folder


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def begin(program, key):
    """Presses `key`, and says yes when it is asked for programs: the last row of the card has to be shown first."""
    for pressed in (key, b"\x1b[F", b"y"):
        program.write(pressed)
        deadline = time.monotonic() + 0.7
        while time.monotonic() < deadline:
            program.read(0.05)


def measure(command, deck, home, to_slide, key):
    with Program(command, deck, home, False, 30) as program:
        deadline = time.monotonic() + 30
        while program.bytes < 500 and time.monotonic() < deadline:
            program.read(0.05)
        begin_slide(program, to_slide)
        if key:
            begin(program, key)
        watch = Watch(program)
        latencies = keys(watch, lambda taken: taken < KEYS)
        sent = time.monotonic()
        os.kill(program.pid, signal.SIGTERM)
        ended = program.wait_for_end(30)
        took = time.monotonic() - sent
        if ended:
            # It has been waited for.
            program.wait_for_end = lambda _: True
    answered = [latency * 1000 for latency in latencies if latency is not None]
    return {
        "keys": len(latencies),
        "unanswered": len(latencies) - len(answered),
        "median": statistics.median(answered) if answered else None,
        "p99": percentile(answered, 0.99) if answered else None,
        "worst": max(answered) if answered else None,
        "end": took if ended else None,
    }


def begin_slide(program, presses):
    for _ in range(presses):
        program.write(peer.RIGHT)
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            program.read(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--only", help="those with this in their name")
    options = parser.parse_args()
    command = os.path.abspath(options.program)
    peer.COLUMNS, peer.ROWS = COLUMNS, ROWS
    # What shows, how it is made, keys to its slide, and the key that starts it.
    cases = [(name, lambda folder, text=text: program_deck(folder, text), 0, b"x")
             for name, text in PROGRAMS.items()]
    cases += [("tape line of 1 MB", tape_deck, 2, b"v"), ("SVG bombs", picture_deck, 0, None),
              ("outline of 250 KB", outline_deck, 2, None)]
    good = True
    print(f"{'':20} {'keys':>5} {'median':>8} {'99 %':>8} {'worst':>8} {'SIGTERM':>8}")
    for name, make, presses, key in cases:
        if options.only and options.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="bounds-") as folder:
            home, deck = os.path.join(folder, "home"), os.path.join(folder, "deck")
            os.mkdir(home)
            os.mkdir(deck)
            one = measure(command, make(deck), home, presses, key)
        holds = not one["unanswered"] and one["median"] < 5 and one["worst"] < 50 and one["end"] is not None and one["end"] < 1
        good &= holds
        shown = " ".join("       -" if one[part] is None else f"{one[part]:8.1f}" for part in ("median", "p99", "worst"))
        end = "       -" if one["end"] is None else f"{one['end'] * 1000:8.0f}"
        print(f"{name:20} {one['keys']:5} {shown} {end}  {'' if holds else 'MISSED'}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stuck as stuck:
        sys.exit(f"bounds.py: {stuck}")
