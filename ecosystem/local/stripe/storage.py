"""The state of the stand-in: one SQLite file that survives restarts.

Every object Stripe would serve is one row: its public body as JSON, and beside it what is
remembered but never served (``private``). All access is from the event loop's own thread, one
request after the other, so a request sees and leaves a consistent state without any lock.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    account TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    private TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS objects_list ON objects (kind, account, created, seq);
CREATE INDEX IF NOT EXISTS objects_intent ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_charge ON objects (kind, json_extract(body, '$.charge'));
CREATE INDEX IF NOT EXISTS objects_funding
    ON objects (kind, json_extract(body, '$.source_transaction'));
CREATE INDEX IF NOT EXISTS objects_group ON objects (kind, json_extract(body, '$.transfer_group'));
CREATE INDEX IF NOT EXISTS objects_open ON objects (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    batch TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'waiting',
    answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due) WHERE status = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS idempotency (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, name TEXT NOT NULL, subject TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS links (
    token TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL,
    expires_at INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dumps(value: object) -> str:
    """JSON as it is stored and sent: compact, non-ASCII text as it is."""
    return _ENCODER.encode(value)


class Store:
    """Reads and writes of the state file.

    Args:
        path: the SQLite file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._depth = 0

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nested use joins the outer transaction."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth = 0

    def run(self, sql: str, args: Iterable[object] = ()) -> sqlite3.Cursor:
        """One statement with its parameters."""
        return self._db.execute(sql, tuple(args))

    def run_many(self, sql: str, rows: Iterable[tuple[str | int | float | None, ...]]) -> None:
        """One statement for many rows."""
        self._db.executemany(sql, rows)

    def add(
        self, body: Body, *, account: str = "", private: Mapping[str, Any] | None = None
    ) -> Body:
        """Keep a new object. ``account`` is the connected account that owns it, if any."""
        self.run(
            "INSERT INTO objects (id, kind, account, created, body, private) VALUES (?,?,?,?,?,?)",
            (
                body["id"],
                body["object"],
                account,
                body.get("created", 0),
                dumps(body),
                dumps(dict(private or {})),
            ),
        )
        return body

    def save(self, body: Body, *, private: Mapping[str, Any] | None = None) -> Body:
        """Replace the body (and, if given, the private part) of a kept object."""
        if private is None:
            self.run("UPDATE objects SET body=? WHERE id=?", (dumps(body), body["id"]))
        else:
            self.run(
                "UPDATE objects SET body=?, private=? WHERE id=?",
                (dumps(body), dumps(dict(private)), body["id"]),
            )
        return body

    def remove(self, id: str) -> None:
        """Forget an object."""
        self.run("DELETE FROM objects WHERE id=?", (id,))

    def get(self, id: str, kind: str | None = None, account: str | None = None) -> Body | None:
        """The object with this id, if it is of that kind and belongs to that account."""
        row = self.run("SELECT kind, account, body FROM objects WHERE id=?", (id,)).fetchone()
        if row is None or (kind and row[0] != kind) or (account is not None and row[1] != account):
            return None
        return json.loads(row[2])

    def private(self, id: str) -> Body:
        """What is remembered about an object but never served."""
        row = self.run("SELECT private FROM objects WHERE id=?", (id,)).fetchone()
        return json.loads(row[0]) if row else {}

    def owner(self, id: str) -> str:
        """The connected account an object belongs to; empty for the platform's own."""
        row = self.run("SELECT account FROM objects WHERE id=?", (id,)).fetchone()
        return row[0] if row else ""

    def position(self, id: str, kind: str, account: str) -> tuple[int, int] | None:
        """Where an object stands in its list: creation time, then order of arrival."""
        row = self.run(
            "SELECT created, seq FROM objects WHERE id=? AND kind=? AND account=?",
            (id, kind, account),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def select(
        self, kind: str, where: str = "1", args: Iterable[object] = (), *, tail: str = ""
    ) -> list[Body]:
        """Objects of a kind, newest first unless ``tail`` orders them otherwise."""
        order = tail or "ORDER BY created DESC, seq DESC"
        rows = self.run(f"SELECT body FROM objects WHERE kind=? AND {where} {order}", (kind, *args))
        return [json.loads(row[0]) for row in rows]

    def meta(self, key: str, default: str = "") -> str:
        """One remembered value of the stand-in itself."""
        row = self.run("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return row[0] if row else default

    def set_meta(self, key: str, value: str) -> None:
        """Remember one value of the stand-in itself."""
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?,?)", (key, value))
