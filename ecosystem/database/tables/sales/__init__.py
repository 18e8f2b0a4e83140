"""RDS: departures, the claims on their seats, bookings and their payments.

One database, so that seats, booking and money change in one transaction.
"""

from ecosystem.database.tables.sales.bookings import Booking
from ecosystem.database.tables.sales.departures import Departure, SeatClaim
from ecosystem.database.tables.sales.payments import LedgerEntry, Payment, PayoutAccount

__all__ = ["Booking", "Departure", "LedgerEntry", "Payment", "PayoutAccount", "SeatClaim"]
