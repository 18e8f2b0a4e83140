"""Proposals by the models of agency money: what the client reads, agrees to and pays."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.errors import Conflict, Invalid
from ecosystem.services.quotes.forms import QuoteForm
from tests.agencies.agreed import contract, verify
from tests.product import GUEST, Offer, Product
from tests.quotes.conftest import Agent, make_agent, token_of, trip, word


def agreed(product: Product, model: str, **more: Any) -> tuple[Agent, Offer]:
    """An agent with one client, and a trip on which its agency earns 12 % by this model."""
    agent, offer = make_agent(product), product.offer(deposit_percent=None)
    assert agent.actor.agency_id is not None
    verify(product, agent.actor.agency_id)
    contract(product, offer.operator_id, agent.actor.agency_id, model, "12.00", **more)
    return agent, offer


def test_a_marked_up_trip_is_agreed_to_and_sold_at_that_price(product: Product) -> None:
    agent, offer = agreed(product, "net")
    quotes = product.services.quotes
    sent = agent.send([trip(offer, markup_percent="25")])
    seen = quotes.open(GUEST, token_of(sent))
    shown = seen.content.options[0].trips[0].shown
    adult = next(line for line in shown.lines if line.code == "adult")
    assert adult.amount == 2 * 147_400
    assert "markup_percent" not in str(seen.content.model_dump(exclude_none=True))
    assert (shown.net, shown.model, shown.commission) == (0, "", 0)
    own = sent.content.options[0].trips[0].shown
    assert (own.model, own.net) == ("net", pytest.approx(own.total / 1.25, abs=2))
    [booking] = quotes.accept(token_of(sent), word(seen)).bookings
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert (row.total_minor, row.agency_model) == (shown.total, "net")
    assert row.markup_percent == 25


def test_an_assistant_changes_a_proposal_and_the_markup_stays(product: Product) -> None:
    agent, offer = agreed(product, "net")
    written = agent.write([trip(offer, markup_percent="25")])
    helper = replace(agent.actor, agency_role="assistant")
    item = written.content.options[0].trips[0]
    form = QuoteForm.model_validate(
        {
            "title": "Changed",
            "client_id": agent.client_id,
            "options": [
                {
                    "id": written.content.options[0].id,
                    "title": "Option A",
                    "items": [trip(offer, adults=3, id=item.id, markup_percent="0")],
                }
            ],
        }
    )
    told = product.services.quotes.edit(helper, written.id, form).content.options[0].trips[0]
    kept = product.services.quotes.get(agent.actor, written.id).content.options[0].trips[0]
    assert told.markup_percent is None
    assert kept.markup_percent == Decimal(25)
    assert (told.shown.total, told.shown.net) == (kept.shown.total, 0)


def test_a_markup_needs_a_net_price(product: Product) -> None:
    agent, offer = agreed(product, "commission")
    with pytest.raises(Invalid):
        agent.write([trip(offer, markup_percent="5")])


def test_a_contract_that_ended_leaves_the_public_price(product: Product) -> None:
    agent, offer = agreed(product, "net")
    sent = agent.send([trip(offer, markup_percent="25")])
    with product.database.unit(RDS) as session:
        session.execute(text("update agency_contracts set state = 'declined'"))
    seen = product.services.quotes.open(GUEST, token_of(sent))
    [booking] = product.services.quotes.accept(token_of(sent), word(seen)).bookings
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert (row.agency_model, row.markup_percent) == ("commission", None)
    assert row.total_minor < seen.content.options[0].agreed[0].minor


def test_what_the_agency_bills_is_confirmed_and_asks_the_client_for_nothing(
    product: Product,
) -> None:
    agent, offer = agreed(product, "agency_collects")
    quotes = product.services.quotes
    sent = agent.send([trip(offer)])
    seen = quotes.open(GUEST, token_of(sent))
    option = seen.content.options[0]
    assert option.paid_here == ()
    assert option.paid_to_agency == option.agreed
    done = quotes.accept(token_of(sent), word(seen))
    [booking] = done.bookings
    assert (booking.status, booking.pay_url, booking.due_now) == ("confirmed", None, None)
    assert booking.total == option.agreed[0]
    row = product.one("select * from bookings where reference = :r", r=booking.reference)
    assert row.total_minor == pytest.approx(option.agreed[0].minor * 0.88, abs=4)
    assert quotes.accept(token_of(sent), word(seen)).bookings == done.bookings


def test_the_letter_asks_for_nothing_that_the_agency_bills(product: Product) -> None:
    agent, offer = agreed(product, "agency_collects")
    to_pay = product.offer(deposit_percent=None)
    address = product.one("select email from clients where id = :id", id=agent.client_id).email
    quotes = product.services.quotes
    for offers, subject, sums in (([offer], "booked", 0), ([offer, to_pay], "held", 1)):
        product.postbox.sent.clear()
        sent = agent.send([trip(one) for one in offers])
        quotes.accept(token_of(sent), word(quotes.open(GUEST, token_of(sent))))
        product.work()
        letters = [mail for mail in product.postbox.sent if mail.to == address]
        told = next(mail for mail in letters if "your seats are" in mail.subject)
        assert told.subject == f"A fortnight in Italy: your seats are {subject}"
        assert (told.text.count("€"), told.text.count("/pay/")) == (sums, sums)
        assert all("€" not in mail.text for mail in letters if "Your trip" in mail.subject)
        [to_agent] = [m for m in product.postbox.sent if "accepted Q-" in m.subject]
        assert ("your agency owes" in to_agent.text) is (subject == "booked")


def test_a_used_up_credit_holds_no_seat_and_is_not_told(product: Product) -> None:
    agent, offer = agreed(product, "agency_collects", credit_minor=1)
    other = product.offer()
    sent = agent.send([trip(other), trip(offer)])
    seen = product.services.quotes.open(GUEST, token_of(sent))
    with pytest.raises(Conflict) as refused:
        product.services.quotes.accept(token_of(sent), word(seen))
    assert refused.value.code == "not_bookable"
    assert "credit" not in refused.value.detail.lower()
    assert product.one("select count(*) as n from bookings").n == 0
    assert product.one("select count(*) as n from seat_claims").n == 0
