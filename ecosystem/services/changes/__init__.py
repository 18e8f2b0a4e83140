"""Changes of bookings after they were made: cancellation in whole or part, another date."""

from ecosystem.services.changes.desk import Changes

__all__ = ["Changes"]
