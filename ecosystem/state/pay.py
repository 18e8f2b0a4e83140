"""The link in an e-mail that leads to a payment page."""

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import EcosystemError, Gone, NotFound
from ecosystem.state.address import last_part
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.leaving import leave_for
from ecosystem.wiring import services


class PayState(rx.State):
    """``phase`` is opening, missing, ended or failed."""

    phase: str = "opening"
    problem: str = ""

    @rx.event
    @allow("*", limit="token")
    async def open(self) -> EventSpec | None:
        """Open the payment page of the address's token, or the trip if it is paid already."""
        self.phase, self.problem = "opening", ""
        try:
            target = await call(services().payments.pay_link, last_part(self))
        except EcosystemError as error:
            kinds = ((NotFound, "missing"), (Gone, "ended"))
            found = (phase for kind, phase in kinds if isinstance(error, kind))
            self.phase, self.problem = next(found, "failed"), error.detail
            return None
        return leave_for(target.url, come_back_here=False)
