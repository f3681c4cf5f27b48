from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=100, unique=True)
    city = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Author(models.Model):
    name = models.CharField(max_length=100)
    born = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=200)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    publisher = models.ForeignKey(Publisher, models.CASCADE, related_name="books")
    price = models.DecimalField(max_digits=6, decimal_places=2)
    published = models.DateField(db_index=True)

    class Meta:
        # The second key makes the order the same on every database.
        ordering = ["published", "pk"]

    def __str__(self) -> str:
        return self.title
