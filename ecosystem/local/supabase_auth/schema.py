"""The ``auth`` schema of a Supabase project, applied to a database."""

from importlib import resources
from typing import Any, LiteralString, cast

from psycopg import Connection

NEEDED_TABLES = (
    "users",
    "identities",
    "sessions",
    "mfa_amr_claims",
    "refresh_tokens",
    "mfa_factors",
    "mfa_challenges",
    "one_time_tokens",
    "local_outbox",
)

# Any number that nothing else in this database uses for an advisory lock.
SCHEMA_LOCK = 7_411_905_032


def apply_schema(connection: Connection[Any]) -> None:
    """Create roles, schema, tables and functions where missing. Safe to repeat.

    Args:
        connection: to the Supabase database, as a role that may create roles when they
            do not exist yet.
    """
    statements = (
        resources.files("ecosystem.local.supabase_auth").joinpath("schema.sql").read_text("utf-8")
    )
    with connection.transaction(), connection.cursor() as cursor:
        # Two starts at once would both find a type missing and both create it.
        cursor.execute("select pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        cursor.execute(cast(LiteralString, statements))


def ensure_schema(connection: Connection[Any]) -> bool:
    """Apply the schema unless every table is there already.

    Returns:
        True when it was applied. A stack whose owner role made the schema can so hand a
        weaker role to the stand-in.
    """
    row = connection.execute(
        "select count(*) from unnest(%s::text[]) as name where to_regclass('auth.' || name) is null",
        (list(NEEDED_TABLES),),
    ).fetchone()
    missing = next(iter(row.values())) if isinstance(row, dict) else (row or (1,))[0]
    if not missing:
        return False
    apply_schema(connection)
    return True
