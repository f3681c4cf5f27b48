"""A free-threaded thread starts with a copy of its parent's context: with asgiref before 3.12 the language, too."""

from threading import Thread

from _race import needs, place, run, version

needs("django", "asgiref")
import django
from asgiref.local import Local
from django.conf import settings
from django.utils import translation

settings.configure(LANGUAGE_CODE="en-us")
django.setup()


# region race
def race(shared, me):
    seen = []
    ask = lambda: seen.append(translation.get_language())
    with translation.override("de"):
        thread = Thread(target=ask)
        thread.start()
        thread.join()
    return seen[0]
# endregion race


def check(shared, languages):
    wrong = [language for language in languages if language != "en-us"]
    return len(languages), len(wrong), f"a new thread spoke its parent's {wrong and wrong[0]!r}, not 'en-us'"


run(race, check, where=place(Local), batch=100, asgiref=version("asgiref"))
