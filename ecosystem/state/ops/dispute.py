"""One dispute: what happened to the money, and the answer to the bank."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, NotFound
from ecosystem.domain.operations import DisputeDetail
from ecosystem.state import formats
from ecosystem.state.address import last_part
from ecosystem.state.booking_words import status_words
from ecosystem.state.calling import call, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.ops.money_lines import FAILURES, DisputeRow, dispute_row
from ecosystem.state.session import current_actor
from ecosystem.state.sums import counted
from ecosystem.state.toast import toast
from ecosystem.wiring import services

LONGEST = 10_001


@dataclass(frozen=True)
class BackLine:
    """Money of a transfer that comes back for the dispute."""

    party: str = ""
    amount: str = ""
    state: str = ""
    tone: str = "plain"
    failure: str = ""


@dataclass(frozen=True)
class DisputePage:
    """A dispute in words. ``answerable``: the bank still waits for our evidence."""

    row: DisputeRow = field(default_factory=DisputeRow)
    title: str = ""
    buyer: str = ""
    booking: str = ""
    paid: str = ""
    fee: str = ""
    known: str = ""
    pdf: str = ""
    back: list[BackLine] = field(default_factory=list)
    answerable: bool = False


class OpsDisputeState(rx.State):
    """``phase`` is loading, shown, missing or failed."""

    phase: str = "loading"
    problem: str = ""
    view: DisputePage = DisputePage()
    statement_error: str = ""
    refused: str = ""
    sending: bool = False

    _id: str = ""

    @rx.event
    @allow("ops")
    async def open(self) -> None:
        """Load the dispute that the address names."""
        self.reset()
        self._id = last_part(self)
        try:
            found = await call(services().disputes.get, await current_actor(self), UUID(self._id))
        except (ValueError, NotFound):
            self.phase = "missing"
            return
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail
            return
        self._show(found)

    @rx.event
    @allow("ops")
    async def submit(self, form: dict[str, Any]) -> Any:
        """Hand the evidence to the bank, once and for good."""
        self.statement_error = self.refused = ""
        data = form if isinstance(form, dict) else {}
        said = str(data.get("statement", ""))[:LONGEST]
        self.sending = True
        yield
        yield await self._send(said)

    async def _send(self, said: str) -> EventSpec | None:
        try:
            actor = await current_actor(self)
            found = await call(services().disputes.submit, actor, UUID(self._id), said)
        except ValueError:
            return None
        except EcosystemError as error:
            self.statement_error = field_errors(error).get("statement", "")
            self.refused = "" if self.statement_error else error.detail
            return None
        finally:
            self.sending = False
        self._show(found)
        return toast("The bank has the evidence. It decides within weeks.", "done")

    def _show(self, found: DisputeDetail) -> None:
        self.view = dispute_page(found)
        self.phase = "shown"


def dispute_page(found: DisputeDetail) -> DisputePage:
    """A dispute in words."""
    line = found.line
    known = [
        counted(found.emails, "e-mail", "e-mails"),
        counted(found.accesses, "look at the trip", "looks at the trip"),
        counted(found.messages, "message", "messages"),
    ]
    return DisputePage(
        row=dispute_row(line, services().clock.now()),
        title=found.title,
        buyer=f"{found.lead_name}, {found.lead_email}",
        booking=status_words(found.booking_status),
        paid=f"{formats.moment(found.paid_at)} UTC" if found.paid_at else "",
        fee=formats.money(line.fee),
        known=", ".join(known),
        pdf=f"/api/ops/disputes/{line.id}/evidence.pdf",
        back=[
            BackLine(
                party=one.party,
                amount=formats.money(one.amount),
                state={"wanted": "on its way", "done": "is back"}.get(one.state, one.state),
                tone={"done": "good", "failed": "bad"}.get(one.state, "plain"),
                failure=FAILURES.get(one.failure, one.failure.replace("_", " ")),
            )
            for one in found.taken_back
        ],
        answerable=line.open and line.sent_at is None,
    )
