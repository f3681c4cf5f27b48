"""Two threads ask a template engine for its loaders, a cached_property of Django's own: each may get its own."""

from _race import needs, place, run

needs("django")
from django.conf import settings
from django.template.engine import Engine
from django.utils.functional import cached_property

settings.configure()


# region race
def engine():  # one for all requests, as settings.TEMPLATES makes it
    return Engine(loaders=[("django.template.loaders.locmem.Loader", {"page.html": "hello"})])


def race(engine, me):
    return engine.template_loaders
# endregion race


def check(engine, loaders):
    wrong = any(each is not engine.template_loaders for each in loaders)
    return 1, wrong, "one request uses loaders that are not the engine's: what they cache is cached for nobody"


run(race, check, engine, where=place(cached_property.__get__, "self.func("), batch=5_000)
