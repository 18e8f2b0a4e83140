"""How often one browser and one address may do what costs us or helps a guesser.

Token buckets in this process: with several workers each has its own, so the limits are
per worker. They stop a flood; who may do what is decided elsewhere.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Network, ip_address
from math import ceil

from cachetools import TTLCache

from ecosystem.domain.errors import TooManyRequests
from ecosystem.domain.language import ngettext

MOST_BUCKETS = 100_000
FORGOTTEN_SECONDS = 900.0


@dataclass(frozen=True)
class Rate:
    """``burst`` at once, then one more each ``every`` seconds."""

    burst: int
    every: float


@dataclass(frozen=True)
class Rule:
    """``browser``: one session or guest at one address. ``address``: all behind it, who
    may be a whole office."""

    browser: Rate
    address: Rate


RULES: dict[str, Rule] = {
    "sign_in": Rule(Rate(8, 6), Rate(30, 2)),
    "code": Rule(Rate(8, 6), Rate(30, 2)),
    "mail": Rule(Rate(5, 30), Rate(20, 6)),
    "hold": Rule(Rate(20, 1), Rate(100, 0.2)),
    "book": Rule(Rate(20, 1), Rate(100, 0.2)),
    "price": Rule(Rate(60, 0.2), Rate(300, 0.05)),
    "search": Rule(Rate(60, 0.2), Rate(300, 0.05)),
    "suggest": Rule(Rate(60, 0.2), Rate(300, 0.05)),
    "payouts": Rule(Rate(10, 6), Rate(60, 1)),
    "message": Rule(Rate(10, 6), Rate(60, 1)),
    "upload": Rule(Rate(120, 0.5), Rate(600, 0.1)),
    "reveal": Rule(Rate(20, 6), Rate(60, 2)),
    # A booking's page asks for it in five parts.
    "reference": Rule(Rate(60, 0.5), Rate(300, 0.1)),
    "token": Rule(Rate(60, 0.5), Rate(120, 0.25)),
    "report": Rule(Rate(5, 60), Rate(60, 5)),
    "api_key": Rule(Rate(300, 0.1), Rate(600, 0.05)),
    "socket": Rule(Rate(120, 1), Rate(600, 0.5)),
}


class RateLimits:
    """The buckets of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: TTLCache[tuple[str, ...], tuple[float, float]] = TTLCache(
            MOST_BUCKETS, FORGOTTEN_SECONDS, timer=clock
        )

    def spend(self, name: str, *, browser: str, address: str) -> None:
        """Count one call of the kind ``name``.

        Raises:
            TooManyRequests: with ``retry_after`` in whole seconds.
            KeyError: no rule has this name.
        """
        rule = RULES[name]
        address = network(address)
        now = self._clock()
        with self._lock:
            waits = [self._take((name, "address", address), rule.address, now)]
            if waits[0] == 0:
                waits.append(self._take((name, "browser", browser, address), rule.browser, now))
        wait = max(waits)
        if wait > 0:
            seconds = max(1, ceil(wait))
            raise TooManyRequests(
                ngettext(
                    "Too many attempts. Wait {count} second, then try again.",
                    "Too many attempts. Wait {count} seconds, then try again.",
                    seconds,
                ).format(count=seconds),
                retry_after=seconds,
            )

    def _take(self, key: tuple[str, ...], rate: Rate, now: float) -> float:
        """Take a token; else the seconds until there is one."""
        left, then = self._buckets.get(key, (float(rate.burst), now))
        left = min(float(rate.burst), left + (now - then) / rate.every)
        if left < 1:
            return (1 - left) * rate.every
        self._buckets[key] = (left - 1, now)
        return 0.0


def network(address: str) -> str:
    """What counts as one address: an IPv6 host has a whole /64 to choose its own from."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(IPv6Network((known.packed[:8] + bytes(8), 64)))


PROCESS = RateLimits()
"""What the API and the pages of this process share."""
