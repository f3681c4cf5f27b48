"""Safe: threads that need the URLs first all build the tables. Work is repeated, the answers are right."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.urls import URLResolver, path
from django.urls.resolvers import RegexPattern

settings.configure()
urls = [path(f"shelf{n}/<int:pk>/", lambda request, pk: None, name=f"shelf{n}") for n in range(20)]


def setup():
    return URLResolver(RegexPattern(r"^/"), urls)


# region race
def race(resolver, me):
    url = resolver.reverse("shelf19", pk=me)
    match = resolver.resolve(f"/{url}")
    return url, match.url_name, match.kwargs["pk"]
# endregion race


def check(resolver, answers):
    wrong = [answer for me, answer in enumerate(answers) if answer != (f"shelf19/{me}/", "shelf19", me)]
    return len(answers), len(wrong), f"wrong answer: {wrong and wrong[0]}"


run(race, check, setup, where=place(URLResolver._populate, "populating"), batch=100)
