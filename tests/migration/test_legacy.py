"""The old application: what it saves is saved, and what it may not save it is told in words."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from ecosystem.local.legacy import LegacyApplication
from ecosystem.migration import gates
from ecosystem.migration.plan import TABLES
from tests.migration.sides import ADDONS, EXCLUSIONS, GROUP, Sides

PACKAGES = "multi_city_hotel_packages"


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
    ends = packages.ends()
    token, _ = gates.close(ends.source, GROUP, TABLES[GROUP], 1)
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            gates.reopen(ends.source, GROUP, token)

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
    packages.moves().prepare(GROUP)
    packages.moves().copy(GROUP)
    packages.moves().switch(GROUP)
    for _ in range(60):
        desk.edit()
    words = "is not written in this database any more. Connect to RDS and write there."
    assert sorted(line for line in told if line.startswith("refused")) == [
        f"refused: exclusion: {EXCLUSIONS} {words}",
        f"refused: extra taken off: {ADDONS} {words}",
        f"refused: extra: {ADDONS} {words}",
        f"refused: package with extras: {ADDONS} {words}",
    ]
    assert desk.saved["price"]
    assert not desk.saved["extra"]
    assert " refused (" in desk.summary()
    # The package that was to be saved with its extras is as it was.
    versions = "select id, updated_at from multi_city_hotel_packages order by id"
    desk._edits = {"package with extras": desk._whole}
    before = packages.source.execute(versions).fetchall()
    assert not desk.edit()
    assert packages.source.execute(versions).fetchall() == before
    packages.moves().rollback(GROUP)
    assert desk.edit()
    assert "package with extras can be edited here again" in told


def test_nobody_waits_for_its_next_change_to_end_it(desk: LegacyApplication) -> None:
    asked = iter((False, True, True))
    desk.work(lambda: next(asked), float("inf"))
    assert list(asked) == []


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
