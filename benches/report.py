"""What the scripts beside this one put into the book: text between two comments, with its day and its machine."""

import datetime
import os
import platform
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def machine():
    """What a figure depends on, without the machine's name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} {'core' if cores == 1 else 'cores'} ({platform.machine()}), {platform.system()}"


def today():
    return datetime.date.today().isoformat()


def write(page, name, text):
    """Puts `text` between `<!-- name -->` and `<!-- /name -->` of a page of the repository."""
    path = ROOT / page
    whole = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    place = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if len(place.findall(whole)) != 1:
        raise SystemExit(f"{page} needs {begin} and {end} once")
    path.write_text(place.sub(lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", whole), encoding="utf-8")
