"""Changes of a booking for those it concerns: buyer, agent, operator, operations."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import booking_changes as queries
from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import Booking
from ecosystem.domain.actor import Actor
from ecosystem.domain.changes import (
    ChangeDone,
    ChangePreview,
    ChangeView,
    DateChoice,
    NewDate,
    Possible,
    What,
)
from ecosystem.domain.errors import Conflict, Invalid, NotFound, Unavailable
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.services.catalogue import rates_on
from ecosystem.services.changes import moving, views
from ecosystem.services.changes.access import (
    find,
    may_write,
    no_booking,
    told_amounts,
)
from ecosystem.services.changes.carrying import Carrying, Shown, cost_on, processing
from ecosystem.services.changes.locking import lock_booking
from ecosystem.services.changes.planning import prices_on
from ecosystem.services.changes.situation import (
    may_cancel,
    may_move,
    may_reduce,
    waiting_departure,
)
from ecosystem.services.one_of_many import apart

AHEAD = timedelta(days=730)
"""How far away another date may be."""
LONGEST_REASON = 500
AT_ONCE = 100


class Changes(Carrying):
    """Who may change a booking: the customer who owns it, a guest with its view key
    (``key``), an agent of its agency, an owner or editor of its operator, operations."""

    def possible(self, actor: Actor, reference: str, *, key: str = "") -> Possible:
        """What the actor may change on the booking now.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        with self._database.unit(RDS) as session:
            booking, by = find(session, actor, reference, key)
            now = self._situation(session, booking, by)
            waiting = now.waiting
            writing = may_write(actor) and told_amounts(booking, actor, by)
            free = writing and waiting is None
            party = now.party if free and may_reduce(now) and now.rates else []
            addons = now.removable if free and may_reduce(now) else []
            return Possible(
                by=by,
                cancel=writing and may_cancel(now),
                party=tuple(party) if len(party) > 1 else (),
                addons=tuple((UUID(line.code[6:]), line.label) for line in addons),
                date=free and may_move(now),
                waiting=views.change(session, waiting, by) if waiting else None,
            )

    def preview(self, actor: Actor, reference: str, what: What, *, key: str = "") -> ChangePreview:
        """What a change would come to now. Changes nothing.

        Raises:
            NotFound: no such booking, traveller, add-on or departure, or somebody else's.
            Forbidden: one of the operator's team who may only look.
            Conflict: ``not_changeable`` (ended, begun, cancelled), ``last_adult``,
                ``addon_required``, ``addon_gone``, ``sold_out`` with ``seats_left``,
                ``departure_closed``, ``same_date``, ``not_bookable``, ``no_price``,
                ``change_waiting`` (another date waits for its payment), ``no_rates``.
        """
        with self._database.unit(RDS) as session:
            booking, by = find(session, actor, reference, key, changing=True)
        rates = self._rates(booking, what)
        with self._database.unit(RDS) as session:
            return self._plan(session, self._situation(session, booking, by), what, rates).preview

    def carry_out(
        self,
        actor: Actor,
        reference: str,
        what: What,
        *,
        key: str = "",
        expected_refund: Money | None = None,
        expected_to_pay: Money | None = None,
        revision: int | None = None,
        reason: str = "",
    ) -> ChangeDone:
        """Make the change; the money that goes back is on its way when this returns.

        ``expected_refund``, ``expected_to_pay`` and ``revision`` are what the preview said.
        Cancelling a booking that is cancelled answers with that cancellation.

        Raises:
            As ``preview``, and
            Invalid: the reason is too long.
            Conflict: ``refund_changed`` (with ``refund`` in minor units), ``price_changed``
                (with ``to_pay``), ``booking_changed``, ``payment_processing`` while a bank
                has not decided.
            Unavailable: Stripe does not answer; nothing was changed.
        """
        if len(reason) > LONGEST_REASON:
            raise Invalid.one("reason", _("Use at most 500 characters."))
        with self._database.unit(RDS) as session:
            booking, by = find(session, actor, reference, key, changing=True)
        shown = Shown(expected_refund, expected_to_pay, revision)
        return self._carry_out(actor, booking, by, what, shown, reason.strip())

    def carry_out_as_system(
        self, booking_id: UUID, what: What, *, reason: str, unpaid: UUID | None = None
    ) -> ChangeDone:
        """As ``carry_out`` by the buyer's policy, for the product's own duties.

        ``unpaid`` is the payment whose absence is the reason: if it has come after all,
        nothing is changed.

        Raises:
            As ``carry_out``, and
            Conflict: ``already_paid``: ``unpaid`` has been paid.
        """
        with self._database.unit(RDS) as session:
            booking = bookings.get(session, booking_id)
        if booking is None:
            raise no_booking()
        return self._carry_out(None, booking, "system", what, Shown(unpaid=unpaid), reason)

    def dates(
        self,
        actor: Actor,
        reference: str,
        *,
        key: str = "",
        first: date | None = None,
        limit: int = 24,
    ) -> Sequence[DateChoice]:
        """Departures the booking can move to, from ``first``, with the difference in price.

        None for a booking whose date can't be changed (any more).

        Raises:
            NotFound: no such booking, or somebody else's.
            Forbidden: one of the operator's team who may only look.
            Conflict: ``departure_closed``: the trip is not offered any more.
        """
        with self._database.unit(RDS) as session:
            booking, by = find(session, actor, reference, key, changing=True)
        rates = self._rates(booking, NewDate(booking.departure_id))
        assert rates is not None
        with self._database.unit(RDS) as session:
            now = self._situation(session, booking, by)
            if not may_move(now):
                return ()
            soonest = max(first or now.today, now.today + timedelta(days=1))
            rows = seats.departures(
                session, booking.package_id, soonest, now.today + AHEAD, now.now
            )
            found: list[DateChoice] = []
            for row in rows:
                open_ = row.status == "open" and row.seats_left >= now.claim.seats
                wanted = open_ and row.id != booking.departure_id
                on_it = rates_on(row, rates, booking.price_factor) if wanted else None
                cost = cost_on(now, row, on_it) if on_it else None
                if cost is None:
                    continue
                total = prices_on(now, cost).charged.price.total
                found.append(
                    DateChoice(
                        departure_id=row.id,
                        starts_on=row.starts_on,
                        ends_on=row.ends_on,
                        seats_left=row.seats_left,
                        total=total,
                        difference=total - now.total,
                    )
                )
            return tuple(found[:limit])

    def drop(self, actor: Actor, reference: str, change_id: UUID, *, key: str = "") -> None:
        """Give up a dearer date that waits for its payment: its seats go back.

        Dropping one that is dropped already is fine.

        Raises:
            NotFound: no such change of the booking.
            Conflict: ``already_paid``: the date has changed meanwhile; ``payment_processing``.
            Unavailable: Stripe does not answer.
        """
        with self._database.unit(RDS) as session:
            booking, __ = find(session, actor, reference, key, changing=True)
            change = queries.get(session, change_id)
        if change is None or change.booking_id != booking.id or change.kind != "date_changed":
            raise NotFound(_("There is no such change."), code="change_not_found")
        self._give_up(actor, change_id, booking, overdue=False)

    def history(self, actor: Actor, reference: str, *, key: str = "") -> Sequence[ChangeView]:
        """What was changed, newest first, with the state of each refund; nothing for those who
        are not told what the trip costs.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        with self._database.unit(RDS) as session:
            booking, by = find(session, actor, reference, key)
            if not told_amounts(booking, actor, by):
                return ()
            return views.history(session, booking, by)

    def step(self) -> int:
        """Drop the dates nobody paid for in time; returns how many were looked at.

        Run by the worker and by ``ecosystem reconcile``. Their pages are ended first.
        """
        with self._database.unit(RDS) as session:
            found = queries.waiting_too_long(session, self._clock.now(), AT_ONCE)
        for row in found:
            apart(self._too_late, row.id, row.id, row.booking_id)
        return len(found)

    def _too_late(self, change_id: UUID, booking_id: UUID) -> None:
        with self._database.unit(RDS) as session:
            booking = bookings.get(session, booking_id)
        assert booking is not None  # a change's foreign key
        self._give_up(None, change_id, booking, overdue=True)

    def _give_up(
        self, actor: Actor | None, change_id: UUID, booking: Booking, *, overdue: bool
    ) -> None:
        ended = self._payments.end_pages(booking.id)
        with self._database.unit(RDS) as session:
            change = queries.get(session, change_id)
            assert change is not None  # changes are never deleted
            fresh = bookings.get(session, booking.id)
            assert fresh is not None
            locked = lock_booking(session, fresh, [waiting_departure(change)])
            change = queries.get(session, change_id)
            assert change is not None
            if change.state == "dropped":
                return
            if change.state == "done":
                raise Conflict(_("This has been paid already."), code="already_paid")
            if moving.still_paying(session, change):
                raise processing()
            if moving.page_open(session, change, ended):
                raise Unavailable(
                    _("This booking is being changed. Try again in a moment."), code="busy"
                )
            now = self._clock.now()
            if not overdue or moving.held_until(session, change) <= now:
                moving.give_up(session, actor, locked, change, now)
