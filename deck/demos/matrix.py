"""Which packages keep the GIL off: each is installed, as a wheel, in a folder of its own, and imported in a process of its own.

All of it is thrown away. pip installs uv, and uv the rest, in a fifth of pip's time; some packages are tried at a time. Run it with a free-threaded Python; others may be named, each a
column of its own, and python3.15t is one where it is in PATH:

    python demos/matrix.py [PYTHON …]
"""

import datetime, os, shutil, subprocess, sys, sysconfig, tempfile, textwrap
from concurrent.futures import ThreadPoolExecutor

# What is installed, and what is imported. psycopg in its three shapes; drivers, servers, and what Django sites use.
PACKAGES = {
    "Django": "django.db.models", "asgiref": "asgiref.sync", "sqlparse": "sqlparse",
    "psycopg": "psycopg", "psycopg-binary": "psycopg_binary.pq", "psycopg2-binary": "psycopg2",
    "mysqlclient": "MySQLdb", "oracledb": "oracledb", "redis": "redis", "hiredis": "hiredis",
    "gunicorn": "gunicorn.app.base", "uvicorn": "uvicorn", "uvloop": "uvloop", "httptools": "httptools",
    "granian": "granian", "gevent": "gevent", "Pillow": "PIL.Image", "lxml": "lxml.etree", "orjson": "orjson",
    "cryptography": "cryptography.fernet", "argon2-cffi": "argon2", "bcrypt": "bcrypt", "pydantic-core": "pydantic_core",
    "PyYAML": "yaml", "celery": "celery", "djangorestframework": "rest_framework",
    "asyncpg": "asyncpg", "psycopg-pool": "psycopg_pool", "PyMySQL": "pymysql", "django-redis": "django_redis",
    "whitenoise": "whitenoise", "django-filter": "django_filters", "django-allauth": "allauth", "boto3": "boto3",
    "requests": "requests", "httpx": "httpx", "sentry-sdk": "sentry_sdk", "channels": "channels", "daphne": "daphne",
    "msgspec": "msgspec", "greenlet": "greenlet", "psutil": "psutil", "numpy": "numpy", "Brotli": "brotli",
}
# What a package needs and does not ask for.
BESIDE = {"psycopg-pool": ["psycopg"]}
# Its version first: what is imported may end the process.
IMPORT = """import sys
sys.path.insert(0, {2!r})
from importlib.metadata import version
print(version('{0}'), flush=True)
import {1}
print('on' if sys._is_gil_enabled() else 'off')"""
GROUPS = {"off": ("the GIL stays off", 32), "on": ("the import turns it ON", 31), "wheel": ("no wheel to install", 33),
          "fails": ("the import fails", 31)}
AT_A_TIME = 4
VERSION = "import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"


def run(*command, timeout=300):
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHON_GIL")}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)


def installed(uv, python, package, folder):
    """Whether it has a wheel, which is installed there."""
    done = run(uv, "pip", "install", "--quiet", "--python", python, "--target", folder, "--only-binary", ":all:",
               package, *BESIDE.get(package, []))
    if done.returncode and "No solution found" not in done.stderr:
        sys.exit(f"\nno package index can be reached from here: v plays the recording\n{done.stderr.strip()[:300]}")
    return done.returncode == 0


def judge(uv, python, package, folder):
    """The package's version, and off, on, wheel or fails."""
    if not installed(uv, python, package, folder):
        return "", "wheel"
    # Without site: nothing that the interpreter's environment has is found.
    said = run(python, "-I", "-S", "-W", "ignore", "-c", IMPORT.format(package, PACKAGES[package], folder))
    version, _, found = said.stdout.strip().partition("\n")
    return version, found if said.returncode == 0 else "fails"


def columns():
    """The interpreters, each with its version: this one, and those that are named."""
    others = sys.argv[1:] or [path for path in [shutil.which("python3.15t")] if path]
    found = {}
    for python in [sys.executable, *others]:
        version, free_threaded = run(python, "-c", VERSION).stdout.split()
        if free_threaded != "1":
            sys.exit(f"matrix.py needs free-threaded Pythons, and {python} is not one: try python3.14t")
        found.setdefault(version, python)
    return found


def grouped(found, versions):
    """Packages with the same outcome on each interpreter, together, under what is said of them."""
    groups = {}
    for package, outcomes in found.items():
        groups.setdefault(tuple(group for _, group in outcomes), []).append(package)
    for outcome, packages in sorted(groups.items(), key=lambda each: list(map(list(GROUPS).index, each[0]))):
        alike = len(set(outcome)) == 1
        said = [GROUPS[group][0] if alike else f"{version}: {GROUPS[group][0]}" for version, group in zip(versions, outcome)]
        title = ", ".join(dict.fromkeys(said))
        yield f"{title[0].upper()}{title[1:]}: {len(packages)}", GROUPS[outcome[-1]][1], packages


def report(found, versions, size):
    """The groups, as lines for a terminal: with the packages' versions where they have room."""
    for named in (lambda name: f"{name}\u00a0{next((v for v, _ in found[name] if v), '')}".strip("\u00a0"), str):
        lines = []
        for title, color, packages in grouped(found, versions):
            lines.append(f"\033[1;{color}m{title}\033[0m")
            # A name and its version stay together.
            text = textwrap.fill(", ".join(map(named, packages)), size.columns - 2, initial_indent="  ", subsequent_indent="  ",
                                 break_on_hyphens=False)
            lines += text.replace("\u00a0", " ").split("\n")
        if len(lines) + 2 < size.lines:
            break
    return lines


def fetched(folder):
    """uv, by pip."""
    run(sys.executable, "-m", "venv", folder)
    python = os.path.join(folder, "bin", "python")
    done = run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "uv")
    if done.returncode:
        sys.exit("no package index can be reached from here: v plays the recording")
    return os.path.join(folder, "bin", "uv")


def main():
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit("matrix.py needs a free-threaded Python, such as python3.14t")
    versions = columns()
    build = f"CPython {' and '.join(versions)} free threaded, {datetime.date.today()}"
    print(f"{build}: {len(PACKAGES)} packages", flush=True)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_A_TIME) as pool:
        uv = fetched(os.path.join(folder, "uv"))

        def outcomes(package):
            return [judge(uv, python, package, os.path.join(folder, version, package)) for version, python in versions.items()]

        found = {}
        for number, (package, outcome) in enumerate(zip(PACKAGES, pool.map(outcomes, PACKAGES)), 1):
            print(f"\r\033[K{number:>2}  {package}", end="", flush=True)
            found[package] = outcome
    print(f"\033[2J\033[H{build}", *report(found, versions, shutil.get_terminal_size()), sep="\n")


if __name__ == "__main__":
    main()
