"""The SQL of both databases and the SQLModel tables say the same."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Table
from sqlmodel import SQLModel

import ecosystem.database.tables
from ecosystem.database.placement import ACCOUNTS, PACKAGE_EXTRAS, PACKAGES, RDS
from ecosystem.database.unit_of_work import Database

assert ecosystem.database.tables

SQL_ONLY = {"migration_changes", "migration_consumers", "migration_gates", "alembic_version"}
RETIRED: set[str] = set()
"""Tables and columns left for processes of the release before; nothing of this one reads them."""
UNSEEN = SQL_ONLY | RETIRED
MOVING = {PACKAGES, PACKAGE_EXTRAS, ACCOUNTS}


def _differences(engine: Engine, groups: set[str]) -> list[Any]:
    def wanted(item: Any, name: str | None, kind: str, _reflected: bool, _to: Any) -> bool:
        table = item if kind == "table" else getattr(item, "table", None)
        if not isinstance(table, Table) or {table.name, f"{table.name}.{name}"} & UNSEEN:
            return False
        modelled = SQLModel.metadata.tables.get(table.name)
        return modelled is None or modelled.info["group"] in groups

    def type_differs(_c: Any, _i: Any, _m: Any, in_database: Any, in_model: Any) -> bool | None:
        # str is VARCHAR to SQLModel and text in our SQL: the same to PostgreSQL.
        names = {type(in_database).__name__, type(in_model).__name__}
        return False if names <= {"TEXT", "VARCHAR", "AutoString", "String"} else None

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": wanted,
                "compare_type": type_differs,
                "compare_server_default": False,
                "target_metadata": SQLModel.metadata,
            },
        )
        return list(compare_metadata(context, SQLModel.metadata))


def _key_to_auth(difference: Any) -> bool:
    """The key to Supabase's own ``auth.users`` stays behind when the table moves."""
    return difference[0] == "remove_fk" and difference[1].elements[0].target_fullname == (
        "auth.users.id"
    )


def test_rds_has_every_table_as_modelled(database: Database) -> None:
    assert _differences(database.engines["rds"], {RDS, *MOVING}) == []


def test_supabase_has_the_operators_tables_as_modelled(database: Database) -> None:
    found = _differences(database.engines["supabase"], MOVING)
    assert [d for d in found if not _key_to_auth(d)] == []


@pytest.mark.parametrize("name", ["rds", "supabase"])
def test_the_comparison_notices_a_drift(database: Database, name: str) -> None:
    """The control: a column that only the database has is reported."""
    engine = database.engines[name]
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table operators add column surprise text")
    assert any(d[0] == "remove_column" for d in _differences(engine, {RDS, *MOVING}))
