"""DATABASE_URL, as most hosts give it."""

import os
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def from_url(url: str) -> dict:
    """The entry for DATABASES: sqlite:///relative, sqlite:////absolute or postgresql://user:password@host:port/name."""
    parts = urlsplit(url)
    match parts.scheme:
        case "sqlite":
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path.removeprefix("/"))}
        case "postgresql" | "postgres":
            wants = os.environ.get("PSYCOPG_IMPL")
            if wants == "c" and find_spec("psycopg_c") is None:
                raise ImproperlyConfigured("psycopg[c] is not built here: `greenroom setup` says what it lacks")
            # libpq reads its own URLs best: sockets, several hosts, what is percent-encoded.
            from psycopg.conninfo import conninfo_to_dict

            options = conninfo_to_dict(url)
            return {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": options.pop("dbname", ""),
                "OPTIONS": {**options, "pool": pool()},
            }
    # The URL may hold a password: it stays out of the message.
    raise ValueError(f"DATABASE_URL begins with {parts.scheme!r}; sqlite:///… and postgresql://… are known")


def pool() -> dict:
    """One pool per process. It needs a connection for each thread, or threads wait for connections."""
    size = int(os.environ.get("DATABASE_POOL", "4"))
    return {"min_size": size, "max_size": size, "timeout": 10}
