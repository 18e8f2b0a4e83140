"""A proposal from its first word to its bookings, and everything that may come between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.actor import GUEST
from ecosystem.domain.errors import Conflict, Gone, Invalid, NotFound, TooManyRequests
from ecosystem.services.quotes import Quotes
from ecosystem.services.quotes.forms import CommentForm, DeclineForm, QuoteForm
from tests.product import Product
from tests.quotes.conftest import Agent, free, make_agent, token_of, trip, word


def _held(product: Product, *offers: Any) -> int:
    return product.one(
        "select coalesce(sum(seats), 0) as seats from seat_claims"
        " where departure_id = any(:ids) and state in ('held', 'sold')",
        ids=[offer.departure_id for offer in offers],
    ).seats


def test_an_option_is_accepted_paid_and_becomes_bookings_of_the_agency(
    product: Product, agent: Agent
) -> None:
    rome, alps = product.offer(), product.offer(price="900.00")
    quotes = product.services.quotes
    sent = agent.send([trip(rome), trip(alps), free()], [trip(alps)])
    assert sent.status == "sent"
    assert not sent.changed
    product.work()

    offer = quotes.open(GUEST, token_of(sent))
    assert offer.status == "opened"
    assert offer.can_accept
    first = offer.content.options[0]
    assert [total.minor for total in first.paid_here] == [268000 + 2400 + 180000 + 2400]
    assert [total.minor for total in first.paid_to_agency] == [9000]
    done = quotes.accept(token_of(sent), word(offer))

    assert done.status == "accepted"
    assert len(done.bookings) == 2
    assert all(b.status == "pending_payment" and b.pay_url and b.held_until for b in done.bookings)
    assert _held(product, rome, alps) == 4
    rows = [product.services.bookings.get(agent.actor, b.reference) for b in done.bookings]
    assert {row.lead_name for row in rows} == {"Ines Sand"}
    for row in rows:
        product.pay(product.session_of(row))
    for row in rows:
        assert product.services.bookings.refresh(agent.actor, row.reference).status == "confirmed"
    product.work()
    seen = quotes.get(agent.actor, sent.id)
    assert {b.status for b in seen.bookings} == {"confirmed"}
    subjects = [email.subject for email in product.postbox.sent]
    assert "A fortnight in Italy: a proposal from Wayfarer" in subjects
    assert "A fortnight in Italy: your seats are held" in subjects
    assert f"Ines Sand accepted {sent.number}, A fortnight in Italy" in subjects


def test_the_client_sees_nothing_of_what_the_agency_earns(product: Product, agent: Agent) -> None:
    sent = agent.send([trip(product.offer(commission_percent=12))])
    assert sent.content.options[0].commission[0].minor > 0
    offer = product.services.quotes.show(token_of(sent))
    assert offer.content.options[0].commission[0].minor == 0


def test_the_same_word_twice_makes_nothing_twice_and_another_option_is_refused(
    product: Product, agent: Agent
) -> None:
    rome, alps = product.offer(), product.offer()
    sent = agent.send([trip(rome)], [trip(alps)])
    quotes, token = product.services.quotes, token_of(sent)
    offer = quotes.show(token)
    once = quotes.accept(token, word(offer))
    twice = quotes.accept(token, word(offer))
    assert [b.reference for b in twice.bookings] == [b.reference for b in once.bookings]
    with pytest.raises(Conflict) as other:
        quotes.accept(token, word(offer, 1))
    assert other.value.code == "already_accepted"
    assert _held(product, rome, alps) == 2


def test_two_tabs_at_once_hold_the_seats_once(product: Product, agent: Agent) -> None:
    rome = product.offer()
    sent = agent.send([trip(rome)])
    quotes, token = product.services.quotes, token_of(sent)
    offer = quotes.show(token)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _n: quotes.accept(token, word(offer)), range(4)))
    assert len({d.bookings[0].reference for d in done}) == 1
    assert _held(product, rome) == 2


def test_one_of_two_departures_sold_out_and_nothing_is_held(product: Product, agent: Agent) -> None:
    rome, alps = product.offer(), product.offer(seats=3)
    sent = agent.send([trip(rome), trip(alps)])
    product.hold(alps, adults=2)
    offer = product.services.quotes.show(token_of(sent))
    with pytest.raises(Conflict) as refused:
        product.services.quotes.accept(token_of(sent), word(offer))
    assert refused.value.code == "sold_out"
    assert refused.value.data["seats_left"] == 1
    assert refused.value.data["item"] == offer.content.options[0].items[1].id
    assert _held(product, rome) == 0
    assert product.services.quotes.show(token_of(sent)).can_accept
    assert product.one("select count(*) as n from quote_bookings").n == 0


def test_an_option_that_needs_more_seats_of_one_departure_than_there_are(
    product: Product, agent: Agent
) -> None:
    rome = product.offer(seats=3)
    sent = agent.send([trip(rome), trip(rome)])
    offer = product.services.quotes.show(token_of(sent))
    with pytest.raises(Conflict) as refused:
        product.services.quotes.accept(token_of(sent), word(offer))
    assert refused.value.code == "sold_out"
    assert _held(product, rome) == 0


@pytest.mark.parametrize("lock", [True, False], ids=["with the lock", "control without it"])
def test_two_proposals_reach_for_the_last_seats(
    product: Product, lock: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rome = product.offer(seats=2)
    agents = [make_agent(product, f"Agency {n}") for n in range(4)]
    tokens = [token_of(agent.send([trip(rome)])) for agent in agents]
    product.change(
        "create function slowly() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(0.3); return new; end $$"
    )
    product.change(
        "create trigger slowly before insert on seat_claims for each row execute function slowly()"
    )
    monkeypatch.setattr(Quotes, "lock", lock)

    def accept(token: str) -> str:
        offer = product.services.quotes.show(token)
        try:
            return product.services.quotes.accept(token, word(offer)).status
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(pool.map(accept, tokens))
    if lock:
        assert sorted(answers) == ["accepted", "sold_out", "sold_out", "sold_out"]
        assert _held(product, rome) == 2
    else:
        assert answers.count("accepted") > 1, "without the lock this must oversell"


def test_a_price_that_rose_is_said_and_may_be_agreed_to(product: Product, agent: Agent) -> None:
    rome = product.offer()
    sent = agent.send([trip(rome)])
    token = token_of(sent)
    offer = product.services.quotes.show(token)
    product.change(
        "update departures set price_minor = 150000 where id = :id", id=rome.departure_id
    )
    with pytest.raises(Conflict) as risen:
        product.services.quotes.accept(token, word(offer))
    assert risen.value.code == "price_changed"
    assert risen.value.data["sums"] == [{"amount": 302400, "currency": "EUR"}]
    assert _held(product, rome) == 0
    done = product.services.quotes.accept(token, word(offer, expected=risen.value.data["sums"]))
    assert done.bookings[0].total.minor == 302400


def test_a_price_that_fell_is_what_is_asked_for(product: Product, agent: Agent) -> None:
    rome = product.offer()
    sent = agent.send([trip(rome)])
    offer = product.services.quotes.show(token_of(sent))
    product.change(
        "update departures set price_minor = 100000 where id = :id", id=rome.departure_id
    )
    done = product.services.quotes.accept(token_of(sent), word(offer))
    assert done.bookings[0].total.minor == 202400


def test_what_has_ended_is_not_accepted(product: Product, agent: Agent) -> None:
    rome = product.offer()
    quotes = product.services.quotes
    withdrawn, declined, late = (agent.send([trip(rome)]) for _ in range(3))
    words = {quote.id: word(quotes.show(token_of(quote))) for quote in (withdrawn, declined, late)}
    quotes.withdraw(agent.actor, withdrawn.id, "sold elsewhere")
    quotes.decline(token_of(declined), DeclineForm(reason="too warm"))
    for table, key in (("quotes", "id"), ("quote_versions", "quote_id")):
        product.change(
            f"update {table} set valid_until = current_date - 2 where {key} = :id", id=late.id
        )
    for quote in (withdrawn, declined, late):
        with pytest.raises(Gone) as ended:
            quotes.accept(token_of(quote), words[quote.id])
        assert ended.value.code == "quote_ended"
        assert not quotes.show(token_of(quote)).can_accept
    assert _held(product, rome) == 0
    assert quotes.expire() == 1
    assert quotes.get(agent.actor, late.id).status == "expired"
    assert quotes.get(agent.actor, declined.id).closed_reason == "too warm"
    # Sent again with a new day it is alive.
    form = QuoteForm(title="Later", client_id=agent.client_id, options=())
    with pytest.raises(Invalid):
        quotes.edit(agent.actor, late.id, form)
        quotes.send(agent.actor, late.id)


def test_a_newer_version_has_to_be_read_before_it_is_accepted(
    product: Product, agent: Agent
) -> None:
    rome, alps = product.offer(), product.offer()
    sent = agent.send([trip(rome)])
    quotes, token = product.services.quotes, token_of(sent)
    read = quotes.show(token)
    form = QuoteForm.model_validate(
        {
            "title": sent.title,
            "client_id": agent.client_id,
            "version": sent.version,
            "options": [{"title": "Mountains", "items": [trip(alps)]}],
        }
    )
    edited = quotes.edit(agent.actor, sent.id, form)
    assert edited.changed
    assert quotes.show(token).content == read.content
    with pytest.raises(Conflict) as stale:
        quotes.edit(agent.actor, sent.id, form)
    assert stale.value.code == "edited_elsewhere"
    quotes.send(agent.actor, sent.id)
    with pytest.raises(Conflict) as old:
        quotes.accept(token, word(read))
    assert old.value.code == "quote_changed"
    assert quotes.accept(token, word(quotes.show(token))).bookings[0].total.currency == "EUR"
    with pytest.raises(Conflict) as too_late:
        quotes.edit(agent.actor, sent.id, form.model_copy(update={"version": None}))
    assert too_late.value.code == "already_accepted"


def test_seats_that_were_not_paid_can_be_accepted_again(product: Product, agent: Agent) -> None:
    rome = product.offer()
    sent = agent.send([trip(rome)])
    quotes, token = product.services.quotes, token_of(sent)
    offer = quotes.show(token)
    first = quotes.accept(token, word(offer)).bookings[0].reference
    product.change("update bookings set status = 'expired' where reference = :r", r=first)
    product.change("update seat_claims set state = 'released'")
    again = quotes.show(token)
    assert again.can_accept
    assert again.bookings == ()
    second = quotes.accept(token, word(offer)).bookings[0].reference
    assert second != first
    product.work()
    held = [e for e in product.postbox.sent if e.subject.endswith("your seats are held")]
    assert len({email.id for email in held}) == len(held)


def test_another_agency_finds_none_of_it(product: Product, agent: Agent, rival: Agent) -> None:
    sent = agent.send([trip(product.offer())])
    quotes = product.services.quotes
    form = QuoteForm(title="Mine now", client_id=rival.client_id)
    for attempt in (
        lambda: quotes.get(rival.actor, sent.id),
        lambda: quotes.edit(rival.actor, sent.id, form),
        lambda: quotes.send(rival.actor, sent.id),
        lambda: quotes.withdraw(rival.actor, sent.id),
        lambda: quotes.duplicate(rival.actor, sent.id),
        lambda: quotes.comment(rival.actor, sent.id, CommentForm(body="Hello")),
        lambda: quotes.create(rival.actor, form.model_copy(update={"client_id": agent.client_id})),
        lambda: quotes.open(GUEST, str(uuid4())),
        lambda: quotes.open(GUEST, ""),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert quotes.rows(rival.actor).items == []
    draft = agent.write([trip(product.offer())])
    with product.database.unit(RDS) as session:
        token = session.execute(
            text("select token from quotes where id = :id"), {"id": draft.id}
        ).scalar_one()
    with pytest.raises(NotFound):
        quotes.open(GUEST, token)


def test_client_and_agent_write_beneath_it(product: Product, agent: Agent) -> None:
    sent = agent.send([trip(product.offer())])
    quotes, token = product.services.quotes, token_of(sent)
    quotes.ask(token, CommentForm(body="Is there a lift?", name="Ines"))
    [row] = quotes.rows(agent.actor).items
    assert row.unread == 1
    seen = quotes.comment(agent.actor, sent.id, CommentForm(body="There is."))
    assert [(c.text, c.mine) for c in seen.comments] == [
        ("Is there a lift?", False),
        ("There is.", True),
    ]
    assert quotes.rows(agent.actor).items[0].unread == 0
    product.work()
    said = [email.subject for email in product.postbox.sent]
    assert f"Ines asks about {sent.number}, A fortnight in Italy" in said
    assert "A fortnight in Italy: a message from Ada Berg" in said
    for n in range(29):
        quotes.ask(token, CommentForm(body=f"And {n}?"))
    with pytest.raises(TooManyRequests):
        quotes.ask(token, CommentForm(body="One more"))


def test_what_cannot_be_offered_is_named_and_nothing_empty_is_sent(
    product: Product, agent: Agent
) -> None:
    rome, draft = product.offer(), product.offer(status="draft")
    with pytest.raises(Invalid) as wrong:
        agent.write([trip(rome), trip(draft)], [trip(rome, adults=60)])
    assert [field.field for field in wrong.value.fields] == [
        "options.0.items.1",
        "options.1.items.0",
    ]
    with pytest.raises(ValueError, match="currencies"):
        agent.write([free(currency="VAL")])
    with pytest.raises(Invalid) as empty:
        agent.send([trip(rome)], [])
    assert empty.value.code == "nothing_offered"
    with pytest.raises(Invalid) as day:
        agent.write(valid_until=(product.clock.now() + timedelta(days=91)).date())
    assert day.value.fields[0].field == "valid_until"
    product.change("update clients set email = '' where id = :id", id=agent.client_id)
    with pytest.raises(Invalid) as nowhere:
        agent.send([trip(rome)])
    assert nowhere.value.code == "no_address"


def test_opening_is_noted_for_clients_and_not_for_the_agency(
    product: Product, agent: Agent
) -> None:
    sent = agent.send([trip(product.offer())])
    quotes = product.services.quotes
    quotes.open(agent.actor, token_of(sent))
    assert quotes.get(agent.actor, sent.id).opened_count == 0
    quotes.open(GUEST, token_of(sent))
    quotes.open(GUEST, token_of(sent))
    seen = quotes.get(agent.actor, sent.id)
    assert (seen.status, seen.opened_count) == ("opened", 2)
    assert seen.first_opened_at is not None


def test_a_copy_is_a_draft_of_its_own(product: Product, agent: Agent) -> None:
    sent = agent.send([trip(product.offer()), free()])
    copy = product.services.quotes.duplicate(agent.actor, sent.id)
    assert copy.status == "draft"
    assert copy.number != sent.number
    assert [i.kind for i in copy.content.options[0].items] == ["trip", "free"]
    found = product.services.quotes.rows(agent.actor, words="italy")
    assert {row.number for row in found.items} == {copy.number, sent.number}
