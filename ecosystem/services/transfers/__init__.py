"""The parties' shares: worked out when due, sent to their accounts, taken back when too much.

The ledger decides what a party gets; a row is committed before Stripe is asked, and the
idempotency key is made of the row's id and its attempt.
"""

from ecosystem.services.transfers.tending import Tending

Transfers = Tending
"""The whole service."""

__all__ = ["Transfers"]
