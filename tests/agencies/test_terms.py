"""Which terms hold: by day, by pair, and only for whom they may be."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from ecosystem.database.placement import RDS
from ecosystem.database.queries import agency_contracts
from ecosystem.domain.agency_terms import AgencyTerms, by_package
from ecosystem.domain.ids import uuid7
from ecosystem.domain.money import Money
from tests.agencies.agreed import agency, contract, today, verify
from tests.product import Product

TEN = Decimal(10)


def terms(product: Product, operator_id: UUID, agency_id: UUID, in_days: int = 0) -> AgencyTerms:
    with product.database.unit(RDS) as session:
        return agency_contracts.terms(
            session,
            operator_id=operator_id,
            agency_id=agency_id,
            day=today(product) + timedelta(days=in_days),
            package_percent=TEN,
        )


def test_without_a_contract_the_package_says(product: Product) -> None:
    ann, rival = agency(product).agency_id, agency(product, "Rival").agency_id
    assert ann
    assert rival
    operator = uuid7()
    contract(product, operator, rival, "commission", "20")
    contract(product, uuid7(), ann, "commission", "20")
    assert terms(product, operator, ann) == by_package(TEN)


def test_a_contract_holds_from_its_first_to_its_last_day(product: Product) -> None:
    ann, operator = agency(product).agency_id, uuid7()
    assert ann
    first, last = (today(product) + timedelta(days=days) for days in (2, 5))
    key = contract(
        product,
        operator,
        ann,
        "agency_collects",
        "12.50",
        days=14,
        credit_minor=5_000_00,
        starts_on=first,
        ends_on=last,
        state="ended",
    )
    agreed = AgencyTerms("agency_collects", Decimal("12.50"), 14, Money(500000, "EUR"), key)
    held = [terms(product, operator, ann, day) == agreed for day in range(1, 7)]
    assert held == [False, True, True, True, True, False]


@pytest.mark.parametrize("state", ["offered", "declined", "withdrawn"])
def test_what_was_not_accepted_never_holds(product: Product, state: str) -> None:
    ann, operator = agency(product).agency_id, uuid7()
    assert ann
    contract(product, operator, ann, "commission", "20", state=state)
    assert terms(product, operator, ann) == by_package(TEN)


@pytest.mark.parametrize(
    ("model", "needs"),
    [
        ("commission", False),
        ("net", True),
        ("agency_collects", True),
        ("operator_pays_later", False),
    ],
)
def test_net_prices_are_for_verified_agencies(product: Product, model: str, needs: bool) -> None:
    ann, operator = agency(product, verified=False).agency_id, uuid7()
    assert ann
    contract(product, operator, ann, model, "20")
    assert (terms(product, operator, ann) == by_package(TEN)) is needs
    verify(product, ann)
    assert terms(product, operator, ann).percent == 20
    verify(product, ann, "refused")
    assert (terms(product, operator, ann) == by_package(TEN)) is needs


def test_many_packages_in_one_query(product: Product) -> None:
    ann = agency(product).agency_id
    assert ann
    with_one, without, other = (uuid7() for _ in range(3))
    key = contract(product, with_one, ann, "net", "18")
    contract(product, other, ann, "operator_pays_later", "9", days=30)
    packages = [uuid7() for _ in range(4)]
    asked = dict(
        zip(
            packages,
            [(with_one, TEN), (without, Decimal(7)), (with_one, Decimal(3)), (other, TEN)],
            strict=True,
        )
    )
    with product.database.unit(RDS) as session:
        found = agency_contracts.terms_of_many(session, ann, today(product), asked)
        assert agency_contracts.terms_of_many(session, ann, today(product), {}) == {}
    assert [found[one].percent for one in packages] == [18, 7, 18, 9]
    assert found[packages[0]].contract_id == found[packages[2]].contract_id == key
    assert found[packages[1]] == by_package(Decimal(7))


def test_a_pair_has_one_active_contract_and_one_open_offer(product: Product) -> None:
    ann, rival, operator = agency(product).agency_id, agency(product, "R").agency_id, uuid7()
    assert ann
    assert rival
    for state in ("active", "offered"):
        contract(product, operator, ann, "commission", "20", state=state)
        contract(product, operator, rival, "commission", "20", state=state)
        with pytest.raises(IntegrityError):
            contract(product, operator, ann, "net", "10", state=state)
