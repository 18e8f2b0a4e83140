"""Event round trips over the websocket, against an event that does nothing, in the same run."""

from contextlib import ExitStack
from typing import Any

from bench.comparing import Plan, Range, in_turns, quantile, ratios
from bench.event_load import ROOT, EventLoad
from bench.loads import LoadProcess
from bench.report import Line, Row
from bench.world import World

TRIVIAL = f"{ROOT}.bench___trivial____trivial_state"
PACKAGE = f"{ROOT}.ecosystem___state___packages____package_state"
SEARCH = f"{ROOT}.ecosystem___state___search____search_state"
PARTY, FOUND, LEAST = "change of party, priced", "search page", "trivial event"
SERVER = "trivial event, bare Reflex"
AIM = 2.0
Opening = list[tuple[str, dict[str, Any]]]
Side = tuple[str, str, Opening, str, list[dict[str, Any]], str]
"""What an ``EventLoad`` is made of."""


def guarded(world: World, url: str, plan: Plan) -> Row:
    """What the Guard adds to every event: session, binding, tag."""
    with world.serving("bench.trivial:bare_app") as bare_url:
        sides = {
            LEAST: (url, "/", [], f"{TRIVIAL}.add", [{}], "count"),
            SERVER: (bare_url, "/", [], f"{TRIVIAL}.add", [{}], "count"),
        }
        p50, note = _measured(plan, sides)
    return Row(
        "Event that does nothing, one client",
        [Line(f"{name}, p50", Range.of(values), "ms", 2) for name, values in p50.items()],
        Range.of(ratios(p50[LEAST], p50[SERVER])),
        "product / bare Reflex",
        at_most=AIM,
        notes=[note],
    )


def working(world: World, url: str, plan: Plan) -> Row:
    """A change of party on a trip's page, which is priced anew, and a whole search page."""
    slug = world.query("select slug from package_search order by package_id limit 1")[0][0]
    trip = f"/packages/{slug}"
    parties = [{"who": "adults", "count": str(count)} for count in (1, 2)]
    opened: Opening = [(f"{PACKAGE}.open", {})]
    sides = {
        PARTY: (url, trip, opened, f"{PACKAGE}.set_party", parties, "total"),
        FOUND: (url, "/search?country=IT", [], f"{SEARCH}.open", [{}], "trips"),
        LEAST: (url, "/", [], f"{TRIVIAL}.add", [{}], "count"),
    }
    p50, note = _measured(plan, sides)
    searching = Range.of(ratios(p50[FOUND], p50[LEAST]))
    return Row(
        "Events that work, one client",
        [Line(f"{name}, p50", Range.of(values), "ms", 2) for name, values in p50.items()],
        Range.of(ratios(p50[PARTY], p50[LEAST])),
        "change of party / trivial event",
        notes=[f"search page / trivial event = {searching.show(2)}", note],
    )


def _measured(plan: Plan, sides: dict[str, Side]) -> tuple[dict[str, list[float]], str]:
    with ExitStack() as stack:
        loads = {
            name: stack.enter_context(LoadProcess(EventLoad, arguments))
            for name, arguments in sides.items()
        }
        samples = in_turns(plan, loads)
    p50 = {
        name: [quantile(one.latencies, 0.5) * 1000 for one in side]
        for name, side in samples.items()
    }
    p99 = [
        f"{name} {quantile([x for one in side for x in one.latencies], 0.99) * 1000:.1f} ms"
        for name, side in samples.items()
    ]
    return p50, "p99: " + ", ".join(p99)
