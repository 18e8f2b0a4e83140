"""Two ranges at once, rows that change places, a frozen holder, large rows, and how fast to go."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from random import Random
from uuid import UUID

import psutil
import psycopg
import pytest

from ecosystem.migration import carrier as carrying
from ecosystem.migration import fence
from ecosystem.migration.carrier import Carrier, Step
from ecosystem.migration.ends import transaction
from ecosystem.migration.plan import Fenced
from ecosystem.migration.shape import read_shape
from ecosystem.migration.verify import Verifier, orphans
from tests.migration.sides import ADDONS, GROUP, Killed, Sides, carrier, finish, writers

PACKAGES, CITIES = "multi_city_hotel_packages", "multi_city_hotel_package_cities"


class Stops(Exception):
    """Somebody wants the work to end here."""


class Stubborn(Carrier):
    """Weakened: tries the same again when a row's place is taken."""

    def _untangle(self, part=None):  # type: ignore[no-untyped-def]
        return (self._batch(), 0) if part is None else (0, self._chunk(part))


class Hasty(Carrier):
    """Weakened: forgets what it takes for not copied yet without asking whether it may."""

    def _apply(self, keys: Sequence[UUID]) -> None:
        if keys:
            super()._apply(keys)


def with_codes(sides: Sides) -> None:
    """A unique column, filled."""
    for side in (sides.source, sides.target):
        side.execute(f"alter table {ADDONS} add column code text unique")  # type: ignore[arg-type]
    sides.source.execute(f"update {ADDONS} set code = 'code ' || id")  # type: ignore[arg-type]


def swap(connection: psycopg.Connection, one: UUID, other: UUID) -> None:
    """Two rows change their codes."""
    with connection.transaction():
        codes = dict(
            connection.execute(
                f"select id, code from {ADDONS} where id = any(%s) order by id for update",  # type: ignore[arg-type]
                ([one, other],),
            ).fetchall()
        )
        for key, code in ((one, None), (other, codes[one]), (one, codes[other])):
            connection.execute(f"update {ADDONS} set code = %s where id = %s", (code, key))  # type: ignore[arg-type]


@contextmanager
def swappers(sides: Sides, count: int) -> Iterator[list[int]]:
    """Rows change places at full speed until the block ends; how often each writer did it."""
    stop, done = threading.Event(), []
    keys = [row[0] for row in sides.source.execute(f"select id from {ADDONS}")]  # type: ignore[arg-type]

    def run(seed: int) -> None:
        dice, times = Random(seed), 0
        with psycopg.connect(sides.addresses["supabase"].libpq, autocommit=True) as connection:
            while not stop.is_set():
                swap(connection, *dice.sample(keys, 2))
                times += 1
        done.append(times)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_two_ranges_resume_each_where_it_was(sides: Sides) -> None:
    sides.add(600)
    sides.moves().prepare(GROUP)
    left = iter(range(7))

    def step(name: str) -> None:
        if name == "chunk committed" and next(left, None) is None:
            raise Killed(name)

    with pytest.raises(Killed):
        sides.moves(on_step=step).copy(GROUP)
    parts = sides.target.execute(
        "select part, copied from migration_ranges where tbl = %s order by part", (ADDONS,)
    ).fetchall()
    assert [part for part, _ in parts] == [0, 1]
    assert 0 < sum(copied for _, copied in parts) < 600
    sides.moves().copy(GROUP)
    assert sides.equal
    assert fence.copied(sides.target, ADDONS) == 600


def swapped_behind_a_batch(
    sides: Sides, kind: type[Carrier], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """Two rows change places, and the log comes one row at a time. The steps of it."""
    with_codes(sides)
    sides.add(20)
    sides.source.execute(f"update {ADDONS} set code = 'code ' || id")  # type: ignore[arg-type]
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    monkeypatch.setattr(carrying, "BATCH", 1)
    swap(sides.source, sides.key(3), sides.key(17))
    steps: list[str] = []
    carrier(sides, kind, steps.append).drain()
    return steps


def test_rows_that_change_places_are_untangled(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "untangled" in swapped_behind_a_batch(sides, Carrier, monkeypatch)
    assert sides.equal


def test_the_control_one_after_the_other_they_are_in_each_others_way(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        swapped_behind_a_batch(sides, Stubborn, monkeypatch)


def test_a_chunk_takes_the_place_of_a_row_that_has_moved(sides: Sides) -> None:
    sides.add(60)
    with_codes(sides)
    sides.moves().prepare(GROUP)
    steps: list[str] = []
    one = carrier(sides, on_step=steps.append)
    one.chunk()
    swap(sides.source, sides.key(2), sides.key(58))
    one.chunk()
    assert "untangled" in steps
    assert one.finished
    one.drain()
    assert sides.rows("supabase")[:60] == sides.rows("rds")[:60]


def test_rows_change_places_at_full_speed_while_they_are_copied(sides: Sides) -> None:
    sides.add(200)
    with_codes(sides)
    with swappers(sides, 1) as swapped:
        sides.moves().prepare(GROUP)
        sides.moves().copy(GROUP)
    assert sum(swapped)
    sides.moves().copy(GROUP)
    assert sides.equal
    assert all(one.equal and not one.waiting for one in sides.moves().verify(GROUP))


def slow_to_see(sides: Sides, kind: type[Carrier]) -> bool:
    """A process believes that nothing is copied yet, while another has copied everything. Whether
    a change since then survives what the first does with the log."""
    sides.add(20)
    sides.moves().prepare(GROUP)
    old = carrier(sides, kind)
    new = carrier(sides)
    finish(new)
    sides.rename(sides.key(3), "changed since")
    with suppress(Fenced):
        old.batch()
    new.drain()
    return sides.rows("supabase")[:20] == sides.rows("rds")[:20]


def test_who_does_not_know_how_far_a_copy_is_forgets_nothing(sides: Sides) -> None:
    assert slow_to_see(sides, Carrier)


def test_the_control_forgetting_without_the_fence_loses_a_change(sides: Sides) -> None:
    assert not slow_to_see(sides, Hasty)


def test_a_holder_that_was_frozen_is_ended(sides: Sides) -> None:
    sides.add(4)
    sides.moves().prepare(GROUP)
    one = carrier(sides, owner="worker")
    frozen = one._target  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(psycopg.OperationalError), transaction(frozen):
        fence.hold(frozen, one.claim)
        taken = fence.claim(sides.target, ADDONS, "command")
        assert taken.epoch == one.claim.epoch + 1
        frozen.execute("select 1")
    assert fence.owner_of(sides.target, ADDONS) == "command"
    assert fence.quiet_seconds(sides.target, [ADDONS]) < 30
    assert fence.quiet_seconds(sides.target, ["nothing"]) == float("inf")


def test_who_lost_a_table_does_not_take_it_back(sides: Sides) -> None:
    """The double ends the session of one that is in the middle of a chunk: that is no outage."""
    sides.add(200)
    sides.moves().prepare(GROUP)
    begun: list[bool] = []

    def double(step: str) -> None:
        if step == "chunk copied" and not begun:
            begun.append(True)
            sides.moves().copy(GROUP)

    with pytest.raises(Fenced):
        sides.moves(on_step=double).copy(GROUP)
    assert sides.equal


def test_who_carries_gives_a_sign_of_life(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "_BREATH_SECONDS", 0.0)
    sides.moves().prepare(GROUP)
    one = carrier(sides)
    sides.target.execute("update migration_ranges set updated_at = now() - interval '1 hour'")
    sides.target.execute("update migration_state set updated_at = now() - interval '1 hour'")
    assert fence.quiet_seconds(sides.target, [ADDONS]) > 3000
    one.batch()
    assert fence.quiet_seconds(sides.target, [ADDONS]) < 30
    carrier(sides)
    with pytest.raises(Fenced):
        one.batch()


def with_notes(sides: Sides, *, rows: int, note_bytes: int) -> None:
    """Rows whose values lie apart, as they are."""
    for side in (sides.source, sides.target):
        side.execute(f"alter table {ADDONS} add column note text")  # type: ignore[arg-type]
        side.execute(f"alter table {ADDONS} alter column note set storage external")  # type: ignore[arg-type]
    sides.source.execute(
        f"insert into {ADDONS} (package_id, name, price, note)"  # type: ignore[arg-type]
        " select gen_random_uuid(), 'large', 1, repeat('x', %s) from generate_series(1, %s)",
        (note_bytes, rows),
    )


@pytest.mark.timeout(1_800)
def test_large_rows_are_never_all_in_memory(sides: Sides, soak: bool) -> None:
    """Values of three megabytes: a table of a gigabyte by `--soak`, else twelve rows."""
    rows = 350 if soak else 12
    with_notes(sides, rows=rows, note_bytes=3_000_000)
    sides.moves().prepare(GROUP)
    process, most = psutil.Process(), 0
    before = process.memory_info().rss

    def measure(_step: str) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss - before)

    one = carrier(sides, on_step=measure)
    finish(one)
    # Nothing of the large value changes; all of it travels again.
    sides.source.execute(f"update {ADDONS} set price = price + 1")  # type: ignore[arg-type]
    one.drain()
    same = f"select id, price, md5(note) from {ADDONS} order by id"
    assert (
        sides.source.execute(same).fetchall()  # type: ignore[arg-type]
        == sides.target.execute(same).fetchall()  # type: ignore[arg-type]
    )
    assert most < 20 * 2**20, f"{rows * 3} MB of rows took {most / 2**20:.0f} MB"


def test_a_chunk_of_large_rows_has_fewer_of_them(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "_CHUNK_BYTES", 1_000_000)
    with_notes(sides, rows=4, note_bytes=400_000)
    sides.source.execute(f"analyze {ADDONS}")  # type: ignore[arg-type]
    sides.moves().prepare(GROUP)
    steps: list[Step] = []
    finish(carrier(sides, pace=steps.append))
    assert [one.rows for one in steps if one.what == "chunk"] == [2, 2, 0]


def test_the_pace_is_asked_between_steps(sides: Sides) -> None:
    sides.add(200)
    sides.moves().prepare(GROUP)
    told: list[Step] = []

    def pace(step: Step) -> None:
        told.append(step)
        if len(told) == 3:
            raise Stops

    with pytest.raises(Stops):
        sides.moves(pace=pace).copy(GROUP)
    assert {one.what for one in told} == {"chunk"}
    idle = sides.target.execute(
        "select count(*) from pg_stat_activity where state like 'idle in transaction%%'"
        " and datname = current_database()"
    ).fetchone()
    assert idle == (0,)
    sides.moves().copy(GROUP)
    assert sides.equal


def test_types_of_their_own_databases_travel_as_text(sides: Sides) -> None:
    for side in (sides.source, sides.target):
        # As many types before, so that the numbers differ.
        for n in range(3 if side is sides.target else 1):
            side.execute(f"create type filler_{n} as enum ('a')")  # type: ignore[arg-type]
        side.execute("create type pair as (unit addon_unit, n integer)")
        side.execute(f"alter table {ADDONS} add column units addon_unit[], add column two pair")  # type: ignore[arg-type]
        side.execute(f"alter table {ADDONS} add column mail citext")  # type: ignore[arg-type]
    sides.add(3)
    sides.source.execute(
        f"update {ADDONS} set units = '{{night,NULL,booking}}', two = '(night,3)', mail = 'A@b.c'"  # type: ignore[arg-type]
    )
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    assert sides.equal
    for deep in (False, True):
        assert all(one.equal for one in sides.moves().verify(GROUP, deep=deep))
    sides.plant(f"update {ADDONS} set mail = 'a@b.c' where id = %s", sides.key())
    assert sides.moves().verify(GROUP)[0].differing == 1


def test_only_some_rows_can_be_compared(sides: Sides) -> None:
    sides.add(20)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    good, wrong, waits = sides.key(1), sides.key(2), sides.key(3)
    sides.plant(f"delete from {ADDONS} where id = %s", wrong)
    sides.rename(waits, "later")
    ends = sides.ends()
    verifier = Verifier(ends, read_shape(ends.source, ADDONS))
    found = verifier.compare_keys([good])
    assert (found.rows, found.equal, found.waiting) == (1, True, 0)
    found = verifier.compare_keys([good, wrong, waits])
    assert [one.id for one in found.differences] == [str(wrong)]
    assert found.waiting_keys == [waits]
    assert "waiting_keys" not in found.as_json()


def test_children_may_arrive_before_their_parents_and_orphans_are_found(sides: Sides) -> None:
    ends = sides.ends()
    shape = read_shape(ends.target, CITIES)
    with transaction(sides.target):
        fence.begin(sides.target, "packages", shape)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        _city(sides.target)
    with transaction(sides.source):
        sides.source.execute("set local session_replication_role = 'replica'")
        _city(sides.source)
    finish(carrier(sides, table=CITIES))
    assert sides.target.execute(f"select count(*) from {CITIES}").fetchone() == (1,)  # type: ignore[arg-type]
    for side in (sides.source, sides.target):
        (told,) = orphans(side, [PACKAGES, CITIES])
        assert told.startswith(f"1 row of {CITIES} without a row of {PACKAGES} (")
        assert orphans(side, [CITIES]) == []


def _city(side: psycopg.Connection) -> None:
    side.execute(
        f"insert into {CITIES}"  # type: ignore[arg-type]
        " (package_id, position, city, country, latitude, longitude, timezone, nights)"
        " values (gen_random_uuid(), 1, 'Faro', 'PT', 37, -8, 'Europe/Lisbon', 2)"
    )


@pytest.mark.timeout(1_800)
def test_a_million_rows_with_writers_and_kills(sides: Sides, soak: bool) -> None:
    """Rows, kills and writers: 1,000,000 by `--soak`, else a small form of the same."""
    rows, chunks, often = (1_000_000, 50, 25) if soak else (300, 10, 8)
    sides.source.execute("set session_replication_role = 'replica'")
    sides.add(rows)
    sides.source.execute("set session_replication_role = 'origin'")
    sides.moves().prepare(GROUP)
    dice, kills = Random(5), 0

    def step(name: str) -> None:
        if name in {"chunk copied", "applying", "chunk committed"} and dice.random() < 1 / often:
            raise Killed(name)

    with writers(sides, 2) as committed:
        for _ in range(40):
            try:
                sides.moves(on_step=step, chunk_rows=rows // chunks).copy(GROUP)
                break
            except Killed:
                kills += 1
    assert kills
    assert sum(committed)
    sides.moves().copy(GROUP)
    assert sides.equal
