"""A booking as lists and pages show it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ecosystem.database.tables import Booking, Payment, Refund, SeatClaim
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import ON_ACCOUNT
from ecosystem.domain.booking import ACCOUNT, RECEIVED, SOLD, UNDECIDED
from ecosystem.domain.cancellation import dated
from ecosystem.domain.changes import RefundView
from ecosystem.domain.language import _
from ecosystem.domain.money import Money
from ecosystem.domain.price import Price
from ecosystem.domain.public_price import Prices
from ecosystem.domain.split import split
from ecosystem.domain.views import BookingRow, BookingView, PaymentView
from ecosystem.services.agency_sales import public_total


def booking_row(
    booking: Booking, agency_name: str | None, paid_minor: int, due_on: date | None
) -> BookingRow:
    """A booking as lists show it, from a row of ``queries``."""
    total = Money(booking.total_minor, booking.currency)
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
        commission=_earned(booking, total),
        agency_name=agency_name or "",
        operator_name=booking.snapshot["operator"]["name"],
        created_at=booking.created_at,
        package_slug=booking.snapshot["package"]["slug"],
        operator_slug=booking.snapshot["operator"]["slug"],
        names=tuple(booking.travellers),
        agency_model=booking.agency_model,  # type: ignore[arg-type]
        public=None if booking.public_minor is None else public_total(booking),
        due_on=due_on if booking.status in ("pending_payment", *SOLD) else None,
    )


def booking_view(
    booking: Booking,
    payments: Sequence[Payment],
    refunds: Sequence[Refund],
    claim: SeatClaim | None,
    agency_name: str,
    *,
    masked: bool,
    pays: bool = True,
) -> BookingView:
    """A booking whole; ``masked`` without names and addresses. Links to pay, and why a card was
    refused, are for who ``pays`` and sees it whole."""
    linked = pays and not masked
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
        due=_due(booking, payments, total - paid),
        commission=_earned(booking, total),
        payments=tuple(
            PaymentView(
                kind=p.kind,
                amount=Money(p.amount_minor, p.currency),
                status=p.status,  # type: ignore[arg-type]
                due_on=p.due_on,
                paid_at=p.paid_at,
                pay_path=f"/pay/{p.pay_token}" if linked else "",
                failure=_(p.failure) if p.failure and linked else None,
                refunded=Money(p.refunded_minor, p.currency),
                closed=p.closed_at is not None,
            )
            for p in payments
        ),
        cancellation=dated(snapshot["policy"], booking.starts_on),
        hold_id=booking.claim_id,
        held_until=claim.expires_at if waiting and claim else None,
        # The payment page shows the buyer's address: not for who knows the reference alone.
        checkout_url=open_payment.checkout_url if waiting and open_payment and linked else None,
        created_at=booking.created_at,
        masked=masked,
        agency_model=booking.agency_model,  # type: ignore[arg-type]
        public=_public(booking),
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


def _earned(booking: Booking, total: Money) -> Money:
    """What the agency earns: of a trip it bills itself the rest of the public price."""
    if booking.agency_model == ON_ACCOUNT:
        return public_total(booking) - total
    return split(total, booking.commission_percent, by_agency=booking.agency_id is not None).agency


def _public(booking: Booking) -> Price | None:
    """What is told instead of what an agency owes."""
    if booking.agency_model != ON_ACCOUNT:
        return None
    return Prices.from_json(booking.price, booking.price_factor).public.price


def _due(booking: Booking, payments: Sequence[Payment], rest: Money) -> Money:
    """What is still to be paid: of a booking that has come to nothing only what its agency owes."""
    if booking.status in ("pending_payment", *SOLD):
        return rest
    owed = (p for p in payments if p.kind == ACCOUNT and p.status in UNDECIDED and not p.closed_at)
    return Money(sum(p.amount_minor for p in owed), booking.currency)


def told_row(actor: Actor, row: BookingRow) -> BookingRow:
    """A row without what this reader may not know: what an agency earns or pays for a trip."""
    if actor.sees_commission:
        return row
    if row.agency_model != ON_ACCOUNT:
        return replace(row, commission=None)
    public = row.total if row.public is None else row.public
    return replace(row, commission=None, total=public, paid=public, due_on=None)


def told(actor: Actor, view: BookingView) -> BookingView:
    """A booking without what this reader may not know.

    What an agency owes for a trip it collects for itself is not told its client; its assistants
    are told the public price.
    """
    if actor.sees_commission:
        return view
    view = replace(view, commission=None)
    if view.agency_model != ON_ACCOUNT:
        return view
    nothing = Money.zero(view.total.currency)
    price = Price((), nothing, None, None)
    if actor.role == "agent" and view.public is not None:
        price = view.public
    return replace(
        view,
        price=price,
        public=None,
        total=price.total,
        paid=nothing,
        due=nothing,
        payments=(),
        refunds=(),
        checkout_url=None,
        billed_by_agency=True,
    )
