# Imports the modules that are named as arguments, one after the other, and says after each whether the GIL is on.
import json
import os
import sys


def say(**what):
    os.write(1, ("\n@greenroom " + json.dumps(what) + "\n").encode())


say(name="", gil=sys._is_gil_enabled(), error=None)
for name in sys.argv[1:]:
    say(begin=name)
    error = None
    try:
        __import__(name)
    except BaseException as caught:  # whatever an import may raise
        error = "%s: %s" % (type(caught).__name__, caught)
    say(name=name, gil=sys._is_gil_enabled(), error=error)
    if sys._is_gil_enabled():
        break
# Threads that a package has started must not keep this process.
os._exit(0)
