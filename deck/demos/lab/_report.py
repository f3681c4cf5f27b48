"""What every probe says about itself and its findings: JSON lines, or on a terminal lines for a person."""

import argparse, inspect, json, os, sys, textwrap, time
from importlib.metadata import version
from importlib.util import find_spec

PROBE = os.path.basename(sys.argv[0]).removesuffix(".py")
GIL = getattr(sys, "_is_gil_enabled", lambda: True)()

parser = argparse.ArgumentParser(prog=PROBE)
asked = os.environ.get  # by greenroom probe
parser.add_argument("--seconds", type=float, default=asked("GREENROOM_SECONDS"), help="how long to race (default 3)")
parser.add_argument("--switch-interval", type=float, help="GIL+ is 1e-6",
    default=asked("GREENROOM_SWITCH_INTERVAL", sys.getswitchinterval()))
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
    else:
        show(line)


def show(line):
    """The same for a person, in lines that fit half a terminal; counters stay on theirs."""
    red, green, strong, plain = "\033[1;31m", "\033[1;32m", "\033[1m", "\033[0m"
    sys.stdout.write("\r\033[K")
    if "probe" in line:
        build = "free threaded" if line["free_threaded"] else "with the GIL"
        print(f"{strong}Python {line['python']} {build}, GIL {line['gil']}{plain}")
        extra = [f"{key} {value}" for key, value in line.items() if key in ("django", "asgiref", "lxml") and value]
        print(", ".join([f"switch interval {line['switch_interval']:g} s", *extra]))
        print(f"{line['place']}\n")
    elif "verdict" in line:
        found = line["verdict"] != "none"
        count = f"{line['anomalies']:,} of {line['trials']:,}" if line["trials"] else ""
        print(f"\n{red if found else green}{line['verdict'].upper()}{plain}  {count}  in {line['seconds']} s")
    elif "trials" in line:
        color = red if line["anomalies"] else green
        print(f"{color}{line['anomalies']:,}{plain} of {line['trials']:,}", end="", flush=True)
    else:
        for key, value in line.items():
            print(textwrap.fill(f"{key}: {value}", 68))


def say_probe(where, **more):
    say(probe=PROBE, python="{}.{}.{}".format(*sys.version_info), free_threaded="t" in getattr(sys, "abiflags", ""),
        gil="on" if GIL else "off", switch_interval=sys.getswitchinterval(),
        django=version("django") if find_spec("django") else None, place=where, **more)


def say_verdict(verdict, trials, anomalies, begun, **more):
    say(verdict=verdict, trials=trials, anomalies=anomalies, seconds=round(time.monotonic() - begun, 2), **more)
    sys.stdout.flush()
    os._exit(0)  # at once: a thread that hangs must not keep us
