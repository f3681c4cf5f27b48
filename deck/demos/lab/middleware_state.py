"""There is one middleware object for all requests: what it keeps on self belongs to whoever wrote last."""

from _race import needs, place, run

needs("django", "asgiref")
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


def view(request):
    return HttpResponse("hello")


urlpatterns = [path("", view)]
settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.Visitor"], ALLOWED_HOSTS=["testserver"])
handler = BaseHandler()
handler.load_middleware()


def race(shared, me):
    return [handler.get_response(RequestFactory().get(f"/?name={me}"))["X-Visitor"] for _ in range(500)]


def check(shared, names):
    wrong = sum(name != str(me) for me, some in enumerate(names) for name in some)
    return 500 * len(names), wrong, "a response carried the name of the visitor of another request"


run(race, check, where=place(Visitor.__call__, "self.name ="))
