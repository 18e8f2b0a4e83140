"""Refunds, carried out: promised in a commit, asked of Stripe afterwards, followed to the card.

The idempotency key is the refund's id and its attempt, so asking again after a crash gets the
first answer. What Stripe refuses, or a bank sends back, stays owed until a person tries again
or settles it another way.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, ledger, messages, refunds
from ecosystem.database.tables import Payment, Refund
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain import ledger as postings
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import SOLD
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import N_
from ecosystem.domain.money import Money
from ecosystem.domain.payouts import OpenRefund
from ecosystem.services.one_of_many import apart
from ecosystem.services.ops_desk import only_ops
from ecosystem.services.ports import Clock, RefundResult
from ecosystem.services.ports import Payments as PaymentsPort

log = logging.getLogger(__name__)

QUIET = timedelta(minutes=2)
"""A promise nobody has carried out for this long was forgotten by a crash."""

SILENT = timedelta(hours=6)
"""A refund on its way nobody has heard of for this long is asked about."""

KEYS_LAST = timedelta(hours=20)
"""After this Stripe may have forgotten a key (it keeps them for 24 hours), so a promise this
old is looked for among the payment's refunds before it is asked for."""

AT_ONCE = 100
SHOWN = 200
FAILED = ("failed", "canceled")
NO_SEATS = N_("The seats were gone.")
NOT_ASKED = N_("This amount was not asked for any more.")
TWICE = N_("It was paid twice.")
"""Why a payment bought nothing, as the e-mail says it."""


class Refunds:
    """``carry_out``, ``look`` and ``reconcile`` may be called any number of times, at once."""

    def __init__(self, database: Database, stripe: PaymentsPort, clock: Clock) -> None:
        self._database = database
        self._stripe = stripe
        self._clock = clock

    # What a commit promised -------------------------------------------------

    def carry_out(self, payload: Mapping[str, str]) -> None:
        """``refund.carry_out``: ask Stripe for a promised refund and record its answer.

        Raises:
            Unavailable: Stripe does not answer; the same call may be made again.
        """
        refund_id = UUID(payload["refund_id"])
        with self._database.unit(RDS) as session:
            row = refunds.get(session, refund_id)
        if row is None or row.state != "wanted":
            return
        try:
            result = self._asked(row)
        except (Invalid, NotFound) as refused:
            self._refused(row, refused.code)
            return
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            booking = bookings.lock(session, row.booking_id)
            current = refunds.get(session, refund_id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            self._taken(session, current, result, now)
            if row.reason in ("late", "twice"):
                sold = booking is not None and booking.status in SOLD
                late = NOT_ASKED if sold else NO_SEATS
                self._tell_given_back(session, row, TWICE if row.reason == "twice" else late)
            else:
                self._tell_sent(session, row)

    def _asked(self, row: Refund) -> RefundResult:
        ours = {"refund_id": str(row.id), "attempt": str(row.attempt)}
        if self._clock.now() - row.updated_at > KEYS_LAST:
            for made in self._stripe.refunds_of(row.payment_intent):
                if {key: made.metadata.get(key) for key in ours} == ours:
                    return made
        return self._stripe.refund(
            f"refund:{row.id}:{row.attempt}",
            row.payment_intent,
            Money(row.amount_minor, row.currency),
            metadata={**ours, "booking_id": str(row.booking_id)},
        )

    def _taken(
        self, session: RoutedSession, row: Refund, result: RefundResult, now: datetime
    ) -> None:
        amount = Money(row.amount_minor, row.currency)
        ledger.post(
            session, row.booking_id, [postings.refund_sent(row.id, row.attempt, amount)], now
        )
        state = "succeeded" if result.status == "succeeded" else "pending"
        refunds.change(
            session,
            row.id,
            state=state,
            stripe_refund_id=result.id,
            failure=None,
            updated_at=now,
        )
        row.state, row.stripe_refund_id = state, result.id
        self._follow(session, row, result, now)

    def _refused(self, row: Refund, code: str) -> None:
        """Stripe will never carry this attempt out: the money is still owed."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            bookings.lock(session, row.booking_id)
            current = refunds.get(session, row.id, lock=True)
            if current is None or (current.state, current.attempt) != ("wanted", row.attempt):
                return
            refunds.change(session, row.id, state="failed", failure=code, updated_at=now)
            self._tell_failed(session, row)

    def _follow(
        self, session: RoutedSession, row: Refund, result: RefundResult, now: datetime
    ) -> None:
        """Make our row say what Stripe says of the same refund. It may fail after it succeeded."""
        if row.stripe_refund_id != result.id or row.state not in ("pending", "succeeded"):
            return
        if result.status in FAILED:
            amount = Money(row.amount_minor, row.currency)
            posting = postings.refund_failed(row.id, row.attempt, amount)
            ledger.post(session, row.booking_id, [posting], now)
            refunds.change(
                session,
                row.id,
                state="failed",
                failure=result.failure or result.status,
                updated_at=now,
            )
            self._tell_failed(session, row)
        elif result.status == "succeeded" and row.state == "pending":
            refunds.change(session, row.id, state="succeeded", updated_at=now)

    def _tell_given_back(self, session: RoutedSession, row: Refund, reason: str) -> None:
        payload = {"amount": row.amount_minor, "currency": row.currency, "reason": reason}
        messages.send(
            session,
            "email.payment_given_back",
            {"booking_id": str(row.booking_id), "refund_id": str(row.id), **payload},
            dedupe_key=f"refund:{row.id}:given_back",
        )

    def _tell_sent(self, session: RoutedSession, row: Refund) -> None:
        messages.send(
            session,
            "email.refund_sent",
            {"booking_id": str(row.booking_id), "refund_id": str(row.id)},
            dedupe_key=f"refund:{row.id}:sent",
        )

    def _tell_failed(self, session: RoutedSession, row: Refund) -> None:
        messages.send(
            session,
            "email.refund_failed",
            {"booking_id": str(row.booking_id), "refund_id": str(row.id)},
            dedupe_key=f"refund:{row.id}:{row.attempt}:failed",
        )

    # What Stripe tells -------------------------------------------------------

    def look(self, payment_intent: str, *, event_id: str | None = None) -> None:
        """Compare the refunds of one charge at Stripe with ours.

        One that somebody made in Stripe's own pages is recorded as ``goodwill``: it was
        nobody's decision here, so the buyer owes the amount again until operations adjust it.

        Raises:
            Unavailable: Stripe does not answer.
        """
        try:
            there = self._stripe.refunds_of(payment_intent)
        except (Invalid, NotFound):
            there = ()
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            payment = bookings.payment(session, stripe_payment_intent=payment_intent)
            known = refunds.of_intent(session, payment_intent)
            booking_id = payment.booking_id if payment else known[0].booking_id if known else None
            if booking_id is not None:
                bookings.lock(session, booking_id)
                known = refunds.of_intent(session, payment_intent)
                by_stripe = {row.stripe_refund_id: row for row in known}
                for result in reversed(there):
                    row = by_stripe.get(result.id)
                    if row is not None:
                        self._follow(session, row, result, now)
                    elif "refund_id" not in result.metadata and payment is not None:
                        self._somebodys(session, payment.id, result, now)
            if event_id is not None:
                messages.finish_inbox(session, event_id, now)

    def _somebodys(
        self, session: RoutedSession, payment_id: UUID, result: RefundResult, now: datetime
    ) -> None:
        if result.status in FAILED:
            return
        payment = bookings.payment(session, id=payment_id, lock_row=True)
        assert payment is not None
        row = Refund(
            id=uuid7(),
            booking_id=payment.booking_id,
            payment_id=payment.id,
            payment_intent=result.payment_intent,
            currency=result.amount.currency,
            amount_minor=result.amount.minor,
            reason="goodwill",
            state="succeeded" if result.status == "succeeded" else "pending",
            stripe_refund_id=result.id,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        self._less(session, payment, result.amount.minor, now)
        ledger.post(
            session,
            payment.booking_id,
            [
                postings.refund_owed(row.id, result.amount),
                postings.refund_sent(row.id, row.attempt, result.amount),
            ],
            now,
        )

    def _less(
        self, session: RoutedSession, payment: Payment, amount_minor: int, now: datetime
    ) -> None:
        """A promise of ours that crosses one made at Stripe will be refused there: never below
        nothing here."""
        back = payment.refunded_minor + min(amount_minor, payment.rest_minor)
        values = {"refunded_minor": back, "updated_at": now}
        if payment.status != "disputed":
            whole = back + payment.lost_minor == payment.amount_minor
            values["status"] = "refunded" if whole else "partially_refunded"
        bookings.change_payment(session, payment.id, **values)

    # What is left --------------------------------------------------------------

    def reconcile(self) -> int:
        """Carry out forgotten promises and ask about silent refunds; returns how many."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            rows = refunds.unfinished(session, now - QUIET, now - SILENT, AT_ONCE)
        for row in rows:
            if row.state == "wanted":
                apart(self.carry_out, row.id, {"refund_id": str(row.id)})
            else:
                apart(self._ask_again, row.id, row)
        return len(rows)

    def _ask_again(self, row: Refund) -> None:
        self.look(row.payment_intent)
        with self._database.unit(RDS) as session:
            # Still on its way: it has its next turn after the others.
            refunds.change(session, row.id, updated_at=self._clock.now())

    def open(self, actor: Actor) -> tuple[OpenRefund, ...]:
        """Refunds that have not arrived, failed ones first.

        Raises:
            Forbidden: not somebody of operations.
        """
        only_ops(actor)
        with self._database.unit(RDS) as session:
            return tuple(
                OpenRefund(
                    id=row.id,
                    reference=row.reference,
                    amount=Money(row.amount_minor, row.currency),
                    reason=row.reason,
                    state=row.state,
                    failure=row.failure,
                    since=row.since,
                )
                for row in refunds.open_rows(session, SHOWN)
            )

    def retry(self, actor: Actor, refund_id: UUID) -> None:
        """Try a failed refund again, with a key of its own.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such refund.
            Conflict: it has not failed, or somebody was quicker.
        """
        with self._database.unit(RDS) as session:
            row = self._failed(session, actor, refund_id)
            now = self._clock.now()
            attempt = row.attempt + 1
            refunds.change(
                session,
                row.id,
                state="wanted",
                attempt=attempt,
                stripe_refund_id=None,
                failure=None,
                updated_at=now,
            )
            messages.send(
                session,
                "refund.carry_out",
                {"refund_id": str(row.id)},
                dedupe_key=f"refund:{row.id}:{attempt}",
            )
            audit.record(session, actor, "refund.retried", "refund", row.id, attempt=attempt)

    def by_hand(self, actor: Actor, refund_id: UUID, note: str) -> None:
        """Record that a failed refund reached the buyer another way, outside Stripe.

        Raises:
            Forbidden: not somebody of operations.
            NotFound: no such refund.
            Invalid: the note does not say how.
            Conflict: it has not failed, or somebody was quicker.
        """
        note = note.strip()
        with self._database.unit(RDS) as session:
            row = self._failed(session, actor, refund_id)
            if not 3 <= len(note) <= 500:
                raise Invalid.one("note", "Say how the money reached the buyer (3 to 500 letters).")
            now = self._clock.now()
            amount = Money(row.amount_minor, row.currency)
            refunds.change(session, row.id, state="by_hand", updated_at=now)
            ledger.post(session, row.booking_id, [postings.refund_by_hand(row.id, amount)], now)
            audit.record(session, actor, "refund.by_hand", "refund", row.id, note=note)

    def _failed(self, session: RoutedSession, actor: Actor, refund_id: UUID) -> Refund:
        only_ops(actor)
        row = refunds.get(session, refund_id)
        if row is None:
            raise NotFound("This refund does not exist.", code="refund_not_found")
        bookings.lock(session, row.booking_id)
        row = refunds.get(session, refund_id, lock=True)
        if row is None or row.state != "failed":
            raise Conflict("This refund has not failed.", code="refund_not_failed")
        return row
