"""Saved trips, the comparison and reviews on pages, with what a hostile client sends."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Unavailable
from ecosystem.state.compare import CompareState, address, slugs_of
from ecosystem.state.provider.reviews import ProviderReviewsState
from ecosystem.state.reviews import ReviewFormState, ReviewsState
from ecosystem.state.saved import SavedState, SeenState
from tests.product import Offer, Product
from tests.services.test_reviews import FAIR, GOOD, STRANGER, key_of, operator, travelled
from tests.state.test_desk_pages import page
from tests.state.test_storefront import HOSTILE, act, guest_page, target

pytestmark = pytest.mark.anyio


@pytest.fixture
def on_sale(installed: Product) -> list[Offer]:
    """Five packages that the public can find."""
    made = [installed.offer() for _ in range(5)]
    while installed.services.search_index.step():
        continue
    return made


def words(events: list[Any]) -> list[str]:
    """What the toasts among the events say."""
    said: list[str] = []
    for event in events:
        found = {name._js_expr: value._var_value for name, value in event.args}
        said.append(found.get("message", ""))
    return said


def _down(*_: Any, **__: Any) -> Any:
    raise Unavailable("The database does not answer.")


async def test_a_heart_saves_removes_and_undoes(installed: Product, on_sale: list[Offer]) -> None:
    state, guest = guest_page(installed, SavedState, "/saved")
    await act(state, "open")
    assert (state.phase, state.trips) == ("shown", [])
    first, second = (str(made.package_id) for made in on_sale[:2])
    for key in (first, second):
        assert await act(state, "toggle", key) == []
    assert state.ids == [second, first]
    await act(state, "open")
    assert [trip.key for trip in state.trips] == [second, first]
    (event,) = await act(state, "toggle", first)
    assert words([event]) == ["Removed from your saved trips."]
    assert [trip.key for trip in state.trips] == [second]
    saved = installed.services.saved
    object.__setattr__(saved, "save", _down)
    await act(state, "restore", first)  # in vain, and not for the last time
    object.__delattr__(saved, "save")
    await act(state, "restore", first)
    assert [trip.key for trip in state.trips] == [second, first]
    await act(state, "restore", first)  # undone once
    assert len(installed.services.saved.ids(guest)) == 2


async def test_hearts_take_anything_a_client_sends(
    installed: Product, on_sale: list[Offer]
) -> None:
    state, guest = guest_page(installed, SavedState, "/saved")
    for junk in HOSTILE:
        for name in ("toggle", "restore"):
            await act(state, name, junk)
    await act(state, "toggle", str(on_sale[0].operator_id))
    await act(state, "forget_ended")
    assert installed.services.saved.ids(guest) == []
    seen, _ = guest_page(installed, SeenState, "/")
    await act(seen, "open")
    assert seen.trips == []
    installed.services.saved.saw(guest, on_sale[0].package_id)
    await act(seen, "open")
    assert [trip.key for trip in seen.trips] == [str(on_sale[0].package_id)]


async def test_the_address_is_the_truth_of_a_comparison(
    installed: Product, on_sale: list[Offer]
) -> None:
    slugs = [made.slug for made in on_sale]
    state, _ = guest_page(installed, CompareState, f"/compare?ids={slugs[0]},{slugs[1]}")
    assert await act(state, "open") == []
    assert state.phase == "shown"
    assert [trip.slug for trip in state.trips] == slugs[:2]
    one = state.trips[0]
    assert (one.price, one.nights, one.hotels) == ("€1,340", "8 nights", "4 stars")
    assert one.cities == ["Rome · 5 nights", "Florence · 3 nights"]
    assert one.departures[0].endswith("10 left")
    assert len(one.cancellation) == 3
    assert target(await act(state, "remove", slugs[0])) == f"/compare?ids={slugs[1]}"


async def test_the_fifth_trip_is_refused_with_words(
    installed: Product, on_sale: list[Offer]
) -> None:
    slugs = [made.slug for made in on_sale]
    state, _ = guest_page(installed, CompareState, "/search")
    for slug in slugs[:4]:
        await act(state, "toggle", slug)
    assert state.href == f"/compare?ids={','.join(slugs[:4])}"
    refused = words(await act(state, "toggle", slugs[4]))
    assert refused == ["Four trips fit side by side. Take one out to add this one."]
    assert state.slugs == slugs[:4]
    await act(state, "toggle", slugs[1])
    assert len(state.slugs) == 3
    too_many, _ = guest_page(installed, CompareState, f"/compare?ids={','.join(slugs)}")
    await act(too_many, "open")
    assert len(too_many.trips) == 4
    assert "the first four" in too_many.note


async def test_a_comparison_without_an_address_opens_what_was_picked(
    installed: Product, on_sale: list[Offer]
) -> None:
    state, _ = guest_page(installed, CompareState, "/compare")
    await act(state, "open")
    assert state.phase == "empty"
    await act(state, "toggle", on_sale[0].slug)
    assert target(await act(state, "open")) == address([on_sale[0].slug])


async def test_a_comparison_reads_any_address(installed: Product, on_sale: list[Offer]) -> None:
    slug = on_sale[0].slug
    for ids, shown in (
        (f"{slug},{slug},{slug}", 1),
        (f"no-such-trip,{slug}", 1),
        ("no-such-trip", 0),
        ("%00,%ff,../../etc,<b>,'; drop table x", 0),
        ("x" * 1900, 0),
        (",".join(["a"] * 500), 0),
    ):
        state, _ = guest_page(installed, CompareState, f"/compare?ids={ids}")
        await act(state, "open")
        assert len(state.trips) == shown, ids
        assert state.phase == ("shown" if shown else "empty")
    state, _ = guest_page(installed, CompareState, "/compare")
    for junk in HOSTILE:
        await act(state, "toggle", junk)
        await act(state, "remove", junk)
    assert state.slugs == []
    assert slugs_of("a,b,a, b ,c-d,-e,f--g,") == ["a", "b", "c-d"]


async def test_a_traveller_reviews_on_the_trips_page(installed: Product, clock: Any) -> None:
    made, booking = travelled(installed, clock)
    path = f"/trips/{booking.reference.lower()}?key={key_of(installed, booking)}"
    state, _ = guest_page(installed, ReviewFormState, path)
    await act(state, "open")
    assert state.stage == "open"
    for junk in (*HOSTILE, {"rating": "6", "body": GOOD.body}, {"rating": 5, "body": GOOD.body}):
        assert await act(state, "submit", junk) == []
        assert state.rating_error
    await act(state, "submit", {"rating": "5", "body": "short"})
    assert state.rating_error == ""
    assert state.body_error
    said = words(await act(state, "submit", {"rating": "5", "body": GOOD.body}))
    assert said == ["Thank you. Your review is in."]
    assert (state.stage, state.mine.stars, state.has_theirs) == ("waiting", "★★★★★", False)
    await act(state, "submit", {"rating": "1", "body": "Another one from a second tab."})
    assert "one review each" in state.problem
    installed.services.reviews.write(operator(made), booking.reference, FAIR)
    await act(state, "open")
    assert (state.stage, state.theirs.paragraphs) == ("revealed", [FAIR.body])


async def test_the_form_is_not_there_for_others(installed: Product, clock: Any) -> None:
    made, booking = travelled(installed, clock)
    for actor, path in (
        (STRANGER, f"/trips/{booking.reference}"),
        (STRANGER, f"/trips/{booking.reference}?key=wrong"),
        (operator(made), f"/trips/{booking.reference}"),
        (Actor(role="agent", source="cognito", user_id=uuid4()), f"/trips/{booking.reference}"),
    ):
        state = page(installed, actor, ReviewFormState, path)
        await act(state, "open")
        assert state.stage == ""
    state = page(installed, STRANGER, ReviewFormState, f"/trips/{booking.reference}")
    await act(state, "submit", {"rating": "5", "body": GOOD.body})
    assert state.problem
    assert installed.one("select count(*) as n from reviews").n == 0


async def test_the_public_reads_what_was_revealed(installed: Product, clock: Any) -> None:
    made, booking = travelled(installed, clock)
    state, guest = guest_page(installed, ReviewsState, f"/packages/{made.slug}")
    installed.services.reviews.write(replace(guest, guest_key="g" * 64), booking.reference, GOOD)
    await act(state, "open")
    assert (state.phase, state.count, state.items) == ("shown", "", [])
    installed.services.reviews.write(operator(made), booking.reference, FAIR)
    await act(state, "open")
    assert (state.count, state.average) == ("1 review", "5.0")
    assert [(bar.count, bar.percent) for bar in state.bars][:2] == [("1", "100%"), ("0", "0%")]
    assert state.items[0].author == "Maja L."
    assert not state.more_there
    await act(state, "more")
    assert len(state.items) == 1
    for path in ("/packages/no-such", "/operators/no-such", "/packages/%00", "/"):
        other, _ = guest_page(installed, ReviewsState, path)
        await act(other, "open")
        assert (other.phase, other.items) == ("shown", [])


async def test_the_operators_desk_reviews_and_answers(installed: Product, clock: Any) -> None:
    made, booking = travelled(installed, clock)
    installed.services.reviews.write(replace(STRANGER, guest_key="g" * 64), booking.reference, GOOD)
    owner = operator(made)
    state = page(installed, owner, ProviderReviewsState, "/provider/reviews?show=review")
    await act(state, "open")
    (row,) = state.rows
    assert (row.stage, row.has_theirs, state.may_edit) == ("open", False, True)
    for junk in HOSTILE:
        for name in ("write", "answer", "send_review", "send_answer"):
            await act(state, name, junk)
    assert (state.writing, state.answering) == ("", "")
    await act(state, "write", row.reference)
    await act(state, "send_review", {"rating": "", "body": "x"})
    assert state.rating_error
    said = words(await act(state, "send_review", {"rating": "4", "body": FAIR.body}))
    assert said == ["Both reviews can be read now."]
    assert state.rows == []  # none is left to review
    state = page(installed, owner, ProviderReviewsState, "/provider/reviews?show=answer&page=x")
    await act(state, "open")
    (row,) = state.rows
    assert (row.may_answer, row.theirs.paragraphs) == (True, [GOOD.body])
    await act(state, "answer", row.theirs.key)
    await act(state, "send_answer", {"reply": " "})
    assert state.body_error
    await act(state, "send_answer", {"reply": "Thank you, Maja."})
    assert state.rows == []
    stranger = operator(replace(made, operator_id=uuid4()))
    other = page(installed, stranger, ProviderReviewsState, "/provider/reviews?page=99999")
    await act(other, "open")
    assert (other.phase, other.rows) == ("shown", [])
    await act(other, "write", booking.reference)
    assert other.writing == ""
