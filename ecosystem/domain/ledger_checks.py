"""Whether the books add up: what is compared, and what does not agree. Pure."""

from dataclasses import dataclass
from datetime import datetime

from ecosystem.domain.money import Money


@dataclass(frozen=True)
class Difference:
    """Two amounts that should be the same. ``subject`` is a booking's reference, or empty for
    a comparison of all bookings of one currency."""

    subject: str
    books: Money
    other: Money

    @property
    def rest(self) -> Money:
        """By how much the books are above the other."""
        return self.books - self.other


@dataclass(frozen=True)
class Check:
    """``name`` is stable; ``rule`` says in words what must be the same as what.

    ``differences`` are at most the first twenty; ``silent`` says why a check could not be
    made (Stripe did not answer), in which case nothing is known. ``at`` is when it was made.
    """

    name: str
    rule: str
    differences: tuple[Difference, ...] = ()
    silent: str = ""
    at: datetime | None = None

    def __str__(self) -> str:
        """What is wrong, in one line: rule, and where it does not hold."""
        if self.silent:
            return f"{self.rule} Not known: {self.silent}"
        where = ", ".join(
            f"{one.subject or one.books.currency} by {one.rest.decimal} {one.rest.currency}"
            for one in self.differences[:5]
        )
        return f"{self.rule} It does not hold for {where}."

    @property
    def good(self) -> bool:
        return not self.differences and not self.silent
