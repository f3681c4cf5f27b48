#!/usr/bin/env python3
"""Measures a stage that a room follows: what a key, the processor and the memory cost while pages are told everything.

    benches/followers.py target/dist/greenroom [--followers 500] [--moves 60]

The stage runs on a terminal of its own; the pages are connections on loopback, read by this process, whose processor time is not
counted. They are sent what browsers are: packed. A key goes to the stage; the clock stops when its screen shows the slide, and again when
the last page has been told. Bounded in time: a minute or so. Linux.
"""

import argparse
import fcntl
import json
import os
import pty
import re
import select
import selectors
import shutil
import signal
import socket
import statistics
import struct
import sys
import tempfile
import termios
import time
import zlib

from screen import Screen

COLUMNS, ROWS = 120, 35
PATIENCE = 30.0
RIGHT = b"\x1b[C"


class Stage:
    """The stage on a terminal, and what that shows."""

    def __init__(self, command, environment):
        self.screen = Screen(COLUMNS, ROWS)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def processes(self):
        """The keeper, and the process that does the work."""
        children = f"/proc/{self.pid}/task/{self.pid}/children"
        return [self.pid, *map(int, open(children).read().split())]

    def cpu(self):
        ticks = 0
        for pid in self.processes():
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self):
        pages = sum(int(open(f"/proc/{pid}/statm").read().split()[1]) for pid in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def feed(self):
        self.screen.feed(os.read(self.terminal, 65536))


class Pieces:
    """What pieces of a packed stream say. All pages are sent the same ones: each is unpacked once."""

    END = b"\x00\x00\xff\xff"

    def __init__(self):
        self.slides = {}

    def read(self, stream):
        """The slide that the last whole piece tells, if any does, and what is left of the stream."""
        slide = None
        begin = at = 0
        while (at := stream.find(self.END, at)) >= 0:
            at += len(self.END)
            piece = stream[begin:at]
            if piece not in self.slides:
                told = self.slide(piece)
                if told is None:
                    # These four bytes were some of its own.
                    continue
                self.slides[piece] = told
            if self.slides[piece] >= 0:
                slide = self.slides[piece]
            begin = at
        return slide, stream[begin:]

    @staticmethod
    def slide(piece):
        """-1 for a piece that tells of none; None for half a piece."""
        try:
            text = zlib.decompress(piece + b"\x03\x00", -15)
        except zlib.error:
            return None
        if not text.endswith(b"\n\n"):
            return None
        found = re.search(rb'"slide":(\d+)', text)
        return int(found[1]) if found else -1


class Room:
    """Pages that follow."""

    def __init__(self, host, path, count):
        self.poll, self.bytes, self.slides, self.pieces = selectors.DefaultSelector(), 0, {}, Pieces()
        for _ in range(count):
            page = socket.create_connection(host)
            head = f"GET {path}/events HTTP/1.1\r\nHost: {host[0]}:{host[1]}\r\nAccept-Encoding: gzip\r\n\r\n"
            page.sendall(head.encode())
            page.setblocking(False)
            self.poll.register(page, selectors.EVENT_READ, Page())
            self.slides[page] = -1

    def read(self, seconds):
        for key, _ in self.poll.select(seconds):
            try:
                data = key.fileobj.recv(1 << 18)
            except BlockingIOError:
                continue
            if not data:
                sys.exit("a page was let go")
            self.bytes += len(data)
            slide = key.data.take(data, self.pieces)
            if slide is not None:
                self.slides[key.fileobj] = slide

    def told(self, slide):
        return all(at == slide for at in self.slides.values())


class Page:
    """One of them: the head of its answer, chunks, and the pieces in these."""

    # How a packed stream begins.
    HEAD = 10

    def __init__(self):
        self.raw, self.stream, self.begun, self.unpacks = b"", b"", False, False

    def take(self, data, pieces):
        self.raw += data
        if not self.begun:
            end = self.raw.find(b"\r\n\r\n")
            if end < 0:
                return None
            if b"200 OK" not in self.raw or b"gzip" not in self.raw:
                sys.exit(f"a page is not served: {self.raw[:300]}")
            self.raw, self.begun = self.raw[end + 4 :], True
        while True:
            line = self.raw.find(b"\r\n")
            size = int(self.raw[:line], 16) if line > 0 else 0
            end = line + 2 + size
            if line < 0 or len(self.raw) < end + 2:
                break
            self.stream += self.raw[line + 2 : end]
            self.raw = self.raw[end + 2 :]
        if not self.unpacks and len(self.stream) >= self.HEAD:
            self.stream, self.unpacks = self.stream[self.HEAD :], True
        if not self.unpacks:
            return None
        slide, self.stream = pieces.read(self.stream)
        return slide


def until(stage, room, done, what):
    end = time.perf_counter() + PATIENCE
    while not done():
        if select.select([stage.terminal], [], [], 0)[0]:
            stage.feed()
            continue
        room.read(0.002)
        if time.perf_counter() > end:
            sys.exit(f"never {what}\n{stage.screen.text()}")


def address(folder):
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        for at, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".remote"):
                    return json.load(open(os.path.join(at, name)))["address"]
        time.sleep(0.02)
    sys.exit("no remote")


def line(times):
    return f"{statistics.median(times) * 1000:.1f} ms | {max(times) * 1000:.1f} ms"


def measure(options, count, folder):
    deck = os.path.join(folder, "deck.md")
    body = "\n".join(f"- a line of words, number {row}" for row in range(12))
    slides = [f"# Slide {n}\n\nword{n:03}\n\n{body}" for n in range(options.moves + 1)]
    with open(deck, "w") as file:
        file.write("\n\n---\n\n".join(slides))
    keep = os.path.join(folder, f"state{count}")
    environment = {**os.environ, "HOME": keep, "XDG_STATE_HOME": keep, "XDG_RUNTIME_DIR": keep, "TERM": "xterm-256color"}
    os.makedirs(keep)
    stage = Stage([os.path.abspath(options.program), deck, "--remote=127.0.0.1:0"], environment)
    room = Room(("", 0), "", 0)
    until(stage, room, lambda: "word000" in stage.screen.text(), "opened")
    there = address(keep)
    began = time.perf_counter()
    room = Room(("127.0.0.1", there["port"]), f"/s/{there['audience']}", count)
    until(stage, room, lambda: room.told(0), "joined")
    joined, sent = time.perf_counter() - began, room.bytes
    shown, told, cpu, since = [], [], stage.cpu(), time.perf_counter()
    for slide in range(1, options.moves + 1):
        began = time.perf_counter()
        os.write(stage.terminal, RIGHT)
        until(stage, room, lambda: f"word{slide:03}" in stage.screen.text(), "shown")
        shown.append(time.perf_counter() - began)
        until(stage, room, lambda: room.told(slide), "told")
        told.append(time.perf_counter() - began)
    seconds, used = time.perf_counter() - since, stage.cpu() - cpu
    kept, before = stage.memory(), room.bytes
    idle = time.perf_counter() + 5
    quiet = stage.cpu()
    while time.perf_counter() < idle:
        room.read(0.1)
    quiet = (stage.cpu() - quiet) / 5
    each = (before - sent) / max(1, count) / options.moves / 1000
    print(
        f"| {count} | {joined:.2f} s | {line(shown)} | {line(told) if count else '– | –'} | {used / options.moves * 1000:.1f} ms "
        f"| {kept:.0f} MB | {each:.1f} kB | {quiet * 100:.1f} % |"
    )
    for pid in reversed(stage.processes()):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(stage.pid, 0)
    os.close(stage.terminal)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--followers", type=int, nargs="*", default=[0, 50, 500])
    parser.add_argument("--moves", type=int, default=60)
    options = parser.parse_args()
    print(
        f"| followers | all have joined | key to frame, median | worst of {options.moves} | all are told, median | worst of {options.moves} "
        "| processor for a move | memory | sent to each for a move | processor at rest |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    folder = tempfile.mkdtemp()
    for count in options.followers:
        measure(options, count, folder)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
