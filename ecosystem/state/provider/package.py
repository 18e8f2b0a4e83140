"""An operator's package: title and price are changed here, and whether it is on sale."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import Conflict, EcosystemError, Invalid, NotFound
from ecosystem.domain.money import Money
from ecosystem.domain.views import DepartureView, PackageView
from ecosystem.services.forms import parse
from ecosystem.services.operator_desk import PackageForm, missing, typed_price
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.package_view import StayLine, route_map, stay_lines
from ecosystem.state.provider.packages import TONES
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

DEPARTURES_SHOWN = 12


@dataclass(frozen=True)
class DepartureRow:
    """A departure as the editor lists it."""

    dates: str = ""
    seats: str = ""
    price: str = ""
    status: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class Check:
    """One line of what a package needs before it can be published."""

    text: str = ""
    done: bool = False


@dataclass(frozen=True)
class PackageEditor:
    """A package in the editor. ``price`` is in major units, as it is typed."""

    title: str = ""
    price: str = ""
    currency: str = ""
    status: str = ""
    tone: str = "plain"
    facts: str = ""
    public_href: str = ""
    bookable: bool = False
    stays: list[StayLine] = field(default_factory=list)
    departures: list[DepartureRow] = field(default_factory=list)
    departures_note: str = ""
    checks: list[Check] = field(default_factory=list)
    ready: bool = False


class ProviderPackageState(rx.State):
    """``phase`` is loading, shown, missing or failed; ``conflict``: somebody else saved first.

    ``loads`` counts how often the fields were filled from what is stored.
    """

    phase: str = "loading"
    problem: str = ""
    view: PackageEditor = PackageEditor()
    map_svg: str = ""
    title_error: str = ""
    price_error: str = ""
    conflict: bool = False
    saved: str = ""
    loads: int = 0

    _package: PackageView | None = None

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the package that the address names; typed and unsaved words go."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        try:
            await self._load(UUID(last_part(self)))
            self.phase = "shown"
        except (NotFound, ValueError):
            self.phase = "missing"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Save title and price, unless somebody else has saved in between."""
        self.title_error = self.price_error = self.saved = ""
        if self._package is None:
            return None
        try:
            change = read_form(self._package, form)
            if change is None:
                self.saved = "Nothing has changed"
                return None
            await self._write(services().desk.edit, change)
        except EcosystemError as error:
            return self._refused(error)
        self.saved = "Saved"
        return toast("Saved. New bookings get the new title and price.", "done")

    @rx.event
    @allow("provider")
    async def publish(self) -> EventSpec | None:
        """Put the package on sale."""
        return await self._move(services().desk.publish, "Published. It can be found now.")

    @rx.event
    @allow("provider")
    async def archive(self) -> EventSpec | None:
        """Take the package off the market; its bookings stay."""
        return await self._move(services().desk.archive, "Archived. Its bookings stay as they are.")

    async def _move(self, act: Any, done: str) -> EventSpec | None:
        self.saved = ""
        if self._package is None:
            return None
        try:
            await self._write(act, self._package.version)
        except EcosystemError as error:
            return self._refused(error)
        return toast(done, "done")

    async def _write(self, act: Any, change: Any) -> None:
        assert self._package is not None
        actor = await current_actor(self)
        package = await call(act, actor, self._package.id, change)
        await self._show(package, await call(services().desk.departures, actor, package.id))

    async def _load(self, package_id: UUID) -> None:
        actor = await current_actor(self)
        package = await call(services().desk.package, actor, package_id)
        await self._show(package, await call(services().desk.departures, actor, package_id))
        self.map_svg = await call(route_map, package.stays)

    async def _show(self, package: PackageView, rows: tuple[DepartureView, ...]) -> None:
        self._package = package
        self.view = editor(package, rows)
        self.conflict = False

    def _refused(self, error: EcosystemError) -> EventSpec | None:
        fields = field_errors(error)
        self.title_error, self.price_error = fields.get("title", ""), fields.get("price", "")
        if isinstance(error, Conflict):
            self.conflict = True
            return None
        if isinstance(error, Invalid) and (self.title_error or self.price_error):
            return None
        return failed(error, "/provider/packages")


def read_form(package: PackageView, form: Any) -> PackageForm | None:
    """What the form changes of the package; None for nothing.

    Raises:
        Invalid: on ``title``, ``price`` or both.
    """
    data = form if isinstance(form, dict) else {}
    change: dict[str, Any] = {"version": package.version}
    problems: list[Any] = []
    title = " ".join(str(data.get("title", "")).split())
    if title != package.title:
        change["title"] = title
    try:
        price = typed_price(str(data.get("price", "")), package.base_price.currency)
        if price != package.base_price.minor:
            change["price"] = price
    except Invalid as error:
        problems += error.fields
    try:
        parsed = parse(PackageForm, change)
    except Invalid as error:
        raise Invalid(error.detail, fields=(*error.fields, *problems)) from None
    if problems:
        raise Invalid("The price is not right.", fields=tuple(problems))
    return parsed if len(change) > 1 else None


def editor(package: PackageView, rows: tuple[DepartureView, ...]) -> PackageEditor:
    lacks = {item.field: item.message for item in missing(package, rows)}
    open_rows = sum(row.status == "open" for row in rows)
    cities = len(package.stays)
    checks = [
        check(lacks, "cities", f"{cities} {'city' if cities == 1 else 'cities'}"),
        check(lacks, "price", f"{formats.money(package.base_price)} per adult"),
        check(lacks, "policy", "A cancellation policy"),
        check(lacks, "departures", f"{formats.number(open_rows)} departures on sale"),
    ]
    return PackageEditor(
        title=package.title,
        price=typed(package.base_price),
        currency=package.base_price.currency,
        status=package.status,
        tone=TONES[package.status],
        facts=f"{formats.nights(package.nights)} · {' – '.join(s.city for s in package.stays)}",
        public_href=f"/packages/{package.slug}" if package.status == "published" else "",
        bookable=package.bookable,
        stays=stay_lines(package.stays),
        departures=[departure_row(row) for row in rows[:DEPARTURES_SHOWN]],
        departures_note=f"The next {DEPARTURES_SHOWN} of {formats.number(len(rows))}"
        if len(rows) > DEPARTURES_SHOWN
        else "",
        checks=checks,
        ready=not lacks,
    )


def check(lacks: dict[str, str], name: str, done: str) -> Check:
    return Check(lacks.get(name, done), name not in lacks)


def typed(amount: Money) -> str:
    """``1299`` or ``1299.50``: as one would type it."""
    whole = amount.decimal == amount.decimal.to_integral_value()
    return f"{amount.decimal:.0f}" if whole else str(amount.decimal)


def departure_row(row: DepartureView) -> DepartureRow:
    words = {"open": ("on sale", "good"), "closed": ("closed", "plain")}
    status, tone = words.get(row.status, ("sold out", "brand"))
    return DepartureRow(
        dates=formats.days(row.starts_on, row.ends_on),
        seats=f"{row.capacity - row.seats_left} of {row.capacity} taken",
        price=formats.money(row.price),
        status=status,
        tone=tone,
    )
