"""Covers: small, well formed, the same everywhere, and not all alike."""

import re
from hashlib import sha256
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecosystem.services.pictures import cover
from ecosystem.services.pictures.climate import Climate, climate_of
from ecosystem.services.pictures.palette import blended

COUNTRIES = ("IT", "Japan", "Morocco", "LK", "Norway", "Nepal", "Maldives", "Kenya", "MN", None)


@settings(max_examples=60, deadline=None)
@given(
    package_id=st.text(max_size=40),
    latitude=st.none() | st.floats(-90, 90),
    country=st.none() | st.sampled_from(COUNTRIES) | st.text(max_size=12),
    shape=st.sampled_from([(800, 500), (1200, 400), (390, 600)]),
)
def test_any_cover_is_well_formed_and_small(
    package_id: str, latitude: float | None, country: str | None, shape: tuple[int, int]
) -> None:
    picture = cover.svg(package_id, latitude, country, width=shape[0], height=shape[1])

    root = ElementTree.fromstring(picture)
    assert root.get("viewBox") == f"0 0 {shape[0]} {shape[1]}"
    assert len(picture.encode()) <= cover.MOST_BYTES


def test_a_cover_is_the_same_on_every_machine() -> None:
    pictures = "".join(
        cover.svg(f"package-{index}", None, country) for index, country in enumerate(COUNTRIES)
    )

    assert sha256(pictures.encode()).hexdigest()[:16] == "ad1e549037295581"


def test_covers_of_one_country_differ() -> None:
    pictures = [cover.svg(str(index), 42.0, "Italy") for index in range(24)]

    assert len(set(pictures)) == 24
    skies = {re.findall(r"#[0-9a-f]{6}", picture)[0] for picture in pictures}
    assert len(skies) >= 18


def test_references_stay_inside_the_picture_when_many_are_on_a_page() -> None:
    one, other = (set(re.findall(r' id="(\w+)"', cover.svg(name, 42, "IT"))) for name in "ab")

    assert one
    assert other
    assert not one & other


@pytest.mark.parametrize(
    ("latitude", "country", "climate"),
    [
        (41.9, "Italy", Climate.MEDITERRANEAN),
        (46.5, "it", Climate.ALPINE),
        (None, "Côte d’Ivoire", Climate.TROPICAL),
        (36.0, "TURKIYE", Climate.MEDITERRANEAN),
        (21.3, "United States", Climate.TROPICAL),
        (64.8, "US", Climate.NORTH),
        (-54.8, "AR", Climate.NORTH),
        (1.3, None, Climate.TROPICAL),
        (69.6, "no such country", Climate.NORTH),
        (-33.0, "", Climate.MEDITERRANEAN),
        (None, None, Climate.TEMPERATE),
    ],
)
def test_the_climate_follows_country_and_latitude(
    latitude: float | None, country: str | None, climate: Climate
) -> None:
    assert climate_of(latitude, country) is climate


def test_a_blend_starts_and_ends_at_its_colours() -> None:
    assert blended("#f6c79c", "#173a42", 0) == "#f6c79c"
    assert blended("#f6c79c", "#173a42", 1) == "#173a42"


def test_an_empty_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="width"):
        cover.svg("a", None, None, width=0)
