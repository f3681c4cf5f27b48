#!/usr/bin/env python3
"""Benches whose right verdict is known: does `greenroom bench` come to it?

    benches/controls.py target/dist/greenroom [CONTROL …] [--runs N] [--busy] [--out FILE]
    benches/controls.py --table --out FILE [--write]
    benches/controls.py repeat SCENARIO [--runs 20] [--out FILE] [--greenroom target/dist/greenroom]

CONTROLS below says what is run, what is right, and how much of it is needed. Each run is a stage run of a minute on servers started
afresh, the controls in turn; a run is right, wrong (it says what is not so, or does not name what has to be named), or missing (nothing
is called where something should be, or no verdict is given). With --busy a process burns a core meanwhile: "no verdict, this machine is
busy" is then as right as the verdict. At the end, or of what --out has with --table alone, there is a table of the rates with their
intervals, as Markdown; --write puts it into the book.

`repeat` runs any scenario, by its path or by its name in deck/demos, again and again, and tells for each verdict how often a run's
interval holds the mean of the others (at least 18 of 20), how often runs contradict each other (never "higher" against "lower") and
how many say something else than most (at most 2 of 20; "near the margin" goes with what is on either side of it).

With --out, each run is written down when it is over, a line of JSON each, and those that are there already are not made again: what was
broken off goes on where it was.

The interpreters are those of `greenroom setup`. Leave the machine alone meanwhile: a bench on a busy machine refuses a verdict.
"""

import argparse
import contextlib
import hashlib
import json
import math
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import calls
import rates
import report
from kept import Kept

ROOT = Path(__file__).resolve().parent.parent
DEMOS = ROOT / "deck/demos"
OWN = DEMOS / "controls"
GREENROOM = ROOT / "target/dist/greenroom"
# Of 20 runs of a repeated scenario, so many have to hold the others' mean, and to say what most say.
HELD = AGREED = 18 / 20
# What the verdict says where others use the machine.
BUSY = "this machine is busy"
# It ends with this script, however that ends.
NEIGHBOUR = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6): pass"


def by_call(right, wrong, metrics=("throughput", "efficiency")):
    """Every verdict by these metrics says one of `right`, and none of `wrong`."""

    def judge(run):
        said = {calls.call(verdict) for verdict in run["verdicts"] if verdict["metric"] in metrics}
        return "wrong" if said & wrong else "right" if said and said <= right else "missing"

    return judge


def holds(ratio):
    """The range of the throughput holds what is known of it."""

    def judge(run):
        given = [verdict for verdict in run["verdicts"] if verdict["metric"] == "throughput"]
        if not given or any(verdict["call"] == "refused" for verdict in given):
            return "missing"
        held = all(verdict["low_ppm"] <= ratio * 1e6 <= verdict["high_ppm"] for verdict in given)
        return "right" if held and all(verdict["call"] != "lower" for verdict in given) else "wrong"

    return judge


def names(*texts):
    """Each of these stands beside every verdict; where it does not, what is given as a verdict misleads."""

    def judge(run):
        flags = ["; ".join(verdict["flags"]) for verdict in run["verdicts"]]
        if flags and all(text in said for said in flags for text in texts):
            return "right"
        return "missing" if all(verdict["call"] == "refused" for verdict in run["verdicts"]) else "wrong"

    return judge


def shows_the_freeze(run):
    """In the open loop's 99th percentile, and in that of the frozen one alone."""
    tails = {tail["variant"]: tail["p99_us"] / 1000 for tail in run["tails"] if tail["kind"] == "open"}
    if not {0, 1} <= set(tails):
        return "missing"
    return "right" if tails[1] > 400 and tails[1] > 4 * tails[0] else "wrong"


@dataclass(frozen=True)
class Control:
    """A bench whose right verdict is known."""

    name: str
    what: str
    scenario: Path
    judge: Callable
    # In words.
    right: str
    # The shares of runs that have to be right, and that may be wrong.
    needed: float
    wrong: float
    runs: int = 10
    options: tuple = ()


BOTH_WAYS = frozenset({"higher", "lower"})
CONTROLS = [
    Control("same", "the same server twice", OWN / "same.yaml", by_call({"close"}, BOTH_WAYS), "too close to call", 19 / 20, 1 / 20, 40),
    Control("slowdown", "one tenth more work per request", OWN / "slowdown.yaml", by_call({"lower"}, {"higher"}, ("efficiency",)),
            "slower, per CPU-second", 16 / 20, 0, 40),
    Control("slowdown-5", "one twentieth more work per request", OWN / "slowdown-5.yaml",
            by_call({"lower", "near", "close"}, {"higher"}, ("efficiency",)), "slower or too close, per CPU-second", 0, 0, 40),
    Control("freeze", "one second of silence", OWN / "freeze.yaml", shows_the_freeze, "it shows in the open loop's p99", 1, 0,
            options=("--open", "20")),
    Control("flip", "a side that gets its GIL back", DEMOS / "flip.yaml", names("the GIL was switched on"), "named beside the verdict", 1, 0),
    Control("unfair", "one side with another adapter", OWN / "unfair.yaml", names("not alike", "psycopg"), "named beside the verdict", 1, 0),
    Control("luck", "1.2 times as fast, each start another 6 % off", OWN / "luck.yaml", holds(1.2), "the range holds 1.2", 18 / 20, 2 / 20),
]


def bench(greenroom, scenario, *options):
    command = [greenroom, "bench", str(scenario), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    if not any(record["type"] == "verdict" for record in records):
        faults = [record["message"] for record in records if record["type"] == "fault"]
        sys.exit(f"{scenario.stem}: the bench failed: {faults or done.stderr.strip()}")
    return records


def one_run(greenroom, scenario, number, *options):
    """What one run says, as it is written down."""
    began = time.time()
    records = bench(greenroom, scenario, *options)
    head = records[0]
    sides = head["variants"]
    of = lambda kind: [record for record in records if record["type"] == kind]
    found = [
        {"metric": record["metric"], "of": sides[record["variant"]], "against": sides[record["baseline"]],
         **{key: record[key] for key in ("ratio_ppm", "low_ppm", "high_ppm", "call", "flags")}}
        for record in of("verdict")
    ]
    env = next(iter(of("env")), {})
    machine = {key: env.get(key) for key in ("cpu", "cores", "system", "virtualisation", "load_milli")}
    return {"scenario": scenario.stem, "file": head["scenario"], "run": number, "started": head["started"],
            "seconds": round(time.time() - began, 1), "launches": len(of("launch")), "machine": machine, "verdicts": found,
            "tails": of("tail"), "faults": [record["message"] for record in of("fault")]}


def digest(scenario):
    return hashlib.sha256(scenario.read_bytes()).hexdigest()


def machine(told):
    """What verdicts depend on, without the version of the system, of which a bench may have told nothing."""
    system = (told["system"] or "unknown").split()[0]
    return f"{told['virtualisation'] or 'machine'} with {told['cores']} processors ({told['cpu']}), {system}"


def where(runs):
    """`2026-11-23 and 2026-11-27, virtual machine with 2 processors (AMD EPYC), linux`"""
    days = sorted({time.strftime("%Y-%m-%d", time.gmtime(run["started"])) for run in runs})
    machines = {machine(run["machine"]) for run in runs}
    return f"{' and '.join(dict.fromkeys([days[0], days[-1]]))}, {'; '.join(sorted(machines))}"


@contextlib.contextmanager
def neighbour(busy):
    """A process that burns a core meanwhile, where one is asked for."""
    burns = subprocess.Popen([sys.executable, "-c", NEIGHBOUR]) if busy else None
    try:
        yield
    finally:
        if burns:
            burns.kill()
            burns.wait()


def outcome(control, run):
    if run["busy"] and any(BUSY in flag for verdict in run["verdicts"] for flag in verdict["flags"]):
        return "right"
    return control.judge(run)


def of_control(kept, control, busy):
    """Runs that are there already; those of another version of its scenario do not count."""
    known = digest(control.scenario)
    return [run for run in kept.runs if (run.get("control"), run.get("busy"), run["file"]) == (control.name, busy, known)]


def make(greenroom, kept, chosen, runs, busy):
    """The runs that are missing, the controls in turn, so that an hour in which the machine is slow is nobody's alone."""
    wanted = lambda control: runs or control.runs
    for number in range(1, max(map(wanted, chosen)) + 1):
        for control in chosen:
            if not len(of_control(kept, control, busy)) < min(number, wanted(control)):
                continue
            with neighbour(busy):
                run = one_run(greenroom, control.scenario, number, *control.options)
            run = {"control": control.name, "busy": busy, **run}
            kept.add(run)
            said = "; ".join(f"{verdict['metric']} {calls.describe(verdict)}" for verdict in run["verdicts"])
            print(f"  {control.name} {number}: {outcome(control, run)}, {run['seconds']:.0f} s, {said}", flush=True)


def mean_ratio(control, runs):
    """The mean of what was measured, and how much runs differ, of the first verdict that the control is about."""
    metric = "efficiency" if control.name.startswith("slowdown") else "throughput"
    firsts = [next((one for one in run["verdicts"] if one["metric"] == metric and one["ratio_ppm"]), None) for run in runs]
    logs = [calls.log_ratio(verdict) for verdict in firsts if verdict]
    if not logs:
        return "–"
    spread = f" ± {100 * deviation(logs):.1f} %" if len(logs) > 1 else ""
    return f"{math.exp(mean(logs)):.3f}{spread}"


def table(kept):
    """The rates of every control that has runs, as Markdown, and whether they are what is needed."""
    rows = [(control, busy, of_control(kept, control, busy)) for control in CONTROLS for busy in (False, True)]
    rows = [row for row in rows if row[2]]
    if not rows:
        sys.exit("there is no run of a control")
    every = [run for *_, runs in rows for run in runs]
    lines = [f"{where(every)}; rates with the 95 % intervals of Clopper and Pearson; {launches(every)}, and the longest took "
             f"{max(run['seconds'] for run in every):.0f} s.", "",
             "| control | right is | right | wrong | missing | mean ratio, from run to run |", "|---|---|---|---|---|---|"]
    good = True
    for control, busy, runs in rows:
        found = Counter(outcome(control, run) for run in runs)
        cells = [rates.in_words(found[kind], len(runs)) for kind in ("right", "wrong", "missing")]
        what, right = (f"{control.what}, beside a busy neighbour", f"{control.right}, or busy machine") if busy else (control.what, control.right)
        lines.append(f"| {what} | {right} | {' | '.join(cells)} | {mean_ratio(control, runs)} |")
        good &= found["wrong"] <= control.wrong * len(runs) and (busy or found["right"] >= control.needed * len(runs))
    return "\n".join(lines), good


def launches(runs):
    """`each run was 7 to 10 launches`"""
    least, most = (choose(run["launches"] for run in runs) for choose in (min, max))
    return f"each run was {least} launches" if least == most else f"each run was {least} to {most} launches"


def scenario_of(text):
    """A path, or a name in the deck's demos."""
    known = [Path(text), DEMOS / f"{text}.yaml", OWN / f"{text}.yaml"]
    found = next((path for path in known if path.is_file()), None)
    return found.resolve() if found else sys.exit(f"there is no scenario {text}, nor {known[1]}")


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    middle = mean(values)
    return math.sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1))


def judged(runs):
    """A row for each verdict of the scenario."""
    pairs = defaultdict(list)
    for run in runs:
        for verdict in run["verdicts"]:
            pairs[verdict["metric"], verdict["of"], verdict["against"]].append(verdict)
    for (metric, one, other), verdicts in pairs.items():
        said = Counter(map(calls.call, verdicts))
        refused = said.pop("refused", 0)
        given = [verdict for verdict in verdicts if verdict["call"] != "refused"]
        logs = [calls.log_ratio(verdict) for verdict in given]
        held = 0
        for at, verdict in enumerate(given):
            others = logs[:at] + logs[at + 1:]
            low, high = verdict["low_ppm"] / 1e6, verdict["high_ppm"] / 1e6
            held += bool(others) and low <= math.exp(mean(others)) <= high
        most = max((sum(calls.agree(verdict, another) for another in given) for verdict in given), default=0)
        yield {"name": f"{one} against {other}, {metric}", "ratio": math.exp(mean(logs)) if logs else math.nan,
               "deviation": deviation(logs) if len(logs) > 1 else math.nan, "held": held, "given": len(given), "refused": refused,
               "calls": said, "others": len(given) - most, "contradicts": bool(said["higher"] and said["lower"])}


def repeat(arguments):
    parser = argparse.ArgumentParser(prog="controls.py repeat", description="run a scenario again and again")
    parser.add_argument("scenario")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--greenroom", default=str(GREENROOM))
    options = parser.parse_args(arguments)
    scenario = scenario_of(options.scenario)
    kept, known = Kept(options.out), digest(scenario)
    runs = [run for run in kept.runs if run["file"] == known and "control" not in run][:options.runs]
    if runs:
        print(f"  {len(runs)} runs are in {options.out} already", flush=True)
    while len(runs) < options.runs:
        run = one_run(options.greenroom, scenario, len(runs) + 1)
        runs.append(run)
        kept.add(run)
        said = "; ".join(f"{verdict['metric']} {calls.describe(verdict)}" for verdict in run["verdicts"])
        print(f"  {run['run']}: {run['seconds']:.0f} s, {run['launches']} launches: {said}", flush=True)
    print(f"\n{scenario.stem}: {len(runs)} runs, {where(runs)}; the longest took {max(run['seconds'] for run in runs):.0f} s\n")
    print("| verdict | mean ratio | from run to run | interval holds the others' mean | calls | contradictions |")
    print("|---|---|---|---|---|---|")
    good = True
    for row in judged(runs):
        counted = row["calls"].most_common() + [("refused", row["refused"])] * bool(row["refused"])
        said = ", ".join(f"{call} {count}" for call, count in counted)
        print(f"| {row['name']} | {row['ratio']:.3f} | {100 * row['deviation']:.1f} % | {row['held']} of {row['given']} | "
              f"{said} | {'yes' if row['contradicts'] else 'none'} |")
        good &= row["held"] >= HELD * len(runs) and not row["contradicts"]
        good &= row["others"] <= (1 - AGREED) * len(runs) + 1e-9
    return good


def main():
    if sys.argv[1:2] == ["repeat"]:
        sys.exit(0 if repeat(sys.argv[2:]) else 1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = {control.name: control for control in CONTROLS}
    parser.add_argument("greenroom", nargs="?", default=str(GREENROOM))
    parser.add_argument("controls", nargs="*", metavar="|".join(known))
    parser.add_argument("--runs", type=int, help="of each; 40 of the first three and 10 of each other when nothing is said")
    parser.add_argument("--busy", action="store_true", help="beside a process that burns a core")
    parser.add_argument("--out", type=Path, help="where runs are written down, and looked for")
    parser.add_argument("--write", action="store_true", help="put the table into the book")
    parser.add_argument("--table", action="store_true", help="run nothing, and print the table of what --out has")
    options = parser.parse_args()
    if not set(options.controls) <= set(known):
        parser.error(f"the controls are {', '.join(known)}")
    kept = Kept(options.out)
    if not options.table:
        chosen = [known[name] for name in options.controls] or CONTROLS
        make(options.greenroom, kept, chosen, options.runs, options.busy)
    text, good = table(kept)
    print(f"\n{text}")
    if options.write:
        report.write("docs/src/explanation/measuring.md", "controls", text)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
