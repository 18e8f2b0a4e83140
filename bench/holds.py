"""Holds per second through HTTP, against the hold's own SQL sent bare."""

import json
from uuid import UUID

from bench.comparing import Plan, Range, in_turns, ratios
from bench.http_load import HttpLoad, request
from bench.loads import BenchFailed, LoadProcess
from bench.recorded import Call, SqlLoad
from bench.report import Line, Row
from bench.world import World
from ecosystem.domain.actor import Actor

CLIENTS = 8
RECORDED = 50
"""Departures whose SQL is sent as the baseline."""
COLD_RATE = 120
"""Holds a second that any machine manages whose packages nobody has asked for yet."""
AIM = 0.4
PRODUCT, BARE, PIPELINED = "product, HTTP", "bare SQL", "bare SQL, pipelined"


def hot(world: World, url: str, plan: Plan) -> Row:
    """Everybody wants the same departure: each hold waits for the one before it."""
    return _holds(world, url, plan, world.departures[:1], "on one departure")


def spread(world: World, url: str, plan: Plan) -> Row:
    """Holds on many departures: they wait for the machine only."""
    count = len(world.departures)
    return _holds(world, url, plan, world.departures, f"on {count:,} departures")


def _holds(world: World, url: str, plan: Plan, departures: list[UUID], where: str) -> Row:
    calls = _recorded(world, departures[:RECORDED])
    asked = [request("POST", f"{url}/api/holds", _body(one)) for one in departures]
    statements = calls[0].transactions
    bare = (world.rds, calls, CLIENTS)
    with (
        LoadProcess(HttpLoad, (url, asked, CLIENTS, 201)) as product,
        LoadProcess(SqlLoad, bare) as plain,
        LoadProcess(SqlLoad, (*bare, True)) as pipelined,
    ):
        samples = in_turns(plan, {PRODUCT: product, BARE: plain, PIPELINED: pipelined}, world.reset)
    rates = {name: [one.rate for one in side] for name, side in samples.items()}
    cpu = sum(one.cpu for one in samples[PRODUCT]) / sum(one.done for one in samples[PRODUCT])
    strict = Range.of(ratios(rates[PRODUCT], rates[PIPELINED]))
    return Row(
        f"Holds {where}, {CLIENTS} clients",
        [Line(name, Range.of(values), "holds/s") for name, values in rates.items()],
        Range.of(ratios(rates[PRODUCT], rates[BARE])),
        "product / bare SQL",
        at_least=AIM,
        notes=[
            f"product / bare SQL, pipelined = {strict.show(2)}",
            f"the HTTP client itself takes {cpu * 1e6:.0f} µs of processor a hold",
            f"the bare SQL has {sum(map(len, statements))} statements"
            + f" in {len(statements)} transaction{'s' if len(statements) > 1 else ''}",
        ],
    )


def _body(departure: UUID) -> bytes:
    return json.dumps({"departure_id": str(departure), "adults": 1}).encode()


def _recorded(world: World, departures: list[UUID]) -> list[Call]:
    """The SQL of a hold on each departure.

    One of them can't stand for all: a hold says what its price was made of, and is refused
    where that is otherwise.
    """
    guest = Actor(role="guest", source="guest")
    calls: list[Call] = []
    with world.services() as (services, recorder):
        for departure in departures:
            services.holds.place(guest, departure, adults=1)
            with recorder.recording() as transactions:
                held = services.holds.place(guest, departure, adults=1)
            if not any("insert into seat_claims" in sql for one in transactions for sql, _ in one):
                raise BenchFailed("the SQL of a hold was not seen")
            calls.append(Call(transactions, [held.id]))
    return calls
