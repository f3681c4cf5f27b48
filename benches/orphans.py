#!/usr/bin/env python3
"""Counts what a talk leaves behind, however it ends: processes, and a terminal that is not as it was.

    benches/orphans.py target/dist/greenroom --count 100

Each trial opens a deck of its own in a pseudo-terminal, from a process that does what a shell does and no more. The
deck's demo gets away from its guard in every way that the system knows: a child, a session of its own, a daemon (two
forks), a daemon that ignores every signal that can be ignored, and a daemon that is stopped. Then the talk is ended in
one of these ways:

    q TERM HUP INT QUIT          the key, and signals to the process that was started
    stage                        SIGKILL to the process that draws
    keeper                       SIGKILL to the process that was started, which is that one's keeper
    guard                        SIGKILL to the guard; then the key
    both                         SIGKILL to stage and guard, in any order, within the grace of what does not end
    keeper+guard keeper+stage    the same for these

and it is counted, through /proc, which processes with this trial's folder on their command line are still there some
seconds after the end. The terminal's modes are compared as the system knows them, and as the program has switched them
(but not for keeper+stage: nobody is there to give the terminal back).
Linux only; nothing but Python and the program is needed.

With --log FILE each trial is written down when it is over, and a count that was cut short goes on from there.
"""

import argparse
import collections
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

ENDINGS = ["q", "TERM", "HUP", "INT", "QUIT", "stage", "keeper", "guard", "both", "keeper+guard", "keeper+stage"]
KINDS = ["main", "child", "session", "daemon", "deaf", "stopped"]
# How long a guard waits for programs that do not end, and what is left of a talk for its guards.
GRACE = 2.5
# How long a program may take to be there, and everything to be gone.
STARTING, ENDING = 40, 12
# The switches that a talk may turn on, and how they have to be at its end.
SWITCHES = {"1049": False, "25": True, "7": True, "2004": False, "2026": False, "1004": False, "1000": False,
            "1002": False, "1003": False, "1006": False, "1015": False}

PROGRAM = '''
import os, signal, sys, time
mark = os.path.dirname(os.path.abspath(__file__))
def become(kind):
    os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(600)", mark + ":" + kind])
def name(pid):
    with open(f"/proc/{pid}/cmdline") as line:
        return line.read()
def daemon(kind, deaf=False, stop=False):
    if os.fork():
        return
    os.setsid()
    if deaf:
        for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, 32, 33}:
            signal.signal(number, signal.SIG_IGN)
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    pid = os.fork()
    if pid == 0:
        become(kind)
    while stop and mark + ":" not in name(pid):
        time.sleep(0.005)
    if stop:
        os.kill(pid, signal.SIGSTOP)
    os._exit(0)
if not os.fork():
    become("child")
if not os.fork():
    os.setsid()
    become("session")
daemon("daemon")
daemon("deaf", deaf=True)
daemon("stopped", stop=True)
become("main")
'''
DECK = """title: Orphans
sections:
- {{title: S, file: s.md}}
demos:
  a: {{command: [{python}, -S, {program}], on: enter}}
"""
SLIDES = "# One\n\n```pane\ndemo: a\n```\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default="target/dist/greenroom", help="the executable to try")
    parser.add_argument("--count", type=int, default=100, help="trials of each ending (default: %(default)s)")
    parser.add_argument("--endings", default=",".join(ENDINGS), help="which, separated by commas")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time (default: %(default)s)")
    parser.add_argument("--keys", default="q,q", help="the keys that leave, pressed one after the other")
    parser.add_argument("--log", help="a file for what each trial brought; an existing one is gone on with")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    if options.one:
        print(json.dumps(trial(program, options.one, options.keys.split(","))))
        return 0
    endings = options.endings.split(",")
    unknown = [ending for ending in endings if ending not in ENDINGS]
    if unknown or not os.access(program, os.X_OK):
        parser.error(f"there is no ending {', '.join(unknown)}" if unknown else f"{program} is no program")
    found = read(options.log) if options.log else []
    found = [one for one in found if one["ending"] in endings]
    run(options, program, endings, found)
    return table(endings, found)


def read(path):
    try:
        with open(path) as log:
            return [json.loads(line) for line in log if line.endswith("\n")]
    except FileNotFoundError:
        return []


def run(options, program, endings, found):
    """Runs what is missing, a few at a time, the endings in turn; adds what they bring to `found`."""
    done = collections.Counter(one["ending"] for one in found)
    waiting = [ending for n in range(options.count) for ending in endings if n >= done[ending]]
    waiting.reverse()
    running, total, shown = [], len(waiting), time.monotonic()
    while waiting or running:
        while waiting and len(running) < options.jobs:
            ending = waiting.pop()
            command = [sys.executable, __file__, program, "--one", ending, "--keys", options.keys]
            running.append((ending, time.monotonic(), subprocess.Popen(command, stdout=subprocess.PIPE)))
        time.sleep(0.05)
        for one in list(running):
            ending, began, process = one
            if process.poll() is None and time.monotonic() - began < 4 * (STARTING + ENDING):
                continue
            process.kill()
            running.remove(one)
            try:
                result = json.loads(process.communicate()[0])
            except ValueError:
                result = {"ending": ending, "problem": "the trial itself failed", "left": [], "modes": []}
            found.append(result)
            if options.log:
                with open(options.log, "a") as log:
                    log.write(json.dumps(result) + "\n")
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            print(f"{total - len(waiting) - len(running)} of {total}", file=sys.stderr, flush=True)


def table(endings, found):
    print(f"{'ending':14}{'trials':>8}{'left behind':>13}{'modes wrong':>13}{'not tried':>11}{'longest':>10}")
    bad = False
    for ending in endings:
        ours = [one for one in found if one["ending"] == ending]
        tried = [one for one in ours if not one.get("problem")]
        left = sum(bool(one["left"]) for one in tried)
        modes = sum(bool(one["modes"]) for one in tried)
        longest = max((one["took"] for one in tried), default=0)
        print(f"{ending:14}{len(tried):8}{left:13}{modes:13}{len(ours) - len(tried):11}{longest:9.1f}s")
        bad |= bool(left or modes or len(ours) > len(tried) or not ours)
    for one in found:
        if one["left"] or one["modes"] or one.get("problem"):
            print(json.dumps(one))
    return 1 if bad else 0


def trial(program, ending, keys):
    """One talk from its beginning to its end, and what is there afterwards."""
    folder, home = tempfile.mkdtemp(prefix="greenroom-orphans-"), tempfile.mkdtemp(prefix="greenroom-home-")
    try:
        script = os.path.join(folder, "program.py")
        for name, text in [
            ("program.py", PROGRAM),
            ("talk.yaml", DECK.format(python=json.dumps(sys.executable), program=json.dumps(script))),
            ("s.md", SLIDES),
        ]:
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        # Not in the deck, which is asked for again when something changes in it.
        with Shell([program, "present", folder, "--slide", "3"], home) as shell:
            result = {"ending": ending, "left": [], "modes": [], "took": 0}
            if not begin(shell, folder):
                return result | {"problem": f"the demo did not start: {shell.tail()!r}"}
            began = time.monotonic()
            told = end(shell, folder, ending, keys)
            if not shell.until(lambda: shell.ended is not None, ENDING):
                return result | told | {"problem": "the program did not end"}
            shell.until(lambda: not marked(folder), ENDING)
            result["took"] = round(time.monotonic() - began, 2)
            result["left"] = [line for line in marked(folder).values()]
            # The terminal may be given back by one that is not waited for.
            shell.until(lambda: not shell.wrong(), 3)
            result["modes"] = [] if ending == "keeper+stage" else shell.wrong()
            return result | told
    finally:
        for pid in marked(folder):
            kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def begin(shell, folder):
    """Agrees to the deck until every kind of process is there."""
    deadline, pressed = time.monotonic() + STARTING, time.monotonic()

    def there():
        lines = marked(folder).values()
        return all(any(line.endswith(f"{folder}:{kind}") for line in lines) for kind in KINDS)

    while time.monotonic() < deadline and shell.ended is None:
        if shell.until(there, 0.2):
            return True
        if time.monotonic() - pressed > 1:
            pressed = time.monotonic()
            shell.press("y")
    return False


def end(shell, folder, ending, keys):
    """Ends the talk; tells what is needed to do it again."""
    keeper, stage, guard = roles(shell.pid, folder)
    if ending == "q":
        leave(shell, keys)
    elif ending in ("TERM", "HUP", "INT", "QUIT"):
        kill(keeper, getattr(signal, "SIG" + ending))
    elif ending == "stage":
        kill(stage, signal.SIGKILL)
    elif ending == "keeper":
        kill(keeper, signal.SIGKILL)
    elif ending == "guard":
        kill(guard, signal.SIGKILL)
        # What it held is ended while the talk goes on.
        shell.until(lambda: not any(":" in line for line in marked(folder).values()), ENDING)
        leave(shell, keys)
    else:
        pair = {"both": [stage, guard], "keeper+guard": [keeper, guard], "keeper+stage": [keeper, stage]}[ending]
        random.shuffle(pair)
        pause = random.choice([0, random.uniform(0, 0.1), random.uniform(0, GRACE)])
        kill(pair[0], signal.SIGKILL)
        shell.until(lambda: False, pause)
        kill(pair[1], signal.SIGKILL)
        if stage not in pair:
            shell.until(lambda: shell.ended is not None, ENDING)
        first = "stage" if pair[0] == stage else "keeper" if pair[0] == keeper else "guard"
        return {"first": first, "pause": round(pause, 3)}
    return {}


def leave(shell, keys):
    for key in keys:
        if shell.ended is None:
            shell.press(key)
            shell.until(lambda: shell.ended is not None, 0.4)


def roles(started, folder):
    """The process that was started, the one that draws (the same, where there is no keeper), and the guard."""
    parents, lines = {}, marked(folder)
    for pid in lines:
        parents[pid] = parent(pid)
    is_guard = {pid: " __guard " in line for pid, line in lines.items()}
    guard = next((pid for pid in lines if is_guard[pid]), None)
    stage = next((pid for pid in lines if parents[pid] == started and not is_guard[pid]), started)
    return started, stage, guard


def parent(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def marked(folder):
    """Every living process with `folder` on its command line, but those of the trial itself."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as line:
                line = line.read().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if folder in line:
            found[int(entry)] = line
    return found


def kill(pid, number):
    try:
        if pid:
            os.kill(pid, number)
    except ProcessLookupError:
        pass


class Shell:
    """A terminal, and in it a process that starts the program as its job, as a shell does."""

    def __init__(self, command, home):
        self.ended, self.output, self.switches, self.titles = None, b"", dict(SWITCHES), 0
        self.partial = b""
        news, tell = os.pipe()
        leader, self.terminal = pty.fork()
        if leader == 0:
            os.close(news)
            lead(command, home, tell)
        os.close(tell)
        self.leader, self.news, self.pid = leader, news, None
        self.lines, self.before = b"", None
        termios.tcsetwinsize(self.terminal, (40, 120))
        self.until(lambda: self.pid is not None, STARTING)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        kill(self.leader, signal.SIGKILL)
        os.waitpid(self.leader, 0)
        os.close(self.terminal)
        os.close(self.news)

    def press(self, key):
        os.write(self.terminal, key.encode())

    def until(self, done, patience):
        """Reads what comes until `done`; whether it was in time."""
        deadline = time.monotonic() + patience
        while True:
            if done():
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            for ready in select.select([self.terminal, self.news], [], [], min(left, 0.05))[0]:
                self.take_in(ready)

    def take_in(self, ready):
        try:
            bytes_ = os.read(ready, 65536)
        except OSError:
            bytes_ = b""
        if ready == self.terminal:
            self.follow(bytes_)
            return
        self.lines += bytes_
        *lines, self.lines = self.lines.split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "modes":
                self.before = termios.tcgetattr(self.terminal)
            elif word == "pid":
                self.pid = int(value)
            elif word == "ended":
                self.ended = int(value)
        if not bytes_:
            time.sleep(0.05)

    def follow(self, bytes_):
        self.output = (self.output + bytes_)[-4096:]
        text = self.partial + bytes_
        # A sequence may be cut in two.
        self.partial = text[text.rfind(b"\x1b"):][:32] if b"\x1b" in text[-32:] else b""
        text = text[: len(text) - len(self.partial)]
        for numbers, on in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", text):
            for number in numbers.decode().split(";"):
                if number in self.switches:
                    self.switches[number] = on == b"h"
        self.titles += len(re.findall(rb"\x1b\[22;0t", text)) - len(re.findall(rb"\x1b\[23;0t", text))

    def wrong(self):
        """How the terminal differs from what it was."""
        text, self.partial = self.partial, b""
        if text:
            self.follow(text + b"\0")
        wrong = [f"?{number}" for number, on in self.switches.items() if on != SWITCHES[number]]
        if self.titles:
            wrong.append("title")
        now = termios.tcgetattr(self.terminal)
        return wrong + [f"termios {n}" for n, (a, b) in enumerate(zip(self.before, now)) if a != b]

    def tail(self):
        return self.output[-300:].decode(errors="replace")


def lead(command, home, tell):
    """Leads the terminal's session: starts the program in the foreground, waits for it, and stays."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    # Whatever ends the job must not end its shell.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.write(tell, b"modes\n")
    time.sleep(0.1)
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGTTOU):
            signal.signal(number, signal.SIG_DFL)
        environment = os.environ | {"HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home,
                                    "TERM": "xterm-256color"}
        os.close(tell)
        os.execve(command[0], command, environment)
    os.write(tell, b"pid %d\n" % pid)
    status = os.waitpid(pid, 0)[1]
    os.tcsetpgrp(0, os.getpid())
    os.write(tell, b"ended %d\n" % os.waitstatus_to_exitcode(status))
    while True:
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main())
