import io
import json
import os
import signal
import subprocess
import sys
from unittest import mock

from django.core.management import call_command
from django.test import SimpleTestCase, TestCase

from books import work
from config import database

BOTH = ["ping", "pure-python", "template", "json", "database", "waiting"]


class Answers(TestCase):
    headers = {"host": "localhost"}

    @classmethod
    def setUpTestData(cls):
        call_command("seed", stdout=io.StringIO())

    def body(self, path: str) -> str:
        response = self.client.get(path, headers=self.headers)
        self.assertEqual(response.status_code, 200, path)
        return response.content.decode()

    def test_sync_and_async_views_answer_the_same_every_time(self):
        for name in BOTH:
            with self.subTest(name):
                first = self.body(f"/{name}")
                self.assertEqual(first, self.body(f"/{name}"))
                self.assertEqual(first, self.body(f"/async/{name}"))

    def test_each_answer_says_who_gave_it(self):
        for path in ["/ping", "/async/ping", "/healthz"]:
            response = self.client.get(path, headers=self.headers)
            self.assertRegex(response.headers["X-Worker"], rf"^{os.getpid()}/\d+$", path)

    def test_sizes(self):
        self.assertEqual(self.body("/template").count("<td>60</td>"), 1)
        self.assertEqual(self.body("/database").count("<li>"), 40)
        self.assertEqual(len(json.loads(self.body("/json"))["books"]), 1_500)
        self.assertEqual(len(self.body("/pure-python").splitlines()), 40)

    def test_one_query_for_forty_books(self):
        with self.assertNumQueries(1):
            self.body("/database")

    def test_seeding_twice_gives_the_same(self):
        before = self.body("/database")
        call_command("seed", stdout=io.StringIO())
        self.assertEqual(before, self.body("/database"))

    def test_hot_and_cold_answer_the_same(self):
        self.assertEqual(self.body("/hot"), "20000 additions")
        self.assertEqual(self.body("/hot"), self.body("/cold"))

    def test_flip_answers_what_pure_python_answers(self):
        # In a process of its own: what it does to the GIL stays.
        with mock.patch("books.work.switch_gil_on") as switch:
            self.assertEqual(self.body("/flip"), self.body("/pure-python"))
            self.body("/flip")
        switch.assert_called_once()

    def test_identity(self):
        for path in ("/healthz", "/async/healthz"):
            who = json.loads(self.body(path))
            self.assertEqual(who["pid"], os.getpid())
            self.assertEqual(who["gil"], getattr(sys, "_is_gil_enabled", lambda: True)())
            self.assertTrue(who["python"].startswith(f"{sys.version_info.major}.{sys.version_info.minor}."))
            self.assertIn("django", who["packages"])
            self.assertEqual(who["settings"]["debug"], False)
            self.assertEqual(who["settings"]["optimize"], sys.flags.optimize)


class Controls(SimpleTestCase):
    def test_a_slowdown_costs_rows_and_leaves_the_answer(self):
        quick = work.mandelbrot()
        self.assertEqual(work.extra_rows(1.0), [])
        with mock.patch("books.work.EXTRA_ROWS", work.extra_rows(1.10)), mock.patch(
            "books.work.row", side_effect=work.row
        ) as row:
            self.assertEqual(work.mandelbrot(), quick)
        self.assertEqual(row.call_count, 44)

    def test_once_is_once_and_not_before_its_time(self):
        with mock.patch("time.monotonic", side_effect=[100.0, 109.0, 110.0, 120.0]):
            once = work.Once()
            self.assertEqual([once.due(10) for _ in range(4)], [False, False, True, False])

    def test_freeze_stops_the_whole_process_and_wakes_it(self):
        code = "from books import work; work.freeze(0.2); print('awake')"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
        )
        stopped, status = os.waitpid(child.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP)
        self.assertEqual(child.communicate(timeout=30)[0], "awake\n")


class DatabaseUrl(SimpleTestCase):
    def test_sqlite(self):
        for url, name in {
            "sqlite:///books.sqlite3": "books.sqlite3",
            "sqlite:////tmp/a%20b/books.sqlite3": "/tmp/a b/books.sqlite3",
        }.items():
            self.assertEqual(database.from_url(url)["NAME"], name)

    def test_postgresql(self):
        found = database.from_url("postgresql://me:p%40ss@%2Frun%2FMy%20Sockets:5433/books?sslmode=disable")
        self.assertEqual(found["NAME"], "books")
        options = found["OPTIONS"]
        self.assertEqual((options["user"], options["password"], options["port"]), ("me", "p@ss", "5433"))
        self.assertEqual((options["host"], options["sslmode"]), ("/run/My Sockets", "disable"))
        self.assertGreaterEqual(options["pool"]["max_size"], 1)

    def test_anything_else_is_refused_without_showing_the_password(self):
        with self.assertRaises(ValueError) as caught:
            database.from_url("mysql://me:secret@localhost/books")
        self.assertIn("mysql", str(caught.exception))
        self.assertNotIn("secret", str(caught.exception))
