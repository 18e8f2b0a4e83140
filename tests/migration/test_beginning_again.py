"""A group that begins again throws its copy away at once, however large it is."""

import psycopg
import pytest

from ecosystem.migration import ends, fence, readiness
from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import OFFERED, TABLES, Fenced
from ecosystem.migration.shape import read_shape
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.whereabouts import authority, in_sync


def begins_again(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row takes a tenth of a second to go, and a statement has one second."""
    in_sync(sides, 40)
    sides.target.execute(
        "create function slow() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(0.1); return old; end $$"
    )
    sides.target.execute(
        f"create trigger slow before delete on {ADDONS} for each row execute function slow()"  # type: ignore[arg-type]
    )
    sides.target.execute(f"alter table {ADDONS} enable always trigger slow")  # type: ignore[arg-type]
    sides.source.execute(f"drop trigger migration_update on {ADDONS}")  # type: ignore[arg-type]
    monkeypatch.setattr(ends, "STATEMENT_SECONDS", 1)
    sides.moves().prepare(GROUP)


def test_a_large_copy_is_thrown_away_at_once(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    begins_again(sides, monkeypatch)
    assert authority(sides) == ("supabase", "capturing")
    assert sides.rows("rds") == []
    sides.target.execute(f"drop trigger slow on {ADDONS}")  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    assert sides.equal


def test_the_control_row_by_row_it_takes_too_long(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row_by_row(both: ends.Ends, tables: tuple[str, ...], **_: bool) -> None:
        both.rds.execute(ends.APPLIER)
        for table in tables:
            both.rds.execute(f"delete from {table}")  # type: ignore[arg-type]

    monkeypatch.setattr("ecosystem.migration.preparing.make_room", row_by_row)
    with pytest.raises(psycopg.errors.QueryCanceled):
        begins_again(sides, monkeypatch)


def test_it_begins_again_after_a_switch_and_back(sides: Sides) -> None:
    """RDS has logged for the way back, and refuses TRUNCATE for that."""
    in_sync(sides)
    for step in ("switch", "rollback"):
        getattr(sides.moves(), step)(GROUP)
    sides.source.execute(f"drop trigger migration_update on {ADDONS}")  # type: ignore[arg-type]
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    for step in ("switch", "rollback", "switch"):
        getattr(sides.moves(), step)(GROUP)
    assert sides.equal


@pytest.mark.parametrize("group", OFFERED)
def test_no_other_table_holds_on_to_a_groups_rows(sides: Sides, group: str) -> None:
    both = sides.ends()
    with ends.transaction(both.rds):
        readiness.make_room(both, TABLES[group], again=True)


def test_a_holder_from_before_is_fenced_off_however_often_it_begins_again(sides: Sides) -> None:
    in_sync(sides)
    slept = fence.claim(sides.target, ADDONS, "slept")
    for _ in range(3):
        fence.forget(sides.target, [ADDONS])
        fence.begin(sides.target, GROUP, read_shape(sides.source, ADDONS))
        for _ in range(5):
            fence.claim(sides.target, ADDONS, "another")
            with pytest.raises(Fenced), transaction(sides.target):
                fence.hold(sides.target, slept)


def test_the_control_epochs_that_begin_at_nought_meet_again(sides: Sides) -> None:
    in_sync(sides)
    sides.target.execute("update migration_state set epoch = 0 where tbl = %s", (ADDONS,))
    slept = fence.claim(sides.target, ADDONS, "slept")
    sides.target.execute("update migration_state set epoch = 0 where tbl = %s", (ADDONS,))
    fence.claim(sides.target, ADDONS, "another")
    with transaction(sides.target):
        fence.hold(sides.target, slept)
