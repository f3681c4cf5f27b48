#!/usr/bin/env python3
"""Takes mends out, one after the other, and looks whether the table of faults notices.

    benches/mends.py [NAME …]
    benches/mends.py --write        # all of them, and puts the table into the book

For each a line or two of the program are replaced in place, as they would be had nobody thought of the failure; its row of
`tests/it/faults` is run, which has to fail; and the file is put back, however the script ends. The row has to pass with the mend, first
of all. Nothing else may be changed in the repository meanwhile. Some minutes; what is needed is what the tests need.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mend:
    """A mend, how it is taken out, and the row that tries it."""

    name: str
    file: str
    there: str
    taken_out: str
    row: str


MENDS = [
    Mend("a key after pasted text without an end", "crates/terminal/src/input/decode/alone.rs", "if pause >= PASTE_PAUSE {", "if false {",
         "terminals::a_terminal_that_begins_a_paste"),
    Mend("a word for dumb terminals", "crates/terminal/src/tty.rs", "term == \"dumb\"", "term == \"mute\"", "terminals::a_dumb_terminal"),
    Mend("files that may not grow", "src/main.rs", "    file_limit::outlive();\n", "",
         "disks::an_export_that_may_not_grow"),
    Mend("a place that is not kept", "src/stage/chores.rs", "done.try_send(Some(unkept(&error))).is_ok()",
         "done.try_send(Some(unkept(&error)).filter(|_| false)).is_ok()", "disks::a_disk_that_is_full_while_the_place_is_kept"),
    Mend("the terminal of a stage that was killed", "crates/terminal/src/keeper.rs", "        write(output, tty::GIVE_BACK);\n", "",
         "ends::a_stage_that_is_killed"),
]


@contextlib.contextmanager
def without(mend):
    """The program as it was before."""
    path = ROOT / mend.file
    text = path.read_text(encoding="utf-8")
    if text.count(mend.there) != 1:
        sys.exit(f"{mend.file} does not have once what is to be taken out: {mend.there!r}")
    path.write_text(text.replace(mend.there, mend.taken_out), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def passes(row):
    """Whether a row of the table holds."""
    command = ["cargo", "test", "--quiet", "--locked", "--test", "it", "--", "--exact", f"faults::{row}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    if "1 passed" not in done.stdout and "1 failed" not in done.stdout:
        sys.exit(f"{row} was not run:\n{(done.stdout + done.stderr)[-2000:]}")
    if "skipped: " in done.stdout + done.stderr:
        sys.exit(f"{row} needs what is not here")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--write", action="store_true", help="put the table into the book")
    options = parser.parse_args()
    # Ended from outside, it puts the file back as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if subprocess.run(["git", "diff", "--quiet"], cwd=ROOT).returncode:
        sys.exit("something is changed in the repository: commit it first")
    chosen = [mend for mend in MENDS if not options.names or mend.name in options.names]
    lines = ["| mend | row | with it | without it |", "|---|---|---|---|"]
    print("\n".join(lines))
    with_all = {mend.row: passes(mend.row) for mend in chosen}
    good = True
    for mend in chosen:
        with without(mend):
            still = passes(mend.row)
        good &= with_all[mend.row] and not still
        words = {True: "passes", False: "fails"}
        lines.append(f"| {mend.name} | `{mend.row}` | {words[with_all[mend.row]]} | {words[still]} |")
        print(lines[-1], flush=True)
    if options.write:
        report.write("docs/src/explanation/proof.md", "mends", "\n".join([f"{report.today()}, {report.machine()}.", "", *lines]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
