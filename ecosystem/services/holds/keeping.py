"""What a buyer does with held seats: look at them, choose extras, keep them longer, give them back.

What changes a hold's time or state locks its departure first, then the claim, as everywhere.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import bookings, seats
from ecosystem.database.tables import SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import EXTENSION, SOLD
from ecosystem.domain.cancellation import dated
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.price import Price, price, with_addons
from ecosystem.domain.public_price import Priced, changed, priced
from ecosystem.domain.rates import Rates
from ecosystem.domain.views import AddonView, HoldView, KeptSeats, PackageView
from ecosystem.services.agency_access import earning
from ecosystem.services.agency_sales import prices_in, sale_in, sale_of, told_price
from ecosystem.services.catalogue import Catalogue, frozen, local_day
from ecosystem.services.ports import Clock


class Held(Protocol):
    """Seats that somebody holds."""

    holder: str


C = TypeVar("C", bound=Held)


class Keeping:
    """A hold belongs to whoever placed it; somebody else's does not exist."""

    _database: Database
    _catalogue: Catalogue
    _clock: Clock

    def get(self, actor: Actor, hold_id: UUID) -> HoldView:
        """A hold of the actor's own, live or ended.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._database.unit(RDS) as session:
            claim = own_claim(session, actor, hold_id)
            departure = seats.departure(session, claim.departure_id)
            booking = bookings.by_claim(session, claim.id)
        assert departure is not None  # a claim's foreign key
        package = self._catalogue.package(claim.package_id, drafts=True)
        sale, prices = sale_in(claim), prices_in(claim)
        shown = told_price(actor, sale, prices)
        # The rates a hold was made at, whatever the package costs by now.
        rates = shown.rates or self._catalogue.rates(claim.package_id).rates
        policy = booking.snapshot["policy"] if booking else package.policy
        first = package.stays[0] if package.stays else None
        return HoldView(
            id=claim.id,
            expires_at=claim.expires_at,
            seats=claim.seats,
            adults=claim.adults,
            children=claim.children,
            price=shown.price,
            public_total=prices.public.price.total,
            live=claim.state == "held" and claim.expires_at > self._clock.now(),
            package_slug=package.slug,
            package_title=package.title,
            package_id=package.id,
            starts_on=departure.starts_on,
            ends_on=departure.ends_on,
            timezone=departure.timezone,
            cancellation=dated(policy, departure.starts_on),
            latitude=first.latitude if first else None,
            country=first.country if first else "",
            booking_reference=booking.reference if booking else None,
            extended=claim.extended,
            asks_birth_dates=departure.asks_birth_dates,
            addon_ids=shown.price.addon_ids,
            addons=_on_offer(package, rates),
            nights=package.nights,
            sale=sale if actor.sees_commission else None,
            on_account=sale is not None and sale.on_account,
        )

    def latest(self, actor: Actor) -> KeptSeats | None:
        """The seats that the actor has held for longest from now on and not paid yet, if any."""
        keys = [key for key in _keys(actor) if key]
        if not keys:
            return None
        with self._database.unit(RDS) as session:
            row = seats.latest_held(session, keys, self._clock.now())
        if row is None:
            return None
        known = self._catalogue.rates(row.package_id)
        return KeptSeats(row.id, row.seats, row.expires_at, known.title, row.starts_on, row.ends_on)

    def set_addons(self, actor: Actor, hold_id: UUID, addon_ids: frozenset[UUID]) -> HoldView:
        """Have these add-ons in a hold and no others, beside those that are always in.

        They cost what they did when the seats were held. A booking that waits for its payment
        follows when its buyer goes on to pay.

        Raises:
            NotFound: not the caller's hold.
            Gone: the hold has ended.
            Invalid: an add-on that the trip does not have.
            Conflict: ``already_booked``: it is paid; ``no_price``: the trip can't be priced now.
        """
        with self._database.unit(RDS) as session:
            package_id = own_claim(session, actor, hold_id).package_id
        known = self._catalogue.rates(package_id)
        with self._database.unit(RDS) as session:
            claim = own_claim(session, actor, hold_id, lock=True)
            now = self._clock.now()
            _still_open(session, claim)
            if claim.state != "held" or claim.expires_at <= now:
                raise hold_ended()
            departure = seats.departure(session, claim.departure_id)
            assert departure is not None  # a claim's foreign key
            travellers, starts_on = claim.seats, departure.starts_on
            today = local_day(now, departure.timezone)

            def chosen(held: Priced) -> Price:
                rates = held.rates or known.rates
                offered = held.price.addon_ids | {addon.id for addon in known.rates.addons}
                return with_addons(
                    held.price,
                    replace(rates, addons=tuple(a for a in rates.addons if a.id in offered)),
                    addon_ids=addon_ids,
                    travellers=travellers,
                    starts_on=starts_on,
                    today=today,
                )

            kept = frozen(changed(prices_in(claim), chosen), sale_in(claim))
            seats.change_claim(session, claim.id, price=kept, updated_at=now)
        return self.get(actor, hold_id)

    def set_markup(self, actor: Actor, hold_id: UUID, percent: Decimal | None) -> HoldView:
        """Sell what is held at so much above its net price; at the public price with None.

        Raises:
            NotFound: not the caller's hold.
            Forbidden: an assistant of the agency.
            Gone: the hold has ended.
            Invalid: ``markup_percent``: out of bounds, or the agency has no net price here.
            Conflict: ``already_booked``: a booking was made from it, which keeps its price.
        """
        agency_id = earning(actor)
        with self._database.unit(RDS) as session:
            package_id = own_claim(session, actor, hold_id).package_id
        package = self._catalogue.as_sold(package_id)
        with self._database.unit(RDS) as session:
            claim = own_claim(session, actor, hold_id, lock=True)
            now = self._clock.now()
            if bookings.by_claim(session, claim.id) is not None:
                raise Conflict(
                    "A booking was made from these seats: its price stays as it is.",
                    code="already_booked",
                )
            if claim.state != "held" or claim.expires_at <= now:
                raise hold_ended()
            departure = seats.departure(session, claim.departure_id)
            assert departure is not None  # a claim's foreign key
            before, held = sale_in(claim), prices_in(claim)
            agreed = sale_of(session, agency_id, package, now, percent)
            if before is None or before.model != "net":
                raise Invalid.one("markup_percent", "Reserve these seats once more to set a price.")
            assert held.public.rates is not None  # kept with every sale
            prices = priced(
                held.public.rates,
                agreed.factor,
                partial(
                    price,
                    adults=claim.adults,
                    children=claim.children,
                    addon_ids=held.charged.price.addon_ids,
                    starts_on=departure.starts_on,
                    today=local_day(now, departure.timezone),
                    child_ages=claim.child_ages,
                ),
            )
            kept = frozen(prices, agreed)
            seats.change_claim(session, claim.id, price=kept, updated_at=now)
        return self.get(actor, hold_id)

    def extend(self, actor: Actor, hold_id: UUID) -> HoldView:
        """Keep the seats ten minutes longer, once.

        Raises:
            NotFound: not the caller's hold.
            Gone: the hold has ended; its seats may be somebody else's by now.
            Conflict: ``already_extended``, or ``already_booked``: it is paid.
        """
        with self._database.unit(RDS) as session:
            departure_id = own_claim(session, actor, hold_id).departure_id
            seats.departure(session, departure_id, lock=True)
            claim = own_claim(session, actor, hold_id, lock=True)
            # Only now: who waited for the lock may find that the hold ended meanwhile.
            now = self._clock.now()
            _still_open(session, claim)
            if claim.state != "held" or claim.expires_at <= now:
                raise hold_ended()
            if claim.extended:
                raise Conflict(
                    _("These seats were kept longer once already. Pay now, and they stay yours."),
                    code="already_extended",
                )
            until = claim.expires_at + EXTENSION
            seats.change_claim(session, claim.id, expires_at=until, extended=True, updated_at=now)
        return self.get(actor, hold_id)

    def release(self, actor: Actor, hold_id: UUID) -> None:
        """Give the seats back. Doing it twice is fine.

        Raises:
            NotFound: there is no such hold, or it is somebody else's.
            Conflict: a booking was made from it; cancel that instead.
        """
        with self._database.unit(RDS) as session:
            claim = own_claim(session, actor, hold_id)
            seats.departure(session, claim.departure_id, lock=True)
            claim = own_claim(session, actor, hold_id, lock=True)
            if bookings.by_claim(session, claim.id) is not None:
                raise Conflict(
                    _(
                        "A booking was made from this hold. Cancel the booking to give its seats back."
                    ),
                    code="already_booked",
                )
            if claim.state == "held":
                seats.set_claims(session, [claim.id], "released", self._clock.now())


def own_claim(
    session: RoutedSession, actor: Actor, hold_id: UUID, *, lock: bool = False
) -> SeatClaim:
    """The claim if the actor may use it.

    A hold without a holder was placed by a caller who has no session and no token;
    its id, which has 74 random bits and is told to that caller only, is the key.
    A browser that signs in between hold and payment keeps its hold by its guest key.
    """
    return mine(actor, seats.find_claim(session, hold_id, lock=lock))


def mine(actor: Actor, claim: C | None) -> C:
    """A claim, or what is known of one, if the actor may use it as :func:`own_claim` says."""
    if claim is None or claim.holder not in {"", *_keys(actor)}:
        raise NotFound(_("This reservation does not exist."), code="hold_not_found")
    return claim


def hold_ended() -> Gone:
    """What is said of a hold whose time is over."""
    return Gone(
        _(
            "Your reservation has ended and its seats are on sale again."
            " Nothing was charged. Reserve once more to continue."
        ),
        code="hold_expired",
    )


def _keys(actor: Actor) -> tuple[str, ...]:
    """Under what the actor's own holds are kept; an empty one is nobody's."""
    guest = f"guest:{actor.guest_key}" if actor.guest_key else ""
    return (actor.holder, guest)


def _still_open(session: RoutedSession, claim: SeatClaim) -> None:
    booking = bookings.by_claim(session, claim.id)
    if booking is not None and booking.status in SOLD:
        raise Conflict(_("This reservation is booked and paid."), code="already_booked")


def _on_offer(package: PackageView, held_at: Rates) -> tuple[AddonView, ...]:
    """The add-ons to choose from, each at what it costs in this hold."""
    costs = {addon.id: addon.price for addon in held_at.addons if not addon.required}
    return tuple(
        replace(addon, price=costs[addon.id]) for addon in package.addons if addon.id in costs
    )
