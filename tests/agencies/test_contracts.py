"""Contracts: offered, answered, replaced and ended, by those who may, and both are told."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agencies
from ecosystem.domain.actor import Actor
from ecosystem.domain.agency_terms import MODELS, AgencyTerms
from ecosystem.domain.contracts import Contract, worked
from ecosystem.domain.errors import Conflict, EcosystemError, Forbidden, Invalid, NotFound
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from ecosystem.domain.views import PackageCard
from ecosystem.services.agency_contracts import EndForm, OfferForm
from ecosystem.services.forms import parse
from tests.agencies.agreed import agency, contract, today, verify
from tests.agencies.test_terms import terms
from tests.product import GUEST, Product
from tests.services.test_desks import OPS, agent, provider, sell


@pytest.fixture
def operator(product: Product) -> Actor:
    return provider(product.offer(price="1000.00").operator_id)


@pytest.fixture
def owner(product: Product) -> Actor:
    """The owner of an agency, with an address."""
    actor = agency(product)
    assert actor.agency_id is not None
    with product.database.unit(RDS) as session:
        agencies.put_person(session, uuid7(), actor.agency_id, "ann@maple.example", "Ann", "owner")
    return actor


def form(product: Product, of: Actor, **more: Any) -> OfferForm:
    values = {
        "agency_id": str(of.agency_id),
        "model": "commission",
        "percent": "15",
        "starts_on": str(today(product)),
    }
    return parse(OfferForm, values | more)


def offered(product: Product, operator: Actor, of: Actor, **more: Any) -> Contract:
    return product.services.agency_contracts.offer(operator, form(product, of, **more))


def last_day(product: Product, in_days: int) -> EndForm:
    return EndForm(last_day=today(product) + timedelta(days=in_days))


def letters(product: Product) -> list[tuple[str, str]]:
    """Who was told what since the last time."""
    product.work()
    said = [(one.to, one.subject) for one in product.postbox.sent]
    product.postbox.sent.clear()
    return said


def percent(product: Product, operator: Actor, of: Actor, in_days: int = 0) -> Decimal:
    """The agency's percentage on a day; 10 without a contract."""
    assert operator.operator_id
    assert of.agency_id
    return terms(product, operator.operator_id, of.agency_id, in_days).percent


def test_an_offer_holds_once_it_is_accepted(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    made = offered(
        product,
        operator,
        owner,
        model="agency_collects",
        percent="12.5",
        days="14",
        credit={"amount": 500000, "currency": "EUR"},
    )
    assert (made.state, made.terms.days, made.terms.credit) == ("offered", 14, Money(500000, "EUR"))
    assert percent(product, operator, owner) == 10
    assert letters(product) == [("ann@maple.example", "Via Appia Journeys offers you a contract")]
    [seen] = contracts.received(owner)
    assert (seen, seen.operator_name) == (made, "Via Appia Journeys")

    accepted = contracts.accept(owner, made.id)

    assert accepted.standing(today(product)) == "holds"
    assert percent(product, operator, owner) == Decimal("12.5")
    told = letters(product)
    assert [subject for _, subject in told] == [
        "Your contract with Maple Travel is agreed on",
        "Your contract with Via Appia Journeys is agreed on",
    ]
    [line] = contracts.agencies(operator)
    assert (line.name, line.contract, line.offer) == ("Maple Travel", accepted, None)
    said = product.one(
        "select array_agg(action order by id) as said from audit_log"
        " where subject_type = 'contract'"
    )
    assert said.said == ["contract.offered", "contract.accepted"]


def test_another_contract_takes_the_place_of_the_first(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    first = contracts.accept(owner, offered(product, operator, owner).id)
    later = str(today(product) + timedelta(days=10))
    second = offered(product, operator, owner, percent="20", starts_on=later)
    assert percent(product, operator, owner, 10) == 15
    contracts.accept(owner, second.id)
    assert [percent(product, operator, owner, day) for day in (0, 9, 10, 400)] == [15, 15, 20, 20]
    # One that begins before the second ever did: that one never comes to hold.
    contracts.accept(owner, offered(product, operator, owner, percent="30").id)
    assert [percent(product, operator, owner, day) for day in (0, 9, 10, 400)] == [30] * 4
    standing = {one.id: one.standing(today(product)) for one in contracts.received(owner)}
    assert standing[first.id] == "over"
    assert [
        one.terms.percent for one in contracts.received(owner) if one.current(today(product))
    ] == [30]


def test_an_offer_made_anew_withdraws_the_one_that_waits(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    first = offered(product, operator, owner)
    second = offered(product, operator, owner, percent="16")
    for act in (contracts.accept, contracts.decline):
        with pytest.raises(Conflict) as refused:
            act(owner, first.id)
        assert refused.value.code == "contract_answered"
    # Of the first one nobody is told any more: there is a better letter.
    assert [to for to, _ in letters(product)] == ["ann@maple.example"]
    contracts.decline(owner, second.id)
    [(to, subject)] = letters(product)
    assert (to, subject) == (
        f"{str(operator.operator_id)[-12:]}@example.com",
        "Maple Travel has declined your offer",
    )
    third = offered(product, operator, owner)
    contracts.withdraw(operator, third.id)
    with pytest.raises(Conflict):
        contracts.accept(owner, third.id)
    with pytest.raises(Conflict):
        contracts.withdraw(operator, third.id)
    assert percent(product, operator, owner) == 10


def test_either_side_ends_a_contract_and_what_was_sold_stays(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    made = contracts.accept(owner, offered(product, operator, owner).id)
    letters(product)
    for junk in (-1, -400):
        with pytest.raises(Invalid):
            contracts.end(operator, made.id, last_day(product, junk))
    ended = contracts.end(operator, made.id, last_day(product, 30))
    assert ended.standing(today(product)) == "holds"
    assert [percent(product, operator, owner, day) for day in (30, 31)] == [15, 10]
    assert [subject for _, subject in letters(product)] == [
        "Your contract with Maple Travel ends",
        "Via Appia Journeys ends your contract",
    ]
    with pytest.raises(Invalid):
        contracts.end(owner, made.id, last_day(product, 31))
    contracts.end(owner, made.id, last_day(product, 0))
    assert [percent(product, operator, owner, day) for day in (0, 1)] == [15, 10]
    product.clock.move(days=1)
    with pytest.raises(Conflict) as refused:
        contracts.end(owner, made.id, last_day(product, 0))
    assert refused.value.code == "contract_over"


def test_one_that_was_ended_before_it_began_never_holds(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    later = str(today(product) + timedelta(days=10))
    made = contracts.accept(owner, offered(product, operator, owner, starts_on=later).id)
    assert made.standing(today(product)) == "coming"
    contracts.end(owner, made.id, last_day(product, 3))
    assert {percent(product, operator, owner, day) for day in range(20)} == {10}
    assert any("never" in one.text for one in _sent(product))


def _sent(product: Product) -> list[Any]:
    product.work()
    return product.postbox.sent


def test_an_offer_of_days_that_are_over_is_not_accepted(
    product: Product, operator: Actor, owner: Actor
) -> None:
    contracts = product.services.agency_contracts
    made = offered(product, operator, owner, ends_on=str(today(product) + timedelta(days=2)))
    product.clock.move(days=2)
    assert made.standing(today(product)) == "offered"
    product.clock.move(days=1)
    assert made.standing(today(product)) == "lapsed"
    with pytest.raises(Conflict) as refused:
        contracts.accept(owner, made.id)
    assert refused.value.code == "contract_over"


def test_an_offer_accepted_late_begins_then(
    product: Product, operator: Actor, owner: Actor
) -> None:
    made = offered(product, operator, owner)
    product.clock.move(days=5)
    assert product.services.agency_contracts.accept(owner, made.id).starts_on == today(product)


def test_net_prices_wait_until_the_agency_is_verified(product: Product, operator: Actor) -> None:
    contracts = product.services.agency_contracts
    new = agency(product, "New Travel", verified=False)
    assert new.agency_id
    made = offered(product, operator, new, model="net", percent="20")
    with pytest.raises(Conflict) as refused:
        contracts.accept(new, made.id)
    assert refused.value.code == "not_verified"
    verify(product, new.agency_id)
    contracts.accept(new, made.id)
    assert percent(product, operator, new) == 20
    verify(product, new.agency_id, "asked")
    assert percent(product, operator, new) == 10
    assert contracts.received(new)[0].standing(today(product)) == "unverified"


def test_who_may_do_what(product: Product, operator: Actor, owner: Actor) -> None:
    contracts = product.services.agency_contracts
    made = offered(product, operator, owner)
    offer = form(product, owner)
    end = last_day(product, 1)
    for stranger in (GUEST, OPS, owner, replace(operator, operator_role="editor")):
        with pytest.raises(Forbidden):
            contracts.offer(stranger, offer)
        with pytest.raises(Forbidden):
            contracts.withdraw(stranger, made.id)
    for stranger in (GUEST, OPS, owner):
        with pytest.raises(Forbidden):
            contracts.agencies(stranger)
        with pytest.raises(Forbidden):
            contracts.agency(stranger, made.agency_id)
        with pytest.raises(Forbidden):
            contracts.offered(stranger)
        with pytest.raises(Forbidden):
            contracts.example_price(stranger)
    for role in ("agent", "assistant"):
        colleague = replace(owner, agency_role=role)
        for act in (contracts.accept, contracts.decline):
            with pytest.raises(Forbidden):
                act(colleague, made.id)
        with pytest.raises(Forbidden):
            contracts.end(colleague, made.id, end)
    assert contracts.received(replace(owner, agency_role="agent")) == [made]
    for stranger in (GUEST, OPS, operator, replace(owner, agency_role="assistant")):
        with pytest.raises(Forbidden):
            contracts.received(stranger)
    rival, other = agency(product, "Rival"), provider(product.offer().operator_id)
    assert contracts.received(rival) == contracts.offered(other) == []
    for act in (contracts.accept, contracts.decline):
        for key in (made.id, uuid7()):
            with pytest.raises(NotFound):
                act(rival, key)
    contracts.accept(owner, made.id)
    for stranger in (rival, other):
        with pytest.raises(NotFound):
            contracts.end(stranger, made.id, end)
    with pytest.raises(NotFound):
        contracts.withdraw(other, made.id)
    with pytest.raises(NotFound):
        contracts.offer(operator, offer.model_copy(update={"agency_id": uuid7()}))
    with pytest.raises(NotFound):
        contracts.agency(operator, uuid7())
    assert contracts.agency(other, made.agency_id)[1] == []


def test_agencies_that_sell_for_an_operator(product: Product, owner: Actor) -> None:
    contracts = product.services.agency_contracts
    trip = product.offer(price="1000.00", seats=20)
    operator = provider(trip.operator_id)
    sell(product, trip, owner)
    sell(product, trip, owner)
    sell(product, product.offer(price="10.00"), agent(product, "Elsewhere"))
    unpaid = agent(product, "Unpaid")
    product.book(product.hold(trip, actor=unpaid), actor=unpaid)
    [line] = contracts.agencies(operator)
    total = product.one(
        "select sum(total_minor)::bigint as minor from bookings where operator_id = :id"
        " and status = 'confirmed'",
        id=trip.operator_id,
    ).minor
    assert (line.name, line.bookings, line.sold) == ("Maple Travel", 2, (Money(total, "EUR"),))
    assert contracts.agencies(operator, "ls") == []
    assert [one.name for one in contracts.agencies(operator, "ELSE")] == ["Elsewhere"]
    assert contracts.agencies(operator, "%%%") == []
    assert contracts.example_price(operator)[1] == Money(100000, "EUR")


@pytest.mark.parametrize(
    ("wrong", "values"),
    [
        ("model", {"model": "barter"}),
        ("percent", {"percent": "97.01"}),
        ("percent", {"percent": "-1"}),
        ("percent", {"percent": "NaN"}),
        ("percent", {"percent": "7.125"}),
        ("percent", {"percent": ""}),
        ("days", {"days": "366"}),
        ("days", {"days": "soon"}),
        ("credit", {"credit": {"amount": -1, "currency": "EUR"}}),
        ("credit", {"credit": {"amount": 1, "currency": "XXX"}}),
        ("starts_on", {"starts_on": "someday"}),
        ("starts_on", {"starts_on": 7}),
        ("agency_id", {"agency_id": "x"}),
        ("operator_id", {"operator_id": "x"}),
    ],
)
def test_junk_is_refused(wrong: str, values: dict[str, Any]) -> None:
    good = {"agency_id": str(uuid7()), "model": "net", "percent": 5, "starts_on": "2030-01-01"}
    assert parse(OfferForm, good)
    assert str(parse(OfferForm, good | {"percent": "-0"}).percent) == "0"
    with pytest.raises(Invalid) as refused:
        parse(OfferForm, good | values)
    assert {one.field.partition(".")[0] for one in refused.value.fields} == {wrong}


def test_what_does_not_fit_the_model_or_the_calendar_is_refused(
    product: Product, operator: Actor, owner: Actor
) -> None:
    for wrong, values in (
        ("days", {"days": 5}),
        ("days", {"model": "operator_pays_later"}),
        ("credit", {"credit": {"amount": 1, "currency": "EUR"}}),
        ("starts_on", {"starts_on": "2020-01-01"}),
        ("starts_on", {"starts_on": "9999-01-01"}),
        ("ends_on", {"ends_on": "2020-01-01"}),
    ):
        with pytest.raises(Invalid) as refused:
            offered(product, operator, owner, **values)
        assert [one.field for one in refused.value.fields] == [wrong]
    assert product.services.agency_contracts.received(owner) == []


def _at_once(*acts: Any) -> list[object]:
    """What each act came to; all begin together."""
    gate, came = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        try:
            came[number] = acts[number]()
        except EcosystemError as error:
            came[number] = error.code

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_answers_at_once(product: Product, operator: Actor, owner: Actor) -> None:
    """One counts, whichever; and of two offers at once one waits."""
    contracts = product.services.agency_contracts
    _at_once(*(lambda: offered(product, operator, owner) for _ in range(4)))
    waiting = [one for one in contracts.received(owner) if one.state == "offered"]
    assert len(waiting) == 1
    key = waiting[0].id
    came = _at_once(
        lambda: contracts.accept(owner, key),
        lambda: contracts.decline(owner, key),
        lambda: contracts.withdraw(operator, key),
        lambda: contracts.accept(owner, key),
    )
    assert came.count("contract_answered") == 3


@pytest.mark.parametrize("model", MODELS)
def test_the_worked_example_adds_up(model: Any) -> None:
    for minor in (1, 99, 100_000, 123_457):
        for share in ("0", "12.5", "33.33", "97"):
            agreed = AgencyTerms(model, Decimal(share), 14)
            one = worked(UUID(int=1), agreed, Money(minor, "EUR"))
            assert one.agency + one.operator + one.platform == one.client
            assert (one.owed is not None) is (model == "agency_collects")
            assert one.operator.minor >= 0


def test_the_search_says_what_a_contract_earns(
    product: Product, operator: Actor, owner: Actor
) -> None:
    assert operator.operator_id
    assert owner.agency_id
    made = product.offers[-1]
    card = PackageCard(
        id=made.package_id,
        slug=made.slug,
        title="",
        operator_slug="",
        operator_name="",
        cities=(),
        nights=8,
        price_from=Money(100000, "EUR"),
        rating=None,
        bookable=True,
        latitude=None,
        country="IT",
    )
    offers = product.services.agency_offers
    plain = offers.of(owner, [card])[made.package_id]
    assert (plain.model, plain.percent) == ("commission", 10)
    contract(product, operator.operator_id, owner.agency_id, "net", "25")
    agreed = offers.of(owner, [card])[made.package_id]
    assert (agreed.model, agreed.earned) == ("net", Money(25000, "EUR"))
    assert agreed.net == Money(75000, "EUR")
    verify(product, owner.agency_id, "none")
    assert offers.of(owner, [card])[made.package_id] == replace(plain, net=None)
    assert offers.of(replace(owner, agency_role="assistant"), [card]) == {}
