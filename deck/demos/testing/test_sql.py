"""A test as many projects have it. It passes; run in several threads at once (pytest-run-parallel) it does not."""

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3"}},
)
django.setup()

from django.contrib.auth.models import Permission

# Once, as on a module or on the class of a view.
PERMISSIONS = Permission.objects.order_by("content_type__app_label")
SQL = str(PERMISSIONS.all().query)


def test_a_query_is_always_the_same():
    for _ in range(300):
        assert str(PERMISSIONS.query) == SQL
