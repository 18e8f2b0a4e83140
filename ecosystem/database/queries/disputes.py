"""Disputes, and what can be said about a booking in one. Group: rds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from ecosystem.database.tables import (
    Booking,
    BookingAccess,
    Dispute,
    Message,
    SentEmail,
    Transfer,
    TransferReversal,
)
from ecosystem.database.unit_of_work import RoutedSession


def by_stripe_id(session: RoutedSession, stripe_id: str) -> Dispute | None:
    return session.execute(
        select(Dispute).where(Dispute.stripe_dispute_id == stripe_id)
    ).scalar_one_or_none()


def with_booking(session: RoutedSession, dispute_id: UUID) -> tuple[Dispute, Booking] | None:
    found: Any = select(Dispute, Booking).join(  # type: ignore[call-overload]
        Booking, Booking.id == Dispute.booking_id
    )
    row = session.execute(found.where(Dispute.id == dispute_id)).one_or_none()
    return None if row is None else (row.Dispute, row.Booking)


def of_booking(session: RoutedSession, booking_id: UUID) -> list[Dispute]:
    return list(
        session.execute(
            select(Dispute).where(Dispute.booking_id == booking_id).order_by(Dispute.created_at)  # type: ignore[arg-type]
        ).scalars()
    )


def rows(
    session: RoutedSession, *, only_open: bool, limit: int, offset: int = 0
) -> Sequence[Row[Any]]:
    """Disputes with their bookings: open ones first, the nearest deadline on top."""
    found: Any = select(Dispute, Booking).join(  # type: ignore[call-overload]
        Booking, Booking.id == Dispute.booking_id
    )
    if only_open:
        found = found.where(Dispute.closed_at.is_(None))  # type: ignore[union-attr]
    closed: Any = Dispute.closed_at
    order = (
        closed.is_not(None),
        closed.desc(),
        Dispute.evidence_due_by.asc().nulls_last(),  # type: ignore[union-attr]
        Dispute.created_at.desc(),  # type: ignore[attr-defined]
    )
    return session.execute(found.order_by(*order).limit(limit).offset(offset)).all()


def to_look_at(session: RoutedSession, before: datetime, limit: int) -> list[str]:
    """Stripe's ids of open disputes nobody has asked about since ``before``."""
    return list(
        session.execute(
            select(Dispute.stripe_dispute_id)
            .where(Dispute.closed_at.is_(None), Dispute.updated_at < before)  # type: ignore[union-attr]
            .order_by(Dispute.updated_at)  # type: ignore[arg-type]
            .limit(limit)
        ).scalars()
    )


def change(session: RoutedSession, dispute_id: UUID, **values: Any) -> None:
    session.execute(update(Dispute).where(Dispute.id == dispute_id).values(**values))


def begin_evidence(
    session: RoutedSession, dispute_id: UUID, now: datetime, stale: datetime
) -> bool:
    """Take the turn of handing evidence in; False if it is taken, or evidence was handed in."""
    begun: Any = Dispute.evidence_begun_at
    taken = session.execute(
        update(Dispute)
        .where(
            Dispute.id == dispute_id,  # type: ignore[arg-type]
            Dispute.evidence_sent_at.is_(None),  # type: ignore[union-attr]
            begun.is_(None) | (begun < stale),
        )
        .values(evidence_begun_at=now)
    )
    return taken.rowcount == 1  # type: ignore[attr-defined]


def transfers_with_rest(
    session: RoutedSession, payment_id: UUID
) -> list[tuple[Transfer, int, int]]:
    """Sent transfers of a payment, each with what is neither back nor on its way back, and
    with what came back of it for disputes."""
    coming: Any = (
        select(func.coalesce(func.sum(TransferReversal.amount_minor), 0))
        .where(TransferReversal.transfer_id == Transfer.id, TransferReversal.state != "done")
        .scalar_subquery()
    )
    back: Any = (
        select(func.coalesce(func.sum(TransferReversal.amount_minor), 0))
        .where(
            TransferReversal.transfer_id == Transfer.id,
            TransferReversal.state == "done",
            TransferReversal.reason == "dispute",
        )
        .scalar_subquery()
    )
    found: Any = select(Transfer, coming.label("coming"), back.label("back")).where(  # type: ignore[call-overload]
        Transfer.payment_id == payment_id, Transfer.state == "sent"
    )
    return [
        (
            row.Transfer,
            row.Transfer.amount_minor - row.Transfer.reversed_minor - int(row.coming),
            int(row.back),
        )
        for row in session.execute(found.order_by(Transfer.created_at, Transfer.id))
    ]


def drop_unsent(session: RoutedSession, payment_id: UUID, now: datetime) -> None:
    """Transfers of a payment that nobody has begun to send are not sent. Lock the booking."""
    session.execute(
        update(Transfer)
        .where(
            Transfer.payment_id == payment_id,
            Transfer.state.in_(("wanted", "failed")),  # type: ignore[attr-defined]
            Transfer.attempt == 0,
        )
        .values(state="dropped", updated_at=now)
    )


def forget_failed_reversals(session: RoutedSession, payment_id: UUID) -> None:
    """Nobody has to take back any more what could not be taken back for a dispute."""
    of_payment = select(Transfer.id).where(Transfer.payment_id == payment_id)
    session.execute(
        delete(TransferReversal).where(
            TransferReversal.transfer_id.in_(of_payment),  # type: ignore[attr-defined]
            TransferReversal.reason == "dispute",
            TransferReversal.state == "failed",
        )
    )


_PLAN_AGAIN = text(
    """
    update payments p set transfers_planned_at = null
    where p.transfers_planned_at is not null and p.status in ('paid', 'partially_refunded')
      and p.id in (select payment_id from disputes where status in ('won', 'prevented', 'lost'))
      and exists (
        select from transfer_reversals r join transfers t on t.id = r.transfer_id
        where t.payment_id = p.id and r.reason = 'dispute' and r.state = 'done'
          and r.updated_at > p.transfers_planned_at
      )
    """
)


def plan_again_after_late_reversals(session: RoutedSession) -> None:
    """A reversal that was under way while its dispute ended: its party gets its share again."""
    session.execute(_PLAN_AGAIN)


def reversals_for(session: RoutedSession, payment_id: UUID) -> list[Row[Any]]:
    """Reversals for disputes of a payment, with their party."""
    found: Any = (
        select(TransferReversal, Transfer.party)  # type: ignore[call-overload]
        .join(Transfer, Transfer.id == TransferReversal.transfer_id)
        .where(Transfer.payment_id == payment_id, TransferReversal.reason == "dispute")
    )
    return list(session.execute(found.order_by(TransferReversal.created_at)))


_OWING = text(
    """
    with owing as (
      select booking_id, currency, sum(greatest(rest, 0))::bigint as owes
      from (
        select l.booking_id, l.currency, l.account, sum(l.amount_minor) as rest
        from ledger_entries l
        where l.booking_id in (select booking_id from disputes where status = 'lost')
          and l.account in ('operator_payable', 'agency_payable')
        group by 1, 2, 3
      ) balances
      group by 1, 2
    )
    update disputes d set unrecovered_minor = least(o.owes, d.amount_minor)
    from owing o
    where d.booking_id = o.booking_id and d.currency = o.currency and d.status = 'lost'
      and d.unrecovered_minor <> least(o.owes, d.amount_minor)
    """
)


def note_unrecovered(session: RoutedSession) -> int:
    """Bring lost disputes up to date with what their parties still owe by the ledger."""
    return session.execute(_OWING).rowcount  # type: ignore[attr-defined]


# What can be said about a booking --------------------------------------------------------


def note_access(
    session: RoutedSession,
    booking_id: UUID,
    what: str,
    address: str,
    browser: str,
    now: datetime,
) -> None:
    """Count a look of one day from one address."""
    row = insert(BookingAccess).values(
        booking_id=booking_id,
        what=what,
        day=now.date(),
        address=address,
        browser=browser,
        first_at=now,
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["booking_id", "what", "day", "address"],
            set_={"times": BookingAccess.times + 1, "browser": row.excluded.browser},
        )
    )


def accesses(session: RoutedSession, booking_id: UUID) -> list[BookingAccess]:
    return list(
        session.execute(
            select(BookingAccess)
            .where(BookingAccess.booking_id == booking_id)
            .order_by(BookingAccess.first_at)  # type: ignore[arg-type]
        ).scalars()
    )


def emails(session: RoutedSession, booking_id: UUID, recipient: str) -> list[SentEmail]:
    """What was written to one address about a booking, in order."""
    return list(
        session.execute(
            select(SentEmail)
            .where(SentEmail.booking_id == booking_id, SentEmail.recipient == recipient)
            .order_by(SentEmail.sent_at)  # type: ignore[arg-type]
        ).scalars()
    )


def messages(session: RoutedSession, booking_id: UUID) -> list[Message]:
    """What buyer and operator wrote to each other, in order."""
    return list(
        session.execute(
            select(Message).where(Message.booking_id == booking_id).order_by(Message.created_at)  # type: ignore[arg-type]
        ).scalars()
    )
