"""Two threads read one cached_property for the first time: each may get an object of its own."""

from _race import needs, place, run

needs("django")
from django.utils.functional import cached_property


# region race
class Order:
    @cached_property
    def lines(self):
        return []


def race(order, me):
    return order.lines
# endregion race


def check(order, lines):
    wrong = any(each is not order.lines for each in lines)
    return 1, wrong, "one thread holds a list that is not the order's: what it adds there is lost"


run(race, check, Order, where=place(cached_property.__get__, "self.func("), batch=50_000)
