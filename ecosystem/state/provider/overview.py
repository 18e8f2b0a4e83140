"""An operator's first page: this month, what waits for somebody, what departs next."""

from collections.abc import Sequence
from dataclasses import dataclass

import reflex as rx

from ecosystem.domain.desks import (
    LackingPackage,
    NextDeparture,
    OperatorOverview,
    Sold,
    UnreadBooking,
)
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.operator_bookings import Wanted
from ecosystem.state import formats
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.month_bars import Bar, sales_bars, seats_bars
from ecosystem.state.provider.bookings import OwnBookingLine, own_booking_line
from ecosystem.state.provider.departure_lines import address_of
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted, figure_of
from ecosystem.wiring import services

LATEST = 6


@dataclass(frozen=True)
class OverviewFigures:
    """The number strip, formatted."""

    sold: str = ""
    sold_note: str = ""
    proceeds: str = ""
    proceeds_note: str = ""
    upcoming: str = ""
    upcoming_note: str = ""
    leaving: str = ""
    leaving_note: str = ""


@dataclass(frozen=True)
class DepartureLine:
    """A departure in a list; ``percent`` of its seats are sold."""

    href: str = ""
    title: str = ""
    dates: str = ""
    seats: str = ""
    percent: int = 0
    closed: bool = False


class ProviderOverviewState(rx.State):
    """``phase`` is loading, shown or failed; ``unpaid`` is true while payouts are not set up."""

    phase: str = "loading"
    problem: str = ""
    date: str = ""
    figures: OverviewFigures = OverviewFigures()
    needs: list[dict[str, str]] = []
    waiting: str = ""
    months: list[Bar] = []
    months_note: str = ""
    seats: list[Bar] = []
    seats_note: str = ""
    departures: list[DepartureLine] = []
    latest: list[OwnBookingLine] = []
    latest_total: str = ""
    unpaid: bool = False

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the day."""
        self.reset()
        try:
            actor = await current_actor(self)
            overview = await call(services().overview.of, actor)
            found, total = await call(
                services().operator_bookings.rows, actor, Wanted(), limit=LATEST
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self._show(overview)
        self.latest = [own_booking_line(one) for one in found]
        self.latest_total = formats.number(total)
        self.phase = "shown"

    def _show(self, overview: OperatorOverview) -> None:
        self.date = formats.weekday(overview.today)
        self.figures = overview_figures(overview)
        self.needs = needs_lines(overview)
        self.waiting = str(len(self.needs)) if self.needs else ""
        self.months = sales_bars(overview.months)
        self.months_note = f"In {overview.months[0].total.currency}" if overview.months else ""
        self.seats = seats_bars(overview.seats)
        self.seats_note = seats_note(overview)
        self.departures = [departure_line(item) for item in overview.departures]
        self.unpaid = not overview.payouts_active


def overview_figures(overview: OperatorOverview) -> OverviewFigures:
    sold, other_sold = figure_of([entry.total for entry in overview.sold])
    share, other_share = figure_of([entry.share for entry in overview.sold if entry.share is not None])
    travel = overview.travel
    return OverviewFigures(
        sold=sold,
        sold_note=other_sold or against_last_month(overview.sold, overview.sold_before),
        proceeds=share,
        proceeds_note=other_share or "after commission and fees",
        upcoming=formats.number(travel.upcoming_bookings),
        upcoming_note=counted(travel.upcoming_people, "traveller", "travellers") + " to come",
        leaving=formats.number(travel.soon_people),
        leaving_note=counted(travel.soon_bookings, "booking", "bookings") + " in the next 14 days",
    )


def against_last_month(sold: Sequence[Sold], before: Sequence[Sold]) -> str:
    """``€4,200 by this day last month``, in the currency of the first figure."""
    if not sold:
        was = figure_of([entry.total for entry in before])[0]
        return f"{was} by this day last month" if before else "nothing sold yet"
    currency = sold[0].total.currency
    was = next((entry.total for entry in before if entry.total.currency == currency), None)
    return f"{formats.money(was)} by this day last month" if was else "nothing last month"


def seats_note(overview: OperatorOverview) -> str:
    """How full the shown months are together."""
    capacity = sum(entry.capacity for entry in overview.seats)
    sold = sum(entry.sold for entry in overview.seats)
    if not capacity:
        return ""
    return f"{formats.number(sold)} of {formats.number(capacity)} seats sold in six months"


def needs_lines(overview: OperatorOverview) -> list[dict[str, str]]:
    """What waits for somebody, most urgent first."""
    lines = [] if overview.payouts_active else [PAYOUTS]
    lines += [unread_line(one) for one in overview.unread]
    lines += [full_line(one) for one in overview.nearly_full]
    lines += [lacking_line(one) for one in overview.lacking]
    more = overview.lacking_total - len(overview.lacking)
    if more > 0:
        lines.append(
            {
                "badge": "Not on sale",
                "tone": "plain",
                "text": f"{counted(more, 'more package is', 'more packages are')} a draft or"
                " without a departure.",
                "action": "Your packages",
                "href": "/provider/packages",
            }
        )
    return lines


PAYOUTS = {
    "badge": "Payouts are not set up",
    "tone": "warn",
    "text": "Nobody can book your packages until we can pay you.",
    "action": "Open payouts",
    "href": "/provider/payouts",
}


def unread_line(one: UnreadBooking) -> dict[str, str]:
    return {
        "badge": counted(one.messages, "new message", "new messages"),
        "tone": "brand",
        "text": f"{one.lead_name} wrote about {one.title}",
        "action": "Read and answer",
        "href": f"/provider/bookings/{one.reference}",
    }


def full_line(one: NextDeparture) -> dict[str, str]:
    return {
        "badge": counted(one.capacity - one.sold, "seat left", "seats left"),
        "tone": "warn",
        "text": f"{one.title}, {formats.full_day(one.starts_on)}: {one.sold} of {one.capacity}"
        " are sold. Add seats if you have them.",
        "action": "Open departure",
        "href": address_of(str(one.package_id), one.starts_on),
    }


def lacking_line(one: LackingPackage) -> dict[str, str]:
    draft = one.why == "draft"
    return {
        "badge": "Draft" if draft else "No departure to book",
        "tone": "plain",
        "text": f"{one.title}: {'finish and publish it' if draft else 'nobody can choose a date'}",
        "action": "Open package" if draft else "Add departures",
        "href": f"/provider/packages/{one.id}" if draft else address_of(str(one.id), None),
    }


def departure_line(item: NextDeparture) -> DepartureLine:
    return DepartureLine(
        href=address_of(str(item.package_id), item.starts_on),
        title=item.title,
        dates=formats.days(item.starts_on, item.ends_on),
        seats=f"{item.sold} of {counted(item.capacity, 'seat', 'seats')} sold",
        percent=min(round(100 * item.sold / item.capacity), 100) if item.capacity else 0,
        closed=not item.open,
    )
