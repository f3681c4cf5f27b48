#!/usr/bin/env python3
"""Measures two terminal slide programs against each other, on the same decks, in the same run.

    benches/peer.py presenterm target/dist/greenroom

Each argument is a command line; `{deck}` in it stands for the deck's path, which is otherwise appended. Both
programs must read slides separated by `<!-- end_slide -->`, step with the arrow keys, and leave with `q`.
Only ratios mean something on a busy machine; the programs take turns for that reason. Linux only: the figures
come from the process CPU clock and from /proc.
"""

import argparse
import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

from screen import Screen

COLUMNS, ROWS = 140, 40
RIGHT, LEFT = b"\x1b[C", b"\x1b[D"
# Output has paused for so long that what was received is worth looking at.
QUIET = 0.025
# How a terminal answers the queries that every terminal answers; see --silent.
ANSWERS = [
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
]

CODE = {
    "python": """\
from dataclasses import dataclass, field

@dataclass(frozen=True)
class Order{n}:
    '''One order of customer {n}.'''
    lines: list[tuple[str, int]] = field(default_factory=list)

    def total(self, tax: float = 0.{n:04}) -> float:
        subtotal = sum(price for _, price in self.lines)
        return round(subtotal * (1 + tax), 2)  # cents

async def collect_{n}(queue, limit={n}):
    while (item := await queue.get()) is not None:
        yield f"{{item!r}} of {{limit}}"
""",
    "rust": """\
use std::collections::HashMap;

/// Counts words, case {n}.
pub fn count_{n}(text: &str) -> HashMap<&str, usize> {{
    let mut words = HashMap::with_capacity({n});
    for word in text.split_whitespace().filter(|w| w.len() > {n} % 7) {{
        *words.entry(word).or_insert(0) += 1;
    }}
    match words.len() {{
        0 => HashMap::new(),
        _ => words, // everything
    }}
}}
""",
    "sql": """\
-- Report {n}
WITH recent AS (
    SELECT customer_id, SUM(total) AS spent, COUNT(*) AS orders
    FROM orders
    WHERE created_at > NOW() - INTERVAL '{n} days'
    GROUP BY customer_id
    HAVING COUNT(*) > {n}
)
SELECT c.name, r.spent, r.orders
FROM recent AS r
JOIN customers AS c ON c.id = r.customer_id
ORDER BY r.spent DESC
LIMIT {n};
""",
    "bash": """\
#!/usr/bin/env bash
set -euo pipefail
target="${{1:-build{n}}}"
for file in "$target"/*.log; do
    if [[ -s "$file" ]]; then
        lines=$(wc -l < "$file")
        printf '%s: %d of {n}\\n' "$file" "$lines"
    else
        rm -f -- "$file"  # empty
    fi
done | sort -k2 -n | tail -n {n}
""",
}


def deck(slides):
    """`slides` slides, two of three with a code block; no two blocks are alike. 60 have 40, 1,000 have 667."""
    parts = []
    languages = list(CODE)
    for n in range(1, slides + 1):
        body = f"Slide {n}\n===\n\nSome **bold** words, `some code`, and *emphasis* on slide {n}.\n\n"
        if n % 3:
            language = languages[n % len(languages)]
            body += f"```{language}\n{CODE[language].format(n=n)}```\n\n"
        else:
            body += "".join(f"* point {point} of slide {n}, in a few words more\n" for point in range(1, 7)) + "\n"
        parts.append(body + f"{mark(n)}\n")
    return "\n<!-- end_slide -->\n\n".join(parts)


def mark(n):
    """The last word of slide `n`: one word, so that no program breaks it."""
    return f"MARK{n:04}END"


class Stuck(Exception):
    """A program did not show what was waited for."""


class Program:
    """A slide program in a terminal of its own."""

    def __init__(self, command, path, home, silent, timeout):
        self.silent, self.timeout = silent, timeout
        self.screen = Screen(COLUMNS, ROWS)
        self.bytes = 0
        self.unanswered = b""
        parts = shlex.split(command)
        whole = [part.replace("{deck}", path) for part in parts]
        arguments = whole if whole != parts else [*parts, path]
        self.name = os.path.basename(arguments[0])
        environment = {key: os.environ[key] for key in ("PATH",) if key in os.environ}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": home}
        self.started = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
                os.execvpe(arguments[0], arguments, environment)
            except OSError as error:
                print(f"{arguments[0]}: {error}")
            os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends it: by its own key (twice: a talk that is on asks), then by a signal, then by the one that cannot be refused."""
        ended = False
        for end in (lambda: self.write(b"qq"), lambda: self.kill(signal.SIGTERM), lambda: self.kill(signal.SIGKILL)):
            if not ended:
                end()
                ended = self.wait_for_end(2)
        os.close(self.terminal)

    def kill(self, number):
        for pid in self.tree():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def wait_for_end(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read(0.01)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
        return False

    def write(self, data):
        try:
            os.write(self.terminal, data)
        except OSError:
            pass

    def read(self, seconds):
        """What it writes within `seconds`; nothing when it is quiet, or has ended."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            time.sleep(min(seconds, 0.01))  # It has ended; select would return at once for ever.
            return b""
        self.bytes += len(data)
        if not self.silent:
            self.answer(data)
        return data

    def answer(self, data):
        self.unanswered += data
        end = 0
        for query, answer in ANSWERS:
            for match in query.finditer(self.unanswered):
                self.write(answer)
                end = max(end, match.end())
        # A query may be split over two reads; none is longer than four bytes.
        self.unanswered = self.unanswered[end:][-3:]

    def wait_for(self, words):
        """Reads until one of `words` shows. The moment, and the CPU time used by then."""
        deadline = time.monotonic() + self.timeout
        while time.monotonic() < deadline:
            chunks = []
            while len(chunks) < 500 and (data := self.read(QUIET)):
                # Stamped before anything is made of it: this script is slower than what it measures.
                chunks.append((time.monotonic(), self.cpu(), data))
            for moment, cpu, data in chunks:
                self.screen.feed(data)
                text = self.screen.text()
                if any(word in text for word in words):
                    self.feed_rest(chunks, moment)
                    return moment, cpu
        shown = "\n".join(line.rstrip() for line in self.screen.text().split("\n") if line.strip())
        raise Stuck(f"{self.name}: no {' or '.join(words)} within {self.timeout} s; it shows:\n{shown}")

    def feed_rest(self, chunks, moment):
        for later, _, data in chunks:
            if later > moment:
                self.screen.feed(data)

    def settle(self):
        """Reads until nothing is written and next to no CPU is used; it may be working in the background."""
        deadline = time.monotonic() + self.timeout
        before = self.cpu()
        while time.monotonic() < deadline:
            data = self.read(0.25)
            while data:
                self.screen.feed(data)
                data = self.read(QUIET)
            if (now := self.cpu()) - before < 0.003:
                return now
            before = now
        return before

    def tree(self):
        """The program's process and its descendants, children first."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in listing(f"/proc/{pid}/task"):
                todo += map(int, contents(f"/proc/{pid}/task/{task}/children").split())
        return found[::-1]

    def cpu(self):
        """Seconds of CPU used by the tree, ended threads and children that were waited for included."""
        total = 0.0
        for pid in self.tree():
            try:
                # The clock that clock_getcpuclockid(3) would give: finer than the ticks in /proc.
                total += time.clock_gettime((~pid << 3) | 2)
            except OSError:
                continue
            fields = contents(f"/proc/{pid}/stat").rpartition(")")[2].split()
            total += sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
        return total

    def resident(self):
        """Bytes of resident memory of the tree; a page that two of its processes share is counted twice."""
        sizes = (contents(f"/proc/{pid}/statm").split() for pid in self.tree())
        return sum(int(size[1]) for size in sizes if size) * os.sysconf("SC_PAGE_SIZE")

    def proportional(self):
        """The same with each page divided among the processes that share it (PSS)."""
        sizes = (re.search(r"^Pss:\s*(\d+) kB", contents(f"/proc/{pid}/smaps_rollup"), re.MULTILINE) for pid in self.tree())
        return sum(int(size[1]) for size in sizes if size) * 1024

    def wakeups(self):
        """How often any of its threads has gone to sleep of its own accord, so far."""
        total = 0
        for pid in self.tree():
            for task in listing(f"/proc/{pid}/task"):
                status = contents(f"/proc/{pid}/task/{task}/status")
                found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE)
                total += int(found[1]) if found else 0
        return total


def contents(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def listing(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def measure_start(program, title):
    """From nothing to the first slide, or to a title slide made from the file's name."""
    moment, cpu = program.wait_for([mark(1), title])
    result = {
        "cpu": cpu * 1000,
        "wall": (moment - program.started) * 1000,
        "settled": program.settle() * 1000,
        "rss": program.resident() / 1e6,
    }
    if mark(1) not in program.screen.text():
        # A title slide has no code. What the first slide with code needs is to be known as well.
        program.write(RIGHT)
        _, cpu = program.wait_for([mark(1)])
    return result | {"code": cpu * 1000}


def step(program, key, word):
    """One slide on, or back: a slide of the program's own may lie between. Latency in ms, and keys pressed."""
    for keys in range(1, 4):
        sent = time.monotonic()
        program.write(key)
        try:
            moment, _ = program.wait_for([word])
        except Stuck:
            if keys == 3:
                raise
            continue
        return (moment - sent) * 1000, keys
    raise AssertionError("unreachable")


def measure_visit(program, title, slides, idle):
    """Every slide forwards, then backwards; then nothing, for `idle` seconds."""
    program.wait_for([mark(1), title])
    program.settle()
    patience, program.timeout = program.timeout, 2
    if mark(1) not in program.screen.text():
        step(program, RIGHT, mark(1))
        program.settle()
    cpu, written, latencies, keys = program.cpu(), program.bytes, [], 0
    again = 0.0
    for key, order in ((RIGHT, range(2, slides + 1)), (LEFT, range(slides - 1, 0, -1))):
        began, before = program.settle(), keys
        for n in order:
            latency, pressed = step(program, key, mark(n))
            latencies.append(latency)
            keys += pressed
        again = (program.settle() - began) * 1000 / (keys - before)
    program.timeout = patience
    settled, written = program.cpu(), program.bytes - written
    result = {
        "key_cpu": (settled - cpu) * 1000 / keys,
        "again_cpu": again,
        "change_bytes": written / len(latencies),
        "latency": statistics.median(latencies),
        "rss": program.resident() / 1e6,
        "pss": program.proportional() / 1e6,
    }
    before, began, cpu = program.wakeups(), time.monotonic(), program.cpu()
    while (left := began + idle - time.monotonic()) > 0:
        program.read(left)
    took = time.monotonic() - began
    result["idle_wakeups"] = (program.wakeups() - before) / took
    result["idle_cpu"] = (program.cpu() - cpu) * 100 / took
    return result


# Key, what it is, unit, and the most that the second program may need: a ratio, or ("at most", figure).
ROWS_OF_TABLE = [
    ("small.cpu", "60 slides: CPU to first frame", "ms", 0.5),
    ("small.wall", "60 slides: time to first frame", "ms", None),
    ("small.settled", "60 slides: CPU until settled", "ms", None),
    ("small.code", "60 slides: CPU until the first code shows", "ms", None),
    ("large.cpu", "1,000 slides: CPU to first frame", "ms", 0.1),
    ("large.wall", "1,000 slides: time to first frame", "ms", None),
    ("large.settled", "1,000 slides: CPU until settled", "ms", None),
    ("large.code", "1,000 slides: CPU until the first code shows", "ms", None),
    ("large.rss", "1,000 slides: RSS at the first slide", "MB", None),
    ("visit.change_bytes", "bytes per slide change", "", 0.5),
    ("visit.key_cpu", "CPU per key", "ms", 1.0),
    ("visit.again_cpu", "CPU per key, second visit alone", "ms", None),
    ("visit.latency", "key to frame, median", "ms", None),
    ("visit.rss", "RSS after every slide, summed over processes", "MB", 1.5),
    ("visit.pss", "memory after every slide, shared pages counted once (PSS)", "MB", 1.5),
    ("visit.idle_wakeups", "idle: wake-ups per second", "", ("at most", 0.0)),
    ("visit.idle_cpu", "idle: CPU", "%", None),
]


def table(results, names):
    """Rows of the comparison; `met` is None where no goal is set."""
    rows = []
    for key, what, unit, goal in ROWS_OF_TABLE:
        peer, ours = (median(results[side], key) for side in (0, 1))
        ratio = ours / peer if peer and ours is not None else None
        met = None
        if isinstance(goal, tuple) and ours is not None:
            met = ours <= goal[1]
        elif goal is not None and ratio is not None:
            met = ratio <= goal
        rows.append({"key": key, "what": what, "unit": unit, names[0]: peer, names[1]: ours, "ratio": ratio,
                     "goal": goal, "met": met})
    return rows


def median(samples, key):
    group, field = key.split(".")
    values = [sample[field] for sample in samples[group]]
    return statistics.median(values) if values else None


def print_table(rows, names):
    def number(value, unit=""):
        return "—" if value is None else f"{value:,.{0 if value >= 1000 else 2}f} {unit}".rstrip()

    print(f"| {COLUMNS}×{ROWS}, medians | {names[0]} | {names[1]} | ratio | goal | |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        goal = row["goal"]
        goal = "" if goal is None else f"≤ {goal[1]:g} itself" if isinstance(goal, tuple) else f"≤ {goal:g}"
        verdict = {None: "", True: "met", False: "MISSED"}[row["met"]]
        cells = [row["what"], number(row[names[0]], row["unit"]), number(row[names[1]], row["unit"]),
                 number(row["ratio"]), goal, verdict]
        print("| " + " | ".join(cells) + " |")


def turns(rounds):
    """Which of the two goes next: 0 1 1 0 0 1 …, so that a drift of the machine hits both alike."""
    for number in range(rounds):
        yield from ((0, 1) if number % 2 == 0 else (1, 0))


def run(options, folder, home):
    decks = {"small": 60, "large": 1000}
    paths = {}
    for name, slides in decks.items():
        paths[name] = os.path.join(folder, name, f"Peerdeck{slides}.md")
        os.mkdir(os.path.dirname(paths[name]))
        with open(paths[name], "w", encoding="utf-8") as file:
            file.write(deck(slides))
    results = [{"small": [], "large": [], "visit": []} for _ in options.programs]

    def one(side, group, action):
        path = paths["large" if group == "large" else "small"]
        title = os.path.splitext(os.path.basename(path))[0]
        print(f"  {options.programs[side]}: {group}", file=sys.stderr)
        with Program(options.programs[side], path, home, options.silent, options.timeout) as program:
            results[side][group].append(action(program, title))

    for side in (0, 1):  # Into the page cache; not counted.
        one(side, "small", measure_start)
        results[side]["small"].clear()
    for group in decks:
        for side in turns(options.starts):
            one(side, group, measure_start)
    for side in turns(options.visits):
        one(side, "visit", lambda program, title: measure_visit(program, title, decks["small"], options.idle))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs=2, metavar="COMMAND", help="the peer's command line, then ours")
    parser.add_argument("--json", action="store_true", help="print every sample and the table as JSON")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    parser.add_argument("--silent", action="store_true", help="answer no query, as the dumbest terminal")
    parser.add_argument("--starts", type=int, default=5, help="starts of each program with each deck")
    parser.add_argument("--visits", type=int, default=2, help="walks through the small deck")
    parser.add_argument("--idle", type=float, default=5, help="seconds of doing nothing")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for a slide")
    options = parser.parse_args()
    names = [os.path.basename(shlex.split(command)[0]) for command in options.programs]
    if names[0] == names[1]:
        names = [f"{names[0]} 1", f"{names[1]} 2"]
    with tempfile.TemporaryDirectory() as folder:
        # Apart from the decks: a program that watches a deck's folder must not see what it keeps about itself.
        home = os.path.join(folder, "home")
        os.mkdir(home)
        try:
            results = run(options, folder, home)
        except Stuck as stuck:
            sys.exit(str(stuck))
    rows = table(results, names)
    if options.json:
        print(json.dumps({"programs": options.programs, "silent": options.silent, "table": rows,
                          "samples": dict(zip(names, results))}, indent=1))
    else:
        print_table(rows, names)
    if options.strict and any(row["met"] is False for row in rows):
        sys.exit("a goal was missed")


if __name__ == "__main__":
    main()
