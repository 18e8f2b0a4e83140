"""The calendar of departures: what calendar programs read, and who may."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlalchemy import text

from ecosystem.database.placement import ACCOUNTS
from ecosystem.domain.actor import Actor
from ecosystem.domain.calendar_text import AllDay, calendar, folded
from ecosystem.domain.errors import Forbidden, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.departures.forms import DepartureChange, Selection
from tests.product import GUEST, Offer, Product
from tests.services.test_desks import provider, sell


def only(made: Offer) -> Selection:
    return Selection(departure_ids=frozenset({made.departure_id}))


def events(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def founder(product: Product, made: Offer) -> Actor:
    """Who has founded the operator."""
    with product.database.unit(ACCOUNTS) as connection:
        user_id = connection.execute(
            text("select user_id from operators where id = :id"), {"id": made.operator_id}
        ).scalar_one()
    return replace(provider(made.operator_id), user_id=user_id)


def path_of(address: str) -> str:
    return address.removeprefix("http://localhost:3999")


@pytest.fixture
def feed(product: Product) -> tuple[Offer, Actor, str]:
    """An offer, its operator and the path of its calendar."""
    made = product.offer(title="Rome; Florence, Venice \\ & the sea")
    actor = founder(product, made)
    address = product.services.calendar_feeds.renew(actor)
    return made, actor, address.removeprefix("http://localhost:3999")


@given(st.text(), st.text(max_size=300))
def test_any_text_is_read_back_by_another_program(summary: str, description: str) -> None:
    event = AllDay(
        uid="a@b",
        first=date(2027, 5, 7),
        last=date(2027, 5, 14),
        summary=summary,
        description=description,
        changed=datetime(2027, 1, 1, 8, tzinfo=UTC),
    )
    made = calendar("Departures", [event], refresh=timedelta(hours=1))
    for line in made.encode().split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
    (read,) = events(made)
    kept = summary.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in kept if c in "\n\t" or (ord(c) >= 0x20 and ord(c) != 0x7F))
    assert str(read["SUMMARY"]) == kept
    assert read.decoded("DTSTART") == date(2027, 5, 7)
    assert read.decoded("DTEND") == date(2027, 5, 15)


def test_a_long_line_is_folded_between_characters() -> None:
    lines = folded("SUMMARY:" + "é" * 100).split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert all(after.startswith(" ") for _, after in pairwise(lines))
    assert lines[0] + "".join(line[1:] for line in lines[1:]) == "SUMMARY:" + "é" * 100


def test_a_calendar_program_reads_the_departures(
    product: Product, http: httpx.Client, feed: tuple[Offer, Actor, str]
) -> None:
    made, actor, path = feed
    sell(product, made, GUEST)

    answer = http.get(path)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "\n" not in answer.text.replace("\r\n", "")
    book = Calendar.from_ical(answer.text)
    assert str(book["METHOD"]) == "PUBLISH"
    assert str(book["NAME"]) == "Departures, Via Appia Journeys"
    (event,) = book.walk("VEVENT")
    row = product.services.departures.get(actor, made.departure_id)
    assert str(event["SUMMARY"]) == "Rome; Florence, Venice \\ & the sea · 2 of 10 seats sold"
    assert event.decoded("DTSTART") == row.starts_on
    assert event.decoded("DTEND") == row.ends_on + timedelta(days=1)
    assert str(event["STATUS"]) == "CONFIRMED"
    assert event.decoded("DTSTAMP").tzinfo is not None
    for personal in ("Maja", "maja@", "TRV-"):
        assert personal not in answer.text


def test_what_changes_keeps_its_name_and_counts_up(
    product: Product, http: httpx.Client, clock: Any, feed: tuple[Offer, Actor, str]
) -> None:
    made, actor, path = feed
    before = http.get(path)
    assert http.get(path, headers={"If-None-Match": before.headers["etag"]}).status_code == 304
    weak = {"If-None-Match": f'"x", W/{before.headers["etag"]}'}
    assert http.get(path, headers=weak).status_code == 304

    clock.move(minutes=5)
    product.services.departures.change(actor, only(made), DepartureChange(status="closed"))
    after = http.get(path, headers=weak)

    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    (old,), (new,) = events(before.text), events(after.text)
    assert str(old["UID"]) == str(new["UID"])
    assert int(new["SEQUENCE"]) > int(old["SEQUENCE"])
    assert new.decoded("DTSTAMP") > old.decoded("DTSTAMP")
    assert str(new["STATUS"]) == "CANCELLED"


def test_a_new_address_ends_the_old_one(
    product: Product, http: httpx.Client, feed: tuple[Offer, Actor, str]
) -> None:
    _, actor, old = feed
    feeds = product.services.calendar_feeds
    new = feeds.renew(actor)
    assert feeds.address(actor) == new
    answer = http.get(old)
    assert (answer.status_code, answer.json()["code"]) == (404, "calendar_not_found")
    assert http.get(new.removeprefix("http://localhost:3999")).status_code == 200


def test_an_address_is_for_its_operator_and_made_by_editors(product: Product) -> None:
    made, other = product.offer(), product.offer()
    feeds = product.services.calendar_feeds
    feeds.renew(provider(made.operator_id))
    assert feeds.address(provider(other.operator_id)) == ""
    viewer = replace(provider(made.operator_id), operator_role="viewer")
    assert feeds.address(viewer)
    for attempt in (lambda: feeds.renew(viewer), lambda: feeds.address(GUEST)):
        with pytest.raises(Forbidden):
            attempt()
    with pytest.raises(NotFound):
        feeds.file("x" * 43)


def test_who_has_left_the_team_reads_no_calendar_and_the_others_do(
    product: Product, http: httpx.Client, feed: tuple[Offer, Actor, str]
) -> None:
    made, _, own = feed
    colleague = replace(provider(made.operator_id), operator_role="viewer")
    theirs = path_of(product.services.calendar_feeds.address(colleague))
    assert theirs != own
    assert http.get(theirs).status_code == 404, "she never was in the team"
    product.change(
        "insert into operator_members (id, operator_id, user_id, email, full_name, role)"
        " values (:id, :operator_id, :user_id, 'ada@example.com', 'Ada', 'viewer')",
        id=uuid7(), operator_id=made.operator_id, user_id=colleague.user_id,
    )  # fmt: skip
    assert http.get(theirs).status_code == 200
    product.change("update operator_members set disabled_at = now()")
    assert (http.get(theirs).status_code, http.get(own).status_code) == (404, 200)


def test_an_address_of_others_is_not_made_of_ones_own(
    product: Product, http: httpx.Client, feed: tuple[Offer, Actor, str]
) -> None:
    *_, own = feed
    other = product.offer()
    product.services.calendar_feeds.renew(founder(product, other))
    token = own.removeprefix("/api/calendars/").removesuffix(".ics")
    raw = urlsafe_b64decode(token + "==")
    their_founder = founder(product, other).user_id
    assert their_founder is not None
    for ids in (
        other.operator_id.bytes + raw[16:32],
        raw[:16] + their_founder.bytes,
        other.operator_id.bytes + their_founder.bytes,
    ):
        forged = urlsafe_b64encode(ids + raw[32:]).decode().rstrip("=")
        assert http.get(f"/api/calendars/{forged}.ics").status_code == 404
    for junk in ("é" * 30, "A" * 86, "-" * 99, token[:-2], token + "AA", token + "="):
        assert http.get(f"/api/calendars/{junk}.ics").status_code in (404, 422)
