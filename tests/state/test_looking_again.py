"""Pages that look again by themselves: what stands on them is not lost, sent twice, or answered
to in another sense than it was read."""

from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.errors import Unavailable
from ecosystem.pages import conversation
from ecosystem.pages import trip as trip_page
from ecosystem.pages.agent import booking, document, document_parts, today
from ecosystem.pages.agent.quote import showing as quote
from ecosystem.pages.proposal import showing as proposal
from ecosystem.pages.provider import departures
from ecosystem.services.quotes.forms import CommentForm, QuoteForm
from ecosystem.services.rate_limits import RULES
from ecosystem.state.agent.booking import AgentBookingState
from ecosystem.state.agent.document import AgentDocumentState
from ecosystem.state.agent.documents import AgentDocumentsState
from ecosystem.state.agent.quote import AgentQuoteState
from ecosystem.state.agent.today import AgentTodayState
from ecosystem.state.checkout import CheckoutState
from ecosystem.state.conversation import ConversationState
from ecosystem.state.guard import LIMIT, UNASKED
from ecosystem.state.proposal import ProposalState
from ecosystem.state.provider.booking import ProviderBookingState
from ecosystem.state.provider.departures import ProviderDeparturesState
from ecosystem.state.provider.import_lines import ImportNow
from ecosystem.state.provider.imports import ProviderImportState
from ecosystem.state.trip import TripState
from tests.product import GUEST, Product
from tests.quotes.conftest import Agent, make_agent, token_of, trip
from tests.services.test_agency_documents import send
from tests.services.test_clients import agent_of
from tests.services.test_desks import agent as desk_agent
from tests.services.test_desks import provider, sell
from tests.state.test_desk_pages import page, run

pytestmark = pytest.mark.anyio


def sent_anew(agent: Agent, quote: Any, title: str) -> None:
    """The agent changes what is in a proposal and sends it again."""
    quotes = agent.product.services.quotes
    known = quotes.get(agent.actor, quote.id)
    (option,) = known.content.options
    items = [trip(agent.product.offer())]
    form = {
        "title": known.title,
        "client_id": agent.client_id,
        "version": known.version,
        "options": [{"id": option.id, "title": title, "items": items}],
    }
    quotes.edit(agent.actor, quote.id, QuoteForm.model_validate(form))
    quotes.send(agent.actor, quote.id)


async def accept(state: Any, name: str = "Ines Sand") -> None:
    async for _ in type(state).event_handlers["accept"].fn(state, {"name": name}):
        pass


@pytest.mark.parametrize("control", [False, True], ids=["as it is", "control"])
async def test_a_client_accepts_what_she_has_read(installed: Product, control: bool) -> None:
    """Other trips at the same price, sent while the dialog that accepts is open."""
    agent = make_agent(installed)
    quote = agent.send([trip(installed.offer())])
    state = page(installed, GUEST, ProposalState, f"/quotes/{token_of(quote)}")
    await run(state, "open")
    await run(state, "choose", state.view.options[0].key)
    sent_anew(agent, quote, "Mountains")
    await run(state, "again")
    if control:
        state._number += 1
    await accept(state)
    status = installed.services.quotes.get(agent.actor, quote.id).status
    assert (status == "accepted") == control
    if control:
        return
    assert "newer version" in state.refused
    await run(state, "leave")
    await run(state, "again")
    assert state.view.options[0].title == "Mountains"
    await run(state, "choose", state.view.options[0].key)
    assert state.chosen_title == "Mountains"
    await accept(state)
    assert installed.services.quotes.get(agent.actor, quote.id).status == "accepted"


async def test_no_dialog_opens_for_what_is_not_on_screen(installed: Product) -> None:
    agent = make_agent(installed)
    quote = agent.send([trip(installed.offer())])
    state = page(installed, GUEST, ProposalState, f"/quotes/{token_of(quote)}")
    await run(state, "open")
    sent_anew(agent, quote, "Mountains")
    assert await run(state, "choose", state.view.options[0].key) is not None
    assert (state.chosen, state.view.options[0].title) == ("", "Mountains")


OPEN: dict[str, Any] = {"phase": "shown"}
LOOKS: tuple[tuple[type[Any], str, int, dict[str, Any]], ...] = (
    (AgentBookingState, "again", booking.REFRESH_SECONDS, OPEN),
    (AgentDocumentState, "again", document.LOOK_EVERY, OPEN),
    (AgentDocumentsState, "again", document_parts.LOOK_EVERY, {"checking": True}),
    (AgentQuoteState, "again", quote.REFRESH_SECONDS, OPEN),
    (AgentTodayState, "again", today.REFRESH_SECONDS, OPEN),
    (CheckoutState, "look", 30, {"phase": "open", "_hold_id": uuid4()}),
    (ConversationState, "refresh", conversation.REFRESH_SECONDS, {"ready": True}),
    (ProposalState, "again", proposal.REFRESH_SECONDS, OPEN),
    (ProviderDeparturesState, "refresh", departures.REFRESH_SECONDS, OPEN),
    (ProviderImportState, "refresh", 1, {**OPEN, "now": ImportNow(moving=True)}),
    (TripState, "again", trip_page.REFRESH_SECONDS, OPEN),
)
"""What pages ask by themselves, how often, and what they are like then."""


async def test_looks_by_themselves_say_nothing_while_the_database_is_away(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard lets them run although nobody can say who this is."""

    async def away(_state: Any) -> Any:
        raise Unavailable("Our database does not answer.")

    monkeypatch.setattr("ecosystem.state.session.who_is", away)
    for kind, name, _seconds, like in LOOKS:
        assert getattr(kind.event_handlers[name].fn, UNASKED), kind
        state = page(installed, GUEST, kind, "/")
        for var, value in like.items():
            setattr(state, var, value)
        assert await run(state, name) is None, kind
        assert state.dict()[kind.get_full_name()].get("phase_rx_state_", "") != "failed", kind


@pytest.mark.parametrize(
    ("kind", "name", "seconds"),
    [look[:3] for look in LOOKS],
    ids=[look[0].__name__ for look in LOOKS],
)
def test_a_whole_office_may_leave_the_page_open(kind: Any, name: str, seconds: int) -> None:
    """What pages ask by themselves, at one address, uses up no limit that people need there."""
    limit = getattr(kind.event_handlers[name].fn, LIMIT)
    assert not limit or 50 / seconds < 1 / RULES[limit].address.every


async def test_a_look_is_at_what_was_opened(installed: Product) -> None:
    """So it needs no limit against guessing."""
    ann, made = desk_agent(installed), installed.offer()
    own, other = sell(installed, made, ann), sell(installed, made, GUEST)
    state = page(installed, ann, AgentBookingState, f"/agent/bookings/{own}")
    await run(state, "open")
    data = {**state.router_data, "pathname": (path := f"/agent/bookings/{other}")}
    state._get_root_state()._update_router_vars({**data, "asPath": path}, state.router_data)
    await run(state, "again")
    assert (state.phase, state.view.reference) == ("shown", own)


async def test_what_stands_on_screen_is_not_sent_again(installed: Product) -> None:
    agent, made = make_agent(installed), installed.offer()
    quote = agent.send([trip(installed.offer())])
    own = provider(made.operator_id)
    path = f"/provider/bookings/{sell(installed, made, GUEST)}"
    for actor, kind, at, look in (
        (agent.actor, AgentQuoteState, f"/agent/quotes/{quote.id}", "again"),
        (GUEST, ProposalState, f"/quotes/{token_of(quote)}", "again"),
        (own, ConversationState, path, "refresh"),
        (own, ProviderDeparturesState, "/provider/departures", "refresh"),
    ):
        state = page(installed, actor, kind, at)
        await run(state, "open")
        assert state.dirty_vars, kind
        state._clean()
        await run(state, look)
        assert not state.dirty_vars & {"view", "messages", "days"}, (kind, state.dirty_vars)
    state = page(installed, agent.actor, AgentQuoteState, f"/agent/quotes/{quote.id}")
    await run(state, "open")
    state._clean()
    installed.services.quotes.ask(token_of(quote), CommentForm(body="Is it warm there?"))
    await run(state, "again")
    assert "view" in state.dirty_vars


async def test_a_look_that_fails_takes_nothing_away(installed: Product) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise Unavailable("The database does not answer.")

    made, ann = installed.offer(), agent_of(installed, "Ann Delaney")
    own, reference = provider(made.operator_id), sell(installed, made, GUEST)
    document = send(installed, ann)
    services = installed.services
    for actor, kind, at, service, name in (
        (own, ProviderBookingState, f"/provider/bookings/{reference}",
         services.operator_bookings, "get"),
        (ann, AgentDocumentState, f"/agent/documents/{document.id}",
         services.agency_documents, "get"),
        (ann, AgentDocumentsState, "/agent/documents", services.agency_documents, "find"),
    ):  # fmt: skip
        state = page(installed, actor, kind, at)
        await run(state, "open")
        assert state.phase == "shown"
        if kind is AgentDocumentsState:
            state.checking = True
        object.__setattr__(service, name, down)
        await run(state, "again")
        object.__delattr__(service, name)
        assert state.phase == "shown", kind
