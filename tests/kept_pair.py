"""A pair of databases that tests of a worker use one after another.

A clone for each test costs more than most tests: files are copied, connections opened, plans
made. After a test a kept pair is put back to what it was when it was cloned: rows of every table,
every sequence, nothing set in a session. Whatever else a test has changed is not mended but
noticed - a column, an index, a trigger, statistics, a lock or a connection left behind - and the
pair is given up for a new clone.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace

import psycopg
from psycopg import pq
from sqlalchemy import Engine

from ecosystem.database.engines import Address, rds_engine, supabase_engine
from ecosystem.database.unit_of_work import Database

POOL_SIZE = 12
TESTS = 60
"""So often is a pair put back: what is deleted still takes room, and slows who reads past it."""
LARGE = 1 << 20
"""Bytes of a table that is cheaper to throw away than to empty."""
_LEAVING_SECONDS = 0.5
"""A connection that was closed is seen for a moment more."""

_WATCHED = [
    "class",
    "attribute",
    "attrdef",
    "proc",
    "trigger",
    "constraint",
    "type",
    "index",
    "policy",
    "namespace",
    "rewrite",
    "statistic",
    "statistic_ext",
    "extension",
    "event_trigger",
    "default_acl",
    "enum",
    "inherits",
    "publication",
]
_CATALOGUES = "select " + ", ".join(
    f"(select (count(*), max(xmin::text::bigint))::text from pg_catalog.pg_{name})"
    for name in _WATCHED
)
"""What no change of the schema, of rights or of statistics leaves as it was."""

_LEFT_BEHIND = """
select
  (select count(*) from pg_stat_activity where datname = current_database()
     and pid <> pg_backend_pid() and backend_type = 'client backend'),
  (select count(*) from pg_locks l join pg_stat_activity a using (pid)
     where a.datname = current_database() and a.pid <> pg_backend_pid()
     and a.backend_type = 'client backend'),
  (select count(*) from pg_largeobject_metadata),
  (select setconfig::text from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
     where d.datname = current_database() limit 1)
"""
_TABLES = """
select quote_ident(nspname) || '.' || quote_ident(relname)
from pg_class c join pg_namespace n on n.oid = relnamespace
where relkind = 'r' and nspname !~ '^(pg_|information_schema$)' order by 1
"""
_SEQUENCES = _TABLES.replace("'r'", "'S'")


class Changed(Exception):
    """The pair is not what it was, and is not put back."""


class _Kept:
    """One database, and what it was."""

    def __init__(self, superuser: str, address: Address) -> None:
        inside = replace(Address.from_url(superuser), database=address.database)
        self.connection = psycopg.connect(
            inside.libpq, autocommit=True, prepare_threshold=0, connect_timeout=5
        )
        ask = self.connection.execute
        tables = [str(row[0]) for row in ask(_TABLES)]
        filled = {
            name: self._rows(name)
            for name in tables
            if ask(f"select from {name} limit 1".encode()).fetchone() is not None
        }
        self._filled = filled
        self._touched = " union all ".join(
            f"select '{name}', pg_relation_size('{name}') where {self._differs(name)}"
            for name in tables
        ).encode()
        sequences = [str(row[0]) for row in ask(_SEQUENCES)]
        self._counted = " union all ".join(
            f"select '{name}', last_value, is_called from {name}" for name in sequences
        ).encode()
        self._counts = dict(self._read_counts())
        self._catalogues = ask(_CATALOGUES.encode()).fetchone()

    def put_back(self, connections: int) -> None:
        """Make rows and sequences what they were; ``connections``: how many others there are."""
        ask = self.connection.execute
        if ask(_CATALOGUES.encode()).fetchone() != self._catalogues:
            raise Changed("its schema")
        end = time.monotonic() + _LEAVING_SECONDS
        while ask(_LEFT_BEHIND).fetchone() != (connections, 0, 0, None):
            if time.monotonic() > end:
                raise Changed("what was left behind")
            time.sleep(0.01)
        touched = ask(self._touched).fetchall()
        if any(size > LARGE for _, size in touched):
            raise Changed("a lot of rows")
        counts = self._read_counts()
        with self.connection.transaction():
            ask("set local session_replication_role = 'replica'")
            ask("set local lock_timeout = '1s'")
            for name, _ in touched:
                ask(f"delete from {name}".encode(), prepare=False)
                if name in self._filled:
                    with self.connection.cursor().copy(f"copy {name} from stdin".encode()) as copy:
                        copy.write(self._filled[name])
            for name in counts:
                if counts[name] != self._counts[name]:
                    ask("select setval(%s, %s, %s)", (name, *self._counts[name]))
        # Triggers that are never silent may have written something.
        if touched and ask(self._touched).fetchone() is not None:
            raise Changed("rows that do not go")

    def close(self) -> None:
        self.connection.close()

    def _differs(self, name: str) -> str:
        if name not in self._filled:
            return f"exists (select from {name})"
        known = self.connection.execute(f"select {_digest(name)}".encode()).fetchone()
        assert known is not None
        return f"{_digest(name)} is distinct from '{known[0]}'"

    def _rows(self, name: str) -> bytes:
        with self.connection.cursor().copy(f"copy {name} to stdout".encode()) as copy:
            return b"".join(bytes(part) for part in copy)

    def _read_counts(self) -> dict[str, tuple[int, bool]]:
        found = self.connection.execute(self._counted).fetchall()
        return {str(name): (int(last), bool(called)) for name, last, called in found}


def _digest(name: str) -> str:
    return f"(select md5(string_agg(t::text, ',' order by t::text)) from {name} t)"


@dataclass
class _Pair:
    engines: dict[str, Engine]
    kept: dict[str, _Kept]
    life: ExitStack
    tests: int = 0


class KeptPairs:
    """The pairs of a worker: one for each way to begin."""

    def __init__(self, superuser: str) -> None:
        self._superuser = superuser
        self._pairs: dict[str, _Pair] = {}

    @contextmanager
    def lend(
        self, kind: str, clone: Callable[[], AbstractContextManager[dict[str, Address]]]
    ) -> Iterator[Database]:
        """A pair for one test, as ``clone`` makes it; ``kind`` names that."""
        pair = self._pairs.pop(kind, None) or self._new(clone)
        try:
            yield Database(pair.engines["rds"], pair.engines["supabase"])
            pair.tests += 1
            if pair.tests < TESTS and _as_it_was(pair):
                self._pairs[kind] = pair
        finally:
            if self._pairs.get(kind) is not pair:
                pair.life.close()

    def close(self) -> None:
        """Drop them all."""
        for pair in self._pairs.values():
            pair.life.close()
        self._pairs.clear()

    def _new(self, clone: Callable[[], AbstractContextManager[dict[str, Address]]]) -> _Pair:
        with ExitStack() as life:
            addresses = life.enter_context(clone())
            pair = _Pair({}, {}, life)
            for name, engine in (("rds", rds_engine), ("supabase", supabase_engine)):
                pair.kept[name] = _Kept(self._superuser, addresses[name])
                life.callback(pair.kept[name].close)
                pair.engines[name] = engine(addresses[name], pool_size=POOL_SIZE)
                life.callback(pair.engines[name].dispose)
            pair.life = life.pop_all()
            return pair


def _as_it_was(pair: _Pair) -> bool:
    try:
        for name, kept in pair.kept.items():
            kept.put_back(_idle(pair.engines[name]))
    except (Changed, psycopg.OperationalError):
        return False
    return True


def _idle(engine: Engine) -> int:
    """How many connections wait in the pool, none with anything of its last user.

    Raises:
        Changed: one is still in use, or dead.
    """
    pool = engine.pool
    if pool.checkedout():  # type: ignore[attr-defined]
        raise Changed("a connection in use")
    waiting: int = pool.checkedin()  # type: ignore[attr-defined]
    with ExitStack() as borrowed:
        for _ in range(waiting):
            connection = engine.raw_connection()
            borrowed.callback(connection.close)
            sent: psycopg.Connection = connection.driver_connection  # type: ignore[assignment]
            done = sent.pgconn.exec_(b"reset all; select pg_advisory_unlock_all(); unlisten *")
            if done.status != pq.ExecStatus.COMMAND_OK:
                raise Changed("a dead connection")
    return waiting
