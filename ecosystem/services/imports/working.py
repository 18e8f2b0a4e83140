"""The worker's part of an import: read the file, look at each record, carry the records out.

An advisory lock keeps a second worker off the same import. Everything is written down record by
record; a worker that dies is followed by one that begins at the first record which is still open.
Carrying a record out again after it was done changes nothing.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import imports as queries
from ecosystem.database.tables import Import, ImportItem
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, FieldError, Invalid, NotFound, Unavailable
from ecosystem.domain.ids import uuid7
from ecosystem.services.imports.departures import COLUMNS as DEPARTURE_COLUMNS
from ecosystem.services.imports.judging import Judge, Subject, Verdict, told
from ecosystem.services.imports.package_cells import unknown_columns
from ecosystem.services.imports.reading import (
    MOST_BYTES,
    Format,
    Record,
    What,
    read,
    too_large,
    unreadable,
)
from ecosystem.services.package_editor.slugs import slug_of
from ecosystem.services.ports import Clock, Files

log = logging.getLogger(__name__)

LOOKED_AT = 200
"""Records at once: what is there of them is read in a handful of queries."""
BATCH = 50
BATCH_SECONDS = 4.0
"""Shorter than the database lets a transaction, which holds the lock, stand idle."""
KEPT = timedelta(days=30)
"""How long after its last step an import can be looked at."""
MOST_REMOVED = 20


@dataclass(frozen=True)
class _Settled:
    """What became of one record."""

    position: int
    outcome: str
    messages: tuple[FieldError, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)


class ImportWork:
    """``step`` is the worker's duty; any number of workers may run it."""

    def __init__(
        self, database: Database, files: Files, clock: Clock, judges: Mapping[str, Judge]
    ) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._judges = judges

    def step(self) -> int:
        """Get on with one import; returns the records dealt with, 0 when there is nothing."""
        with self._database.unit(RDS) as session:
            waiting = queries.waiting(session, 10)
        for one in waiting:
            with self._database.unit(RDS) as lock:
                if not queries.try_lock(lock, one.id):
                    continue
                with self._database.unit(RDS) as session:
                    # It may have got on between the list and the lock.
                    now = queries.own(session, one.operator_id, one.id)
                if now is not None and now.state in queries.OPEN:
                    return self._get_on_or_wait(now)
        return 0

    def remove_old(self) -> int:
        """Forget imports in which nothing has happened for long; returns how many."""
        with self._database.unit(RDS) as session:
            old = queries.remove_before(session, self._clock.now() - KEPT, MOST_REMOVED)
        for key in old:
            # The file is still there if nobody ever came to read it.
            self._files.delete(key)
        return len(old)

    def _get_on_or_wait(self, work: Import) -> int:
        try:
            return self._get_on(work)
        except Exception:
            # It goes to the end of the line: the others are not kept waiting by its trouble.
            self._move(work)
            raise

    def _get_on(self, work: Import) -> int:
        if work.cancel_wanted:
            self._move(work, state="cancelled", finished_at=self._clock.now())
            return 1
        match work.state:
            case "uploaded":
                return self._take_in(work)
            case "checking":
                return self._look_at_some(work)
            case _:
                return self._carry_out_some(work)

    def _take_in(self, work: Import) -> int:
        """All records of the file become items, in one transaction."""
        try:
            stored = self._files.head(work.key)
            if stored is None:
                raise unreadable("The file did not arrive. Send it again.")
            what, format = cast(What, work.what), cast(Format, work.format)
            if stored.size > MOST_BYTES[format]:
                raise too_large(stored.size, format)
            table = read(self._files.get(work.key), what, format)
            self._known_columns(work, table.columns)
        except (Invalid, NotFound) as error:
            self._move(work, state="failed", problem=error.detail, finished_at=self._clock.now())
            self._files.delete(work.key)
            return 1
        seen: dict[str, int] = {}
        rows = [
            self._item(position, record, work, seen)
            for position, record in enumerate(table.records, 1)
        ]
        with self._database.unit(RDS) as session:
            moved = queries.move(
                session,
                work.id,
                self._clock.now(),
                out_of=("uploaded",),
                state="checking",
                total=len(rows),
                counts={"decimal_comma": table.decimal_comma},
            )
            if moved:
                queries.add_items(session, work.id, rows)
        # Its records are rows now; nobody needs the file any more.
        self._files.delete(work.key)
        return len(rows)

    def _known_columns(self, work: Import, columns: tuple[str, ...]) -> None:
        if work.format != "csv":
            return
        if work.what == "packages":
            unknown, needed = unknown_columns(columns), ("title",)
        else:
            unknown = [name for name in columns if name not in DEPARTURE_COLUMNS]
            needed = ("package", "starts_on", "capacity")
        if unknown:
            raise unreadable(
                f"There is no column “{unknown[0][:60]}”. docs/import.md has the names of all."
            )
        lacking = [name for name in needed if name not in columns]
        if lacking and not (work.what == "packages" and {"id", "slug"} & set(columns)):
            raise unreadable(f"The column “{lacking[0]}” is missing.")

    def _item(
        self, position: int, record: Record, work: Import, seen: dict[str, int]
    ) -> dict[str, Any]:
        names = ("package", "starts_on") if work.what == "departures" else ("id", "slug", "title")
        found = [str(record.values.get(name) or "").strip() for name in names]
        if work.what == "departures":
            subject, keys = " · ".join(found), [" ".join(found)] if all(found) else []
        else:
            subject = found[2] or found[1] or found[0]
            # Without an address, the one that its title makes.
            address = found[1] or (slug_of(found[2]) if found[2] and not found[0] else "")
            keys = [key for key in (found[0], address) if key]
        twice = next((seen[key] for key in keys if key in seen), None)
        for key in keys:
            seen.setdefault(key, record.line)
        messages = []
        if twice is not None:
            where = "Row" if work.format == "csv" else "Number"
            messages = [{"field": names[0], "text": f"{where} {twice} is the same one already."}]
        return {
            "position": position,
            "line": record.line,
            "subject": " ".join(subject.split())[:200],
            "outcome": "wrong" if messages else "new",
            "messages": messages,
            "data": {"record": record.values, "new_id": str(uuid7())},
        }

    def _look_at_some(self, work: Import) -> int:
        with self._database.unit(RDS) as session:
            items = queries.open_items(session, work.id, ("new",), LOOKED_AT)
        actor, judge = _actor(work), self._judges[work.what]
        began = time.monotonic()
        settled: list[_Settled] = []
        subjects = [_subject(work, item) for item in items]
        look = judge.looked(actor, subjects)
        for item, subject in zip(items, subjects, strict=True):
            verdict = self._judge(work, item, look, subject)
            data = {"package_id": str(verdict.package_id), "version": verdict.version}
            settled.append(_Settled(item.position, verdict.outcome, verdict.messages, data))
            if time.monotonic() - began > BATCH_SECONDS:
                break
        return self._write(
            work, settled, "checked" if len(settled) == len(items) < LOOKED_AT else ""
        )

    def _judge(
        self,
        work: Import,
        item: ImportItem,
        look: Callable[[Subject], Verdict],
        subject: Subject,
    ) -> Verdict:
        try:
            return look(subject)
        except EcosystemError:
            raise
        except Exception:
            # One record that we stumble over must not hold up the others for ever.
            log.exception("import %s: record %s", work.id, item.position)
            said = "Something went wrong on our side with this record. It was left out."
            return Verdict("wrong", (FieldError("", said),))

    def _carry_out_some(self, work: Import) -> int:
        with self._database.unit(RDS) as session:
            items = queries.open_items(session, work.id, ("create", "change"), BATCH)
        actor, judge = _actor(work), self._judges[work.what]
        began = time.monotonic()
        settled: list[_Settled] = []
        for item in items:
            settled.append(self._carry_out(work, item, actor, judge))
            if time.monotonic() - began > BATCH_SECONDS:
                break
        return self._write(work, settled, "done" if len(settled) == len(items) < BATCH else "")

    def _carry_out(self, work: Import, item: ImportItem, actor: Actor, judge: Judge) -> _Settled:
        known = item.data
        checked = Verdict(
            "change", package_id=UUID(known["package_id"]), version=int(known["version"])
        )
        kept = tuple(FieldError(m["field"], m["text"]) for m in item.messages)
        try:
            judge.carry_out(actor, _subject(work, item), checked)
        except Unavailable:
            # The rest of the batch waits as well; what was done is found done next time.
            raise
        except EcosystemError as error:
            why = error.fields or (FieldError("", error.detail),)
            return _Settled(item.position, "failed", why)
        except Exception:
            # As in looking: the others are not held up, and it is not tried for ever.
            log.exception("import %s: record %s", work.id, item.position)
            why = (FieldError("", "Something went wrong on our side. Look whether it was done."),)
            return _Settled(item.position, "failed", why)
        return _Settled(item.position, "done", kept)

    def _write(self, work: Import, settled: list[_Settled], following: str) -> int:
        """Write down what became of some records, and how far the import is."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            queries.settle(
                session,
                work.id,
                [
                    {
                        "position": one.position,
                        "outcome": one.outcome,
                        "messages": [
                            {"field": m.field, "text": m.message} for m in told(one.messages)
                        ],
                        "data": one.data,
                    }
                    for one in settled
                ],
            )
            counts = queries.counts(session, work.id)
            wanted = {**work.counts, **dict.fromkeys(_OUTCOMES, 0), **counts}
            values: dict[str, Any] = {"counts": wanted, "done": _done(work.state, counts)}
            if following:
                values |= {"state": following}
                values |= {"finished_at": now} if following == "done" else {}
            queries.move(session, work.id, now, out_of=(work.state,), **values)
        return max(len(settled), 1) if following or settled else 0

    def _move(self, work: Import, **values: Any) -> None:
        with self._database.unit(RDS) as session:
            queries.move(session, work.id, self._clock.now(), out_of=(work.state,), **values)


_OUTCOMES = ("new", "create", "change", "same", "wrong", "done", "failed")


def _done(state: str, counts: Mapping[str, int]) -> int:
    """Records that are behind us in this phase."""
    if state == "checking":
        return sum(counts.values()) - counts.get("new", 0)
    return counts.get("done", 0) + counts.get("failed", 0)


def _actor(work: Import) -> Actor:
    """Who started it: the worker acts in that name, and for that operator alone."""
    return Actor(
        role="provider",
        source="supabase",
        user_id=work.created_by,
        name=work.created_by_name,
        operator_id=work.operator_id,
        operator_role="editor",
    )


def _subject(work: Import, item: ImportItem) -> Subject:
    return Subject(
        values=item.data["record"],
        format=work.format,
        decimal_comma=bool(work.counts.get("decimal_comma")),
        new_id=UUID(item.data["new_id"]),
    )
