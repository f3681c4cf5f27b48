"""One iterator handed to several threads, as a source of unique numbers: some are handed out twice."""

from collections import Counter

from _race import place, run


# region race
def race(numbers, me):
    return [number for number in numbers]
# endregion race


def setup():
    return iter(range(1000, 2000))


def check(numbers, taken):
    times = Counter(n for some in taken for n in some)
    twice = [n for n in times if times[n] > 1]
    return 1000, len(twice), f"{len(twice)} of 1,000 numbers were handed out twice, {twice and twice[0]} for one"


run(race, check, setup, where=place(race, "for number"), batch=500)
