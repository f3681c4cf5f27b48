"""Safe: the view class keeps a queryset, and each request takes its own copy with .all()."""

from _race import place, run
from _books import Book
from django.db import OperationalError
from django.db.models import QuerySet


# region race
class Shelf:
    queryset = Book.objects.order_by("author__name")

    def get(self):
        return [book.title for book in self.queryset.all()]

def race(view, me):
    return view().get()
# endregion race

RIGHT = Shelf().get()


def setup():
    return type("Shelf", (Shelf,), {"queryset": Book.objects.order_by("author__name")})


def check(view, answers):
    wrong = [answer for answer in answers if answer != RIGHT]
    return len(answers), len(wrong), f"instead of {len(RIGHT)} books, one request got {wrong and wrong[0]!r}"


run(race, check, setup, where=place(QuerySet._clone), batch=100, expects=(OperationalError, RuntimeError, KeyError))
