"""Accepting a proposal: every seat of an option is held, or none.

Everything happens in one transaction under the lock of the quote and of all departures, taken in
the order of their ids as everywhere: seats are claimed at the price of now, which may not be
above the one that was agreed to, and a booking is made for every trip. Payment pages are opened
after the commit; if Stripe does not answer, ``/pay/{token}`` opens them later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import audit, bookings, messages, seats
from ecosystem.database.queries import quotes as queries
from ecosystem.database.tables import Booking, Quote, QuoteBooking, SeatClaim
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain import formats
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import Sale
from ecosystem.domain.booking import HOLD_LIFE
from ecosystem.domain.errors import Conflict, EcosystemError, Gone, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import _, speaking
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.public_price import Prices
from ecosystem.domain.quotes import Content, Offer, Option, TripItem, summed
from ecosystem.domain.views import PackageView
from ecosystem.services.bookings.on_account import confirming, may_owe
from ecosystem.services.bookings.record import new_booking
from ecosystem.services.catalogue import frozen, local_day, price_party
from ecosystem.services.forms import BookingForm, Person
from ecosystem.services.holds.placing import refusal
from ecosystem.services.payments.asking import asked, on_account
from ecosystem.services.quotes.client_side import ClientSide, no_quote
from ecosystem.services.quotes.forms import AcceptForm
from ecosystem.services.rates import PackageRates

ACCEPTED = "email.quote_accepted"


@dataclass(frozen=True)
class _Trip:
    """A trip of the option, with what pricing and booking need of its package."""

    item: TripItem
    known: PackageRates
    package: PackageView
    sale: Sale

    def shown(self, prices: Prices) -> Price:
        """What the client agrees to: of an agency that collects itself the public price."""
        return (prices.public if self.sale.on_account else prices.charged).price


class Accepting(ClientSide):
    """``lock`` is off only in the control of the race suite, which must then oversell."""

    lock = True

    def accept(self, token: str, form: AcceptForm, *, address: str = "") -> Offer:
        """Hold every seat of an option and make its bookings, in the client's name.

        The same word said twice, in two tabs or by a client who was cut off, gives what the
        first one made. An option whose bookings have all ended unpaid can be accepted again.

        Args:
            address: where the word came from, kept with it.

        Raises:
            NotFound: no such proposal or option.
            Conflict: ``quote_changed``: another version was sent meanwhile;
                ``already_accepted``: another option was; ``sold_out``, ``departure_closed``,
                ``not_bookable`` or ``no_price`` with the ``item``; ``price_changed`` with the
                sums of now. Nothing is held then.
            Gone: ``quote_ended``: withdrawn, declined, or its last day has passed.
            Unavailable: nothing is held; the same call may be made again.
        """
        with self._database.unit(RDS) as session:
            quote = queries.by_token(session, token)
            if quote is None:
                raise no_quote()
            option = self._option(session, quote, form)
        with speaking(quote.language):
            trips = [self._known(quote, trip) for trip in option.trips]
            made = self._commit(token, form, option, trips, address)
            for booking_id in made:
                self._payments.open_first(booking_id)
            return self.show(token)

    def _option(self, session: RoutedSession, quote: Quote, form: AcceptForm) -> Option:
        """What is accepted, as it was sent."""
        with speaking(quote.language):
            if form.number != quote.sent_number:
                raise Conflict(
                    _("Your agent has sent a newer version of this proposal. Look at it first."),
                    code="quote_changed",
                )
            row = queries.version(session, quote.id, quote.sent_number)
            assert row is not None  # sent_number counts the versions
            option = Content.model_validate(row.content).option(form.option_id)
            if option is None:
                raise NotFound(_("This option does not exist."), code="option_not_found")
            if not option.trips:
                raise Invalid.one(
                    "option_id",
                    _("There is nothing to book here online: write to your agent instead."),
                    code="nothing_to_book",
                )
            return option

    def _known(self, quote: Quote, trip: TripItem) -> _Trip:
        try:
            known = self._catalogue.rates(trip.shown.package_id)
            package = self._catalogue.package(trip.shown.package_id)
        except NotFound as error:
            raise _of(trip, Conflict(error.detail, code="not_bookable")) from None
        sale = self._contents.sale(quote.agency_id, package, trip.markup_percent, lenient=True)
        return _Trip(trip, known, package, sale)

    def _commit(
        self, token: str, form: AcceptForm, option: Option, trips: Sequence[_Trip], address: str
    ) -> list[UUID]:
        with self._database.unit(RDS) as session:
            quote = queries.by_token(session, token, lock=True)
            assert quote is not None  # quotes are never deleted
            if self._said_before(session, quote, form):
                return []
            departures = {
                key: seats.departure(session, key, lock=self.lock)
                for key in sorted({trip.item.departure_id for trip in trips})
            }
            # Only now: who waited for the locks may find that the day has passed.
            now = self._clock.now()
            priced = [
                (trip, self._price(trip, departures[trip.item.departure_id])) for trip in trips
            ]
            _agree(option, [(trip, trip.shown(prices)) for trip, prices in priced], form)
            made = [
                self._book(session, quote, trip, prices, departures[trip.item.departure_id], now)
                for trip, prices in priced
            ]
            for booking, trip in zip(made, trips, strict=True):
                queries.add_booking(
                    session,
                    QuoteBooking(
                        booking_id=booking.id,
                        quote_id=quote.id,
                        number=quote.sent_number,
                        option_id=option.id,
                        item_id=trip.item.id,
                    ),
                )
            queries.change(
                session,
                quote.id,
                status="accepted",
                accepted_option=option.id,
                accepted_name=form.name,
                accepted_at=now,
                updated_at=now,
            )
            audit.record(
                session,
                Actor(role="guest", source="guest", name=form.name),
                "quote.accepted",
                "quote",
                quote.number,
                option=option.title,
                version=quote.sent_number,
                name=form.name,
                address=address,
                bookings=[booking.reference for booking in made],
            )
            messages.send(
                session,
                ACCEPTED,
                {"quote_id": str(quote.id), "bookings": [str(booking.id) for booking in made]},
                dedupe_key=f"{quote.id}:accepted:{made[0].id}",
            )
            return [booking.id for booking in made]

    def _said_before(self, session: RoutedSession, quote: Quote, form: AcceptForm) -> bool:
        """Whether this very word was said before. Raises for a quote that has ended."""
        if form.number != quote.sent_number:
            raise Conflict(
                _("Your agent has sent a newer version of this proposal. Look at it first."),
                code="quote_changed",
            )
        state = self._state(session, quote)
        if state == "accepted":
            if quote.accepted_option == form.option_id:
                return True
            raise Conflict(
                _("Another option of this proposal was accepted. Write to your agent to change."),
                code="already_accepted",
            )
        if state not in ("sent", "opened"):
            raise Gone(self._ended(state), code="quote_ended")
        return False

    def _price(self, trip: _Trip, departure: Any) -> Prices:
        """What is charged here, of an agency that collects itself its net price, and the public
        price."""
        try:
            if departure is None:
                raise Conflict(
                    _("This departure is not on sale any more. Choose another date."),
                    code="departure_closed",
                )
            return price_party(
                trip.known,
                departure,
                trip.item.adults,
                trip.item.children,
                frozenset(trip.item.addon_ids),
                self._clock,
                child_ages=trip.item.child_ages,
                factor=trip.sale.factor,
            )
        except (Conflict, Invalid) as error:
            raise _of(trip.item, error) from None

    def _book(
        self,
        session: RoutedSession,
        quote: Quote,
        trip: _Trip,
        prices: Prices,
        departure: Any,
        now: datetime,
    ) -> Booking:
        """Claim the seats of one trip and make its booking. Call with its departure locked."""
        item, price = trip.item, prices.charged.price
        left = seats.seats_left(session, departure.id, now)
        today = local_day(now, departure.timezone)
        closed = departure.status != "open" or departure.starts_on <= today
        if closed or not departure.payable or left < item.party:
            raise _of(item, refusal(departure, left, item.party, today))
        claim = SeatClaim(
            id=uuid7(),
            departure_id=departure.id,
            package_id=trip.package.id,
            seats=item.party,
            expires_at=now + HOLD_LIFE,
            holder=f"quote:{quote.id}",
            adults=item.adults,
            children=item.children,
            child_ages=list(item.child_ages),
            price=frozen(prices, trip.sale),
            created_at=now,
            updated_at=now,
        )
        session.add(claim)
        session.flush()
        who = queries.people(session, quote)
        pay = "full" if price.deposit is None else quote.pay
        booking = new_booking(
            Actor(
                role="agent", source="cognito", user_id=quote.agent_id, agency_id=quote.agency_id
            ),
            BookingForm.model_construct(
                hold_id=claim.id,
                lead=Person.model_construct(
                    name=who.client_name, email=who.client_email, phone=who.client_phone
                ),
                travellers=(),
                pay=pay,
                client_id=quote.client_id,
                expected_total=None,
                accept_terms=True,
            ),
            [],
            claim,
            departure,
            trip.package,
            price,
            quote.client_id,
            trip.sale,
            now,
        )
        if not trip.sale.on_account:
            bookings.add(session, booking, asked(booking.id, price, pay, now))
            return booking
        self._may_owe(session, booking, trip, now)
        bookings.add(
            session,
            booking,
            on_account(booking.id, price, booking.agency_days, booking.starts_on, now),
        )
        session.at_once(*confirming(booking, now))
        return booking

    def _may_owe(
        self, session: RoutedSession, booking: Booking, trip: _Trip, now: datetime
    ) -> None:
        """Her agency owes it: the client is not told how far its credit reaches."""
        total = Money(booking.total_minor, booking.currency)
        try:
            may_owe(session, booking, total, now)
        except Conflict:
            refused = Conflict(
                _(
                    "Your agent has to settle something with the operator first. Write to your agent."
                ),
                code="not_bookable",
            )
            raise _of(trip.item, refused) from None


def _agree(option: Option, priced: Sequence[tuple[_Trip, Price]], form: AcceptForm) -> None:
    """Nobody pays more than she agreed to, in any currency."""
    sums = summed(price.total for _trip, price in priced)
    agreed = {amount.currency: amount.amount for amount in form.expected}
    if all(total.minor <= agreed.get(total.currency, -1) for total in sums):
        return
    before = option.agreed
    raise Conflict(
        _("The price has risen since this proposal was sent: it was {before} and is {now}.").format(
            before=_together(before), now=_together(sums)
        ),
        code="price_changed",
        sums=[{"amount": total.minor, "currency": total.currency} for total in sums],
        items=[
            {
                "id": trip.item.id,
                "before": {"amount": trip.item.shown.total, "currency": trip.item.shown.currency},
                "now": {"amount": price.total.minor, "currency": price.total.currency},
            }
            for trip, price in priced
            if price.total != trip.item.shown.price
        ],
    )


def _together(sums: Sequence[Money]) -> str:
    return " + ".join(formats.money(total) for total in sums)


def _of(trip: TripItem, error: EcosystemError) -> EcosystemError:
    """The same refusal, saying which trip it is about."""
    return type(error)(
        f"{trip.shown.title}: {error.detail}",
        code=error.code,
        **{**error.data, "item": trip.id},
    )
