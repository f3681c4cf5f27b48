"""One event loop is one core: async views that compute gain nothing from it, and two loops in two threads do."""

import asyncio, statistics, threading, time

from _race import needs, pin, place
from _report import options, say, say_probe, say_verdict

needs("django", "asgiref")
from django.core.handlers.asgi import ASGIHandler

VIEWS = 40
begun = time.monotonic()
seconds = options.seconds or 3


# region race
async def view():  # computes a little, and lets others go on
    total = 0
    for number in range(2_000):
        total += number * number % 7
    await asyncio.sleep(0)
    return total


async def serve():  # what one loop does with requests that wait at the same time
    await asyncio.gather(*(view() for _ in range(VIEWS)))
# endregion race


def rate(loops):
    """Views per second, over all loops, each in a thread of its own."""
    def one(me):
        pin(me)
        ready.wait()
        # By the threads' own clocks: with a loop on each core, whoever waits for them wakes when they are done.
        began[me] = time.perf_counter()
        asyncio.run(serve())
        ended[me] = time.perf_counter()

    began, ended = [0.0] * loops, [0.0] * loops
    ready = threading.Barrier(loops)
    threads = [threading.Thread(target=one, args=(me,)) for me in range(loops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return loops * VIEWS / (max(ended) - min(began))


say_probe(place(ASGIHandler.__call__, "ThreadSensitiveContext"))
found, trials = {1: [], 2: []}, 0
while time.monotonic() - begun < seconds:
    for loops in found:
        found[loops].append(rate(loops))
        trials += loops * VIEWS
    one, two = (statistics.median(found[loops]) for loops in found)
    say(trials=trials, anomalies=0, one_loop_per_s=round(one), two_loops_per_s=round(two), gain=round(two / one, 2))
say_verdict("none", trials, 0, begun)
