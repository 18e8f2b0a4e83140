"""How an operator or agency is paid: where its account at Stripe stands, and the ways there."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.desks import PayoutParty, PayoutState, PayoutView
from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.domain.requirements import in_words
from ecosystem.services.payouts import RETURN_PATHS
from ecosystem.state import formats
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.leaving import leave_for
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

BEARINGS: dict[PayoutState, tuple[str, str]] = {
    "none": ("Not set up", "warn"),
    "incomplete": ("Information missing", "warn"),
    "review": ("Under review", "brand"),
    "active": ("Active", "good"),
    "restricted": ("Stopped by Stripe", "bad"),
    "rejected": ("Closed by Stripe", "bad"),
    "gone": ("Disconnected", "bad"),
}
"""For each state: its name and the badge's tone."""

MEANINGS: dict[PayoutParty, dict[PayoutState, str]] = {
    "operator": {
        "none": "Your packages can be seen, but nobody can book them until we can pay you."
        " Stripe, our payment service, asks for your company's details and bank account."
        " It takes about ten minutes.",
        "incomplete": "Stripe still needs something from you. Until then nobody can book your"
        " packages. What you have entered is kept: you go on where you stopped.",
        "review": "Stripe has everything and is checking it. This takes minutes, sometimes two"
        " days. Nobody can book your packages until then; there is nothing for you to do.",
        "active": "Your packages can be booked, and your share of each booking is sent to you.",
        "restricted": "Stripe has stopped payments to you until it gets what is named below."
        " Nobody can book your packages until then. What you have sold stays sold, and what we"
        " owe you waits.",
        "rejected": "Stripe has closed this account for payments. Nobody can book your packages."
        " Write to Stripe's support; they decide, not we.",
        "gone": "Your account at Stripe is not connected to Ecosystem any more. Nobody can book"
        " your packages until you set payouts up again. What we owe you waits.",
    },
    "agency": {
        "none": "You can sell trips now; your commissions wait until we can pay you. Stripe, our"
        " payment service, asks for your agency's details and bank account. It takes about ten"
        " minutes.",
        "incomplete": "Stripe still needs something from you. Until then your commissions wait."
        " What you have entered is kept: you go on where you stopped.",
        "review": "Stripe has everything and is checking it. This takes minutes, sometimes two"
        " days. Your commissions wait until then; there is nothing for you to do.",
        "active": "Your commission of each booking is sent to you.",
        "restricted": "Stripe has stopped payments to you until it gets what is named below."
        " Your commissions wait until then.",
        "rejected": "Stripe has closed this account for payments. Your commissions wait. Write to"
        " Stripe's support; they decide, not we.",
        "gone": "Your account at Stripe is not connected to Ecosystem any more. Your commissions"
        " wait until you set payouts up again.",
    },
}
"""What a state means for whom."""

FORM_BUTTONS: dict[PayoutState, str] = {
    "none": "Set up payouts",
    "incomplete": "Set up payouts",
    "gone": "Set up payouts",
    "restricted": "Continue at Stripe",
}
"""What leads to Stripe's form; an active account has it while something is asked of it."""


@dataclass(frozen=True)
class PayoutCard:
    """``button`` is empty when there is nothing to do; ``asked``: Stripe knows the account."""

    title: str = ""
    tone: str = "plain"
    text: str = ""
    note: str = ""
    button: str = ""
    asked: bool = False
    dashboard: bool = False


class PayoutsState(rx.State):
    """``phase`` is loading, shown or failed; ``owner``: may go to Stripe's pages."""

    phase: str = "loading"
    problem: str = ""
    view: PayoutCard = PayoutCard()
    needs: list[str] = []
    pending: list[str] = []
    owner: bool = False

    _party: PayoutParty = "operator"

    @rx.event
    @allow("provider", "agent", limit="payouts")
    async def open(self) -> None:
        """Ask Stripe how the account stands, also when one has just come back from there."""
        self.reset()
        actor = await current_actor(self)
        self._party = "agency" if actor.role == "agent" else "operator"
        self.owner = actor.agency_owner or actor.operator_role == "owner"
        try:
            self._show(await call(services().payouts.status, actor))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider", "agent", limit="payouts")
    async def set_up(self) -> EventSpec:
        """Go to Stripe's form, with a link made for this visit."""
        try:
            return leave_for(await call(services().payouts.set_up, await current_actor(self)))
        except Invalid as error:
            return toast(f"Stripe did not accept this: {error.detail}", "problem")
        except EcosystemError as error:
            return failed(error, RETURN_PATHS[self._party])

    @rx.event
    @allow("provider", "agent", limit="payouts")
    async def dashboard(self) -> EventSpec:
        """Go to the account's own pages at Stripe, with a link made for this visit."""
        try:
            return leave_for(await call(services().payouts.dashboard, await current_actor(self)))
        except EcosystemError as error:
            return failed(error, RETURN_PATHS[self._party])

    def _show(self, payout: PayoutView) -> None:
        self.view = payout_card(payout, self._party)
        self.needs = in_words(payout.requirements)
        self.pending = in_words(payout.pending)


def payout_card(payout: PayoutView, party: PayoutParty) -> PayoutCard:
    title, tone = BEARINGS[payout.state]
    needs = bool(payout.requirements)
    notes: list[str] = []
    button = FORM_BUTTONS.get(payout.state, "")
    if payout.state == "active" and needs:
        tone, button = "warn", "Continue at Stripe"
        when = (
            "" if payout.deadline is None else f" after {formats.full_day(payout.deadline.date())}"
        )
        notes.append(f"Stripe asks for more; payouts stop{when} if it does not get it.")
    if payout.bank_waits:
        notes.append("What we send arrives in your account; Stripe can't send it to a bank yet.")
    return PayoutCard(
        title=title,
        tone=tone,
        text=MEANINGS[party][payout.state],
        note=" ".join(notes),
        button=button,
        asked=payout.state != "none",
        dashboard=payout.dashboard,
    )
