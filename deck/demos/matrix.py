"""Which packages keep the GIL off: each is installed, as a wheel, and imported in a process of its own.

Everything goes to an environment that is thrown away. Run it with a free-threaded Python:

    python demos/matrix.py
"""

import datetime, os, subprocess, sys, sysconfig, tempfile, textwrap, venv

# What is installed, and what is imported. psycopg in its three shapes; drivers, servers, and what Django sites use.
PACKAGES = {
    "Django": "django.db.models", "asgiref": "asgiref.sync", "sqlparse": "sqlparse",
    "psycopg": "psycopg", "psycopg-binary": "psycopg_binary.pq", "psycopg2-binary": "psycopg2",
    "mysqlclient": "MySQLdb", "oracledb": "oracledb", "redis": "redis", "hiredis": "hiredis",
    "gunicorn": "gunicorn.app.base", "uvicorn": "uvicorn", "uvloop": "uvloop", "httptools": "httptools",
    "granian": "granian", "gevent": "gevent", "Pillow": "PIL.Image", "lxml": "lxml.etree", "orjson": "orjson",
    "cryptography": "cryptography.fernet", "argon2-cffi": "argon2", "bcrypt": "bcrypt", "pydantic-core": "pydantic_core",
    "PyYAML": "yaml", "celery": "celery", "djangorestframework": "rest_framework",
}
IMPORT = "import sys; import {0}; print('on' if sys._is_gil_enabled() else 'off')"
ASK = "from importlib.metadata import version; print(version('{0}'))"
GROUPS = {"off": ("The GIL stays off", 32), "on": ("The import turns it ON", 31), "wheel": ("No wheel to install", 33),
          "fails": ("The import fails", 31)}


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


def main():
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        sys.exit("matrix.py needs a free-threaded Python, such as python3.14t")
    build = f"CPython {sys.version.split()[0]} free threaded, {datetime.date.today()}"
    print(f"{build}: {len(PACKAGES)} packages", flush=True)
    found = {group: [] for group in GROUPS}
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        for number, (package, module) in enumerate(PACKAGES.items(), 1):
            print(f"\r\033[K{number:>2}  {package} …", end="", flush=True)
            version, group = judge(python, package, module)
            found[group].append(f"{package} {version}".strip())
    print(f"\033[2J\033[H{build}\n")
    for group, (title, color) in GROUPS.items():
        if found[group]:
            print(f"\033[1;{color}m{title}: {len(found[group])}\033[0m")
            # A name and its version stay together.
            line = ", ".join(name.replace(" ", "\u00a0") for name in found[group])
            print(textwrap.fill(line, 68, initial_indent="  ", subsequent_indent="  ").replace("\u00a0", " ") + "\n")


if __name__ == "__main__":
    main()
