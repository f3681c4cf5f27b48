"""Race one function in several threads, and say what went wrong.

A probe gives `run` three functions: `setup()` makes what the threads share, every thread calls
`race(shared, me)` at once, `check(shared, results)` returns (trials, anomalies, a sentence about one of them).
A round should last 10 ms or more, because the GIL changes hands every 5 ms and may do so anywhere in the race:
`batch` makes one round of many short ones, each with a `setup()` of its own.
"""

import json, os, signal, subprocess, sys, threading, time, traceback

from _report import needs, options, place, say, say_probe, say_verdict, version

__all__ = ["needs", "place", "run", "version"]
CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
THREADS = min(4, max(2, len(CPUS)))


def pin(me):
    """This thread alone on one CPU: threads that share one take turns, and do not race."""
    if CPUS:
        os.sched_setaffinity(0, {CPUS[me % len(CPUS)]})


class Race:
    trials = anomalies = 0
    first = failure = None

    def __init__(self, race, check, setup, expects, batch, threads, seconds):
        self.race, self.check, self.setup, self.expects, self.batch = race, check, setup, expects, batch
        self.laps, self.steps, self.results = [0] * threads, [0] * threads, [()] * threads
        self.end = time.monotonic() + (options.seconds or seconds)

    def line(self, me):
        """A start line that spins: waking a sleeping thread takes longer than many a race."""
        self.laps[me] += 1
        lap, patience = self.laps[me], 2_000
        while min(self.laps) < lap:
            patience -= 1
            if patience < 0:
                time.sleep(1e-5)

    def attempt(self, shared, me, step):
        # The same on every build, so that rates can be compared: with the GIL the others stand still meanwhile.
        self.steps[me], patience = step, 20
        while patience and min(self.steps) < step:
            patience -= 1
        try:
            return self.race(shared, me)
        except self.expects as error:
            return error

    def thread(self, me):
        try:
            pin(me)
            while True:
                if me == 0:
                    self.shared = [self.setup() for _ in range(self.batch)] if time.monotonic() < self.end else []
                self.line(me)  # whoever slept is awake now
                self.line(me)
                if not self.shared:
                    return
                self.results[me] = [self.attempt(shared, me, step) for step, shared in enumerate(self.shared)]
                self.line(me)
                if me == 0:
                    for shared, *results in zip(self.shared, *self.results):
                        trials, anomalies, text = self.check(shared, results)
                        self.first = self.first or (anomalies and text)
                        self.trials, self.anomalies = self.trials + trials, self.anomalies + anomalies
        except BaseException:
            self.failure = traceback.format_exc()


def run(race, check, setup=dict, *, where, expects=(), batch=1, crash=False, threads=THREADS, seconds=3, **more):
    """Race until the time is up. `expects`: exceptions that are findings, handed to `check` as results."""
    begun, told = time.monotonic(), False
    if not options.child:
        say_probe(where, **more)
    if crash and not options.child:
        watch_child(begun)
    match = Race(race, check, setup, expects, batch, threads, seconds)
    workers = [threading.Thread(target=match.thread, args=(me,), daemon=True) for me in range(threads)]
    for worker in workers:
        worker.start()
    while True:
        time.sleep(0.15)
        if match.failure:
            sys.exit(match.failure)
        alive = any(worker.is_alive() for worker in workers)
        say(trials=match.trials, anomalies=match.anomalies)
        if match.first and not told:
            told = say(anomaly=match.first) or True
        if not alive or time.monotonic() > match.end + 4:
            verdict = "hang" if alive else "anomalies" if match.anomalies else "none"
            say_verdict(verdict, match.trials, match.anomalies, begun)


def watch_child(begun):
    """Run this probe again in a child process, which may crash, and report how it ended."""
    child = subprocess.Popen([sys.executable, *sys.orig_argv[1:], "--child"], stdout=subprocess.PIPE)
    last = {"trials": 0, "anomalies": 0, "verdict": "none"}
    for line in map(json.loads, child.stdout):
        last |= line
        if "verdict" not in line:
            say(**line)
    if (code := child.wait()) > 0:
        sys.exit(code)
    more = {}
    if code < 0:
        more = {"signal": signal.Signals(-code).name, "after_s": round(time.monotonic() - begun, 2)}
        say(anomaly=f"the interpreter died: {signal.strsignal(-code)}, after {more['after_s']:.1f} s")
        last |= {"verdict": "crash", "anomalies": last["anomalies"] + 1}
    say_verdict(last["verdict"], last["trials"], last["anomalies"], begun, **more)
