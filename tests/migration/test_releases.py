"""A release fills a column of a table that moves: where it is written, and it arrives in the copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ecosystem.database import upgrade
from ecosystem.database.engines import rds_engine
from ecosystem.migration.plan import Refused
from tests.migration.sides import ADDONS, GROUP, Sides
from tests.migration.whereabouts import in_sync

COLUMN = f"alter table public.{ADDONS} add column label text;"
FILL = f"update public.{ADDONS} set label = upper(name);"
ASKED = "do $$ begin if public.migration_open('package_extras') then " + FILL + " end if; end $$;"
REVISION = '''
from alembic import op
revision = "9000"
down_revision = "{head}"
def upgrade():
    op.get_bind().exec_driver_sql("""{sql}""", execution_options={{"no_parameters": True}})
'''


class Release:
    """The migrations of both databases, with one more each."""

    def __init__(self, folder: Path, engine: Engine, sides: Sides) -> None:
        self._folder = folder
        self._engine = engine
        self._sides = sides

    def run(self, sql: str) -> None:
        versions = self._folder / "rds" / "versions"
        head = max(path.name[:4] for path in versions.glob("0*.py"))
        (versions / "9000_fill.py").write_text(REVISION.format(head=head, sql=sql))
        (self._folder / "supabase" / "29990101000000_fill.sql").write_text(sql)
        upgrade.upgrade_rds(self._engine)
        upgrade.upgrade_supabase(self._sides.addresses["supabase"].libpq)


@pytest.fixture
def release(sides: Sides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    for name, constant in (("rds", "RDS_MIGRATIONS"), ("supabase", "SUPABASE_MIGRATIONS")):
        shutil.copytree(getattr(upgrade, constant), tmp_path / name)
        monkeypatch.setattr(upgrade, constant, tmp_path / name)
    engine = rds_engine(sides.addresses["rds"], pool_size=1)
    yield Release(tmp_path, engine, sides)
    engine.dispose()


def labels(sides: Sides) -> list[set[str | None]]:
    return [
        {row[0] for row in side.execute(f"select label from {ADDONS}")}  # type: ignore[arg-type]
        for side in (sides.source, sides.target)
    ]


def test_while_supabase_is_written(sides: Sides, release: Release) -> None:
    in_sync(sides)
    release.run(COLUMN + ASKED)
    filled, empty = labels(sides)
    assert (len(filled), empty) == (40, {None})
    with pytest.raises(Refused, match="have changed since it was prepared"):
        sides.moves().switch(GROUP)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    sides.moves().switch(GROUP)
    assert labels(sides) == [filled, filled]


def test_while_rds_is_written(sides: Sides, release: Release) -> None:
    in_sync(sides)
    sides.moves().switch(GROUP)
    release.run(COLUMN + ASKED)
    empty, filled = labels(sides)
    assert (len(filled), empty) == (40, {None})
    sides.moves().prepare(GROUP)
    sides.moves().rollback(GROUP)
    assert labels(sides) == [filled, filled]


def test_before_anything_moves(sides: Sides, release: Release) -> None:
    sides.add(40)
    release.run(COLUMN + ASKED)
    sides.moves().prepare(GROUP)
    sides.moves().copy(GROUP)
    filled, same = labels(sides)
    assert len(filled) == 40
    assert filled == same


@pytest.mark.parametrize("side", ["RDS", "Supabase"])
def test_who_does_not_ask_is_told_what_to_do(sides: Sides, release: Release, side: str) -> None:
    in_sync(sides)
    if side == "Supabase":
        sides.moves().switch(GROUP)
    with pytest.raises(upgrade.Closed) as met:
        release.run(COLUMN + FILL)
    said = str(met.value)
    assert f"of {side}" in said or "of RDS after 00" in said
    assert f"{ADDONS} is not written in this database any more" in said
    assert "if public.migration_open('GROUP') then" in said
    assert len(said.splitlines()) == 1
    with pytest.raises(Exception, match='column "label" does not exist'):
        (sides.target if side == "RDS" else sides.source).execute(f"select label from {ADDONS}")  # type: ignore[arg-type]
    release.run(COLUMN + ASKED)
