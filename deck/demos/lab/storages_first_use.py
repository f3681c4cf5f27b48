"""Two requests use a storage for the first time: each makes one, and a file saved in the other is lost."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.storage.handler import StorageHandler

IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
settings.configure(STORAGES={"default": IN_MEMORY})


# region race
def race(storages, me):
    file = ContentFile(b"hello")
    return storages["default"].save(f"{me}.txt", file)
# endregion race


def check(storages, saved):
    lost = [name for name in saved if not storages["default"].exists(name)]
    return len(saved), len(lost), f"{lost and lost[0]} was saved, and the storage does not have it"


run(race, check, StorageHandler, where=place(StorageHandler.__getitem__, "= storage"), batch=200)
