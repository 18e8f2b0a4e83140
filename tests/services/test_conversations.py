"""Messages about a booking: who may read and write, and the e-mails about them."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.database.queries import conversations
from ecosystem.database.tables import Message, TravelAgent
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Forbidden, Invalid, NotFound, TooManyRequests
from ecosystem.domain.ids import uuid7
from ecosystem.services.conversations import LONGEST, MOST_IN_AN_HOUR, MessageForm
from ecosystem.services.forms import parse
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider, sell

STRANGER = Actor(role="guest", source="guest", guest_key="x" * 64)


def say(body: str) -> MessageForm:
    return MessageForm(body=body)


def key_of(product: Product, reference: str) -> str:
    return product.one("select view_key from bookings where reference = :r", r=reference)[0]


def waiting(product: Product) -> None:
    """Until somebody waits for a lock."""
    waits = (
        "select count(*) from pg_stat_activity"
        " where wait_event_type = 'Lock' and datname = current_database()"
    )
    until = time.monotonic() + 2
    while not product.one(waits)[0] and time.monotonic() < until:
        time.sleep(0.01)


@pytest.fixture
def sold(product: Product) -> tuple[str, Actor]:
    """A guest's booking and its operator."""
    made = product.offer()
    return sell(product, made, GUEST), provider(made.operator_id)


def test_both_sides_read_what_the_other_wrote(
    product: Product, sold: tuple[str, Actor], clock: Any
) -> None:
    reference, operator = sold
    talk = product.services.conversations
    talk.send(GUEST, reference, say("Is the hotel near the station?"))
    assert talk.unread(operator) == 1

    seen = talk.open(operator, reference)
    clock.move(seconds=30)
    talk.send(operator, reference, say("Five minutes on foot.\n\n\n\nHave a good trip"))
    back = talk.open(GUEST, reference)

    assert (seen.unread, seen.other) == (1, "Maja Lindqvist")
    assert talk.unread(operator) == 0
    assert [(m.mine, m.body, m.read) for m in back.messages] == [
        (True, "Is the hotel near the station?", True),
        (False, "Five minutes on foot.\n\nHave a good trip", True),
    ]
    assert (back.unread, back.other) == (1, "Via Appia Journeys")


def test_the_key_of_the_trip_link_lets_a_guest_write_from_another_browser(
    product: Product, sold: tuple[str, Actor]
) -> None:
    reference, _ = sold
    talk, key = product.services.conversations, key_of(product, sold[0])
    assert talk.open(STRANGER, reference, key=key).can_write
    assert talk.send(STRANGER, reference, say("Hello"), key=key).author == "Maja Lindqvist"


def test_nobody_else_reads_or_writes(product: Product, sold: tuple[str, Actor]) -> None:
    reference, _ = sold
    talk = product.services.conversations
    talk.send(GUEST, reference, say("Between us"))
    other_operator = provider(product.offer().operator_id)
    customer = Actor(role="customer", source="cognito", user_id=other_operator.user_id)
    for actor, key in (
        (STRANGER, ""),
        (STRANGER, "wrong"),
        (customer, ""),
        (other_operator, ""),
        (agent(product), ""),
    ):
        with pytest.raises(NotFound):
            talk.open(actor, reference, key=key)
        with pytest.raises(NotFound):
            talk.send(actor, reference, say("Hello"), key=key)
    assert talk.unread(other_operator) == 0
    with pytest.raises(NotFound):
        talk.open(GUEST, "TRV-NONE")


def test_who_only_looks_leaves_no_trace(product: Product, sold: tuple[str, Actor]) -> None:
    reference, operator = sold
    talk = product.services.conversations
    talk.send(GUEST, reference, say("Hello"))
    viewer = replace(operator, operator_role="viewer")
    for actor in (viewer, OPS):
        seen = talk.open(actor, reference)
        assert not seen.can_write
        assert [m.body for m in seen.messages] == ["Hello"]
        with pytest.raises(Forbidden):
            talk.send(actor, reference, say("Hello"))
    assert talk.unread(operator) == 1


def test_what_comes_together_is_one_email_and_what_was_read_is_none(
    product: Product, sold: tuple[str, Actor], clock: Any
) -> None:
    reference, operator = sold
    talk = product.services.conversations
    product.work()
    product.postbox.sent.clear()
    seconds = clock.now().timestamp() % 60
    clock.move(seconds=60 - seconds + 1)  # early in a slice, so that it does not end meanwhile
    talk.send(GUEST, reference, say("One <b>"))
    clock.move(seconds=5)
    talk.send(GUEST, reference, say("Two"))
    product.work()
    assert product.postbox.sent == []

    clock.move(seconds=65)
    product.work()
    (email,) = product.postbox.sent
    assert email.to.endswith("@example.com")
    assert email.to != "maja@example.com"
    assert "wrote 2 messages" in email.subject
    assert f"/provider/bookings/{reference}" in email.text
    assert "One &lt;b&gt;" in email.html
    assert "Two" in email.text

    talk.send(operator, reference, say("Read at once"))
    talk.open(GUEST, reference)
    clock.move(seconds=66)
    product.work()
    assert len(product.postbox.sent) == 1

    talk.send(operator, reference, say("Read later"))
    clock.move(seconds=66)
    product.work()
    assert product.postbox.sent[-1].to == "maja@example.com"
    assert f"/trips/{reference}?key=" in product.postbox.sent[-1].text
    assert "Read at once" not in product.postbox.sent[-1].text


def test_what_is_written_at_the_end_of_a_slice_is_in_its_email(
    product: Product, sold: tuple[str, Actor], clock: Any
) -> None:
    """It is dated when it is sent, and committed a moment later: others write at that moment."""
    reference, _ = sold
    talk = product.services.conversations
    product.work()
    product.postbox.sent.clear()
    clock.move(seconds=60 - clock.now().timestamp() % 60 + 1)
    talk.send(GUEST, reference, say("One"))
    clock.move(seconds=58)
    booking = product.one("select id from bookings where reference = :r", r=reference)[0]
    with ThreadPoolExecutor(1) as pool:
        with product.database.unit(RDS) as session:
            session.execute(text("select from bookings where id = :id for update"), {"id": booking})
            late = pool.submit(talk.send, GUEST, reference, say("Two"))
            waiting(product)
            clock.move(seconds=2)
            product.services.outbox.step()
        assert late.result().body == "Two"
    clock.move(seconds=5)
    product.work()
    (email,) = product.postbox.sent
    assert "wrote 2 messages" in email.subject


def test_an_agency_s_booking_is_written_to_its_agent(product: Product, clock: Any) -> None:
    ann = agent(product)
    assert ann.agency_id is not None
    assert ann.user_id is not None
    with product.database.unit(RDS) as session:
        session.add(
            TravelAgent(
                id=ann.user_id,
                agency_id=ann.agency_id,
                email="ann@maple.example",
                full_name="Ann Maple",
            )
        )
    made = product.offer()
    reference = sell(product, made, ann)
    product.services.conversations.send(provider(made.operator_id), reference, say("Hello"))
    clock.move(seconds=66)
    product.work()
    email = product.postbox.sent[-1]
    assert email.to == "ann@maple.example"
    assert "key=" not in email.text


def test_a_press_repeated_is_one_message(product: Product, sold: tuple[str, Actor]) -> None:
    reference, _ = sold
    talk = product.services.conversations
    with ThreadPoolExecutor(6) as pool:
        ids = {m.id for m in pool.map(lambda _: talk.send(GUEST, reference, say("Hi")), range(6))}
    assert len(ids) == 1
    assert len(talk.open(GUEST, reference).messages) == 1


def test_who_waits_for_her_turn_finds_what_was_written_meanwhile(
    product: Product, sold: tuple[str, Actor]
) -> None:
    """The second press began before the first was dated, on a machine whose clock is behind."""
    reference, _ = sold
    talk = product.services.conversations
    booking = product.one("select id from bookings where reference = :r", r=reference)[0]
    with ThreadPoolExecutor(1) as pool:
        with product.database.unit(RDS) as session:
            conversations.take_turns(session, booking)
            second = pool.submit(talk.send, GUEST, reference, say("Hi"))
            waiting(product)
            first = uuid7()
            row = Message(
                id=first, booking_id=booking, author="buyer", author_name="Maja Lindqvist",
                body="Hi", created_at=product.clock.now() + timedelta(seconds=1),
            )  # fmt: skip
            conversations.add(session, row)
        assert second.result().id == first


def test_an_hour_has_room_for_thirty(product: Product, sold: tuple[str, Actor], clock: Any) -> None:
    reference, _ = sold
    talk = product.services.conversations
    for number in range(MOST_IN_AN_HOUR):
        talk.send(GUEST, reference, say(f"Message {number}"))
    with pytest.raises(TooManyRequests) as refused:
        talk.send(GUEST, reference, say("One more"))
    assert 0 < refused.value.data["retry_after"] <= 3600
    clock.move(minutes=61)
    talk.send(GUEST, reference, say("One more"))


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("  hello \r\n there ", "hello \n there"),
        ("\x00\x07a\u202eb\u200b", "ab"),
        ("x" * LONGEST, "x" * LONGEST),
        ("مرحبا", "مرحبا"),
        ("", None),
        (" \n\t ", None),
        ("\x00", None),
        ("x" * (LONGEST + 1), None),
        (None, None),
        ({"body": 1}, None),
    ],
    ids=["spaces", "control", "longest", "arabic", "empty", "blank", "nul", "long", "none", "dict"],
)
def test_a_message_is_plain_text(body: Any, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(Invalid):
            parse(MessageForm, {"body": body})
    else:
        assert parse(MessageForm, {"body": body}).body == kept


def test_over_the_api(product: Product, http: httpx.Client, sold: tuple[str, Actor]) -> None:
    reference, _ = sold
    path = f"/api/bookings/{reference}/messages"
    key = {"key": key_of(product, reference)}
    made = http.post(path, params=key, json={"body": "Hello"})
    assert (made.status_code, made.json()["mine"]) == (201, True)
    assert [m["body"] for m in http.get(path, params=key).json()["items"]] == ["Hello"]
    assert http.get(path).status_code == 404
    assert http.post(path, params=key, json={"body": " "}).status_code == 422
    assert http.post(path, params=key, json={"body": "a", "author": "operator"}).status_code == 422
