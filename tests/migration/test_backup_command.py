"""``ecosystem migrate backup`` and ``restore`` as somebody types them."""

import pytest
from typer.testing import CliRunner

from ecosystem import settings
from ecosystem.cli import app
from ecosystem.wiring import vendors
from tests.memory_files import MemoryFiles
from tests.migration.sides import ADDONS, EXCLUSIONS, GROUP, Sides


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> MemoryFiles:
    """What stands for the bucket, under every command."""
    memory = MemoryFiles()
    monkeypatch.setattr(vendors, "S3", lambda *_: memory)
    return memory


@pytest.fixture
def environment(sides: Sides) -> dict[str, str]:
    rds = sides.addresses["rds"]
    return {
        "AWS_RDS_HOST": rds.host,
        "AWS_RDS_PORT": str(rds.port),
        "AWS_RDS_DATABASE": rds.database,
        "AWS_RDS_USER": rds.user,
        "AWS_RDS_PASSWORD": rds.password,
        "SUPABASE_DB_URL": sides.addresses["supabase"].libpq,
        "S3_BUCKET_NAME": "bucket",
    }


def told(environment: dict[str, str], *words: str) -> tuple[int, str]:
    settings.load.cache_clear()
    done = CliRunner().invoke(app, ["migrate", *words], env=environment, catch_exceptions=False)
    return done.exit_code, done.output


def test_a_table_and_a_group_are_backed_up_and_restored(
    sides: Sides, files: MemoryFiles, environment: dict[str, str]
) -> None:
    sides.add(40)
    code, said = told(environment, "backup", ADDONS)
    assert (code, said[: len(ADDONS) + 12]) == (0, f"{ADDONS}: 40 rows of")
    code, said = told(environment, "backup", GROUP)
    name = said.rsplit(maxsplit=1)[-1]
    assert (code, name.startswith("package_extras-supabase-")) == (0, True)
    # Somewhere else: a database whose tables have been lost.
    for table in (EXCLUSIONS, ADDONS):
        sides.target.execute(f"drop table {table}")  # type: ignore[arg-type]
    into = sides.addresses["rds"].libpq
    code, said = told(environment, "restore", name, "--into", into)
    assert (code, "already exists" in said) == (1, True)
    sides.target.execute("drop type addon_unit")
    code, said = told(environment, "restore", name, "--into", into)
    assert code == 0
    assert said.splitlines() == [
        f"{ADDONS}: 40 rows restored, equal to the backup",
        f"{EXCLUSIONS}: 10 rows restored, equal to the backup",
    ]
    assert sides.equal


def test_what_is_refused_and_what_is_wrongly_called(
    files: MemoryFiles, environment: dict[str, str]
) -> None:
    code, said = told(environment, "backup", "bookings")
    assert code == 1
    assert said.startswith("ecosystem: bookings is neither a group nor a table that moves")
    files.down = True
    code, said = told(environment, "backup", GROUP)
    assert (code, "can't be kept or read now" in said) == (1, True)
    code, said = told(environment | {"S3_BUCKET_NAME": ""}, "backup", GROUP)
    assert (code, "S3_BUCKET_NAME is not set" in said) == (1, True)
    assert told(environment, "backup")[0] == 2
    assert told(environment, "restore", "x")[0] == 2
