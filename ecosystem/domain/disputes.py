"""Who bears what of a disputed payment. Pure."""

from ecosystem.domain.money import Money
from ecosystem.domain.split import Split

INQUIRY = "warning_"
"""How Stripe's words for an inquiry begin: the bank asks, no money has moved yet."""

ENDED = ("won", "lost", "prevented", "warning_closed")
"""Stripe's words for a dispute that is over
(https://docs.stripe.com/api/disputes/object#dispute_object-status)."""

KEPT = ("won", "prevented", "warning_closed")
"""Ends after which the money is ours."""


def withdrawn(status: str, taken: Money) -> bool:
    """Whether the money was taken from the balance at any time, also if it came back since."""
    return taken.minor > 0 or status in ("won", "lost")


def taken_back(had: int, disputed: int, kept: int, unit: int = 1) -> int:
    """How much of a transfer comes back for disputes, in minor units, from first to last.

    Args:
        had: what the party had of the transfer before anything came back for a dispute: the
            answer stays the same while it comes back.
        disputed: what banks took of the payment.
        kept: what is left of the payment after refunds. A dispute over all of it takes all
            of the transfer back; over a part, the same part, rounded half up.
        unit: the smallest part that can be moved (``money.step``).
    """
    if disputed >= kept:
        return had
    part = (2 * had * disputed + kept * unit) // (2 * kept * unit) * unit
    return min(had, part)


def lost_parts(before: Split, after: Split, lost: Money) -> Split:
    """What each party gives up when ``lost`` stays with the buyer.

    Args:
        before: the parts of what the booking was worth until now.
        after: the parts of what it is worth without ``lost``, at the same rates.
        lost: what the bank keeps. Beyond what the booking was worth (a payment that bought
            nothing) it is the marketplace's own loss.
    """
    operator, agency = before.operator - after.operator, before.agency - after.agency
    return Split(operator=operator, agency=agency, platform=lost - operator - agency)
