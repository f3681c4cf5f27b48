"""Safe: one lazy text at module level, and every thread reads it in its own language."""

from _race import needs, place, run

needs("django", "asgiref")
import django
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy, override

settings.configure()
django.setup()


# region race
monday = gettext_lazy("Monday")

def race(shared, me):
    with override(["de", "fr", "es", "it"][me]):
        return {str(monday) for _ in range(10_000)}
# endregion race


def check(shared, texts):
    wrong = [some for me, some in enumerate(texts) if some != {["Montag", "lundi", "lunes", "lunedì"][me]}]
    return 10_000 * len(texts), len(wrong), f"one thread read {wrong and wrong[0]}"


run(race, check, where=place(lazy, "class __proxy__"), batch=2)
