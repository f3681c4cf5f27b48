"""A program on a terminal of its own, and what that shows: for scripts that press keys and wait for words."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

from screen import Screen

PATIENCE = 60.0


class Terminal:
    """A program on a terminal, and what that shows."""

    def __init__(self, command, environment, columns=120, rows=35):
        self.name, self.screen, self.read_at = os.path.basename(command[0]), Screen(columns, rows), 0.0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            # The size is that of the window before the program looks.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execvpe(command[0], command, environment)

    def press(self, key):
        os.write(self.terminal, key)

    def shows(self, words):
        return words in self.screen.text()

    def ended(self):
        return os.waitpid(self.pid, os.WNOHANG)[0] != 0

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def feed(terminals, others, seconds):
    """Reads what the programs have written, and what the connections of `others` hold (a function for each)."""
    places = {terminal.terminal: terminal for terminal in terminals}
    for ready in select.select([*places, *others], [], [], seconds)[0]:
        if ready in places:
            try:
                data = os.read(ready, 65536)
                # Before anything is made of it: this script is slower than what it watches.
                places[ready].read_at = time.perf_counter()
                places[ready].screen.feed(data)
            except OSError:
                time.sleep(0.01)  # It has ended; select would return at once for ever.
        else:
            others[ready]()


def until(terminals, done, what, others=None, patience=PATIENCE):
    """Reads until `done`. Ends the script when that is never so."""
    end = time.perf_counter() + patience
    while not done():
        if time.perf_counter() > end:
            shown = "\n".join(f"{terminal.name}:\n{terminal.screen.text()}" for terminal in terminals)
            sys.exit(f"never {what}\n{shown}")
        feed(terminals, others or {}, 0.05)
