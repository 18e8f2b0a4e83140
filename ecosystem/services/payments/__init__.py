"""Payment pages, and what happens when one is paid, refused or left.

Order everywhere: commit the intent, call Stripe with a key made from our ids,
commit the result. Killed between any two, the same call is made again with the
same key and gets the first answer (``reconcile`` does so on a schedule).

Locks are taken in one order: departures, booking, payment; claims under their departure's.
"""

from ecosystem.services.payments.opening import PayTarget
from ecosystem.services.payments.reconciling import Reconciling

Payments = Reconciling
"""The whole service: opening pages, settling them, reconciling what was left."""

__all__ = ["PayTarget", "Payments"]
