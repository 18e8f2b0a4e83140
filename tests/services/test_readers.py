"""A reader's choices in her account, and the language in which a trip was booked."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.language import speaking
from ecosystem.services.readers import Choices, chosen
from tests.bookings.test_paying import completed
from tests.product import Product


@pytest.fixture
def customer(product: Product) -> Actor:
    """Somebody with a row that can keep choices."""
    actor = Actor(role="customer", source="cognito", user_id=uuid7(), email="ada@example.com")
    with product.database.unit("rds") as session:
        session.execute(
            text("insert into customers (id, email, full_name) values (:id, :email, 'Ada L')"),
            {"id": actor.user_id, "email": actor.email},
        )
    return actor


def test_what_one_browser_chose_another_gets(product: Product, customer: Actor) -> None:
    readers = product.services.readers
    assert readers.meet(customer, Choices()) == Choices()
    readers.choose(customer, language="de", currency=None)
    readers.choose(customer, language=None, currency="USD")
    assert readers.meet(customer, Choices()) == Choices("de", "USD")
    readers.choose(customer, language=None, currency="")
    assert readers.meet(customer, Choices()) == Choices("de", "")


def test_what_a_guest_chose_is_hers_once_she_signs_in(product: Product, customer: Actor) -> None:
    readers = product.services.readers
    assert readers.meet(customer, Choices("de", "")) == Choices("de", "")
    assert readers.meet(customer, Choices()) == Choices("de", "")
    # A browser in which something else was chosen keeps that, and changes nothing elsewhere.
    assert readers.meet(customer, Choices("en", "")) == Choices("en", "")
    assert readers.meet(customer, Choices()) == Choices("de", "")


def test_others_choices_stay_in_their_browser(product: Product, customer: Actor) -> None:
    readers = product.services.readers
    for actor in (GUEST, replace(customer, role="agent"), replace(customer, role="provider")):
        readers.choose(actor, language="de", currency="USD")
        assert readers.meet(actor, Choices()) == Choices()
    assert readers.meet(customer, Choices()) == Choices()


@pytest.mark.parametrize(("language", "currency"), [("xx", None), (None, "XXX"), ("", "EUR")])
def test_only_what_is_on_offer_is_kept(
    product: Product, customer: Actor, language: str | None, currency: str | None
) -> None:
    with pytest.raises(Invalid):
        product.services.readers.choose(customer, language=language, currency=currency)
    assert product.services.readers.meet(customer, Choices()) == Choices()


def test_anything_may_stand_in_a_cookie() -> None:
    assert chosen("de", "USD") == Choices("de", "USD")
    for junk in ("", "<script>", None, 7, ["de"]):
        assert chosen(junk, junk) == Choices()


def test_a_trip_booked_in_german_is_confirmed_in_german(product: Product) -> None:
    with speaking("de"):
        booking = product.book(product.hold(product.offer()))
        with pytest.raises(NotFound, match="Zu dieser Buchungsnummer"):
            product.services.bookings.get(GUEST, "TRV-00000000")
    product.pay(product.session_of(booking))
    assert product.services.inbox.keep(completed(product, product.session_of(booking)))
    product.work()
    [mail] = product.postbox.sent
    assert mail.subject.startswith("Ihre Reise ist gebucht: ")
    assert mail.text.startswith("Guten Tag ")
    assert "2 Personen" in mail.text
    assert "Gesamt: 2.7" in mail.text.replace("\u00a0", " ")
    assert "<div lang='de' dir='ltr'" in mail.html
