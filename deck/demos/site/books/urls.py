from django.urls import path

from books import async_views, views

# Written the other way round than usual, /page instead of /page/: a benchmark must not measure redirects.
urlpatterns = [
    path("healthz", views.healthz),
    path("ping", views.ping),
    path("pure-python", views.pure_python),
    path("template", views.template),
    path("json", views.json),
    path("database", views.database),
    path("waiting", views.waiting),
    path("hot", views.hot),
    path("cold", views.cold),
    path("flip", views.flip),
    path("freeze", views.freeze),
    path("async/healthz", async_views.healthz),
    path("async/ping", async_views.ping),
    path("async/pure-python", async_views.pure_python),
    path("async/template", async_views.template),
    path("async/json", async_views.json),
    path("async/database", async_views.database),
    path("async/waiting", async_views.waiting),
]
