# Says in one line of JSON what an environment holds: the versions of the packages that are named as arguments.
import json
import sys
from importlib.metadata import PackageNotFoundError, version

found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        found[name] = None
problem = None
if found.get("psycopg"):
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        problem = str(error).strip().splitlines()[0]
print(json.dumps({"versions": found, "psycopg": problem, "gil": getattr(sys, "_is_gil_enabled", lambda: True)()}))
