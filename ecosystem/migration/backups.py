"""Backups of moving tables: what they are and what is in them, in files anybody can read.

A backup is one snapshot of its tables in the database that has authority over them. ``psql`` and
``gunzip`` are enough to restore it (``backup_files`` says what lies where). It is read back
before it counts as taken.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row, dict_row

from ecosystem.database.engines import Address
from ecosystem.database.placement import RDS, SUPABASE
from ecosystem.migration import plan
from ecosystem.migration.answers import in_words
from ecosystem.migration.backup_files import (
    MANIFEST,
    BackupFiles,
    explained,
    listed,
    names,
    parts,
    sha256,
    total,
)
from ecosystem.migration.capture import sees_every_row
from ecosystem.migration.definition import Definition, define
from ecosystem.migration.ends import WORDS, connect, transaction
from ecosystem.migration.plan import TABLES, Connection, Refused, Who
from ecosystem.migration.restoring import restore
from ecosystem.services.ports import Files

KEPT_DAYS: Final = 30
"""As the bucket's lifecycle has it (``aws/infrastructure/ecosystem.yaml``, ``backups/``)."""

FRESH: Final = timedelta(hours=1)
PART_BYTES: Final = 32 * 1024 * 1024
"""Rows of a part before they are compressed. A part is held in memory, compressed."""

_HOURS = "4h"
_HEADER = "set search_path = '';\nset check_function_bodies = off;\n"


COMMAND_LINE: Final = Who()


class Snapshots(Protocol):
    """Snapshots of the whole RDS instance."""

    def begin(self, name: str) -> str:
        """Begin one; returns its identifier. Raises ``Unavailable``."""
        ...

    def forget(self, before: datetime) -> int:
        """Delete those that :meth:`begin` began before this moment; returns how many.
        Raises ``Unavailable``."""
        ...


@dataclass(frozen=True)
class Kept:
    """A backup that lies in the bucket.

    Attributes:
        database: which one it is of: the one that had authority.
        bytes: of all files.
        snapshot: identifier of the RDS snapshot begun with it, or empty.
        taken_by: who asked for it.
    """

    id: str
    move_group: str
    tables: list[str]
    database: str
    taken_at: datetime
    rows: int
    bytes: int
    manifest_sha256: str
    snapshot: str
    taken_by: str


class Backups:
    """Takes, finds and restores backups.

    Args:
        files: the bucket.
        snapshots: of the RDS instance, where there is one.
        say: told a line about what goes on, for a person.
        who: who asks, for the record.
        part_bytes: see :data:`PART_BYTES`.
    """

    def __init__(
        self,
        supabase: Address,
        rds: Address,
        files: Files,
        *,
        snapshots: Snapshots | None = None,
        say: Callable[[str], None] = lambda _line: None,
        who: Who = COMMAND_LINE,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._addresses = {SUPABASE: supabase, RDS: rds}
        self._files = BackupFiles(files)
        self._snapshots = snapshots
        self._say = say
        self._who = who
        self._part_bytes = part_bytes

    def keep(self, group: str) -> Kept:
        """Make sure that there is a backup of the last hour of all tables of a group, as the
        database with authority has them; asked before authority moves or the way back goes.

        Raises:
            Refused: none could be taken; the message says why.
        """
        with explained(), self._connected(RDS) as rds:
            authority = plan.group_row(rds, group).authority
            for one in _known(rds, group, FRESH):
                fits = one.database == authority and set(one.tables) == set(TABLES[group])
                if fits and self._files.is_there(one.id):
                    self._say(f"{group}: the backup of {one.taken_at:%H:%M} UTC is used: {one.id}")
                    return one
        self.forget_old()
        return self._take(group, TABLES[group], snapshot=True)

    def take(self, subject: str) -> Kept:
        """Back up one table, or all tables of a group.

        Raises:
            Refused: it can't be done, or files can't be kept; the message says why.
        """
        for group, tables in TABLES.items():
            if subject == group:
                return self._take(group, tables)
            if subject in tables:
                return self._take(group, (subject,))
        raise Refused(
            f"{subject} is neither a group nor a table that moves: "
            + ", ".join([*TABLES, *(one for tables in TABLES.values() for one in tables)])
        )

    def known(self, group: str = "") -> list[Kept]:
        """Backups that are kept, newest first; of one group, or of all."""
        with self._connected(RDS) as rds:
            return _known(rds, group, timedelta(days=KEPT_DAYS))

    def check(self, backup: str) -> int:
        """Read every file of a backup and compare the checksums; returns how many bytes.

        Raises:
            Refused: a file is missing or is not what was written.
        """
        with explained():
            return self._checked(self._manifest(backup))

    def restore(self, backup: str, into: str, *, rules: bool = False) -> dict[str, int]:
        """Restore into a database that has none of the tables; see :func:`restore`.

        Raises:
            Refused: nothing was restored; the message says why.
        """
        with explained():
            manifest = self._manifest(backup)
            restored = restore(self._files, manifest, into, rules=rules)
        self._note(manifest, into)
        return restored

    def forget_old(self) -> int:
        """Remove what is older than :data:`KEPT_DAYS`; returns how many backups.

        The bucket's lifecycle does the same by itself; this removes what it left, the records,
        and our snapshots of RDS, which have no lifecycle.
        """
        with explained(), self._connected(RDS) as rds:
            old = rds.execute(
                "select id from migration_backups where taken_at < now() - %s",
                (timedelta(days=KEPT_DAYS),),
            ).fetchall()
            for (backup,) in old:
                self._files.remove(backup)
                rds.execute("delete from migration_backups where id = %s", (backup,))
            if self._snapshots:
                self._snapshots.forget(datetime.now(UTC) - timedelta(days=KEPT_DAYS))
        return len(old)

    # --- the inside ---------------------------------------------------------------------

    def _take(self, group: str, tables: Sequence[str], *, snapshot: bool = False) -> Kept:
        subject = tables[0] if len(tables) == 1 else group
        with explained(), self._connected(RDS) as rds:
            database = plan.group_row(rds, group).authority
            moment = f"{datetime.now(UTC):%Y%m%dt%H%M%Sz}"
            backup = f"{subject}-{database}-{moment}-{secrets.token_hex(3)}"
            with self._connected(database) as side, _one_moment(side):
                manifest = self._write_all(side, backup, group, database, tables)
            content = json.dumps(manifest, indent=2).encode()
            self._files.write(backup, MANIFEST, content, "application/json")
            size = self._checked(self._files.manifest(backup, sha256(content))) + len(content)
            kept = Kept(
                id=backup,
                move_group=group,
                tables=list(tables),
                database=database,
                taken_at=datetime.fromisoformat(manifest["taken_at"]),
                rows=sum(table["rows"] for table in manifest["tables"]),
                bytes=size,
                manifest_sha256=sha256(content),
                snapshot=self._snapshots.begin(backup) if snapshot and self._snapshots else "",
                taken_by=self._who.email or self._who.by,
            )
            _remember(rds, kept, self._who)
        self._say(
            f"{subject}: {kept.rows:,} rows of {WORDS[database]} backed up and read back"
            f" ({size:,} bytes): {backup}"
        )
        return kept

    def _write_all(
        self, side: Connection, backup: str, group: str, database: str, tables: Sequence[str]
    ) -> dict[str, Any]:
        for table in tables:
            if not sees_every_row(side, table):
                raise Refused(
                    f"policies hide rows of {table} from our role in {database}:"
                    " connect as the owner or as a role with BYPASSRLS"
                )
        definition = define(side, tables)
        row = side.execute(
            "select to_json(transaction_timestamp()) #>> '{}', current_setting('server_version')"
        ).fetchone()
        at, server = row or ("", "")
        return {
            "id": backup,
            "group": group,
            "database": database,
            "taken_at": at,
            "server": server,
            **self._write_definition(backup, definition),
            "tables": [self._write_table(side, backup, table) for table in tables],
        }

    def _write_definition(self, backup: str, definition: Definition) -> dict[str, Any]:
        return {
            name: self._files.write(
                backup,
                f"{name}.sql",
                (_HEADER + "".join(f"{one};\n" for one in statements)).encode(),
                "application/sql",
            )
            for name, statements in asdict(definition).items()
        }

    def _write_table(self, side: Connection, backup: str, table: str) -> dict[str, Any]:
        columns = _columns(side, table)
        rows, hashed = total(side, table, columns["all"])
        copy = sql.SQL("copy {} ({}) to stdout").format(
            sql.Identifier("public", table), names(columns["written"])
        )
        with side.cursor().copy(copy) as blocks:
            written = [
                self._files.write(backup, f"{table}-{number:04}.gz", part, "application/gzip")
                for number, part in enumerate(parts(map(bytes, blocks), self._part_bytes), 1)
            ]
        return {"name": table, **columns, "rows": rows, "hash": hashed, "parts": written}

    def _manifest(self, backup: str) -> dict[str, Any]:
        """As it was written, if RDS, which may be what is lost, can still say."""
        try:
            known = {one.id: one.manifest_sha256 for one in self.known()}
        except psycopg.Error:
            self._say("RDS does not say what the backup's checksum was; going by its own manifest")
            known = {backup: ""}
        if backup not in known:
            self._say(
                "RDS does not know this backup; going by its own manifest, which anybody who may"
                " write to the bucket could have made"
            )
        manifest = self._files.manifest(backup, known.get(backup, ""))
        if manifest["id"] != backup:
            raise Refused(f"what lies there as {backup} is another backup: {manifest['id']!r}")
        return manifest

    def _note(self, manifest: dict[str, Any], into: str) -> None:
        where = conninfo_to_dict(into)
        try:
            with self._connected(RDS) as rds:
                plan.record(
                    rds,
                    manifest["group"],
                    "restored",
                    self._who,
                    backup=manifest["id"],
                    rows=sum(table["rows"] for table in manifest["tables"]),
                    into=f"{where.get('host', 'localhost')}/{where.get('dbname', '')}",
                )
        except psycopg.Error as error:
            self._say(f"the audit log does not have it: {in_words(error)}")

    def _checked(self, manifest: dict[str, Any]) -> int:
        return sum(len(self._files.read(manifest["id"], file)) for file in listed(manifest))

    @contextmanager
    def _connected(self, database: str) -> Iterator[Connection]:
        with connect(self._addresses[database], database, "ecosystem backup") as connection:
            yield connection


@contextmanager
def _one_moment(side: Connection) -> Iterator[None]:
    """A transaction in which all tables are seen as of one moment, and nothing can be written."""
    side.isolation_level, side.read_only = IsolationLevel.REPEATABLE_READ, True
    with transaction(side):
        side.execute(
            "select set_config('statement_timeout', %s, true), set_config('search_path', '', true),"
            # An error instead of fewer rows, should a policy apply after all.
            " set_config('row_security', 'off', true)",
            (_HOURS,),
        )
        yield


def _known(rds: Connection, group: str, age: timedelta) -> list[Kept]:
    cursor = rds.cursor(row_factory=class_row(Kept))
    return cursor.execute(
        "select * from migration_backups where taken_at > now() - %s"
        " and (%s = '' or move_group = %s) order by taken_at desc",
        (age, group, group),
    ).fetchall()


def _remember(rds: Connection, kept: Kept, who: Who) -> None:
    row = asdict(kept)
    with transaction(rds):
        rds.execute(
            sql.SQL("insert into migration_backups ({}) values ({})").format(
                names(list(row)), sql.SQL(", ").join(map(sql.Placeholder, row))
            ),
            row,
        )
        plan.record(
            rds,
            kept.move_group,
            "backed_up",
            who,
            backup=kept.id,
            database=kept.database,
            tables=kept.tables,
            rows=kept.rows,
        )


def _columns(side: Connection, table: str) -> dict[str, list[str]]:
    cursor = side.cursor(row_factory=dict_row)
    rows = cursor.execute(
        "select attname, attgenerated <> '' as generated from pg_attribute"
        " where attrelid = to_regclass('public.' || quote_ident(%s)) and attnum > 0"
        " and not attisdropped order by attnum",
        (table,),
    ).fetchall()
    return {
        "all": [row["attname"] for row in rows],
        "written": [row["attname"] for row in rows if not row["generated"]],
    }
