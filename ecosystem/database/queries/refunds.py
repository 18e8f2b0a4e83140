"""Refunds: money promised back to a card, and how far it has come. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text, update

from ecosystem.database.tables import Refund
from ecosystem.database.unit_of_work import RoutedSession


def get(session: RoutedSession, refund_id: UUID, *, lock: bool = False) -> Refund | None:
    """One refund as it is now. Lock its booking before its own row."""
    statement = select(Refund).where(Refund.id == refund_id)
    if lock:
        statement = statement.with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def of_intent(session: RoutedSession, payment_intent: str) -> list[Refund]:
    """Every refund of one charge, oldest first."""
    return list(
        session.execute(
            select(Refund)
            .where(Refund.payment_intent == payment_intent)
            .order_by(Refund.created_at, Refund.id)  # type: ignore[arg-type]
            .execution_options(populate_existing=True)
        ).scalars()
    )


def change(session: RoutedSession, refund_id: UUID, **values: Any) -> None:
    session.execute(update(Refund).where(Refund.id == refund_id).values(**values))


def unfinished(
    session: RoutedSession, wanted_before: datetime, pending_before: datetime, limit: int
) -> list[Refund]:
    """What a crash or a lost event left: promised and not asked for, or asked for and not
    heard of, the longest silent first."""
    return list(
        session.execute(
            select(Refund)
            .from_statement(
                text(
                    "select * from refunds where (state = 'wanted' and updated_at < :wanted)"
                    " or (state = 'pending' and updated_at < :pending)"
                    " order by updated_at limit :limit"
                )
            )
            .params(wanted=wanted_before, pending=pending_before, limit=limit)
        ).scalars()
    )


def open_rows(session: RoutedSession, limit: int) -> Sequence[Row[Any]]:
    """Refunds that have not arrived with their bookings' references, failed ones first."""
    return session.execute(
        text(
            "select r.id, b.reference, r.currency, r.amount_minor, r.reason, r.state,"
            " coalesce(r.failure, '') as failure, r.updated_at as since"
            " from refunds r join bookings b on b.id = r.booking_id"
            " where r.state in ('wanted', 'pending', 'failed')"
            " order by r.state <> 'failed', r.updated_at limit :limit"
        ),
        {"limit": limit},
    ).all()
