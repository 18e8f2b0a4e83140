"""What of proposals and passports an agent's day begins with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.tables import IdentityDocument
from ecosystem.services import agency_looks
from ecosystem.services.quotes.forms import CommentForm
from tests.product import Product
from tests.quotes.conftest import Agent, token_of, trip, word


def test_what_clients_did_waits_for_the_agent_and_for_no_other(
    product: Product, agent: Agent, rival: Agent
) -> None:
    rome = product.offer()
    agent.write([trip(rome)])
    quiet, asked, taken = (agent.send([trip(rome)]) for _ in range(3))
    quotes = product.services.quotes
    quotes.ask(token_of(asked), CommentForm(body="Is there a lift?"))
    quotes.accept(token_of(taken), word(quotes.show(token_of(taken))))
    today = product.services.agency_desk.today(agent.actor)
    assert {(item.id, item.unread, item.unpaid) for item in today.quotes} == {
        (asked.id, 1, 0),
        (taken.id, 0, 1),
    }
    assert quiet.id not in {item.id for item in today.quotes}
    pipeline = today.pipeline
    assert (pipeline.drafts, pipeline.waiting, pipeline.accepted) == (1, 2, 1)
    other = product.services.agency_desk.today(rival.actor)
    assert (other.quotes, other.passports, other.pipeline.waiting) == ((), (), 0)


def test_a_passport_that_ends_too_soon_is_told_before_the_trip(
    product: Product, agent: Agent
) -> None:
    rome = product.offer(starts_in=60)
    sent = agent.send([trip(rome)])
    quotes = product.services.quotes
    done = quotes.accept(token_of(sent), word(quotes.show(token_of(sent))))
    product.change(
        "update bookings set status = 'confirmed' where reference = :r",
        r=done.bookings[0].reference,
    )
    desk = product.services.agency_desk
    assert desk.today(agent.actor).passports == ()
    assert desk.today(agent.actor).without_passport == 0, "it leaves in more than thirty days"
    product.change("update bookings set starts_on = current_date + 20")
    assert desk.today(agent.actor).without_passport == 1
    assert agent.actor.agency_id is not None
    ends = product.clock.now().date() + timedelta(days=200)
    with product.database.unit(RDS) as session:
        session.add(
            IdentityDocument(
                client_id=agent.client_id,
                agency_id=agent.actor.agency_id,
                kind="passport",
                number_sealed="x",
                last_four="1234",
                country="SE",
                expires_on=ends,
            )
        )
    assert desk.today(agent.actor).without_passport == 0
    [needed] = desk.today(agent.actor).passports
    assert (needed.client_name, needed.until) == ("Ines Sand", ends)
    product.change(
        "update identity_documents set expires_on = :day", day=ends + timedelta(days=365)
    )
    assert desk.today(agent.actor).passports == ()


def test_all_of_an_agency_share_a_look_that_changes_only_with_what_it_says(
    product: Product, agent: Agent, rival: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agency_looks, "KEPT", timedelta(hours=1))
    desk, clock = product.services.agency_desk, product.clock
    now = clock.now()  # tomorrow before noon: no midnight changes the day while this goes on
    noon = now.replace(hour=9, minute=0) + timedelta(days=1)
    clock.move(seconds=(noon - now).total_seconds())
    rome = product.offer()
    first = desk.look(agent.actor)
    assert desk.seen(agent.actor) == first
    assert desk.seen(rival.actor) is None
    sent = agent.send([trip(rome)])
    assert desk.again(agent.actor) == first, "for a while nobody asks the database"
    clock.move(hours=2)
    assert desk.seen(agent.actor) is None
    second = desk.again(agent.actor)
    assert (second.version != first.version, second.today.pipeline.waiting) == (True, 1)
    clock.move(hours=2)
    assert desk.again(agent.actor).version == second.version, "nothing has changed"
    product.services.quotes.ask(token_of(sent), CommentForm(body="Is there a lift?"))
    assert desk.look(agent.actor).version != second.version, "who opens the page sees it as it is"
    helper = replace(agent.actor, agency_role="assistant")
    assert desk.again(helper).version != desk.again(agent.actor).version
    assert all(one.share is None for one in desk.again(helper).today.sold)


def test_what_is_missing_of_a_booking_waits_for_the_agent(product: Product, agent: Agent) -> None:
    sent = agent.send([trip(product.offer(starts_in=40))])
    quotes = product.services.quotes
    done = quotes.accept(token_of(sent), word(quotes.show(token_of(sent))))
    desk, reference = product.services.agency_desk, done.bookings[0].reference
    product.change("update bookings set status = 'confirmed' where reference = :r", r=reference)
    [line] = desk.today(agent.actor).unnamed
    assert (line.reference, line.missing > 0) == (reference, True)
    product.change(
        "update payments set due_on = current_date - 2 where booking_id ="
        " (select id from bookings where reference = :r)",
        r=reference,
    )
    overdue = desk.today(agent.actor).balances
    assert {one.reference for one in overdue} == {reference}
    assert not any(one.owed for one in overdue)
    product.change(
        "update payments set kind = 'account' where booking_id ="
        " (select id from bookings where reference = :r)",
        r=reference,
    )
    assert all(one.owed for one in desk.today(agent.actor).balances)
    helper = replace(agent.actor, agency_role="assistant")
    assert desk.today(helper).balances == (), "what the agency owes is its cost"
