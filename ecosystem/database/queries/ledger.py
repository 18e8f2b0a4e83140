"""The append-only ledger. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Row, select, text

from ecosystem.database import statements
from ecosystem.database.statements import Statement
from ecosystem.database.tables import LedgerEntry
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import Posting

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
    entries = [
        LedgerEntry(
            posting_id=posting_id,
            booking_id=booking_id,
            account=entry.account,
            amount_minor=entry.amount.minor,
            currency=entry.amount.currency,
            cause=one.cause,
            memo=entry.memo,
            at=at,
        )
        for one in postings
        for posting_id in [uuid7()]
        for entry in one.entries
    ]
    ending: LiteralString = "on conflict on constraint ledger_entries_cause_key do nothing"
    return [statements.insert(entries, ending)] if entries else []


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


def out_of_balance(session: RoutedSession) -> Sequence[Row[Any]]:
    """Bookings whose entries do not sum to zero per currency: always empty."""
    return session.execute(
        text(
            "select booking_id, currency, sum(amount_minor) as rest from ledger_entries"
            " group by booking_id, currency having sum(amount_minor) <> 0 limit 20"
        )
    ).all()
