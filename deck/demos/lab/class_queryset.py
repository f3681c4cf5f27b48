"""A view class keeps a queryset and iterates it without .all(): all requests share one."""

from _race import place, run
from _books import Book
from django.db import OperationalError
from django.db.models.sql.compiler import SQLCompiler


# region race
class Shelf:
    queryset = Book.objects.order_by("author__name")

    def get(self):
        return [book.title for book in self.queryset]

def race(view, me):
    return view().get()
# endregion race

RIGHT = Shelf().get()


def setup():
    return type("Shelf", (Shelf,), {"queryset": Book.objects.order_by("author__name")})


def check(view, answers):
    wrong = [answer for answer in answers if answer != RIGHT]
    return len(answers), len(wrong), f"instead of {len(RIGHT)} books, one request got {wrong and wrong[0]!r}"


run(race, check, setup, where=place(SQLCompiler.as_sql, "reset_refcounts"), batch=100,
    expects=(OperationalError, RuntimeError, KeyError))
