"""sync_to_async under ASGI: the sync code of each request has a thread of its own, so requests race."""

import asyncio, threading

from _race import needs, place, run, version

needs("asgiref")
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async

TIMES = 300_000


# region race
def count(visits):  # synchronous, as a view or the ORM
    visits["start"].wait()  # both requests are in their sync code now
    for _ in range(TIMES):
        visits["n"] += 1


async def request(visits):
    async with ThreadSensitiveContext():  # django/core/handlers/asgi.py: each request
        await sync_to_async(count)(visits)


def race(visits, me):  # each thread has an event loop, as granian's workers
    asyncio.run(request(visits))
# endregion race


def check(visits, results):
    lost = len(results) * TIMES - visits["n"]
    return len(results) * TIMES, lost, f"{len(results) * TIMES:,} visits were counted, and {lost:,} of them are lost"


run(race, check, lambda: {"n": 0, "start": threading.Barrier(2)}, threads=2, asgiref=version("asgiref"),
    where=place(SyncToAsync.__call__, "max_workers=1"))
