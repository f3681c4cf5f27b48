"""Safe by design: sync_to_async outside of a request runs everything on one thread, whatever the loop."""

import asyncio

from _race import needs, place, run, version

needs("asgiref")
from asgiref.sync import SyncToAsync, sync_to_async

TIMES = 300_000


# region race
def count(visits):  # synchronous, as a view or the ORM
    for _ in range(TIMES):
        visits["n"] += 1


async def request(visits):
    await sync_to_async(count)(visits)  # thread_sensitive=True is the default


def race(visits, me):  # each thread has an event loop, as granian's workers
    asyncio.run(request(visits))
# endregion race


def check(visits, results):
    lost = len(results) * TIMES - visits["n"]
    return len(results) * TIMES, lost, f"{len(results) * TIMES:,} visits were counted, and {lost:,} of them are lost"


run(race, check, lambda: {"n": 0}, asgiref=version("asgiref"),
    where=place(SyncToAsync.__call__, "self.single_thread_executor"))
