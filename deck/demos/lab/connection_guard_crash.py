"""The guard looks after the cursor is made: while the owner makes one too, that is too late. In a child process."""

import _books
from _race import place, run
from django.db import DatabaseError, connections


# region race
def race(connection, me):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 42")
        return cursor.fetchone()[0]
# endregion race


def check(connection, answers):
    wrong = (answers[0] != 42) + sum(not isinstance(each, DatabaseError) for each in answers[1:])
    return len(answers), wrong, f"the owner got {answers[0]!r}, the others {answers[1:]!r}"


# setup runs in the first thread: the connection is that thread's
run(race, check, lambda: connections["default"], expects=DatabaseError, batch=2000, crash=True, seconds=5,
    where=place(type(connections["default"])._cursor, "create_cursor"))
