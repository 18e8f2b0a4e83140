"""Confirmed bookings per second through HTTP, against the same writes sent bare."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID, uuid4

import psycopg

from bench.buyers import SECRET, STEPS, BuyerLoad, RushLoad, event, signature
from bench.comparing import Plan, Range, in_turns, quantile, ratios
from bench.loads import BenchFailed, LoadProcess, Sample
from bench.recorded import Call, SqlLoad, Transaction
from bench.report import Line, Row
from bench.world import ROOT, World
from ecosystem.domain.actor import Actor
from ecosystem.local.processes import child_environment, free_port
from ecosystem.services.forms import BookingForm

CLIENTS = 8
CROWD = 100
RECORDED = 8
"""Departures whose SQL is sent as the baseline."""
LAST_SEATS, RUSH = 10, 60
AIM = 100.0
STEP_MS = 60.0
CROWD_MS = 1_000.0
RUSH_MS = 1_000.0
PRODUCT, BARE = "product, HTTP", "bare SQL"


def confirmed_hot(world: World, _url: str, plan: Plan) -> Row:
    """Everybody books the same departure."""
    return _confirmed(world, plan, world.departures[:1], "on one departure")


def confirmed(world: World, _url: str, plan: Plan) -> Row:
    """Bookings on many departures."""
    where = f"on {len(world.departures):,} departures"
    return _confirmed(world, plan, world.departures, where)


def _confirmed(world: World, plan: Plan, departures: list[UUID], where: str) -> Row:
    with _vendors() as settings:
        calls = _recorded(world, settings, departures[:RECORDED])
        bare = (world.rds, calls, CLIENTS)
        with (
            world.serving(**settings) as url,
            world.working(**settings),
            _buyers(world, url, departures, CLIENTS) as (load, notes),
        ):
            with LoadProcess(SqlLoad, bare) as plain:
                samples = in_turns(plan, {PRODUCT: load, BARE: plain}, lambda: _forget(world))
            steps = _steps(notes, plan.rounds)
    rates = {name: [one.rate for one in side] for name, side in samples.items()}
    sent = calls[0].transactions
    slowest = max(quantile(step, 0.5) for step in steps) * 1000
    return Row(
        f"Confirmed bookings {where}, {CLIENTS} clients",
        [Line(name, Range.of(values), "bookings/s", 1) for name, values in rates.items()],
        Range.of(ratios(rates[PRODUCT], rates[BARE])),
        "product / bare SQL",
        notes=[
            f"{Range.of(rates[PRODUCT]).middle:.0f} bookings/s, aim at least {AIM:g}:"
            + (" reached" if Range.of(rates[PRODUCT]).middle >= AIM else " NOT reached"),
            _in_words(steps),
            f"the slowest step's p50 is {slowest:.0f} ms, aim at most {STEP_MS:g}:"
            + (" reached" if slowest <= STEP_MS else " NOT reached"),
            f"the bare SQL has {sum(map(len, sent))} statements in {len(sent)} transactions",
        ],
    )


def crowd(world: World, _url: str, plan: Plan) -> Row:
    """Checkout while a hundred people are at it, against eight."""
    with (
        _vendors() as settings,
        world.serving(**settings) as url,
        world.working(**settings),
        _buyers(world, url, world.departures, CROWD) as (many, notes),
        _buyers(world, url, world.departures, CLIENTS) as (few, _),
    ):
        names = {f"{CROWD} buyers": many, f"{CLIENTS} buyers": few}
        samples = in_turns(plan, names, lambda: _forget(world))
        steps = _steps(notes, plan.rounds)
    p99 = {name: [_p99(one) for one in side] for name, side in samples.items()}
    crowded = p99[f"{CROWD} buyers"]
    return Row(
        f"A whole checkout (hold, booking, webhook) with {CROWD} buyers at once",
        [Line(f"{name}, p99", Range.of(values), "ms") for name, values in p99.items()],
        Range.of([one / CROWD_MS for one in crowded]),
        f"p99 of {CROWD} / {CROWD_MS:g} ms",
        at_most=1.0,
        notes=[_in_words(steps)],
    )


def last_seats(world: World, url: str, plan: Plan) -> Row:
    """The last ten seats of a departure, and sixty people who want one at the same instant."""
    took: list[float] = []
    departure = world.departures[0]
    with LoadProcess(RushLoad, (url, departure, RUSH, LAST_SEATS)) as rush:
        for number in range(plan.rounds + 1):
            with _only(world, departure, LAST_SEATS):
                sample = rush.run(0)
            if number:  # the first one warms up
                took.append(max(sample.latencies) * 1000)
    return Row(
        f"The last {LAST_SEATS} seats among {RUSH} buyers",
        [Line("until everybody has an answer", Range.of(took), "ms")],
        Range.of([one / RUSH_MS for one in took]),
        f"time / {RUSH_MS:g} ms",
        at_most=1.0,
        notes=[f"in every round exactly {LAST_SEATS} were sold"],
    )


@contextmanager
def _vendors() -> Iterator[dict[str, Any]]:
    """Vendors that answer; gives the settings that lead to them."""
    port = free_port()
    vendors = subprocess.Popen(
        [sys.executable, "-m", "bench.vendors", str(port)], cwd=ROOT, env=child_environment({})
    )
    base = f"http://127.0.0.1:{port}"
    try:
        yield {
            "aws_endpoint_url": base,
            "stripe_api_base": base,
            "stripe_webhook_secret": SECRET,
            "ses_sender": "bench@example.com",
        }
    finally:
        vendors.terminate()
        vendors.wait(10)


@contextmanager
def _buyers(
    world: World, url: str, departures: list[UUID], buyers: int
) -> Iterator[tuple[LoadProcess, Path]]:
    with NamedTemporaryFile(dir=world.folder, suffix=".jsonl") as notes:
        arguments = (url, departures, buyers, world.rds.libpq, notes.name)
        with LoadProcess(BuyerLoad, arguments) as load:
            yield load, Path(notes.name)


def _steps(notes: Path, rounds: int) -> list[list[float]]:
    """The latencies of each step in the measured runs; the first run was the warm-up."""
    runs = [json.loads(line) for line in notes.read_text().splitlines()][-rounds:]
    return [[took for run in runs for took in run[number]] for number in range(len(STEPS))]


def _in_words(steps: list[list[float]]) -> str:
    each = (
        f"{name} {quantile(step, 0.5) * 1000:.0f} and {quantile(step, 0.99) * 1000:.0f}"
        for name, step in zip(STEPS, steps, strict=True)
    )
    return f"p50 and p99 of each step, ms: {', '.join(each)}"


def _p99(sample: Sample) -> float:
    return quantile(sample.latencies, 0.99) * 1000


def _recorded(world: World, settings: dict[str, Any], departures: list[UUID]) -> list[Call]:
    """One booking on each departure in this process: held, made, paid, confirmed, told."""
    guest = Actor(role="guest", source="guest")
    calls: list[Call] = []
    _forget(world)
    with world.services(**settings) as (services, recorder):

        def book(departure: UUID, event_id: str) -> str:
            held = services.holds.place(guest, departure, adults=1)
            buyer = {"name": "Maja Lindqvist", "email": "maja@example.com"}
            form = {"hold_id": held.id, "lead": buyer, "travellers": [{"name": buyer["name"]}]}
            made = services.bookings.create(guest, BookingForm.model_validate(form))
            body = event(str(made.checkout_url).rpartition("/")[2], event_id)
            services.inbox.receive(body, signature(body), connect=False)
            services.inbox.step()
            services.outbox.step()
            return made.reference

        for departure in departures:
            book(departure, f"evt_{uuid4().hex}")
            event_id = f"evt_{uuid4().hex}"
            began = time.time()
            with recorder.recording() as transactions:
                reference = book(departure, event_id)
            calls.append(_call(world, transactions, reference, event_id, began))
    return calls


def _call(
    world: World, transactions: list[Transaction], reference: str, event_id: str, began: float
) -> Call:
    """What was sent for one booking, and what in it can be there once only."""
    row = world.query(
        "select b.reference, b.view_key, p.pay_token, p.stripe_session_id,"
        " p.stripe_payment_intent, p.stripe_charge, b.status"
        " from bookings b join payments p on p.booking_id = b.id"
        " order by b.created_at desc, b.id desc limit 1"
    )[0]
    if row[0] != reference or row[-1] != "confirmed":
        raise BenchFailed("the SQL of a confirmed booking was not seen")
    new = {one for transaction in transactions for _, given in transaction for one in _ids(given)}
    made = [one for one in new if _made_since(one, began)]
    return Call(transactions, made, [event_id, *(str(one) for one in row[:-1] if one)])


def _ids(given: Any) -> Iterator[UUID]:
    values = given.values() if isinstance(given, dict) else given or ()
    for value in values:
        parts = value if isinstance(value, list) else [value]
        yield from (part for part in parts if isinstance(part, UUID))


def _made_since(one: UUID, began: float) -> bool:
    """Whether an id was made in the last moments: it begins with its milliseconds (RFC 9562)."""
    return one.version == 7 and 0 <= (one.int >> 80) / 1000 - began + 1 < 600


def _forget(world: World) -> None:
    """Give the seats of finished slices back, so that the next one finds what it found."""
    with psycopg.connect(world.rds.libpq, autocommit=True) as connection:
        connection.execute(
            "update seat_claims c set state = 'released' where state <> 'released'"
            " and created_at > now() - interval '1 hour'"
        )
        connection.execute("update inbox set processed_at = now() where processed_at is null")
        connection.execute("update outbox set done_at = now() where done_at is null")
        connection.execute("vacuum (analyze) seat_claims, bookings, payments, inbox, outbox")


@contextmanager
def _only(world: World, departure: UUID, seats: int) -> Iterator[None]:
    """Let so many seats be left on a departure, and give them back afterwards."""
    with psycopg.connect(world.rds.libpq, autocommit=True) as connection:
        before = connection.execute(
            "select capacity from departures where id = %s", (departure,)
        ).fetchone()
        world.reset()
        connection.execute(
            "update departures set capacity = %s + coalesce((select sum(seats) from seat_claims"
            " where departure_id = %s and (state = 'sold'"
            " or state = 'held' and expires_at > now())), 0) where id = %s",
            (seats, departure, departure),
        )
        try:
            yield
        finally:
            world.reset()
            connection.execute(
                "update departures set capacity = %s where id = %s",
                (before[0] if before else 0, departure),
            )
