"""Reminders to say who travels, before the last day on which that can be said."""

from ecosystem.database.placement import RDS
from ecosystem.database.queries import messages, travellers
from ecosystem.database.unit_of_work import Database
from ecosystem.domain.party import NAMES_BEFORE
from ecosystem.services.ports import Clock

STAGES = (2, 7, 14)
"""So many days before the last day for names."""

AT_ONCE = 200


class NameReminders:
    """A duty of the worker: each reminder goes out once, whoever runs it and however late."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def step(self) -> int:
        """Remind those whose day comes; how many."""
        with self._database.unit(RDS) as session:
            found = travellers.to_remind(
                session,
                self._clock.now(),
                before=NAMES_BEFORE.days,
                stages=STAGES,
                limit=AT_ONCE,
            )
            for row in found:
                messages.send(
                    session,
                    "email.names_missing",
                    {"booking_id": str(row.id), "until": row.until.isoformat(), "stage": row.stage},
                    dedupe_key=f"booking:{row.id}:names:{row.until}:{row.stage}",
                )
        return len(found)
