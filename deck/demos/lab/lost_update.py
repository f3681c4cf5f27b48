"""`x += 1` reads, adds and writes: three steps, and another thread fits between them."""

from _race import place, run

x = 0


# region race
def race(shared, me):
    global x
    for _ in range(1_000_000):
        x += 1
# endregion race


def setup():
    global x
    x = 0


def check(shared, results):
    trials = 1_000_000 * len(results)
    return trials, trials - x, f"{trials:,} times x += 1, and x is {x:,}: {trials - x:,} updates were lost"


run(race, check, setup, where=place(race, "x += 1"))
