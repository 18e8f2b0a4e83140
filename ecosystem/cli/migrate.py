"""`ecosystem migrate …`: exit 0 done, 1 refused with the reason, 2 wrongly called."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ecosystem.cli import marketplace as sink
from ecosystem.cli.start import fail, say, settings_here, told_in_a_line

if TYPE_CHECKING:
    from types import FrameType

    from ecosystem.migration.moves import Moves

moving = typer.Typer(
    help="Tables that move from Supabase to RDS while everybody keeps writing.",
    no_args_is_help=True,
)
Group = Annotated[
    Literal["package_extras", "packages", "accounts"],
    typer.Argument(help="The tables that move together."),
]
GroupOrSink = Annotated[
    Literal["package_extras", "packages", "accounts", "marketplace"],
    typer.Argument(help="The tables that move together, or the read model in DynamoDB."),
]


@moving.command("status")
def move_status(
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Say of every table how far it is, where it is written and what still waits."""
    from ecosystem.migration.plan import Refused

    wrong = ""
    with _moving() as moves:
        try:
            moves.settle()
        except Refused as error:
            # Said after everything that helps to understand it.
            wrong = str(error)
        groups, tables = moves.groups(), moves.status()
    model = sink.status()
    if as_json:
        import json
        from dataclasses import asdict

        sinks = [model] if model else []
        told = {
            "groups": [asdict(one) for one in groups],
            "tables": [asdict(one) for one in tables],
            "sinks": sinks,
        }
        typer.echo(json.dumps(told, indent=2, default=str))
    else:
        from ecosystem.migration.words import status_lines

        for line in status_lines(groups, tables):
            typer.echo(line)
        if model:
            typer.echo(sink.words(model))
    if wrong:
        fail(wrong)


@moving.command("prepare")
def move_prepare(group: Group) -> None:
    """Let Supabase log every change of the group's tables; nothing is moved yet."""
    with _moving() as moves:
        moves.prepare(group)


@moving.command("abandon")
def move_abandon(group: Group) -> None:
    """Undo what prepare and copy began: no log, no copy, as if it had never been begun."""
    with _moving() as moves:
        moves.give_up(group)


@moving.command("copy")
def move_copy(
    group: GroupOrSink,
    anew: Annotated[
        bool, typer.Option("--anew", help="Build the read model from nothing.")
    ] = False,
) -> None:
    """Copy the rows and follow the changes until both sides are in step; resumes where it was."""
    if group == sink.NAME:
        sink.copy(anew=anew)
        return
    if anew:
        raise typer.BadParameter(f"only {sink.NAME} is built anew")
    with _moving() as moves:
        moves.copy(group)


@moving.command("verify")
def move_verify(
    group: GroupOrSink,
    deep: Annotated[bool, typer.Option("--deep", help="Compare texts, not hashes.")] = False,
) -> None:
    """Compare both sides while everybody writes. Exit 1 when a row differs for good."""
    if group == sink.NAME:
        if deep:
            say(f"{sink.NAME}: every value is compared, with --deep or without")
        sink.verify()
        return
    with _moving() as moves:
        _verified(moves, group, deep)


@moving.command("switch")
def move_switch(group: Group) -> None:
    """Give authority over the group to RDS: it is read and written there from then on."""
    with _moving(_UNKNOWN) as moves:
        moves.switch(group)


@moving.command("rollback")
def move_rollback(group: Group) -> None:
    """Give authority back to Supabase, with everything that was written in RDS."""
    with _moving(_UNKNOWN) as moves:
        moves.rollback(group)


@moving.command("retire")
def move_retire(group: Group) -> None:
    """Stop carrying what is written in RDS back to Supabase: there is no way back after it."""
    with _moving() as moves:
        moves.retire(group)


@moving.command("restored")
def move_restored(
    group: Group,
    keep: Annotated[
        Literal["supabase", "rds"], typer.Option(help="The database that has the right rows.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask for the group's name.")] = False,
) -> None:
    """After RDS or Supabase was restored to an earlier time: make both say where the group is."""
    with _moving() as moves:
        lines = moves.consequences(group, keep)
        for line in lines:
            say(line)
        if lines and not yes and typer.prompt(f"Type {group} to do it").strip() != group:
            fail("that is not its name; nothing was changed")
        moves.put_right(group, keep)


@moving.command("run")
def move_run(group: GroupOrSink) -> None:
    """Prepare, copy and verify, then keep both sides in step until this is stopped."""
    import signal
    from threading import Event

    stopped = Event()

    def stop_when_asked() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())

    if group == sink.NAME:
        sink.run(stop_when_asked, stopped)
        return
    with _moving() as moves:
        # A group that is written in RDS already is prepared for the way back.
        if next(one for one in moves.groups() if one.group == group).authority == "supabase":
            moves.prepare(group)
        moves.copy(group)
        _verified(moves, group, deep=False)
        stop_when_asked()
        say(f"{group} is kept in step; Ctrl-C ends that, and `copy` catches up")
        moves.follow(group, stopped.is_set)


def _verified(moves: "Moves", group: str, deep: bool) -> None:
    from ecosystem.migration.words import verification_lines

    found = moves.verify(group, deep=deep)
    for line in verification_lines(found):
        say(line)
    if not all(one.equal for one in found):
        fail(f"{group} is not the same on both sides")


_GOES_ON = "stopped; the same command goes on where it was"
_UNKNOWN = "stopped before it was known where the group is: `ecosystem migrate status` says it"
"""After a second Ctrl-C; the first one ends with what is true."""


@contextmanager
def _moving(stopped: str = _GOES_ON) -> "Iterator[Moves]":
    """What moves tables; a refusal ends the command with its reason, Ctrl-C with ``stopped``."""
    from ecosystem.migration.plan import Refused
    from ecosystem.wiring.vendors import paced_moves

    try:
        with (
            told_in_a_line(),
            _noted() as pressed,
            paced_moves(settings_here(), say, pressed) as moves,
        ):
            yield moves
    except Refused as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(stopped)


@contextmanager
def _noted() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed, for threads that wait: Python tells it to the main one only."""
    import signal
    from threading import Event

    pressed = Event()

    def note(number: int, frame: "FrameType | None") -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Somebody wants it not to be heard (`nohup`).
        yield pressed.is_set
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
