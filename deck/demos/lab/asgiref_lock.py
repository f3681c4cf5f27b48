"""Not a race: every asgiref Local has one lock for all threads, so get_language() does not scale."""

import statistics, threading, time

from _race import pin
from _report import needs, options, place, say, say_probe, say_verdict, version

needs("django", "asgiref")
from asgiref import local
from django.conf import settings
from django.utils.translation import get_language

settings.configure()
get_language()


# region race
def race(end):
    calls = 0
    while time.perf_counter() < end:
        for _ in range(1000):
            get_language()
        calls += 1000
    return calls
# endregion race


def per_second(threads, seconds):
    calls, ready = [0] * threads, threading.Barrier(threads)

    def thread(me):
        pin(me)
        ready.wait()
        calls[me] = race(time.perf_counter() + seconds)

    all_of_them = [threading.Thread(target=thread, args=(me,)) for me in range(threads)]
    for each in all_of_them:
        each.start()
    for each in all_of_them:
        each.join()
    return round(sum(calls) / seconds)


begun, ratios, calls, share = time.monotonic(), [], 0, (options.seconds or 3) / 10
Lock = getattr(local, "_DefaultLocal", local.Local)
say_probe(place(Lock.__getattr__, "_lock"), asgiref=version("asgiref"))
for _ in range(5):
    one, two = per_second(1, share), per_second(2, share)
    ratios.append(two / one)
    calls += round((one + two) * share)
    say(measure="get_language", one_thread=one, two_threads=two, ratio=round(two / one, 2))
    say(trials=calls, anomalies=0)
say_verdict("none", calls, 0, begun, ratio=round(statistics.median(ratios), 2))
