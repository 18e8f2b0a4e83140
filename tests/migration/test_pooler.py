"""Behind a pooler that gives each transaction another connection."""

import psycopg
import pytest
from sqlalchemy import select, text

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.tables import PackageAddon
from ecosystem.database.unit_of_work import Database
from ecosystem.migration.moves import Moves
from tests.migration.pooler import pooler
from tests.migration.sides import GROUP, Sides, writers


def test_the_control_a_session_does_not_keep_what_it_set(addresses: dict[str, Address]) -> None:
    with (
        pooler(addresses["supabase"]) as behind,
        psycopg.connect(
            behind.address.libpq, autocommit=True, prepare_threshold=None
        ) as connection,
    ):
        connection.execute("set statement_timeout = 4321")
        found = {connection.execute("show statement_timeout").fetchone() for _ in range(40)}
        assert len(found) == 2
    # What is prepared on one connection is not there on the next.
    with (
        pooler(addresses["supabase"]) as behind,
        psycopg.connect(behind.address.libpq, autocommit=True, prepare_threshold=0) as connection,
        pytest.raises(psycopg.errors.InvalidSqlStatementName),
    ):
        for _ in range(40):
            connection.execute("select 1")


def test_a_group_moves_and_comes_back_while_people_write(sides: Sides) -> None:
    sides.add(400)
    with (
        pooler(sides.addresses["supabase"]) as supabase,
        pooler(sides.addresses["rds"]) as rds,
    ):
        moves = Moves(supabase.address, rds.address, chunk_rows=50)
        with writers(sides, 1):
            moves.prepare(GROUP)
            moves.copy(GROUP)
        moves.copy(GROUP)
        assert all(one.equal for one in moves.verify(GROUP, deep=True))
        assert sides.equal
        moves.switch(GROUP)
        sides.target.execute("update multi_city_hotel_package_addons set price = price + 1")
        moves.copy(GROUP)
        moves.rollback(GROUP)
        assert sides.equal
        assert [one.authority for one in moves.groups() if one.group == GROUP] == ["supabase"]
        assert supabase.transactions > 50
        assert rds.transactions > 50


def test_the_product_works_and_follows_a_group_that_moves(sides: Sides) -> None:
    sides.add(12)
    with pooler(sides.addresses["supabase"]) as behind:
        database = Database(
            rds_engine(sides.addresses["rds"], pool_size=2),
            supabase_engine(behind.address, pool_size=2),
        )
        moves = sides.moves()
        moves.prepare(GROUP)
        moves.copy(GROUP)
        for step in (lambda: None, lambda: moves.switch(GROUP), lambda: moves.rollback(GROUP)):
            step()
            for _ in range(10):
                with database.unit(PACKAGE_EXTRAS) as session:
                    addon = session.execute(select(PackageAddon).limit(1)).scalar_one()
                    addon.position += 1
                    limits = session.execute(
                        text("select current_setting('lock_timeout')")
                    ).scalar_one()
                assert limits == "3s"
        database.dispose()
