#!/usr/bin/env python3
"""Makes the pixel faces: the glyphs of DejaVu Sans Bold as FreeType draws them for screens without greys.

    pip install pillow
    ./make.py /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf

A face is a file: the number of its glyphs (2 bytes, little endian), for each glyph its character (4 bytes), the
number of its first column (2), how many it has (1) and how far the font's own outline goes on (1, in fortieths of the size), in the
order of characters; then the columns, in whole bytes, the lowest bit on top. What is higher than the face loses the rows that differ least from the next one, as an accented capital does.
"""

import pathlib
import struct
import sys

from PIL import Image, ImageDraw, ImageFont

# Name, size of the letters, rows above and below the line that letters stand on.
FACES = [("three", 10, 7, 2), ("four", 13, 9, 3), ("six", 19, 14, 4)]
CHARACTERS = [
    *range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x180), *range(0x386, 0x38B), 0x38C, *range(0x38E, 0x3A2),
    *range(0x3A3, 0x3CF), *range(0x400, 0x460), 0x490, 0x491, 0x2010, 0x2011, *range(0x2013, 0x2016), *range(0x2018, 0x201F),
    0x2020, 0x2021, 0x2022, 0x2026, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x20AC, 0x2122, *range(0x2190, 0x2196), 0x21D2,
    0x2212, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CF, 0x25B2, 0x25A0, 0x25B6, 0x2713, 0x2717, 0xFFFD,
]  # fmt: skip
BOX = 64


def glyph(font, character):
    """Rows from -BOX to BOX around the line, each a list of pixels."""
    image = Image.new("1", (2 * BOX, 2 * BOX), 0)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    draw.text((BOX // 2, BOX), character, font=font, fill=1, anchor="ls")
    return [[bool(image.getpixel((x, y))) for x in range(2 * BOX)] for y in range(2 * BOX)]


def squeeze(rows, top, bottom):
    """The rows from `top` above the line to `bottom` below it, with nothing cut off."""
    above, below = rows[:BOX], rows[BOX:]

    def shrink(part, most):
        part = list(part)
        while len(part) > most:
            # A blank row keeps an accent apart.
            spare = [at for at in range(len(part) - 1) if any(part[at]) and any(part[at + 1])]
            # A lone stroke, a macron for example, moves instead of going.
            spare = spare or [at for at in range(len(part)) if not any(part[at])] or [0]
            del part[min(spare, key=lambda at: (sum(a != b for a, b in zip(part[at], part[min(at + 1, len(part) - 1)])), at))]
        return part

    while above and not any(above[0]):
        above.pop(0)
    while below and not any(below[-1]):
        below.pop()
    above, below = shrink(above, top), shrink(below, bottom)
    blank = [False] * (2 * BOX)
    return [blank] * (top - len(above)) + above + below + [blank] * (bottom - len(below))


def columns(rows):
    bits = [sum(row[x] << y for y, row in enumerate(rows)) for x in range(2 * BOX)]
    used = [x for x, column in enumerate(bits) if column]
    return bits[used[0] : used[-1] + 1] if used else []


def main():
    here = pathlib.Path(__file__).parent
    for name, size, top, bottom in FACES:
        font, outlines = (ImageFont.truetype(sys.argv[1], size) for size in (size, 1000))
        index, data, each = b"", [], (top + bottom + 7) // 8
        for code in sorted(set(CHARACTERS)):
            shape = columns(squeeze(glyph(font, chr(code)), top, bottom))
            advance = min(255, -(-outlines.getlength(chr(code)) * 40 // 1000))
            index += struct.pack("<IHBB", code, len(data), len(shape), int(advance))
            data += shape
        face = struct.pack("<H", len(index) // 8) + index + b"".join(bits.to_bytes(each, "little") for bits in data)
        (here / f"{name}.face").write_bytes(face)
        print(name, len(index) // 8, len(face))


if __name__ == "__main__":
    main()
