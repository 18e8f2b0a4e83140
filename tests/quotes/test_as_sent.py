"""What a client was sent holds, whatever her agent writes for the next version."""

from datetime import timedelta
from typing import Any

import pytest

from ecosystem.domain.errors import Conflict
from ecosystem.services.quotes.forms import QuoteForm
from tests.product import Product
from tests.quotes.conftest import Agent, make_agent, token_of, trip, word


def rewritten(agent: Agent, sent: Any, **more: Any) -> QuoteForm:
    """The proposal as its agent begins the next version of it."""
    return QuoteForm.model_validate({"title": sent.title, "client_id": agent.client_id, **more})


@pytest.mark.parametrize("written", [2, 30], ids=["sooner", "later"])
def test_the_last_day_is_the_one_that_was_sent(
    product: Product, agent: Agent, clock: Any, written: int
) -> None:
    quotes, today = product.services.quotes, product.clock.now().date()
    rome = product.offer()
    told = today + timedelta(days=10)
    sent = agent.send([trip(rome)], valid_until=told)
    form = rewritten(agent, sent, valid_until=today + timedelta(days=written))
    quotes.edit(agent.actor, sent.id, form)
    clock.move(days=7)
    offer = quotes.show(token_of(sent))
    assert (offer.valid_until, offer.can_accept, quotes.expire()) == (told, True, 0)
    clock.move(days=2)
    assert quotes.remind() == 1
    product.work()
    assert any(f"{told.day}" in mail.subject for mail in product.postbox.sent[-1:])
    clock.move(days=3)
    assert not quotes.show(token_of(sent)).can_accept
    assert quotes.expire() == 1


def test_what_was_sent_to_one_client_never_becomes_anothers(product: Product, agent: Agent) -> None:
    quotes = product.services.quotes
    sent = agent.send([trip(product.offer())])
    other = make_agent(product).client_id
    product.change(
        "update clients set agency_id = :agency, full_name = 'Olaf Grau' where id = :id",
        agency=agent.actor.agency_id,
        id=other,
    )
    with pytest.raises(Conflict) as refused:
        quotes.edit(agent.actor, sent.id, rewritten(agent, sent, client_id=other))
    assert refused.value.code == "already_sent"
    offer = quotes.show(token_of(sent))
    assert offer.client_name == "Ines Sand"
    [booking] = quotes.accept(token_of(sent), word(offer)).bookings
    assert product.services.bookings.get(agent.actor, booking.reference).lead_name == "Ines Sand"
    draft = agent.write([trip(product.offer())])
    edited = quotes.edit(agent.actor, draft.id, rewritten(agent, draft, client_id=other))
    assert edited.client_name == "Olaf Grau"


def test_pressed_twice_it_is_sent_once(product: Product, agent: Agent, clock: Any) -> None:
    quotes = product.services.quotes
    sent = agent.send([trip(product.offer())])
    assert len(quotes.send(agent.actor, sent.id).versions) == 1
    quotes.withdraw(agent.actor, sent.id)
    assert len(quotes.send(agent.actor, sent.id).versions) == 2
    clock.move(minutes=2)
    assert len(quotes.send(agent.actor, sent.id).versions) == 3
