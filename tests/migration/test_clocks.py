"""The clock of a database is set back while a gate is closed."""

import re
import threading
import time
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS
from ecosystem.database.unit_of_work import Database
from ecosystem.migration import gates
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.whereabouts import in_sync, somebody_waits, takes


def closed(sides: Sides, *, back: str) -> UUID:
    """A closing just before the clock was set back."""
    in_sync(sides)
    token, _ = gates.close(sides.source, GROUP, (ADDONS,), 1)
    set_back(sides, back)
    return token


def set_back(sides: Sides, back: str) -> None:
    sides.source.execute(
        "update migration_gates set closed_at = closed_at + %(back)s::interval,"
        " closed_until = closed_until + %(back)s::interval where move_group = 'package_extras'",
        {"back": back},
    )


def test_nobody_is_kept_out_until_the_clock_comes_round(sides: Sides, database: Database) -> None:
    token = closed(sides, back="0 s")
    assert not takes(sides.source)
    set_back(sides, "1 hour")
    assert not gates.look(sides.source, GROUP).closed
    assert not gates.make_final(sides.source, GROUP, token, 2)
    with database.unit(PACKAGE_EXTRAS) as session:
        session.execute(text(f"update {ADDONS} set price = 1"))
    # The hour that is to come finds it open, too.
    set_back(sides, "-1 hour")
    assert takes(sides.source)
    assert not gates.make_final(sides.source, GROUP, token, 2)
    sides.moves().switch(GROUP)


def test_the_next_closing_does_not_wait_for_it(sides: Sides) -> None:
    closed(sides, back="1 hour")
    sides.moves().switch(GROUP)
    assert gates.look(sides.source, GROUP).final


def test_what_it_left_is_tidied_away(sides: Sides) -> None:
    closed(sides, back="1 hour")
    assert gates.rest(sides.source, GROUP, (ADDONS,))
    assert gates.look(sides.source, GROUP).since_ms is None


def decided_around_a_writer(sides: Sides) -> bool:
    """Somebody writes before the clock comes round to the closing, which is decided then.

    Whether it was, although a change is in the log that nobody has carried.
    """
    token = closed(sides, back="2 seconds")
    decided: list[bool] = []
    with sides.another() as writer:
        writer.execute(f"update {ADDONS} set price = 7")  # type: ignore[arg-type]
        time.sleep(2.2)
        ends = sides.ends()
        deciding = threading.Thread(
            target=lambda: decided.append(gates.make_final(ends.source, GROUP, token, 2))
        )
        deciding.start()
        while deciding.is_alive() and not somebody_waits(sides.source):
            time.sleep(0.01)
        writer.commit()
        deciding.join()
    return decided == [True]


def test_who_wrote_before_it_came_round_has_ended_the_closing(sides: Sides) -> None:
    assert not decided_around_a_writer(sides)


def test_the_control_who_only_waits_is_passed_over(sides: Sides) -> None:
    row = sides.source.execute(
        "select pg_get_functiondef('public.migration_moved()'::regprocedure)"
    ).fetchone()
    assert row
    weaker, changes = re.subn(r"update public.migration_gates .*?;", "", row[0], flags=re.DOTALL)
    assert changes == 1
    sides.source.execute(weaker.encode())
    assert decided_around_a_writer(sides)


@pytest.mark.parametrize("side", ["supabase", "rds"])
def test_both_databases_have_it(sides: Sides, side: str) -> None:
    connection = sides.source if side == "supabase" else sides.target
    connection.execute(
        "update migration_gates set closed_at = clock_timestamp() + interval '1 hour',"
        " closed_until = clock_timestamp() + interval '1 hour 5 s'"
    )
    assert connection.execute("select migration_open(%s)", (GROUP,)).fetchone() == (True,)
    assert gates.look(connection, GROUP).since_ms is None
