"""The life of a booking, and the times that bound it."""

from datetime import datetime, timedelta
from typing import Literal

BookingStatus = Literal["pending_payment", "confirmed", "completed", "cancelled", "expired"]
PaymentStatus = Literal[
    "due", "processing", "paid", "failed", "refunded", "partially_refunded", "disputed"
]
SOLD = ("confirmed", "completed")
UNDECIDED = ("due", "processing", "failed")
"""A payment that may still be paid. In any other status it is not marked again."""

ACCOUNT = "account"
"""The kind of payment that an agency owes which collects from its client itself."""

RECEIVED = ("paid", "partially_refunded", "disputed")
"""A payment of which something is here: its amount less what was promised back of it.
While a bank has not decided about a dispute, nobody is asked to pay again."""

CHECKOUT_LIFE = timedelta(minutes=31)
"""How long the payment page lives. Stripe's minimum is 30 minutes after the request
arrives (https://docs.stripe.com/api/checkout/sessions/create, expires_at); one more
minute covers clocks that differ."""

HOLD_GRACE = timedelta(minutes=4)
"""Between the end of the payment page and the end of the hold: a payment made in the
last second still finds its seats."""

HOLD_LIFE = CHECKOUT_LIFE + HOLD_GRACE
"""How long seats are kept. It starts again when the buyer goes on to pay, so a hold
always outlives its payment page."""

LONGEST_WAIT = timedelta(hours=2)
"""How long after a booking was made, or another date asked for, seats are kept for its first
payment at most, however often its payment page is opened anew: nobody keeps seats, and the
price they were held at, from others for nothing."""

EXTENSION = timedelta(minutes=10)
"""How much longer a buyer may keep held seats, once, before going on to pay."""

TERMS_VERSION = "2026-11-22"
"""The day from which the marketplace's terms (the page ``/terms``) are as they are now."""


def kept_until(expires_at: datetime, asked_at: datetime, now: datetime) -> datetime | None:
    """Until when seats are kept for a payment page that is opened ``now``.

    ``asked_at`` is when they were first to be paid. None when that was too long ago for
    another page: what is held runs out.
    """
    until = max(expires_at, now + HOLD_LIFE)
    return until if until <= asked_at + LONGEST_WAIT else None
