"""Two people ask for the same, or one compares while another one lets the group change hands."""

from collections.abc import Callable

import pytest

from ecosystem.migration import preparing
from ecosystem.migration.plan import Refused
from ecosystem.migration.verify import Verification, Verifier
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.whereabouts import where_it_is_written


def overtaken(before: Callable[[], object]) -> type[Verifier]:
    """Compares only after somebody else has done something."""

    class Overtaken(Verifier):
        def compare(self) -> Verification:
            before()
            return super().compare()

    return Overtaken


def rename(sides: Sides, side: str) -> None:
    connection = sides.target if side == "rds" else sides.source
    connection.execute(f"update {ADDONS} set name = 'since then'")  # type: ignore[arg-type]


def noted(sides: Sides) -> list[str]:
    """What the audit log has of comparisons, and what tables are remembered to differ."""
    rows = sides.target.execute(
        "select action from audit_log where action in ('migration.refused', 'migration.verified')"
        " union all select tbl from migration_state where last_verify is not null"
    )
    return [row[0] for row in rows]


@pytest.fixture
def moving(sides: Sides) -> Sides:
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    return sides


def test_a_comparison_that_a_switch_overtook_says_nothing(moving: Sides) -> None:
    def switched() -> None:
        moving.moves().switch(GROUP)
        rename(moving, "rds")

    with pytest.raises(Refused, match="has changed hands meanwhile: it is written in RDS"):
        moving.moves(verifier=overtaken(switched)).verify(GROUP)
    assert noted(moving) == []


def test_of_two_who_roll_back_the_second_is_told_that_it_is_done(moving: Sides) -> None:
    moving.moves().switch(GROUP)

    def back() -> None:
        moving.moves().rollback(GROUP)
        rename(moving, "supabase")

    said: list[str] = []
    moving.moves(verifier=overtaken(back), say=said.append).rollback(GROUP)
    assert said == [f"{GROUP} is written in Supabase already"]
    assert noted(moving) == []
    assert moving.moves().verify(GROUP)


def test_of_two_who_switch_the_second_is_told_that_it_is_done(moving: Sides) -> None:
    said: list[str] = []
    moving.moves(keep=lambda group: moving.moves().switch(group), say=said.append).switch(GROUP)
    assert said == [f"{GROUP} is written in RDS already"]


@pytest.mark.parametrize("way", ["switch", "rollback"])
@pytest.mark.parametrize("when", ["deciding", "final", "flipped"])
def test_ctrl_c_after_the_decision_ends_with_what_was_decided(
    moving: Sides, way: str, when: str
) -> None:
    if way == "rollback":
        moving.moves().switch(GROUP)
    # What is decided in RDS counts with the commit that follows.
    decided = way == "switch" or when != "deciding"
    to = "rds" if (way == "switch") == decided else "supabase"

    def pressed(step: str) -> None:
        if step == when:
            raise KeyboardInterrupt

    said: list[str] = []
    turn = getattr(moving.moves(on_step=pressed, say=said.append), way)
    if decided:
        assert turn(GROUP) > 0
        assert said[-1].endswith("already")
    else:
        with pytest.raises(Refused, match="stopped; package_extras stays in RDS, nothing was"):
            turn(GROUP)
    assert where_it_is_written(moving) == [to]


def test_of_two_who_prepare_the_second_forgets_nothing_of_the_first(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = preparing.ready

    def quicker(*arguments: object) -> None:
        monkeypatch.setattr(preparing, "ready", ready)
        sides.moves().prepare(GROUP)

    monkeypatch.setattr(preparing, "ready", quicker)
    with pytest.raises(Refused, match=f"somebody else prepares {GROUP} at this moment"):
        sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
