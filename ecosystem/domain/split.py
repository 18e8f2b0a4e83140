"""Who gets what of a booking. Parts always sum to the whole."""

from dataclasses import dataclass
from decimal import Decimal

from ecosystem.domain.money import Money

PLATFORM_PERCENT = Decimal(3)
"""The marketplace's own share of every booking."""


@dataclass(frozen=True)
class Split:
    operator: Money
    agency: Money
    platform: Money


def split(total: Money, commission_percent: Decimal, *, by_agency: bool) -> Split:
    """Divide ``total``: commission to the agency that sold it, else to the platform.

    The platform's and the commission's shares are rounded half up; the operator
    gets the rest, so nothing is lost to rounding. A package's commission is at
    most 97 %, which leaves the operator's part at zero or more.
    """
    fee = total.percent(PLATFORM_PERCENT)
    commission = total.percent(min(commission_percent, 100 - PLATFORM_PERCENT))
    if fee.minor + commission.minor > total.minor:
        commission = total - fee
    zero = Money.zero(total.currency)
    return Split(
        operator=total - fee - commission,
        agency=commission if by_agency else zero,
        platform=fee if by_agency else fee + commission,
    )
