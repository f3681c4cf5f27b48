"""`if key not in d: d[key] = ...` looks first and acts later: two threads can both find nothing."""

from _race import place, run

KEYS = range(20)


# region race
def race(cache, me):
    made = set()
    for key in KEYS:
        if key not in cache:
            cache[key] = [me]
            made.add(key)
    return made
# endregion race


def check(cache, made):
    twice = set.intersection(*made[:2])
    key = min(twice, default=None)
    return len(KEYS), len(twice), f"both threads made d[{key}]: one value was put in and lost again"


run(race, check, where=place(race, "not in"), batch=10_000)
