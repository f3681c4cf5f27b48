#!/usr/bin/env python3
"""Benches whose right verdict is known: does `greenroom bench` come to it?

    benches/controls.py target/dist/greenroom [same] [slowdown] [freeze] [luck] [--runs 20]
    benches/controls.py repeat SCENARIO [--runs 20] [--out FILE] [--greenroom target/dist/greenroom]

- same: one server twice, so that the only right call is "too close" (at least 19 of 20);
- slowdown: the second one needs a tenth more processor time for each request, which requests per CPU-second have to
  show (at least 16 of 20, and never the other way round);
- freeze: the second one stops for a second, once, which the 99th percentile of an open loop has to show;
- luck: the second one answers 1.2 times as many requests, and each of its starts is another 6 % off, which the interval has
  to cover (at least 18 of 20).

`repeat` runs any scenario, by its path or by its name in deck/demos, again and again, and tells for each verdict how often a run's
interval holds the mean of the others (at least 18 of 20), how often runs contradict each other (never "higher" against "lower") and
how many say something else than most (at most 2 of 20). With --out, each run is written down when it is over, a line of JSON each, and
those that are there already are not made again: a run that was broken off goes on where it was.

Each is a stage run of a minute, on servers started afresh. The interpreters are those of `greenroom setup`.
Leave the machine alone meanwhile: a bench on a busy machine refuses a verdict, which counts as not called here.
"""

import argparse
import hashlib
import json
import math
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMOS = ROOT / "deck/demos"
CONTROLS = DEMOS / "controls"
# Of 20 runs, so many have to be called as they should, hold what they should, and say what most say.
NEEDED = {"same": 19 / 20, "slowdown": 16 / 20, "luck": 18 / 20, "held": 18 / 20, "agreed": 18 / 20}
# What the control `luck` has as its ratio.
LUCK = 1.2


def bench(greenroom, scenario, *options):
    path = scenario if isinstance(scenario, Path) else CONTROLS / f"{scenario}.yaml"
    name = path.stem
    command = [greenroom, "bench", str(path), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    faults = [record["message"] for record in records if record["type"] == "fault"]
    if done.returncode or faults:
        sys.exit(f"{name}: the bench failed: {faults or done.stderr.strip()}")
    return records


def verdicts(records):
    return {record["metric"]: record for record in records if record["type"] == "verdict"}


def describe(verdict):
    ratio, low, high = (verdict[key] / 1e6 for key in ("ratio_ppm", "low_ppm", "high_ppm"))
    why = f" ({'; '.join(verdict['flags'])})" if verdict["flags"] else ""
    return f"{verdict['call']} {ratio:.3f} [{low:.3f}, {high:.3f}]{why}"


def spread(ratios):
    """Root mean square of the logarithms: the error where the true ratio is 1."""
    return math.sqrt(sum(math.log(ratio) ** 2 for ratio in ratios) / len(ratios)) if ratios else math.nan


def same(greenroom, runs):
    calls, ratios = {"throughput": Counter(), "efficiency": Counter()}, {"throughput": [], "efficiency": []}
    for run in range(runs):
        found = verdicts(bench(greenroom, "same"))
        for metric, verdict in found.items():
            calls[metric][verdict["call"]] += 1
            ratios[metric].append(verdict["ratio_ppm"] / 1e6)
        said = ", ".join(f"{metric} {describe(verdict)}" for metric, verdict in found.items())
        print(f"  {run + 1}: {said}", flush=True)
    good = True
    for metric, counted in calls.items():
        good &= counted["close"] >= NEEDED["same"] * runs
        print(f"same, {metric}: {counted['close']} of {runs} too close to call, {dict(counted)}, "
              f"RMS error {100 * spread(ratios[metric]):.1f} %")
    return good


def slowdown(greenroom, runs):
    calls, ratios = Counter(), []
    for run in range(runs):
        verdict = verdicts(bench(greenroom, "slowdown"))["efficiency"]
        calls[verdict["call"]] += 1
        ratios.append(verdict["ratio_ppm"] / 1e6)
        print(f"  {run + 1}: {describe(verdict)}", flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"slowdown: {calls['lower']} of {runs} called slower, {dict(calls)}, mean ratio {mean:.3f}")
    return calls["lower"] >= NEEDED["slowdown"] * runs and not calls["higher"]


def freeze(greenroom, _):
    records = bench(greenroom, "freeze", "--open", "20")
    tails = [record for record in records if record["type"] == "tail" and record["kind"] == "open"]
    steady, frozen = (next(tail["p99_us"] / 1000 for tail in tails if tail["variant"] == at) for at in (0, 1))
    print(f"freeze: p99 of the open loop {steady:.0f} ms without it, {frozen:.0f} ms with it")
    return frozen > 400 and frozen > 4 * steady


def luck(greenroom, runs):
    held, ratios = 0, []
    for run in range(runs):
        verdict = verdicts(bench(greenroom, "luck"))["throughput"]
        held += verdict["low_ppm"] / 1e6 <= LUCK <= verdict["high_ppm"] / 1e6
        ratios.append(verdict["ratio_ppm"] / 1e6)
        print(f"  {run + 1}: {describe(verdict)}", flush=True)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"luck: {held} of {runs} intervals hold {LUCK}, mean ratio {mean:.3f}")
    return held >= NEEDED["luck"] * runs


def scenario_of(text):
    """A path, or a name in the deck's demos."""
    known = [Path(text), DEMOS / f"{text}.yaml", CONTROLS / f"{text}.yaml"]
    found = next((path for path in known if path.is_file()), None)
    return found.resolve() if found else sys.exit(f"there is no scenario {text}, nor {known[1]}")


def one_run(greenroom, scenario, number):
    """What one run says, as it is written down."""
    began = time.time()
    records = bench(greenroom, scenario)
    head = records[0]
    names = head["variants"]
    launches = sum(record["type"] == "launch" for record in records)
    found = [
        {"metric": record["metric"], "of": names[record["variant"]], "against": names[record["baseline"]],
         **{key: record[key] for key in ("ratio_ppm", "low_ppm", "high_ppm", "call", "flags")}}
        for record in records if record["type"] == "verdict"
    ]
    env = next((record for record in records if record["type"] == "env"), {})
    machine = {key: env.get(key) for key in ("cpu", "cores", "system", "virtualisation", "load_milli")}
    return {"scenario": scenario.stem, "file": head["scenario"], "run": number, "started": head["started"],
            "seconds": round(time.time() - began, 1), "launches": launches, "machine": machine, "verdicts": found}


def written(out, scenario):
    """Runs of the scenario that are there already; those of another version of its file do not count."""
    if not out or not out.is_file():
        return []
    digest = hashlib.sha256(scenario.read_bytes()).hexdigest()
    lines = out.read_text(encoding="utf-8").splitlines()
    runs = [json.loads(line) for line in lines if line.endswith("}")]
    return [run for run in runs if run["file"] == digest]


def mean(values):
    return sum(values) / len(values)


def judged(runs):
    """A row for each verdict of the scenario."""
    pairs = defaultdict(list)
    for run in runs:
        for verdict in run["verdicts"]:
            pairs[verdict["metric"], verdict["of"], verdict["against"]].append(verdict)
    for (metric, one, other), verdicts in pairs.items():
        calls = Counter(verdict["call"] for verdict in verdicts)
        given = [verdict for verdict in verdicts if verdict["call"] != "refused"]
        logs = [math.log(verdict["ratio_ppm"] / 1e6) for verdict in given]
        held = 0
        for at, verdict in enumerate(given):
            others = logs[:at] + logs[at + 1:]
            low, high = verdict["low_ppm"] / 1e6, verdict["high_ppm"] / 1e6
            held += bool(others) and low <= math.exp(mean(others)) <= high
        middle = mean(logs) if logs else math.nan
        deviation = math.sqrt(sum((log - middle) ** 2 for log in logs) / (len(logs) - 1)) if len(logs) > 1 else math.nan
        given_calls = Counter(verdict["call"] for verdict in given)
        most = max(given_calls.values(), default=0)
        yield {"name": f"{one} against {other}, {metric}", "ratio": math.exp(middle), "deviation": deviation, "held": held,
               "given": len(given), "refused": calls["refused"], "calls": given_calls, "others": len(given) - most,
               "contradicts": bool(given_calls["higher"] and given_calls["lower"])}


def repeat(arguments):
    parser = argparse.ArgumentParser(prog="controls.py repeat", description="run a scenario again and again")
    parser.add_argument("scenario")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--greenroom", default=str(ROOT / "target/dist/greenroom"))
    options = parser.parse_args(arguments)
    scenario = scenario_of(options.scenario)
    runs = written(options.out, scenario)[:options.runs]
    if runs:
        print(f"  {len(runs)} runs are in {options.out} already", flush=True)
    while len(runs) < options.runs:
        run = one_run(options.greenroom, scenario, len(runs) + 1)
        runs.append(run)
        if options.out:
            with options.out.open("a", encoding="utf-8") as out:
                out.write(json.dumps(run) + "\n")
        said = "; ".join(f"{verdict['metric']} {describe(verdict)}" for verdict in run["verdicts"])
        print(f"  {run['run']}: {run['seconds']:.0f} s, {run['launches']} launches: {said}", flush=True)
    machine = runs[0]["machine"]
    days = sorted({time.strftime("%Y-%m-%d", time.gmtime(run["started"])) for run in runs})
    print(f"\n{scenario.stem}: {len(runs)} runs, {' and '.join(dict.fromkeys([days[0], days[-1]]))}, {machine['cpu']}, "
          f"{machine['cores']} cores, {machine['system']}; the longest took {max(run['seconds'] for run in runs):.0f} s\n")
    print("| verdict | mean ratio | from run to run | interval holds the others' mean | calls | contradictions |")
    print("|---|---|---|---|---|---|")
    good = True
    for row in judged(runs):
        counted = row["calls"].most_common() + [("refused", row["refused"])] * bool(row["refused"])
        calls = ", ".join(f"{call} {count}" for call, count in counted)
        print(f"| {row['name']} | {row['ratio']:.3f} | {100 * row['deviation']:.1f} % | {row['held']} of {row['given']} | "
              f"{calls} | {'yes' if row['contradicts'] else 'none'} |")
        good &= row["held"] >= NEEDED["held"] * len(runs) and not row["contradicts"]
        good &= row["others"] <= (1 - NEEDED["agreed"]) * len(runs) + 1e-9
    return good


def main():
    if sys.argv[1:2] == ["repeat"]:
        sys.exit(0 if repeat(sys.argv[2:]) else 1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("greenroom")
    parser.add_argument("controls", nargs="*", metavar="same|slowdown|freeze|luck")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    known = {"same": same, "slowdown": slowdown, "freeze": freeze, "luck": luck}
    chosen = arguments.controls or list(known)
    if not set(chosen) <= set(known):
        parser.error(f"the controls are {', '.join(known)}")
    good = [known[name](arguments.greenroom, arguments.runs) for name in chosen]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
