"""The append-only ledger. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from sqlalchemy import select

from ecosystem.database.statements import Statement
from ecosystem.database.tables import LedgerEntry
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import Posting

_LINE = ("posting_ids", "accounts", "amounts", "currencies", "causes", "memos")
_POST: LiteralString = """
    insert into ledger_entries
      (posting_id, booking_id, account, amount_minor, currency, cause, memo, at)
    select line.posting_id, %(booking_id)s, line.account, line.amount, line.currency, line.cause,
      line.memo, %(at)s
    from unnest(%(posting_ids)s::uuid[], %(accounts)s::text[], %(amounts)s::bigint[],
      %(currencies)s::text[], %(causes)s::text[], %(memos)s::text[])
      with ordinality as line (posting_id, account, amount, currency, cause, memo, nth)
    order by line.nth
    on conflict on constraint ledger_entries_cause_key do nothing
"""
"""The same statement for any number of lines: the driver and the database know it already."""
_STANDING: LiteralString = (
    "select id from ledger_entries where cause = %(cause)s"
    " and booking_id = (select booking_id from payments where id = %(payment_id)s) limit 1"
)


def post(
    session: RoutedSession, booking_id: UUID, postings: Sequence[Posting], at: datetime
) -> None:
    """Append postings. A cause that stands in the ledger already is left as it is."""
    session.at_once(*posting(booking_id, postings, at))


def posting(booking_id: UUID, postings: Sequence[Posting], at: datetime) -> list[Statement]:
    """What appends postings as :func:`post` does."""
    lines = [
        (
            posting_id,
            entry.account,
            entry.amount.minor,
            entry.amount.currency,
            one.cause,
            entry.memo,
        )
        for one in postings
        for posting_id in [uuid7()]
        for entry in one.entries
    ]
    if not lines:
        return []
    columns = zip(_LINE, map(list, zip(*lines, strict=True)), strict=True)
    return [(_POST, {"booking_id": booking_id, "at": at, **dict(columns)})]


def standing(payment_id: UUID, cause: str) -> Statement:
    """What finds an entry of this cause (``id``) for the booking that a payment is for."""
    return _STANDING, {"payment_id": payment_id, "cause": cause}


def entries(session: RoutedSession, booking_id: UUID) -> list[LedgerEntry]:
    """What happened to a booking's money, in order."""
    return list(
        session.execute(
            select(LedgerEntry).where(LedgerEntry.booking_id == booking_id).order_by(LedgerEntry.id)  # type: ignore[arg-type]
        ).scalars()
    )
