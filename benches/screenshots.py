#!/usr/bin/env python3
"""Pictures of slides in real terminals, on a screen that nobody sees.

    benches/screenshots.py OUT [--program PROGRAM] [--deck DECK] [--terminal NAME ...] [--size COLSxROWS ...]

OUT gets one sheet of pictures for each terminal and size, `kitty-120x35.webp` for example. What is on a sheet is in
`SLIDES`: a slide is found as a speaker finds it, by typing a part of its title after `/`, and then the keys are pressed.

Terminals: `kitty` (pictures by its own protocol), `xterm` (sixels, which it says that it has), and `tmux` (tmux in kitty, where
nothing but cells gets through). Needs Debian's xvfb, xdotool, imagemagick, kitty, libgl1-mesa-dri, xterm, tmux and
fonts-dejavu. What is not installed is said, and is an error.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

# What is typed to find the slide, and the keys pressed there: `e` goes to the end of its recording.
SLIDES = [
    ("", ""),
    ("What is the GIL", ""),
    ("Two counts per object", ""),
    ("How many updates", "e"),
    ("or only rare", ""),
    ("Map two", ""),
    ("One QuerySet", ""),
    ("Live: pure Python", "e"),
    ("The benchmark that fooled", "e"),
    ("Where it loses", ""),
]
SIZES = ["80x24", "120x35", "200x50"]
TERMINALS = ["kitty", "xterm", "tmux"]
# Points of the font at which a window of so many columns fits on the screen below.
POINTS = {"80x24": 18, "120x35": 14, "200x50": 9}
SCREEN = "2600x1600x24"
# Seconds in which a terminal opens or draws what was asked for, however busy the machine is, and between two looks at it.
PATIENCE, LOOK = 60.0, 0.7
TOOLS = {"kitty": ["kitty"], "xterm": ["xterm"], "tmux": ["kitty", "tmux"]}


@contextmanager
def screen():
    """An X server of our own: its number is told through a pipe, so that two never take the same."""
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[tell], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    try:
        with os.fdopen(told) as number:
            display = number.readline().strip()
        if not display:
            sys.exit("Xvfb did not start")
        yield dict(os.environ, DISPLAY=f":{display}", LIBGL_ALWAYS_SOFTWARE="1", COLORTERM="truecolor")
    finally:
        server.terminate()
        server.wait()


def command(terminal, size, talk, folder):
    """What starts the terminal with the talk in it."""
    columns, rows = size.split("x")
    if terminal == "xterm":
        return ["xterm", "-ti", "vt340", "-tn", "xterm-256color", "-fa", "DejaVu Sans Mono", "-fs", str(POINTS[size]),
                "-geometry", f"{columns}x{rows}", "-e", *talk]
    inside = talk if terminal == "kitty" else ["tmux", "-f", "/dev/null", "-S", f"{folder}/tmux", "new", *talk]
    settings = {"remember_window_size": "no", "font_size": POINTS[size], "window_padding_width": 0,
                "initial_window_width": f"{columns}c", "initial_window_height": f"{rows}c",
                "confirm_os_window_close": 0, "cursor_blink_interval": 0}
    options = [f for name, value in settings.items() for f in ("-o", f"{name}={value}")]
    return ["kitty", "--config", "NONE", *options, "--", *inside]


def picture(env, out, before):
    """Writes what is on the screen as soon as that is another picture than `before` and stays for two looks; what tells it from others."""
    deadline, last = time.monotonic() + PATIENCE, None
    while time.monotonic() < deadline:
        time.sleep(LOOK)
        subprocess.run(["import", "-window", "root", "-trim", "+repage", str(out)], env=env, check=True)
        found = subprocess.run(["identify", "-format", "%# %k", str(out)], capture_output=True, text=True, check=True)
        now, colours = found.stdout.split()
        # A terminal that has not drawn yet is of one colour.
        if now == last and now != before and int(colours) > 8:
            return now
        last = now
    sys.exit(f"{out.name}: nothing that stays was drawn within {PATIENCE:.0f} s")


def press(env, *keys):
    subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], env=env, check=True)


def go_to(env, title):
    press(env, "slash")
    subprocess.run(["xdotool", "type", "--delay", "20", title], env=env, check=True)
    press(env, "Return")


def pictures(terminal, size, talk, folder):
    """One picture of each slide, as files in `folder`."""
    # Nothing of another talk is taken up, and nothing of this one stays.
    home = dict(XDG_STATE_HOME=f"{folder}/state", XDG_RUNTIME_DIR=str(folder))
    with screen() as env:
        shown = subprocess.Popen(command(terminal, size, talk, folder), env=env | home,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            shot = None
            for number, (title, keys) in enumerate(SLIDES):
                out = Path(folder) / f"{number:02}.png"
                if title:
                    go_to(env, title)
                if keys:
                    shot = picture(env, out, shot)
                    press(env, *keys)
                shot = picture(env, out, shot)
                if number == 0:
                    # Without a window manager, keys go to the window below the pointer, once it has come into it.
                    subprocess.run(["xdotool", "mousemove", "60", "60"], env=env, check=True)
                yield out
        finally:
            shown.terminate()
            shown.wait()


def sheet(files, out):
    """The pictures on one sheet, two beside each other."""
    subprocess.run(["montage", *map(str, files), "-tile", "2x", "-geometry", "960x+8+8", "-background", "#202020",
                    "-quality", "70", str(out)], check=True)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("out", type=Path)
    args.add_argument("--program", default="target/release/greenroom")
    args.add_argument("--deck", help="a deck; the built-in talk when left out")
    args.add_argument("--terminal", action="append", choices=TERMINALS)
    args.add_argument("--size", action="append", choices=SIZES)
    args = args.parse_args()
    terminals = args.terminal or TERMINALS
    needed = {"Xvfb", "xdotool", "import", "montage"}.union(*(TOOLS[name] for name in terminals))
    if missing := sorted(tool for tool in needed if not shutil.which(tool)):
        sys.exit(f"not installed: {', '.join(missing)}")
    args.out.mkdir(parents=True, exist_ok=True)
    talk = [str(Path(args.program).resolve()), "present", *([args.deck] if args.deck else []), "--no-run"]
    for terminal in terminals:
        for size in args.size or SIZES:
            with tempfile.TemporaryDirectory() as folder:
                files = list(pictures(terminal, size, talk, folder))
                sheet(files, args.out / f"{terminal}-{size}.webp")
            print(args.out / f"{terminal}-{size}.webp", flush=True)


if __name__ == "__main__":
    main()
