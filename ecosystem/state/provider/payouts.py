"""How an operator is paid: where the account at Stripe stands, and the way to its form."""

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.desks import PayoutState, PayoutView
from ecosystem.domain.errors import EcosystemError, Invalid
from ecosystem.state.calling import call, failed
from ecosystem.state.guard import allow
from ecosystem.state.leaving import leave_for
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.wiring import services

WORDS: dict[PayoutState, tuple[str, str, str]] = {
    "none": (
        "Not set up",
        "warn",
        (
            "Your packages can be seen, but nobody can book them until we can pay you."
            " Stripe, our payment service, asks for your company's details and bank account."
            " It takes about ten minutes."
        ),
    ),
    "incomplete": (
        "Information missing",
        "warn",
        "Stripe still needs something from you. Until then nobody can book your packages.",
    ),
    "review": (
        "Under review",
        "brand",
        (
            "Stripe has everything and is checking it. This takes minutes, sometimes two days."
            " Nobody can book your packages until then; there is nothing for you to do."
        ),
    ),
    "active": (
        "Active",
        "good",
        "Your packages can be booked, and your share of each booking can be paid to your bank.",
    ),
    "rejected": (
        "Closed by Stripe",
        "bad",
        (
            "Stripe has closed this account for payments. Nobody can book your packages."
            " Write to Stripe's support; they decide, not we."
        ),
    ),
}
"""For each state: its name, the badge's tone, and what it means for the operator."""

SUBJECTS = {
    "external_account": "A bank account",
    "tos_acceptance": "Agreement to Stripe's terms",
    "business_profile": "What your business does",
    "business_type": "Whether you are a company or a person",
    "company": "Details of your company",
    "individual": "Details of the person in charge",
    "representative": "Details of the person in charge",
    "owners": "Details of the owners",
    "directors": "Details of the directors",
    "documents": "A document",
}
"""What the first word of one of Stripe's requirements asks for."""


@dataclass(frozen=True)
class PayoutPage:
    """``button`` is empty when there is nothing to do; ``asked``: Stripe knows the account."""

    title: str = ""
    tone: str = "plain"
    text: str = ""
    button: str = ""
    asked: bool = False


class ProviderPayoutsState(rx.State):
    """``phase`` is loading, shown or failed; ``leaving`` while Stripe's form is fetched."""

    phase: str = "loading"
    problem: str = ""
    view: PayoutPage = PayoutPage()
    needs: list[str] = []
    leaving: bool = False

    @rx.event
    @allow("provider")
    async def open(self) -> None:
        """Ask Stripe how the account stands, also when one has just come back from there."""
        self.reset()
        try:
            self._show(await call(services().payouts.status, await current_actor(self)))
            self.phase = "shown"
        except EcosystemError as error:
            self.phase, self.problem = "failed", error.detail

    @rx.event
    @allow("provider")
    async def set_up(self) -> EventSpec:
        """Go to Stripe's form, with a link made for this visit."""
        try:
            return leave_for(await call(services().payouts.set_up, await current_actor(self)))
        except Invalid as error:
            return toast(f"Stripe did not accept this: {error.detail}", "problem")
        except EcosystemError as error:
            return failed(error, "/provider/payouts")

    def _show(self, payout: PayoutView) -> None:
        self.view = payout_page(payout)
        self.needs = subjects(payout.requirements)


def payout_page(payout: PayoutView) -> PayoutPage:
    title, tone, text = WORDS[payout.state]
    needs = bool(payout.requirements)
    if payout.state == "active" and needs:
        text += " Stripe asks for more; payouts stop if it does not get it in time."
        tone = "warn"
    open_form = payout.state in ("none", "incomplete") or (payout.state == "active" and needs)
    return PayoutPage(
        title=title,
        tone=tone,
        text=text,
        button=("Continue at Stripe" if payout.state == "active" else "Set up payouts")
        if open_form
        else "",
        asked=payout.state != "none",
    )


def subjects(requirements: tuple[str, ...]) -> list[str]:
    """What Stripe misses, in words, each thing once."""
    found = [SUBJECTS.get(name.partition(".")[0], "More about you") for name in requirements]
    return list(dict.fromkeys(found))
