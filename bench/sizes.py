"""The search over ten thousand and a hundred thousand packages: against its own SQL, and growth."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psycopg
from sqlalchemy import text

import ecosystem.services.search
from bench.comparing import Plan, Range, in_turns, quantile, ratios
from bench.http_load import HttpLoad, request
from bench.loads import BenchFailed, LoadProcess
from bench.recorded import SqlLoad
from bench.report import Line, Row
from bench.search import address_of, recorded
from bench.world import World, empty_server
from ecosystem.database.engines import Address, rds_engine
from ecosystem.database.placement import RDS
from ecosystem.database.queries.search import indexing
from ecosystem.database.unit_of_work import RoutedSession
from ecosystem.domain.search import SearchQuery

DATA = Path(__file__).with_name("search_data.sql")
SMALL, LARGE = 10_000, 100_000
PRODUCT, BARE, SUGGESTIONS = "product, HTTP", "its own SQL", "suggestions, HTTP"
MOST_P50, MOST_P99, MOST_GROWTH, MOST_SUGGESTING = 1.5, 3.0, 2.0, 10.0
REPEATED = 5


@contextmanager
def sized(packages: int) -> Iterator[World]:
    """Databases whose search index has this many packages and ten departures each."""
    with ExitStack() as stack:
        server, settings = stack.enter_context(empty_server())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ecosystem-bench-")))
        rds = Address.from_url(server.url())
        with psycopg.connect(rds.libpq, autocommit=True) as connection:
            connection.execute(DATA.read_text().replace("{packages}", str(packages)).encode())
            connection.execute(
                "vacuum (analyze) package_index, package_search, search_terms, search_words,"
                " departures, seat_claims, payout_accounts"
            )
        _as_the_product_writes_it(rds)
        yield World(settings, rds, folder, [], packages)


def _as_the_product_writes_it(rds: Address) -> None:
    """Raises ``BenchFailed`` if the product would write other days and seats than the file did."""
    engine = rds_engine(rds, pool_size=1)
    days = "select package_id, seats, seats_perhaps from package_index order by package_id limit 50"
    try:
        with RoutedSession(RDS, engine) as session:
            written = session.execute(text(days)).all()
            indexing.put_seats(
                session, [row.package_id for row in written], datetime.now(UTC).date()
            )
            if session.execute(text(days)).all() != written:
                raise BenchFailed("search_data.sql writes other seats than the product")
            session.rollback()
    finally:
        engine.dispose()


def queries(world: World) -> dict[str, SearchQuery]:
    """Twenty-five searches, each as often as the others: what visitors can ask."""
    cities = [str(row[0]) for row in world.query(
        "select label from search_terms where kind = 2 and packages > 0"
        " order by packages desc, key limit 80")]  # fmt: skip
    countries = [str(row[0]) for row in world.query(
        "select key from search_terms where kind = 1 order by packages desc, key limit 40")]  # fmt: skip
    first, last = world.query("select current_date + 30, current_date + 60")[0]
    return {
        **{f"city typed {n}": SearchQuery(q=cities[n]) for n in (0, 16, 32, 48, 64)},
        "city misspelt": SearchQuery(q=f"{cities[9][:-2]}{cities[9][-1]}{cities[9][-2]}"),
        "two words": SearchQuery(q=f"{cities[4]} tag3"),
        **{f"city chosen {n}": SearchQuery(city=cities[n].lower()) for n in (3, 27, 51)},
        **{f"country {n}": SearchQuery(country=countries[n]) for n in (2, 10, 18)},
        "near": SearchQuery(near=cities[20], radius=60),
        "country, price": SearchQuery(country=countries[4], max_price=1500, sort="price"),
        "country, nights, stars": SearchQuery(
            country=countries[9], min_nights=5, max_nights=10, stars=4
        ),
        "country, dates": SearchQuery(country=countries[12], from_=first, to=last, travellers=2),
        "city, dates": SearchQuery(city=cities[6].lower(), from_=first, to=last, travellers=2),
        "dates": SearchQuery(from_=first, to=last, travellers=2),
        "dates, soonest": SearchQuery(from_=first, to=last, travellers=2, sort="soonest"),
        "price": SearchQuery(max_price=1500, sort="-price"),
        "tag, city": SearchQuery(tag="tag5", city=cities[1].lower()),
        "tag": SearchQuery(tag="tag30", sort="rating"),
        "nothing": SearchQuery(),
        "nothing, page 2": SearchQuery(offset=24),
    }


def large(plan: Plan, packages: int) -> list[Row]:
    """Against its own SQL, counted anew for each request; and grown from a tenth of the size."""
    small, big = packages // 10, packages
    with ExitStack() as stack:
        worlds = [stack.enter_context(sized(size)) for size in (small, big)]
        sides: dict[str, LoadProcess] = {}
        urls = [stack.enter_context(world.serving("bench.app:counting")) for world in worlds]
        for world, url in zip(worlds, urls, strict=True):
            asked = list(queries(world).values())
            requests = [request("GET", f"{url}/api/packages?{address_of(one)}") for one in asked]
            sides[f"{PRODUCT}, {world.packages:,}"] = stack.enter_context(
                LoadProcess(HttpLoad, (url, requests, 1, 200))
            )
        kept, ecosystem.services.search.COUNTS_KEPT = ecosystem.services.search.COUNTS_KEPT, 0
        try:
            statements = recorded(worlds[1], list(queries(worlds[1]).values()))
            each = _each_kind(worlds[1])
        finally:
            ecosystem.services.search.COUNTS_KEPT = kept
        sides[f"{BARE}, {big:,}"] = stack.enter_context(
            LoadProcess(SqlLoad, (worlds[1].rds, statements, 1))
        )
        sides[SUGGESTIONS] = stack.enter_context(
            LoadProcess(HttpLoad, (urls[1], _typing(worlds[1], urls[1]), 1, 200))
        )
        samples = in_turns(plan, sides)
    slices = {
        name: [[x * 1000 for x in one.latencies] for one in side] for name, side in samples.items()
    }
    p50 = {name: [quantile(one, 0.5) for one in side] for name, side in slices.items()}
    p99 = {name: quantile([x for one in side for x in one], 0.99) for name, side in slices.items()}
    tenth, whole, bare, _ = sides
    return [
        Row(
            f"Search of {big:,} packages and {big * 10:,} departures, one client",
            [Line(f"{name}, p50", Range.of(p50[name]), "ms", 2) for name in (whole, bare)],
            Range.of(ratios(p50[whole], p50[bare])),
            "product p50 / its own SQL p50",
            at_most=MOST_P50,
            notes=[f"without HTTP, median of {REPEATED}, ms: {each}"],
        ),
        Row(
            "The slowest of a hundred",
            [Line(f"{name}, p99", Range.of([p99[name]]), "ms", 1) for name in (whole, bare)],
            Range.of([p99[whole] / p99[bare]]),
            "product p99 / its own SQL p99",
            at_most=MOST_P99,
        ),
        Row(
            f"Grown from {small:,} packages",
            [Line(f"{name}, p50", Range.of(p50[name]), "ms", 2) for name in (tenth, whole)],
            Range.of(ratios(p50[whole], p50[tenth])),
            f"p50 of {big:,} / p50 of {small:,}",
            at_most=MOST_GROWTH,
        ),
        Row(
            f"Suggestions while a city or a tag is typed, {big:,} packages, one client",
            [Line(f"{SUGGESTIONS}, p50", Range.of(p50[SUGGESTIONS]), "ms", 2)],
            Range.of([one / MOST_SUGGESTING for one in p50[SUGGESTIONS]]),
            f"p50 / {MOST_SUGGESTING:g} ms",
            at_most=1.0,
            notes=[f"p99: {p99[SUGGESTIONS]:.1f} ms"],
        ),
    ]


def _typing(world: World, url: str) -> list[bytes]:
    """What is asked while names are typed, from the third letter on."""
    names = [str(row[0]) for row in world.query(
        "select label from search_terms where kind in (2, 3) and packages > 0"
        " order by id % 97, id limit 12")]  # fmt: skip
    return [
        request("GET", f"{url}/api/suggestions?{urlencode({'q': name[:length]})}")
        for name in names
        for length in range(3, len(name) + 1)
    ]


def _each_kind(world: World) -> str:
    """The time of each kind of search in this process, facets and all, the longest first."""
    times: dict[str, float] = {}
    with world.services() as (services, _):
        for name, query in queries(world).items():
            each: list[float] = []
            for _ in range(REPEATED):
                began = time.perf_counter()
                services.search.find(query)
                each.append((time.perf_counter() - began) * 1000)
            times[name] = quantile(each, 0.5)
    ordered = sorted(times.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {took:.0f}" for name, took in ordered)
