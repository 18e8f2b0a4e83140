"""``ecosystem import`` as somebody types it, on a stack that runs."""

import secrets
import subprocess
from pathlib import Path

from typer.testing import CliRunner

from ecosystem import settings
from ecosystem.cli import app
from tests.live import ECOSYSTEM, Live

HEADER = "slug,title,currency,price,city_1,country_1,nights_1\n"


def told(live: Live, *words: str) -> tuple[int, str, str]:
    """Exit code, what it printed, and what it said beside that."""
    ran = subprocess.run(
        [ECOSYSTEM, "import", *words],
        env=live.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    return ran.returncode, ran.stdout, ran.stderr


def here(live: Live, *words: str) -> tuple[int, str, str]:
    """The same in this process, which has loaded the product already."""
    settings.load.cache_clear()
    done = CliRunner().invoke(app, ["import", *words], env=dict(live.environment))
    settings.load.cache_clear()
    return done.exit_code, done.stdout, done.stderr


def test_a_file_is_looked_at_carried_out_and_found_the_same(live: Live, tmp_path: Path) -> None:
    operator = live.get("/api/packages", limit="1")["items"][0]["operator"]["slug"]
    slug = f"by-command-{secrets.token_hex(4)}"
    file = tmp_path / "trips.csv"
    file.write_text(
        f"{HEADER}{slug},By command,EUR,1299.50,Seville,ES,3\n{slug}-2,X,EUR,1,Atlantis,GR,3\n"
    )
    code, printed, _ = told(live, "packages", str(file), "--operator", operator, "--dry-run")
    assert code == 1, "a record is wrong"
    assert "     2  create  By command" in printed
    assert "     3  wrong   X" in printed
    assert "We don't know Atlantis in GR." in printed
    assert printed.endswith("2 records: create 1, wrong 1\n")

    file.write_text(f"{HEADER}{slug},By command,EUR,1299.50,Seville,ES,3\n")
    words = ("packages", str(file), "--operator", operator)
    assert here(live, *words)[:2] == (0, "     2  done    By command\n1 record: done 1\n")
    assert here(live, *words)[:2] == (0, "     2  same    By command\n1 record: same 1\n")


def test_what_is_not_there_is_said_in_one_line(live: Live, tmp_path: Path) -> None:
    file = tmp_path / "trips.json"
    file.write_text('{"packages": []}')
    code, printed, said = here(live, "packages", str(file), "--operator", "no-such-operator")
    assert (code, printed) == (1, "")
    assert said.startswith("ecosystem: ")
    assert said.count("\n") == 1
