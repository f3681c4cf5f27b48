"""Safe by design: Django's `connection` is one per thread, so two requests never share a transaction."""

import os
from urllib.parse import urlsplit

from _race import needs, place, run, version

needs("django", "psycopg")

import django
from django.conf import settings

url = urlsplit(os.environ["DATABASE_URL"])
query = dict(part.split("=", 1) for part in url.query.split("&") if part)
settings.configure(DATABASES={"default": {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": url.path.lstrip("/"), "USER": url.username, "PASSWORD": url.password,
    "HOST": url.hostname or query.get("host", ""), "PORT": url.port or query.get("port", ""),
}})
django.setup()
from django.db import connection, connections, transaction
from django.utils.connection import BaseConnectionHandler


# region race
def race(shared, me):  # a request on this thread
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('demo.who', %s, true)", [str(me)])
        cursor.execute("SELECT pg_backend_pid(), current_setting('demo.who')")
        return cursor.fetchone()
# endregion race


def check(shared, results):
    mixed = sum(who != str(me) for me, (_, who) in enumerate(results))
    same = len(results) - len({pid for pid, _ in results})
    return len(results), mixed + same, f"two threads used one connection: {results}"


run(race, check, batch=20, where=place(BaseConnectionHandler.__getitem__, "getattr(self._connections"),
    psycopg=version("psycopg"))
