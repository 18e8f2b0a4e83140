"""Search through HTTP, against its own SQL sent bare."""

import time
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.comparing import Plan, Range, in_turns, quantile, ratios
from bench.http_load import HttpLoad, request
from bench.loads import BenchFailed, LoadProcess
from bench.recorded import Call, SqlLoad
from bench.report import Line, Row
from bench.world import World
from ecosystem.domain.search import SearchQuery

PRODUCT, BARE = "product, HTTP", "bare SQL"
AIM = 2.0
SOON = 2.0
"""Seconds after which an edit straight in the operators' database is found."""
EDITS_A_SLICE = 4


def by_words(world: World, url: str, plan: Plan) -> Row:
    """What people type: cities, countries, kinds of trips, two words at once, a misspelling."""
    cities = world.query(
        "select c->>'name' from package_search p, jsonb_array_elements(p.cities) c"
        " group by 1 order by count(*) desc, 1 limit 12"
    )
    tags = world.query("select unnest(tags) from package_search group by 1 order by 1 limit 4")
    words = [str(row[0]) for row in cities + tags]
    trip = world.query(
        "select cities->0->>'name', cities->1->>'name' from package_search"
        " where jsonb_array_length(cities) > 1 order by package_id limit 1"
    )[0]
    words += [f"{trip[0]} {trip[1]}", f"{words[2][:-1]}x"]
    return _search(world, url, plan, "by words", [SearchQuery(q=one) for one in words])


def by_filters(world: World, url: str, plan: Plan) -> Row:
    """What people click: country, kind, price, nights, stars, dates with free seats."""
    countries = [
        str(row[0])
        for row in world.query(
            "select unnest(countries) from package_search group by 1 order by count(*) desc, 1"
            " limit 5"
        )
    ]
    first, last = world.query("select current_date + 30, current_date + 90")[0]
    queries = [SearchQuery(country=one) for one in countries]
    queries += [
        SearchQuery(country=countries[0], max_price=2500, sort="price"),
        SearchQuery(country=countries[1], min_nights=5, max_nights=10, stars=4),
        SearchQuery(country=countries[2], from_=first, to=last, travellers=4),
        SearchQuery(from_=first, to=last, travellers=2, sort="soonest"),
        SearchQuery(),
    ]
    return _search(world, url, plan, "by filters", queries)


def freshness(world: World, _url: str, plan: Plan) -> Row:
    """The older application changes a title; a search for the new one finds it."""
    taken: list[float] = []
    supabase = world.settings.supabase_db_url.get_secret_value()
    with (
        world.services() as (services, _),
        psycopg.connect(supabase, autocommit=True) as older,
    ):
        packages: list[tuple[UUID, str]] = older.execute(
            "select id, title from multi_city_hotel_packages where status = 'published'"
            " order by id limit %s",
            (plan.rounds * EDITS_A_SLICE,),
        ).fetchall()
        services.worker.start("search")
        try:
            for number, (package_id, title) in enumerate(packages):
                words = f"{title} zq{number:04}x"
                began = time.monotonic()
                older.execute(
                    "update multi_city_hotel_packages set title = %s where id = %s",
                    (words, package_id),
                )
                sought = SearchQuery(q=f"zq{number:04}x")
                while [one.id for one in services.search.find(sought).items] != [package_id]:
                    if time.monotonic() > began + 30:
                        raise BenchFailed("an edited package is not found")
                    time.sleep(0.01)
                taken.append(time.monotonic() - began)
        finally:
            services.worker.stop()
            older.execute(
                "update multi_city_hotel_packages p set title = was.title"
                " from unnest(%s::uuid[], %s::text[]) was (id, title) where p.id = was.id",
                ([one for one, _ in packages], [title for _, title in packages]),
            )
    return Row(
        f"An edit in the operators' database until a search finds it, {world.packages:,} packages",
        [Line("edit to found", Range.of([one * 1000 for one in taken]), "ms")],
        Range.of([one / SOON for one in taken]),
        f"edit to found / {SOON:g} s",
        at_most=1.0,
        notes=[f"longest of {len(taken)}: {max(taken) * 1000:.0f} ms"],
    )


def _search(world: World, url: str, plan: Plan, how: str, queries: list[SearchQuery]) -> Row:
    statements = recorded(world, queries)
    asked = [request("GET", f"{url}/api/packages?{address_of(one)}") for one in queries]
    with (
        LoadProcess(HttpLoad, (url, asked, 1, 200)) as product,
        LoadProcess(SqlLoad, (world.rds, statements, 1)) as plain,
    ):
        samples = in_turns(plan, {PRODUCT: product, BARE: plain})
    p50 = {
        name: [quantile(one.latencies, 0.5) * 1000 for one in side]
        for name, side in samples.items()
    }
    p99 = {
        name: quantile([x for one in side for x in one.latencies], 0.99) * 1000
        for name, side in samples.items()
    }
    return Row(
        f"Search {how}, one client, {world.packages:,} packages",
        [Line(f"{name}, p50", Range.of(values), "ms", 2) for name, values in p50.items()],
        Range.of(ratios(p50[PRODUCT], p50[BARE])),
        "product p50 / bare SQL p50",
        at_most=AIM,
        notes=[f"p99: product {p99[PRODUCT]:.1f} ms, bare SQL {p99[BARE]:.1f} ms"],
    )


def recorded(world: World, queries: list[SearchQuery]) -> list[Call]:
    """The SQL of each search, the second time it is asked."""
    calls: list[Call] = []
    with world.services() as (services, recorder):
        for query in queries:
            services.search.find(query)
            with recorder.recording() as transactions:
                services.search.find(query)
            calls.append(Call(list(transactions)))
    return calls


def address_of(query: SearchQuery) -> str:
    """The query string of ``GET /api/packages``."""
    names = {"from_": "from", "offset": "cursor"}
    return urlencode(
        {
            names.get(name, name): value
            for name, value in vars(query).items()
            if (value not in ("", None) and name not in ("offset", "limit", "radius"))
            or (name == "offset" and value)
            or (name == "radius" and query.near)
        }
    )
