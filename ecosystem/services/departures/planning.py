"""Which days a rule means for a package, and whether departures can be on them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ecosystem.database.tables import Package
from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import Money
from ecosystem.services.departures.forms import MOST_AT_ONCE, RuleForm
from ecosystem.services.departures.rooms import sells_every_room

FURTHEST = timedelta(days=3 * 366)
"""How far ahead departures can be planned; they are on sale two years ahead."""


@dataclass(frozen=True)
class Trip:
    """A package as far as its departures need it. ``timezone``: its first city's, or empty."""

    package: Package
    timezone: str

    @property
    def base_price(self) -> Money:
        return Money.from_decimal(self.package.base_price, self.package.currency)

    def days(self, form: RuleForm, now: datetime) -> tuple[date, ...]:
        """The days of a rule.

        Raises:
            Invalid: no day at all, past days, more than 500, a price at which a room would
                cost nothing, or ``no_city``: a package without a city has no time zone.
        """
        if not self.timezone:
            raise Invalid(
                "This package has no city yet. Add one first: departures are in the time zone"
                " of the first city.",
                code="no_city",
            )
        today = now.astimezone(ZoneInfo(self.timezone)).date()
        if form.first <= today:
            raise Invalid.one("first", "This day is over or is today. Begin tomorrow or later.")
        if form.last < form.first:
            raise Invalid.one("last", "The last day lies before the first.")
        if form.last > today + FURTHEST:
            raise Invalid.one("last", "Departures can be planned three years ahead.")
        days = tuple(form.rule.days())
        if not days:
            raise Invalid.one("weekdays", "No day between these dates fits.")
        if len(days) > MOST_AT_ONCE:
            raise Invalid.one(
                "last",
                f"These are {len(days)} departures. At most {MOST_AT_ONCE} can be added at once.",
            )
        if form.price is not None:
            sells_every_room(self.package, form.price)
        return days
