#!/usr/bin/env python3
"""Asks one saturated server with `greenroom load`, wrk and oha in turns: do they agree, and what does asking cost?

    benches/load.py target/release/greenroom [--wrk wrk] [--oha oha] [--rounds 12] [--seconds 3] [-- SERVER...]

SERVER is a command line with {port} in it; Node's hello world (deck/demos/node-hello) when left out. It keeps one
processor busy by itself, so that every generator has to wait for it: the rates must agree within 3 %. What a
generator costs is its own CPU time, taken from the system when it has ended, for each request that it reports.
Each round asks with every generator in a new order; ratios are of the same round, and their median is printed.
Latency is not compared: wrk and oha measure it differently. Leave the machine alone meanwhile.
"""

import argparse
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 16


def greenroom(program, url, seconds):
    command = [program, "load", url, "-c", str(CONNECTIONS), "-s", str(seconds), "--format", "json"]
    return command, lambda said: (json.loads(said)["requests"], json.loads(said)["requests_per_second"])


def wrk(program, url, seconds):
    def read(said):
        count = int(re.search(r"(\d+) requests in", said)[1])
        return count, float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])

    return [program, "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", url], read


def oha(program, url, seconds):
    def read(said):
        summary = json.loads(said)
        count = sum(summary["statusCodeDistribution"].values())
        return count, count / summary["summary"]["total"]

    command = [program, "--no-tui", "--output-format", "json", "-c", str(CONNECTIONS), "-z", f"{seconds}s", url]
    return command, read


def run(make, program, url, seconds):
    """Requests per second, and microseconds of CPU time for each request."""
    command, read = make(program, url, seconds)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        complaint = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        said = out.read().decode()
    if status:
        sys.exit(f"{' '.join(command)} failed: {complaint.strip() or said.strip()}")
    count, rate = read(said)
    return rate, (usage.ru_utime + usage.ru_stime) / count * 1e6


def serve(command, port):
    server = subprocess.Popen([part.replace("{port}", str(port)) for part in command], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return server, url
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit(f"{' '.join(command)} does not answer on {url}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("greenroom")
    parser.add_argument("--wrk", default="wrk")
    parser.add_argument("--oha", default="oha")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--port", type=int, default=18217)
    parser.add_argument("server", nargs="*", default=["node", str(ROOT / "deck/demos/node-hello/server.mjs"), "{port}"])
    options = parser.parse_args()
    programs = {"greenroom": (greenroom, options.greenroom), "wrk": (wrk, options.wrk), "oha": (oha, options.oha)}
    missing = [name for name, (_, program) in programs.items() if not shutil.which(program)]
    if "greenroom" in missing or len(missing) == 2:
        sys.exit(f"not found: {', '.join(missing)}")
    for name in missing:
        print(f"left out: {name} is not installed")
        del programs[name]
    server, url = serve(options.server, options.port)
    rounds = []
    try:
        for make, program in programs.values():  # warm
            run(make, program, url, 1)
        for _ in range(options.rounds):
            order = random.sample(sorted(programs), len(programs))
            rounds.append({name: run(*programs[name], url, options.seconds) for name in order})
    finally:
        server.kill()
        server.wait()
    return report(rounds)


def report(rounds):
    good = True
    for name in rounds[0]:
        rate, cpu = (statistics.median(each[name][part] for each in rounds) for part in (0, 1))
        print(f"{name:10} {rate:9.0f} req/s  {cpu:6.2f} µs of CPU a request")
    for peer, most in (("wrk", 1.25), ("oha", 1.0)):
        if peer not in rounds[0]:
            continue
        rate, cpu = (
            statistics.median(each["greenroom"][part] / each[peer][part] for each in rounds) for part in (0, 1)
        )
        fits = abs(rate - 1) <= 0.03 and cpu <= most
        good &= fits
        print(f"greenroom / {peer}: rate {rate:.3f} (0.97 to 1.03), CPU {cpu:.2f} (at most {most:.2f}): "
              f"{'good' if fits else 'NOT GOOD'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
