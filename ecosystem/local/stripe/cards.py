"""The test cards and what each of them does (numbers: https://docs.stripe.com/testing)."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["succeeds", "declined", "authenticates"]
Aftermath = Literal["", "dispute", "refund_fails", "available_now"]


@dataclass(frozen=True)
class Card:
    """A test card.

    Attributes:
        number: digits only.
        says: what it does, in the words of the list on the payment page.
        code: Stripe's error code when it is declined.
        decline_code: the bank's reason when it is declined.
        message: what the buyer reads then.
    """

    number: str
    says: str
    outcome: Outcome = "succeeds"
    aftermath: Aftermath = ""
    code: str = "card_declined"
    decline_code: str = ""
    message: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        """In groups of four, as it is printed on the card."""
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))

    @property
    def brand(self) -> str:
        """Visa cards begin with 4, all others here are Mastercards."""
        return "visa" if self.number.startswith("4") else "mastercard"


_CARDS = (
    Card("4242424242424242", "succeeds"),
    Card(
        "4000000000000002",
        "is declined",
        "declined",
        decline_code="generic_decline",
        message="Your card was declined.",
    ),
    Card(
        "4000000000009995",
        "has insufficient funds",
        "declined",
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
    ),
    Card("4000002500003155", "asks for authentication first", "authenticates"),
    Card("4000000000000259", "succeeds and is then disputed", aftermath="dispute"),
    Card("4000000000005126", "succeeds; a refund of it fails later", aftermath="refund_fails"),
    Card("4000000000000077", "succeeds; its funds are available at once",
         aftermath="available_now"),
    Card("5555555555554444", "succeeds (Mastercard)"),
)  # fmt: skip
CARDS = {card.number: card for card in _CARDS}
LISTED = _CARDS[:5]
"""Those shown on the payment page."""


def card_for(number: str) -> Card:
    """The test card with this number; any other number is declined, as in Stripe's test mode."""
    known = CARDS.get(number)
    if known is not None:
        return known
    return Card(
        number,
        "is not a test card",
        "declined",
        decline_code="test_mode_live_card",
        message="Your card was declined. This page takes only the test cards listed below.",
    )


def digits(text: str) -> str:
    """A typed number without spaces and dashes."""
    return "".join(mark for mark in text if mark not in " -\u00a0")


def looks_like_a_card(number: str) -> bool:
    """Whether it has 13 to 19 digits and the right check digit (ISO/IEC 7812, Luhn)."""
    if not number.isascii() or not number.isdigit() or not 13 <= len(number) <= 19:
        return False
    total = 0
    for place, mark in enumerate(reversed(number)):
        value = int(mark) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
