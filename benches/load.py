#!/usr/bin/env python3
"""Asks saturated servers with `greenroom load`, wrk and oha in turns: do they agree, and what does asking cost?

    benches/load.py target/dist/greenroom [--wrk wrk] [--oha oha] [--rounds 8] [--seconds 3]

Two servers, both Node's: one says hello, so that asking costs as much as answering, and one works for a tenth of a
millisecond first, as a fast page does. The server has the first processor to itself and the generators have the
others, so that each of them waits for the same server.

- rate: requests per second of the working server, which must agree within 3 %. (The other one spends a good part of
  its time on reading headers, of which oha sends more than wrk and greenroom.)
- CPU: a generator's own CPU time, taken from the system when it has ended, for each request that it reports; at most
  1.25 times wrk's, and less than oha's, on both.

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

SERVER = """
const work = Number(process.argv[2]);
require("node:http").createServer((request, response) => {
  const end = performance.now() + work;
  while (performance.now() < end);
  response.end("Hello, world\\n");
}).listen(Number(process.argv[1]), "127.0.0.1");
"""
# Milliseconds that each works for one request.
SERVERS = {"hello": 0, "work": 0.1}
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


def pin(which):
    """This process on these of its processors; on all of them where there is only one."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[which] or processors)


def run(make, program, url, seconds):
    """Requests per second, and microseconds of CPU time for each request."""
    command, read = make(program, url, seconds)
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, preexec_fn=lambda: pin(slice(1, None)))
        complaint = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0)
        said = out.read().decode()
    if status:
        sys.exit(f"{' '.join(command)} failed: {complaint.strip() or said.strip()}")
    count, rate = read(said)
    return rate, (usage.ru_utime + usage.ru_stime) / count * 1e6


def serve(work, port):
    line = ["node", "-e", SERVER, str(port), str(work)]
    server = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=lambda: pin(slice(0, 1)))
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).read()
            return server, url
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit(f"node does not answer on {url}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("greenroom")
    parser.add_argument("--wrk", default="wrk")
    parser.add_argument("--oha", default="oha")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--port", type=int, default=18217)
    parser.add_argument("--json", action="store_true", help="print the medians as JSON, in a last line")
    options = parser.parse_args()
    programs = {"greenroom": (greenroom, options.greenroom), "wrk": (wrk, options.wrk), "oha": (oha, options.oha)}
    missing = [name for name, (_, program) in programs.items() if not shutil.which(program)]
    if "greenroom" in missing or len(missing) == 2:
        sys.exit(f"not found: {', '.join(missing)}")
    for name in missing:
        print(f"left out: {name} is not installed")
        del programs[name]
    good, medians = True, {}
    for name, work in SERVERS.items():
        server, url = serve(work, options.port)
        try:
            for make, program in programs.values():  # warm
                run(make, program, url, 1)
            rounds = [measure(programs, url, options.seconds) for _ in range(options.rounds)]
        finally:
            server.kill()
            server.wait()
        medians[name] = {one: {key: statistics.median(each[one][part] for each in rounds) for part, key in enumerate(("rate", "cpu"))}
                         for one in programs}
        good &= report(name, rounds, medians[name])
    if options.json:
        print(json.dumps(medians))
    return 0 if good else 1


def measure(programs, url, seconds):
    order = random.sample(sorted(programs), len(programs))
    return {name: run(*programs[name], url, seconds) for name in order}


def report(server, rounds, medians):
    print(f"{server}:")
    for name, found in sorted(medians.items()):
        print(f"  {name:10} {found['rate']:9.0f} req/s  {found['cpu']:6.2f} µs of CPU a request")
    good = True
    for peer, most in (("wrk", 1.25), ("oha", 1.0)):
        if peer not in rounds[0]:
            continue
        rate, cpu = (
            statistics.median(each["greenroom"][part] / each[peer][part] for each in rounds) for part in (0, 1)
        )
        fits = cpu <= most and (server != "work" or abs(rate - 1) <= 0.03)
        good &= fits
        wanted = " (0.97 to 1.03)" if server == "work" else ""
        print(f"  greenroom / {peer}: rate {rate:.3f}{wanted}, CPU {cpu:.2f} (at most {most:.2f}): "
              f"{'good' if fits else 'NOT GOOD'}")
    return good


if __name__ == "__main__":
    sys.exit(main())
