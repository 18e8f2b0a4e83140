"""What every command begins with: the settings, or one line that says what is wrong."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from ecosystem.settings import Settings


def load() -> "Settings":
    """The settings of the environment; a wrong one ends the command with one line."""
    from ecosystem import settings

    try:
        return settings.load()
    except settings.SettingsError as error:
        fail(str(error))


def settings_here() -> "Settings":
    """The settings, or, when none are given locally, those of the stack that runs here."""
    settings = load()
    if not settings.local or settings.aws_rds_host:
        return settings
    from ecosystem.local.processes import ask_this_machine_directly
    from ecosystem.local.stack import StackError, running_values
    from ecosystem.settings import Settings

    ask_this_machine_directly()
    try:
        values = running_values(settings.ecosystem_data_dir)
    except StackError as error:
        fail(str(error))
    return Settings.model_validate({key.lower(): value for key, value in values.items()})


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """What a database or a vendor answers or refuses ends the command with one line."""
    import psycopg
    from sqlalchemy.exc import DBAPIError

    from ecosystem.domain.errors import EcosystemError

    try:
        yield
    except EcosystemError as error:
        fail(error.detail)
    except UnicodeEncodeError:
        fail("what was typed is not text in UTF-8")
    except (psycopg.Error, DBAPIError) as error:
        from ecosystem.migration.answers import Unreached, in_words

        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, psycopg.Error):
            raise
        if isinstance(cause, Unreached):
            # Whoever types commands may have set the address: what is wrong with it helps.
            fail(str(cause))
        refuses = not isinstance(cause, psycopg.OperationalError)
        fail(f"{'a database refuses that: ' if refuses else ''}{in_words(cause)}")


def say(line: str) -> None:
    """Tell how work goes on. It does not end because nobody can hear that (a closed pipe, a full
    disk): what the command ends with would then be untrue of what it has done."""
    try:
        typer.echo(line)
    except OSError:
        hush()


def hush() -> None:
    """Say nothing from here on: what waits to be written would end the command otherwise."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def fail(message: str) -> NoReturn:
    """End the command with exit code 1 and one line."""
    typer.echo(f"ecosystem: {message}", err=True)
    raise typer.Exit(1)
