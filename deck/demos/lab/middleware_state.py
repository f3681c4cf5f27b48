"""There is one middleware object for all requests: what it keeps on self belongs to whoever wrote last."""

from _race import place, run
from _books import Book
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path


# region race
class Visitor:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        self.name = request.GET["name"]
        response = self.get_response(request)
        response["X-Visitor"] = self.name
        return response
# endregion race


def view(request):  # a query: the database is waited for, and meanwhile another request may come in
    return HttpResponse(Book.objects.order_by("pk").first().title)


urlpatterns = [path("", view)]
settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, [f"{__name__}.Visitor"]
settings.ALLOWED_HOSTS = ["testserver"]
handler = BaseHandler()
handler.load_middleware()


def race(shared, me):
    return [handler.get_response(RequestFactory().get(f"/?name={me}"))["X-Visitor"] for _ in range(100)]


def check(shared, names):
    wrong = sum(name != str(me) for me, some in enumerate(names) for name in some)
    return 100 * len(names), wrong, "a response carried the name of the visitor of another request"


run(race, check, where=place(Visitor.__call__, "self.name ="))
