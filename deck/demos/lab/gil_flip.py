"""Importing one extension module switches the GIL back on, for the whole process and for good."""

import sys, time, warnings

from _report import needs, place, say, say_probe, say_verdict, version

needs("lxml")
begun = time.monotonic()


def gil():
    return "on" if getattr(sys, "_is_gil_enabled", lambda: True)() else "off"


# region race
def view():
    from lxml import etree
    return etree.fromstring("<hello/>").tag
# endregion race


say_probe(place(view, "import"), lxml=version("lxml"))
before = gil()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    view()
after = gil()
say(before=f"GIL {before}", after=f"GIL {after}")
say(trials=1, anomalies=int(before != after))
for warning in caught:
    say(warning=f"{warning.category.__name__}: {warning.message}")
if before != after:
    say(anomaly="the GIL was off, a view imported lxml, and the GIL is on for every thread until the process ends")
say_verdict("anomalies" if before != after else "none", 1, int(before != after), begun)
