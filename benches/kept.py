"""Runs that are written down when they are over, a line of JSON each: a script that was broken off goes on where it was."""

import json


class Kept:
    """The runs in the file at `path`, which may be missing; nothing is kept where there is none."""

    def __init__(self, path):
        self.path = path
        text = path.read_text(encoding="utf-8") if path and path.is_file() else ""
        # A line that was being written when everything ended is no run, and the next one begins after it.
        self.torn = bool(text) and not text.endswith("\n")
        self.runs = [run for run in map(read, text.splitlines()) if run]

    def add(self, run):
        self.runs.append(run)
        if self.path:
            with self.path.open("a", encoding="utf-8") as out:
                out.write("\n" * self.torn + json.dumps(run) + "\n")
            self.torn = False


def read(line):
    try:
        run = json.loads(line)
    except ValueError:
        return None
    return run if isinstance(run, dict) else None
