"""Who answers: read by the benchmark, so that nobody has to believe a label."""

import os
import platform
import sys
import sysconfig
import threading
from importlib import metadata

from django.conf import settings
from django.db import connection

PACKAGES = ["django", "asgiref", "psycopg", "psycopg-c", "psycopg-pool", "gunicorn", "uvicorn", "granian"]
SERVERS = ["granian", "gunicorn", "uvicorn"]


def versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return found


# They do not change while the process lives, and looking for them takes a millisecond each.
VERSIONS = versions()


def server() -> str | None:
    """The server that imported us: all three may be installed, one is running."""
    if name := next((name for name in SERVERS if name in sys.modules), None):
        return f"{name} {VERSIONS[name]}"
    return "runserver" if "django.core.management.commands.runserver" in sys.modules else None


def adapter() -> str | None:
    """How psycopg reaches libpq: `c`, compiled, or `python`, through ctypes. Nothing where it is not used."""
    psycopg = sys.modules.get("psycopg")
    return psycopg.pq.__impl__ if psycopg else None


def identity() -> dict:
    config = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return {
        "pid": os.getpid(),
        "thread": threading.current_thread().name,
        "thread_id": threading.get_native_id(),
        "threads": threading.active_count(),
        # Asked anew for each request: an import can switch the GIL on.
        "gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "build": {"optimized": "--enable-optimizations" in config, "lto": "--with-lto" in config},
        "server": server(),
        "database": connection.vendor,
        "psycopg": adapter(),
        "packages": VERSIONS,
        # What has to be alike on all sides of a benchmark, or is named beside its verdict.
        "settings": {
            "psycopg": adapter(),
            "database": connection.vendor,
            "debug": settings.DEBUG,
            "optimize": sys.flags.optimize,
        },
    }
