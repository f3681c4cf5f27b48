#!/usr/bin/env python3
"""A talk that goes on for hours, lap after lap: does anything grow?

    benches/soak.py target/dist/greenroom --minutes 120 --log soak.ndjson
    benches/soak.py target/dist/greenroom --minutes 80 --faster 6 --log soak.ndjson
    benches/soak.py --log soak.ndjson --write

A lap goes through every slide of a deck of its own: a flood of output, a shell that is typed into, a clock that runs, a recording, code, a
picture, a table, steps. The stage stands on a terminal; beside it are a presenter view, `greenroom follow` in another terminal, a page that
stays, and one that joins anew in each lap and loads what it shows. A step is over when stage, presenter view and follower show it. At the
end of each lap, on the first slide again, the memory of each process is written down (anonymous memory, and its share of all), and descriptors,
threads, processes and temporary files are counted.

With --log each lap is a line of JSON. A file that is there is gone on with, as another piece: a talk of its own, so that what grows within
one piece is told from what differs between them. Without a program the log is only read. --write puts the chart and the table into
the book. With --faster the clock of the stage and of all who follow it goes so many times as fast, by a library that is loaded before the
system's: the laps are what they are, and what grows by the clock shows sooner. What is told is in hours of that clock, and the presenter
view's timer has to show them. With --judge the script ends with 1 when descriptors, threads, processes or files do not come back to what
they were before the laps, or when the stage's memory has grown by more than --most MB. Linux only; Python and the program are all that
is needed, and a C compiler for --faster.
"""

import argparse
import json
import math
import os
import re
import shutil
import socket
import struct
import sys
import tempfile
import time
import urllib.request
import zlib

import faster
import report
from peer import CODE, contents, listing
from terminal import Terminal, feed, until

RIGHT, HOME, LEAVE_PANE = b"\x1b[C", b"\x1b[H", b"\x1b\x1b"
# What a blocking thread of the program waits for work before it ends, and more.
REST = 15.0
LINES = 20_000
# What a speaker of the built-in talk shows in an hour: 76 slides in 45 minutes. A lap takes a second or two, so that what grows with each
# slide shows sooner; what grows by the clock alone takes the hours that it takes, or --faster.
SLIDES_AN_HOUR = 76 / 45 * 60
FIRST = "SLIDE01X"
ROLES = ["stage", "keeper", "guard", "presenter view", "follower"]
COUNTS = ["processes", "descriptors", "threads", "files"]
CLOCK = "while true; do printf '\\r%s CLOCKRUNS' \"$(date +%T.%N)\"; sleep 0.05; done"


def picture(width, height):
    """A PNG of a slope from black to white."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(x * 255 // width for x in range(width)) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def demos():
    """What runs on slides, by name."""
    flood = f"i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo \"$i lines of a flood\"; done; echo FLOOD''ISOVER"
    return {
        "flood": {"command": ["sh", "-c", flood], "on": "enter"},
        "shell": {"command": ["sh", "-c", "PS1='SHELL''ASKS> ' exec sh -i"], "on": "enter", "focus": "always"},
        "clock": {"command": ["sh", "-c", CLOCK], "on": "enter"},
        "tape": {"command": ["true"], "on": "recording", "tape": "tape.cast"},
    }


def pane(name):
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in demos()[name].items()]
    return f"```pane\n{''.join(lines)}height: 10\n```"


def slides():
    """Each slide's body, and what shows of its demo once that does what it should."""
    table = "| a | b |\n|---|---|\n" + "".join(f"| {n} | {n * n} |\n" for n in range(8))
    return [
        ("opening words", None),
        (pane("flood"), "FLOODISOVER"),
        (pane("shell"), "SHELLASKS"),
        (pane("clock"), "CLOCKRUNS"),
        (pane("tape"), "TAPEPLAYED"),
        (f"```python\n{CODE['python'].format(n=7)}```", None),
        ("![a slope](slope.png)", None),
        (table, None),
        ("<!-- pause -->\nmore\n\n<!-- pause -->\nand more", None),
        ("closing words", None),
    ]


def deck(folder):
    """Writes it; the words of each step of the talk but the first, with its slide and what has to show besides."""
    parts, steps = [], []
    for n, (body, shows) in enumerate(slides(), 1):
        word = f"SLIDE{n:02}X"
        first, *pieces = body.split("<!-- pause -->")
        text = f"# A slide\n\n{word}\n\n<!-- speaker_note: NOTE{n:02}X -->\n\n{first}"
        steps.append((word, n, shows))
        for number, piece in enumerate(pieces):
            mark = f"STEP{number}X"
            text += f"\n\n<!-- pause -->\n\n{mark} {piece.strip()}"
            steps.append((mark, n, None))
        parts.append(text)
    tape = [json.dumps({"version": 3, "term": {"cols": 80, "rows": 10}})]
    tape += [json.dumps([0.02, "o", f"line {n} of a recording\r\n"]) for n in range(40)]
    tape.append(json.dumps([0.02, "o", "TAPEPLAYED"]))
    for name, text in {"deck.md": "\n\n---\n\n".join(parts), "tape.cast": "\n".join(tape) + "\n"}.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with open(os.path.join(folder, "slope.png"), "wb") as file:
        file.write(picture(320, 200))
    return steps[1:]


class Page:
    """What a browser holds open: it is told everything, and loads what the page names."""

    def __init__(self, address):
        self.address, self.told = address, 0
        self.socket = socket.create_connection(("127.0.0.1", address["port"]), 20)
        request = f"GET /s/{address['audience']}/events HTTP/1.1\r\nHost: 127.0.0.1:{address['port']}\r\n\r\n"
        self.socket.sendall(request.encode())
        self.socket.setblocking(False)

    def load(self):
        base = f"http://127.0.0.1:{self.address['port']}/s/{self.address['audience']}"
        with urllib.request.urlopen(base, timeout=20) as answer:
            text = answer.read().decode()
        for path in sorted(set(re.findall(r'(?:src|href)="(/[^"]+)"', text))):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.address['port']}{path}", timeout=20) as answer:
                answer.read()

    def read(self):
        data = self.socket.recv(1 << 18)
        if not data:
            sys.exit("a page was let go")
        self.told += len(data)

    def close(self):
        self.socket.close()


class Talk:
    """The stage, and everybody who follows it."""

    def __init__(self, program, folder, times=1):
        self.folder, folder_of_deck = folder, os.path.join(folder, "deck")
        self.places = [os.path.join(folder, name) for name in ("home", "state", "run", "tmp", "cache")]
        for place in [folder_of_deck, *self.places]:
            os.mkdir(place, 0o700)
        home, state, run, tmp, cache = self.places
        self.steps, path = deck(folder_of_deck), os.path.join(folder_of_deck, "deck.md")
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": home, "XDG_STATE_HOME": state, "TMPDIR": tmp,
                       "XDG_RUNTIME_DIR": run, "XDG_CACHE_HOME": cache, "TERM": "xterm-256color", "COLORTERM": "truecolor",
                       **faster.environment(times, folder)}
        self.stage = Terminal([program, "present", path, "--remote=127.0.0.1:0"], environment)
        self.all, self.pages = [self.stage], []
        self.until(lambda: self.stage.shows(FIRST), "opened")
        self.address = self.find_address()
        self.notes = Terminal([program, "notes", path], environment)
        url = f"http://127.0.0.1:{self.address['port']}/s/{self.address['audience']}"
        self.follower = Terminal([program, "follow", url], environment)
        self.all = [self.stage, self.notes, self.follower]
        self.pages = [Page(self.address)]
        self.until(lambda: self.follower.shows(FIRST), "followed")
        self.programs = {os.path.realpath(program), program}

    def find_address(self):
        found = []

        def there():
            names = [os.path.join(at, name) for place in self.places for at, _, names in os.walk(place) for name in names]
            found[:] = [name for name in names if name.endswith(".remote")]
            return found

        self.until(there, "said where its remote is")
        with open(found[0], encoding="utf-8") as file:
            return json.load(file)["address"]

    def others(self):
        return {page.socket: page.read for page in self.pages}

    def until(self, done, what):
        until(self.all, done, what, self.others())

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            feed(self.all, self.others(), min(left, 0.2))

    def lap(self, number):
        """Through every slide, and back to the first."""
        joins = Page(self.address)
        joins.load()
        self.pages.append(joins)
        told = [page.told for page in self.pages]
        for word, slide, shows in self.steps:
            self.stage.press(RIGHT)
            where = f"showed {word} in lap {number}"
            # The card comes a moment after the slide whose demo it asks for.
            self.until(lambda: self.asked() or (self.stage.shows(word) and self.stage.shows(shows or word)), where)
            if self.asked():
                self.agree()
            self.until(lambda: self.stage.shows(word) and self.follower.shows(word), where)
            self.until(lambda: self.notes.shows(f"NOTE{slide:02}X"), f"{where}, in the presenter view")
            if shows:
                self.until(lambda: self.stage.shows(shows) and self.follower.shows(shows), f"{where} with {shows}")
            if shows == "SHELLASKS":
                self.type(number)
        self.stage.press(HOME)
        self.until(lambda: self.stage.shows(FIRST) and self.follower.shows(FIRST), "came back to the first slide")
        self.until(lambda: not self.demos(), "ended its demos")
        self.until(lambda: all(page.told > before for page, before in zip(self.pages, told)), "told its pages")
        self.pages.remove(joins)
        joins.close()

    def asked(self):
        return self.stage.shows("Run these commands?")

    def agree(self):
        """Until the card is gone: its last row has to be shown first, and an answer counts once it has been there for a moment."""
        end = time.monotonic() + 30
        while self.asked() and time.monotonic() < end:
            for key in (b"\x1b[F", b"y"):
                self.stage.press(key)
                self.wait(0.7)

    def type(self, number):
        """A line in the shell, whose answer is not what was typed."""
        self.stage.press(f"echo $(({number} + 100000))Z\r".encode())
        self.until(lambda: self.stage.shows(f"{number + 100000}Z"), "answered in the shell")
        self.stage.press(LEAVE_PANE)
        # Two keys of one meaning, of which the second would be the slide's were it to come later.
        self.wait(0.3)

    def rest(self, counts=None):
        """Waits until the threads that wait for work have ended: until `counts` are there again, or nothing changes any more."""
        end, since, last = time.monotonic() + 6 * REST, time.monotonic(), None
        while time.monotonic() < end:
            now = {name: self.sample()[name] for name in COUNTS}
            if now == counts or (counts is None and now == last and time.monotonic() - since > REST):
                return now
            if now != last:
                last, since = now, time.monotonic()
            self.wait(0.5)
        return last

    def timer(self):
        """The seconds of the talk, as the presenter view shows them."""
        found = re.search(r"([\d:]+) gone", self.notes.screen.text())
        return sum(int(part) * 60 ** power for power, part in enumerate(reversed(found[1].split(":"))))

    def below(self, root):
        found, todo = [], [root]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in listing(f"/proc/{pid}/task"):
                todo += map(int, contents(f"/proc/{pid}/task/{task}/children").split())
        return found

    def ours(self, pid):
        try:
            return os.readlink(f"/proc/{pid}/exe") in self.programs
        except OSError:
            return False

    def roles(self):
        """The program's own processes, by what they do."""
        found = {role: [] for role in ROLES}
        for terminal, role in ((self.stage, "stage"), (self.notes, "presenter view"), (self.follower, "follower")):
            for pid in filter(self.ours, self.below(terminal.pid)):
                words = contents(f"/proc/{pid}/cmdline").split("\0")
                guard = len(words) > 1 and words[1].startswith("__")
                keeper = pid == terminal.pid and role == "stage"
                found["guard" if guard else "keeper" if keeper else role].append(pid)
        return found

    def demos(self):
        return [pid for pid in self.below(self.stage.pid) if not self.ours(pid)]

    def sample(self):
        roles = self.roles()
        memory = {role: [sum(part) for part in zip(*map(memory_of, pids))] or [0, 0] for role, pids in roles.items()}
        ours = [pid for pids in roles.values() for pid in pids]
        return {
            "anonymous": {role: both[0] for role, both in memory.items()},
            "share": {role: both[1] for role, both in memory.items()},
            "processes": len(ours) + len(self.demos()),
            "descriptors": sum(len(listing(f"/proc/{pid}/fd")) for pid in ours),
            "threads": sum(len(listing(f"/proc/{pid}/task")) for pid in ours),
            "files": sum(len(names) for place in self.places for _, _, names in os.walk(place)),
        }

    def end(self):
        """Leaves the talk by its keys; what lives on."""
        every = {pid for terminal in self.all for pid in self.below(terminal.pid)}
        for page in self.pages:
            page.close()
        self.pages = []
        for terminal in (self.follower, self.notes, self.stage):
            self.all = [terminal]
            terminal.press(b"qq")
            self.until(terminal.ended, f"ended: {terminal.name}")
            os.close(terminal.terminal)
        self.all = []
        end = time.monotonic() + 20
        while (left := [pid for pid in every if os.path.exists(f"/proc/{pid}")]) and time.monotonic() < end:
            time.sleep(0.05)
        return [contents(f"/proc/{pid}/cmdline").replace("\0", " ") for pid in left]


def memory_of(pid):
    """Kilobytes of anonymous memory, and of all that is this process's share."""
    text = contents(f"/proc/{pid}/smaps_rollup")
    return [sum(int(number) for number in re.findall(rf"^{name}:\s+(\d+)", text, re.MULTILINE)) for name in ("Anonymous", "Pss")]


def read(path):
    try:
        with open(path, encoding="utf-8") as log:
            return [json.loads(line) for line in log if line.endswith("\n")]
    except FileNotFoundError:
        return []


def run(options, laps):
    """One piece: a talk of so many minutes, or so many laps. What was wrong at its end."""
    piece = max((lap["piece"] for lap in laps), default=0) + 1
    folder = tempfile.mkdtemp(prefix="soak-")
    log = open(options.log, "a", encoding="utf-8") if options.log else None
    try:
        talk = Talk(os.path.abspath(options.program), folder, options.faster)
        for number in range(1, options.warm + 1):
            talk.lap(number)
        before = talk.rest() if options.judge else None
        began, shown, number, first = time.monotonic(), talk.timer(), options.warm, None
        while (time.monotonic() - began < options.minutes * 60 and not options.laps) or number - options.warm < options.laps:
            number += 1
            talk.lap(number)
            lap = {"piece": piece, "lap": number, "at": round((time.monotonic() - began) * options.faster, 1), "faster": options.faster,
                   "timer": talk.timer() - shown, "date": report.today(), "machine": report.machine(), **talk.sample()}
            first = first or lap
            laps.append(lap)
            if log:
                log.write(json.dumps(lap) + "\n")
                log.flush()
            if options.watch:
                print(f"{lap['at']:7.0f} s  lap {number:5}  {lap['anonymous']}  " +
                      "  ".join(f"{name} {lap[name]}" for name in COUNTS), file=sys.stderr, flush=True)
        wrong = []
        if options.judge:
            after = talk.rest(before)
            wrong += [f"{name}: {before[name]} before, {after[name]} after" for name in COUNTS if before[name] != after[name]]
            grown = (laps[-1]["anonymous"]["stage"] - first["anonymous"]["stage"]) / 1000
            print(f"{number - options.warm} laps in {laps[-1]['at']:.0f} s; at rest {after}; the stage has grown by {grown:.1f} MB")
            wrong += [f"the stage has grown by {grown:.1f} MB in {number - options.warm} laps"] if grown > options.most else []
        apart = abs(laps[-1]["timer"] - laps[-1]["at"])
        if apart > 2 * options.faster + laps[-1]["at"] / 100:
            wrong.append(f"the presenter view's timer is {apart:.0f} s apart from {laps[-1]['at']:.0f} s")
        return wrong + [f"left behind: {line}" for line in talk.end()]
    finally:
        if log:
            log.close()
        shutil.rmtree(folder, ignore_errors=True)


# Two-sided 95 % points of Student's t, by degrees of freedom.
STUDENT = {1: 12.71, 2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31, 9: 2.26, 10: 2.23, 12: 2.18, 15: 2.13, 20: 2.09,
           30: 2.04, 60: 2.00}


def student(degrees):
    return STUDENT[max(known for known in STUDENT if known <= degrees)]


def slope(laps, value, blocks=12):
    """What `value` grows by in an hour, and its 95 % interval: pieces have levels of their own, and since a lap is much like the
    one before it, means of a twelfth of a piece are what is looked at. The first of them warms up."""
    points, pieces = [], sorted({lap["piece"] for lap in laps})
    for piece in pieces:
        ours = [(lap["at"] / 3600, value(lap)) for lap in laps if lap["piece"] == piece]
        means = []
        for n in range(1, blocks):
            block = ours[len(ours) * n // blocks:len(ours) * (n + 1) // blocks]
            if block:
                means.append([sum(column) / len(block) for column in zip(*block)])
        middle = [sum(column) / len(means) for column in zip(*means)] if means else [0, 0]
        points += [(at - middle[0], found - middle[1]) for at, found in means]
    spread = sum(at * at for at, _ in points)
    degrees = len(points) - len(pieces) - 1
    if not spread or degrees < 1:
        return math.nan, math.nan, math.nan
    rises = sum(at * found for at, found in points) / spread
    rest = sum((found - rises * at) ** 2 for at, found in points)
    half = student(degrees) * math.sqrt(rest / degrees / spread)
    return rises, rises - half, rises + half


def rows(laps):
    """What is drawn: a name, a unit, and how a lap says it."""
    found = [(role, "MB", lambda lap, role=role: lap["anonymous"][role] / 1000) for role in ROLES if any(lap["anonymous"][role] for lap in laps)]
    return found + [(name, "", lambda lap, name=name: lap[name]) for name in COUNTS]


def table(laps):
    pieces = sorted({lap["piece"] for lap in laps})
    hours = sum(max(lap["at"] for lap in laps if lap["piece"] == piece) for piece in pieces) / 3600
    days = sorted({lap["date"] for lap in laps})
    shown = len(laps) * len(slides())
    fast = sorted({lap.get("faster", 1) for lap in laps} - {1})
    how = f" of a clock that went {' or '.join(map(str, fast))} times as fast" if fast else ""
    lines = [f"{len(laps):,} laps in {hours:.1f} hours{how}, in {len(pieces)} {'piece' if len(pieces) == 1 else 'pieces'}; "
             f"{' to '.join(dict.fromkeys((days[0], days[-1])))}, {laps[-1]['machine']}. That is {shown:,} slides, which a speaker of the "
             f"built-in talk shows in {shown / SLIDES_AN_HOUR:.0f} hours.", "",
             "| at the end of a lap | least | most | grows in an hour, with its 95 % interval |", "|---|---|---|---|"]
    for name, unit, value in rows(laps):
        found = [value(lap) for lap in laps]
        rises, low, high = (round(figure, 3) + 0.0 for figure in slope(laps, value))
        digits = 2 if unit else 0
        name = f"memory of the {name}" if unit else name
        lines.append(f"| {name} | {min(found):.{digits}f} {unit} | {max(found):.{digits}f} {unit} | "
                     f"{rises:+.3f} {unit} [{low:+.3f}, {high:+.3f}] |".replace("  ", " "))
    return "\n".join(lines)


def chart(laps):
    """An SVG with a curve for each row, over the hours of all pieces."""
    width, height, left, top = 760, 74, 180, 24
    starts, hours = {}, 0
    for piece in sorted({lap["piece"] for lap in laps}):
        starts[piece] = hours
        hours += max(lap["at"] for lap in laps if lap["piece"] == piece) / 3600
    hours = hours or 1
    all_rows = rows(laps)
    total = top + len(all_rows) * height + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + left + 70} {total}" font-family="sans-serif" font-size="12">',
             f"<title>A talk of {hours:.1f} hours</title>", f'<rect width="{width + left + 70}" height="{total}" fill="#fff"/>']
    for number, (name, unit, value) in enumerate(all_rows):
        y, room = top + number * height, height - 26
        most = max(value(lap) for lap in laps) or 1
        parts.append(f'<text x="{left - 10}" y="{y + room / 2 + 4}" text-anchor="end">{name}{" (memory)" if unit else ""}</text>')
        parts.append(f'<text x="{left + width + 8}" y="{y + 10}" fill="#555">{most:.1f} {unit}</text>' if unit else
                     f'<text x="{left + width + 8}" y="{y + 10}" fill="#555">{most}</text>')
        parts.append(f'<text x="{left + width + 8}" y="{y + room}" fill="#555">0</text>')
        parts.append(f'<path d="M{left} {y + room}h{width}" stroke="#ccc"/>')
        for piece, start in starts.items():
            ours = [lap for lap in laps if lap["piece"] == piece]
            # No more points than a screen shows.
            points = [f"{left + (start + lap['at'] / 3600) / hours * width:.1f},{y + room - value(lap) / most * room:.1f}"
                      for lap in ours[::max(1, len(ours) // 400)]]
            parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#1f5fbf" stroke-width="1.5"/>')
    for piece, start in starts.items():
        x = left + start / hours * width
        parts.append(f'<path d="M{x:.1f} {top - 10}V{total - 28}" stroke="#ddd" stroke-dasharray="3 3"/>')
    for tick in range(5):
        x = left + width * tick / 4
        parts.append(f'<text x="{x}" y="{total - 10}" text-anchor="middle" fill="#555">{hours * tick / 4:.2g} h</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", help="the executable to try; the log is only read without it")
    parser.add_argument("--minutes", type=float, default=120, help="how long this piece is (default: %(default)s)")
    parser.add_argument("--faster", type=int, default=1, help="how many times as fast the clock of the talk goes (default: %(default)s)")
    parser.add_argument("--laps", type=int, default=0, help="so many laps in place of minutes")
    parser.add_argument("--warm", type=int, default=2, help="laps before the first that counts (default: %(default)s)")
    parser.add_argument("--log", help="a file for each lap; an existing one is gone on with")
    parser.add_argument("--judge", action="store_true", help="end with 1 when something has grown")
    parser.add_argument("--most", type=float, default=3.0, help="MB that the stage may grow by (default: %(default)s)")
    parser.add_argument("--watch", action="store_true", help="say each lap")
    parser.add_argument("--chart", help="a file for the chart")
    parser.add_argument("--write", action="store_true", help="put chart and table into the book")
    options = parser.parse_args()
    laps = read(options.log) if options.log else []
    wrong = run(options, laps) if options.program else []
    if not laps:
        parser.error("there is neither a program nor a log with laps")
    print(table(laps))
    if options.chart or options.write:
        path = options.chart or report.ROOT / "docs/src/explanation/soak.svg"
        with open(path, "w", encoding="utf-8") as file:
            file.write(chart(laps))
    if options.write:
        picture_line = "![Memory, descriptors, threads, processes and files, lap by lap](soak.svg)"
        report.write("docs/src/explanation/proof.md", "soak", f"{table(laps)}\n\n{picture_line}")
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
