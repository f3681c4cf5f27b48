#!/usr/bin/env python3
"""Every probe of the lab, ten runs in each column, and the tables of its README from them.

    benches/lab.py target/dist/greenroom [PROBE …] [--runs 10] [--out FILE] [--write]

Probes are named as their scripts are; all of those in the README's tables when none is named. With --out each probe is written down
when it is over, a line of JSON each, and is not run again. --write puts the cells into deck/demos/lab/README.md; without it they are
printed. A run is a fresh interpreter. The interpreters are those of `greenroom setup`; verdicts do not need a quiet machine, rates do.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from kept import Kept

LAB = Path(__file__).resolve().parent.parent / "deck/demos/lab"
README = LAB / "README.md"
COLUMNS = ["gil", "gil-plus", "free-threaded"]
# Seconds of one run, where one is too short to meet what the probe is about.
SECONDS = {"site_cache": 8, "json_crash": 5, "connection_guard_crash": 5, "cached_property": 3, "lru_cache": 3,
           "class_queryset": 3, "settings_first_access": 3}
POSTGRESQL = {"psycopg_shared", "pool_connections", "django_connections"}
ROW = re.compile(r"^\| `(\w+)` \| (`[^`]+`) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$")


def probe(greenroom, name, runs):
    """What each run of each column said last."""
    seconds = SECONDS.get(name, 1) * runs
    command = [greenroom, "probe", str(LAB / f"{name}.py"), "--json", "--runs", str(runs), "--seconds", str(seconds)]
    command += ["--postgresql"] * (name in POSTGRESQL)
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    columns, last, place = {kind: [] for kind in COLUMNS}, {}, None
    kinds = COLUMNS
    for line in done.stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "head":
            kinds = record["columns"]
        elif record["type"] == "line":
            said = record["said"]
            place = said.get("place", place)
            last.update({key: said[key] for key in ("trials", "anomalies", "verdict") if key in said})
        elif record["type"] == "exit":
            columns[kinds[record["column"]]].append(last)
            last = {}
    if not all(columns.values()):
        sys.exit(f"{name}: no result: {done.stderr.strip()[-400:]}")
    return {"probe": name, "place": place, "runs": runs, "columns": columns}


def cell(runs):
    """`**anomalies** 9/10, none 1/10<br>12 of 3,400`"""
    verdicts = [run.get("verdict", "failed") for run in runs]
    order = sorted(set(verdicts), key=lambda verdict: (-verdicts.count(verdict), verdict))
    shown = [f"{name if name == 'none' else f'**{name}**'} {verdicts.count(name)}/{len(runs)}" for name in order]
    trials, anomalies = (sum(run.get(key, 0) for run in runs) for key in ("trials", "anomalies"))
    counts = "" if "crash" in verdicts else f"<br>{anomalies:,} of {trials:,}"
    return ", ".join(shown) + counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("greenroom")
    parser.add_argument("probes", nargs="*")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    rows = {match[1]: match for match in map(ROW.match, text.splitlines()) if match and "/" in match[3]}
    kept = Kept(options.out)
    found = {run["probe"]: run for run in kept.runs}
    for name in options.probes or rows:
        if name not in found:
            found[name] = probe(options.greenroom, name, options.runs)
            kept.add(found[name])
        cells = [cell(found[name]["columns"][kind]) for kind in COLUMNS]
        row = f"| `{name}` | `{found[name]['place']}` | {' | '.join(cells)} |"
        print(row, flush=True)
        if options.write and name in rows:
            text = text.replace(rows[name][0], row)
    if options.write:
        README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
