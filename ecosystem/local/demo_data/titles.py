"""Titles as people write them: by theme, by way of travelling, by number of cities."""

from random import Random

from ecosystem.local.demo_data.places import Route

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

WAYS = {
    "rail": "by rail",
    "road": "by road",
    "ferry": "by boat",
    "foot": "on foot",
    "coach": "by coach",
    "river": "by river",
    "cycle": "by bicycle",
    "fly": "by short hops",
}

SEASONS: dict[str, frozenset[int]] = {
    "spring": frozenset({3, 4, 5}),
    "summer": frozenset({6, 7, 8}),
    "autumn": frozenset({9, 10, 11}),
    "winter": frozenset({12, 1, 2}),
}
_SOUTHERN = {"spring": "autumn", "autumn": "spring", "summer": "winter", "winter": "summer"}

ONLY_IN: dict[str, frozenset[int]] = {
    "christmas markets": frozenset({11, 12}),
    "autumn": frozenset({9, 10, 11, 12}),
    "northern lights": frozenset({1, 2, 3, 9, 10, 11, 12}),
}
"""Themes that have months of their own, wherever they are."""

_BY_THEME: dict[str, tuple[str, ...]] = {
    "food": (
        "Eating well from {a} to {z}",
        "A table in {a}, another in {z}",
        "{Region}, market by market",
        "What {region} has for dinner",
        "The kitchens of {a} and {z}",
        "{list}: a long lunch",
        "Hungry in {a}",
    ),
    "wine": (
        "{Region} by the glass",
        "Vineyards between {a} and {z}",
        "Cellars and small towns: {list}",
        "{a} to {z} at harvest pace",
        "A wine road from {a} to {z}",
    ),
    "coast": (
        "The water's edge: {list}",
        "{a} to {z} along the sea",
        "Harbours of {region}",
        "Salt air from {a} to {z}",
        "{Region} from the sea side",
    ),
    "beach": (
        "Old streets first, then the beach: {list}",
        "{list}, and a beach to end on",
        "Sand and old streets: {a} & {z}",
        "{Region} with time to swim",
    ),
    "history": (
        "Old stones of {region}",
        "{a} to {z}, one long story in {count} cities",
        "Walls and gates: {list}",
        "The long story of {region}",
        "{a} before the crowds, {z} after",
    ),
    "art": (
        "Painters' cities: {list}",
        "{a} and {z} for people who like museums",
        "Light and line in {region}",
        "Galleries from {a} to {z}",
    ),
    "architecture": (
        "Facades of {a} and {z}",
        "{list}, looking up",
        "Courtyards and stairways of {region}",
        "Built to be seen: {a} to {z}",
    ),
    "music": (
        "An evening concert in {a}, another in {z}",
        "{Region} by ear",
        "Songs between {a} and {z}",
        "Listening to {list}",
    ),
    "temples": (
        "Temple mornings: {list}",
        "Bells at dawn from {a} to {z}",
        "Quiet courtyards of {region}",
        "{a} to {z}, shoes off",
        "Incense and rivers: {a} & {z}",
    ),
    "walking": (
        "{Region} on foot",
        "Walking days from {a} to {z}",
        "Good boots, short days: {list}",
        "Paths between {a} and {z}",
        "{Region} at walking pace",
    ),
    "family": (
        "{list} with children",
        "{Region} for all ages",
        "A family trip from {a} to {z}",
        "Small legs, big cities: {a} & {z}",
    ),
    "mountains": (
        "High country: {list}",
        "Peaks and towns of {region}",
        "{a} to {z} under the mountains",
        "Thin air and warm kitchens: {a} to {z}",
    ),
    "lakes": (
        "{Region}, shore to shore",
        "Lake mornings from {a} to {z}",
        "Still water: {list}",
    ),
    "islands": (
        "Island time: {list}",
        "{a}, {z} and the boats between",
        "{Region} by slow ferry",
    ),
    "desert": (
        "From {a} to the edge of the sand",
        "Desert nights and old towns: {list}",
        "{Region} under open skies",
    ),
    "wildlife": (
        "Early starts in {region}",
        "Field glasses and good beds: {a} to {z}",
        "{list} for the wildlife",
    ),
    "gardens": (
        "Gardens of {region}",
        "Green weeks: {list}",
        "In flower from {a} to {z}",
    ),
    "cycling": (
        "{a} to {z} by bicycle",
        "Flat miles and good coffee: {list}",
        "Two wheels through {region}",
    ),
    "castles": (
        "Castles between {a} and {z}",
        "Towers and keeps of {region}",
        "{list}, castle by castle",
    ),
    "christmas markets": (
        "Christmas markets: {list}",
        "Advent in {a} and {z}",
        "Lights and mulled wine from {a} to {z}",
        "{Region} in December",
    ),
    "autumn": (
        "{list} in the turning leaves",
        "{Region} when the leaves turn",
        "Red and gold: {a} to {z}",
    ),
    "northern lights": (
        "Waiting for the lights: {list}",
        "Dark skies over {region}",
        "{a} to {z} under the aurora",
    ),
    "spa": (
        "Hot springs and quiet towns: {list}",
        "Time to exhale in {region}",
        "Warm water from {a} to {z}",
    ),
    "design": (
        "Well made: {list}",
        "{a} and {z} for the eye",
        "Chairs, lamps and harbours of {region}",
    ),
    "river": (
        "Downstream from {a} to {z}",
        "River cities: {list}",
        "Bridges of {region}",
    ),
    "coffee": ("Coffee and rain forest: {list}", "From bean to cup: {a} to {z}"),
    "tea": ("Tea hills: {list}", "First flush from {a} to {z}", "{Region} by the pot"),
    "whisky": ("Peat smoke and small stations: {list}", "Drams between {a} and {z}"),
    "literature": ("Read it, then see it: {list}", "Bookshops from {a} to {z}"),
    "pilgrim": ("The pilgrim road: {a} to {z}", "A slow arrival in {z}"),
    "rail": ("Window seats: {list}", "Slow trains to {z}", "The line from {a} to {z}"),
    "festivals": ("Lanterns and drums: {list}", "Feast days in {region}"),
    "markets": ("Market days: {list}", "Weavers and market squares of {region}"),
}

_PLAIN: tuple[str, ...] = (
    "{list}",
    "{list} {way}",
    "{a} to {z} {way}",
    "{a} to {z}, unhurried",
    "From {a} to {z}",
    "{Count} cities of {region}",
    "{Region} in {nights} nights",
    "{Region}: {list}",
    "{Region}, the short version: {a} & {z}",
    "The way from {a} to {z}",
    "{a}, then {z}",
    "{a} first, {z} last",
    "Slowly through {region}",
    "A first look at {region}",
    "Back to {region}",
    "{Region} for the second time",
    "Small hotels of {region}",
    "{list} in {season}",
    "{a} to {z} in {season}",
    "{Region} in {season}",
    "{Season} in {a} and {z}",
    "{Season} in {region}",
    "{Count} stops between {a} and {z}",
)

_TAILS: tuple[str, ...] = (
    ", unhurried",
    " in {nights} nights",
    " {way}",
    ", with time in {z}",
    ", with a day to spare",
    " in {season}",
    ", in good company",
    ", the long way round",
    ": {list}",
)


def season_names(route: Route) -> list[str]:
    """The seasons in which the route can be travelled, as people there call them."""
    south = route.stops[0].latitude < -10
    tropical = abs(route.stops[0].latitude) < 23
    if tropical:
        return []
    found = [name for name, months in SEASONS.items() if len(months & route.months) > 1]
    return [_SOUTHERN[name] for name in found] if south else found


def season_months(route: Route, season: str) -> frozenset[int]:
    """The months that a season's name means on this route."""
    if route.stops[0].latitude < -10:
        season = _SOUTHERN[season]
    return SEASONS[season] & route.months


def joined(names: list[str]) -> str:
    """``Rome``, ``Rome & Florence``, ``Rome, Florence & Venice``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} & {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def write(
    pick: Random,
    route: Route,
    cities: list[str],
    theme: str,
    season: str,
    nights: int,
    attempt: int,
) -> str:
    """One title. Later attempts add a turn of phrase, so that an unused one is found."""
    plain = pick.random() < 0.45
    patterns = _PLAIN if plain else _BY_THEME[theme]
    if not season:
        patterns = tuple(pattern for pattern in patterns if "eason}" not in pattern)
    pattern = pick.choice(patterns)
    if attempt > 6:
        pattern += pick.choice(
            [
                tail
                for tail in _TAILS
                if (season or "season" not in tail)
                and not any(mark in pattern for mark in (":", tail[-8:]))
            ]
            or [", unhurried"]
        )
    number = NUMBERS[nights] if nights <= 10 else str(nights)
    return pattern.format(
        a=cities[0],
        z=cities[-1],
        list=joined(cities),
        region=route.region,
        Region=_capital(route.region),
        way=WAYS[route.way],
        count=NUMBERS[len(cities)],
        Count=_capital(NUMBERS[len(cities)]),
        nights=number,
        season=season,
        Season=_capital(season),
    )
