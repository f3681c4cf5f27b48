"""What a thread costs: how long it takes to start one that does nothing, and to wait for its end."""

import statistics, threading, time

from _report import needs, options, place, say, say_probe, say_verdict, version

needs("asgiref")
from asgiref.sync import SyncToAsync

BATCH = 200
begun = time.monotonic()
seconds = options.seconds or 3


# region race
def start():  # asgiref does this for each request that has sync code in it
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
# endregion race


say_probe(place(SyncToAsync.__call__, "get_event_loop"), asgiref=version("asgiref"))
times, trials = [], 0
while time.monotonic() - begun < seconds:
    started = time.perf_counter()
    for _ in range(BATCH):
        start()
    times.append((time.perf_counter() - started) / BATCH * 1e6)
    trials += BATCH
    say(trials=trials, anomalies=0, start_us=round(statistics.median(times)))
say_verdict("none", trials, 0, begun)
