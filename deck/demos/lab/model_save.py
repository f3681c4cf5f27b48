"""Read, add, save: each request writes the number it read, whatever was saved since. F() lets the database add."""

from _race import place, run
from _books import Counter
from django.db.models import F, Model


# region race
def race(shared, me):
    for _ in range(50):
        counter = Counter.objects.get(pk=1)
        counter.n += 1
        counter.save()
# endregion race


# region after
def count_safely():
    Counter.objects.filter(pk=1).update(n=F("n") + 1)
# endregion after


def setup():
    return Counter.objects.update_or_create(pk=1, defaults={"n": 0})


def check(shared, results):
    trials = 50 * len(results)
    lost = trials - Counter.objects.get(pk=1).n
    return trials, lost, f"{trials} times n += 1 and save(), and the row says {trials - lost}: {lost} were lost"


run(race, check, setup, where=place(Model.save))
