"""What is measured: durable databases with the demo data, and the product over them."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from sqlalchemy import create_engine

from bench.loads import BenchFailed
from bench.recorded import Recorder
from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database
from ecosystem.database.upgrade import upgrade_rds, upgrade_supabase
from ecosystem.local.demo_data import rows
from ecosystem.local.demo_data.accounts import insert_operators_people
from ecosystem.local.demo_data.client_rows import client_rows
from ecosystem.local.demo_data.loading import Loader
from ecosystem.local.demo_data.operators import operators
from ecosystem.local.demo_data.people import agencies, customers
from ecosystem.local.demo_data.sale_rows import sale_rows
from ecosystem.local.demo_data.seeding import at_midnight, chunks
from ecosystem.local.postgres import SUPABASE_DATABASE, SUPABASE_ROLE, EmbeddedPostgres
from ecosystem.local.processes import child_environment, free_port
from ecosystem.local.supabase_auth.schema import apply_schema
from ecosystem.settings import Settings
from ecosystem.wiring import Services, build
from ecosystem.wiring.vendors import index_everything

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 180.0
SEATS = 1_000_000
"""Capacity of the departures that holds are placed on: none may sell out while measured."""


@dataclass(frozen=True)
class World:
    """``departures`` can be booked and never sell out; the first is the hot one."""

    settings: Settings
    rds: Address
    folder: Path
    departures: list[UUID]
    packages: int

    def reset(self) -> None:
        """Forget the holds that a slice has placed, so that the next one finds what it found."""
        with psycopg.connect(self.rds.libpq, autocommit=True) as connection:
            connection.execute(
                "delete from seat_claims c where state = 'held'"
                " and not exists (select from bookings b where b.claim_id = c.id)"
            )
            connection.execute("vacuum (analyze) seat_claims")

    def query(self, sql: LiteralString) -> list[tuple[Any, ...]]:
        """Rows of ``travel_agent_db``."""
        with psycopg.connect(self.rds.libpq) as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def services(self, **settings: Any) -> Iterator[tuple[Services, Recorder]]:
        """The product's services in this process, and what takes down their SQL.

        ``settings`` are others than the world's.
        """
        rds = rds_engine(self.rds, pool_size=4)
        supabase = Address.from_url(self.settings.supabase_db_url.get_secret_value())
        database = Database(rds, supabase_engine(supabase, pool_size=4))
        recorder = Recorder(rds)
        try:
            yield build(_with(self.settings, settings), database=database), recorder
        finally:
            database.dispose()

    @contextmanager
    def serving(self, factory: str = "bench.app:product", **settings: Any) -> Iterator[str]:
        """Serve an app the way the product is served; gives its address.

        ``settings`` are others than the world's.

        Raises:
            BenchFailed: it did not come up; the message ends with its last lines.
        """
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with self._running(factory, port, settings) as (process, log):
            _wait(f"{url}/ping", process, log)
            yield url

    @contextmanager
    def working(self, **settings: Any) -> Iterator[None]:
        """Run the worker as a process of its own, as ``ecosystem up`` does."""
        with self._running("worker", free_port(), settings):
            yield

    @contextmanager
    def _running(
        self, what: str, port: int, settings: dict[str, Any]
    ) -> "Iterator[tuple[subprocess.Popen[bytes], Path]]":
        values = {
            **_environment(_with(self.settings, settings)),
            "PORT": str(port),
            "ECOSYSTEM_DATA_DIR": str(self.folder),
        }
        log = self.folder / f"{what.rpartition(':')[2]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.app", what],
                cwd=ROOT,
                env=child_environment(values),
                stdout=output,
                stderr=output,
            )
        try:
            yield process, log
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def empty_server() -> Iterator[tuple[EmbeddedPostgres, Settings]]:
    """Both databases as the migrations leave them, and the product's settings for them."""
    server = EmbeddedPostgres.temporary(durable=True)
    try:
        server.start()
        _schemas(server)
        yield server, _settings(server)
    finally:
        server.destroy()


@contextmanager
def world(packages: int, departures: int) -> Iterator[World]:
    """Make the databases, fill them with the demo data and index it; deleted at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ecosystem-bench-")))
        server, settings = stack.enter_context(empty_server())
        _fill(server, packages)
        index_everything(settings)
        rds = Address.from_url(server.url())
        yield World(settings, rds, folder, _never_sold_out(rds, departures), packages)


def _settings(server: EmbeddedPostgres) -> Settings:
    rds = Address.from_url(server.url())
    return Settings.model_validate(
        {
            "rate_limits": "off",
            "session_secret": "s" * 40,
            # Nothing that is measured talks to a vendor; these addresses answer nobody.
            "aws_region": "eu-central-1",
            "aws_endpoint_url": "http://127.0.0.1:9",
            "aws_cognito_user_pool_id": "eu-central-1_none",
            "aws_cognito_client_id": "none",
            "supabase_url": "http://127.0.0.1:9",
            "stripe_secret_key": "sk_test_none",
            "stripe_api_base": "http://127.0.0.1:9",
            "worker_in_app": False,
            "aws_rds_host": rds.host,
            "aws_rds_port": rds.port,
            "aws_rds_database": rds.database,
            "aws_rds_user": rds.user,
            "aws_rds_password": rds.password,
            "supabase_db_url": server.url(SUPABASE_DATABASE, SUPABASE_ROLE),
        }
    )


def _with(settings: Settings, others: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {name: getattr(settings, name) for name in settings.model_fields_set} | others
    )


def _environment(settings: Settings) -> dict[str, str]:
    return {
        name.upper(): str(getattr(value, "get_secret_value", lambda value=value: value)())
        for name in settings.model_fields_set
        if (value := getattr(settings, name)) is not None
    }


def _schemas(server: EmbeddedPostgres) -> None:
    engine = create_engine(Address.from_url(server.url()).url)
    upgrade_rds(engine)
    engine.dispose()
    supabase = server.url(SUPABASE_DATABASE, SUPABASE_ROLE)
    with psycopg.connect(supabase) as connection:
        apply_schema(connection)
    upgrade_supabase(supabase)


def _fill(server: EmbeddedPostgres, packages: int) -> None:
    """The demo data without what lies at Cognito and Stripe."""
    at = at_midnight(None)
    with (
        psycopg.connect(server.url(SUPABASE_DATABASE, SUPABASE_ROLE)) as supabase,
        psycopg.connect(server.url()) as rds,
    ):
        insert_operators_people(supabase, operators())
        with Loader(supabase, "supabase") as catalogue, Loader(rds, "rds") as sales:
            for batch in rows.operator_rows(operators(), at):
                catalogue.put(batch)
            for batch in rows.people_rows(agencies(), customers(), {}, at):
                sales.put(batch)
            for batch in client_rows(agencies(), at):
                sales.put(batch)
            sales.put(rows.payout_rows(operators(), agencies(), at))
            for chunk in chunks(packages, at):
                for batch in chunk.package_rows:
                    catalogue.put(batch)
                sales.put(rows.departure_rows(chunk.departures))
                for batch in sale_rows(chunk.bookings, at):
                    sales.put(batch)
            catalogue.finish()
            sales.finish()
            catalogue.commit()
            sales.commit()


def _never_sold_out(rds: Address, count: int) -> list[UUID]:
    """Departures of payable operators a while ahead, spread over as many packages as there are."""
    with psycopg.connect(rds.libpq) as connection:
        found = connection.execute(
            """
            with open as (
              select d.id, row_number() over (partition by d.package_id order by d.id) as nth
              from departures d
              join payout_accounts a on a.party = 'operator' and a.party_id = d.operator_id
              join package_search p on p.package_id = d.package_id
              where a.transfers_active and d.status = 'open'
                and d.starts_on > current_date + 60
            ), chosen as (select id from open order by nth, id limit %s)
            update departures d set capacity = %s from chosen where d.id = chosen.id
            returning d.id
            """,
            (count, SEATS),
        ).fetchall()
    if len(found) < count:
        raise BenchFailed(f"the demo data has only {len(found)} departures to hold seats on")
    return [row[0] for row in found]


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise BenchFailed(f"the server did not start:\n{log.read_text()[-3000:]}")
