"""Contracts between operators and agencies in words, as both desks list them."""

from dataclasses import dataclass, field
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.agency_terms import MODELS, AgencyTerms
from ecosystem.domain.contracts import (
    EXAMPLE_MARKUP,
    MEANS,
    NAMES,
    Contract,
    Standing,
    facts,
    worked,
)
from ecosystem.domain.errors import EcosystemError
from ecosystem.domain.money import Money
from ecosystem.services.agency_contracts import EndForm
from ecosystem.services.forms import parse
from ecosystem.state import formats
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import typed_in
from ecosystem.wiring import services

STANDS: dict[Standing, tuple[str, str]] = {
    "offered": ("Waits for an answer", "warn"),
    "lapsed": ("Its days have passed", "plain"),
    "coming": ("Agreed on, begins later", "brand"),
    "holds": ("In force", "good"),
    "unverified": ("Not in force: agency not verified", "warn"),
    "over": ("Ended", "plain"),
    "declined": ("Declined", "plain"),
    "withdrawn": ("Withdrawn", "plain"),
}
MODEL_CHOICES = tuple((model, NAMES[model]) for model in MODELS)
ROUND = Money(100_000, "EUR")
"""What an example is worked on where there is no trip to take one from."""


@dataclass(frozen=True)
class SumLine:
    """A line of an example."""

    label: str = ""
    amount: str = ""


@dataclass(frozen=True)
class ContractLine:
    """A contract as it is listed. ``other`` is the other side's name; ``current``: it was
    accepted and is not over; ``open``: it waits for an answer."""

    id: str = ""
    other: str = ""
    model: str = ""
    means: str = ""
    facts: list[str] = field(default_factory=list)
    period: str = ""
    standing: str = ""
    tone: str = "plain"
    said: str = ""
    current: bool = False
    open: bool = False
    example: list[SumLine] = field(default_factory=list)
    example_of: str = ""


def contract_line(
    contract: Contract, today: date, *, other: str, example: tuple[str, Money] | None = None
) -> ContractLine:
    """A contract in words; with the title and price of a trip, what it comes to on that."""
    standing = contract.standing(today)
    words, tone = STANDS[standing]
    said = f"Offered {_day(contract.offered_at)}"
    if contract.answered_at is not None and contract.state in ("active", "ended"):
        said += f", agreed on {_day(contract.answered_at)}"
    title, price = example or ("", ROUND)
    return ContractLine(
        id=str(contract.id),
        other=other,
        model=NAMES[contract.terms.model],
        means=MEANS[contract.terms.model],
        facts=facts(contract.terms),
        period=period(contract.starts_on, contract.ends_on),
        standing=words,
        tone=tone,
        said=said,
        current=contract.current(today),
        open=standing == "offered",
        example=[] if example is None else example_lines(contract.terms, price),
        example_of="" if example is None else example_of(title, price),
    )


def period(first: date, last: date | None) -> str:
    """On which days a contract holds."""
    if last is None:
        return f"From {formats.full_day(first)}"
    if last < first:
        return "Never came to hold"
    return f"{formats.full_day(first)} to {formats.full_day(last)}"


def example_of(title: str, price: Money) -> str:
    """What an example is worked on."""
    amount = formats.money(price)
    return f"On one place of “{title}”, {amount}" if title else f"On a public price of {amount}"


def example_lines(terms: AgencyTerms, price: Money) -> list[SumLine]:
    """Who pays and who gets what of a sale at a public price."""
    one = worked(UUID(int=0), terms, price)
    agency = ("The agency's commission", one.agency)
    pays = ("The client pays here", one.client)
    if terms.model == "net":
        share = f"{EXAMPLE_MARKUP:f}"
        pays = (f"The client pays here, with a mark-up of {share} %", one.client)
        agency = ("The agency's part", one.agency)
    if one.owed is not None:
        pays = ("The client pays the agency, at the public price", one.client)
        agency = ("The agency keeps", one.agency)
    owed = [] if one.owed is None else [("The agency pays here", one.owed)]
    rest = [("The marketplace's part", one.platform), ("The operator gets", one.operator)]
    return [SumLine(label, formats.money(amount)) for label, amount in (pays, *owed, agency, *rest)]


def share_of(text: str) -> Decimal | None:
    """A percentage as it was typed; None for what is none."""
    plain = text.strip().replace(",", ".").removesuffix("%").strip()
    whole, _point, part = plain.partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(whole) <= 3 and len(part) <= 2):
        return None
    if part and not (part.isdecimal() and part.isascii()):
        return None
    return Decimal(plain.rstrip("."))


def _day(at: Any) -> str:
    return formats.full_day(at.astimezone(UTC).date())


class EndingContracts(rx.State, mixin=True):
    """Ending a contract, on a page of either side: ``ending`` is the one in the dialog. Each page
    has its own handlers, which say whom they are for, and ``_load``."""

    ending: ContractLine = ContractLine()
    end_error: str = ""
    first_end: str = ""

    async def _load(self) -> None:
        """Read the page's contracts anew."""
        raise NotImplementedError

    def _ask_to_end(self, line: ContractLine | None) -> None:
        self.end_error = ""
        self.first_end = str(services().agency_contracts.today())
        self.ending = line or ContractLine()

    async def _end(self, form: Any, path: str) -> EventSpec | None:
        if not self.ending.id:
            return None
        try:
            wanted = parse(EndForm, {"last_day": typed_in(form, "last_day")})
            actor = await current_actor(self)
            await call(services().agency_contracts.end, actor, UUID(self.ending.id), wanted)
            await self._load()
        except EcosystemError as error:
            self.end_error = field_errors(error).get("last_day", "")
            return None if self.end_error else failed(error, path)
        self.ending = ContractLine()
        return toast(
            f"The contract ends on {formats.full_day(wanted.last_day)}. Both sides are told.",
            "done",
        )
