"""What time does to proposals: their last day comes near, and passes."""

from datetime import timedelta

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages
from ecosystem.database.queries import quotes as queries
from ecosystem.services.quotes.base import Base

ENDING = "email.quote_ending"
ENDING_DAYS = 2
"""So many days before the last one the client is reminded."""


class Tending(Base):
    """Duties of the worker; each may be run any number of times."""

    def expire(self, limit: int = 200) -> int:
        """Worker duty: quotes whose last day has passed are marked so. How many were."""
        now = self._clock.now()
        with self._database.unit(RDS) as session:
            found = queries.over(session, self._today(), limit)
            for quote_id in found:
                queries.change(session, quote_id, status="expired", updated_at=now)
        return len(found)

    def remind(self, limit: int = 200) -> int:
        """Worker duty: clients who have not decided hear of the last day, once a version, two days
        before it at the earliest. How many did."""
        today = self._clock.now().date()
        with self._database.unit(RDS) as session:
            found = queries.ending(session, today, today + timedelta(days=ENDING_DAYS), limit)
            for row in found:
                messages.send(
                    session,
                    ENDING,
                    {"quote_id": str(row.id), "number": row.number},
                    dedupe_key=f"{row.id}:ending:{row.number}",
                )
        return len(found)
