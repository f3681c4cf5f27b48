# Ends with 0 when PostgreSQL's client library can be found the way psycopg finds it. Nothing of psycopg is imported.
import sys
from ctypes import CDLL
from ctypes.util import find_library

try:
    CDLL(find_library("pq") or ("libpq.5.dylib" if sys.platform == "darwin" else "libpq.so.5"))
except OSError:
    sys.exit(1)
