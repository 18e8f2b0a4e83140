"""Making a booking from a hold, and seeing bookings."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from ecosystem.database import statements
from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, audit, money_rows, seats
from ecosystem.database.queries import bookings as queries
from ecosystem.database.tables import Booking, Payment, SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import PUBLIC, Sale
from ecosystem.domain.booking import HOLD_LIFE, SOLD
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.price import Price
from ecosystem.domain.views import BookingRow, BookingView, PackageView, Page
from ecosystem.services.agency_access import agency_of
from ecosystem.services.agency_sales import prices_in, sale_in, sale_of, told_price
from ecosystem.services.bookings.on_account import confirming, may_owe
from ecosystem.services.bookings.record import new_booking
from ecosystem.services.bookings.views import booking_row, booking_view, told, told_row
from ecosystem.services.catalogue import Catalogue, local_day
from ecosystem.services.forms import BookingForm
from ecosystem.services.holds import hold_ended, mine, price_changed
from ecosystem.services.named_travellers import named_travellers
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.payments import Payments
from ecosystem.services.payments.asking import asked, on_account
from ecosystem.services.payments.opening import begin
from ecosystem.services.ports import Clock


@dataclass(frozen=True)
class Made:
    """A booking that was made just now, as it was written."""

    booking: Booking
    payments: list[Payment]
    claim: SeatClaim
    agency_name: str


class Bookings:
    """Authorises every read by ``queries.visible_to`` and every hold by its holder."""

    def __init__(
        self, database: Database, catalogue: Catalogue, payments: Payments, clock: Clock
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._payments = payments
        self._clock = clock

    def create(self, actor: Actor, form: BookingForm) -> BookingView:
        """Turn a live hold into a booking that waits for its payment, or, of an agency that
        collects from its client itself, into one that is confirmed and owed.

        The booking and what it asks for are committed first, then the payment page
        is opened; if that fails the booking stands, ``checkout_url`` is None and
        ``/pay/{token}`` opens the page later. A second call for the same hold gives
        the same booking, with the people, the extras and the amount as last chosen.

        Raises:
            NotFound: not the caller's hold or client.
            Forbidden: an agent who works for no agency (yet).
            Gone: the hold has ended.
            Conflict: the operator can't be paid at the moment; ``price_changed`` when the hold
                costs something else than ``expected_total``; ``credit_used``, ``credit_currency``
                or ``account_overdue`` for an agency that pays on account.
            Invalid: more travellers, adults or children named than seats held for them, dates of
                birth that are missing or can't be, a deposit where none is offered.
        """
        if actor.role == "agent":
            agency_of(actor)
        held = mine(actor, seats.claimed(self._database, form.hold_id))
        package = self._catalogue.as_sold(held.package_id)
        with self._database.unit(RDS) as session:
            made = self._commit(session, actor, form, held.departure_id, package)
        if isinstance(made, Made):
            # What was just written is what there is to see, unless its first page was refused.
            if self._payments.open_begun(made.booking, made.payments[0]):
                whole = booking_view(
                    made.booking, made.payments, (), made.claim, made.agency_name, masked=False
                )
                return told(actor, whole)
            booking_id = made.booking.id
        else:
            booking_id = made
            self._payments.ask_for(booking_id, form.pay)
        self._payments.open_first(booking_id)
        with self._database.unit(RDS) as session:
            booking = queries.get(session, booking_id)
            assert booking is not None
            return self._view(session, actor, booking)

    def _commit(
        self,
        session: RoutedSession,
        actor: Actor,
        form: BookingForm,
        departure_id: UUID,
        package: PackageView,
    ) -> "Made | UUID":
        """The booking of the hold, made just now, or the id of the one that was there."""
        found = session.at_once(
            seats.locked_departure(departure_id),
            seats.locked_claim(form.hold_id),
            queries.of_claim(form.hold_id),
        )
        departure = found[0][0]  # a claim's foreign key
        claim = SeatClaim(**found[1][0]._asdict())
        existing = session.loaded(Booking, found[2][0]) if found[2] else None
        # Only now: who waited for the lock may find that the hold ended meanwhile.
        now = self._clock.now()
        named = named_travellers(
            form.travellers,
            claim,
            starts_on=departure.starts_on,
            today=local_day(now, departure.timezone),
            birth_dates=departure.asks_birth_dates,
        )
        client_id = self._client(session, actor, form)
        price = Price.from_json(claim.price)
        if existing is not None and existing.status in SOLD:
            return existing.id
        shown = told_price(actor, sale_in(claim), prices_in(claim)).price
        if form.expected_total is not None and form.expected_total.money != shown.total:
            raise price_changed(form.expected_total.money, shown)
        if form.pay == "deposit" and price.deposit is None:
            raise Invalid.one("pay", _("This booking has to be paid in full."), code="no_deposit")
        if existing is not None:
            return self._again(session, existing, form, named, client_id)
        if claim.state != "held" or claim.expires_at <= now:
            raise hold_ended()
        if not departure.payable:
            raise Conflict(
                _("This trip can't be booked at the moment: its operator can't receive payments."),
                code="not_bookable",
            )
        sale = self._sale(session, actor, claim, package, now)
        booking = new_booking(
            actor, form, named, claim, departure, package, price, client_id, sale, now
        )
        # The payment page lives for 31 minutes: the seats stay until after its end.
        until = max(claim.expires_at, now + HOLD_LIFE)
        by = agencies.agency(session, actor.agency_id) if actor.agency_id else None
        on_credit = sale is not None and sale.on_account
        if on_credit:
            payments = on_account(booking.id, price, booking.agency_days, booking.starts_on, now)
            may_owe(session, booking, price.total, now)
        else:
            payments = asked(booking.id, price, form.pay, now)
            begin(payments[0], now)
        session.at_once(
            statements.insert([booking]),
            statements.insert(payments),
            statements.change(SeatClaim, claim.id, expires_at=until, updated_at=now),
            statements.insert(
                [audit.entry(actor, "booking.created", "booking", booking.reference)]
            ),
            *(confirming(booking, now) if on_credit else ()),
        )
        if on_credit:
            return booking.id
        claim.expires_at = until
        return Made(booking, payments, claim, by.name if by else "")

    def _sale(
        self,
        session: RoutedSession,
        actor: Actor,
        claim: SeatClaim,
        package: PackageView,
        now: datetime,
    ) -> Sale | None:
        """On which terms an agency sells what was held; None for who buys for herself."""
        agreed = sale_in(claim)
        if agreed is not None:
            if agreed.agency_id != actor.agency_id:
                # Seats at an agency's price are that agency's only.
                raise NotFound(_("This reservation does not exist."), code="hold_not_found")
            return agreed
        if actor.agency_id is None:
            return None
        found = sale_of(session, actor.agency_id, package, now)
        if found.on_account:
            # Held before she signed in, at the public price: that is what is paid, by card.
            return replace(
                found, model="commission", factor=PUBLIC, commission_percent=found.percent
            )
        return found

    def _client(self, session: RoutedSession, actor: Actor, form: BookingForm) -> UUID | None:
        if form.client_id is None:
            return None
        if actor.agency_id is None or not queries.client_of(
            session, actor.agency_id, form.client_id
        ):
            raise NotFound(_("This client does not exist."), code="client_not_found")
        return form.client_id

    def _again(
        self,
        session: RoutedSession,
        booking: Booking,
        form: BookingForm,
        named: list[dict[str, Any]],
        client_id: UUID | None,
    ) -> UUID:
        if booking.status != "pending_payment":
            raise Gone(
                _("This reservation has ended. Nothing is charged for it; reserve once more."),
                code="hold_expired",
            )
        queries.change(
            session,
            booking.id,
            lead_name=form.lead.name,
            lead_email=form.lead.email,
            lead_phone=form.lead.phone,
            travellers=named,
            client_id=client_id,
        )
        return booking.id

    def get(self, actor: Actor, reference: str, *, key: str = "") -> BookingView:
        """A booking by reference.

        Seen in full by those it belongs to and by whoever has the link from the
        e-mail (``key``). For a booking made without an account the reference alone
        shows what was booked, without names and addresses. Its operator gets no link to pay:
        a payment page leads on to the trip with the buyer's key, and who has that acts as the
        buyer.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        with self._database.unit(RDS) as session:
            booking = queries.by_reference(session, reference)
            if booking is None:
                raise _no_booking()
            mine = queries.by_reference(session, reference, queries.visible_to(actor)) is not None
            pays = not (mine and actor.role == "provider")
            if not mine and key:
                mine = hmac.compare_digest(booking.view_key.encode(), key.encode())
            by_guest = booking.customer_id is None and booking.agency_id is None
            if not mine and not by_guest:
                raise _no_booking()
            return self._view(session, actor, booking, masked=not mine, pays=pays)

    def refresh(self, actor: Actor, reference: str, *, key: str = "") -> BookingView:
        """As ``get``, after asking Stripe how the booking's open payments stand.

        For somebody who comes back from a payment page: the answer does not wait for
        a webhook that may be late or lost. Only for those who see the booking in full;
        Stripe being silent changes nothing, the worker asks again.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        view = self.get(actor, reference, key=key)
        if view.masked:
            return view
        self._payments.settle_open(view.id)
        return self.get(actor, reference, key=key)

    def rows(
        self,
        actor: Actor,
        *,
        cursor: str = "",
        limit: int = 25,
        words: str = "",
        status: str = "",
        with_total: bool = False,
    ) -> Page[BookingRow]:
        """What the actor may see, newest first."""
        condition = queries.visible_to(actor)
        with self._database.unit(RDS) as session:
            found = queries.rows(
                session,
                condition,
                limit=limit + 1,
                before=decode_cursor(cursor),
                words=words.strip(),
                status=status,
            )
            total = (
                queries.count(session, condition, words=words.strip(), status=status)
                if with_total
                else None
            )
        more = len(found) > limit
        last = found[limit - 1][0] if more else None
        return Page(
            tuple(told_row(actor, booking_row(*row)) for row in found[:limit]),
            encode_cursor(last.created_at, last.id) if last else None,
            total,
        )

    def _view(
        self,
        session: RoutedSession,
        actor: Actor,
        booking: Booking,
        *,
        masked: bool = False,
        pays: bool = True,
    ) -> BookingView:
        payments = queries.payments(session, [booking.id])
        claim = seats.find_claim(session, booking.claim_id)
        agency = agencies.agency(session, booking.agency_id) if booking.agency_id else None
        refunds = money_rows.refunds(session, booking.id)
        name = agency.name if agency else ""
        view = booking_view(booking, payments, refunds, claim, name, masked=masked, pays=pays)
        return told(actor, view)


def _no_booking() -> NotFound:
    return NotFound(_("There is no booking with this reference."), code="booking_not_found")
