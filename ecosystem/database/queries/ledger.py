"""The append-only ledger. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import LedgerEntry
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.ids import uuid7
from ecosystem.domain.ledger import Posting


def post(
    session: RoutedSession, booking_id: UUID, postings: Sequence[Posting], at: datetime
) -> None:
    """Append postings. A cause that stands in the ledger already is left as it is."""
    for posting in postings:
        if not posting.entries:
            continue
        posting_id = uuid7()
        session.execute(
            insert(LedgerEntry)
            .values(
                [
                    {
                        "posting_id": posting_id,
                        "booking_id": booking_id,
                        "account": entry.account,
                        "amount_minor": entry.amount.minor,
                        "currency": entry.amount.currency,
                        "cause": posting.cause,
                        "memo": entry.memo,
                        "at": at,
                    }
                    for entry in posting.entries
                ]
            )
            .on_conflict_do_nothing(constraint="ledger_entries_cause_key")
        )


def stands(session: RoutedSession, booking_id: UUID, cause: str) -> bool:
    """Whether something was posted for this cause. Call with the booking locked."""
    found = select(LedgerEntry.id).where(  # type: ignore[call-overload]
        LedgerEntry.booking_id == booking_id, LedgerEntry.cause == cause
    )
    return session.execute(found.limit(1)).first() is not None


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
