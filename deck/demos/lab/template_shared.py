"""Safe: one compiled template, rendered by all threads, keeps its state in each render's context."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.template import Context, Engine, Template

settings.configure(USE_I18N=False)
PAGES = {
    "base": "<{% block body %}{% endblock %}>",
    "row": "{{ who }}{% cycle 'a' 'b' 'c' %}",
    "page": "{% extends 'base' %}{% block body %}{% for n in numbers %}{% ifchanged n %}{{ n }}{% endifchanged %}"
            "{% cycle 'odd' 'even' %}{% include 'row' %}{% endfor %}{% endblock %}",
}
engine = Engine(loaders=[("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", PAGES)])])


# region race
page = engine.get_template("page")

def race(shared, me):
    mine = {"who": me, "numbers": [1, 1, 2, me, me, 3]}
    return [page.render(Context(mine)) for _ in range(50)]
# endregion race


def alone(me):
    return page.render(Context({"who": me, "numbers": [1, 1, 2, me, me, 3]}))


def check(shared, pages):
    wrong = [(html, alone(me)) for me, some in enumerate(pages) for html in some if html != alone(me)]
    return 50 * len(pages), len(wrong), "{} instead of {}".format(*wrong[0]) if wrong else ""


run(race, check, where=place(Template.render, "render_context.push_state"))
