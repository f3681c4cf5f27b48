"""The same pages as coroutines. They answer byte by byte what the sync views answer."""

import asyncio

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from books import views
from books.models import Book


async def healthz(request: HttpRequest) -> HttpResponse:
    return views.healthz(request)


async def ping(request: HttpRequest) -> HttpResponse:
    return views.ping(request)


async def pure_python(request: HttpRequest) -> HttpResponse:
    """Computing in the event loop: everybody else on this loop waits."""
    return views.pure_python(request)


async def template(request: HttpRequest) -> HttpResponse:
    return views.template(request)


async def json(request: HttpRequest) -> HttpResponse:
    return views.json(request)


async def database(request: HttpRequest) -> HttpResponse:
    # The ORM's async interface: each query runs in a thread.
    books = [book async for book in Book.objects.select_related("author", "publisher")[:40]]
    return render(request, "books/list.html", {"title": "Books", "books": books})


async def waiting(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(views.WAIT)
    return views.text("waited")
