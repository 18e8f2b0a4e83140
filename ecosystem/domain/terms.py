"""How an operator is paid, what its invoices say, and what follows an unpaid balance. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

PayAfter = Literal["confirmation", "departure"]
Overdue = Literal["keep", "cancel"]


@dataclass(frozen=True)
class Terms:
    """``pay_after`` is set by operations, everything else by an owner of the operator.

    ``updated_at`` is None while an operator has nothing but the defaults.
    """

    pay_after: PayAfter
    pay_after_days: int
    overdue: Overdue
    overdue_days: int
    asks_birth_dates: bool
    invoice_name: str
    invoice_address: str
    tax_number: str
    tax_percent: Decimal
    updated_at: datetime | None


def cancels_on(overdue: Overdue, overdue_days: int, due_on: date) -> date | None:
    """The day after which an unpaid balance ends its booking; None: it never does."""
    return due_on + timedelta(days=overdue_days) if overdue == "cancel" else None
