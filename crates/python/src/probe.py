# Says in one line of JSON what kind of interpreter runs it. Understood by every Python 3.
import json
import os
import sys
import sysconfig

missing = []
for name in ["_ssl", "_sqlite3", "zlib", "_ctypes", "_bz2", "_lzma", "_decimal", "_hashlib", "_uuid"]:
    try:
        __import__(name)
    except ImportError:
        missing.append(name)


def text(name):
    return str(sysconfig.get_config_var(name) or "")


flags = text("PY_CFLAGS_NODIST") + " " + text("PY_CORE_CFLAGS") + " " + text("PY_LDFLAGS_NODIST")
args = text("CONFIG_ARGS")
path = getattr(sys, "_base_executable", None) or sys.executable
names = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}
print(json.dumps({
    "path": path,
    "real": os.path.realpath(path),
    "implementation": names.get(sys.implementation.name, sys.implementation.name),
    "version": sys.version.split()[0].rstrip("+"),
    "minor": list(sys.version_info[:2]),
    "build": sys.version.replace("\n", " "),
    "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "gil_enabled": getattr(sys, "_is_gil_enabled", lambda: True)(),
    "optimized": "--enable-optimizations" in args or "-fprofile-use" in flags or "-fprofile-instr-use" in flags,
    "lto": "--with-lto" in args or "-flto" in flags,
    "debug": hasattr(sys, "gettotalrefcount"),
    "config_args": args,
    "missing": missing,
}))
