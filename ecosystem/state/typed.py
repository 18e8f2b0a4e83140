"""What was typed into a form, as a browser sent it: anything may be in it."""

from decimal import Decimal

from ecosystem.domain.errors import Invalid
from ecosystem.domain.money import exponent

LONGEST = 10_000
"""Characters of a field that are looked at; forms say what may be longer."""


def typed_in(form: object, name: str) -> str:
    """A field's text; empty for a field, or a form, that is none."""
    value = form.get(name, "") if isinstance(form, dict) else ""
    return value[:LONGEST] if isinstance(value, str) else ""


def whole_in(form: object, name: str, otherwise: int) -> int:
    """A small whole number; ``otherwise`` where none was typed."""
    value = typed_in(form, name).strip()
    return int(value) if value.isdecimal() and len(value) < 5 else otherwise


def minor_units(text: str, currency: str) -> int | None:
    """An amount like ``45.50`` in minor units; None if it is none."""
    whole, _point, part = text.strip().replace(",", ".").partition(".")
    places = exponent(currency) if len(currency) == 3 else 2
    if not (whole.isdecimal() and len(whole) <= 9 and len(part) <= places):
        return None
    if part and not part.isdecimal():
        return None
    return int(whole + part.ljust(places, "0"))


def percent_in(form: object, name: str) -> Decimal | None:
    """A percentage like ``12.5``, up to four decimal places; None where none was typed.

    Raises:
        Invalid: it is none.
    """
    text = typed_in(form, name).strip().removesuffix("%").strip().replace(",", ".")
    if not text:
        return None
    whole, _point, part = text.partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdecimal() and len(whole) <= 3 and len(part) <= 4):
        raise Invalid.one(name, "Enter a percentage like 12.5.")
    return Decimal(f"{whole or 0}.{part or 0}")
