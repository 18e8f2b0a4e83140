"""The state of ``/quotes/[token]``. The token is the key: nobody is signed in here."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx
from reflex.event import EventSpec

from ecosystem.domain.errors import Conflict, EcosystemError, NotFound
from ecosystem.domain.language import _
from ecosystem.domain.quotes import Offer
from ecosystem.services.forms import parse
from ecosystem.services.quotes.forms import AcceptForm, CommentForm, DeclineForm
from ecosystem.state.address import last_part
from ecosystem.state.calling import call, failed, field_errors
from ecosystem.state.guard import allow
from ecosystem.state.only_changed import show_changed
from ecosystem.state.proposal.words import ProposalView, proposal_view, sums
from ecosystem.state.session import current_actor
from ecosystem.state.toast import toast
from ecosystem.state.typed import typed_in
from ecosystem.wiring import services

NO_ERRORS: dict[str, str] = {"name": "", "body": ""}


class ProposalState(rx.State):
    """``phase`` is loading, shown, missing or failed.

    ``chosen`` is the option whose dialog is open, ``asked`` the sums it shows, ``risen`` whether
    they are other ones than were sent. ``written`` counts, so that the field empties.
    """

    phase: str = "loading"
    problem: str = ""
    view: ProposalView = ProposalView()
    chosen: str = ""
    chosen_title: str = ""
    asked: str = ""
    risen: bool = False
    accepting: bool = False
    refused: str = ""
    errors: dict[str, str] = NO_ERRORS
    declining: bool = False
    written: int = 0

    _token: str = ""
    _number: int = 0
    _expected: list[dict[str, Any]] = []

    @rx.event
    @allow("*", limit="token")
    async def open(self) -> None:
        """Load the proposal; its agent learns that it was opened."""
        self.reset()
        self._token = last_part(self)
        try:
            actor = await current_actor(self)
            self._show(await call(services().quotes.open, actor, self._token))
        except EcosystemError as error:
            self.phase = "missing" if isinstance(error, NotFound) else "failed"
            self.problem = error.detail

    @rx.event
    @allow("*", unasked=True)
    async def again(self) -> None:
        """Look anew, now and then while the page is open.

        Not beneath the dialog that accepts: its word is for the version that was read before.
        """
        if self.phase != "shown" or self.chosen:
            return
        try:
            await current_actor(self)
            self._show(await call(services().quotes.show, self._token))
        except EcosystemError:
            return  # what is shown stays; the next look may succeed

    @rx.event
    @allow("*", limit="token")
    async def choose(self, option_id: str) -> EventSpec | None:
        """Open the dialog in which an option is accepted, of the version that is on screen."""
        try:
            offer = await call(services().quotes.show, self._token)
        except EcosystemError as error:
            return failed(error)
        newer = self.phase == "shown" and self._number != offer.sent_version
        self._show(offer)
        if newer:
            return toast(
                _("Your agent has sent a newer version of this proposal. Look at it first."),
                "problem",
            )
        option = offer.content.option(str(option_id)[:60])
        if option is None or not offer.can_accept:
            return None
        self.chosen, self.chosen_title, self.asked = option.id, option.title, sums(option.agreed)
        self._expected = [{"amount": m.minor, "currency": m.currency} for m in option.agreed]
        self.risen, self.refused, self.errors = False, "", NO_ERRORS
        return None

    @rx.event
    @allow("*")
    async def leave(self) -> None:
        """Close the dialog."""
        self.chosen = ""

    @rx.event
    @allow("*", limit="book")
    async def accept(self, form: dict[str, Any]) -> AsyncIterator[None]:
        """Accept the chosen option at the sums that are shown."""
        self.refused, self.errors, self.accepting = "", NO_ERRORS, True
        yield
        try:
            word = parse(
                AcceptForm,
                {
                    "option_id": self.chosen,
                    "number": self._number,
                    "name": typed_in(form, "name"),
                    "expected": self._expected,
                },
            )
            self._show(await call(services().quotes.accept, self._token, word))
            self.chosen = ""
        except EcosystemError as error:
            self._refuse(error)
        self.accepting = False

    @rx.event
    @allow("*")
    async def ask_decline(self) -> None:
        """Open the dialog in which the proposal is declined."""
        self.declining = True

    @rx.event
    @allow("*")
    async def stay(self) -> None:
        """Close that dialog."""
        self.declining = False

    @rx.event
    @allow("*", limit="message")
    async def decline(self, form: dict[str, Any]) -> EventSpec | None:
        """Say no to all of it."""
        try:
            word = parse(DeclineForm, {"reason": typed_in(form, "reason")})
            self._show(await call(services().quotes.decline, self._token, word))
        except EcosystemError as error:
            return failed(error)
        self.declining = False
        return None

    @rx.event
    @allow("*", limit="message")
    async def write(self, form: dict[str, Any]) -> EventSpec | None:
        """Write to the agent."""
        try:
            word = parse(CommentForm, {"body": typed_in(form, "body")})
            self._show(await call(services().quotes.ask, self._token, word))
        except EcosystemError as error:
            found = field_errors(error)
            self.errors = NO_ERRORS | found
            return None if found else failed(error)
        self.written += 1
        self.errors = NO_ERRORS
        return None

    def _show(self, offer: Offer) -> None:
        today = services().clock.now().date()
        show_changed(self, view=proposal_view(offer, today, self._token), phase="shown")
        self._number = offer.sent_version

    def _refuse(self, error: EcosystemError) -> None:
        """Say why nothing was held; a price that rose can be agreed to in the same dialog."""
        found = field_errors(error)
        self.errors = NO_ERRORS | found
        self.refused = "" if found else error.detail
        if isinstance(error, Conflict) and error.code == "price_changed":
            self._expected, self.risen = list(error.data["sums"]), True
