"""Bring both schemas up to date.

RDS by Alembic from ``aws/migrations``; Supabase by the plain SQL files of
``supabase/migrations`` in the order of their names, exactly once each, recorded
where the Supabase command line records them.
"""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ecosystem.database.unit_of_work import MOVED

ROOT = Path(__file__).resolve().parents[2]
RDS_MIGRATIONS = ROOT / "aws" / "migrations"
SUPABASE_MIGRATIONS = ROOT / "supabase" / "migrations"

_ADVISORY_LOCK = 7_204_113
"""Two processes that upgrade at once take turns; the second finds nothing to do."""


class Closed(Exception):
    """A migration writes a table over which the other database has authority now."""

    def __init__(self, migration: str, error: psycopg.Error) -> None:
        said = error.diag.message_primary or str(error)
        super().__init__(
            f"{migration}: {said}. What fills a moving table has to ask first, in the migrations of"
            " both databases: `if public.migration_open('GROUP') then update … end if`. One of them"
            " writes and the other one gets it (docs/runbooks/moving/releases.md)"
        )


def upgrade_rds(engine: Engine, revision: str = "head") -> None:
    """Run the pending Alembic revisions, each in its own transaction.

    Raises:
        Closed: one writes what has not come to RDS yet, or has left it. It was not applied.
    """
    config = Config()
    config.set_main_option("script_location", str(RDS_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        connection.execute(text("set statement_timeout = 0"))
        connection.execute(text("select pg_advisory_lock(:k)"), {"k": _ADVISORY_LOCK})
        connection.commit()
        try:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
        except DBAPIError as error:
            connection.rollback()
            if isinstance(error.orig, psycopg.Error) and error.orig.sqlstate == MOVED:
                done = MigrationContext.configure(connection).get_current_revision()
                raise Closed(f"the migration of RDS after {done}", error.orig) from error
            raise
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:k)"), {"k": _ADVISORY_LOCK})
            connection.commit()


def upgrade_supabase(url: str) -> list[str]:
    """Run the SQL files that this database has not seen; returns their versions.

    ``url`` is a libpq address of a role that owns the ``public`` schema. A real
    project has the ``auth`` schema; the embedded stack makes it beforehand.

    Raises:
        Closed: one writes what has left Supabase. It was not applied.
    """
    done: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_ADVISORY_LOCK,))
        connection.execute("create schema if not exists supabase_migrations")
        connection.execute(
            "create table if not exists supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        seen = {
            row[0]
            for row in connection.execute(
                "select version from supabase_migrations.schema_migrations"
            )
        }
        for file in sorted(SUPABASE_MIGRATIONS.glob("*.sql")):
            version, _, name = file.stem.partition("_")
            if version in seen:
                continue
            try:
                with connection.transaction():
                    connection.execute(file.read_text())  # type: ignore[arg-type]
                    connection.execute(
                        "insert into supabase_migrations.schema_migrations (version, name)"
                        " values (%s, %s)",
                        (version, name),
                    )
            except psycopg.Error as error:
                if error.sqlstate == MOVED:
                    raise Closed(f"the migration {file.stem} of Supabase", error) from error
                raise
            done.append(version)
    return done
