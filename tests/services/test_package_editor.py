"""Editing a package: nothing is overwritten, everything is in the history, only one's own."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from ecosystem.database.placement import PACKAGE_EXTRAS, PACKAGES
from ecosystem.domain.actor import Actor
from ecosystem.domain.drafts import PackageDraft, content_of, draft_of
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.services.forms import parse
from ecosystem.services.package_editor import DraftForm, PackageEditor
from ecosystem.services.package_editor.slugs import free_slug, slug_of
from tests.product import GUEST, Offer, Product

pytestmark = pytest.mark.either_side


def editor_of(made: Offer, name: str = "Gaia Rossi") -> Actor:
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid7(),
        name=name,
        operator_id=made.operator_id,
        operator_role="editor",
    )


def form(draft: PackageDraft, **fields: Any) -> DraftForm:
    return parse(DraftForm, {"version": draft.version, **fields})


def rows_of(draft: PackageDraft, name: str) -> list[dict[str, Any]]:
    return content_of(draft)[name]


@pytest.fixture
def made(product: Product) -> Offer:
    return product.offer()


@pytest.fixture
def editor(product: Product) -> PackageEditor:
    return product.services.editor


def test_everything_can_be_changed_and_read_back(editor: PackageEditor, made: Offer) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    stays = rows_of(draft, "stays")
    venice = {
        "city": "Venice", "country": "it", "latitude": 45.44, "longitude": 12.33,
        "timezone": "Europe/Rome", "nights": 2, "hotel_stars": 5, "board": "half_board",
        "notes": "By water taxi\r\nfrom the station",
    }  # fmt: skip
    addons = rows_of(draft, "addons")
    saved = editor.save(
        gaia,
        made.package_id,
        form(
            draft,
            title="  Venice,   Florence & Rome ",
            summary="Three cities by rail",
            description="# Slowly\n\n<script>alert(1)</script>",
            price=150050,
            single_supplement=30000,
            child_discount_percent=12.5,
            child_bands=[
                {"from_age": 3, "to_age": 11, "discount_percent": "33.33"},
                {"from_age": 0, "to_age": 2, "discount_percent": 100},
            ],
            occupancy_prices=[{"adults": 2, "price": 150050}, {"adults": 1, "price": 180000}],
            commission_percent="11",
            deposit_percent=None,
            balance_due_days=45,
            policy=[{"days_before": 60, "refund_percent": 90}],
            max_travellers=12,
            tags=["Rail", "slow", "rail"],
            highlights=["The Uffizi, early"],
            stays=[venice, stays[1], stays[0]],
            addons=[addons[1], {"name": "Boat", "price": 2500, "unit": "booking"}],
            exclusions=[{"text": "Flights"}, {"text": "=cmd|' /C calc'!A0"}],
        ),
    )
    assert saved == editor.open(gaia, made.package_id)
    assert saved.version == draft.version + 1
    assert saved.title == "Venice, Florence & Rome"
    assert saved.description == "# Slowly\n\n<script>alert(1)</script>"
    assert (saved.base_price.minor, saved.nights, saved.deposit_percent) == (150050, 10, None)
    assert [stay.city for stay in saved.stays] == ["Venice", "Florence", "Rome"]
    assert saved.stays[0].notes == "By water taxi\nfrom the station"
    assert [str(stay.id) for stay in saved.stays[1:]] == [stays[1]["id"], stays[0]["id"]]
    assert str(saved.addons[0].id) == addons[1]["id"]
    assert [(a.name, a.price.minor) for a in saved.addons][1] == ("Boat", 2500)
    assert [band.from_age for band in saved.child_bands] == [0, 3]
    assert saved.child_bands[1].discount_percent == Decimal("33.33")
    assert [(row.adults, row.price.minor) for row in saved.occupancy_prices] == [
        (1, 180000), (2, 150050)
    ]  # fmt: skip
    assert saved.tags == ("rail", "slow")
    assert saved.exclusions[1].text == "=cmd|' /C calc'!A0"
    assert draft_of(
        saved.id, content_of(saved), version=saved.version, updated_at=saved.updated_at,
        lacks=saved.lacks, slug_fixed=saved.slug_fixed, currency_fixed=saved.currency_fixed,
    ) == saved  # fmt: skip


def test_a_form_without_changes_makes_no_version(editor: PackageEditor, made: Offer) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    again = editor.save(gaia, made.package_id, form(draft, **_whole(draft)))
    assert again.version == draft.version
    with pytest.raises(Invalid):
        editor.save(gaia, made.package_id, form(draft))


def _whole(draft: PackageDraft) -> dict[str, Any]:
    return {name: value for name, value in content_of(draft).items() if name != "status"}


def test_a_second_editor_overwrites_nothing(editor: PackageEditor, made: Offer) -> None:
    gaia, marco = editor_of(made), editor_of(made, "Marco Neri")
    draft = editor.open(gaia, made.package_id)
    first = editor.save(gaia, made.package_id, form(draft, title="By Gaia", exclusions=[]))
    with pytest.raises(Conflict) as refused:
        editor.save(marco, made.package_id, form(draft, exclusions=[{"text": "By Marco"}]))
    assert refused.value.code == "edited_elsewhere"
    assert refused.value.data == {
        "version": first.version, "who": "Gaia Rossi", "changed": ["title"]
    }  # fmt: skip
    assert editor.open(marco, made.package_id) == first


def test_a_save_sent_twice_is_done_once(editor: PackageEditor, made: Offer) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    change = form(draft, title="Sent twice", exclusions=[{"text": "Flights"}])
    first = editor.save(gaia, made.package_id, change)
    assert editor.save(gaia, made.package_id, change) == first
    with pytest.raises(Conflict):
        editor.save(editor_of(made, "Marco Neri"), made.package_id, change)
    with pytest.raises(Conflict):
        editor.save(gaia, made.package_id, form(draft, title="Another"))


def test_history_says_who_changed_what_and_brings_it_back(
    editor: PackageEditor, made: Offer, clock: Any
) -> None:
    gaia, marco = editor_of(made), editor_of(made, "Marco Neri")
    draft = editor.open(gaia, made.package_id)
    one = editor.save(gaia, made.package_id, form(draft, title="First title"))
    clock.move(minutes=1)
    two = editor.save(gaia, made.package_id, form(one, title="Second title", price=99900))
    three = editor.save(marco, made.package_id, form(two, addons=[], price=88800))

    lines = editor.history(gaia, made.package_id)
    assert [(line.who, line.action, line.current) for line in lines] == [
        ("Marco Neri", "edited", True),
        ("Gaia Rossi", "edited", False),
        ("outside this desk", "first_seen", False),
    ]
    assert [(c.label, c.was, c.now) for c in lines[1].changes] == [
        ("Title", "Rome, Florence & Venice by rail", "Second title"),
        ("Price per adult", "EUR 1,340.00", "EUR 999.00"),
    ]
    assert [c.field for c in lines[0].changes] == ["price", "addons"]
    assert editor.version(gaia, made.package_id, one.version).title == "First title"

    back = editor.restore(marco, made.package_id, two.version, three.version)
    assert content_of(back) == content_of(two)
    assert back.version == three.version + 1
    assert editor.history(gaia, made.package_id)[0].action == "restored"
    with pytest.raises(NotFound):
        editor.restore(marco, made.package_id, 99, back.version)
    with pytest.raises(Conflict):
        editor.restore(gaia, made.package_id, one.version, three.version)


def test_what_the_legacy_system_writes_is_noticed(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    with product.database.unit(PACKAGE_EXTRAS) as session:
        session.execute(
            text("update multi_city_hotel_package_addons set price = 77 where id = :id"),
            {"id": made.optional_addon},
        )
    with pytest.raises(Conflict) as refused:
        editor.save(gaia, made.package_id, form(draft, title="Not over it"))
    assert refused.value.data["changed"] == ["addons"]
    now = editor.open(gaia, made.package_id)
    assert now.version == draft.version + 1
    assert [addon.price.minor for addon in now.addons] == [1200, 7700]
    line = editor.history(gaia, made.package_id)[0]
    assert (line.who, line.action) == ("outside this desk", "outside")
    with product.database.unit(PACKAGES) as session:
        session.execute(
            text("update multi_city_hotel_packages set title = 'By hand' where id = :id"),
            {"id": made.package_id},
        )
        session.execute(
            text("delete from multi_city_hotel_package_cities where package_id = :id"
                 " and position = 2"),
            {"id": made.package_id},
        )  # fmt: skip
    assert editor.open(gaia, made.package_id).title == "By hand"
    changes = editor.history(gaia, made.package_id)[0].changes
    assert [change.field for change in changes] == ["title", "stays"]


def test_an_operators_packages_are_nobody_elses(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    draft = editor.open(editor_of(made), made.package_id)
    rival = editor_of(product.offer())
    number = draft.version
    acts: list[Any] = [
        lambda who: editor.open(who, made.package_id),
        lambda who: editor.save(who, made.package_id, form(draft, title="Mine now")),
        lambda who: editor.duplicate(who, made.package_id),
        lambda who: editor.publish(who, made.package_id, number),
        lambda who: editor.archive(who, made.package_id, number),
        lambda who: editor.back_to_draft(who, made.package_id, number),
        lambda who: editor.delete(who, made.package_id),
        lambda who: editor.history(who, made.package_id),
        lambda who: editor.version(who, made.package_id, number),
        lambda who: editor.restore(who, made.package_id, number, number),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act(rival)
        with pytest.raises(Forbidden):
            act(GUEST)
    viewer = replace(editor_of(made), operator_role="viewer")
    for act in acts[1:7] + acts[9:]:
        with pytest.raises(Forbidden):
            act(viewer)
    assert editor.open(viewer, made.package_id) == draft


def test_a_row_of_another_package_is_not_taken_over(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    other = product.offer()
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    stolen = {"id": str(other.optional_addon), "name": "Stolen", "price": 1}
    with pytest.raises(Invalid) as refused:
        editor.save(gaia, made.package_id, form(draft, addons=[stolen]))
    assert [item.field for item in refused.value.fields] == ["addons.0.id"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": "abc"}, "title"),
    ({"title": "x\x00yz text"}, "title"),
    ({"price": 0}, "price"),
    ({"price": 12.5}, "price"),
    ({"price": True}, "price"),
    ({"price": 10**12}, "price"),
    ({"currency": "ABC"}, "currency"),
    ({"currency": "USD"}, "currency"),
    ({"slug": "another-one"}, "slug"),
    ({"slug": "../x"}, "slug"),
    ({"commission_percent": 61}, "commission_percent"),
    ({"commission_percent": "NaN"}, "commission_percent"),
    ({"child_discount_percent": -1}, "child_discount_percent"),
    ({"deposit_percent": 100}, "deposit_percent"),
    ({"max_travellers": 0}, "max_travellers"),
    ({"policy": [{"days_before": 10, "refund_percent": 50}] * 2}, "policy"),
    ({"policy": [{"days_before": 10, "refund_percent": 50},
                 {"days_before": 5, "refund_percent": 80}]}, "policy"),
    ({"policy": [{"days_before": 10, "refund_percent": 101}]}, "policy.0.refund_percent"),
    ({"child_bands": [{"from_age": 5, "to_age": 3, "discount_percent": 1}]}, "child_bands"),
    ({"occupancy_prices": [{"adults": 5, "price": 1}]}, "occupancy_prices.0.adults"),
    ({"stays": []}, "cities"),
    ({"stays": [{"city": "", "country": "IT", "latitude": 0, "longitude": 0,
                 "timezone": "Europe/Rome", "nights": 1}]}, "stays.0.city"),
    ({"stays": [{"city": "Rome", "country": "ZZ", "latitude": 0, "longitude": 0,
                 "timezone": "Europe/Rome", "nights": 1}]}, "stays.0.country"),
    ({"stays": [{"city": "Rome", "country": "IT", "latitude": 91, "longitude": 0,
                 "timezone": "Europe/Rome", "nights": 61}]}, "stays.0.latitude"),
    ({"stays": [{"city": "Rome", "country": "IT", "latitude": 1, "longitude": 0,
                 "timezone": "Rome", "nights": 1}]}, "stays.0.timezone"),
    ({"addons": [{"name": "x", "price": -1}]}, "addons.0.price"),
    ({"addons": [{"name": "x", "price": 1, "unit": "hour"}]}, "addons.0.unit"),
    ({"exclusions": [{"text": "a" * 301}]}, "exclusions.0.text"),
    ({"status": "published"}, "status"),
    ({"rating": 5}, "rating"),
]  # fmt: skip


def test_wrong_values_are_named_and_nothing_changes(editor: PackageEditor, made: Offer) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    for fields, named in WRONG:
        with pytest.raises(EcosystemError) as refused:
            editor.save(gaia, made.package_id, form(draft, **fields))
        assert named in [item.field for item in refused.value.fields], fields
    assert editor.open(gaia, made.package_id) == draft


def test_a_new_package_from_nothing_to_the_public(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    gaia = editor_of(made)
    draft = editor.create(gaia, "Łódź & Kraków", "pln")
    assert (draft.slug, draft.status, draft.currency) == ("lodz-krakow", "draft", "PLN")
    assert [item.field for item in draft.lacks] == ["cities", "price", "policy", "departures"]
    assert editor.create(gaia, "Łódź & Kraków", "PLN").slug == "lodz-krakow-2"
    with pytest.raises(Invalid) as refused:
        editor.publish(gaia, draft.id, draft.version)
    assert refused.value.code == "not_ready"
    yen = editor.save(gaia, draft.id, form(draft, slug="krakow", price=500000))
    yen = editor.save(gaia, draft.id, form(yen, currency="JPY"))
    assert (yen.slug, yen.base_price.minor, yen.base_price.currency) == ("krakow", 5000, "JPY")
    with pytest.raises(Conflict) as taken:
        editor.save(gaia, draft.id, form(yen, slug=made.slug))
    assert taken.value.code == "slug_taken"
    assert editor.open(gaia, draft.id) == yen
    editor.delete(gaia, draft.id)
    with pytest.raises(NotFound):
        editor.open(gaia, draft.id)


def test_a_copy_is_a_draft_of_its_own(editor: PackageEditor, made: Offer) -> None:
    gaia = editor_of(made)
    draft = editor.open(gaia, made.package_id)
    copy = editor.duplicate(gaia, made.package_id)
    assert (copy.status, copy.title) == ("draft", f"Copy of {draft.title}")
    assert copy.slug != draft.slug
    assert [stay.city for stay in copy.stays] == ["Rome", "Florence"]
    assert not {row.id for row in draft.addons} & {row.id for row in copy.addons}
    assert copy.nights == 8


def test_only_a_draft_that_sold_nothing_is_deleted(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    gaia = editor_of(made)
    product.hold(made)
    draft = editor.open(gaia, made.package_id)
    with pytest.raises(Conflict) as refused:
        editor.delete(gaia, made.package_id)
    assert refused.value.code == "not_a_draft"
    editor.back_to_draft(gaia, made.package_id, draft.version)
    with pytest.raises(Conflict) as refused:
        editor.delete(gaia, made.package_id)
    assert refused.value.code == "was_sold"


def test_bookings_keep_what_they_were_made_with(
    product: Product, editor: PackageEditor, made: Offer
) -> None:
    gaia = editor_of(made)
    booking = product.book(product.hold(made))
    draft = editor.open(gaia, made.package_id)
    editor.save(gaia, made.package_id, form(draft, title="Another title", price=1, policy=[
        {"days_before": 1, "refund_percent": 1}]))  # fmt: skip
    after = product.services.bookings.get(GUEST, booking.reference)
    assert (after.package_title, after.total, after.cancellation) == (
        booking.package_title, booking.total, booking.cancellation,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Rome, Florence & Venice", "rome-florence-venice"),
        ("São Paulo — Straße", "sao-paulo-strasse"),
        ("  A  b  c ", "a-b-c"),
        ("x" * 200, "trip-"),
        ("東京と京都", "trip-"),
    ],
)
def test_addresses_are_made_of_titles(title: str, slug: str) -> None:
    assert slug_of(title).startswith(slug)


def test_a_free_address_is_found() -> None:
    taken = {"rome", *(f"rome-{n}" for n in range(2, 100))}
    assert free_slug("Rome", {"rome"}) == "rome-2"
    assert free_slug("Rome", taken) not in taken
