"""Making a booking from a hold, and seeing bookings."""

import hmac
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies, audit, seats
from ecosystem.database.queries import bookings as queries
from ecosystem.database.tables import Booking, Payment, Refund, SeatClaim
from ecosystem.database.unit_of_work import Database, RoutedSession
from ecosystem.domain.actor import Actor
from ecosystem.domain.booking import HOLD_LIFE, RECEIVED, SOLD, TERMS_VERSION, UNDECIDED
from ecosystem.domain.cancellation import dated
from ecosystem.domain.changes import RefundView
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound
from ecosystem.domain.ids import booking_reference, secret_token, uuid7
from ecosystem.domain.language import _, language
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.split import split
from ecosystem.domain.views import BookingRow, BookingView, PackageView, Page, PaymentView
from ecosystem.services.catalogue import Catalogue, local_day
from ecosystem.services.forms import BookingForm
from ecosystem.services.holds import hold_ended, own_claim, price_changed
from ecosystem.services.named_travellers import named_travellers
from ecosystem.services.paging import decode_cursor, encode_cursor
from ecosystem.services.payments import Payments
from ecosystem.services.payments.asking import asked
from ecosystem.services.ports import Clock


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
        """Turn a live hold into a booking that waits for its payment.

        The booking and what it asks for are committed first, then the payment page
        is opened; if that fails the booking stands, ``checkout_url`` is None and
        ``/pay/{token}`` opens the page later. A second call for the same hold gives
        the same booking, with the people, the extras and the amount as last chosen.

        Raises:
            NotFound: not the caller's hold or client.
            Gone: the hold has ended.
            Conflict: the operator can't be paid at the moment; ``price_changed`` when the hold
                costs something else than ``expected_total``.
            Invalid: more travellers, adults or children named than seats held for them, dates of
                birth that are missing or can't be, a deposit where none is offered.
        """
        with self._database.unit(RDS) as session:
            package_id = own_claim(session, actor, form.hold_id).package_id
        package = self._catalogue.package(package_id, drafts=True)
        with self._database.unit(RDS) as session:
            booking_id, made = self._commit(session, actor, form, package)
        if not made:
            self._payments.ask_for(booking_id, form.pay)
        self._payments.open_first(booking_id)
        with self._database.unit(RDS) as session:
            booking = queries.get(session, booking_id)
            assert booking is not None
            return self._view(session, booking)

    def _commit(
        self, session: RoutedSession, actor: Actor, form: BookingForm, package: PackageView
    ) -> tuple[UUID, bool]:
        """The booking of the hold, and whether it was made just now."""
        departure = seats.departure(
            session, own_claim(session, actor, form.hold_id).departure_id, lock=True
        )
        assert departure is not None  # a claim's foreign key
        claim = own_claim(session, actor, form.hold_id, lock=True)
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
        existing = queries.by_claim(session, claim.id)
        if existing is not None and existing.status in SOLD:
            return existing.id, False
        if form.expected_total is not None and form.expected_total.money != price.total:
            raise price_changed(form.expected_total.money, price)
        if form.pay == "deposit" and price.deposit is None:
            raise Invalid.one("pay", _("This booking has to be paid in full."), code="no_deposit")
        if existing is not None:
            return self._again(session, existing, form, named, client_id), False
        if claim.state != "held" or claim.expires_at <= now:
            raise hold_ended()
        if not departure.payable:
            raise Conflict(
                _("This trip can't be booked at the moment: its operator can't receive payments."),
                code="not_bookable",
            )
        booking = _booking(actor, form, named, claim, departure, package, price, client_id, now)
        queries.add(session, booking, asked(booking.id, price, form.pay, now))
        # The payment page lives for 31 minutes: the seats stay until after its end.
        until = max(claim.expires_at, now + HOLD_LIFE)
        seats.set_claims(session, [claim.id], "held", now, expires_at=until)
        audit.record(session, actor, "booking.created", "booking", booking.reference)
        return booking.id, True

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
        shows what was booked, without names and addresses.

        Raises:
            NotFound: no such booking, or somebody else's.
        """
        with self._database.unit(RDS) as session:
            booking = queries.by_reference(session, reference)
            if booking is None:
                raise _no_booking()
            mine = queries.by_reference(session, reference, queries.visible_to(actor)) is not None
            if not mine and key:
                mine = hmac.compare_digest(booking.view_key.encode(), key.encode())
            by_guest = booking.customer_id is None and booking.agency_id is None
            if not mine and not by_guest:
                raise _no_booking()
            return self._view(session, booking, masked=not mine)

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
            tuple(booking_row(*row) for row in found[:limit]),
            encode_cursor(last.created_at, last.id) if last else None,
            total,
        )

    def _view(
        self, session: RoutedSession, booking: Booking, *, masked: bool = False
    ) -> BookingView:
        payments = queries.payments(session, [booking.id])
        claim = seats.find_claim(session, booking.claim_id)
        agency = agencies.agency(session, booking.agency_id) if booking.agency_id else None
        refunds = queries.refunds(session, booking.id)
        name = agency.name if agency else ""
        return _view(booking, payments, refunds, claim, name, masked=masked)


def _no_booking() -> NotFound:
    return NotFound(_("There is no booking with this reference."), code="booking_not_found")


def _booking(
    actor: Actor,
    form: BookingForm,
    named: list[dict[str, Any]],
    claim: SeatClaim,
    departure: Any,
    package: PackageView,
    price: Price,
    client_id: UUID | None,
    now: datetime,
) -> Booking:
    return Booking(
        id=uuid7(),
        reference=booking_reference(),
        package_id=package.id,
        operator_id=departure.operator_id,
        departure_id=departure.id,
        claim_id=claim.id,
        customer_id=actor.user_id if actor.role == "customer" else None,
        agency_id=actor.agency_id,
        agent_id=actor.user_id if actor.role == "agent" else None,
        client_id=client_id,
        guest_key=actor.guest_key if not actor.signed_in else "",
        view_key=secret_token(),
        lead_name=form.lead.name,
        lead_email=form.lead.email,
        lead_phone=form.lead.phone,
        language=language().code,
        travellers=named,
        adults=claim.adults,
        children=claim.children,
        currency=price.total.currency,
        total_minor=price.total.minor,
        commission_percent=package.commission_percent,
        price=claim.price,
        snapshot=_snapshot(package) | _agreed_to(form, now),
        starts_on=departure.starts_on,
        ends_on=departure.ends_on,
        timezone=departure.timezone,
    )


def _agreed_to(form: BookingForm, now: datetime) -> dict[str, Any]:
    """Which terms of the marketplace the buyer agreed to, and when; nothing for programs."""
    if not form.accept_terms:
        return {}
    return {"terms": {"version": TERMS_VERSION, "at": now.isoformat()}}


def _snapshot(package: PackageView) -> dict[str, Any]:
    """The package as it is sold. An operator's later edit does not change a booking."""
    return {
        "package": {
            "id": str(package.id),
            "slug": package.slug,
            "title": package.title,
            "nights": package.nights,
            "summary": package.summary,
        },
        "operator": {
            "id": str(package.operator.id),
            "slug": package.operator.slug,
            "name": package.operator.name,
        },
        "cities": [dict(vars(stay)) for stay in package.stays],
        "policy": list(package.policy),
        "addons": [{"id": str(addon.id), "name": addon.name} for addon in package.addons],
    }


def booking_row(
    booking: Booking, agency_name: str | None, paid_minor: int, due_on: date | None
) -> BookingRow:
    """A booking as lists show it, from a row of ``queries``."""
    total = Money(booking.total_minor, booking.currency)
    by_agency = booking.agency_id is not None
    return BookingRow(
        reference=booking.reference,
        status=booking.status,  # type: ignore[arg-type]
        title=booking.snapshot["package"]["title"],
        lead_name=booking.lead_name,
        travellers=booking.adults + booking.children,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        total=total,
        paid=Money(int(paid_minor), booking.currency),
        commission=split(total, booking.commission_percent, by_agency=by_agency).agency,
        agency_name=agency_name or "",
        operator_name=booking.snapshot["operator"]["name"],
        created_at=booking.created_at,
        package_slug=booking.snapshot["package"]["slug"],
        operator_slug=booking.snapshot["operator"]["slug"],
        names=tuple(booking.travellers),
        due_on=due_on if booking.status in ("pending_payment", *SOLD) else None,
    )


def _view(
    booking: Booking,
    payments: Sequence[Payment],
    refunds: Sequence[Refund],
    claim: SeatClaim | None,
    agency_name: str,
    *,
    masked: bool,
) -> BookingView:
    total = Money(booking.total_minor, booking.currency)
    received = (p for p in payments if p.status in RECEIVED)
    paid = Money(sum(p.amount_minor - p.refunded_minor for p in received), booking.currency)
    open_payment = next((p for p in payments if p.status in UNDECIDED and not p.closed_at), None)
    snapshot = booking.snapshot
    waiting = booking.status == "pending_payment"
    return BookingView(
        id=booking.id,
        reference=booking.reference,
        status=booking.status,  # type: ignore[arg-type]
        package_slug=snapshot["package"]["slug"],
        package_title=snapshot["package"]["title"],
        operator_slug=snapshot["operator"]["slug"],
        operator_name=snapshot["operator"]["name"],
        agency_name=agency_name,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        timezone=booking.timezone,
        adults=booking.adults,
        children=booking.children,
        lead_name="" if masked else booking.lead_name,
        lead_email="" if masked else booking.lead_email,
        lead_phone="" if masked else booking.lead_phone,
        travellers=() if masked else tuple(booking.travellers),
        stays=tuple(snapshot["cities"]),
        price=Price.from_json(booking.price),
        total=total,
        paid=paid,
        due=total - paid if waiting or booking.status in SOLD else Money.zero(booking.currency),
        commission=split(
            total, booking.commission_percent, by_agency=booking.agency_id is not None
        ).agency,
        payments=tuple(
            PaymentView(
                kind=p.kind,
                amount=Money(p.amount_minor, p.currency),
                status=p.status,  # type: ignore[arg-type]
                due_on=p.due_on,
                paid_at=p.paid_at,
                pay_path="" if masked else f"/pay/{p.pay_token}",
                failure=_(p.failure) if p.failure else None,
                refunded=Money(p.refunded_minor, p.currency),
                closed=p.closed_at is not None,
            )
            for p in payments
        ),
        cancellation=dated(snapshot["policy"], booking.starts_on),
        hold_id=booking.claim_id,
        held_until=claim.expires_at if waiting and claim else None,
        # The payment page shows the buyer's address: not for who knows the reference alone.
        checkout_url=open_payment.checkout_url if waiting and open_payment and not masked else None,
        created_at=booking.created_at,
        masked=masked,
        refunds=tuple(
            RefundView(
                amount=Money(r.amount_minor, r.currency),
                state=r.state,  # type: ignore[arg-type]
                reason=r.reason,  # type: ignore[arg-type]
                at=r.updated_at,
            )
            for r in refunds
        ),
    )
