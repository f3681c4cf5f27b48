"""values() with an expression silences a warning for a moment. With the GIL build, at times for good: here it is emitted."""

import inspect, warnings

from _race import place, run
from _books import Book
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils import deprecation

# The warning that _values() silences, whatever it is called in this version of Django.
NAME = next(name for name in vars(deprecation) if name.startswith("RemovedIn") and name in inspect.getsource(QuerySet._values))
CATEGORY = getattr(deprecation, NAME)
seen = []
warnings.simplefilter("always")
warnings.showwarning = lambda *warning, **more: seen.append(warning)
FILTERS = list(warnings.filters)


# region race
def race(shared, me):
    for _ in range(500):
        Book.objects.values(loud=Upper("title"))
# endregion race


def check(shared, results):
    seen.clear()
    warnings.warn("who hears this?", CATEGORY)  # all requests are done: whoever warns now is heard
    heard = len(seen)
    warnings.filters[:] = FILTERS  # for the next round, whatever was left
    return 1, heard == 0, f"all requests are done, a {NAME} is emitted, and nobody hears it"


run(race, check, where=place(QuerySet._values, "catch_warnings"))
