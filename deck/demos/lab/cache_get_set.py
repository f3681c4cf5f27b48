"""cache.get() and then cache.set(): each call is safe, and the pair is not (cache.incr() is)."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

settings.configure()


# region race
def race(shared, me):
    for _ in range(3000):
        hits = cache.get("hits")
        cache.set("hits", hits + 1)
# endregion race


# region after
def count_safely():
    cache.incr("hits")
# endregion after


def check(shared, results):
    trials = 3000 * len(results)
    lost = trials - cache.get("hits")
    return trials, lost, f"{trials:,} hits were counted and the cache says {trials - lost:,}: {lost:,} were lost"


run(race, check, lambda: cache.set("hits", 0) or {"hits": 0}, where=place(LocMemCache.set))
