"""lru_cache promises one call per key, for one thread: two threads that miss at once get two objects."""

from functools import lru_cache
from itertools import count

from _race import place, run


# region race
@lru_cache(maxsize=None)
def client(name):
    return []

def race(name, me):
    return client(name)
# endregion race

names = map("service-{}".format, count())


def setup():
    client.cache_clear()
    return next(names)


def check(name, clients):
    wrong = any(each is not client(name) for each in clients)
    return 1, wrong, f"client({name!r}) gave two threads different objects: only one of them is in the cache"


run(race, check, setup, where=place(client), batch=50_000)
