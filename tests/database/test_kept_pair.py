"""Tests share a pair of databases: none finds what another has left."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from ecosystem.database.engines import Address
from ecosystem.database.unit_of_work import Database
from tests.conftest import fresh_pair
from tests.kept_pair import KeptPairs
from tests.product import offer

Clone = Callable[[], AbstractContextManager[dict[str, Address]]]

_TABLES = """
select format('%I.%I', table_schema, table_name) from information_schema.tables
where table_type = 'BASE TABLE' and table_schema !~ '^(pg_|information_schema)' order by 1
"""
_COUNTERS = "select schemaname, sequencename, last_value from pg_sequences order by 1, 2"


@pytest.fixture
def clone(postgres: dict[str, str], worker_id: str) -> Clone:
    return lambda: fresh_pair(postgres, worker_id)


@pytest.fixture
def pairs(postgres: dict[str, str]) -> Iterator[KeptPairs]:
    made = KeptPairs(postgres["superuser"])
    yield made
    made.close()


@pytest.fixture
def everything(postgres: dict[str, str]) -> Callable[[Database], list[Any]]:
    """All rows and all counters of a pair."""

    def dumped(both: Database) -> list[Any]:
        found: list[Any] = []
        for engine in both.engines.values():
            where = Address.from_url(postgres["superuser"]).url.set(
                drivername="postgresql", database=engine.url.database
            )
            with psycopg.connect(where.render_as_string(hide_password=False)) as superuser:
                for (name,) in superuser.execute(_TABLES).fetchall():
                    rows = superuser.execute(f"select t::text from {name} t order by 1".encode())
                    found.append((name, rows.fetchall()))
                found += superuser.execute(_COUNTERS).fetchall()
        return found

    return dumped


def names(both: Database) -> list[str | None]:
    return [engine.url.database for engine in both.engines.values()]


def test_a_pair_is_used_again_and_is_as_it_was(
    pairs: KeptPairs, clone: Clone, everything: Callable[[Database], list[Any]]
) -> None:
    with pairs.lend("any", clone) as first:
        used = names(first)
        fresh = everything(first)
    for _ in range(3):
        with pairs.lend("any", clone) as both:
            assert names(both) == used
            assert everything(both) == fresh
            offer(both)
            with both.engines["rds"].begin() as connection:
                connection.execute(text("update migration_gates set epoch = 7"))
                connection.execute(text("delete from migration_groups where name = 'accounts'"))
            assert everything(both) != fresh


@contextmanager
def _column(engine: Engine) -> Iterator[None]:
    with engine.begin() as connection:
        connection.execute(text("alter table departures add column odd int"))
    yield


@contextmanager
def _silent_triggers(engine: Engine) -> Iterator[None]:
    with engine.begin() as connection:
        connection.execute(text("alter table departures disable trigger user"))
    yield


@contextmanager
def _statistics(engine: Engine) -> Iterator[None]:
    with engine.begin() as connection:
        connection.execute(text("analyze migration_groups"))
    yield


@contextmanager
def _setting(engine: Engine) -> Iterator[None]:
    with engine.begin() as connection:
        name = engine.url.database
        connection.execute(text(f"alter database \"{name}\" set work_mem = '1MB'"))
    yield


@contextmanager
def _many_rows(engine: Engine) -> Iterator[None]:
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into exchange_rates (day, currency, per_euro)"
                " select date '1900-01-01' + n, 'USD', 1 from generate_series(1, 40000) n"
            )
        )
    yield


@contextmanager
def _transaction(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection:
        connection.execute(text("select 1"))
        yield
        connection.invalidate()


@contextmanager
def _stranger(engine: Engine) -> Iterator[None]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url):
        yield


@contextmanager
def _killed(engine: Engine) -> Iterator[None]:
    with engine.begin() as one, engine.begin() as other:
        pid = other.execute(text("select pg_backend_pid()")).scalar_one()
        other.rollback()
        one.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    yield


@pytest.mark.parametrize(
    "leave",
    [
        _column,
        _silent_triggers,
        _statistics,
        _setting,
        _many_rows,
        _transaction,
        _stranger,
        _killed,
    ],
)
def test_a_pair_with_which_more_was_done_is_given_up(
    pairs: KeptPairs, clone: Clone, leave: Callable[[Engine], AbstractContextManager[None]]
) -> None:
    left = None
    with pairs.lend("any", clone) as first:
        used = names(first)
        left = leave(first.engines["rds"])
        left.__enter__()
    try:
        with pairs.lend("any", clone) as second:
            assert names(second) != used
    finally:
        left.__exit__(None, None, None)


def test_what_a_session_was_told_is_forgotten(pairs: KeptPairs, clone: Clone) -> None:
    with pairs.lend("any", clone) as first:
        used = names(first)
        with first.engines["rds"].begin() as connection:
            connection.execute(text("set session timezone = 'Asia/Tokyo'"))
            connection.execute(text("select pg_advisory_lock(7)"))
    with pairs.lend("any", clone) as second:
        assert names(second) == used
        with second.engines["rds"].begin() as connection:
            zone = connection.execute(text("show timezone")).scalar_one()
            locks = connection.execute(
                text("select count(*) from pg_locks where locktype = 'advisory'")
            )
            assert (zone, locks.scalar_one()) == ("UTC", 0)
