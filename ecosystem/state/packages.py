"""A trip's page: what it is, when it leaves, what it costs for this party."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.cancellation import dated
from ecosystem.domain.errors import Conflict, EcosystemError, NotFound
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.package_view import (
    PackagePage,
    PriceLine,
    departure_row,
    package_page,
    price_lines,
    route_map,
    seats_of,
)
from ecosystem.state.policy import PolicyLine, policy_lines
from ecosystem.state.session import current_actor
from ecosystem.wiring import services

MOST = 99
NOTHING_LEFT = "Every departure is sold out or closed at the moment. New dates appear here."


class PackageState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``notice`` says why Reserve can't work.

    ``price`` is an adult's on the chosen departure, ``price_from`` the lowest on sale.
    """

    phase: str = "loading"
    problem: str = ""
    view: PackagePage = PackagePage()
    map_svg: str = ""
    departures: list[dict[str, Any]] = []
    chosen: str = ""
    adults: int = 2
    children: int = 0
    extras: list[str] = []
    price: str = ""
    price_from: str = ""
    lines: list[PriceLine] = []
    total: str = ""
    deposit: str = ""
    party_problem: str = ""
    notice: str = ""
    dates: str = ""
    policy: list[PolicyLine] = []
    busy: bool = False

    _package: PackageView | None = None
    _departures: tuple[DepartureView, ...] = ()
    _wanted_from: str = ""

    @rx.event
    @allow("*")
    async def open(self) -> None:
        """Load the trip the address names."""
        self.reset()
        try:
            package = await call(services().catalogue.package, last_part(self))
            rows = await call(services().catalogue.departures, package.id)
            self.map_svg = await call(route_map, package.stays)
        except NotFound:
            self.phase = "missing"
            return
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self._package = package
        self.price = formats.money(package.base_price)
        self.view = package_page(package)
        self._preset(query(self), package)
        self._list(rows)
        await self._reprice()
        self.phase = "shown"

    @rx.event
    @allow("*", limit="price")
    async def choose(self, departure_id: str) -> None:
        """Take another departure."""
        if any(str(row.id) == departure_id for row in self._departures):
            self.chosen = str(departure_id)
            await self._reprice()

    @rx.event
    @allow("*", limit="price")
    async def set_party(self, who: str, count: str) -> None:
        """Change how many adults or children travel."""
        if who not in ("adults", "children") or not str(count).isascii():
            return
        if not str(count).isdigit() or len(str(count)) > 3:
            self.party_problem = "Enter a whole number."
            return
        setattr(self, who, min(int(count), MOST))
        await self._reprice()

    @rx.event
    @allow("*", limit="price")
    async def toggle(self, addon_id: str) -> None:
        """Add an extra, or leave it out again."""
        known = {str(addon.id) for addon in self._package.addons} if self._package else set()
        if isinstance(addon_id, str) and addon_id in known:
            rest = [taken for taken in self.extras if taken != addon_id]
            self.extras = rest if addon_id in self.extras else [*rest, str(addon_id)]
            await self._reprice()

    @rx.event
    @allow("*", limit="hold")
    async def reserve(self) -> AsyncIterator[EventSpec | None]:
        """Hold the seats and go to the checkout; if they have gone, say so and show what is left."""
        self.busy = True
        yield
        step = await self._hold()
        self.busy = False
        if step is not None:
            yield step

    async def _hold(self) -> EventSpec | None:
        if self._package is None or not self.chosen or self.party_problem:
            return None
        try:
            hold = await call(
                services().holds.place,
                await current_actor(self),
                UUID(self.chosen),
                adults=self.adults,
                children=self.children,
                addon_ids=self._extras(),
                replace_own=True,
            )
        except EcosystemError as error:
            return await self._refused(error)
        return rx.redirect(f"/checkout/{hold.id}")

    async def _refused(self, error: EcosystemError) -> EventSpec | None:
        if not isinstance(error, Conflict) or self._package is None:
            return failed(error)
        try:
            self._list(await call(services().catalogue.departures, self._package.id))
        except EcosystemError as another:
            return failed(another)
        self.notice = error.detail
        return None

    def _extras(self) -> frozenset[UUID]:
        return frozenset(UUID(extra) for extra in self.extras)

    def _preset(self, ask: dict[str, str], package: PackageView) -> None:
        party = ask.get("travellers", "")
        if party.isascii() and party.isdigit() and len(party) < 3:
            self.adults = min(max(int(party), 1), package.max_travellers)
        else:
            self.adults = min(2, package.max_travellers)
        self.extras = []
        self._wanted_from = ask.get("from", "")

    def _list(self, rows: tuple[DepartureView, ...]) -> None:
        """Show the departures; keep the chosen one, else take the first that fits."""
        self._departures = rows
        self.departures = [departure_row(row) for row in rows]
        on_sale = [row.price for row in rows if row.status == "open"]
        lowest = min(on_sale, key=lambda price: price.minor, default=None)
        self.price_from = formats.money(lowest) if lowest else self.price
        if self.chosen in {str(row.id) for row in rows}:
            return
        open_rows = [row for row in rows if row.status == "open"]
        fitting = [
            row
            for row in open_rows
            if row.seats_left >= self.adults + self.children
            and row.starts_on.isoformat() >= self._wanted_from
        ]
        first = (fitting or open_rows)[:1]
        self.chosen = str(first[0].id) if first else ""

    async def _reprice(self) -> None:
        """Price the party on the chosen departure and say what stands in its way."""
        package, departure = self._package, self._departure()
        self.notice = self.party_problem = ""
        if package is None or departure is None:
            self.lines, self.total, self.policy, self.dates = [], "", [], ""
            self.notice = NOTHING_LEFT if self.departures else ""
            return
        self.dates = _dates(departure)
        self.price = formats.money(departure.price)
        today = services().clock.now().date()
        tiers = dated(package.policy, departure.starts_on)
        self.policy = policy_lines(tiers, today)
        self.notice = seats_of(departure, self.adults + self.children)
        try:
            price = await call(
                services().catalogue.price,
                package.id,
                departure.id,
                self.adults,
                self.children,
                self._extras(),
            )
        except EcosystemError as error:
            self.party_problem = error.detail
            return
        self.lines, self.total = price_lines(price), formats.money(price.total)
        self.deposit = "" if price.deposit is None else formats.money(price.deposit)

    def _departure(self) -> DepartureView | None:
        return next((row for row in self._departures if str(row.id) == self.chosen), None)


def _dates(departure: DepartureView) -> str:
    """``15–24 Mar 2027, 9 nights``."""
    nights = (departure.ends_on - departure.starts_on).days
    return f"{formats.days(departure.starts_on, departure.ends_on)}, {formats.nights(nights)}"
