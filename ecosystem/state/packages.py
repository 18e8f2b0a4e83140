"""A trip's page: what it is, when it leaves, what it costs for this party."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.cancellation import dated
from ecosystem.domain.errors import Conflict, EcosystemError, NotFound
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.markdown import to_html
from ecosystem.domain.money import Money
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.state import formats, party_address
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call, failed
from ecosystem.state.cards import TripCard, trip_card
from ecosystem.state.currency import AS_CHARGED, Conversion, shown_in
from ecosystem.state.departure_calendar import (
    CalendarMonth,
    calendar_month,
    month_start,
    turned,
    week_days,
)
from ecosystem.state.guard import allow
from ecosystem.state.package_view import (
    PackagePage,
    PriceLine,
    extra_costs,
    package_page,
    price_lines,
    route_map,
    seats_of,
)
from ecosystem.state.party_address import MOST, is_age
from ecosystem.state.policy import PolicyLine, policy_lines
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services


class PackageState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``notice`` says why Reserve can't work,
    ``consent`` that the price is not the one that was shown before.

    ``price`` is an adult's on the chosen departure, ``price_from`` the lowest on sale. ``ages``
    has one entry for each child, empty until it is told.
    """

    phase: str = "loading"
    problem: str = ""
    view: PackagePage = PackagePage()
    map_svg: str = ""
    week: list[str] = []
    month: CalendarMonth = CalendarMonth()
    chosen: str = ""
    adults: int = 2
    children: int = 0
    ages: list[str] = []
    extras: list[str] = []
    costs: dict[str, str] = {}
    price: str = ""
    price_from: str = ""
    rate_note: str = ""
    lines: list[PriceLine] = []
    total: str = ""
    about: str = ""
    deposit: str = ""
    balance: str = ""
    balance_day: str = ""
    party_problem: str = ""
    notice: str = ""
    consent: str = ""
    dates: str = ""
    policy: list[PolicyLine] = []
    similar: list[TripCard] = []
    busy: bool = False
    here: str = ""
    """The address that brings back what is chosen."""

    _package: PackageView | None = None
    _departures: tuple[DepartureView, ...] = ()
    _month: date = date.min
    _wanted_from: str = ""
    _preview: bool = False
    _conversion: Conversion = AS_CHARGED
    _shown: Money | None = None
    """The total on screen: no seats are held at a higher one."""

    @rx.event
    @allow("*", limit="search")
    async def open(self) -> AsyncIterator[None]:
        """Load the trip the address names; what stands below it comes after it."""
        self.reset()
        try:
            await self._load()
        except NotFound:
            self.phase = "missing"
            return
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.phase = "shown"
        yield
        await self._look_around()

    @rx.event
    @allow("*")
    async def turn(self, by: int) -> None:
        """Show another month of the calendar: -1 the one before, 1 the next."""
        if by in (-1, 1) and (self.month.earlier if by < 0 else self.month.later):
            self._show_month(turned(self._month, by))

    @rx.event
    @allow("*", limit="price")
    async def choose(self, departure_id: str) -> None:
        """Take another departure."""
        if any(str(row.id) == departure_id for row in self._departures):
            self.chosen = str(departure_id)
            await self._reprice()

    @rx.event
    @allow("*", limit="price")
    async def set_adults(self, count: float) -> None:
        """Change how many adults travel."""
        if self._counted("adults", count):
            await self._reprice()

    @rx.event
    @allow("*", limit="price")
    async def set_children(self, count: float) -> None:
        """Change how many children travel."""
        if self._counted("children", count):
            self._fit_ages()
            await self._reprice()

    @rx.event
    @allow("*", limit="price")
    async def set_age(self, child: int, age: str) -> None:
        """Say how old a child will be; ``child`` counts from 0, an empty age takes it back."""
        if isinstance(child, int) and 0 <= child < len(self.ages) and is_age(age):
            self.ages[child] = str(age)
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
    async def reserve(self, form: dict[str, Any] | None = None) -> AsyncIterator[EventSpec | None]:
        """Hold the seats and go to the checkout; if they have gone, say so and show what is left.

        ``form`` is the party as it stands on screen, which may be newer than what was priced.
        """
        self.busy = True
        yield
        await self._take_party(form)
        step = await self._hold()
        self.busy = False
        if step is not None:
            yield step

    async def _load(self) -> None:
        catalogue = services().catalogue
        package = await call(catalogue.package, last_part(self))
        await self._fill(package, await call(catalogue.departures, package.id))

    async def _fill(self, package: PackageView, rows: tuple[DepartureView, ...]) -> None:
        """Show a package with its departures: the public one, or a draft to its own operator."""
        pictures = await call(services().pictures.of, package.id)
        self.map_svg = await call(route_map, package.stays)
        self._conversion = await shown_in(self)
        self._package = package
        self.price = self._conversion.text(package.base_price)
        self.rate_note = self._conversion.note_for(package.base_price.currency)
        description = await call(to_html, package.description)
        self.view = package_page(package, pictures, services().settings.origin, description)
        self.week = week_days()
        self._preset(query(self), package)
        self._list(rows)
        await self._reprice()

    async def _look_around(self) -> None:
        """Remember the visit and show trips like this one; the page is whole without both."""
        if self._package is None:
            return
        try:
            await call(services().saved.saw, await current_actor(self), self._package.id)
            found = await call(services().catalogue.similar, self._package.id)
        except EcosystemError:
            return
        self.similar = [trip_card(card, self._conversion) for card in found]

    async def _take_party(self, form: Any) -> None:
        if not isinstance(form, dict):
            return
        before = (self.adults, self.children, tuple(self.ages))
        for name in ("adults", "children"):
            if name in form and not self._counted(name, form[name]):
                return
        self._fit_ages()
        for child in range(len(self.ages)):
            age = form.get(f"age_{child}", "")
            if is_age(age):
                self.ages[child] = str(age)
        if before != (self.adults, self.children, tuple(self.ages)):
            await self._reprice()

    async def _hold(self) -> EventSpec | None:
        if self._package is None or not self.chosen or self.party_problem:
            return None
        if self._preview:
            return toast("This is a preview: nothing can be booked here.")
        try:
            hold = await call(
                services().holds.place,
                await current_actor(self),
                UUID(self.chosen),
                adults=self.adults,
                children=self.children,
                addon_ids=self._extras(),
                child_ages=self._told_ages(),
                replace_own=True,
                expected=self._shown,
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
        # Another day may be chosen now, with other seats left: nothing older stays beside it.
        await self._reprice()
        if error.code == "price_changed":
            self.consent = error.detail
        else:
            self.notice = error.detail
        return None

    def _counted(self, who: str, count: Any) -> bool:
        """Take a number of people; what is none is said and changes nothing."""
        text = str(count)
        if not (text.isascii() and text.isdigit() and len(text) <= 3):
            self.party_problem = _("Enter a whole number.")
            self._no_price()
            return False
        setattr(self, who, min(int(text), MOST))
        return True

    def _fit_ages(self) -> None:
        asked = self.children if self.view.asks_ages else 0
        room = min(asked, self.view.max_travellers)
        self.ages = [*self.ages[:room], *[""] * (room - len(self.ages))]

    def _told_ages(self) -> tuple[int, ...]:
        """The children's ages, once all of them are told."""
        told = len(self.ages) == self.children and all(self.ages)
        return tuple(int(age) for age in self.ages) if told else ()

    def _extras(self) -> frozenset[UUID]:
        return frozenset(UUID(extra) for extra in self.extras)

    def _preset(self, ask: dict[str, str], package: PackageView) -> None:
        self.adults, self.children = party_address.people(ask, package)
        self.ages, self.extras = party_address.ages(ask), party_address.extras(ask, package)
        self._fit_ages()
        self._wanted_from, self.chosen = ask.get("from", ""), ask.get("departure", "")

    def _list(self, rows: tuple[DepartureView, ...]) -> None:
        """Show the departures; keep the chosen one, else take the first that fits."""
        self._departures = rows
        on_sale = [row.price for row in rows if row.status == "open"]
        lowest = min(on_sale, key=lambda price: price.minor, default=None)
        self.price_from = self._conversion.text(lowest) if lowest else self.price
        if self._departure() is None:
            open_rows = [row for row in rows if row.status == "open"]
            fitting = [
                row
                for row in open_rows
                if row.seats_left >= self.adults + self.children
                and row.starts_on.isoformat() >= self._wanted_from
            ]
            first = (fitting or open_rows)[:1]
            self.chosen = str(first[0].id) if first else ""
        shown = self._departure() or next(iter(rows), None)
        self._show_month(month_start(shown.starts_on) if shown else date.min)

    def _show_month(self, month: date) -> None:
        self._month = month
        self.month = calendar_month(month, self._departures, self._conversion)

    async def _reprice(self) -> None:
        """Price the party on the chosen departure and say what stands in its way.

        Events of one page run one after the other, so no older answer ends up over a newer one.
        """
        package, departure = self._package, self._departure()
        if package is not None and not self._preview:
            self.here = party_address.address(
                f"/packages/{package.slug}",
                self.chosen,
                self.adults,
                self.children,
                self.ages,
                self.extras,
            )
        self.notice = self.party_problem = self.consent = ""
        if package is None or departure is None:
            self._no_price()
            self.policy, self.dates = [], ""
            self.notice = _nothing_left() if self._departures else ""
            return
        self._say_departure(package, departure)
        try:
            price = await call(
                services().catalogue.price,
                package.id,
                departure.id,
                self.adults,
                self.children,
                self._extras(),
                self._told_ages(),
                drafts=self._preview,
            )
        except EcosystemError as error:
            # The price of another party must not stand beside this one.
            self._no_price()
            self.party_problem = error.detail
            return
        self.lines, self.total = price_lines(price), formats.money(price.total)
        self._shown = price.total
        converted = self._conversion.text(price.total)
        self.about = "" if converted == self.total else converted
        self.deposit = self.balance = self.balance_day = ""
        if price.deposit is not None and price.balance_due_on is not None:
            self.deposit = formats.money(price.deposit)
            self.balance = formats.money(price.total - price.deposit)
            self.balance_day = formats.full_day(price.balance_due_on)

    def _say_departure(self, package: PackageView, departure: DepartureView) -> None:
        party = self.adults + self.children
        self.dates = _dates(departure)
        self.price = self._conversion.text(departure.price)
        self.policy = policy_lines(
            dated(package.policy, departure.starts_on), services().clock.now().date()
        )
        self.notice = seats_of(departure, party)
        self.costs = extra_costs(package, party)

    def _no_price(self) -> None:
        self.lines, self.costs, self._shown = [], {}, None
        self.total = self.about = self.deposit = self.balance = self.balance_day = ""

    def _departure(self) -> DepartureView | None:
        return next((row for row in self._departures if str(row.id) == self.chosen), None)


def _nothing_left() -> str:
    return _("Every departure is sold out or closed at the moment. New dates appear here.")


def _dates(departure: DepartureView) -> str:
    """``15–24 Mar 2027, 9 nights``."""
    nights = (departure.ends_on - departure.starts_on).days
    when = formats.days(departure.starts_on, departure.ends_on)
    left = departure.seats_left
    said = "" if departure.status != "open" else _seats(left)
    return ", ".join(part for part in (when, formats.nights(nights), said) if part)


def _seats(left: int) -> str:
    return ngettext("{count} seat left", "{count} seats left", left).format(
        count=formats.number(left)
    )
