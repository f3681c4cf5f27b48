#!/usr/bin/env python3
"""Measures the exported page of the built-in talk: its bytes, how soon its first slide is painted, and how large its text is on a phone.

    benches/webpage.py target/dist/greenroom [--times 20]

Each time a headless Chromium of its own opens the file, so that nothing is in a cache; the time is the page's own, from the beginning
of the navigation to the first paint of content. Text is measured on all slides, on a phone of 390×844 that is held upright. A quiet
computer, half a minute. Linux and macOS.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --remote-debugging-pipe"
PATIENCE = 60.0
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
# The size of the slide's own text, and the smallest of all, footnotes' numbers and panes (which are scaled) left out.
TEXT = """(() => {
    const sizes = [...document.querySelectorAll('section')].map((section) => {
        location.hash = '#' + section.id.split('-')[1];
        dispatchEvent(new Event('hashchange'));
        const prose = section.querySelector('.prose'), sizes = [];
        const walk = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) {
            const of = walk.currentNode.parentElement;
            if (walk.currentNode.data.trim() && !of.closest('.pane, [hidden], sup')) sizes.push(parseFloat(getComputedStyle(of).fontSize));
        }
        return [parseFloat(getComputedStyle(prose).fontSize), Math.min(...sizes)];
    });
    return [Math.min(...sizes.map((of) => of[0])), Math.min(...sizes.map((of) => of[1])), sizes.length];
})()"""


class Browser:
    """A page in a browser, asked over two pipes."""

    def __init__(self, program, address, size=(1280, 800)):
        self.profile = tempfile.mkdtemp()
        read, self.to = os.pipe()
        self.source, write = os.pipe()
        line = f'exec "$0" "$@" 3<&{read} 4>&{write}'
        command = ["sh", "-c", line, program, *FLAGS.split(), f"--user-data-dir={self.profile}", "about:blank"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, pass_fds=(read, write), **quiet)
        os.close(read)
        os.close(write)
        self.number, self.session, self.waiting = 0, None, b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        phone = size[0] < 700
        self.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=phone)
        self.call("Page.navigate", url=address)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.waiting:
                data = os.read(self.source, 1 << 16)
                if not data:
                    sys.exit("the browser has ended")
                self.waiting += data
            line, self.waiting = self.waiting.split(b"\0", 1)
            answer = json.loads(line)
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def until(self, expression):
        """The value of an expression, as soon as it has one."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            value = self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")
            if value is not None:
                return value
            time.sleep(0.02)
        sys.exit(f"never: {expression}")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.source)
        shutil.rmtree(self.profile, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    program = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if not program:
        sys.exit(f"it needs {BROWSERS[0]}")
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "talk.html")
        home = {**os.environ, "HOME": folder, "XDG_STATE_HOME": folder}
        subprocess.run([os.path.abspath(options.program), "export", "--html", page], env=home, check=True)
        painted = []
        for _ in range(options.times):
            browser = Browser(program, f"file://{page}")
            painted.append(browser.until(PAINT))
            browser.close()
        browser = Browser(program, f"file://{page}", (390, 844))
        browser.until("document.body?.classList.contains('js') || null")
        body, least, slides = browser.until(TEXT)
        browser.close()
        painted.sort()
        print("| bytes | first slide, median | fastest and slowest | text on a phone | smallest of any slide |")
        print("|---|---|---|---|---|")
        print(
            f"| {os.path.getsize(page):,} | {statistics.median(painted):.0f} ms of {options.times} | {painted[0]:.0f}, {painted[-1]:.0f} ms "
            f"| {body:g} px | {least:g} px of {slides} slides |"
        )


if __name__ == "__main__":
    main()
