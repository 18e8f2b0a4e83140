"""What the agency earns, booking by booking, and what it owes."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.commissions import (
    MEANS,
    NAMES,
    STATES,
    Commission,
    CommissionState,
    CommissionSum,
    OwedPayment,
)
from ecosystem.domain.contracts import NAMES as MODEL_NAMES
from ecosystem.domain.contracts import percentage
from ecosystem.domain.errors import EcosystemError, Forbidden
from ecosystem.domain.money import Money
from ecosystem.domain.statements import Month
from ecosystem.services.commissions import asked_for
from ecosystem.state import formats
from ecosystem.state.address import query
from ecosystem.state.calling import call
from ecosystem.state.guard import allow
from ecosystem.state.session import current_actor
from ecosystem.state.typed import typed_in
from ecosystem.wiring import services

PATH = "/agent/commissions"
PAGE_SIZE = 25
FIELDS = ("state", "month", "operator")
TONES = {"expected": "plain", "due": "warn", "sent": "good", "reversed": "bad", "outside": "brand"}
STATE_CHOICES = [{"value": "", "label": "All"}] + [
    {"value": state, "label": NAMES[state]} for state in STATES
]


@dataclass(frozen=True)
class CommissionLine:
    """A booking in the list."""

    href: str = ""
    reference: str = ""
    trip: str = ""
    facts: str = ""
    model: str = ""
    earned: str = ""
    of_total: str = ""
    state: str = ""
    tone: str = "plain"
    when: str = ""


@dataclass(frozen=True)
class StateSum:
    """A state with what is in it, the currency sold in most often first, and the address that
    lists it."""

    label: str = ""
    means: str = ""
    amounts: list[str] = field(default_factory=list)
    bookings: str = ""
    href: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class OwedLine:
    """A booking that the agency has to pay for."""

    href: str = ""
    reference: str = ""
    trip: str = ""
    operator: str = ""
    amount: str = ""
    due: str = ""
    overdue: bool = False
    pay_path: str = ""


@dataclass(frozen=True)
class OwedSums:
    """What is owed in all, and how much of that is overdue; empty for nothing."""

    total: str = ""
    overdue: str = ""
    lines: list[OwedLine] = field(default_factory=list)


class AgentCommissionsState(rx.State):
    """``phase`` is loading, shown, forbidden or failed; ``state month operator`` are what is listed."""

    phase: str = "loading"
    problem: str = ""
    rows: list[CommissionLine] = []
    sums: list[StateSum] = []
    owed: OwedSums = OwedSums()
    state: str = ""
    month: str = ""
    operator: str = ""
    months: list[dict[str, str]] = []
    operators: list[dict[str, str]] = []
    file: str = ""
    position: str = ""
    has_previous: bool = False
    has_following: bool = False

    _cursors: list[str] = [""]
    _next: str = ""
    _many: int = 0

    @rx.event
    @allow("agent")
    async def open(self) -> None:
        """Load what the address asks for."""
        self.reset()
        asked = {name: value for name, value in query(self).items() if name in FIELDS}
        try:
            actor = await current_actor(self)
            months = await call(services().statements.months, actor)
            operators = await call(services().commissions.operators, actor)
            owed = await call(services().commissions.owed, actor)
            self.months = [_choice("", "Any month")] + [
                _choice(str(one), formats.month(one.first.date())) for one in months
            ]
            self.operators = [_choice("", "Any operator")] + [
                _choice(str(key), name) for key, name in operators.items()
            ]
            self.owed = owed_sums(owed)
            known = asked_for(asked)
            self.state = known.state or ""
            self.month = str(Month.of(known.first)) if known.first else ""
            self.operator = str(known.operator) if known.operator in operators else ""
            await self._list()
            self.phase = "shown"
        except Forbidden as error:
            self.phase, self.problem = "forbidden", error.detail
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("agent")
    async def find(self, form: dict[str, Any]) -> EventSpec:
        """List what was chosen: a new address, which loads the list anew."""
        return rx.redirect(address({name: typed_in(form, name)[:40] for name in FIELDS}))

    @rx.event
    @allow("agent")
    async def following(self) -> None:
        """Go on to the next page."""
        if self._next:
            self._cursors = [*self._cursors, self._next]
        await self._turned()

    @rx.event
    @allow("agent")
    async def previous(self) -> None:
        """Go back a page."""
        if len(self._cursors) > 1:
            self._cursors = self._cursors[:-1]
        await self._turned()

    # --- inside -------------------------------------------------------------------------

    async def _turned(self) -> None:
        try:
            await self._list()
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    async def _list(self) -> None:
        asked = {"state": self.state, "month": self.month, "operator": self.operator}
        page = await call(
            services().commissions.rows,
            await current_actor(self),
            asked_for(asked),
            cursor=self._cursors[-1],
            limit=PAGE_SIZE,
            # Sums of everything: once, not with each page.
            with_sums=not self.sums,
        )
        today = services().agency_contracts.today()
        self.rows = [commission_line(one, today) for one in page.items]
        if not self.sums:
            self.sums = state_sums(page.sums, asked)
            self.file = address(asked, "/api/agents/me/commissions.csv")
            self._many = sum(one.bookings for one in page.sums if self.state in ("", one.state))
        self._next = page.next or ""
        first = (len(self._cursors) - 1) * PAGE_SIZE
        self.position = formats.range_of(first, len(self.rows), self._many) if self.rows else ""
        self.has_previous, self.has_following = len(self._cursors) > 1, bool(page.next)


def address(asked: dict[str, str], path: str = PATH) -> str:
    """The address of a list."""
    given = urlencode({name: value for name, value in asked.items() if value})
    return f"{path}?{given}" if given else path


def commission_line(one: Commission, today: date) -> CommissionLine:
    """A booking in words."""
    earned = one.earned if one.outside is None else one.outside
    return CommissionLine(
        href=f"/agent/bookings/{one.reference}",
        reference=one.reference,
        trip=one.title,
        facts=f"{one.operator_name} · {one.lead_name} · {formats.full_day(one.starts_on)}",
        model=f"{MODEL_NAMES[one.model]}, {percentage(one.percent)}",
        earned=formats.money(earned),
        of_total=f"of {formats.money(one.total if one.outside is None else one.total + earned)}",
        state=NAMES[one.state],
        tone=TONES[one.state],
        when=_when(one, today),
    )


def _when(one: Commission, today: date) -> str:
    """When it comes, or what came back of it."""
    if one.state == "expected":
        if one.expected_on <= today:
            return "when the trip is paid for"
        return f"from {formats.full_day(one.expected_on)}"
    if one.state == "due":
        return f"since {formats.full_day(one.expected_on)}"
    back = f"{formats.money(one.back)} came back" if one.back.minor else ""
    waits = f"{formats.money(-one.owed)} to come back" if one.owed.minor < 0 else ""
    return ", ".join(filter(None, (back, waits)))


def _counts(one: CommissionSum) -> Money:
    """What there is to say of a state: what is still to come, was sent, came back, or is kept."""
    return {"sent": one.sent, "reversed": one.back, "outside": one.outside}.get(one.state, one.owed)


def state_sums(sums: tuple[CommissionSum, ...], asked: dict[str, str]) -> list[StateSum]:
    """What each state comes to: what was sent, and of the others what is still to come."""
    found: dict[CommissionState, list[CommissionSum]] = defaultdict(list)
    for one in sums:
        found[one.state].append(one)
    shown: list[CommissionState] = [state for state in STATES if state != "outside" or found[state]]
    return [
        StateSum(
            label=NAMES[state],
            means=MEANS[state],
            amounts=[
                formats.money(_counts(one))
                for one in sorted(found[state], key=lambda one: -one.bookings)
            ]
            or ["–"],
            bookings=_bookings(sum(one.bookings for one in found[state])),
            href=address({**asked, "state": "" if asked["state"] == state else state}),
            chosen=asked["state"] == state,
        )
        for state in shown
    ]


def owed_sums(owed: list[OwedPayment]) -> OwedSums:
    """What is owed in words."""
    return OwedSums(
        total=_together([one.amount for one in owed]),
        overdue=_together([one.amount for one in owed if one.overdue]),
        lines=[
            OwedLine(
                href=f"/agent/bookings/{one.reference}",
                reference=one.reference,
                trip=f"{one.title} · {one.lead_name}",
                operator=one.operator_name,
                amount=formats.money(one.amount),
                due=formats.full_day(one.due_on),
                overdue=one.overdue,
                pay_path=one.pay_path,
            )
            for one in owed
        ],
    )


def _together(amounts: list[Money]) -> str:
    sums: dict[str, Money] = {}
    for amount in amounts:
        sums[amount.currency] = sums.get(amount.currency, Money.zero(amount.currency)) + amount
    return " · ".join(formats.money(sums[code]) for code in sorted(sums))


def _choice(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


def _bookings(count: int) -> str:
    return f"{formats.number(count)} booking{'s' * (count != 1)}"
