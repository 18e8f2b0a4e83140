"""What operators type of an offer, and either side of an end."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from ecosystem.domain.agency_terms import AgencyModel
from ecosystem.domain.contracts import MOST_DAYS, MOST_PERCENT, WITH_DAYS
from ecosystem.domain.errors import Invalid
from ecosystem.services.forms import Amount, Form, WrittenDay
from ecosystem.services.operator_terms import percent
from ecosystem.services.package_editor.forms import currency_code

FARTHEST = timedelta(days=3 * 366)


def in_use(value: Amount) -> Amount:
    """Money of a currency that trips are sold in."""
    currency_code(value.currency)
    return value


class OfferForm(Form):
    """What an operator offers. ``days`` and ``credit`` only where the model has them; it holds
    from ``starts_on`` to ``ends_on``, both included."""

    agency_id: UUID
    model: AgencyModel
    percent: Annotated[Decimal, Field(ge=0, le=MOST_PERCENT), AfterValidator(percent)]
    days: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = None
    credit: Annotated[Amount, AfterValidator(in_use)] | None = None
    starts_on: WrittenDay
    ends_on: WrittenDay | None = None


class EndForm(Form):
    """The last day on which a contract holds."""

    last_day: WrittenDay


def check(form: OfferForm, today: date) -> None:
    """Refuse an offer that does not fit its model or the calendar. Raises ``Invalid``."""
    if form.model in WITH_DAYS and form.days is None:
        raise Invalid.one("days", "Say after how many days.")
    if form.model not in WITH_DAYS and form.days:
        raise Invalid.one("days", "This model has no days of its own.")
    if form.credit is not None and form.model != "agency_collects":
        raise Invalid.one("credit", "Only an agency that collects has a credit limit.")
    if form.starts_on < today:
        raise Invalid.one("starts_on", "Choose today or a later day.")
    if form.starts_on > today + FARTHEST:
        raise Invalid.one("starts_on", "Choose a day within three years.")
    if form.ends_on is not None and form.ends_on < form.starts_on:
        raise Invalid.one("ends_on", "The last day can't be before the first.")
