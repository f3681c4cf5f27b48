"""values() with an expression silences a warning for a moment. With the GIL build, at times for good."""

import warnings

from _race import place, run
from _books import Book
from django.db.models import QuerySet
from django.db.models.functions import Upper


# region race
def race(shared, me):
    for _ in range(500):
        Book.objects.values(loud=Upper("title"))
# endregion race

BEFORE = list(warnings.filters)


def check(shared, results):
    left = [each for each in warnings.filters if each not in BEFORE]
    warnings.filters[:] = BEFORE
    name = left and left[0][2].__name__
    return 1, len(left) > 0, f"all requests are done, and {name} is still ignored, everywhere"


run(race, check, where=place(QuerySet._values, "catch_warnings"))
