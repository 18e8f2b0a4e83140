"""Nothing is lost, left over or stale: with writers, kills, cut connections and doubles."""

from contextlib import suppress
from uuid import UUID

import psycopg
import pytest

from ecosystem.migration.carrier import Carrier
from ecosystem.migration.ends import APPLIER, transaction
from ecosystem.migration.plan import Fenced, Refused
from tests.migration.sides import (
    ADDONS,
    EXCLUSIONS,
    GROUP,
    Killed,
    Sides,
    carrier,
    finish,
    writers,
)


class ForgetsUpTo(Carrier):
    """Weakened: a cursor over the log's numbers."""

    def _forget(self, seqs) -> None:  # type: ignore[no-untyped-def]
        self._after = max(seqs)
        super()._forget(seqs)

    def _pending(self, *, everything: bool = False) -> list[tuple[int, UUID]]:
        after = getattr(self, "_after", 0)
        return [one for one in super()._pending(everything=everything) if one[0] > after]


class Unfenced(Carrier):
    """Weakened: writes whoever has claimed the table since."""

    def _hold(self) -> None:
        return None


class TwoCommits(Carrier):
    """Weakened: the checkpoint is committed before the rows it speaks of."""

    def chunk(self) -> int:
        part = self.parts[0]
        last = self._last_of_chunk(part)
        with transaction(self._target):
            self._checkpoint(part, last, 0)
        with transaction(self._target):
            self._target.execute(APPLIER)
            rows = self._copy_until(part, last)
            self._on_step("chunk copied")
        return rows


def test_people_write_while_a_group_is_copied(sides: Sides) -> None:
    sides.add(600)
    with writers(sides, 2) as committed:
        sides.moves().prepare(GROUP)
        sides.moves().copy(GROUP)
        found = sides.moves().verify(GROUP)
        assert all(one.equal for one in found)
    assert sum(committed)
    sides.moves().copy(GROUP)
    assert sides.equal
    assert [one.waiting for one in sides.moves().verify(GROUP, deep=True)] == [0, 0]
    assert {one.phase for one in sides.moves().status() if one.group == GROUP} == {"in_sync"}


STEPS = (
    "chunk committed",
    *("chunk copied", "chunk checkpointed"),
    *("log read", "rows read", "applying", "applied", "forgotten"),
)


def test_a_process_killed_at_any_step_goes_on_where_it_was(sides: Sides) -> None:
    sides.add(240)
    sides.moves().prepare(GROUP)
    for number, deadly in enumerate(STEPS * 2):

        def step(name: str, deadly: str = deadly) -> None:
            if name == deadly:
                raise Killed(name)

        sides.add(4)
        sides.source.execute(f"update {ADDONS} set price = price + 1")  # type: ignore[arg-type]
        sides.source.execute(f"delete from {ADDONS} where id = %s", (sides.key(number),))  # type: ignore[arg-type]
        with pytest.raises(Killed):
            sides.moves(on_step=step).copy(GROUP)
    assert not sides.equal
    sides.moves().copy(GROUP)
    assert sides.equal


@pytest.mark.parametrize("side", ["supabase", "rds"])
def test_a_connection_that_is_cut_is_made_again(sides: Sides, side: str) -> None:
    sides.add(200)
    sides.moves().prepare(GROUP)
    told: list[str] = []
    cut = iter(["chunk copied"])

    def step(name: str) -> None:
        if name == next(cut, ""):
            connection = sides.source if side == "supabase" else sides.target
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname ="
                " current_database() and application_name = 'ecosystem migrate'"
            )

    sides.moves(on_step=step, say=told.append).copy(GROUP)
    assert sides.equal
    assert "the connection to a database was cut; again in 0.5 s" in told


def late_commit(sides: Sides, kind: type[Carrier]) -> bool:
    """A writer takes its number first and commits last. Whether both sides end up equal."""
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    one = carrier(sides, kind)
    with sides.another() as slow:
        slow.execute(
            f"update {ADDONS} set name = 'late' where id = %s",  # type: ignore[arg-type]
            (sides.key(3),),
        )
        sides.rename(sides.key(5), "early")
        one.batch()
        slow.commit()
    one.batch()
    return sides.equal


def test_a_writer_that_commits_late_is_not_lost(sides: Sides) -> None:
    assert late_commit(sides, Carrier)


def test_the_control_a_cursor_over_numbers_loses_it(sides: Sides) -> None:
    assert not late_commit(sides, ForgetsUpTo)


def paused_double(sides: Sides, kind: type[Carrier]) -> bool:
    """A process sleeps between reading and writing while another goes on. Whether equal after."""
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    key = sides.key(3)
    sides.rename(key, "first")

    def asleep(step: str) -> None:
        if step == "rows read":
            sides.rename(key, "second")
            finish(carrier(sides))

    with suppress(Fenced, psycopg.OperationalError):
        carrier(sides, kind, asleep).batch()
    return sides.equal


def test_a_paused_process_is_fenced_off(sides: Sides) -> None:
    assert paused_double(sides, Carrier)


def test_the_control_without_the_fence_it_writes_what_is_stale(sides: Sides) -> None:
    assert not paused_double(sides, Unfenced)


def killed_between(sides: Sides, kind: type[Carrier]) -> bool:
    """Killed with a chunk's rows written and not committed; the next process goes on."""
    sides.add(120)
    sides.moves().prepare(GROUP)

    def kill(step: str) -> None:
        if step == "chunk copied":
            raise Killed(step)

    with pytest.raises(Killed):
        carrier(sides, kind, kill).chunk()
    sides.moves().copy(GROUP)
    return sides.equal


def test_a_checkpoint_and_its_rows_are_one_commit(sides: Sides) -> None:
    assert killed_between(sides, Carrier)


def test_the_control_two_commits_lose_a_chunk(sides: Sides) -> None:
    assert not killed_between(sides, TwoCommits)


def test_two_commands_at_once_leave_one_of_them(sides: Sides) -> None:
    sides.add(200)
    sides.moves().prepare(GROUP)
    begun: list[bool] = []

    def double(step: str) -> None:
        if step == "chunk committed" and not begun:
            begun.append(True)
            sides.moves().copy(GROUP)

    with pytest.raises(Fenced, match="another process"):
        sides.moves(on_step=double).copy(GROUP)
    assert sides.equal


ODD = (
    "note text, tags text[], doc jsonb, local timestamp, number float8, span interval, raw bytea,"
    " twice numeric generated always as (price * 2) stored"
)


def test_odd_values_arrive_as_they_are(sides: Sides) -> None:
    for side in (sides.source, sides.target):
        for column in ODD.split(", "):
            side.execute(f"alter table {ADDONS} add column {column}")  # type: ignore[arg-type]
    values = [
        ('{a,NULL,"b,c",""}', '{"b": [1, null], "a": 1.50}', "infinity", "NaN", "1 mon -3 days"),
        ("{}", "null", "-infinity", "-0", "P1Y"),
        (None, '"\\u00e9"', "0044-03-15 BC", "Infinity", None),
    ]
    sides.moves().prepare(GROUP)
    for when in ("before", "after"):
        for tags, doc, local, number, span in values:
            sides.source.execute(
                f"insert into {ADDONS} (package_id, name, price, unit, created_at, updated_at, note,"  # type: ignore[arg-type]
                " tags, doc, local, number, span, raw) values (gen_random_uuid(), %s, 'NaN', 'night',"
                " %s, '2020-02-29 23:59:59.999999+13', %s, %s, %s, %s, %s, %s, %s)",
                (f"{when}\t\\N\n'é漢🌍", local, None, tags, doc, local, number, span, b"\0\xff"),
            )
        sides.moves().copy(GROUP)
        assert sides.equal
    assert len(sides.rows("rds")) == 2 * len(values)
    for deep in (False, True):
        assert all(one.equal and not one.waiting for one in sides.moves().verify(GROUP, deep=deep))
    # An update keeps the time of the change as the source has it.
    sides.source.execute(f"update {ADDONS} set note = 'x'")  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    assert sides.equal


def test_a_key_that_changes_is_moved(sides: Sides) -> None:
    sides.add(120)
    sides.moves().prepare(GROUP)
    one = carrier(sides)
    one.chunk()
    low, high = sides.key(2), sides.key(110)
    for old, new in ((low, "f" * 32), (high, "0" * 32)):
        sides.source.execute(f"update {ADDONS} set id = %s where id = %s", (UUID(new), old))  # type: ignore[arg-type]
    sides.moves().copy(GROUP)
    assert sides.equal


def test_truncate_is_refused_while_a_table_moves(sides: Sides) -> None:
    sides.source.execute(f"truncate {ADDONS}")  # type: ignore[arg-type]
    sides.moves().prepare(GROUP)
    with pytest.raises(psycopg.errors.ObjectInUse, match="DELETE the rows instead"):
        sides.source.execute(f"truncate {ADDONS}")  # type: ignore[arg-type]


def logged(sides: Sides) -> int:
    row = sides.source.execute(
        "select count(*) from migration_changes where consumer = 'rds'"
    ).fetchone()
    assert row
    return row[0]


def test_what_is_logged(sides: Sides) -> None:
    """Also by who began before the triggers were there; not what an applier wrote."""
    sides.add(4)
    with sides.another() as older:
        older.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        older.execute("select 1 from pg_class limit 1")
        sides.moves().prepare(GROUP)
        older.execute(f"update {ADDONS} set price = 1 where id = %s", (sides.key(),))  # type: ignore[arg-type]
        older.commit()
    assert logged(sides) == 1
    with sides.source.transaction():
        sides.source.execute("set local migration.origin = 'applier'")
        sides.rename(sides.key(), "copied")
    assert logged(sides) == 1
    sides.source.execute(f"update {ADDONS} set id = gen_random_uuid()")  # type: ignore[arg-type]
    assert logged(sides) == 1 + 8


def test_a_log_that_was_off_makes_the_copy_begin_again(sides: Sides) -> None:
    sides.add(60)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    sides.source.execute(f"alter table {ADDONS} disable trigger migration_update")  # type: ignore[arg-type]
    sides.rename(sides.key(), "unseen")
    for asked in (sides.moves().copy, sides.moves().verify):
        with pytest.raises(Refused, match="does not log"):
            asked(GROUP)
    sides.moves().prepare(GROUP)
    assert sides.rows("rds") == []
    sides.moves().copy(GROUP)
    assert sides.equal


def test_columns_that_differ_are_refused_by_name(sides: Sides) -> None:
    sides.add(8)
    sides.source.execute(f"alter table {ADDONS} add column extra text")  # type: ignore[arg-type]
    sides.source.execute("alter type addon_unit add value 'hour'")
    with pytest.raises(Refused, match=r"addons\.extra: text in Supabase, missing in RDS"):
        sides.moves().prepare(GROUP)
    with pytest.raises(Refused, match=r"unit: .*/hour in Supabase"):
        sides.moves().prepare(GROUP)


def test_columns_that_change_on_the_way_begin_again(sides: Sides) -> None:
    sides.add(8)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    for side in (sides.source, sides.target):
        side.execute(f"alter table {ADDONS} add column extra text default 'x'")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="have changed since"):
        sides.moves().copy(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    assert sides.equal


def test_rows_that_nobody_moved_there_are_not_touched(sides: Sides) -> None:
    sides.target.execute(
        f"insert into {EXCLUSIONS} (package_id, text) values (gen_random_uuid(), 'mine')"  # type: ignore[arg-type]
    )
    with pytest.raises(Refused, match="rows that were not put there"):
        sides.moves().prepare(GROUP)
    assert len(sides.rows("rds")) == 1


def test_what_can_not_be_done_says_why(sides: Sides) -> None:
    with pytest.raises(Refused, match=r"bookings can.t be moved; what can"):
        sides.moves().prepare("bookings")
    with pytest.raises(Refused, match="planned: prepare it first"):
        sides.moves().copy(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().prepare(GROUP)
    with pytest.raises(Refused, match="capturing: copy it first"):
        sides.moves().verify(GROUP)
