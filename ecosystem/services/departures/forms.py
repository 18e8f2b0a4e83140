"""What operators send about departures: a rule, a selection, a change."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from ecosystem.domain.departures import Rule
from ecosystem.services.forms import Form

MOST_SEATS = 1000
MOST_AT_ONCE = 500
HIGHEST_PRICE = 10**11
"""In minor units: what no trip costs, far below what the columns hold."""

Seats = Annotated[int, Field(ge=1, le=MOST_SEATS, strict=True)]
Price = Annotated[int, Field(ge=1, le=HIGHEST_PRICE, strict=True)]


class DepartureForm(Form):
    """One departure. ``price`` in minor units of the package's currency; without it the
    package's own price counts."""

    starts_on: date
    capacity: Seats
    price: Price | None = None

    def as_rule(self) -> "RuleForm":
        """The same as a rule for one day."""
        return RuleForm.model_validate(
            {
                "weekdays": [self.starts_on.isoweekday()],
                "first": self.starts_on,
                "last": self.starts_on,
                "capacity": self.capacity,
                "price": self.price,
            }
        )


class RuleForm(Form):
    """Departures by rule: every ``weekdays`` (1 Monday to 7 Sunday) from ``first`` to ``last``,
    in every ``every_weeks``-th week, but not on ``exclude``."""

    weekdays: frozenset[Annotated[int, Field(ge=1, le=7, strict=True)]] = Field(
        min_length=1, max_length=7
    )
    first: date
    last: date
    every_weeks: int = Field(default=1, ge=1, le=26, strict=True)
    exclude: frozenset[date] = Field(default=frozenset(), max_length=MOST_AT_ONCE)
    capacity: Seats
    price: Price | None = None

    @property
    def rule(self) -> Rule:
        return Rule(self.weekdays, self.first, self.last, self.every_weeks, self.exclude)


class Selection(Form):
    """Which departures: by id, or those of a package that start from ``first`` to ``last``."""

    departure_ids: frozenset[UUID] = Field(default=frozenset(), max_length=MOST_AT_ONCE)
    package_id: UUID | None = None
    first: date | None = None
    last: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_way(cls, data: Any) -> Any:
        if isinstance(data, dict):
            by_range = [data.get(name) is not None for name in ("package_id", "first", "last")]
            if bool(data.get("departure_ids")) == any(by_range) or (
                any(by_range) and not all(by_range)
            ):
                raise ValueError(
                    "Name the departures by departure_ids, or by package_id, first and last."
                )
        return data


class DepartureChange(Form):
    """What becomes of them; what is left out stays. ``price`` null: the package's price counts
    again."""

    capacity: Seats | None = None
    price: Price | None = None
    status: Literal["open", "closed"] | None = None

    def values(self) -> dict[str, Any]:
        """The columns to write."""
        found: dict[str, Any] = {}
        if self.capacity is not None:
            found["capacity"] = self.capacity
        if "price" in self.model_fields_set:
            found["price_minor"] = self.price
        if self.status is not None:
            found["status"] = self.status
        return found


class BulkChange(Form):
    """A selection and its change: the body of the bulk endpoint."""

    select: Selection
    change: DepartureChange
