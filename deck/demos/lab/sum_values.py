"""One thread adds up a dict's values while another adds keys."""

from _race import place, run


# region race
def race(d, me):
    if me == 0:
        for n in range(100_000):
            d[n] = n
    else:
        for _ in range(20):
            total = sum(d.values())
# endregion race


# region after
def safe_total(d):
    return sum(list(d.values()))
# endregion after


def check(d, results):
    errors = [r for r in results if r]
    return len(results) - 1, len(errors), f"sum(d.values()) raised {errors and repr(errors[0])}"


run(race, check, where=place(race, "sum("), expects=RuntimeError)
