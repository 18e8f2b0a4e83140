"""Sums over several currencies as a figure: the largest leads, the others stand below it."""

from collections.abc import Sequence

from ecosystem.domain.money import Money
from ecosystem.state import formats


def figure_of(amounts: Sequence[Money]) -> tuple[str, str]:
    """The first amount, and the others in words; currencies are never added together."""
    if not amounts:
        return "–", ""
    rest = [formats.money(amount) for amount in amounts[1:]]
    if not rest:
        return formats.money(amounts[0]), ""
    return formats.money(amounts[0]), "and " + ", ".join(rest)


def counted(count: int, one: str, many: str) -> str:
    """``1 booking``, ``12 bookings``."""
    return f"{formats.number(count)} {one if count == 1 else many}"
