"""Safe by design: a pool lends each thread a connection of its own, and its transaction with it."""

import os, time

from _race import needs, place, run, version

needs("psycopg", "psycopg_pool")
import psycopg_pool

pool = psycopg_pool.ConnectionPool(os.environ["DATABASE_URL"], min_size=4, open=True)
pool.wait()
with pool.connection() as first:
    first.execute("CREATE TABLE IF NOT EXISTS visits (thread int)")


# region race
def race(shared, me):
    with pool.connection() as connection:
        if me == 0:
            connection.execute("INSERT INTO visits VALUES (%s)", [me])
            time.sleep(0.001)  # the rest of the view
            return connection.execute("SELECT 1 FROM visits").fetchone()
        connection.execute("SELECT %s::int", [me]).fetchone()
        connection.rollback()  # mine, and only mine
# endregion race


def check(shared, results):
    lost = results[0] is None
    with pool.connection() as connection:
        connection.execute("DELETE FROM visits")
    return 1, lost, "a thread inserted a row, another one rolled back, and the row was gone"


run(race, check, threads=2, batch=10,
    where=place(psycopg_pool.ConnectionPool.getconn, "def getconn"),
    psycopg=version("psycopg"))
