"""Carrying a plan out: everything it does, in the caller's one transaction.

No vendor is called here: refunds and reversals are rows and messages that follow the commit.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.queries import audit, bookings, ledger, messages, seats
from ecosystem.database.queries import booking_changes as queries
from ecosystem.database.tables import Booking, BookingChange, Payment, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.booking import ACCOUNT, SOLD
from ecosystem.domain.ids import secret_token, uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.repricing import Repricing
from ecosystem.domain.split import Split, split
from ecosystem.services import promises
from ecosystem.services.changes.planning import Plan, policy_after
from ecosystem.services.changes.situation import Situation, waiting_claim


def carry(
    session: RoutedSession, actor: Actor | None, now: Situation, plan: Plan, reason: str
) -> BookingChange:
    """Write a change that is done with the commit. Call with everything locked.

    ``actor`` is None for the product's own duties.
    """
    booking, at, after = now.booking, now.now, plan.preview.after
    change = record(now, plan, actor, reason, state="done", done_at=at)
    queries.add(session, change)
    sold = booking.status in SOLD
    if sold:
        post_repricing(session, booking, change, at)
    pay_back(session, booking, plan.money, change, at)
    ask_anew(session, now, plan)
    if sold:
        promises.take_back(session, booking.id, "change", at)
    if plan.preview.kind == "cancelled":
        _cancel(session, now)
    elif plan.target is None:
        _reduce(session, now, plan)
    else:
        claim = claim_on(now, plan, state="sold", expires_at=at)
        session.add(claim)
        session.flush()
        move(session, booking, change.detail, claim.id, after, at)
        owe_more(session, now, plan)
    if sold:
        tell(session, booking, change)
    audit.record(
        session,
        actor or GUEST,
        f"booking.{plan.preview.kind}",
        "booking",
        booking.reference,
        by=now.by,
        change=str(change.id),
        before=change.before_minor,
        after=after.minor,
        refund=plan.money.refund.minor,
        reason=reason,
    )
    return change


def record(
    now: Situation,
    plan: Plan,
    actor: Actor | None,
    reason: str,
    *,
    state: str,
    done_at: datetime | None = None,
    **detail: Any,
) -> BookingChange:
    """The row of a change, with all that is needed to show it again and to finish it later."""
    shown, target = plan.preview, plan.target
    kept: dict[str, Any] = {
        "percent": shown.percent,
        "subject": plan.subject,
        "was": now.booking.price,
        "lines": [[line.code, line.label, line.amount.minor] for line in shown.lines],
        **detail,
    }
    if plan.prices is not None:
        kept["price"] = plan.prices.as_json()
    if target is not None:
        kept |= {
            "departure_id": str(target.row.id),
            "starts_on": str(target.row.starts_on),
            "ends_on": str(target.row.ends_on),
            "timezone": target.row.timezone,
            "policy": policy_after(now, target),
            "from": [str(now.booking.starts_on), str(now.booking.ends_on)],
        }
    return BookingChange(
        id=uuid7(),
        booking_id=now.booking.id,
        kind=shown.kind,
        by=now.by,
        actor_id=actor.user_id if actor else None,
        state=state,
        currency=now.booking.currency,
        before_minor=shown.before.minor,
        after_minor=shown.after.minor,
        refund_minor=shown.refund.minor,
        retained_minor=shown.retained.minor,
        reason=reason,
        detail=kept,
        created_at=now.now,
        done_at=done_at,
    )


def post_repricing(
    session: RoutedSession, booking: Booking, change: BookingChange, at: datetime
) -> None:
    """The ledger follows from the old price to the new one, at the booking's own rates."""
    before = Money(change.before_minor, booking.currency)
    after = Money(change.after_minor, booking.currency)
    was, is_now = parts_of(booking, before), parts_of(booking, after)
    ledger.post(session, booking.id, [postings.repriced(change.id, before, after, was, is_now)], at)


def parts_of(booking: Booking, total: Money) -> Split:
    """Who gets what of a total, at the booking's own rates."""
    return split(total, booking.commission_percent, by_agency=booking.agency_id is not None)


def pay_back(
    session: RoutedSession, booking: Booking, money: Repricing, change: BookingChange, at: datetime
) -> None:
    """Promise the refunds of a change, each to the card of its payment."""
    known = {payment.id: payment for payment in bookings.payments(session, [booking.id])}
    for part in money.refunds:
        payment = known[part.payment_id]
        promises.refund(session, payment, part.amount, "change", at, change_id=change.id)


def ask_anew(session: RoutedSession, now: Situation, plan: Plan) -> None:
    """Let open payments ask for their new amounts; one of zero is closed.

    Their pages were ended before: the next page is another attempt, with a key of its own.
    """
    due_on = plan.prices.charged.price.balance_due_on if plan.target and plan.prices else None
    known = {payment.id: payment for payment in now.payments}
    for part in plan.money.asks:
        values: dict[str, Any] = {
            "status": "due",
            "failure": None,
            "stripe_session_id": None,
            "checkout_url": None,
            "session_expires_at": now.now,
            "updated_at": now.now,
        }
        if part.amount.minor:
            values["amount_minor"] = part.amount.minor
        else:
            values["closed_at"] = now.now
        asked = known[part.payment_id]
        if plan.target is not None and asked.kind == ACCOUNT:
            # The agreed days count from the booking: another date puts nothing off.
            values["due_on"] = min(asked.due_on, plan.target.row.starts_on)
        elif plan.target is not None:
            values["due_on"] = max(due_on or now.today, now.today)
        bookings.change_payment(session, part.payment_id, **values)


def owe_more(session: RoutedSession, now: Situation, plan: Plan) -> None:
    """What a dearer date costs an agency on account that has paid what it owed before."""
    missing, target = plan.money.missing, plan.target
    if not missing.minor or target is None:
        return
    session.add(
        Payment(
            booking_id=now.booking.id,
            kind=ACCOUNT,
            currency=missing.currency,
            amount_minor=missing.minor,
            due_on=min(now.today + timedelta(days=now.booking.agency_days), target.row.starts_on),
            pay_token=secret_token(),
            created_at=now.now,
            updated_at=now.now,
        )
    )
    session.flush()


def claim_on(now: Situation, plan: Plan, *, state: str, expires_at: datetime) -> SeatClaim:
    """Seats of the target departure for the booking's party. Nobody's holder may use them."""
    target = plan.target
    assert target is not None
    assert plan.prices is not None
    return SeatClaim(
        id=uuid7(),
        departure_id=target.row.id,
        package_id=now.booking.package_id,
        seats=now.claim.seats,
        state=state,
        expires_at=expires_at,
        holder=f"booking:{now.booking.id}",
        adults=now.booking.adults,
        children=now.booking.children,
        child_ages=list(now.claim.child_ages),
        price=plan.prices.charged.price.as_json(),
        created_at=now.now,
        updated_at=now.now,
    )


def move(
    session: RoutedSession,
    booking: Booking,
    detail: dict[str, Any],
    claim_id: UUID,
    total: Money,
    at: datetime,
) -> None:
    """The booking is on the other departure from now on; its old seats are free."""
    seats.set_claims(session, [booking.claim_id], "released", at)
    seats.set_claims(session, [claim_id], "sold", at)
    bookings.change(
        session,
        booking.id,
        claim_id=claim_id,
        departure_id=UUID(detail["departure_id"]),
        starts_on=date.fromisoformat(detail["starts_on"]),
        ends_on=date.fromisoformat(detail["ends_on"]),
        timezone=detail["timezone"],
        price=detail["price"],
        total_minor=total.minor,
        snapshot=booking.snapshot | {"policy": detail["policy"]},
        revision=booking.revision + 1,
        updated_at=at,
    )


def tell(session: RoutedSession, booking: Booking, change: BookingChange) -> None:
    """One e-mail about a change that is done."""
    topic = "booking_cancelled" if change.kind == "cancelled" else "booking_changed"
    messages.send(
        session,
        f"email.{topic}",
        {"booking_id": str(booking.id), "change_id": str(change.id)},
        dedupe_key=f"change:{change.id}:email",
    )


def drop(session: RoutedSession, change: BookingChange, at: datetime) -> None:
    """Give a date up that waits for its payment: nobody pays it, its seats are free."""
    queries.change(session, change.id, state="dropped", done_at=at)
    seats.set_claims(session, [waiting_claim(change)], "released", at)
    for payment in bookings.payments(session, [change.booking_id]):
        if payment.change_id == change.id and payment.closed_at is None:
            bookings.change_payment(
                session, payment.id, closed_at=at, checkout_url=None, updated_at=at
            )


def _cancel(session: RoutedSession, now: Situation) -> None:
    booking = now.booking
    if now.waiting is not None:
        drop(session, now.waiting, now.now)
    seats.set_claims(session, [booking.claim_id], "released", now.now)
    bookings.change(
        session,
        booking.id,
        status="cancelled",
        closed_at=now.now,
        revision=booking.revision + 1,
        updated_at=now.now,
    )


def _reduce(session: RoutedSession, now: Situation, plan: Plan) -> None:
    assert plan.prices is not None
    queries.change_seats(
        session,
        now.booking.claim_id,
        adults=plan.adults,
        children=plan.children,
        child_ages=plan.child_ages,
        now=now.now,
    )
    bookings.change(
        session,
        now.booking.id,
        adults=plan.adults,
        children=plan.children,
        travellers=list(plan.travellers),
        price=plan.prices.as_json(),
        total_minor=plan.preview.after.minor,
        revision=now.booking.revision + 1,
        updated_at=now.now,
    )
