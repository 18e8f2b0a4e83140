"""Making a booking from a hold, and seeing bookings."""

from ecosystem.services.bookings.desk import Bookings
from ecosystem.services.bookings.views import booking_row

__all__ = ["Bookings", "booking_row"]
