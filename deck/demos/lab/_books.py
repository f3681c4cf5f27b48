"""A small Django project for the probes: authors, their books and a counter, in SQLite in memory."""

from _race import needs

needs("django", "asgiref", "sqlparse")

import django
from django.conf import settings
from django.db import connection, models

# memdb: one database for all connections of this process, each thread has its own; gone when the process is
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "file:/books?vfs=memdb",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
    INSTALLED_APPS=["django.contrib.sites"],
    SITE_ID=1,
)
django.setup()

from django.contrib.sites.models import Site


class Author(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "books"


class Book(models.Model):
    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")

    class Meta:
        app_label = "books"


class Counter(models.Model):
    n = models.IntegerField(default=0)

    class Meta:
        app_label = "books"


with connection.schema_editor() as editor:
    for model in (Author, Book, Counter, Site):
        editor.create_model(model)
for name in ("Ann", "Bob", "Cy"):
    author = Author.objects.create(name=name)
    Book.objects.bulk_create(Book(title=f"{name} {n}", author=author) for n in range(4))
Site.objects.create(pk=1, domain="example.com", name="example")
