"""An operator's packages and departures as files that read back as what they are."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES
from ecosystem.database.queries import package_content as queries
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.actor import Actor
from ecosystem.domain.csv_text import cell
from ecosystem.domain.departures import OwnDeparture
from ecosystem.services.departures import FURTHEST, Departures
from ecosystem.services.imports.departures import COLUMNS
from ecosystem.services.imports.package_cells import cells, header
from ecosystem.services.imports.reading import Format, What
from ecosystem.services.operator_access import operator_of
from ecosystem.services.package_editor.stored import Stored, read_many
from ecosystem.services.ports import Clock

BATCH = 200
BOM = "\ufeff"
"""Without it Excel takes UTF-8 for its own code page."""


class Exports:
    """Written batch by batch: a file of any length takes little memory."""

    def __init__(self, database: Database, departures: Departures, clock: Clock) -> None:
        self._database = database
        self._departures = departures
        self._clock = clock

    def write(self, actor: Actor, what: What, format: Format) -> Iterator[str]:
        """The pieces of a file that :mod:`ecosystem.services.imports` reads as no change.

        All packages of the operator, or the departures to come, the oldest package first.
        Raises ``Forbidden`` at once, not at the first piece.
        """
        operator_id = operator_of(actor)
        with self._database.unit(PACKAGES) as session:
            ids = queries.owned_ids(session, operator_id)
        if what == "packages":
            found = self._packages(operator_id, ids)
            return self._package_csv(ids, found) if format == "csv" else _package_json(found)
        rows = self._departure_rows(actor, operator_id, ids)
        return _departure_csv(rows) if format == "csv" else _departure_json(rows)

    def _packages(self, operator_id: UUID, ids: Sequence[UUID]) -> Iterator[Stored]:
        for start in range(0, len(ids), BATCH):
            yield from read_many(self._database, operator_id, ids[start : start + BATCH])

    def _package_csv(self, ids: Sequence[UUID], found: Iterable[Stored]) -> Iterator[str]:
        with self._database.unit(PACKAGES) as session:
            stays = queries.most_stays(session, ids)
        with self._database.unit(PACKAGE_EXTRAS) as session:
            addons = queries.most_addons(session, ids)
        columns = header(max(stays, 1), max(addons, 1))
        return _csv(columns, (cells(one.id, one.content, columns) for one in found))

    def _departure_rows(
        self, actor: Actor, operator_id: UUID, ids: Sequence[UUID]
    ) -> Iterator[tuple[str, OwnDeparture]]:
        today = self._clock.now().date()
        for one in self._packages(operator_id, ids):
            last = today + FURTHEST + timedelta(days=1)
            for row in self._departures.between(actor, today, last, one.id):
                yield one.content["slug"], row


def _package_json(found: Iterable[Stored]) -> Iterator[str]:
    return _json("packages", ({"id": str(one.id), **one.content} for one in found))


def _departure_csv(rows: Iterable[tuple[str, OwnDeparture]]) -> Iterator[str]:
    return _csv(
        COLUMNS,
        (
            [slug, row.starts_on, row.capacity, row.price.decimal if row.own_price else None,
             "closed" if row.closed else "open"]
            for slug, row in rows
        ),
    )  # fmt: skip


def _departure_json(rows: Iterable[tuple[str, OwnDeparture]]) -> Iterator[str]:
    return _json(
        "departures",
        (
            {
                "package": slug,
                "starts_on": str(row.starts_on),
                "capacity": row.capacity,
                "price": row.price.minor if row.own_price else None,
                "status": "closed" if row.closed else "open",
            }
            for slug, row in rows
        ),
    )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write(BOM)
    for row in chain([columns], ([cell(value) for value in row] for row in rows)):
        writer.writerow(row)
        if out.tell() > 64_000:
            yield _taken(out)
    yield _taken(out)


def _json(name: str, items: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f'{{"{name}": ['
    between = "\n"
    for item in items:
        yield between + json.dumps(item, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
