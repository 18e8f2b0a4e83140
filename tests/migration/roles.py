"""Roles of a database that may less than ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg

from ecosystem.database.engines import Address


@contextmanager
def another_role(
    database: Address, postgres: dict[str, str], rights: str = "", *statements: str
) -> Iterator[Address]:
    """A role that may read and write every table of ``public``, for as long as the block runs.

    Args:
        rights: what it is given as it is made, such as ``bypassrls``.
        statements: run by the superuser; ``{role}`` is its name and ``{silence}`` that of the
            parameter that silences triggers.
    """
    superuser = Address.from_url(postgres["superuser"])
    role = f"another_{database.database}"
    names = {"role": role, "silence": "session_replication_role"}
    with psycopg.connect(
        replace(superuser, database=database.database).libpq, autocommit=True
    ) as connection:
        for statement in (
            f"create role {{role}} login password 'another' {rights}",
            f"grant connect on database {database.database} to {{role}}",
            "grant usage on schema public to {role}",
            "grant all on all tables in schema public to {role}",
            "grant all on all functions in schema public to {role}",
            *statements,
        ):
            connection.execute(statement.format(**names).encode())
        try:
            yield replace(database, user=role, password="another")
        finally:
            for statement in (
                "drop owned by {role} cascade",
                "revoke all on parameter {silence} from {role}",
                "drop role {role}",
            ):
                connection.execute(statement.format(**names).encode())
