"""A trip's page beneath its looks: the calendar, ages, what is not a number, trips like it."""

import threading
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.domain.language import speaking
from ecosystem.domain.money import Money
from ecosystem.domain.views import DepartureView
from ecosystem.state import packages
from ecosystem.state.departure_calendar import calendar_month, turned, week_days
from ecosystem.state.operators import web_address
from ecosystem.state.package_view import package_page
from ecosystem.state.packages import PackageState
from tests.product import Product
from tests.state.test_storefront import act, guest_page, target

pytestmark = pytest.mark.anyio

BANDS = [
    {"from_age": 0, "to_age": 1, "discount_percent": 100},
    {"from_age": 2, "to_age": 11, "discount_percent": 50},
]


def departure(day: str, left: int = 12, minor: int = 134_000, **more: Any) -> DepartureView:
    starts_on = date.fromisoformat(day)
    values: dict[str, Any] = {
        "id": UUID(int=starts_on.toordinal()),
        "package_id": UUID(int=1),
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=8),
        "capacity": 20,
        "seats_left": left,
        "price": Money(minor, "EUR"),
        "status": "open" if left else "sold_out",
    }
    return DepartureView(**(values | more))


def test_a_month_shows_what_is_true_of_each_day() -> None:
    rows = (
        departure("2027-05-07", left=3),
        departure("2027-05-14"),
        departure("2027-05-21", left=0),
        departure("2027-05-28", status="closed"),
        departure("2027-07-02"),
    )
    month = calendar_month(date(2027, 5, 1), rows)
    assert (month.title, month.earlier, month.later) == ("May 2027", False, True)
    # 1 May 2027 is a Saturday; the week begins on Monday here.
    assert [day.number for day in month.days[:6]] == ["", "", "", "", "", "1"]
    assert len(month.days) == 5 + 31
    assert len({day.key for day in month.days}) == len(month.days)
    leaving = {day.number: day for day in month.days if day.departure}
    assert [(n, d.note, d.open, d.few) for n, d in leaving.items()] == [
        ("7", "3 left", True, True),
        ("14", "", True, False),
        ("21", "sold out", False, False),
        ("28", "closed", False, False),
    ]
    assert leaving["7"].label == "Friday, 7 May 2027, €1,340 per adult, 3 left"
    assert leaving["14"].label.endswith("12 seats left")
    assert leaving["14"].price == "1,340"
    assert calendar_month(date(2027, 7, 1), rows).later is False


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(134_050, "EUR", "1,340"), (180_000, "JPY", "180K"), (1_234_500, "KWD", "1,234"),
     (150_000_000, "EUR", "1.5M")],
    ids=["EUR", "JPY", "KWD", "millions"],
)  # fmt: skip
def test_a_price_fits_the_cell(minor: int, currency: str, shown: str) -> None:
    row = departure("2027-05-07", price=Money(minor, currency))
    (day,) = [d for d in calendar_month(date(2027, 5, 1), (row,)).days if d.departure]
    assert day.price == shown


def test_months_turn_over_the_year_and_weeks_begin_where_the_reader_expects() -> None:
    assert turned(date(2027, 12, 1), 1) == date(2028, 1, 1)
    assert turned(date(2027, 1, 1), -1) == date(2026, 12, 1)
    assert week_days()[0].startswith("Mo")
    with speaking("de"):
        assert week_days()[0].startswith("Mo")
        assert calendar_month(date(2027, 5, 1), (departure("2027-05-07"),)).title == "Mai 2027"


async def test_ages_are_asked_when_the_price_depends_on_them(installed: Product) -> None:
    made = installed.offer(child_bands=BANDS)
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=2")
    await act(state, "open")
    assert state.view.asks_ages
    await act(state, "set_children", "2")
    assert state.ages == ["", ""]
    assert any("ages not given" in line.label for line in state.lines)
    unknown = state.total
    await act(state, "set_age", 0, "1")
    assert state.total == unknown, "one age alone says nothing of the other child"
    await act(state, "set_age", 1, "7")
    assert state.total != unknown
    assert [line.label.partition(" ×")[0] for line in state.lines[1:3]] == [
        "1 child of 0–1",
        "1 child of 2–11",
    ]
    for child, age in ((2, "3"), (-1, "3"), ("0", "3"), (0, "18"), (0, "x"), (0, None), (0, "٣")):
        await act(state, "set_age", child, age)
    assert state.ages == ["1", "7"]
    path = target(await act(state, "reserve"))
    claim = installed.one("select child_ages from seat_claims where id = :id", id=path[10:])
    assert claim.child_ages == [1, 7]
    await act(state, "set_children", "1")
    assert state.ages == ["1"]
    plain, _ = guest_page(installed, PackageState, f"/packages/{installed.offer().slug}")
    await act(plain, "open")
    await act(plain, "set_children", "1")
    assert plain.ages == []


async def test_a_description_is_made_into_html_in_a_thread_and_only_where_it_is_shown(
    installed: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, threads = installed.offer(), []

    def to_html(text: str) -> str:
        threads.append(threading.current_thread())
        return f"<p>{len(text)}</p>"

    monkeypatch.setattr(packages, "to_html", to_html)
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}")
    await act(state, "open")
    assert state.view.description.startswith("<p>")
    assert threads
    assert threading.main_thread() not in threads
    assert package_page(state._package).description == ""


async def test_what_stands_in_the_form_is_reserved(installed: Product) -> None:
    made = installed.offer(child_bands=BANDS)
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=2")
    await act(state, "open")
    form = {"adults": "3", "children": "1", "age_0": "7", "departure": "junk", "extras": ["x"]}
    path = target(await act(state, "reserve", form))
    claim = installed.one("select * from seat_claims where id = :id", id=path[10:])
    assert (claim.adults, claim.children, claim.child_ages) == (3, 1, [7])
    for form in ({"adults": "99"}, {"adults": "-1"}, {"children": {}}, {"adults": None}):
        assert await act(state, "reserve", form) == []
        assert state.party_problem
        assert (state.total, state.busy) == ("", False)
        await act(state, "set_adults", "2")
        await act(state, "set_children", "0")
    assert await act(state, "reserve", "not a form") != []


async def test_months_are_turned_only_where_there_are_departures(installed: Product) -> None:
    made = installed.offer(starts_in=40)
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}")
    await act(state, "open")
    title = state.month.title
    for by in (1, -1, 7, "1", None, True):
        await act(state, "turn", by)
    assert state.month.title == title
    with installed.database.unit("rds") as session:
        session.execute(
            text(
                "insert into departures (id, package_id, operator_id, starts_on, ends_on, timezone,"
                " capacity, currency) select gen_random_uuid(), package_id, operator_id,"
                " starts_on + 62, ends_on + 62, timezone, 9, currency from departures"
            )
        )
    await act(state, "open")
    assert state.month.later
    await act(state, "turn", 1)
    assert state.month.title != title
    assert state.month.earlier


async def test_trips_like_this_one_share_its_country(installed: Product) -> None:
    made = [installed.offer(title=f"Trip {n}", nights=n, tags=["rail"]) for n in (8, 7, 3)]
    installed.offer(title="A draft", status="draft")
    installed.services.search_index.refresh([one.package_id for one in made])
    found = installed.services.catalogue.similar(made[0].package_id)
    assert [card.title for card in found] == ["Trip 7", "Trip 3"]
    assert installed.services.catalogue.similar(UUID(int=7)) == ()
    state, _ = guest_page(installed, PackageState, f"/packages/{made[0].slug}")
    await act(state, "open")
    assert [card.title for card in state.similar] == ["Trip 7", "Trip 3"]


async def test_the_balance_has_its_day(installed: Product) -> None:
    made = installed.offer()
    state, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=2")
    await act(state, "open")
    assert state.deposit
    assert state.balance
    assert state.balance_day
    assert all(state.costs[str(addon)] for addon in (made.optional_addon, made.required_addon))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://via-appia.example/trips", "https://via-appia.example/trips"),
        (" http://a.example ", "http://a.example"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("via-appia.example", ""),
        ("https://", ""),
        ("https://a\u202e.example", ""),
        ("http://[", ""),
    ],
    ids=range(8),
)
def test_only_an_address_of_the_web_becomes_a_link(typed: str, shown: str) -> None:
    assert web_address(typed) == shown


async def test_the_address_brings_back_what_was_chosen(installed: Product) -> None:
    made = installed.offer(child_bands=BANDS)
    first, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?travellers=3")
    await act(first, "open")
    assert (first.adults, first.children) == (3, 0)
    await act(first, "set_children", 2)
    await act(first, "set_age", 1, "7")
    await act(first, "toggle", str(made.optional_addon))
    again, _ = guest_page(installed, PackageState, first.here)
    await act(again, "open")
    assert (again.adults, again.children, again.ages) == (3, 2, ["", "7"])
    assert (again.extras, again.chosen) == ([str(made.optional_addon)], first.chosen)
    assert again.here == first.here

    junk = "departure=%00&adults=-1&children=9e9&ages=7.%F0.200&extras=x.y&travellers=0"
    odd, _ = guest_page(installed, PackageState, f"/packages/{made.slug}?{junk}")
    await act(odd, "open")
    assert (odd.adults, odd.children, odd.ages, odd.extras) == (2, 0, [], [])
    assert odd.chosen == first.chosen
