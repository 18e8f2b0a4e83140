"""Saved and seen trips: whose they are, and that none is lost when a guest signs in."""

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGES, RDS
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Invalid, NotFound
from ecosystem.services import saved as service
from tests.product import GUEST, Offer, Product

CUSTOMER = Actor(role="customer", source="cognito", user_id=uuid4(), guest_key=GUEST.guest_key)
ELSEWHERE = replace(CUSTOMER, guest_key="e" * 64)
STRANGER = replace(GUEST, guest_key="s" * 64)


def offers(product: Product, number: int) -> list[Offer]:
    """Packages that the public can find."""
    made = [product.offer() for _ in range(number)]
    indexed(product)
    return made


def indexed(product: Product) -> None:
    while product.services.search_index.step():
        continue


def archive(product: Product, made: Offer) -> None:
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text("update multi_city_hotel_packages set status = 'archived' where id = :id"),
            {"id": made.package_id},
        )
    indexed(product)


def ids(product: Product, actor: Actor) -> list[UUID]:
    return product.services.saved.ids(actor)


def test_a_trip_is_saved_once_and_found_newest_first(product: Product, clock: Any) -> None:
    one, two = offers(product, 2)
    saved = product.services.saved
    for made in (one, two, one):
        saved.save(GUEST, made.package_id)
        clock.move(seconds=1)
    assert ids(product, GUEST) == [two.package_id, one.package_id]
    cards, ended = saved.cards(GUEST)
    assert [card.slug for card in cards] == [two.slug, one.slug]
    assert ended == 0
    assert all(card.bookable and card.next_seats_left == 10 for card in cards)
    assert ids(product, STRANGER) == []
    assert saved.cards(STRANGER) == ((), 0)


def test_a_removed_trip_comes_back_to_its_place(product: Product, clock: Any) -> None:
    one, two = offers(product, 2)
    saved = product.services.saved
    for made in (one, two):
        saved.save(GUEST, made.package_id)
        clock.move(seconds=1)
    at = saved.remove(GUEST, one.package_id)
    assert at is not None
    assert saved.remove(GUEST, one.package_id) is None
    assert saved.remove(STRANGER, two.package_id) is None
    saved.save(GUEST, one.package_id, at=at)
    assert ids(product, GUEST) == [two.package_id, one.package_id]


def test_what_a_guest_saved_and_saw_is_hers_after_signing_in(product: Product, clock: Any) -> None:
    one, two, three = offers(product, 3)
    saved = product.services.saved
    saved.save(ELSEWHERE, one.package_id)  # on another browser, before
    clock.move(seconds=1)
    for made in (one, two):
        saved.save(GUEST, made.package_id)
        saved.saw(GUEST, made.package_id)
        clock.move(seconds=1)
    saved.saw(ELSEWHERE, three.package_id)
    assert ids(product, CUSTOMER) == [two.package_id, one.package_id]
    assert ids(product, ELSEWHERE) == [two.package_id, one.package_id]
    seen = [card.slug for card in saved.seen(CUSTOMER)]
    assert seen == [three.slug, two.slug, one.slug]
    # Nothing stays behind for the next person at this browser.
    assert ids(product, GUEST) == []
    assert saved.seen(GUEST) == ()
    assert ids(product, replace(CUSTOMER, user_id=uuid4())) == []


def test_signing_in_in_two_tabs_at_once_loses_nothing(product: Product) -> None:
    made = offers(product, 3)
    for one in made:
        product.services.saved.save(GUEST, one.package_id)
    found: list[list[UUID]] = []
    barrier = threading.Barrier(4)

    def read() -> None:
        barrier.wait()
        found.append(ids(product, CUSTOMER))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(ids(product, CUSTOMER)) == {one.package_id for one in made}
    assert product.one("select count(*) as n from saved_packages").n == 3


def test_what_is_not_offered_is_not_saved_and_not_shown(product: Product) -> None:
    one, two = offers(product, 2)
    saved = product.services.saved
    for unknown in (uuid4(), one.operator_id):
        with pytest.raises(NotFound):
            saved.save(GUEST, unknown)
        saved.saw(GUEST, unknown)
    saved.save(GUEST, one.package_id)
    saved.save(GUEST, two.package_id)
    saved.saw(GUEST, one.package_id)
    archive(product, one)
    cards, ended = saved.cards(GUEST)
    assert ([card.slug for card in cards], ended) == ([two.slug], 1)
    assert saved.seen(GUEST) == ()
    with pytest.raises(NotFound):
        saved.save(STRANGER, one.package_id)
    assert saved.forget_ended(GUEST) == 1
    assert ids(product, GUEST) == [two.package_id]


def test_who_can_not_be_remembered_is_told(product: Product) -> None:
    (made,) = offers(product, 1)
    nobody = Actor(role="guest", source="guest")
    with pytest.raises(Invalid, match="cookies"):
        product.services.saved.save(nobody, made.package_id)
    product.services.saved.saw(nobody, made.package_id)
    assert ids(product, nobody) == []
    assert product.services.saved.remove(nobody, made.package_id) is None
    assert product.services.saved.seen(nobody) == ()
    assert product.one("select count(*) as n from seen_packages").n == 0


def test_there_is_a_most_of_each(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SAVED", 2)
    monkeypatch.setattr(service, "MOST_SEEN", 2)
    made = offers(product, 3)
    for one in made:
        product.services.saved.saw(GUEST, one.package_id)
    seen = [card.slug for card in product.services.saved.seen(GUEST)]
    assert seen == [made[2].slug, made[1].slug]
    for one in made[:2]:
        product.services.saved.save(GUEST, one.package_id)
    with pytest.raises(Conflict) as refused:
        product.services.saved.save(GUEST, made[2].package_id)
    assert refused.value.code == "too_many_saved"
    assert len(ids(product, GUEST)) == 2


def test_a_guest_is_forgotten_after_the_cookie_and_a_customer_is_not(
    product: Product, clock: Any
) -> None:
    (made,) = offers(product, 1)
    for actor in (GUEST, ELSEWHERE):
        product.services.saved.save(actor, made.package_id)
        product.services.saved.saw(actor, made.package_id)
    assert product.services.saved.tidy() == 0
    clock.move(days=201)
    assert product.services.saved.tidy() == 2
    with product.database.unit(RDS) as session:
        holders = session.execute(text("select distinct holder from saved_packages")).scalars()
        assert list(holders) == [ELSEWHERE.holder]
