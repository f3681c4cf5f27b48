"""One psycopg connection, several threads: each statement is whole, but there is one transaction for all.

A millisecond passes between the INSERT and the SELECT, as it does in a view. Without it the gap is hit in 4 of 100
runs free threaded and in none of 1,000 with the GIL; with it in nearly all, on every build: the bug is not the GIL's.
"""

import os, time

from _race import needs, place, run, version

needs("psycopg")
import psycopg

connection = psycopg.connect(os.environ["DATABASE_URL"])
connection.execute("CREATE TABLE IF NOT EXISTS visits (thread int)")
connection.commit()


# region race
def race(shared, me):
    if me == 0:
        connection.execute("INSERT INTO visits VALUES (%s)", [me])
        time.sleep(0.001)  # the rest of the view
        inserted = connection.execute("SELECT 1 FROM visits").fetchone()
        connection.commit()
        return inserted
    connection.execute("SELECT %s::int", [me]).fetchone()
    connection.rollback()  # mine, I think
# endregion race


def check(shared, results):
    lost = results[0] is None
    connection.execute("DELETE FROM visits")
    connection.commit()
    return 1, lost, "a thread inserted a row, another one rolled back, and the row was gone"


run(race, check, threads=2, where=place(psycopg.Connection.rollback, "self.lock"), psycopg=version("psycopg"))
