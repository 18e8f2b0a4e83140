"""The dialog in which an operator adds departures by rule, with its preview in words."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.departures import WEEKDAYS, PackageFacts, Plan
from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.services.departures.forms import RuleForm
from ecosystem.services.forms import parse
from ecosystem.services.operator_desk import typed_price
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.booking_list import search_words
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.provider.departure_lines import address_of, uuid_or_none
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.toast import toast
from ecosystem.wiring import services

FIELDS = ("first", "last", "every_weeks", "capacity", "price")
START = {"first": "", "last": "", "every_weeks": "1", "capacity": "16", "price": ""}
EVERY = tuple(
    (str(weeks), "Every week" if weeks == 1 else f"Every {weeks} weeks") for weeks in (1, 2, 3, 4)
)


@dataclass(frozen=True)
class PlannedDay:
    """A day the rule comes to; ``exists``: there is a departure already."""

    iso: str = ""
    label: str = ""
    kept: bool = True
    exists: bool = False


class DepartureRuleState(rx.State):
    """``words`` is the rule as a sentence; ``errors`` by field, ``hint`` what is still to fill in."""

    shown: bool = False
    opened: int = 0
    package_id: str = ""
    package_title: str = ""
    currency: str = "EUR"
    options: list[dict[str, str]] = []
    weekdays: list[int] = []
    typed: dict[str, str] = START
    days: list[PlannedDay] = []
    words: str = ""
    existing_words: str = ""
    problem: str = ""
    errors: dict[str, str] = {}
    count: int = 0
    button: str = "Add departures"

    _skipped: list[str] = []

    @rx.event
    @allow("provider")
    async def start(self) -> None:
        """Open the dialog, for the package the page shows if it shows one."""
        opened = self.opened + 1
        self.reset()
        self.shown, self.opened = True, opened
        if package_id := uuid_or_none(query(self).get("package", "")):
            try:
                self._take(
                    await call(services().departures.package, await current_actor(self), package_id)
                )
            except EcosystemError as error:
                self.problem = error.detail

    @rx.event
    @allow("provider")
    async def stop(self) -> None:
        """The dialog was closed."""
        self.shown = False

    @rx.event
    @allow("provider", limit="search")
    async def look_up(self, words: str) -> None:
        """Packages whose title has these words."""
        try:
            found = await call(
                services().departures.packages, await current_actor(self), search_words(words)
            )
        except EcosystemError as error:
            self.problem = error.detail
            return
        self.options = [
            {"value": str(one.id), "label": one.title, "detail": formats.nights(one.nights)}
            for one in found
        ]

    @rx.event
    @allow("provider")
    async def take_package(self, package_id: str) -> None:
        """The departures are for this package."""
        known = uuid_or_none(package_id)
        if known is None:
            return
        try:
            self._take(await call(services().departures.package, await current_actor(self), known))
        except EcosystemError as error:
            self.problem = error.detail
            return
        await self._preview()

    @rx.event
    @allow("provider")
    async def toggle_weekday(self, weekday: int) -> None:
        """Every such weekday (ISO), or not."""
        if isinstance(weekday, int) and 1 <= weekday <= 7:
            self.weekdays = sorted(set(self.weekdays) ^ {weekday})
            await self._preview()

    @rx.event
    @allow("provider")
    async def fill(self, name: str, value: str) -> None:
        """A field was filled in."""
        if name in FIELDS and isinstance(value, str):
            self.typed = {**self.typed, name: value[:30].strip()}
            await self._preview()

    @rx.event
    @allow("provider")
    async def toggle_day(self, iso: str) -> None:
        """Leave one of the days out, or take it in again."""
        if any(day.iso == iso for day in self.days):
            self._skipped = sorted(set(self._skipped) ^ {iso})
            await self._preview()

    @rx.event
    @allow("provider")
    async def create(self) -> EventSpec | list[EventSpec] | None:
        """Add the departures and show the month of the first one."""
        package_id = uuid_or_none(self.package_id)
        try:
            if package_id is None:
                raise Invalid.one("package", "Choose a package.")
            form = self._form(missing_matters=True)
            made = await call(
                services().departures.create, await current_actor(self), package_id, form
            )
        except EcosystemError as error:
            self.errors = field_errors(error)
            self.problem = "" if self.errors else error.detail
            return None if self.errors or self.problem else failed(error)
        self.shown = False
        words = f"{counted(len(made.departures), 'departure', 'departures')} added"
        if not made.departures:
            return toast("Nothing was added: all of them exist already.")
        first = made.departures[0].starts_on
        return [toast(words, "done"), rx.redirect(address_of(self.package_id, first))]

    def _take(self, package: PackageFacts) -> None:
        self.package_id, self.package_title = str(package.id), package.title
        self.currency, self.problem = package.price.currency, ""

    async def _preview(self) -> None:
        """Say what the rule comes to as far as it is filled in."""
        package_id = uuid_or_none(self.package_id)
        ready = package_id and self.weekdays and self.typed["first"] and self.typed["last"]
        self.errors, self.problem = {}, ""
        if not ready or package_id is None:
            self._show(None)
            return
        try:
            whole = self._form(skip=False)
            actor = await current_actor(self)
            self._show(await call(services().departures.plan, actor, package_id, whole), whole)
        except EcosystemError as error:
            self.errors = field_errors(error)
            self.problem = "" if self.errors else error.detail
            self._show(None)

    def _form(self, *, skip: bool = True, missing_matters: bool = False) -> RuleForm:
        """What is filled in as a rule. Raises ``Invalid``."""
        typed = self.typed
        data: dict[str, Any] = {
            "weekdays": self.weekdays,
            "first": typed["first"] or None,
            "last": typed["last"] or None,
            "every_weeks": whole_number(typed["every_weeks"]),
            "capacity": whole_number(typed["capacity"]),
            "exclude": self._skipped if skip else [],
        }
        if typed["price"]:
            data["price"] = typed_price(typed["price"], self.currency)
        if missing_matters:
            if not self.weekdays:
                raise Invalid.one("weekdays", "Choose at least one weekday.")
            for name in ("first", "last"):
                if not typed[name]:
                    raise Invalid.one(name, "Choose a day.")
        return parse(RuleForm, data)

    def _show(self, plan: Plan | None, form: RuleForm | None = None) -> None:
        if plan is None or form is None:
            self.days, self.words, self.existing_words, self.count = [], "", "", 0
            self.button = "Add departures"
            return
        existing, skipped = set(plan.existing), set(self._skipped)
        self.days = [
            PlannedDay(
                iso=day.isoformat(),
                label=formats.day(day),
                kept=day.isoformat() not in skipped and day not in existing,
                exists=day in existing,
            )
            for day in sorted((*plan.new, *plan.existing))
        ]
        self.count = sum(day.kept for day in self.days)
        self.words = rule_words(form, plan)
        there = len(plan.existing)
        self.existing_words = existing_words(there) if there else ""
        self.button = f"Add {counted(self.count, 'departure', 'departures')}"


def whole_number(text: str) -> int | str:
    """A number as typed; what is none stays a text, and the form says so."""
    return int(text) if text.isascii() and text.isdigit() else text


def existing_words(count: int) -> str:
    """What becomes of days that have a departure already."""
    if count == 1:
        return "One of these days has a departure already. It stays as it is."
    return f"{formats.number(count)} of these days have a departure already. They stay as they are."


def rule_words(form: RuleForm, plan: Plan) -> str:
    """``Every Friday from 7 May to 24 September 2027, 8 nights, 16 seats at €1,340.``"""
    names = [WEEKDAYS[number - 1] for number in sorted(form.weekdays)]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    how = "Every" if form.every_weeks == 1 else f"Every {form.every_weeks} weeks on"
    price = formats.money(plan.price)
    own = "" if form.price is not None else ", the package's price"
    return (
        f"{how} {listed} {span_words(form.first, form.last)},"
        f" {formats.nights(plan.nights)}, {counted(form.capacity, 'seat', 'seats')}"
        f" at {price} per adult{own}."
    )


def span_words(first: date, last: date) -> str:
    """``from 7 May 2027 to 24 September 2027``, ``on 7 May 2027``."""
    if first == last:
        return f"on {formats.full_day(first)}"
    return f"from {formats.full_day(first)} to {formats.full_day(last)}"
