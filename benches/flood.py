#!/usr/bin/env python3
"""Measures what a flood of output does to two terminal slide programs, in one run.

    benches/flood.py "presenterm -x" target/dist/greenroom

Both show the same deck: a block of code with presenterm's `+exec +pty` that prints 100 MB. While it does, a key is
pressed again and again, and the time until the terminal gets what it asked for is taken. How long the same output
takes when it is read and thrown away is measured as well: no program can be faster than the system's terminals.
Then the second program alone shows eight panes that draw 60 frames a second each (how old is what stands on the
screen?), and eight panes that print without a pause (are keys still answered?).
Linux only. The figures of a busy machine differ; their ratios do less so.
"""

import argparse
import json
import math
import os
import pty
import statistics
import sys
import tempfile
import time

from peer import LEFT, RIGHT, Program, Stuck, contents

STEPS = 4
# A key that has not been answered by then is given up.
GIVEN_UP = 5.0
# The last words of the flood.
END = b"FLOODISOVER"
FRAME = 1 / 60
PANES = 8


def step_word(n):
    return f"STEPPED{n}X"


def flood_deck(folder, megabytes):
    """A slide that prints so much, and steps to be taken meanwhile."""
    path = os.path.join(folder, "flood.log")
    line = 0
    with open(path, "w", encoding="ascii") as file:
        while file.tell() < megabytes * 1_000_000:
            file.writelines(f"\x1b[3{n % 8}m{line + n:9} \x1b[mcompiled module_{n % 977}.c with 0 warnings\n"
                            for n in range(1000))
            line += 1000
    steps = "".join(f"\n<!-- pause -->\n\n{step_word(n)}\n" for n in range(1, STEPS + 1))
    over = END.decode()
    # The words must not stand in the code that shows.
    code = f"cat {path}\nprintf '%sIS%s\\n' {over[:5]} {over[7:]}"
    deck = os.path.join(folder, "flood.md")
    with open(deck, "w", encoding="utf-8") as file:
        file.write(f"Flood\n===\n\n```bash +exec +pty:100:16\n{code}\n```\n{steps}")
    return deck


def run_bare(deck_folder):
    """Seconds that the flood takes when nobody looks at it."""
    began = time.monotonic()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("cat", ["cat", os.path.join(deck_folder, "flood.log")])
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass  # That is how a terminal says that its other side is closed.
    os.close(terminal)
    os.waitpid(pid, 0)
    return time.monotonic() - began


class Watch:
    """A program's output, read in pieces, with the last of it kept to be searched."""

    def __init__(self, program):
        self.program, self.tail, self.over_at = program, b"", None
        self.idle = resident(program.pid)
        self.peak, self.sampled = self.idle, 0.0

    def read(self, seconds):
        data = self.program.read(seconds)
        now = time.monotonic()
        self.tail = (self.tail + data)[-200_000:]
        if self.over_at is None and END in self.tail:
            self.over_at = now
        if now - self.sampled > 0.05:
            self.sampled, self.peak = now, max(self.peak, resident(self.program.pid))
        return now, data

    def answer(self, key, word):
        """Seconds from `key` to `word`; none when it was given up."""
        self.tail = b""
        sent = time.monotonic()
        self.program.write(key)
        while (now := self.read(0.05)[0]) - sent < GIVEN_UP and self.over_at is None:
            if word in self.tail:
                return now - sent
        return None


def own(pid):
    """This process and those below it that run the same program: what a keeper starts to do its work, and not the flood."""
    executable = target(pid)
    return [pid] + [child for child in descendants(pid) if target(child) == executable]


def resident(pid):
    """Bytes of memory of the program itself."""
    sizes = (contents(f"/proc/{one}/statm").split() for one in own(pid))
    return sum((int(size[1]) - int(size[2])) for size in sizes if size) * os.sysconf("SC_PAGE_SIZE")


def target(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def descendants(pid):
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        try:
            tasks = os.listdir(f"/proc/{one}/task")
        except OSError:
            continue
        for task in tasks:
            children = [int(child) for child in contents(f"/proc/{one}/task/{task}/children").split()]
            found += children
            todo += children
    return found


def run_flood(command, deck, home, timeout):
    with Program(command, deck, home, False, 30) as program:
        program.wait_for(["cat"])
        program.settle()
        watch = Watch(program)
        quiet = keys(watch, lambda taken: taken < 2 * STEPS)
        began = start(program, b"\x05")
        latencies = keys(watch, lambda _: watch.over_at is None and time.monotonic() - began < timeout)
        took = (watch.over_at or time.monotonic()) - began
        cpu = own_cpu(program.pid)
    return answers(latencies) | {
        "quiet_key": statistics.median(latency for latency in quiet if latency) * 1000,
        "took": took,
        "over": watch.over_at is not None,
        "idle_rss": watch.idle / 1e6,
        "peak_rss": watch.peak / 1e6,
        "grown_rss": (watch.peak - watch.idle) / 1e6,
        "own_cpu": cpu,
    }


def start(program, key):
    """Starts what the slide runs, and agrees to it where that is asked; the moment."""
    began = time.monotonic()
    program.write(key)
    while time.monotonic() - began < 1:
        program.screen.feed(program.read(0.05))
        if "Run these commands?" in program.screen.text():
            # An answer counts once all of the question has been shown, for a moment.
            program.write(b"\x1b[F")
            program.settle()
            began = time.monotonic()
            program.write(b"y")
            break
        if "warnings" in program.screen.text():
            break
    return began


def answers(latencies):
    answered = [latency * 1000 for latency in latencies if latency is not None]
    return {
        "keys": len(latencies),
        "unanswered": len(latencies) - len(answered),
        "key": statistics.median(answered) if answered else None,
        "key_99": percentile(answered, 0.99) if answered else None,
        "key_worst": max(answered) if answered else None,
        "late": sum(latency is None or latency > 0.020 for latency in latencies),
    }


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def keys(watch, more):
    """Steps on and back as long as `more`; the time of each step on."""
    latencies = []
    while more(len(latencies)):
        for n in range(1, STEPS + 1):
            latency = watch.answer(RIGHT, step_word(n).encode())
            if watch.over_at is not None:
                return latencies
            latencies.append(latency)
            # Not in step with the frames.
            pause(watch, 0.007 * (len(latencies) % 5))
        for _ in range(STEPS):
            watch.program.write(LEFT)
        pause(watch, 0.05)
    return latencies


def pause(watch, seconds):
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        watch.read(left)


# Draws its whole screen with the moment in its first row, 60 times a second.
MOVING = """\
import os, sys, time
out, frame = sys.stdout.fileno(), 0
due = time.monotonic()
while True:
    frame += 1
    columns, rows = os.get_terminal_size(out)
    lines = [f"T{time.monotonic_ns() // 1_000_000:012}E".ljust(columns - 1)]
    for row in range(1, rows):
        text = "".join(chr(97 + (frame + row * 7 + at) % 26) for at in range(columns - 1))
        lines.append(f"\\x1b[3{(frame + row) % 8}m{text}\\x1b[m")
    os.write(out, b"\\x1b[H" + "\\r\\n".join(lines).encode())
    due += 1 / 60
    time.sleep(max(0, due - time.monotonic()))
"""


def panes_deck(folder, name, command):
    """Eight panes that run `command`, in two columns, and the steps beside them."""
    columns = []
    for column in range(2):
        block = f"```pane\ncommand: {json.dumps(command)}\ntitle: p\n```\n"
        columns.append(f"<!-- column: {column} -->\n\n" + "\n".join([block] * (PANES // 2)))
    steps = "".join(f"\n<!-- pause -->\n{step_word(n)}" for n in range(1, STEPS + 1))
    deck = os.path.join(folder, name)
    with open(deck, "w", encoding="utf-8") as file:
        file.write("# Eight\n\n<!-- column_layout: [2, 2, 1] -->\n\n" + "\n".join(columns))
        file.write(f"\n<!-- column: 2 -->\n\nSteps\n{steps}\n")
    return deck


def moving_deck(folder):
    script = os.path.join(folder, "moving.py")
    with open(script, "w", encoding="ascii") as file:
        file.write(MOVING)
    return panes_deck(folder, "moving.md", ["python3", script])


def run_eight_floods(command, deck, home, seconds):
    """Keys while eight panes print without a pause."""
    with Program(command, deck, home, False, 30) as program:
        program.wait_for(["Eight"])
        program.settle()
        watch = Watch(program)
        began = start(program, b"x")
        pause(watch, 1)
        latencies = keys(watch, lambda _: time.monotonic() - began < seconds)
        cpu = own_cpu(program.pid)
    return answers(latencies) | {"grown_rss": (watch.peak - watch.idle) / 1e6, "own_cpu": cpu}


def run_panes(command, deck, home, seconds):
    """How old each pane's picture is whenever the screen has been drawn, in ms."""
    with Program(command, deck, home, False, 30) as program:
        program.wait_for(["Eight"])
        program.settle()
        began, chunks = start(program, b"x"), []
        while time.monotonic() - began < 2:
            program.screen.feed(program.read(0.05))
        cpu, began = own_cpu(program.pid), time.monotonic()
        while time.monotonic() - began < seconds:
            data = program.read(0.05)
            chunks.append((time.monotonic(), data))
        took = time.monotonic() - began
        cpu = (own_cpu(program.pid) - cpu) / took * 100
        ages, behind, draws = [], [], 0
        for at, (moment, data) in enumerate(chunks):
            program.screen.feed(data)
            # A frame may come in several reads; it has come when the next read is some time after it.
            if at + 1 < len(chunks) and chunks[at + 1][0] - moment < 0.002:
                continue
            draws += 1
            shown = stamps(program.screen)
            ages += [moment * 1000 - stamp for stamp in shown]
            # A picture younger than a frame is the newest that there is.
            behind += [max(0.0, moment * 1000 - stamp - FRAME * 1000) / (FRAME * 1000) for stamp in shown]
    return {
        "panes": len(shown),
        "draws": draws / took,
        "age": statistics.median(ages),
        "age_99": percentile(ages, 0.99),
        "age_worst": max(ages),
        "behind_99": percentile(behind, 0.99),
        "behind": sum(one > 1 for one in behind) / len(behind),
        "bytes": sum(len(data) for _, data in chunks) / took,
        "cpu": cpu,
    }


def stamps(screen):
    text, found, at = screen.text(), [], 0
    while (at := text.find("T0", at)) >= 0:
        word = text[at + 1:at + 13]
        if word.isdigit() and text[at + 13:at + 14] == "E":
            found.append(int(word))
        at += 1
    return found


def own_cpu(pid):
    """Seconds of CPU that the program itself has used; what it runs is not counted."""
    total = 0.0
    for one in own(pid):
        try:
            total += time.clock_gettime((~one << 3) | 2)
        except OSError:
            continue  # It has ended since it was listed.
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", help="the program to beat, with the option that lets it run code")
    parser.add_argument("ours")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--timeout", type=float, default=200, help="seconds for a flood (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="of eight panes (%(default)s)")
    parser.add_argument("--only", choices=["flood", "panes", "floods"])
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    # A program that is looked for in PATH keeps its name; a path must not depend on where it runs.
    ours = os.path.abspath(options.ours) if os.path.exists(options.ours) else options.ours
    results = {}
    with tempfile.TemporaryDirectory(prefix="flood-") as folder:
        home = os.path.join(folder, "home")
        os.mkdir(home)
        if options.only in (None, "flood"):
            deck = flood_deck(folder, options.megabytes)
            # The quickest of three: the first one may have to fetch the file from the disk.
            results["bare"] = {"took": min(run_bare(folder) for _ in range(3))}
            if not options.ours_only:
                results["peer"] = run_flood(options.peer, deck, home, options.timeout)
            results["ours"] = run_flood(ours, deck, home, options.timeout)
        if options.only in (None, "panes"):
            results["panes"] = run_panes(ours, moving_deck(folder), home, options.seconds)
        if options.only in (None, "floods"):
            deck = panes_deck(folder, "floods.md", ["sh", "-c", "yes 'without a pause, and without an end'"])
            results["floods"] = run_eight_floods(ours, deck, home, options.seconds)
    json.dump(results, sys.stdout, indent=1)
    print()
    return verdicts(results)


def verdicts(results):
    """Prints what was promised and whether it holds; the exit status."""
    told = []
    ours, peer, panes, floods = (results.get(name) for name in ("ours", "peer", "panes", "floods"))
    if ours:
        bare = ours["took"] / results["bare"]["took"]
        told += [
            (f"keys within 20 ms during the flood: {ours['late']} of {ours['keys']} late, "
             f"worst {ours['key_worst']:.1f} ms", ours["late"] == 0),
            (f"memory above idle: {ours['grown_rss']:.1f} MB", ours["grown_rss"] < 40),
            (f"{bare:.2f} of the time that reading alone takes", bare < 1.25),
        ]
    if ours and peer:
        ratio = peer["took"] / ours["took"]
        told.append((f"{'' if peer['over'] else 'more than '}{ratio:.1f} times as fast", ratio >= 5))
    if panes:
        told.append((f"{panes['panes']} panes, frames more than one behind: {panes['behind']:.2%}, "
                     f"99 of 100 at most {panes['behind_99']:.2f}",
                     panes["panes"] == PANES and panes["behind_99"] < 1))
    if floods:
        # Nothing was promised of this: the programs alone are more than the machine's cores.
        print(f"       keys later than 20 ms during eight floods: {floods['late']} of {floods['keys']}, "
              f"worst {floods['key_worst'] or math.inf:.1f} ms")
    for text, good in told:
        print(f"{'met   ' if good else 'MISSED'} {text}")
    return 0 if all(good for _, good in told) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stuck as stuck:
        sys.exit(f"flood.py: {stuck}")
