"""Safe: LocMemCache.incr() reads and writes under one lock."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

settings.configure()


# region race
def race(shared, me):
    for _ in range(5000):
        cache.incr("hits")
# endregion race


def check(shared, results):
    trials = 5000 * len(results)
    lost = trials - cache.get("hits")
    return trials, lost, f"{trials:,} hits were counted and the cache says {trials - lost:,}: {lost:,} were lost"


run(race, check, lambda: cache.set("hits", 0) or {"hits": 0}, where=place(LocMemCache.incr, "self._lock"))
