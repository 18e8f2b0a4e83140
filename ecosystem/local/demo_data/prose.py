"""Summary, description, highlights, extras and exclusions of a package, in plain words."""

from dataclasses import dataclass
from random import Random

from ecosystem.local.demo_data.titles import NUMBERS, joined

_OPENINGS: dict[str, tuple[str, ...]] = {
    "rail": (
        "{Count} cities, {legs}, no airport in between.",
        "From {a} to {z} with a window seat booked on every train.",
        "{Count} stations, {count} hotels, and nobody has to drive.",
        "Trains leave after breakfast and reach the next city in time for lunch; {z} is the last.",
        "You leave {a} by train and come home from {z} with the timetable in your head.",
        "The line from {a} to {z} is worth the trip; the {count} cities on it are the reason.",
        "{Count} cities on one line, starting in {a}.",
        "{a} is where it begins, {z} where it ends, and every leg is by train.",
        "Between {a} and {z} somebody else does the driving.",
    ),
    "road": (
        "A driver who grew up here takes you from {a} to {z}.",
        "{Count} towns, short drives, long lunches.",
        "Roads with a view between {a} and {z}, and never more than four hours on one.",
        "Door to door from {a} to {z}, with stops where the view asks for one.",
        "{a} is where it begins, {z} where it ends, and the small roads are in between.",
        "One car, one driver, {count} good beds, from {a} to {z}.",
        "You wake up in {a} and, some days later, in {z}; the road is half of it.",
        "{Count} stops on a road that most people take too fast, from {a} to {z}.",
    ),
    "ferry": (
        "{Count} harbours, joined by boats that locals take as well.",
        "From {a} to {z} with the luggage on deck and the coast beside you.",
        "Short crossings, slow evenings, and a hotel within sight of the quay in {z}.",
        "{a} by the water, {z} by the water, and a boat from one to the other.",
        "Timetables are printed, cabins are not needed: {a} to {z} by day.",
    ),
    "foot": (
        "You walk from {a} towards {z}; your luggage goes ahead.",
        "Five hours of path a day, a hot meal and a good bed at the end of it.",
    ),
    "coach": (
        "{Count} capitals and old towns, joined by a comfortable coach.",
        "From {a} to {z} in a small coach with one guide throughout.",
    ),
    "river": (
        "From {a} to {z} on the water, with {count} towns on the way.",
        "The river sets the pace between {a} and {z}.",
    ),
    "cycle": (
        "Flat paths from {a} to {z}; your luggage travels by van.",
        "Forty kilometres a day at most, and cake in the middle of it.",
    ),
    "fly": (
        "{Count} stops, joined by short flights that we book with the trip.",
        "Two small aircraft and one long river between {a} and {z}.",
    ),
}

_THEMES: dict[str, tuple[str, ...]] = {
    "food": (
        "Evenings end at tables we know by name.",
        "One cooking class, two markets, and the rest is appetite.",
    ),
    "wine": ("Two growers open their cellars for you.", "Tastings come with bread and a chair."),
    "coast": ("The sea is never more than a walk away.", "Every hotel is near the water."),
    "beach": ("The last two days belong to the beach.", "Bring a swimsuit and no plan."),
    "history": ("Guides tell it as a story, not as a list.", "Old walls, and time to sit by them."),
    "art": ("Museum tickets are booked for the quiet hour.", "Two museums a city, never three."),
    "architecture": ("An architect walks you through {a}.", "Look up: that is most of the plan."),
    "music": ("Concert seats in {z} are included.", "Two evenings have music in them."),
    "temples": ("You are at the gates before the buses.", "Mornings start early and end in tea."),
    "walking": ("Walks are easy to middling, five hours at most.", "A local guide walks with you."),
    "family": ("Rooms connect, and afternoons are free.", "Nothing takes longer than two hours."),
    "mountains": (
        "Clear air, warm kitchens, early nights.",
        "Weather decides, and we plan for it.",
    ),
    "lakes": ("Boats instead of buses wherever we can.", "Afternoons are for the water."),
    "islands": (
        "Ferries are booked, timetables are printed.",
        "Nothing to do is part of the plan.",
    ),
    "desert": ("One night is spent under more stars than you expect.", "Dust, dates and silence."),
    "wildlife": ("Rangers lead, and groups stay small.", "Early starts are repaid."),
    "gardens": (
        "Gardens are visited when they are in flower.",
        "A gardener shows you the best one.",
    ),
    "cycling": ("Bicycles are sized for you before you come.", "The wind is usually behind you."),
    "castles": ("One night is spent inside the walls.", "Keys are borrowed where doors are shut."),
    "christmas markets": (
        "Go early, eat standing, walk home warm.",
        "Markets by dusk, concert by night.",
    ),
    "autumn": ("Dates follow the colour, north to south.", "We move when the leaves do."),
    "northern lights": (
        "Four nights in the dark give the sky its chance.",
        "If the sky opens, we wake you.",
    ),
    "spa": ("Every hotel has its own baths.", "One treatment a day, if you like."),
    "design": ("Studio visits are with the people who work there.", "Good chairs throughout."),
    "river": (
        "The water is in sight from breakfast to supper.",
        "Bridges, ferries and long evenings.",
    ),
    "coffee": (
        "You pick, roast and drink it in one day.",
        "Growers are our friends, and pour well.",
    ),
    "tea": ("Planters show how the leaf becomes the cup.", "The hill train is included."),
    "whisky": ("Three distilleries, and nobody drives.", "Drams are small and many."),
    "literature": (
        "A reading list comes with the tickets.",
        "Bookshops have been left in the plan.",
    ),
    "pilgrim": ("The certificate at the end is yours to earn.", "The road does most of the work."),
    "rail": ("Seats are on the side with the view.", "The slow line is the point."),
    "festivals": ("Dates follow the feast days.", "You are in the crowd, not above it."),
    "markets": ("Market days decide the order.", "You come on the day the hills come to town."),
}

_CLOSINGS: tuple[str, ...] = (
    "One afternoon in every city is yours.",
    "Hotels are a ten-minute walk from where you arrive.",
    "Groups stay small enough for one table.",
    "There is somebody to call at any hour, in your language.",
    "Nothing is before nine unless the light asks for it.",
    "Breakfast is good everywhere; we checked.",
)

_PACE: tuple[str, ...] = (
    "Mornings are guided, afternoons are free. The guide leaves you where lunch is.",
    "Everything that needs a ticket is booked; everything else is left open on purpose.",
    "You carry a small bag. Luggage meets you at the next hotel.",
    "We keep two evenings without a plan, with a list of places we like.",
    "The days are planned so that nobody has to hurry and nobody has to wait.",
)

_PRACTICAL: tuple[str, ...] = (
    "You get a printed booklet with addresses, times and telephone numbers before you leave.",
    "Tell us what you don't eat; hotels and guides hear it before you arrive.",
    "Most of it works with a wheelchair or a pram; ask us where it does not.",
    "If a leg is cancelled, we book the next one and call you, not the other way round.",
    "Rooms are on the quiet side of each house where there is one.",
)

_HIGHLIGHTS: dict[str, tuple[str, ...]] = {
    "food": ("A market morning and a cooking class in {}", "Supper with a family in {}"),
    "wine": ("A tasting in a grower's own cellar near {}", "An evening of local wines in {}"),
    "coast": ("Sunset from the harbour of {}", "A boat along the coast from {}"),
    "beach": ("A free day by the sea in {}", "An early swim in {}"),
    "history": ("The oldest streets of {} with a historian", "The city museum of {} after hours"),
    "art": ("A gallery morning in {} with timed tickets", "A painter's studio in {}"),
    "architecture": ("A walk through {} with an architect", "Courtyards of {} behind closed doors"),
    "music": ("Seats for an evening of music in {}", "A rehearsal in {}"),
    "temples": ("Morning prayers in {}", "A quiet temple garden in {}"),
    "walking": ("A day's walk in the hills near {}", "A path out of {} and the bus back"),
    "family": ("A treasure hunt through {}", "A workshop for children in {}"),
    "mountains": ("The view over {} from above", "A day in the mountains near {}"),
    "lakes": ("A morning boat from {}", "A picnic by the water near {}"),
    "wildlife": ("A dawn drive near {} with a ranger", "An afternoon with binoculars near {}"),
    "gardens": ("A private garden in {}", "The botanical garden of {} with a gardener"),
    "cycling": ("A day by bicycle around {}", "The riverside path out of {}"),
    "christmas markets": ("The Advent market of {} at dusk", "Baking in {} with a pastry cook"),
    "northern lights": ("A night under dark skies near {}", "A fire and hot soup outside {}"),
    "spa": ("An afternoon in the baths of {}", "Hot springs near {}"),
}

_ALWAYS: tuple[str, ...] = (
    "A guided first walk through {}",
    "A free afternoon in {}",
    "The old town of {} before the crowds",
    "The view over {} at dusk",
    "Coffee with your guide in {}",
)


@dataclass(frozen=True)
class Extra:
    """An add-on before it belongs to a package; ``euros`` per ``unit``."""

    name: str
    description: str
    euros: int
    unit: str
    required: bool = False


REQUIRED: tuple[Extra, ...] = (
    Extra("Local tourist taxes", "What the cities ask for each night.", 3, "traveller_night", True),
    Extra("Guide's fee", "One guide for the whole trip.", 60, "booking", True),
    Extra("Seat reservations", "Reserved seats on every leg.", 28, "traveller", True),
    Extra("Park and site permits", "Bought in your name before you come.", 45, "traveller", True),
)

OPTIONAL: tuple[Extra, ...] = (
    Extra("A morning in {} with a guide", "Three hours, at your pace.", 48, "traveller"),
    Extra("Cooking class in {}", "With the market first and lunch after.", 72, "traveller"),
    Extra("Transfer from the airport", "A car with your name on a sign.", 55, "booking"),
    Extra("Car to the airport on the last day", "At any hour.", 55, "booking"),
    Extra("Half board", "Supper at the hotel every evening.", 26, "traveller_night"),
    Extra("Room with a view", "The better side of each house.", 22, "night"),
    Extra("Parking at every hotel", "For those who come by car.", 14, "night"),
    Extra("Bicycle for the whole trip", "Sized for you before you arrive.", 12, "traveller_night"),
    Extra("First class on every leg", "Wider seats and a quieter carriage.", 95, "traveller"),
    Extra("Private guide for two days", "Only your party.", 380, "booking"),
    Extra("Evening concert in {}", "Good seats, not the best ones.", 58, "traveller"),
    Extra("Welcome dinner in {}", "Four courses and what goes with them.", 46, "traveller"),
    Extra("Photographer for a morning in {}", "Forty pictures, sent in a week.", 210, "booking"),
    Extra("Late check-out in {}", "Your room until six in the evening.", 40, "booking"),
    Extra("Boat trip from {}", "Half a day on the water.", 64, "traveller"),
)

_EXCLUSIONS: tuple[str, ...] = (
    "Flights to {a} and home from {z}",
    "Travel insurance",
    "Lunches and dinners that are not named",
    "Drinks with meals",
    "Tips for guides and drivers",
    "Visas, if you need one",
    "Entrance fees on free afternoons",
    "Local transport in the cities",
    "Laundry and telephone",
)


def _legs(cities: int, way: str) -> str:
    noun = {"rail": "train", "ferry": "boat"}.get(way, "ride")
    return f"{NUMBERS[cities - 1]} {noun}{'s' if cities > 2 else ''}"


def summary(pick: Random, way: str, theme: str, cities: list[str]) -> str:
    """One or two sentences for the card and the head of the page."""
    count = NUMBERS[len(cities)]
    first = pick.choice(_OPENINGS[way]).format(
        a=cities[0],
        z=cities[-1],
        count=count,
        Count=count.capitalize(),
        legs=_legs(len(cities), way),
    )
    second = pick.choice(_THEMES[theme] if pick.random() < 0.65 else _CLOSINGS)
    return f"{first} {second.format(a=cities[0], z=cities[-1])}"


def description(pick: Random, theme: str, stays: list[tuple[str, int]]) -> str:
    """Three short paragraphs: the course of the trip, its pace, practical things."""
    parts = [
        f"{NUMBERS[nights]} night{'s' if nights > 1 else ''} in {city}" for city, nights in stays
    ]
    course = pick.choice(
        ("The trip gives you {}.", "You have {}.", "There is time for {}.", "Your days: {}.")
    ).format(joined(parts).replace(" & ", " and "))
    line = pick.choice(_THEMES[theme]).format(a=stays[0][0], z=stays[-1][0])
    pace, practical = pick.choice(_PACE), pick.choice(_PRACTICAL)
    return f"{course} {line}\n\n{pace}\n\n{practical} {pick.choice(_CLOSINGS)}"


def highlights(pick: Random, themes: tuple[str, ...], cities: list[str]) -> list[str]:
    """Four or five lines, one city each, none twice."""
    pool = [line for theme in themes for line in _HIGHLIGHTS.get(theme, ())] + list(_ALWAYS)
    lines = pick.sample(pool, min(len(pool), pick.randint(4, 5)))
    return [line.format(cities[index % len(cities)]) for index, line in enumerate(lines)]


def extras(pick: Random, way: str, cities: list[str]) -> list[Extra]:
    """One to four add-ons; about a third of the packages have a required one."""
    chosen: list[Extra] = []
    if pick.random() < 0.35:
        chosen.append(
            pick.choice([extra for extra in REQUIRED if way == "rail" or "Seat" not in extra.name])
        )
    fitting = [
        extra
        for extra in OPTIONAL
        if (way == "rail" or "First class" not in extra.name)
        and (way != "rail" or "Parking" not in extra.name)
    ]
    chosen += pick.sample(fitting, pick.randint(1, 4 - len(chosen)))
    return [
        Extra(e.name.format(pick.choice(cities)), e.description, e.euros, e.unit, e.required)
        for e in chosen
    ]


def exclusions(pick: Random, cities: list[str]) -> list[str]:
    """Two to four things that the price does not include."""
    first, *rest = _EXCLUSIONS
    chosen = [first, *pick.sample(rest, pick.randint(1, 3))]
    return [line.format(a=cities[0], z=cities[-1]) for line in chosen]
