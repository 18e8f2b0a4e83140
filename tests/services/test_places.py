"""Real cities are found by what people type."""

import pytest

from ecosystem.services.places import Places

places = Places()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("rom", ("Rome", "IT")), ("ROMA", ("Rome", "IT")), ("münchen", ("Munich", "DE")),
        ("Firenze", ("Florence", "IT")), ("lodz", ("Łódź", "PL")), ("Positano", ("Positano", "IT")),
        ("barcelnoa", ("Barcelona", "ES")), ("Paris, us", ("Paris", "US")),
        ("queenstown, new z", ("Queenstown", "NZ")), ("東京", ("Tokyo", "JP")),
    ],
)  # fmt: skip
def test_the_city_that_is_meant_comes_first(typed: str, found: tuple[str, str]) -> None:
    first = places.look_up(typed)[0]
    assert (first.name, first.country) == found


@pytest.mark.parametrize(
    "typed", ["", "  ", ",", ", it", "zzzzqqqq", "\x00", "%", "a" * 10_000, "🙂"]
)
def test_words_that_no_city_has(typed: str) -> None:
    assert places.look_up(typed) == ()


def test_no_more_than_asked_for_and_with_its_time_zone() -> None:
    assert len(places.look_up("san", 3)) == 3
    assert places.look_up("san", -1) == ()
    assert len(places.look_up("s", 10_000)) == 50
    rome = places.named("rome", "it")
    assert rome is not None
    assert rome.timezone == "Europe/Rome"
    assert places.named("rome", "fr") is None
