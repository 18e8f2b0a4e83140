"""What ``ecosystem doctor`` says of moving tables."""

import pytest

from ecosystem.migration.ends import Ends
from ecosystem.migration.plan import Refused
from ecosystem.migration.standing import standing
from ecosystem.migration.words import status_lines
from tests.migration.roles import another_role
from tests.migration.sides import ADDONS, GROUP, Killed, Sides


def test_where_each_group_is(sides: Sides) -> None:
    moves = sides.moves()
    assert standing(sides.ends()) == (
        "package_extras planned, in Supabase; packages planned, in Supabase;"
        " accounts planned, in Supabase"
    )
    for step, told in (
        (moves.prepare, "package_extras capturing, in Supabase"),
        (moves.copy, "package_extras in sync, in Supabase"),
        (moves.switch, "package_extras switched, in RDS"),
        (moves.retire, "package_extras retired, in RDS"),
    ):
        step(GROUP)
        assert standing(sides.ends()).startswith(told)


def test_a_switch_that_died_after_its_decision(sides: Sides) -> None:
    def killed(step: str) -> None:
        if step == "final":
            raise Killed

    moves = sides.moves()
    moves.prepare(GROUP)
    moves.copy(GROUP)
    with pytest.raises(Killed):
        sides.moves(on_step=killed).switch(GROUP)
    with pytest.raises(Refused, match="between both databases: `ecosystem migrate status`"):
        standing(sides.ends())
    sides.moves().settle()
    assert standing(sides.ends()).startswith("package_extras switched, in RDS")


def test_a_copy_that_anybody_may_write(sides: Sides) -> None:
    sides.moves().prepare(GROUP)
    sides.target.execute("update migration_gates set final = false")
    with pytest.raises(Refused, match="nothing keeps writers out of the copy"):
        standing(sides.ends())


def test_changes_that_nobody_follows(sides: Sides) -> None:
    moves = sides.moves()
    moves.prepare(GROUP)
    moves.copy(GROUP)
    sides.source.execute(f"drop trigger migration_update on {ADDONS}")  # type: ignore[arg-type]
    with pytest.raises(Refused, match=f"not log the changes of {ADDONS} .*migrate prepare {GROUP}"):
        standing(sides.ends())
    told = "\n".join(status_lines(moves.groups(), moves.status()))
    assert told.count("Supabase does NOT log its changes") == 1
    moves.prepare(GROUP)
    moves.copy(GROUP)
    assert standing(sides.ends()).startswith("package_extras in sync")
    assert all(one.logged for one in moves.status() if one.group == GROUP)


def test_a_role_that_may_not_silence_triggers(sides: Sides, postgres: dict[str, str]) -> None:
    supabase, rds = sides.addresses["supabase"], sides.addresses["rds"]
    with (
        another_role(supabase, postgres, "bypassrls") as lesser,
        Ends.connect(lesser, rds) as ends,
        pytest.raises(Refused, match=f"grant set on parameter .* to {lesser.user}"),
    ):
        standing(ends)
    more = "grant set on parameter {silence} to {role}", f"grant {supabase.user} to {{role}}"
    with (
        another_role(supabase, postgres, "bypassrls", *more) as role,
        Ends.connect(role, rds) as ends,
    ):
        assert standing(ends)
