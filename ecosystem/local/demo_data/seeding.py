"""``seed``: the demo data into both databases, the sign-in pools and the Stripe stand-in.

Each database gets everything or nothing. A run that was killed between the two goes on with
the missing one; a run that finds both filled only looks after the sign-in accounts.
"""

import gc
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from ecosystem.database.engines import Address
from ecosystem.local.demo_data import rows
from ecosystem.local.demo_data.accounts import (
    ensure_cognito,
    insert_operators_people,
    store_subjects,
)
from ecosystem.local.demo_data.bookings import DemoBooking
from ecosystem.local.demo_data.client_rows import Seal, client_rows
from ecosystem.local.demo_data.contract_rows import contract_rows
from ecosystem.local.demo_data.departures import DemoDeparture, departures
from ecosystem.local.demo_data.loading import Loader, SeedFailed
from ecosystem.local.demo_data.operators import operators
from ecosystem.local.demo_data.packages import packages
from ecosystem.local.demo_data.people import agencies, customers
from ecosystem.local.demo_data.reviews import DemoReview, ratings, reviews
from ecosystem.local.demo_data.sale_rows import sale_rows, terms_rows
from ecosystem.local.demo_data.sales import BOOKINGS, bookings
from ecosystem.local.demo_data.stripe_history import history, post
from ecosystem.local.stripe.fixtures import FixturesRefused
from ecosystem.settings import Settings

PACKAGES = 2000
CHUNK = 2000
"""Packages held in memory at a time. All bookings are of the first chunk's departures."""

_LOCK = 5_118_204
"""Two seedings at once take turns; the second finds nothing to do."""


@dataclass
class SeedReport:
    """What a seeding did. ``tables`` counts new rows; empty when all was there already."""

    anchor: date
    packages: int
    tables: dict[str, int] = field(default_factory=dict)
    stripe: dict[str, int] = field(default_factory=dict)
    subjects: int = 0
    seconds: float = 0.0

    @property
    def new(self) -> bool:
        return bool(self.tables)

    def __str__(self) -> str:
        if not self.new:
            return "demo data is there already"
        counts = ", ".join(f"{count:,} {table}" for table, count in self.tables.items())
        return f"demo data in {self.seconds:.1f} s: {counts}"


@dataclass(frozen=True)
class Chunk:
    """Some packages with their departures; bookings and reviews in the first chunk only."""

    package_rows: list[rows.Rows]
    departures: list[DemoDeparture]
    bookings: list[DemoBooking]
    reviews: list[DemoReview]


def at_midnight(anchor: date | None) -> datetime:
    """The moment around which everything lies: 00:00 UTC of ``anchor``, today by default."""
    day = anchor or datetime.now(UTC).date()
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def chunks(count: int, anchor: datetime) -> Iterator[Chunk]:
    """All packages, departures and bookings, a bounded number at a time."""
    everything = packages(count)
    first = True
    while batch := list(islice(everything, CHUNK)):
        offered = [departure for package in batch for departure in departures(package, anchor)]
        sold = list(bookings(offered, anchor, min(BOOKINGS, 200 + 2 * count))) if first else []
        first = False
        said = reviews(sold, anchor)
        yield Chunk(list(rows.package_rows(batch, anchor, ratings(said))), offered, sold, said)


def seed(
    settings: Settings,
    packages: int = PACKAGES,
    anchor: date | None = None,
    seal: Seal | None = None,
) -> SeedReport:
    """Fill an empty stack with the demo data; repeating it changes nothing.

    The content is the same on every machine. Dates lie around ``anchor`` (default: today,
    UTC), so two runs on one day agree.

    Args:
        settings: where the databases, the user pool and the Stripe stand-in are.
        packages: how many published packages; each has ten to twelve departures. There are
            1,500 bookings, fewer below 650 packages.
        anchor: the day around which everything lies.
        seal: seals the numbers of clients' documents; without it there are none.

    Raises:
        SeedFailed: a part refused or does not answer. No database is left half filled, and
            the next run goes on from there.
    """
    try:
        with _without_collector():
            return _seed(settings, packages, anchor, seal)
    except (psycopg.Error, FixturesRefused, BotoCoreError, ClientError, OSError) as error:
        raise SeedFailed(f"demo data: {error}") from error


def _seed(settings: Settings, packages: int, anchor: date | None, seal: Seal | None) -> SeedReport:
    started = time.monotonic()
    at = at_midnight(anchor)
    rds_url = Address(
        settings.aws_rds_host,
        settings.aws_rds_port,
        settings.aws_rds_database,
        settings.aws_rds_user,
        settings.aws_rds_password.get_secret_value(),
        settings.aws_rds_sslrootcert,
    ).libpq
    report = SeedReport(at.date(), packages)
    with (
        _connection(rds_url) as rds,
        ThreadPoolExecutor(1, thread_name_prefix="demo-accounts") as threads,
    ):
        subjects = threads.submit(ensure_cognito, settings)
        # RDS is committed last: when it has the data, so has the operators' database, whose
        # tables may have moved away since.
        if not _count(rds, "select count(*) from agencies where id = %s", agencies()[0].id):
            _refuse_after_a_move(rds)
            with _connection(settings.supabase_db_url.get_secret_value()) as supabase:
                _fill(settings, report, at, supabase, rds, subjects, seal)
        report.subjects = store_subjects(rds, subjects.result())
        rds.commit()
    report.seconds = time.monotonic() - started
    return report


def _fill(
    settings: Settings,
    report: SeedReport,
    at: datetime,
    supabase: psycopg.Connection[Any],
    rds: psycopg.Connection[Any],
    subjects: Future[dict[str, str]],
    seal: Seal | None,
) -> None:
    """Write what is missing, both databases at the same time."""
    there = _count(
        supabase,
        "select count(*) from multi_city_hotel_packages where status = 'published'"
        " and exists (select 1 from operators where id = %s)",
        operators()[0].id,
    )
    if there:
        # A run was killed between the two: this half must fit the one that is there.
        report.packages = there
    else:
        insert_operators_people(supabase, operators())
    made: list[DemoBooking] = []
    with Loader(supabase, "supabase") as catalogue, Loader(rds, "rds") as sales:
        for number, chunk in enumerate(chunks(report.packages, at)):
            if number == 0 and not there:
                for batch in rows.operator_rows(operators(), at, ratings(chunk.reviews)):
                    catalogue.put(batch)
            for batch in () if there else chunk.package_rows:
                catalogue.put(batch)
            sales.put(rows.departure_rows(chunk.departures))
            if number == 0:
                made = chunk.bookings
                people = rows.people_rows(agencies(), customers(), subjects.result(), at)
                paid = (rows.payout_rows(operators(), agencies(), at), terms_rows(operators(), at))
                known = client_rows(agencies(), at, seal)
                agreed = contract_rows(operators(), agencies(), at)
                for batch in (*people, *known, *paid, agreed):
                    sales.put(batch)
                for batch in (*sale_rows(made, at), rows.review_rows(chunk.reviews)):
                    sales.put(batch)
        catalogue.finish()
        sales.finish()
        catalogue.commit()
        report.stripe = post(settings, history(operators(), agencies(), made, at))
        sales.commit()
        report.tables = catalogue.tables | sales.tables


def _refuse_after_a_move(rds: psycopg.Connection[Any]) -> None:
    moved = rds.execute(
        "select string_agg(name, ', ') from migration_groups where authority <> 'supabase'"
    ).fetchone()
    if moved and moved[0]:
        raise SeedFailed(
            f"demo data: {moved[0]} have moved to RDS, and what is not there yet is put into"
            " Supabase: take an empty stack, or bring them back with `ecosystem migrate rollback`"
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Nothing here is cyclic, and searching half a million rows for cycles costs a third."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def _connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection whose one transaction holds the seeding's lock until it ends."""
    with psycopg.connect(
        url, connect_timeout=5, application_name="ecosystem seed", prepare_threshold=None
    ) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute("set idle_in_transaction_session_timeout = 0")
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        yield connection


def _count(connection: psycopg.Connection[Any], query: str, *values: object) -> int:
    row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
    return int(row[0]) if row else 0
