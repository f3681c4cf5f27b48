"""Safe while its owner is idle: a database connection refuses to work in a thread that did not make it."""

import _books
from _race import place, run
from django.db import DatabaseError, connections


# region race
def race(connection, me):
    if me == 0:
        return connection.alias  # the owner, doing something else
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        return cursor.fetchone()
# endregion race


def check(connection, answers):
    wrong = not isinstance(answers[1], DatabaseError)
    return 1, wrong, f"a thread used the connection of another one, and got {answers[1]!r}"


# setup runs in the first thread: the connection is that thread's
run(race, check, lambda: connections["default"], expects=DatabaseError, batch=2000, threads=2,
    where=place(type(connections["default"]).validate_thread_sharing, "raise"))
