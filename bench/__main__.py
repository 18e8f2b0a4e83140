"""``python -m bench [--quick] [name…]``: run the benchmarks and print their rows."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from bench import checkout, desk, events, holds, moving, paint, report, search, sizes
from bench.comparing import Plan
from bench.loads import BenchFailed
from bench.report import Row
from bench.world import World, world

BENCHES: dict[str, Callable[[World, str, Plan], Row]] = {
    "hot": holds.hot,
    "spread": holds.spread,
    "confirmed_hot": checkout.confirmed_hot,
    "confirmed": checkout.confirmed,
    "crowd": checkout.crowd,
    "last_seats": checkout.last_seats,
    "words": search.by_words,
    "filters": search.by_filters,
    "fresh": search.freshness,
    "guard": events.guarded,
    "events": events.working,
}
SIZES, PAINT = "sizes", "paint"
DESKS = ("desk_today", "desk_bookings", "desk_reports", "desk")
APART = (SIZES, PAINT, *DESKS, *moving.NAMES)
"""Benchmarks over data or a server of their own."""
FULL, QUICK = Plan(5, 2.0), Plan(3, 0.5)
PACKAGES, QUICK_PACKAGES = 2_000, 300
DEPARTURES = 1_000


def main() -> int:
    """Print the machine and a row a benchmark; 1 if one could not be measured."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="short slices over less data")
    asked.add_argument("names", nargs="*", metavar="name", help=", ".join((*BENCHES, *APART)))
    options = asked.parse_args()
    unknown = [name for name in options.names if name not in (*BENCHES, *APART)]
    if unknown:
        asked.error(
            f"there is no benchmark {unknown[0]!r}; there are {', '.join((*BENCHES, *APART))}"
        )
    plan = QUICK if options.quick else FULL
    began = time.monotonic()
    print(f"machine: {report.machine()}")
    print(
        f"each figure: median (least–greatest) of {plan.rounds} slices of {plan.seconds:g} s,"
        " product and baseline in turns\n"
    )
    names = options.names or [*BENCHES, *APART]
    try:
        with ExitStack() as stack:
            if any(name in BENCHES for name in names):
                packages = QUICK_PACKAGES if options.quick else PACKAGES
                made = stack.enter_context(world(packages, DEPARTURES))
                url = stack.enter_context(made.serving())
                for name in BENCHES:
                    if name in names:
                        print(BENCHES[name](made, url, plan), flush=True)
                        print()
        if SIZES in names:
            for row in sizes.large(plan, sizes.SMALL if options.quick else sizes.LARGE):
                print(row, flush=True)
                print()
        moved = tuple(name for name in moving.NAMES if name in names)
        if moved:
            many = moving.QUICK_ROWS if options.quick else moving.ROWS
            for row in moving.measured(plan, many, moved):
                print(row, flush=True)
                print()
        at_desks = tuple(name for name in DESKS if name in names)
        if at_desks:
            many = desk.QUICK_BOOKINGS if options.quick else desk.BOOKINGS
            for row in desk.rows(plan, many, at_desks):
                print(row, flush=True)
                print()
        if PAINT in names:
            for row in paint.first(plan):
                print(row, flush=True)
                print()
    except BenchFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"all of it took {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
