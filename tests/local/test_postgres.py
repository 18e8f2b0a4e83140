"""The embedded Postgres: two databases, separate roles, and no trace after any kind of end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ecosystem.local.postgres import (
    EXTENSIONS,
    RDS_DATABASE,
    RDS_ROLE,
    ROLES,
    SUPABASE_DATABASE,
    SUPABASE_ROLE,
    EmbeddedPostgres,
    PostgresFailed,
    new_passwords,
)
from ecosystem.local.postgres_place import forget_place
from ecosystem.local.processes import FolderInUse

PASSWORDS: dict[str, str] = dict.fromkeys(ROLES, "a fixed / password?")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres.temporary()
    embedded.start()
    yield embedded
    embedded.destroy()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose cluster is deleted wherever it had to be put."""
    yield tmp_path / "cluster"
    forget_place(tmp_path / "cluster")


def test_each_role_owns_its_database_and_cannot_enter_the_other(server: EmbeddedPostgres) -> None:
    for database, owner, stranger in (
        (RDS_DATABASE, RDS_ROLE, SUPABASE_ROLE),
        (SUPABASE_DATABASE, SUPABASE_ROLE, RDS_ROLE),
    ):
        with psycopg.connect(server.url(database, owner)) as connection:
            connection.execute("CREATE TABLE mine (id int)")
            connection.rollback()
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(server.url(database, stranger))


def test_extensions_are_ready_in_both_and_in_new_databases(server: EmbeddedPostgres) -> None:
    server.create_database("extensions_too")
    for database, role in (
        (RDS_DATABASE, RDS_ROLE),
        (SUPABASE_DATABASE, SUPABASE_ROLE),
        ("extensions_too", RDS_ROLE),
    ):
        with psycopg.connect(server.url(database, role)) as connection:
            names = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
            assert set(EXTENSIONS) <= names
            row = connection.execute("SELECT unaccent('Málaga'), 'A'::citext = 'a'").fetchone()
            assert row == ("Malaga", True)
    server.drop_database("extensions_too")


@pytest.mark.parametrize(
    ("database", "role"), [(RDS_DATABASE, RDS_ROLE), (SUPABASE_DATABASE, SUPABASE_ROLE)]
)
def test_each_role_may_keep_triggers_silent_while_it_copies_rows(
    server: EmbeddedPostgres, database: str, role: str
) -> None:
    with psycopg.connect(server.url(database, role)) as connection:
        connection.execute("SET LOCAL session_replication_role = 'replica'")
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", (role,))
        assert row.fetchone() == (False,)


def test_the_role_of_supabase_bypasses_policies_and_may_create_roles(
    server: EmbeddedPostgres,
) -> None:
    with psycopg.connect(server.url(SUPABASE_DATABASE, SUPABASE_ROLE)) as connection:
        row = connection.execute(
            "SELECT rolbypassrls, rolcreaterole, rolsuper FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert row == (True, True, False)


def test_a_clone_has_the_templates_rows(server: EmbeddedPostgres) -> None:
    server.create_database("original")
    with psycopg.connect(server.url("original")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server.create_database("copy", template="original")
    with psycopg.connect(server.url("copy")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    server.drop_database("copy")
    server.drop_database("original")


def test_listens_on_this_machine_only(server: EmbeddedPostgres) -> None:
    listening = {
        connection.laddr
        for connection in psutil.Process(server.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", server.port)}


def test_keeps_its_rows_over_a_stop_and_refuses_another_password(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS) as first:
        with psycopg.connect(first.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    with EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS) as second:
        with psycopg.connect(second.url()) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
    with pytest.raises(PostgresFailed, match="another password"):
        EmbeddedPostgres(folder, durable=False, passwords=new_passwords()).start()


def test_two_servers_on_one_folder_are_refused(folder: Path) -> None:
    with (
        EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS),
        pytest.raises(FolderInUse),
    ):
        EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS).start()


_PARENT = """
import sys, time
from pathlib import Path
import psycopg
from ecosystem.local.postgres import ROLES, EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]), passwords=dict.fromkeys(ROLES, sys.argv[2]))
server.start()
with psycopg.connect(server.url()) as connection:
    connection.execute("create table kept as select 1 as number")
print(server.process.pid, flush=True)
time.sleep(60)
"""


def test_no_server_outlives_a_killed_parent_and_what_was_committed_is_there(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, folder, PASSWORDS[RDS_ROLE]],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    server.wait(10)
    with EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS) as again:
        with psycopg.connect(again.url()) as connection:
            assert connection.execute("select number from kept").fetchone() == (1,)


def test_recovers_after_the_server_itself_was_killed(folder: Path) -> None:
    server = EmbeddedPostgres(folder, passwords=PASSWORDS)
    server.start()
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    os.kill(server.process.pid, signal.SIGKILL)
    _wait_for_the_end(server)
    server.stop()
    with EmbeddedPostgres(folder, passwords=PASSWORDS) as again:
        with psycopg.connect(again.url()) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_left_over_pid_file_that_names_another_program_is_no_obstacle(folder: Path) -> None:
    with EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS) as server:
        with psycopg.connect(server.superuser_url()) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    record = Path(row[0]) / "postmaster.pid"
    record.write_text(f"{os.getpid()}\n{row[0]}\n", encoding="utf-8")
    with EmbeddedPostgres(folder, durable=False, passwords=PASSWORDS) as again:
        assert psycopg.connect(again.url()).close() is None


def _wait_for_the_end(server: EmbeddedPostgres) -> None:
    deadline = time.monotonic() + 10
    while server.process.running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "SIGKILL" in server.process.failure()
