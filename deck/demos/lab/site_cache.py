"""Site.objects.get_current() looks in a dict, and then reads it: a Site saved in between empties it."""

from _race import place, run
from _books import Site
from django.contrib.sites.models import SiteManager


# region race
def race(site, me):
    for n in range(500):
        if me == 0:
            site.save()
        else:
            Site.objects.get_current()
# endregion race


def check(site, results):
    errors = [r for r in results if r]
    return 500 * (len(results) - 1), len(errors), f"get_current() raised {errors and errors[0]!r}"


run(race, check, lambda: Site.objects.get(pk=1), expects=KeyError, seconds=8,
    where=place(SiteManager._get_site_by_id, "return SITE_CACHE"))
