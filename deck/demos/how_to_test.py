"""Two tools that find what a test suite with one thread does not: pytest-run-parallel and faulthandler."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "testing"
# So many columns has the pane on the smallest stage that the talk is for.
WIDE = 66
PYTEST = ["-m", "pytest", "-q", "--tb=line", "--no-header", "-p", "no:cacheprovider", "test_sql.py"]


def run(shown, arguments, keep, times=1):
    """Runs Python as `shown` says, again while it succeeds and `times` are left, and prints the lines of the last run that `keep` keeps."""
    print(f"\033[1m$ {shown}\033[0m", flush=True)
    command = [sys.executable, *arguments]
    for _ in range(times):
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60)
        if done.returncode:
            break
    for line in keep((done.stdout + done.stderr).splitlines()):
        print(f"  {short(line)}", flush=True)
    return done.returncode


def short(line):
    """A line without the folders that every line of it begins with."""
    for folder in (f"{HERE}/", "site-packages/"):
        before, found, rest = line.partition(folder)
        if found:
            line = before.rpartition('"')[0] + '"' * ('"' in before) + rest
    line = line.strip()
    return line if len(line) <= WIDE else f"{line[: WIDE - 1]}…"


def verdict(lines):
    """What differs, and pytest's last line."""
    return [line for line in lines if line.startswith(("      - ", "      + "))] + [line for line in lines if line.strip()][-1:]


def stack(lines):
    """What faulthandler says: the signal, the two innermost frames of the thread that got it, and whose call it was."""
    fatal = [line for line in lines if line.startswith("Fatal")]
    frames = [line for line in lines if line.strip().startswith("File") and ".py" in line]
    ours = [line for line in frames[2:] if "two_threads.py" in line]
    return fatal + frames[:2] + ours[:1] or lines[-1:]


alone = run("pytest test_sql.py", PYTEST, verdict)
parallel = run("pytest test_sql.py --parallel-threads 4", [*PYTEST, "--parallel-threads", "4"], verdict)
run("while python -X faulthandler two_threads.py; do :; done", ["-X", "faulthandler", "two_threads.py"], stack, times=9)
sys.exit(0 if alone == 0 and parallel != 0 else 1)
