"""What desks show: sums by currency, only one's own, and a payout account made once."""

from dataclasses import replace
from uuid import UUID

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.tables import Agency
from ecosystem.domain.actor import Actor
from ecosystem.domain.errors import Conflict, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.services.operator_desk import typed_price
from tests.product import GUEST, Offer, Product

pytestmark = pytest.mark.either_side

OPS = Actor(role="ops", source="cognito", user_id=uuid7())


def provider(operator_id: UUID) -> Actor:
    return Actor(
        role="provider",
        source="supabase",
        user_id=uuid7(),
        operator_id=operator_id,
        operator_role="owner",
    )


def agent(product: Product, name: str = "Maple Travel") -> Actor:
    agency = Agency(slug=name.lower().replace(" ", "-"), name=name, country="IE", currency="EUR")
    with product.database.unit(RDS) as session:
        session.add(agency)
    return Actor(
        role="agent",
        source="cognito",
        user_id=uuid7(),
        agency_id=agency.id,
        agency_role="agent",
        name="Ann",
    )


def sell(product: Product, made: Offer, actor: Actor) -> str:
    hold = product.hold(made, actor=actor)
    booking = product.book(hold, actor=actor)
    session = product.session_of(booking)
    product.pay(session)
    product.services.payments.settle(session)
    return booking.reference


def test_an_agency_sees_its_own_month_and_no_other(product: Product) -> None:
    desk = product.services.agency_desk
    ann, rival = agent(product), agent(product, "Rival Tours")
    made = product.offer(price="1000.00")
    sell(product, made, ann)
    sell(product, product.offer(price="10.00"), rival)

    today = desk.today(ann)

    total = product.services.bookings.rows(ann).items[0]
    assert [(s.bookings, s.total, s.share) for s in today.sold] == [
        (1, total.total, total.commission)
    ]
    assert total.commission is not None
    assert total.commission.minor > 0
    assert today.travel.upcoming_bookings == 1
    assert today.travel.upcoming_people == 2
    assert today.travel.now_bookings == 0
    assert [m.total.minor for m in today.months] == [0] * 11 + [total.total.minor]


def test_what_waits_for_an_agent(product: Product) -> None:
    ann = agent(product)
    made = product.offer()
    booking = product.book(product.hold(made, actor=ann), actor=ann)

    today = product.services.agency_desk.today(ann)

    assert [line.reference for line in today.waiting] == [booking.reference]
    assert today.waiting[0].held_until == booking.held_until
    assert today.sold == ()
    assert today.months == ()


def test_each_desk_is_for_its_own_people(product: Product) -> None:
    made = product.offer()
    ann = agent(product)
    operator = provider(made.operator_id)
    services = product.services
    for stranger in (GUEST, operator, OPS, replace(ann, agency_id=None)):
        with pytest.raises(Forbidden):
            services.agency_desk.today(stranger)
    for stranger in (GUEST, ann, OPS, replace(operator, operator_id=None)):
        with pytest.raises(Forbidden):
            services.overview.of(stranger)
    for stranger in (GUEST, OPS, replace(operator, operator_id=None), replace(ann, agency_id=None)):
        for act in (services.payouts.status, services.payouts.set_up, services.payouts.dashboard):
            with pytest.raises(Forbidden):
                act(stranger)
    for stranger in (GUEST, ann, operator):
        with pytest.raises(Forbidden):
            services.ops_desk.pulse(stranger)


def test_an_operator_sees_sales_and_departures(product: Product) -> None:
    made = product.offer(price="1000.00", starts_in=10)
    sell(product, made, GUEST)
    product.offer(starts_in=3)

    overview = product.services.overview.of(provider(made.operator_id))

    assert [s.bookings for s in overview.sold] == [1]
    share = overview.sold[0].share
    assert share is not None
    assert share < overview.sold[0].total
    assert overview.travel.soon_people == 2
    assert [(d.package_id, d.sold) for d in overview.departures] == [(made.package_id, 2)]
    assert overview.payouts_active


def test_a_package_is_archived_and_published_again(product: Product) -> None:
    made = product.offer()
    operator = provider(made.operator_id)
    desk = product.services.editor
    before = desk.open(operator, made.package_id)

    archived = desk.archive(operator, made.package_id, before.version)
    assert archived.status == "archived"
    with pytest.raises(Conflict) as stale:
        desk.publish(operator, made.package_id, before.version)
    assert stale.value.code == "edited_elsewhere"
    assert desk.open(operator, made.package_id).status == "archived"
    assert desk.publish(operator, made.package_id, archived.version).status == "published"

    stranger = provider(product.offer().operator_id)
    for act in (desk.archive, desk.publish):
        with pytest.raises(NotFound):
            act(stranger, made.package_id, archived.version + 1)
    rows = product.one(
        "select array_agg(action order by id) as actions from audit_log where subject_id = :id",
        id=str(made.package_id),
    )
    assert rows.actions == ["package.archived", "package.published"]


def test_publishing_names_what_is_missing(product: Product) -> None:
    made = product.offer(starts_in=-5, cancellation_policy=[])
    operator = provider(made.operator_id)
    desk = product.services.editor
    version = desk.open(operator, made.package_id).version
    with pytest.raises(Invalid) as refused:
        desk.publish(operator, made.package_id, version)
    assert refused.value.code == "not_ready"
    assert {"departures", "policy"} <= {item.field for item in refused.value.fields}


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1299", "EUR", 129900),
        ("1,299.50", "EUR", 129950),
        (" EUR 1299.5 ", "EUR", 129950),
        ("1299.500", "EUR", 129950),
        ("129900", "JPY", 129900),
        ("12.345", "KWD", 12345),
    ],
)
def test_prices_as_typed(typed: str, currency: str, minor: int) -> None:
    assert typed_price(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "EUR"), ("free", "EUR"), ("-5", "EUR"), ("0", "EUR"), ("12.345", "EUR"),
        ("1299,50", "EUR"), ("12,99.00", "EUR"), ("10.5", "JPY"), ("1e5", "EUR"),
        ("\u0661\u0662", "EUR"), ("9" * 40, "EUR"), ("NaN", "EUR"),
    ],
)  # fmt: skip
def test_prices_that_are_none(typed: str, currency: str) -> None:
    with pytest.raises(Invalid) as refused:
        typed_price(typed, currency)
    assert refused.value.fields[0].field == "price"


def test_a_price_that_no_trip_has_is_refused_in_its_own_currency() -> None:
    with pytest.raises(Invalid) as refused:
        typed_price("99,999,999,999", "EUR")
    assert refused.value.fields[0].message == "The price can be at most EUR 1,000,000,000."


def test_payouts_are_set_up_once(product: Product) -> None:
    made = product.offer(payable=False)
    operator = provider(made.operator_id)
    payouts = product.services.payouts

    assert payouts.status(operator).state == "none"
    first, second = payouts.set_up(operator), payouts.set_up(operator)

    assert first.startswith("http")
    assert first != second  # each link is good for one visit, the account is the same
    row = product.one("select count(*) as n, max(stripe_account_id) as id from payout_accounts")
    assert (row.n, row.id.startswith("acct_")) == (1, True)
    assert payouts.status(operator).state == "incomplete"
    assert not product.services.catalogue.package(made.package_id).bookable


def test_a_crash_between_stripe_and_our_commit_makes_no_second_account(product: Product) -> None:
    made = product.offer(payable=False)
    operator = provider(made.operator_id)
    product.services.payouts.set_up(operator)
    before = product.one("select stripe_account_id as id from payout_accounts").id
    with product.database.unit(RDS) as session:
        session.connection().exec_driver_sql("update payout_accounts set stripe_account_id = null")
    product.services.payouts.set_up(operator)
    assert product.one("select stripe_account_id as id from payout_accounts").id == before


def test_currencies_are_never_added(product: Product) -> None:
    ann = agent(product)
    sell(product, product.offer(price="100.00"), ann)
    sell(product, product.offer(price="5000.00", currency="USD"), ann)
    sold = product.services.agency_desk.today(ann).sold
    assert [s.total.currency for s in sold] == ["USD", "EUR"]
    assert all(isinstance(s.total, Money) and s.bookings == 1 for s in sold)
