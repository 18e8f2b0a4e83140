"""A few trips written by hand: the ones that pictures and tests of the product show."""

from dataclasses import dataclass

from ecosystem.local.demo_data.prose import Extra


@dataclass(frozen=True)
class Featured:
    """``stays``: country, city, shown name, nights, hotel, stars. ``euros`` per adult."""

    title: str
    operator: str
    stays: tuple[tuple[str, str, str, int, str, int], ...]
    euros: int
    way: str
    months: frozenset[int]
    tags: tuple[str, ...]
    summary: str
    quality: int
    extras: tuple[Extra, ...] = ()


_SPRING_TO_AUTUMN = frozenset(range(3, 12))

FEATURED: tuple[Featured, ...] = (
    Featured(
        "Rome, Florence & Venice by rail",
        "via-appia-journeys",
        (
            ("IT", "Rome", "", 3, "Hotel Santa Prisca al Colle", 4),
            ("IT", "Florence", "", 3, "Casa dei Tre Ponti", 4),
            ("IT", "Venice", "", 2, "Locanda San Barnaba Vecchio", 4),
        ),
        1290,
        "rail",
        _SPRING_TO_AUTUMN,
        ("art", "food", "history", "rail"),
        "Three cities, two fast trains, no airport in between. Hotels are a ten-minute walk from "
        "each station, and one afternoon in every city is yours.",
        48,
        (
            Extra("Uffizi with a guide", "Two hours, at a quiet time.", 48, "traveller"),
            Extra("Supper in Trastevere", "Four courses with wine.", 46, "traveller"),
            Extra("First class on both trains", "Wider seats, quieter car.", 62, "traveller"),
            Extra("Transfer from the airport", "A car to your hotel.", 58, "booking"),
        ),
    ),
    Featured(
        "Kyoto in the maple weeks",
        "tokaido-travel",
        (
            ("JP", "Tokyo", "", 3, "Hotel Tsukimi", 4),
            ("JP", "Kyoto", "", 5, "Ryokan Momiji-an", 5),
            ("JP", "Hiroshima", "", 2, "Hotel Kawabe", 4),
        ),
        2480,
        "rail",
        frozenset({10, 11, 12}),
        ("autumn", "temples", "gardens", "rail"),
        "Ten nights around the three weeks in which the maples turn. Gardens early, trains at "
        "noon, hot baths at night.",
        49,
    ),
    Featured(
        "Medinas and the blue town",
        "atlas-sea",
        (
            ("MA", "Marrakesh", "", 3, "Riad Yasmina", 4),
            ("MA", "Fes", "", 2, "Dar Zitoun", 4),
            ("MA", "Chefchaouen", "", 2, "Dar Najma", 3),
        ),
        940,
        "road",
        frozenset({2, 3, 4, 5, 9, 10, 11}),
        ("food", "history", "architecture", "road"),
        "Two old medinas and a town painted blue, with a driver who knows where to stop for mint "
        "tea.",
        47,
    ),
    Featured(
        "Two coasts of Sri Lanka",
        "serendib-trails",
        (
            ("LK", "Colombo", "", 2, "Hotel Sagar", 4),
            ("LK", "Kandy", "", 3, "Araliya House", 4),
            ("LK", "Galle", "", 4, "Lotus Tank House", 4),
        ),
        1150,
        "rail",
        frozenset({1, 2, 3, 4, 7, 8, 9, 12}),
        ("coast", "tea", "beach", "wildlife"),
        "The west coast by train, the hills for tea, the south for the sea. Nine nights, three "
        "houses with gardens.",
        46,
    ),
    Featured(
        "Lisbon, Porto and the Douro",
        "atlas-sea",
        (
            ("PT", "Lisbon", "", 2, "Casa das Laranjeiras", 4),
            ("PT", "Coimbra", "", 1, "Solar do Mirante", 4),
            ("PT", "Porto", "", 3, "Hotel da Fonte Nova", 4),
        ),
        880,
        "rail",
        _SPRING_TO_AUTUMN,
        ("rail", "wine", "food", "river"),
        "Up the coast by train and along the river by a slower one. The last day is spent among "
        "the terraces.",
        48,
    ),
    Featured(
        "Northern light, slow trains",
        "nordlys-rail",
        (
            ("NO", "Oslo", "", 2, "Hotel Havn", 4),
            ("NO", "Bergen", "", 3, "Solvik Brygge", 4),
            ("NO", "Tromsø", "", 3, "Hotel Aurora Nord", 4),
        ),
        2190,
        "rail",
        frozenset({1, 2, 3, 6, 7, 8, 11, 12}),
        ("northern lights", "rail", "coast", "mountains"),
        "Over the mountains to the fjords, then north to where the light is the reason to go.",
        47,
    ),
)

ROME = FEATURED[0].title
