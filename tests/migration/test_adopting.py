"""What changes besides rows: columns during a switch and after it, a log that was off, a pause."""

import pytest

from ecosystem.migration import fence
from ecosystem.migration.plan import Fenced, Refused
from ecosystem.migration.turning import Turn
from tests.migration.sides import ADDONS, GROUP, Killed, Sides
from tests.migration.whereabouts import authority, in_sync, where_it_is_written


def a_column_comes(sides: Sides) -> None:
    """While all rows are compared: in Supabase alone, and somebody writes it."""
    in_sync(sides)

    def added(step: str) -> None:
        if step == "verified":
            sides.source.execute(f"alter table {ADDONS} add column since text")  # type: ignore[arg-type]
            sides.source.execute(f"update {ADDONS} set since = 'RDS does not see this'")  # type: ignore[arg-type]

    sides.moves(on_step=added).switch(GROUP)


def test_a_column_that_comes_in_the_middle_keeps_the_group_where_it_is(sides: Sides) -> None:
    with pytest.raises(Refused, match=f"the columns of {ADDONS} were changed meanwhile"):
        a_column_comes(sides)
    assert where_it_is_written(sides) == ["supabase"]


def test_the_control_without_a_second_look_it_is_left_behind(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turn, "_same_columns", lambda _turn: None)
    a_column_comes(sides)
    assert authority(sides) == ("rds", "switched")


def test_columns_that_both_sides_get_after_a_switch_leave_the_way_back_open(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    with sides.moves().following(GROUP) as knows_only_those_of_before:
        for side in (sides.source, sides.target):
            side.execute(f"alter table {ADDONS} add column since text default 'x'")  # type: ignore[arg-type]
        sides.target.execute(f"update {ADDONS} set since = 'in RDS'")  # type: ignore[arg-type]
        with pytest.raises(Refused, match=f"`ecosystem migrate prepare {GROUP}` carries every"):
            sides.moves().rollback(GROUP)
        sides.moves().prepare(GROUP)
        with pytest.raises(Fenced):
            knows_only_those_of_before.step()
    sides.moves().rollback(GROUP)
    assert authority(sides) == ("supabase", "in_sync")
    assert sides.equal
    assert sides.source.execute(f"select distinct since from {ADDONS}").fetchall() == [("in RDS",)]  # type: ignore[arg-type]


def test_what_was_not_logged_after_a_switch_is_carried_or_found(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    changed, gone = sides.key(3), sides.key(4)
    for name in ("update", "delete"):
        sides.target.execute(f"drop trigger migration_{name} on {ADDONS}")  # type: ignore[arg-type]
    sides.target.execute(f"update {ADDONS} set name = 'missed' where id = %s", (changed,))  # type: ignore[arg-type]
    sides.target.execute(f"delete from {ADDONS} where id = %s", (gone,))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="RDS does not log the changes"):
        sides.moves().rollback(GROUP)
    sides.moves().prepare(GROUP)
    with pytest.raises(Refused, match=f"the same on both sides .{ADDONS} {gone} only in Supabase."):
        sides.moves().rollback(GROUP)
    with sides.source.transaction():
        sides.source.execute("set local migration.origin = 'applier'")
        sides.source.execute(f"delete from {ADDONS} where id = %s", (gone,))  # type: ignore[arg-type]
    sides.moves().rollback(GROUP)
    assert sides.equal


def test_who_dies_while_it_is_logged_again_leaves_nothing_that_looks_whole(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    sides.target.execute(f"drop trigger migration_update on {ADDONS}")  # type: ignore[arg-type]
    sides.target.execute(f"update {ADDONS} set name = 'missed'")  # type: ignore[arg-type]

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        # The log is on again, and no key is in it yet.
        patch.setattr(fence, "claim", killed)
        sides.moves().prepare(GROUP)
    with pytest.raises(
        Refused, match=f"has to be prepared anew: `ecosystem migrate prepare {GROUP}"
    ):
        sides.moves().rollback(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().rollback(GROUP)
    assert sides.equal


def test_columns_that_one_side_got_after_a_switch_are_not_adopted(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    sides.source.execute(f"alter table {ADDONS} add column since text")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="since: missing in RDS, text in Supabase"):
        sides.moves().prepare(GROUP)


def test_a_paused_group_does_not_change_hands(sides: Sides) -> None:
    in_sync(sides)
    sides.target.execute("update migration_pace set paused_at = now()")
    with pytest.raises(Refused, match=f"paused: `ecosystem migrate resume {GROUP}`"):
        sides.moves().switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]


def test_a_group_that_is_paused_meanwhile_does_not_change_hands(sides: Sides) -> None:
    in_sync(sides)

    def paused(step: str = "verified") -> None:
        if step == "verified":
            sides.target.execute("update migration_pace set paused_at = now()")

    with pytest.raises(Refused, match=f"{GROUP} is paused"):
        sides.moves(on_step=paused).switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]
    sides.target.execute("update migration_pace set paused_at = null")
    sides.moves().switch(GROUP)
    paused()
    with pytest.raises(Refused, match=f"{GROUP} is paused"):
        sides.moves().retire(GROUP)
    assert authority(sides) == ("rds", "switched")
