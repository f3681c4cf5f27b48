"""What a verdict says, as the scripts that compare verdicts read it."""

import math

# Differences below this are not called.
MARGIN = math.log(1.05)
# What is called, and which way it goes.
CALLED = {"higher": 1, "lower": -1}


def log_ratio(verdict):
    return math.log(max(verdict.get("ratio_ppm", 0), 1) / 1e6)


def call(verdict):
    """`higher`, `lower`, `near`, `close` or `refused`. What is not called, and yet is more than the margin apart, is near it; recordings
    from before there was that word say `close` of it."""
    said = verdict["call"]
    return "near" if said == "close" and abs(log_ratio(verdict)) > MARGIN else said


def agree(one, other):
    """Whether two verdicts on the same servers say the same: `near` goes with `close`, and with what is called its own way."""
    calls = {call(one), call(other)}
    if len(calls) == 1 or calls == {"near", "close"}:
        return True
    if "near" not in calls:
        return False
    near, called = (one, other) if call(one) == "near" else (other, one)
    return CALLED.get(call(called), 0) * log_ratio(near) > 0


def in_short(verdict, digits=2):
    """`higher 1.24 [1.10, 1.30]`"""
    ratio, low, high = (verdict.get(key, 0) / 1e6 for key in ("ratio_ppm", "low_ppm", "high_ppm"))
    return f"{call(verdict)} {ratio:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def describe(verdict):
    """The same with what stands beside it."""
    return in_short(verdict, 3) + (f" ({'; '.join(verdict['flags'])})" if verdict["flags"] else "")
