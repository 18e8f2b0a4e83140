"""Restoring a backup into a database that has none of its tables."""

import zlib
from typing import Any

import psycopg
from psycopg import sql

from ecosystem.migration.backup_files import BackupFiles, names, total
from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import Connection, Refused, first_line

_HOURS = "4h"


def restore(
    files: BackupFiles, manifest: dict[str, Any], into: str, *, rules: bool = False
) -> dict[str, int]:
    """Make the tables again, in one transaction, and compare rows and hashes with the backup's.

    Args:
        into: libpq address of the database.
        rules: also triggers, policies, grants and keys to other tables; needs the roles,
            functions and tables that they name.
    Returns:
        How many rows each table has.
    Raises:
        Refused: the database can't be reached, a table is there already, or what was restored is
            not the same.
        psycopg.Error: the database refused a statement. Nothing was restored.
    """
    backup, tables = manifest["id"], manifest["tables"]
    with _connected(into) as connection:
        for table in tables:
            _refuse_existing(connection, table["name"])
        with transaction(connection):
            connection.execute("select set_config('statement_timeout', %s, true)", (_HOURS,))
            connection.execute(files.read(backup, manifest["before"]))  # type: ignore[arg-type]
            for table in tables:
                _fill(connection, files, backup, table)
            connection.execute(files.read(backup, manifest["after"]))  # type: ignore[arg-type]
            for table in tables:
                _compare(connection, table)
            if rules:
                connection.execute(files.read(backup, manifest["rules"]))  # type: ignore[arg-type]
    return {table["name"]: table["rows"] for table in tables}


def _connected(into: str) -> Connection:
    try:
        return psycopg.connect(into, autocommit=True, prepare_threshold=None)
    except psycopg.OperationalError as error:
        raise Refused(
            f"the database to restore into can't be reached: {first_line(error)}"
        ) from error


def _refuse_existing(connection: Connection, table: str) -> None:
    row = connection.execute(
        "select to_regclass('public.' || quote_ident(%s)) is not null", (table,)
    ).fetchone()
    if row and row[0]:
        raise Refused(
            f"that database has a table {table} already: a backup is restored into an empty"
            " database, looked at, and then carried over"
        )


def _fill(connection: Connection, files: BackupFiles, backup: str, table: dict[str, Any]) -> None:
    copy = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier("public", table["name"]), names(table["written"])
    )
    with connection.cursor().copy(copy) as into:
        for part in table["parts"]:
            into.write(zlib.decompress(files.read(backup, part), wbits=31))


def _compare(connection: Connection, table: dict[str, Any]) -> None:
    rows, hashed = total(connection, table["name"], table["all"])
    if (rows, hashed) != (table["rows"], table["hash"]):
        raise Refused(
            f"{table['name']} is not the same after restoring: {rows:,} rows, the backup has"
            f" {table['rows']:,}; nothing was kept"
        )
