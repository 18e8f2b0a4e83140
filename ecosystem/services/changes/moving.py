"""A dearer date: its seats are held until the difference is paid, then the booking moves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from ecosystem.database.queries import audit, bookings, seats
from ecosystem.database.queries import booking_changes as queries
from ecosystem.database.tables import Booking, BookingChange, Payment, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.booking import HOLD_LIFE, SOLD, kept_until
from ecosystem.domain.ids import secret_token
from ecosystem.domain.money import Money
from ecosystem.services.changes import writing
from ecosystem.services.changes.planning import Plan
from ecosystem.services.changes.situation import Situation, waiting_claim, waiting_departure


def wait(
    session: RoutedSession, actor: Actor | None, now: Situation, plan: Plan, reason: str
) -> tuple[BookingChange, Payment]:
    """Hold the seats of the dearer date and ask for the difference. The booking stays as it is.

    Call with both departures and the booking locked.
    """
    claim = writing.claim_on(now, plan, state="held", expires_at=now.now + HOLD_LIFE)
    session.add(claim)
    session.flush()
    change = writing.record(now, plan, actor, reason, state="waiting", claim_id=str(claim.id))
    queries.add(session, change)
    payment = Payment(
        booking_id=now.booking.id,
        kind="change",
        currency=now.booking.currency,
        amount_minor=plan.money.missing.minor,
        due_on=now.today,
        pay_token=secret_token(),
        change_id=change.id,
        created_at=now.now,
        updated_at=now.now,
    )
    session.add(payment)
    session.flush()
    audit.record(
        session,
        actor or GUEST,
        "booking.date_change_asked",
        "booking",
        now.booking.reference,
        by=now.by,
        change=str(change.id),
        to_pay=payment.amount_minor,
    )
    return change, payment


def waiting_change(session: RoutedSession, payment: Payment) -> BookingChange | None:
    """The change that waits for this payment, if it still does."""
    if payment.change_id is None:
        return None
    change = queries.get(session, payment.change_id)
    return change if change is not None and change.state == "waiting" else None


def keep_seats(session: RoutedSession, change: BookingChange, now: datetime) -> bool:
    """Hold the new date's seats for as long as a payment page lives.

    False if they are gone, or have been kept for as long as they can be. Call with the new departure locked.
    """
    claim = _to_be_had(session, change, now)
    if claim is None:
        return False
    until = kept_until(claim.expires_at, change.created_at, now)
    if until is None:
        return False
    seats.set_claims(session, [claim.id], "held", now, expires_at=until)
    return True


def _to_be_had(session: RoutedSession, change: BookingChange, now: datetime) -> SeatClaim | None:
    """The claim of the new date's seats, if they are held or still free."""
    claim = seats.find_claim(session, waiting_claim(change), lock=True)
    assert claim is not None  # written with the change
    live = claim.state == "held" and claim.expires_at > now
    if not live and seats.seats_left(session, waiting_departure(change), now) < claim.seats:
        return None
    return claim


def paid(session: RoutedSession, booking: Booking, payment: Payment, now: datetime) -> bool:
    """The difference was paid: the booking moves, if its new seats are still to be had.

    False when they are gone, or when the change was given up: the payment buys nothing. Call
    with both departures and the booking locked; the payment itself is posted by the caller.
    """
    change = waiting_change(session, payment)
    if change is None or booking.status not in SOLD:
        return False
    if booking.total_minor != change.before_minor or not _to_be_had(session, change, now):
        writing.drop(session, change, now)
        return False
    after = Money(change.after_minor, booking.currency)
    queries.change(session, change.id, state="done", done_at=now)
    writing.post_repricing(session, booking, change, now)
    writing.move(session, booking, change.detail, waiting_claim(change), after, now)
    writing.tell(session, booking, change)
    return True


def give_up(
    session: RoutedSession,
    actor: Actor | None,
    booking: Booking,
    change: BookingChange,
    now: datetime,
) -> None:
    """Drop a waiting change; call with everything locked and its payment page ended."""
    writing.drop(session, change, now)
    audit.record(
        session,
        actor or GUEST,
        "booking.date_change_dropped",
        "booking",
        booking.reference,
        change=str(change.id),
    )


def held_until(session: RoutedSession, change: BookingChange) -> datetime:
    """Until when the new date's seats are kept."""
    claim = seats.find_claim(session, waiting_claim(change))
    assert claim is not None  # written with the change
    return claim.expires_at


def page_open(
    session: RoutedSession, change: BookingChange, ended: Collection[tuple[UUID, int]]
) -> bool:
    """Whether a page for the difference was opened that is not among those that were ended."""
    payments = bookings.payments(session, [change.booking_id])
    return any(
        p.change_id == change.id
        and p.attempt
        and not p.closed_at
        and (p.id, p.attempt) not in ended
        for p in payments
    )


def still_paying(session: RoutedSession, change: BookingChange) -> bool:
    """Whether a bank has not decided yet about the difference."""
    payments = bookings.payments(session, [change.booking_id])
    return any(p.change_id == change.id and p.status == "processing" for p in payments)
