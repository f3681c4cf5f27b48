#!/usr/bin/env python3
"""Opens every Markdown file of a folder as a deck, and reports what was warned of.

    benches/strangers.py target/debug/greenroom DIR

For each deck: whether `check` ended as it should (a status of 0 or 1 and no panic), how many slides it has, and whether every
word of its text is on some slide of `export --text`, unless `check` says something of it: what is neither shown nor told is
lost in silence. It ends with a count of each kind of message, and with 1 when a deck crashed or lost words.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

# Longer than any deck takes on a busy machine, in seconds.
PATIENCE = 60
# A deck loses a word here and there to hyphens and cut cells: more than this share of them is a loss.
MOST_LOST = 0.03


def run(words, deck):
    """What the program prints, and its status; a crash has a status below 0 or of 101."""
    try:
        done = subprocess.run(words, capture_output=True, timeout=PATIENCE, cwd=deck.parent, check=False)
    except subprocess.TimeoutExpired:
        return "", "it took too long", -1
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode


def is_crash(said, status):
    """Whether the program did not end as it should."""
    return status not in (0, 1) or "panicked" in said


def running_text(text):
    """The words of a deck's running text: no code, comments, tags, addresses, tables of links."""
    text = re.sub(r"<(style|script)[ >].*?</\1>", "", text, flags=re.S)
    text = re.sub(r"^( *)(```+|~~~+).*?^\s*\2", "", text, flags=re.S | re.M)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"<[^>]*>", " ", text)
    text = re.sub(r"\]\([^)]*\)|\[[^\]]*\]:.*", " ", text)
    text = re.sub(r"`[^`]*`|https?://\S+|^\s*(---|===).*$|:[a-z_]+:|&[a-z#0-9]+;|^%.*$", " ", text, flags=re.M)
    return re.findall(r"[^\W\d_]{4,}", text)


def lost(deck, shown, told_lines):
    """The words of a deck that are on no slide and on no line that something was said of."""
    text = deck.read_text(errors="replace")
    # Front matter is no text of a slide; it keeps its lines, so that numbers of lines stay right. patat's may end in dots.
    text = re.sub(r"\A---\n.*?\n(---|\.\.\.)\n", lambda front: "\n" * front[0].count("\n"), text, flags=re.S)
    lines = text.splitlines()
    for number in told_lines:
        if 0 < number <= len(lines):
            lines[number - 1] = ""
    wanted = running_text("\n".join(lines))
    # A word may be broken over two rows.
    whole = re.sub(r"[\W_]", "", shown).lower()
    return wanted, [word for word in wanted if word.lower() not in whole]


def examine(program, deck):
    """One deck: what is wrong with how it was read, and the kinds of messages."""
    checked, errors, status = run([program, "check", deck.name, "--format", "json"], deck)
    if is_crash(errors, status):
        return None, [], f"check ends with {status}: {errors.strip()[:200]}"
    try:
        report = json.loads(checked)
    except ValueError:
        return None, [], f"check says no JSON: {errors.strip()[:200]}"
    shown, errors, status = run([program, "export", "--text", "--size", "100x400", deck.name], deck)
    if is_crash(errors, status):
        return report, [], f"export ends with {status}: {errors.strip()[:200]}"
    problems = report["problems"]
    told = [problem["place"]["line"] for problem in problems if problem.get("place")]
    wanted, missing = lost(deck, shown, told)
    if len(missing) > max(2, MOST_LOST * len(wanted)):
        return report, problems, f"{len(missing)} of {len(wanted)} words are lost: {' '.join(missing[:12])}"
    return report, problems, None


def kind(problem):
    """A message without what differs from deck to deck."""
    message = re.sub(r"\"[^\"]*\"|`[^`]*`|<[^>]*>", "…", problem["message"])
    return f"{problem['severity']}: {re.sub(r'[0-9]+', 'N', message)}"


def main():
    """Reads the folder and reports."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program", help="the executable")
    options.add_argument("folder", type=pathlib.Path, help="its Markdown files are read, and those below it")
    options.add_argument("--quiet", action="store_true", help="only what crashed or lost words")
    asked = options.parse_args()
    program = str(pathlib.Path(asked.program).resolve())
    decks = sorted(path for path in asked.folder.rglob("*.md") if path.is_file())
    kinds, bad = collections.Counter(), 0
    for deck in decks:
        report, problems, wrong = examine(program, deck)
        kinds.update(kind(problem) for problem in problems)
        bad += wrong is not None
        if wrong or not asked.quiet:
            slides = report["slides"] if report else "-"
            print(f"{deck.relative_to(asked.folder)}: {slides} slides, {len(problems)} messages{'  ' + wrong if wrong else ''}")
    print(f"\n{len(decks)} decks, {bad} that crashed or lost words")
    for message, count in kinds.most_common():
        print(f"{count:6}  {message}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
