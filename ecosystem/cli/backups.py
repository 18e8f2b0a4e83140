"""``ecosystem migrate backup`` and ``restore``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ecosystem.cli.start import fail, say, settings_here, told_in_a_line

if TYPE_CHECKING:
    from ecosystem.migration.backups import Backups


def backup(
    table: Annotated[
        str,
        typer.Argument(help="A table that moves, or a group: then all its tables at one moment."),
    ],
) -> None:
    """Back up a table's definition and rows as the database with authority has them."""
    with _backups() as backups:
        backups.take(table)


def restore(
    name: Annotated[str, typer.Argument(metavar="BACKUP", help="As `backup` printed it.")],
    into: Annotated[
        str,
        typer.Option(
            help="Address of an empty database, postgresql://user@host:5432/name;"
            " libpq finds the password in ~/.pgpass or PGPASSWORD."
        ),
    ],
    rules: Annotated[
        bool,
        typer.Option("--rules", help="Also triggers, policies, grants, keys to other tables."),
    ] = False,
) -> None:
    """Make a backup's tables again in an empty database, and compare them with the backup."""
    with _backups() as backups:
        for table, rows in backups.restore(name, into, rules=rules).items():
            typer.echo(f"{table}: {rows:,} rows restored, equal to the backup")


@contextmanager
def _backups() -> "Iterator[Backups]":
    from ecosystem.migration.plan import Refused
    from ecosystem.wiring.vendors import backups

    try:
        with told_in_a_line():
            yield backups(settings_here(), say)
    except Refused as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(
            "stopped; only a backup whose name was printed counts, and what is restored is all or nothing"
        )
