"""Bookings of an operator's own packages: what is asked for stands in the address."""

from dataclasses import asdict, dataclass
from typing import Any, get_args
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.services.operator_bookings import OwnBooking, Sort, Wanted
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_lines import BookingLine, booking_line
from ecosystem.state.booking_list import PAGE_SIZE, search_words
from ecosystem.state.booking_words import TONES
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.provider.departure_lines import uuid_or_none
from ecosystem.state.provider.packages import page_number
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

PATH = "/provider/bookings"
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class OwnBookingLine(BookingLine):
    """A booking in the operator's table; ``unread``: how many new messages, or empty."""

    unread: str = ""


@dataclass(frozen=True)
class Asked:
    """What the address asks for; everything in it is checked."""

    q: str = ""
    status: str = ""
    package: str = ""
    departure: str = ""
    sort: str = "newest"
    page: int = 1

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            words=self.q,
            status=self.status,
            package_id=uuid_or_none(self.package),
            departure_id=uuid_or_none(self.departure),
        )

    def address(self, path: str = PATH, **change: Any) -> str:
        """The address that asks for this, with some of it changed."""
        given = asdict(self) | change
        if given["page"] == 1:
            given["page"] = ""
        if given["sort"] == "newest":
            given["sort"] = ""
        asked = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{asked}" if asked else path


class ProviderBookingsState(rx.State):
    """``phase`` is loading, shown or failed; ``problem`` says why it failed."""

    phase: str = "loading"
    problem: str = ""
    rows: list[OwnBookingLine] = []
    words: str = ""
    status: str = ""
    sort: str = "newest"
    filtered: bool = False
    package_title: str = ""
    without_package: str = ""
    departure_title: str = ""
    without_departure: str = ""
    travellers_href: str = ""
    rooming_href: str = ""
    csv_href: str = ""
    sorts: dict[str, str] = {}
    position: str = ""
    previous_href: str = ""
    following_href: str = ""

    _asked: Asked = Asked()

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        self._asked = asked = asked_for(query(self))
        before = (asked.page - 1) * PAGE_SIZE
        try:
            actor = await current_actor(self)
            await self._name_filters(actor)
            found, total = await call(
                services().operator_bookings.rows,
                actor,
                asked.wanted,
                sort=asked.sort,  # type: ignore[arg-type]
                limit=PAGE_SIZE,
                offset=before,
            )
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [own_booking_line(one) for one in found]
        self._name_addresses(before, total)
        self.phase = "shown"

    @rx.event
    @allow("provider")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """Search by words and status: a new address, which loads the list anew."""
        data = form if isinstance(form, dict) else {}
        status = data.get("status", "")
        return rx.redirect(
            self._asked.address(
                q=search_words(data.get("q", "")),
                status=status if isinstance(status, str) and status in TONES else "",
                page=1,
            )
        )

    async def _name_filters(self, actor: Actor) -> None:
        """Say which package and departure are asked for; those of others are not found."""
        asked, wanted = self._asked, self._asked.wanted
        try:
            if wanted.departure_id is not None:
                one = await call(services().departures.get, actor, wanted.departure_id)
                self.departure_title = f"{one.package_title}, {formats.full_day(one.starts_on)}"
                lists = f"/api/operators/me/departures/{wanted.departure_id}"
                self.travellers_href = f"{lists}/travellers.csv"
                self.rooming_href = f"{lists}/rooming"
            if wanted.package_id is not None:
                package = await call(services().departures.package, actor, wanted.package_id)
                self.package_title = package.title
        except NotFound:
            # Nothing of theirs is listed for it, which the empty list says.
            self.departure_title = self.departure_title or "A departure that is not yours"
        self.without_package = asked.address(package="", page=1)
        self.without_departure = asked.address(departure="", page=1)

    def _name_addresses(self, before: int, total: int) -> None:
        asked = self._asked
        self.words, self.status, self.sort = asked.q, asked.status, asked.sort
        self.filtered = bool(asked.q or asked.status or asked.package or asked.departure)
        self.csv_href = asked.address("/api/operators/me/bookings.csv", page=1, sort="newest")
        self.sorts = {sort: asked.address(sort=sort, page=1) for sort in SORTS}
        self.position = formats.range_of(before, len(self.rows), total) if self.rows else ""
        self.previous_href = asked.address(page=asked.page - 1) if asked.page > 1 else ""
        more = before + len(self.rows) < total and bool(self.rows)
        self.following_href = asked.address(page=asked.page + 1) if more else ""


def asked_for(given: dict[str, str]) -> Asked:
    """What an address asks for, whatever it says."""
    known = {name: uuid_or_none(given.get(name, "")) for name in ("package", "departure")}
    return Asked(
        q=search_words(given.get("q", "")),
        status=given["status"] if given.get("status") in TONES else "",
        package=str(known["package"] or ""),
        departure=str(known["departure"] or ""),
        sort=given["sort"] if given.get("sort") in SORTS else "newest",
        page=page_number(given.get("page", "")),
    )


def own_booking_line(one: OwnBooking) -> OwnBookingLine:
    unread = formats.number(one.unread) + " new" if one.unread else ""
    return OwnBookingLine(**asdict(booking_line(one.row, PATH)), unread=unread)
