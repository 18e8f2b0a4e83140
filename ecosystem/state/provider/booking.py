"""One booking of an operator's own packages."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import reflex as rx

from ecosystem.domain.booking import SOLD
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.views import BookingView
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.booking_words import TONES, status_words
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.package_view import PriceLine, price_lines
from ecosystem.state.payment_lines import PaymentLine, payment_lines
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.wiring import services


@dataclass(frozen=True)
class BookingPage:
    """Everything of a booking that its operator sees, formatted."""

    reference: str = ""
    status: str = ""
    tone: str = "plain"
    title: str = ""
    package_href: str = ""
    when: str = ""
    party: str = ""
    lead: str = ""
    reach: str = ""
    """Where the person who booked is reached: e-mail, and telephone if it was given."""
    booked: str = ""
    sold_by: str = ""
    lines: list[PriceLine] = field(default_factory=list)
    total: str = ""
    paid: str = ""
    kept: str = ""
    """What of a cancelled booking does not go back."""
    due: str = ""
    commission: str = ""
    payments: list[PaymentLine] = field(default_factory=list)


class ProviderBookingState(rx.State):
    """``phase`` is loading, shown, missing or failed."""

    phase: str = "loading"
    problem: str = ""
    view: BookingPage = BookingPage()

    @rx.event
    @allow("provider", limit="reference")
    async def open(self) -> None:
        """Load the booking that the address names."""
        self.reset()
        await self._load()

    @rx.event
    @allow("provider", limit="reference")
    async def again(self) -> None:
        """Show how the booking stands now, without taking away what is on screen."""
        if self.phase == "shown":
            await self._load()

    async def _load(self) -> None:
        try:
            actor = await current_actor(self)
            reference = last_part(self).upper()
            booking = await call(services().operator_bookings.get, actor, reference)
        except EcosystemError as error:
            if self.phase != "shown":
                self.phase = "missing" if isinstance(error, NotFound) else "failed"
                self.problem = error.detail
            return
        self.view = booking_page(booking, services().clock.now())
        self.phase = "shown"


def booking_page(booking: BookingView, now: datetime) -> BookingPage:
    """The page of a booking at ``now``."""
    today = now.astimezone(ZoneInfo(booking.timezone)).date()
    by_agency = bool(booking.agency_name)
    cancelled = booking.status == "cancelled"
    return BookingPage(
        reference=booking.reference,
        status=status_words(booking.status),
        tone=TONES[booking.status],
        title=booking.package_title,
        package_href=f"/packages/{booking.package_slug}",
        when=formats.days(booking.starts_on, booking.ends_on),
        party=party_words(booking.adults, booking.children),
        lead=booking.lead_name,
        reach=" · ".join(filled for filled in (booking.lead_email, booking.lead_phone) if filled),
        booked=formats.moment(booking.created_at),
        sold_by=booking.agency_name or "Direct",
        lines=price_lines(booking.price),
        total=formats.money(booking.total),
        paid="" if cancelled else formats.money(booking.paid),
        kept=formats.money(booking.paid) if cancelled else "",
        due=formats.money(booking.due) if booking.due.minor else "",
        commission=formats.money(booking.commission)
        if by_agency and booking.commission is not None and booking.status in SOLD
        else "",
        payments=[replace(line, href="") for line in payment_lines(booking, today)],
    )


def party_words(adults: int, children: int) -> str:
    words = counted(adults, "adult", "adults")
    return f"{words}, {counted(children, 'child', 'children')}" if children else words
