"""Postings by hand: proposed by one person, decided on by another."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.operations import ACCOUNTS, AdjustmentView
from ecosystem.services.forms import parse
from ecosystem.services.operations import AdjustmentForm
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/ops/adjustments"
SHOWN = 100
FIELDS: tuple[str, ...] = ("reference", "debit", "credit", "amount", "reason")
NAMES = {
    "buyer_receivable": "What the buyer owes",
    "platform_cash": "Our cash at Stripe",
    "operator_payable": "Owed to the operator",
    "agency_payable": "Owed to the agency",
    "platform_revenue": "Our revenue",
    "processing_fees": "Processing fees",
    "refunds": "Refunds on their way",
    "disputes": "Disputes",
}
CHOICES = tuple((name, NAMES[name]) for name in ACCOUNTS)
NO_ERRORS: dict[str, str] = dict.fromkeys(FIELDS, "")
TONES = {"proposed": "warn", "approved": "good", "rejected": "plain"}


@dataclass(frozen=True)
class AdjustmentRow:
    """A proposal in words; ``mine`` ones somebody else has to decide on."""

    id: str = ""
    reference: str = ""
    href: str = ""
    move: str = ""
    amount: str = ""
    reason: str = ""
    state: str = ""
    tone: str = "plain"
    who: str = ""
    decided: str = ""
    open: bool = False
    mine: bool = False


class OpsAdjustmentsState(rx.State):
    """``phase`` is loading, shown or failed; ``reference`` comes from the address; ``note``: that
    there are more than are shown."""

    phase: str = "loading"
    problem: str = ""
    rows: list[AdjustmentRow] = []
    note: str = ""
    reference: str = ""
    errors: dict[str, str] = NO_ERRORS
    refused: str = ""
    drawn: int = 0

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load the proposals, open ones first."""
        self.reset()
        self.reference = query(self).get("reference", "")[:40]
        await self._load()

    @rx.event
    @allow("ops")
    async def propose(self, form: dict[str, Any]) -> EventSpec | None:
        """Write a proposal down."""
        self.errors, self.refused = NO_ERRORS, ""
        data = form if isinstance(form, dict) else {}
        try:
            wanted = parse(AdjustmentForm, {name: str(data.get(name, "")) for name in FIELDS})
            await call(services().adjusting.propose, await current_actor(self), wanted)
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = {name: found.get(name, "") for name in FIELDS}
            self.refused = "" if any(self.errors.values()) else error.detail
            return None
        self.drawn, self.reference = self.drawn + 1, ""
        await self._load()
        return toast("Proposed. Somebody else of operations has to approve it.", "done")

    @rx.event
    @allow("ops")
    async def approve(self, key: str) -> EventSpec | None:
        """Post somebody else's proposal."""
        return await self._decide(services().adjusting.approve, key, "Approved and posted.")

    @rx.event
    @allow("ops")
    async def reject(self, key: str) -> EventSpec | None:
        """Turn somebody else's proposal down."""
        return await self._decide(services().adjusting.reject, key, "Turned down. Nothing changed.")

    async def _decide(self, act: Any, key: str, done: str) -> EventSpec | None:
        try:
            await call(act, await current_actor(self), UUID(str(key)))
        except ValueError:
            return None
        except EcosystemError as error:
            await self._load()
            return failed(error, PATH)
        await self._load()
        return toast(done, "done")

    async def _load(self) -> None:
        """Show them, or say why that failed: whatever was done before is done."""
        try:
            actor = await current_actor(self)
            found, more = await call(services().adjusting.rows, actor, limit=SHOWN)
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self.rows = [adjustment_row(view, actor) for view in found]
        self.note = f"Open ones and the latest: {SHOWN} are shown." if more else ""
        self.phase, self.problem = "shown", ""


def adjustment_row(view: AdjustmentView, actor: Actor) -> AdjustmentRow:
    """A proposal in words."""
    decided = ""
    if view.decided_at is not None:
        decided = f"{view.state.capitalize()} by {view.decided_by_name}, {formats.moment(view.decided_at)} UTC"
    return AdjustmentRow(
        id=str(view.id),
        reference=view.reference,
        href=f"/trips/{view.reference}",
        move=f"{NAMES[view.debit]} ← {NAMES[view.credit]}",
        amount=formats.money(view.amount),
        reason=view.reason,
        state=view.state,
        tone=TONES[view.state],
        who=f"Proposed by {view.proposed_by_name}, {formats.moment(view.created_at)} UTC",
        decided=decided,
        open=view.state == "proposed",
        mine=view.proposed_by == actor.user_id,
    )
