"""Django's guard looks after the cursor is made: while the owner makes one too, two threads are in one SQLite connection."""

import threading

import django
from django.conf import settings
from django.db import DatabaseError, connections

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
connection = connections["default"]  # the main thread's


def use():
    for _ in range(50_000):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 42")
        except DatabaseError:
            pass  # refused, as it should be


other = threading.Thread(target=use)
other.start()
use()
other.join()
print("nothing happened this time")
