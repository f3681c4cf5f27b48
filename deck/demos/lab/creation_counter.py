"""Every model or form field takes a number from a counter on its class; fields are ordered and compared by it."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.db.models import Field

settings.configure()


# region race
def race(shared, me):
    return [Field() for _ in range(5_000)]
# endregion race


def check(shared, fields):
    fields = [field for some in fields for field in some]
    twins = len(fields) - len(set(fields))
    return len(fields), twins, f"{twins} of {len(fields):,} new fields are equal to another one: same creation_counter"


run(race, check, where=place(Field.__init__, "Field.creation_counter += 1"))
