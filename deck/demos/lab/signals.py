"""Safe: connect, send and disconnect take the signal's lock, and send() walks a list of its own."""

from _race import needs, place, run

needs("django", "asgiref")
from django.conf import settings
from django.dispatch import Signal

settings.configure()


# region race
def race(signal, me):
    heard = []
    def hear(sender, **more):
        heard.append(sender)
    for _ in range(100):
        signal.connect(hear)
        signal.send(me)
        signal.disconnect(hear)
    return heard.count(me)
# endregion race


def check(signal, heard):
    wrong = sum(count != 100 for count in heard)
    return 100 * len(heard), wrong + len(signal.receivers), f"a receiver heard {heard} of 100 of its own signals"


run(race, check, Signal, where=place(Signal.connect, "self.lock"), batch=25)
