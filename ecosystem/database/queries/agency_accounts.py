"""What agencies owe that collect from their clients themselves. Group: rds."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from ecosystem.database.unit_of_work import RoutedSession


@dataclass(frozen=True)
class Owed:
    """What is open in one currency, and the earliest day on which some of it is due."""

    currency: str
    amount_minor: int
    due_on: date


def owed(session: RoutedSession, operator_id: UUID, agency_id: UUID) -> list[Owed]:
    """What an agency owes for the trips of one operator, by currency."""
    rows = session.execute(
        text(
            """
            select p.currency, sum(p.amount_minor) as amount_minor, min(p.due_on) as due_on
            from payments p join bookings b on b.id = p.booking_id
            where p.kind = 'account' and p.status in ('due', 'processing', 'failed')
              and p.closed_at is null
              and b.agency_id = :agency and b.operator_id = :operator
            group by p.currency order by p.currency
            """
        ),
        {"agency": agency_id, "operator": operator_id},
    )
    return [Owed(row.currency, int(row.amount_minor), row.due_on) for row in rows]
