"""Packages: a route, a way of telling it, hotels, prices, rules, extras.

What a package says never depends on the day of the seeding; only its dates do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count as numbers
from random import Random
from uuid import UUID

from ecosystem.domain.money import Money, exponent
from ecosystem.domain.rates import AddonRate, AddonUnit, Rates
from ecosystem.local.demo_data import prose, titles
from ecosystem.local.demo_data.countries import AREAS, COST, DEFAULT_COST, HOTELS
from ecosystem.local.demo_data.featured import FEATURED, Featured
from ecosystem.local.demo_data.operators import (
    NEWCOMER,
    VIA_APPIA,
    DemoOperator,
    operators,
    slug_of,
)
from ecosystem.local.demo_data.places import Place, Route, find, routes
from ecosystem.local.demo_data.seeded import chance, plain_id

PER_EURO = {"EUR": 1.0, "USD": 1.1, "GBP": 0.85, "SEK": 11.2, "CHF": 0.95, "JPY": 162, "KWD": 0.335}
_STEP = {"EUR": 10, "USD": 10, "GBP": 5, "SEK": 50, "CHF": 10, "JPY": 1000, "KWD": 2.5}

VIA_APPIA_PACKAGES = 38
NEWCOMER_PACKAGES = 6
_ATTEMPTS = 25
_ATTEMPTS_OF_MANY = 3
_MANY = 5000
"""How often a title is thought up again because another package has it. A benchmark's tens of
thousands of packages may repeat themselves."""

_BOARDS = ("breakfast",) * 12 + ("half_board",) * 3 + ("room_only",) * 2 + ("full_board",)
_POLICIES: tuple[tuple[tuple[int, int], ...], ...] = (
    ((30, 100), (14, 50), (7, 25)),
    ((60, 100), (30, 50), (15, 20)),
    ((45, 90), (21, 50)),
    ((14, 100), (3, 50)),
    ((90, 95), (60, 60), (30, 30)),
    ((28, 80), (10, 40)),
)


@dataclass(frozen=True)
class Stop:
    """A stay: where, how long, in which hotel."""

    id: UUID
    place: Place
    nights: int
    hotel: str
    stars: int
    board: str


@dataclass(frozen=True)
class DemoAddon:
    id: UUID
    name: str
    description: str
    price: Decimal
    unit: AddonUnit
    required: bool


@dataclass(frozen=True)
class DemoPackage:
    """A package with everything that hangs on it. Amounts are in major units."""

    number: int
    id: UUID
    operator: DemoOperator
    slug: str
    title: str
    summary: str
    description: str
    status: str
    base_price: Decimal
    child_discount: int
    single_supplement: Decimal
    commission: int
    deposit_percent: int | None
    balance_due_days: int
    policy: tuple[tuple[int, int], ...]
    max_travellers: int
    nights: int
    tags: tuple[str, ...]
    highlights: tuple[str, ...]
    quality: Decimal
    age_days: int
    months: frozenset[int]
    stops: tuple[Stop, ...]
    addons: tuple[DemoAddon, ...]
    exclusions: tuple[str, ...]

    @property
    def currency(self) -> str:
        return self.operator.currency

    @property
    def policy_json(self) -> list[dict[str, int]]:
        return [{"days_before": days, "refund_percent": percent} for days, percent in self.policy]

    def published_at(self, anchor: datetime) -> datetime:
        """When it came on sale: never before its operator joined."""
        published = anchor - timedelta(days=self.age_days, hours=self.number % 24)
        return max(published, self.operator.joined(anchor) + timedelta(days=2))

    def rates(self, override: int | None) -> Rates:
        """What ``domain.price`` needs; ``override`` is a departure's own price, minor units."""
        base = Money.from_decimal(self.base_price, self.currency)
        return Rates(
            adult=base if override is None else Money(override, self.currency),
            child_discount_percent=Decimal(self.child_discount),
            single_supplement=Money.from_decimal(self.single_supplement, self.currency),
            nights=self.nights,
            max_travellers=self.max_travellers,
            addons=tuple(
                AddonRate(
                    addon.id,
                    addon.name,
                    Money.from_decimal(addon.price, self.currency),
                    addon.unit,
                    addon.required,
                )
                for addon in self.addons
            ),
            deposit_percent=self.deposit_percent,
            balance_due_days=self.balance_due_days,
        )


def packages(count: int) -> Iterator[DemoPackage]:
    """``count`` published packages, then one draft or archived one for every fifty."""
    used: set[str] = {featured.title for featured in FEATURED}
    slugs: set[str] = set()
    for number in range(count + count // 50):
        status = "published"
        if number >= count:
            status = "archived" if number % 3 == 0 else "draft"
        if number < min(len(FEATURED), count):
            yield _written(number, FEATURED[number], slugs)
        else:
            yield _composed(number, status, used, slugs)


def _operator(number: int) -> DemoOperator:
    """Whose package ``number`` is; the demo operators have a fixed number of them."""
    first = len(FEATURED)
    if number < first + VIA_APPIA_PACKAGES - 1:
        return next(one for one in operators() if one.slug == VIA_APPIA)
    if number < first + VIA_APPIA_PACKAGES - 1 + NEWCOMER_PACKAGES:
        return next(one for one in operators() if one.slug == NEWCOMER)
    wheel = _wheel()
    return wheel[number % len(wheel)]


@cache
def _wheel() -> tuple[DemoOperator, ...]:
    slots = [one for one in operators() for _ in range(one.weight)]
    chance("wheel").shuffle(slots)
    return tuple(slots)


@cache
def _sold_by(operator: DemoOperator) -> tuple[Route, ...]:
    return tuple(route for route in routes() if route.countries <= operator.sells)


@dataclass(frozen=True)
class _Idea:
    """A stretch of a route and how to tell it."""

    pick: Random
    route: Route
    places: list[Place]
    nights: list[int]
    theme: str
    season: str
    title: str

    @property
    def months(self) -> frozenset[int]:
        """When it runs: what the title promises, else the season of the route."""
        if "in December" in self.title:
            return frozenset({12})
        if self.theme in titles.ONLY_IN:
            return titles.ONLY_IN[self.theme] & self.route.months or self.route.months
        if self.season and self.season in self.title.lower():
            return titles.season_months(self.route, self.season) or self.route.months
        return self.route.months

    @property
    def tags(self) -> tuple[str, ...]:
        """The theme, two more of the route, and the way of travelling where people ask for it."""
        more = self.pick.sample(self.route.themes, min(2, len(self.route.themes)))
        way = {"rail": "rail", "foot": "walking", "cycle": "cycling"}.get(self.route.way)
        return tuple(dict.fromkeys([self.theme, *more, *([way] if way else [])]))


def _idea(operator: DemoOperator, number: int, attempt: int) -> _Idea:
    pick = chance("package", number, attempt)
    route = pick.choice(_sold_by(operator))
    size = min(len(route.stops), pick.choice((2, 3, 3, 3, 4, 4, 5)))
    start = pick.randint(0, len(route.stops) - size)
    places = list(route.stops[start : start + size])
    if route.way not in ("foot", "river") and pick.random() < 0.3:
        places.reverse()
    theme = pick.choice(route.themes)
    seasons = titles.season_names(route)
    season = pick.choice(seasons) if seasons and theme not in titles.ONLY_IN else ""
    nights = _nights(pick, places)
    cities = [place.city for place in places]
    title = titles.write(pick, route, cities, theme, season, sum(nights), attempt)
    return _Idea(pick, route, places, nights, theme, season, title)


def _composed(number: int, status: str, used: set[str], slugs: set[str]) -> DemoPackage:
    operator = _operator(number)
    attempts = _ATTEMPTS if number < _MANY else _ATTEMPTS_OF_MANY
    ideas = (_idea(operator, number, attempt) for attempt in range(attempts))
    idea = next((one for one in ideas if one.title not in used), None)
    idea = idea or _idea(operator, number, _ATTEMPTS)
    used.add(idea.title)
    pick, route, theme = idea.pick, idea.route, idea.theme
    cities = [place.city for place in idea.places]
    stars = pick.choice((3, 3, 4, 4, 4, 4, 5))
    package_id = plain_id("package", number)
    stops = _stops(pick, package_id, idea.places, idea.nights, stars)
    euros = _euros(pick, idea.places, idea.nights, stars, stops[0].board)
    extras = prose.extras(pick, route.way, cities)
    return _package(
        pick, number, package_id, operator, status, idea.title,
        _slug(idea.title, operator, slugs), prose.summary(pick, route.way, theme, cities), theme,
        stops, euros, idea.tags, tuple(prose.highlights(pick, (theme, *route.themes), cities)),
        idea.months, extras,
        pick.choice((39, 40, 41, 42, 43, 44, 44, 45, 45, 46, 46, 47, 47, 48, 48, 49)),
    )  # fmt: skip


def _written(number: int, featured: Featured, slugs: set[str]) -> DemoPackage:
    pick = chance("featured", featured.title)
    operator = next(one for one in operators() if one.slug == featured.operator)
    package_id = plain_id("package", number)
    stops = tuple(
        Stop(
            plain_id("stop", package_id, position),
            find(country, city, shown),
            nights,
            hotel,
            stars,
            "breakfast",
        )
        for position, (country, city, shown, nights, hotel, stars) in enumerate(featured.stays)
    )
    cities = [stop.place.city for stop in stops]
    extras = list(featured.extras) or prose.extras(pick, featured.way, cities)
    return _package(
        pick, number, package_id, operator, "published", featured.title,
        _slug(featured.title, operator, slugs), featured.summary, featured.tags[0], stops,
        featured.euros, featured.tags, tuple(prose.highlights(pick, featured.tags, cities)),
        featured.months, extras, featured.quality,
    )  # fmt: skip


def _package(
    pick: Random, number: int, package_id: UUID, operator: DemoOperator, status: str, title: str,
    slug: str, summary: str, theme: str, stops: tuple[Stop, ...], euros: float,
    tags: tuple[str, ...], highlights: tuple[str, ...], months: frozenset[int],
    extras: list[prose.Extra], quality: int,
) -> DemoPackage:  # fmt: skip
    currency = operator.currency
    first_one = number == 0
    cities = [stop.place.city for stop in stops]
    return DemoPackage(
        number=number,
        id=package_id,
        operator=operator,
        slug=slug,
        title=title,
        summary=summary,
        description=prose.description(pick, theme, [(s.place.city, s.nights) for s in stops]),
        status=status,
        base_price=amount(euros, currency),
        child_discount=pick.choice((0, 15, 20, 25, 30, 30, 50)) if not first_one else 25,
        single_supplement=amount(euros * pick.uniform(0.12, 0.3), currency),
        commission=8 if first_one else pick.choice((8, 8, 9, 10, 10, 10, 11, 12, 12, 14)),
        deposit_percent=30 if first_one else pick.choice((None, None, 10, 15, 20, 20, 25, 30)),
        balance_due_days=30 if first_one else pick.choice((21, 30, 30, 45, 60)),
        policy=_POLICIES[0] if first_one else pick.choice(_POLICIES),
        max_travellers=8 if first_one else pick.choice((6, 8, 8, 8, 10, 12)),
        nights=sum(stop.nights for stop in stops),
        tags=tags,
        highlights=highlights,
        quality=Decimal(quality).scaleb(-1),
        age_days=650 if number < len(FEATURED) else int(700 * pick.random() ** 0.6) + 12,
        months=months,
        stops=stops,
        addons=tuple(
            DemoAddon(
                plain_id("addon", package_id, position),
                extra.name,
                extra.description,
                small_amount(extra.euros, currency),
                extra.unit,  # type: ignore[arg-type]
                extra.required,
            )
            for position, extra in enumerate(extras)
        ),
        exclusions=tuple(prose.exclusions(pick, cities)),
    )


def _nights(pick: Random, places: list[Place]) -> list[int]:
    """Two or three nights a city, more in large ones; four to sixteen altogether."""
    nights = [
        pick.choice((2, 3, 3, 4) if place.population > 900_000 else (1, 2, 2, 3))
        for place in places
    ]
    while sum(nights) < 4:
        nights[nights.index(min(nights))] += 1
    while sum(nights) > 16:
        nights[nights.index(max(nights))] -= 1
    return nights


def _stops(
    pick: Random, package_id: UUID, places: list[Place], nights: list[int], stars: int
) -> tuple[Stop, ...]:
    board = pick.choice(_BOARDS)
    if any(place.country in ("MX", "TR", "TN", "EG", "CU", "TZ") for place in places):
        board = pick.choice((board, board, "all_inclusive"))
    taken: set[str] = set()
    stops: list[Stop] = []
    for position, (place, stay) in enumerate(zip(places, nights, strict=True)):
        names = HOTELS[AREAS.get(place.country, "english")]
        hotel = pick.choice(names)
        while hotel in taken:
            hotel = pick.choice(names)
        taken.add(hotel)
        own = min(5, max(2, stars + pick.choice((-1, 0, 0, 0, 0, 0))))
        stops.append(Stop(plain_id("stop", package_id, position), place, stay, hotel, own, board))
    return tuple(stops)


def _euros(pick: Random, places: list[Place], nights: list[int], stars: int, board: str) -> float:
    """Price per adult in euros: nights at the country's level, and one transfer a leg."""
    comfort = {2: 0.72, 3: 0.8, 4: 1.0, 5: 1.5}[stars]
    table = {"room_only": 0.93, "breakfast": 1.0, "half_board": 1.15, "full_board": 1.27}
    stay = sum(
        COST.get(place.country, DEFAULT_COST) * night
        for place, night in zip(places, nights, strict=True)
    )
    return (stay * comfort * table.get(board, 1.35) + 55 * len(places)) * pick.uniform(0.9, 1.18)


def amount(euros: float, currency: str) -> Decimal:
    """A round price near ``euros`` as people write it in ``currency``."""
    step = _STEP[currency]
    steps = max(1, round(euros * PER_EURO[currency] / step))
    return (Decimal(str(step)) * steps).quantize(Decimal("0.01"))


def small_amount(euros: float, currency: str) -> Decimal:
    """A small price: whole units, tens of yen, quarters of a dinar."""
    value = euros * PER_EURO[currency]
    places = exponent(currency)
    if places == 0:
        return Decimal(max(1, round(value / 10)) * 10)
    if places == 3:
        return Decimal(max(1, round(value * 4))) / 4
    return Decimal(max(1, round(value)))


def _slug(title: str, operator: DemoOperator, slugs: set[str]) -> str:
    slug = base = slug_of(title)
    if slug in slugs:
        slug = base = f"{base}-with-{operator.slug}"
    for number in numbers(2):
        if slug not in slugs:
            break
        slug = f"{base}-{number}"
    slugs.add(slug)
    return slug
