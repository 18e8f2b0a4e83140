"""What a new booking keeps: its people, its price and the package as it is sold."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ecosystem.database.tables import Booking, SeatClaim
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import Sale
from ecosystem.domain.booking import TERMS_VERSION
from ecosystem.domain.ids import booking_reference, secret_token, uuid7
from ecosystem.domain.language import language
from ecosystem.domain.price import Price
from ecosystem.domain.views import PackageView
from ecosystem.services.agency_sales import booked_price
from ecosystem.services.forms import BookingForm


def new_booking(
    actor: Actor,
    form: BookingForm,
    named: list[dict[str, Any]],
    claim: SeatClaim,
    departure: Any,
    package: PackageView,
    price: Price,
    client_id: UUID | None,
    sale: Sale | None,
    now: datetime,
) -> Booking:
    """The row of a booking that waits for its payment, with what is sold kept in it.

    ``sale`` is on which terms an agency sells it; None for who buys without one.
    """
    booking = Booking(
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
        price=booked_price(claim),
        snapshot=_snapshot(package) | _agreed_to(form, now),
        starts_on=departure.starts_on,
        ends_on=departure.ends_on,
        timezone=departure.timezone,
        created_at=now,
        updated_at=now,
    )
    if sale is not None:
        booking.commission_percent = sale.commission_percent
        booking.agency_model = sale.model
        booking.contract_id = sale.contract_id
        booking.price_factor = sale.factor
        booking.agency_percent = sale.percent
        booking.markup_percent = sale.markup_percent
        booking.agency_days = sale.days
    return booking


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
