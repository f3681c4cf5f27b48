"""What the views do, apart from HTTP: the sync and the async views share it."""

import os
import subprocess
import threading
import time

from django.conf import settings

WIDTH, HEIGHT, DEPTH = 64, 40, 60
SHADES = " .:-=+*#%@"
DARKEST = len(SHADES) - 1
ADDITIONS = 20_000


def mandelbrot() -> str:
    """A picture of 40 rows: a few milliseconds of Python that share nothing and never wait."""
    rows = [row(y) for y in range(HEIGHT)]
    for y in EXTRA_ROWS:
        row(y)
    return "\n".join(rows)


def row(y: int) -> str:
    # Nothing here may be shared between threads, or it would measure the sharing. A literal like 4.0 is an object that all
    # threads share, and using it in a loop writes to its reference count; a local name is only borrowed. With the
    # literals in the loop, two threads without the GIL do 1.4 times the work of one, with the names 1.9 times.
    two, three, four, left = 2.0, 3.0, 4.0, 2.2
    line = ""
    imaginary = 2.4 * (y + 0.5) / HEIGHT - 1.2
    for x in range(WIDTH):
        real = three * x / WIDTH - left
        r = i = 0.0
        steps = 0
        while steps < DEPTH and r * r + i * i < four:
            r, i = r * r - i * i + real, two * r * i + imaginary
            steps += 1
        line += SHADES[steps * DARKEST // DEPTH]
    return line


def extra_rows(slowdown: float) -> list[int]:
    """The rows that are computed once more, for a known slowdown and the same answer.

    Rows differ in work. Beginning a quarter into each stretch, four rows of forty cost 10.1 % of the picture.
    """
    count = round(HEIGHT * (slowdown - 1))
    return [int((n + 0.25) * HEIGHT / count) % HEIGHT for n in range(count)]


EXTRA_ROWS = extra_rows(settings.SLOWDOWN)


def catalogue(rows: int) -> list[dict]:
    """Rows as a report has them, made anew for each request: nothing is shared, no database is asked."""
    return [
        {
            "id": n,
            "title": f"Book {n}",
            "author": f"Author {n % 50}",
            "price": (500 + n * 37 % 4_000) / 100,
            "rating": (n * 7 % 50) / 10,
        }
        for n in range(1, rows + 1)
    ]


shared = {"n": 0}


def count_hot() -> int:
    """Every thread writes to one dict, and waits for the others to let go of it. Updates get lost, too."""
    for _ in range(ADDITIONS):
        shared["n"] += 1
    return ADDITIONS


def count_cold() -> int:
    """The same loop on a dict of its own."""
    private = {"n": 0}
    for _ in range(ADDITIONS):
        private["n"] += 1
    return ADDITIONS


class Once:
    """Says yes to one caller only, some time after it was asked first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.first: float | None = None
        self.done = False

    def due(self, after: float) -> bool:
        with self.lock:
            now = time.monotonic()
            self.first = self.first or now
            if self.done or now - self.first < after:
                return False
            self.done = True
            return True


def switch_gil_on() -> None:
    """lxml has a free-threaded wheel, and has not declared that it can do without the GIL."""
    from lxml import etree

    etree.fromstring("<hello/>")


def freeze(seconds: float) -> None:
    """Stops this process, all threads at once, as a slow disk might. A child wakes it up."""
    pid = os.getpid()
    subprocess.run(["sh", "-c", f"kill -STOP {pid}; sleep {seconds}; kill -CONT {pid}"], check=True)
