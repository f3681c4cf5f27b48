"""How sure one is of a rate, by the standard library alone."""

import math

# A rate is not known better than this: 1 interval in 20 misses it.
DOUBT = 0.05


def at_most(found, of, rate):
    """How likely it is that `found` or fewer of `of` are so, where each is with this rate."""
    return sum(math.comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(found + 1))


def crossing(falls):
    """Where `falls`, which is true up to some rate between 0 and 1, stops being true."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falls(middle) else (low, middle)
    return (low + high) / 2


def interval(found, of):
    """The 95 % interval of the rate of which `found` of `of` were seen: Clopper and Pearson's, "The use of confidence or fiducial
    limits illustrated in the case of the binomial" (Biometrika 26, 1934), which holds the rate in at least 95 of 100 cases,
    however few there were. Wilson's is narrower and holds it less often near 0 and 1, where these rates are."""
    if not of:
        return 0.0, 1.0
    low = 0.0 if found == 0 else crossing(lambda rate: 1 - at_most(found - 1, of, rate) < DOUBT / 2)
    high = 1.0 if found == of else crossing(lambda rate: at_most(found, of, rate) > DOUBT / 2)
    return low, high


def in_words(found, of):
    """`39 of 40 (87 to 100 %)`"""
    low, high = interval(found, of)
    return f"{found} of {of} ({100 * low:.0f} to {100 * high:.0f} %)"
