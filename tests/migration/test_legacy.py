"""The old application: what it saves is saved, and what it may not save it is told in words."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from ecosystem.local.legacy import LegacyApplication
from tests.migration.sides import ADDONS, EXCLUSIONS, Sides

PACKAGES = "multi_city_hotel_packages"

_FENCE = f"""
create function fence() returns trigger language plpgsql as $$ begin
  raise exception '% is written in RDS now', tg_table_name
    using errcode = 'MG001', hint = 'Ask there.';
end $$;
create trigger fence before insert or update or delete on {ADDONS}
  for each statement execute function fence();
"""
_OPEN = f"drop trigger fence on {ADDONS}; drop function fence()"


@pytest.fixture
def packages(sides: Sides) -> Sides:
    """Some packages with extras."""
    sides.source.execute(
        f"insert into {PACKAGES} (operator_id, slug, title, currency, base_price)"  # type: ignore[arg-type]
        " select gen_random_uuid(), 'trip-' || n, 'Trip ' || n, 'EUR', 100 * n"
        " from generate_series(1, 20) n"
    )
    for table, columns, values in (
        (ADDONS, "name, price", "'Lunch', 20"),
        (EXCLUSIONS, "text", "'Visa'"),
    ):
        sides.source.execute(
            f"insert into {table} (package_id, {columns}) select id, {values} from {PACKAGES}"  # type: ignore[arg-type]
        )
    return sides


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def desk(packages: Sides, told: list[str]) -> Iterator[LegacyApplication]:
    one = LegacyApplication(packages.addresses["supabase"].libpq, seed=1, say=told.append)
    yield one
    one.close()


def test_it_edits_packages(packages: Sides, desk: LegacyApplication, told: list[str]) -> None:
    before = packages.rows("supabase")
    done = [desk.edit() for _ in range(60)]
    assert sum(done) == sum(desk.saved.values()) == len(told)
    assert {"price", "extra", "extra taken off", "exclusion", "package with extras"} <= set(
        desk.saved
    )
    assert packages.rows("supabase") != before
    assert not desk.refused


def test_a_moment_in_which_it_is_refused_costs_it_nothing(
    packages: Sides, desk: LegacyApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.source.execute(_FENCE)  # type: ignore[arg-type]
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            packages.source.execute(_OPEN)  # type: ignore[arg-type]

    monkeypatch.setattr("ecosystem.local.legacy.time.sleep", wait)
    for _ in range(30):
        desk.edit()
    assert len(waited) == 3
    assert not desk.refused


def test_it_is_told_once_where_a_table_has_gone_and_when_it_is_back(
    packages: Sides,
    desk: LegacyApplication,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ecosystem.local.legacy._PATIENCE", 0.1)
    packages.source.execute(_FENCE)  # type: ignore[arg-type]
    versions = "select id, updated_at from multi_city_hotel_packages order by id"
    for _ in range(60):
        desk.edit()
    words = f"{ADDONS} is written in RDS now Ask there."
    assert sorted(line for line in told if line.startswith("refused")) == [
        f"refused: extra taken off: {words}",
        f"refused: extra: {words}",
        f"refused: package with extras: {words}",
    ]
    assert desk.saved["price"]
    assert not desk.saved["extra"]
    assert "refused (extra" in desk.summary() or "refused (package" in desk.summary()
    # The package that was to be saved with its extras is as it was.
    desk._edits = {"package with extras": desk._whole}
    before = packages.source.execute(versions).fetchall()
    assert not desk.edit()
    assert packages.source.execute(versions).fetchall() == before
    packages.source.execute(_OPEN)  # type: ignore[arg-type]
    assert desk.edit()
    assert "package with extras can be edited here again" in told


def test_the_command(packages: Sides) -> None:
    rds = packages.addresses["rds"]
    done = subprocess.run(
        [sys.executable, "-m", "ecosystem.cli", "legacy", "--pause", "0", "--seconds", "0.5"],
        env={"AWS_RDS_HOST": rds.host, "SUPABASE_DB_URL": packages.addresses["supabase"].libpq},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == f"{len(lines) - 2:,} changes saved"
    assert sum(line.startswith("saved: ") for line in lines) == len(lines) - 2 > 0
