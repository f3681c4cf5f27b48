#!/usr/bin/env python3
"""Do two folders of recordings say the same?

    benches/repeat.py OLD NEW

Every recording (`*.ndjson`, earlier takes aside) of a bench or a probe in either folder is compared with the one of the same name: of a
bench, the call of each verdict (higher, lower, near the margin, close, refused); of a probe, the class of each column (none, anomalies, crash, hang).
Ratios and rates may differ, calls and classes may not. What is near the margin in one folder agrees with what the other says on either
side of it: such pairs are listed apart. A recording that is in both to the byte is a copy, and proves nothing: it is not compared, and named.
Exit status: 0 they agree in all, 1 they do not, and each that differs is listed.
"""

import filecmp
import json
import re
import sys
from pathlib import Path

import calls

# An earlier take, which `record` leaves beside the new one.
TAKE = re.compile(r".+\.\d+\.ndjson")


def records(path):
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record


def bench(found, head):
    """What each verdict says."""
    names = head.get("variants", [])
    name = lambda at: names[at] if at < len(names) else "?"
    said = {}
    for record in found:
        if record.get("type") == "verdict":
            key = f"{record['metric']}, {name(record['variant'])} against {name(record['baseline'])}"
            said[key] = record
    return said


def probe(found, head):
    """What each column found, as a class."""
    kinds = [label or kind for label, kind in zip(head.get("labels") or [""] * 99, head.get("columns", []))]
    classes = ["no result" for _ in kinds]
    order = ["no result", "none", "anomalies", "hang", "crash"]

    def at_least(column, name):
        if column < len(classes) and order.index(name) > order.index(classes[column]):
            classes[column] = name

    for record in found:
        column, said = record.get("column", 0), record.get("said", {})
        if record.get("type") == "line":
            anomaly = said.get("anomaly")
            wrong = said.get("anomalies") or anomaly not in (None, False)
            at_least(column, "anomalies" if wrong else "none")
            if said.get("verdict") in ("crash", "hang"):
                at_least(column, said["verdict"])
        elif record.get("type") == "exit" and record.get("how") in ("signal", "timeout"):
            at_least(column, "crash" if record["how"] == "signal" else "hang")
    return {f"column {kind}": name for kind, name in zip(kinds, classes)}


def said(path):
    found = list(records(path))
    head = found[0] if found else {}
    match head.get("format"):
        case "greenroom-bench":
            return bench(found, head)
        case "greenroom-probe":
            return probe(found, head)
    return {}


def agree(one, other):
    """Whether both say the same, and whether they say it with the same word."""
    if isinstance(one, dict) and isinstance(other, dict):
        return calls.agree(one, other), calls.call(one) == calls.call(other)
    return one == other, one == other


def in_words(what):
    return calls.in_short(what) if isinstance(what, dict) else what


def compare(old, new):
    """How many calls were compared, those that differ in words, those that are near the margin in one of both, and what is a copy."""
    count, differ, near, copies = 0, [], [], []
    names = sorted({path.name for folder in (old, new) for path in folder.glob("*.ndjson") if not TAKE.fullmatch(path.name)})
    for name in names:
        paths = old / name, new / name
        missing = [path for path in paths if not path.is_file()]
        if missing:
            differ.append(f"{name}: there is no {missing[0]}")
            continue
        if filecmp.cmp(*paths, shallow=False):
            copies.append(name)
            continue
        one, other = map(said, paths)
        for key in dict.fromkeys([*one, *other]):
            count += 1
            first, second = one.get(key, "nothing"), other.get(key, "nothing")
            agrees, alike = agree(first, second)
            if not alike:
                (near if agrees else differ).append(f"{name}: {key}: {in_words(first)}, then {in_words(second)}")
    return count, differ, near, copies


def main():
    if len(sys.argv) != 3 or not all(Path(path).is_dir() for path in sys.argv[1:]):
        sys.exit(__doc__)
    count, differ, near, copies = compare(Path(sys.argv[1]), Path(sys.argv[2]))
    if not count and not differ and not copies:
        sys.exit("there is no recording of a bench or a probe in these folders")
    for heading, lines in (("near the margin in one of both:", near), ("these differ:", differ)):
        if lines:
            print(heading, *(f"  {line}" for line in lines), sep="\n")
    if copies:
        print(f"the same recording in both, not compared: {', '.join(copies)}")
    print(f"{count} calls and classes compared, {len(differ)} differ, {len(near)} are near the margin in one of both")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
