"""What the pages of the book show, run: see the head of `.ci/book` for how a page says it.

A page has a folder of its own, in which its files are written and its commands run, one after the other, from top to bottom.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benches"))
from screen import Screen  # noqa: E402

# Seconds that a command, and a sight in a terminal, may take; how long a stage's screen stays the same before it is left.
COMMAND, SIGHT, STILL = 120, 30, 0.4
COLUMNS, ROWS = 100, 30
# Fences whose every line is a command, and whose lines after a `$` are.
LINES, PROMPTS = ("sh", "bash", "shell"), ("console",)
NOTE = re.compile(r"<!-- (exit|file|append|run by|not run|with|needs|answer|stop)(?: \((.*?)\))?: (.*) -->")


class Room:
    """A folder with PROGRAM first in PATH under its own name, and nothing of the person's own."""

    def __init__(self, program):
        self.folder = Path(tempfile.mkdtemp(prefix="greenroom-book-"))
        for name in ["bin", "home", "run", "work"]:
            (self.folder / name).mkdir()
        (self.folder / "run").chmod(0o700)
        (self.folder / "bin/greenroom").symlink_to(program)
        self.work = self.folder / "work"
        self.env = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"), "TMUX_TMPDIR": str(self.folder / "run"),
            "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "SOURCE": str(ROOT),
        }
        for name in ["GREENROOM_PYTHON", "GREENROOM_PYTHON_FT"]:
            if name in os.environ:
                self.env[name] = os.environ[name]

    def run(self, command, **more):
        return subprocess.run(
            command, cwd=self.work, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", timeout=COMMAND, **more,
        )

    def greenroom(self, *words):
        done = self.run(["greenroom", *words])
        if done.returncode:
            sys.exit(f"greenroom {' '.join(words)}: {done.stdout}")
        return done.stdout

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- what a page says


class Notes:
    """The remarks above a block; one in parentheses is of the commands that hold these words."""

    def __init__(self, lines):
        self.all = [match.groups() for match in map(NOTE.fullmatch, lines) if match]
        self.used = set()

    def get(self, what, command=""):
        return next(iter(self.every(what, command)), None)

    def every(self, what, command=""):
        found = [note for note in self.all if note[0] == what and (not note[1] or note[1] in command or note[1] == command + "$")]
        self.used |= set(found)
        return [value for _, _, value in found]

    def unused(self):
        return [f"<!-- {what} ({words}): {value} --> is of no command below it"
                for what, words, value in self.all if words and (what, words, value) not in self.used]


def blocks(text):
    """What a page has the runner do: (line, kind, notes, content). Kinds are `stage`, `before`, `indented`, and the names of fences."""
    lines, at = text.splitlines(), 0
    while at < len(lines):
        begin = above = at
        while above and lines[above - 1].startswith("<!-- ") and lines[above - 1].endswith(" -->"):
            above -= 1
        notes = Notes(lines[above:begin])
        if stage := re.match(r"<!-- stage (\d+x\d+): (.*)$", lines[at]):
            at = lines.index("-->", at)
            yield begin + 1, "stage", stage.groups(), lines[begin + 1:at]
        elif lines[at] in ("<!-- before", "<!-- sh"):
            at = lines.index("-->", at)
            yield begin + 1, lines[begin].split()[1], notes, lines[begin + 1:at]
        elif fence := re.match(r"(`{3,})(\S*)", lines[at]):
            at = lines.index(fence[1], at + 1)
            yield begin + 1, fence[2], notes, lines[begin + 1:at]
        elif lines[at].startswith("    ") and not (at and lines[at - 1].strip()):
            while at < len(lines) and lines[at].startswith("    "):
                at += 1
            yield begin + 1, "indented", notes, [line[4:] for line in lines[begin:at]]
        at += 1


def commands_in(kind, content):
    """The commands of a block, each with what stands below it."""
    found = []
    for line in content:
        if kind in LINES:
            if line.strip() and not line.lstrip().startswith("#"):
                found.append((re.sub(r"\s+#\s.*$", "", line).strip(), []))
        elif line.startswith("$ "):
            found.append((line[2:].split("  #")[0].rstrip(), []))
        elif found:
            found[-1][1].append(line)
    return found


def looks_like_commands(kind, content):
    """Commands where nobody runs them: in a block that is not called `sh` or `console`."""
    if kind in LINES + PROMPTS:
        return False
    if any(line.startswith("$ ") for line in content):
        return True
    first = content[0].split() if kind == "indented" and content else []
    return bool(first) and (first[0] in ("greenroom", "export") or first[0].startswith("./") or shutil.which(first[0]) is not None)


def holds(shown, wanted):
    """Whether `shown` has these lines in this order, one below the other, but where a line is `…`."""
    wanted = [line.rstrip() for line in wanted if line.strip()]
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"[ ]*\n(?:\s*\n)*"
        for line in wanted
    )
    return re.search(r"(?m)^" + pattern, shown + "\n") is not None


# ---- terminals


def staged(room, size, command, steps):
    """Runs `command` in tmux, and gives what is wrong."""
    columns, rows = size.split("x")
    # A socket of its own: the server of the stage before may still be going.
    tmux = ["tmux", "-L", f"book{time.monotonic_ns()}"]
    room.run([*tmux, "-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, command])
    try:
        for step in steps:
            what, value = step.split(": ", 1)
            if what == "key":
                room.run([*tmux, "send-keys", value])
                continue
            until, shown = time.monotonic() + SIGHT, ""
            while time.monotonic() < until:
                shown = room.run([*tmux, "capture-pane", "-p"]).stdout
                if (value in shown) == (what == "see"):
                    break
                time.sleep(0.05)
            else:
                return f"{step}\n{shown}"
    finally:
        room.run([*tmux, "kill-server"])
    return None


class Terminal:
    """A command on a terminal of its own, as somebody who types it would see it."""

    def __init__(self, room, command):
        self.screen, self.said, self.status = Screen(COLUMNS, ROWS), b"", None
        self.pid, self.side = pty.fork()
        if self.pid == 0:
            os.chdir(room.work)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execvpe("bash", ["bash", "-c", command], room.env)
        self.changed = time.monotonic()

    def read(self):
        """Reads for a moment; whether the command still runs."""
        ready, _, _ = select.select([self.side], [], [], 0.05)
        if ready:
            try:
                data = os.read(self.side, 65536)
            except OSError:
                data = b""
            if data:
                self.said += data
                self.screen.feed(data)
                self.changed = time.monotonic()
                return True
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
        return not pid

    def press(self, key):
        os.write(self.side, key)

    def words(self):
        """What it wrote, as text without what moves the cursor and colours it."""
        return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_^].*?(?:\x07|\x1b\\)|\x1b.", "", self.said.decode("utf-8", "replace"), flags=re.S)

    def stage(self):
        """Whether it fills the terminal, and has not given it back."""
        return self.said.rfind(b"\x1b[?1049h") > self.said.rfind(b"\x1b[?1049l")

    def close(self):
        if self.status is None:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.side)


def typed(room, command, answers, stop):
    """Runs `command` on a terminal: (what it ended with, what it said, whether it opened a stage). A stage is left by `q` once it stands
    still, a question is answered where the page says how, and what the page says to stop gets Ctrl-C once it has shown these words."""
    terminal, opened, left, shown = Terminal(room, command), False, 0.0, ""
    answers = [answer.rsplit(" => ", 1) for answer in answers]
    until = time.monotonic() + COMMAND
    try:
        while terminal.read():
            now = time.monotonic()
            if now > until:
                return None, f"{terminal.words()}\nnot done after {COMMAND} s", opened
            if answers and answers[0][0] in terminal.words():
                terminal.press(answers.pop(0)[1].encode() + b"\r")
            elif stop and stop in terminal.words():
                stop = terminal.press(b"\x03")
            elif terminal.stage() and terminal.screen.text().strip():
                if not opened:
                    opened, shown = True, terminal.screen.text()
                if now - terminal.changed > STILL or left:
                    if now - left > STILL:
                        left, shown = now, shown if left else terminal.screen.text()
                        terminal.press(b"q")
        problem = None
        if stop or answers:
            problem = f"never said {stop or answers[0][0]!r}"
        elif opened and len(re.findall(r"\S", shown)) < 5:
            problem = f"a stage with nothing on it:\n{shown}"
        elif opened and terminal.stage():
            problem = "it ended, and did not give the terminal back"
        return (None, f"{terminal.words()}\n{problem}", opened) if problem else (terminal.status, terminal.words(), opened)
    finally:
        terminal.close()


# ---- pages


class Count:
    """What became of a page's commands."""

    def __init__(self):
        self.ran, self.stages, self.tested, self.skipped, self.left, self.wrong = [], 0, [], [], [], []

    def add(self, other):
        self.stages += other.stages
        for name in ["ran", "tested", "skipped", "left", "wrong"]:
            getattr(self, name).extend(getattr(other, name))


def run_command(room, where, kind, notes, command, below, tests, count):
    if reason := notes.get("not run", command):
        count.left.append(f"{where}: {command} ({reason})")
        return
    if named := notes.get("run by", command):
        count.wrong += [f"{where}: there is no test {test}" for test in named.split(", ") if f"fn {test}(" not in tests]
        count.tested.append(command)
        return
    changes = [change.split(" => ") for change in notes.every("with", command)]
    if missing := [need for need in notes.every("needs", command) if shutil.which(need, path=room.env["PATH"]) is None]:
        count.skipped.append(f"{where}: {command} needs {', '.join(missing)}")
        return
    asked, wanted = command, int(notes.get("exit", command) or 0)
    for was, becomes in changes:
        if was not in asked:
            count.wrong.append(f"{where}: {asked} has no {was}")
        asked = asked.replace(was, becomes)
    if kind in LINES:
        status, said, opened = typed(room, asked, notes.every("answer", command), notes.get("stop", command))
        count.stages += opened
    else:
        done = room.run(["bash", "-c", asked])
        status, said = done.returncode, done.stdout
    count.ran.append(command)
    if status != wanted or not holds(said, below):
        count.wrong.append(f"{where}: $ {asked}\nended with {status}, and printed\n{said[-4000:]}")


def run_page(program, page, tests):
    room, count = Room(program), Count()
    name = page.relative_to(ROOT)
    try:
        for line, kind, notes, content in blocks(page.read_text(encoding="utf-8")):
            where = f"{name}:{line}"
            if kind == "stage":
                count.stages += 1
                count.ran.append(notes[1])
                if said := staged(room, *notes, content):
                    count.wrong.append(f"{where}: {said}")
            elif kind == "before":
                done = room.run(["bash", "-ec", "\n".join(content)])
                if done.returncode:
                    count.wrong.append(f"{where}: what is needed could not be made: {done.stdout}")
            elif path := notes.get("file") or notes.get("append"):
                path = room.work / path
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("w" if notes.get("file") else "a", encoding="utf-8") as file:
                    file.write("\n".join(content) + "\n")
            elif kind in LINES + PROMPTS or notes.get("run by") or notes.get("not run"):
                for command, below in commands_in(kind, content):
                    run_command(room, where, kind, notes, command, below, tests, count)
                count.wrong += [f"{where}: {said}" for said in notes.unused()]
            elif looks_like_commands(kind, content):
                count.wrong.append(f"{where}: these commands are not run: write them in a block called sh or console, or say above it why not")
    except (subprocess.TimeoutExpired, ValueError, OSError) as error:
        count.wrong.append(f"{name}: {error}")
    finally:
        room.close()
    return count
