"""What keeps a group where it is, and what they are told who are kept out."""

from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.errors import Unavailable
from ecosystem.migration import gates
from ecosystem.migration.plan import Refused
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.whereabouts import in_sync, where_it_is_written

ADD = f"insert into {ADDONS} (id, package_id, name, price) values (:id, :id, :name, 1)"


def test_a_snapshot_from_before_the_switch_does_not_help_a_writer(sides: Sides) -> None:
    in_sync(sides)
    with sides.another() as old:
        old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        old.execute("select 1 from pg_class limit 1")
        sides.moves().switch(GROUP)
        with pytest.raises(psycopg.Error) as met:
            old.execute(f"update {ADDONS} set price = 3")  # type: ignore[arg-type]
        assert met.value.sqlstate in ("MG001", "40001")


def test_what_a_legacy_writer_is_told(sides: Sides) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    for statement in (
        f"insert into {ADDONS} (package_id, name, price) values (gen_random_uuid(), 'x', 1)",
        f"update {ADDONS} set price = 1",
        f"delete from {ADDONS}",
        f"truncate {ADDONS}",
    ):
        with pytest.raises(psycopg.Error, match="is not written in this database") as met:
            sides.source.execute(statement)  # type: ignore[arg-type]
        assert met.value.sqlstate == "MG001"
        assert met.value.diag.message_detail == (
            "The tables of package_extras have moved to RDS. Nothing was changed here."
        )
    sides.moves().rollback(GROUP)
    with pytest.raises(psycopg.Error) as met:
        sides.target.execute(f"delete from {ADDONS}")  # type: ignore[arg-type]
    assert met.value.diag.message_hint == "Connect to Supabase and write there."


def test_a_long_transaction_is_not_waited_for_for_ever(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr(gates, "_PATIENCE_SECONDS", 0.6)
    with sides.another() as slow:
        slow.execute(f"update {ADDONS} set price = 9 where id = %s", (sides.key(),))  # type: ignore[arg-type]
        with pytest.raises(Refused, match="a long transaction"):
            sides.moves().switch(GROUP)
        slow.commit()
    assert where_it_is_written(sides) == ["supabase"]
    sides.moves().switch(GROUP)


def test_a_row_that_differs_keeps_the_group_where_it_is(sides: Sides) -> None:
    in_sync(sides)
    wrong = sides.key(7)
    with sides.target.transaction():
        sides.target.execute("set local migration.origin = 'applier'")
        sides.target.execute(f"delete from {ADDONS} where id = %s", (wrong,))  # type: ignore[arg-type]
    with pytest.raises(Refused, match=f"{wrong} missing in RDS"):
        sides.moves().switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]
    last = next(one.last_verify for one in sides.moves().status() if one.table == ADDONS)
    assert last
    assert last["differing"] == 1


def test_a_row_that_differs_only_since_it_was_compared_is_seen_as_well(sides: Sides) -> None:
    """The look at the gate: the row came by after everything had been compared."""
    in_sync(sides)
    wrong = sides.key(7)

    def spoil(step: str) -> None:
        if step == "verified":
            sides.rename(wrong, "later")
        elif step == "drained":
            with sides.target.transaction():
                sides.target.execute("set local migration.origin = 'applier'")
                sides.target.execute(
                    f"update {ADDONS} set name = 'spoiled' where id = %s",  # type: ignore[arg-type]
                    (wrong,),
                )

    with pytest.raises(Refused, match=f"{wrong} different in RDS"):
        sides.moves(on_step=spoil).switch(GROUP)
    assert where_it_is_written(sides) == ["supabase"]


def test_a_unit_of_work_waits_and_gives_up_in_the_end(
    sides: Sides, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_sync(sides)
    monkeypatch.setattr("ecosystem.database.unit_of_work._PATIENCE_SECONDS", 0.1)
    ends = sides.ends()
    token, _ = gates.close(ends.source, GROUP, (ADDONS,), 1)
    with pytest.raises(Unavailable) as met, database.unit(PACKAGE_EXTRAS):
        pytest.fail("the gate is closed")
    assert met.value.code == "being_moved"
    gates.reopen(ends.source, GROUP, token)
    with database.unit(PACKAGE_EXTRAS) as session:
        assert session.execute(text(f"select count(*) from {ADDONS}")).scalar() == 40


def test_product_code_that_meets_the_trigger_is_told_that_nothing_was_changed(
    sides: Sides, database: Database
) -> None:
    """It can't by chance; a unit that was let in by mistake is refused all the same."""
    in_sync(sides)
    sides.source.execute("update migration_gates set final = true where move_group = %s", (GROUP,))
    sides.source.execute(f"alter table {ADDONS} enable always trigger migration_moved")  # type: ignore[arg-type]
    sides.source.execute(
        "create or replace function migration_open(asked text) returns boolean language sql as 'select true'"
    )
    with pytest.raises(Unavailable) as met, database.unit(PACKAGE_EXTRAS) as session:
        session.execute(text(ADD), {"id": uuid4(), "name": "x"})
    assert met.value.code == "being_moved"
