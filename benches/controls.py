#!/usr/bin/env python3
"""Benches whose right verdict is known: does `greenroom bench` come to it?

    benches/controls.py target/dist/greenroom [same] [slowdown] [freeze] [--runs 20]

- same: one server twice, so that the only right call is "too close" (at least 19 of 20);
- slowdown: the second one needs a tenth more processor time for each request, which requests per CPU-second have to
  show (at least 16 of 20, and never the other way round);
- freeze: the second one stops for a second, once, which the 99th percentile of an open loop has to show.

Each is a stage run of half a minute, on servers started afresh. The interpreters are those of `greenroom setup`.
Leave the machine alone meanwhile: a bench on a busy machine refuses a verdict, which counts as not called here.
"""

import argparse
import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

CONTROLS = Path(__file__).resolve().parent.parent / "deck/demos/controls"
# Of 20 runs, so many have to be called as they should.
NEEDED = {"same": 19 / 20, "slowdown": 16 / 20}


def bench(greenroom, name, *options):
    command = [greenroom, "bench", str(CONTROLS / f"{name}.yaml"), "--json", *options]
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
    records = bench(greenroom, "freeze", "--open", "12")
    tails = [record for record in records if record["type"] == "tail" and record["kind"] == "open"]
    steady, frozen = (next(tail["p99_us"] / 1000 for tail in tails if tail["variant"] == at) for at in (0, 1))
    print(f"freeze: p99 of the open loop {steady:.0f} ms without it, {frozen:.0f} ms with it")
    return frozen > 400 and frozen > 4 * steady


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("greenroom")
    parser.add_argument("controls", nargs="*", metavar="same|slowdown|freeze")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    known = {"same": same, "slowdown": slowdown, "freeze": freeze}
    chosen = arguments.controls or list(known)
    if not set(chosen) <= set(known):
        parser.error(f"the controls are {', '.join(known)}")
    good = [known[name](arguments.greenroom, arguments.runs) for name in chosen]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
