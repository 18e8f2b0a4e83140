"""The search over real databases: words, filters, facets, places, and how current it is."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ecosystem.database.engines import Address
from ecosystem.database.placement import ACCOUNTS, PACKAGES, RDS
from ecosystem.database.tables import PackagePicture
from ecosystem.domain.ids import uuid7
from ecosystem.domain.search import SORTS, SearchQuery
from ecosystem.domain.views import SearchPage
from ecosystem.migration.moves import Moves
from ecosystem.services.search_index import SearchIndex
from tests.product import Product, offer

CITIES = {
    "Rome": ("IT", 41.9, 12.5),
    "Florence": ("IT", 43.8, 11.3),
    "Tivoli": ("IT", 41.96, 12.8),
    "Marrakesh": ("MA", 31.6, -8.0),
    "Kyōto": ("JP", 35.0, 135.8),
    "Lisbon": ("PT", 38.7, -9.1),
}


def trip(product: Product, title: str, *cities: str, **more: Any) -> UUID:
    """Publish a package over some of ``CITIES``; the id."""
    hotel = {"stars": more.pop("stars", 4), "board": more.pop("board", "breakfast")}
    made = product.offer(title=title, **more)
    with product.database.unit(PACKAGES) as connection:
        connection.execute(
            text("delete from multi_city_hotel_package_cities where package_id = :id"),
            {"id": made.package_id},
        )
        for position, city in enumerate(cities, 1):
            country, latitude, longitude = CITIES[city]
            connection.execute(
                text(
                    "insert into multi_city_hotel_package_cities (package_id, position, city,"
                    " country, latitude, longitude, timezone, nights, hotel_stars, board) values"
                    " (:id, :position, :city, :country, :latitude, :longitude, 'UTC', 3, :stars,"
                    " cast(:board as board_type))"
                ),
                {"id": made.package_id, "position": position, "city": city, "country": country,
                 "latitude": latitude, "longitude": longitude, **hotel},
            )  # fmt: skip
    return made.package_id


def work(product: Product) -> None:
    while product.services.search_index.step():
        pass


def found(product: Product, **query: Any) -> list[str]:
    return [card.title for card in product.services.search.find(SearchQuery(**query)).items]


def outside(product: Product, sql: str, **values: Any) -> None:
    """What another program writes to the operators' tables, wherever they are."""
    with product.database.unit(PACKAGES) as session:
        session.execute(text(sql), values)


@pytest.fixture
def trips(product: Product) -> Product:
    trip(product, "Roman holiday", "Rome", "Tivoli", tags=["rail", "food"], nights=5, stars=5)
    trip(product, "Slow Tuscany", "Florence", tags=["food"], nights=7, price="900.00", stars=3)
    trip(product, "Souks and riads", "Marrakesh", tags=["city"], price="700.00", rating=4.8)
    trip(product, "Temples of the old capital", "Kyōto", tags=["rail"], nights=10,
         price="2400.00", board="half_board", rating=4.9)  # fmt: skip
    trip(product, "Lisbon to Rome by sea", "Lisbon", "Rome", tags=["ferry"], nights=12, rating=4.1)
    work(product)
    return product


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("rome", {"Lisbon to Rome by sea", "Roman holiday"}),
        ("ROME italy", {"Lisbon to Rome by sea", "Roman holiday"}),
        ("rmoe", {"Lisbon to Rome by sea", "Roman holiday"}),
        ("marakesh", {"Souks and riads"}),
        ("kyoto", {"Temples of the old capital"}),
        ("Kyotto rail", {"Temples of the old capital"}),
        ("Italien", {"Lisbon to Rome by sea", "Roman holiday", "Slow Tuscany"}),
        ("trips in Morocco", {"Souks and riads"}),
        ("tusc", {"Slow Tuscany"}),
        ("Firenze", {"Slow Tuscany"}),
        ("florenz", {"Slow Tuscany"}),
        ("appia ferry", {"Lisbon to Rome by sea"}),
        ("Fähre", {"Lisbon to Rome by sea"}),
        ("Kulinarik", {"Roman holiday", "Slow Tuscany"}),
        ("rome kyoto", set()),
        ("qqqqqqqq", set()),
    ],
)
def test_words_find_titles_cities_countries_tags_and_operators(
    trips: Product, typed: str, first: set[str]
) -> None:
    assert set(found(trips, q=typed)) == first


def test_a_misspelt_title_does_not_hide_what_is_spelt_well(product: Product) -> None:
    for number in range(5):
        trip(product, f"Riads {number}", "Marrakesh")
    trip(product, "Marakesh on foot", "Lisbon")
    work(product)
    assert found(product, q="marakesh")[0] == "Marakesh on foot"
    assert len(found(product, q="marakesh")) == 6
    # And the well spelt word of many does not drag the slip along.
    assert len(found(product, q="marrakesh")) == 5


def test_one_review_of_five_stars_is_not_the_best_rated(product: Product) -> None:
    trip(product, "Praised once", "Rome", rating=5.0, rating_count=1)
    trip(product, "Praised by forty", "Rome", rating=4.8, rating_count=40)
    trip(product, "Not praised", "Rome", rating=2.0, rating_count=40)
    trip(product, "Not reviewed", "Rome")
    work(product)
    assert found(product, sort="rating") == [
        "Praised by forty", "Praised once", "Not praised", "Not reviewed"
    ]  # fmt: skip
    cards = product.services.search.find(SearchQuery(sort="rating")).items
    assert [str(card.rating) for card in cards] == ["4.8", "5.0", "2.0", "None"]


def test_near_a_city_goes_by_kilometres(trips: Product) -> None:
    assert set(found(trips, near="Tivoli")) == {"Roman holiday", "Lisbon to Rome by sea"}
    assert set(found(trips, near="tivoli, IT", radius=10)) == {"Roman holiday"}
    assert set(found(trips, near="Tivolli", radius=300)) == {
        "Roman holiday", "Lisbon to Rome by sea", "Slow Tuscany"
    }  # fmt: skip
    assert found(trips, near="34.9,135.7") == ["Temples of the old capital"]
    for nowhere in ("tivoli, FR", "nowhere", "%", "91,0", "nan,nan", "\\"):
        assert found(trips, near=nowhere) == []
    assert set(found(trips, city="tivoli")) == {"Roman holiday"}


def test_every_count_of_a_facet_is_what_choosing_it_finds(trips: Product) -> None:
    search = trips.services.search
    day = datetime.now(UTC).date() + timedelta(days=100)
    starts: list[dict[str, Any]] = [
        {},
        {"country": "IT"},
        {"country": "IT", "tag": "food"},
        {"stars": 4, "city": "rome", "board": "breakfast"},
        {"q": "rome"},
        {"q": "rmoe", "country": "PT"},
        {"near": "Rome", "radius": 400, "tag": "rail"},
        {"min_price": 800, "max_price": 2000},
        {"from_": day, "travellers": 2, "country": "JP"},
        {"tag": "nothing has this"},
    ]
    for start in starts:
        page = search.find(SearchQuery(**start))
        assert page.total == len(page.items)
        for name, values in page.facets.items():
            for value in values:
                chosen = int(value.value) if name == "stars" else value.value
                there = search.find(SearchQuery(**{**start, name: chosen}))
                assert there.total == value.count == len(there.items), (start, name, value)


def test_facets_offer_other_values_beside_the_chosen_one(trips: Product) -> None:
    page = trips.services.search.find(SearchQuery(country="JP"))
    assert {value.value for value in page.facets["country"]} == {"IT", "MA", "JP", "PT"}
    assert {value.value for value in page.facets["tag"]} == {"rail"}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_every_order_hold_each_trip_once(trips: Product, sort: Any) -> None:
    search = trips.services.search
    for query in (SearchQuery(sort=sort), SearchQuery(sort=sort, q="rome", travellers=1)):
        whole = [card.id for card in search.find(query).items]
        parts: list[UUID] = []
        following: str | None = "0"
        while following is not None:
            page = search.find(SearchQuery(**{**vars(query), "offset": int(following), "limit": 2}))
            parts += [card.id for card in page.items]
            following = page.next
        assert parts == whole
    prices = [card.price_from.minor for card in search.find(SearchQuery(sort="-price")).items]
    assert prices == sorted(prices, reverse=True)


def test_a_party_needs_free_seats_at_this_moment(product: Product, clock: Any) -> None:
    made = product.offer(seats=3)
    work(product)
    assert found(product, travellers=3)
    product.hold(made, adults=2)
    assert not found(product, travellers=2)
    assert found(product, travellers=1)
    assert product.services.search.find(SearchQuery(travellers=2)).facets["country"] == ()
    clock.move(minutes=36)
    assert found(product, travellers=3), "a hold that has ended is free again"


def test_an_edit_straight_in_the_operators_database_is_found_by_itself(product: Product) -> None:
    made = product.offer()
    product.services.worker.start("search")
    try:
        within(product, {"Rome, Florence & Venice by rail"}, q="rome")
        outside(product, "update multi_city_hotel_packages set title = 'Zanzibar' where id = :id",
                 id=made.package_id)  # fmt: skip
        within(product, {"Zanzibar"}, q="zanzibar")
        outside(product, "update operators set name = 'Quagga Tours' where id = :id",
                 id=made.operator_id)  # fmt: skip
        within(product, {"Zanzibar"}, q="quagga")
        outside(product, "delete from multi_city_hotel_package_cities where city = 'Rome'")
        within(product, set(), city="rome")
        outside(product, "update multi_city_hotel_packages set status = 'archived'")
        within(product, set())
    finally:
        product.services.worker.stop()


def within(product: Product, wanted: set[str], **query: Any) -> None:
    """How soon is a row of ``make bench``; here it only has to come by itself."""
    end = time.monotonic() + 30
    while set(titles := found(product, **query)) != wanted:
        assert time.monotonic() < end, titles
        time.sleep(0.05)


def card(product: Product, package_id: UUID) -> Any:
    (only,) = product.services.search.cards([package_id])
    return only


def test_departures_and_pictures_keep_price_and_cover_current(product: Product) -> None:
    made = product.offer(price="1000.00")
    work(product)
    picture = uuid7()
    with product.database.unit(RDS) as session:
        session.execute(text("update departures set price_minor = 75000"))
        session.add(
            PackagePicture(id=picture, package_id=made.package_id, operator_id=made.operator_id,
                           position=1, key="k", content_type="image/png", bytes=1, state="ready")
        )  # fmt: skip
    work(product)
    shown = card(product, made.package_id)
    assert (shown.price_from.minor, shown.cover) == (75000, picture)
    assert found(product, max_price=800)
    with product.database.unit(RDS) as session:
        session.execute(text("update departures set status = 'closed'"))
        session.execute(text("delete from package_pictures"))
    work(product)
    shown = card(product, made.package_id)
    assert (shown.price_from.minor, shown.cover) == (100000, None)


def test_a_departure_that_has_left_takes_its_price_along(product: Product, clock: Any) -> None:
    made = product.offer(price="1000.00", starts_in=3)
    with product.database.unit(RDS) as session:
        session.execute(text("update departures set price_minor = 60000"))
    work(product)
    assert card(product, made.package_id).price_from.minor == 60000
    clock.move(days=5)
    work(product)
    assert card(product, made.package_id).price_from.minor == 100000


def test_two_packages_swap_their_slugs(product: Product) -> None:
    one, other = product.offer(), product.offer()
    work(product)
    rename = "update multi_city_hotel_packages set slug = :slug where id = :id"
    outside(product, rename, slug="for-a-moment", id=one.package_id)
    outside(product, rename, slug=one.slug, id=other.package_id)
    outside(product, rename, slug=other.slug, id=one.package_id)
    work(product)
    assert card(product, one.package_id).slug == other.slug
    assert card(product, other.package_id).slug == one.slug
    # The one that takes the slug is dealt with before the one that gave it up.
    outside(product, rename, slug="new-name", id=one.package_id)
    outside(product, rename, slug=other.slug, id=other.package_id)
    product.services.search_index.refresh([other.package_id])
    assert card(product, other.package_id).slug == other.slug
    work(product)
    assert card(product, one.package_id).slug == "new-name"


@pytest.mark.parametrize("control", [False, True], ids=["as it is", "without the lock"])
def test_a_slow_writer_never_puts_back_what_was(
    product: Product, monkeypatch: pytest.MonkeyPatch, control: bool
) -> None:
    """Two workers: the first reads, the package changes, the second writes, the first wakes up."""
    product.offer(title="Before")
    if control:
        monkeypatch.setattr(
            "ecosystem.database.queries.search.indexing.become_writer", lambda *_, **__: True
        )
    read, go = threading.Event(), threading.Event()
    put = "ecosystem.database.queries.search.indexing.put"
    real = SearchIndex(product.database, product.services.clock)
    from ecosystem.database.queries.search import indexing

    plain = indexing.put

    def slow(*arguments: Any) -> None:
        if threading.current_thread() is first:
            read.set()
            assert go.wait(60)
        plain(*arguments)

    monkeypatch.setattr(put, slow)
    first = threading.Thread(target=real.step)
    first.start()
    assert read.wait(60)
    outside(product, "update multi_city_hotel_packages set title = 'After'")
    product.services.search_index.step()
    go.set()
    first.join(60)
    work(product)
    assert found(product) == (["Before"] if control else ["After"])


@pytest.mark.either_side
def test_killed_between_writing_and_forgetting_the_next_step_ends_it(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    product.offer()

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ecosystem.database.queries.changes.forget", killed)
        with pytest.raises(KeyboardInterrupt):
            product.services.search_index.step()
    work(product)
    page: SearchPage = product.services.search.find(SearchQuery())
    assert (page.total, page.facets["city"][0].count) == (1, 1)


@pytest.mark.parametrize("operators_in", ["supabase"])
def test_a_move_leaves_nothing_unread_in_either_log(
    product: Product, addresses: dict[str, Address]
) -> None:
    """Packages move, accounts stay: what was logged before is read after it, and what comes then."""
    engines = product.database.engines
    product.offer(title="Before")
    work(product)
    outside(product, "update multi_city_hotel_packages set title = 'In between'")
    moves = Moves(addresses["supabase"], addresses["rds"])
    for step in (moves.prepare, moves.copy, moves.switch):
        step(PACKAGES)
    assert found(product) == ["Before"]
    work(product)
    assert found(product) == ["In between"]
    outside(product, "update multi_city_hotel_packages set title = 'After'")
    with product.database.unit(ACCOUNTS) as session:
        session.execute(text("update operators set name = 'Via Aurelia'"))
    work(product)
    card = product.services.search.find(SearchQuery()).items[0]
    assert (card.title, card.operator_name) == ("After", "Via Aurelia")
    for name in ("supabase", "rds"):
        with engines[name].connect() as connection:
            left = text("select count(*) from migration_changes where consumer = 'search'")
            assert connection.execute(left).scalar_one() == 0


def test_counts_without_filters_stay_right_through_changes(trips: Product) -> None:
    outside(trips, "update multi_city_hotel_packages set tags = '{food,wine}' where nights < 8")
    outside(trips, "update multi_city_hotel_packages set status = 'draft' where nights > 9")
    work(trips)
    page = trips.services.search.find(SearchQuery())
    assert page.total == 3
    assert {value.value: value.count for value in page.facets["tag"]} == {
        "food": 2, "wine": 2, "city": 1
    }  # fmt: skip


def test_suggestions_begin_with_what_is_typed_or_nearly_do(trips: Product) -> None:
    def kinds(typed: str) -> set[tuple[str, str]]:
        return {(one.kind, one.label) for one in trips.services.search.suggest(typed)}

    assert kinds("ital") == {("country", "Italy")}
    assert ("country", "Italy") in kinds("Italien")
    assert {("city", "Rome"), ("package", "Roman holiday")} <= kinds("rom")
    assert ("city", "Kyōto") in kinds("kyoto")
    assert ("city", "Florence") in kinds("florense")
    assert ("operator", "Via Appia Journeys") in kinds("appia")
    assert ("package", "Souks and riads") in kinds("riads")
    for nothing in ("", " ", "%", "_", "'", "\x00", "x" * 200, "| & !"):
        trips.services.search.suggest(nothing)
    assert kinds("%") == kinds("_") == set()


def test_prices_compare_in_the_wished_currency(product: Product) -> None:
    from decimal import Decimal

    trip(product, "In euros", "Rome", price="1000.00")
    trip(product, "In yen", "Kyōto", price="90000", currency="JPY")
    with product.database.unit(RDS) as session:
        session.execute(
            text("insert into exchange_rates (day, currency, per_euro) values"
                 " (current_date, 'USD', 1.1), (current_date, 'JPY', :yen)"),
            {"yen": Decimal(160)},
        )  # fmt: skip
    work(product)
    assert found(product, sort="price") == ["In euros", "In yen"]
    assert found(product, sort="price", currency="USD") == ["In yen", "In euros"]
    assert found(product, max_price=700, currency="USD") == ["In yen"]
    assert found(product, min_price=1101, currency="USD") == []
    assert product.services.search.find(SearchQuery(currency="USD", max_price=700)).total == 1


def test_one_operators_slug_is_not_anothers(product: Product) -> None:
    first, _ = product.offer(), offer(product.database)
    work(product)
    slug = product.one(
        "select operator_slug from package_search where package_id = :id", id=first.package_id
    ).operator_slug
    assert product.services.search.find(SearchQuery(operator=slug)).total == 1
