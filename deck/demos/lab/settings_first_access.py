"""The first access loads the settings, and for a moment there is nothing behind them."""

import os

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import LazySettings

os.environ["DJANGO_SETTINGS_MODULE"] = "django.conf.global_settings"


# region race
def race(settings, me):
    return {settings.DEBUG for _ in range(100)}
# endregion race


def check(settings, answers):
    wrong = [answer for answer in answers if answer != {False}]
    return len(answers), len(wrong), f"settings.DEBUG raised {wrong and wrong[0]!r}"


run(race, check, LazySettings, where=place(LazySettings.__setattr__, "__dict__.clear"), batch=100,
    expects=AttributeError)
