#!/usr/bin/env python3
"""The moving picture at the head of README: a bench on a slide, as its recording plays in a real terminal that nobody sees.

    benches/race.py OUT.webp [--program PROGRAM] [--words WORDS] [--recording FILE] [--size COLSxROWS] [--speed TIMES]

The built-in talk is opened in kitty at the first slide that says WORDS, `v` plays its recording, and a picture of the window is taken each second until the
recording is over; then they are joined, `--speed` times as fast as it was, and the last one stays. Needs Debian's xvfb, xdotool, imagemagick,
kitty, libgl1-mesa-dri and fonts-dejavu, and Pillow (`pip install pillow`). What is larger than 600 kB is an error.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from screenshots import OPENING, POINTS, command, press, screen

ROOT = Path(__file__).resolve().parent.parent
MOST_BYTES = 600_000
# Seconds that the end of the race stays, in which a reader reads the verdict.
STAYS = 5
# Of the font: about a thousand pixels for a hundred columns.
POINTS_HERE = 12
# So many colours tell every line, mark and letter apart; the shades at the edges of letters go to the nearest.
COLORS = 48


def slide(program, words):
    """The number of the first slide whose text has these words."""
    text = subprocess.run([program, "export", "--text"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    slides = re.split(r"(?m)^─+$", text)
    return next(number for number, slide in enumerate(slides) if words in slide)


def length(recording):
    """Seconds until the recording's last record."""
    with open(recording, encoding="utf-8") as lines:
        return max(json.loads(line)["at"] for line in lines) / 1e6


def pictures(talk, size, seconds, folder):
    """One picture of the window for each second of the recording, and one of its end."""
    home = {"XDG_STATE_HOME": f"{folder}/state", "XDG_RUNTIME_DIR": str(folder)}
    with screen() as env:
        shown = subprocess.Popen(command("kitty", size, talk, folder), env=env | home,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            window = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--class", "kitty"], env=env, check=True,
                                    stdout=subprocess.PIPE, text=True, timeout=OPENING * 20).stdout.split()[0]
            subprocess.run(["xdotool", "mousemove", "60", "60"], env=env, check=True)
            time.sleep(OPENING)
            press(env, "v")
            begun = time.monotonic()
            for second in range(1, int(seconds) + 3):
                time.sleep(max(0.0, begun + second - time.monotonic()))
                out = Path(folder) / f"{second:03}.png"
                subprocess.run(["import", "-window", window, str(out)], env=env, check=True)
                yield out
        finally:
            shown.terminate()
            shown.wait()


def joined(files, out, speed):
    """All of them as one picture that moves, with the colours that the last one has most of."""
    frames = [Image.open(file).convert("RGB") for file in files]
    width, height = frames[-1].size
    mosaic = Image.new("RGB", (width, height * 3))
    for at, frame in enumerate([frames[0], frames[len(frames) // 2], frames[-1]]):
        mosaic.paste(frame, (0, at * height))
    palette = mosaic.quantize(COLORS, dither=Image.Dither.NONE)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB") for frame in frames]
    durations = [round(1000 / speed)] * (len(frames) - 1) + [STAYS * 1000]
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=durations, loop=0, lossless=True, method=4,
                   quality=100, minimize_size=True)


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("out", type=Path)
    args.add_argument("--program", default="target/release/greenroom")
    args.add_argument("--words", default="a Mandelbrot set per request")
    args.add_argument("--recording", type=Path, default=ROOT / "deck/recordings/pure-python.ndjson")
    args.add_argument("--size", default="100x28")
    args.add_argument("--speed", type=float, default=4)
    args = args.parse_args()
    POINTS.setdefault(args.size, POINTS_HERE)
    program = str(Path(args.program).resolve())
    talk = [program, "present", "--no-run", "--slide", str(slide(program, args.words))]
    with tempfile.TemporaryDirectory() as folder:
        files = list(pictures(talk, args.size, length(args.recording), folder))
        joined(files, args.out, args.speed)
    size = args.out.stat().st_size
    print(f"{args.out}: {len(files)} pictures, {size} bytes")
    if size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES} bytes")


if __name__ == "__main__":
    main()
