"""gunicorn's settings for processes that share what they can: Django is loaded once, before the workers are forked.

What the collector has seen by then is frozen: it would otherwise write to each object's header when it looks for garbage, and a page
that is written to is copied (https://docs.python.org/3/library/gc.html#gc.freeze).
"""

import gc

preload_app = True


def when_ready(server):
    gc.collect()
    gc.freeze()
