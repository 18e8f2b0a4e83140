"""An operator's first page: this month, what departs next, the latest bookings."""

from dataclasses import dataclass

import reflex as rx

from ecosystem.domain.desks import NextDeparture, OperatorOverview
from ecosystem.domain.errors import EcosystemError
from ecosystem.state import formats
from ecosystem.state.booking_lines import BookingLine, booking_line
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
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
    departures: list[DepartureLine] = []
    latest: list[BookingLine] = []
    latest_total: str = ""
    unpaid: bool = False

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the day."""
        self.reset()
        try:
            actor = await current_actor(self)
            overview = await call(services().desk.overview, actor)
            page = await call(services().bookings.rows, actor, limit=LATEST, with_total=True)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.date = formats.weekday(overview.today)
        self.figures = overview_figures(overview)
        self.departures = [departure_line(item) for item in overview.departures]
        self.unpaid = not overview.payouts_active
        self.latest = [booking_line(row) for row in page.items]
        self.latest_total = formats.number(page.total or 0)
        self.phase = "shown"


def overview_figures(overview: OperatorOverview) -> OverviewFigures:
    sold, other_sold = figure_of([entry.total for entry in overview.sold])
    share, other_share = figure_of([entry.share for entry in overview.sold])
    bookings = sum(entry.bookings for entry in overview.sold)
    travel = overview.travel
    return OverviewFigures(
        sold=sold,
        sold_note=other_sold or counted(bookings, "booking", "bookings"),
        proceeds=share,
        proceeds_note=other_share or "after commission and fees",
        upcoming=formats.number(travel.upcoming_bookings),
        upcoming_note=counted(travel.upcoming_people, "traveller", "travellers") + " to come",
        leaving=formats.number(travel.soon_people),
        leaving_note=counted(travel.soon_bookings, "booking", "bookings") + " in the next 14 days",
    )


def departure_line(item: NextDeparture) -> DepartureLine:
    return DepartureLine(
        href=f"/provider/packages/{item.package_id}",
        title=item.title,
        dates=formats.days(item.starts_on, item.ends_on),
        seats=f"{item.sold} of {counted(item.capacity, 'seat', 'seats')} sold",
        percent=round(100 * item.sold / item.capacity) if item.capacity else 0,
        closed=not item.open,
    )
