"""Planning a change under lock and writing it, with the payment pages ended before."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import booking_changes as queries
from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import Booking
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.booking import UNDECIDED
from ecosystem.domain.changes import ChangeBy, ChangeDone, NewDate, What, WholeBooking
from ecosystem.domain.errors import Conflict, Invalid, NotFound, Unavailable
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price, no_price, price
from ecosystem.domain.public_price import Prices, priced
from ecosystem.domain.rates import Rates
from ecosystem.services.bookings.on_account import may_owe
from ecosystem.services.catalogue import Catalogue, rates_on
from ecosystem.services.changes import moving, views, writing
from ecosystem.services.changes.locking import lock_booking
from ecosystem.services.changes.planning import Plan, plan
from ecosystem.services.changes.situation import Situation, Target, waiting_departure
from ecosystem.services.payments import Payments
from ecosystem.services.payments.ending import Ended
from ecosystem.services.ports import Clock

TRIES = 3


@dataclass(frozen=True)
class Shown:
    """What the one who asks for a change was told it comes to, as far as that is known.

    ``unpaid`` is the payment whose absence is the reason for the change.
    """

    refund: Money | None = None
    to_pay: Money | None = None
    revision: int | None = None
    unpaid: UUID | None = None

    def check(self, now: Situation, made: Plan) -> None:
        """Raises ``Conflict`` when the change would come to something else by now."""
        money = made.preview
        if self.revision is not None and self.revision != now.booking.revision:
            raise Conflict(
                _("This booking has changed meanwhile. Look at it again."), code="booking_changed"
            )
        if self.refund is not None and self.refund != money.refund:
            raise Conflict(
                _("What comes back has changed meanwhile. Look at it again before you confirm."),
                code="refund_changed",
                refund=money.refund.minor,
            )
        if self.to_pay is not None and self.to_pay != money.to_pay:
            raise Conflict(
                _("What is to be paid has changed meanwhile. Look at it again."),
                code="price_changed",
                to_pay=money.to_pay.minor,
            )
        if self.unpaid is not None:
            reason = next((p for p in now.payments if p.id == self.unpaid), None)
            if reason is None or reason.status not in UNDECIDED or reason.closed_at:
                raise Conflict(_("This has been paid already."), code="already_paid")


class Carrying:
    """What the desk's methods have in common."""

    def __init__(
        self, database: Database, catalogue: Catalogue, payments: Payments, clock: Clock
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._payments = payments
        self._clock = clock

    def _carry_out(
        self,
        actor: Actor | None,
        booking: Booking,
        by: ChangeBy,
        what: What,
        shown: Shown,
        reason: str,
    ) -> ChangeDone:
        rates = self._rates(booking, what)
        ended: Ended = frozenset()
        for _attempt in range(TRIES):
            with self._database.unit(RDS) as session:
                done = self._try(session, actor, booking.id, by, what, rates, ended, shown, reason)
            if done is not None:
                return done
            ended = self._payments.end_pages(booking.id)
        raise Unavailable(_("This booking is being changed. Try again in a moment."), code="busy")

    def _try(
        self,
        session: RoutedSession,
        actor: Actor | None,
        booking_id: UUID,
        by: ChangeBy,
        what: What,
        rates: Rates | None,
        ended: Ended,
        shown: Shown,
        reason: str,
    ) -> ChangeDone | None:
        """Plan under lock and write; None when a payment page has to be ended first."""
        before = bookings.get(session, booking_id)
        assert before is not None  # it was found before
        others = [what.departure_id] if isinstance(what, NewDate) else []
        waiting = next((c for c in queries.of(session, booking_id) if c.state == "waiting"), None)
        if waiting is not None:
            others.append(waiting_departure(waiting))
        booking = lock_booking(session, before, others)
        now = self._situation(session, booking, by)
        if isinstance(what, WholeBooking) and booking.status == "cancelled":
            standing = next((c for c in now.changes if c.kind == "cancelled"), None)
            if standing is not None:
                return views.done(session, booking, standing, what)
        made = self._plan(session, now, what, rates)
        shown.check(now, made)
        touched = {part.payment_id for part in made.money.asks}
        open_ = [payment for payment in now.payments if payment.id in touched]
        if any(payment.status == "processing" for payment in open_):
            raise processing()
        if any(p.attempt and (p.id, p.attempt) not in ended for p in open_):
            return None
        if booking.agency_model == ON_ACCOUNT and made.preview.added_to_balance.minor:
            may_owe(session, booking, made.preview.added_to_balance, now.now)
        if made.preview.to_pay.minor:
            change, __ = moving.wait(session, actor, now, made, reason)
        else:
            change = writing.carry(session, actor, now, made, reason)
        session.flush()
        session.expire_all()
        fresh = bookings.get(session, booking_id)
        assert fresh is not None
        return views.done(session, fresh, change, what, made.preview)

    def _situation(self, session: RoutedSession, booking: Booking, by: ChangeBy) -> Situation:
        claim = seats.find_claim(session, booking.claim_id)
        assert claim is not None  # a booking's foreign key
        return Situation(
            booking=booking,
            claim=claim,
            payments=bookings.payments(session, [booking.id]),
            changes=queries.of(session, booking.id),
            by=by,
            now=self._clock.now(),
        )

    def _rates(self, booking: Booking, what: What) -> Rates | None:
        """What the package costs now; only another date is sold at that."""
        if not isinstance(what, NewDate):
            return None
        known = self._catalogue.rates(booking.package_id)
        if not known.published:
            raise Conflict(
                _("This trip is not offered any more, so its date can't be changed."),
                code="departure_closed",
            )
        return known.rates

    def _plan(
        self, session: RoutedSession, now: Situation, what: What, rates: Rates | None
    ) -> Plan:
        if not isinstance(what, NewDate):
            return plan(now, what)
        assert rates is not None
        row = seats.departure(session, what.departure_id)
        if row is None or row.package_id != now.booking.package_id:
            raise NotFound(_("This departure does not exist."), code="departure_not_found")
        on_it = rates_on(row, rates, now.booking.price_factor)
        if on_it is None:
            raise no_price()
        cost = cost_on(now, row, on_it)
        if cost is None:
            raise Conflict(
                _("One of your extras, or a party like yours, is not offered on other dates."),
                code="addon_gone",
            )
        left = seats.seats_left(session, row.id, now.now)
        return plan(now, what, Target(row, left, cost))


def cost_on(now: Situation, row: Any, rates: Rates) -> Prices | None:
    """What the booking's party and extras cost on a departure of these public ``rates``; None if
    one is not offered."""
    wanted = Price.from_json(now.booking.price).addon_ids
    if not wanted <= {addon.id for addon in rates.addons}:
        return None

    def cost(rates: Rates) -> Price:
        found = price(
            rates,
            adults=now.booking.adults,
            children=now.booking.children,
            addon_ids=wanted,
            starts_on=row.starts_on,
            today=row.starts_on,  # no deposit: what was paid counts
            child_ages=now.claim.child_ages,
        )
        due = row.starts_on - timedelta(days=rates.balance_due_days)
        return replace(found, balance_due_on=due)

    try:
        return priced(rates, now.booking.price_factor, cost)
    except Invalid:
        return None  # the package does not take a party like this any more


def processing() -> Conflict:
    """What is said while a bank has not decided about a payment."""
    return Conflict(
        _("A payment of this booking is still being processed. Try again when it has arrived."),
        code="payment_processing",
    )
