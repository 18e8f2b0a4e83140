"""What anybody may have typed is read without an error."""

import pytest

from ecosystem.state.typed import minor_units, typed_in, whole_in


@pytest.mark.parametrize("junk", ["²", "-1", "1e9", "99999", "", "\x00", None, 3, ["1"], {}])
def test_no_number_is_whole(junk: object) -> None:
    assert whole_in({"n": junk}, "n", 2) == 2
    assert whole_in(junk, "n", 2) == 2


def test_text_is_text_and_has_an_end() -> None:
    assert typed_in({"a": "x" * 20_000}, "a") == "x" * 10_000
    assert typed_in({"a": 1}, "a") == typed_in(None, "a") == ""


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("45", "EUR", 4500),
        ("45,5", "EUR", 4550),
        ("45.5", "KWD", 45500),
        ("45", "JPY", 45),
        ("45.5", "JPY", None),
        ("4.555", "EUR", None),
        ("²", "EUR", None),
        ("1.²", "EUR", None),
        ("-3", "EUR", None),
        ("", "EUR", None),
    ],
)
def test_amounts(text: str, currency: str, minor: int | None) -> None:
    assert minor_units(text, currency) == minor
