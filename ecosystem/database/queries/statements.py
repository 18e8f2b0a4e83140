"""A party's account of the ledger, over all its bookings. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from ecosystem.database.tables import Booking, LedgerEntry
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.ledger import BUYER_RECEIVABLE, PAYABLE, Party

Account = Party | Literal["owed"]
"""What is owed to an operator or an agency; ``owed``: by an agency that collects for itself."""


def _own(account: Account, party_id: UUID) -> tuple[ColumnElement[bool], ...]:
    column = Booking.operator_id if account == "operator" else Booking.agency_id
    return (
        column == party_id,  # type: ignore[arg-type]
        LedgerEntry.booking_id == Booking.id,  # type: ignore[arg-type]
        *(
            (LedgerEntry.account == BUYER_RECEIVABLE, Booking.agency_model == ON_ACCOUNT)
            if account == "owed"
            else (LedgerEntry.account == PAYABLE[account],)
        ),  # type: ignore[arg-type]
    )


def first_entry(session: RoutedSession, account: Account, party_id: UUID) -> datetime | None:
    """When the account was first written in."""
    return session.execute(
        select(func.min(LedgerEntry.at)).select_from(Booking).where(*_own(account, party_id))
    ).scalar_one()


def balances(
    session: RoutedSession, account: Account, party_id: UUID, before: datetime
) -> Sequence[Row[Any]]:
    """``currency`` and ``minor`` of the account before a moment, debit positive."""
    return session.execute(
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor).label("minor"))  # type: ignore[call-overload]
        .select_from(Booking)
        .where(*_own(account, party_id), LedgerEntry.at < before)
        .group_by(LedgerEntry.currency)
        .order_by(LedgerEntry.currency)
    ).all()


def moves(
    session: RoutedSession, account: Account, party_id: UUID, first: datetime, end: datetime
) -> Sequence[Row[Any]]:
    """The entries from ``first`` to before ``end``, in order, with their bookings."""
    title = Booking.snapshot["package"]["title"].astext.label("title")  # type: ignore[index]
    return session.execute(
        select(  # type: ignore[call-overload]
            LedgerEntry.at,
            LedgerEntry.amount_minor,
            LedgerEntry.currency,
            LedgerEntry.cause,
            LedgerEntry.memo,
            Booking.reference,
            Booking.starts_on,
            title,
        )
        .select_from(Booking)
        .where(*_own(account, party_id), LedgerEntry.at >= first, LedgerEntry.at < end)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    ).all()
