"""The operator's terms: what its invoices say, what it asks of travellers, unpaid balances."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import Conflict, EcosystemError
from ecosystem.domain.terms import Terms
from ecosystem.services.forms import parse
from ecosystem.services.operator_terms import TermsForm
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/provider/payouts"
FIELDS = (
    "invoice_name", "invoice_address", "tax_number", "tax_percent", "overdue", "overdue_days",
    "asks_birth_dates",
)  # fmt: skip
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")


@dataclass(frozen=True)
class TermsView:
    """The terms as their form is filled in; ``pay_after`` in words."""

    invoice_name: str = ""
    invoice_address: str = ""
    tax_number: str = ""
    tax_percent: str = ""
    overdue: str = "keep"
    overdue_days: str = ""
    asks_birth_dates: bool = False
    pay_after: str = ""


class ProviderTermsState(rx.State):
    """``phase`` is loading, shown or failed; ``loads`` counts how often the form was filled."""

    phase: str = "loading"
    problem: str = ""
    view: TermsView = TermsView()
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    conflict: bool = False
    may_change: bool = False
    loads: int = 0

    _seen: Terms | None = None

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Load the terms; what was typed and not saved goes."""
        loads = self.loads
        self.reset()
        self.loads = loads + 1
        try:
            actor = await current_actor(self)
            self.may_change = actor.operator_role == "owner"
            self._show(await call(services().operator_terms.show, actor))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Save the terms, unless somebody else has in between."""
        self.errors, self.refused = NO_ERRORS, ""
        if self._seen is None:
            return None
        try:
            change = parse(TermsForm, typed(form, self._seen))
            actor = await current_actor(self)
            self._show(await call(services().operator_terms.edit, actor, change))
        except EcosystemError as error:
            return self._refused(error)
        return toast("Saved. New documents and checkouts follow these terms.", "done")

    def _refused(self, error: EcosystemError) -> EventSpec | None:
        self.errors = NO_ERRORS | {
            name: text for name, text in field_errors(error).items() if name in FIELDS
        }
        self.conflict = isinstance(error, Conflict)
        if any(self.errors.values()):
            self.refused = "Nothing was saved yet: look at the fields marked below."
            return None
        return None if self.conflict else failed(error, PATH)

    def _show(self, terms: Terms) -> None:
        self._seen = terms
        self.conflict = False
        self.view = TermsView(
            invoice_name=terms.invoice_name,
            invoice_address=terms.invoice_address,
            tax_number=terms.tax_number,
            tax_percent=f"{terms.tax_percent.normalize():f}",
            overdue=terms.overdue,
            overdue_days=str(terms.overdue_days),
            asks_birth_dates=terms.asks_birth_dates,
            pay_after=pay_after_words(terms),
        )


def pay_after_words(terms: Terms) -> str:
    """When an operator's share of a payment is sent."""
    if terms.pay_after == "confirmation":
        return "as soon as a payment has arrived"
    if terms.pay_after_days == 0:
        return "on the day of departure"
    count = terms.pay_after_days
    return f"{count} day{'' if count == 1 else 's'} after departure"


def typed(form: Any, seen: Terms) -> dict[str, Any]:
    """What a browser sent of the form, as the fields of the terms."""
    data = form if isinstance(form, dict) else {}
    values = {name: data[name] for name in FIELDS if name in data}
    for name in ("tax_percent", "overdue_days"):
        if isinstance(values.get(name), str):
            values[name] = values[name].strip().replace(",", ".").removesuffix("%").strip()
    # A box that is not ticked sends nothing; the first field says that it was there.
    if "invoice_name" in data:
        values["asks_birth_dates"] = bool(data.get("asks_birth_dates"))
    return {"updated_at": seen.updated_at and seen.updated_at.isoformat(), **values}
