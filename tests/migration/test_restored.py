"""A database comes back from an earlier time: nobody is given authority over rows that are gone."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import psycopg
import pytest

from ecosystem.database.engines import Address
from ecosystem.migration import settling
from ecosystem.migration.plan import Refused
from ecosystem.migration.standing import standing
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.test_command import environment, told
from tests.migration.whereabouts import authority, in_sync, takes, where_it_is_written

assert environment
RUNBOOK = Path("docs/runbooks/moving/restored.md")
Side = Literal["rds", "supabase"]
Snapshot = Callable[[Side], None]


@pytest.fixture
def snapshot(sides: Sides, postgres: dict[str, str]) -> Iterator[Snapshot]:
    """Keeps a database as it is now; :func:`restore` brings it back."""
    with ExitStack() as kept:
        yield lambda side: kept.enter_context(_copy(sides, side, postgres["superuser"]))


@contextmanager
def _copy(sides: Sides, side: Side, superuser: str) -> Iterator[None]:
    now = sides.addresses[side]
    name = f"{now.database}_before"
    _connection(sides, side).close()
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            (now.database,),
        )
        server.execute(
            f'create database "{name}" template "{now.database}" owner "{now.user}"'.encode()
        )
        _enter(sides, side, now)
        try:
            yield
        finally:
            server.execute(f'drop database "{name}" with (force)'.encode())


def restore(sides: Sides, side: Side) -> None:
    """From here on everybody finds that database as it was."""
    now = sides.addresses[side]
    _connection(sides, side).close()
    _enter(sides, side, replace(now, database=f"{now.database}_before"))


def _connection(sides: Sides, side: Side) -> "psycopg.Connection[tuple[object, ...]]":
    return sides.source if side == "supabase" else sides.target


def _enter(sides: Sides, side: Side, address: Address) -> None:
    sides.addresses = {**sides.addresses, side: address}
    opened = psycopg.connect(address.libpq, autocommit=True)
    if side == "supabase":
        sides.source = opened
    else:
        sides.target = opened


def names(side: psycopg.Connection[tuple[object, ...]]) -> set[object]:
    return {row[0] for row in side.execute(f"select name from {ADDONS}")}  # type: ignore[arg-type]


def switched_and_restored(sides: Sides, snapshot: Snapshot) -> None:
    """RDS is as it was before the last rows came and authority with them."""
    in_sync(sides)
    snapshot("rds")
    sides.rename(sides.key(), "last in Supabase")
    sides.moves().copy(GROUP)
    sides.moves().switch(GROUP)
    restore(sides, "rds")


def test_an_earlier_rds_gets_no_authority(
    sides: Sides, snapshot: Snapshot, environment: dict[str, str]
) -> None:
    switched_and_restored(sides, snapshot)
    wrong = r"package_extras: RDS is from a time before .* Supabase knows change 2, RDS 1"
    for ask in (sides.moves().settle, lambda: sides.moves().switch(GROUP)):
        with pytest.raises(Refused, match=wrong):
            ask()
    with pytest.raises(Refused, match=wrong):
        standing(sides.ends())
    code, said = told(
        {**environment, "AWS_RDS_DATABASE": sides.addresses["rds"].database}, "status"
    )
    assert code == 1
    assert "package_extras: in sync, written in Supabase" in said
    assert re.search(f"ecosystem: {wrong}", said)
    assert str(RUNBOOK) in said
    assert where_it_is_written(sides) == []
    # The other groups do not mind.
    sides.moves().prepare("packages")


def test_the_control_who_does_not_ask_for_the_mark_loses_rows(
    sides: Sides, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_complete", lambda _home, _away: True)
    switched_and_restored(sides, snapshot)
    assert sides.moves().settle()
    assert authority(sides) == ("rds", "switched")
    assert "last in Supabase" not in names(sides.target)


@pytest.mark.parametrize("way", ["switch", "rollback"])
def test_one_from_between_the_decision_and_its_end_has_everything(
    sides: Sides, snapshot: Snapshot, way: str
) -> None:
    in_sync(sides)
    copy: Side = "rds"
    if way == "rollback":
        sides.moves().switch(GROUP)
        copy = "supabase"
    source = sides.source if way == "switch" else sides.target
    source.execute(f"update {ADDONS} set name = 'last'")  # type: ignore[arg-type]

    def died(step: str) -> None:
        if step == "final":
            raise Killed(step)

    with pytest.raises(Killed):
        getattr(sides.moves(on_step=died), way)(GROUP)
    snapshot(copy)
    restore(sides, copy)
    assert sides.moves().settle()
    assert where_it_is_written(sides) == [copy]
    assert names(sides.target) == names(sides.source) == {"last"}


def test_an_rds_that_has_forgotten_a_rollback_is_closed(sides: Sides, snapshot: Snapshot) -> None:
    """By itself it would be written on, beside Supabase."""
    in_sync(sides)
    sides.moves().switch(GROUP)
    snapshot("rds")
    sides.moves().rollback(GROUP)
    restore(sides, "rds")
    asks = "select migration_open(%s)"
    assert sides.target.execute(asks, (GROUP,)).fetchone() == (True,)
    with pytest.raises(Refused, match=r"RDS is from a time before .* change 3, RDS 2"):
        sides.moves().settle()
    assert sides.target.execute(asks, (GROUP,)).fetchone() == (False,)
    assert takes(sides.source)


def follow_the_runbook(sides: Sides, section: str, epoch: int) -> None:
    text = RUNBOOK.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall("```sql\n-- in (RDS|Supabase)(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for where, block in blocks:
        side = sides.target if where == "RDS" else sides.source
        statements = block.split("\n", 1)[1].replace("GROUP", GROUP).replace("EPOCH", str(epoch))
        side.execute(statements.encode())


@pytest.mark.parametrize("forgotten", ["switch", "rollback"])
def test_supabase_takes_over_as_the_runbook_says(
    sides: Sides, snapshot: Snapshot, forgotten: str
) -> None:
    if forgotten == "switch":
        switched_and_restored(sides, snapshot)
        epoch = 2
    else:
        test_an_rds_that_has_forgotten_a_rollback_is_closed(sides, snapshot)
        sides.rename(sides.key(), "last in Supabase")
        epoch = 3
    follow_the_runbook(sides, "Supabase takes over", epoch)
    assert takes(sides.source)
    sides.rename(sides.key(2), "written at once")
    sides.moves().prepare(GROUP)
    assert where_it_is_written(sides) == ["supabase"]
    sides.moves().copy(GROUP)
    sides.moves().switch(GROUP)
    assert sides.equal
    assert {"last in Supabase", "written at once"} <= names(sides.target)
    assert where_it_is_written(sides) == ["rds"]
    sides.moves().rollback(GROUP)
    assert "package_extras in sync, in Supabase" in standing(sides.ends())


def test_an_earlier_supabase_is_brought_up_to_date_as_the_runbook_says(
    sides: Sides, snapshot: Snapshot
) -> None:
    in_sync(sides)
    snapshot("supabase")
    sides.moves().switch(GROUP)
    sides.target.execute(f"update {ADDONS} set name = 'in RDS'")  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    restore(sides, "supabase")
    with pytest.raises(Refused, match=r"Supabase is from a time before .* change 1, RDS 2"):
        sides.moves().settle()
    follow_the_runbook(sides, "Supabase is brought up to date", 2)
    assert where_it_is_written(sides) == ["rds"]
    sides.moves().prepare(GROUP)
    sides.moves().rollback(GROUP)
    assert sides.equal
    assert names(sides.source) == {"in RDS"}
