"""Sync code under Django's ASGI handler: each request's has a thread of its own, so requests race."""

import asyncio, threading

from _race import needs, place, run, version

needs("django", "asgiref")
import django
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.urls import path

TIMES = 300_000
visits = {}


# region race
def count(request):  # a synchronous view
    visits["start"].wait()  # both requests are in their view now
    for _ in range(TIMES):
        visits["n"] += 1
    return HttpResponse(str(visits["n"]))
# endregion race


urlpatterns = [path("", count)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
django.setup()
handler = ASGIHandler()
SCOPE = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/", "query_string": b"",
         "headers": [(b"host", b"testserver")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}


async def request():
    body = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        if body:
            return body.pop()
        await asyncio.sleep(60)  # the client stays
        return {"type": "http.disconnect"}

    status = []

    async def send(message):
        status.append(message.get("status"))

    await handler(dict(SCOPE), receive, send)
    if status[0] != 200:
        raise RuntimeError(f"the view answered {status[0]}")


def race(shared, me):  # each thread has an event loop, as granian's workers
    asyncio.run(request())


def fresh():
    visits.update(n=0, start=threading.Barrier(2))
    return visits


def check(shared, results):
    lost = len(results) * TIMES - visits["n"]
    return len(results) * TIMES, lost, f"{len(results) * TIMES:,} visits were counted, and {lost:,} of them are lost"


run(race, check, fresh, threads=2, asgiref=version("asgiref"), where=place(SyncToAsync.__call__, "max_workers=1"))
