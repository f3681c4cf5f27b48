"""What every probe says about itself and its findings: JSON lines, or on a terminal lines for a person."""

import argparse, inspect, json, os, sys, time
from importlib.metadata import version
from importlib.util import find_spec

PROBE = os.path.basename(sys.argv[0]).removesuffix(".py")
GIL = getattr(sys, "_is_gil_enabled", lambda: True)()

parser = argparse.ArgumentParser(prog=PROBE)
parser.add_argument("--seconds", type=float, help="how long to race (default 3)")
parser.add_argument("--switch-interval", type=float, default=sys.getswitchinterval(), help="GIL+ is 1e-6")
parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
options = parser.parse_args()
sys.setswitchinterval(options.switch_interval)


def needs(*packages):
    """Leave with exit code 2 where a package is not installed."""
    if missing := [package for package in packages if not find_spec(package)]:
        parser.exit(2, f"{PROBE} needs {', '.join(missing)}: pip install -r demos/locks/requirements.in\n")


def place(thing, text=""):
    """file:line of `text` inside `thing`, read from the source that runs, so never out of date."""
    lines, first = inspect.getsourcelines(thing)
    offset = next((n for n, line in enumerate(lines) if text in line), 0)
    path = os.path.realpath(inspect.getsourcefile(inspect.unwrap(thing)))
    roots = [root for root in map(os.path.realpath, sys.path) if path.startswith(root + os.sep)]
    return f"{os.path.relpath(path, max(roots, key=len, default=os.getcwd()))}:{first + offset}"


def say(**line):
    """One line of the report. Only the main thread calls this."""
    if not sys.stdout.isatty():
        print(json.dumps(line), flush=True)
    elif "trials" in line and "verdict" not in line:
        print(f"\r\033[K{line['anomalies']:,} of {line['trials']:,}", end="", flush=True)
    else:
        print("\r\033[K" + "  ".join(f"{key} {value}" for key, value in line.items()))


def say_probe(where, **more):
    say(probe=PROBE, python="{}.{}.{}".format(*sys.version_info), free_threaded="t" in getattr(sys, "abiflags", ""),
        gil="on" if GIL else "off", switch_interval=sys.getswitchinterval(),
        django=version("django") if find_spec("django") else None, place=where, **more)


def say_verdict(verdict, trials, anomalies, begun, **more):
    say(verdict=verdict, trials=trials, anomalies=anomalies, seconds=round(time.monotonic() - begun, 2), **more)
    sys.stdout.flush()
    os._exit(0)  # at once: a thread that hangs must not keep us
