"""A comparison finds what is wrong and nothing else, while people write."""

import time
from collections.abc import Sequence
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from ecosystem.migration import verify
from ecosystem.migration.shape import read_shape
from ecosystem.migration.verify import Verifier
from tests.migration.sides import ADDONS, GROUP, Sides, writers


class AsksNoLog(Verifier):
    """Weakened: takes what is still to be carried over for a difference."""

    def _at_source(self, keys: Sequence[UUID]) -> dict[UUID, tuple[int | None, bool]]:
        return {key: (ours, False) for key, (ours, _) in super()._at_source(keys).items()}


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


@pytest.fixture
def in_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges and pieces as a large table has them."""
    for name, value in (("_FEW_PAGES", 1), ("_RANGE_PAGES", 1), ("_PIECE_PAGES", 2)):
        monkeypatch.setattr(verify, name, value)


@pytest.mark.usefixtures("in_ranges")
def test_each_range_of_a_large_table_is_compared(in_sync: Sides) -> None:
    in_sync.add(600)
    in_sync.moves().copy(GROUP)
    ends = in_sync.ends()
    one = Verifier(ends, read_shape(ends.source, ADDONS), range_rows=40)
    assert len(one._borders()) > 5  # pyright: ignore[reportPrivateUsage]
    found = one.compare()
    assert (found.rows, found.equal, found.waiting) == (800, True, 0)
    wrong = {in_sync.key(at) for at in (0, 1, 130, 577, 798, 799)}
    for key in wrong:
        in_sync.plant(f"update {ADDONS} set price = price + 0.01 where id = %s", key)
    ghosts = {UUID(int=1), UUID(int=2**128 - 1)}
    for key in ghosts:
        in_sync.plant(
            f"insert into {ADDONS} (id, package_id, name, price) values (%s, %s, 'ghost', 1)",
            key,
            key,
        )
    with writers(in_sync, 1):
        found = one.compare()
    left = {str(key) for key in wrong | ghosts}
    # What people change again is carried over, and right then.
    assert {one.id for one in found.differences} <= left
    assert {str(key) for key in ghosts} <= {one.id for one in found.differences}
    assert len(found.differences) > len(ghosts)


@pytest.mark.usefixtures("in_ranges")
def test_a_comparison_can_be_ended(in_sync: Sides) -> None:
    in_sync.add(1_000)
    ends = in_sync.ends()

    def pace(_step: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Verifier(ends, read_shape(ends.source, ADDONS), pace=pace).compare()
    assert {ends.source.info.transaction_status, ends.target.info.transaction_status} == {0}


def test_the_time_that_is_told_is_without_the_rest(
    in_sync: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    rested: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(rested), sleep=time.sleep)
    monkeypatch.setattr(verify, "time", clock)
    ends = in_sync.ends()
    shape = read_shape(ends.source, ADDONS)
    found = Verifier(ends, shape, pace=lambda _step: rested.append(3_600.0)).compare()
    assert rested
    assert found.seconds < 3_600
