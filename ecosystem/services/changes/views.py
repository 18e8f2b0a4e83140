"""Changes as they are shown: the answer to one, and a booking's history."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from ecosystem.database.queries import booking_changes as queries
from ecosystem.database.queries import bookings, money_rows
from ecosystem.database.tables import Booking, BookingChange, Payment, Refund
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.cancellation import dated
from ecosystem.domain.changes import (
    ChangeBy,
    ChangeDone,
    ChangeLine,
    ChangePreview,
    ChangeView,
    RefundView,
    What,
    subject_of,
)
from ecosystem.domain.money import Money
from ecosystem.services.changes import moving


def done(
    session: RoutedSession,
    booking: Booking,
    change: BookingChange,
    what: What,
    preview: ChangePreview | None = None,
) -> ChangeDone:
    """The answer to a change; one that was made before is shown as it was then."""
    payment = _payment_of(session, change)
    return ChangeDone(
        id=change.id,
        state=change.state,  # type: ignore[arg-type]
        status=booking.status,  # type: ignore[arg-type]
        preview=preview or _as_shown(booking, change, what),
        pay_path=f"/pay/{payment.pay_token}" if payment else "",
        held_until=moving.held_until(session, change) if payment else None,
    )


def history(session: RoutedSession, booking: Booking, by: ChangeBy) -> tuple[ChangeView, ...]:
    """The changes of a booking, newest first, for who looks at it in the capacity ``by``."""
    refunds: dict[UUID | None, list[Refund]] = defaultdict(list)
    for refund in money_rows.refunds(session, booking.id):
        refunds[refund.change_id].append(refund)
    changes = reversed(queries.of(session, booking.id))
    return tuple(change(session, one, by, refunds[one.id]) for one in changes)


def change(
    session: RoutedSession, row: BookingChange, by: ChangeBy, refunds: Sequence[Refund] = ()
) -> ChangeView:
    """One change with its refunds; a waiting one with the link that pays it.

    The operator gets no such link: it leads on to the trip with the buyer's key.
    """
    payment = _payment_of(session, row)
    return ChangeView(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]
        by=row.by,  # type: ignore[arg-type]
        state=row.state,  # type: ignore[arg-type]
        before=Money(row.before_minor, row.currency),
        after=Money(row.after_minor, row.currency),
        refund=Money(row.refund_minor, row.currency),
        retained=Money(row.retained_minor, row.currency),
        reason=row.reason,
        at=row.done_at or row.created_at,
        subject=subject_of(row.kind, row.detail),
        refunds=tuple(
            RefundView(
                amount=Money(one.amount_minor, one.currency),
                state=one.state,  # type: ignore[arg-type]
                reason=one.reason,  # type: ignore[arg-type]
                at=one.updated_at,
            )
            for one in refunds
        ),
        pay_path=f"/pay/{payment.pay_token}" if payment and by != "operator" else "",
        held_until=moving.held_until(session, row) if payment else None,
    )


def _payment_of(session: RoutedSession, row: BookingChange) -> Payment | None:
    """What a waiting change waits for."""
    if row.state != "waiting":
        return None
    payments = bookings.payments(session, [row.booking_id])
    return next((payment for payment in payments if payment.change_id == row.id), None)


def _as_shown(booking: Booking, row: BookingChange, what: What) -> ChangePreview:
    zero = Money.zero(row.currency)
    return ChangePreview(
        reference=booking.reference,
        kind=row.kind,  # type: ignore[arg-type]
        what=what,
        status=booking.status,  # type: ignore[arg-type]
        before=Money(row.before_minor, row.currency),
        after=Money(row.after_minor, row.currency),
        refund=Money(row.refund_minor, row.currency),
        retained=Money(row.retained_minor, row.currency),
        to_pay=zero,
        added_to_balance=zero,
        percent=row.detail["percent"],
        lines=tuple(
            ChangeLine(code, label, Money(minor, row.currency))
            for code, label, minor in row.detail["lines"]
        ),
        policy=dated(booking.snapshot["policy"], booking.starts_on),
        price=None,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        revision=booking.revision,
    )
