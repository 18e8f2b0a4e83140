"""The read model in DynamoDB, as ``ecosystem migrate … marketplace`` has it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import typer

from ecosystem.cli.start import fail, settings_here, told_in_a_line

if TYPE_CHECKING:
    from ecosystem.services.marketplace import ReadModelCheck, ReadModelKeeping

NAME = "marketplace"
_PACE_SECONDS = 0.5


def status() -> dict[str, Any] | None:
    """How far it is, and what waits for it; None where no table is set."""
    from ecosystem.domain.errors import Unavailable
    from ecosystem.wiring.vendors import read_model

    settings = settings_here()
    if not settings.dynamodb_table_name:
        return None
    with told_in_a_line(), read_model(settings) as (keeping, check):
        try:
            phase = keeping.progress()
        except Unavailable:
            phase = "unavailable"
        waiting = check.backlog()
    return {
        "sink": NAME,
        "phase": phase,
        "pending_changes": waiting.rows,
        "lag_seconds": round(waiting.lag_seconds, 3),
    }


def words(model: dict[str, Any]) -> str:
    """The same as one line."""
    return (
        f"{model['sink']}: {model['phase']}, {model['pending_changes']} changes wait,"
        f" {model['lag_seconds']} s behind"
    )


def copy(*, anew: bool = False) -> None:
    """Build it, or go on where building was stopped, and deal with every change that waits."""
    with _parts() as (keeping, _check):
        _copied(keeping, anew)


def verify() -> None:
    """Compare it with the databases; ends the command with 1 when something differs."""
    with _parts() as (keeping, check):
        _verified(keeping, check)


def run(when_in_step: Callable[[], None], stopped: Event) -> None:
    """Copy, verify, then follow until it is stopped. The worker does the same by itself."""
    with _parts() as (keeping, check):
        _copied(keeping, anew=False)
        _verified(keeping, check)
        when_in_step()
        typer.echo(f"{NAME} is kept in step; Ctrl-C ends that, the worker goes on with it")
        while not stopped.is_set():
            if not keeping.step():
                stopped.wait(_PACE_SECONDS)


def _copied(keeping: "ReadModelKeeping", anew: bool) -> None:
    if anew:
        keeping.rebuild()
    while keeping.step():
        pass
    phase = keeping.progress()
    typer.echo(f"{NAME}: {phase}")
    if phase != "in_sync":
        fail(f"{NAME} is being built anew by somebody else; try again")


def _verified(keeping: "ReadModelKeeping", check: "ReadModelCheck") -> None:
    if not keeping.built():
        fail(f"{NAME} is not built yet: `ecosystem migrate copy {NAME}`, or let the worker run")
    from ecosystem.wiring.vendors import compare_read_model

    found = compare_read_model(settings_here(), check)
    for one in found.differences:
        typer.echo(str(one))
    counted = ", ".join(f"{number} {kind.lower()}" for kind, number in found.checked.items())
    typer.echo(f"{NAME}: compared {counted}")
    if found.differences:
        fail(f"{len(found.differences)} of them differ")


@contextmanager
def _parts() -> "Iterator[tuple[ReadModelKeeping, ReadModelCheck]]":
    from ecosystem.domain.errors import Unavailable
    from ecosystem.wiring.vendors import read_model

    settings = settings_here()
    if not settings.dynamodb_table_name:
        fail("DYNAMODB_TABLE_NAME is not set")
    try:
        with told_in_a_line(), read_model(settings) as parts:
            yield parts
    except Unavailable as error:
        fail(error.detail)
    except KeyboardInterrupt:
        fail("stopped; the same command goes on where it was")
