"""An operator's profile: what may stand in it, and two people at it at once."""

from typing import Any
from uuid import uuid4

import pytest

from ecosystem.database.placement import ACCOUNTS
from ecosystem.database.queries import catalogue
from ecosystem.domain.actor import GUEST, Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid
from ecosystem.services.forms import parse
from ecosystem.services.operator_profile import ProfileForm
from tests.product import Product

pytestmark = pytest.mark.either_side


def owner(product: Product, role: Any = "owner") -> Actor:
    offer = product.offers[0] if product.offers else product.offer()
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid4(),
        operator_id=offer.operator_id,
        operator_role=role,
    )


def change(product: Product, **values: Any) -> Any:
    actor = owner(product)
    seen = product.services.profiles.show(actor).updated_at
    form = parse(ProfileForm, {"updated_at": seen.isoformat(), **values})
    return product.services.profiles.edit(actor, form)


def test_all_of_it_is_changed_and_shown(product: Product) -> None:
    made = change(
        product,
        name="  Via Appia  Travel ",
        description="We walk.\r\n\r\n*Slowly*.",
        country="pt",
        city="Évora",
        contact_email="Hello@Example.com",
        contact_phone="+351 266 700 000",
        website="www.example.com/en",
        languages=["pt", "en", "pt"],
    )
    assert (made.name, made.country, made.city) == ("Via Appia Travel", "PT", "Évora")
    assert made.description == "We walk.\n\n*Slowly*."
    assert made.contact_email == "hello@example.com"
    assert made.website == "https://www.example.com/en"
    assert made.languages == ("pt", "en")
    assert product.services.profiles.show(owner(product)) == made
    audited = product.one("select data from audit_log where action = 'profile.edited'").data
    assert audited["old"]["name"] == "Via Appia Journeys"


def test_what_is_emptied_is_nothing(product: Product) -> None:
    change(product, contact_phone="+39 06 1234567", website="https://example.com")
    made = change(product, contact_phone="", website="")
    assert (made.contact_phone, made.website) == ("", "")
    with product.database.unit(ACCOUNTS) as session:
        row = catalogue.operator(session, operator_id=made.id)
        assert row is not None
        assert row.contact_phone is None
        assert row.website is None


def test_nothing_new_changes_nothing(product: Product) -> None:
    before = product.services.profiles.show(owner(product))
    assert change(product, name=before.name, languages=list(before.languages)) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x"),
        ("name", "<b>Bold</b>"),
        ("name", "x" * 121),
        ("description", "x" * 10_001),
        ("description", "a\x00b"),
        ("country", "ZZ"),
        ("country", ""),
        ("city", "x" * 101),
        ("city", "<Rome>"),
        ("contact_email", "nobody"),
        ("contact_phone", "call me"),
        ("website", "javascript:alert(1)"),
        ("website", "data:text/html,hi"),
        ("website", "//evil.example"),
        ("website", "https://me:secret@example.com"),
        ("website", "https://exa mple.com"),
        ("website", 'https://example.com/"onload='),
        ("website", "http://127.0.0.1"),
        ("languages", ["klingonish"]),
        ("languages", "en"),
        ("slug", "mine"),
        ("verified", True),
        ("updated_at", "yesterday"),
    ],
)
def test_what_can_not_stand_there(product: Product, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        change(product, **{field: value})
    assert refusal.value.fields[0].field.startswith(field)


def test_a_second_editor_overwrites_nothing(product: Product) -> None:
    actor = owner(product)
    seen = product.services.profiles.show(actor).updated_at.isoformat()
    forms = [parse(ProfileForm, {"updated_at": seen, "city": city}) for city in ("Turin", "Bari")]
    product.services.profiles.edit(actor, forms[0])
    with pytest.raises(Conflict) as refusal:
        product.services.profiles.edit(actor, forms[1])
    assert refusal.value.code == "edited_elsewhere"
    assert product.services.profiles.show(actor).city == "Turin"


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_an_owner_changes_it(product: Product, role: str) -> None:
    actor = owner(product, role)
    seen = product.services.profiles.show(actor).updated_at
    form = parse(ProfileForm, {"updated_at": seen.isoformat(), "city": "Bari"})
    with pytest.raises(Forbidden):
        product.services.profiles.edit(actor, form)
    with pytest.raises(Forbidden):
        product.services.profiles.show(GUEST)
