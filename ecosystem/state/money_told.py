"""Why the amounts of a booking are what they are, told from the ledger."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import reflex as rx

from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.money_words import MoneyExplained
from ecosystem.state import formats
from ecosystem.state.address import last_part, query
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.package_view import PriceLine
from ecosystem.state.session import current_actor
from ecosystem.wiring import services


@dataclass(frozen=True)
class ToldLine:
    key: str
    when: str
    text: str
    amount: str


class MoneyToldState(rx.State):
    """The booking is the one whose reference ends the address. ``phase`` is loading, shown or
    failed; ``shown`` while its dialog is open."""

    shown: bool = False
    phase: str = "loading"
    problem: str = ""
    lines: list[ToldLine] = []
    sums: list[PriceLine] = []

    @rx.event
    @allow("*", limit="reference")
    async def open(self) -> AsyncIterator[None]:
        """Read it anew: something may have happened since it was last told."""
        self.reset()
        self.shown = True
        yield
        reference, key = last_part(self).upper(), query(self).get("key", "")[:200]
        try:
            actor = await current_actor(self)
            self._show(await call(services().documents.money, actor, reference, key=key))
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("*")
    def close(self) -> None:
        """The dialog was closed."""
        self.shown = False

    def _show(self, told: MoneyExplained) -> None:
        self.lines = [
            ToldLine(str(at), formats.day(line.at.date()), line.text, formats.money(line.amount))
            for at, line in enumerate(told.lines)
        ]
        self.sums = [PriceLine(one.label, formats.money(one.amount)) for one in told.sums]
        self.phase = "shown"
