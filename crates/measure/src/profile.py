"""Where a running Python server spends its time: python profile.py PID SECONDS.

It reads the stacks of PID and of its child processes from outside, about 100 times a second, and prints one JSON object.
The server is not stopped for it, so some reads catch a stack while it changes: they are dropped and counted. It has to
run on the same build of Python as the server. Threads that wait for work or for each other, in the standard library's own
waiting, are counted and left out of the stacks; a view that waits is not. 3.14 gives the part of a stack above the last call from C, so a stack can begin at `__getattr__` or at a thread's `run`.
"""

import json
import os
import sys
import time
from collections import Counter

PERIOD = 0.01
MOST_STACKS = 400
OTHER = "(other)"
# Whoever is in one of these at the top of its stack waits for something to do.
IDLE = ("/threading.py", "/selectors.py", "/subprocess.py", "/queue.py", "/multiprocessing/popen_fork.py",
        "/multiprocessing/connection.py", "/multiprocessing/resource_tracker.py", "/concurrent/futures/thread.py")
INSTALLED = "/site-packages/"


def fail(message: str) -> None:
    sys.exit(f"profile: {message}")


try:
    from _remote_debugging import RemoteUnwinder
except ImportError:
    fail(f"Python {sys.version.split()[0]} cannot read another process; it takes CPython 3.14 or newer")


def family(root: int) -> list[int]:
    """A process and its descendants. Where there is no /proc, the process alone."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        try:
            with open(f"/proc/{int(entry)}/stat") as stat:
                # The name comes in parentheses, and may contain some. The parent is the second field after it.
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue  # not a process, or one that has ended since
        children.setdefault(parent, []).append(int(entry))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return not os.path.isdir("/proc/self")


def attach(root: int) -> dict[int, RemoteUnwinder]:
    if not alive(root):
        fail(f"there is no process {root}: it has ended")
    unwinders, problem = {}, None
    for pid in family(root):
        try:
            unwinders[pid] = RemoteUnwinder(pid, all_threads=True)
        except PermissionError:
            fail(
                f"no permission to read process {pid}: run as the user that started it, and allow tracing"
                " (Linux: sysctl kernel.yama.ptrace_scope=0; Docker: --cap-add=SYS_PTRACE; macOS: sudo)"
            )
        except Exception as error:  # a shell, another build, a process that has just begun: its type says nothing
            problem = problem or " ".join(str(error).split())
    if not unwinders:
        version = sys.version.split()[0]
        fail(f"process {root} is not readable by this Python {version}, it has to be the same build: {problem}")
    return unwinders


def short(path: str) -> str:
    """django/template/base.py for a library's file, books/views.py for others."""
    for root in (INSTALLED, f"/python{sys.version_info.major}.{sys.version_info.minor}{sys.abiflags}/"):
        if root in path:
            return path.rpartition(root)[2]
    return "/".join(path.split("/")[-2:])


def idle(frames: list) -> bool:
    return bool(frames) and frames[0].filename.endswith(IDLE)


def installed(frames: list) -> set[str]:
    """The packages that the files of a stack belong to, apart from the application's own and the standard library's."""
    paths = (frame.filename.rpartition(INSTALLED) for frame in frames)
    return {path.split("/")[0] for _, root, path in paths if root}


def collapsed(frames: list) -> str:
    # A file of ";" in its name would look like two frames.
    names = (f"{frame.funcname} ({short(frame.filename)}:{frame.lineno})" for frame in reversed(frames))
    return ";".join(name.replace(";", ",") for name in names)


def sample(unwinders: dict[int, RemoteUnwinder], seconds: float) -> dict:
    stacks: Counter[str] = Counter()
    threads: set[tuple[int, int]] = set()
    packages: set[str] = set()
    samples = dropped = waiting = rounds = 0
    begun = due = time.monotonic()
    while unwinders and (now := time.monotonic()) - begun < seconds:
        # What was missed is not made up for: a burst of samples would count the same moment many times.
        due = max(due + PERIOD, now)
        rounds += 1
        for pid, unwinder in list(unwinders.items()):
            try:
                found = threads_of(unwinder)
                busy = [thread for thread in found if not idle(thread.frame_info)]
                seen = [(thread.thread_id, collapsed(thread.frame_info)) for thread in busy]
                packages.update(*(installed(thread.frame_info) for thread in busy))
            except Exception:  # torn in any of many ways
                dropped += 1
                if not alive(pid):
                    del unwinders[pid]
                continue
            samples += 1
            waiting += len(found) - len(seen)
            threads.update((pid, thread) for thread, _ in seen)
            stacks.update(stack for _, stack in seen if stack)
        time.sleep(max(0.0, due - time.monotonic()))
    elapsed = time.monotonic() - begun
    most = stacks.most_common(MOST_STACKS)
    if rest := stacks.total() - sum(count for _, count in most):
        most[-1:] = [(OTHER, rest + most[-1][1])]
    return {
        "samples": samples,
        "dropped": dropped,
        "waiting": waiting,
        "period_us": round(elapsed / max(rounds, 1) * 1e6),
        "threads": len(threads),
        "stacks": most,
        "packages": sorted(packages),
    }


def threads_of(unwinder: RemoteUnwinder) -> list:
    """3.14 gives threads; 3.15 gives interpreters, which have threads."""
    found = unwinder.get_stack_trace()
    return [thread for entry in found for thread in getattr(entry, "threads", [entry])]


def main() -> None:
    try:
        _, pid, seconds = sys.argv
        pid, seconds = int(pid), float(seconds)
    except ValueError:
        fail("usage: profile.py PID SECONDS")
    result = sample(attach(pid), seconds)
    if not result["samples"]:
        fail(f"process {pid} gave no sample, {result['dropped']} were torn: it has ended, or is of another build")
    print(json.dumps(result, separators=(",", ":")))


if __name__ == "__main__":
    main()
