"""`if items: items.pop()`: between the question and the pop, another thread takes the last one."""

from _race import place, run


# region race
def race(items, me):
    while items:
        items.pop()
# endregion race


def setup():
    return list(range(20))


def check(items, results):
    errors = [r for r in results if r]
    return 1, len(errors), f"`while items:` said there was one more, and pop() found none: {errors and errors[0]}"


run(race, check, setup, where=place(race, "pop"), batch=30_000, expects=IndexError)
