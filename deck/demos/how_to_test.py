"""Two tools that find what a test suite with one thread does not: pytest-run-parallel and faulthandler."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "testing"
PYTEST = ["-m", "pytest", "-q", "--tb=line", "--no-header", "-p", "no:cacheprovider", "test_sql.py"]


def run(shown, arguments, keep):
    """Runs Python as `shown` says, and prints the lines of it that `keep` keeps."""
    print(f"\033[1m$ {shown}\033[0m", flush=True)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=60)
    for line in keep((done.stdout + done.stderr).splitlines()):
        print(f"  {short(line)}")
    print(flush=True)
    return done.returncode


def short(line):
    """A line without the folders that every line of it begins with."""
    for folder in (f"{HERE}/", "site-packages/"):
        before, found, rest = line.partition(folder)
        if found:
            line = before.rpartition('"')[0] + '"' * ('"' in before) + rest
    return line.strip()


def verdict(lines):
    """What differs, and pytest's last line."""
    return [line for line in lines if line.startswith(("      - ", "      + "))] + [line for line in lines if line.strip()][-1:]


def stack(lines):
    """What faulthandler says: the signal, and the innermost frames of the thread that got it."""
    fatal = [line for line in lines if line.startswith("Fatal")]
    return fatal + [line for line in lines if line.strip().startswith("File") and ".py" in line][:5] or lines[-1:]


alone = run("pytest test_sql.py", PYTEST, verdict)
parallel = run("pytest test_sql.py --parallel-threads 4", [*PYTEST, "--parallel-threads", "4"], verdict)
run("python -X faulthandler two_threads.py", ["-X", "faulthandler", "two_threads.py"], stack)
sys.exit(0 if alone == 0 and parallel != 0 else 1)
