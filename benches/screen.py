"""A small terminal screen: enough of one to tell which words a program is showing.

It exists because a program that redraws only what changed sends half words; whether a slide is on screen can
be told from the cells alone. Colours are ignored.
"""

import codecs
import re
import unicodedata

# One control sequence, one string sequence (OSC, DCS, APC, PM, SOS), another escape, or one other character.
TOKEN = re.compile(
    r"\x1b\[([0-?]*)[ -/]*([@-~])"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)"
    r"|\x1b([ -/]*[0-OQ-WYZ\\`-~])"
    r"|([^\x1b])",
    re.DOTALL,
)


class Screen:
    """Cells, a cursor, and what has been received of an unfinished sequence."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.pending = ""
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.last = " "

    def text(self):
        return "\n".join("".join(row) for row in self.cells)

    def feed(self, data):
        self.pending += self.decoder.decode(data)
        at = 0
        while match := TOKEN.match(self.pending, at):
            at = match.end()
            parameters, final, escape, character = match.groups()
            if final:
                self.control(parameters, final)
            elif escape == "c":
                self.clear()
            elif escape == "M":
                self.row = max(0, self.row - 1)
            elif character:
                self.put(character)
        # What is left is the beginning of a sequence; a string that never ends is not kept for ever.
        self.pending = self.pending[at:][:1_000_000]

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.line_feed()
        elif character == "\b":
            self.column = max(0, self.column - 1)
        elif character == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif character >= " " and not unicodedata.combining(character):
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self.column + width > self.columns:
                self.column = 0
                self.line_feed()
            self.cells[self.row][self.column] = character
            if width == 2:
                self.cells[self.row][self.column + 1] = ""
            self.column += width
            self.last = character

    def line_feed(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.cells = [*self.cells[1:], [" "] * self.columns]

    def control(self, parameters, final):
        if parameters[:1] in ("<", "=", ">", "?"):
            if final in "hl" and parameters in ("?1049", "?47", "?1047"):
                self.clear()
            return
        numbers = [int(part) if part.isdigit() else 0 for part in parameters.split(";")]
        first = numbers[0]
        count = max(1, first)
        row, column = self.row, self.column
        if final in "Hf":
            row, column = count - 1, (max(1, numbers[1]) if len(numbers) > 1 else 1) - 1
        elif final == "A":
            row -= count
        elif final in "Be":
            row += count
        elif final in "Ca":
            column += count
        elif final == "D":
            column -= count
        elif final == "E":
            row, column = row + count, 0
        elif final == "F":
            row, column = row - count, 0
        elif final in "G`":
            column = count - 1
        elif final == "d":
            row = count - 1
        elif final == "b":
            for _ in range(min(count, self.columns)):
                self.put(self.last)
            return
        elif final in "JKX":
            self.erase(final, first)
            return
        self.row = min(max(row, 0), self.rows - 1)
        self.column = min(max(column, 0), self.columns - 1)

    def erase(self, final, how):
        column = min(self.column, self.columns - 1)
        here = self.row * self.columns + column
        line = self.row * self.columns
        if final == "X":
            start, end = here, min(here + max(1, how), line + self.columns)
        elif final == "K":
            start, end = [(here, line + self.columns), (line, here + 1), (line, line + self.columns)][min(how, 2)]
        else:
            whole = self.rows * self.columns
            start, end = [(here, whole), (0, here + 1), (0, whole)][min(how, 2)]
        for at in range(start, end):
            self.cells[at // self.columns][at % self.columns] = " "
