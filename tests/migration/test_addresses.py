"""What an address says besides where and who holds for every connection that is made with it."""

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import Refused
from tests.migration.sides import GROUP, Sides


def asking(address: Address, parameters: str) -> Address:
    return Address.from_url(f"{address.libpq}?{parameters}")


def test_parameters_of_libpq_are_kept_and_those_of_others_are_not() -> None:
    given = "postgresql://me:p%40ss@db.example:6543/x"
    address = Address.from_url(
        f"{given}?sslmode=require&pgbouncer=true&options=-c%20work_mem%3D5MB&connect_timeout=20"
    )
    assert address.parameters == {
        "sslmode": "require",
        "options": "-c work_mem=5MB",
        "connect_timeout": "20",
    }
    assert conninfo_to_dict(address.libpq) == {
        "user": "me",
        "password": "p@ss",
        "host": "db.example",
        "port": "6543",
        "dbname": "x",
        **address.parameters,
    }
    assert Address.from_url(address.libpq) == address


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("sslrootcert=/ca.pem", {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}),
        (
            "sslrootcert=/ca.pem&sslmode=verify-ca",
            {"sslmode": "verify-ca", "sslrootcert": "/ca.pem"},
        ),
        ("", {}),
    ],
    ids=["certificate", "both", "none"],
)
def test_a_certificate_means_that_the_name_is_verified(said: str, meant: dict[str, str]) -> None:
    assert Address.from_url(f"postgresql://me@db.example/x?{said}").parameters == meant


@pytest.mark.parametrize("side", ["supabase", "rds"])
def test_who_asks_for_tls_moves_nothing_without_it(sides: Sides, side: str) -> None:
    """The server of the tests has none."""
    safe = asking(sides.addresses[side], "sslmode=require")
    addresses = {**sides.addresses, side: safe}
    with pytest.raises(psycopg.OperationalError, match="SSL"):
        Ends.connect(addresses["supabase"], addresses["rds"])
    for engine in (supabase_engine, rds_engine):
        pool = engine(safe, pool_size=1)
        with pytest.raises(OperationalError, match="SSL"), pool.connect():
            pytest.fail("connected without TLS")
        pool.dispose()
    sides.addresses = addresses
    with pytest.raises((psycopg.OperationalError, Refused), match="SSL"):
        sides.moves().prepare(GROUP)


def test_every_connection_of_a_move_has_them(sides: Sides) -> None:
    supabase = asking(sides.addresses["supabase"], "sslmode=disable&options=-c%20work_mem%3D5MB")
    shown = "select current_setting('work_mem')"
    with Ends.connect(supabase, sides.addresses["rds"]) as ends, ends.again() as others:
        for one in (ends, others):
            assert one.source.execute(shown).fetchone() == ("5MB",)
            assert one.target.execute(shown).fetchone() != ("5MB",)
    pool = supabase_engine(supabase, pool_size=1)
    with pool.connect() as connection:
        assert connection.execute(text(shown)).scalar() == "5MB"
    pool.dispose()
    sides.addresses = {**sides.addresses, "supabase": supabase}
    sides.add(8)
    for step in ("prepare", "copy", "switch", "rollback"):
        getattr(sides.moves(), step)(GROUP)
    assert sides.equal
