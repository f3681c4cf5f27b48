import datetime
from decimal import Decimal

from django.core.management.base import BaseCommand
from django.db import transaction

from books.models import Author, Book, Publisher

PUBLISHERS, AUTHORS, BOOKS = 10, 50, 1_000


class Command(BaseCommand):
    help = "Fill the database with the same books every time."

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        for model in (Book, Author, Publisher):
            model.objects.all().delete()
        # Keys are given, not counted on by the database, so that the data is the same after the second run too.
        Publisher.objects.bulk_create(
            Publisher(pk=n, name=f"Publisher {n}", city=f"City {n}") for n in range(1, PUBLISHERS + 1)
        )
        Author.objects.bulk_create(
            Author(pk=n, name=f"Author {n}", born=1900 + n) for n in range(1, AUTHORS + 1)
        )
        Book.objects.bulk_create(
            Book(
                pk=n,
                title=f"Book {n}",
                author_id=n % AUTHORS + 1,
                publisher_id=n % PUBLISHERS + 1,
                price=Decimal(500 + n * 37 % 4_000) / 100,
                published=datetime.date(2000, 1, 1) + datetime.timedelta(days=n * 7),
            )
            for n in range(1, BOOKS + 1)
        )
        self.stdout.write(f"{PUBLISHERS} publishers, {AUTHORS} authors, {BOOKS} books")
