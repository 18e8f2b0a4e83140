"""Files on their way in, and what each of their records does. Group: rds."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, text, update

from ecosystem.database.tables import Import, ImportItem
from ecosystem.database.unit_of_work import RoutedSession

OPEN = ("uploaded", "checking", "running")


def add(session: RoutedSession, values: dict[str, Any]) -> None:
    session.execute(insert(Import).values(values))


def own(session: RoutedSession, operator_id: UUID, import_id: UUID) -> Import | None:
    """An import fetched by owner and id together."""
    return session.execute(
        select(Import).where(Import.id == import_id, Import.operator_id == operator_id)
    ).scalar_one_or_none()


def of_operator(session: RoutedSession, operator_id: UUID, limit: int) -> list[Import]:
    """The newest first."""
    return list(
        session.execute(
            select(Import)
            .where(Import.operator_id == operator_id)
            .order_by(Import.created_at.desc(), Import.id.desc())
            .limit(limit)
        ).scalars()
    )


def waiting(session: RoutedSession, limit: int) -> list[Import]:
    """Imports that the worker has something to do for, the longest untouched first."""
    return list(
        session.execute(
            select(Import).where(Import.state.in_(OPEN)).order_by(Import.updated_at).limit(limit)
        ).scalars()
    )


def try_lock(session: RoutedSession, import_id: UUID) -> bool:
    """Whether this worker alone works on the import until this transaction ends.

    The transaction stands idle while a batch is worked off, for longer than others may.
    """
    session.execute(text("set local idle_in_transaction_session_timeout = '60s'"))
    return bool(
        session.execute(
            text("select pg_try_advisory_xact_lock(hashtextextended('import ' || :id, 0))"),
            {"id": str(import_id)},
        ).scalar_one()
    )


def move(
    session: RoutedSession,
    import_id: UUID,
    now: datetime,
    *,
    out_of: Sequence[str],
    **values: Any,
) -> bool:
    """Change an import that is in one of these states; False when it is in another."""
    moved = session.execute(
        update(Import)
        .where(Import.id == import_id, Import.state.in_(out_of))
        .values(updated_at=now, **values)
        .returning(Import.id)
    )
    return moved.scalar_one_or_none() is not None


def add_items(session: RoutedSession, import_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """All records of a file, in their order."""
    if rows:
        session.execute(insert(ImportItem), [{"import_id": import_id, **row} for row in rows])


def open_items(
    session: RoutedSession, import_id: UUID, outcomes: Sequence[str], limit: int
) -> list[ImportItem]:
    """The next records to look at, or to carry out."""
    return list(
        session.execute(
            select(ImportItem)
            .where(
                ImportItem.import_id == import_id,
                ImportItem.outcome.in_(outcomes),
                # The same words as the index has: PostgreSQL proves nothing about parameters.
                text("outcome in ('new', 'create', 'change')"),
            )
            .order_by(ImportItem.position)
            .limit(limit)
        ).scalars()
    )


def settle(session: RoutedSession, import_id: UUID, found: Sequence[dict[str, Any]]) -> None:
    """What became of some records: ``position outcome messages``, and what ``data`` gains."""
    if found:
        session.execute(_SETTLE, {"import_id": import_id, "found": json.dumps(found)})


_SETTLE = text(
    """
    update import_items i
    set outcome = f.outcome, messages = f.messages, data = i.data || f.data
    from jsonb_to_recordset(cast(:found as jsonb))
      as f (position integer, outcome text, messages jsonb, data jsonb)
    where i.import_id = :import_id and i.position = f.position
    """
)


def counts(session: RoutedSession, import_id: UUID) -> dict[str, int]:
    """How many records have which outcome."""
    rows = session.execute(
        select(ImportItem.outcome, func.count())
        .where(ImportItem.import_id == import_id)
        .group_by(ImportItem.outcome)
    ).all()
    return {name: int(count) for name, count in rows}


def items(
    session: RoutedSession,
    import_id: UUID,
    *,
    outcome: str,
    limit: int,
    offset: int,
) -> Sequence[Row[Any]]:
    """A page of the report, in the file's order, without the records themselves."""
    where = [ImportItem.import_id == import_id]
    if outcome:
        where.append(ImportItem.outcome == outcome)
    return session.execute(
        select(
            ImportItem.position,
            ImportItem.line,
            ImportItem.subject,
            ImportItem.outcome,
            ImportItem.messages,
        )
        .where(*where)
        .order_by(ImportItem.position)
        .limit(limit)
        .offset(offset)
    ).all()


def remove_before(session: RoutedSession, moment: datetime, limit: int) -> list[str]:
    """Remove imports untouched since then, with their records; the keys of their files."""
    return list(session.execute(_REMOVE, {"moment": moment, "limit": limit}).scalars())


_REMOVE = text(
    """
    delete from imports where id in (
      select id from imports where updated_at < :moment
      order by updated_at limit :limit for update skip locked
    ) returning key
    """
)
