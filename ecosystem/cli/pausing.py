"""``ecosystem migrate pause`` and ``resume``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ecosystem.cli.start import fail, settings_here, told_in_a_line

if TYPE_CHECKING:
    from ecosystem.domain.actor import Actor
    from ecosystem.services.moving import MovingDesk

Group = Annotated[
    Literal["package_extras", "packages", "accounts"],
    typer.Argument(help="The tables that move together."),
]


def pause(
    group: Group,
    why: Annotated[str, typer.Option(help="A reason, for who comes after you.")] = "",
) -> None:
    """Let copying and following a group rest, whoever does it; changes wait in the log."""
    with _desk() as (desk, actor):
        desk.pause(actor, group, why)
    typer.echo(f"{group} rests; `ecosystem migrate resume {group}` lets it go on")


def resume(group: Group) -> None:
    """Let a group go on that was paused."""
    with _desk() as (desk, actor):
        desk.resume(actor, group)
    typer.echo(f"{group} goes on")


@contextmanager
def _desk() -> "Iterator[tuple[MovingDesk, Actor]]":
    from ecosystem.domain.errors import EcosystemError
    from ecosystem.services.clock import SystemClock
    from ecosystem.services.moving import MovingDesk
    from ecosystem.wiring.caller import command_line
    from ecosystem.wiring.vendors import connect

    database = connect(settings_here())
    try:
        with told_in_a_line():
            yield MovingDesk(database, SystemClock(), sink=False), command_line()
    except EcosystemError as error:
        fail(error.detail)
    finally:
        database.dispose()
