#!/usr/bin/env python3
"""Counts what a talk leaves behind, however it ends: processes, and a terminal that is not as it was.

    benches/orphans.py target/dist/greenroom --count 42 --jobs 4 --judge tmux --log orphans.ndjson --write

Each trial opens a deck of its own on a terminal. Its demo is one of these programs:

    away      gets away from its guard in every way that the system knows: a child, a session of its own, a daemon (two forks), a
              daemon that ignores every signal that can be ignored, and a daemon that is stopped
    storm     a hundred processes, each of which forks its successor and ends: none is there for longer than a twelfth of a second

Then the talk is ended in one of these ways:

    q TERM HUP INT QUIT          the key, and signals to the process that was started
    panic                        the thread that draws panics: its system clock fails once (a library is loaded before the system's)
    stage                        SIGKILL to the process that draws
    keeper                       SIGKILL to the process that was started, which is that one's keeper
    guard                        SIGKILL to the guard; then the key
    both                         SIGKILL to stage and guard, in any order, within the grace of what does not end
    keeper+guard keeper+stage    the same for these

and it is counted, through /proc, which processes with this trial's folder on their command line are still there some
seconds after the end. The terminal is compared with what it was (but not for keeper+stage: nobody is there to give it back), by one of two
judges. `terminal` is a pseudo-terminal and a process that does what a shell does and no more: modes as the system knows them, and as the
program has switched them. `tmux` is a shell in tmux, which has to have its prompt again, and is asked for `stty -a` and `ps`; tmux is asked
for its modes. Linux only; Python, a C compiler, the program and tmux are needed.

With --log FILE each trial is written down when it is over, and a count that was cut short goes on from there. 42 of each are a thousand.
"""

import argparse
import collections
import json
import os
import pty
import random
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

import report

ENDINGS = ["q", "TERM", "HUP", "INT", "QUIT", "panic", "stage", "keeper", "guard", "both", "keeper+guard", "keeper+stage"]
KINDS = {"away": ["main", "child", "session", "daemon", "deaf", "stopped"], "storm": ["main", "storm"]}
STORM = 100
# How long a guard waits for programs that do not end, and what is left of a talk for its guards.
GRACE = 2.5
# How long a program may take to be there, and everything to be gone.
STARTING, ENDING = 40, 12
# The switches that a talk may turn on, and how they have to be at its end.
SWITCHES = {"1049": False, "25": True, "7": True, "2004": False, "2026": False, "1004": False, "1000": False,
            "1002": False, "1003": False, "1006": False, "1015": False}

PROGRAMS = {}
PROGRAMS["away"] = '''
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
PROGRAMS["storm"] = '''
import os, sys, time
mark = os.path.dirname(os.path.abspath(__file__))
if not os.fork():
    os.setsid()
    os.execv(os.environ["ORPHANS_STORM"], ["storm", mark + ":storm", mark])
os.execv(sys.executable, [sys.executable, "-S", "-c", "import time; time.sleep(600)", mark + ":main"])
'''
# Every second process leads a session of its own. Whatever else is wrong, it is over when the trial's folder is gone, and after a minute.
STORM_SOURCE = f"""
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(int count, char **words) {{
    time_t end = time(0) + 60;
    for (int n = 0; n < {STORM}; n++) {{
        if (fork()) continue;
        srand(n);
        for (int hop = 0; time(0) < end && access(words[count - 1], F_OK) == 0; hop++) {{
            usleep(20000 + rand() % 60000);
            pid_t next = fork();
            if (next > 0) _exit(0);
            if (next == 0 && hop % 2) setsid();
        }}
        _exit(0);
    }}
    while (time(0) < end) sleep(1);
}}
"""
# The clock of the one thread whose number stands in the file fails, once: what no program expects, and Rust's library answers with a panic.
PANIC_SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
static int *thread;
static int (*real)(clockid_t, struct timespec *);
__attribute__((constructor)) static void begin(void) {
    real = dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("ORPHANS_PANIC");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *place = file < 0 ? MAP_FAILED : mmap(0, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    if (place != MAP_FAILED) thread = place;
}
int clock_gettime(clockid_t id, struct timespec *now) {
    if (thread && *thread && *thread == gettid() && __sync_lock_test_and_set(thread, 0)) {
        errno = EINVAL;
        return -1;
    }
    return real(id, now);
}
"""
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
    parser.add_argument("--count", type=int, default=100, help="trials of each ending with each program (default: %(default)s)")
    parser.add_argument("--endings", default=",".join(ENDINGS), help="which, separated by commas")
    parser.add_argument("--programs", default=",".join(KINDS), help="which programs run as the demo")
    parser.add_argument("--judge", default="terminal", choices=["terminal", "tmux"], help="who tells what is left (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time (default: %(default)s)")
    parser.add_argument("--keys", default="q,q", help="the keys that leave, pressed one after the other")
    parser.add_argument("--log", help="a file for what each trial brought; an existing one is gone on with")
    parser.add_argument("--write", action="store_true", help="put the table into the book")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    if options.one:
        ending, kind, tools = options.one
        print(json.dumps(trial(program, ending, kind, tools, options)))
        return 0
    endings, kinds = options.endings.split(","), options.programs.split(",")
    unknown = [name for name in endings if name not in ENDINGS] + [name for name in kinds if name not in KINDS]
    if unknown or not os.access(program, os.X_OK):
        parser.error(f"there is no {', '.join(unknown)}" if unknown else f"{program} is no program")
    cases = [(ending, kind) for ending in endings for kind in kinds]
    found = [one for one in (read(options.log) if options.log else []) if case_of(one) in cases and one["judge"] == options.judge]
    with tempfile.TemporaryDirectory(prefix="orphans-tools-") as tools:
        build(tools)
        run(options, program, cases, found, tools)
    text, bad = table(cases, found)
    print(text)
    for one in found:
        if one["left"] or one["modes"] or one.get("problem"):
            print(json.dumps(one))
    if options.write:
        report.write("docs/src/explanation/proof.md", "orphans", text)
    return 1 if bad else 0


def build(folder):
    """The storm, and the library that makes a clock fail."""
    for name, source, how in [("storm", STORM_SOURCE, []), ("panic.so", PANIC_SOURCE, ["-shared", "-fPIC"])]:
        command = ["cc", "-O1", *how, "-x", "c", "-", "-o", os.path.join(folder, name)]
        subprocess.run(command, input=source, text=True, check=True)


def case_of(one):
    return one["ending"], one["program"]


def read(path):
    try:
        with open(path) as log:
            return [json.loads(line) for line in log if line.endswith("\n")]
    except FileNotFoundError:
        return []


def run(options, program, cases, found, tools):
    """Runs what is missing, a few at a time, the cases in turn; adds what they bring to `found`."""
    done = collections.Counter(map(case_of, found))
    waiting = [case for n in range(options.count) for case in cases if n >= done[case]]
    waiting.reverse()
    running, total, shown = [], len(waiting), time.monotonic()
    while waiting or running:
        while waiting and len(running) < options.jobs:
            case = waiting.pop()
            command = [sys.executable, __file__, program, "--one", *case, tools, "--keys", options.keys, "--judge", options.judge]
            running.append((case, time.monotonic(), subprocess.Popen(command, stdout=subprocess.PIPE)))
        time.sleep(0.05)
        for one in list(running):
            case, began, process = one
            if process.poll() is None and time.monotonic() - began < 4 * (STARTING + ENDING):
                continue
            process.kill()
            running.remove(one)
            try:
                result = json.loads(process.communicate()[0])
            except ValueError:
                result = {"problem": "the trial itself failed", "left": [], "modes": []}
            result |= {"ending": case[0], "program": case[1], "judge": options.judge, "date": report.today(),
                       "machine": report.machine()}
            found.append(result)
            if options.log:
                with open(options.log, "a") as log:
                    log.write(json.dumps(result) + "\n")
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            print(f"{total - len(waiting) - len(running)} of {total}", file=sys.stderr, flush=True)


def table(cases, found):
    """A table in Markdown, and whether something in it is wrong."""
    days = sorted({one["date"] for one in found})
    judges = ", ".join(sorted({one["judge"] for one in found}))
    rows, sums, bad = [], [0, 0, 0, 0], False
    for ending, kind in cases:
        ours = [one for one in found if case_of(one) == (ending, kind)]
        tried = [one for one in ours if not one.get("problem")]
        counts = [len(tried), sum(bool(one["left"]) for one in tried), sum(bool(one["modes"]) for one in tried), len(ours) - len(tried)]
        sums = [total + count for total, count in zip(sums, counts)]
        longest = max((one["took"] for one in tried), default=0)
        rows.append(f"| {ending} | {kind} | " + " | ".join(map(str, counts)) + f" | {longest:.1f} s |")
        bad |= any(counts[1:]) or not tried
    head = [f"{sums[0]:,} endings, judged by {judges}; {' to '.join(dict.fromkeys((days[0], days[-1])))}, {found[-1]['machine']}.", "",
            "| ending | demo | trials | something left behind | terminal not as before | not tried | longest |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "| all | | " + " | ".join(map(str, sums)) + " | |"]), bad


def trial(program, ending, kind, tools, options):
    """One talk from its beginning to its end, and what is there afterwards."""
    folder, home = tempfile.mkdtemp(prefix="greenroom-orphans-"), tempfile.mkdtemp(prefix="greenroom-home-")
    try:
        script, clock = os.path.join(folder, "program.py"), os.path.join(home, "clock")
        for path, text in [
            (script, PROGRAMS[kind]),
            (os.path.join(folder, "talk.yaml"), DECK.format(python=json.dumps(sys.executable), program=json.dumps(script))),
            (os.path.join(folder, "s.md"), SLIDES),
            # Not in the deck, which is asked for again when something changes in it.
            (clock, "\0\0\0\0"),
        ]:
            with open(path, "w") as file:
                file.write(text)
        environment = {"HOME": home, "XDG_STATE_HOME": home, "XDG_RUNTIME_DIR": home, "XDG_CACHE_HOME": home,
                       "ORPHANS_STORM": os.path.join(tools, "storm")}
        if ending == "panic":
            environment |= {"LD_PRELOAD": os.path.join(tools, "panic.so"), "ORPHANS_PANIC": clock}
        judge = Tmux if options.judge == "tmux" else Shell
        with judge([program, "present", folder, "--slide", "3"], environment) as shell:
            result = {"left": [], "modes": [], "took": 0}
            if not begin(shell, folder, KINDS[kind]):
                return result | {"problem": f"the demo did not start: {shell.tail()!r}"}
            began = time.monotonic()
            told = end(shell, folder, ending, options.keys.split(","), clock)
            if not shell.until(lambda: shell.ended is not None, ENDING):
                return result | told | {"problem": f"the program did not end: {shell.tail()!r}"}
            # One that forks and ends may be missed by one look.
            shell.until(lambda: not any(marked(folder) for _ in range(3)), ENDING)
            result["took"] = round(time.monotonic() - began, 2)
            result["left"] = [line for _ in range(3) for line in marked(folder).values()]
            # The terminal may be given back by one that is not waited for.
            shell.until(lambda: not shell.wrong(), 10)
            result["modes"] = [] if ending == "keeper+stage" else shell.wrong()
            result["left"] += shell.seen(folder)
            return result | told
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        while left := marked(folder):
            for pid in left:
                kill(pid, signal.SIGKILL)
        shutil.rmtree(home, ignore_errors=True)


def begin(shell, folder, kinds):
    """Agrees to the deck until every kind of process is there."""
    deadline, pressed = time.monotonic() + STARTING, time.monotonic()

    def there():
        lines = marked(folder).values()
        counted = collections.Counter(line.split(f"{folder}:")[1].split()[0] for line in lines if f"{folder}:" in line)
        return all(counted[kind] >= (STORM // 10 if kind == "storm" else 1) for kind in kinds)

    while time.monotonic() < deadline and shell.ended is None:
        if shell.until(there, 0.2):
            return True
        if time.monotonic() - pressed > 1:
            pressed = time.monotonic()
            shell.press("y")
    return False


def end(shell, folder, ending, keys, clock):
    """Ends the talk; tells what is needed to do it again."""
    keeper, stage, guard = roles(shell.pid, folder)
    if ending == "q":
        leave(shell, keys)
    elif ending in ("TERM", "HUP", "INT", "QUIT"):
        kill(keeper, getattr(signal, "SIG" + ending))
    elif ending == "panic":
        with open(clock, "r+b") as file:
            file.write(stage.to_bytes(4, sys.byteorder))
        # It looks at its clock when it has something to do.
        shell.press("l")
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


def executable(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
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

    def __init__(self, command, environment):
        self.ended, self.output, self.switches, self.titles = None, b"", dict(SWITCHES), 0
        self.partial = b""
        news, tell = os.pipe()
        leader, self.terminal = pty.fork()
        if leader == 0:
            os.close(news)
            lead(command, environment, tell)
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

    def seen(self, _folder):
        """A shell would be asked."""
        return []

    def tail(self):
        return self.output[-300:].decode(errors="replace")


class Tmux:
    """A shell in tmux, which starts the program, and is asked afterwards."""

    FLAGS = "#{alternate_on} #{cursor_flag} #{wrap_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_flag} #{pane_title}"

    def __init__(self, command, environment):
        self.place, self.socket = environment["HOME"], f"orphans-{os.getpid()}"
        self.pid = self.ended = None
        self.program = os.path.realpath(command[0])
        words = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40",
                  f"env HOME={shlex.quote(self.place)} PS1='READY> ' bash --norc --noprofile")
        self.until(lambda: self.has_prompt(), STARTING)
        self.run("stty -a", "before")
        self.flags = self.tmux("display", "-p", self.FLAGS)
        self.shell = int(self.tmux("display", "-p", "#{pane_pid}"))
        self.type(f"clear; {words} {shlex.join(command)}; echo $? >$HOME/ended")
        self.until(self.started, STARTING)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-L", self.socket, *arguments], capture_output=True, text=True)
        return done.stdout.rstrip("\n")

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def run(self, command, name):
        """Runs a command in the shell; what it printed, once all of it is there."""
        self.type(f"{command} >$HOME/{name}.part; mv $HOME/{name}.part $HOME/{name}")
        return self.until(lambda: os.path.exists(os.path.join(self.place, name)), 20)

    def said(self, name):
        try:
            with open(os.path.join(self.place, name)) as file:
                return file.read()
        except OSError:
            return ""

    def started(self):
        with open(f"/proc/{self.shell}/task/{self.shell}/children") as children:
            ours = [int(pid) for pid in children.read().split() if executable(int(pid)) == self.program]
        self.pid = next(iter(ours), None)
        return self.pid is not None

    def has_prompt(self):
        lines = self.tmux("capture-pane", "-p").split("\n")
        return next((line.startswith("READY>") for line in reversed(lines) if line), False)

    def press(self, key):
        self.tmux("send-keys", "-l", key)

    def until(self, done, patience):
        deadline = time.monotonic() + patience
        while True:
            if self.ended is None and self.said("ended").strip():
                self.ended = int(self.said("ended"))
            if done():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.03)

    def wrong(self):
        """How the terminal differs from what it was, as tmux and the shell say."""
        if not self.has_prompt():
            # Whoever outlived the program's first process may have said something behind the prompt.
            self.tmux("send-keys", "Enter")
        if self.tmux("display", "-p", self.FLAGS) != self.flags or not self.has_prompt():
            return [f"tmux: {self.tmux('display', '-p', self.FLAGS)}, not {self.flags}; it shows {self.tail()!r}"]
        if not self.said("after"):
            self.run("stty -a", "after")
        before, after = (set(self.said(name).replace(";", " ").split()) for name in ("before", "after"))
        return [f"stty {word}" for word in sorted(before ^ after)]

    def seen(self, folder):
        """What `ps` lists of the trial in this shell."""
        self.run("ps -eo pid,args", "ps")
        lines = self.said("ps").splitlines()
        return [f"ps: {line}" for line in lines if folder in line] if lines else ["the shell does not answer"]

    def tail(self):
        return self.tmux("capture-pane", "-p").rstrip()[-300:]


def lead(command, environment, tell):
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
        os.close(tell)
        os.execve(command[0], command, os.environ | environment | {"TERM": "xterm-256color"})
    os.write(tell, b"pid %d\n" % pid)
    status = os.waitpid(pid, 0)[1]
    os.tcsetpgrp(0, os.getpid())
    os.write(tell, b"ended %d\n" % os.waitstatus_to_exitcode(status))
    while True:
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main())
