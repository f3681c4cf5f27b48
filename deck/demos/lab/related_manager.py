"""Each `author.books` makes a new manager, and each manager adds one to a counter on its class."""

from _race import place, run
from _books import Author
from django.db.models.manager import BaseManager


# region race
author = Author.objects.get(name="Ann")

def race(shared, me):
    for _ in range(10_000):
        author.books
# endregion race


def setup():
    return {"before": BaseManager.creation_counter}


def check(shared, results):
    made = 10_000 * len(results)
    lost = made - (BaseManager.creation_counter - shared["before"])
    return made, lost, f"{made:,} managers were made, and the counter moved by {made - lost:,}"


run(race, check, setup, where=place(BaseManager._set_creation_counter, "creation_counter += 1"))
