"""Compiling a QuerySet to SQL changes it for a moment. Threads that share one see each other's moment."""

from _race import place, run
from _books import Book
from django.db.models.sql.compiler import SQLCompiler


# region race
def setup():
    return Book.objects.order_by("author__name")

def race(books, me):
    return [str(books.query) for _ in range(100)]
# endregion race

RIGHT = str(setup().query)


def check(books, texts):
    errors = [each for each in texts if isinstance(each, Exception)]
    wrong = [sql for each in texts if each not in errors for sql in each if sql != RIGHT]
    text = f"str(books.query) raised {errors and errors[0]!r}"
    if wrong:
        text = "wrong SQL: SELECT ..." + wrong[0].partition('author_id"')[2]
    return 100 * len(texts), len(wrong) + len(errors), text


run(race, check, setup, where=place(SQLCompiler.as_sql, "reset_refcounts"), expects=(RuntimeError, KeyError))
