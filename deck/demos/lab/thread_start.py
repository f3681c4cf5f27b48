"""What a request's thread costs: asgiref starts one for the first sync call of each request, and ends it with the request."""

import asyncio, statistics, threading, time

from _report import needs, options, place, say, say_probe, say_verdict, version

needs("asgiref")
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async

BATCH = 50
begun = time.monotonic()
seconds = options.seconds or 3
threads = set()


# region race
async def request():
    async with ThreadSensitiveContext():  # django/core/handlers/asgi.py: each request
        await sync_to_async(sync_code)()
# endregion race


def sync_code():
    threads.add(threading.get_native_id())


async def call():  # the same call where its thread is already there
    await sync_to_async(sync_code)()


async def cost(what):
    """Microseconds of one, the median of a batch."""
    started = time.perf_counter()
    for _ in range(BATCH):
        await what()
    return (time.perf_counter() - started) / BATCH * 1e6


async def main():
    new, kept, trials = [], [], 0
    await call()
    while time.monotonic() - begun < seconds:
        threads.clear()
        new.append(await cost(request))
        seen = len(threads)
        async with ThreadSensitiveContext():
            await call()
            kept.append(await cost(call))
        trials += BATCH
        new_us, kept_us = statistics.median(new), statistics.median(kept)
        say(trials=trials, anomalies=0, request_us=round(new_us), kept_us=round(kept_us),
            start_us=round(new_us - kept_us), threads_of_50_requests=seen)
    say_verdict("none", trials, 0, begun)


say_probe(place(SyncToAsync.__call__, "max_workers=1"), asgiref=version("asgiref"))
asyncio.run(main())
