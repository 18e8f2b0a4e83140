"""Operators as operations see them: whether they can be paid, and when their share is sent."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.desks import OperatorAccount
from ecosystem.domain.errors import EcosystemError
from ecosystem.services.forms import parse
from ecosystem.services.operator_terms import OPERATORS_SHOWN, PayAfterForm
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.ops.named_list import NamedList
from ecosystem.state.payouts import BEARINGS
from ecosystem.state.provider.terms import pay_after_words
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/operators"


@dataclass(frozen=True)
class OperatorLine:
    """An operator in the table, with its terms as the dialog fills them in."""

    id: str = ""
    name: str = ""
    href: str = ""
    state: str = ""
    tone: str = "plain"
    paid: str = ""
    overdue: str = ""
    pay_after: str = "departure"
    days: str = ""


class OpsOperatorsState(NamedList, rx.State):
    """``phase`` is loading, shown or failed; ``editing`` is the operator in the dialog."""

    rows: list[OperatorLine] = []
    editing: OperatorLine = OperatorLine()
    days_error: str = ""

    _found: dict[str, OperatorAccount] = {}

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load the operators the address asks for."""
        await self._open()

    @rx.event
    @allow("ops")
    async def find(self, form: dict[str, Any]) -> None:
        """Look for operators by name."""
        await self._find(form)

    @rx.event
    @allow("ops")
    async def edit(self, operator_id: str) -> None:
        """Open the dialog for an operator of the list."""
        found = self._found.get(operator_id) if isinstance(operator_id, str) else None
        self.days_error = ""
        if found is not None:
            self.editing = operator_line(found)

    @rx.event
    @allow("ops")
    async def close(self) -> None:
        """Leave the dialog without a change."""
        self.editing, self.days_error = OperatorLine(), ""

    @rx.event
    @allow("ops")
    async def save(self, form: dict[str, Any]) -> EventSpec | None:
        """Keep when the operator's share is sent."""
        found = self._found.get(self.editing.id)
        if found is None:
            return None
        try:
            change = parse(PayAfterForm, typed(form, found))
            actor = await current_actor(self)
            await call(services().operator_terms.set_pay_after, actor, found.id, change)
        except EcosystemError as error:
            self.days_error = field_errors(error).get("pay_after_days", "")
            return None if self.days_error else failed(error, PATH)
        self.editing = OperatorLine()
        await self._load()
        return toast(f"Saved for {found.name}. Transfers that have not left follow it.", "done")

    async def _list(self) -> None:
        actor = await current_actor(self)
        found = await call(services().operator_terms.operators, actor, self.words)
        self._found = {str(one.id): one for one in found}
        self.rows = [operator_line(one) for one in found]
        self._note_more(len(found), OPERATORS_SHOWN)


def operator_line(one: OperatorAccount) -> OperatorLine:
    title, tone = BEARINGS[one.state]
    terms = one.terms
    return OperatorLine(
        id=str(one.id),
        name=one.name,
        href=f"/operators/{one.slug}",
        state=title,
        tone=tone,
        paid=pay_after_words(terms).capitalize(),
        overdue=(
            "Stays booked"
            if terms.overdue == "keep"
            else f"Cancelled {terms.overdue_days} days after the due day"
        ),
        pay_after=terms.pay_after,
        days=str(terms.pay_after_days),
    )


def typed(form: Any, found: OperatorAccount) -> dict[str, Any]:
    """What a browser sent of the dialog, as the fields of the form."""
    data = form if isinstance(form, dict) else {}
    seen = found.terms.updated_at
    return {
        "updated_at": seen and seen.isoformat(),
        "pay_after": data.get("pay_after", found.terms.pay_after),
        "pay_after_days": data.get("pay_after_days", found.terms.pay_after_days),
    }
