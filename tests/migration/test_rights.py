"""A role that may too little is told what it lacks, before anything has begun."""

import re
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from ecosystem.database.engines import Address
from ecosystem.migration.moves import Moves
from ecosystem.migration.plan import Refused
from tests.migration.roles import another_role
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.test_command import environment, told

assert environment

SILENT = "grant set on parameter {silence} to {role}"


def logged(side: psycopg.Connection[Any]) -> bool:
    row = side.execute("select exists (select from pg_trigger where tgname = 'migration_insert')")
    return row.fetchone() == (True,)


def test_who_is_above_policies_and_owns_nothing_is_told_so_at_once(
    sides: Sides, postgres: dict[str, str]
) -> None:
    supabase = sides.addresses["supabase"]
    with another_role(supabase, postgres, "bypassrls", SILENT) as role:
        wanted = f"our role {role.user} in Supabase does not own {ADDONS}, {supabase.user} does:"
        with pytest.raises(Refused, match=wanted) as met:
            Moves(role, sides.addresses["rds"]).prepare(GROUP)
        assert f"`grant {supabase.user} to {role.user}`" in str(met.value)
    assert not logged(sides.source)


@pytest.mark.parametrize("side", ["supabase", "rds"])
def test_who_runs_what_is_named_can_move_everything(
    sides: Sides, postgres: dict[str, str], side: str
) -> None:
    sides.add(8)
    superuser = Address.from_url(postgres["superuser"])
    database = sides.addresses[side]
    with (
        another_role(database, postgres, "bypassrls" if side == "supabase" else "") as role,
        psycopg.connect(
            replace(superuser, database=database.database).libpq, autocommit=True
        ) as mends,
    ):
        addresses = {**sides.addresses, side: role}
        moves = Moves(addresses["supabase"], addresses["rds"])
        ran: list[str] = []
        while True:
            try:
                moves.prepare(GROUP)
                break
            except Refused as refused:
                named = re.search("`(grant .*)`", str(refused))
                assert named, refused
                assert named[1] not in ran
                ran.append(named[1])
                mends.execute(named[1].encode())
        assert 2 <= len(ran) <= 4
        moves.copy(GROUP)
        moves.switch(GROUP)
        moves.rollback(GROUP)
        moves.switch(GROUP)
        moves.retire(GROUP)
        assert sides.equal


def test_a_right_that_goes_later_is_named_and_no_command_shows_its_inside(
    sides: Sides, postgres: dict[str, str], environment: dict[str, str]
) -> None:
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    for right in ("migration_gates", "migration_changes"):
        with another_role(
            sides.addresses["supabase"],
            postgres,
            "bypassrls",
            SILENT,
            f"revoke all on {right} from {{role}}",
        ) as role:
            weaker = {**environment, "SUPABASE_DB_URL": role.libpq}
            for words in (["status"], ["copy", GROUP], ["switch", GROUP]):
                code, said = told(weaker, *words)
                assert code == 1, (right, words, said)
                last = said.splitlines()[-1]
                assert "Traceback" not in said
                assert last.startswith("ecosystem: ")
                assert f"permission denied for table {right}" in last
