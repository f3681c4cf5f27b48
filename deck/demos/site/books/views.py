import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from books import work
from books.identity import identity
from books.models import Book

WAIT = 0.02

flipped = work.Once()
frozen = work.Once()


def text(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


def seconds(request: HttpRequest) -> float:
    """?after=10: that long after the first request, so that it can happen in the middle of a run."""
    return float(request.GET.get("after", "0"))


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse(identity())


def ping(request: HttpRequest) -> HttpResponse:
    return text("pong")


def pure_python(request: HttpRequest) -> HttpResponse:
    return text(work.mandelbrot())


def template(request: HttpRequest) -> HttpResponse:
    return render(request, "books/page.html", {"title": "Catalogue", "rows": work.catalogue(60)})


def json(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"books": work.catalogue(1_500)})


def database(request: HttpRequest) -> HttpResponse:
    books = Book.objects.select_related("author", "publisher")[:40]
    return render(request, "books/list.html", {"title": "Books", "books": books})


def waiting(request: HttpRequest) -> HttpResponse:
    time.sleep(WAIT)
    return text("waited")


def hot(request: HttpRequest) -> HttpResponse:
    return text(f"{work.count_hot()} additions")


def cold(request: HttpRequest) -> HttpResponse:
    return text(f"{work.count_cold()} additions")


def flip(request: HttpRequest) -> HttpResponse:
    """The page of pure_python, in a process that has imported lxml on the way."""
    if flipped.due(seconds(request)):
        work.switch_gil_on()
    return pure_python(request)


def freeze(request: HttpRequest) -> HttpResponse:
    """The page of ping, in a process that stops for a second once."""
    if frozen.due(seconds(request)):
        work.freeze(1.0)
    return ping(request)
