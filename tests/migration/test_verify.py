"""A comparison finds what is wrong and nothing else, while people write."""

from uuid import UUID, uuid4

import pytest

from ecosystem.migration.verify import Verifier
from tests.migration.sides import ADDONS, GROUP, Sides, writers


class AsksNoLog(Verifier):
    """Weakened: takes what is still to be carried over for a difference."""

    def _at_source(self, key: UUID) -> tuple[int | None, bool]:
        return super()._at_source(key)[0], False


@pytest.fixture
def in_sync(sides: Sides) -> Sides:
    sides.add(200)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    return sides


@pytest.mark.parametrize("deep", [False, True])
def test_a_planted_wrong_answer_is_found(in_sync: Sides, deep: bool) -> None:
    wrong, gone, ghost = in_sync.key(10), in_sync.key(20), uuid4()
    in_sync.plant(f"update {ADDONS} set price = price + 0.01 where id = %s", wrong)
    in_sync.plant(f"delete from {ADDONS} where id = %s", gone)
    in_sync.plant(
        f"insert into {ADDONS} (id, package_id, name, price) values (%s, %s, 'ghost', 1)",
        ghost,
        ghost,
    )
    addons, exclusions = in_sync.moves().verify(GROUP, deep=deep)
    assert exclusions.equal
    assert {one.id: one.what for one in addons.differences} == {
        str(wrong): "different in RDS",
        str(gone): "missing in RDS",
        str(ghost): "only in RDS",
    }
    remembered = in_sync.moves().status()[0].last_verify
    assert remembered
    assert (remembered["equal"], remembered["differing"]) == (False, 3)


def test_what_waits_in_the_log_is_no_difference(in_sync: Sides) -> None:
    in_sync.rename(in_sync.key(7), "not carried yet")
    addons, _ = in_sync.moves().verify(GROUP)
    assert (addons.equal, addons.waiting) == (True, 1)
    status = in_sync.moves().status()[0]
    assert status.pending_changes == 1
    assert status.lag_seconds > 0


def test_the_control_without_the_log_it_is_taken_for_one(in_sync: Sides) -> None:
    in_sync.rename(in_sync.key(7), "not carried yet")
    addons, _ = in_sync.moves(verifier=AsksNoLog).verify(GROUP)
    assert not addons.equal


def test_a_planted_wrong_answer_is_found_among_writers(in_sync: Sides) -> None:
    quiet = uuid4()
    in_sync.plant(
        f"insert into {ADDONS} (id, package_id, name, price) values (%s, %s, 'ghost', 1)",
        quiet,
        quiet,
    )
    with writers(in_sync, 2):
        addons, _ = in_sync.moves().verify(GROUP)
    assert [one.id for one in addons.differences] == [str(quiet)]
