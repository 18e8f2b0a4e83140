"""What an operator can do to the operators' tables with its own token, past our server."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from ecosystem.database.placement import ACCOUNTS, SUPABASE
from ecosystem.database.queries import people
from ecosystem.database.unit_of_work import Database
from tests.product import Offer, Product

As = Callable[[Connection], None]


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


@pytest.fixture
def herself(database: Database, made: Offer) -> As:
    """Become the operator's founder, as the REST API of Supabase does for her token."""
    with database.unit(ACCOUNTS) as session:
        founder = people.founder(session, made.operator_id)
    assert founder is not None
    claims = json.dumps({"sub": str(founder.id), "role": "authenticated"})

    def become(connection: Connection) -> None:
        connection.execute(text("set local role authenticated"))
        connection.execute(
            text("select set_config('request.jwt.claims', :claims, true)"), {"claims": claims}
        )

    return become


def test_nobody_verifies_or_rates_herself(database: Database, made: Offer, herself: As) -> None:
    operator, package = {"id": made.operator_id}, {"id": made.package_id}
    standing = text("select verified_at, rating from operators where id = :id")
    rated = text("select rating, rating_count from multi_city_hotel_packages where id = :id")
    with database.at(SUPABASE) as connection:
        connection.execute(text("update operators set verified_at = null where id = :id"), operator)
        herself(connection)
        changed = connection.execute(
            text("update operators set name = 'Mine', verified_at = now(), rating = 5"
                 " where id = :id returning name"),
            operator,
        )  # fmt: skip
        assert changed.scalar_one() == "Mine"
        assert connection.execute(standing, operator).one() == (None, None)
        connection.execute(
            text("update multi_city_hotel_packages set rating = 5, rating_count = 900"
                 " where id = :id"),
            package,
        )  # fmt: skip
        assert connection.execute(rated, package).one() == (None, 0)
    with database.at(SUPABASE) as connection:
        connection.execute(
            text("update operators set verified_at = now() where id = :id"), operator
        )
        assert connection.execute(standing, operator).one().verified_at is not None


def test_somebody_elses_rows_are_out_of_reach(
    database: Database, product: Product, herself: As
) -> None:
    other = product.offer()
    rename: dict[str, UUID] = {
        "operators": other.operator_id,
        "multi_city_hotel_packages": other.package_id,
    }
    with database.at(SUPABASE) as connection:
        herself(connection)
        for table, key in rename.items():
            column = "name" if table == "operators" else "title"
            statement = text(f"update {table} set {column} = 'Mine' where id = :id")
            assert connection.execute(statement, {"id": key}).rowcount == 0
        for table in ("migration_changes", "migration_consumers", "migration_state"):
            assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0
