"""What operators and the agency have agreed on."""

from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.contracts import Contract
from ecosystem.domain.errors import EcosystemError, Forbidden
from ecosystem.state.calling import call, failed
from ecosystem.state.contract_lines import ContractLine, EndingContracts, contract_line
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

PATH = "/agent/contracts"


class AgentContractsState(EndingContracts, rx.State):
    """``phase`` is loading, shown, forbidden or failed; ``answering`` is the offer in the dialog, which is
    accepted or declined (``answer``)."""

    phase: str = "loading"
    problem: str = ""
    offers: list[ContractLine] = []
    held: list[ContractLine] = []
    past: list[ContractLine] = []
    may_change: bool = False
    answering: ContractLine = ContractLine()
    answer: str = ""

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load what was offered and agreed on."""
        self.reset()
        try:
            self.may_change = (await current_actor(self)).agency_owner
            await self._load()
            self.phase = "shown"
        except Forbidden as error:
            self.phase, self.problem = "forbidden", error.detail
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("agent")
    async def ask(self, contract_id: str, answer: str) -> None:
        """Open the dialog that asks before an offer is accepted or declined."""
        found = next((one for one in self.offers if one.id == contract_id), None)
        if found is not None and answer in ("accept", "decline"):
            self.answering, self.answer = found, answer

    @rx.event
    @allow("agent")
    async def keep(self) -> None:
        """Answer and end nothing for now."""
        self.answering, self.answer = ContractLine(), ""
        self._ask_to_end(None)

    @rx.event
    @allow("agent", limit="mail")
    async def confirm(self) -> EventSpec | None:
        """Answer the offer in the dialog."""
        asked, answer = self.answering, self.answer
        self.answering, self.answer = ContractLine(), ""
        contracts = services().agency_contracts
        act = {"accept": contracts.accept, "decline": contracts.decline}.get(answer)
        if not asked.id or act is None:
            return None
        try:
            actor = await current_actor(self)
            try:
                await call(act, actor, UUID(asked.id))
            finally:
                await self._load()
        except EcosystemError as error:
            return failed(error, PATH)
        done = "Agreed on." if answer == "accept" else "Declined."
        return toast(f"{done} {asked.other} is told by e-mail.", "done")

    @rx.event
    @allow("agent")
    async def ask_to_end(self, contract_id: str) -> None:
        """Open the dialog about ending a contract."""
        self._ask_to_end(next((one for one in self.held if one.id == contract_id), None))

    @rx.event
    @allow("agent", limit="mail")
    async def end(self, form: dict[str, Any]) -> EventSpec | None:
        """Give the contract in the dialog its last day."""
        return await self._end(form, PATH)

    # --- inside -------------------------------------------------------------------------

    async def _load(self) -> None:
        actor, contracts = await current_actor(self), services().agency_contracts
        found = await call(contracts.received, actor)
        today = contracts.today()
        shown = {one.operator_id for one in found if one.state in ("offered", "active", "ended")}
        trips = await call(contracts.example_prices, actor, shown)

        def line(one: Contract) -> ContractLine:
            return contract_line(
                one, today, other=one.operator_name, example=trips.get(one.operator_id)
            )

        self.offers = [line(one) for one in found if one.standing(today) == "offered"]
        self.held = [line(one) for one in found if one.current(today)]
        self.past = [
            line(one)
            for one in found
            if one.standing(today) != "offered" and not one.current(today)
        ]
