"""Which packages keep the GIL off: each is installed, as a wheel, and imported in a process of its own.

Everything goes to environments that are thrown away. Run it with a free-threaded Python; others may be named, each a
column of its own, and python3.15t is one where it is in PATH:

    python demos/matrix.py [PYTHON …]
"""

import datetime, os, shutil, subprocess, sys, sysconfig, tempfile, textwrap

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
IMPORT = "import sys; import {0}; print('on' if sys._is_gil_enabled() else 'off')"
ASK = "from importlib.metadata import version; print(version('{0}'))"
GROUPS = {"off": ("the GIL stays off", 32), "on": ("the import turns it ON", 31), "wheel": ("no wheel to install", 33),
          "fails": ("the import fails", 31)}
VERSION = "import sys, sysconfig; print(sys.version.split()[0], sysconfig.get_config_var('Py_GIL_DISABLED') or 0)"


def run(*command, timeout=300):
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHON_GIL")}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment)


def judge(python, package, module):
    """The package's version, and off, on, wheel or fails."""
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    installed = run(*pip, package)
    if "Retrying" in installed.stderr or "connection" in installed.stderr.lower():
        sys.exit("\nno package index can be reached from here: v plays the recording")
    if installed.returncode:
        return "", "wheel"
    version = run(python, "-c", ASK.format(package)).stdout.strip()
    found = run(python, "-W", "ignore", "-c", IMPORT.format(module))
    return version, found.stdout.strip() if found.returncode == 0 else "fails"


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


def report(found, versions):
    """Packages with the same outcome on each interpreter, together."""
    groups = {}
    for package, outcomes in found.items():
        groups.setdefault(tuple(group for _, group in outcomes), []).append(package)
    for outcome, packages in sorted(groups.items(), key=lambda each: list(map(list(GROUPS).index, each[0]))):
        alike = len(set(outcome)) == 1
        said = [GROUPS[group][0] if alike else f"{version}: {GROUPS[group][0]}" for version, group in zip(versions, outcome)]
        title, color = ", ".join(dict.fromkeys(said)), GROUPS[outcome[-1]][1]
        print(f"\033[1;{color}m{title[0].upper()}{title[1:]}: {len(packages)}\033[0m")
        # A name and its version stay together.
        names = [f"{name}\u00a0{next((v for v, _ in found[name] if v), '')}".strip("\u00a0") for name in packages]
        print(textwrap.fill(", ".join(names), 68, initial_indent="  ", subsequent_indent="  ").replace("\u00a0", " ") + "\n")


def main():
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit("matrix.py needs a free-threaded Python, such as python3.14t")
    versions = columns()
    build = f"CPython {' and '.join(versions)} free threaded, {datetime.date.today()}"
    print(f"{build}: {len(PACKAGES)} packages", flush=True)
    found = {package: [] for package in PACKAGES}
    with tempfile.TemporaryDirectory() as folder:
        for version, python in versions.items():
            run(python, "-m", "venv", os.path.join(folder, version))
            own = os.path.join(folder, version, "bin", "python")
            for number, (package, module) in enumerate(PACKAGES.items(), 1):
                print(f"\r\033[K{version}: {number:>2}  {package} …", end="", flush=True)
                found[package].append(judge(own, package, module))
    print(f"\033[2J\033[H{build}\n")
    report(found, versions)


if __name__ == "__main__":
    main()
