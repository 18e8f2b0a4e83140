"""The lines of a price in the reader's language.

A frozen price keeps codes (``domain/price.py``); what they are called is decided when they are
read, so that a booking made in one language is shown in another.
"""

from ecosystem.domain import formats
from ecosystem.domain.language import _, ngettext
from ecosystem.domain.money import Money
from ecosystem.domain.price import Line


def who(code: str, count: int) -> str:
    """``adults in double rooms``, ``children of 2–11``: whom a line is for; "" for other lines."""
    kind, __, detail = code.partition(":")
    match kind, detail:
        case "adult", "":
            return ngettext("adult", "adults", count)
        case "adult", "1":
            return ngettext("adult in a single room", "adults in single rooms", count)
        case "adult", "2":
            return ngettext("adult in a double room", "adults in double rooms", count)
        case "adult", "3":
            return ngettext("adult in a triple room", "adults in triple rooms", count)
        case "adult", "4":
            return ngettext("adult in a room for four", "adults in rooms for four", count)
        case "child", "":
            return ngettext("child", "children", count)
        case "child", "full":
            return ngettext("child at the adult price", "children at the adult price", count)
        case "child", "unknown":
            return ngettext("child, age not given", "children, ages not given", count)
        case "child", years:
            words = ngettext("child of {years}", "children of {years}", count)
            return words.format(years=years.replace("-", "–"))
        case _:
            return ""


def what(line: Line) -> str:
    """``Single room`` or an extra by its own name; for people the same as :func:`who`."""
    if line.code == "single_supplement":
        return _("Single room")
    if line.code.startswith("kept:"):
        fee = line.amount.minor > 0
        return _("Kept under the cancellation policy") if fee else _("Not charged")
    return who(line.code, line.quantity) or line.label


def label(line: Line) -> str:
    """A line without its amount: ``2 adults × €1,340``, ``Museum pass × 2``."""
    people = who(line.code, line.quantity)
    if people:
        each = formats.money(Money(unit_amount(line), line.amount.currency))
        return f"{formats.number(line.quantity)} {people} × {each}"
    return what(line) if line.quantity == 1 else f"{what(line)} × {formats.number(line.quantity)}"


def unit_amount(line: Line) -> int:
    """What one of ``quantity`` costs, in minor units; a line is always a whole multiple of it."""
    return line.amount.minor // line.quantity
