"""How often a client was sent the link to pay. Group: rds."""

from datetime import datetime

from sqlalchemy import text

from ecosystem.database.unit_of_work import RoutedSession

_SENT = text(
    "select count(*) from audit_log where subject_type = 'booking' and subject_id = :reference"
    " and action = :action and at > :since"
)


def sent_since(session: RoutedSession, action: str, reference: str, since: datetime) -> int:
    """How many times that was done to a booking; call with the booking locked."""
    values = {"action": action, "reference": reference, "since": since}
    return session.execute(_SENT, values).scalar_one()
