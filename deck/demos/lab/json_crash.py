"""A JSON response of a shared list, while another request changes a row of it. It runs in a child process."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.http import JsonResponse

settings.configure()


# region race
scores = [{"n": n} for n in range(10)]

def race(shared, me):
    if me == 0:
        for _ in range(500):
            JsonResponse(scores, safe=False)
    else:
        for n in range(50_000):
            scores[n % 10] = {"n": n, "tags": ["new", str(n)]}
# endregion race


def check(shared, results):
    errors = [r for r in results if r]
    return 500, len(errors), f"JsonResponse of plain dicts raised {errors and errors[0]!r}"


run(race, check, where=place(JsonResponse.__init__, "json.dumps"), crash=True, seconds=5,
    expects=(ValueError, TypeError))
