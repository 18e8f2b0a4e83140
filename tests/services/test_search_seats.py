"""Searches with dates: what the index knows for certain, the log, and the claims agree."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.placement import RDS
from ecosystem.domain.ids import uuid7
from ecosystem.domain.search import SearchQuery
from ecosystem.domain.seat_levels import LEVELS, points
from tests.product import Offer, Product
from tests.services.test_search import found, outside, work

DAY_ZERO = date(2000, 1, 1)


def certain(product: Product) -> dict[int, int]:
    """Days from today → the seats that the index takes as certain."""
    row = product.one(
        "select array(select lower(p) from unnest(seats) p) as points from package_index"
    )
    today = (datetime.now(UTC).date() - DAY_ZERO).days
    return {point % 65536 - today: LEVELS[point // 65536 - 1] for point in row.points}


def logged(product: Product) -> int:
    return product.one("select count(*) as n from migration_changes where tbl = 'seat_claims'").n


def sql(product: Product, statement: str, **values: Any) -> None:
    with product.database.unit(RDS) as session:
        session.execute(text(statement), values)


def test_the_database_has_the_same_levels(product: Product) -> None:
    for free in range(-2, 130):
        level = sum(1 for least in LEVELS if least <= free)
        assert product.one("select seat_level(:free) as level", free=free).level == level


@pytest.mark.parametrize(
    ("first", "last", "party", "wanted"),
    [
        (DAY_ZERO, DAY_ZERO, 99, "{[917504,917504]}"),
        (DAY_ZERO + timedelta(9), None, 51, "{[917513,983039]}"),
        (
            DAY_ZERO,
            DAY_ZERO + timedelta(3),
            30,
            "{[786432,786435],[851968,851971],[917504,917507]}",
        ),
        (DAY_ZERO + timedelta(2), DAY_ZERO + timedelta(1), 1, "{}"),
        (date(1900, 1, 1), date(1999, 12, 31), 1, "{}"),
        (date(9999, 1, 1), date(9999, 12, 31), 1, "{}"),
        (date(9999, 1, 1), None, 1, "{}"),
    ],
)
def test_a_window_is_ranges_of_points(
    first: date, last: date | None, party: int, wanted: str
) -> None:
    assert points(first, last, party) == wanted


def claim(product: Product, made: Offer, seats: int, state: str = "held") -> UUID:
    """Seats claimed as the product does it: under the departure's lock. The claim's id."""
    claim_id = uuid7()
    with product.database.unit(RDS) as session:
        session.execute(
            text("select from departures where id = :id for update"), {"id": made.departure_id}
        )
        session.execute(
            text(
                "insert into seat_claims"
                " (id, departure_id, package_id, seats, state, expires_at, adults)"
                " values (:id, :departure, :package, :seats, :state, :expires, 1)"
            ),
            {"id": claim_id, "departure": made.departure_id, "package": made.package_id,
             "seats": seats, "state": state,
             "expires": product.services.clock.now() + timedelta(minutes=30)},
        )  # fmt: skip
    return claim_id


def test_a_claim_that_crosses_a_level_counts_at_once_and_is_then_known(product: Product) -> None:
    made = product.offer(seats=9)
    work(product)
    assert certain(product) == {120: 8}
    first = claim(product, made, 1)
    assert logged(product) == 0, "eight are still left"
    claim(product, made, 3, "sold")
    assert logged(product) == 1
    for _ in ("by the log", "by the index"):
        assert found(product, travellers=5)
        assert not found(product, travellers=6)
        work(product)
    assert (logged(product), certain(product)) == (0, {120: 5})
    sql(product, "update seat_claims set state = 'released' where id = :id", id=first)
    assert found(product, travellers=6)
    work(product)
    assert certain(product) == {120: 6}


def test_seats_that_change_leave_kept_counts_alone(product: Product) -> None:
    made = product.offer(seats=3)
    work(product)
    version = "select number from search_version"
    before = product.one(version).number
    claim(product, made, 2)
    work(product)
    assert certain(product) == {120: 1}
    assert product.one(version).number == before
    outside(product, "update multi_city_hotel_packages set title = 'Another'")
    work(product)
    assert product.one(version).number > before


@pytest.mark.parametrize("control", [False, True], ids=["as it is", "without the log"])
def test_whatever_happens_to_seats_a_search_knows_it(
    product: Product, clock: Any, control: bool
) -> None:
    """Any order of holds, sales, releases, expiry and changes of departures, the index written
    now and then: a trip is found exactly if one adds up seats for the party."""
    if control:
        sql(product, "delete from migration_consumers where tbl in ('seat_claims', 'departures')")
    dice, offers = random.Random(7), [product.offer(seats=seats) for seats in (3, 9, 14)]
    for made in offers:
        product.services.search_index.refresh([made.package_id])
    work(product)
    wrong = 0
    for _ in range(60):
        made = dice.choice(offers)
        what = dice.choice(["hold", "hold", "sell", "release", "expire", "departure", "index"])
        if what in ("hold", "sell"):
            claim(product, made, dice.randint(1, 4), "sold" if what == "sell" else "held")
        elif what == "release":
            sql(product, "update seat_claims set state = 'released' where id = (select id from"
                " seat_claims where departure_id = :id and state <> 'released' limit 1)",
                id=made.departure_id)  # fmt: skip
        elif what == "expire":
            clock.move(minutes=dice.randint(1, 30))
        elif what == "departure":
            sql(product, "update departures set capacity = :seats, status = :status where id = :id",
                id=made.departure_id, seats=dice.randint(0, 20),
                status=dice.choice(["open", "open", "open", "closed"]))  # fmt: skip
        else:
            work(product)
        party = dice.randint(1, 9)
        wrong += found_ids(product, party) != with_seats(product, party)
    assert wrong > 0 if control else wrong == 0


def found_ids(product: Product, party: int) -> set[UUID] | None:
    """What every order finds and the totals count; None if they don't agree."""
    pages = [
        product.services.search.find(SearchQuery(travellers=party, sort=sort))
        for sort in ("relevance", "soonest")
    ]
    narrow = product.services.search.find(
        SearchQuery(travellers=party, country="IT", sort="soonest")
    )
    ids = {card.id for card in pages[0].items}
    agreed = all(
        {card.id for card in page.items} == ids and page.total == len(ids)
        for page in (*pages, narrow)
    )
    return ids if agreed else None


def with_seats(product: Product, party: int) -> set[UUID]:
    with product.database.unit(RDS) as session:
        rows = session.execute(
            text(
                "select d.package_id from departures d where d.status = 'open'"
                " and d.capacity - coalesce((select sum(c.seats) from seat_claims c"
                " where c.departure_id = d.id and (c.state = 'sold' or c.state = 'held'"
                " and c.expires_at > :now)), 0) >= :party"
            ),
            {"party": party, "now": product.services.clock.now()},
        )
        return {row.package_id for row in rows}


def test_the_soonest_with_seats_comes_first_with_and_without_other_filters(
    product: Product,
) -> None:
    late, soon = product.offer(seats=4, starts_in=50), product.offer(seats=2, starts_in=20)
    with product.database.unit(RDS) as session:
        session.execute(
            text(
                "insert into departures (id, package_id, operator_id, starts_on, ends_on, timezone,"
                " capacity, currency) select gen_random_uuid(), package_id, operator_id,"
                " starts_on + 60, ends_on + 60, timezone, 12, currency from departures"
            )
        )
    work(product)

    def order(**query: Any) -> list[UUID]:
        page = product.services.search.find(SearchQuery(sort="soonest", **query))
        return [card.id for card in page.items]

    for more in ({}, {"country": "IT"}, {"q": "rome"}):
        assert order(travellers=2, **more) == [soon.package_id, late.package_id]
        assert order(travellers=3, **more) == [late.package_id, soon.package_id]
    claim(product, late, 3)
    for more in ({}, {"country": "IT"}):
        assert order(travellers=3, **more) == [soon.package_id, late.package_id]
    work(product)
    for more in ({}, {"country": "IT"}):
        assert order(travellers=3, **more) == [soon.package_id, late.package_id]


def test_the_days_of_one_package_are_read_from_an_index_alone(product: Product) -> None:
    product.offer()
    with product.database.unit(RDS) as session:
        session.execute(text("analyze departures"))
        session.execute(text("set local enable_seqscan = off"))
        plan = session.execute(
            text(
                "explain select starts_on from departures d where d.package_id ="
                " '00000000-0000-4000-8000-000000000000' and d.status = 'open'"
                " and d.starts_on >= current_date and d.capacity >= 2 order by d.starts_on limit 1"
            )
        ).scalars()
        assert "departures_package_open_idx" in "\n".join(plan)


def test_a_departure_of_today_is_not_found_by_its_day(product: Product) -> None:
    """Nobody can reserve a seat of it any more; tomorrow's can be reserved."""
    today, tomorrow = product.offer(starts_in=0), product.offer(starts_in=1)
    work(product)
    day = datetime.now(UTC).date()
    found = product.services.search.find(SearchQuery(from_=day, to=day + timedelta(1)))
    assert [card.id for card in found.items] == [tomorrow.package_id]
    alone = product.services.search.find(SearchQuery(from_=day, to=day))
    assert not alone.items
    assert today.package_id in {c.id for c in product.services.search.find(SearchQuery()).items}
